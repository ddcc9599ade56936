"""One's own account: language, theme, password, sessions."""

from __future__ import annotations

from functools import partial

from starlette.responses import Response

from portal import i18n
from portal.forms.people.account import ChangePasswordForm, PreferencesForm
from portal.i18n import Phrase
from portal.models.base.database import transact
from portal.models.people import sessions
from portal.models.people.sessions import Session
from portal.views.people.sign_in import device, renew_session
from portal.web import Request, find, form_page, go, local_path, refresh, render, view


@view
def show(request: Request) -> Response:
    form = PreferencesForm(request.form, obj=request.user)
    if form.accepts(request.user.edit, by=request.user):
        return go(request, "/account", note=Phrase("Saved."))
    return form_page(request, "people/account/show.html", form)


@view
def theme(request: Request) -> Response:
    chosen = str(request.form.get("theme", ""))
    if chosen in ("auto", "light", "dark"):
        request.user.edit(by=request.user, theme=chosen)
    return go(request, local_path(str(request.form.get("next", ""))))


@view(unguarded=True)
def language(request: Request) -> Response:
    chosen = str(request.form.get("locale", ""))
    if chosen in i18n.LOCALES:
        request.user.edit(by=request.user, locale=chosen)
    return go(request, local_path(str(request.form.get("next", ""))))


@view(transaction=False)
def password(request: Request) -> Response:
    form = ChangePasswordForm(request.form)
    if not form.sent:
        return form_page(request, "people/account/password.html", form)

    typed, wanted = form.current_password.data or "", form.password.data or ""
    # The try is kept whatever becomes of the form; one that is not filled in is no try.
    where = {"address": request.address, "device": device(request, request.user.email)}
    refused = sessions.refusal(request.user, typed, **where) if form.validate() else None
    change = partial(sessions.change_password, request.user, wanted, refused=refused, keep=request.session)
    if not transact(partial(form.accept, change)):
        return form_page(request, "people/account/password.html", form)
    request.note(Phrase("Your password is changed. All your other sessions have ended."))
    return renew_session(request, go(request, "/account"))


@view
def session_list(request: Request) -> Response:
    return render(
        request, "people/account/sessions.html", sessions=list(Session.of(request.user)), this=request.session
    )


@view(confirmed=True)
def revoke_session(request: Request, id: int) -> Response:
    find(Session.of(request.user), id).revoke()
    return refresh(
        request,
        "people/account/_sessions.html",
        to="/account/sessions",
        sessions=list(Session.of(request.user)),
        this=request.session,
    )
