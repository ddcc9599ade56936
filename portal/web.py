"""The seam between HTTP and the domain: one thread hop, one transaction, one person, one answer."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial, wraps
from http import HTTPStatus
from typing import Any, TypeVar, overload
from urllib.parse import quote, urlencode

import anyio.to_thread
from peewee import ModelSelect
from starlette.convertors import Convertor, register_url_convertor
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Match, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from portal import i18n
from portal.i18n import Phrase
from portal.models.base.database import db, is_busy, transact, write_in_passing
from portal.models.base.listing import number_of
from portal.models.base.record import Invalid, Row, Stale, request_id
from portal.models.files.stores import NO_STORE, StoreDown
from portal.models.people import factors, sessions
from portal.models.people.passkeys import Passkey
from portal.models.people.second_factor import SecondFactor
from portal.models.people.sessions import Session
from portal.request import Request, Unsent, drop_cookie, keep_notes, kept_notes, read_urlencoded
from portal.security import SAFE, address_of
from portal.turns import NOBODY, Full


class Ident(Convertor[int]):
    """A number in an address: of more digits than a database holds there is no page."""

    regex = "[0-9]{1,18}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("int", Ident())
R = TypeVar("R", bound=Row)
T = TypeVar("T")
Handler = Callable[..., Response]
Endpoint = Callable[[HttpRequest], Awaitable[Response]]
MAX_FORM = 2 * 1024 * 1024
SMALL_FORM, MAX_OPEN_FORM = 4 * 1024, 64 * 1024
"""One that is read whoever sends it and however many come, and the longest of a browser that nobody knows."""
MOST_FIELDS = 2000
MAX_FIELD = 256 * 1024
"""Of a form with files: its texts are kept in memory, its files are not."""
MAX_UPLOAD = 50 * 1024 * 1024
FULL = Match.FULL
log = logging.getLogger("portal.web")


@overload
def view(handler: Handler, /) -> Endpoint: ...
@overload
def view(
    *,
    public: bool = ...,
    upload: bool = ...,
    transaction: bool = ...,
    confirmed: bool = ...,
    reading: bool = ...,
    unguarded: bool = ...,
) -> Callable[[Handler], Endpoint]: ...
def view(
    handler: Handler | None = None,
    *,
    public: bool = False,
    upload: bool = False,
    transaction: bool = True,
    confirmed: bool = False,
    reading: bool = False,
    unguarded: bool = False,
) -> Any:
    """Make an endpoint of a plain function `(request, **path parameters) -> Response`.

    `public`: needs nobody signed in. `upload`: takes files. `transaction=False`: the handler does slow
    work of its own (password hashing) and opens its transactions itself. `confirmed`: its person shows once
    more who they are, when that was a while ago. `reading`: a form that changes nothing. No writer waits for
    it, however long it takes; what it has to write down it leaves to `request.leave`. `unguarded`: open to
    who has yet to set up the second factor that the company asks for at the door.
    """

    def decorate(given: Handler) -> Endpoint:
        asked = _confirmed(given) if confirmed else given
        guarded = asked if public or unguarded else _guarded(asked, in_transaction=transaction)
        return _endpoint(guarded, public, upload, transaction, reading=reading)

    return decorate if handler is None else decorate(handler)


def _endpoint(handler: Handler, public: bool, upload: bool, transaction: bool, *, reading: bool) -> Endpoint:
    @wraps(handler)
    async def endpoint(http: HttpRequest) -> Response:
        try:
            with await _room(http, upload):
                return await received(http)
        except Full as full:
            raise HTTPException(503, headers={"Retry-After": "5"}) from full

    async def received(http: HttpRequest) -> Response:
        request, turns = Request(http, await _receive_form(http, upload)), http.app.state.turns
        request.writes = request.writes and not reading
        work = partial(_read_and_answer, _answer if transaction else _answer_alone, handler, request, public)
        cookie = request.kept("session")
        try:
            await _introduce(request)
            if not transaction:
                beside = turns.uploads if upload else turns.slow
                alone: Response = await anyio.to_thread.run_sync(work, limiter=beside)
                return alone
            async with turns.taken(http, cookie, request.writes) as account:
                response: Response = await anyio.to_thread.run_sync(account.run, work, limiter=turns.views)
            if request.traces:
                async with turns.taken(http, cookie, writes=True) as account:
                    await anyio.to_thread.run_sync(account.run, _leave, request, limiter=turns.views)
            return response
        except HTTPException:
            raise
        except Invalid as invalid:
            raise HTTPException(422, next(iter(invalid.errors.values()))) from invalid
        except Stale as stale:
            raise HTTPException(409) from stale
        except StoreDown as down:
            log.error("the store of files does not answer", exc_info=down)
            raise HTTPException(503, NO_STORE) from down
        except Exception as error:
            if not is_busy(error):
                return await on_crash(http, error)
            log.warning("the database is busy")
            raise HTTPException(503, headers={"Retry-After": "5"}) from error
        finally:
            await request.form.close()

    endpoint.public = public  # type: ignore[attr-defined]
    endpoint.reading = reading  # type: ignore[attr-defined]
    return endpoint


async def _introduce(request: Request) -> None:
    """Whose a browser is that came for the first time: however many a person has, they share one turn from
    the beginning.
    """
    cookie, turns = request.kept("session"), request.http.app.state.turns
    if cookie and not turns.knows(cookie):
        find = partial(transact, lambda: Session.find(cookie), write=False)
        session = await anyio.to_thread.run_sync(find, limiter=turns.doors)
        turns.know(cookie, session.person_id if session else NOBODY)
        request.introduced = session


def _guarded(handler: Handler, *, in_transaction: bool) -> Handler:

    @wraps(handler)
    def asked(request: Request, **parts: Any) -> Response:
        def kept_out() -> bool:
            return factors.must_hold_one(request.user)

        without = request.session is not None and not request.session.has_factor
        if without and (kept_out() if in_transaction else transact(kept_out, write=False)):
            return _ask_for_factor(request)
        return handler(request, **parts)

    return asked


def _confirmed(handler: Handler) -> Handler:

    @wraps(handler)
    def asked(request: Request, **parts: Any) -> Response:
        if request.http.method in SAFE or may_go_on(request):
            return handler(request, **parts)
        return ask_to_confirm(request)

    return asked


class Unread(FormData):
    """A form that has come, and is to be read in the thread of whoever sent it: a long one takes a while."""


def _read_and_answer(
    answer: Callable[..., Response], handler: Handler, request: Request, public: bool
) -> Response:
    if isinstance(request.form, Unread):
        request.form = _read_form(request.http)
        request.http.scope["typed"] = request.form
    return answer(handler, request, public)


def _read_form(http: HttpRequest) -> FormData:
    """The form in a body that is here already."""
    if _is_kept(http):
        return read_urlencoded(_at_once(http.body()), MOST_FIELDS)
    return _at_once(http.form(max_files=0, max_fields=MOST_FIELDS, max_part_size=MAX_FORM))


def _at_once(reading: Awaitable[T]) -> T:
    """What is there already: nothing is waited for."""
    try:
        next(reading.__await__())
    except StopIteration as done:
        read: T = done.value
        return read
    raise AssertionError("the body of this form has not come yet")


async def _room(http: HttpRequest, upload: bool) -> AbstractContextManager[None]:
    """Room for a form that is about to be read. Whoever never signed in with this browser may send no more
    than what is open to everyone asks for; who did may have a long text in a page whose session has ended.
    """
    size = 0 if http.method in SAFE else _length(http, MAX_UPLOAD if upload else MAX_FORM)
    if size <= SMALL_FORM:
        return nullcontext()
    request, turns = Request(http, Unsent()), http.app.state.turns
    await _introduce(request)
    who = turns.whose(request.kept("session"))
    is_known = who or sessions.is_known(request.kept("device"), request.settings.signing_secret)
    if not is_known and not upload and size > MAX_OPEN_FORM:
        raise HTTPException(413)
    room: AbstractContextManager[None] = turns.room.taken(who, min(size, MAX_FORM))
    return room


def _length(http: HttpRequest, limit: int) -> int:
    """Bytes of a form as it announces them."""
    if "transfer-encoding" in http.headers:  # no browser sends a form so, and nothing would bound its files
        raise HTTPException(411)
    length = http.headers.get("content-length", "")
    size = number_of(length) if length.strip("0") else 0
    if length.strip("0") and not 0 < size <= limit:
        raise HTTPException(413)
    return size


async def _receive_form(http: HttpRequest, upload: bool) -> FormData:
    if http.method in SAFE:
        return Unsent()
    if upload:
        await anyio.to_thread.run_sync(_permit_upload, http, limiter=http.app.state.turns.views)
        try:
            return await http.form(max_files=5, max_fields=100, max_part_size=MAX_FIELD)
        except HTTPException as refused:
            raise HTTPException(413 if "maximum size" in refused.detail else 400) from refused
    await http.body()
    return Unread()


def _permit_upload(http: HttpRequest) -> None:
    """A file is read from those alone who are signed in."""
    request = Request(http, Unsent())
    transact(lambda: _identify(request), write=False)
    permit(request.session is not None, otherwise=401)


def _answer(handler: Handler, request: Request, public: bool) -> Response:
    def work() -> Response:
        request.__dict__.pop("user", None)
        request.notes.clear()
        request.traces.clear()
        _identify(request)
        if not public:
            permit(request.person is not None, otherwise=401)
        with i18n.speaking(request.locale):
            return handler(request, **request.http.path_params)

    try:
        response = transact(work, write=request.writes)
    except Stale as stale:
        raise HTTPException(409) from stale
    return _finish(request, response)


def _leave(request: Request) -> None:
    def work() -> None:
        for trace in request.traces:
            trace()

    transact(work)


def _answer_alone(handler: Handler, request: Request, public: bool) -> Response:
    try:
        transact(lambda: _identify(request), write=False)
        if not public:
            permit(request.person is not None, otherwise=401)
        with i18n.speaking(request.locale):
            return _finish(request, handler(request, **request.http.path_params))
    finally:
        # Reading outside a transaction takes a connection: kept, it would be lost with this thread.
        db.close()


def _identify(request: Request) -> None:
    cookie = request.kept("session")
    known, request.introduced = request.introduced, None  # a second try looks again
    request.session = known or Session.find(cookie)
    if request.session:
        request.http.scope["person_id"] = request.session.person_id
        request.http.app.state.turns.know(cookie, request.session.person_id)


def _finish(request: Request, response: Response) -> Response:
    response.headers.setdefault("Vary", "HX-Request, Cookie, Accept-Language")
    session = request.session
    if session and session.is_due_for_a_look:
        write_in_passing(session.see)
    if request.person and request.http.method not in SAFE:
        request.http.app.state.forget_count(request.person)
    if request.notes:
        keep_notes(request, response)
    elif request.kept("notes") and getattr(response, "showed_notes", False):
        drop_cookie(request, response, "notes")
    return response


def find(query: ModelSelect[R], ident: int) -> R:
    """The record with this id among those the query allows, else 404."""
    record: R | None = query.where(query.model.id == ident).first() if 0 < ident < 2**63 else None
    return found(record)


def found(record: R | None) -> R:
    """The record that was looked for, else 404."""
    if record is None:
        raise HTTPException(404)
    return record


def named(query: ModelSelect[R], text: str) -> R | None:
    """The record whose id an address or a form gives, as `find` does; None where it gives no id."""
    ident = number_of(text)
    return find(query, ident) if ident else None


def permit(allowed: bool, otherwise: int = 403) -> None:
    """Go on only when allowed."""
    if not allowed:
        raise HTTPException(otherwise)


def render(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    """A page, or the fragment that it names when htmx asks for `_part.html`."""
    fragment = template.rpartition("/")[2].startswith("_")
    messages = [] if fragment else kept_notes(request) + request.notes
    if not fragment:
        request.notes = []
    shell = request.http.app.state.shell(request)
    body = request.http.app.state.templates.get_template(template).render(
        {
            **shell,
            "request": request,
            "user": request.person,
            "locale": request.locale,
            "lang": i18n.tag(request.locale),
            "path": request.path,
            "here": partial(here, request),
            "fragment": fragment,
            "wing": template.partition("/")[0],
            "messages": messages,
            "refused": status >= 400,
            **context,
        }
    )
    response = HTMLResponse(body, status)
    response.showed_notes = bool(messages)  # type: ignore[attr-defined]
    return response


def unkept(response: Response) -> Response:
    """An answer that no browser may keep, not even for going Back: it shows a secret, or is a file."""
    response.headers["Cache-Control"] = "no-store"
    return response


def attachment(name: str) -> dict[str, str]:
    """What makes an answer a file of this name, in any script, that no browser keeps beside it (RFC 6266)."""
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_. ") else "_" for sign in name)
    named = f'attachment; filename="{plain}"'
    if plain != name:
        named += f"; filename*=UTF-8''{quote(name, safe='')}"
    return {"Content-Disposition": named, "Cache-Control": "no-store"}


def form_page(request: Request, template: str, form: Any, **context: Any) -> Response:
    """A form as it stands: 200 when fresh, 422 with its errors, 409 when someone else saved first."""
    return render(request, template, status=getattr(form, "status", 200), form=form, **context)


def refresh(request: Request, fragment: str, *, to: str, status: int = 200, **context: Any) -> Response:
    """Answer a change: the fragment for htmx, else a redirect to the page that holds it."""
    if request.wants_fragment:
        return render(request, fragment, status=status, **context)
    return go(request, to)


def go(request: Request, to: str, *, note: Phrase | None = None) -> Response:
    """Go on to another page after a change, and say there what became of it."""
    if note is not None:
        request.note(note)
    redirect = RedirectResponse(to, 303)
    if request.wants_fragment:
        return Response(status_code=200, headers={"HX-Redirect": redirect.headers["location"]})
    return redirect


def here(request: Request, **changes: Any) -> str:
    """This page's address with some of its query changed: None takes a name out, a list starts at its top."""
    query = {**request.query, "after": None, **changes}
    kept = urlencode({name: value for name, value in query.items() if value not in (None, "")})
    return f"{request.path}?{kept}" if kept else request.path


