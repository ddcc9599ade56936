"""What an article begins from: kept by administrators."""

from __future__ import annotations

from starlette.responses import Response

from portal.forms.knowledge.templates import ArticleTemplateForm
from portal.i18n import Phrase
from portal.models.knowledge.templates import ArticleTemplate, own
from portal.views.base.archiving import archiving
from portal.web import Request, find, form_page, go, permit, render, view


@view
def index(request: Request) -> Response:
    permit(request.user.is_administrator)
    made, ours = list(ArticleTemplate.visible_to(request.user)), own(request.locale)
    return render(request, "knowledge/templates/index.html", made=made, own=ours)


@view
def create(request: Request) -> Response:
    permit(request.user.is_administrator)
    begun = next((one for one in own(request.locale) if one.key == request.query.get("from")), None)
    given = {"body": begun.body, "freshness": begun.freshness} if begun else {}
    form = ArticleTemplateForm(request.form, data=given)
    if form.accepts(ArticleTemplate.add, by=request.user):
        return go(request, "/admin/templates", note=Phrase("Saved."))
    return form_page(request, "knowledge/templates/edit.html", form, kept=None)


@view
def edit(request: Request, id: int) -> Response:
    permit(request.user.is_administrator)
    template = find(ArticleTemplate.visible_to(request.user), id)
    form = ArticleTemplateForm(request.form, obj=template)
    if form.accepts(template.change, by=request.user):
        return go(request, "/admin/templates", note=Phrase("Saved."))
    return form_page(request, "knowledge/templates/edit.html", form, kept=template)


archive, restore = archiving(ArticleTemplate)
