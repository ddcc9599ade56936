"""What was done by a click is undone for a day by whoever did it: the same for every noun and act."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from peewee import fn

from portal import clock
from portal.models.base import undoing
from portal.models.base.database import transact, transaction
from portal.models.base.record import Event, Invalid, Record, _descendants, request_id
from portal.models.commission.handouts import Handout
from portal.models.commission.periods import Period
from portal.models.commission.reckoning import reckon_one
from portal.models.commission.statements import Statement
from portal.models.commission.terms import WHOLE
from portal.models.company.logos import SHOWN, Logo
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.requests import CustomerRequest
from portal.models.customers.trait_kinds import TraitKind
from portal.models.customers.traits import Trait, TraitSource
from portal.models.customers.words import SourceState
from portal.models.experiences.experiences import Experience, ExperienceTopic
from portal.models.experiences.mergers import ask_to_take_in, take_in
from portal.models.expertise.endorsements import Endorsement
from portal.models.expertise.expertise import Evidence
from portal.models.expertise.own_topics import OwnTopic
from portal.models.expertise.points import PointEntry
from portal.models.expertise.soft_traits import HiddenTrait, SoftTrait, SoftWord
from portal.models.help.pages import HelpPage
from portal.models.knowledge import merging, proposals, scores, verification
from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.knowledge.comments import Comment
from portal.models.knowledge.objections import Objection
from portal.models.knowledge.proposals import Proposal
from portal.models.knowledge.questions import Answer, BestAnswer, Question
from portal.models.knowledge.risks import ask_to_write
from portal.models.knowledge.templates import ArticleTemplate
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.knowledge.uses import Use
from portal.models.learning import banks
from portal.models.learning.courses import Course
from portal.models.learning.exams import Exam, ExamQuestion
from portal.models.learning.paths import PathStep
from portal.models.learning.post_needs import PostNeed
from portal.models.people.absences import Absence
from portal.models.people.approvals import Approval
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role
from portal.models.products.products import Product
from portal.models.sales import closings
from portal.models.sales.answer_uses import AnswerUse
from portal.models.sales.article_uses import ArticleUse
from portal.models.sales.deals import Deal, DealShare
from portal.models.sales.handover import hand_over
from portal.models.sales.lines import DealLine
from portal.models.sales.shares import share_with
from portal.models.work.clocks import Clock
from tests.attacks.parts import at_once
from tests.commission import JUNE, MAY, approved, close, noon
from tests.views.company.test_logo import png

PRICE = 20_500_00


@dataclass
class Cast:
    """Who acts, and on what."""

    ada: Person
    ben: Person
    mona: Person
    rita: Person
    adam: Person
    schools: Topic
    lakeside: Product

    @property
    def customer(self) -> Customer:
        return Customer.get_or_none(Customer.name == "Isdom") or Customer.add(by=self.ada, name="Isdom")

    @property
    def money(self) -> Topic:
        return Topic.get_or_none(Topic.name == "Loans") or Topic.create(name="Loans")

    @property
    def cautious(self) -> SoftTrait:
        return SoftTrait.select().first() or SoftTrait.create(name="cautious")

    def source(self) -> TraitSource:
        """A conversation in which nobody decided yet whether a trait shows."""
        kind = TraitKind.select().first() or TraitKind.create(name="wants safety", purpose="Who calls")
        said = Interaction.log(self.customer, by=self.ada, kind_of="call", text="Is it safe?")
        trait = Trait.create(customer=self.customer, kind_of=kind)
        facts: dict[str, Any] = {"origin_kind": "interaction", "origin": said.id, "at": said.at}
        return TraitSource.create(trait=trait, by=self.ada, **facts)

    def need(self) -> PostNeed:
        facts: dict[str, Any] = {"post": "Seller", "stage": "viewing", "topic": self.schools}
        TopicRule.choose(self.schools, by=self.adam, way="none", owner=self.ada)
        return PostNeed.add(by=self.ada, title="How to begin", **facts)

    def step(self) -> PathStep:
        Person.update(title="Seller").where(Person.id == self.ada.id).execute()
        facts: dict[str, Any] = {"post": "Seller", "day": 7, "task": "interaction.logged"}
        return PathStep.add(by=self.mona, title="Call somebody", **facts)

    def deal(self) -> Deal:
        facts: dict[str, Any] = {"customer": self.customer, "product": self.lakeside, "amount": 19_000_00}
        deal = Deal.open(by=self.ada, title="Three rooms", competitor="Acme", **facts)
        deal.move("viewing", by=self.ada)
        return deal

    def lead(self) -> Deal:
        """Nobody's customer yet; somebody promised to call."""
        deal, on = Deal.open(by=self.ada, title="Orchard School", note="Wants oak"), clock.today()
        Interaction.log(None, by=self.ada, kind_of="call", text="Oak?", deal=deal, follow_up_on=on)
        return deal

    def contact(self) -> Contact:
        return Contact.add(self.customer, by=self.ada, name="Ms Wang")

    def merged(self) -> Experience:
        """Ben's, of which reviewers said that it belongs into Ada's."""
        hers, his = (
            Experience.create(
                author=by, kind_of="suggestion", title="Keys", state=state, first_submitted_at=clock.now()
            )
            for by, state in ((self.ada, "accepted"), (self.ben, "merged"))
        )
        his.write(merged_into=hers, decided_at=clock.now())
        ask_to_take_in(his)
        return his

    def draft(self) -> Experience:
        written = Experience.begin(by=self.ada, kind="suggestion")
        written.save_draft(by=self.ada, title="Keys at the door", topics=[self.schools])
        return written

    def promise(self) -> Interaction:
        on = clock.today() - timedelta(days=1)
        return Interaction.log(self.customer, by=self.ada, kind_of="call", text="Called", follow_up_on=on)

    def request(self) -> CustomerRequest:
        due = clock.now() + timedelta(days=2)
        return CustomerRequest.add(self.customer, by=self.ada, text="A taxi", due_at=due)

    def taken(self) -> CustomerRequest:
        found = self.request()
        found.take(by=self.ben)
        return found

    def article(self) -> Article:
        facts: dict[str, Any] = {
            "title": "Ask first",
            "body": "One question first.",
            "topics": [self.schools],
        }
        return Article.add(by=self.ada, published=True, **facts)

    def question(self) -> Question:
        return Question.ask(by=self.ada, text="Which school?", topic=self.schools)

    def answered(self) -> Question:
        question = self.question()
        question.answer(by=self.ben, text="The nearest.")
        question.answer(by=self.rita, text="The second nearest.")
        return question

    def due(self) -> Article:
        """Its check day is today, and its author is asked."""
        article = self.article()
        article.write(review_by=clock.today())
        verification.await_check(article, str(self.ada))
        return article

    def course(self) -> Course:
        return Course.add(by=self.ada, title="First days", topic=self.schools)

    def public(self) -> HelpPage:
        """An article that is on the help site."""
        page = HelpPage.ask(self.article(), by=self.ada, number=1, sections=[0]).fresh()
        page.confirm(by=self.rita, version=page.version)
        return page.fresh()

    def changed(self) -> Article:
        """Accepted with a score, and changed since by its author."""
        article = self.article()
        article.write(score=8000, scored_number=1)
        article.edit(by=self.ada, body="One question first, then listen.")
        return article