def local_path(address: str, default: str = "/") -> str:
    """An address to return to, only if it lies in this portal."""
    # Browsers drop tabs and line ends, and read a backslash as a slash: "/<tab>/elsewhere" would leave.
    safe = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if safe else default


def opens(request: Request, address: str) -> bool:
    """Whether an address in this portal opens for who asks: its page is asked, and what it leads to."""
    for _ in range(3):
        path, _, query = address.partition("#")[0].partition("?")
        facts = {"path": path, "method": "GET", "query_string": query.encode(), "path_params": {}}
        scope = {**request.http.scope, **facts}
        found = (
            more for each in request.http.app.routes for how, more in [each.matches(scope)] if how is FULL
        )
        matched: dict[str, Any] = next(found, {})
        page = getattr(matched.get("endpoint"), "__wrapped__", None)
        if page is None:
            return False
        asked = Request(HttpRequest({**scope, **matched}), Unsent())
        asked.session = request.session
        try:
            answer = page(asked, **matched["path_params"])
        except HTTPException:
            return False
        if answer.status_code != 303:
            return bool(answer.status_code == 200)
        address = answer.headers["location"]
    return False


ERRORS = {
    400: Phrase("The browser sent something this page cannot read. Go back and try again."),
    401: Phrase("Your sign-in has ended. Sign in again: what you typed is still in this page's form."),
    403: Phrase("You may not do this. If you need to, ask an administrator for the right."),
    404: Phrase("There is nothing here, or you may not see it. Check the address or search for it."),
    405: Phrase("This address does not take that kind of request."),
    408: Phrase("This took too long to arrive. Check the connection and send it again."),
    409: Phrase("Someone else changed this meanwhile. Open it again to see both versions."),
    413: Phrase("This file or text is too large. The limit for a file is 50 MB."),
    422: Phrase("Something in what you sent cannot be accepted."),
    429: Phrase("Too many tries. Wait 15 minutes and try again."),
    500: Phrase("Something broke on our side and nothing was saved. Tell an administrator this number:"),
    503: Phrase("Too much arrives at this moment. Nothing was saved: wait a little and send it again."),
}


