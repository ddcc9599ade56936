"""What goes on the help site: asked for on an article, confirmed by a second person, taken down."""

from __future__ import annotations

from typing import Any

from peewee import ModelSelect
from starlette.responses import Response

from portal import clock, i18n
from portal.forms.help.pages import HelpAnswerForm, HelpPageForm
from portal.i18n import Phrase
from portal.models.base.listing import number_of
from portal.models.help.pages import HelpPage, texts_of
from portal.models.help.site import Site
from portal.models.help.words import HelpState
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person
from portal.text.markdown import render_markdown, sections_of
from portal.views.base.filters import Part, Parts
from portal.views.base.lists import Column, ListPage
from portal.web import Request, find, form_page, go, permit, view


def looks_after(person: Person) -> bool:
    """Who looks after what the world reads: reviewers, managers, administrators."""
    return person.is_reviewer or person.is_manager or person.is_administrator


class HelpPageList(ListPage[HelpPage]):
    """All that is, was or shall be on the help site."""

    noun, template = HelpPage, "help/pages/index.html"
    subtitle = Phrase("What everyone outside reads, and what waits to be read.")
    search = Phrase("Search titles")
    sorts = {"changed": HelpPage.updated_at, "title": Article.title, "helped": HelpPage.helped}
    usual = "-changed"
    columns = (
        Column(Phrase("Title"), "title"),
        Phrase("State"),
        Phrase("Version"),
        Column(Phrase("Helped"), "helped", align="end"),
        Column(Phrase("Changed"), "changed"),
    )
    filters = (
        Parts(
            name="show",
            label=Phrase("Show"),
            look="tools",
            parts={
                "": Part(Phrase("All"), lambda me: None),
                "public": Part(Phrase("Public"), lambda me: HelpPage.state == HelpState.PUBLIC),
                "asked": Part(Phrase("Waiting"), lambda me: HelpPage.asked_number.is_null(False)),
                "withdrawn": Part(Phrase("Taken down"), lambda me: HelpPage.state == HelpState.WITHDRAWN),
            },
        ),
    )
    exports = {
        Phrase("Title"): lambda page, me: page.title or page.article.title,
        Phrase("State"): lambda page, me: i18n.label(page.state),
        Phrase("Version"): lambda page, me: page.number,
        Phrase("Public since"): lambda page, me: page.public_at and clock.local(page.public_at).date(),
        Phrase("Language"): lambda page, me: page.language,
        Phrase("Helped"): lambda page, me: page.helped,
        Phrase("Did not help"): lambda page, me: page.did_not_help,
        Phrase("Address"): lambda page, me: page.address if page.slug else "",
        Phrase("Text"): lambda page, me: page.body,
    }

    @classmethod
    def exportable_by(cls, person: Person) -> bool:
        return looks_after(person)

    def everything(self) -> ModelSelect[HelpPage]:
        return HelpPage.with_articles(HelpPage.visible_to(self.person))


@view
def index(request: Request) -> Response:
    permit(looks_after(request.user))
    return HelpPageList(request).page(is_open=Site.is_open())


@view(confirmed=True, reading=True)
def export(request: Request) -> Response:
    return HelpPageList(request, path="/help-pages").sheet()


@view
def propose(request: Request, id: int) -> Response:
    article = find(Article.visible_to(request.user), id)
    permit(HelpPage.askable_by(article, request.user))
    form, chosen = (
        HelpPageForm(request.form),
        [number_of(str(one)) for one in request.form.getlist("section")],
    )
    number = number_of(str(request.form.get("number", "")))
    if form.accept(HelpPage.ask, article, by=request.user, number=number, sections=chosen):
        return go(request, form.result.url, note=Phrase("Asked. A second person looks at it first."))
    return form_page(
        request, "help/pages/propose.html", form, **_choosing(request, article, chosen, form.sent)
    )


def _choosing(request: Request, article: Article, chosen: list[int], sent: bool) -> dict[str, Any]:
    sections, page = sections_of(article.body), HelpPage.of(article)
    if not sent:  # as it was chosen before, by the words of the headings; else nothing goes out unasked
        chosen = page.chosen_again(sections) if page else [0] if len(sections) == 1 else []
    return {
        "article": article,
        "sections": sections,
        "chosen": chosen,
        "page": page,
        "nobody": HelpPage.nobody_confirms(article, request.user, page),
    }


@view
def show(request: Request, id: int) -> Response:
    page = find(HelpPage.visible_to(request.user), id)
    return _page(request, page, HelpAnswerForm(None))


def _page(request: Request, page: HelpPage, form: HelpAnswerForm) -> Response:
    me, asked = request.user, dict[str, Any]()
    if page.asked_number is not None:
        asked = {**texts_of(page.asked_version, page.asked_sections), "topics": page.asked_topics}
        asked["html"] = render_markdown(asked["body"])
    return form_page(
        request,
        "help/pages/show.html",
        form,
        page=page,
        asked=asked,
        confirmable=page.confirmable_by(me),
        withdrawable=page.withdrawable_by(me),
        askable=HelpPage.askable_by(page.article, me),
        is_open=Site.is_open(),
    )


@view
def confirm(request: Request, id: int) -> Response:
    page = find(HelpPage.visible_to(request.user), id)
    permit(page.confirmable_by(request.user) or page.agreed_by_id == request.user.id)
    form = HelpAnswerForm(request.form)
    version = number_of(str(request.form.get("version", "")))
    if form.accept(page.confirm, by=request.user, version=version):
        return go(request, page.url, note=Phrase("It is on the help site."))
    return _page(request, find(HelpPage.visible_to(request.user), id), form)


@view
def refuse(request: Request, id: int) -> Response:
    page = find(HelpPage.visible_to(request.user), id)
    permit(page.confirmable_by(request.user))
    form = HelpAnswerForm(request.form)
    if form.accepts(page.refuse, by=request.user):
        return go(request, page.url, note=Phrase("Refused. Who asked is told why."))
    return _page(request, page, form)


@view
def take_back(request: Request, id: int) -> Response:
    page = find(HelpPage.visible_to(request.user), id)
    permit(page.withdrawable_by(request.user))
    page.take_back(by=request.user)
    return go(request, page.url)


@view
def withdraw(request: Request, id: int) -> Response:
    page = find(HelpPage.visible_to(request.user), id)
    permit(page.withdrawable_by(request.user))
    page.withdraw(by=request.user)
    return go(request, page.url, note=Phrase("It is off the help site."))
