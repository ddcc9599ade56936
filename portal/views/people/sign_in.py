"""Signing in and out, and a forgotten password."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from portal import i18n
from portal.forms.people.account import ForgottenForm, NewPasswordForm, SignInForm
from portal.i18n import Phrase
from portal.models.base.database import transact
from portal.models.people import factors, sessions
from portal.models.people.letters import Letter, person_of_link
from portal.models.people.people import Person
from portal.models.people.sessions import LIFETIME, Session
from portal.models.people.tries import Throttled
from portal.request import Request, drop_cookie, keep_cookie
from portal.web import form_page, go, local_path, render, unkept, view

YEAR = 31_536_000
HALF_WAY = "half-way"
"""The cookie of who gave the right password and owes the code."""
LINK_SENT = Phrase("If this address has an account, a link is on its way. It is good for one hour.")
LINK_WAITS = Phrase(
    "If this address has an account, a link waits under Admin, Mail, for one hour: ask an administrator."
)


@view(public=True, transaction=False)
def sign_in(request: Request) -> Response:
    form = SignInForm(request.form, data={"next": request.query.get("next", "")})
    if form.sent and (person := _checked(request, form)):
        return _go_in(request, person, local_path(form.next.data or ""))
    return sign_in_page(request, form)


def sign_in_page(request: Request, form: SignInForm) -> Response:
    """The door, with or without what went wrong."""
    return form_page(request, "people/sign_in/new.html", form, place=request.place)


def _checked(request: Request, form: SignInForm) -> Person | None:
    """Whoever gave the right password; else the form says why not."""
    form.status = 422
    if not form.validate():
        return None
    try:
        known = device(request, form.email.data or "")
        typed = (form.email.data or "", form.password.data or "")
        if person := sessions.check_password(*typed, address=request.address, device=known):
            return person
        form.form_errors.append(i18n.gettext("This e-mail and password do not belong together."))
    except Throttled:
        form.form_errors.append(i18n.gettext(sessions.TOO_MANY))
        form.status = 429
    return None


def _go_in(request: Request, person: Person, to: str) -> Response:
    """The password was right: on to where the person wanted to be, or to the code of the second factor."""
    if not transact(lambda: factors.holds_one(person), write=False):
        return open_session(request, person, to)
    response = RedirectResponse(f"/sign-in/code?{urlencode({'next': to})}", 303)
    token = sessions.half_signed_in(person, request.settings.signing_secret)
    keep_cookie(request, response, HALF_WAY, token, seconds=sessions.HALF_SECONDS)
    return response


def device(request: Request, email: str) -> str:
    """This browser, if the account signed in with it before."""
    return sessions.known_device(request.kept("device"), email, request.settings.signing_secret)


def remember(request: Request, response: Response, person: Person) -> None:
    """Let this browser be known for the account, signed in or not."""
    known = sessions.remember_device(request.kept("device"), person, request.settings.signing_secret)
    keep_cookie(request, response, "device", known, seconds=YEAR)


def open_session(request: Request, person: Person, to: str) -> Response:
    """Start a session and go on to where the person wanted to be; one that this browser had before ends."""
    browser = request.http.headers.get("user-agent", "")

    def work() -> str:
        if request.session is not None:
            request.session.revoke()
        person.track("signed in", by=person, changes={"from": [None, request.address]})
        return Session.open(person, address=request.address, browser=browser)[1]

    response = RedirectResponse(to, 303)
    drop_cookie(request, response, HALF_WAY)
    remember(request, response, person)
    keep_cookie(request, response, "session", transact(work), seconds=int(LIFETIME.total_seconds()))
    return response


def renew_session(request: Request, response: Response) -> Response:
    """Who showed once more who they are goes on in this browser, all tabs of it, under another token."""
    if (session := request.session) is not None:
        keep_cookie(request, response, "session", transact(session.confirm), seconds=session.seconds_left)
    return response


@view(public=True)
def sign_out(request: Request) -> Response:
    if request.session:
        request.session.revoke()
    response = RedirectResponse("/sign-in", 303)
    drop_cookie(request, response, "session")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'  # drafts and pages that the browser kept
    return response


@view(public=True)
def choose_language(request: Request) -> Response:
    chosen = str(request.form.get("locale", ""))
    response = RedirectResponse(local_path(str(request.form.get("next", "")), "/sign-in"), 303)
    if chosen in i18n.LOCALES:
        keep_cookie(request, response, "language", chosen, seconds=YEAR)
    return response


@view(public=True)
def forgotten(request: Request) -> Response:
    form, sends = ForgottenForm(request.form), bool(request.settings.smtp_url)
    if not form.accept(Letter.ask_for_reset, form.email.data or "", address=request.address):
        return form_page(request, "people/sign_in/forgotten.html", form, sends=sends)
    request.note(LINK_SENT if sends else LINK_WAITS, "info")
    return go(request, "/sign-in")


@view(public=True, transaction=False)
def reset(request: Request, token: str) -> Response:
    person = transact(lambda: person_of_link(token, request.settings.signing_secret), write=False)
    if person is None:
        return _run_out(request)
    form = NewPasswordForm(request.form)
    if not transact(lambda: form.accept(sessions.set_password, person, form.password.data or "", by=person)):
        response = unkept(form_page(request, "people/sign_in/reset.html", form, person=person))
        remember(request, response, person)  # whoever has the letter is no guesser
        return response
    request.note(Phrase("Your password is changed. Sign in with the new one."))
    return go(request, "/sign-in")


def _run_out(request: Request) -> Response:
    """A letter is opened again after its link was used: the way on stands there."""
    request.note(Phrase("This link was used or has run out. Sign in, or ask for a new one."), "info")
    page = render(
        request,
        "people/sign_in/forgotten.html",
        status=404,
        form=ForgottenForm(),
        sends=bool(request.settings.smtp_url),
    )
    return unkept(page)