TITLES = {
    401: Phrase("Please sign in"),
    403: Phrase("No access"),
    404: Phrase("Not found"),
    408: Phrase("Too slow"),
    409: Phrase("Changed meanwhile"),
    413: Phrase("Too large"),
    429: Phrase("Please wait"),
    503: Phrase("Please wait"),
    500: Phrase("Our mistake"),
}


def error_page(request: Request, status: int, detail: str = "") -> Response:
    """What went wrong and what to do, in the person's language."""
    with i18n.speaking(request.locale):
        words = (isinstance(detail, Phrase) and detail) or ERRORS.get(
            status, ERRORS[400 if status < 500 else 500]
        )
        title = TITLES.get(status, Phrase("That did not work"))
        return render(
            request,
            "_error.html" if request.wants_fragment else "error.html",
            status=status,
            code=status,
            title=i18n.gettext(title),
            text=i18n.gettext(words),
            error_id=request_id.get() if status == 500 else "",
            typed=_words_in(request) if request.person is not None else [],
        )


def _words_in(request: Request) -> list[str]:
    """What somebody wrote for what may be written no longer, as it was archived while they did."""
    form = request.http.scope.get("typed") or FormData()
    said = [text for name, text in _words_of(form) if name not in UNSAID]
    return [text for text in said if len(text.encode(errors="replace")) > WORDY or "\n" in text.strip()]