@pytest.fixture
def cast(
    ada: Person, ben: Person, mona: Person, rita: Person, adam: Person, schools: Topic, lakeside: Product
) -> Cast:
    return Cast(ada, ben, mona, rita, adam, schools, lakeside)


Made = Callable[[Cast], Any]
Act = Callable[[Any, Cast], Any]


@dataclass
class Case:
    """A noun as it was, what is done to it, and by whom."""

    made: Made
    act: Act
    by: str = "ada"


def _put_away(made: Made) -> Made:
    def gone(cast: Cast) -> Any:
        record = made(cast)
        record.archive(by=cast.ada)
        return record

    return gone


def _noted(cast: Cast) -> TraitSource:
    source = cast.source()
    source.decide(SourceState.KEPT, by=cast.ada)
    return source


def _archived(made: Made, by: str = "ada") -> Case:
    return Case(made, lambda record, cast: record.archive(by=getattr(cast, by)), by)


def _restored(made: Made, by: str = "ada") -> Case:
    return Case(_put_away(made), lambda record, cast: record.restore(by=getattr(cast, by)), by)


def _best(question: Question, cast: Cast, number: int = 0) -> None:
    question.choose_best(list(Answer.select().where(Answer.question == question))[number], by=cast.ada)


def _template(cast: Cast) -> ArticleTemplate:
    _two_administrators(cast)
    return ArticleTemplate.add(by=cast.adam, name="Visit", body="## Who came")


def _two_administrators(cast: Cast) -> None:
    """So that one may leave."""
    if not cast.mona.is_administrator:
        cast.mona.grant(Role.ADMINISTRATOR, by=None)


def _logo(cast: Cast) -> Logo:
    """One that was shown, and is not."""
    logo = _shown(cast)
    logo.take_off(by=cast.adam)
    return logo


def _shown(cast: Cast) -> Logo:
    _two_administrators(cast)
    return Logo.choose(png(), by=cast.adam)


def _doubted(cast: Cast) -> Deal:
    cast.answered()
    return cast.deal()


def _used_answer(deal: Deal, cast: Cast) -> None:
    AnswerUse.say(deal, Answer.select().first(), by=cast.ada)


def _used_article(work: Any, cast: Cast, by: str = "ada") -> None:
    ArticleUse.say(work, Article.select().first() or cast.article(), by=getattr(cast, by))


def _with_article(begun: Callable[[Cast], Any]) -> Callable[[Cast], Any]:
    def begin(cast: Cast) -> Any:
        cast.article()
        return begun(cast)

    return begin


