"""`portal serve` is killed at the very moment of an acceptance, and in the middle of everything (benchmarks.kills does
that a thousand times), and started again: nothing is half done or lost.

Imports and month closes are killed half-way in tests/models/test_imports.py and tests/models/test_closing.py, the
search index in tests/search/test_feed.py.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from portal.migrations import migrate
from portal.models.base import database
from portal.models.base.record import Event
from portal.models.company.topics import Topic
from portal.models.experiences import process
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Acceptance, Review
from portal.models.expertise.expertise import Evidence
from portal.models.expertise.points import PointEntry
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person
from portal.models.people.sessions import Session
from portal.settings import ROOT
from tests.company import EMAIL
from tests.serving import Served

GOOD = {
    **dict.fromkeys(("correct", "reusable", "new", "clear", "linked"), "4"),
    "verdict": "accept",
    "hard_fail": "",
    "comment": "",
}
MOMENTS = (0.004, 0.012, 0.02, 0.03, 0.045, 0.07)
"""Seconds from sending the deciding review to the kill: before, in the middle of and after the change."""


@pytest.fixture
def portal(told: Path, tmp_path: Path) -> Iterator[Served]:
    """The demo company, served, its database in view."""
    shutil.copyfile(told, tmp_path / "portal.db")
    database.connect(f"sqlite:///{tmp_path / 'portal.db'}")
    migrate()
    served = Served(tmp_path)
    with database.db.connection_context():
        yield served
    served.kill()
    database.db.close_all()


def give(portal: Served, review: Review, token: str) -> int:
    """Send a review; gives the answer's status, 0 when there was none."""
    with suppress(httpx2.TransportError):
        url = f"{portal.url}/reviews/{review.id}"
        return httpx2.post(url, data=GOOD, cookies={"session": token}, timeout=30).status_code
    return 0


def check_whole(experience: Experience, author_points: int) -> bool:
    """That all which an acceptance brings is there, or none of it; gives whether it is accepted."""
    experience = experience.fresh()
    accepted = experience.state == "accepted"
    once = int(accepted)
    assert experience.state in ("submitted", "accepted")
    assert Acceptance.select().where(Acceptance.experience == experience).count() == once
    articles = list(Article.select().where(Article.was_born_of("experience", experience.id)))
    assert len(articles) == once
    topics = len(experience.topics) * once
    about = (Evidence.subject_kind == "experience") & (Evidence.subject == experience.id)
    assert Evidence.select().where(about & (Evidence.person == experience.author)).count() == topics
    assert PointEntry.total(experience.author) == author_points + 20 * once
    told = (
        (Event.subject_kind == "experience") & (Event.subject == experience.id) & (Event.verb == "accepted")
    )
    assert Event.select().where(told).count() == once
    return bool(accepted)


def test_a_kill_during_an_acceptance_leaves_all_or_nothing(portal: Served) -> None:
    li = Person.get(Person.email == EMAIL["li"])
    experience = Experience.begin(by=li, kind="suggestion")
    experience.save_draft(
        by=li, title="钥匙柜双人登记", situation="钥匙找不到，带看晚了。", action="借还都由两人签字。"
    )
    process.submit(experience, by=li, topics=[Topic.get_by_id(2)])
    points, panel = PointEntry.total(li), list(Review.select().where(Review.experience == experience))
    tokens = {review.id: Session.open(review.reviewer)[1] for review in panel}
    portal.start()
    *others, last = panel
    for review in others:
        assert give(portal, review, tokens[review.id]) == 303
    for moment in MOMENTS:
        answers: list[int] = []
        sending = threading.Thread(target=lambda a=answers: a.append(give(portal, last, tokens[last.id])))
        sending.start()
        time.sleep(moment)
        portal.kill()
        sending.join()
        if check_whole(experience, points):
            assert last.fresh().completed_at is not None
            assert (
                PointEntry.select()
                .where(PointEntry.person == last.reviewer_id, PointEntry.amount == 5)
                .exists()
            )
        else:
            assert answers == [0], "acknowledged, and lost"
            assert last.fresh().completed_at is None
        assert all(review.fresh().completed_at is not None for review in others)
        portal.start()
    assert give(portal, last, tokens[last.id]) == 303
    assert check_whole(experience, points)
    assert is_found(portal, tokens[last.id], experience.title)


def is_found(portal: Served, token: str, title: str) -> bool:
    """Whether search comes to know it, within seconds of the last start."""
    for _ in range(40):
        page = httpx2.get(f"{portal.url}/search", params={"q": title}, cookies={"session": token}, timeout=30)
        if title in page.text.partition("<main")[2].replace("<mark>", "").replace("</mark>", ""):
            return True
        time.sleep(0.5)
    return False


def test_killed_in_the_middle_of_everything_it_loses_nothing(told: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copyfile(told, folder / "portal.db")
    command = [sys.executable, "-m", "benchmarks.kills", str(folder), "--kills", "5", "--seed", "3"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "5 kills" in done.stdout
