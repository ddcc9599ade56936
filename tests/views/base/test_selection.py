"""What is chosen in a list: each row by its own right, with its own event; the answer says what was not done."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playhouse.test_utils import count_queries

from portal.clock import now
from portal.models.base.record import Event
from portal.models.base.selection import MOST
from portal.models.company.topics import Topic
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.requests import CustomerRequest
from portal.models.customers.rights import choose
from portal.models.experiences.experiences import Experience
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.learning.courses import Course
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from portal.models.work.clocks import Clock
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
    assert "Not done for 1 (Of Ben): It is so already." in page
    assert "Not done for 1 (Of Stan): It is not yours to change." in page
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
    assert "Archived: 2." in said(browser, "/deals/selection", chosen(deals, act="archive"))
    again = said(browser, "/deals/selection", chosen(deals, act="archive"))
    assert "Not done for 2 (One, Two): It is so already." in again
    assert "Archived:" not in again, "nothing was done, so there is nothing to undo"
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
    assert "Not done for 1 (Of Ben): It is so already." in page
    assert "not open to you" not in page
    assert "handed over" not in verbs(three[1])
    assert list(Notice.unread_by(ben)) == []

    page = said(browser, "/customers/selection/owner", chosen(three[:2], to=f"Ben #{ben.id}", with_deals="y"))
    assert "Handed over to Ben: 1." in page
    assert "Not done for 1 (Of Ben): It is so already." in page
    page = said(browser, "/deals/selection/owner", chosen(deals, to=f"Ben #{ben.id}"))
    assert "Handed over to Ben: 1." in page
    assert [each.values["count"] for each in Notice.unread_by(ben)] == [1, 1]


def test_products_are_put_away_together_by_who_keeps_them(
    sign_in: SignIn, mona: Person, ada: Person, lakeside: Product
) -> None:
    """Undo takes all of it back; to whom it is not given, no row is offered, and an act that is sent does nothing."""
    two = [lakeside, Product.add(by=mona, code="F-1", name="A flat")]
    seller = sign_in(ada)
    assert 'form="selection"' not in seller.get("/products").text
    page = said(seller, "/products/selection", chosen(two, act="archive"))
    assert re.search(r"Not done for 2 \(.*A flat.*\): It is not yours to change", page)
    assert not any(each.fresh().is_archived for each in two)
    browser = sign_in(mona)
    page = browser.get("/products").text
    assert page.count('name="id"') == 2
    assert "/products/export" not in page, "there is no file of them"
    page = said(browser, "/products/selection", chosen(two, act="archive"))
    assert "Archived: 2." in page
    assert all(each.fresh().is_archived for each in two)
    assert "Undone: 2." in undo(browser, page)
    assert not any(each.fresh().is_archived for each in two)
    assert browser.post("/products/selection", data=chosen(two, act="owner")).status_code == 422


@pytest.fixture
def money(app: Any) -> Topic:
    return Topic.create(name="贷款", name_en="Loans")


def article(author: Person, title: str, topic: Topic) -> Article:
    return Article.add(by=author, title=title, body="Ask the owner first. " * 5, topics=[topic])


def test_articles_are_filed_under_one_topic_more(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic, money: Topic
) -> None:
    """Beside those that each has; those of others stay, and are named; Undo takes it back, of what it was done to."""
    mine = [article(ada, title, schools) for title in ("First", "Second")]
    there, his = article(ada, "There already", money), article(ben, "Of Ben", schools)
    browser = sign_in(ada)
    page = browser.get("/articles").text
    assert page.count('form="selection"') == 4
    form = browser.post("/articles/selection", data=chosen([*mine, there, his], act="topic"))
    assert form.status_code == 200
    assert form.text.count('name="id"') == 4
    assert browser.post("/articles/selection/topic", data=chosen(mine, topic="")).status_code == 422
    data = chosen([*mine, there, his], topic=str(money.id))
    page = said(browser, "/articles/selection/topic", data)
    assert "Under Loans now: 2." in page
    assert "Not done for 1 (There already): It is so already." in page
    assert "Not done for 1 (Of Ben): It is not yours to change." in page
    assert [sorted(each.topic_ids) for each in (*mine, there, his)] == [
        [schools.id, money.id],
        [schools.id, money.id],
        [money.id],
        [schools.id],
    ]
    assert [verbs(each).count("topic added") for each in (*mine, there, his)] == [1, 1, 0, 0]
    assert "Undone: 2." in undo(browser, page)
    assert [each.topic_ids for each in mine] == [[schools.id], [schools.id]]


def test_an_article_is_not_left_without_a_topic_by_undo(
    sign_in: SignIn, ada: Person, schools: Topic, money: Topic
) -> None:
    one, browser = article(ada, "First", schools), sign_in(ada)
    page = said(browser, "/articles/selection/topic", chosen([one], topic=str(money.id)))
    one.fresh().edit(by=ada, topics=[money])
    assert "It belongs to no other topic" in undo(browser, page)
    assert one.topic_ids == [money.id]


def test_questions_are_filed_under_another_topic_and_its_reviewers_are_asked(
    sign_in: SignIn, ada: Person, ben: Person, rita: Person, schools: Topic, money: Topic
) -> None:
    mine, his = Question.ask(by=ada, text="Mine?", topic=schools), Question.ask(by=ben, text="His?")
    page = said(sign_in(ada), "/questions/selection/topic", chosen([mine, his], topic=str(money.id)))
    assert "Under Loans now: 1." in page
    assert "Not done for 1 (His?): It is not yours to change." in page
    assert (mine.fresh().topic_id, his.fresh().topic_id) == (money.id, None)
    waits = Clock.select().where(Clock.stopped_at.is_null() & (Clock.about == mine.id))
    assert [each.who for each in waits] == [f"topic-{money.id}"]
    assert "Undone. It is as it was." in undo(sign_in(ada), page)
    assert mine.fresh().topic_id == schools.id


def test_who_gave_a_question_to_other_reviewers_takes_it_back_too(
    sign_in: SignIn, ada: Person, rita: Person, schools: Topic, money: Topic
) -> None:
    asked, browser = Question.ask(by=ada, text="Whose?", topic=schools), sign_in(rita)
    page = said(browser, "/questions/selection/topic", chosen([asked], topic=str(money.id)))
    assert not asked.fresh().editable_by(rita)
    undo(browser, page)
    assert asked.fresh().topic_id == schools.id


def test_knowledge_is_archived_and_taken_out_together(
    sign_in: SignIn, ada: Person, rita: Person, schools: Topic
) -> None:
    pieces = [article(ada, title, schools) for title in ("First", "Second", "Third")]
    asked = [Question.ask(by=ada, text=text, topic=schools) for text in ("One?", "Two?")]
    browser = sign_in(rita)
    text = browser.post("/articles/export", data=chosen(pieces[:2])).text
    assert [title for title in ("First", "Second", "Third") if title in text] == ["First", "Second"]
    text = browser.post("/questions/export", data=chosen(asked[:1])).text
    assert [title for title in ("One?", "Two?") if title in text] == ["One?"]
    for path, records in (("/articles", pieces[:2]), ("/questions", asked)):
        page = said(browser, f"{path}/selection", chosen(records, act="archive"))
        assert "Archived: 2." in page
        assert all(record.fresh().is_archived for record in records)
        assert "Undone: 2." in undo(browser, page)
        assert not any(record.fresh().is_archived for record in records)
    assert sign_in(ada).post("/articles/export", data=chosen(pieces)).status_code == 403
    page = sign_in(ada).get("/articles").text
    assert 'formaction="/articles/export"' not in page, "what is refused is not offered"


def test_contacts_are_archived_and_taken_out_together(
    sign_in: SignIn, ada: Person, ben: Person, audrey: Person
) -> None:
    mine, his = Customer.add(by=ada, name="Mine"), Customer.add(by=ben, name="His")
    people = [Contact.add(mine, by=ada, name=name, phone="13812345678") for name in ("Lin", "Wu")]
    other = Contact.add(his, by=ben, name="Zhao", phone="13987654321")
    browser = sign_in(ada)
    page = browser.get(f"{mine.url}?tab=contacts").text
    assert page.count('form="selection"') == 2
    assert f'name="next" value="{mine.url}?tab=contacts"' in page
    text = browser.post("/contacts/export", data=chosen([people[0], other])).text
    assert "Lin,,Mine,13812345678" in text
    assert "Zhao,,His,139****4321" in text
    assert "Wu" not in text
    none = browser.post("/contacts/export", data={"next": f"{mine.url}?tab=contacts"})
    assert none.headers["location"] == f"{mine.url}?tab=contacts", "there is no file of everyone's people"
    back = f"{mine.url}?tab=contacts"
    page = said(browser, "/contacts/selection", chosen([*people, other], act="archive", next=back))
    assert "Archived: 2." in page
    assert "Not done for 1 (Zhao): It is not yours to change." in page
    assert [each.fresh().is_archived for each in (*people, other)] == [True, True, False]
    assert "Undone: 2." in undo(browser, page)
    assert not any(each.fresh().is_archived for each in people)
    assert sign_in(audrey).post("/contacts/export", data=chosen(people)).status_code == 403
    assert 'form="selection"' not in sign_in(audrey).get(back).text
    assert sign_in(ada).post("/contacts/selection", data={"act": "owner"}).status_code == 422


def test_requests_are_taken_and_put_aside_together(
    sign_in: SignIn, ada: Person, ben: Person, audrey: Person
) -> None:
    customer = Customer.add(by=ada, name="Isdom")
    free = [CustomerRequest.add(customer, by=ada, text=text) for text in ("A taxi", "A key")]
    taken = CustomerRequest.add(customer, by=ada, text="A plan")
    taken.take(by=ada)
    browser = sign_in(ben)
    page = browser.get("/requests").text
    assert page.count('form="selection"') == 2
    assert [act in page for act in ('value="take"', 'value="withdraw"', 'value="archive"')] == [
        True,
        True,
        False,
    ]
    page = said(browser, "/requests/selection", chosen([*free, taken], act="take"))
    assert "Yours now: 2." in page
    assert "Not done for 1 (A plan): Ada has taken it." in page
    assert [one.fresh().taken_by_id for one in free] == [ben.id] * 2
    assert "Undone: 2." in undo(browser, page)
    assert [one.fresh().state for one in free] == ["open"] * 2
    page = said(browser, "/requests/selection", chosen(free, act="withdraw"))
    assert "Not done for 2 (A taxi, A key): It is not yours to change." in page
    text = browser.post("/requests/export", data=chosen([taken])).text
    assert "A plan,Isdom,Taken,Ada" in text
    assert "A taxi" not in text
    assert "No longer wanted: 2." in said(sign_in(ada), "/requests/selection", chosen(free, act="withdraw"))
    assert "(A taxi): It is so already." in said(
        sign_in(ada), "/requests/selection", chosen(free[:1], act="withdraw")
    )
    closed = sign_in(ada).get("/requests?show=closed").text
    assert closed.count('form="selection"') == 2
    assert 'name="act"' not in closed, "what is over is only taken out"
    assert 'form="selection"' not in sign_in(audrey).get("/requests?show=closed").text
    assert sign_in(audrey).post("/requests/export").status_code == 403
    assert browser.post("/requests/selection", data=chosen(free, act="archive")).status_code == 422


def test_courses_are_handed_over_filed_and_put_away_together(
    sign_in: SignIn, ada: Person, ben: Person, mona: Person, schools: Topic, money: Topic
) -> None:
    mine = [Course.add(by=ada, title=title, topic=schools) for title in ("First", "Second")]
    his = Course.add(by=ben, title="Of Ben")
    browser = sign_in(ada)
    cara = sign_in(Person.create(email="cara@example.com", name="Cara", password_hash="-"))
    his.write(state="published", published_at=now())
    assert 'form="selection"' not in cara.get("/courses").text, "she has none to change"
    his.write(state="draft", published_at=None)
    page = browser.get("/courses?show=mine").text
    assert page.count('form="selection"') == 2
    assert "/courses/export" not in page, "a seller takes no knowledge away"
    assert browser.post("/courses/export").status_code == 403
    form = browser.post("/courses/selection", data=chosen(mine, act="topic")).text
    assert "takes the place of the topic that each has" in form
    page = said(browser, "/courses/selection/topic", chosen([*mine, his], topic=str(money.id)))
    assert "Under Loans now: 2." in page
    assert "not open to you: 1" in page, "a draft of somebody else is not even named"
    assert [one.fresh().topic_id for one in mine] == [money.id] * 2
    assert "Undone: 2." in undo(browser, page)
    assert [one.fresh().topic_id for one in mine] == [schools.id] * 2
    page = said(browser, "/courses/selection", chosen(mine, act="archive"))
    assert "Archived: 2." in page
    assert "Undone: 2." in undo(browser, page)
    page = said(browser, "/courses/selection/owner", chosen(mine, to=f"Ben #{ben.id}"))
    assert "Handed over to Ben: 2." in page
    assert Notice.unread_by(ben).count() == 1
    text = sign_in(mona).post("/courses/export", data=chosen([his, mine[0]])).text
    assert "First,,Schools,Ben,Draft" in text
    assert 'name="act"' in sign_in(ben).get("/courses?show=mine").text
    facts = {"owner": Person.get(Person.name == "Cara"), "state": "published", "published_at": now()}
    Course.update(facts).execute()
    page = sign_in(mona).get("/courses?show=").text
    assert ("/courses/export" in page, 'name="act"' in page) == (True, False), "none is hers to change"


def test_own_experiences_are_filed_while_they_are_written_and_taken_out(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic, money: Topic
) -> None:
    drafts = [Experience.create(author=ada, kind_of="suggestion", title=title) for title in ("One", "Two")]
    handed_in, his = (
        Experience.create(author=by, kind_of="suggestion", title=title, state=state, first_submitted_at=now())
        for by, title, state in ((ada, "In review", "submitted"), (ben, "His", "accepted"))
    )
    browser = sign_in(ada)
    page = browser.get("/experiences").text
    assert page.count('form="selection"') == 3
    assert 'value="archive"' not in page
    for shelf, offered in (("draft", True), ("submitted", False)):
        page = browser.get(f"/experiences?state={shelf}").text
        assert ("/experiences/export" in page, 'value="topic"' in page) == (True, offered)
    page = said(
        browser, "/experiences/selection/topic", chosen([*drafts, handed_in, his], topic=str(money.id))
    )
    assert "Under Loans now: 2." in page
    assert "with its reviewers" in page
    assert "(His): It is not yours to change." in page
    assert [[topic.id for topic in one.fresh().topics] for one in (*drafts, handed_in)] == [
        [money.id]
    ] * 2 + [[]]
    assert "Undone: 2." in undo(browser, page)
    assert [one.fresh().topics for one in drafts] == [[], []]
    drafts[0].fresh().save_draft(by=ada, action="Ask first.")
    text = browser.post("/experiences/export", data=chosen([drafts[0], his])).text
    assert "Ask first." in text
    assert "His" not in text, "others' are read as articles"
