"""No notice leads to a page that does not open: it says what became of it (whatever happened since)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from portal import clock
from portal.i18n import Phrase
from portal.models.base.record import Record
from portal.models.commission.adjustments import Adjustment
from portal.models.commission.disputes import Dispute
from portal.models.commission.periods import Period
from portal.models.commission.policies import Policy
from portal.models.commission.statements import Line, Statement
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.requests import CustomerRequest
from portal.models.customers.rights import BY_NEED, choose
from portal.models.experiences import process
from portal.models.experiences.experiences import Credit, Experience
from portal.models.experiences.interviews import Interview
from portal.models.experiences.reviews import Review
from portal.models.help.pages import HelpPage
from portal.models.knowledge import proposals
from portal.models.knowledge.articles import Article
from portal.models.knowledge.comments import Comment
from portal.models.knowledge.objections import Objection
from portal.models.knowledge.questions import Question
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.learning.certificates import Certificate
from portal.models.learning.enrolments import Enrolment
from portal.models.learning.mentors import Mentorship
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role, RoleGrant
from portal.models.people.rule_changes import RuleChange
from portal.models.products.products import Product
from portal.models.search.lookups import SavedSearch
from portal.settings import ROOT
from tests.client import Client
from tests.commission import MAY, approved, close, deal_of, noon, paid
from tests.conftest import SignIn
from tests.learning import course_of, exam_of, take

CALLERS = {
    "commission/adjustments.py": 1,
    "commission/closing.py": 1,
    "commission/disputes.py": 7,
    "commission/late_leave.py": 1,
    "commission/policies.py": 3,
    "customers/access.py": 3,
    "customers/requests.py": 1,
    "customers/rights.py": 1,
    "customers/traits.py": 1,
    "experiences/debriefs.py": 1,
    "expertise/challenges.py": 1,
    "experiences/decisions.py": 1,
    "experiences/experiences.py": 2,
    "experiences/interviews.py": 1,
    "experiences/mergers.py": 1,
    "experiences/panels.py": 2,
    "experiences/process.py": 2,
    "experiences/reviews.py": 1,
    "experiences/voice.py": 1,
    "files/file_texts.py": 1,
    "help/pages.py": 2,
    "home/leaving.py": 2,
    "knowledge/badges.py": 1,
    "insights/spikes.py": 1,
    "insights/usage.py": 1,
    "knowledge/dates.py": 1,
    "knowledge/follows.py": 1,
    "knowledge/languages.py": 1,
    "knowledge/merging.py": 1,
    "knowledge/asks.py": 1,
    "knowledge/intake.py": 2,
    "knowledge/comments.py": 2,
    "knowledge/objections.py": 3,
    "knowledge/outcomes.py": 1,
    "knowledge/risks.py": 1,
    "knowledge/proposals.py": 5,
    "knowledge/questions.py": 3,
    "knowledge/returned.py": 1,
    "knowledge/routing.py": 1,
    "knowledge/topic_rules.py": 1,
    "learning/attempts.py": 1,
    "learning/certificates.py": 3,
    "learning/enrolments.py": 1,
    "learning/mentors.py": 1,
    "learning/role_plays.py": 1,
    "people/absences.py": 2,
    "people/factors.py": 1,
    "people/letters.py": 1,
    "people/notices.py": 1,
    "people/ownership.py": 3,
    "people/passkeys.py": 2,
    "people/rule_changes.py": 3,
    "products/products.py": 2,
    "sales/deals.py": 2,
    "sales/lines.py": 1,
    "search/lookups.py": 2,
}
"""Who tells what: a new one comes into `told` below."""
GONE, ARCHIVED, CLOSED = (
    "What this notice told of is gone",
    "What this notice told of has been archived",
    "What this notice told of is not open to you any more",
)


def test_all_who_tell_are_known() -> None:
    models = ROOT / "portal" / "models"
    found = {
        str(path.relative_to(models)): len(re.findall(r"Notice\.tell\(", path.read_text()))
        for path in models.rglob("*.py")
    }
    assert {path: count for path, count in found.items() if count} == CALLERS


@pytest.fixture
def told(
    ada: Person,
    ben: Person,
    rita: Person,
    rob: Person,
    fin: Person,
    fiona: Person,
    adam: Person,
    schools: Topic,
) -> dict[str, tuple[Person, Record, str]]:
    """Every kind of what is told: to whom, of which record, with which address of its own."""
    policy = approved(fin, fiona)
    draft = Policy.draft(by=fin, name="2027", effective_from=clock.Month(2027, 1))
    with clock.moved(noon(date(2026, 5, 10))):
        paid(ada, "100000.00", date(2026, 5, 10))
    close(MAY, fin)
    with clock.moved(noon(date(2026, 6, 8))):
        statement = Statement.of(ada, MAY)
        assert statement
        dispute = Dispute.open(statement, Line.of(statement)[0], "It is less than agreed.", by=ada)
    customer = Customer.add(by=ada, name="Quentin")
    deal, question = deal_of(ada, "900.00"), Question.ask(by=ben, text="Why?", topic=schools)
    item = Experience.begin(by=ada, kind="question")
    item.save_draft(by=ada, title="Ask first", situation="Four.", doubt="?", action="Ask.", lesson="Ask.")
    process.submit(item, by=ada, topics=[schools], co_authors={ben: 300_000})
    spoken = Experience.begin(by=ada, kind="suggestion")
    adjustment = Adjustment.propose(ben, MAY, 5_00, "Paid too little", by=fin)
    review = Review.get(Review.reviewer == rita)
    kept = SavedSearch.keep(by=ben, query="q=school")
    choose(by=adam, need=True, full={"customer": [], "deal": []})
    article = Article.add(by=ada, title="B", body="Two", topics=[schools], published=True)
    rules = RuleChange.propose("knowledge", {"fresh.price": 14}, by=adam, reason="Because.")
    assert rules
    suggested = proposals.suggest(article, by=ben, title="B", body="Three")
    comment = Comment.say(suggested, by=ada, text="Why three?")
    objection = Objection.say(article, by=ben, reason="It did not.")
    return {
        "access": (ben, customer, ""),
        "help page": (ada, HelpPage.ask(article, by=ada, number=1, sections=[0]), ""),
        "rights": (rita, Setting.get(Setting.name == BY_NEED), "/rights"),
        "rule change": (adam, rules, ""),
        "rules that hold": (rita, rules, "/rules#knowledge"),
        "adjustment": (fin, adjustment, ""),
        "period": (fin, Period.get(), ""),
        "dispute": (ada, dispute, ""),
        "policy": (ada, policy, ""),
        "draft of a policy": (fin, draft, ""),
        "request": (ada, CustomerRequest.add(customer, by=ada, text="A taxi"), ""),
        "personal data in a file": (ben, article, ""),
        "interview": (ben, Interview.ask(deal, by=ada, interviewer=ben), ""),
        "debrief": (ada, deal, f"/experiences/new?deal={deal.id}"),
        "accepted": (ben, Article.add(by=ben, title="A", body="One", topics=[schools], published=True), ""),
        "decided": (ada, item, ""),
        "co-author": (ben, item, f"{item.url}/co-author"),
        "recording": (ada, spoken, f"{spoken.url}/voice"),
        "product": (ben, Product.add(by=adam, code="L-1", name="Lamp", owner=ben), ""),
        "review": (rita, review, ""),
        "no reviewer": (adam, item, "/admin"),
        "passed on": (rita, review, "/reviews?done"),
        "drafts of an import": (ben, ben, "/needs-me"),
        "suggestion": (ben, suggested, ""),
        "suggestion to answer": (ada, suggested, ""),
        "comment on a text": (ben, comment, ""),
        "objection": (ben, objection, objection.url),
        "what becomes of it": (ada, article, ""),
        "answer": (ben, question.answer(by=ada, text="So."), ""),
        "password": (ben, ben, "/account/password"),
        "second factor": (ben, ben, "/account/second-factor"),
        "undone": (ben, article, ""),
        "taken over": (ben, ada, ""),
        "asked to write": (ben, schools, f"/articles/new?topic={schools.id}"),
        "away": (ben, ben, ""),
        "stands in": (ben, ada, ""),
        "new manager": (ben, ada, ""),
        "knowledge brought in": (ben, ben, ""),
        "customer": (ada, customer, ""),
        "was theirs": (ada, customer, ""),
        "deal": (ada, deal, ""),
        "handed over together": (ben, ben, "/customers?show=mine"),
        "saved search": (ben, kept, ""),
        "less approval": (rita, TopicRule.choose(Topic.create(name="Loans"), by=adam, way="none"), ""),
        **learnt(rita, ben, schools),
    }


def learnt(rita: Person, ben: Person, schools: Topic) -> dict[str, tuple[Person, Record, str]]:
    """What is told of a course of Rita's that Ben takes."""
    course = course_of(rita, schools, articles=1)
    exam = exam_of(course)
    Enrolment.enrol(course, ben, by=rita)
    attempt = take(exam, ben, right=2)
    certificate = Certificate.get()
    return {
        "course": (ben, course, ""),
        "time over": (ben, attempt, ""),
        "short test": (ben, certificate, exam.url),
        "lapsed": (ben, certificate, ""),
        "expired": (ben, certificate, ""),
        "role play": (ben, course.lessons.first(), ""),
        "mentor": (ben, Mentorship.create(newcomer=ben, mentor=rita, by=rita), ""),
    }


