"""Passkeys: added by who showed who they are, taken at the door, after the password and as proof; and refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.models.base.record import Event
from portal.models.people import factors
from portal.models.people.notices import Notice
from portal.models.people.passkeys import (
    ALGORITHMS,
    MOST,
    SECONDS,
    Challenge,
    Passkey,
    Place,
    Purpose,
    UsedChallenge,
)
from portal.models.people.people import Person, Role
from portal.models.people.second_factor import SecondFactor, SpareCode
from portal.models.people.sessions import Session, close_account, set_password
from portal.models.people.tries import PER_PAIR, SignInFailure
from tests.authenticator import Device
from tests.client import Client
from tests.conftest import SignIn
from tests.views.people.test_second_factor import PASSWORD, SPARE, guard, knock, shown

NEW, DOOR = "/account/passkeys/addition", "/sign-in/passkey"
REFUSED = "This passkey was not taken."
Spoil = Callable[[Device], Device]


def asked(client: Client, path: str) -> dict[str, Any]:
    """What a page puts to the browser."""
    answer = client.get(f"{path}/challenge")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store"), answer.headers
    facts: dict[str, Any] = answer.json()
    return facts


def equip(browser: Client, device: Device, name: str = "Phone") -> Any:
    """Add a device's passkey to the account of who uses the browser."""
    return browser.post(NEW, data={"name": name, **device.make(asked(browser, NEW))})


def come_in(client: Client, device: Device, **more: str) -> Any:
    """Sign in with a passkey alone."""
    return client.post(DOOR, data={**device.show(asked(client, DOOR)), **more})


def verbs(person: Person) -> list[str]:
    return [event.verb for event in Event.about(person) if "passkey" in event.verb]


@pytest.fixture
def phone(sign_in: SignIn, ada: Person) -> Device:
    """Ada's, added an hour ago."""
    set_password(ada, PASSWORD, by=None)
    device = Device()
    with clock.moved(clock.now() - timedelta(hours=1)):
        assert equip(sign_in(ada), device).status_code == 200
    Session.delete().execute()
    return device


# ------------------------------------------------------------------ added


def test_a_passkey_is_added_and_with_the_first_come_spare_codes(sign_in: SignIn, ada: Person) -> None:
    browser, elsewhere, device = sign_in(ada), sign_in(ada), Device()
    options = asked(browser, NEW)["create"]
    assert options["rp"] == {"id": "localhost", "name": "Portal"}
    assert options["attestation"] == "none"
    assert [each["alg"] for each in options["pubKeyCredParams"]] == list(ALGORITHMS)
    assert not {"email", "name", str(ada.id)} & {options["user"]["id"]}
    assert not Passkey.select().exists()  # who only looks changes nothing
    done = equip(browser, device, "My phone")
    assert len(re.findall(SPARE, done.text)) == 10
    assert elsewhere.get("/account").status_code == 303  # other sessions ended
    event = Event.about(ada).where(Event.verb == "passkey added").get()
    assert (event.actor, event.changes["from"], event.changes["passkey"]) == (
        ada.id,
        [None, "testclient"],
        [None, "My phone"],
    )
    assert Notice.get(Notice.person == ada).values == {"name": "My phone"}
    page = browser.get("/account/second-factor").text
    assert "My phone" in page
    assert "never yet" in page
    second = equip(browser, Device(), "Key")
    assert (second.status_code, SpareCode.left(ada)) == (303, 10)  # the codes stay as they are
    assert len({each.handle for each in Passkey.of(ada)}) == 1
    assert [each["type"] for each in asked(browser, NEW)["create"]["excludeCredentials"]] == [
        "public-key"
    ] * 2


SPOILT_MAKING: dict[str, Spoil] = {
    "another origin": lambda device: replace(device, origin="http://localhost.evil.example"),
    "another port": lambda device: replace(device, origin="http://localhost:8001"),
    "another host": lambda device: replace(device, host="evil.example"),
    "in a frame of another site": lambda device: replace(device, cross_origin=True),
    "a weak algorithm": lambda device: replace(device, algorithm=-65535),
}


