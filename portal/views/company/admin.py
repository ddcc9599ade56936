"""Administration: an overview, what the company is called, and what it keeps how long."""

from __future__ import annotations

from starlette.responses import Response

from portal.forms.company.company import CompanyForm, RetentionForm, SignInRuleForm
from portal.i18n import Phrase
from portal.models.company.settings import Setting
from portal.models.people import factors
from portal.models.people.letters import Letter
from portal.models.people.people import Person
from portal.models.work.jobs import Job
from portal.views.company.about import about
from portal.web import Request, form_page, go, permit, render, view


@view
def index(request: Request) -> Response:
    permit(request.user.is_administrator)
    facts = {
        "people": Person.select().where(Person.deactivated_at.is_null()).count(),
        "dead": Job.select().where(Job.state == "dead").count(),
        "letters": Letter.select().where(Letter.sent_at.is_null()).count(),
    }
    return render(request, "company/admin/index.html", facts=facts)


@view(confirmed=True)
def company(request: Request) -> Response:
    permit(request.user.is_administrator)
    form = CompanyForm(request.form, data=Setting.of_company())
    if form.accepts(Setting.choose_company, by=request.user):
        return go(request, "/admin/company", note=Phrase("Saved."))
    return form_page(request, "company/admin/company.html", form, **about("company"))


@view(confirmed=True)
def sign_in(request: Request) -> Response:
    permit(request.user.is_administrator)
    form = SignInRuleForm(request.form, data=Setting.of_company())
    if form.accepts(factors.choose_company, by=request.user):
        return go(request, "/admin/company/sign-in", note=Phrase("Saved."))
    without = factors.without().count()
    return form_page(request, "company/admin/sign_in.html", form, without=without, **about("sign_in"))


@view
def retention(request: Request) -> Response:
    permit(request.user.is_administrator)
    form = RetentionForm(request.form, data=Setting.terms())
    if form.accepts(Setting.keep_for, by=request.user):
        return go(request, "/admin/retention", note=Phrase("Saved."))
    return form_page(request, "company/admin/retention.html", form, **about("retention"))
