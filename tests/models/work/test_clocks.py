"""Clocks: each step is taken once, whoever restarts; what is over is over."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.i18n import Phrase
from portal.jobs.worker import drain, enqueue_periodic
from portal.models.base.database import db, transact
from portal.models.customers.customers import Customer
from portal.models.people.people import Person
from portal.models.work.clocks import STEPS, Clock, ClockStep, step
from portal.models.work.jobs import Job
from portal.models.work.setbacks import Setback
from tests.clocks import advance

HOUR = timedelta(hours=1)
taken: list[str] = []


@pytest.fixture
def alarm(app: Starlette) -> Iterator[None]:
    """A clock that warns after 9 hours, rings after 12, and notes who leaves or takes over."""
    taken.clear()

    @step("alarm", "warn", "ring", "left", "owner")
    def note(waiting: Clock) -> None:
        taken.append(waiting.what)

    yield
    for name in ("warn", "ring", "left", "owner"):
        del STEPS["alarm", name]


def start(subject: Person, begun: datetime, who: Person | str = "") -> None:
    steps = {"warn": begun + 9 * HOUR, "ring": begun + 12 * HOUR}
    Clock.start(subject, "alarm", who=who, steps=steps)


def test_a_step_is_taken_at_its_moment_and_once(alarm: None, ada: Person) -> None:
    begun = clock.now()
    start(ada, begun)
    start(ada, begun)
    assert Clock.select().count() == 1
    for after, told in (
        (9 * HOUR - timedelta(seconds=1), 0),
        (9 * HOUR, 1),
        (12 * HOUR - timedelta(seconds=1), 1),
        (12 * HOUR, 2),
        (48 * HOUR, 2),
    ):
        with clock.moved(begun + after):
            advance()
            advance()
        assert len(taken) == told


def test_a_step_that_a_later_one_has_overtaken_is_not_taken(alarm: None, ada: Person) -> None:
    begun = clock.now()
    start(ada, begun)
    with clock.moved(begun + 13 * HOUR):
        assert (advance(), advance()) == (1, 0)
    assert len(taken) == 1
    assert not ClockStep.select().where(ClockStep.fired_at.is_null()).exists()


def test_what_was_stopped_takes_no_step_and_may_start_again(alarm: None, ada: Person) -> None:
    begun = clock.now()
    start(ada, begun)
    for _ in range(2):
        Clock.stop(ada, "alarm")
    start(ada, begun + HOUR)
    with clock.moved(begun + 9 * HOUR):
        assert advance() == 0
    with clock.moved(begun + 10 * HOUR):
        assert advance() == 1
    Clock.stop_about(ada)
    with clock.moved(begun + 20 * HOUR):
        assert advance() == 0


def test_a_step_that_could_do_nothing_is_tried_again(app: Starlette, ada: Person) -> None:
    begun, tried = clock.now(), list[datetime]()

    @step("stuck", "try")
    def try_it(waiting: Clock) -> datetime | None:
        tried.append(clock.now())
        return clock.now() + HOUR if len(tried) < 3 else None

    Clock.start(ada, "stuck", steps={"try": begun})
    for hours in (0, 0.5, 1, 2, 3):
        with clock.moved(begun + hours * HOUR):
            advance()
    assert tried == [begun, begun + HOUR, begun + 2 * HOUR]
    del STEPS["stuck", "try"]


def test_the_worker_takes_steps_though_one_fails_and_none_again_after_a_restart(
    alarm: None, ada: Person, ben: Person
) -> None:
    begun = clock.now()
    Clock.start(ben, "nobody knows", steps={"go": begun})
    start(ada, begun)
    with clock.moved(begun + 12 * HOUR):
        for _ in range(3):
            enqueue_periodic()
            drain()
        jobs = list(Job.select().where(Job.name == "advance clocks"))
    assert len(taken) == 1
    assert [job.state for job in jobs] == ["finished"]
    aside = Setback.get()
    assert (aside.work, aside.noun, aside.attempts) == ("advance clocks", "clock", 1)
    assert "KeyError" in aside.error


def test_the_worker_has_no_job_when_nothing_is_due(alarm: None, ada: Person) -> None:
    start(ada, clock.now())
    enqueue_periodic()
    assert not Job.select().where(Job.name == "advance clocks").exists()


def test_of_several_workers_one_takes_the_step(alarm: None, ada: Person) -> None:
    start(ada, clock.now() - 12 * HOUR)
    (ident,) = Clock.due()

    def work() -> None:
        with db.connection_context():
            transact(lambda: Clock.get_by_id(ident).advance())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(taken) == 1


def test_what_waits_for_someone_who_left_goes_on_at_once(alarm: None, adam: Person, ben: Person) -> None:
    start(ben, clock.now(), who=ben)
    Clock.start(ben, "something else", who=ben)
    ben.deactivate(by=adam)
    assert advance() == 1
    assert len(taken) == 1


def test_what_names_a_record_with_a_new_owner_goes_on_at_once(alarm: None, ada: Person, ben: Person) -> None:
    family = Customer.add(by=ada, name="李明朗")
    Clock.start(ada, "alarm", about=family)
    Clock.start(ben, "alarm")
    family.edit(by=ada, city="北京")
    assert advance() == 0
    family.hand_over(ben, by=ada)
    assert advance() == 1


def test_a_new_name_is_said_in_what_waits(ada: Person, ben: Person) -> None:
    text = Phrase("Call %(customer)s about %(what)s", customer="Old", what="tea")
    Clock.start(ada, "call", about=ben, text=text)
    Clock.start(ada, "done", about=ben, text=text)
    Clock.stop(ada, "done")
    Clock.rename(ben, customer="New", other="No")
    assert [str(one.phrase) for one in Clock.select().order_by(Clock.id)] == [
        "Call New about tea",
        "Call Old about tea",
    ]