UNSAID = frozenset({"answer", "begun", "key", "next", "opened", "seen", "token"})
"""What a form sends of its own, and nobody wrote."""
WORDY = 40
"""A text of more bytes than these, some 14 Han characters, is not typed again lightly."""


async def on_http_error(http: HttpRequest, error: Exception) -> Response:
    """401 leads to sign-in and back; everything else explains itself."""
    assert isinstance(error, HTTPException)
    sent = error.status_code == 401 and http.method not in SAFE and _is_kept(http)
    request = Request(http, Unread() if sent else FormData())
    if sent:
        await http.body()

    def answer() -> Response:
        if sent:
            request.form = _read_form(http)
        transact(lambda: _identify(request), write=False)
        if sent and not request.wants_fragment:
            return transact(lambda: _sign_in_and_send_again(request), write=False)
        if error.status_code == 405 and http.method in SAFE and (page := _page_above(http)):
            return RedirectResponse(page, 303)
        if error.status_code == 401 and http.method in SAFE:
            target = str(http.url.path) + (f"?{http.url.query}" if http.url.query else "")
            to = f"{http.app.url_path_for('sign_in')}?{urlencode({'next': target})}"
            if request.wants_fragment:
                return Response(
                    status_code=401, headers={} if "x-quiet" in http.headers else {"HX-Redirect": to}
                )
            return RedirectResponse(to, 303)
        return transact(lambda: error_page(request, error.status_code, error.detail), write=False)

    response = await anyio.to_thread.run_sync(answer, limiter=http.app.state.turns.views)
    response.headers.update(error.headers or {})
    return response


