"""For which deal or customer an article worked, or did not: said beside that word, read by whoever may see
the deal or the customer, and by nobody else (S06).

It gives nobody anything: the word has given what it gives, and that an article helped with a deal is noted
there, while nobody knows how it ends (`article_uses`). It stands as long as the word does.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from peewee import Check, ForeignKeyField, ModelSelect, fn

from portal import clock
from portal.i18n import Phrase
from portal.models.base.fields import UtcDateTimeField
from portal.models.base.record import Invalid, Record, along
from portal.models.customers.customers import Customer
from portal.models.knowledge.articles import Article
from portal.models.knowledge.merged import ArticleMerge, family_of
from portal.models.knowledge.objections import Objection
from portal.models.knowledge.uses import Use
from portal.models.people.people import Person
from portal.models.sales.deals import Deal

SHOWN = 8
"""So many of one's own deals, and of one's customers, are offered."""


class ToldOf(NamedTuple):
    """Whose word it is, whether it worked, and for what."""

    person: Person
    worked: bool
    work: Deal | Customer


class WordAbout(Record):
    """What a colleague's word about an article is about."""

    article = ForeignKeyField(Article, on_delete="CASCADE")
    article_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", backref="+")
    person_id: int
    deal = ForeignKeyField(Deal, null=True, on_delete="CASCADE")
    deal_id: int | None
    customer = ForeignKeyField(Customer, null=True, on_delete="CASCADE")
    customer_id: int | None
    at = UtcDateTimeField(default=clock.now)

    class Meta:
        indexes = ((("article", "person"), True),)
        constraints = [Check("(deal_id IS NULL) <> (customer_id IS NULL)")]

    # -------------------------------------------------------------- said

    @classmethod
    def say(cls, article: Article, work: Deal | Customer | None, *, by: Person) -> None:
        """Their word is about this one, or about nothing that is named; the same again is harmless. Raises
        Invalid for who said no word.
        """
        if not cls.has_word(by, article):
            raise Invalid(Phrase("Say first whether it worked for you."))
        mine = (cls.article.in_(family_of(article))) & (cls.person == by)
        cls.delete().where(mine).execute()
        if work is not None:
            column = Deal.kind() if isinstance(work, Deal) else Customer.kind()
            facts = {"article": article, "person": by, column: work, "at": clock.now()}
            cls.insert({**facts, "created_at": clock.now()}).on_conflict_ignore().execute()

    @staticmethod
    def has_word(person: Person, article: Article) -> bool:
        """Whether somebody said that it worked, or did not."""
        against = (Objection.article == article) & (Objection.person == person)
        worked = Use.article.in_(family_of(article)) & (Use.person == person)
        return Use.select().where(worked).exists() or Objection.select().where(against).exists()

    # -------------------------------------------------------------- read

    @classmethod
    def noted(cls, articles: ModelSelect[Article]) -> ModelSelect[Article]:
        """The same articles, each with whether somebody named anything: for most nobody did."""
        merged = ArticleMerge.select(ArticleMerge.article).where(ArticleMerge.into == Article.id)
        there = (cls.article == Article.id) | cls.article.in_(merged)
        return articles.select_extend(fn.EXISTS(cls.select(1).where(there)).alias("is_told_of"))

    @classmethod
    def told_to(cls, person: Person, article: Article) -> list[ToldOf]:
        """What was named, as far as a person may see that, the newest first."""
        if not getattr(article, "is_told_of", True):
            return []
        family = family_of(article)
        rows = list(along(cls._of(family), cls.person).order_by(cls.at.desc(), cls.id.desc()))
        seen: dict[Any, dict[Any, Any]] = (
            {model: _seen(model, rows, person) for model in (Deal, Customer)} if rows else {}
        )
        objected = (
            {each.person_id for each in Objection.select().where(Objection.article.in_(family))}
            if rows
            else set()
        )
        told = [(row, seen[Deal].get(row.deal_id) or seen[Customer].get(row.customer_id)) for row in rows]
        return [ToldOf(row.person, row.person_id not in objected, work) for row, work in told if work]

    @classmethod
    def named_by(cls, person: Person, article: Article) -> str:
        """What a person named themselves, as a form names it: `deal-7`; '' for nothing."""
        row = cls._of(family_of(article)).where(cls.person == person).first()
        if row is None:
            return ""
        return f"deal-{row.deal_id}" if row.deal_id else f"customer-{row.customer_id}"

    @classmethod
    def _of(cls, family: Collection[int]) -> ModelSelect[WordAbout]:
        """Those whose word stands: of a word that was taken back and said anew, nothing comes back."""
        since = cls.created_at
        worked = Use.select(1).where(
            Use.article.in_(list(family)) & (Use.person == cls.person) & (Use.created_at <= since)
        )
        against = Objection.select(1).where(
            Objection.article.in_(list(family))
            & (Objection.person == cls.person)
            & (Objection.created_at <= since)
        )
        stands = fn.EXISTS(worked) | fn.EXISTS(against)
        return cls.select().where(cls.article.in_(list(family)) & stands)

    @classmethod
    def articles_of(cls, work: Deal) -> Any:
        """Which articles are said to have worked for a deal; of one that was merged, the one it is in now."""
        meant = ArticleMerge.stands_for(cls.article)
        same = (ArticleMerge.stands_for(Use.article) == meant) & (Use.person == cls.person)
        stands = fn.EXISTS(Use.select(1).where(same & (Use.created_at <= cls.created_at)))
        return cls.select(meant).where((cls.deal == work) & stands)


def _seen(model: Any, rows: Collection[WordAbout], person: Person) -> dict[Any, Any]:
    ids = [getattr(row, f"{model.kind()}_id") for row in rows]
    wanted = [ident for ident in ids if ident is not None]
    return {one.id: one for one in model.visible_to(person).where(model.id.in_(wanted))} if wanted else {}


def offered_to(person: Person, near: str = "") -> list[Deal | Customer]:
    """What somebody may name: what they came from, then their own deals and customers, the newest first."""
    from_here = named(near, person)
    deals = Deal.visible_to(person).where((Deal.owner == person) & Deal.archived_at.is_null())
    customers = Customer.visible_to(person).where((Customer.owner == person) & Customer.archived_at.is_null())
    deals = deals.order_by(Deal.updated_at.desc(), Deal.id.desc()).limit(SHOWN)
    customers = customers.order_by(Customer.updated_at.desc(), Customer.id.desc()).limit(SHOWN)
    found: list[Any] = [from_here] if from_here is not None else []
    found = [*found, *deals, *customers]
    return list({str(each): each for each in found}.values())


def named(text: str, person: Person) -> Deal | Customer | None:
    """The deal or customer that a person may see of this name: `deal-7`."""
    kind, _, number = text.partition("-")
    model: Any = {Deal.kind(): Deal, Customer.kind(): Customer}.get(kind)
    if model is None or not number.isdecimal() or len(number) > 15:
        return None
    found: Deal | Customer | None = model.visible_to(person).where(model.id == int(number)).first()
    return found
