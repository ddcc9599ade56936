"""A form sent once more is one record, and says what is true; of two who change one record, both are heard."""

from __future__ import annotations

import re
from html import unescape
from typing import Any, NamedTuple

import pytest
from starlette.routing import Route

from portal import clock
from portal.clock import Month
from portal.models.base.receipts import KEPT, Receipt
from portal.models.commission.adjustments import Adjustment
from portal.models.commission.policies import Policy
from portal.models.company.calendar import CalendarDay
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.customers.access import Access
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.requests import CustomerRequest
from portal.models.customers.rights import BY_NEED
from portal.models.customers.trait_kinds import TraitKind
from portal.models.customers.traits import TraitSource
from portal.models.experiences.anchors import Anchor
from portal.models.experiences.experiences import Experience
from portal.models.expertise.challenges import TeamChallenge
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Answer, Question
from portal.models.knowledge.templates import ArticleTemplate
from portal.models.learning.courses import Course, Lesson
from portal.models.learning.enrolments import Enrolment
from portal.models.learning.exams import Exam, ExamQuestion
from portal.models.learning.paths import PathStep
from portal.models.learning.post_needs import PostNeed
from portal.models.learning.role_plays import Observation
from portal.models.people.absences import Absence
from portal.models.people.letters import Letter
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales import closings
from portal.models.sales.deals import Deal
from portal.models.sales.lines import DealLine
from portal.models.search.synonyms import Synonym
from portal.routes import routes
from tests.client import Client
from tests.conftest import SignIn

TERMS = {
    "name": "Main plan",
    "effective_from": "{next_month}",
    "base_rate": "2",
    "threshold_1": "2",
    "bonus_1": "0.05",
    "operator": ">=",
    "bonus_mode": "percentage_points",
    "count_by": "submitted_at",
    "earn_trigger": "payment",
    "preview_working_day": "3",
    "close_working_day": "5",
    "revocation_months": "12",
    "max_recovery_share": "20",
}


class Made(NamedTuple):
    """A creating address: who, where the form stands, what is sent, what differs the other time, what it makes."""

    who: str
    page: str
    to: str
    sent: dict[str, str]
    other: dict[str, str]
    model: Any


