"""A second factor at the door, and who shows once more who they are before pay, exports and roles."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from portal import clock
from portal.models.base.record import Event
from portal.models.company.settings import Setting
from portal.models.people import factors
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role
from portal.models.people.second_factor import SECONDS, SecondFactor, SpareCode, new_secret
from portal.models.people.sessions import Session, half_signed_in, set_password
from portal.models.people.signing import digest
from portal.models.people.tries import PER_ACCOUNT, PER_ADDRESS, PER_PAIR, SignInFailure
from portal.routes import routes
from portal.settings import Settings
from tests.client import Client
from tests.conftest import SignIn

PASSWORD = "correct horse battery"
SPARE = r"<code>((?:[A-HJ-NP-Z2-9]{4}-){6}[A-HJ-NP-Z2-9]{4})</code>"
"""A spare code as it is shown: 28 signs out of 32, 140 bits."""


def shown(person: Person) -> str:
    """What the app on the person's phone shows now."""
    return now_of(SecondFactor.get(SecondFactor.person == person).secret)


def now_of(secret: str) -> str:
    return pyotp.TOTP(secret).at(clock.now())


def guard(person: Person) -> SecondFactor:
    """Give someone a second factor, an hour ago."""
    with clock.moved(clock.now() - timedelta(hours=1)):
        secret = new_secret()
        return SecondFactor.add(person, secret, now_of(secret))


@pytest.fixture
def spare(ada: Person) -> list[str]:
    """Ada has a password and a second factor since an hour ago: its spare codes."""
    set_password(ada, PASSWORD, by=None)
    guard(ada)
    return SpareCode.make(ada)


def knock(client: Client, person: Person) -> str:
    """Give the right password; where it leads."""
    answer = client.post("/sign-in?next=/customers", data={"email": person.email, "password": PASSWORD})
    assert answer.status_code == 303
    return answer.headers["location"]


