"""Administration: an overview, the company's settings, background jobs, letters, and the audit log."""

from __future__ import annotations

from starlette.responses import Response

from portal.forms.accounts import CompanyForm
from portal.i18n import Phrase
from portal.models.base.listing import listing
from portal.models.base.record import Event
from portal.models.company.settings import Setting
from portal.models.people.letters import Letter
from portal.models.people.people import Person
from portal.models.work.jobs import Job
from portal.views import audit
from portal.web import Request, find, form_page, go, permit, refresh, render, view

KINDS = (
    "person",
    "customer",
    "deal",
    "experience",
    "review",
    "article",
    "question",
    "policy",
    "period",
    "import",
)
"""The nouns whose events can be picked out."""


@view
def index(request: Request) -> Response:
    permit(request.user.is_administrator)
    facts = {
        "people": Person.select().where(Person.deactivated_at.is_null()).count(),
        "dead": Job.select().where(Job.state == "dead").count(),
        "letters": Letter.select().where(Letter.sent_at.is_null()).count(),
    }
    return render(request, "admin/index.html", facts=facts)


@view
def company(request: Request) -> Response:
    permit(request.user.is_administrator)
    form = CompanyForm(request.form, data=Setting.of_company())
    if request.http.method == "GET" or not form.accept(Setting.name_company, by=request.user, **form.facts):
        return form_page(request, "admin/company.html", form)
    request.note(Phrase("Saved."))
    return go(request, "/admin/company")


@view
def jobs(request: Request) -> Response:
    permit(request.user.is_administrator)
    found = listing(
        Job.select(), sorts={"newest": Job.id}, sort="-newest", after=request.query.get("after", ""), size=30
    )
    return render(request, "admin/jobs.html", jobs=found, names=audit.JOBS)


@view
def retry(request: Request, id: int) -> Response:
    permit(request.user.is_administrator)
    job = find(Job.select(), id)
    job.retry(by=request.user)
    return refresh(request, "admin/_job.html", to="/admin/jobs", job=job.fresh(), names=audit.JOBS)


@view
def letters(request: Request) -> Response:
    permit(request.user.is_administrator)
    found = listing(
        Letter.visible_to(request.user).order_by(),
        sorts={"newest": Letter.id},
        sort="-newest",
        after=request.query.get("after", ""),
        size=30,
    )
    return render(request, "admin/letters.html", letters=found)


@view
def letter_link(request: Request, id: int) -> Response:
    permit(request.user.is_administrator)
    letter = find(Letter.visible_to(request.user), id)
    link = letter.show_link(request.settings, by=request.user)
    return render(request, "admin/letter.html", letter=letter, link=link)


@view
def events(request: Request) -> Response:
    permit(request.user.is_auditor or request.user.is_administrator)
    about, query = request.query.get("about", ""), Event.select()
    if about:
        query = query.where(Event.subject_kind == about)
    found = listing(query, sorts={"newest": Event.id}, sort="-newest", after=request.query.get("after", ""))
    people = {p.id: p for p in Person.select().where(Person.id.in_(audit.named(found.rows)))}
    return render(
        request,
        "admin/events.html",
        events=audit.told(found.rows, people),
        more=found.more,
        people=people,
        about=about,
        kinds={kind: audit.NOUNS[kind] for kind in KINDS},
    )
