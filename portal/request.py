"""What a view sees of a request, and what a browser keeps between two of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, unquote_to_bytes, urlencode

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from portal import i18n
from portal.i18n import Phrase
from portal.models.base.undoing import just_done
from portal.models.people.passkeys import Place
from portal.models.people.people import Person
from portal.models.people.sessions import Session
from portal.models.people.signing import SIGNED
from portal.security import SAFE, address_of
from portal.text.writing import clean


class Message(NamedTuple):
    """What a person is told once; `act`: the event that a click undoes, 0 for none."""

    kind: str
    text: Phrase
    act: int = 0


class Unsent(FormData):
    """What a page that was asked for, not sent, has for a form."""


YEAR = 31_536_000
_PLAIN = "-"
"""What is kept of a list that was left without a filter: not nothing, which says that it was never left."""
_MACHINE = re.compile(r"bot\b|crawl|spider|headless|preview|monitor", re.IGNORECASE)
"""What machines that read call themselves."""
LONGEST_QUERY = 300
LONGEST_ADDRESS = 2_000


class Request:
    """What a view sees of a request: who asks, in which language, with which form."""

    def __init__(self, http: HttpRequest, form: FormData):
        self.http, self.form = http, form
        self.session: Session | None = None
        self.introduced: Session | None = None
        """Found for who came for the first time, before their turn: it is not looked for twice."""
        self.notes: list[Message] = []
        self.traces: list[Callable[[], object]] = []
        self.writes = http.method not in SAFE

    @cached_property
    def user(self) -> Person:
        """The person signed in. Only for views that are not public."""
        if self.session is None:
            raise HTTPException(401)
        return self.session.person

    @property
    def person(self) -> Person | None:
        """The person signed in, if any."""
        return self.session.person if self.session else None

    @cached_property
    def query(self) -> Mapping[str, str]:
        """What the address says after its `?`, as text that may be stored and looked for."""
        return {name: clean(value) for name, value in self.http.query_params.items()}

    @property
    def path(self) -> str:
        return self.http.url.path

    @property
    def address(self) -> str:
        """Where the request comes from."""
        return self.http.client.host if self.http.client else ""

    @property
    def place(self) -> Place | None:
        """Where passkeys hold; None where there are none, or where the portal was not told its address."""
        told = self.settings.base_url or not self.settings.is_https
        return Place.of(self.settings.address) if told else None

    @property
    def settings(self) -> Any:
        return self.http.app.state.settings

    @cached_property
    def locale(self) -> str:
        if self.person:
            return self.person.locale
        chosen = self.kept("language")
        return (
            chosen if chosen in i18n.LOCALES else i18n.choose(self.http.headers.get("accept-language", "zh"))
        )

    def kept(self, name: str) -> str:
        """What the browser kept under a cookie's name; '' for nothing."""
        return self.http.cookies.get(cookie_name(self, name), "")

    @property
    def wants_fragment(self) -> bool:
        """Whether htmx asks for a part of the page: not boosted, not a restored history entry."""
        headers = self.http.headers
        full = {"hx-boosted", "hx-history-restore-request"}
        return (
            "hx-request" in headers and full.isdisjoint(headers) and headers.get("hx-request-type") != "full"
        )

    @property
    def is_by_a_reader(self) -> bool:
        """Whether somebody is about to see the answer: not where only its head is asked for, nor a copy
        fetched ahead in case they will, nor by a machine that says it is one.
        """
        headers = self.http.headers
        ahead = " ".join(headers.get(name, "") for name in ("sec-purpose", "purpose", "x-moz")).lower()
        machine = _MACHINE.search(headers.get("user-agent", ""))
        return (
            self.http.method == "GET" and not re.search("prefetch|prerender|preview", ahead) and not machine
        )

    def leave(self, trace: Callable[[], object]) -> None:
        """Write this: at once, or by a view that only reads once the answer is made, before it goes out."""
        if self.writes:
            trace()
        else:
            self.traces.append(trace)

    def note(self, text: Phrase | str, kind: str = "success") -> None:
        """Tell the person something once, on this page or the next; with what was done, how to undo it."""
        act = just_done(self.person) if kind == "success" and self.person and self.writes else None
        words = text if isinstance(text, Phrase) else Phrase(text)
        self.notes.append(Message(kind, words, act.id if act is not None else 0))