def test_the_password_alone_opens_nothing(client: Client, ada: Person, spare: list[str]) -> None:
    client.headers["accept-language"] = "en"
    assert knock(client, ada).startswith("/sign-in/code")
    assert client.get("/").status_code == 303  # to the door
    assert not Session.select().exists()
    refused = client.post("/sign-in/code", data={"code": "000000"})
    assert (refused.status_code, "This code does not hold." in refused.text) == (422, True)
    answer = client.post("/sign-in/code", data={"code": shown(ada), "next": "/customers"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/customers")
    assert client.get("/").status_code == 200


def test_a_code_is_typed_as_people_type(client: Client, ada: Person, spare: list[str]) -> None:
    knock(client, ada)
    wide = shown(ada).translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    assert client.post("/sign-in/code", data={"code": f"{wide[:3]} {wide[3:]}"}).status_code == 303


def test_no_code_is_taken_twice(app: Starlette, ada: Person, spare: list[str]) -> None:
    factor, code = SecondFactor.of(ada), shown(ada)
    assert factor is not None
    assert factor.takes(code)
    assert not factor.takes(code)
    with clock.moved(clock.now() + timedelta(seconds=2 * SECONDS)):
        assert factor.takes(shown(ada))
    with clock.moved(clock.now() + timedelta(seconds=5 * SECONDS)):
        assert not factor.takes(code)  # long past


def test_a_spare_code_opens_once(client: Client, ada: Person, spare: list[str]) -> None:
    assert len(set(spare)) == 10
    knock(client, ada)
    assert client.post("/sign-in/code", data={"code": spare[3].lower()}).status_code == 303
    client.post("/sign-out")
    knock(client, ada)
    assert client.post("/sign-in/code", data={"code": spare[3]}).status_code == 422
    assert SpareCode.left(ada) == 9


def test_guessing_codes_is_stopped(client: Client, ada: Person, spare: list[str]) -> None:
    knock(client, ada)
    for number in range(PER_PAIR):
        assert client.post("/sign-in/code", data={"code": f"{number:06}"}).status_code == 422
    assert client.post("/sign-in/code", data={"code": shown(ada)}).status_code == 429


def test_a_guesser_at_the_same_address_locks_no_known_browser_out(
    client: Client, ada: Person, spare: list[str]
) -> None:
    knock(client, ada)
    assert client.post("/sign-in/code", data={"code": spare[0]}).status_code == 303
    for number in range(PER_ADDRESS + 1):  # behind the company's proxy
        SignInFailure.create(account=f"another {number}", address="testclient", device="")
    proof = {"confirm_to": "/", "confirm_again": "y"}
    refused = client.post("/account/confirmation", data={**proof, "confirm_proof": "000000"})
    assert refused.status_code == 422  # wrong, not too many
    assert client.post("/account/confirmation", data={**proof, "confirm_proof": spare[1]}).status_code == 307
    client.post("/sign-out")
    knock(client, ada)
    assert client.post("/sign-in/code", data={"code": spare[2]}).status_code == 303
    client.post("/sign-out")
    client.cookies.clear()  # a browser that nobody knows waits with the others
    assert client.post("/sign-in", data={"email": ada.email, "password": PASSWORD}).status_code == 429


def test_who_becomes_known_again_and_again_guesses_no_more(
    client: Client, ada: Person, spare: list[str]
) -> None:
    """A letter makes a browser known: whoever reads one's mail gets no new tries with each."""
    knock(client, ada)
    assert client.post("/sign-in/code", data={"code": spare[0]}).status_code == 303
    client.post("/sign-out")
    knock(client, ada)
    tried = digest(f"code {ada.email}")
    for number in range(PER_ACCOUNT):
        SignInFailure.create(account=tried, address="testclient", device=f"letter {number}")
    assert client.post("/sign-in/code", data={"code": spare[1]}).status_code == 429


def test_the_way_to_the_code_is_short_and_ones_own(
    client: Client, ada: Person, ben: Person, spare: list[str], settings: Settings
) -> None:
    assert client.post("/sign-in/code", data={"code": shown(ada)}).headers["location"] == "/sign-in"
    client.cookies.set("half-way", half_signed_in(ada, "another secret"), path="/sign-in")
    assert client.get("/sign-in/code").headers["location"] == "/sign-in"
    client.cookies.set("half-way", half_signed_in(ben, settings.signing_secret), path="/sign-in")
    assert client.get("/sign-in/code").headers["location"] == "/sign-in"  # Ben has none
    client.cookies.clear()
    knock(client, ada)
    with clock.moved(clock.now() + timedelta(minutes=6)):
        assert client.post("/sign-in/code", data={"code": shown(ada)}).headers["location"] == "/sign-in"


def offered(page: str) -> dict[str, str]:
    """What the page gives a phone and its form to send back."""
    secret, offer = (
        re.search(r"<code>([A-Z2-7]{32})</code>", page),
        re.search('name="offer" .*?value="(.*?)"', page),
    )
    assert secret
    assert offer
    return {"code": now_of(secret[1]), "offer": offer[1]}


def test_it_is_set_up_with_the_first_right_code(sign_in: SignIn, ada: Person) -> None:
    browser, elsewhere = sign_in(ada), sign_in(ada)
    page = browser.get("/account/second-factor").text
    assert "data:image/svg+xml" in page
    assert not SecondFactor.select().exists()  # who only looks changes nothing
    typed = offered(page)
    wrong = browser.post("/account/second-factor/addition", data={**typed, "code": "123"})
    assert wrong.status_code == 422
    assert offered(wrong.text)["code"] == typed["code"]  # the same secret: the phone has it already
    done = browser.post("/account/second-factor/addition", data=typed)
    codes = re.findall(SPARE, done.text)
    assert len(codes) == 10
    assert SecondFactor.of(ada) is not None
    assert elsewhere.get("/account").status_code == 303  # other sessions ended
    held = browser.get("/account/second-factor").text
    assert SecondFactor.get().secret not in held
    assert codes[0] not in held
    again = browser.post("/account/second-factor/addition", data=typed)  # a double click
    assert (again.status_code, SpareCode.select().count()) == (422, 10)


def test_a_secret_is_taken_from_its_own_form_alone(sign_in: SignIn, ada: Person, ben: Person) -> None:
    """Nobody has another's phone set up, and nobody brings a secret of their own making."""
    typed = offered(sign_in(ben).get("/account/second-factor").text)
    browser = sign_in(ada)
    assert browser.post("/account/second-factor/addition", data=typed).status_code == 422
    secret = new_secret()
    forged = {"code": now_of(secret), "offer": secret}
    assert browser.post("/account/second-factor/addition", data=forged).status_code == 422
    assert not SecondFactor.select().exists()


def test_spare_codes_that_were_not_seen_or_are_spent_are_replaced(
    sign_in: SignIn, ada: Person, spare: list[str]
) -> None:
    page = sign_in(ada).post("/account/second-factor/codes").text
    codes = re.findall(SPARE, page)
    assert len(codes) == 10
    assert not set(codes) & set(spare)
    assert not factors.takes(ada, spare[0])
    assert factors.takes(ada, codes[0])


def test_it_is_taken_off_by_its_person_or_an_administrator_who_is_named(
    sign_in: SignIn, ada: Person, adam: Person, ben: Person, spare: list[str]
) -> None:
    assert sign_in(ben).post(f"/admin/accounts/{ada.id}/second-factor/removal").status_code == 403
    assert sign_in(adam).post(f"/admin/accounts/{ada.id}/second-factor/removal").status_code == 303
    assert SecondFactor.of(ada) is None
    assert Event.about(ada).where(Event.verb == "second factor removed").get().actor == adam.id
    assert Notice.get(Notice.person == ada).values == {"name": "Adam"}
    assert not SpareCode.select().exists()


# ------------------------------------------------------------------ who shows once more who they are


@pytest.fixture
def later(client: Client, adam: Person) -> Client:
    """Adam signed in by himself sixteen minutes ago."""
    set_password(adam, PASSWORD, by=None)
    with clock.moved(clock.now() - timedelta(minutes=16)):
        assert client.post("/sign-in", data={"email": adam.email, "password": PASSWORD}).status_code == 303
    return client


def test_a_role_is_given_after_the_password_was_shown_again(later: Client, ada: Person) -> None:
    path = f"/admin/accounts/{ada.id}/roles"
    asked = later.post(path, data={"role": "reviewer", "note": 'a "word" & more'})
    assert (asked.status_code, ada.holds(Role.REVIEWER)) == (401, False)
    assert f'name="confirm_to" value="{path}"' in asked.text
    assert 'name="role" value="reviewer"' in asked.text
    kept = {"role": "reviewer", "confirm_to": path, "confirm_again": "y"}
    wrong = later.post("/account/confirmation", data={**kept, "confirm_proof": "a guess"})
    assert (wrong.status_code, "This is not your current password." in wrong.text) == (422, True)
    assert 'name="role" value="reviewer"' in wrong.text
    right = later.post("/account/confirmation", data={**kept, "confirm_proof": PASSWORD})
    assert (right.status_code, right.headers["location"]) == (307, path)  # the browser sends it on
    assert later.post(path, data={**kept, "confirm_proof": PASSWORD}).status_code == 303
    assert ada.fresh().holds(Role.REVIEWER)
    assert later.post(path, data={"role": "finance"}).status_code == 303  # not asked again so soon


def test_showing_once_more_who_one_is_changes_the_token_and_throws_no_tab_out(
    later: Client, app: Starlette, ada: Person, adam: Person
) -> None:
    path, before = f"/admin/accounts/{ada.id}", later.cookies["session"]
    typed = {"confirm_to": path, "confirm_proof": PASSWORD}
    assert later.post("/account/confirmation", data={**typed, "confirm_proof": "no"}).status_code == 422
    assert later.cookies["session"] == before
    assert later.post("/account/confirmation", data=typed).status_code == 303
    after = later.cookies["session"]
    assert after != before
    assert later.get(path).status_code == 200  # any tab of this browser
    assert Client(app, cookies={"session": before}).get(path).status_code == 303
    assert Session.of(adam).count() == 1
    with clock.moved(clock.now() + timedelta(days=6)):  # it lasts no longer than it would have
        later.get(path)
        later.post("/account/confirmation", data=typed)
        assert Session.get().seconds_left < (30 - 6) * 24 * 3600
    typed = {"current_password": PASSWORD, "password": "another long staple"}
    assert later.post("/account/password", data=typed).status_code == 303
    assert later.cookies["session"] not in (before, after)
    assert later.get(path).status_code == 200


def test_reading_asks_for_nothing(later: Client, ada: Person) -> None:
    assert later.get(f"/admin/accounts/{ada.id}").status_code == 200


def test_part_of_a_page_is_led_to_the_question_and_back(later: Client, ada: Person) -> None:
    page = f"/admin/accounts/{ada.id}"
    headers = {"hx-request": "true", "hx-current-url": f"http://testserver{page}"}
    answer = later.post(f"{page}/roles", data={"role": "reviewer"}, headers=headers)
    assert answer.headers["hx-redirect"] == f"/account/confirmation?next=%2Fadmin%2Faccounts%2F{ada.id}"
    asked = later.get(answer.headers["hx-redirect"]).text
    assert f'name="confirm_to" value="{page}"' in asked
    typed = {"confirm_to": page, "confirm_again": "", "confirm_proof": PASSWORD}
    wrong = later.post("/account/confirmation", data={**typed, "confirm_proof": "a guess"}).text
    assert 'name="confirm_again" value=""' in wrong  # the page is opened, nothing is sent to it
    done = later.post("/account/confirmation", data=typed)
    assert (done.status_code, done.headers["location"]) == (303, page)


def test_what_shows_who_one_is_comes_back_in_no_page(later: Client, ada: Person) -> None:
    """The session ends between the question and what was sent on."""
    path = f"/admin/accounts/{ada.id}/roles"
    Session.delete().execute()
    sent = {"role": "reviewer", "confirm_to": path, "confirm_again": "y", "confirm_proof": PASSWORD}
    page = later.post(path, data=sent)
    assert (page.status_code, 'value="reviewer"' in page.text, PASSWORD in page.text) == (401, True, False)


def test_nobody_is_led_elsewhere_by_the_question(later: Client) -> None:
    typed = {"confirm_to": "//evil.example", "confirm_again": "y", "confirm_proof": PASSWORD}
    assert later.post("/account/confirmation", data=typed).headers["location"] == "/"


def test_who_has_a_second_factor_shows_a_code(client: Client, adam: Person, ada: Person) -> None:
    set_password(adam, PASSWORD, by=None)
    guard(adam)
    with clock.moved(clock.now() - timedelta(minutes=16)):
        knock(client, adam)
        client.post("/sign-in/code", data={"code": shown(adam)})
    path = f"/admin/accounts/{ada.id}/roles"
    assert "Verification code" in client.post(path, data={"role": "reviewer"}).text
    typed = {"confirm_to": path, "confirm_again": "y", "confirm_proof": PASSWORD}
    assert client.post("/account/confirmation", data=typed).status_code == 422
    assert (
        client.post("/account/confirmation", data={**typed, "confirm_proof": shown(adam)}).status_code == 307
    )


def test_a_company_may_ask_everyone_who_pays_for_a_second_factor(
    sign_in: SignIn, adam: Person, ada: Person
) -> None:
    browser, path = sign_in(adam), f"/admin/accounts/{ada.id}/roles"
    assert browser.post(path, data={"role": "reviewer"}).status_code == 303
    Setting.choose("company.second_factor", "acts", by=adam)
    asked = browser.post(path, data={"role": "finance"})
    assert (asked.status_code, "/account/second-factor" in asked.text) == (401, True)
    typed = offered(browser.get("/account/second-factor").text)
    assert browser.post("/account/second-factor/addition", data=typed).status_code == 200
    assert browser.post(path, data={"role": "finance"}).status_code == 303


GUARDED = sorted(
    {route.name for route in routes() if isinstance(route, Route) and route.name.endswith("_export")}
    | {
        "period_payment",
        "period_close",
        "account_new",
        "account_edit",
        "account_role",
        "account_role_withdrawal",
        "account_leaving",
        "account_reactivation",
    }
    | {"company", "letter_link"}
)
"""Every list that goes out as a file, and what touches pay and rights."""


def test_an_account_is_closed_by_one_address_alone(later: Client, app: Starlette, ada: Person) -> None:
    """Nobody goes round the question by another door."""
    assert later.post(f"/admin/accounts/{ada.id}/deactivation").status_code == 404
    assert later.post(f"/admin/accounts/{ada.id}/leaving").status_code == 401
    assert ada.fresh().is_active


@pytest.mark.parametrize("name", GUARDED)
def test_what_touches_pay_exports_and_roles_asks(later: Client, app: Starlette, name: str) -> None:
    known = {route.name: route.path for route in app.routes if isinstance(route, Route)}
    path = known[name].replace("{month}", "2026-05").replace("{id:int}", "1")
    answer = later.post(path, data={})
    assert (answer.status_code, "confirm_to" in answer.text) == (401, True)
