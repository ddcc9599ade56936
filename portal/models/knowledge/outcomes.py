"""What becomes of an accepted suggestion: whom it belongs to says whether it is carried out, or why not.

Its author's name stands on top of it for ever, as on everything that was accepted (scenario S52); this is the
answer that the company owes for it, within 10 working days as usual.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Any, ClassVar

from peewee import JOIN, Check, DateField, ForeignKeyField, ModelSelect

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.fields import StateField, TextField, UtcDateTimeField
from portal.models.base.published import Published, copies
from portal.models.base.record import Event, Invalid, along, names_of
from portal.models.base.undoing import MEANWHILE
from portal.models.company.calendar import Calendar
from portal.models.company.settings import Setting
from portal.models.knowledge.articles import Article, ends_with_it, returns_with_it
from portal.models.knowledge.topic_rules import TOPIC_OWNER, TopicRule
from portal.models.knowledge.words import SUGGESTION_OUTCOME, OutcomeState
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role, auditors
from portal.models.products.products import Product, follows_its_owner
from portal.models.work.clocks import Clock, step

LONGEST = 2000
WAITS, LATE = "outcome", "late outcome"
"""What waits for whom the suggestion belongs to, and for administrators once that one is late."""
OVER = (OutcomeState.DONE, OutcomeState.DECLINED)
ANSWERS = (OutcomeState.PLANNED, *OVER)


class SuggestionOutcome(Published):
    """What becomes of a suggestion that was accepted."""

    called = SUGGESTION_OUTCOME
    texts: ClassVar[tuple[str, ...]] = ("answer",)

    article = ForeignKeyField(Article, on_delete="CASCADE", unique=True)
    article_id: int
    owner = ForeignKeyField(
        Person, null=True, on_delete="RESTRICT", backref="outcomes_owed", verbose_name=Phrase("Who answers")
    )
    """Whom it belongs to, of a product or a topic; none: whoever reviews its topic, or administrators."""
    owner_id: int | None
    state = StateField(OutcomeState, max_length=20, default=OutcomeState.WAITING)
    answer = TextField(default="", verbose_name=Phrase("Answer"))
    planned_on = DateField(null=True, verbose_name=Phrase("Carried out by"))
    """Until when it is to be carried out."""
    answered_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="outcomes_answered")
    answered_by_id: int | None
    answered_at = UtcDateTimeField(null=True)

    class Meta:
        constraints = [
            Check("state IN ('waiting', 'planned', 'done', 'declined')"),
            Check("(state = 'waiting') = (answered_at IS NULL)"),
            Check("(answered_at IS NULL) = (answered_by_id IS NULL)"),
            Check("state <> 'declined' OR answer <> ''"),
            Check("state <> 'planned' OR planned_on IS NOT NULL"),
        ]

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[SuggestionOutcome]:
        """Whoever reads the suggestion."""
        return cls.select().where(cls.article.in_(Article.visible_to(person).select(Article.id)))

    @classmethod
    def of(cls, article: Article) -> SuggestionOutcome | None:
        """What became of this article, where it is a suggestion."""
        if article.kind_of != "suggestion":
            return None
        found = next(
            iter(along(cls.select().where(cls.article == article), cls.owner, cls.answered_by)), None
        )
        if found is not None:
            found.article = article  # known already: asking who may answer costs no query
        return found

    @classmethod
    def beside(cls, query: ModelSelect[Article]) -> ModelSelect[Article]:
        """Articles, each with what becomes of it as `outcome`, where it is a suggestion."""
        owner: Any = Person.alias("owner")
        answering: Any = Person.alias("answering")
        joined: Any = query.select_extend(cls, *names_of(owner), *names_of(answering))
        joined = joined.join_from(
            Article, cls, JOIN.LEFT_OUTER, on=(cls.article == Article.id), attr="outcome"
        )
        joined = joined.join_from(cls, owner, JOIN.LEFT_OUTER, on=(cls.owner == owner.id), attr="owner")
        on = cls.answered_by == answering.id
        joined = joined.join_from(cls, answering, JOIN.LEFT_OUTER, on=on, attr="answered_by")
        found: ModelSelect[Article] = joined
        return found

    @property
    def url(self) -> str:
        return f"/outcomes/{self.id}"

    @property
    def name(self) -> str:
        return self.article.title

    @property
    def writer(self) -> int | None:
        return self.answered_by_id

    @property
    def is_over(self) -> bool:
        """Whether nothing more is owed."""
        return self.state in OVER

    def answerable_by(self, person: Person) -> bool:
        """Whom it belongs to, who reviews its topics, administrators; never who proposed it, and nobody while
        the suggestion is put away.
        """
        return not self.article.is_archived and self.answerable_among(
            person, self.article.credited_ids, self.article.topic_ids
        )

    def answerable_among(self, person: Person, credited: Collection[int], topics: Collection[int]) -> bool:
        """The same, where who is credited for the suggestion and its topics are known (ids)."""
        if not person.is_active or person.id in credited or self.is_over:
            return False
        reviews = person.is_reviewer and not person.review_topics.isdisjoint(topics)
        return self.owner_id == person.id or reviews or person.is_administrator

    @staticmethod
    def answerers(credited: Collection[int]) -> ModelSelect[Person]:
        """Everyone to whom it may be passed on: here, no auditor, and none who proposed it (ids)."""
        is_here = Person.deactivated_at.is_null() & Person.id.not_in(auditors())
        return Person.select().where(is_here & Person.id.not_in(credited))

    # -------------------------------------------------------------- its life

    @classmethod
    def await_answer(cls, article: Article) -> SuggestionOutcome:
        """An answer to this suggestion is owed from now on. Again is harmless."""
        with db.atomic():
            held = cls.of(article)
            if held is None:
                held = cls.create(article=article, owner=_owner(article))
                held._ask(since=clock.now())
        return held

    def say(
        self,
        *,
        by: Person,
        state: str,
        text: str = "",
        planned_on: date | None = None,
        names_checked: bool = False,
    ) -> bool:
        """Say what becomes of it, `planned`, `done` or `declined`; who proposed it is told, and who answers
        is asked again on the day by which it was to be carried out. False where it said so already. Raises
        Invalid.
        """
        text, planned_on = text.strip(), planned_on if state == OutcomeState.PLANNED else None
        if faults := self._faults(state, text, planned_on):
            raise Invalid(faults)
        if (self.state, self.answer, self.planned_on) == (state, text, planned_on):
            return False
        self.names_checked, self.hand, before, self.answer = names_checked, by.id, self.answer, text
        self.check_personal_data(["answer"])
        facts: dict[str, Any] = {"state": state, "answer": text, "planned_on": planned_on}
        facts |= {"answered_by": by, "answered_at": clock.now()}
        with db.atomic():
            if not SuggestionOutcome.update(facts).where(self._as_read).execute():
                raise Invalid(MEANWHILE)
            self._stop()
            self.article.track(SAID[state], by=by, changes={"answer": [before or None, text or None]})
            told = Phrase(TOLD[state].msgid, article=self.article.title, who=names(by))
            for person in self.article.credited_ids:
                Notice.tell(person, told, about=self.article)
            if planned_on is not None:
                self._ask_again(by, planned_on)
        return True

    @property
    def _as_read(self) -> Any:
        """The condition that nobody answered since this was read."""
        at = SuggestionOutcome.answered_at
        said = at.is_null() if self.answered_at is None else at == self.answered_at
        return (SuggestionOutcome.id == self.id) & SuggestionOutcome.state.not_in(OVER) & said

    @staticmethod
    def _faults(state: str, text: str, planned_on: date | None) -> dict[str, Phrase]:
        found: dict[str, Phrase] = {}
        if state not in SAID:
            found["state"] = Phrase("Say what becomes of it.")
        if state == OutcomeState.DECLINED and not text:
            found["text"] = Phrase("Say why it is not carried out: who proposed it reads your reason.")
        if len(text) > LONGEST:
            found["text"] = Phrase(
                "This text has %(found)s characters of %(most)s.", found=len(text), most=LONGEST
            )
        if state == OutcomeState.PLANNED and (planned_on is None or planned_on < clock.today()):
            found["planned_on"] = Phrase("Say by which day it is carried out: today or later.")
        return found

    def pass_on(self, owner: Person, *, by: Person) -> None:
        """It belongs to someone else, who answers until the same day. Raises Invalid."""
        if owner.id in self.article.credited_ids:
            raise Invalid({"owner": Phrase("Who proposed it does not answer it.")})
        if not owner.is_active or owner.is_auditor:
            raise Invalid({"owner": Phrase("Choose someone who is here to answer it.")})
        if owner.id == self.owner_id:
            return
        with db.atomic():
            still = (SuggestionOutcome.id == self.id) & SuggestionOutcome.state.not_in(OVER)
            if not SuggestionOutcome.update(owner=owner).where(still).execute():
                raise Invalid(MEANWHILE)
            before, self.owner = self.owner_id, owner
            running = Clock.of(self, WAITS)
            Clock.stop(self, WAITS)
            self._await(since=running.since if running is not None else clock.now())
            self.article.track("outcome passed on", by=by, changes={"owner": [before, owner.id]})

    def _await(self, *, since: datetime) -> None:
        """What is owed of it is asked for: an answer since that moment, or whether it was carried out."""
        if self.planned_on is None:
            self._ask(since=since)
        elif self.answered_by is not None:
            self._ask_again(self.answered_by, self.planned_on)

    def _ask(self, *, since: datetime) -> None:
        due = Calendar.read().add(since, Setting.read("fresh.suggestion_days"))
        self._start(since=since, due_at=due, steps={LATE: max(due, clock.now())})

    def _ask_again(self, by: Person, day: date) -> None:
        """Whether it was carried out, on its day: of whom it belongs to, or who said that it would be."""
        if self.owner_id is None:
            SuggestionOutcome.update(owner=by).where(SuggestionOutcome.id == self.id).execute()
            self.owner = by
        until = clock.start_of(day)
        due = Calendar.read().add(until, 1)
        self._start(since=clock.now(), shown_at=until, due_at=due, steps={LATE: due})

    def _start(self, **facts: Any) -> None:
        article = self.article
        if Clock.of(self, LATE) is not None:  # administrators are asked already, once
            facts.pop("steps")
        Clock.start(
            self,
            WAITS,
            who=_who(article, self.owner),
            but=article.credited_ids,
            about=article,
            text=Phrase("What becomes of “%(article)s”?", article=article.title),
            url=self.url,
            **facts,
        )

    def _stop(self) -> None:
        for what in (WAITS, LATE):
            Clock.stop(self, what)

    def _erase_from(self, cleaned: Callable[[str], str]) -> None:
        self.answer, self.names_checked = cleaned(self.answer), True
        self.save()


SAID: dict[str, str] = {
    OutcomeState.PLANNED: "outcome planned",
    OutcomeState.DONE: "outcome done",
    OutcomeState.DECLINED: "outcome declined",
}
"""What an answer leaves as an event of the suggestion."""
TOLD: dict[str, Phrase] = {
    OutcomeState.PLANNED: Phrase("What you proposed will be carried out, %(who)s says: %(article)s"),
    OutcomeState.DONE: Phrase("What you proposed is carried out, %(who)s says: %(article)s"),
    OutcomeState.DECLINED: Phrase("What you proposed is not carried out; %(who)s says why: %(article)s"),
}
"""What those who proposed it hear."""


def _owner(article: Article) -> Person | None:
    """Whom the product belongs to; else whom the topic belongs to, or who stands in; none who proposed it."""
    product = Product.get_or_none(Product.id == article.product_id) if article.product_id else None
    rules = [TopicRule.of(topic) for topic in sorted(article.topic_ids)]
    named = [one for rule in rules if rule is not None for one in (rule.owner, rule.deputy)]
    named = [product.owner, *named] if product is not None else named
    credited = article.credited_ids
    able = (one for one in named if one is not None and one.is_active and not one.is_auditor)
    return next((one for one in able if one.id not in credited), None)


def _who(article: Article, owner: Person | None) -> str:
    if owner is not None:
        return str(owner)
    topics = article.topic_ids
    return f"topic-{min(topics)}" if topics else str(Role.ADMINISTRATOR)


@step(WAITS, LATE)
def late(waiting: Clock) -> None:
    """Its day is over: administrators are asked too."""
    outcome = SuggestionOutcome.get_by_id(waiting.subject)
    Clock.start(
        outcome,
        LATE,
        who=str(Role.ADMINISTRATOR),
        but=outcome.article.credited_ids,
        about=outcome.article,
        text=Phrase("Nobody has said what becomes of “%(article)s”.", article=outcome.article.title),
        url=outcome.url,
        since=waiting.since,
    )


@step(WAITS, "left")
def left(waiting: Clock) -> None:
    """Whom it belonged to has left: the next is asked, until the same day."""
    _ask_next(waiting, SuggestionOutcome.get_by_id(waiting.subject))


@step(WAITS, TOPIC_OWNER)
def follow_the_topic(waiting: Clock) -> None:
    """Its topic belongs to someone else: so does this, unless somebody passed it on by hand."""
    outcome = SuggestionOutcome.get_by_id(waiting.subject)
    by_hand = Event.about(outcome.article).where(Event.verb == "outcome passed on")
    if not by_hand.exists():
        _ask_next(waiting, outcome)


@follows_its_owner
def follow_the_product(product: Product) -> None:
    """Its product belongs to someone else: so does this, unless somebody passed it on by hand."""
    about = Article.select(Article.id).where(Article.product == product)
    owed = SuggestionOutcome.article.in_(about) & SuggestionOutcome.state.not_in(OVER)
    for outcome in SuggestionOutcome.select().where(owed):
        if (waiting := Clock.of(outcome, WAITS)) is not None:
            follow_the_topic(waiting)


def _ask_next(waiting: Clock, outcome: SuggestionOutcome) -> None:
    owner = _owner(outcome.article)
    SuggestionOutcome.update(owner=owner).where(SuggestionOutcome.id == outcome.id).execute()
    Clock.update(who=_who(outcome.article, owner)).where(Clock.id == waiting.id).execute()


@ends_with_it
def ask_nobody(article: Article, by: Person | None) -> None:
    """Nobody answers for a suggestion that is put away."""
    for outcome in SuggestionOutcome.select().where(SuggestionOutcome.article == article):
        outcome._stop()


@returns_with_it
def ask_anew(article: Article) -> None:
    """It is back: what was owed of it is owed since the same day."""
    outcome = SuggestionOutcome.of(article)
    if outcome is not None and not outcome.is_over:
        asked = Clock.latest(outcome, WAITS, about=article)
        outcome._await(since=asked.since if asked is not None else clock.now())


@copies
def in_outcomes(record: Any, cleaned: Callable[[str], str]) -> None:
    """What is taken out of a suggestion is taken out of its answer."""
    if isinstance(record, Article):
        for said in SuggestionOutcome.select().where(SuggestionOutcome.article == record):
            said._erase_from(cleaned)