MADE = {
    "customer_new": Made(
        "ada",
        "/customers/new",
        "",
        {"name": "后退再存公司", "form": "organisation"},
        {"name": "另一家公司"},
        Customer,
    ),
    "contact_new": Made(
        "ada", "/customers/{customer}/contacts/new", "", {"name": "王芳"}, {"title": "Head"}, Contact
    ),
    "interaction_new": Made(
        "ada",
        "/interactions/new",
        "",
        {"customer": "#{customer}", "kind_of": "call", "text": "Called."},
        {"text": "Called again."},
        Interaction,
    ),
    "interaction_log": Made(
        "ada",
        "/customers/{customer}",
        "/customers/{customer}/interactions",
        {"kind_of": "call", "text": "Called."},
        {"text": "Called again."},
        Interaction,
    ),
    "request_new": Made(
        "ada",
        "/customers/{customer}/requests/new",
        "",
        {"text": "A taxi"},
        {"text": "Two taxis"},
        CustomerRequest,
    ),
    "trait_new": Made(
        "ada",
        "/customers/{customer}/traits/new",
        "",
        {"kind": "{trait_kind}", "holds": "y"},
        {"holds": "n"},
        TraitSource,
    ),
    "post_need_new": Made(
        "adam",
        "/post-needs/new",
        "",
        {"post": "Seller", "stage": "viewing", "title": "How to begin", "topic": "{topic}"},
        {"title": "How to end"},
        PostNeed,
    ),
    "path_step_new": Made(
        "mona",
        "/path-steps/new",
        "",
        {"post": "Seller", "day": "7", "title": "Call somebody", "task": "interaction.logged"},
        {"title": "Call two"},
        PathStep,
    ),
    "path_step_question": Made(
        "ada",
        "/path-steps/{path_step}/questions",
        "",
        {"text": "Whom do I call first?"},
        {"text": "Whom do I call next?"},
        Question,
    ),
    "observation_new": Made(
        "ada",
        "/lessons/{play}/observations/{learner}",
        "",
        {"score-0": "4", "score-1": "3", "score-2": "5", "score-3": "4", "feedback": "Calm."},
        {"feedback": "Calm and quick."},
        Observation,
    ),
    "access_new": Made(
        "stan",
        "/customers/{customer}",
        "/customers/{customer}/access",
        {"purpose": "They called me."},
        {"purpose": "They called me again."},
        Access,
    ),
    "deal_new": Made("ada", "/deals/new", "", {"title": "Ten desks"}, {"title": "Eleven desks"}, Deal),
    "deal_payment_new": Made(
        "fin",
        "/deals/{deal}/payments/new",
        "",
        {"trigger": "payment", "amount": "500", "on": "{today}"},
        {"amount": "200"},
        DealLine,
    ),
    "product_new": Made(
        "adam",
        "/products/new",
        "",
        {"name": "Desk", "code": "D-1"},
        {"name": "Chair", "code": "C-1"},
        Product,
    ),
    "question_new": Made("ada", "/questions/new", "", {"text": "Why?"}, {"text": "Why not?"}, Question),
    "question_answers": Made(
        "ada",
        "/questions/{question}",
        "/questions/{question}/answers",
        {"text": "Because."},
        {"text": "Just so."},
        Answer,
    ),
    "article_new": Made(
        "ada",
        "/articles/new",
        "",
        {"title": "One", "body": "Text.", "freshness": "evergreen"},
        {"body": "Other text."},
        Article,
    ),
    "article_template_new": Made(
        "adam",
        "/admin/templates/new",
        "",
        {"name": "Weekly", "body": "This week", "freshness": "evergreen"},
        {"name": "Monthly"},
        ArticleTemplate,
    ),
    "account_new": Made(
        "adam",
        "/admin/accounts/new",
        "",
        {"name": "Nora", "email": "nora@example.com"},
        {"email": "nora.two@example.com"},
        Person,
    ),
    "anchor_new": Made(
        "audrey",
        "/admin/anchors/new",
        "",
        {"kind": "question", "title": "Ask", "doubt": "Why?", "action": "So.", "topics": "{topic}"}
        | {"why": "It names no law."}
        | dict.fromkeys(("correct", "reusable", "new", "clear", "linked"), "3"),
        {"title": "Ask before"},
        Anchor,
    ),
    "challenge_new": Made(
        "mona",
        "/challenges/new",
        "",
        {
            "title": "Ten",
            "measure": "uses",
            "first_day": "{today}",
            "last_day": "{today}",
            "goal": "10",
        },
        {"title": "Twelve", "measure": "answers"},
        TeamChallenge,
    ),
    "absence_new": Made(
        "ada",
        "/people/{ada}/absences/new",
        "",
        {"first_day": "2030-05-06", "last_day": "2030-05-07"},
        {"first_day": "2030-06-06", "last_day": "2030-06-07"},
        Absence,
    ),
    "policy_new": Made("fin", "/commission/policies/new", "", TERMS, {"name": "Other plan"}, Policy),
    "adjustment_new": Made(
        "fin",
        "/commission/adjustments/new",
        "",
        {"person": "#{ada}", "month": "{month}", "amount": "12", "reason": "Paid too little"},
        {"amount": "13"},
        Adjustment,
    ),
    "word_new": Made("adam", "/admin/words/topics/new", "", {"name": "Rents"}, {"name": "Taxes"}, Topic),
    "search_words": Made(
        "adam", "/admin/search/words", "", {"words": "desk, table"}, {"words": "chair, seat"}, Synonym
    ),
    "working_day_new": Made(
        "adam",
        "/admin/company/working-days",
        "/admin/company/working-days/days",
        {"day": "2026-12-24", "note": "Feast"},
        {"day": "2026-12-23"},
        CalendarDay,
    ),
    "course_new": Made("ada", "/courses/new", "", {"title": "First days"}, {"title": "Later days"}, Course),
    "lesson_new": Made(
        "ada",
        "/courses/{course}/lessons/new",
        "",
        {"title": "Read this", "kind_of": "reading", "text": "Something.", "minutes": "5"},
        {"title": "Read that"},
        Lesson,
    ),
    "exam_question_new": Made(
        "ada",
        "/exams/{exam}/questions/new",
        "",
        {"sort": "true_false", "difficulty": "2", "text": "So?", "answers": "true"},
        {"text": "Or so?"},
        ExamQuestion,
    ),
}
OTHERWISE = {
    "exam_new": "a course has one exam: it is that",
    "attempt_new": "while one runs, it is that (tests of learning)",
    "experience_new": "an untouched draft of the same kind, or the debrief of the same deal, is gone on with",
    "payroll_columns": "the same choice again changes nothing",
    "dispute_of_month": "while one about the same month stands, it is that one (tests of disputes)",
    "dispute_new": "while one about the same line stands, it is that one (tests of commission)",
    "article_draft_new": "saved again it is the same draft (tests of drafts of articles)",
    "file_new": "the same file of the same person is one (tests of files)",
    "import_new": "a file is chosen anew; nothing is written before its check",
}


