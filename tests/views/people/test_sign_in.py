"""Signing in: through HTTP, with the database beside it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.models.people.letters import Letter
from portal.models.people.people import Person
from portal.models.people.sessions import (
    PER_ACCOUNT,
    PER_ADDRESS,
    PER_PAIR,
    Session,
    Throttled,
    check_password,
    password_is,
    set_password,
)
from portal.web import local_path
from tests.client import Client
from tests.conftest import SignIn

PASSWORD = "correct horse battery"


def test_right_password_opens_a_session_and_leads_home(client: Client, ada: Person) -> None:
    set_password(ada, PASSWORD, by=None)
    answer = client.post("/sign-in", data={"email": " ADA@example.com ", "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert Session.select().where(Session.person == ada).count() == 1
    assert client.get("/").status_code == 200


def test_wrong_password_keeps_the_address_and_says_why(client: Client, ada: Person) -> None:
    set_password(ada, PASSWORD, by=None)
    answer = client.post("/sign-in", data={"email": "ada@example.com", "password": "wrong"})
    assert answer.status_code == 422
    assert 'value="ada@example.com"' in answer.text
    assert not Session.select().exists()


def test_anonymous_is_led_to_sign_in_and_back(client: Client) -> None:
    answer = client.get("/account?x=1")
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("/sign-in?next=%2Faccount%3Fx%3D1")


def test_what_was_sent_after_the_sign_in_ended_is_kept_to_send_again(client: Client) -> None:
    answer = client.post("/interactions/new?x=1", data={"text": 'said "yes" & left', "password": "secret"})
    assert answer.status_code == 401
    assert '<form method="post" action="/interactions/new?x=1">' in answer.text
    assert '<input type="hidden" name="text" value="said &#34;yes&#34; &amp; left">' in answer.text
    assert 'href="/sign-in"' in answer.text
    assert "secret" not in answer.text


def test_no_password_comes_back_from_a_sign_in_that_had_ended(
    client: Client, sign_in: SignIn, ada: Person
) -> None:
    fields = re.findall(r"""<input[^>]*type="password"[^>]*>""", sign_in(ada).get("/account/password").text)
    names = [found[1] for field in fields if (found := re.search(r'name="([^"]+)"', field))]
    assert len(names) == 2
    answer = client.post("/account/password", data=dict.fromkeys(names, "the secret"))
    assert answer.status_code == 401
    assert "secret" not in answer.text


def test_a_mailbox_is_not_flooded_with_links_for_a_new_password(client: Client, ada: Person) -> None:
    for _ in range(5):
        assert client.post("/sign-in/forgotten", data={"email": "ada@example.com"}).status_code == 303
    assert Letter.select().where(Letter.person == ada).count() == 3
    with clock.moved(clock.now() + timedelta(minutes=61)):
        client.post("/sign-in/forgotten", data={"email": "ada@example.com"})
    assert Letter.select().where(Letter.person == ada).count() == 4


def test_changing_the_password_needs_the_present_one(sign_in: SignIn, ada: Person) -> None:
    set_password(ada, PASSWORD, by=None)
    browser = sign_in(ada)
    wrong = browser.post("/account/password", data={"current_password": "x", "password": "another horse"})
    assert (wrong.status_code, password_is(ada.fresh(), PASSWORD)) == (422, True)
    assert "This is not your current password." in wrong.text
    typed = {"current_password": PASSWORD, "password": "another horse"}
    assert browser.post("/account/password", data=typed).status_code == 303
    assert password_is(ada.fresh(), "another horse")


def test_guessing_the_present_password_is_stopped_as_guessing_at_the_door_is(
    sign_in: SignIn, ada: Person
) -> None:
    set_password(ada, PASSWORD, by=None)
    browser = sign_in(ada)
    for number in range(PER_PAIR):
        typed = {"current_password": f"guess {number}", "password": "another horse"}
        assert "This is not your current password." in browser.post("/account/password", data=typed).text
    typed = {"current_password": PASSWORD, "password": "another horse"}
    assert "Too many tries." in browser.post("/account/password", data=typed).text
    assert password_is(ada.fresh(), PASSWORD)
    with clock.moved(clock.now() + timedelta(minutes=16)):
        assert browser.post("/account/password", data=typed).status_code == 303


def guess(email: str, address: str, times: int) -> None:
    for number in range(times):
        assert check_password(email, f"guess {number}", address) is None


def test_who_guesses_locks_nobody_out_elsewhere(app: Starlette, ada: Person) -> None:
    set_password(ada, PASSWORD, by=None)
    guess(ada.email, "192.0.2.1", PER_PAIR)
    with pytest.raises(Throttled):
        check_password(ada.email, PASSWORD, "192.0.2.1")
    assert check_password(ada.email, PASSWORD, "192.0.2.2") == ada.email


def test_guessing_from_many_places_or_at_many_accounts_is_stopped_too(app: Starlette, ada: Person) -> None:
    set_password(ada, PASSWORD, by=None)
    for place in range(PER_ACCOUNT // PER_PAIR):
        guess(ada.email, f"192.0.2.{place}", PER_PAIR)
    with pytest.raises(Throttled):
        check_password(ada.email, PASSWORD, "198.51.100.1")
    for number in range(PER_ADDRESS):
        guess(f"nobody{number}@example.com", "198.51.100.2", 1)
    with pytest.raises(Throttled):
        check_password("somebody@example.com", PASSWORD, "198.51.100.2")


def test_the_log_holds_no_link_that_opens_an_account(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "portal.request")
    assert client.get("/sign-in/reset/a.secret-token").status_code == 404
    told = [record.facts["path"] for record in caplog.records if record.name == "portal.request"]  # type: ignore[attr-defined]
    assert told == ["/sign-in/reset/***"]


@pytest.mark.parametrize(
    "elsewhere",
    ["https://example.org", "//example.org", "/\\example.org", "/\t/example.org", "/\r\n/example.org", "x"],
)
def test_nobody_is_led_elsewhere_after_signing_in(client: Client, ada: Person, elsewhere: str) -> None:
    set_password(ada, PASSWORD, by=None)
    typed = {"email": "ada@example.com", "password": PASSWORD, "next": elsewhere}
    assert client.post("/sign-in", data=typed).headers["location"] == "/"
    assert local_path("/search?q=学校 楼", "/") == "/search?q=学校 楼"


def test_a_body_of_unknown_length_is_refused(client: Client) -> None:
    def endless() -> Iterator[bytes]:
        yield b"email=ada"

    assert client.post("/sign-in", content=endless()).status_code == 411
    assert client.post("/sign-in", data={"email": "ada"}).status_code == 422


def test_part_of_a_page_sent_after_the_sign_in_ended_leaves_the_page_alone(client: Client) -> None:
    answer = client.post("/interactions/new", data={"text": "said yes"}, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert "said yes" not in answer.text


def test_address_of_a_refused_form_leads_to_the_page_above_it(sign_in: SignIn, ada: Person) -> None:
    answer = sign_in(ada).get("/customers/1/interactions")
    assert (answer.status_code, answer.headers["location"]) == (303, "/customers/1")
    assert sign_in(ada).get("/interactions/1/follow-up").status_code == 405


def test_home_greets_who_is_signed_in(sign_in: SignIn, ada: Person) -> None:
    assert "My day" in sign_in(ada).get("/").text


def test_the_sign_in_page_gives_its_connection_back(app: Starlette) -> None:
    """Each of these requests has a thread of its own, as after a pause: one lost connection each empties the pool."""
    for _ in range(25):
        assert Client(app).get("/sign-in").status_code == 200
