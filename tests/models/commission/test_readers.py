"""Who is covered by a version of a policy is told of it, and asked to say that they have read it (RULES 4.1)."""

from __future__ import annotations

from datetime import date

from portal import clock
from portal.clock import Month
from portal.models.commission.policies import Policy
from portal.models.commission.readers import (
    READING,
    approve,
    await_reading,
    covered,
    readers_of,
    to_read,
    unread,
)
from portal.models.commission.rulebook import Rulebook
from portal.models.company.departments import Department
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from tests.commission import JULY, approved, noon
from tests.conftest import SignIn


def test_who_is_covered_is_told_and_stays_asked_until_they_have_read_it(
    ada: Person, ben: Person, fin: Person, fiona: Person, sign_in: SignIn
) -> None:
    """Ada's department gets a version of its own: Ben, whom it does not cover, hears nothing."""
    approved(fin, fiona)
    shop = Department.create(name="Shop")
    Person.update(department=shop).where(Person.id == ada.id).execute()
    with clock.moved(noon(date(2026, 6, 8))):
        policy = Policy.draft(by=fin, name="Shop 2026", effective_from=JULY, department=shop)
        policy.propose(by=fin)
        for _ in range(2):
            approve(policy.fresh(), by=fiona)
        assert covered(policy) == [ada.id]
        told = [one.person_id for one in Notice.select().where(Notice.url == policy.url)]
        assert [who for who in told if who in (ada.id, ben.id)] == [ada.id]
        assert unread(policy, readers_of(policy)) == (1, [ada.id])
        assert policy.id in {one.id for one in to_read(ada.fresh(), Rulebook.read(reader=ada))}
        assert policy.id not in {one.id for one in to_read(ben.fresh(), Rulebook.read(reader=ben))}
        assert "Shop 2026" in sign_in(ada).get("/commission").text
        assert "Not yet by:" in sign_in(fin).get(policy.url).text
        assert "Not yet by:" not in sign_in(ada).get(policy.url).text
        fiona.write(locale="zh")
        assert "已有 0 人阅读。尚未阅读：Ada" in sign_in(fiona).get(policy.url).text
        sign_in(ben).post(f"{policy.url}/acknowledgement")
        assert unread(policy, readers_of(policy)) == (1, [ada.id]), (
            "who is not covered does not count as a reader"
        )
        sign_in(ada).post(f"{policy.url}/acknowledgement")
        assert unread(policy, readers_of(policy)) == (1, [])
        assert "Shop 2026" not in sign_in(ada).get("/commission").text
        assert "Read by 1 of the 1 whom it covers." in sign_in(fin).get(policy.url).text


def test_of_versions_that_follow_one_another_the_one_that_holds_and_the_next_are_read(
    ada: Person, fin: Person, fiona: Person
) -> None:
    old = approved(fin, fiona, effective_from=Month(2026, 1))
    new = approved(fin, fiona, effective_from=JULY)
    with clock.moved(noon(date(2026, 6, 8))):
        assert [one.id for one in to_read(ada, Rulebook.read(reader=ada))] == [old.id, new.id]
    with clock.moved(noon(date(2026, 7, 1))):
        assert [one.id for one in to_read(ada, Rulebook.read(reader=ada))] == [new.id]


def asked(person: Person) -> list[tuple[str, bool]]:
    """What `Needs me` asks someone to read, and whether it has a day by which."""
    return [(one.url, one.due_at is not None) for one in needs(person) if one.kind == READING]


def test_whoever_has_not_read_their_rule_finds_it_among_what_needs_them(
    ada: Person, ben: Person, adam: Person, fin: Person, fiona: Person, sign_in: SignIn
) -> None:
    """The rule that holds first, then the one of a later month; who joins, or changes their group, as well."""
    shop = Department.create(name="Shop")
    Person.update(department=shop).where(Person.id == ada.id).execute()
    old = approved(fin, fiona)
    with clock.moved(noon(date(2026, 6, 8))):
        new = Policy.draft(by=fin, name="Shop 2026", effective_from=JULY, department=shop)
        new.propose(by=fin)
        approve(new.fresh(), by=fiona)
        await_reading()
        assert (asked(ada.fresh()), asked(ben)) == ([(old.url, False)], [(old.url, False)])
        browser = sign_in(ada)
        browser.post(f"{old.url}/acknowledgement")
        assert asked(ada.fresh()) == [(new.url, True)]
        assert (
            "Read the rule of pay that holds for you from July 2026 on: Shop 2026."
            in browser.get("/needs-me").text
        )
    with clock.moved(noon(date(2026, 6, 20))):  # Ben goes to the shop; somebody joins it
        sign_in(ben).post(f"{old.url}/acknowledgement")
        assert asked(ben) == []
        Person.update(department=shop).where(Person.id == ben.id).execute()
        joins = Person.add(by=adam, email="jo@shop.example", name="Jo", department=shop)
        await_reading()
        assert (asked(ben), asked(joins)) == ([(new.url, True)], [(old.url, False)])
    with clock.moved(noon(date(2026, 7, 2))):  # what was overtaken unread is asked for no more
        await_reading()
        assert asked(joins) == [(new.url, False)]
        Person.update(deactivated_at=clock.now()).where(Person.id == joins.id).execute()
        await_reading()
        assert not asked(joins)
        sign_in(ada).post(f"{new.url}/acknowledgement")
        assert asked(ada.fresh()) == []