@pytest.fixture
def places(
    ada: Person, ben: Person, fin: Person, adam: Person, stan: Person, lakeside: Product
) -> dict[str, Any]:
    Setting.choose(BY_NEED, True, by=adam)
    Setting.choose("effect.least_people", 2, by=adam)
    customer = Customer.add(by=ada, name="Wei", address="Long Road 1")
    deal = Deal.open(by=ada, title="Desks", customer=customer, product=lakeside, amount=20_500_00)
    closings.win(deal, by=ada, amount=20_500_00, on=clock.today())
    question = Question.ask(by=ben, text="How much?")
    course = Course.add(by=ada, title="Any")
    found: dict[str, Any] = {"customer": customer, "deal": deal, "question": question, "ada": ada}
    Person.update(title="Seller").where(Person.id == ada.id).execute()
    found["topic"] = Topic.create(name="Viewings")
    found["path_step"] = PathStep.create(post="Seller", day=7, title="Call", task="interaction.logged")
    found["trait_kind"] = TraitKind.create(name="wants safety", purpose="Who calls")
    found["play"] = course.add_lesson(by=ada, kind_of="role_play", title="Play", text="Too dear!")
    course.publish(by=ada)
    Enrolment.enrol(course, ben, by=ben)
    found["learner"] = ben
    found |= {"course": course, "exam": Exam.add(course, by=ada)}
    month = Month.of(clock.today())
    days = {"today": clock.today().isoformat(), "month": str(month), "next_month": str(month.next)}
    return {name: record.id for name, record in found.items()} | days


def key_on(page: str, action: str) -> str:
    """The key in the form that is sent to this address."""
    forms = re.findall(r"<form[^>]*>.*?</form>", page, re.DOTALL)
    mine = [form for form in forms if f'action="{action}"' in form] or forms
    found = [match[1] for form in mine if (match := re.search(r'name="key"[^>]*value="([^"]+)"', form))]
    assert found, "its form has no key"
    return found[0]


def test_every_creating_address_is_looked_at() -> None:
    names = {
        route.name
        for route in routes()
        if isinstance(route, Route) and "POST" in (route.methods or ()) and "_new" in route.name
    }
    assert names - MADE.keys() - OTHERWISE.keys() == set()
    assert not MADE.keys() & OTHERWISE.keys()


