"""The closed loop of what is asked: the answer, the picture, the numbers, and the lists behind them."""

from __future__ import annotations

from typing import Any

from peewee import ModelSelect
from starlette.responses import Response

from portal import i18n
from portal.clock import Month
from portal.forms.company.contact_groups import ContactGroupsForm
from portal.i18n import Phrase
from portal.models.base.database import among
from portal.models.base.listing import number_of
from portal.models.base.record import along
from portal.models.company import contact_groups
from portal.models.company.topics import Topic
from portal.models.company.words import CONTACT_GROUPS
from portal.models.insights.loop import EVERYONE, GIVEN, OTHERS, PARTS, Loop, LoopCell, ids_of, readable_by
from portal.models.knowledge.questions import Question
from portal.models.products.products import Product
from portal.views.base.filters import Part, Parts
from portal.views.base.lists import ListPage
from portal.views.company.about import about
from portal.views.insights.plot import Mark, Scale, across
from portal.web import Request, form_page, go, permit, render, view

TALL = 150
"""Pixels of the picture."""
LINES = 20
"""So many topics and products, the most asked: of the others it is said how many there are."""
GROUPS = {
    **CONTACT_GROUPS,
    OTHERS: Phrase("Other departments"),
    "others": Phrase("Other departments"),
    EVERYONE: Phrase("All departments"),
}

OF_NO_TOPIC, OF_NO_PRODUCT = Phrase("Of no topic"), Phrase("Of no product")


@view
def show(request: Request) -> Response:
    permit(readable_by(request.user))
    loop = Loop(request.user)
    months, groups = loop.by_month, loop.by_group
    topics, products = _first(loop.by_topic), _first(loop.by_product)
    return render(
        request,
        "insights/loop/show.html",
        loop=loop,
        whole=loop.whole,
        months=[(str(month), i18n.month(month), cell) for month, cell in reversed(months.items())],
        topics=_named(Topic, topics, OF_NO_TOPIC),
        products=_named(Product, products, OF_NO_PRODUCT),
        more=(len(loop.by_topic) - len(topics), len(loop.by_product) - len(products)),
        groups=[(key or "others", i18n.label(GROUPS[key]), cell) for key, cell in groups.items()],
        hidden={
            "month": {str(key) for key in loop.hidden(months)},
            "topic": {str(key or 0) for key in loop.hidden(loop.by_topic)},
            "product": {str(key or 0) for key in loop.hidden(loop.by_product)},
            "group": {key or "others" for key in loop.hidden(groups)},
        },
        picture=_picture(loop),
    )


def _first(cells: dict[int | None, LoopCell]) -> dict[int | None, LoopCell]:
    return dict(list(cells.items())[:LINES])


def _named(noun: Any, cells: dict[int | None, LoopCell], none: Phrase) -> list[tuple[str, str, LoopCell]]:
    """The lines of a table: the key in the address, the words, the questions."""
    wanted = [key for key in cells if key is not None]
    names = {each.id: each for each in noun.select().where(noun.id.in_(wanted))} if wanted else {}
    return [(str(key or 0), i18n.label(names[key] if key else none), cell) for key, cell in cells.items()]


def _picture(loop: Loop) -> dict[str, Any]:
    """What was answered at once, month by month, with its interval."""
    months = list(loop.by_month)
    scale = Scale(100, 25, TALL)
    places = {month: across(place, len(months)) for place, month in enumerate(months)}
    points = [(places[month], cell.at_once, loop.is_maturing(month)) for month, cell in loop.compared]
    return {
        "labels": [(places[month], i18n.short_month(month)) for month in months],
        "scale": scale,
        "points": [
            Mark(
                x,
                scale.y(rate.rate),
                rate.rate,
                f"{i18n.number(rate.rate, 0)}%",
                scale.y(rate.interval[0]),
                scale.y(rate.interval[1]),
                is_open,
            )
            for x, rate, is_open in points
        ],
    }


class LoopList(ListPage[Question]):
    """The questions that one number of the loop counts."""

    noun, template, size = Question, "insights/loop/questions.html", 30
    over = (Phrase("Answered at once"), "loop")
    sorts = {"asked": Question.created_at}
    usual = "-asked"
    filters = (
        Parts(
            name="show",
            label=Phrase("Show"),
            look="tools",
            counted=False,
            parts={
                "": Part(Phrase("All"), lambda me: None),
                "settled": Part(Phrase("Settled"), lambda me: None),
                "once": Part(Phrase("Answered at once"), lambda me: None),
                "routed": Part(Phrase("Put to experts"), lambda me: None),
                "solved": Part(Phrase("Solved by experts"), lambda me: None),
                "returned": Part(Phrase("Came back as knowledge"), lambda me: None),
                "missing": Part(Phrase("Not come back yet"), lambda me: None),
            },
        ),
    )
    columns = (Phrase("Question"), Phrase("Topic"), Phrase("Asked on"), Phrase("State"))

    def __init__(self, request: Request, cell: LoopCell, words: str) -> None:
        super().__init__(request)
        chosen = self.state["show"]
        self.words, self.ids = words, ids_of(cell.part(chosen if chosen in PARTS else ""))

    @property
    def about(self) -> str:
        return self.words

    def everything(self) -> ModelSelect[Question]:
        return Question.visible_to(self.person).where(Question.id.in_(among(self.ids)))

    def read(self, query: ModelSelect[Question]) -> ModelSelect[Question]:
        return along(query, Question.topic)

    @property
    def unseen(self) -> int:
        """How many others count, which were put away."""
        return len(self.ids) - self.everything().count()


@view
def questions(request: Request, kind: str, key: str) -> Response:
    permit(readable_by(request.user))
    loop = Loop(request.user)
    cell = loop.cell(kind, key)
    permit(cell is not None, otherwise=404)
    permit(loop.tells(kind, key))
    return LoopList(request, cell or LoopCell(), _words(kind, key)).page()


def _words(kind: str, key: str) -> str:
    """What the questions of a line have in common."""
    if kind == "month":
        return i18n.month(Month.parse(key))
    if kind == "group":
        return i18n.gettext("Asked by: %(group)s") % {"group": i18n.label(GROUPS[key])}
    if kind in GIVEN:
        return i18n.gettext("Answered by: %(group)s") % {"group": i18n.label(GROUPS[key])}
    noun = {"topic": Topic, "product": Product}.get(kind)
    if noun is None:
        return i18n.gettext("All of them together")
    record = noun.get_or_none(noun.id == number_of(key))
    return i18n.label(record or {"topic": OF_NO_TOPIC, "product": OF_NO_PRODUCT}[kind])


@view
def groups(request: Request) -> Response:
    permit(request.user.is_administrator)
    form = ContactGroupsForm.of(request.form)
    if form.accepts(contact_groups.choose, by=request.user):
        return go(request, "/loop/groups", note=Phrase("Saved."))
    return form_page(request, "insights/loop/groups.html", form, **about("contact_groups"))
