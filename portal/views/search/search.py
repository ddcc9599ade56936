"""Search: what is typed, what is found, what is kept, and what was looked for in vain."""

from __future__ import annotations

from functools import partial
from typing import Any

from starlette.background import BackgroundTask
from starlette.responses import Response

from portal.i18n import Phrase
from portal.models.base.database import transact
from portal.models.base.listing import number_of
from portal.models.base.nouns import NOUNS
from portal.models.knowledge.answers import chosen_of
from portal.models.knowledge.readership import ReadMark
from portal.models.search.lookups import Gap, Lookup, SavedSearch, missing
from portal.models.search.words import GapState
from portal.search import mentions
from portal.search.answers import answers as answers_to
from portal.search.asking import FILTER_WORDS, KINDS, Asked
from portal.search.page import record_of
from portal.search.saved import asked_by
from portal.web import Request, find, go, permit, refresh, render, view

FACETS = {
    "topic": Phrase("Topic"),
    "product": Phrase("Product"),
    "type": Phrase("Customer type"),
    "genre": Phrase("Kind"),
    "for": Phrase("For whom"),
    "owner": Phrase("Author or owner"),
    "status": Phrase("State"),
    "department": Phrase("Department"),
    "fresh": Phrase("Freshness"),
    "lang": Phrase("Language"),
}


WORDS: dict[str, Any] = {"kinds": KINDS, "nouns": NOUNS, "facets": FACETS, "filter_words": FILTER_WORDS}


def _asked(request: Request) -> Asked:
    return Asked.read(request.query, request.user, request.http.query_params.getlist)


@view
def suggest(request: Request) -> Response:
    page = request.http.app.state.search.suggest(request.user, request.query.get("q", ""))
    groups: dict[str, list[Any]] = {}
    for found in page.hits:
        groups.setdefault(found.kind, []).append(found)
    return render(request, "search/search/_suggest.html", page=page, groups=groups, kinds=KINDS, nouns=NOUNS)


@view
def offers(request: Request) -> Response:
    """What may be put into a text that somebody writes, for what they have typed of it."""
    sort, text = request.query.get("of", ""), request.query.get("q", "")[:60]
    found = mentions.offers(request.http.app.state.search, request.user, sort, text)
    return render(request, "search/search/_offers.html", offers=found, called=mentions.SORTS.get(sort, ""))


@view
def similar(request: Request) -> Response:
    text = request.query.get("text") or request.query.get("title") or ""
    page = request.http.app.state.search.similar(request.user, text)
    asked = [record_of(found.hit) for found in page.hits if found.kind == "question"]
    kind = number_of(request.query.get("type")) or None
    chosen = chosen_of(asked, kind) if asked else {}
    best = {f"question-{id}": one.answer.gist for id, one in chosen.items()}
    return render(request, "search/search/_similar.html", page=page, best=best, kinds=KINDS, nouns=NOUNS)


@view
def results(request: Request) -> Response:
    asked = _asked(request)
    page = request.http.app.state.search.search(request.user, asked)
    kept, open_gaps = SavedSearch.is_kept(request.user, asked.query), Gap.open_to(request.user)
    to_ask = request.http.app.state.search.whom_to_ask(request.user, page)
    context = {
        "page": page,
        "to_ask": to_ask,
        "asks_for_all": to_ask is None and asks_for_all(request, asked),
        "query_text": asked.typed,
        "saved": kept,
        "gaps_open": open_gaps,
    }
    response = render(request, "search/search/results.html", **WORDS, **context)
    if asked.text and page.is_in_vain and not page.degraded and not asked.filters:
        # Reading writes nothing: what was not found is noted once the answer has left.
        note = partial(Lookup.note, request.user.id, asked.text, found=0)
        response.background = BackgroundTask(transact, note)
    return response


def asks_for_all(request: Request, asked: Asked) -> bool:
    """Whether people and customers answer it too: what is found there is read once the page stands."""
    if asked.page > 1 or asked.filters or not asked.text:
        return False
    return bool(request.http.app.state.search.named(asked.text).asks_for_all)


@view
def answers(request: Request) -> Response:
    search, text = request.http.app.state.search, request.query.get("q", "")
    found = answers_to(search.named(text), request.user, like=search.alike(request.user, text))
    template = "search/search/_answers.html" if request.wants_fragment else "search/search/answers.html"
    return render(request, template, answers=found, query_text=text)


@view
def click(request: Request) -> Response:
    """What the browser tells as a page of hits is left: whether one of them was opened."""
    text, hit = str(request.form.get("q", "")), str(request.form.get("hit", ""))
    Lookup.note(request.user, text, found=1, opened=bool(hit))
    ReadMark.search(hit, person=request.user, key=request.settings.signing_secret)
    return Response(status_code=204)


@view
def saved(request: Request) -> Response:
    kept = list(SavedSearch.visible_to(request.user))
    asked = {each.id: asked_by(each) for each in kept}
    return render(request, "search/search/saved.html", kept=kept, asked=asked, kinds=KINDS)


@view
def save(request: Request) -> Response:
    query, name = str(request.form.get("query", "")), str(request.form.get("name", ""))
    kept = SavedSearch.keep(by=request.user, query=query, name=name)
    request.note(Phrase("Saved. You are told of what comes to it."))
    return go(request, f"/search?{kept.query}")


@view
def forget(request: Request, id: int) -> Response:
    find(SavedSearch.visible_to(request.user), id).remove(by=request.user)
    request.note(Phrase("Removed."))
    return go(request, "/search/saved")


@view
def gaps(request: Request) -> Response:
    permit(Gap.open_to(request.user))
    state = request.query.get("state", "open")
    state = state if state in set(GapState) else "open"
    return render(request, "search/search/gaps.html", rows=missing(state=state), state=state, states=GapState)


def _gap(request: Request) -> Gap:
    permit(Gap.open_to(request.user))
    return Gap.of(str(request.form.get("text", "")))


@view
def gap_question(request: Request) -> Response:
    question = _gap(request).ask(by=request.user)
    request.note(Phrase("It is a question now. Whoever looked for it is told when it has an answer."))
    return go(request, question.url)


@view
def gap_article(request: Request) -> Response:
    article = _gap(request).write(by=request.user)
    request.note(Phrase("A draft is begun. Whoever looked for it is told when it is published."))
    return go(request, f"{article.url}/edit")


@view
def gap_dismissal(request: Request) -> Response:
    _gap(request).dismiss(by=request.user)
    return refresh(
        request, "search/search/_gaps.html", to="/search/gaps", rows=missing(), state="open", states=GapState
    )
