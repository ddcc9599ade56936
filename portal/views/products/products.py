"""What is sold: the list, and one product with its knowledge, questions and deals."""

from __future__ import annotations

from typing import Any

from peewee import ModelSelect, fn
from starlette.responses import Response

from portal import i18n
from portal.forms.products.products import ProductForm
from portal.i18n import Phrase
from portal.models.base.listing import counted, listing
from portal.models.knowledge.fitting import fitting_articles, helpers
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from portal.text.markdown import render_markdown
from portal.views.base.lists import ListState
from portal.views.customers.timeline import timeline
from portal.web import Request, find, form_page, go, permit, render, view

SORTS: dict[str, Any] = {"name": Product.name, "code": Product.code, "price": Product.list_price}


@view
def index(request: Request) -> Response:
    state = ListState(request, "series", "show", sort="name", path="/products")
    query = _shown(request.user, state["show"])
    if state["series"]:
        query = query.where(Product.series == state["series"])
    query = query.where(Product.matching(state.q)) if state.q else query
    found = listing(query, sorts=SORTS, sort=state.sort, after=state.after)
    return render(
        request, "products/products/index.html", found=found, state=state, chips=_chips(request, state)
    )


def _shown(person: Person, show: str) -> ModelSelect[Product]:
    return Product.visible_to(person).where(Product.archived_at.is_null(show != "archived"))


def _chips(request: Request, state: ListState) -> list[Any]:
    names: Any = (
        Product.select(Product.series, fn.COUNT(Product.id))
        .where((Product.series != "") & Product.archived_at.is_null())
        .group_by(Product.series)
        .order_by(Product.series)
        .limit(12)
        .tuples()
    )
    archived = counted({"archived": _shown(request.user, "archived")})["archived"]
    shows = state.chips("show", [("archived", i18n.gettext(Phrase("Archived")), archived)])
    return state.chips("series", [(name, name, count) for name, count in names]) + shows


@view
def create(request: Request) -> Response:
    permit(Product.addable_by(request.user))
    form = ProductForm(request.form)
    if form.accepts(Product.add, by=request.user):
        return go(request, form.result.url, note=Phrase("Saved."))
    return form_page(request, "products/products/edit.html", form, product=None)


@view
def show(request: Request, id: int) -> Response:
    product = find(Product.visible_to(request.user), id)
    tab = request.query.get("tab", "knowledge")
    return render(request, "products/products/show.html", **page(request, product, tab))


def page(request: Request, product: Product, tab: str) -> dict[str, Any]:
    """What a product's page shows."""
    articles = fitting_articles(products=[product.id], limit=20)
    state = ListState(request, "show", sort="", path=product.url)
    deals = Deal.with_names(Deal.visible_to(request.user).where(Deal.product == product))
    asked = Question.visible_to(request.user).where(
        (Question.product == product) & Question.archived_at.is_null()
    )
    return {
        "product": product,
        "description": render_markdown(product.description) if product.description else "",
        "tab": tab if tab in ("knowledge", "questions", "deals", "timeline") else "knowledge",
        "articles": articles,
        "helpers": helpers(articles, but=request.user),
        "questions": list(asked.order_by(Question.id.desc()).limit(20)) if tab == "questions" else (),
        "deals": list(deals.order_by(Deal.updated_at.desc(), Deal.id.desc()).limit(20))
        if tab == "deals"
        else (),
        "counts": counted(
            {
                "open": Deal.select().where((Deal.product == product) & Deal.closed_on.is_null()),
                "won": Deal.select().where((Deal.product == product) & (Deal.stage == "won")),
                "questions": asked,
            }
        ),
        "timeline": timeline(product, after=state.after) if tab == "timeline" else None,
        "timeline_state": state,
    }


@view
def edit(request: Request, id: int) -> Response:
    product = find(Product.visible_to(request.user), id)
    permit(product.editable_by(request.user))
    form = ProductForm(request.form, obj=product)
    if form.accepts(product.edit, by=request.user):
        return go(request, product.url, note=Phrase("Saved."))
    return form_page(request, "products/products/edit.html", form, product=product)


@view
def archive(request: Request, id: int) -> Response:
    product = find(Product.visible_to(request.user), id)
    permit(product.editable_by(request.user))
    product.archive(by=request.user)
    request.note(Phrase("Archived. You can bring it back any time."))
    return go(request, product.url)


@view
def restore(request: Request, id: int) -> Response:
    product = find(Product.visible_to(request.user), id)
    permit(product.editable_by(request.user))
    product.restore(by=request.user)
    return go(request, product.url)
