"""Which answer of an exam is right cannot be told from anything that is open while it runs (RULES 4.13)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.learning.attempts import Attempt, AttemptQuestion
from portal.models.learning.enrolments import Enrolment
from portal.models.learning.exams import Exam, ExamQuestion
from portal.models.people.people import Person, Role
from tests.attacks.parts import at_once
from tests.attacks.worlds import World, differing, world
from tests.conftest import SignIn, person
from tests.learning import course_of, exam_of, take

RIGHT = {
    "single": ("*Zebra\nQuagga", "Zebra\n*Quagga"),
    "text": ("Zebra", "Quagga"),
}
GIVEN = {"single": ["1"], "text": ["Zebra"]}
"""Right in the one world, wrong in the other."""


def begun(here: World, sort: str, answers: str) -> tuple[Person, Person]:
    """Ada has answered the one question of an exam that Rita made, and is still in it; who leads her is Mona."""
    sales = Department.create(name="销售部", name_en="Sales")
    topic = Topic.create(name="学区", name_en="Schools")
    mona, rita = person("Mona", department=sales), person("Rita")
    mona.grant(Role.MANAGER, by=None, department=sales)
    person("Rob").grant(Role.REVIEWER, by=None, topic=topic)  # who may read the bank to release it
    ada = person("Ada", department=sales, manager=mona)
    course = course_of(rita, topic, articles=1)
    exam = Exam.add(course, by=rita)
    asks: dict[str, Any] = {"text": "Which has stripes?", "sort": sort, "answers": answers}
    ExamQuestion.add(exam, by=rita, **asks).put_to_use(by=rita)
    exam.edit(by=rita, draws=1, is_open=True)
    Enrolment.enrol(course, ada, by=ada)
    browser = here.browser(ada)
    path = browser.post(f"{exam.url}/attempts").headers["location"]
    if sort == "single":  # chance shows them in one order here, in another there
        (asked,) = AttemptQuestion.select()
        at = str(1 + (answers == RIGHT[sort][1]))
        facts: dict[str, Any] = {"options": ["Zebra", "Quagga"], "right": [at]}
        AttemptQuestion.update(facts).where(AttemptQuestion.id == asked.id).execute()
    assert browser.post(f"{path}/answers/1", data={"answer": GIVEN[sort]}).status_code == 303
    return ada, mona


@pytest.mark.parametrize("sort", RIGHT)
def test_an_examinee_cannot_tell_what_is_right_before_the_end(
    sqlite_template: Path, tmp_path: Path, sort: str
) -> None:
    """Every page, fragment, file and search is the same, whichever answer is right; after the end it is told."""

    def pages(answers: str, name: str) -> tuple[dict[str, str], str]:
        with world(sqlite_template, tmp_path / name) as here:
            ada, _ = begun(here, sort, answers)
            found = here.opened_by(ada) | here.found_by(ada, "stripes", "Zebra", "Quagga")
            browser, attempt = here.browser(ada), Attempt.get()
            browser.post(f"{attempt.url}/handing-in")
            return found, browser.get(attempt.url).text

    (one, told), (other, refused) = (pages(each, f"{at}") for at, each in enumerate(RIGHT[sort]))
    assert differing(one, other) == []
    assert ("1 of 1 right" in told, "0 of 1 right" in refused) == (True, True)


@pytest.mark.parametrize("roles", [(Role.AUDITOR,), (Role.ADMINISTRATOR, Role.FINANCE, Role.REVIEWER)])
def test_nobody_else_reads_it_for_them(
    sqlite_template: Path, tmp_path: Path, roles: tuple[Role, ...]
) -> None:
    """Neither in the log nor in the history, whoever leads them or audits; a reviewer of another topic as little."""

    def pages(answers: str, name: str) -> dict[str, str]:
        with world(sqlite_template, tmp_path / name) as here:
            _, mona = begun(here, "text", answers)
            other, elsewhere = person("Otto"), Topic.create(name="税费", name_en="Taxes")
            for role in roles:
                other.grant(role, by=None, topic=elsewhere if role is Role.REVIEWER else None)
            words = ("stripes", "Zebra", "Quagga")
            found = here.opened_by(other) | here.found_by(other, *words)
            leads = {} if Role.AUDITOR in roles else here.opened_by(mona) | here.found_by(mona, *words)
            return found | {f"mona {path}": page for path, page in leads.items()}

    one, other = (pages(each, f"{at}") for at, each in enumerate(RIGHT["text"]))
    assert differing(one, other) == []


def test_the_last_attempt_of_a_day_is_begun_once(
    sign_in: SignIn, rita: Person, ada: Person, schools: Topic
) -> None:
    """Four tabs at one moment, of two attempts in 24 hours one gone: one attempt more, which all of them go on with."""
    exam = exam_of(course_of(rita, schools, articles=1))
    Enrolment.enrol(exam.course, ada, by=ada)
    take(exam, ada, right=0)
    tabs = [sign_in(ada) for _ in range(4)]
    where = at_once(*(lambda tab=tab: tab.post(f"{exam.url}/attempts").headers["location"] for tab in tabs))
    assert (len(set(where)), Attempt.select().count()) == (1, 2)
    tabs[0].post(f"{where[0]}/handing-in")
    again = at_once(*(lambda tab=tab: tab.post(f"{exam.url}/attempts").headers["location"] for tab in tabs))
    assert (set(again), Attempt.select().count()) == ({exam.url}, 2)
