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
from portal.models.people.second_factor import SecondFactor, SpareCode
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
    form = CodeForm(request.form)
    if not form.accept(lambda: SecondFactor.begin(request.user).confirm(form.code.data or "")):
        return _page(request, form)
    Session.revoke_all(request.user, keep=request.session)
    return unkept(render(request, "people/account/spare_codes.html", codes=form.result))


def _page(request: Request, form: CodeForm) -> Response:
    held = SecondFactor.of(request.user)
    offered = held or SecondFactor.begin(request.user)
    company = Setting.read("company.name_en" if request.locale == "en" else "company.name")
    page = form_page(
        request,
        "people/account/second_factor.html",
        form,
        held=held,
        left=SpareCode.left(offered),
        secret=offered.secret,
        picture=segno.make(offered.address(company), error="m").svg_data_uri(
            scale=5, border=3, light="white"
        ),
    )
    return unkept(page)


@view(confirmed=True)
def remove(request: Request) -> Response:
    if (held := SecondFactor.of(request.user)) is not None:
        held.remove(by=request.user)
        Session.revoke_all(request.user, keep=request.session)
    return go(request, "/account/second-factor", note=Phrase("The password alone opens your account again."))


@view(confirmed=True)
def take_off(request: Request, id: int) -> Response:
    """For someone whose phone is gone, and the spare codes with it."""
    permit(request.user.is_administrator)
    person = find(Person.visible_to(request.user), id)
    if (held := SecondFactor.of(person)) is not None:
        held.remove(by=request.user)
        Session.revoke_all(person)
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
