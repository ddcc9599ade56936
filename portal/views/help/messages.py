"""What visitors of the help site wrote: managers read, take and close it."""

from __future__ import annotations

from peewee import ModelSelect
from starlette.responses import Response

from portal.i18n import Phrase
from portal.models.base.record import Invalid, along
from portal.models.help.messages import CLOSED, HelpMessage
from portal.views.base.filters import Part, Parts
from portal.views.base.lists import Column, ListPage
from portal.web import Request, find, go, permit, render, view


class HelpMessageList(ListPage[HelpMessage]):
    """What visitors wrote, the newest first."""

    noun, template = HelpMessage, "help/messages/index.html"
    subtitle = Phrase("What visitors of the help site wrote. Answer within 12 hours.")
    sorts = {"came": HelpMessage.created_at}
    usual = "-came"
    columns = (
        Phrase("Visitor’s message"),
        Phrase("Full name"),
        Phrase("State"),
        Column(Phrase("Came in"), "came"),
    )
    filters = (
        Parts(
            name="show",
            label=Phrase("Show"),
            look="tools",
            parts={
                "": Part(Phrase("Waiting"), lambda me: HelpMessage.state != CLOSED),
                "mine": Part(Phrase("Mine"), lambda me: HelpMessage.taken_by == me),
                "closed": Part(Phrase("Done"), lambda me: HelpMessage.state == CLOSED),
            },
        ),
    )

    @classmethod
    def exportable_by(cls, person: object) -> bool:
        return False

    def read(self, query: ModelSelect[HelpMessage]) -> ModelSelect[HelpMessage]:
        return along(query, HelpMessage.taken_by)


@view
def index(request: Request) -> Response:
    permit(request.user.is_manager)
    return HelpMessageList(request).page()


@view
def show(request: Request, id: int) -> Response:
    message = find(HelpMessage.visible_to(request.user), id)
    return render(request, "help/messages/show.html", message=message)


@view
def take(request: Request, id: int) -> Response:
    message = find(HelpMessage.visible_to(request.user), id)
    permit(message.tended_by(request.user))
    try:
        message.take(by=request.user)
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
    return go(request, message.url)


@view
def close(request: Request, id: int) -> Response:
    message = find(HelpMessage.visible_to(request.user), id)
    permit(message.tended_by(request.user))
    message.close(by=request.user)
    return go(request, message.url)
