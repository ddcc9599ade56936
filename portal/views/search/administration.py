"""The state of search, its rebuilding, and the company's words, for administrators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from portal.forms.search.search import SynonymForm, WordSetForm
from portal.i18n import Phrase
from portal.models.base.record import Invalid, SearchOutbox
from portal.models.search.documents import SearchCursor, SearchDocument, SearchFailure
from portal.models.search.proposals import WordProposal
from portal.models.search.synonyms import SETS, Synonym, shipped
from portal.models.work.jobs import Job
from portal.search.asking import KINDS
from portal.search.engine import Health
from portal.search.records.findable import FINDABLE
from portal.web import Request, find, form_page, go, permit, render, view

REASONS = {
    "unreachable": Phrase("nothing answers at its address"),
    "slow": Phrase("it takes too long to answer"),
    "refused": Phrase("it refuses our key"),
    "broken": Phrase("it answers with an error"),
    "missing": Phrase("the index is not there yet"),
    "full": Phrase("its disk is full"),
    "rebuild": Phrase("the index is of an older form and is being built anew"),
    "busy": Phrase("another process is writing to it"),
    "old": Phrase("its version is too old"),
}
"""Why an engine does not work."""
ENGINES = {
    "embedded": Phrase("Embedded index"),
    "meilisearch": Phrase("Meilisearch server"),
    "meaning": Phrase("Meaning of texts"),
}
"""What is kept up to date, as it is called."""


def _engines(request: Request) -> list[dict[str, Any]]:
    rows = {row.engine: row for row in SearchCursor.select()}
    shown = []
    for engine in request.http.app.state.search.fed:
        building = rows.get(f"{engine.name} rebuild")
        health: Health = engine.health()
        shown.append(
            {"name": engine.name, "health": health, "cursor": rows.get(engine.name), "building": building}
        )
    return shown


def _rebuilding() -> Job | None:
    jobs = Job.select().where((Job.name == "rebuild search") & Job.state.in_(["waiting", "running"]))
    newest: Job | None = jobs.order_by(Job.id.desc()).first()
    return newest


@view
def index(request: Request) -> Response:
    permit(request.user.is_administrator)
    counts, waiting = SearchDocument.counts(), SearchOutbox.waiting()
    return render(
        request,
        "search/administration/index.html",
        engines=_engines(request),
        nouns=[(noun, KINDS[noun], counts.get(noun, 0), waiting.get(noun)) for noun in FINDABLE],
        failures=list(SearchFailure.select().order_by(SearchFailure.id.desc()).limit(50)),
        rebuilding=_rebuilding(),
        kinds=KINDS,
        reasons=REASONS,
        called=ENGINES,
    )


@view
def progress(request: Request) -> Response:
    permit(request.user.is_administrator)
    return render(request, "search/administration/_rebuilding.html", rebuilding=_rebuilding(), called=ENGINES)


@view
def rebuild(request: Request) -> Response:
    permit(request.user.is_administrator)
    names = [engine.name for engine in request.http.app.state.search.fed]
    name = str(request.form.get("engine", ""))
    permit(name in names, otherwise=404)
    if _rebuilding() is None:
        Job.enqueue("rebuild search", engine=name)
        SearchCursor.of(name).track("rebuild asked", by=request.user)
    return go(request, "/admin/search")


@view
def retry(request: Request, id: int) -> Response:
    permit(request.user.is_administrator)
    find(SearchFailure.select(), id).retry(by=request.user)
    request.note(Phrase("It is tried again."))
    return go(request, "/admin/search")


@view
def words(request: Request) -> Response:
    permit(request.user.is_administrator)
    form = SynonymForm(request.form)
    if form.accepts(Synonym.add, by=request.user):
        return go(request, "/admin/search/words", note=Phrase("Saved. Search knows it from now on."))
    return form_page(
        request,
        "search/administration/words.html",
        form,
        synonyms=list(Synonym.select().order_by(Synonym.words)),
        proposals=WordProposal.open(),
    )


@view
def word_sets(request: Request) -> Response:
    permit(request.user.is_administrator)
    form = WordSetForm(request.form)
    if form.accepts(Synonym.plant, by=request.user):
        return go(
            request, "/admin/search/words", note=Phrase("%(count)s groups were added.", count=form.result)
        )
    return form_page(request, "search/administration/word_sets.html", form, sets=SETS, shipped=shipped())


@view
def accept_word(request: Request, id: int) -> Response:
    return _decided(request, WordProposal.accept, id, Phrase("Saved. Search knows it from now on."))


@view
def drop_word(request: Request, id: int) -> Response:
    return _decided(request, WordProposal.drop, id, Phrase("Dropped. It is not proposed again."))


def _decided(request: Request, verb: Callable[..., None], id: int, said: Phrase) -> Response:
    permit(request.user.is_administrator)
    try:
        verb(find(WordProposal.select(), id), by=request.user)
        request.note(said)
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
    return go(request, "/admin/search/words")


@view
def word(request: Request, id: int) -> Response:
    permit(request.user.is_administrator)
    synonym = find(Synonym.select(), id)
    form = SynonymForm(request.form, obj=synonym)
    if form.accepts(synonym.edit, by=request.user):
        return go(request, "/admin/search/words", note=Phrase("Saved. Search knows it from now on."))
    return form_page(request, "search/administration/word.html", form, synonym=synonym)


@view
def remove_word(request: Request, id: int) -> Response:
    permit(request.user.is_administrator)
    found = Synonym.get_or_none(Synonym.id == id)
    if found is not None:
        found.remove(by=request.user)
    request.note(Phrase("Removed."))
    return go(request, "/admin/search/words")