def _is_kept(http: HttpRequest) -> bool:
    """Whether what was sent is words; a file is chosen anew."""
    return http.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")


def may_go_on(request: Request) -> bool:
    """Whether its person showed a short while ago who they are, in the way that the company asks for."""
    return request.session is not None and request.session.is_confirmed and not _lacks_factor(request)


def _lacks_factor(request: Request) -> bool:
    return factors.is_demanded() and not factors.holds_one(request.user)


def ask_to_confirm(request: Request, problem: Phrase | None = None, *, status: int = 401) -> Response:
    """What a person sent, kept in a form that is sent on once they showed to be who they are."""
    asked = f"{request.path}?{request.http.url.query}".rstrip("?")
    to = str(request.form.get("confirm_to", "")) or request.query.get("next", "") or asked
    if request.wants_fragment:
        return _led(request, "confirmation", _page_of(request))
    if request.session is not None and request.session.is_confirmed and _lacks_factor(request):
        return _set_up_first(request)
    return render(
        request,
        "people/account/confirmation.html",
        status=status,
        kept=_kept(request),
        to=to,
        again=str(request.form.get("confirm_again", "" if request.http.method in SAFE else "y")),
        held=factors.holds_one(request.user),
        factor=SecondFactor.of(request.user),
        passkeys=Passkey.of(request.user).exists(),
        place=request.place,
        problem=problem,
    )