@pytest.mark.parametrize("name", MADE)
def test_back_and_sent_again_is_one_record(
    name: str,
    places: dict[str, Any],
    sign_in: SignIn,
    request: pytest.FixtureRequest,
) -> None:
    """back-and-submit-again: the same words are the same record; other words are not taken for saved."""
    made = MADE[name]
    page, to = made.page.format(**places), (made.to or made.page).format(**places)
    sent = {field: value.format(**places) for field, value in made.sent.items()}
    browser = sign_in(request.getfixturevalue(made.who))
    shown = browser.get(page)
    assert shown.status_code == 200
    sent["key"] = key_on(shown.text, to)
    before, letters = made.model.select().count(), Letter.select().count()
    first = browser.post(to, data=sent)
    assert first.status_code == 303
    sent_letters = Letter.select().count() - letters
    again = browser.post(to, data=sent)
    assert (again.status_code, again.headers["location"]) == (303, first.headers["location"])
    assert made.model.select().count() == before + 1
    assert Letter.select().count() - letters == sent_letters, "nobody is written to twice"
    if name == "access_new":
        return  # asking twice is asking once, whatever is written the second time
    changed = browser.post(to, data=sent | made.other)
    assert changed.status_code == 422
    assert "sent already" in changed.text or "You handed this form in already" in changed.text
    assert next(iter(made.other.values())) in unescape(changed.text), "what was typed is still there"
    assert made.model.select().count() == before + 1


def test_what_was_handed_in_is_led_to_and_saving_once_more_makes_another(
    ada: Person, sign_in: SignIn
) -> None:
    browser = sign_in(ada)
    sent = {"name": "Wei", "form": "organisation", "key": key_on(browser.get("/customers/new").text, "x")}
    made = browser.post("/customers/new", data=sent).headers["location"]
    changed = browser.post("/customers/new", data=sent | {"name": "Han"})
    assert f'<a href="{made}">Open what was handed in</a>' in changed.text
    fresh = key_on(changed.text, "/customers/new")
    assert fresh != sent["key"]
    assert browser.post("/customers/new", data=sent | {"name": "Han", "key": fresh}).status_code == 303
    assert sorted(each.name for each in Customer.select()) == ["Han", "Wei"]


def test_a_key_of_somebody_else_says_nothing_of_what_it_made(
    ada: Person, ben: Person, sign_in: SignIn
) -> None:
    sent = {"name": "Wei", "form": "organisation", "key": "shared"}
    made = sign_in(ada).post("/customers/new", data=sent).headers["location"]
    answer = sign_in(ben).post("/customers/new", data=sent | {"name": "Han"})
    assert answer.status_code == 422
    assert made not in answer.text
    assert "Open what was handed in" not in answer.text
    assert key_on(answer.text, "/customers/new") != "shared"


def test_a_refused_form_was_not_handed_in(ada: Person, sign_in: SignIn) -> None:
    browser, sent = sign_in(ada), {"form": "organisation", "key": "one"}
    assert browser.post("/customers/new", data=sent | {"name": ""}).status_code == 422
    assert browser.post("/customers/new", data=sent | {"name": "Wei"}).status_code == 303
    assert Customer.get().name == "Wei"


def test_receipts_are_forgotten_in_time(ada: Person, sign_in: SignIn) -> None:
    sign_in(ada).post("/customers/new", data={"name": "Wei", "form": "organisation", "key": "one"})
    Receipt.forget_old()
    assert Receipt.select().count() == 1
    with clock.moved(clock.now() + KEPT * 2):
        Receipt.forget_old()
    assert Receipt.select().count() == 0


def test_an_open_deal_of_the_same_title_is_asked_about(
    ada: Person, ben: Person, places: dict[str, Any], sign_in: SignIn
) -> None:
    browser, sent = sign_in(ada), {"title": "Ten desks", "customer": f"#{places['customer']}"}
    first = browser.post("/deals/new", data=sent).headers["location"]
    answer = browser.post("/deals/new", data=sent)
    assert answer.status_code == 422
    assert "Is it this deal?" in answer.text
    assert f'href="{first}"' in answer.text
    assert browser.post("/deals/new", data=sent | {"another": "y"}).status_code == 303
    assert browser.post("/deals/new", data={"title": "Ten desks"}).status_code == 303, "no customer, no guess"


