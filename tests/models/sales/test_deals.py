"""Deals: from lead to won or lost, and every cent that follows."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import clock
from portal.models.base.database import transact
from portal.models.base.record import Event, Invalid
from portal.models.customers.customers import Customer
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales import closings
from portal.models.sales.deals import WHOLE, Deal
from portal.models.sales.lines import DealLine
from portal.models.sales.shares import share_with
from portal.models.sales.words import Stage

PRICE = 20_500_00


@pytest.fixture
def deal(ada: Person, lakeside: Product) -> Deal:
    """Ada's open deal."""
    customer = Customer.add(by=ada, name="刘先生")
    return Deal.open(by=ada, title="翠湖花园三居", customer=customer, product=lakeside, amount=PRICE)


def won(deal: Deal, by: Person, paid: bool = True) -> Deal:
    closings.win(deal, by=by, amount=PRICE, on=clock.today(), paid_on=clock.today() if paid else None)
    return deal


def lines(deal: Deal) -> list[tuple[str, int]]:
    return [(line.trigger, line.amount) for line in DealLine.of(deal).order_by(DealLine.id)]


def test_a_deal_goes_from_stage_to_stage_and_back(deal: Deal, ada: Person) -> None:
    deal.move(Stage.NEGOTIATION, by=ada)
    deal.move("engaged", by=ada)
    deal.move("engaged", by=ada)
    assert deal.fresh().stage == "engaged"
    moves = [e.changes["stage"] for e in Event.about(deal) if e.verb == "moved"]
    assert moves == [["negotiation", "engaged"], ["lead", "negotiation"]]


@pytest.mark.parametrize("stage", ["won", "lost", "nonsense", ""])
def test_only_open_stages_are_moved_to(deal: Deal, ada: Person, stage: str) -> None:
    with pytest.raises(Invalid):
        deal.move(stage, by=ada)


def test_winning_records_the_contract_and_the_payment_and_who_shares(deal: Deal, ada: Person) -> None:
    won(deal, ada)
    assert (deal.fresh().stage, deal.fresh().closed_on) == ("won", clock.today())
    assert lines(deal) == [("contract", PRICE), ("payment", PRICE)]
    assert deal.shares() == {ada.id: WHOLE}
    assert [e.verb for e in Event.about(deal)] == ["paid", "recorded", "won", "opened"]


def test_winning_twice_is_winning_once(deal: Deal, ada: Person) -> None:
    won(deal, ada)
    closings.win(deal, by=ada, amount=1, on=clock.today())
    closings.win(deal.fresh(), by=ada, amount=1, on=clock.today())
    assert lines(deal) == [("contract", PRICE), ("payment", PRICE)]
    assert deal.fresh().amount == PRICE


def test_two_people_winning_at_one_moment_win_it_once(deal: Deal, ada: Person, mona: Person) -> None:
    start, failures = threading.Barrier(2), list[BaseException]()

    def win(person: Person) -> None:
        def work() -> None:
            closings.win(
                Deal.get_by_id(deal.id), by=person, amount=PRICE, on=clock.today(), paid_on=clock.today()
            )

        try:
            start.wait()
            transact(work)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=win, args=(person,)) for person in (ada, mona)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert lines(deal) == [("contract", PRICE), ("payment", PRICE)]
    assert Event.select().where(Event.verb == "won").count() == 1