def opened(browser: Client, person: Person, about: Record, url: str) -> str:
    """The page that a notice told just now leads to, which opens whatever happened."""
    Notice.tell(person, Phrase("Accepted"), about=about, url=url)
    notice = Notice.select().order_by(Notice.id.desc()).first()
    answer = browser.post(f"/notices/{notice.id}/reading", data={"open": "1"}, follow_redirects=True)
    assert answer.status_code == 200, (notice.url, answer.status_code)
    return answer.text


def sentence(page: str) -> str:
    return next((words for words in (GONE, ARCHIVED, CLOSED) if words in page), "")


def test_each_opens_when_it_is_told(sign_in: SignIn, told: dict[str, tuple[Person, Record, str]]) -> None:
    for kind, (person, about, url) in told.items():
        assert sentence(opened(sign_in(person), person, about, url)) == "", kind


def test_each_says_that_it_is_gone(sign_in: SignIn, told: dict[str, tuple[Person, Record, str]]) -> None:
    """Taken back with an import, or deleted."""
    elsewhere = {
        "adjustment",
        "asked to write",
        "comment on a text",
        "debrief",
        "no reviewer",
        "objection",
        "passed on",
        "password",
        "period",
        "rights",
        "rules that hold",
        "saved search",
    }
    elsewhere |= {
        "second factor",
        "handed over together",
        "short test",
        "drafts of an import",
        "less approval",
        "mentor",
    }
    for kind, (person, about, url) in told.items():
        lost: Any = about.fresh()
        lost.id = about.id + 999_999
        if kind == "answer":
            lost.question_id = 999_999
        url = url.replace(f"/{about.id}/", f"/{lost.id}/")
        assert sentence(opened(sign_in(person), person, lost, url)) == ("" if kind in elsewhere else GONE), (
            kind
        )