# ---------------------------------------------------------------- two tabs


def fields_of(page: str) -> dict[str, str]:
    """What a browser would send of the page's form for a customer, typed into by nobody."""
    form = re.search(r'<form class="stack narrow-form".*?</form>', page, re.DOTALL)
    assert form
    found = {}
    for tag in re.findall(r"<input[^>]*>", form[0]):
        named, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if named and ('type="radio"' not in tag or " checked" in tag):
            found[named[1]] = unescape(value[1]) if value else ""
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form[0], re.DOTALL):
        found[name] = unescape(text).strip()
    return found | {"form": "organisation"}


Tabs = tuple[Client, str, dict[str, str], dict[str, str]]


@pytest.fixture
def tabs(ada: Person, sign_in: SignIn) -> Tabs:
    """One record open in two tabs."""
    customer = Customer.add(by=ada, name="Wei", city="Beijing", note="Likes tea.", form="organisation")
    browser, path = sign_in(ada), f"{customer.url}/edit"
    one, two = (fields_of(browser.get(path).text) for _ in range(2))
    return browser, path, one, two


def test_two_tabs_that_change_different_fields_both_land(tabs: Tabs) -> None:
    browser, path, one, two = tabs
    assert browser.post(path, data=one | {"city": "Shanghai"}).status_code == 303
    assert browser.post(path, data=two | {"note": "Likes coffee."}).status_code == 303
    customer = Customer.get()
    assert (customer.city, customer.note) == ("Shanghai", "Likes coffee.")


def test_of_a_field_that_both_changed_both_versions_are_shown(
    tabs: Tabs, ben: Person, mona: Person, sign_in: SignIn
) -> None:
    browser, path, _one, two = tabs
    boss = sign_in(mona)
    assert (
        boss.post(
            path, data=fields_of(boss.get(path).text) | {"city": "Shanghai", "note": "Tea!"}
        ).status_code
        == 303
    )
    answer = browser.post(path, data=two | {"city": "Tianjin", "name": "Wei Ltd"})
    assert answer.status_code == 409
    assert "Someone else saved this while you were writing" in answer.text
    clashing = re.findall(r'data-clash="([^"]+)"', answer.text)
    assert clashing == ["city"], "what one alone changed is no question"
    now = fields_of(answer.text)
    assert (now["city"], now["note"], now["name"]) == ("Tianjin", "Tea!", "Wei Ltd")
    assert Customer.get().city == "Shanghai"
    assert browser.post(path, data=now).status_code == 303
    customer = Customer.get()
    assert (customer.city, customer.note, customer.name) == ("Tianjin", "Tea!", "Wei Ltd")


@pytest.mark.parametrize(("typed", "kept"), [("Tianjin", "Shanghai"), ("Suzhou", "Suzhou")])
def test_the_stored_version_is_chosen_unless_one_typed_on(tabs: Tabs, typed: str, kept: str) -> None:
    browser, path, one, two = tabs
    browser.post(path, data=one | {"city": "Shanghai"})
    answer = browser.post(path, data=two | {"city": "Tianjin"})
    assert "You saved this meanwhile yourself" in answer.text
    stored = re.search(r'name="take-city" value="(\w+)"', answer.text)
    assert stored
    sent = fields_of(answer.text) | {"take-city": stored[1], "city": typed}
    assert browser.post(path, data=sent).status_code == 303
    assert Customer.get().city == kept


def test_a_mistake_beside_another_s_change_loses_neither(tabs: Tabs) -> None:
    browser, path, one, two = tabs
    browser.post(path, data=one | {"city": "Shanghai"})
    answer = browser.post(path, data=two | {"email": "nobody", "note": "Mine."})
    assert answer.status_code == 422
    assert browser.post(path, data=fields_of(answer.text) | {"email": ""}).status_code == 303
    customer = Customer.get()
    assert (customer.city, customer.note) == ("Shanghai", "Mine.")


