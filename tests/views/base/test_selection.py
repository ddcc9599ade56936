"""What is chosen in a list: each row by its own right, with its own event; the answer says what was not done."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playhouse.test_utils import count_queries

from portal.models.base.record import Event
from portal.models.base.selection import MOST
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.rights import choose
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.sales.deals import Deal
from tests.client import Client
from tests.conftest import SignIn

NOTHING: dict[str, list[str]] = {"customer": [], "deal": []}


def chosen(records: list[Any], **more: str) -> dict[str, Any]:
    return {"id": [str(record.id) for record in records], **more}


def said(browser: Client, path: str, data: dict[str, Any]) -> str:
    answer = browser.post(path, data=data)
    assert answer.status_code == 303, answer.text
    return browser.get(answer.headers["location"]).text


@pytest.fixture
def three(ada: Person, ben: Person, stan: Person) -> list[Customer]:
    """Ada's, Ben's, and Stan's, who is in no team of Mona's."""
    return [Customer.add(by=person, name=f"Of {person.name}") for person in (ada, ben, stan)]


def verbs(record: Any) -> list[str]:
    return [event.verb for event in Event.about(record)]


def test_rows_can_be_chosen_and_what_can_be_done_stands_below(
    sign_in: SignIn, ada: Person, three: list[Customer]
) -> None:
    page = sign_in(ada).get("/customers").text
    for record in three:
        assert f'name="id" value="{record.id}" form="selection"' in page
    assert 'action="/customers/selection"' in page


def test_a_manager_hands_over_what_is_her_team_s_and_is_told_what_is_not(
    sign_in: SignIn, mona: Person, ada: Person, ben: Person, stan: Person, three: list[Customer]
) -> None:
    browser, open_deal = sign_in(mona), Deal.open(by=ada, title="A flat", customer=three[0])
    form = browser.post("/customers/selection", data=chosen(three, act="owner"))
    assert form.status_code == 200
    assert [three_.fresh().owner_id for three_ in three] == [ada.id, ben.id, stan.id], "nothing yet"
    data = chosen(three, to=f"Ben #{ben.id}", with_deals="y")
    page = said(browser, "/customers/selection/owner", data)
    assert [each.fresh().owner_id for each in three] == [ben.id, ben.id, stan.id]
    assert "Handed over to Ben: 1." in page
    assert "Not done for 1, because it is so already: Of Ben" in page
    assert "Not done for 1, because it is not yours to change: Of Stan" in page
    assert open_deal.fresh().owner_id == ben.id
    assert verbs(three[0]).count("handed over") == 1
    assert "handed over" not in verbs(three[2])
    assert [str(one.text) for one in Notice.unread_by(ben)] == [
        "%(who)s handed customers over to you: %(count)s."
    ]


def test_a_new_owner_must_be_named_and_the_choice_is_kept(
    sign_in: SignIn, ada: Person, three: list[Customer]
) -> None:
    for who in ("", "Nobody of this name"):
        answer = sign_in(ada).post("/customers/selection/owner", data=chosen(three, to=who))
        assert answer.status_code == 422
        assert answer.text.count('name="id"') == 3
    assert three[0].fresh().owner_id == ada.id


def test_nobody_hands_over_to_who_has_left(
    sign_in: SignIn, ada: Person, ben: Person, adam: Person, three: list[Customer]
) -> None:
    ben.deactivate(by=adam)
    answer = sign_in(ada).post("/customers/selection/owner", data=chosen(three[:1], to=f"Ben #{ben.id}"))
    assert answer.status_code == 422
    assert three[0].fresh().owner_id == ada.id


@pytest.mark.parametrize("who", ["ben", "audrey", "fin"])
def test_what_is_not_theirs_stays(
    request: pytest.FixtureRequest, sign_in: SignIn, ada: Person, three: list[Customer], who: str
) -> None:
    person: Person = request.getfixturevalue(who)
    said(sign_in(person), "/customers/selection", chosen(three[:1], act="archive"))
    if who != "audrey":
        said(
            sign_in(person), "/customers/selection/owner", chosen(three[:1], to=f"{person.name} #{person.id}")
        )
    assert (three[0].fresh().owner_id, three[0].fresh().archived_at) == (ada.id, None)


def test_what_is_not_open_to_them_is_not_even_named(
    sign_in: SignIn, ada: Person, adam: Person, three: list[Customer]
) -> None:
    choose(by=adam, need=True, full=NOTHING)
    page = said(sign_in(ada), "/customers/selection", chosen([three[0], three[2]], act="archive"))
    assert "Archived: 1." in page
    assert "Not done, because they are not open to you: 1." in page
    assert "Of Stan" not in page
    answer = sign_in(ada).post("/customers/export", data=chosen([three[0], three[2]]))
    assert "Of Ada" in answer.text
    assert "Of Stan" not in answer.text


def test_deals_are_handed_over_together_and_an_empty_name_is_asked_for(
    sign_in: SignIn, ada: Person, ben: Person
) -> None:
    deals = [Deal.open(by=ada, title=title) for title in ("One", "Two")]
    browser = sign_in(ada)
    form = browser.post("/deals/selection", data=chosen(deals, act="owner"))
    assert form.status_code == 200
    assert 'name="with_deals"' not in form.text, "deals have no deals"
    assert browser.post("/deals/selection/owner", data=chosen(deals, to="")).status_code == 422
    page = said(browser, "/deals/selection/owner", chosen(deals, to=f"Ben #{ben.id}"))
    assert [deal.fresh().owner_id for deal in deals] == [ben.id, ben.id]
    assert "Handed over to Ben: 2." in page


def test_archived_together_and_brought_back_with_one_event_each(
    sign_in: SignIn, ada: Person, three: list[Customer]
) -> None:
    deals = [Deal.open(by=ada, title=title) for title in ("One", "Two")]
    browser = sign_in(ada)
    for _ in range(2):
        assert "Archived: 2." in said(browser, "/deals/selection", chosen(deals, act="archive"))
    assert all(deal.fresh().is_archived for deal in deals)
    assert [verbs(deal).count("archived") for deal in deals] == [1, 1]
    assert "Brought back: 2." in said(browser, "/deals/selection", chosen(deals, act="restore"))
    assert not any(deal.fresh().is_archived for deal in deals)


def test_the_selection_alone_leaves_as_a_file(sign_in: SignIn, ada: Person, three: list[Customer]) -> None:
    text = sign_in(ada).post("/customers/export?show=mine", data=chosen(three[1:])).text
    assert [name for name in ("Of Ada", "Of Ben", "Of Stan") if name in text] == ["Of Ben", "Of Stan"]


def test_nothing_chosen_is_said_and_an_unknown_act_is_refused(sign_in: SignIn, ada: Person) -> None:
    assert "Choose at least one row first." in said(sign_in(ada), "/customers/selection", {"act": "archive"})
    assert sign_in(ada).post("/customers/selection", data={"act": "erase"}).status_code == 422


def test_it_goes_back_to_the_list_as_it_was_but_nowhere_else(
    sign_in: SignIn, ada: Person, three: list[Customer]
) -> None:
    for given, expected in (
        ("/customers?show=mine&sort=-updated", "/customers?show=mine&sort=-updated"),
        ("https://elsewhere.example/", "/customers"),
        ("//elsewhere.example/", "/customers"),
    ):
        data = chosen(three[:1], act="archive", next=given)
        assert sign_in(ada).post("/customers/selection", data=data).headers["location"] == expected


def test_no_more_than_fit_in_one_act(sign_in: SignIn, ada: Person) -> None:
    made = [Customer(name=f"No {n}", owner=ada) for n in range(MOST + 1)]
    Customer.bulk_create(made)
    ids = [str(customer.id) for customer in Customer.select().order_by(Customer.id)]
    with count_queries() as counted:
        said(sign_in(ada), "/customers/selection", {"id": ids, "act": "archive"})
    assert Customer.select().where(Customer.archived_at.is_null()).count() == 1
    assert counted.count < 12 * MOST


def undo(browser: Client, page: str) -> str:
    """Press the Undo that stands beside the message."""
    message = page.partition('id="messages"')[2].partition("</form>")[0]
    address = re.search(r'action="(/events/\d+/undoing)"', message)
    assert address, message
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', message))
    return said(browser, address[1], fields)


def test_undo_beside_the_message_takes_all_of_it_back(sign_in: SignIn, ada: Person, ben: Person) -> None:
    """And not the first of them alone; whoever was told of all of them in one word is told no more."""
    three = [Customer.add(by=ada, name=f"Customer {number}") for number in range(3)]
    deal, browser = Deal.open(by=ada, title="A flat", customer=three[1]), sign_in(ada)
    page = said(browser, "/customers/selection", chosen(three, act="archive"))
    assert all(each.fresh().is_archived for each in three)
    assert "Undone: 3." in undo(browser, page)
    assert not any(each.fresh().is_archived for each in three)

    data = chosen(three, to=f"Ben #{ben.id}", with_deals="y")
    page = said(browser, "/customers/selection/owner", data)
    assert {each.fresh().owner_id for each in (*three, deal)} == {ben.id}
    assert Notice.unread_by(ben).count() == 1
    assert "Undone: 3." in undo(browser, page)
    assert {each.fresh().owner_id for each in (*three, deal)} == {ada.id}
    assert Notice.unread_by(ben).count() == 0


def test_undo_of_many_leaves_what_somebody_works_on_and_says_so(
    sign_in: SignIn, ada: Person, ben: Person
) -> None:
    three, browser = [Customer.add(by=ada, name=f"Customer {number}") for number in range(3)], sign_in(ada)
    page = said(browser, "/customers/selection/owner", chosen(three, to=f"Ben #{ben.id}"))
    Interaction.log(three[0].fresh(), by=ben, kind_of="call", text="I am Ben")
    assert "Undone: 2." in (answer := undo(browser, page))
    assert "Ben has worked on it since." in answer
    assert [each.fresh().owner_id for each in three] == [ben.id, ada.id, ada.id]
    assert Notice.unread_by(ben).count() == 1, "one of them is still Ben's"


def test_undo_on_a_record_is_of_that_record_alone(sign_in: SignIn, ada: Person) -> None:
    three, browser = [Customer.add(by=ada, name=f"Customer {number}") for number in range(3)], sign_in(ada)
    said(browser, "/customers/selection", chosen(three, act="archive"))
    page = browser.get(f"{three[1].url}").text
    address = re.search(r'action="(/events/\d+/undoing)"', page)
    assert address
    browser.post(address[1])
    assert [each.fresh().is_archived for each in three] == [True, False, True]


def test_the_log_names_the_rows_that_were_taken(sign_in: SignIn, mona: Person, three: list[Customer]) -> None:
    browser = sign_in(mona)
    answer = browser.post("/customers/export", data=chosen(three[:2]))
    assert "Of Ada" in answer.text
    changes = Event.select().where(Event.verb == "exported").get().changes
    assert (changes["rows"], changes["chosen"]) == ([None, 2], [None, "Of Ada, Of Ben"])
    browser.post("/customers/export", data={})
    assert (
        "chosen" not in Event.select().where(Event.verb == "exported").order_by(Event.id.desc()).get().changes
    )


def test_nobody_is_told_of_a_hand_over_that_did_not_happen(
    sign_in: SignIn, mona: Person, ada: Person, ben: Person, three: list[Customer]
) -> None:
    """What is Ben's already stays as it is: no event, no word to Ben, and it counts as nothing done."""
    browser, deals = sign_in(mona), [Deal.open(by=person, title=f"Of {person.name}") for person in (ada, ben)]
    page = said(
        browser, "/customers/selection/owner", chosen(three[1:2], to=f"Ben #{ben.id}", with_deals="y")
    )
    assert "Handed over" not in page
    assert "Not done for 1, because it is so already: Of Ben" in page
    assert "not open to you" not in page
    assert "handed over" not in verbs(three[1])
    assert list(Notice.unread_by(ben)) == []

    page = said(browser, "/customers/selection/owner", chosen(three[:2], to=f"Ben #{ben.id}", with_deals="y"))
    assert "Handed over to Ben: 1." in page
    assert "Not done for 1, because it is so already: Of Ben" in page
    page = said(browser, "/deals/selection/owner", chosen(deals, to=f"Ben #{ben.id}"))
    assert "Handed over to Ben: 1." in page
    assert [each.values["count"] for each in Notice.unread_by(ben)] == [1, 1]
