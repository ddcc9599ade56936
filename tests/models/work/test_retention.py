"""What is old is forgotten, and no more than that."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import clock
from portal.i18n import Phrase
from portal.jobs import retention
from portal.jobs.retention import forget_what_is_old
from portal.models.base.database import db
from portal.models.base.record import Event
from portal.models.company.settings import Setting
from portal.models.files import attachments
from portal.models.imports.imports import Import
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.people.sessions import Session
from portal.models.work.jobs import Job
from tests.conftest import SignIn

CSV = "姓名,邮箱\n张三,z@example.com\n".encode()


def after(**ago: int) -> None:
    with clock.moved(clock.now() + timedelta(**ago)):
        forget_what_is_old(Job(name="forget what is old"))


def test_sessions_that_open_nothing_go(ada: Person) -> None:
    Session.open(ada)
    after(days=6)
    assert Session.select().count() == 1
    after(days=8)  # a week idle
    assert not Session.select().exists()


def test_notices_go_a_year_after_they_were_read(ada: Person, ben: Person) -> None:
    from_ada, unseen = (Notice.tell(person, told(), about=ada) for person in (ada, ben))
    assert from_ada
    assert unseen
    Notice.read_all(ada)
    after(days=364)
    assert Notice.select().count() == 2
    after(days=366)
    assert [notice.person_id for notice in Notice.select()] == [ben.id]


def told() -> Phrase:
    return Phrase("Review: %(title)s", title="x")


def test_finished_jobs_go_and_dead_ones_wait(ada: Person) -> None:
    for name in ("done", "dead", "waiting"):
        Job.enqueue(name)
    Job.get(Job.name == "done").finish()
    Job.update(state="dead").where(Job.name == "dead").execute()
    after(days=89)
    assert Job.select().count() == 3
    after(days=91)
    assert {job.name for job in Job.select()} == {"dead", "waiting"}


def test_a_file_that_was_never_imported_goes(sign_in: SignIn, adam: Person) -> None:
    sign_in(adam).post("/imports/new", files={"file": ("people.csv", CSV)}, data={"holds": "people"})
    imported = Import.get()
    path = attachments.folder() / imported.attachment.path
    assert path.exists()
    after(days=29)
    assert Import.select().exists()
    after(days=31)
    assert not Import.select().exists()
    assert not path.exists()


def test_what_a_killed_process_left_of_files_is_swept_away(sign_in: SignIn, adam: Person) -> None:
    sign_in(adam).post("/imports/new", files={"file": ("people.csv", CSV)}, data={"holds": "people"})
    kept = attachments.folder() / Import.get().attachment.path
    half, orphan = attachments.arrival(), kept.parent / f"{'0' * 64}.rows"
    for path in (half, orphan):
        path.write_text("half a file")
    after(hours=23)
    assert half.exists()
    assert orphan.exists()
    after(hours=25)
    assert not half.exists()
    assert not orphan.exists()
    assert kept.exists()


def test_a_file_stays_while_the_act_that_drops_it_is_not_for_good(sign_in: SignIn, adam: Person) -> None:
    sign_in(adam).post("/imports/new", files={"file": ("people.csv", CSV)}, data={"holds": "people"})
    imported = Import.get()
    kept = attachments.folder() / imported.attachment.path
    with db.atomic() as act:
        imported.discard(by=adam)
        act.rollback()
    assert kept.exists()
    imported.discard(by=adam)
    assert not kept.exists()


def test_the_company_chooses_its_terms(sign_in: SignIn, adam: Person, ada: Person) -> None:
    browser = sign_in(adam)
    terms = {"notices": "40", "searches": "180", "uploads": "30", "recordings": "90", "jobs": "90"}
    assert browser.post("/admin/retention", data={**terms, "notices": "3"}).status_code == 422
    assert browser.post("/admin/retention", data=terms).status_code == 303
    assert Setting.read("keep.notices") == 40
    Notice.tell(ada, told(), about=ada)
    Notice.read_all(ada)
    after(days=41)
    assert not Notice.select().where(Notice.person == ada).exists()


def test_one_that_fails_keeps_no_other(monkeypatch: pytest.MonkeyPatch, ada: Person) -> None:
    def broken() -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(retention, "FORGOTTEN", (broken, *retention.FORGOTTEN))
    Session.open(ada)
    with pytest.raises(ExceptionGroup):
        after(days=8)
    assert not Session.select().exists()


def test_a_dead_job_is_dropped_by_an_administrator(sign_in: SignIn, adam: Person, ada: Person) -> None:
    job, waiting = Job.enqueue("broken"), Job.enqueue("waiting")
    Job.update(state="dead", error="It cannot be.").where(Job.id == job.id).execute()
    assert "It cannot be." in sign_in(adam).get("/admin/jobs").text
    assert sign_in(ada).post(f"/admin/jobs/{job.id}/drop").status_code == 403
    for each in (job, waiting):
        assert sign_in(adam).post(f"/admin/jobs/{each.id}/drop").status_code == 303
    assert [one.id for one in Job.select()] == [waiting.id]
    assert Event.get(Event.verb == "dropped").changes == {"name": ["broken", None]}