def test_marks_tell_nothing_of_what_is_masked(tabs: Tabs, mona: Person, sign_in: SignIn) -> None:
    """RULES 4.10: a digest of a phone number is soon guessed."""
    _browser, path, _one, _two = tabs
    Customer.get().edit(by=Customer.get().owner, phone="13812345678")
    begun = fields_of(sign_in(mona).get(path).text)["begun"]
    assert "city:" in begun
    assert "phone:" not in begun


@pytest.mark.parametrize(
    "forged", ["city:", "city", "city:zz name:00", "x" * 10_000, "version:1 key:2", "城市:1"]
)
def test_a_forged_beginning_overwrites_nothing_unseen(tabs: Tabs, forged: str) -> None:
    browser, path, one, two = tabs
    browser.post(path, data=one | {"city": "Shanghai"})
    answer = browser.post(path, data=two | {"city": "Tianjin", "begun": forged})
    assert answer.status_code == 409
    assert Customer.get().city == "Shanghai"


def test_settings_are_merged_too(adam: Person, sign_in: SignIn) -> None:
    browser, path = sign_in(adam), "/admin/retention"
    begun = re.search(r'name="begun" value="([^"]+)"', browser.get(path).text)
    assert begun
    days = {name: str(many) for name, many in Setting.terms().items()}
    assert browser.post(path, data=days | {"begun": begun[1], "jobs": "45"}).status_code == 303
    assert browser.post(path, data=days | {"begun": begun[1], "notices": "46"}).status_code == 303
    assert (Setting.terms()["jobs"], Setting.terms()["notices"]) == (45, 46)
    clash = browser.post(path, data=days | {"begun": begun[1], "jobs": "47"})
    assert clash.status_code == 409
    assert Setting.terms()["jobs"] == 45


# ---------------------------------------------------------------- mistakes


def test_all_mistakes_are_said_at_once(ada: Person, sign_in: SignIn) -> None:
    """What the form sees and what its record would say: not one after the other."""
    sent = {"name": "", "form": "organisation", "email": "nobody", "revenue": "much", "note": "kept"}
    answer = sign_in(ada).post("/customers/new", data=sent)
    wrong = re.findall(r'<p class="field-error" id="(\w+)-error">', answer.text)
    assert {"name", "email", "revenue"} <= set(wrong)
    assert "kept" in answer.text


def test_a_draft_that_saves_itself_takes_nothing_back(ada: Person, sign_in: SignIn) -> None:
    """Two tabs on one experience: each saves by itself, again and again, and shows not what the other wrote."""
    draft = Experience.begin(by=ada, kind="suggestion")
    browser, path = sign_in(ada), f"/experiences/{draft.id}/draft"
    begun = re.search(r'name="begun" value="([^"]+)"', browser.get(f"/experiences/{draft.id}/edit").text)
    assert begun
    one = {"title": "", "situation": "", "action": "", "version": "1", "begun": begun[1]}
    two = dict(one)

    def save(tab: dict[str, str], **typed: str) -> int:
        answer = browser.post(path, data=tab | typed)
        if answer.status_code == 200:
            tab |= typed | {"version": answer.headers["X-Version"], "begun": answer.headers["X-Begun"]}
        return answer.status_code

    assert [save(one, title=title) for title in ("A", "As", "Ask")] == [200] * 3
    assert [save(two, situation=text) for text in ("F", "Fo", "Four fell through")] == [200] * 3
    assert save(one, action="Ask") == 200
    found = draft.fresh()
    assert (found.title, found.situation, found.action) == ("Ask", "Four fell through", "Ask")
    assert save(two, title="Another") == 409
    assert draft.fresh().title == "Ask"
