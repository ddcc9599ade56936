"""Letters go encrypted where that can be had, and with `smtp+starttls` not otherwise."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from starlette.applications import Starlette

from portal.configuration import _mail
from portal.jobs.worker import run_one
from portal.models.people.letters import Letter, UntrustedServer, is_encrypted, mail_server
from portal.models.people.people import Person
from portal.models.work.jobs import Job

Listen = Callable[[bool | str], str]


@pytest.fixture
def authority() -> trustme.CA:
    """Vouches for the mail server; nobody knows it."""
    return trustme.CA()


@pytest.fixture
def listen(authority: trustme.CA) -> Iterator[Listen]:
    """A mail server at an address that it gives; asked so, it offers encryption with a certificate of its own, or
    has it from the start.
    """
    doors = list[socket.socket]()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    def start(offers: bool | str) -> str:
        door = socket.create_server(("127.0.0.1", 0))
        doors.append(door)
        asked = (door, context if offers else None, offers == "at once")
        threading.Thread(target=_serve, args=asked, daemon=True).start()
        return f"127.0.0.1:{door.getsockname()[1]}"

    yield start
    for door in doors:
        with suppress(OSError):
            door.shutdown(socket.SHUT_RDWR)
        door.close()


def _serve(door: socket.socket, context: ssl.SSLContext | None, at_once: bool) -> None:
    with suppress(OSError):
        while True:
            guest, _ = door.accept()
            with suppress(OSError):
                _talk(context.wrap_socket(guest, server_side=True) if at_once and context else guest, context)
            guest.close()


def _talk(guest: socket.socket, context: ssl.SSLContext | None) -> None:
    guest.sendall(b"220 mail\r\n")
    line: socket.socket = guest
    while said := line.recv(1000).upper():
        if said.startswith(b"EHLO"):
            line.sendall(b"250-mail\r\n250 STARTTLS\r\n" if context and line is guest else b"250 mail\r\n")
        elif said.startswith(b"STARTTLS") and context is not None:
            line.sendall(b"220 go\r\n")
            line = context.wrap_socket(guest, server_side=True)
        elif said.startswith(b"QUIT"):
            line.sendall(b"221 bye\r\n")
            break
        else:
            line.sendall(b"250 ok\r\n")
    line.close()


def test_encryption_is_taken_where_it_is_offered(listen: Listen) -> None:
    with mail_server(f"smtp://{listen(True)}") as server:
        assert is_encrypted(server)
    with mail_server(f"smtp://{listen(False)}") as server:
        assert not is_encrypted(server)


def test_who_asks_for_it_sends_nothing_without_or_to_somebody_else(listen: Listen) -> None:
    with pytest.raises(smtplib.SMTPException), mail_server(f"smtp+starttls://{listen(False)}"):
        pass
    with (
        pytest.raises(UntrustedServer),
        mail_server(f"smtp+starttls://{listen(True)}"),
    ):  # nobody vouches for it
        pass


@pytest.mark.parametrize(("scheme", "offers"), [("smtps", "at once"), ("smtp+starttls", True)])
def test_a_certificate_that_nobody_trusted_vouches_for_is_refused_in_words(
    listen: Listen,
    monkeypatch: pytest.MonkeyPatch,
    app: Starlette,
    ada: Person,
    scheme: str,
    *,
    offers: bool | str,
) -> None:
    """By `portal check`, and by the job that waits then with what is wrong."""
    url = f"{scheme}://{listen(offers)}"
    told = _mail(replace(app.state.settings, smtp_url=url))
    assert told.level == "wrong"
    assert told.text.startswith("the certificate of the mail server 127.0.0.1 is not trusted (")
    assert "SSL_CERT_FILE" in told.text
    monkeypatch.setenv("PORTAL_SMTP_URL", url)
    Letter.invite(ada, by=None)
    assert run_one()
    assert told.text in Job.get(Job.name == "send letter").error
    assert Letter.get().sent_at is None


@pytest.mark.parametrize(("scheme", "offers"), [("smtps", "at once"), ("smtp+starttls", True)])
def test_a_certificate_authority_of_ones_own_is_named_in_the_environment(
    listen: Listen,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
    *,
    offers: bool | str,
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with mail_server(f"{scheme}://{listen(offers)}") as server:
        assert is_encrypted(server)
    elsewhere = listen(offers).replace("127.0.0.1", "localhost")  # the certificate names the number alone
    with (
        pytest.raises(UntrustedServer, match="mismatch"),
        mail_server(f"{scheme}://{elsewhere}"),
    ):
        pass
