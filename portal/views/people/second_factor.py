"""The second factor: asked for at the door, set up, taken off; and showing once more who one is."""

from __future__ import annotations

from typing import Any

import segno
from starlette.responses import RedirectResponse, Response

from portal import i18n
from portal.forms.people.account import CodeForm, PasskeyForm
from portal.i18n import Phrase
from portal.models.base.database import transact
from portal.models.company.settings import Setting
from portal.models.people import doors, factors, sessions
from portal.models.people.passkeys import Passkey, Purpose
from portal.models.people.people import Person
from portal.models.people.second_factor import SecondFactor, SpareCode, for_app, new_secret
from portal.models.people.sessions import Session
from portal.views.people.sign_in import HALF_WAY, device, open_session, renew_session
from portal.web import (
    Request,
    ask_to_confirm,
    find,
    form_page,
    go,
    local_path,
    permit,
    render,
    unkept,
    view,
)


def half_way(request: Request) -> Person | None:
    """Who gave the right password and owes the second factor."""
    secret, token = request.settings.signing_secret, request.kept(HALF_WAY)

    def read() -> Person | None:
        person = sessions.person_half_signed_in(token, secret)
        return person if person is not None and factors.holds_one(person) else None

    return transact(read, write=False)


@view(public=True, transaction=False)
def code(request: Request) -> Response:
    """The second step of signing in: the password was right."""
    person = half_way(request)
    if person is None:
        return go(request, "/sign-in")
    form = CodeForm(request.form, data={"next": request.query.get("next", "")})
    if form.sent and form.validate():
        known = device(request, person.email)
        refused = sessions.code_refusal(person, form.code.data or "", address=request.address, device=known)
        if refused is None:
            return open_session(request, person, local_path(form.next.data or ""))
        _tell(form, refused)
    return code_page(request, form, person)


def _tell(form: CodeForm, refused: Phrase) -> None:
    form.form_errors.append(i18n.gettext(refused))
    form.status = 429 if refused is sessions.TOO_MANY else 422


def code_page(request: Request, form: CodeForm, person: Person) -> Response:
    """What the person has: an app, passkeys, or both."""

    def read() -> dict[str, Any]:
        return {"factor": SecondFactor.of(person), "passkeys": Passkey.of(person).exists()}

    held = transact(read, write=False)
    if held["factor"] is None:
        form.code.label.text = i18n.gettext(Phrase("Spare code"))
    place = request.place
    return form_page(request, "people/sign_in/code.html", form, place=place, **held)


@view(public=True, transaction=False)
def code_passkey(request: Request) -> Response:
    """The second step with a passkey."""
    person = half_way(request)
    if person is None:
        return go(request, "/sign-in")
    form = CodeForm(request.form)
    refused = doors.refusal(person, shown(request, Purpose.STEP, person.id), request.settings.signing_secret)
    if refused is None:
        return open_session(request, person, local_path(form.next.data or ""))
    _tell(form, refused)
    return code_page(request, form, person)


def shown(request: Request, use: Purpose, who: int) -> doors.Shown:
    """The passkey that a form brings."""
    sent = {name: str(request.form.get(f"confirm_{name}", "")) for name in ("answer", "token")}
    where = {"address": request.address, "devices": request.kept("device")}
    return doors.Shown(use, who, place=request.place, **sent, **where)


@view(unguarded=True)
def show(request: Request) -> Response:
    return page(request, CodeForm(data={"next": request.query.get("next", "")}))


@view(unguarded=True)
def add(request: Request) -> Response:
    if request.session is None or not request.session.is_confirmed:
        return ask_to_confirm(request)
    form, me = CodeForm(request.form), request.user
    secret = sessions.offered_secret(me, form.offer.data or "", request.settings.signing_secret)
    if not form.accept(SecondFactor.add, me, secret, form.code.data or ""):
        return page(request, form, secret)
    return added(request, local_path(form.next.data or "", "/account/second-factor"))


def added(request: Request, to: str) -> Response:
    """A second factor is there: all other sessions end. With the first come the spare codes."""
    Session.revoke_all(request.user, keep=request.session)
    return go(request, to) if SpareCode.left(request.user) else _codes(request, to)


@view(confirmed=True)
def renew(request: Request) -> Response:
    """Other spare codes, in place of those that are spent, lost or were never seen."""
    to = "/account/second-factor"
    return _codes(request, to) if factors.holds_one(request.user) else go(request, to)


def _codes(request: Request, to: str) -> Response:
    made = SpareCode.make(request.user)
    return unkept(render(request, "people/account/spare_codes.html", codes=made, to=to))


def page(
    request: Request, form: CodeForm, secret: str = "", *, passkey: PasskeyForm | None = None
) -> Response:
    """What one has; and a secret for the app. It is nobody's until a code of it was typed."""
    me, secret = request.user, secret or new_secret()
    form.offer.data = sessions.offer_secret(me, secret, request.settings.signing_secret)
    picture = segno.make(for_app(secret, me, company_name(request)), error="m")
    browser = i18n.browser_name(request.http.headers.get("user-agent", ""))
    shown = form_page(
        request,
        "people/account/second_factor.html",
        form,
        held=SecondFactor.of(me),
        passkeys=list(Passkey.of(me)),
        passkey=passkey or PasskeyForm(data={"name": browser, "next": form.next.data}),
        place=request.place,
        must=factors.must_hold_one(me),
        left=SpareCode.left(me),
        secret=secret,
        picture=picture.svg_data_uri(scale=5, border=3, light="white"),
    )
    if passkey is not None:
        shown.status_code = passkey.status
    return unkept(shown)


def company_name(request: Request) -> str:
    """What an app and a device call the portal."""
    return str(Setting.read("company.name_en" if request.locale == "en" else "company.name"))


@view(confirmed=True)
def remove(request: Request) -> Response:
    held = SecondFactor.of(request.user)
    if held is not None:
        sessions.take_off(held, by=request.user, keep=request.session)
        request.note(Phrase("The app's codes are asked for no more."))
    return go(request, "/account/second-factor")


@view(confirmed=True)
def take_off(request: Request, id: int) -> Response:
    """For someone whose phone is gone, and the spare codes with it."""
    permit(request.user.is_administrator)
    person = find(Person.visible_to(request.user), id)
    sessions.take_off_factors(person, by=request.user)
    return go(request, f"/admin/accounts/{id}", note=Phrase("The password alone opens the account again."))


@view(transaction=False, unguarded=True)
def confirmation(request: Request) -> Response:
    """Who one is, shown once more; what was sent before goes on by itself."""
    if not request.form.get("confirm_proof") and not request.form.get("confirm_answer"):
        return transact(lambda: ask_to_confirm(request, status=200), write=False)
    problem = _problem(request)
    if problem is not None:
        return transact(lambda: ask_to_confirm(request, problem, status=422), write=False)
    to = local_path(str(request.form.get("confirm_to", "")))
    return renew_session(request, RedirectResponse(to, 307 if request.form.get("confirm_again") else 303))


def _problem(request: Request) -> Phrase | None:
    """Why what was sent does not show who one is."""
    me, session = request.user, request.session
    if request.form.get("confirm_answer"):
        passkey = shown(request, Purpose.CONFIRM, session.id if session else 0)
        return doors.refusal(me, passkey, request.settings.signing_secret)
    typed = str(request.form.get("confirm_proof", ""))
    return sessions.disproof(me, typed, address=request.address, device=device(request, me.email))
