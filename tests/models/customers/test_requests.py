"""What a customer asks for: asked once, taken by one, done or no longer wanted, and never forgotten in silence."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from peewee import IntegrityError

from portal import clock
from portal.models.base.database import db, transact
from portal.models.base.record import Event, Invalid, SearchOutbox, Stale
from portal.models.customers.customers import Customer
from portal.models.customers.requests import CLOSED, OPEN, TAKEN, WITHDRAWN, CustomerRequest
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.people.sessions import close_account
from portal.search.records.findable import FINDABLE, mentioned_in
from tests.clocks import advance

TAXI = "taxi to Capital Airport"
SOON = timedelta(hours=2)


@pytest.fixture
def guest(ada: Person) -> Customer:
    """Ada's customer."""
    return Customer.add(by=ada, name="Guest")


def asked(guest: Customer, by: Person, **facts: Any) -> CustomerRequest:
    return CustomerRequest.add(guest, by=by, **{"text": TAXI, **facts})


def verbs(one: CustomerRequest) -> list[str]:
    return [event.verb for event in Event.about(one)]


def told(person: Person) -> list[str]:
    return [
        str(notice.phrase) for notice in Notice.select().where(Notice.person == person).order_by(Notice.id)
    ]


def waits_for(person: Person) -> list[str]:
    return [str(need.text) for need in needs(person) if need.kind == "request"]


# ------------------------------------------------------------------ from asked to done


def test_it_is_asked_taken_and_done_and_the_writer_is_told(
    guest: Customer, mona: Person, ben: Person
) -> None:
    one = asked(guest, mona)
    one.take(by=ben)
    assert (one.fresh().state, one.fresh().taken_by) == (TAKEN, ben)
    one.close(by=ben, result="  Car 12, booked for 10:30  ")
    one = one.fresh()
    assert (one.state, one.result) == (CLOSED, "Car 12, booked for 10:30")
    assert one.ended_at is not None
    assert verbs(one) == ["closed", "taken", "added"]
    assert {event.customer for event in Event.about(one)} == {guest.id}
    assert told(mona) == [
        f"Ben took “{TAXI}” for Guest.",
        f"“{TAXI}” for Guest is done: Car 12, booked for 10:30",
    ]
    assert told(ben) == []


def test_nobody_is_told_of_what_they_did_themselves(guest: Customer, ada: Person) -> None:
    one = asked(guest, ada)
    one.take(by=ada)
    one.release(by=ada)
    one.withdraw(by=ada)
    assert not Notice.select().exists()


def test_every_verb_bears_repetition(guest: Customer, ada: Person, ben: Person) -> None:
    one = asked(guest, ada, key="form-1")
    assert asked(guest, ada, key="form-1") == one
    for _ in range(2):
        one.take(by=ben)
    for _ in range(2):
        one.release(by=ben)
    one.take(by=ben)
    for _ in range(2):
        one.close(by=ben, result="Done")
    other = asked(guest, ada)
    for _ in range(2):
        other.withdraw(by=ada)
    assert verbs(one) == ["closed", "taken", "released", "taken", "added"]
    assert verbs(other) == ["withdrawn", "added"]


def test_of_two_who_saw_it_free_one_takes_it_and_the_other_is_told_who_has_it(
    guest: Customer, ada: Person, ben: Person
) -> None:
    one = asked(guest, ada)
    mine, theirs = one.fresh(), one.fresh()
    theirs.take(by=ben)
    with pytest.raises(Invalid, match="Ben has taken it"):
        mine.take(by=ada)
    with pytest.raises(Invalid, match="Ben has taken it"):
        one.fresh().take(by=ada)
    assert one.fresh().taken_by == ben
    assert verbs(one) == ["taken", "added"]