@pytest.mark.parametrize("spoil", SPOILT_MAKING.values(), ids=SPOILT_MAKING)
def test_what_was_made_elsewhere_or_otherwise_is_not_added(
    sign_in: SignIn, ada: Person, spoil: Spoil
) -> None:
    answer = equip(sign_in(ada), spoil(Device()))
    assert (answer.status_code, "could not be added" in answer.text) == (422, True)
    assert not factors.holds_one(ada)


def test_a_challenge_to_make_one_is_ones_own_is_used_once_and_runs_out(
    sign_in: SignIn, ada: Person, ben: Person
) -> None:
    browser, device = sign_in(ada), Device()
    old, put = asked(browser, NEW), asked(browser, NEW)
    with clock.moved(clock.now() + timedelta(seconds=SECONDS + 2)):
        assert browser.post(NEW, data={"name": "A", **device.make(old)}).status_code == 422
    assert sign_in(ben).post(NEW, data={"name": "B", **device.make(put)}).status_code == 422
    assert (
        sign_in(ada).post(NEW, data={"name": "C", **device.make(put)}).status_code == 422
    )  # another session
    assert browser.post(NEW, data={"name": "D", **device.make(put)}).status_code == 200
    again = replace(Device(), number=b"another number")
    assert browser.post(NEW, data={"name": "E", **again.make(put)}).status_code == 422
    forged = {**device.make(put), "token": "forged"}
    assert browser.post(NEW, data={"name": "F", **forged}).status_code == 422
    assert [each.name for each in Passkey.select()] == ["D"]


def test_a_passkey_that_is_there_is_not_added_again_by_anybody(
    sign_in: SignIn, ada: Person, ben: Person
) -> None:
    device = Device()
    equip(sign_in(ada), device)
    answer = equip(sign_in(ben), device)
    assert (answer.status_code, "is there already" in answer.text) == (422, True)
    assert not factors.holds_one(ben)


def test_all_passkeys_of_a_person_know_them_by_one_handle(sign_in: SignIn, ada: Person) -> None:
    """Also of two that were begun before there was one: devices would keep them as two accounts."""
    browser = sign_in(ada)
    one, other = asked(browser, NEW), asked(browser, NEW)
    assert one["create"]["user"]["id"] != other["create"]["user"]["id"]
    assert browser.post(NEW, data={"name": "A", **Device().make(one)}).status_code == 200
    assert browser.post(NEW, data={"name": "B", **Device().make(other)}).status_code == 422
    assert Passkey.of(ada).count() == 1


def test_nobody_has_endless_passkeys(sign_in: SignIn, ada: Person) -> None:
    browser = sign_in(ada)
    for _ in range(MOST):
        assert equip(browser, Device()).status_code in (200, 303)
    assert equip(browser, Device()).status_code == 422
    assert Passkey.of(ada).count() == MOST


def test_who_has_nothing_more_than_the_password_adds_none(client: Client, ada: Person) -> None:
    """Neither beside the code of an app, nor later in a session that was left open."""
    set_password(ada, PASSWORD, by=None)
    guard(ada)
    knock(client, ada)
    assert client.get(f"{NEW}/challenge").headers["location"].startswith("/sign-in")
    client.post("/sign-in/code", data={"code": shown(ada)})
    put = asked(client, NEW)
    with clock.moved(clock.now() + timedelta(minutes=16)):
        led = client.get(f"{NEW}/challenge").headers["location"]
        assert led.startswith("/account/confirmation")
        sent = {"name": "Mine", **Device().make(put)}
        question = client.post(NEW, data=sent)
        assert (
            question.status_code,
            'name="confirm_to" value="/account/passkeys/addition"' in question.text,
        ) == (
            401,
            True,
        )
        typed = {"confirm_to": NEW, "confirm_again": "y", "confirm_proof": PASSWORD}
        assert client.post("/account/confirmation", data=typed).status_code == 422
    assert not Passkey.select().exists()


