"""What is sold: the list, and one product with its knowledge, questions and deals."""

from __future__ import annotations

from peewee import ModelSelect
from starlette.responses import Response

from portal.forms.products.products import ProductForm
from portal.i18n import Phrase
from portal.models.base.listing import counted
from portal.models.base.record import along, names_of
from portal.models.knowledge.fitting import fitting_articles, helpers
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from portal.text.markdown import render_markdown
from portal.views.base.archiving import archiving
from portal.views.base.filters import Part, Parts, Values
from portal.views.base.lists import Column, ListPage
from portal.views.base.selection import selection
from portal.views.base.tabs import Facts, Tab, Tabs
from portal.views.base.undoing import acts_on
from portal.views.customers.timeline import timeline_of
from portal.web import Request, find, form_page, go, permit, view


def in_use() -> dict[str, str]:
    """The series in use, in the reader's language."""
    return Product.series_in_use(limit=12)


class ProductList(ListPage[Product]):
    """What is sold, by series."""

    noun, template, picks = Product, "products/products/index.html", True
    search = Phrase("Name or code")
    sorts = {"name": Product.name, "code": Product.code, "price": Product.list_price}
    filters = (
        Values(name="series", label=Phrase("Series"), look="tools", field=Product.series, words=in_use),
        Parts(
            name="show",
            label=Phrase("Series"),
            look="tools",
            parts={
                "": Part(Phrase("All"), lambda me: Product.archived_at.is_null(), offered=lambda me: False),
                "archived": Part(Phrase("Archived"), lambda me: Product.archived_at.is_null(False)),
            },
        ),
    )
    columns = (
        Column(Phrase("Name"), "name"),
        Column(Phrase("Code"), "code"),
        Phrase("Series"),
        Phrase("Owner"),
        Column(Phrase("List price"), "price", "end"),
    )

    @classmethod
    def pickable_by(cls, person: Person) -> bool:
        """Whoever keeps what is sold; the others could do nothing with chosen rows."""
        return Product.addable_by(person)

    @classmethod
    def exportable_by(cls, person: Person) -> bool:
        """There is no file of them: what is sold comes in from one."""
        return False

    def read(self, query: ModelSelect[Product]) -> ModelSelect[Product]:
        shown = Product.code, Product.series, Product.series_en, Product.list_price, Product.owner
        return along(query.select(*names_of(Product), *shown), Product.owner)


@view
def index(request: Request) -> Response:
    return ProductList(request).page()


@view
def create(request: Request) -> Response:
    permit(Product.addable_by(request.user))
    form = ProductForm(request.form).offering()
    if form.accepts(Product.add, by=request.user):
        return go(request, form.result.url, note=Phrase("Saved."))
    return form_page(request, "products/products/edit.html", form, product=None)


def _knowledge(request: Request, product: Product, beside: Facts) -> Facts:
    articles = fitting_articles(products=[product.id], limit=20)
    return {
        "description": render_markdown(product.description) if product.description else "",
        "articles": articles,
        "helpers": helpers(articles, but=request.user),
    }


def _asked(request: Request, product: Product) -> ModelSelect[Question]:
    about = Question.visible_to(request.user).where(Question.product == product)
    return about.where(Question.archived_at.is_null())


def _questions(request: Request, product: Product, beside: Facts) -> Facts:
    return {"questions": list(_asked(request, product).order_by(Question.id.desc()).limit(20))}


def _deals(request: Request, product: Product, beside: Facts) -> Facts:
    deals = Deal.with_names(Deal.visible_to(request.user).where(Deal.product == product))
    return {"deals": list(deals.order_by(Deal.updated_at.desc(), Deal.id.desc()).limit(20))}


TABS = Tabs(
    knowledge=Tab(Phrase("Knowledge"), "products/products/_knowledge.html", _knowledge),
    questions=Tab(Phrase("Questions"), "products/products/_questions.html", _questions),
    deals=Tab(Phrase("Deals"), "products/products/_deals.html", _deals),
    timeline=Tab(
        Phrase("Timeline"),
        "customers/_timeline.html",
        lambda request, product, beside: timeline_of(request, product),
    ),
)


@view
def show(request: Request, id: int) -> Response:
    product = find(Product.visible_to(request.user), id)
    sold = Deal.select().where(Deal.product == product)
    counts = counted(
        {
            "open": sold.where(Deal.closed_on.is_null()),
            "won": sold.where(Deal.stage == "won"),
            "questions": _asked(request, product),
        }
    )
    beside = {"product": product, "counts": counts, "acts": acts_on(request, product)}
    numbers = {"questions": counts["questions"], "deals": counts["open"]}
    return TABS.page(request, "products/products/show.html", product, beside, **numbers)


@view
def edit(request: Request, id: int) -> Response:
    product = find(Product.visible_to(request.user), id)
    permit(product.editable_by(request.user))
    form = ProductForm(request.form, obj=product).offering(product)
    if form.accepts(product.edit, by=request.user):
        return go(request, product.url, note=Phrase("Saved."))
    return form_page(request, "products/products/edit.html", form, product=product)


archive, restore = archiving(Product)
(select,) = selection(ProductList)