def _last_statement(cast: Cast) -> Statement:
    """Of a month that is closed, for who left."""
    cast.mona.grant(Role.FINANCE, by=None)
    cast.ben.deactivate(by=cast.adam)
    period, at = Period.begun(MAY), clock.now()
    made = Statement.create(period=period, month=MAY, person=cast.ben, payee_name="Ben")
    Period.update(state="closed", closed_at=at, closed_by=cast.mona).where(Period.id == period.id).execute()
    return made.fresh()


def _merged_article(cast: Cast) -> Article:
    Article.add(by=cast.ada, title="The other", body="Four", topics=[cast.schools])
    return cast.article()


def _merge(article: Article, cast: Cast) -> None:
    merging.merge(article, Article.get(Article.title == "The other"), by=cast.ada)


def _proposed(cast: Cast) -> Proposal:
    """What Ben suggests for an article of Ada's."""
    return proposals.suggest(cast.article(), by=cast.ben, title="B", body="Three")


def _commented(cast: Cast) -> Proposal:
    proposal = _proposed(cast)
    Comment.say(proposal, by=cast.ada, text="Why?")
    return proposal


def _hiding(cast: Cast) -> Person:
    OwnTopic.hide(cast.schools, by=cast.ben)
    return cast.ben


def _today() -> dict[str, Any]:
    """As the test runs: midnight may have passed since this file was read."""
    return {"first_day": clock.today(), "last_day": clock.today()}


