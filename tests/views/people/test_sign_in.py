"""Signing in: through HTTP, with the database beside it."""

from __future__ import annotations

import hashlib
import logging
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from itsdangerous import URLSafeSerializer
from starlette.applications import Starlette

from portal import clock
from portal.jobs.worker import drain
from portal.models.base.database import db
from portal.models.base.record import Event
from portal.models.people.letters import MOST_WAITING, Letter
from portal.models.people.people import Person
from portal.models.people.sessions import Session, check_password, password_is, reset_token, set_password
from portal.models.people.tries import PER_ACCOUNT, PER_ADDRESS, PER_PAIR, SignInFailure, Throttled
from portal.models.work.jobs import Job
from portal.settings import Settings
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


EXACT = "  Straße e\u0301cole 公园 ＡＢ " + "long " * 20 + " "
"""Blanks at both ends, a letter of two signs, wide ones, more than 64 of them."""


def test_a_password_is_taken_to_the_character(client: Client, ada: Person) -> None:
    set_password(ada, PASSWORD, by=None)
    given = {"email": "ada@example.com", "password": PASSWORD}
    client.post("/sign-in", data=given)
    answer = client.post("/account/password", data={"current_password": PASSWORD, "password": EXACT})
    assert answer.status_code == 303
    client.post("/sign-out")
    likes = (EXACT.strip(), EXACT.lower(), EXACT.replace("e\u0301", "é"), EXACT[:64], EXACT + "x")
    for typed in likes:
        assert client.post("/sign-in", data=given | {"password": typed}).status_code == 422, typed
    assert client.post("/sign-in", data=given | {"password": EXACT}).status_code == 303


def test_what_is_longer_than_any_password_is_none(client: Client, ada: Person) -> None:
    longest = "a few words " * 83 + "last"
    assert len(longest) == 1000
    set_password(ada, longest, by=None)
    given = {"email": "ada@example.com", "password": longest + "!"}
    assert client.post("/sign-in", data=given).status_code == 422
    assert client.post("/sign-in", data=given | {"password": longest}).status_code == 303


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
    begun = clock.now()
    for minutes in (0, 6, 12, 18, 24):
        with clock.moved(begun + timedelta(minutes=minutes)):
            for _ in range(3):  # at one moment they are one
                assert client.post("/sign-in/forgotten", data={"email": "ada@example.com"}).status_code == 303
            drain()
    assert Letter.select().where(Letter.person == ada).count() == 3
    with clock.moved(clock.now() + timedelta(minutes=61)):
        client.post("/sign-in/forgotten", data={"email": "ada@example.com"})
        drain()
    assert Letter.select().where(Letter.person == ada).count() == 4


def test_changing_the_password_needs_the_present_one(sign_in: SignIn, ada: Person) -> None:
    set_password(ada, PASSWORD, by=None)
    browser = sign_in(ada)
    wrong = browser.post(
        "/account/password", data={"current_password": "x", "password": "another horse battery"}
    )
    assert (wrong.status_code, password_is(ada.fresh(), PASSWORD)) == (422, True)
    assert "This is not your current password." in wrong.text
    typed = {"current_password": PASSWORD, "password": "another horse battery"}
    assert browser.post("/account/password", data=typed).status_code == 303
    assert password_is(ada.fresh(), "another horse battery")


def test_guessing_the_present_password_is_stopped_as_guessing_at_the_door_is(
    sign_in: SignIn, ada: Person
) -> None:
    set_password(ada, PASSWORD, by=None)
    browser = sign_in(ada)
    for number in range(PER_PAIR):
        typed = {"current_password": f"guess {number}", "password": "another horse battery"}
        assert "This is not your current password." in browser.post("/account/password", data=typed).text
    typed = {"current_password": PASSWORD, "password": "another horse battery"}
    assert "Too many tries." in browser.post("/account/password", data=typed).text
    assert password_is(ada.fresh(), PASSWORD)
    with clock.moved(clock.now() + timedelta(minutes=16)):
        assert browser.post("/account/password", data=typed).status_code == 303


