"""Which articles were used for a deal or for what a customer asked: said while its end is not known. Whose
knowledge it was, answers too, is thanked once it ended well (RULES 4.3).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from functools import partial, reduce
from operator import or_
from typing import Any, ClassVar, NamedTuple

from peewee import Check, ForeignKeyField, ModelSelect, fn

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import UtcDateTimeField
from portal.models.base.record import Event, Invalid, Record, along
from portal.models.base.undoing import MEANWHILE, hinders, undoes
from portal.models.company.settings import Setting
from portal.models.customers.requests import CLOSED, TAKEN, CustomerRequest
from portal.models.customers.requests import follows_its_end as follows_a_request
from portal.models.expertise.points import PointEntry
from portal.models.knowledge.articles import Article, ArticleCredit
from portal.models.knowledge.merged import ArticleMerge
from portal.models.knowledge.questions import Answer
from portal.models.people.people import Person
from portal.models.sales.answer_uses import STANDS, AnswerUse, known_how_it_ended
from portal.models.sales.article_words import WordAbout
from portal.models.sales.deals import Deal, DealShare, follows_its_end

USED = "article used"
ONCE_DONE = Phrase("What was used is noted while the request is being done, and stands once that was done.")


WORKED = Phrase("said to have worked for this deal")


class FittingArticle(NamedTuple):
    """An article for a deal or a request, whether it was used there, and why else it stands there."""

    article: Article
    used: bool
    why: Phrase | None = None


class ArticleUse(Record):
    """That an article helped with a deal, or with a request: once for each of them, whoever says so."""

    article = ForeignKeyField(Article, on_delete="CASCADE")
    article_id: int
    deal = ForeignKeyField(Deal, null=True, on_delete="CASCADE")
    deal_id: int | None
    request = ForeignKeyField(CustomerRequest, null=True, on_delete="CASCADE")
    request_id: int | None
    person = ForeignKeyField(Person, on_delete="RESTRICT", backref="articles_used")
    person_id: int
    at = UtcDateTimeField(default=clock.now)

    class Meta:
        indexes = ((("article", "deal"), True), (("article", "request"), True))
        constraints = [Check("(deal_id IS NULL) <> (request_id IS NULL)")]

    COLUMNS: ClassVar[dict[type[Record], str]] = {Deal: "deal", CustomerRequest: "request"}
    """What it is about, by the noun."""

    @classmethod
    def of(cls, work: Record) -> ModelSelect[ArticleUse]:
        """The uses for a deal or a request."""
        return cls.select().where(getattr(cls, cls.COLUMNS[type(work)]) == work)

    @classmethod
    def noted(cls, deals: ModelSelect[Deal]) -> ModelSelect[Deal]:
        """The same deals, each with whether an article was used or worked for it: for most none was."""
        there: Any = fn.EXISTS(cls.select(1).where(cls.deal == Deal.id))
        there |= fn.EXISTS(WordAbout.select(1).where(WordAbout.deal == Deal.id))
        return deals.select_extend(there.alias("has_used_articles"))

    @classmethod
    def beside(
        cls,
        work: Deal | CustomerRequest,
        fitting: Iterable[Article],
        person: Person,
        *,
        products: Collection[int] = (),
    ) -> list[FittingArticle]:
        """The articles that were used for it, as far as somebody reads them, then those that are said to have
        worked for it, and the others that fit its product, or one of `products`, or its customer. Of a deal
        that was read as `noted`, nothing more is asked where there are none of the first two.
        """
        fits = partial(_fits, work, {*products, getattr(work, "product_id", None) or 0})
        if not getattr(work, "has_used_articles", True):
            return [FittingArticle(each, used=False, why=fits(each)) for each in fitting]
        used_here = cls.of(work).select(ArticleMerge.stands_for(cls.article))
        here, is_used = Article.id.in_(used_here), Article.id.in_(used_here).alias("is_used_here")
        if isinstance(work, Deal):
            here |= Article.id.in_(WordAbout.articles_of(work)) & (Article.state == "published")
        read = along(Article.visible_to(person).where(here), Article.author).select_extend(is_used)
        named: dict[int, Any] = {article.id: article for article in read.order_by(is_used.desc(), Article.id)}
        others = [
            FittingArticle(each, used=False, why=fits(each)) for each in fitting if each.id not in named
        ]
        here_first = [(each, bool(each.is_used_here)) for each in named.values()]
        return [FittingArticle(each, used, None if used else WORKED) for each, used in here_first] + others

    @classmethod
    def say(cls, work: Deal | CustomerRequest, article: Article, *, by: Person) -> None:
        """It helped here; twice is harmless. Raises Invalid where it is known already how it ended: who knows
        that would choose.
        """
        if not cls.sayable_in(work):
            raise Invalid(STANDS if isinstance(work, Deal) else ONCE_DONE)
        column = cls.COLUMNS[type(work)]
        facts: dict[str, Any] = {"article": article, column: work, "person": by, "at": clock.now()}
        with db.atomic():
            if cls.insert(facts).on_conflict_ignore().execute():
                work.track(USED, by=by, changes={USED: [None, article.id]})

    @classmethod
    def sayable_in(cls, work: Deal | CustomerRequest) -> bool:
        """Whether nobody knows how it ends: also what is open again was closed."""
        if isinstance(work, Deal):
            return AnswerUse.sayable_in(work)
        return work.state == TAKEN and not _was_done(work)

    @classmethod
    def sayable_by(cls, person: Person, work: Any) -> bool:
        """Whether they may say so: who may change the deal, or may say that the request is done."""
        may = work.editable_by(person) if isinstance(work, Deal) else work.closable_by(person)
        return may and cls.sayable_in(work)

    @classmethod
    def counts(cls) -> Any:
        """The condition that a use for a deal counts, of a query with Deal and Article: nobody praises what
        is theirs. It was said by none who is credited for the article, and the deal is none of theirs.
        """
        credited = ArticleCredit.select(ArticleCredit.person).where(ArticleCredit.article == Article.id)
        part = DealShare.select(1).where(
            (DealShare.deal == Deal.id)
            & ((DealShare.person == Article.author) | DealShare.person.in_(credited))
        )
        theirs = cls.person.in_(credited) | Deal.owner.in_(credited) | fn.EXISTS(part)
        return ~(theirs | (cls.person == Article.author) | (Deal.owner == Article.author))

    @classmethod
    def counts_in_requests(cls) -> Any:
        """The condition that a use for a request is told in figures, of a query with CustomerRequest and
        Article: as `counts_for`, but for how often one colleague says so.
        """
        credited = ArticleCredit.select(ArticleCredit.person).where(ArticleCredit.article == Article.id)
        whose = (cls.person, CustomerRequest.writer, fn.COALESCE(CustomerRequest.taken_by, 0))
        return ~reduce(or_, ((who == Article.author) | who.in_(credited) for who in whose))

    def counts_for(self, request: CustomerRequest) -> bool:
        """Whether a use for a request counts: none who is credited for the article wrote the request down,
        does it, or said so; and of one colleague the first three in seven days, as of their votes, for what
        one writes down and does oneself is no more than a word (RULES 4.3).
        """
        author = self.article.author_id
        if {author, *self.article.credited_ids} & {self.person_id, request.writer_id, request.taken_by_id}:
            return False
        since = self.at - timedelta(days=Setting.read("votes.days"))
        others = (
            ArticleUse.select()
            .join(Article)
            .where(
                (ArticleUse.person == self.person_id)
                & (Article.author == author)
                & ArticleUse.request.is_null(False)
                & (ArticleUse.at > since)
                & (ArticleUse.at <= self.at)
                & (ArticleUse.id < self.id)
            )
        )
        return bool(others.count() < Setting.read("votes.words"))


def _fits(work: Deal | CustomerRequest, products: Collection[int], article: Article) -> Phrase | None:
    """What an article has in common with a deal or a request."""
    same = article.product_id in products
    kin = work.customer is not None and article.customer_type_id in {work.customer.type_id} - {None}
    if same and kin:
        return Phrase("about this product and such customers")
    return Phrase("about this product") if same else Phrase("about such customers") if kin else None


def _was_done(request: Record) -> bool:
    return bool(Event.about(request).where(Event.verb == "closed").exists())


def _same(act: Event, later: Event) -> bool:
    return bool(act.changes.get(USED) == later.changes.get(USED))


def _may(work: Any, event: Event, by: Person) -> bool:
    return bool(work.editable_by(by) if isinstance(work, Deal) else work.closable_by(by))


@undoes(Deal, USED, right=_may, same=_same)
@undoes(CustomerRequest, USED, right=_may, same=_same)
def not_used_here(work: Any, event: Event, by: Person) -> None:
    """It did not help; of what was closed meanwhile it stands."""
    column = getattr(ArticleUse, ArticleUse.COLUMNS[type(work)])
    mine = (column == work) & (ArticleUse.article == event.changes[USED][1])
    is_going_on = work.is_open if isinstance(work, Deal) else not work.is_over
    if not is_going_on or not ArticleUse.delete().where(mine).execute():
        raise Invalid(MEANWHILE)


@hinders(CustomerRequest, USED)
def known_to_be_done(request: Record, event: Event) -> Phrase | None:
    """What helped is not changed any more once it was done, nor by undoing that first."""
    return ONCE_DONE if _was_done(request) else None


hinders(Deal, USED)(known_how_it_ended)


# ---------------------------------------------------------------- thanks


@follows_its_end
def thank_for_winning(deal: Deal) -> None:
    """Whose answers and articles were used in a deal is thanked when it is won, once for each deal; reopened,
    they are no longer. Whoever has a part in the deal by then is not: they are paid for it.
    """
    answers = AnswerUse.select(AnswerUse, Answer).join(Answer).switch(AnswerUse).join(Deal)
    articles = ArticleUse.select(ArticleUse, Article).join(Article).switch(ArticleUse).join(Deal)
    answers = answers.where(AnswerUse.deal == deal).order_by(AnswerUse.id)
    articles = articles.where(ArticleUse.deal == deal).order_by(ArticleUse.id)
    used = {use.answer.author_id for use in answers} | {use.article.author_id for use in articles}
    due: dict[int, Record] = {}
    if deal.is_won and used:
        for said in answers.where(AnswerUse.counts()):
            due.setdefault(said.answer.author_id, said.answer)
        for use in articles.where(ArticleUse.counts()):
            due.setdefault(use.article.author_id, use.article)
    _settle(f"used-{deal.id}", due, used)


@follows_a_request
def thank_for_doing(request: CustomerRequest) -> None:
    """Whose articles helped with what a customer asked is thanked when it is done, once for each request;
    undone, they are no longer.
    """
    uses = ArticleUse.of(request).select(ArticleUse, Article).join(Article).order_by(ArticleUse.id)
    used, due = set[int](), dict[int, Record]()
    for use in uses:
        used.add(use.article.author_id)
        if request.state == CLOSED and use.counts_for(request):
            due.setdefault(use.article.author_id, use.article)
    _settle(f"helped-request-{request.id}", due, used)


def _settle(deed: str, due: Mapping[int, Record], used: Collection[int]) -> None:
    """Thank those who are due, by id with the answer or article, and take it back from the other authors."""
    for author, subject in due.items():
        reason = "answer used" if isinstance(subject, Answer) else "article used"
        PointEntry.thank(author, Setting.read("points.used"), reason, subject=subject, deed=deed)
    for author in sorted({*used} - {*due}):
        PointEntry.take_back(author, deed)
