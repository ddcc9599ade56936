"""That an article helped with a deal, or with what a customer asked."""

from __future__ import annotations

from starlette.responses import Response

from portal.i18n import Phrase
from portal.models.base.listing import number_of
from portal.models.base.record import Invalid, along
from portal.models.customers.requests import CustomerRequest
from portal.models.knowledge.articles import Article
from portal.models.knowledge.shelves import BEST_FIRST, whole
from portal.models.sales.article_uses import ArticleUse
from portal.models.sales.deals import Deal
from portal.views.base.tabs import Facts
from portal.web import Request, find, go, permit, render, view

SHOWN = 12


@view
def of_deal(request: Request, id: int) -> Response:
    return _page(request, _deal(request, id))


@view
def use_in_deal(request: Request, id: int) -> Response:
    deal = _deal(request, id)
    return _say(request, deal, f"{deal.url}?tab=knowledge", Phrase("Noted: used in this deal."))


@view
def of_request(request: Request, id: int) -> Response:
    return _page(request, _asked(request, id))


@view
def use_for_request(request: Request, id: int) -> Response:
    asked = _asked(request, id)
    return _say(request, asked, asked.url, Phrase("Noted: used for this request."))


def _deal(request: Request, id: int) -> Deal:
    deal: Deal = find(along(Deal.visible_to(request.user), Deal.customer, whole=True), id)
    permit(deal.editable_by(request.user))
    return deal


def _asked(request: Request, id: int) -> CustomerRequest:
    seen = CustomerRequest.visible_to(request.user)
    asked: CustomerRequest = find(along(seen, CustomerRequest.customer, whole=True), id)
    permit(asked.closable_by(request.user))
    return asked


def _page(request: Request, work: Deal | CustomerRequest) -> Response:
    words, sayable = request.query.get("q", ""), ArticleUse.sayable_by(request.user, work)
    facts: Facts = {
        "work": work,
        "words": words,
        "fitting_articles": ArticleUse.beside(work, _named(words) if sayable else [], request.user),
        "sayable": sayable,
        "action": f"{work.url}/articles",
    }
    return render(request, "sales/articles/index.html", **facts)


def _named(words: str) -> list[Article]:
    """Published articles with these words in their titles, the best first; none before one looks for some."""
    if not words.strip():
        return []
    named = Article.select().where((Article.state == "published") & Article.matching(words))
    return list(whole(named, brief=True).order_by(*BEST_FIRST).limit(SHOWN))


def _say(request: Request, work: Deal | CustomerRequest, back: str, note: Phrase) -> Response:
    read = Article.visible_to(request.user).where(Article.state == "published")
    article = find(read, number_of(str(request.form.get("article"))))
    try:
        ArticleUse.say(work, article, by=request.user)
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
        return go(request, back)
    if request.wants_fragment:
        return render(request, "sales/articles/_use.html", article=article, used=True, sayable=False)
    return go(request, f"{back}#article-{article.id}", note=note)