CASES: dict[tuple[str, str], Case] = {
    ("deal", "won"): Case(Cast.deal, lambda d, c: closings.win(d, by=c.ada, amount=PRICE, on=clock.today())),
    ("deal", "lost"): Case(
        Cast.deal, lambda d, c: closings.lose(d, by=c.ada, reason="Dear", on=clock.today(), competitor="Zeta")
    ),
    ("deal", "answer used"): Case(_doubted, _used_answer),
    ("deal", "article used"): Case(_with_article(Cast.deal), _used_article),
    ("customer_request", "article used"): Case(
        _with_article(Cast.taken), lambda r, c: _used_article(r, c, "ben"), "ben"
    ),
    ("article", "merged"): Case(_merged_article, _merge),
    ("deal", "moved"): Case(Cast.deal, lambda d, c: d.move("negotiation", by=c.ada)),
    ("deal", "customer made"): Case(Cast.lead, lambda d, c: d.make_customer(by=c.ada)),
    ("deal", "handed over"): Case(Cast.deal, lambda d, c: d.hand_over(c.ben, by=c.ada)),
    ("customer", "handed over"): Case(
        lambda c: c.customer, lambda one, c: hand_over(one, c.ben, by=c.ada, with_deals=True)
    ),
    ("experience", "taken in"): Case(Cast.merged, lambda e, c: take_in(e, by=c.ada)),
    ("interaction", "followed up"): Case(Cast.promise, lambda i, c: i.follow_up(by=c.ada)),
    ("interaction", "let down"): Case(Cast.promise, lambda i, c: i.follow_up(by=c.ada, kept=False)),
    ("customer_request", "taken"): Case(Cast.request, lambda r, c: r.take(by=c.ben), "ben"),
    ("customer_request", "released"): Case(Cast.taken, lambda r, c: r.release(by=c.ben), "ben"),
    ("customer_request", "closed"): Case(Cast.taken, lambda r, c: r.close(by=c.ben, result="Sent"), "ben"),
    ("customer_request", "withdrawn"): Case(Cast.taken, lambda r, c: r.withdraw(by=c.ada)),
    ("article", "used"): Case(Cast.article, lambda a, c: Use.say(a, by=c.ben), "ben"),
    ("article", "objected"): Case(
        Cast.article, lambda a, c: Objection.say(a, by=c.ben, reason="It takes long"), "ben"
    ),
    ("proposal", "commented"): Case(_proposed, lambda p, c: Comment.say(p, by=c.ada, text="Why?")),
    ("proposal", "comment settled"): Case(
        _commented, lambda p, c: Comment.get(Comment.proposal == p).settle(by=c.ada)
    ),
    ("article", "called minor"): Case(
        Cast.changed, lambda a, c: scores.call_minor(a, by=c.rita, number=a.text_number), "rita"
    ),
    ("article", "topic added"): Case(Cast.article, lambda a, c: a.add_topic(c.money, by=c.ada)),
    ("article", "verified"): Case(Cast.due, lambda a, c: verification.verify(a, by=c.ada)),
    ("logo", "put up"): Case(_logo, lambda one, c: Logo.choose(one.content, by=c.adam), "adam"),
    ("logo", "taken off"): Case(_shown, lambda one, c: one.take_off(by=c.adam), "adam"),
    ("course", "topic set"): Case(
        lambda c: Course.add(by=c.ada, title="Loans", topic=c.schools),
        lambda one, c: one.set_topic(c.money, by=c.ada),
    ),
    ("experience", "topic added"): Case(Cast.draft, lambda e, c: e.add_topic(c.money, by=c.ada)),
    ("question", "topic set"): Case(Cast.question, lambda q, c: q.set_topic(c.money, by=c.ada)),
    ("question", "best chosen"): Case(Cast.answered, _best),
    ("person", "endorsed"): Case(
        lambda c: c.ada, lambda p, c: Endorsement.give(by=c.ben, person=p, topic=c.schools), "ben"
    ),
    ("person", "called so"): Case(
        lambda c: c.ada, lambda p, c: SoftWord.give(by=c.ben, person=p, trait=c.cautious), "ben"
    ),
    ("person", "soft trait hidden"): Case(lambda c: c.ada, lambda p, c: HiddenTrait.hide(c.cautious, by=p)),
    ("trait_source", "kept"): Case(Cast.source, lambda s, c: s.decide(SourceState.KEPT, by=c.ada)),
    ("trait_source", "dismissed"): Case(Cast.source, lambda s, c: s.decide(SourceState.DISMISSED, by=c.ada)),
    ("trait_source", "withdrawn"): Case(_noted, lambda s, c: s.withdraw(by=c.ada)),
    ("topic", "asked to write"): Case(
        lambda c: c.schools, lambda t, c: ask_to_write(t, c.ben, by=c.mona), "mona"
    ),
    ("person", "topic hidden"): Case(lambda c: c.ben, lambda p, c: OwnTopic.hide(c.schools, by=p), "ben"),
    ("person", "topic shown"): Case(_hiding, lambda p, c: OwnTopic.show(c.schools, by=p), "ben"),
    ("person", "absence noted"): Case(
        lambda c: c.ben,
        lambda p, c: Absence.note(by=c.mona, person=p, substitute=c.ada, **_today()),
        "mona",
    ),
    ("person", "absence taken back"): Case(
        lambda c: Absence.note(by=c.ben, person=c.ben, substitute=c.ada, **_today()).person,
        lambda p, c: Absence.get().take_back(by=c.ben),
        "ben",
    ),
    ("post_need", "archived"): _archived(Cast.need),
    ("post_need", "restored"): _restored(Cast.need),
    ("path_step", "archived"): _archived(Cast.step, "mona"),
    ("path_step", "restored"): _restored(Cast.step, "mona"),
    ("deal", "archived"): _archived(Cast.deal),
    ("deal", "restored"): _restored(Cast.deal),
    ("statement", "handed_out"): Case(
        _last_statement, lambda one, c: Handout.note(one, clock.today(), "hand", by=c.mona), "mona"
    ),
    ("customer", "archived"): _archived(lambda c: c.customer),
    ("customer", "restored"): _restored(lambda c: c.customer),
    ("contact", "archived"): _archived(Cast.contact),
    ("contact", "restored"): _restored(Cast.contact),
    ("interaction", "archived"): _archived(Cast.promise),
    ("interaction", "restored"): _restored(Cast.promise),
    ("product", "archived"): _archived(lambda c: c.lakeside, "mona"),
    ("product", "restored"): _restored(lambda c: c.lakeside, "mona"),
    ("question", "archived"): _archived(Cast.question),
    ("question", "restored"): _restored(Cast.question),
    ("course", "archived"): _archived(Cast.course),
    ("course", "restored"): _restored(Cast.course),
    ("exam", "file brought in"): Case(
        lambda c: Exam.add(c.course(), by=c.ada),
        lambda e, c: banks.take_in(e, by=c.ada, file=BytesIO(b"question,right\nSo?,true\n"), name="a.csv"),
    ),
    ("product", "handed over"): Case(
        lambda c: c.lakeside, lambda one, c: one.hand_over(c.ben, by=c.mona), "mona"
    ),
    ("course", "handed over"): Case(Cast.course, lambda one, c: one.hand_over(c.ben, by=c.ada)),
    ("article_template", "archived"): _archived(_template, "adam"),
    ("article_template", "restored"): _restored(_template, "adam"),
    ("help_page", "withdrawn"): Case(Cast.public, lambda page, c: page.withdraw(by=c.ada)),
    ("article", "archived"): _archived(Cast.article),
    ("article", "restored"): _restored(Cast.article),
}
ALL = pytest.mark.parametrize(("kind", "verb"), CASES, ids=[" ".join(case) for case in CASES])


def _rows(query: Any) -> list[tuple[Any, ...]]:
    return list(query.tuples())


