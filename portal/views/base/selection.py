"""Acts on what was chosen in a list: handed over, filed under a topic, put away, brought back (list.html)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from starlette.responses import Response

from portal import i18n
from portal.forms.base import Form
from portal.forms.customers.customers import HandOverForm
from portal.i18n import Phrase, names
from portal.models.base.selection import Acted, each
from portal.models.people.people import Person
from portal.views.base.lists import ListPage, chosen_ids
from portal.web import Request, form_page, go, local_path, permit, view

NAMED = 3
"""So many of those that were refused are named."""
Lists = type[ListPage[Any]]


@dataclass(frozen=True)
class Act:
    """One thing that is done to each row: its verb, who may, and how the answer counts it."""

    verb: Callable[[Any, Person], object]
    may: Callable[[Any, Person], bool]
    said: Callable[[int], Phrase]


ACTS = {
    "archive": Act(
        verb=lambda record, me: record.archive(by=me),
        may=lambda record, me: record.archivable_by(me),
        said=lambda count: Phrase("Archived: %(count)s.", count=count),
    ),
    "restore": Act(
        verb=lambda record, me: record.restore(by=me),
        may=lambda record, me: record.restorable_by(me),
        said=lambda count: Phrase("Brought back: %(count)s.", count=count),
    ),
    "take": Act(
        verb=lambda record, me: record.take(by=me),
        may=lambda record, me: record.takeable_by(me),
        said=lambda count: Phrase("Yours now: %(count)s.", count=count),
    ),
    "withdraw": Act(
        verb=lambda record, me: record.withdraw(by=me),
        may=lambda record, me: record.withdrawable_by(me),
        said=lambda count: Phrase("No longer wanted: %(count)s.", count=count),
    ),
}
"""What can be done to rows without asking anything first; each list names those that it `does`."""


class Asking:
    """An act that asks something first, once for all rows, on a page of its own."""

    name: ClassVar[str]
    """In the button that was pressed, and in the address of its page."""
    template: ClassVar[str]

    def form(self, request: Request, page: Lists) -> Any:
        """What is asked, as it was sent."""
        raise NotImplementedError

    def act(self, form: Any) -> Act:
        """What is done to each row, by what was answered."""
        raise NotImplementedError

    def done(self, page: Lists, form: Any, count: int, me: Person) -> None:
        """What follows once for all of them."""


class HandingOver(Asking):
    """A new owner, who is told once."""

    name, template = "owner", "shared/selection/owner.html"

    def __init__(self, verb: Callable[..., bool]) -> None:
        self.verb = verb

    def form(self, request: Request, page: Lists) -> Form:
        form = HandOverForm(request.form).offering(request.user)
        if page.noun.kind() != "customer":
            del form["with_deals"]
        return form

    def act(self, form: Any) -> Act:
        to = form.to.data
        along = {"with_deals": bool(form.with_deals.data)} if "with_deals" in form else {}
        return Act(
            verb=lambda record, me: self.verb(record, to, by=me, told=False, **along),
            may=lambda record, me: record.editable_by(me),
            said=lambda count: Phrase("Handed over to %(who)s: %(count)s.", who=names(to), count=count),
        )

    def done(self, page: Lists, form: Any, count: int, me: Person) -> None:
        page.noun.tell_of_many(form.to.data, count, by=me)


class Filing(Asking):
    """A topic that they belong to."""

    name, template = "topic", "shared/selection/topic.html"

    def __init__(self, form: type[Any], verb: Callable[..., object]) -> None:
        self.asked, self.verb = form, verb

    def form(self, request: Request, page: Lists) -> Any:
        return self.asked(request.form).offering(request.user)

    def act(self, form: Any) -> Act:
        topic = form.topic.data
        return Act(
            verb=lambda record, me: self.verb(record, topic, by=me),
            may=lambda record, me: record.editable_by(me),
            said=lambda count: Phrase("Under %(topic)s now: %(count)s.", topic=names(topic), count=count),
        )


def selection(page: Lists, *askings: Asking) -> tuple[Any, ...]:
    """The views that act on rows of this list: at once, and one for each act that asks something first."""

    @view
    def act(request: Request) -> Response:
        chosen = str(request.form.get("act", ""))
        for asking in askings:
            if chosen == asking.name:
                return _ask(request, page, asking, asking.form(request, page))
        permit(chosen in page.does, otherwise=422)
        return _answer(request, page, _do(request, page, ACTS[chosen]), ACTS[chosen])

    return act, *(_answering(page, asking) for asking in askings)


def _answering(page: Lists, asking: Asking) -> Any:
    @view
    def answered(request: Request) -> Response:
        form = asking.form(request, page)
        if not form.accept(_named):
            return _ask(request, page, asking, form)
        outcome = _do(request, page, asking.act(form))
        asking.done(page, form, len(outcome.done), request.user)
        return _answer(request, page, outcome, asking.act(form))

    return answered


def _named() -> None:
    """The form itself says whether what it asks is answered."""


def chosen_rows(request: Request, page: Lists) -> list[Any]:
    """The rows that were chosen and that this person may see, no more than fit in one act."""
    noun = page.noun
    seen = noun.visible_to(request.user).where(noun.id.in_(chosen_ids(request))).order_by(noun.id)
    return list(seen)


def _do(request: Request, page: Lists, act: Act) -> Acted:
    me = request.user
    rows = chosen_rows(request, page)
    return each(rows, lambda record: act.verb(record, me), may=lambda record: bool(act.may(record, me)))


def _ask(request: Request, page: Lists, asking: Asking, form: Any) -> Response:
    ids, back = chosen_ids(request), _back(request, page)
    if not ids:
        return nothing_chosen(request, back)
    return form_page(request, asking.template, form, ids=ids, noun=page.noun.called, back=back)


def _back(request: Request, page: Lists) -> str:
    return local_path(str(request.form.get("next", "")), page.noun.called.list_path or "/")


def nothing_chosen(request: Request, back: str) -> Response:
    """No row was chosen: it is said, and nothing is done."""
    request.note(Phrase("Choose at least one row first."), "warning")
    return go(request, back)


def _answer(request: Request, page: Lists, outcome: Acted, act: Act) -> Response:
    """How many it was done to, and which were refused and why; what they may not see is not named."""
    ids, back = chosen_ids(request), _back(request, page)
    if not ids:
        return nothing_chosen(request, back)
    if outcome.done:
        request.note(act.said(len(outcome.done)))
    for why, records in outcome.refused.items():
        request.note(_refused(why, records), "warning")
    hidden = len(ids) - len(outcome.done) - sum(map(len, outcome.refused.values()))
    if hidden:
        words = Phrase("Not done, because they are not open to you: %(count)s.", count=hidden)
        request.note(words, "warning")
    return go(request, back)


def _refused(why: str, records: list[Any]) -> Phrase:
    called = [i18n.label(record) for record in records[:NAMED]]
    more = "…" if len(records) > NAMED else ""
    return Phrase(
        "Not done for %(count)s (%(names)s): %(why)s",
        count=len(records),
        why=i18n.label(why),
        names=i18n.gettext(", ").join(called) + more,
    )
