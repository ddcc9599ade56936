"""Signing in and out, and a forgotten password."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from portal import i18n
from portal.forms.people.account import ForgottenForm, NewPasswordForm, SignInForm
from portal.i18n import Phrase
from portal.models.base.database import transact
from portal.models.people import sessions
from portal.models.people.letters import Letter
from portal.models.people.people import Person
from portal.models.people.sessions import LIFETIME, Session, Throttled
from portal.web import Request, cookie_name, form_page, go, local_path, view


@view(public=True, transaction=False)
def sign_in(request: Request) -> Response:
    form = SignInForm(request.form, data={"next": request.query.get("next", "")})
    if form.sent and (email := _checked(form, request.address)):
        return open_session(request, email, local_path(form.next.data or ""))
    return form_page(request, "people/sign_in/new.html", form)


def _checked(form: SignInForm, address: str) -> str | None:
    """The e-mail of whoever gave the right password; else the form says why not."""
    form.status = 422
    if not form.validate():
        return None
    try:
        if email := sessions.check_password(form.email.data or "", form.password.data or "", address):
            return email
        form.form_errors.append(i18n.gettext("This e-mail and password do not belong together."))
    except Throttled:
        form.form_errors.append(i18n.gettext(sessions.TOO_MANY))
        form.status = 429
    return None


def open_session(request: Request, email: str, to: str) -> Response:
    """Start a session and go on to where the person wanted to be."""
    browser = request.http.headers.get("user-agent", "")

    def work() -> str:
        person = Person.get(Person.email == email)
        return Session.open(person, address=request.address, browser=browser)[1]

    response = RedirectResponse(to, 303)
    response.set_cookie(
        cookie_name(request),
        transact(work),
        max_age=int(LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.settings.is_https,
        path="/",
    )
    return response


@view(public=True)
def sign_out(request: Request) -> Response:
    if request.session:
        request.session.revoke()
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(cookie_name(request), path="/", secure=request.settings.is_https, httponly=True)
    return response


@view(public=True)
def choose_language(request: Request) -> Response:
    chosen = str(request.form.get("locale", ""))
    response = RedirectResponse(local_path(str(request.form.get("next", "")), "/sign-in"), 303)
    if chosen in i18n.LOCALES:
        response.set_cookie("language", chosen, max_age=31_536_000, samesite="lax", path="/")
    return response


@view(public=True)
def forgotten(request: Request) -> Response:
    form = ForgottenForm(request.form)
    if not form.accept(Letter.password_reset, form.email.data or ""):
        return form_page(request, "people/sign_in/forgotten.html", form)
    request.note(
        Phrase("If this address has an account, a link is on its way. It is good for one hour."), "info"
    )
    return go(request, "/sign-in")


@view(public=True, transaction=False)
def reset(request: Request, token: str) -> Response:
    person = transact(lambda: sessions.person_of_token(token, request.settings.signing_secret), write=False)
    if person is None:
        raise HTTPException(404)
    form = NewPasswordForm(request.form)
    if not transact(lambda: form.accept(sessions.set_password, person, form.password.data or "", by=person)):
        return form_page(request, "people/sign_in/reset.html", form)
    request.note(Phrase("Your password is changed. Sign in with the new one."))
    return go(request, "/sign-in")
