"""Accounts and roles, kept by administrators."""

from __future__ import annotations

from typing import Any

from peewee import ModelSelect
from starlette.responses import Response

from portal import i18n
from portal.forms.people.accounts import AccountForm, RoleForm
from portal.i18n import Phrase, names
from portal.models.base.record import along
from portal.models.people import factors
from portal.models.people.letters import Letter
from portal.models.people.people import Person, Role, RoleGrant
from portal.models.people.sessions import end_sessions
from portal.models.people.words import ROLES
from portal.views.base.export import sheet
from portal.views.base.filters import Part, Parts
from portal.views.base.lists import Column, ListPage
from portal.views.people.roster import ROSTER
from portal.web import Request, find, form_page, go, permit, render, unkept, view

STRANGE = Person.deactivated_at.is_null() & (Person.password_hash == "")
INVITATION = (
    Phrase("Full name"),
    Phrase("E-mail"),
    Phrase("Link to choose a password"),
    Phrase("Good until"),
)


class AccountList(ListPage[Person]):
    """Everyone with an account, or who had one."""

    noun, template = Person, "people/accounts/index.html"
    title = Phrase("Accounts and roles")
    over = (Phrase("Admin"), "admin")
    search = Phrase("Name or e-mail")
    sorts = {"name": Person.sort_name, "joined": Person.created_at}
    columns = (
        Column(Phrase("Full name"), "name"),
        Phrase("E-mail"),
        Phrase("Roles"),
        Column(Phrase("Joined"), "joined"),
        Phrase("State"),
    )

    filters = (
        Parts(
            name="show",
            label=Phrase("Show"),
            look="tools",
            parts={
                "": Part(Phrase("All"), lambda me: None),
                "new": Part(Phrase("No password yet"), lambda me: STRANGE),
                "closed": Part(Phrase("Inactive"), lambda me: Person.deactivated_at.is_null(False)),
            },
        ),
    )

    exports = ROSTER

    @classmethod
    def exportable_by(cls, person: Person) -> bool:
        """Only administrators see the accounts at all."""
        return person.is_administrator

    def taken(self, query: ModelSelect[Person]) -> ModelSelect[Person]:
        return Person.with_place(query)

    def matching(self, text: str) -> Any:
        return super().matching(text) | Person.email.contains(text)


@view
def index(request: Request) -> Response:
    permit(request.user.is_administrator)
    accounts = AccountList(request)
    invited = {"uninvited": Letter.uninvited().count(), "invited": Letter.invitations().count()}
    return accounts.page(roles=Role.held_by(accounts.rows), names=ROLES, **invited)


@view(confirmed=True, reading=True)
def export(request: Request) -> Response:
    permit(request.user.is_administrator)
    return AccountList(request, path="/admin/accounts").sheet()


@view(confirmed=True)
def create(request: Request) -> Response:
    permit(request.user.is_administrator)
    form = AccountForm(request.form).offering()
    if not form.accepts(Person.add, by=request.user):
        return form_page(request, "people/accounts/new.html", form)
    if not form.is_again:
        Letter.invite(form.result, by=request.user)
    request.note(Phrase("%(name)s has an account.", name=names(form.result)))
    _say_how_it_goes(request)
    return go(request, f"/admin/accounts/{form.result.id}")


def _say_how_it_goes(request: Request) -> None:
    """Without a mail server nobody gets an invitation by itself."""
    if request.settings.smtp_url:
        request.note(Phrase("A link to choose a password is on its way."))
    else:
        request.note(
            Phrase("There is no mail server: hand over the link that waits under Admin, Mail."), "info"
        )


@view(confirmed=True)
def edit(request: Request, id: int) -> Response:
    permit(request.user.is_administrator)
    person = find(Person.visible_to(request.user), id)
    form = AccountForm(request.form, obj=person).offering(person)
    if form.accepts(person.correct, by=request.user):
        return go(request, f"/admin/accounts/{id}", note=Phrase("Saved."))
    return _page(request, person, form, RoleForm().offering(), form.status)


def _page(request: Request, person: Person, form: AccountForm, roles: RoleForm, status: int) -> Response:
    held = along(RoleGrant.select().where(RoleGrant.person == person), RoleGrant.topic, RoleGrant.department)
    context: dict[str, Any] = {"person": person, "form": form, "roles": roles, "held": held, "names": ROLES}
    context["factor"] = factors.holds_one(person)
    return render(request, "people/accounts/edit.html", status=status, **context)


@view(confirmed=True)
def grant(request: Request, id: int) -> Response:
    permit(request.user.is_administrator)
    person = find(Person.visible_to(request.user), id)
    roles = RoleForm(request.form).offering()
    if not roles.accept(lambda: person.grant_scoped(by=request.user, **roles.facts)):
        return _page(request, person, AccountForm(obj=person).offering(person), roles, 422)
    return go(request, f"/admin/accounts/{id}#roles")


@view(confirmed=True)
def withdraw(request: Request, id: int) -> Response:
    permit(request.user.is_administrator)
    person, sent = find(Person.visible_to(request.user), id), request.form
    role = str(sent.get("role", ""))
    permit(role in ROLES, otherwise=422)
    person.withdraw(Role(role), by=request.user, scope=str(sent.get("scope", "")))
    return go(request, f"/admin/accounts/{id}#roles")


@view(confirmed=True)
def end_all(request: Request, id: int) -> Response:
    permit(request.user.is_administrator)
    end_sessions(find(Person.visible_to(request.user), id), by=request.user)
    return go(request, f"/admin/accounts/{id}", note=Phrase("All sessions of this account have ended."))


@view(confirmed=True)
def reactivate(request: Request, id: int) -> Response:
    permit(request.user.is_administrator)
    person = find(Person.visible_to(request.user), id)
    person.reactivate(by=request.user)
    said = Phrase("The account is open. The day they left stays: take it out if they work here again.")
    return go(request, f"/admin/accounts/{id}", note=said if person.left_on else None)


@view
def invite(request: Request, id: int) -> Response:
    permit(request.user.is_administrator)
    person = find(Person.visible_to(request.user), id)
    permit(person.is_active, otherwise=409)
    Letter.invite(person, by=request.user)
    _say_how_it_goes(request)
    return go(request, f"/admin/accounts/{id}")


@view
def invite_all(request: Request) -> Response:
    permit(request.user.is_administrator)
    count = Letter.invite_all(by=request.user)
    request.note(Phrase("Invited: %(count)s.", count=i18n.number(count)))
    _say_how_it_goes(request)
    return go(request, "/admin/accounts?show=new")


@view(confirmed=True)
def invitation_sheet(request: Request) -> Response:
    """Every invitation that still opens as a file with its link; each person is told that it was shown."""
    permit(request.user.is_administrator)
    header = [i18n.gettext(each) for each in INVITATION]
    rows = [
        [each.person.name, each.person.email, link, i18n.moment(each.good_until)]
        for each, link in Letter.show_sheet(request.settings, by=request.user)
    ]
    return unkept(sheet(request, "invitations", header, rows))
