"""The rules of review, kept by administrators."""

from __future__ import annotations

from starlette.responses import Response

from portal.forms.experiences.rules import ReviewRulesForm
from portal.models.experiences import rules
from portal.views.company.about import about, asking
from portal.views.company.rules import outcome
from portal.web import Request, form_page, go, permit, view


@view(confirmed=True)
def edit(request: Request) -> Response:
    permit(request.user.is_administrator)
    form = ReviewRulesForm.of(request.form)
    if form.accepts(rules.propose, by=request.user):
        return go(request, "/admin/review-rules", note=outcome(form.result))
    context = about("review") | asking("review", request.user)
    return form_page(request, "experiences/rules.html", form, **context)
