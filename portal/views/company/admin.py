"""Administration: an overview, what the company is called, and what it keeps how long."""

from __future__ import annotations

from functools import partial

from starlette.exceptions import HTTPException
from starlette.responses import Response

from portal.forms.company.company import CompanyForm, LogoForm, RetentionForm, SignInRuleForm
from portal.i18n import Phrase
from portal.models.base.database import transact
from portal.models.company.logos import Logo
from portal.models.company.settings import Setting
from portal.models.experiences.voice import keep_for
from portal.models.people import factors
from portal.models.people.letters import Letter
from portal.models.people.people import Person
from portal.models.work.jobs import Job
from portal.security import LASTING
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
    return _company(request, form, LogoForm(None))


def _company(request: Request, form: CompanyForm, logo_form: LogoForm) -> Response:
    facts = {"logo_form": logo_form, "shown": Logo.shown(), **about("company")}
    status = max(form.status, logo_form.status)
    return render(request, "company/admin/company.html", status=status, form=form, **facts)


@view(upload=True, transaction=False)
def choose_logo(request: Request) -> Response:
    """A picture is opened in a process of its own: nobody who writes waits for that."""
    permit(request.user.is_administrator)
    form = LogoForm(request.form)
    picture = form.read()
    if picture and transact(partial(form.accept, Logo.choose, picture, by=request.user)):
        return go(request, "/admin/company", note=Phrase("The logo stands on every page."))
    return _company(request, CompanyForm(None, data=Setting.of_company()), form)


@view
def remove_logo(request: Request) -> Response:
    permit(request.user.is_administrator)
    if shown := Logo.shown():
        shown.take_off(by=request.user)
    return go(request, "/admin/company", note=Phrase("The logo is off."))


@view(public=True)
def logo(request: Request, sha256: str) -> Response:
    """The one that is shown, by its content: another one has another address."""
    shown = Logo.shown()
    if shown is None or shown.sha256 != sha256:
        raise HTTPException(404)
    return Response(bytes(shown.content), media_type=shown.media_type, headers={"Cache-Control": LASTING})


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
    if form.accepts(keep_for, by=request.user):
        return go(request, "/admin/retention", note=Phrase("Saved."))
    return form_page(request, "company/admin/retention.html", form, **about("retention"))