def world(record: Record) -> dict[str, Any]:
    """All that an act may leave behind it, but for its events and its reversed money."""
    unkept = ("version", "updated_at", "taken_at", "checked_at")
    row = {n: v for n, v in record.fresh().__data__.items() if n not in unkept}
    row |= {name: bool(row.get(name)) for name in ("archived_at", "followed_up_at", "ended_at")}
    open_clocks = Clock.select().where(Clock.stopped_at.is_null())
    money = DealLine.select(DealLine.trigger, DealLine.on, fn.SUM(DealLine.amount))
    points = PointEntry.select(PointEntry.person, fn.SUM(PointEntry.amount)).group_by(PointEntry.person)
    return {
        "row": row,
        "waits": {(one.what, one.who, str(one.due_at)[:10]) for one in open_clocks},
        "evidence": {one.key for one in Evidence.standing()},
        "points": {person: total for person, total in _rows(points) if total},
        "told": sorted((one.person_id, one.text) for one in Notice.select()),
        "asked": {one.standing for one in Approval.select() if one.standing},
        "shares": set(_rows(DealShare.select(DealShare.deal, DealShare.person, DealShare.share))),
        "money": {line for line in _rows(money.group_by(DealLine.trigger, DealLine.on)) if line[2]},
        "best": set(_rows(BestAnswer.select(BestAnswer.scope, BestAnswer.answer, BestAnswer.chosen_by))),
        "topics": set(_rows(ArticleTopic.select(ArticleTopic.article, ArticleTopic.topic))),
        "filed": set(_rows(ExperienceTopic.select(ExperienceTopic.experience, ExperienceTopic.topic))),
        "uses": set(_rows(Use.select(Use.article, Use.person))),
        "against": set(_rows(Objection.select(Objection.article, Objection.person, Objection.reason))),
        "answers used": set(_rows(AnswerUse.select(AnswerUse.answer, AnswerUse.deal))),
        "articles used": set(
            _rows(ArticleUse.select(ArticleUse.article, ArticleUse.deal, ArticleUse.request))
        ),
        "comments": set(_rows(Comment.select(Comment.proposal, Comment.text, Comment.settled_by))),
        "bank": ExamQuestion.select().count(),
        "words": Endorsement.select().count(),
        "called": set(_rows(SoftWord.select(SoftWord.person, SoftWord.trait, SoftWord.by))),
        "hidden traits": set(_rows(HiddenTrait.select(HiddenTrait.person, HiddenTrait.trait))),
        "traits": set(_rows(TraitSource.select(TraitSource.id, TraitSource.state, TraitSource.holds))),
        "hidden": set(_rows(OwnTopic.select(OwnTopic.person, OwnTopic.topic, OwnTopic.sort))),
        "away": set(_rows(Absence.select(Absence.person, Absence.first_day, Absence.substitute))),
        "given": set(_rows(Handout.select(Handout.statement, Handout.on, Handout.how, Handout.by))),
        "logo": Setting.read(SHOWN),
    }


def done(kind: str, verb: str, cast: Cast) -> tuple[Record, Event, Person, dict[str, Any]]:
    """The record, the act's event, who did it, and the world before."""
    case = CASES[kind, verb]
    record = case.made(cast)
    before = world(record)
    case.act(record, cast)
    event = next(each for each in Event.about(record) if each.verb == verb)
    return record, event, getattr(cast, case.by), before


def test_every_act_that_a_click_undoes_is_in_the_table() -> None:
    nouns = [model for model in _descendants(Record) if "called" in vars(model) or model is Person]
    verbs = {verb for _, verb in undoing.undoable_verbs()}
    found = {(noun.kind(), verb) for noun in nouns for verb in verbs if undoing.undoing_of(noun, verb)}
    assert found == {*CASES, ("interaction", "logged")}


def test_what_was_noted_by_mistake_is_withdrawn_by_whoever_noted_it(cast: Cast) -> None:
    said = cast.promise()
    event = Event.about(said).get()
    assert not undoing.may_undo(event, by=cast.mona)
    undoing.undo(event, by=cast.ada)
    assert said.fresh().is_archived
    assert Clock.of(said, "follow-up") is None
    assert [each.verb for each in Event.about(said)] == ["undid", "archived", "logged"]
    with pytest.raises(Invalid, match="undone already"):
        undoing.undo(event, by=cast.ada)
    undoing.undo(Event.about(said).where(Event.verb == "archived").get(), by=cast.ada)
    assert not said.fresh().is_archived
    assert Clock.of(said, "follow-up")


@pytest.mark.parametrize("act", ["withdrawn", "kept"])
def test_a_note_from_which_somebody_went_on_is_not_undone(cast: Cast, act: str) -> None:
    said = cast.promise()
    said.archive(by=cast.ada) if act == "withdrawn" else said.follow_up(by=cast.ada)
    event = Event.about(said).where(Event.verb == "logged").get()
    with pytest.raises(Invalid, match="has gone on since"):
        undoing.undo(event, by=cast.ada)


@ALL
def test_it_is_as_it_was_with_all_that_came_of_it(kind: str, verb: str, cast: Cast) -> None:
    record, event, by, before = done(kind, verb, cast)
    assert world(record) != before
    assert [each.id for each in undoing.undoable(record.fresh(), by=by)][:1] == [event.id]
    undoing.undo(event, by=by)
    assert world(record) == before
    assert Event.about(record).first().verb == "undid"
    assert Event.about(record).first().changes == {"act": [verb, None], "event": [event.id, None]}
    assert event.id not in {each.id for each in undoing.undoable(record.fresh(), by=by)}


