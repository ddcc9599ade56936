"""The company's own lists of words, kept by administrators: topics, departments, customer types, traits."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from portal.forms.company.lists import WordForm
from portal.i18n import Phrase
from portal.models.company import lists
from portal.web import Request, find, form_page, go, permit, render, view

TITLES = {
    "topics": Phrase("Topics"),
    "departments": Phrase("Departments"),
    "customer-types": Phrase("Customer types"),
    "close-reasons": Phrase("Why deals end"),
    "traits": Phrase("Traits of customers"),
    "soft-traits": Phrase("Traits of colleagues"),
}


def _title(noun: str) -> Phrase:
    if noun not in TITLES:
        raise HTTPException(404)
    return TITLES[noun]


@view
def index(request: Request, noun: str) -> Response:
    permit(request.user.is_administrator)
    title = _title(noun)
    return render(request, "company/lists/index.html", noun=noun, title=title, words=lists.tree(noun))


@view
def create(request: Request, noun: str) -> Response:
    permit(request.user.is_administrator)
    title, form = _title(noun), WordForm.of(noun, request.form)
    if form.accepts(lists.add, noun, by=request.user):
        return go(request, f"/admin/words/{noun}")
    return form_page(request, "company/lists/edit.html", form, noun=noun, title=title, word=None)


@view
def edit(request: Request, noun: str, id: int) -> Response:
    permit(request.user.is_administrator)
    title = _title(noun)
    word = find(lists.LISTS[noun].select(), id)
    form = WordForm.of(noun, request.form, word)
    if form.accepts(lists.change, word, by=request.user):
        return go(request, f"/admin/words/{noun}", note=Phrase("Saved."))
    return form_page(request, "company/lists/edit.html", form, noun=noun, title=title, word=word)
