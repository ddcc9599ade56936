"""Looking at an address of the web: whether there is a page. A bounded request that reads no text, and never
one to an address inside of the house.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from portal.models.knowledge.outside_links import LookOutcome

SECONDS = 6.0
HOPS = 4
"""So many times it follows where an address is sent on to."""
MOVED = (301, 302, 303, 307, 308)
ABSENT = (404, 410)
UNHEARD = (400, 403, 405, 406, 501)
"""What a server says that does not care to be asked for a page's head alone."""
AGENT = "portal-link-check"
_STAND_FOR_OTHERS = [
    ipaddress.IPv6Network(each)
    for each in ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "fec0::/10")
]
"""A gateway turns these into an IPv4 address within them; and those once meant for one site alone."""


def is_outside(address: str) -> bool:
    """Whether an IP address belongs to the open internet, and stands for none inside of the house."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_outside(str(found.ipv4_mapped))
        if any(found in each for each in _STAND_FOR_OTHERS):
            return False
    return found.is_global and not found.is_multicast


@dataclass(frozen=True)
class WebLook:
    """How addresses are looked at; `allowed`: which IP addresses may be asked, `ports`: at which of their
    ports.
    """

    allowed: Callable[[str], bool] = is_outside
    ports: frozenset[int] = frozenset({80, 443})
    seconds: float = SECONDS

    def __call__(self, address: str) -> LookOutcome:
        """What is there."""
        for _ in range(HOPS):
            answer = self._ask(address, "HEAD")
            if isinstance(answer, tuple) and answer[0] in UNHEARD:
                answer = self._ask(address, "GET")
            if isinstance(answer, LookOutcome):
                return answer
            status, location = answer
            if status not in MOVED or not location:
                return (
                    LookOutcome.GONE
                    if status in ABSENT
                    else LookOutcome.HERE
                    if status < 400
                    else LookOutcome.UNSAID
                )
            try:
                address = urljoin(address, location)
            except ValueError:  # nowhere a browser would go
                return LookOutcome.UNSAID
        return LookOutcome.UNSAID

    def _ask(self, address: str, method: str) -> tuple[int, str] | LookOutcome:
        """Status and where it sends on to; the text is never read."""
        try:
            parts = urlsplit(address)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            return LookOutcome.UNSAID
        if parts.scheme not in ("http", "https") or not parts.hostname or port not in self.ports:
            return LookOutcome.UNSAID
        try:
            reached = self._resolve(parts.hostname, port)
        except socket.gaierror:
            return LookOutcome.UNREACHED
        except UnicodeError:
            return LookOutcome.UNSAID
        if reached is None:
            return LookOutcome.UNSAID
        asked = _Pinned(parts.hostname, port, reached, secure=parts.scheme == "https", timeout=self.seconds)
        try:
            path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
            asked.request(method, _plain(path), headers={"User-Agent": AGENT, "Accept": "*/*"})
            answer = asked.getresponse()
            return answer.status, answer.getheader("Location") or ""
        except ssl.SSLError:
            return LookOutcome.UNSAID
        except (OSError, http.client.HTTPException):
            return LookOutcome.UNREACHED
        finally:
            asked.close()

    def _resolve(self, host: str, port: int) -> str | None:
        """The IP address to ask: none where the name means one inside of the house, even among others. What
        it means a moment later is not looked up again.
        """
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        reached = [str(each[4][0]) for each in found]
        return reached[0] if reached and all(map(self.allowed, reached)) else None


class _Pinned(http.client.HTTPConnection):
    """A connection to one IP address, in the name of a host."""

    def __init__(self, host: str, port: int, reached: str, *, secure: bool, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout)
        self._reached, self._secure = reached, secure
        if secure and port == 443:
            self.default_port = 443

    def connect(self) -> None:
        line = socket.create_connection((self._reached, self.port), self.timeout)
        if self._secure:
            line = ssl.create_default_context().wrap_socket(line, server_hostname=self.host)
        self.sock = line


def _plain(path: str) -> str:
    """A path as it may go into a request: Chinese, blanks and control signs are escaped."""
    return "".join(
        each if "!" <= each <= "~" else "".join(f"%{byte:02X}" for byte in each.encode()) for each in path
    )
