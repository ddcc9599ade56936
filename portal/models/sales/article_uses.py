"""Which articles were used in which deals and for which requests: said while their end is not known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from peewee import Check, ForeignKeyField, fn

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import UtcDateTimeField
from portal.models.base.record import Event, Invalid, Record, along
from portal.models.base.undoing import MEANWHILE, hinders, undoes
from portal.models.company.settings import Setting
from portal.models.customers import requests
from portal.models.customers.requests import CLOSED, TAKEN, CustomerRequest
from portal.models.expertise.points import PointEntry
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person
from portal.models.sales.answer_uses import STANDS, AnswerUse
from portal.models.sales.deals import Deal, DealShare, follows_its_end

ENDED = Phrase("What was used is noted while somebody sees to the request.")


class ArticleUse(Record):
    """That an article was used in a deal, or for a request: once for each, whoever says so."""

    article = ForeignKeyField(Article, on_delete="CASCADE")
    article_id: int
    deal = ForeignKeyField(Deal, null=True, on_delete="CASCADE", index=False)
    deal_id: int | None
    request = ForeignKeyField(CustomerRequest, null=True, on_delete="CASCADE", index=False)
    request_id: int | None
    person = ForeignKeyField(Person, on_delete="RESTRICT", backref="articles_used")
    person_id: int
    at = UtcDateTimeField(default=clock.now)

    class Meta:
        indexes = ((("deal", "article"), True), (("request", "article"), True))
        constraints = [Check("(deal_id IS NULL) <> (request_id IS NULL)")]

    @classmethod
    def sayable_by(cls, person: Person, about: Deal | CustomerRequest) -> bool:
        """Whoever may change the deal, or close the request, while nobody knows how it ends."""
        if isinstance(about, Deal):
            return AnswerUse.sayable_by(person, about)
        return about.state == TAKEN and about.closable_by(person)

    @classmethod
    def say(cls, about: Deal | CustomerRequest, article: Article, *, by: Person) -> None:
        """It was used here; twice is harmless. Raises Invalid once its end is or was known: who knows how it
        ended would choose.
        """
        if isinstance(about, Deal) and not AnswerUse.sayable_in(about):
            raise Invalid(STANDS)
        if isinstance(about, CustomerRequest) and about.state != TAKEN:
            raise Invalid(ENDED)
        facts: dict[str, Any] = {about_field(about): about, "article": article, "person": by}
        with db.atomic():
            if (
                cls.insert(facts | {"at": clock.now(), "created_at": clock.now()})
                .on_conflict_ignore()
                .execute()
            ):
                about.track(
                    "article used",
                    by=by,
                    changes={"article": [None, article.title], "article used": [None, article.id]},
                )

    @classmethod
    def of(cls, about: Deal | CustomerRequest) -> list[Article]:
        """What was used here and is read still, the first first."""
        used = cls.select(cls.article).where(getattr(cls, about_field(about)) == about)
        found = Article.select().where(Article.id.in_(used) & (Article.state == "published"))
        return list(along(found.order_by(Article.id), Article.author))

    @classmethod
    def in_deals(cls) -> Any:
        """The condition that a use in a deal counts, of a query with Deal and Article: nobody praises their
        own, nor is it their deal, nor have they a part in it.
        """
        part = DealShare.select(1).where((DealShare.deal == Deal.id) & (DealShare.person == Article.author))
        return ~((cls.person == Article.author) | (Deal.owner == Article.author) | fn.EXISTS(part))

    @classmethod
    def for_requests(cls) -> Any:
        """The same of a use for a request, of a query with CustomerRequest and Article."""
        taker = fn.COALESCE(CustomerRequest.taken_by, 0)
        return (cls.person != Article.author) & (taker != Article.author)


def about_field(about: Deal | CustomerRequest) -> str:
    return "deal" if isinstance(about, Deal) else "request"


@follows_its_end
def thank_for_winning(deal: Deal) -> None:
    """Whose articles were used in a deal is thanked when it is won, once for each deal, beside whoever wrote
    the answers; reopened, they are no longer (RULES 4.3).
    """
    uses = ArticleUse.select(ArticleUse, Article).join(Article).switch(ArticleUse).join(Deal)
    used = list(uses.where(ArticleUse.deal == deal))
    counted = (
        {use.id for use in uses.where((ArticleUse.deal == deal) & ArticleUse.in_deals())} if used else ()
    )
    _thank(used, counted if deal.is_won else (), f"used-{deal.id}")


@requests.follows_its_end
def thank_for_solving(request: CustomerRequest) -> None:
    """The same of a request that is done, once for each."""
    uses = ArticleUse.select(ArticleUse, Article).join(Article).switch(ArticleUse).join(CustomerRequest)
    used = list(uses.where(ArticleUse.request == request))
    mine = (ArticleUse.request == request) & ArticleUse.for_requests()
    counted = {use.id for use in uses.where(mine)} if used else ()
    _thank(used, counted if request.state == CLOSED else (), f"solved-{request.id}")


def _thank(used: list[ArticleUse], counted: Iterable[int], deed: str) -> None:
    gives, thanked = Setting.read("points.used"), set[int]()
    for use in used:
        author = use.article.author_id
        if use.id in counted and author not in thanked:
            thanked.add(author)
            PointEntry.thank(author, gives, "article used", subject=use.article, deed=deed)
    for author in {use.article.author_id for use in used} - thanked:
        PointEntry.take_back(author, deed)


def _same(act: Event, later: Event) -> bool:
    return bool(act.changes.get("article used") == later.changes.get("article used"))


@undoes(Deal, "article used", right="editable_by", same=_same)
def not_used_here(deal: Deal, event: Event, by: Person) -> None:
    """It was not used; of a deal that was closed meanwhile it stands."""
    _take_back(deal, event, is_open=deal.is_open)


@undoes(CustomerRequest, "article used", right="closable_by", same=_same)
def not_used_for_it(request: CustomerRequest, event: Event, by: Person) -> None:
    """It was not used; of what is done it stands."""
    _take_back(request, event, is_open=request.state == TAKEN)


def _take_back(about: Deal | CustomerRequest, event: Event, *, is_open: bool) -> None:
    here = getattr(ArticleUse, about_field(about)) == about
    mine = here & (ArticleUse.article == event.changes["article used"][1])
    if not is_open or not ArticleUse.delete().where(mine).execute():
        raise Invalid(MEANWHILE)


@hinders(Deal, "article used")
def known_how_it_ended(deal: Deal, event: Event) -> Phrase | None:
    """A loss is not wiped off an article's record."""
    return None if AnswerUse.sayable_in(deal) else STANDS
