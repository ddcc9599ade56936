"""Customers, the people there, and the contacts with them: their verbs and who sees what."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest

from portal import clock, i18n
from portal.models.base.database import db
from portal.models.base.record import Event, Invalid, SearchOutbox, Stale
from portal.models.base.undoing import undo
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.masks import mask_email, mask_phone, shown
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.sales import closings
from portal.models.sales.deals import Deal
from portal.models.sales.handover import hand_over
from portal.text.pinyin import sort_key


@pytest.fixture
def family(ada: Person) -> Customer:
    """Ada's customer, with everything that is private."""
    return Customer.add(
        by=ada, name="李明朗", phone="13812345678", email="li@example.com", address="翠湖路 8 号", code="C-1"
    )


def verbs(record: Customer | Interaction) -> list[str]:
    return [event.verb for event in Event.about(record)]


def test_a_customer_belongs_to_whoever_adds_it_and_is_sorted_by_pinyin(family: Customer, ada: Person) -> None:
    assert family.fresh().owner == ada
    assert family.fresh().sort_name == "li ming lang"
    assert verbs(family) == ["added"]
    assert SearchOutbox.select().where(SearchOutbox.kind == "customer").count() == 1


def test_a_person_is_sorted_by_how_their_family_name_is_read(ada: Person) -> None:
    person = Customer.add(by=ada, name="曾云", form="person")
    place = Customer.add(by=ada, name="曾经小馆", form="organisation")
    assert (person.fresh().sort_name, place.fresh().sort_name) == ("zeng yun", "ceng jing xiao guan")
    assert Customer.of_name(" 曾云 ") == person
    person.edit(by=ada, name="曾雨")
    assert person.fresh().sort_name == "zeng yu"
    place.edit(by=ada, form="person")
    assert place.fresh().sort_name == "zeng jing xiao guan"
    Customer.update(sort_name="ceng yu").where(Customer.id == person.id).execute()
    import_module("portal.migrations.0092_family_names").up(None, db.obj)
    assert person.fresh().sort_name == "zeng yu", "until 0092 a person was read as a place is"


def test_a_new_name_is_sorted_anew(family: Customer, ada: Person) -> None:
    family.edit(by=ada, name="安然")
    assert family.fresh().sort_name == sort_key("安然") == "an ran"
    assert Event.about(family).get().changes == {"name": ["李明朗", "安然"]}


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "  "), ("website", "javascript:alert(1)"), ("email", "nobody"), ("code", "C-1")],
)
def test_bad_facts_are_refused_beside_their_field(
    family: Customer, ada: Person, field: str, value: str
) -> None:
    facts: dict[str, Any] = {"name": "Someone", field: value}
    with pytest.raises(Invalid) as refused:
        Customer.add(by=ada, **facts)
    assert set(refused.value.errors) == {field}


def test_a_customer_cannot_belong_to_itself_or_to_its_own_branch(family: Customer, ada: Person) -> None:
    branch = Customer.add(by=ada, name="Branch", parent=family)
    for parent in (family, branch):
        with pytest.raises(Invalid):
            family.edit(by=ada, parent=parent)


def test_an_old_version_does_not_undo_a_newer_one(family: Customer, ada: Person) -> None:
    mine = family.fresh()
    family.edit(by=ada, version=1, city="北京")
    with pytest.raises(Stale):
        mine.edit(by=ada, version=1, city="上海")
    assert family.fresh().city == "北京"


def test_who_sends_the_same_again_is_no_stranger_to_it(family: Customer, ada: Person) -> None:
    family.edit(by=ada, version=1, city="北京")
    assert family.fresh().edit(by=ada, version=1, city="北京") == {}
    assert Event.about(family).where(Event.verb == "edited").count() == 1


def test_archiving_and_bringing_back_bear_repetition(family: Customer, ada: Person) -> None:
    family.archive(by=ada)
    family.archive(by=ada)
    assert family.fresh().is_archived
    family.restore(by=ada)
    family.restore(by=ada)
    assert not family.fresh().is_archived
    assert verbs(family) == ["restored", "archived", "added"]


def test_handing_over_tells_the_new_owner_and_takes_open_deals_along(
    family: Customer, ada: Person, ben: Person, mona: Person
) -> None:
    still_open = Deal.open(by=ada, title="Flat", customer=family)
    lost = Deal.open(by=ada, title="Garage", customer=family)
    closings.lose(lost, by=ada, reason="price", on=clock.today())
    hand_over(family, ben, by=mona, with_deals=True)
    hand_over(family, ben, by=mona, with_deals=True)
    assert family.fresh().owner == ben
    assert (still_open.fresh().owner, lost.fresh().owner) == (ben, ada)
    assert Notice.select().where(Notice.person == ben).count() == 2
    assert verbs(family)[0] == "handed over"


def test_nobody_who_left_becomes_an_owner(family: Customer, ben: Person, mona: Person) -> None:
    ben.deactivate(by=mona)
    with pytest.raises(Invalid):
        family.hand_over(ben, by=mona)