@ALL
def test_twice_is_refused_and_again_and_again_lifts_nothing(kind: str, verb: str, cast: Cast) -> None:
    record, event, by, before = done(kind, verb, cast)
    once = world(record)
    for _ in range(3):
        undoing.undo(event, by=by)
        with pytest.raises(Invalid, match="undone already"):
            undoing.undo(event, by=by)
        assert world(record) == before
        CASES[kind, verb].act(record.fresh(), cast)
        assert world(record) == once
        event = next(each for each in Event.about(record) if each.verb == verb)


@ALL
def test_of_two_presses_at_one_moment_one_undoes(kind: str, verb: str, cast: Cast) -> None:
    """The second waits until the first is done with, whatever the act wrote, and is told that it was undone."""
    record, event, person, before = done(kind, verb, cast)
    pressed = threading.Event()

    def first() -> str:
        with transaction():
            undoing.undo(event, by=person)
            pressed.set()
            time.sleep(0.1)
        return "undone"

    def second() -> str:
        pressed.wait(10)
        try:
            transact(lambda: undoing.undo(event, by=person))
        except Invalid as invalid:
            return str(invalid)
        return "undone"

    assert at_once(first, second) == ["undone", "This was undone already."]
    assert world(record.fresh()) == before
    undid = Event.about(record).where(Event.verb == undoing.UNDID)
    assert [each.changes["event"][0] for each in undid] == [event.id]


@ALL
def test_it_is_undone_by_nobody_else_and_for_a_day(kind: str, verb: str, cast: Cast) -> None:
    record, event, by, _ = done(kind, verb, cast)
    after = world(record)
    for other in {cast.ada.id, cast.ben.id, cast.mona.id, cast.rita.id, cast.adam.id} - {by.id}:
        assert not undoing.may_undo(event, by=Person.get_by_id(other))
        with pytest.raises(Invalid):
            undoing.undo(event, by=Person.get_by_id(other))
    with clock.moved(event.at + timedelta(days=1)):
        assert undoing.undoable(record, by=by) == []
        with pytest.raises(Invalid, match="for a day"):
            undoing.undo(event, by=by)
    with clock.moved(event.at + timedelta(hours=23, minutes=59)):
        assert event in undoing.undoable(record, by=by)
    assert world(record) == after


@ALL
def test_who_left_undoes_nothing(kind: str, verb: str, cast: Cast) -> None:
    record, event, by, _ = done(kind, verb, cast)
    by.fresh().deactivate(by=cast.adam)
    after = world(record)
    assert not undoing.may_undo(event, by=by.fresh())
    with pytest.raises(Invalid, match="no longer"):
        undoing.undo(event, by=by.fresh())
    assert world(record) == after


LOST: dict[tuple[str, str], Callable[[Any, Cast], Any]] = {
    ("deal", "won"): lambda d, c: d.hand_over(c.rita, by=c.mona),
    ("deal", "archived"): lambda d, c: d.hand_over(c.rita, by=c.mona),
    ("customer", "archived"): lambda one, c: one.hand_over(c.rita, by=c.mona),
    ("article", "used"): lambda a, c: c.ben.grant(Role.AUDITOR, by=None),
    ("article", "called minor"): lambda a, c: c.rita.withdraw(Role.REVIEWER, by=None),
    ("product", "archived"): lambda p, c: c.mona.withdraw(Role.MANAGER, by=None),
}
"""What takes the right to an act away from who did it."""


@pytest.mark.parametrize(("kind", "verb"), LOST, ids=[" ".join(case) for case in LOST])
def test_who_lost_the_right_since_undoes_nothing(kind: str, verb: str, cast: Cast) -> None:
    record, event, by, _ = done(kind, verb, cast)
    LOST[kind, verb](record.fresh(), cast)
    after = world(record)
    assert not undoing.may_undo(event, by=by.fresh())
    with pytest.raises(Invalid, match="no longer"):
        undoing.undo(event, by=by.fresh())
    assert world(record) == after


GONE_ON: dict[tuple[str, str], tuple[Callable[[Any, Cast], Any], str]] = {
    ("deal", "moved"): (lambda d, c: d.move("lead", by=c.mona), "Mona has gone on since: moved"),
    ("deal", "lost"): (lambda d, c: closings.reopen(d, by=c.mona), "Mona has gone on since: reopened"),
    ("deal", "handed over"): (lambda d, c: d.edit(by=c.ben, note="Mine"), "Ben has worked on it since"),
    ("customer", "handed over"): (
        lambda one, c: Interaction.log(one, by=c.ben, kind_of="call", text="It is me now"),
        "Ben has worked on it since",
    ),
    ("customer", "archived"): (lambda one, c: one.restore(by=c.mona), "Mona has gone on since: brought back"),
    ("customer_request", "released"): (lambda r, c: r.take(by=c.ada), "Ada has gone on since"),
}
"""What somebody else does after it, and what is said of that."""