# ------------------------------------------------------------------ at the door


def test_a_passkey_alone_opens_the_door(client: Client, ada: Person, phone: Device) -> None:
    answer = come_in(client, phone, next="/customers")
    assert (answer.status_code, answer.headers["location"]) == (303, "/customers")
    assert client.get("/account").status_code == 200
    assert verbs(ada) == ["passkey used", "passkey added"]
    event = Event.about(ada).where(Event.verb == "passkey used").get()
    assert (event.changes["from"], event.changes["passkey"]) == ([None, "testclient"], [None, "Phone"])
    key = Passkey.get()
    assert (key.counter, key.used_at is not None) == (1, True)
    assert "never yet" not in client.get("/account/second-factor").text


def test_nobody_is_led_elsewhere_after_a_passkey(client: Client, phone: Device) -> None:
    assert come_in(client, phone, next="//evil.example").headers["location"] == "/"


def test_the_door_asks_everyone_the_same(client: Client, phone: Device) -> None:
    put = asked(client, DOOR)["get"]
    assert (put["allowCredentials"], put["userVerification"]) == ([], "required")


SPOILT: dict[str, Spoil] = {
    "another origin": lambda device: replace(device, origin="https://portal.evil.example"),
    "another scheme": lambda device: replace(device, origin="https://localhost:8000"),
    "another host": lambda device: replace(device, host="evil.example"),
    "in a frame of another site": lambda device: replace(device, cross_origin=True),
    "its owner not made sure of": lambda device: replace(device, verifies=False),
    "another key": lambda device: replace(device, key=Device().key),
    "another person's handle": lambda device: replace(device, handle=Device().number.hex()),
    "no handle": lambda device: replace(device, handle=""),
    "an unknown passkey": lambda device: Device(handle=device.handle),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_what_is_shown_elsewhere_or_otherwise_opens_nothing(
    client: Client, phone: Device, spoil: Spoil
) -> None:
    client.headers["accept-language"] = "en"
    answer = come_in(client, spoil(phone))
    assert (answer.status_code, REFUSED in answer.text) == (422, True)
    assert not Session.select().exists()
    assert SignInFailure.select().count() == 1  # it counts as a try


def test_a_challenge_is_answered_once(client: Client, app: Starlette, ada: Person, phone: Device) -> None:
    put = asked(client, DOOR)
    assert client.post(DOOR, data=phone.show(put)).status_code == 303
    again = Client(app)
    assert again.post(DOOR, data=phone.show(put)).status_code == 422  # signed anew, with a higher count
    assert verbs(ada)[0] == "passkey refused"
    event = Event.about(ada).where(Event.verb == "passkey refused").get()
    assert event.changes["from"] == [None, "testclient"]


def test_a_challenge_runs_out(client: Client, phone: Device) -> None:
    put = asked(client, DOOR)
    with clock.moved(clock.now() + timedelta(seconds=SECONDS + 2)):
        assert client.post(DOOR, data=phone.show(put)).status_code == 422
    with clock.moved(clock.now() + timedelta(seconds=SECONDS - 2)):
        assert client.post(DOOR, data=phone.show(put)).status_code == 303


def test_a_challenge_holds_for_what_it_was_put_for(client: Client, ada: Person, phone: Device) -> None:
    """One for after the password, where the owner need not be made sure of, is none for the door."""
    knock(client, ada)
    put = asked(client, "/sign-in/code/passkey")
    lax = replace(phone, verifies=False)
    assert client.post(DOOR, data=lax.show(put)).status_code == 422
    assert client.post(DOOR, data=phone.show(put)).status_code == 422
    forged = {**asked(client, DOOR), "token": "forged"}
    assert client.post(DOOR, data=phone.show(forged)).status_code == 422


def test_a_challenge_is_for_one_purpose_even_where_the_numbers_are_the_same() -> None:
    """Of a person in one, of a session in the other."""
    token = Challenge.put(Purpose.STEP, 7, "a secret").token
    back = {purpose: Challenge.back(token, purpose, 7, "a secret") for purpose in Purpose}
    assert [purpose for purpose, challenge in back.items() if challenge] == [Purpose.STEP]
    assert Challenge.back(token, Purpose.STEP, 7, "another secret") is None


def test_a_count_that_goes_back_is_refused_and_told(client: Client, ada: Person, phone: Device) -> None:
    client.headers["accept-language"] = "en"
    copy = replace(phone)
    assert come_in(client, phone).status_code == 303
    client.post("/sign-out")
    answer = come_in(client, copy)  # counts 1 again
    assert (answer.status_code, REFUSED in answer.text) == (422, True)
    event = Event.about(ada).where(Event.verb == "passkey refused").get()
    assert event.changes["counter"] == [1, 1]
    assert "copied" in Notice.select().order_by(Notice.id.desc()).first().text
    assert Passkey.get().counter == 1
    assert come_in(client, phone).status_code == 303  # 2


def test_a_passkey_that_does_not_count_is_taken_again_and_again(
    client: Client, sign_in: SignIn, ada: Person
) -> None:
    synced = Device(counts=False)
    equip(sign_in(ada), synced)
    for _ in range(2):
        assert come_in(client, synced).status_code == 303
        client.post("/sign-out")
    assert Passkey.get().counter == 0


def test_who_left_and_what_was_removed_open_nothing(
    client: Client, ada: Person, adam: Person, phone: Device
) -> None:
    """And say no more than a passkey that never was."""
    client.headers["accept-language"] = "en"
    close_account(ada, by=adam)
    closed = come_in(client, phone)
    ada.fresh().reactivate(by=adam)
    Passkey.get().remove(by=ada)
    removed, unknown = come_in(client, phone), come_in(client, Device(handle=phone.handle))
    assert {answer.status_code for answer in (closed, removed, unknown)} == {422}
    pages = [re.sub(r'src=".*?"', "", answer.text) for answer in (closed, removed, unknown)]
    assert pages[0] == pages[1] == pages[2]
    assert not Session.select().exists()


def test_trying_passkeys_is_stopped(client: Client, app: Starlette, ada: Person, phone: Device) -> None:
    wrong = replace(phone, key=Device().key)
    for _ in range(PER_PAIR):
        assert come_in(client, wrong).status_code == 422
    assert come_in(client, phone).status_code == 429
    assert verbs(ada).count("passkey refused") == PER_PAIR
    assert Event.about(ada).where(Event.verb == "sign-ins refused").count() == 1


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "[]",
        "{",
        "null",
        '{"rawId": 3}',
        '{"rawId": "AAAA"}',
        "[" * 5000,
        '{"rawId": "' + "A" * 60_000 + '"}',
    ],
    ids=["nothing", "a list", "broken", "null", "a number", "no response", "deep", "long"],
)
def test_what_is_no_answer_is_refused(client: Client, phone: Device, sent: str) -> None:
    token = asked(client, DOOR)["token"]
    assert client.post(DOOR, data={"confirm_answer": sent, "confirm_token": token}).status_code == 422


