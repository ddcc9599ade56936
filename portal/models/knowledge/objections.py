"""'Did not work, because': what a colleague says against an article, and what its author answers.

Beside 'Worked for me', and instead of it: one word of each colleague for each article. It is signed, counted
where the article is read, and weighs nothing: RULES 4.4 has it answered within 3 working days, as every flag.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from peewee import Check, ForeignKeyField, ModelSelect

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.fields import TextField, UtcDateTimeField
from portal.models.base.published import Published, copies
from portal.models.base.record import Event, Invalid, along
from portal.models.base.undoing import MEANWHILE, hinders, undoes
from portal.models.company.calendar import Calendar
from portal.models.company.settings import Setting
from portal.models.expertise.points import PointEntry
from portal.models.knowledge.articles import Article, ArticleVersion, ends_with_it, returns_with_it
from portal.models.knowledge.merged import ArticleMerge, family_of
from portal.models.knowledge.merging import follows_a_merge, goes_on
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.knowledge.uses import Use, counts_with_it, falls_with_it
from portal.models.knowledge.words import OBJECTION
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role, active_with, reviewers_of
from portal.models.work.clocks import Clock, step

LONGEST = 1000
WAITS = ("objection", "objection to look at")
"""What waits for its author, and for who looks after its topic."""


class Objection(Published):
    """Why an article did not work for a colleague."""

    called = OBJECTION
    texts: ClassVar[tuple[str, ...]] = ("reason", "answer")

    article = ForeignKeyField(Article, on_delete="CASCADE")
    article_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", backref="objections")
    person_id: int
    reason = TextField(verbose_name=Phrase("Reason"))
    at = UtcDateTimeField(default=clock.now)
    answer = TextField(default="", verbose_name=Phrase("Answer"))
    answered_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="objections_answered")
    answered_by_id: int | None
    answered_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("article", "person"), True),)
        constraints = [
            Check("reason <> ''"),
            Check("(answer = '') = (answered_at IS NULL)"),
            Check("(answered_at IS NULL) = (answered_by_id IS NULL)"),
        ]

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Objection]:
        """Whoever reads the article."""
        return cls.select().where(cls.article.in_(Article.visible_to(person).select(Article.id)))

    @classmethod
    def of(cls, article: Article) -> list[Objection]:
        """What is said against an article, the newest first, with who says and who answered it."""
        said = cls.select().where(cls.article == article).order_by(cls.id.desc())
        return list(along(said, cls.person, cls.answered_by))

    @property
    def url(self) -> str:
        return f"/articles/{self.article_id}#objection-{self.id}"

    @property
    def name(self) -> str:
        return self.article.title

    @property
    def writer(self) -> int | None:
        return self.person_id

    def withdrawable_by(self, person: Person) -> bool:
        """Whoever said it."""
        return person.is_active and self.person_id == person.id

    def answerable_by(self, person: Person) -> bool:
        """Those who wrote the article, and who looks after its topics; never for oneself."""
        mine = person.id in self.article.credited_ids or self.article.judged_by(person)
        return person.is_active and mine and self.person_id != person.id

    @classmethod
    def say(cls, article: Article, *, by: Person, reason: str, names_checked: bool = False) -> Objection:
        """It did not work, because: instead of what was said before. The same again is harmless.

        Raises Invalid without a reason, for who wrote it, and for what would tell who a customer is.
        """
        cls._check(article, by, reason.strip())
        held = cls.get_or_none((cls.article == article) & (cls.person == by))
        if held is not None and held.reason == reason.strip():
            return held
        with db.atomic():
            used = Use.of(article, by) is not None
            if used:
                Use.take_back(article, by=by)
            if held is not None:
                held._end()
            made = cls(article=article, person=by, reason=reason.strip(), at=clock.now())
            made.names_checked = names_checked
            made.save(force_insert=True)
            made._wait()
            before = held.reason if held is not None else None
            changes = {"reason": [before, made.reason]}
            article.track("objected", by=by, changes=changes | ({"used": [True, None]} if used else {}))
        return made

    @classmethod
    def _check(cls, article: Article, by: Person, reason: str) -> None:
        if by.id in article.credited_ids:
            raise Invalid(Phrase("It is your own: change it where it does not work."))
        if article.state != "published":
            raise Invalid(Phrase("This is not published."))
        if not reason:
            raise Invalid({"reason": Phrase("Say why it did not work: its author can then mend it.")})
        _check_length("reason", reason)

    def _wait(self) -> None:
        """Its author answers, or who looks after its topic: whoever is first."""
        article, topics = self.article, self.article.topic_ids
        asked = Phrase(
            "“%(article)s” did not work for %(who)s.", article=article.title, who=names(self.person)
        )
        facts: dict[str, Any] = {"text": asked, "url": self.url, "about": article, "since": self.at}
        facts["due_at"] = self.due_at
        steps = {"late": self.due_at}
        Clock.start(self, WAITS[0], who=f"person-{article.author_id}", steps=steps, **facts)
        if topics:
            but = [*article.credited_ids, self.person_id]
            Clock.start(self, WAITS[1], who=f"topic-{min(topics)}", but=but, **facts)

    @property
    def is_late(self) -> bool:
        """Whether it has no answer though its working days are over."""
        return self.answered_at is None and self.due_at <= clock.now()

    @property
    def due_at(self) -> datetime:
        """By when it is answered (RULES 4.4)."""
        return Calendar.read().add(self.at, Setting.read("fresh.flag_days"))

    def tell_late(self) -> None:
        """Those who were asked hear once more that it waits, and with them whom its topics belong to: who
        leaves a word against their text lying is not alone with it. Where none of them is here, the managers.
        """
        article = self.article
        rules = [TopicRule.of(topic) for topic in article.topic_ids]
        asked = {article.author_id, *(one.id for one in reviewers_of(article.topic_ids))}
        asked |= {ident for rule in rules if rule for ident in (rule.owner_id, rule.deputy_id) if ident}
        here = Person.select().where(Person.id.in_(sorted(asked - {self.person_id})))
        people = [one for one in here if one.is_active] or active_with(Role.MANAGER)
        people = [one for one in people if one.id != self.person_id]
        told = Phrase(
            "What %(who)s said against “%(article)s” has had no answer for %(days)s working days.",
            who=names(self.person),
            article=article.title,
            days=Setting.read("fresh.flag_days"),
        )
        for each in people:
            key, waits = f"late {self} {each}", f"{self} {WAITS[0]}"
            Notice.tell(each, told, about=self, url=self.url, key=key, waits=waits)

    def _end(self) -> None:
        for what in WAITS:
            Clock.stop(self, what)
        self.delete_instance()

    def withdraw(self, *, by: Person) -> None:
        """It is not said any more: nobody need answer it."""
        with db.atomic():
            self._end()
            self.article.track("objection withdrawn", by=by)

    def reply(self, *, by: Person, text: str, names_checked: bool = False) -> None:
        """What became of it: who said it is told. Of two who answer one has answered. Raises Invalid."""
        if not text.strip():
            raise Invalid({"text": Phrase("Write what you changed, or why it holds all the same.")})
        _check_length("text", text)
        if self.answered_at is not None:
            return
        self.answer, self.names_checked, self.hand = text.strip(), names_checked, by.id
        self.check_personal_data(["answer"])
        facts = {"answer": self.answer, "answered_by": by, "answered_at": clock.now()}
        open_still = (Objection.id == self.id) & Objection.answered_at.is_null()
        with db.atomic():
            if not Objection.update(facts).where(open_still).execute():
                raise Invalid(MEANWHILE)
            for what in WAITS:
                Clock.stop(self, what)
            self.article.track("objection answered", by=by, changes={"answer": [None, self.answer]})
            told = Phrase(
                "%(who)s answered what you said against “%(article)s”.",
                who=names(by),
                article=self.article.title,
            )
            Notice.tell(self.person_id, told, about=self, url=self.url)

    def _erase_from(self, cleaned: Callable[[str], str]) -> None:
        self.reason, self.answer = cleaned(self.reason), cleaned(self.answer)
        self.names_checked = True
        self.save()
        Notice.erase_words(self, cleaned)


@step(WAITS[0], "late")
def late(waits: Clock) -> None:
    """Its working days are over (RULES 4.4)."""
    said = Objection.get_or_none(Objection.id == waits.subject)
    if said is not None and said.answered_at is None and said.article.is_read:
        said.tell_late()


def found_working(article: Article, *, by: Person) -> None:
    """'Worked for me': instead of what was said against it before."""
    with db.atomic():
        held = Objection.get_or_none((Objection.article == article) & (Objection.person == by))
        if held is not None:
            held._end()
        Use.say(article, by=by, instead_of=held.reason if held is not None else "")


def _said_already(into: Article) -> Any:
    """The condition of whose word about the one that stays stands instead, and of whoever wrote it."""
    against = Objection.select(Objection.person).where(Objection.article == into)
    worked = Use.select(Use.person).where(Use.article.in_(family_of(into)))
    own = Objection.person.in_(into.credited_ids)
    return Objection.person.in_(against) | Objection.person.in_(worked) | own


goes_on(Objection.article, staying=_said_already)


@follows_a_merge
def ask_who_can_answer(article: Article, into: Article) -> None:
    """What is said against a text is asked of whoever writes that text now."""
    open_still = Objection.article.in_([article.id, into.id]) & Objection.answered_at.is_null()
    for said in Objection.select().where(open_still):
        for what in WAITS:
            Clock.stop(said, what)
        if said.article.is_read:
            said._wait()


def _open_about(article: Article) -> ModelSelect[Objection]:
    return Objection.select().where((Objection.article == article) & Objection.answered_at.is_null())


@ends_with_it
def ask_nobody(article: Article, by: Person | None) -> None:
    """What is put away need not be mended: nobody is asked any more, and who said so hears why."""
    merged = ArticleMerge.select().where(ArticleMerge.article == article).exists()
    for said in _open_about(article):
        for what in WAITS:
            Clock.stop(said, what)
        told = Phrase("“%(article)s”, which did not work for you, was put away.", article=article.title)
        if not merged and said.person_id != getattr(by, "id", None):
            Notice.tell(said.person_id, told, about=article)


@returns_with_it
def ask_again(article: Article) -> None:
    """It is read again, and what was said against it is not answered yet."""
    for said in _open_about(article) if article.is_read else ():
        said._wait()


@counts_with_it
def thank_for_mending(use: Use) -> None:
    """Whoever mended an article where it did not work for somebody is thanked once it works for them: they
    changed its text after it was said, and answered so (RULES 4.3).
    """
    said, answers = _flags(use)
    for answer in answers:
        by, article, gives = answer.actor, use.article, Setting.read("points.fix")
        theirs = (ArticleVersion.article == article) & (ArticleVersion.by == by)
        between = theirs & (ArticleVersion.at > said) & (ArticleVersion.at <= answer.at)
        if by is not None and by != use.person_id and ArticleVersion.select().where(between).exists():
            PointEntry.thank(by, gives, "flag fixed", subject=article, deed=_mending(use))
            return


@falls_with_it
def thank_no_longer(use: Use) -> None:
    """It did not work after all."""
    for by in {answer.actor for answer in _flags(use)[1] if answer.actor is not None}:
        PointEntry.take_back(by, _mending(use))


def _mending(use: Use) -> str:
    """Names the deed: an article is mended once for each colleague, however often they say so."""
    return f"mended-{use.article_id}-{use.person_id}"


def _flags(use: Use) -> tuple[datetime | None, list[Event]]:
    """When the same person said last why it did not work, and what was answered since, by anybody."""
    about = Event.about(use.article).where(Event.verb.in_(["objected", "objection answered"]))
    told = list(about)
    said = next((each for each in told if each.verb == "objected" and each.actor == use.person_id), None)
    if said is None:
        return None, []
    return said.at, [each for each in told if each.verb != "objected" and each.id > said.id]


@copies
def in_objections(record: Any, cleaned: Callable[[str], str]) -> None:
    """What is taken out of an article is taken out of what was said against it."""
    if isinstance(record, Article):
        for said in Objection.select().where(Objection.article == record):
            said._erase_from(cleaned)


def _check_length(field: str, text: str) -> None:
    if len(text) > LONGEST:
        found = len(text)
        raise Invalid(
            {field: Phrase("This text has %(found)s characters of %(most)s.", found=found, most=LONGEST)}
        )


def _by_the_same(act: Event, later: Event) -> bool:
    return act.actor == later.actor


@undoes(Article, "objected", ends=["used", "objection withdrawn"], right="usable_by", same=_by_the_same)
def not_objected(article: Article, event: Event, by: Person) -> None:
    """It was not said; what was said before that it worked is said again."""
    held = Objection.get_or_none((Objection.article == article) & (Objection.person == by))
    if held is None or held.reason != event.changes["reason"][1]:
        raise Invalid(MEANWHILE)
    if held.answered_at is not None:
        raise Invalid(Phrase("It was answered already. You can withdraw it."))
    held._end()
    if "used" in event.changes:
        Use.let_count(article, by=by)


@hinders(Article, "objected", "used")
def said_otherwise_before(article: Article, event: Event) -> Phrase | None:
    """What it took the place of, with its answer, is not said anew by a click."""
    if event.changes.get("reason", [None])[0] is None:
        return None
    return Phrase("You had said before why it did not work. Say now how it is, at the end of the article.")
