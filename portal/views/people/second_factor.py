"""The second factor: asked for at the door, set up, taken off; and showing once more who one is."""

from __future__ import annotations

import segno
from starlette.responses import RedirectResponse, Response

from portal import i18n
from portal.forms.people.account import CodeForm
from portal.i18n import Phrase
from portal.models.base.database import transact
from portal.models.company.settings import Setting
from portal.models.people import sessions
from portal.models.people.people import Person
from portal.models.people.second_factor import SecondFactor, SpareCode, for_app, new_secret
from portal.models.people.sessions import Session
from portal.views.people.sign_in import HALF_WAY, device, open_session
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


@view(public=True, transaction=False)
def code(request: Request) -> Response:
    """The second step of signing in: the password was right."""
    secret, token = request.settings.signing_secret, request.kept(HALF_WAY)
    person = transact(lambda: sessions.person_half_signed_in(token, secret), write=False)
    factor = transact(lambda: SecondFactor.of(person), write=False) if person is not None else None
    if person is None or factor is None:
        return go(request, "/sign-in")
    form = CodeForm(request.form, data={"next": request.query.get("next", "")})
    if form.sent and form.validate():
        refused = sessions.code_refusal(person, factor, form.code.data or "", address=request.address)
        if refused is None:
            return open_session(request, person, local_path(form.next.data or ""))
        form.form_errors.append(i18n.gettext(refused))
        form.status = 429 if refused is sessions.TOO_MANY else 422
    return form_page(request, "people/sign_in/code.html", form)


@view
def show(request: Request) -> Response:
    return _page(request, CodeForm())


@view
def add(request: Request) -> Response:
    if request.session is None or not request.session.is_confirmed:
        return ask_to_confirm(request)
    form, me = CodeForm(request.form), request.user
    secret = sessions.offered_secret(me, form.offer.data or "", request.settings.signing_secret)
    if not form.accept(SecondFactor.add, me, secret, form.code.data or ""):
        return _page(request, form, secret)
    Session.revoke_all(me, keep=request.session)
    return _codes(request, form.result)


@view(confirmed=True)
def renew(request: Request) -> Response:
    """Other spare codes, in place of those that are spent, lost or were never seen."""
    held = SecondFactor.of(request.user)
    return _codes(request, held) if held is not None else go(request, "/account/second-factor")


def _codes(request: Request, held: SecondFactor) -> Response:
    return unkept(render(request, "people/account/spare_codes.html", codes=SpareCode.make(held)))


def _page(request: Request, form: CodeForm, secret: str = "") -> Response:
    """What one has; else a secret for the app. It is nobody's until a code of it was typed."""
    me, held = request.user, SecondFactor.of(request.user)
    secret = secret or new_secret()
    form.offer.data = sessions.offer_secret(me, secret, request.settings.signing_secret)
    company = Setting.read("company.name_en" if request.locale == "en" else "company.name")
    picture = segno.make(for_app(secret, me, company), error="m")
    page = form_page(
        request,
        "people/account/second_factor.html",
        form,
        held=held,
        left=SpareCode.left(held) if held else 0,
        secret=secret,
        picture=picture.svg_data_uri(scale=5, border=3, light="white"),
    )
    return unkept(page)


@view(confirmed=True)
def remove(request: Request) -> Response:
    sessions.take_off_factor(request.user, by=request.user, keep=request.session)
    return go(request, "/account/second-factor", note=Phrase("The password alone opens your account again."))


@view(confirmed=True)
def take_off(request: Request, id: int) -> Response:
    """For someone whose phone is gone, and the spare codes with it."""
    permit(request.user.is_administrator)
    person = find(Person.visible_to(request.user), id)
    sessions.take_off_factor(person, by=request.user)
    return go(request, f"/admin/accounts/{id}", note=Phrase("The password alone opens the account again."))


@view(transaction=False)
def confirmation(request: Request) -> Response:
    """Who one is, shown once more; what was sent before goes on by itself."""
    me, typed = request.user, str(request.form.get("confirm_proof", ""))
    if not typed:
        return transact(lambda: ask_to_confirm(request, status=200), write=False)
    problem = sessions.disproof(me, typed, address=request.address, device=device(request, me.email))
    if problem is not None or request.session is None:
        return transact(lambda: ask_to_confirm(request, problem, status=422), write=False)
    transact(request.session.confirm)
    to = local_path(str(request.form.get("confirm_to", "")))
    return RedirectResponse(to, 307 if request.form.get("confirm_again") else 303)
