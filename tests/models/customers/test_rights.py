"""Who opens which customer and deal by need, and who only knows that it exists (RULES 4.10)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import clock
from portal.models.base.record import Event, Invalid
from portal.models.company.settings import Setting
from portal.models.customers import rights
from portal.models.customers.access import Access
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.rights import choose
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role
from portal.models.people.sessions import close_account
from portal.models.sales import closings
from portal.models.sales.deals import Deal
from portal.models.sales.lines import DealLine
from portal.models.sales.shares import share_with
from portal.models.work.clocks import Clock

NOTHING: dict[str, list[str]] = {"customer": [], "deal": []}


@pytest.fixture
def customer(ada: Person) -> Customer:
    """Ada's."""
    return Customer.add(by=ada, name="Orchard School")


@pytest.fixture
def deal(ada: Person, customer: Customer) -> Deal:
    return Deal.open(by=ada, title="Benches", customer=customer, amount=5_000_00)


@pytest.fixture
def by_need(adam: Person) -> None:
    choose(by=adam, need=True, full=NOTHING)


def opened(record: Customer | Deal, *people: Person) -> list[str]:
    """Who of these opens it; asked one record at a time and as a list, which must say the same."""
    found = [each.name for each in people if record.opens_for(each)]
    listed = [e.name for e in people if record.id in {one.id for one in type(record).visible_to(e)}]
    assert found == listed
    return found


def test_an_open_company_opens_all_to_everyone(
    customer: Customer, deal: Deal, ada: Person, ben: Person, stan: Person, adam: Person
) -> None:
    everyone = [each.name for each in (ada, ben, stan, adam)]
    assert opened(customer, ada, ben, stan, adam) == opened(deal, ada, ben, stan, adam) == everyone


@pytest.mark.usefixtures("by_need")
def test_by_need_it_opens_for_its_owner_and_who_leads_them(
    customer: Customer, deal: Deal, ada: Person, ben: Person, mona: Person, stan: Person, rita: Person,
    adam: Person, audrey: Person, fin: Person,
) -> None:  # fmt: skip
    """Other sales, service and reviewers know that it exists; who administers configures, an auditor reads the
    log; finance has the money of deals.
    """
    cast = (ada, ben, mona, stan, rita, adam, audrey, fin)
    assert opened(customer, *cast) == ["Ada", "Mona"]
    assert opened(deal, *cast) == ["Ada", "Mona", "Fin"]
    assert customer in Customer.known_to(stan)


@pytest.mark.usefixtures("by_need")
def test_who_works_on_a_deal_or_shares_in_it_opens_its_customer_and_all_their_deals(
    customer: Customer, deal: Deal, ada: Person, ben: Person, stan: Person
) -> None:
    other = Deal.open(by=ada, title="Desks", customer=customer)
    share_with(deal, {ada: 600_000, stan: 400_000}, by=ada)
    Deal.open(by=ada, title="Lamps", customer=customer, owner=ben)
    for record in (customer, deal, other):
        assert opened(record, ada, ben, stan) == ["Ada", "Ben", "Stan"]


