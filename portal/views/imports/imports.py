"""The import wizard: a file, its columns, a dry run, the import, and taking it back."""

from __future__ import annotations

from typing import Any

from peewee import ModelSelect
from starlette.responses import FileResponse, Response, StreamingResponse

from portal import i18n
from portal.forms.base import Form
from portal.forms.imports.imports import ColumnsForm, FileForm, name_choices
from portal.i18n import Phrase
from portal.models.base.nouns import NOUNS
from portal.models.imports import report
from portal.models.imports.imports import Import
from portal.models.imports.named import MODELS, NAMED
from portal.models.imports.undo import consequences
from portal.models.people.people import Person
from portal.models.sales.words import Stage
from portal.views.base.lists import Column, ListPage
from portal.web import Request, attachment, find, form_page, go, permit, render, view

MOST_OFFERED = 300
"""Known names offered while one is typed."""


class ImportList(ListPage[Import]):
    """The imports that a person may see, the newest first."""

    noun, template = Import, "imports/imports/index.html"
    title = Phrase("Imports")
    subtitle = Phrase(
        "Customers, contacts, products, people, deals, knowledge and questions from a file. Everything is "
        "tried out first and can be taken back."
    )
    sorts = {"when": Import.id}
    usual = "-when"
    columns = (
        Phrase("File"),
        Phrase("What it holds"),
        Phrase("State"),
        Column(Phrase("Rows"), align="end"),
        Column(Phrase("Created"), align="end"),
        Column(Phrase("Updated"), align="end"),
        Column(Phrase("Not imported"), align="end"),
        Phrase("By"),
        Phrase("When"),
    )

    def read(self, query: ModelSelect[Import]) -> ModelSelect[Import]:
        return Import.with_names(query)


@view
def index(request: Request) -> Response:
    permit(Import.creatable_by(request.user))
    return ImportList(request).page()


@view(upload=True)
def create(request: Request) -> Response:
    permit(Import.creatable_by(request.user))
    form = FileForm(request.form, data={"kind": request.query.get("kind")}).offering(request.user)
    if form.accept(Import.begin, by=request.user, **form.upload):
        return go(request, f"{form.result.url}/{'columns' if form.result.holds else 'file'}")
    return form_page(request, "imports/imports/file.html", form, imported=None)


@view
def file(request: Request, id: int) -> Response:
    imported = _mine(request, id)
    if not imported.is_open:
        return go(request, f"/imports/{id}")
    given = {"kind": imported.holds, "sheet": imported.sheet}
    form = FileForm(request.form, data=given).offering(request.user, imported)
    if form.accept(imported.describe, **form.described):
        return go(request, f"/imports/{id}/columns")
    return form_page(request, "imports/imports/file.html", form, imported=imported)


@view
def columns(request: Request, id: int) -> Response:
    imported = _mine(request, id)
    if not imported.is_open or not imported.holds:
        return go(request, f"/imports/{id}" if imported.holds else f"/imports/{id}/file")
    form = ColumnsForm.of(imported, request.form)
    if form.accept(imported.map, **form.mapping):
        return go(request, f"/imports/{id}/check")
    return form_page(request, "imports/imports/columns.html", form, imported=imported)


@view
def check(request: Request, id: int) -> Response:
    imported = _mine(request, id)
    if not imported.is_open or not imported.holds:
        return go(request, f"/imports/{id}" if imported.holds else f"/imports/{id}/file")
    if request.http.method == "POST":
        if not imported.choose(name_choices(request.form)):
            imported.ask_for_check()
        return go(request, f"/imports/{id}/check")
    template = "imports/imports/_check.html" if request.wants_fragment else "imports/imports/check.html"
    return render(request, template, imported=imported, **_checked(imported))


def _checked(imported: Import) -> dict[str, Any]:
    """What the page of a dry run says beside its numbers."""
    return {
        "named": NAMED,
        "stages": {stage: stage.label for stage in Stage},
        "labels": _labels(imported),
        "amounts": _amounts(imported),
        "money": _money(imported),
        "offered": _offered(imported),
    }


@view
def start(request: Request, id: int) -> Response:
    imported = find(Import.visible_to(request.user), id)
    if imported.state == "checked" and imported.choose(name_choices(request.form)):
        request.note(Phrase("You changed what names mean: look at the numbers once more."), kind="info")
        return go(request, f"/imports/{id}/check")
    form = Form()
    if not form.accept(imported.start, by=request.user):
        request.note(form.form_errors[0], kind="danger")
    return go(request, f"/imports/{id}")