def test_two_full_payments_at_one_moment_do_not_both_fit(deal: Deal, ada: Person, fin: Person) -> None:
    won(deal, ada, paid=False)
    start, refused = threading.Barrier(2), list[BaseException]()

    def pay(key: str) -> None:
        def work() -> None:
            DealLine.receive(Deal.get_by_id(deal.id), by=fin, amount=PRICE, on=clock.today(), key=key)

        start.wait()
        try:
            transact(work)
        except Exception as failure:
            refused.append(failure)

    threads = [threading.Thread(target=pay, args=(key,)) for key in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert sum(amount for trigger, amount in lines(deal) if trigger == "payment") == PRICE


def test_a_payment_form_sent_twice_is_one_payment(deal: Deal, ada: Person) -> None:
    won(deal, ada, paid=False)
    first = DealLine.receive(deal, by=ada, amount=5_000_00, on=clock.today(), key="form")
    assert DealLine.receive(deal, by=ada, amount=5_000_00, on=clock.today(), key="form") == first
    assert lines(deal) == [("contract", PRICE), ("payment", 5_000_00)]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"on": date(2100, 1, 1)}, "on"),
        ({"paid_on": date(2100, 1, 1)}, "paid_on"),
    ],
)
def test_a_deal_cannot_be_won_for_nothing_or_in_the_future(
    deal: Deal, ada: Person, facts: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        closings.win(deal, **{"by": ada, "amount": PRICE, "on": clock.today(), **facts})  # type: ignore[arg-type]
    assert set(refused.value.errors) == {field}
    assert (deal.fresh().stage, lines(deal)) == ("lead", [])


def test_losing_needs_a_reason_and_keeps_it(deal: Deal, ada: Person) -> None:
    with pytest.raises(Invalid):
        closings.lose(deal, by=ada, reason=" ", on=clock.today())
    closings.lose(deal, by=ada, reason="价格", on=clock.today(), competitor="隔壁")
    closings.lose(deal, by=ada, reason="other", on=clock.today())
    stored = deal.fresh()
    assert (stored.stage, stored.lost_reason, stored.competitor) == ("lost", "价格", "隔壁")
    with pytest.raises(Invalid):
        closings.win(stored, by=ada, amount=PRICE, on=clock.today())


def test_reopening_takes_the_contract_back_but_not_money_received(
    deal: Deal, ada: Person, mona: Person
) -> None:
    won(deal, ada, paid=False)
    closings.reopen(deal, by=mona)
    closings.reopen(deal, by=mona)
    assert (deal.fresh().stage, deal.fresh().closed_on) == ("negotiation", None)
    assert lines(deal) == [("contract", PRICE), ("contract", -PRICE)]
    won(deal, ada)
    with pytest.raises(Invalid):
        closings.reopen(deal, by=mona)
    assert deal.fresh().stage == "won"


def test_a_reversal_mirrors_its_line_once(deal: Deal, ada: Person, fin: Person) -> None:
    won(deal, ada)
    payment = next(line for line in DealLine.of(deal) if line.trigger == "payment")
    mirror = payment.reverse(by=fin, reason="cheque bounced")
    assert payment.reverse(by=fin, reason="again") == mirror
    assert (mirror.amount, mirror.reverses_id, mirror.reason) == (-PRICE, payment.id, "cheque bounced")
    assert [line.trigger for line in DealLine.standing(deal)] == ["contract"]
    with pytest.raises(Invalid):
        mirror.reverse(by=fin, reason="no")
    with pytest.raises(Invalid):
        payment.reverse(by=fin, reason="")


def test_money_belongs_to_won_deals_and_fits_into_them(deal: Deal, ada: Person) -> None:
    with pytest.raises(Invalid):
        DealLine.receive(deal, by=ada, amount=1, on=clock.today())
    won(deal, ada, paid=False)
    for amount, on in (
        (0, clock.today()),
        (PRICE + 1, clock.today()),
        (1, clock.today() + timedelta(days=1)),
    ):
        with pytest.raises(Invalid):
            DealLine.receive(deal, by=ada, amount=amount, on=on)
    assert lines(deal) == [("contract", PRICE)]


def test_shares_sum_to_the_whole(deal: Deal, ada: Person, ben: Person, mona: Person) -> None:
    assert deal.shares() == {ada.id: WHOLE}
    for wrong in ({ada: 600_000, ben: 300_000}, {ada: 1_200_000, ben: -200_000}, {}):
        with pytest.raises(Invalid):
            share_with(deal, wrong, by=mona)
    share_with(deal, {ada: 600_000, ben: 400_000}, by=mona)
    share_with(deal, {ada: 600_000, ben: 400_000}, by=mona)
    assert deal.shares() == {ada.id: 600_000, ben.id: 400_000}
    assert Event.select().where(Event.verb == "shared").count() == 1
    won(deal, ada)
    assert deal.shares() == {ada.id: 600_000, ben.id: 400_000}


def test_shares_stay_once_money_of_an_earlier_month_is_recorded(deal: Deal, ada: Person, ben: Person) -> None:
    earlier = clock.Month.of(clock.today()).previous.last_day
    closings.win(deal, by=ada, amount=PRICE, on=earlier)
    with pytest.raises(Invalid):
        share_with(deal, {ben: WHOLE}, by=ada)
    assert deal.shares() == {ada.id: WHOLE}


def test_handing_over_leaves_shares_in_recorded_money(
    deal: Deal, ada: Person, ben: Person, mona: Person
) -> None:
    won(deal, ada)
    deal.hand_over(ben, by=mona)
    assert (deal.fresh().owner, deal.shares()) == (ben, {ada.id: WHOLE})


def test_lines_of_a_month_are_those_dated_in_it(deal: Deal, ada: Person) -> None:
    month = clock.Month.of(clock.today()).previous
    closings.win(deal, by=ada, amount=PRICE, on=month.first_day)
    for on in (month.first_day, month.last_day, month.next.first_day):
        DealLine.receive(deal, by=ada, amount=100, on=on)
    assert [line.on for line in DealLine.earned("payment", month)] == [month.first_day, month.last_day]


def test_a_won_amount_is_not_edited(deal: Deal, ada: Person) -> None:
    won(deal, ada)
    with pytest.raises(Invalid):
        deal.edit(by=ada, amount=1)
    deal.edit(by=ada, note="keys handed over", amount=PRICE)
    assert deal.fresh().note == "keys handed over"


def test_a_won_product_is_filled_in_but_not_changed(deal: Deal, ada: Person, lakeside: Product) -> None:
    """The commission's rate is the product's: who wins a deal does not choose it afterwards."""
    dear = Product.create(code="B-7", name="云顶公馆")
    closings.win(deal, by=ada, amount=20_500_00, on=clock.today())
    deal.edit(by=ada, product=lakeside)
    with pytest.raises(Invalid) as refused:
        deal.edit(by=ada, product=dear, note="x")
    assert set(refused.value.errors) == {"product"}
    deal.edit(by=ada, product=lakeside, note="the same again")
    with pytest.raises(Invalid):
        deal.edit(by=ada, product=None)
    assert deal.fresh().product_id == lakeside.id
    closings.reopen(deal, by=ada)
    deal.edit(by=ada, product=dear)
    assert deal.fresh().product_id == dear.id


def test_who_may_do_what(
    deal: Deal, ada: Person, ben: Person, mona: Person, fin: Person, adam: Person, stan: Person
) -> None:
    everyone = (ada, mona, fin, ben, adam, stan)
    assert [deal.editable_by(p) for p in everyone] == [True, True, False, False, False, False]
    assert [deal.payable_by(p) for p in everyone] == [True, True, True, False, False, False]
    assert [deal.reopenable_by(p) for p in everyone] == [False, True, True, False, False, False]
    line = DealLine.standing(won(deal, ada))[0]
    assert [line.reversible_by(p) for p in everyone] == [True, True, True, False, False, False]
    assert [line.confirmable_by(p) for p in everyone] == [False, False, True, False, False, False]
    line.confirm(by=fin)
    assert [line.reversible_by(p) for p in everyone] == [False, True, True, False, False, False]


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(parts=st.lists(st.integers(1, 400_00), min_size=1, max_size=6), reversed_first=st.randoms())
def test_a_fully_reversed_deal_sums_to_zero(
    ada: Person, fin: Person, parts: list[int], reversed_first: object
) -> None:
    deal = Deal.open(by=ada, title="Any")
    closings.win(deal, by=ada, amount=sum(parts), on=clock.today())
    for part in parts:
        DealLine.receive(deal, by=ada, amount=part, on=clock.today())
    standing = DealLine.standing(deal)
    reversed_first.shuffle(standing)  # type: ignore[attr-defined]
    for line in standing:
        line.reverse(by=fin, reason="undone")
    assert sum(amount for _, amount in lines(deal)) == 0
    assert DealLine.standing(deal) == []


def test_products_have_one_code_each(mona: Person, lakeside: Product) -> None:
    with pytest.raises(Invalid) as refused:
        Product.add(by=mona, code="A-1024", name="Another")
    assert set(refused.value.errors) == {"code"}
    lakeside.edit(by=mona, code="A-1024", name="翠湖花园一期")
    lakeside.archive(by=mona)
    lakeside.archive(by=mona)
    lakeside.restore(by=mona)
    assert [e.verb for e in Event.about(lakeside)] == ["restored", "archived", "edited"]