def test_who_may_change_a_customer(
    family: Customer, ada: Person, ben: Person, mona: Person, adam: Person, audrey: Person
) -> None:
    assert [family.editable_by(p) for p in (ada, mona, ben, adam, audrey)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    nobodys = Customer.add(by=None, name="Nobody's")
    assert [nobodys.editable_by(p) for p in (ada, mona)] == [False, True]
    assert not Customer.addable_by(audrey)


# RULES 4.10: L3 is the owner's; a manager sees it masked and may ask; others see it masked.


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13812345678", "138****5678"),
        ("138 1234 5678", "138****5678"),
        ("+86 138-1234-5678", "+86138****5678"),
        ("010-65001234", "010****1234"),
        ("650012", "****12"),
        ("110", "***"),
        ("call after 8", "***"),
        ("", ""),
    ],
)
def test_phone_mask(number: str, masked: str) -> None:
    assert mask_phone(number) == masked


@pytest.mark.parametrize("star", ["*", "＊", "∗", "⁎", "﹡", "✱", "•", "●", "* "])
def test_what_looks_like_a_mask_is_none_of_its_values(star: str, ada: Person) -> None:
    """As a chat, a font or a spreadsheet writes it: it is no number either (RULES 4.10)."""
    with pytest.raises(Invalid) as caught:
        Customer.add(by=ada, name="遮住的", phone=f"138{star * 4}5678")
    assert set(caught.value.errors) == {"phone"}
    assert Customer.add(by=ada, name="地址", address="3 * 4 号院 • 2 单元").id


def test_email_mask() -> None:
    assert mask_email("li@example.com") == "l***@example.com"
    assert (mask_email("not an address"), mask_email("")) == ("***", "")


def test_private_facts_are_the_owners(family: Customer, ada: Person, ben: Person, mona: Person) -> None:
    assert [shown(family, field, to=ada) for field in ("phone", "email", "address")] == [
        "13812345678",
        "li@example.com",
        "翠湖路 8 号",
    ]
    for other in (ben, mona):
        assert shown(family, "phone", to=other) == "138****5678"
        assert shown(family, "address", to=other) == "***"
    assert (family.revealable_to(mona), family.revealable_to(ben)) == (True, False)
    assert shown(family, "city", to=ben) == ""


def test_asking_for_private_facts_is_logged_but_not_for_the_owner(
    family: Customer, ada: Person, mona: Person
) -> None:
    family.reveal(by=ada)
    assert verbs(family) == ["added"]
    family.reveal(by=mona)
    event = Event.about(family).get()
    assert (event.verb, event.actor, event.changes) == ("revealed", mona.id, {"why": [None, "asked"]})


def test_history_keeps_no_private_fact_in_clear(family: Customer, ada: Person) -> None:
    family.edit(by=ada, phone="13999998888", address="新路 1 号")
    assert Event.about(family).get().changes == {
        "phone": ["138****5678", "139****8888"],
        "address": ["***", "***"],
    }


def test_contacts_are_as_private_as_their_customer(family: Customer, ada: Person, ben: Person) -> None:
    wife = Contact.add(family, by=ada, name="王芳", phone="13700001111", decides=True)
    assert shown(wife, "phone", to=ada) == "13700001111"
    assert shown(wife, "phone", to=ben) == "137****1111"
    wife.archive(by=ada)
    wife.archive(by=ada)
    assert list(Contact.of(family)) == []
    wife.restore(by=ada)
    assert list(Contact.of(family)) == [wife]


def test_a_contact_reports_to_someone_else_at_the_same_customer(family: Customer, ada: Person) -> None:
    other = Customer.add(by=ada, name="Other")
    stranger = Contact.add(other, by=ada, name="Stranger")
    clerk = Contact.add(family, by=ada, name="Clerk")
    chief = Contact.add(family, by=ada, name="Chief", reports_to=clerk)
    for wrong in (stranger, clerk, chief):
        with pytest.raises(Invalid):
            clerk.edit(by=ada, reports_to=wrong)


