"""Letters go encrypted where that can be had, and with `smtp+starttls` not otherwise."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
import trustme

from portal.models.people.letters import is_encrypted, mail_server

Listen = Callable[[bool], str]


@pytest.fixture
def listen() -> Iterator[Listen]:
    """A mail server at an address that it gives; asked so, it offers encryption with a certificate of its own."""
    authority, doors = trustme.CA(), list[socket.socket]()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    def start(offers: bool) -> str:
        door = socket.create_server(("127.0.0.1", 0))
        doors.append(door)
        threading.Thread(target=_serve, args=(door, context if offers else None), daemon=True).start()
        return f"127.0.0.1:{door.getsockname()[1]}"

    yield start
    for door in doors:
        with suppress(OSError):
            door.shutdown(socket.SHUT_RDWR)
        door.close()


def _serve(door: socket.socket, context: ssl.SSLContext | None) -> None:
    with suppress(OSError):
        while True:
            guest, _ = door.accept()
            with suppress(OSError):
                _talk(guest, context)
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
    with pytest.raises(ssl.SSLError), mail_server(f"smtp+starttls://{listen(True)}"):  # nobody vouches for it
        pass