def test_bytes_of_any_kind_are_refused(client: Client, phone: Device) -> None:
    """Each part of an answer cut, doubled and turned over: none crashes, none opens."""
    shown_once = phone.show(asked(client, DOOR))
    whole = json.loads(shown_once["confirm_answer"])
    for part in ("clientDataJSON", "authenticatorData", "signature"):
        good = whole["response"][part]
        for bad in ("", "A", good[: len(good) // 2], good + good, good[::-1], "////", "oWNmbXQ"):
            spoilt = {**whole, "response": {**whole["response"], part: bad}}
            sent = {**shown_once, "confirm_answer": json.dumps(spoilt)}
            assert client.post(DOOR, data=sent).status_code == 422, (part, bad)
            SignInFailure.delete().execute()
    assert client.post(DOOR, data=shown_once).status_code == 303


# ------------------------------------------------------------------ after the password, and as proof


def test_after_the_password_a_passkey_does_as_a_code_does(client: Client, ada: Person, phone: Device) -> None:
    assert knock(client, ada).startswith("/sign-in/code")
    put = asked(client, "/sign-in/code/passkey")
    assert len(put["get"]["allowCredentials"]) == 1
    lax = replace(phone, verifies=False)  # a security key without a PIN: the password was shown
    answer = client.post("/sign-in/code/passkey", data={**lax.show(put), "next": "/customers"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/customers")
    assert client.get("/account").status_code == 200


def test_another_persons_passkey_is_none_after_the_password(
    client: Client, sign_in: SignIn, ada: Person, ben: Person, phone: Device
) -> None:
    client.headers["accept-language"] = "en"
    bens = Device()
    equip(sign_in(ben), bens)
    knock(client, ada)
    answer = client.post("/sign-in/code/passkey", data=bens.show(asked(client, "/sign-in/code/passkey")))
    assert (answer.status_code, REFUSED in answer.text) == (422, True)
    assert verbs(ada)[0] == "passkey refused"
    assert not Session.select().where(Session.person == ada).exists()


def test_without_the_password_there_is_no_second_step(client: Client, phone: Device) -> None:
    assert client.get("/sign-in/code/passkey/challenge").headers["location"] == "/sign-in"
    sent = phone.show(asked(client, DOOR))
    assert client.post("/sign-in/code/passkey", data=sent).headers["location"] == "/sign-in"


def test_with_a_passkey_alone_a_spare_code_is_the_other_way(
    client: Client, ada: Person, phone: Device
) -> None:
    codes = SpareCode.make(ada)
    knock(client, ada)
    assert client.post("/sign-in/code", data={"code": codes[0].lower().replace("-", " ")}).status_code == 303
    assert SpareCode.left(ada) == 9


def test_a_passkey_shows_once_more_who_one_is(client: Client, adam: Person, ada: Person) -> None:
    device, later = Device(), clock.now() + timedelta(minutes=16)
    set_password(adam, PASSWORD, by=None)
    client.post("/sign-in", data={"email": adam.email, "password": PASSWORD})
    equip(client, device)
    path = f"/admin/accounts/{ada.id}/roles"
    with clock.moved(later):
        question = client.post(path, data={"role": "reviewer"})
        assert (question.status_code, "data-passkey=" in question.text) == (401, True)
        kept = {"role": "reviewer", "confirm_to": path, "confirm_again": "y"}
        assert (
            client.post("/account/confirmation", data={**kept, "confirm_proof": PASSWORD}).status_code == 422
        )
        wrong = replace(device, origin="https://evil.example").show(asked(client, "/account/confirmation"))
        assert client.post("/account/confirmation", data={**kept, **wrong}).status_code == 422
        right = device.show(asked(client, "/account/confirmation"))
        done = client.post("/account/confirmation", data={**kept, **right})
        assert (done.status_code, done.headers["location"]) == (307, path)
        assert client.post(path, data={"role": "reviewer"}).status_code == 303
    assert ada.fresh().holds(Role.REVIEWER)


def test_a_proof_holds_in_its_own_session(sign_in: SignIn, ada: Person, phone: Device) -> None:
    one, other = sign_in(ada), sign_in(ada)
    sent = phone.show(asked(one, "/account/confirmation"))
    assert other.post("/account/confirmation", data={"confirm_to": "/", **sent}).status_code == 422


# ------------------------------------------------------------------ removed


def test_a_passkey_is_removed_by_its_person_alone(
    client: Client, sign_in: SignIn, ada: Person, ben: Person, adam: Person, phone: Device
) -> None:
    path = f"/account/passkeys/{Passkey.get().id}/removal"
    assert sign_in(ben).post(path).status_code == 404
    assert sign_in(adam).post(path).status_code == 404
    browser, elsewhere = sign_in(ada), sign_in(ada)
    assert browser.post(path).status_code == 303
    assert elsewhere.get("/account").status_code == 303
    assert not factors.holds_one(ada)
    assert not SpareCode.select().exists()  # with the last one
    event = Event.about(ada).where(Event.verb == "passkey removed").get()
    assert event.changes["from"] == [None, "testclient"]
    assert come_in(client, phone).status_code == 422


def test_removing_one_asks_who_one_is(client: Client, ada: Person, phone: Device) -> None:
    come_in(client, phone)
    with clock.moved(clock.now() + timedelta(minutes=16)):
        asked_again = client.post(f"/account/passkeys/{Passkey.get().id}/removal")
        assert (asked_again.status_code, Passkey.select().count()) == (401, 1)


def test_an_administrator_takes_off_all_at_once(
    sign_in: SignIn, ada: Person, adam: Person, phone: Device
) -> None:
    guard(ada)
    browser = sign_in(adam)
    assert "Take the second factor off" in browser.get(f"/admin/accounts/{ada.id}").text
    assert browser.post(f"/admin/accounts/{ada.id}/second-factor/removal").status_code == 303
    assert not factors.holds_one(ada)
    assert not SpareCode.select().exists()
    told = Notice.select().where(Notice.person == ada).order_by(Notice.id.desc()).first()
    assert told.values == {"name": "Adam"}
    assert {"passkey removed", "second factor removed"} <= {event.verb for event in Event.about(ada)}


def test_with_a_passkey_left_the_spare_codes_stay(sign_in: SignIn, ada: Person, phone: Device) -> None:
    guard(ada)
    sign_in(ada).post("/account/second-factor/removal")
    assert (SecondFactor.of(ada), factors.holds_one(ada), SpareCode.left(ada)) == (None, True, 10)


# ------------------------------------------------------------------ where they hold


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("https://portal.example", Place("https://portal.example", "portal.example")),
        ("https://Portal.Example:443/", Place("https://portal.example", "portal.example")),
        ("https://portal.example:8443", Place("https://portal.example:8443", "portal.example")),
        ("https://门户.example", Place("https://xn--zoup46i.example", "xn--zoup46i.example")),
        ("http://localhost:8000", Place("http://localhost:8000", "localhost")),
        ("http://127.0.0.1:8000", Place("http://localhost:8000", "localhost")),
        ("http://portal.example", None),
        ("https://portal..example", None),
        ("http://0.0.0.0:8000", None),
        ("https://192.0.2.7", None),
        ("https://[2001:db8::7]", None),
    ],
)
def test_they_hold_at_the_portals_own_address_where_browsers_allow_them(
    address: str, place: Place | None
) -> None:
    assert Place.of(address) == place


def test_where_there_is_no_such_address_there_are_none_and_a_sentence_says_so(
    app: Starlette, client: Client, sign_in: SignIn, ada: Person, phone: Device
) -> None:
    app.state.settings = replace(app.state.settings, base_url="http://portal.example")
    assert "passkeys.js" not in client.get("/sign-in").text
    assert client.get(f"{DOOR}/challenge").status_code == 404
    assert client.post(DOOR, data={"confirm_answer": "{}", "confirm_token": ""}).status_code == 422
    page = sign_in(ada).get("/account/second-factor").text
    assert "Browsers allow passkeys over HTTPS alone" in page
    # behind a proxy with TLS whose address it was not told
    app.state.settings = replace(app.state.settings, base_url="", secure_cookies=True)
    assert "passkeys.js" not in Client(app).get("/sign-in").text


def test_old_challenges_are_forgotten(app: Starlette, client: Client, phone: Device) -> None:
    come_in(client, phone)
    UsedChallenge.forget_old()
    assert UsedChallenge.select().exists()
    with clock.moved(clock.now() + timedelta(seconds=2 * SECONDS + 1)):
        UsedChallenge.forget_old()
    assert not UsedChallenge.select().exists()