PIECE = 16 * 1024
"""Bytes of a form that are decoded at once: the standard library takes some sixty for each of them."""


def read_urlencoded(body: bytes, most: int) -> FormData:
    """The fields of a form in the order in which they came. Raises HTTPException 400 for more than `most`."""
    if body.count(b"&") >= most:
        raise HTTPException(400)
    pairs = [pair.partition(b"=") for pair in body.split(b"&") if pair]
    return FormData([(_unquoted(name), _unquoted(value)) for name, _, value in pairs])


def _unquoted(typed: bytes) -> str:
    spaced, at, pieces = typed.replace(b"+", b" "), 0, list[bytes]()
    while at < len(spaced):
        end = at + PIECE
        within = spaced.rfind(b"%", max(at + 1, end - 2), end)  # a sign is not cut from its two figures
        end = within if within > 0 else end
        pieces.append(unquote_to_bytes(spaced[at:end]))
        at = end
    return b"".join(pieces).decode("utf-8", "replace")


def cookie_name(request: Request, name: str) -> str:
    """What a cookie is called: over HTTPS no other host and no unencrypted page can set one of this name."""
    return f"__Host-{name}" if request.settings.is_https else name


def keep_cookie(request: Request, response: Response, name: str, value: str, *, seconds: int) -> None:
    """Have a browser keep something: no script reads it, no other site's form sends it along."""
    response.set_cookie(
        cookie_name(request, name),
        value,
        max_age=seconds,
        httponly=True,
        samesite="lax",
        secure=request.settings.is_https,
        path="/",
    )


def keep_list(request: Request, response: Response, path: str, query: str) -> None:
    """Have this browser keep how this person left a list: its filters and order, never what was searched."""
    kept = quote(query[:LONGEST_QUERY], safe="") or _PLAIN
    keep_cookie(request, response, _list_name(request, path), kept, seconds=YEAR)


def list_as_left(request: Request, path: str, *, opens_on_own: bool) -> str:
    """The address of a list as this person left it here; at first their own part, or all of it for whoever
    holds a role: their work is with the others'.
    """
    kept = unquote(request.kept(_list_name(request, path)))[:LONGEST_QUERY]
    own = not kept and opens_on_own and not request.user.grants
    query = urlencode([("show", "mine")] if own else parse_qsl(kept))
    return f"{path}?{query}" if query else path


def way_back(request: Request, path: str) -> str:
    """The address of the list that led to this page, as this very tab shows it; '' where none of it did."""
    came = address_of(request.http.headers.get("referer", "")[:LONGEST_ADDRESS])
    if (came.path, came.netloc) != (path, request.http.headers.get("host", "")):
        return ""
    query = urlencode([(name, clean(value)) for name, value in parse_qsl(came.query)])
    return f"{path}?{query}" if query else path


def _list_name(request: Request, path: str) -> str:
    return f"list-{path.strip('/')}-{request.user.id}"


def drop_cookie(request: Request, response: Response, name: str) -> None:
    """Have a browser forget it; `__Host-` cookies are dropped only by one that is Secure itself."""
    keep_cookie(request, response, name, "", seconds=0)


def keep_notes(request: Request, response: Response) -> None:
    """Carry notes to the next page in a signed cookie."""
    with i18n.speaking(request.locale):  # a phrase within a phrase is words once it is packed
        packed = [
            [
                note.kind,
                note.text.msgid,
                {name: i18n.translated(value) for name, value in note.text.values.items()},
                note.act,
            ]
            for note in request.notes
        ]
    keep_cookie(request, response, "notes", str(_note_signer(request).dumps(packed)), seconds=60)


def kept_notes(request: Request) -> list[Message]:
    """Notes that the last answer left for this page."""
    cookie = request.kept("notes")
    if not cookie:
        return []
    try:
        return [
            Message(kind, Phrase(msgid, **values), act)
            for kind, msgid, values, act in _note_signer(request).loads(cookie)
        ]
    except (BadSignature, ValueError, TypeError, KeyError):
        return []


def _note_signer(request: Request) -> URLSafeSerializer:
    return URLSafeSerializer(request.settings.signing_secret, salt="notes", signer_kwargs=SIGNED)
