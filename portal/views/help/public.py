"""The help site as the world reads it: its pages, its files, and what machines ask of it."""

from __future__ import annotations

from functools import partial
from typing import Any

from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response

from portal import clock, i18n
from portal.forms.help.pages import HelpMessageForm
from portal.models.base.listing import number_of
from portal.models.base.record import Invalid
from portal.models.company.topics import Topic
from portal.models.help.messages import HelpMessage
from portal.models.help.pages import HelpPage
from portal.models.help.reading import (
    A_PAGE,
    PublicVersion,
    all_versions,
    beside,
    brief,
    led_to,
    links_within,
    newest,
    on_topic,
    open_topics,
    page_at,
    topics_of,
    versions_of,
)
from portal.models.help.site import Site
from portal.models.help.voices import hear, noting
from portal.search import visitors
from portal.search.visitors import LONGEST
from portal.text.dated_tables import in_force
from portal.views.help.visitors import KEPT, has, nothing, show, visited, wanting
from portal.web import Request, view

IN_FEED, IN_MAP = 50, 50_000
XML = {"feed": "application/atom+xml; charset=utf-8", "sitemap": "application/xml; charset=utf-8"}


@visited
def index(request: Request) -> Response:
    return show(request, "help/site/index.html", topics=open_topics(), newest=newest())


@visited
def topic(request: Request, id: int) -> Response:
    found = Topic.get_or_none(Topic.id == id)
    at = max(1, number_of(request.query.get("page", "")) or 1)
    rows = on_topic(id, at) if at < 10_000 else []
    if found is None or not rows:  # a topic of which nothing is public is none
        return nothing(request)
    more = at + 1 if len(rows) > A_PAGE else 0
    return show(request, "help/site/topic.html", topic=found, pages=rows[:A_PAGE], at=at, more=more)


@visited
def article(request: Request, slug: str) -> Response:
    page = page_at(slug)
    if page is None:
        other = led_to(slug)
        kept = {"Cache-Control": KEPT}  # for ever it leads there only while nobody parts the two again
        return nothing(request) if other is None else RedirectResponse(other.address, 301, kept)
    return show(request, "help/site/article.html", **_reading(request, page))


def _reading(request: Request, page: HelpPage) -> dict[str, Any]:
    topics, versions = topics_of(page), versions_of(page)
    authors = page.article.credited if Site.of("en").names else []
    return {
        "page": page,
        "said": request.query.get("said", "") in ("yes", "no"),
        "html": in_force(links_within(page.html, base=request.settings.address.rstrip("/")), clock.today()),
        "topics": topics,
        "versions": versions,
        "offered": _offered(page, versions),
        "beside": beside(page, topics[0]) if topics else [],
        "authors": [person for person in authors if person.is_active],
    }


def _offered(page: HelpPage, versions: list[PublicVersion]) -> PublicVersion | None:
    """The version in the language that a visitor reads, where the page is in another: none is sent."""
    if page.language == i18n.current():
        return None
    return next((each for each in versions if each.locale == i18n.current() and each.slug != page.slug), None)


@visited
def file(request: Request, id: int) -> Response:
    held = HelpPage.holding(id)
    if held is None:
        return nothing(request)
    headers = {"ETag": f'"{held.sha256}"', "Cache-Control": KEPT, "Vary": "Accept-Encoding"}
    if has(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    shown = "inline" if held.kind_of.is_picture else "attachment"
    return FileResponse(
        held.file,
        media_type=held.media,
        filename=held.name,
        content_disposition_type=shown,
        headers=headers,
    )


@visited
def search(request: Request) -> Response:
    text = request.query.get("q", "").strip()[:LONGEST]
    answers = visitors.search(text, request.http.app.state.search.vocabulary) if text else []
    if text and request.person is None:  # what colleagues look for is noted where they work
        known = {"address": request.address, "key": request.settings.signing_secret}
        if note := noting(text, found=len(answers), **known):
            request.leave(note)
    return show(request, "help/site/search.html", kept=False, words=text, answers=answers)


@visited
def say(request: Request, slug: str) -> Response:
    """Whether it helped. What colleagues think of it, they say in the house."""
    page, answer = page_at(slug), request.form.get("helped")
    if page is None or answer not in ("yes", "no"):
        return nothing(request)
    if request.person is None:
        try:
            key = request.settings.signing_secret
            hear(page, helped=answer == "yes", address=request.address, key=key)
        except Invalid as often:
            return wanting(request, next(iter(often.errors.values())))
    chosen = f"&lang={i18n.current()}" if "lang" in request.query else ""
    return RedirectResponse(f"{page.address}?said={answer}{chosen}#said", 303)


@visited
def write(request: Request) -> Response:
    """A message to the company. Of a machine's nothing is kept, and it is thanked all the same."""
    if not Site.of(i18n.current()).contact:
        return nothing(request)
    form, slug = HelpMessageForm(request.form), request.query.get("page", "")
    page = page_at(slug) if slug else None
    if form.sent and (form.website.data or form.accept(partial(_send, request, form, page))):
        return RedirectResponse(f"/help/contact?sent=1&lang={i18n.current()}", 303)
    sent, status = "sent" in request.query and not form.sent, form.status
    facts: dict[str, Any] = {"form": form, "about": page, "sent": sent}
    return show(request, "help/site/contact.html", status=status, kept=False, **facts)


def _send(request: Request, form: HelpMessageForm, page: HelpPage | None) -> None:
    HelpMessage.send(
        name=form.name.data or "",
        reach=form.reach.data or "",
        text=form.text.data or "",
        language=i18n.current(),
        page=page,
        address=request.address,
        key=request.settings.signing_secret,
    )


@visited
def feed(request: Request) -> Response:
    pages = brief(HelpPage.in_the_open()).order_by(HelpPage.changed_at.desc(), HelpPage.id.desc())
    return show(request, "help/site/feed.xml", media=XML["feed"], pages=list(pages.limit(IN_FEED)))


@visited
def sitemap(request: Request) -> Response:
    pages = brief(HelpPage.in_the_open()).order_by(HelpPage.id).limit(IN_MAP)
    facts: dict[str, Any] = {"pages": list(pages), "topics": open_topics(), "versions": all_versions()}
    return show(request, "help/site/sitemap.xml", media=XML["sitemap"], **facts)


@visited
def elsewhere(request: Request, rest: str) -> Response:
    return nothing(request)


@view(public=True)
def robots(request: Request) -> Response:
    """Nothing is for machines but the help site, while it is open."""
    lines = ["User-agent: *"]
    if Site.is_open():
        lines += ["Allow: /help", "Allow: /static/", "Allow: /logo/", "Disallow: /help/search", "Disallow: /"]
        lines += ["", f"Sitemap: {request.settings.address.rstrip('/')}/help/sitemap.xml"]
    else:
        lines.append("Disallow: /")
    return PlainTextResponse("\n".join(lines) + "\n", headers={"Cache-Control": KEPT})