@pytest.mark.parametrize(("kind", "verb"), GONE_ON, ids=[" ".join(case) for case in GONE_ON])
def test_what_others_did_since_is_never_lost(kind: str, verb: str, cast: Cast) -> None:
    record, event, by, _ = done(kind, verb, cast)
    act, told = GONE_ON[kind, verb]
    act(record.fresh(), cast)
    after = world(record)
    with pytest.raises(Invalid, match=told):
        undoing.undo(event, by=by)
    assert world(record) == after


def test_steps_are_undone_one_after_the_other(cast: Cast) -> None:
    """The last first; then the one before it stands as it was left, and can be undone too."""
    deal = cast.deal()
    for stage in ("engaged", "negotiation"):
        deal.move(stage, by=cast.ada)
    last, first = list(Event.about(deal))[:2]
    assert undoing.undoable(deal, by=cast.ada) == [last]
    with pytest.raises(Invalid, match="gone on since"):
        undoing.undo(first, by=cast.ada)
    undoing.undo(last, by=cast.ada)
    assert deal.fresh().stage == "engaged"
    undoing.undo(first, by=cast.ada)
    assert deal.fresh().stage == "viewing"


def test_an_act_of_another_that_looks_the_same_stands(cast: Cast) -> None:
    """Ada wins, Mona reopens and wins anew with the same facts: Ada's old button does nothing to that."""
    deal = cast.deal()
    closings.win(deal, by=cast.ada, amount=PRICE, on=clock.today())
    mine = Event.about(deal).where(Event.verb == "won").first()
    closings.reopen(deal, by=cast.mona)
    closings.win(deal, by=cast.mona, amount=PRICE, on=clock.today())
    with pytest.raises(Invalid, match="Mona has gone on since"):
        undoing.undo(mine, by=cast.ada)
    assert deal.fresh().stage == "won"


# ---------------------------------------------------------------- money


def win(deal: Deal, by: Person, **facts: Any) -> Any:
    closings.win(deal, by=by, amount=PRICE, on=facts.pop("on", clock.today()), **facts)
    return next(event for event in Event.about(deal) if event.verb == "won")


def test_a_payment_is_not_undone_by_a_click(cast: Cast) -> None:
    deal = cast.deal()
    event = win(deal, cast.ada, paid_on=clock.today())
    with pytest.raises(Invalid, match="take it back first, under Money"):
        undoing.undo(event, by=cast.ada)
    paid = Event.about(deal).where(Event.verb == "paid").get()
    with pytest.raises(Invalid, match="taken back under Money"):
        undoing.undo(paid, by=cast.ada)
    assert deal.fresh().stage == "won"
    payment = next(line for line in DealLine.standing(deal) if line.trigger == "payment")
    payment.reverse(by=cast.ada, reason="A slip")
    undoing.undo(event, by=cast.ada)
    assert (deal.fresh().stage, deal.fresh().amount) == ("viewing", 19_000_00)


def test_money_that_finance_confirmed_stands(cast: Cast, fin: Person) -> None:
    deal = cast.deal()
    event = win(deal, cast.ada, paid_on=clock.today())
    next(line for line in DealLine.standing(deal) if line.trigger == "payment").confirm(by=fin)
    with pytest.raises(Invalid, match="Money"):
        undoing.undo(event, by=cast.ada)
    assert DealLine.get(DealLine.trigger == "payment").confirmed_by == fin


def test_what_was_won_and_undone_earns_nothing_in_any_month(cast: Cast, fin: Person, fiona: Person) -> None:
    """Won on 1 June with a contract of 31 May, undone within the day: neither month knows of it."""
    approved(fin, fiona, earn_trigger="contract")
    with clock.moved(noon(date(2026, 6, 1))):
        event = win(cast.deal(), cast.ada, on=date(2026, 5, 31))
        DealLine.get().confirm(by=fin)
        assert reckon_one(cast.ada, MAY).total > 0
        undoing.undo(event, by=cast.ada)
        assert [reckon_one(cast.ada, month).total for month in (MAY, JUNE)] == [0, 0]


def test_a_closed_month_is_not_changed_by_a_click(cast: Cast, fin: Person, fiona: Person) -> None:
    approved(fin, fiona, earn_trigger="contract")
    with clock.moved(noon(date(2026, 5, 31))):
        deal = cast.deal()
        event = win(deal, cast.ada)
    close(MAY, fin)
    with clock.moved(event.at + timedelta(hours=23)), pytest.raises(Invalid, match="May 2026 is closed"):
        undoing.undo(event, by=cast.ada)
    assert deal.fresh().stage == "won"


