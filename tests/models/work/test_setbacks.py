"""What fails in the background kills only itself: it is put aside, named, tried again or dropped."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal import clock
from portal.jobs.apart import each_apart
from portal.jobs.registry import WORK
from portal.jobs.worker import drain, enqueue_periodic, run_one
from portal.models.base.guards import forbid_updates
from portal.models.base.record import Event, SearchOutbox
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.search.documents import SearchCursor, SearchDocument, SearchFailure
from portal.models.search.lookups import SavedSearch
from portal.models.work.jobs import LEASE, MOST_ATTEMPTS, Job
from portal.models.work.setbacks import Setback
from portal.search import searcher, store
from portal.search.engine import EngineDown
from tests.conftest import SignIn

HOUR = timedelta(hours=1)
DEAD = f"{socket.gethostname()}:{2**22 + 1}:x"
"""A process that lives no more: there is no such number."""


def test_one_that_fails_stops_nobody_and_is_not_tried_for_ever(ada: Person) -> None:
    tried: list[int] = []

    def act(ident: int) -> None:
        tried.append(ident)
        if ident == 2:
            raise ValueError("two")

    begun = clock.now()
    for hour in range(20):
        with clock.moved(begun + hour * HOUR):
            each_apart("count", "number", lambda held: [n for n in (1, 2, 3) if n not in held], act)
    assert [tried.count(n) for n in (1, 2, 3)] == [20, 5, 20]
    aside = Setback.get()
    assert (aside.record, aside.attempts, aside.retry_at) == (2, 5, None)
    assert aside.error == "ValueError: two"
    aside.retry(by=ada)
    each_apart("count", "number", lambda held: [2], lambda ident: None)
    assert not Setback.select().exists()


def test_who_cannot_tell_whether_there_is_work_stops_no_other_work(
    ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*job: Job) -> Any:
        raise KeyError("what is kept cannot be read")

    name = "forget old failures"
    monkeypatch.setitem(WORK, name, replace(WORK[name], function=broken, when=broken))
    enqueue_periodic()
    drain()
    assert (job := Job.get(Job.name == name)).error.startswith("KeyError")  # named to the administrator
    assert job.attempts == 1
    assert Job.select().where((Job.name != name) & (Job.state == "finished")).exists()


def test_what_is_nobodys_fault_puts_nobody_aside(ada: Person) -> None:
    def down(ident: int) -> None:
        raise EngineDown("away", "no answer")

    with pytest.raises(EngineDown):
        each_apart("count", "number", lambda held: [1, 2], down, nobodys=(EngineDown,))
    assert not Setback.select().exists()


def test_a_kept_search_that_fails_is_put_aside_and_the_others_are_told(ada: Person, ben: Person) -> None:
    searcher.here().feed.drain()
    bad = SavedSearch.create(person=ada, name="bad", query="q=翠湖")
    good = SavedSearch.create(person=ben, name="good", query="q=翠湖")
    forbid_updates("saved_search", when=f"OLD.id = {bad.id}")
    Product.add(by=ada, code="B-7", name="翠湖花园")
    searcher.here().feed.drain()
    Job.enqueue("tell of new hits")
    drain()
    assert Job.get(Job.name == "tell of new hits").state == "finished"
    assert good.fresh().seen == SearchDocument.newest_id()
    assert (Setback.get().noun, Setback.get().record) == ("saved_search", bad.id)


def test_the_administrator_sees_it_and_has_it_tried_again_or_drops_it(
    sign_in: SignIn, ada: Person, adam: Person
) -> None:
    Setback.note("tell of new hits", "saved_search", 7, "ValueError: of <b>this</b>")
    one = Setback.get()
    text = sign_in(adam).get("/admin/jobs").text
    assert "Put aside" in text
    assert "Tell of news in saved searches" in text
    assert "of &lt;b&gt;this" in text
    for act in ("retry", "drop"):
        assert sign_in(ada).post(f"/admin/jobs/aside/{one.id}/{act}").status_code == 403
        assert sign_in(adam).post(f"/admin/jobs/aside/{one.id + 9}/{act}").status_code == 404
    assert one.fresh().attempts == 1
    assert sign_in(adam).post(f"/admin/jobs/aside/{one.id}/retry").status_code == 303
    assert one.fresh().attempts == 0
    assert Setback.held("tell of new hits", "saved_search") == set()
    for _ in range(2):
        assert sign_in(adam).post(f"/admin/jobs/aside/{one.id}/drop").status_code == 303
    assert Setback.held("tell of new hits", "saved_search") == {7}
    assert "Put aside" not in sign_in(adam).get("/admin/jobs").text
    assert [event.verb for event in Event.about(one)] == ["dropped", "retried"]


def test_a_job_that_ends_its_worker_is_put_aside_as_well(ada: Person) -> None:
    """Its worker never comes back to say that it failed: five times, then the next job is done."""
    job = Job.enqueue("forget old failures")
    at = clock.now()
    for _ in range(MOST_ATTEMPTS):
        with clock.moved(at):
            taken = Job.claim()
            assert taken is not None
            assert taken.id == job.id
        at += LEASE + timedelta(seconds=1)
    with clock.moved(at):
        after = Job.enqueue("forget old searches")
        assert run_one()
        assert not run_one()
    assert after.fresh().state == "finished"
    assert job.fresh().state == "dead"
    assert "ended its worker" in job.fresh().error
    job.fresh().retry(by=ada)
    assert run_one()
    assert job.fresh().state == "finished"


def test_a_record_over_which_the_portal_ends_is_put_aside(ada: Person) -> None:
    """Killed at the same record again and again, as one that takes all memory would be."""
    searcher.here().feed.drain()
    made = [Product.add(by=ada, code=f"B-{n}", name=f"翠湖{n}") for n in range(4)]
    culprit = made[2]
    restarts = 0
    while (rows := list(SearchOutbox.select().order_by(SearchOutbox.seq))) and restarts < 20:
        alone = store._begin(rows[0].seq, rows[-1].seq)
        batch = rows[:1] if alone[0] else rows
        if culprit.id in {row.record for row in batch} and alone[1] < store.MOST_DEATHS:
            SearchCursor.update(holder=DEAD).where(SearchCursor.engine == store.TAKING).execute()
            restarts += 1
            continue
        SearchCursor.update(holder="").where(SearchCursor.engine == store.TAKING).execute()
        store.take_in()
    assert restarts == 1 + store.MOST_DEATHS
    failure = SearchFailure.get()
    assert (failure.noun, failure.record) == ("product", culprit.id)
    assert SearchDocument.select().where(SearchDocument.noun == "product").count() == 3


def test_another_process_that_lives_and_takes_in_is_no_death(ada: Person) -> None:
    SearchCursor.of(store.TAKING)
    living = f"{socket.gethostname()}:1:other"
    later = clock.now() + HOUR
    held = {"holder": living, "held_until": later, "seq": 5, "kept_from": 9}
    SearchCursor.update(held).where(SearchCursor.engine == store.TAKING).execute()
    for _ in range(9):
        assert store._begin(5, 9) == (False, 0)
    assert SearchCursor.of(store.TAKING).holder == living