def test_a_contact_is_written_down_once_however_often_its_form_is_sent(family: Customer, ada: Person) -> None:
    first = Interaction.log(family, by=ada, kind_of="call", text="Called back", key="one form")
    again = Interaction.log(family, by=ada, kind_of="call", text="Called back", key="one form")
    assert first == again
    assert Interaction.select().count() == 1
    assert Event.select().where(Event.verb == "logged").count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"text": "  "}, "text"),
        ({"kind_of": "fax"}, "kind_of"),
        ({"at": datetime(2100, 1, 1, tzinfo=UTC)}, "at"),
    ],
)
def test_a_contact_needs_words_a_kind_and_a_past(
    family: Customer, ada: Person, given: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        Interaction.log(family, **{"by": ada, "kind_of": "call", "text": "Hello", **given})  # type: ignore[arg-type]
    assert set(refused.value.errors) == {field}


def test_a_promise_needs_its_person_when_due_and_is_kept_by_the_next_contact(
    family: Customer, ada: Person, ben: Person
) -> None:
    monday = datetime(2026, 5, 11, 2, tzinfo=UTC)
    with clock.moved(monday):
        Interaction.log(family, by=ada, kind_of="call", text="Send the plan", follow_up_on=date(2026, 5, 13))
        assert needs(ada) == []
    with clock.moved(monday + timedelta(days=2)):
        (need,) = [need for need in needs(ada) if need.kind == "follow-up"]
        assert need.text == "Follow up with 李明朗: Send the plan"
        assert need.due_at == datetime(2026, 5, 13, 16, tzinfo=UTC)  # midnight in Shanghai
        assert [n for n in needs(ben) if n.kind == "follow-up"] == []
        Interaction.log(family, by=ada, kind_of="message", text="Sent")
        assert len([n for n in needs(ada) if n.kind == "follow-up"]) == 1, "another note says nothing of it"
        (promise,) = Interaction.promised(family)
        promise.follow_up(by=ada, kept=False)
        assert [n for n in needs(ada) if n.kind == "follow-up"] == []
        assert list(Interaction.promised(family)) == []
        assert promise.fresh().kept is False
        assert verbs(promise) == ["let down", "logged"]


def test_its_writer_says_it_better_and_what_it_said_before_stays(family: Customer, ada: Person) -> None:
    said = Interaction.log(family, by=ada, kind_of="call", text="Wants two rooms", follow_up_on=clock.today())
    said.correct(by=ada, text="Wants three rooms", kind_of="visit", follow_up_on=clock.today())
    assert (said.fresh().text, said.fresh().kind_of, said.fresh().at) == (
        "Wants three rooms",
        "visit",
        said.at,
    )
    assert [text for _, text in said.earlier()] == ["Wants two rooms"]
    (need,) = [need for need in needs(ada) if need.kind == "follow-up"]
    assert need.text == "Follow up with 李明朗: Wants three rooms"
    with pytest.raises(Invalid):
        said.correct(by=ada, text=" ")
    stale = said.fresh()
    said.correct(by=ada, text="Wants four rooms")
    with pytest.raises(Stale):
        stale.correct(by=ada, version=stale.version, text="Wants five rooms")


def test_another_day_moves_it_and_its_own_day_keeps_its_time(family: Customer, ada: Person) -> None:
    yesterday = clock.now() - timedelta(days=1)
    said = Interaction.log(family, by=ada, kind_of="call", text="Rang", at=yesterday)
    said.correct(by=ada, text="Rang twice")
    said.correct(by=ada, text="Rang twice", at=clock.start_of(clock.local(yesterday).date()))
    assert said.fresh().at == said.at == yesterday
    said.correct(by=ada, text="Rang twice", at=None)
    assert clock.local(said.fresh().at).date() == clock.today()


def test_what_became_of_a_promise_is_not_written_over(family: Customer, ada: Person) -> None:
    promise = Interaction.log(family, by=ada, kind_of="call", text="Later", follow_up_on=clock.today())
    promise.follow_up(by=ada)
    promise = promise.fresh()
    promise.correct(by=ada, text="Called back", follow_up_on=clock.today() + timedelta(days=3))
    assert (promise.fresh().follow_up_on, promise.fresh().kept) == (clock.today(), True)
    assert [n for n in needs(ada) if n.kind == "follow-up"] == []


def test_taken_back_it_asks_nobody_and_comes_back_with_its_promise(
    family: Customer, ada: Person, ben: Person, mona: Person
) -> None:
    said = Interaction.log(family, by=ada, kind_of="call", text="Later", follow_up_on=clock.today())
    assert [said.editable_by(each) for each in (ada, ben, mona)] == [True, False, False]
    said.archive(by=ada)
    assert [n for n in needs(ada) if n.kind == "follow-up"] == []
    assert list(Interaction.promised(family)) == []
    said.follow_up(by=ada)
    assert said.fresh().kept is None
    said.restore(by=ada)
    assert len([n for n in needs(ada) if n.kind == "follow-up"]) == 1
    assert verbs(said) == ["restored", "archived", "logged"]


def test_keeping_a_promise_twice_is_keeping_it_once(family: Customer, ada: Person) -> None:
    promise = Interaction.log(family, by=ada, kind_of="call", text="Later", follow_up_on=clock.today())
    promise.follow_up(by=ada)
    kept = promise.fresh().followed_up_at
    promise.follow_up(by=ada)
    assert promise.fresh().followed_up_at == kept is not None
    assert verbs(promise) == ["followed up", "logged"]


def test_whose_it_was_hears_that_it_was_taken_even_for_a_moment(ada: Person, mona: Person) -> None:
    """A manager takes a customer, reads what is masked, and has it as it was: its owner knows."""
    family = Customer.add(by=ada, name="Liu")
    family.hand_over(mona, by=mona)
    undo(Event.about(family).first(), by=mona)
    assert family.fresh().owner_id == ada.id
    (told,) = Notice.of(ada)
    with i18n.speaking("en"):
        assert i18n.gettext(told.phrase) == "Mona handed Liu, which was yours, over to Mona."
    family.fresh().hand_over(mona, by=ada)  # what one gives away oneself one knows
    assert Notice.of(ada).count() == 1