def test_each_opens_for_who_has_nothing_to_do_with_it_any_more(
    sign_in: SignIn, stan: Person, told: dict[str, tuple[Person, Record, str]]
) -> None:
    """All roles are gone, another is the owner: Stan stands for whoever was told."""
    RoleGrant.delete().execute()
    closed = {
        "adjustment",
        "period",
        "dispute",
        "draft of a policy",
        "decided",
        "interview",
        "mentor",
        "co-author",
        "recording",
        "review",
        "no reviewer",
        "rule change",
        "comment on a text",
        "suggestion",
        "suggestion to answer",
        "time over",
    }
    for kind, (_, about, url) in told.items():
        assert sentence(opened(sign_in(stan), stan, about, url)) == (CLOSED if kind in closed else ""), kind


def archived_question(told: dict[str, tuple[Person, Record, str]], by: Person) -> tuple[Person, Record]:
    ben, answer, _ = told["answer"]
    Question.get().archive(by=ben)
    return by, answer


def archived_article(told: dict[str, tuple[Person, Record, str]], by: Person) -> tuple[Person, Record]:
    ben, article, _ = told["accepted"]
    article.archive(by=ben)  # type: ignore[attr-defined]
    return by, article


@pytest.mark.parametrize("fate", [archived_question, archived_article])
def test_what_was_archived_says_so(
    sign_in: SignIn, ada: Person, told: dict[str, tuple[Person, Record, str]], fate: Callable[..., Any]
) -> None:
    """The author of an answer to a question that was archived, the co-author of an article put away."""
    person, about = fate(told, ada)
    assert sentence(opened(sign_in(person), person, about, "")) == ARCHIVED
    assert Notice.select().order_by(Notice.id.desc()).get().read_at is not None


def test_a_co_author_who_is_named_no_longer_is_told_so(
    sign_in: SignIn, ben: Person, told: dict[str, tuple[Person, Record, str]]
) -> None:
    _, item, url = told["co-author"]
    Credit.delete().where(Credit.person == ben).execute()
    assert sentence(opened(sign_in(ben), ben, item, url)) == CLOSED


def test_who_audits_now_writes_no_debrief(
    sign_in: SignIn, stan: Person, told: dict[str, tuple[Person, Record, str]]
) -> None:
    stan.grant(Role.AUDITOR, by=None)
    _, deal, url = told["debrief"]
    assert sentence(opened(sign_in(stan), stan, deal, url)) == CLOSED
