"""A form sent again, Back and sent with other facts, or under another person's key: one effect, and said so."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import Any

import pytest

from portal import clock
from portal.jobs import worker
from portal.models.commission.adjustments import Adjustment, AdjustmentDecision
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.requests import CustomerRequest
from portal.models.imports.imports import Import
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Answer, Question
from portal.models.people.people import Person
from portal.models.sales.deals import Deal
from portal.models.sales.lines import DealLine
from tests.commission import deal_of, noon
from tests.conftest import SignIn

SAID = "This form was sent already"


@dataclass
class Replay:
    """A form: where it goes, what it says, what else it says the third time, what it makes."""

    path: str
    sent: dict[str, str]
    other: list[dict[str, str]]
    model: type[Any]
    made: dict[str, Any] = field(default_factory=dict)
    """What stands in the one record that it made."""


def replays(ada: Person, ben: Person, deal: Deal, guest: Customer, question: Question) -> dict[str, Replay]:
    other = Customer.add(by=ada, name="Another guest")
    return {
        "payment": Replay(
            f"/deals/{deal.id}/payments/new",
            {"trigger": "payment", "amount": "300", "on": "2026-05-10"},
            [{"amount": "200"}, {"on": "2026-05-11"}, {"trigger": "delivery"}],
            DealLine,
            {"amount": 300_00, "on": date(2026, 5, 10), "trigger": "payment"},
        ),
        "question": Replay(
            "/questions/new", {"text": "When is the school full?"}, [{"text": "When else?"}], Question
        ),
        "answer": Replay(
            f"/questions/{question.id}/answers", {"text": "In March."}, [{"text": "In June."}], Answer
        ),
        "article": Replay(
            "/articles/new", {"title": "On schools", "body": "One."}, [{"body": "Two."}], Article
        ),
        "note": Replay(
            f"/customers/{guest.id}/interactions",
            {"kind_of": "call", "text": "Wants a garden"},
            [
                {"text": "Wants a garage"},
                {"kind_of": "visit"},
                {"on": "2026-05-01"},
                {"follow_up_on": "2026-12-31"},
            ],
            Interaction,
            {"text": "Wants a garden", "kind_of": "call"},
        ),
        "note of anyone": Replay(
            "/interactions/new",
            {"customer": f"Guest #{guest.id}", "kind_of": "call", "text": "Wants a garden"},
            [{"customer": f"Another guest #{other.id}"}],
            Interaction,
            {"customer": guest},
        ),
        "request": Replay(
            f"/customers/{guest.id}/requests/new",
            {"text": "A taxi"},
            [{"text": "Two taxis"}, {"due_at": "2099-01-01T10:00"}],
            CustomerRequest,
            {"text": "A taxi", "due_at": None},
        ),
        "adjustment": Replay(
            "/commission/adjustments/new",
            {"person": f"#{ada.id}", "month": "2026-05", "amount": "5", "reason": "Paid too little"},
            [
                {"amount": "6"},
                {"person": f"#{ben.id}"},
                {"month": "2026-04"},
                {"reason": "Quite another one"},
            ],
            Adjustment,
            {"amount": 5_00, "reason": "Paid too little"},
        ),
    }


KINDS = ["payment", "question", "answer", "article", "note", "note of anyone", "request", "adjustment"]


@pytest.fixture
def replay(
    request: pytest.FixtureRequest, ada: Person, ben: Person, mona: Person, fin: Person, fiona: Person
) -> Replay:
    deal = deal_of(ada, "1000.00")
    guest = Customer.add(by=ada, name="Guest")
    question = Question.ask(by=mona, text="When does it begin?")
    return replays(ada, ben, deal, guest, question)[request.param]


@pytest.fixture
def senders(replay: Replay, ada: Person, mona: Person, fin: Person, fiona: Person) -> tuple[Person, Person]:
    """Who sends the form, and a second person who may send such a form too."""
    return (fin, fiona) if replay.model is Adjustment else (ada, mona)


@pytest.mark.parametrize("replay", KINDS, indirect=True)
def test_sent_three_times_it_is_one_and_other_facts_are_refused(
    sign_in: SignIn, replay: Replay, senders: tuple[Person, Person]
) -> None:
    browser, before = sign_in(senders[0]), replay.model.select().count()
    form = replay.sent | {"key": "mine"}
    assert [browser.post(replay.path, data=form).status_code for _ in range(2)] == [303, 303]
    for other in replay.other:
        answer = browser.post(replay.path, data=form | other)
        assert (answer.status_code, SAID in answer.text) == (422, True), other
        assert next(iter(other.values())).split(" #")[0] in answer.text, "what was typed is not lost"
    assert replay.model.select().count() == before + 1
    made = replay.model.select().order_by(replay.model.id.desc()).first()
    assert {name: getattr(made, name) for name in replay.made} == replay.made
    assert browser.post(replay.path, data=form | {"key": "new"}).status_code == 303
    assert replay.model.select().count() == before + 2


@pytest.mark.parametrize("replay", KINDS, indirect=True)
def test_the_key_of_another_is_nobody_elses(
    sign_in: SignIn, replay: Replay, senders: tuple[Person, Person]
) -> None:
    """Who sends the very same under it is told that it was not written; nothing is theirs that was not."""
    form, before = replay.sent | {"key": "mine"}, replay.model.select().count()
    assert sign_in(senders[0]).post(replay.path, data=form).status_code == 303
    answer = sign_in(senders[1]).post(replay.path, data=form)
    assert (answer.status_code, SAID in answer.text) == (422, True)
    assert replay.model.select().count() == before + 1


def test_money_taken_back_does_not_come_again_by_going_back(
    sign_in: SignIn, ada: Person, fin: Person
) -> None:
    deal, browser = deal_of(ada, "1000.00"), sign_in(ada)
    form = {"trigger": "payment", "amount": "300", "on": "2026-05-10", "key": "mine"}
    browser.post(f"/deals/{deal.id}/payments/new", data=form)
    line = DealLine.get()
    sign_in(fin).post(f"/deal-lines/{line.id}/reversal", data={"reason": "It never came"})
    answer = browser.post(f"/deals/{deal.id}/payments/new", data=form)
    assert (answer.status_code, SAID in answer.text) == (422, True)
    assert sorted(one.amount for one in DealLine.select()) == [-300_00, 300_00]


@pytest.mark.parametrize("key", ["dispute-1", "import-1-2-payment", "form-mine", "x" * 5000, "\x00", "’; --"])
@pytest.mark.parametrize("replay", KINDS, indirect=True)
def test_no_key_is_too_odd_to_be_a_key(
    sign_in: SignIn, replay: Replay, senders: tuple[Person, Person], key: str
) -> None:
    browser = sign_in(senders[0])
    before = replay.model.select().count()
    for _ in range(2):
        assert browser.post(replay.path, data=replay.sent | {"key": key}).status_code == 303
    assert replay.model.select().count() == before + 1
    made = replay.model.select().order_by(replay.model.id.desc()).first()
    assert not (made.key or "").startswith(("dispute-", "import-"))


def test_an_import_is_run_and_taken_back_once(sign_in: SignIn, adam: Person, mona: Person) -> None:
    """Sent three times each; another person who imports may neither run it nor take it back."""
    browser, rival = sign_in(adam), sign_in(mona)
    with clock.moved(noon(date(2026, 5, 10))):
        made = Import.begin(
            by=adam, file=BytesIO("account,city\nIsdom,上海\n".encode()), name="a.csv", kind="customers"
        )
        made.map(columns=made.columns)
        worker.drain()
        path = f"/imports/{made.id}"
        for verb, left in (("run", 1), ("undo", 0)):
            assert rival.post(f"{path}/{verb}").status_code == 404
            assert [browser.post(f"{path}/{verb}").status_code for _ in range(3)] == [303] * 3
            worker.drain()
            worker.drain()
            assert Customer.select().count() == left
        assert browser.post(f"{path}/run").status_code == 303
        worker.drain()
    assert (Customer.select().count(), made.fresh().state) == (0, "undone")


def test_a_decision_sent_again_does_not_turn(
    sign_in: SignIn, ada: Person, fin: Person, fiona: Person, adam: Person
) -> None:
    """The first stands, whoever sends the other after it."""
    form = {"person": f"#{ada.id}", "month": "2026-05", "amount": "5", "reason": "Paid too little"}
    sign_in(fin).post("/commission/adjustments/new", data=form)
    path = f"/commission/adjustments/{Adjustment.get().id}/decision"
    for person, said in ((fiona, "refuse"), (fiona, "approve"), (adam, "approve")):
        sign_in(person).post(path, data={"answer": said})
    assert [(one.by, one.approved) for one in AdjustmentDecision.select()] == [(fiona, False)]