def test_two_at_the_same_moment(guest: Customer, ada: Person, ben: Person, mona: Person) -> None:
    one = asked(guest, mona)
    people, heard, start = (ada, ben), list[str](), threading.Barrier(2)

    def take(person: Person) -> None:
        def work() -> None:
            found = one.fresh()
            found.take(by=person)

        start.wait()
        try:
            transact(work)
        except Invalid as invalid:
            heard.append(str(invalid))
        finally:
            db.close()

    threads = [threading.Thread(target=take, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    taker = one.fresh().taken_by
    assert taker in people
    assert heard == [f"{taker.name} has taken it."]
    assert verbs(one) == ["taken", "added"]


def test_what_is_over_goes_no_further(guest: Customer, ada: Person, ben: Person) -> None:
    done, gone = asked(guest, ada), asked(guest, ada)
    done.take(by=ben)
    stale = done.fresh()
    done.close(by=ben, result="Car 12")
    gone.withdraw(by=ada)
    for one, words in ((done, "Ben has done it: Car 12"), (gone, "It is no longer wanted.")):
        for act in (one.take, one.release):
            with pytest.raises(Invalid, match=words):
                act(by=ada)
        with pytest.raises(Invalid, match=words):
            one.close(by=ada, result="Something else")
    with pytest.raises(Invalid, match="Ben has done it"):
        done.withdraw(by=ada)
    with pytest.raises(Invalid, match="Ben has done it"):
        stale.withdraw(by=ada)


def test_it_is_closed_by_a_result_once_someone_has_it(guest: Customer, ada: Person, ben: Person) -> None:
    one = asked(guest, ada)
    with pytest.raises(Invalid, match="take it first"):
        one.close(by=ada, result="Done")
    one.take(by=ben)
    with pytest.raises(Invalid) as refused:
        one.close(by=ben, result=" ")
    assert set(refused.value.errors) == {"result"}
    with pytest.raises(Stale):
        one.close(by=ben, result="Done", version=1)
    assert one.fresh().state == TAKEN


def test_what_is_asked_is_said(guest: Customer, ada: Person) -> None:
    past = clock.now() - timedelta(hours=1)
    for facts, field in (({"text": " "}, "text"), ({"due_at": past}, "due_at")):
        with pytest.raises(Invalid) as refused:
            asked(guest, ada, **facts)
        assert set(refused.value.errors) == {field}
    guest.archive(by=ada)
    with pytest.raises(Invalid, match="archived"):
        asked(guest, ada)


def test_what_an_archived_customer_had_asked_for_is_brought_to_its_end(
    guest: Customer, ada: Person, ben: Person
) -> None:
    one = asked(guest, ada)
    guest.archive(by=ada)
    one.take(by=ben)
    one.close(by=ben, result="Done")
    assert one.fresh().state == CLOSED


def test_a_customers_page_shows_what_nobody_has_taken_first(
    guest: Customer, ada: Person, ben: Person
) -> None:
    first, second, third = (asked(guest, ada, text=text) for text in "abc")
    first.take(by=ben)
    third.withdraw(by=ada)
    assert list(CustomerRequest.of(guest)) == [second, first]


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "lost"},
        {"state": "taken"},
        {"taken_at": "2026-05-12"},
        {"result": "Done"},
        {"ended_at": "2026-05-12"},
        {"state": "closed", "ended_at": "2026-05-12", "result": "Done"},
    ],
)
def test_the_database_refuses_what_cannot_be(guest: Customer, ada: Person, wrong: dict[str, str]) -> None:
    one = asked(guest, ada)
    facts = ", ".join(f"{name} = '{value}'" for name, value in wrong.items())
    with pytest.raises(IntegrityError), db.atomic():
        db.execute_sql(f"UPDATE customer_request SET {facts}")
    assert one.fresh().state == OPEN


# ------------------------------------------------------------------ who may


def test_who_may(
    guest: Customer, ada: Person, ben: Person, mona: Person, stan: Person, audrey: Person
) -> None:
    one = asked(guest, stan)
    one.take(by=ben)
    everyone = (ada, ben, mona, stan, audrey)
    assert [one.takeable_by(p) for p in everyone] == [True, True, True, True, False]
    assert [one.releasable_by(p) for p in everyone] == [False, True, False, False, False]
    assert [one.closable_by(p) for p in everyone] == [True, True, True, False, False]
    assert [one.withdrawable_by(p) for p in everyone] == [True, False, True, True, False]
    assert list(CustomerRequest.visible_to(stan)) == [one]


