"""That an article was used in a deal, or for what a customer asked."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from portal.i18n import Phrase
from portal.models.base.listing import number_of
from portal.models.base.record import Invalid, along
from portal.models.customers.requests import CustomerRequest
from portal.models.knowledge.articles import Article
from portal.models.knowledge.fitting import fitting_articles
from portal.models.knowledge.shelves import BEST_FIRST, whole
from portal.models.sales.article_uses import ArticleUse
from portal.models.sales.deals import Deal
from portal.web import Request, find, go, permit, render, view

SHOWN = 12


@view
def of_deal(request: Request, id: int) -> Response:
    return _page(request, _deal(request, id))


@view
def in_deal(request: Request, id: int) -> Response:
    return _say(request, _deal(request, id))


@view
def of_request(request: Request, id: int) -> Response:
    return _page(request, _asked(request, id))


@view
def for_request(request: Request, id: int) -> Response:
    return _say(request, _asked(request, id))


def _deal(request: Request, id: int) -> Deal:
    deal: Deal = find(along(Deal.visible_to(request.user), Deal.customer, whole=True), id)
    return deal


def _asked(request: Request, id: int) -> CustomerRequest:
    seen = CustomerRequest.visible_to(request.user)
    asked: CustomerRequest = find(along(seen, CustomerRequest.customer, whole=True), id)
    return asked


def _page(request: Request, about: Deal | CustomerRequest) -> Response:
    words, used = request.query.get("q", ""), ArticleUse.of(about)
    held = {each.id for each in used}
    fitting = _fitting(about) if not words.strip() else _named(words)
    facts: dict[str, Any] = {
        "about": about,
        "words": words,
        "used": used,
        "fitting": [each for each in fitting if each.id not in held],
        "sayable": ArticleUse.sayable_by(request.user, about),
    }
    return render(request, "sales/article_uses/show.html", **facts)


def _named(words: str) -> list[Article]:
    found = whole(
        Article.select().where((Article.state == "published") & Article.matching(words)), brief=True
    )
    return list(found.order_by(*BEST_FIRST).limit(SHOWN))


def _fitting(about: Deal | CustomerRequest) -> list[Article]:
    """What is known about its product, and its kind of customer."""
    products = [about.product_id] if isinstance(about, Deal) and about.product_id else []
    types = [about.customer.type_id] if about.customer and about.customer.type_id else []
    return fitting_articles(products=products, types=types, limit=SHOWN)


def _say(request: Request, about: Deal | CustomerRequest) -> Response:
    right = about.editable_by if isinstance(about, Deal) else about.closable_by
    permit(right(request.user))
    chosen = Article.id == number_of(str(request.form.get("article")))
    article = Article.visible_to(request.user).where(chosen & (Article.state == "published")).first()
    try:
        if article is None:
            raise Invalid(Phrase("Choose an article."))
        ArticleUse.say(about, article, by=request.user)
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
        return go(request, f"{about.url}/articles")
    return go(request, f"{about.url}/articles", note=Phrase("Noted: it was used here."))
