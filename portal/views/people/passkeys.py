"""Passkeys: put to the browser, taken at the door, added and removed."""

from __future__ import annotations

from functools import partial

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from portal import i18n
from portal.forms.people.account import CodeForm, PasskeyForm, SignInForm
from portal.i18n import Phrase
from portal.models.base.database import transact
from portal.models.people import doors, sessions
from portal.models.people.passkeys import Challenge, Passkey, Place, Purpose, Reply
from portal.views.people.second_factor import added, company_name, half_way, page, shown
from portal.views.people.sign_in import open_session, sign_in_page
from portal.web import Request, ask_to_confirm, find, go, local_path, unkept, view


def _put(request: Request, challenge: Challenge, passkeys: list[Passkey]) -> Response:
    """What the browser needs to ask the device. No browser keeps it."""
    return unkept(JSONResponse(challenge.to_show(_place(request), passkeys)))


def _place(request: Request) -> Place:
    """Where passkeys hold. Where the portal has no such address there are none: 404."""
    place = request.place
    if place is None:
        raise HTTPException(404)
    return place


@view(public=True)
def door_challenge(request: Request) -> Response:
    """The same for everyone: it asks for any passkey of this place."""
    return _put(request, Challenge.put(Purpose.DOOR, 0, request.settings.signing_secret), [])


@view(public=True, transaction=False)
def door(request: Request) -> Response:
    """Signing in with a passkey alone: the device made sure of its owner."""
    form = SignInForm(request.form)
    person, refused = doors.came_in(shown(request, Purpose.DOOR, 0), request.settings.signing_secret)
    if person is not None:
        return open_session(request, person, local_path(form.next.data or ""))
    form.form_errors.append(i18n.gettext(refused or doors.REFUSED))
    form.status = 429 if refused is sessions.TOO_MANY else 422
    return sign_in_page(request, form)


@view(public=True, transaction=False)
def step_challenge(request: Request) -> Response:
    """For who gave the right password."""
    person = half_way(request)
    if person is None:
        return go(request, "/sign-in")
    held = transact(lambda: list(Passkey.of(person)), write=False)
    return _put(request, Challenge.put(Purpose.STEP, person.id, request.settings.signing_secret), held)


@view(unguarded=True)
def confirm_challenge(request: Request) -> Response:
    """For who shows once more who they are, in this session."""
    session = request.session
    put = Challenge.put(Purpose.CONFIRM, session.id if session else 0, request.settings.signing_secret)
    return _put(request, put, list(Passkey.of(request.user)))


@view(unguarded=True)
def new_challenge(request: Request) -> Response:
    """For who showed a short while ago who they are: with what they had until now."""
    me, session, place = request.user, request.session, _place(request)
    if session is None or not session.is_confirmed:
        return go(request, "/account/confirmation?next=/account/second-factor")
    put = Challenge.put(Purpose.NEW, session.id, request.settings.signing_secret, Passkey.handle_of(me))
    return unkept(JSONResponse(put.to_make(place, company_name(request), me)))


@view(unguarded=True)
def add(request: Request) -> Response:
    session, form, place = request.session, PasskeyForm(request.form), _place(request)
    if session is None or not session.is_confirmed:
        return ask_to_confirm(request)
    answer = Reply.read(form.answer.data or "")
    put = Challenge.back(form.token.data or "", Purpose.NEW, session.id, request.settings.signing_secret)
    add = partial(Passkey.add, request.user, answer, put, place=place, address=request.address)
    if not form.accept(add, name=form.name.data or ""):
        return page(request, CodeForm(), passkey=form)
    request.note(Phrase("The passkey is added."))
    return added(request, local_path(form.next.data or "", "/account/second-factor"))


@view(confirmed=True)
def remove(request: Request, id: int) -> Response:
    passkey = find(Passkey.of(request.user), id)
    sessions.take_off(passkey, by=request.user, keep=request.session, address=request.address)
    return go(request, "/account/second-factor", note=Phrase("The passkey is removed."))
