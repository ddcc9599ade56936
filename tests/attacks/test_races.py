"""Two sessions at one moment, through the whole portal: one effect, or both in a row, never half of each."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

import pytest

from portal import clock
from portal.jobs import worker
from portal.models.base.database import transact
from portal.models.base.record import Event, Invalid, Record
from portal.models.commission import closing
from portal.models.commission.adjustments import Adjustment, AdjustmentDecision
from portal.models.commission.periods import Period
from portal.models.commission.statements import Statement
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.requests import CustomerRequest
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Answer, Question
from portal.models.people.people import Person, Role, RoleGrant
from portal.models.products.products import Product
from portal.models.sales import closings
from portal.models.sales.deals import Deal
from portal.models.sales.lines import DealLine
from tests.attacks.parts import at_once
from tests.client import Client
from tests.commission import MAY, approved, close, customer, deal_of, noon, product, reckoned
from tests.conftest import SignIn

MAY_10 = date(2026, 5, 10)
ROUNDS = 4


def post(client: Client, path: str, **data: str) -> Any:
    return lambda: client.post(path, data=data).status_code


def waiting(ada: Person) -> DealLine:
    """A million that Ada wrote down."""
    deal = deal_of(ada, "1000000.00")
    with clock.moved(noon(MAY_10)):
        return DealLine.receive(deal, by=ada, amount=1_000_000_00, on=MAY_10)


def test_two_who_confirm_confirm_once(sign_in: SignIn, ada: Person, fin: Person, fiona: Person) -> None:
    approved(fin, fiona)
    line, path = waiting(ada), "/payments/confirmation"
    answers = at_once(*(post(sign_in(each), path, line=str(line.id)) for each in (fin, fiona, fin)))
    assert answers == [303, 303, 303]
    assert Event.select().where(Event.verb == "confirmed").count() == 1
    assert line.fresh().confirmed_by in (fin, fiona)
    assert reckoned(ada, MAY).total == 20_000_00


def test_confirmed_and_taken_back_at_once_pays_nothing(
    sign_in: SignIn, ada: Person, fin: Person, fiona: Person
) -> None:
    """Whichever is first: it is taken back once, and what is paid for May and later is nothing."""
    approved(fin, fiona)
    confirming, reversing = sign_in(fin), sign_in(fiona)
    for _ in range(ROUNDS):
        line = waiting(ada)
        with clock.moved(noon(date(2026, 5, 12))):
            answers = at_once(
                post(confirming, "/payments/confirmation", line=str(line.id)),
                post(reversing, f"/deal-lines/{line.id}/reversal", reason="It never came"),
            )
        assert answers == [303, 303]
        assert DealLine.select().where(DealLine.reverses == line).count() == 1
        assert reckoned(ada, MAY).total == 0
    with clock.moved(noon(date(2026, 6, 5))):
        close(MAY, fin)
    assert sum(one.total for one in Statement.select().where(Statement.person == ada)) == 0


def test_money_is_confirmed_or_its_win_undone_never_both(ada: Person, fin: Person, fiona: Person) -> None:
    """Won with its money by one click, undone by another in the moment in which finance confirms."""
    approved(fin, fiona)
    for _ in range(ROUNDS):
        with clock.moved(noon(MAY_10)):
            deal = Deal.open(
                by=ada, title="Sale", stage="negotiation", customer=customer(), product=product()
            )
            closings.win(deal, by=ada, amount=1_000_000_00, on=MAY_10, paid_on=MAY_10)
            line = DealLine.get((DealLine.deal == deal) & (DealLine.trigger == "payment"))
            won = Event.about(deal).where(Event.verb == "won").get()
            confirmed, undone = at_once(
                partial(transact, partial(line.confirm, by=fin)),
                partial(transact, partial(closings.open_again, deal.fresh(), won, ada)),
            )
        refused = [isinstance(answer, Invalid) for answer in (confirmed, undone)]
        assert sorted(refused) == [False, True], (confirmed, undone)
        back = DealLine.select().where(DealLine.reverses == line).count()
        assert (line.fresh().confirmed_at is None, back) == ((True, 1) if refused[0] else (False, 0))


def test_an_adjustment_is_decided_once(
    sign_in: SignIn, ada: Person, fin: Person, fiona: Person, adam: Person
) -> None:
    approved(fin, fiona)
    yes, no = sign_in(fiona), sign_in(adam)
    for number in range(ROUNDS):
        one = Adjustment.propose(ada, MAY, 5_00 + number, "Paid too little", by=fin)
        path = f"/commission/adjustments/{one.id}/decision"
        assert at_once(post(yes, path, answer="approve"), post(no, path, answer="refuse")) == [303, 303]
        decided = AdjustmentDecision.select().where(AdjustmentDecision.adjustment == one)
        assert decided.count() == 1
        verbs = Event.select(Event.verb).where((Event.subject_kind == one.kind()) & (Event.subject == one.id))
        told = [event.verb for event in verbs if event.verb != "proposed"]
        assert told == ["approved" if decided.get().approved else "refused"]


def test_a_month_is_closed_once(
    sign_in: SignIn, ada: Person, ben: Person, fin: Person, fiona: Person
) -> None:
    """Two ask, two workers work: one statement of 20,000.00, closed by one of them."""
    approved(fin, fiona)
    waiting(ada).confirm(by=fin)
    other = ben
    other.grant(Role.FINANCE, by=None)
    path = f"/commission/periods/{MAY}/close"
    with clock.moved(noon(date(2026, 6, 5))):
        closing.preview(MAY, by=fin.id)
        seen = {"seen": Period.get().digest}
        answers = at_once(*(post(sign_in(who), path, **seen) for who in (fin, other, fin)))
        assert set(answers) == {303}
        at_once(worker.drain, worker.drain)
    assert Period.get().state == "closed"
    assert [(one.person, one.total) for one in Statement.select().where(Statement.total != 0)] == [
        (ada, 20_000_00)
    ]
    assert Event.select().where((Event.verb == "closed") & (Event.subject_kind == "period")).count() == 1


PAIRS = [
    (Role.CLOSER, Role.PAYER),
    (Role.CLOSER, Role.APPROVER),
    (Role.CLOSER, Role.REVIEWER),
    (Role.AUDITOR, Role.ADMINISTRATOR),
]


@pytest.mark.parametrize("pair", PAIRS, ids=" and ".join)
def test_of_two_roles_that_must_be_apart_one_is_given(
    sign_in: SignIn, adam: Person, pair: tuple[Role, Role]
) -> None:
    second = Person.add(by=None, email="second@example.com", name="Second")
    second.grant(Role.ADMINISTRATOR, by=None)
    browsers = [sign_in(adam), sign_in(second)]
    for number in range(ROUNDS):
        person = Person.add(by=None, email=f"p{number}@example.com", name=f"P{number}")
        if Role.AUDITOR not in pair:
            person.grant(Role.FINANCE, by=None)
        path = f"/admin/accounts/{person.id}/roles"
        answers = at_once(*(post(b, path, role=str(r)) for b, r in zip(browsers, pair, strict=True)))
        assert sorted(answers) == [303, 422]
        held = {g.role for g in RoleGrant.select().where(RoleGrant.person == person)}
        assert len(held & set(pair)) == 1


def test_every_form_with_a_key_sent_at_once_writes_one_record(
    sign_in: SignIn, ada: Person, ben: Person, fin: Person, schools: Topic
) -> None:
    """Whoever looks for the key first, in vain, is answered with what the other made: nobody reads 500."""
    customer, question = Customer.add(by=ada, name="Quentin"), Question.ask(by=ben, text="Why?")
    seller, finance, month = sign_in(ada), sign_in(fin), {"month": "2026-05", "person": f"#{ben.id}"}
    payment = {"trigger": "payment", "amount": "100", "on": "2026-05-10"}
    forms: list[tuple[Client, str, type[Record], dict[str, str]]] = [
        (seller, f"/customers/{customer.id}/requests/new", CustomerRequest, {"text": "A taxi"}),
        (seller, f"/customers/{customer.id}/interactions", Interaction, {"kind_of": "call", "text": "Hello"}),
        (seller, "/questions/new", Question, {"text": "How?"}),
        (seller, f"/questions/{question.id}/answers", Answer, {"text": "So."}),
        (seller, "/articles/new", Article, {"title": "How", "body": "So.", "kind_of": "guide"}),
        (seller, f"/deals/{deal_of(ada, '1000.00').id}/payments/new", DealLine, payment),
        (finance, "/commission/adjustments/new", Adjustment, month | {"amount": "5", "reason": "Too little"}),
    ]
    for browser, path, noun, sent in forms:
        for number in range(ROUNDS):
            before, again = noun.select().count(), sent | {"key": f"{noun.kind()}{number}"}
            answers = at_once(*(post(browser, path, **again) for _ in range(4)))
            # Money is written on the deal as it was read: to a second at this moment it says that it changed.
            said = {303, 409} if noun is DealLine else {303}
            assert (303 in answers, set(answers) <= said) == (True, True), (path, answers)
            assert noun.select().count() == before + 1, path


def test_of_two_with_one_code_the_second_is_told(sign_in: SignIn, ada: Person, adam: Person) -> None:
    """What is unique beside keys of forms: codes and addresses, refused beside the field."""
    seller, admin = sign_in(ada), sign_in(adam)
    account = {"email": "new@example.com", "name": "New", "locale": "en"}
    for browser, path, noun, sent in (
        (
            seller,
            "/customers/new",
            Customer,
            {"name": "Quentin", "form": "person", "code": "C-1", "another": "y"},
        ),
        (admin, "/products/new", Product, {"name": "House", "code": "P-1"}),
        (admin, "/admin/accounts/new", Person, account),
    ):
        before = noun.select().count()
        answers = at_once(*(post(browser, path, **sent) for _ in range(4)))
        assert (sorted(answers), noun.select().count()) == ([303, 422, 422, 422], before + 1), path


def test_one_form_sent_twice_at_once_is_one(sign_in: SignIn, ada: Person) -> None:
    """A double click, whatever the second is answered."""
    deal, browser = deal_of(ada, "1000.00"), sign_in(ada)
    sent = {"trigger": "payment", "amount": "300", "on": "2026-05-10", "key": "mine"}
    answers = at_once(*(post(browser, f"/deals/{deal.id}/payments/new", **sent) for _ in range(3)))
    assert 303 in answers
    assert set(answers) <= {303, 409}
    assert DealLine.of(Deal.get_by_id(deal.id)).count() == 1
