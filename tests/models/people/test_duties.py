"""Duties of finance: given one by one by an administrator, apart where they must be (RULES 4.1)."""

from __future__ import annotations

from datetime import date

import pytest

from portal import clock
from portal.models.base.record import Invalid
from portal.models.commission import closing
from portal.models.commission.adjustments import Adjustment
from portal.models.commission.periods import Period
from portal.models.commission.policies import Policy
from portal.models.experiences.reviews import Review
from portal.models.people.needs import needs
from portal.models.people.people import APART, DUTIES, Person, Role
from tests.commission import MAY, approved, close, lesson, noon, paid


def names(person: Person) -> list[Role]:
    return [duty for duty in DUTIES if person.fresh().does(duty)]


def test_while_nobody_holds_a_duty_all_of_finance_does(
    fin: Person, fiona: Person, ada: Person, adam: Person
) -> None:
    assert names(fin) == names(fiona) == list(DUTIES)
    assert names(ada) == names(adam) == []
    fin.grant(Role.CLOSER, by=adam)
    assert Role.CLOSER in names(fin)
    assert Role.CLOSER not in names(fiona)
    assert Role.PAYER in names(fiona)
    fin.fresh().withdraw(Role.CLOSER, by=adam)
    assert Role.CLOSER in names(fiona)


def test_a_duty_whose_holder_left_falls_back(fin: Person, fiona: Person, adam: Person) -> None:
    fin.grant(Role.PAYER, by=adam)
    assert Role.PAYER not in names(fiona)
    fin.deactivate(by=adam)
    assert Role.PAYER in names(fiona)


@pytest.mark.parametrize(("one", "other"), APART)
def test_what_must_be_apart_is_refused_in_either_order(
    app: object, adam: Person, one: Role, other: Role
) -> None:
    for first, second in ((one, other), (other, one)):
        person = Person.add(by=None, email=f"{first}.{second}@example.com", name="Someone")
        if Role.FINANCE not in (first, second) and Role.AUDITOR not in (first, second):
            person.grant(Role.FINANCE, by=adam)
        if first.is_duty and second == Role.AUDITOR:
            person.grant(Role.FINANCE, by=adam)
        person.grant(first, by=adam)
        with pytest.raises(Invalid):
            person.grant(second, by=adam)
        assert not person.fresh().holds(second)


def test_nobody_gives_a_duty_to_themselves_or_outside_finance(adam: Person, ada: Person) -> None:
    with pytest.raises(Invalid):
        ada.grant(Role.ADJUSTER, by=adam)
    adam.grant(Role.FINANCE, by=None)
    with pytest.raises(Invalid):
        adam.fresh().grant(Role.ADJUSTER, by=adam)


def test_who_leaves_finance_leaves_its_duties(fin: Person, fiona: Person, adam: Person) -> None:
    fin.grant(Role.ADJUSTER, by=adam)
    fin.fresh().withdraw(Role.FINANCE, by=adam)
    assert not fin.fresh().holds(Role.ADJUSTER)
    assert Role.ADJUSTER in names(fiona)


def test_each_duty_opens_its_act_and_no_other(ada: Person, fin: Person, fiona: Person, adam: Person) -> None:
    approved(fin, adam)
    frank = Person.add(by=None, email="frank@example.com", name="Frank", roles=[Role.FINANCE])
    for person, duty in ((fin, Role.CLOSER), (fiona, Role.PAYER), (frank, Role.PAYMENTS)):
        person.grant(duty, by=adam)
    fin, fiona, frank = (person.fresh() for person in (fin, fiona, frank))
    line = paid(ada, "100.00", date(2026, 5, 10))
    assert [line.confirmable_by(person) for person in (fin, fiona, frank)] == [False, False, True]
    with clock.moved(noon(date(2026, 6, 5))):
        closing.await_closing()
        may = Period.of(MAY)
        assert [closing.closable_by(may, person) for person in (fin, fiona, frank)] == [True, False, False]
        assert [any("Close" in str(need.text) for need in needs(p)) for p in (fin, fiona, frank)] == [
            True,
            False,
            False,
        ]
    may = close(MAY, fin)
    assert [may.payable_by(person) for person in (fin, fiona, frank)] == [False, True, False]
    assert all(Adjustment.proposable_by(person) for person in (fin, fiona, frank)), "nobody holds that duty"


def test_a_month_that_is_closed_is_asked_for_until_it_is_paid(
    ada: Person, fin: Person, fiona: Person
) -> None:
    """However long ago; one that nobody closed is not."""
    approved(fin, fiona)
    paid(ada, "100.00", date(2026, 5, 10))
    may = close(MAY, fin)

    def asked() -> dict[str, list[str]]:
        return {person.name: [need.url for need in needs(person)] for person in (fin, fiona)}

    for day in (date(2026, 7, 1), date(2026, 8, 3), date(2028, 9, 1)):
        with clock.moved(noon(day)):
            closing.await_closing()
            assert "/commission/periods/2026-05" in asked()["Fiona"], day
            assert "/commission/periods/2026-05" not in asked()["Fin"], "who closed it does not pay it"
            assert ("/commission/periods/2026-06" in asked()["Fin"]) == (day.month == 7)
    with clock.moved(noon(date(2026, 8, 4))):
        may.pay(by=fiona)
        for _ in range(2):
            assert "/commission/periods/2026-05" not in asked()["Fiona"]
            closing.await_closing()


def test_who_judged_a_month_does_not_close_it_having_laid_the_role_down(
    ada: Person, fin: Person, fiona: Person, adam: Person
) -> None:
    approved(fiona, adam)
    judged = lesson(ada, noon(date(2026, 5, 10)))
    fin.grant(Role.REVIEWER, by=adam)
    scores = {"correct": 4, "reusable": 4, "new": 4, "clear": 4, "linked": 4}
    Review.create(
        experience=judged,
        round=1,
        reviewer=fin,
        due_at=clock.now(),
        verdict="accept",
        completed_at=noon(date(2026, 5, 11)),
        **scores,
    )
    fin.fresh().withdraw(Role.REVIEWER, by=adam)
    assert not closing.closable_by(Period.of(MAY), fin.fresh())
    assert closing.closable_by(Period.of(MAY), fiona)


def test_who_wrote_on_a_policy_does_not_approve_it(fin: Person, fiona: Person, adam: Person) -> None:
    policy = Policy.draft(by=fin, name="2026", effective_from=MAY.plus(24))
    policy.redraft(by=fiona, name="2026, mine", effective_from=MAY.plus(24))
    policy.propose(by=fin)
    assert not policy.approvable_by(fiona)
    with pytest.raises(Invalid):
        policy.approve(by=fiona)
    assert policy.approvable_by(adam)
    policy.approve(by=adam)
    assert policy.fresh().state == "approved"