# ------------------------------------------------------------------ whom it waits for


def test_with_a_time_to_keep_it_needs_the_owner_then_its_taker(
    guest: Customer, ada: Person, ben: Person, mona: Person
) -> None:
    one = asked(guest, mona, due_at=clock.now() + SOON)
    (need,) = [need for need in needs(ada) if need.kind == "request"]
    assert (str(need.text), need.url, need.due_at, need.icon) == (
        f"Guest: {TAXI}",
        one.url,
        one.due_at,
        "clipboard-check",
    )
    one.take(by=ben)
    assert (waits_for(ada), waits_for(ben)) == ([], [f"Guest: {TAXI}"])
    guest.edit(by=ada, name="Family")
    assert waits_for(ben) == [f"Family: {TAXI}"]
    one.release(by=ben)
    assert (len(waits_for(ada)), waits_for(ben)) == (1, [])
    one.withdraw(by=mona)
    assert waits_for(ada) == []


def test_without_a_time_it_needs_nobody(guest: Customer, ada: Person, ben: Person) -> None:
    one = asked(guest, ada)
    one.take(by=ben)
    assert waits_for(ada) == waits_for(ben) == []


def test_the_new_owner_is_asked_and_without_one_any_manager(
    guest: Customer, ada: Person, ben: Person, mona: Person, adam: Person
) -> None:
    asked(guest, ada, due_at=clock.now() + SOON)
    guest.hand_over(ben, by=mona)
    advance()
    assert (len(waits_for(ada)), len(waits_for(ben)), len(waits_for(mona))) == (0, 1, 0)
    close_account(ben, by=adam)
    advance()
    assert len(waits_for(mona)) == 1
    nobodys = Customer.add(by=None, name="Nobody's")
    asked(nobodys, ada, due_at=clock.now() + SOON)
    assert len(waits_for(mona)) == 2


@pytest.mark.parametrize("due", [None, SOON])
def test_when_its_taker_leaves_it_waits_again(
    guest: Customer, ada: Person, ben: Person, mona: Person, adam: Person, due: timedelta | None
) -> None:
    one = asked(guest, mona, due_at=clock.now() + due if due else None)
    one.take(by=ben)
    close_account(ben, by=adam)
    advance()
    assert one.fresh().state == OPEN
    assert verbs(one)[0] == "freed"
    assert told(ada) == [f"“{TAXI}” for Guest waits for someone again."]
    assert told(mona)[-1] == told(ada)[0]
    assert len(waits_for(ada)) == bool(due)


def test_even_before_that_another_may_take_it_over(
    guest: Customer, ada: Person, ben: Person, adam: Person
) -> None:
    one = asked(guest, ada)
    one.take(by=ben)
    close_account(ben, by=adam)
    one.fresh().take(by=ada)
    advance()
    assert one.fresh().taken_by == ada


# ------------------------------------------------------------------ found


def test_it_is_found_by_its_words_and_the_customers_name(guest: Customer, ada: Person) -> None:
    SearchOutbox.delete().execute()
    one = asked(guest, ada)
    noted = [(note.kind, note.record) for note in SearchOutbox.select()]
    assert set(noted) == {("customer_request", one.id)}
    (found,) = FINDABLE["customer_request"].documents([one.id])
    assert (found.title, found.status) == (TAXI, "open")
    assert "Guest" in found.body
    assert mentioned_in("customer", [guest.id])["customer_request"] == [one.id]
    one.withdraw(by=ada)
    assert FINDABLE["customer_request"].documents([one.id])[0].status == WITHDRAWN


def test_a_long_one_is_named_short(guest: Customer, ada: Person) -> None:
    one = asked(guest, ada, text="字" * 2000)
    assert one.name == "字" * 79 + "…"
    assert Event.about(one).get().changes == {"text": [None, one.name]}