def test_who_won_by_mistake_has_no_part_in_what_another_sells(cast: Cast) -> None:
    deal = cast.deal()
    undoing.undo(win(deal, cast.ada), by=cast.ada)
    deal = deal.fresh()
    deal.hand_over(cast.ben, by=cast.ada)
    closings.win(deal, by=cast.ben, amount=PRICE, on=clock.today())
    assert deal.shares() == {cast.ben.id: WHOLE}


def test_what_was_agreed_of_shares_stays(cast: Cast) -> None:
    deal = cast.deal()
    half = WHOLE // 2
    share_with(deal, {cast.ada: half, cast.ben: half}, by=cast.ada)
    undoing.undo(win(deal, cast.ada), by=cast.ada)
    assert deal.fresh().shares() == {cast.ada.id: half, cast.ben.id: half}


# ---------------------------------------------------------------- other people


def test_who_read_of_it_hears_that_it_was_undone_and_nothing_twice(cast: Cast) -> None:
    deal = cast.deal()

    def told() -> list[str]:
        return [str(notice.phrase) for notice in Notice.unread_by(cast.ben)]

    def handed() -> Any:
        deal.fresh().hand_over(cast.ben, by=cast.ada)
        return Event.about(deal).where(Event.verb == "handed over").first()

    event = handed()
    Notice.read_all(cast.ben)
    undoing.undo(event, by=cast.ada)
    undone = ["Ada undid what you were told of “Three rooms”: it is as it was."]
    assert told() == undone
    event = handed()
    assert told() == [], "they know the one, and need not know that it was not so for a while"
    undoing.undo(event, by=cast.ada)
    assert told() == undone
    Notice.read_all(cast.ben)
    handed()
    assert told() == ["Ada handed the deal Three rooms over to you."]


def test_deals_that_went_along_come_back_but_for_those_that_went_on(cast: Cast) -> None:
    first, second = cast.deal(), cast.deal()
    token = request_id.set("r1")
    hand_over(cast.customer, cast.ben, by=cast.ada, with_deals=True)
    request_id.set("r2")
    second.fresh().edit(by=cast.ben, note="I have begun")
    event = Event.about(cast.customer).where(Event.verb == "handed over").get()
    with pytest.raises(Invalid, match="Ben has worked on it since"):
        undoing.undo(event, by=cast.ada)
    Event.update(actor=cast.ada.id).where((Event.verb == "edited") & (Event.subject == second.id)).execute()
    undoing.undo(event, by=cast.ada)
    request_id.reset(token)
    assert [each.fresh().owner_id for each in (cast.customer, first, second)] == [cast.ada.id] * 3


def test_of_two_best_answers_the_former_is_the_best_again(cast: Cast) -> None:
    question = cast.answered()
    _best(question, cast, 0)
    with clock.moved(clock.now() + timedelta(minutes=5)):
        before = world(question)
        at = {one.key: one.at for one in Evidence.standing()}
        _best(question.fresh(), cast, 1)
        undoing.undo(Event.about(question).first(), by=cast.ada)
        assert world(question) == before
        now = {one.key: one.at for one in Evidence.standing()}
        assert now.keys() == at.keys()
        assert all(now[key] - at[key] < timedelta(seconds=1) for key in at), "no younger for having been away"


def test_saying_again_that_it_worked_makes_no_evidence_younger(cast: Cast) -> None:
    article = cast.article()
    Use.say(article, by=cast.ben)
    first = Evidence.standing().get().at
    with clock.moved(first + timedelta(hours=20)):
        undoing.undo(Event.about(article).first(), by=cast.ben)
        Use.say(article.fresh(), by=cast.ben)
        assert Evidence.standing().get().at - first < timedelta(seconds=1)


def test_a_vote_that_was_dropped_stays_dropped(cast: Cast) -> None:
    """Held as a burst and dropped by whoever watches: undone and said again, it counts for nothing still."""
    one, other = (
        cast.article(),
        Article.add(by=cast.ada, title="Listen", body="Then listen.", topics=[cast.schools], published=True),
    )
    Use.say(one, by=cast.ben)
    Use.say(other, by=cast.ben)
    held = Use.get(Use.article == other)
    assert held.is_held
    held.drop(by=cast.adam)
    undoing.undo(Event.about(other).first(), by=cast.ben)
    with clock.moved(clock.now() + timedelta(minutes=5)):
        Use.say(other.fresh(), by=cast.ben)
    assert Evidence.standing().count() == 1
    assert Use.get(Use.article == other).is_held


def test_an_endorsement_given_again_is_taken_back_again(cast: Cast) -> None:
    """Given, taken back and given again it is another row: what it gave goes with that too."""
    facts: dict[str, Any] = {"by": cast.ben, "person": cast.ada, "topic": cast.schools}
    Endorsement.give(**facts)
    Endorsement.take_back(**facts)
    Endorsement.give(by=cast.mona, person=cast.rita, topic=cast.schools)  # takes the id, where ids are reused
    Endorsement.give(**facts)
    Endorsement.take_back(**facts)
    assert {one.person_id for one in Evidence.standing()} == {cast.rita.id}