def _ask_for_factor(request: Request) -> Response:
    """The company lets nobody in without a second factor: on to setting it up, and then to what was asked."""
    if request.wants_fragment:
        return _led(request, "second_factor", _page_of(request))
    if request.http.method in SAFE:
        asked = f"{request.path}?{request.http.url.query}".rstrip("?")
        return go(request, f"{request.http.app.url_path_for('second_factor')}?{urlencode({'next': asked})}")
    return _set_up_first(request)


def _set_up_first(request: Request) -> Response:
    """What a person sent, kept in a form to be sent again once they have a second factor."""
    return render(request, "people/account/factor_first.html", status=401, kept=_kept(request))


def _page_of(request: Request) -> str:
    """The page of which htmx asks for a part."""
    return address_of(request.http.headers.get("hx-current-url", "")).path or "/"


def _led(request: Request, name: str, back: str) -> Response:
    """Has htmx open a page, which leads back."""
    to = f"{request.http.app.url_path_for(name)}?{urlencode({'next': back})}"
    return Response(status_code=401, headers={"HX-Redirect": to})


def _kept(request: Request) -> list[tuple[str, str]]:
    """What was sent, to be sent once more."""
    return list(_words_of(request.form))


def _words_of(form: FormData) -> Iterator[tuple[str, str]]:
    """What may be shown again of a form: never a password, nor what was typed to show who one is."""
    for name, value in form.multi_items():
        if isinstance(value, str) and "password" not in name and not name.startswith("confirm_"):
            yield name, value


def _sign_in_and_send_again(request: Request) -> Response:
    """What a person sent after their sign-in had ended, kept in a form to send again; never a password."""
    with i18n.speaking(request.locale):
        return render(request, "people/sign_in/again.html", status=401, kept=_kept(request))


def _page_above(http: HttpRequest) -> str:
    """The page to which an address without one of its own belongs: a refused form, reloaded, leads there."""
    path = http.url.path.rpartition("/")[0]
    scope = {**http.scope, "path": path, "method": "GET"}
    known = (route.matches(scope)[0] for route in http.app.routes)
    return path if path and FULL in known else ""


async def on_crash(http: HttpRequest, error: Exception) -> Response:
    """A page with the number that is in the log."""
    log.error("crash", exc_info=error)
    request = Request(http, FormData())

    def answer() -> Response:
        try:
            transact(lambda: _identify(request), write=False)
            return transact(lambda: error_page(request, 500), write=False)
        except Exception:
            log.exception("crash while telling of a crash")
            return HTMLResponse(f"<!doctype html><title>500</title><p>{ERRORS[500]} {request_id.get()}", 500)

    return await anyio.to_thread.run_sync(answer, limiter=http.app.state.turns.views)


__all__ = ["Request", "error_page", "find", "form_page", "go", "named", "permit", "refresh", "render", "view"]


class StaticPages(StaticFiles):
    """The static folder. What is not in it is said plainly, to everyone the same: no page of a person."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except (HTTPException, ValueError) as error:  # a name that no file can have
            await no_file(scope, receive, send, getattr(error, "status_code", 404))


async def no_file(scope: Scope, receive: Receive, send: Send, status: int = 404) -> None:
    """Answers for what lies in the static folder's address and is no file."""
    plain = PlainTextResponse(HTTPStatus(status).phrase, status, headers={"Cache-Control": "no-store"})
    await plain(scope, receive, send)


def get(path: str, view: Callable[..., Any], name: str) -> Route:
    """A page."""
    return Route(path, view, name=name, methods=["GET"])


def post(path: str, view: Callable[..., Any], name: str) -> Route:
    """A change."""
    return Route(path, view, name=name, methods=["POST"])


def form(path: str, view: Callable[..., Any], name: str) -> Route:
    """A form's page and its change."""
    return Route(path, view, name=name, methods=["GET", "POST"])