def guess(email: str, address: str, times: int, device: str = "") -> None:
    for number in range(times):
        assert check_password(email, f"guess {number}", address=address, device=device) is None


def test_who_guesses_locks_nobody_out_elsewhere(app: Starlette, ada: Person) -> None:
    set_password(ada, PASSWORD, by=None)
    guess(ada.email, "192.0.2.1", PER_PAIR)
    with pytest.raises(Throttled):
        check_password(ada.email, PASSWORD, address="192.0.2.1")
    assert check_password(ada.email, PASSWORD, address="192.0.2.2") == ada


def test_guessing_from_many_places_or_at_many_accounts_is_stopped_too(app: Starlette, ada: Person) -> None:
    set_password(ada, PASSWORD, by=None)
    for place in range(PER_ACCOUNT // PER_PAIR):
        guess(ada.email, f"192.0.2.{place}", PER_PAIR)
    with pytest.raises(Throttled):
        check_password(ada.email, PASSWORD, address="198.51.100.1")
    SignInFailure.insert_many(
        {"account": f"{n}", "address": "198.51.100.2", "created_at": clock.now()} for n in range(PER_ADDRESS)
    ).execute()
    with pytest.raises(Throttled):
        check_password("somebody@example.com", PASSWORD, address="198.51.100.2")


def test_a_browser_that_is_known_is_locked_out_by_its_own_guesses_alone(
    client: Client, ada: Person, ben: Person
) -> None:
    """A whole company may sit behind one address: who guesses there is somebody else."""
    for each in (ada, ben):
        set_password(each, PASSWORD, by=None)
    right = {"email": ada.email, "password": PASSWORD}
    assert client.post("/sign-in", data=right).status_code == 303
    client.post("/sign-out")
    SignInFailure.insert_many(
        {"account": hashlib.sha256(ada.email.encode()).hexdigest(), "address": "testclient", "created_at": at}
        for at in [clock.now()] * PER_ADDRESS
    ).execute()
    assert client.post("/sign-in", data={**right, "email": ben.email}).status_code == 429  # not known for Ben
    assert client.post("/sign-in", data=right).status_code == 303
    for _ in range(PER_PAIR):
        assert client.post("/sign-in", data={**right, "password": "wrong"}).status_code == 422
    assert client.post("/sign-in", data=right).status_code == 429


def test_a_forged_cookie_makes_no_known_browser(client: Client, ada: Person) -> None:
    set_password(ada, PASSWORD, by=None)
    mine = hashlib.sha256(ada.email.encode()).hexdigest()[:16]
    client.cookies.set("device", URLSafeSerializer("a guess", salt="known-device").dumps([[mine, "x"]]))
    guess(ada.email, "testclient", PER_PAIR)
    assert client.post("/sign-in", data={"email": ada.email, "password": PASSWORD}).status_code == 429


def test_the_letter_for_a_new_password_is_the_way_out(
    client: Client, ada: Person, settings: Settings
) -> None:
    set_password(ada, PASSWORD, by=None)
    guess(ada.email, "testclient", PER_PAIR)
    token = reset_token(ada, settings.signing_secret)
    assert client.get(f"/sign-in/reset/{token}").status_code == 200
    client.post(f"/sign-in/reset/{token}", data={"password": "another horse battery"})
    right = {"email": ada.email, "password": "another horse battery"}
    assert client.post("/sign-in", data=right).status_code == 303


def test_of_many_tries_at_one_moment_no_more_pass_than_one_after_the_other(
    app: Starlette, ada: Person
) -> None:
    """27 of 120 parallel tries once passed a limit of 8."""
    set_password(ada, PASSWORD, by=None)
    looked, began = list[bool](), threading.Barrier(24)

    def attempt() -> None:
        began.wait()
        try:
            check_password(ada.email, "a guess", address="192.0.2.1")
            looked.append(True)
        except Throttled:
            looked.append(False)
        finally:
            db.close()

    threads = [threading.Thread(target=attempt) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(looked) == 24
    assert sum(looked) <= PER_PAIR


def test_who_only_tries_again_does_not_wait_for_ever(app: Starlette, ada: Person) -> None:
    set_password(ada, PASSWORD, by=None)
    guess(ada.email, "192.0.2.1", PER_PAIR)
    start = clock.now()
    for minutes in (5, 10, 14):
        with clock.moved(start + timedelta(minutes=minutes)), pytest.raises(Throttled):
            check_password(ada.email, PASSWORD, address="192.0.2.1")
    with clock.moved(start + timedelta(minutes=16)):
        assert check_password(ada.email, PASSWORD, address="192.0.2.1") == ada


def test_the_log_tells_who_signed_in_from_where_and_who_could_not(client: Client, ada: Person) -> None:
    set_password(ada, PASSWORD, by=None)
    for number in range(PER_PAIR + 3):
        client.post("/sign-in", data={"email": ada.email, "password": f"guess {number}"})
    with clock.moved(clock.now() + timedelta(minutes=16)):
        client.post("/sign-in", data={"email": ada.email, "password": PASSWORD})
    told = [(e.verb, e.actor, e.changes) for e in Event.about(ada).order_by(Event.id) if e.changes]
    where = {"from": [None, "testclient"]}
    assert [each for each in told if each[2] == where] == [
        *[("sign-in failed", None, where)] * PER_PAIR,
        ("sign-ins refused", None, where),
        ("signed in", ada.id, where),
    ]


def test_what_a_browser_kept_goes_with_the_session(sign_in: SignIn, ada: Person) -> None:
    assert sign_in(ada).post("/sign-out").headers["clear-site-data"] == '"cache", "storage"'


def test_a_forgotten_password_promises_no_letter_where_none_is_sent(
    app: Starlette, settings: Settings
) -> None:
    client = Client(app, cookies={"language": "en"})
    page = client.get("/sign-in/forgotten").text
    assert "administrator" in page
    assert "We send you" not in page
    client.post("/sign-in/forgotten", data={"email": "ada@example.com"})
    assert "ask an administrator" in client.get("/sign-in").text
    app.state.settings = replace(settings, smtp_url="smtp://127.0.0.1:1")
    assert "We send you" in client.get("/sign-in/forgotten").text
    client.post("/sign-in/forgotten", data={"email": "ada@example.com"})
    assert "a link is on its way" in client.get("/sign-in").text


def test_the_work_for_a_forgotten_password_is_the_same_for_everyone(client: Client, ada: Person) -> None:
    for email in (ada.email, "nobody@example.com"):
        assert client.post("/sign-in/forgotten", data={"email": email}).status_code == 303
    assert not Letter.select().exists()
    assert [job.name for job in Job.select()] == ["send reset link"] * 2
    drain()
    assert [letter.person for letter in Letter.select()] == [ada]


def test_strangers_keep_no_other_work_from_being_done(client: Client, ada: Person) -> None:
    def waiting() -> int:
        return Job.select().where(Job.name == "send reset link").count()

    for number in range(MOST_WAITING // 5 + 5):
        assert client.post("/sign-in/forgotten", data={"email": f"{number}@example.com"}).status_code == 303
    assert waiting() == MOST_WAITING // 5
    for number in range(MOST_WAITING + 5):  # from everywhere
        Letter.ask_for_reset("ada@example.com", address=f"2001:db8:{number:x}::1")
    assert waiting() == MOST_WAITING
    drain()
    Letter.ask_for_reset("ben@example.com", address="2001:db8:ffff::1")
    assert waiting() == MOST_WAITING + 1


def test_a_house_with_many_addresses_is_one_guesser(app: Starlette, ada: Person) -> None:
    with db.connection_context():
        for number in range(PER_PAIR):
            SignInFailure.begin("an account", address=f"2001:db8:1:2::{number:x}")
        with pytest.raises(Throttled):
            SignInFailure.begin("an account", address="2001:db8:1:2:ffff::9")
        SignInFailure.begin("an account", address="2001:db8:1:3::9")


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