@view
def show(request: Request, id: int) -> Response:
    imported = find(Import.with_names(Import.visible_to(request.user)), id)
    step = {"uploaded": "columns", "checking": "check", "checked": "check"}.get(imported.state)
    if step:
        return go(request, f"/imports/{id}/{step}")
    template = "imports/imports/_result.html" if request.wants_fragment else "imports/imports/show.html"
    return render(request, template, imported=imported, rejected=_first(imported))


@view
def rejected(request: Request, id: int) -> Response:
    imported = find(Import.visible_to(request.user), id)
    headers, kind = attachment(f"rejected-{imported.id}.csv"), "text/csv; charset=utf-8"
    kept = report.kept_list(imported)
    if kept is not None:
        return FileResponse(kept, media_type=kind, headers=headers)
    return StreamingResponse(report.rejected_pieces(imported), media_type=kind, headers=headers)


@view
def undo(request: Request, id: int) -> Response:
    imported = find(Import.visible_to(request.user), id)
    form = Form(request.form)
    if request.http.method == "GET" and imported.state == "finished":
        return render(request, "imports/imports/undo.html", imported=imported, **_consequences(imported))
    if request.http.method == "POST" and not form.accept(imported.undo, by=request.user):
        request.note(form.form_errors[0], kind="danger")
    return go(request, f"/imports/{id}")


@view
def discard(request: Request, id: int) -> Response:
    imported, form = find(Import.visible_to(request.user), id), Form()
    if not form.accept(imported.discard, by=request.user):
        request.note(form.form_errors[0], kind="danger")
        return go(request, f"/imports/{id}")
    return go(request, "/imports", note=Phrase("The import is discarded, and its file with it."))


@view
def resume(request: Request, id: int) -> Response:
    imported = find(Import.visible_to(request.user), id)
    imported.resume(by=request.user)
    return go(request, f"/imports/{id}")


def _mine(request: Request, id: int) -> Import:
    """An import this person may see, its file still there."""
    imported: Import = find(Import.with_names(Import.visible_to(request.user)), id)
    permit(imported.attachment.file.exists(), otherwise=404)
    return imported


TRIGGERS = {
    "contract": Phrase("Contracts: %(count)s, %(amount)s, dated %(months)s"),
    "payment": Phrase("Payments: %(count)s, %(amount)s, earned in %(months)s"),
}


BACK = {"contract": Phrase("Contracts"), "payment": Phrase("Payments")}


def _money(imported: Import) -> list[Phrase]:
    """What would be written into the ledger, in one sentence for each kind of amount."""
    told = []
    for trigger, (count, amount, first, last) in sorted(imported.report.get("money", {}).items()):
        months = first if first == last else Phrase("%(first)s to %(last)s", first=first, last=last)
        facts = {"count": i18n.number(count), "amount": i18n.money(amount), "months": months}
        told.append(Phrase(TRIGGERS[trigger].msgid, **facts))
    return told


def _consequences(imported: Import) -> dict[str, Any]:
    """What taking an import back would do, as pairs of words and numbers."""
    found = consequences(imported)
    removed = [(NOUNS[noun].many or NOUNS[noun].one, i18n.number(n)) for noun, n in found["removed"].items()]
    money = [(BACK[trigger], count, i18n.money(total)) for trigger, count, total in found["money"]]
    return {"removed": removed, "money": money, "found": found}


def _labels(imported: Import) -> dict[str, Phrase]:
    return {field.name: field.label for field in imported.schema.fields}


def _amounts(imported: Import) -> set[str]:
    return {field.name for field in imported.schema.fields if field.reads == "money"}


def _first(imported: Import) -> dict[str, Any]:
    count, reasons = report.first_rejected(imported)
    return {"count": count, "rows": list(reasons.items())}


def _offered(imported: Import) -> dict[str, list[str]]:
    """The known names of the nouns that are asked about, where there are not too many."""
    found = {}
    asked = {one["noun"].replace("leaver", "person") for one in imported.report.get("names", ())}
    for noun in asked & MODELS.keys():
        names = MODELS[noun].select(MODELS[noun].name).order_by(MODELS[noun].name)
        if noun == "person":
            names = names.where(Person.deactivated_at.is_null())
        rows = [name for (name,) in names.limit(MOST_OFFERED + 1).tuples()]
        if len(rows) <= MOST_OFFERED:
            found[noun] = rows
    return found