@pytest.mark.usefixtures("by_need")
def test_a_large_team_opens_as_a_small_one(
    customer: Customer, deal: Deal, ada: Person, ben: Person, mona: Person, stan: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Customers of deals are asked one by one for it: the rule is the same."""
    far = Customer.add(by=None, name="Mill", owner=stan)
    Deal.open(by=None, title="Lamps", customer=far, owner=ben)
    Deal.open(by=None, title="Ramps", customer=far, owner=stan)
    few = [(opened(customer, each), opened(deal, each), names(each)) for each in (ada, ben, mona, stan)]
    assert [each[2] for each in few] == [
        ["Benches"],
        ["Lamps", "Ramps"],
        ["Benches", "Lamps", "Ramps"],
        ["Lamps", "Ramps"],
    ]
    monkeypatch.setattr(rights, "FEW", 0)
    assert few == [
        (opened(customer, each), opened(deal, each), names(each)) for each in (ada, ben, mona, stan)
    ]


def names(person: Person) -> list[str]:
    return [deal.title for deal in Deal.visible_to(person).order_by(Deal.title)]


@pytest.mark.usefixtures("by_need")
def test_a_share_in_a_deal_of_nobody_opens_the_deal_alone(ada: Person, stan: Person) -> None:
    deal = Deal.open(by=ada, title="Fair")
    share_with(deal, {ada: 500_000, stan: 500_000}, by=ada)
    assert opened(deal, ada, stan) == ["Ada", "Stan"]


@pytest.mark.usefixtures("by_need")
def test_whom_nobody_looks_after_opens_for_managers(customer: Customer, mona: Person, ben: Person) -> None:
    nobodys = Customer.add(by=None, name="Mill", owner=None)
    assert opened(nobodys, mona, ben) == ["Mona"]


def test_a_row_of_the_matrix_opens_what_it_says_and_no_more(
    customer: Customer, deal: Deal, ada: Person, ben: Person, rita: Person, audrey: Person, fin: Person,
    adam: Person,
) -> None:  # fmt: skip
    cast = (ada, ben, rita, audrey, fin, adam)
    choose(by=adam, need=True, full={"customer": ["department", "finance"], "deal": ["auditor"]})
    assert opened(customer, *cast) == ["Ada", "Ben", "Fin"]
    assert opened(deal, *cast) == ["Ada", "Audrey", "Fin"]
    choose(by=adam, need=True, full={"customer": ["reviewer"], "deal": ["department"]})
    assert opened(customer, *cast) == ["Ada", "Rita"]
    assert opened(deal, *cast) == ["Ada", "Ben", "Fin"]


def test_who_has_no_department_is_nobodys_colleague(ada: Person, adam: Person) -> None:
    choose(by=adam, need=True, full={"customer": ["department"], "deal": []})
    alone = Customer.add(by=None, name="Mill", owner=adam)
    assert opened(alone, ada, adam) == ["Adam"]


@pytest.mark.usefixtures("by_need")
def test_what_belongs_to_a_customer_opens_as_the_customer_does(
    customer: Customer, deal: Deal, ada: Person, ben: Person, fin: Person
) -> None:
    Contact.add(customer, by=ada, name="Eve")
    Interaction.log(customer, by=ada, kind_of="call", text="wants oak")
    closings.win(deal, by=ada, amount=5_000_00, on=clock.today())
    for noun in (Contact, Interaction):
        assert [noun.visible_to(each).count() for each in (ada, ben, fin)] == [1, 0, 0]
    assert [DealLine.visible_to(each).count() for each in (ada, ben, fin)] == [1, 0, 1]


def test_changing_the_rights_is_told_to_those_who_watch(
    adam: Person, audrey: Person, mona: Person, ada: Person
) -> None:
    """Whoever configures could open everything to everyone: that is heard of."""
    choose(by=adam, need=True, full=NOTHING)
    choose(by=adam, need=True, full=NOTHING)
    told = [each.person_id for each in Notice.select().where(Notice.url == "/rights")]
    assert sorted(told) == sorted([audrey.id, mona.id])
    assert Event.select().where(Event.verb == "chosen").count() == 1


def test_an_administrator_cannot_name_rows_that_the_matrix_does_not_have(adam: Person) -> None:
    choose(by=adam, need=True, full={"customer": ["administrator", "reviewer"], "deal": ["finance"]})
    assert Setting.read("rights.customers") == ["reviewer"]
    assert Setting.read("rights.deals") == []


# ------------------------------------------------------------------ asking for it


@pytest.mark.usefixtures("by_need")
def test_it_is_asked_for_with_a_purpose_and_open_for_seven_days(
    customer: Customer, deal: Deal, ada: Person, stan: Person
) -> None:
    asked = Access.ask(customer, by=stan, purpose=" delivery of the benches ")
    assert not customer.opens_for(stan)
    assert [need.url for need in needs(ada)] == [customer.url]
    now = clock.now()
    with clock.moved(now):
        asked.grant(by=ada)
    assert needs(ada) == []
    assert [str(one.text) for one in Notice.of(stan)] == [
        "%(who)s opened %(customer)s to you for %(days)s days."
    ]
    with clock.moved(now + timedelta(days=7) - timedelta(seconds=1)):
        assert opened(customer, stan) == opened(deal, stan) == ["Stan"]
        assert customer.revealable_to(stan)
        assert not customer.open_to(stan)
        assert not customer.editable_by(stan)
    with clock.moved(now + timedelta(days=7)):
        assert opened(customer, stan) == opened(deal, stan) == []
        assert not customer.revealable_to(stan)
        again = Access.ask(customer, by=stan, purpose="once more")
        assert (again.id, again.state) != (asked.id, "granted")
    verbs = [event.verb for event in Event.select().where(Event.subject_kind == "access").order_by(Event.id)]
    assert verbs == ["asked", "granted", "asked"]


@pytest.mark.usefixtures("by_need")
def test_who_has_it_for_a_while_cannot_make_it_last_by_a_deal(
    customer: Customer, deal: Deal, ada: Person, ben: Person, stan: Person
) -> None:
    """A deal of one's own opens its customer for good: begun with them, moved to them, or in a colleague's
    name, it is for whoever looks after them.
    """
    Access.ask(customer, by=stan, purpose="delivery", emergency=True)
    own = Deal.open(by=stan, title="Mine")
    for join in (
        lambda: Deal.open(by=stan, title="Desks", customer=customer),
        lambda: Deal.open(by=stan, title="Desks", customer=customer, owner=ben),
        lambda: own.edit(by=stan, customer=customer),
    ):
        with pytest.raises(Invalid) as refused:
            join()
        assert list(refused.value.errors) == ["customer"]
    assert Deal.select().where(Deal.customer == customer).count() == 1
    Deal.open(by=ada, title="Desks", customer=customer, owner=stan).edit(by=stan, title="Chairs")


@pytest.mark.usefixtures("by_need")
def test_in_an_emergency_it_opens_at_once_and_is_said(
    customer: Customer, ada: Person, mona: Person, stan: Person
) -> None:
    asked = Access.ask(customer, by=stan, purpose="fire alarm")
    assert Access.ask(customer, by=stan, purpose="fire, now", emergency=True).id == asked.id
    assert customer.opens_for(stan)
    told = [(n.person_id, n.values["purpose"]) for n in Notice.select().where(Notice.subject == customer.id)]
    assert sorted(told) == sorted([(ada.id, "fire, now"), (mona.id, "fire, now")])
    assert needs(ada) == []
    asked.fresh().end(by=ada)
    assert not customer.opens_for(stan)


@pytest.mark.usefixtures("by_need")
def test_it_is_answered_once_and_not_by_who_asks(
    customer: Customer, ada: Person, mona: Person, ben: Person, stan: Person
) -> None:
    asked = Access.ask(customer, by=stan, purpose="delivery")
    assert Access.ask(customer, by=stan, purpose="delivery").id == asked.id
    assert [asked.answerable_by(each) for each in (ada, mona, ben, stan)] == [True, True, False, False]
    asked.refuse(by=mona)
    asked.grant(by=ada)
    asked.fresh().grant(by=ada)
    assert asked.fresh().state == "refused"
    assert not customer.opens_for(stan)
    nobodys = Customer.add(by=None, name="Mill", owner=None)
    own = Access.ask(nobodys, by=stan, purpose="delivery")
    assert not own.answerable_by(stan)


@pytest.mark.usefixtures("by_need")
def test_without_a_purpose_or_need_there_is_nothing_to_ask(
    customer: Customer, ada: Person, stan: Person
) -> None:
    with pytest.raises(Invalid) as nothing:
        Access.ask(customer, by=stan, purpose="  ", emergency=True)
    assert list(nothing.value.errors) == ["purpose"]
    with pytest.raises(Invalid):
        Access.ask(customer, by=ada, purpose="mine")
    assert Access.select().count() == 0


@pytest.mark.usefixtures("by_need")
def test_who_looks_after_it_now_is_asked(
    customer: Customer, ada: Person, ben: Person, mona: Person, stan: Person, fin: Person
) -> None:
    """A question hangs on nobody who handed the customer over, or left."""
    asked = Access.ask(customer, by=stan, purpose="delivery")
    customer.hand_over(ben, by=ada)
    advance()
    assert [len(needs(each)) for each in (ada, ben)] == [0, 1]
    close_account(ben, by=mona)
    advance()
    far = Person.create(email="wu@example.com", name="Wu")
    far.grant(Role.MANAGER, by=None)
    assert [len(needs(each)) for each in (ada, mona, far)] == [0, 1, 0], (
        "who leads them, and no other manager"
    )
    assert asked.answerable_by(mona)


def advance() -> None:
    """Let the clocks go on that have something to do."""
    for ident in Clock.due():
        Clock.get_by_id(ident).advance()
