"""The demo company is told whole, by the portal's own rules, and every page has something true to show."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Match

from portal import clock, demo
from portal.demo import story
from portal.migrations import models
from portal.models.base import database
from portal.models.base.record import Event, Invalid, Searchable, SearchOutbox
from portal.models.commission.disputes import Dispute
from portal.models.commission.periods import Period
from portal.models.commission.policies import Policy
from portal.models.commission.reckoning import reckon_one
from portal.models.commission.statements import Line, Statement
from portal.models.customers.customers import Customer
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.expertise.challenges import TeamChallenge
from portal.models.expertise.expertise import expertise
from portal.models.expertise.points import PointEntry
from portal.models.insights.answers import AnswerFigure, figures_of
from portal.models.insights.effect import Conclusion, Effect
from portal.models.insights.proportions import Proportion
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Answer, BestAnswer, Question
from portal.models.learning import paths
from portal.models.learning.attempts import Attempt
from portal.models.learning.certificates import Certificate
from portal.models.learning.courses import Course
from portal.models.learning.debates import DebateSeat, DebateVote
from portal.models.learning.enrolments import Enrolment
from portal.models.learning.exams import Exam
from portal.models.learning.mentors import Mentorship
from portal.models.learning.role_plays import Observation
from portal.models.learning.words import CertificateState, LearnerState
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from portal.models.sales.lines import DealLine
from portal.settings import Settings
from tests.client import Client
from tests.company import EMAIL, opened
from tests.test_commands import portal

LOGINS = {str(login.role): login.person for login in story.entries("logins")}
EXPERIENCES = story.entries("experiences")
WAITING: dict[str, set[str]] = {
    "member": {"revision", "follow-up"},
    "reviewer": {"review"},
    "manager": {"review"},
    "finance": {"approval", "adjustment", "dispute"},
    "administrator": {"approval", "adjustment"},
}


@pytest.fixture(scope="module")
def company(told: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starlette]:
    """A portal in which the story was told; these tests only read."""
    yield from (company.app for company in opened(told, tmp_path_factory.mktemp("demo")))


def who(key: str) -> Person:
    return Person.get(Person.email == EMAIL[key])


def this_month() -> clock.Month:
    return clock.Month.of(Event.select().order_by(Event.id.desc()).first().at)


def waiting_for(role: str) -> set[str]:
    return {need.kind for need in needs(who(LOGINS[role]))}


# --- Told whole, or not at all


def test_it_is_told_whole_and_only_once(app: Starlette, settings: Settings) -> None:
    demo.tell(settings)
    told = (18, 120, 12, 384, 40, 16)
    assert tuple(noun.select().count() for noun in NOUNS) == told
    with pytest.raises(demo.NotEmpty):
        demo.tell(settings)
    assert tuple(noun.select().count() for noun in NOUNS) == told


NOUNS = (Person, Customer, Product, Deal, Experience, Question)


def test_what_cannot_be_told_to_its_end_leaves_nothing(app: Starlette, settings: Settings) -> None:
    Product.create(code=story.entries("products")[-1].code, name="已有")
    with pytest.raises(Invalid):
        demo.tell(settings)
    assert [noun.select().count() for noun in NOUNS] == [0, 0, 1, 0, 0, 0]
    assert not Event.select().exists()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the days are the same on both
@pytest.mark.parametrize(
    "now",
    ["2026-03-01T00:00", "2026-01-03T08:59", "2026-05-31T23:59"],
)
def test_on_any_day_the_open_month_has_begun_and_nothing_lies_ahead(
    app: Starlette, settings: Settings, now: str
) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=clock.zone())
    with clock.moved(moment):
        demo.tell(settings)
        month = clock.Month.of(moment)
        assert Event.select().where(Event.at > clock.now()).count() == 0
        assert DealLine.select().where(DealLine.on > moment.date()).count() == 0
        assert DealLine.earned("payment", month).count() == 13
        assert {p.month: p.state for p in Period.select()} == {
            month.plus(-2): "paid",
            month.plus(-1): "closed",
        }
        assert reckon_one(who("zhou"), month).other_amount == 93_40
        assert [role for role in WAITING if not WAITING[role] <= waiting_for(role)] == []


def test_the_command_tells_it_once_and_prints_the_logins(tmp_path: Path) -> None:
    assert portal(tmp_path, "migrate").returncode == 0
    first = portal(tmp_path, "demo", "--if-empty")
    assert first.returncode == 0, first.stderr
    for role, key in LOGINS.items():
        assert re.search(rf"^ +{role} .*{EMAIL[key]}$", first.stdout, re.M)
    assert demo.PASSWORD in first.stdout
    again = portal(tmp_path, "demo", "--if-empty")
    assert (again.returncode, again.stdout) == (0, first.stdout)
    refused = portal(tmp_path, "demo")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "people work in this portal already" in refused.stderr


def test_the_command_leaves_another_company_alone(migrated: Path) -> None:
    portal(migrated, "person", "add", "a@b.example", "安", "--password-stdin", stdin="long enough words\n")
    left = portal(migrated, "demo", "--if-empty")
    assert (left.returncode, left.stdout) == (0, "")


def test_a_login_is_printed_only_while_its_password_is_the_printed_one(company: Starlette) -> None:
    assert [role for role, _ in demo.logins()] == list(LOGINS)
    with database.db.atomic() as transaction:
        Person.update(password_hash="").where(Person.email == EMAIL["li"]).execute()
        assert [role for role, _ in demo.logins()] == list(LOGINS)[1:]
        transaction.rollback()


# --- Deals (SCENARIOS S07)


@pytest.mark.parametrize(("month", "won"), [(0, 5), (1, 8), (2, 12)])
def test_of_a_hundred_leads_in_the_first_area_more_are_won_each_month(
    company: Starlette, month: int, won: int
) -> None:
    area = Product.get(Product.code == "A-1024")
    span = this_month().plus(month - 2)
    leads = Deal.select().where(
        (Deal.product == area) & (Deal.engaged_on >= span.first_day) & (Deal.engaged_on <= span.last_day)
    )
    assert leads.count() == 100
    assert leads.where(Deal.stage == "won").count() == won


# --- Money (SCENARIOS S11)


@pytest.mark.parametrize(
    ("key", "counted", "total", "bonus"),
    [("li", 2, 20_500_00, 500_00), ("chen", 1, 20_000_00, 0)],
)
def test_two_accepted_experiences_pay_and_one_does_not(
    company: Starlette, key: str, counted: int, total: int, bonus: int
) -> None:
    statement = Statement.of(who(key), this_month().plus(-1))
    assert statement is not None
    assert (statement.base, statement.counted) == (1_000_000_00, counted * 1_000_000)
    assert (statement.total, statement.bonus) == (total, bonus)
    assert sum(line.amount for line in Line.select().where(Line.statement == statement)) == total


def test_lines_are_rounded_one_by_one(company: Starlette) -> None:
    """123,456.78 and 10,010.00 at 2.05 %: 2,530.86399 -> 2,530.86 and 205.205 -> 205.21 (RULES 4.1)."""
    statement = Statement.of(who("feng"), this_month().plus(-1))
    assert statement is not None
    lines = Line.select().where(Line.statement == statement).order_by(Line.amount)
    assert [line.amount for line in lines] == [205_21, 2_530_86]


def test_an_acceptance_after_the_close_is_made_good_in_the_open_month(company: Starlette) -> None:
    """98,800.00 and 88,000.00 at 0.05 %: 49.40 + 44.00."""
    month = this_month()
    closed = Statement.of(who("zhou"), month.plus(-1))
    assert closed is not None
    assert (closed.counted, closed.total) == (1_000_000, 3_736_00)
    late = [line for line in reckon_one(who("zhou"), month).lines if line.kind == "true-up"]
    assert sorted(entry.amount for entry in late) == [44_00, 49_40]
    assert {entry.about for entry in late} == {month.plus(-1)}


def test_months_are_closed_and_paid_by_different_people(company: Starlette) -> None:
    paid, closed = Period.select().order_by(Period.month)
    assert (paid.state, closed.state) == ("paid", "closed")
    assert paid.closed_by_id != paid.paid_by_id
    assert closed.payable_by(who("sun"))


# --- Experiences and what became of them


def test_every_experience_came_to_its_end_by_the_reviewers_scores(company: Starlette) -> None:
    states = {"in_review": "submitted", "revision_asked": "revision"}
    wanted = {e.title: states.get(e.state, e.state) for e in EXPERIENCES}
    assert {e.title: e.state for e in Experience.select()} == wanted
    assert Counter(wanted.values()) == {
        "accepted": 22, "rejected": 3, "revision": 3, "submitted": 5, "draft": 3, "merged": 2, "withdrawn": 2,
    }  # fmt: skip


def test_reviewers_are_those_of_the_story(company: Starlette) -> None:
    told = {(e.title, EMAIL[review.reviewer]) for e in EXPERIENCES for review in e.reviews}
    done = Review.select().where(Review.completed_at.is_null(False))
    assert {(review.experience.title, review.reviewer.email) for review in done} == told


def test_the_accepted_are_knowledge_points_and_evidence(company: Starlette) -> None:
    accepted = Experience.select().where(Experience.state == "accepted")
    assert (
        Article.select().where((Article.origin_kind == "experience") & Article.origin.in_(accepted)).count()
        == 22
    )
    assert Article.select().where(Article.uses > 0).count() > 20
    assert PointEntry.select().where(PointEntry.reason == "experience accepted").count() == 24
    experts = {known.person_id for known in expertise() if known.is_expert}
    assert who("li").id in experts


def test_the_best_answer_depends_on_the_customer(company: Starlette) -> None:
    """S08: for a family with school-age children answer B, for an investor answer C."""
    schools = Question.get(Question.text == "学区如何？")
    answers = list(Answer.select().where(Answer.question == schools).order_by(Answer.id))
    best = {row.customer_type and row.customer_type.name: row.answer for row in BestAnswer.select().where(
        BestAnswer.question == schools)}  # fmt: skip
    assert (best["有学龄儿童家庭"], best["投资"]) == (answers[1], answers[2])


def test_answers_were_used_in_deals_and_what_came_of_it_is_told(company: Starlette) -> None:
    """S08, by hand: 8 deals of colleagues count for Li's answer, 6 of them ended, all won; of the answer about
    noise 6 of 8 that ended were won; of too few nothing is told.
    """

    def told(question: str, place: int, person: Person) -> AnswerFigure:
        answers = Answer.select().join(Question).where(Question.text == question).order_by(Answer.id)
        return figures_of([answers[place].id], person)[answers[place].id]

    assert told("学区如何？", 1, who("li")) == AnswerFigure(8, Proportion(6, 6))
    assert told("小区吵不吵？", 0, who("ma")) == AnswerFigure(8, Proportion(6, 8))
    assert told("业主最低多少钱肯卖？", 0, who("li")) == AnswerFigure(2, None)


def test_new_agents_learn_and_are_examined(company: Starlette) -> None:
    """S09: a course from 20 best answers with an exam, three people at different points, a short test that is due."""
    course = Course.get(Course.title == "二手房经纪人的头三十天")
    assert (course.lessons.count(), Exam.get().is_open) == (30, True)
    best = [each.answer_id for each in course.lessons if each.answer_id and not each.is_superseded]
    assert len(set(best)) == 20
    mine = Enrolment.select().where(Enrolment.course == course)
    states = {each.person: each.state for each in mine}
    assert states == {
        who("chen"): LearnerState.DONE,
        who("huang"): LearnerState.GOING,
        who("zhou"): LearnerState.LATE,
        who("tang"): LearnerState.GOING,
    }
    tries = {each.person: (each.right_ones, each.passed) for each in Attempt.select()}
    assert tries == {who("chen"): (9, True), who("huang"): (5, False)}
    assert Certificate.get().state == CertificateState.CHANGED
    assert "delta" in {need.kind for need in needs(who("chen"))}


def test_a_deal_that_the_readme_names_has_no_namesake(company: Starlette) -> None:
    named = re.findall(r"→ (\S+ · [^→\n]+?) →", (Path(__file__).parent.parent / "README.md").read_text())
    assert named
    for title in named:
        assert Deal.select().where(Deal.title == title).count() == 1, title


def test_a_challenge_is_running_for_everybody(company: Starlette) -> None:
    """Set by who leads them all, for those who were here; what counts is what the ledger says since its first day."""
    challenge = TeamChallenge.get()
    here = Person.created_at <= challenge.created_at
    team = Person.select().where(Person.deactivated_at.is_null() & here).count() - 1
    assert (challenge.by, challenge.people, challenge.is_over) == (who("lin"), team, False)
    since = (PointEntry.reason == "experience accepted") & (
        PointEntry.at >= clock.start_of(challenge.first_day)
    )
    done = {entry.subject for entry in PointEntry.select().where(since)}
    assert 0 < challenge.so_far == len(done)  # how near to its goal hangs on the day
    assert TeamChallenge.visible_to(who("li")).count() == 1


def test_who_is_new_is_in_the_first_weeks_with_a_next_step_and_a_mentor(company: Starlette) -> None:
    """S05: whoever tries the portal sees the path as somebody sees it who has just begun."""
    path, mentorship = paths.Path.of(who("tang"), to=who("tang")), Mentorship.of(who("tang"))
    assert mentorship is not None
    assert (mentorship.mentor, path.done, paths.is_learning(who("tang"))) == (who("feng"), 1, True)
    assert [path.next and path.next.step.day] == [7]


def test_new_agents_speak_and_are_watched(company: Starlette) -> None:
    """S05, S29: a path with a mentor, a role play that the mentor watched, a debate of three with a vote."""
    path, mentorship = paths.Path.of(who("huang"), to=who("huang")), Mentorship.of(who("huang"))
    assert mentorship is not None
    assert (mentorship.mentor, len(path.places), path.done) == (who("chen"), 7, 5)
    assert [(each.observer, each.learner, each.total) for each in Observation.select()] == [
        (who("chen"), who("huang"), 13)
    ]
    assert [each.person for each in DebateSeat.select().order_by(DebateSeat.number)] == [
        who("li"),
        who("zhou"),
        who("ma"),
    ]
    assert DebateVote.get().seat.person == who("zhou")


# --- Something to do for each who signs in


@pytest.mark.parametrize("role", WAITING)
def test_something_waits_for_each_login(company: Starlette, role: str) -> None:
    assert waiting_for(role) >= WAITING[role]


def test_finance_finds_work_that_needs_a_second_person(company: Starlette) -> None:
    sun = who("sun")
    assert [policy.approvable_by(sun) for policy in Policy.select().where(Policy.state == "proposed")] == [
        True
    ]
    assert [dispute.resolvable_by(sun) for dispute in Dispute.select()] == [True]


def test_what_was_told_long_ago_was_read(company: Starlette) -> None:
    unread = Notice.select().where(Notice.read_at.is_null())
    assert unread.exists()
    assert unread.where(Notice.at < clock.now() - timedelta(days=8)).count() == 0
    assert Notice.select().where(Notice.read_at < Notice.at).count() == 0


def test_search_is_told_of_everything_it_can_find(company: Starlette) -> None:
    noted: dict[str, set[int]] = {}
    for row in SearchOutbox.select():
        noted.setdefault(row.kind, set()).add(row.record)
    kinds = {model.kind(): model for model in models() if issubclass(model, Searchable)}
    assert len(kinds) >= 6
    for kind, model in kinds.items():
        assert {row.id for row in model.select(model.id)} == noted.get(kind, set()), kind


# --- Every page


def sign_in(app: Starlette, key: str) -> Client:
    client = Client(app)
    answer = client.post("/sign-in", data={"email": EMAIL[key], "password": demo.PASSWORD})
    assert answer.status_code == 303
    return client


LISTS = {
    "member": ("/customers", "/deals", "/products", "/people", "/articles", "/questions", "/experiences"),
    "reviewer": ("/reviews", "/topics"),
    "finance": ("/commission",),
}


@pytest.mark.parametrize(("role", "path"), [(role, path) for role, paths in LISTS.items() for path in paths])
def test_no_list_is_empty(company: Starlette, role: str, path: str) -> None:
    page = sign_in(company, LOGINS[role]).get(path)
    assert page.status_code == 200
    assert "empty-page" not in page.text


@pytest.mark.parametrize("role", LOGINS)
def test_every_page_that_a_login_can_reach_by_links_is_there(company: Starlette, role: str) -> None:
    """Two pages of each kind, whatever leads there: no dead link, nothing forbidden, no failure."""
    client = sign_in(company, LOGINS[role])
    waiting, seen, visits, wrong = ["/"], {"/"}, Counter[str](), []
    while waiting:
        path = waiting.pop(0)
        answer = client.get(path)
        if answer.status_code not in (200, 303):
            wrong.append((path, answer.status_code))
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        for link in re.findall(r'<a\b[^>]*?\bhref="(/[^"#?]*)', answer.text):
            kind = route_name(company, link)
            if link not in seen and kind != "static" and visits[kind] < 2:
                seen.add(link)
                visits[kind] += 1
                waiting.append(link)
    assert wrong == [], wrong
    assert len(visits) > 12


def route_name(app: Starlette, path: str) -> str:
    scope = {"type": "http", "path": path, "method": "GET", "root_path": "", "headers": []}
    return next((getattr(r, "name", "") for r in app.routes if r.matches(scope)[0] == Match.FULL), path)


def test_of_a_hundred_leads_five_became_deals_and_two_months_later_twelve(company: Starlette) -> None:
    """The seed's story (S07), as anyone who works there sees it."""
    effect = Effect(Person.get(Person.email == EMAIL["li"]), Product.get(Product.name == "翠堤湾").id)
    told = [effect.total[month] for month in effect.months]
    assert [(cohort.n, cohort.won) for cohort in told] == [(100, 5), (100, 8), (100, 12)]
    assert all(effect.tells(cohort) for cohort in told)
    assert effect.verdict is not None
    assert (effect.verdict.before, effect.verdict.after) == (told[0], told[-1])
    assert effect.verdict.finding == Conclusion.UNCERTAIN
    assert list(effect.accepted.values()) == sorted(effect.accepted.values())
