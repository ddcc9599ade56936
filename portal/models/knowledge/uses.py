"""'Worked for me': the word of who used an article with success, and what it gives (RULES 4.3, 4.4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Self

from peewee import ForeignKeyField, ModelSelect, fn

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import UtcDateTimeField, days_between
from portal.models.base.record import Event, Invalid
from portal.models.base.undoing import MEANWHILE, undoes
from portal.models.company.settings import Setting
from portal.models.expertise.expertise import Evidence
from portal.models.expertise.points import PointEntry
from portal.models.expertise.votes import HELD, Vote
from portal.models.knowledge.articles import Article
from portal.models.knowledge.merged import credited_before, family_of
from portal.models.knowledge.verification import move_check
from portal.models.people.approvals import Approval
from portal.models.people.people import Person


class Use(Vote):
    """'Worked for me': someone else used an article with success, once each."""

    sort = Phrase("Worked for a colleague")

    article = ForeignKeyField(Article, on_delete="CASCADE", backref="helped")
    article_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    person_id: int
    at = UtcDateTimeField(default=clock.now)
    """When it was said first: taken back and said again, a vote is as old as it was, and judged as it was."""

    class Meta:
        indexes = ((("article", "person"), True),)

    @property
    def giver(self) -> int:
        return self.person_id

    @property
    def receiver(self) -> int:
        return self.article.author_id

    @classmethod
    def sides(cls) -> tuple[ModelSelect[Self], Any, Any]:
        return cls.select().join(Article), cls.person, Article.author

    @classmethod
    def whole(cls) -> ModelSelect[Self]:
        return cls.select(cls, Article).join(Article)

    @classmethod
    def counting(cls) -> ModelSelect[Self]:
        """Those that give something."""
        return cls.select().where(cls.counts())

    @classmethod
    def counts(cls) -> Any:
        """The condition that one gives something: neither held nor dropped."""
        mine = (Approval.subject_kind == cls.kind()) & (Approval.subject == cls.id)
        mine &= Approval.asked_at >= cls.at  # not of one that was taken back, whose number is this one's now
        held = mine & Approval.purpose.in_(list(HELD)) & Approval.state.not_in(["approved", "withdrawn"])
        return ~fn.EXISTS(Approval.select(1).where(held))

    @classmethod
    def is_one_too_many(cls) -> Any:
        """The condition that the same colleague had said it of so many articles of the same author in the
        days before that it gives nothing (RULES 4.3: the first three in seven days count, further ones do
        not), and nobody who watches votes let it count.
        """
        other, its, whose = cls.alias(), Article.alias(), Article.alias()
        author = whose.select(whose.author).where(whose.id == cls.article)
        before = (other.person == cls.person) & (its.author == author) & (other.id != cls.id)
        before &= (other.at <= cls.at) & (days_between(other.at, cls.at) < Setting.read("votes.days"))
        count = other.select(fn.COUNT(other.id)).join(its, on=(other.article == its.id)).where(before)
        asked = (Approval.subject_kind == cls.kind()) & (Approval.subject == cls.id)
        asked &= (Approval.asked_at >= cls.at) & Approval.purpose.in_(list(HELD))
        released = fn.EXISTS(Approval.select(1).where(asked & (Approval.state == "approved")))
        return (count >= Setting.read("votes.words")) & ~released

    @classmethod
    def say(cls, article: Article, *, by: Person, instead_of: str = "") -> None:
        """'Worked for me': once each, never for oneself; evidence of the author's expertise (RULES 4.5).
        `instead_of`: why the same person had said that it did not.

        Raises Invalid for an author and for what is not published.
        """
        if by.id in article.credited_ids or by.id in credited_before(article):
            raise Invalid(Phrase("It is your own: let colleagues say that it worked."))
        if article.state != "published":
            raise Invalid(Phrase("This is not published."))
        if cls.of(article, by) is not None:
            return
        with db.atomic():
            if cls.let_count(article, by=by):
                article.track("used", by=by, changes={"reason": [instead_of, None]} if instead_of else {})

    @classmethod
    def of(cls, article: Article, person: Any) -> Use | None:
        """The word of a colleague that it worked, or that what was merged into it did."""
        return cls.get_or_none(cls.article.in_(family_of(article)) & (cls.person == person))

    @classmethod
    def let_count(cls, article: Article, *, by: Person) -> bool:
        """Count it, and let it give what it gives; false when it was said already."""
        first = Event.about(article).where((Event.verb == "used") & (Event.actor == by.id))
        said = first.order_by(None).order_by(Event.id).first()
        facts: dict[str, Any] = {"article": article, "person": by, "at": said.at if said else clock.now()}
        if not cls.insert(facts).on_conflict_ignore().execute():
            return False
        use = cls.get((cls.article == article) & (cls.person == by))
        if use.decided is None:
            use.cast()
        elif use.is_released:
            use.credit()
        recount(article)
        return True

    @classmethod
    def take_back(cls, article: Article, *, by: Person) -> None:
        """It did not work after all, or was a slip: neither count nor evidence stay. Raises Invalid."""
        mine = cls.article.in_(family_of(article)) & (cls.person == by)
        said = list(cls.select().where(mine))  # of what was merged into it too
        if not said or not cls.delete().where(cls.id.in_([each.id for each in said])).execute():
            raise Invalid(MEANWHILE)
        with db.atomic():
            recount(article)
            for each in said:
                each.forget()
                Evidence.take_back(each.deed)
                each.take_thanks_back()

    @property
    def deed(self) -> str:
        """Names what it is evidence of: once, however often it is said."""
        return f"helpful use:article-{self.article_id}:person-{self.person_id}"

    def credit(self) -> None:
        article, topics = self.article, self.article.topic_ids
        Evidence.record(article.author_id, topics, "helpful use", article, key=self.deed, since=self.at)
        recount(article)
        if self._is_beyond and not self.is_released:
            return
        gives = Setting.read("points.vote")
        if self.at < clock.start_of(clock.today()) and not self.is_released:
            gives = PointEntry.was_taken_back(article.author_id, self._thanked)  # judged on its day
        most = Setting.read("votes.day")
        PointEntry.thank(article.author_id, gives, "worked", subject=article, deed=self._thanked, most=most)
        for follow in _COUNTED:
            follow(self)

    def take_thanks_back(self) -> None:
        """What it gave is gone; what was never given is not."""
        PointEntry.take_back(self.article.author_id, self._thanked)
        for follow in _UNCOUNTED:
            follow(self)

    @property
    def _thanked(self) -> str:
        return f"worked-{self.article_id}-{self.person_id}"

    @property
    def _is_beyond(self) -> bool:
        """Whether the same colleague said it of three others of theirs in the days before (RULES 4.3)."""
        since = self.at - timedelta(days=Setting.read("votes.days"))
        earlier = (Use.at > since) & (Use.at <= self.at) & (Use.id != self.id)
        others = Use.between(self.giver, self.receiver).where(earlier)
        return bool(others.count() >= Setting.read("votes.words"))


Counting = Callable[[Use], None]


_COUNTED: list[Counting] = []


_UNCOUNTED: list[Counting] = []


def counts_with_it(count: Counting) -> Counting:
    """Let a module say what else comes of it that an article worked for somebody, once that counts."""
    _COUNTED.append(count)
    return count


def falls_with_it(fall: Counting) -> Counting:
    """Let a module take back what came of it that an article worked for somebody."""
    _UNCOUNTED.append(fall)
    return fall


def recount(article: Article) -> None:
    """For how many it worked, and so when it is looked at next: one after the other, none is lost."""
    Article.update(version=Article.version).where(Article.id == article.id).execute()
    held = article.fresh()
    uses, postponed = _people_helped(held), held.postponement(held.freshness)
    facts: dict[str, Any] = {"uses": uses, "postponed": postponed}
    if held.review_by is not None and postponed != held.postponed:
        facts["review_by"] = held.review_by + timedelta(days=postponed - held.postponed)
    Article.update(**facts).where(Article.id == article.id).execute()
    article.uses, article.postponed = uses, postponed
    if "review_by" in facts:
        article.review_by = held.review_by = facts["review_by"]
        move_check(held)
    article.reindex()


def _people_helped(article: Article) -> int:
    """How many colleagues it worked for, or what was merged into it did: each once, none who wrote it."""
    among = Use.counting().where(
        Use.article.in_(family_of(article)) & Use.person.not_in(article.credited_ids)
    )
    people: Any = among.select(fn.COUNT(fn.DISTINCT(Use.person)))
    return int(people.scalar())


def _by_the_same(act: Event, later: Event) -> bool:
    return act.actor == later.actor


@undoes(Article, "used", ends=["objected"], right="usable_by", same=_by_the_same)
def not_used(article: Article, event: Event, by: Person) -> None:
    """The vote is gone, with all that it gave."""
    Use.take_back(article, by=by)
