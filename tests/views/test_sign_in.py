"""Signing in: through HTTP, with the database beside it."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.testclient import TestClient

from portal.models.people import Person
from portal.models.sessions import Session, set_password
from tests.conftest import SignIn

PASSWORD = "correct horse battery"


def test_right_password_opens_a_session_and_leads_home(client: TestClient, ada: Person) -> None:
    set_password(ada, PASSWORD, by=None)
    answer = client.post("/sign-in", data={"email": " ADA@example.com ", "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert Session.select().where(Session.person == ada).count() == 1
    assert client.get("/").status_code == 200


def test_wrong_password_keeps_the_address_and_says_why(client: TestClient, ada: Person) -> None:
    set_password(ada, PASSWORD, by=None)
    answer = client.post("/sign-in", data={"email": "ada@example.com", "password": "wrong"})
    assert answer.status_code == 422
    assert 'value="ada@example.com"' in answer.text
    assert not Session.select().exists()


def test_anonymous_is_led_to_sign_in_and_back(client: TestClient) -> None:
    answer = client.get("/account?x=1")
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("/sign-in?next=%2Faccount%3Fx%3D1")


def test_what_was_sent_after_the_sign_in_ended_is_kept_to_send_again(client: TestClient) -> None:
    answer = client.post("/interactions/new?x=1", data={"text": 'said "yes" & left', "password": "secret"})
    assert answer.status_code == 401
    assert '<form method="post" action="/interactions/new?x=1">' in answer.text
    assert '<input type="hidden" name="text" value="said &#34;yes&#34; &amp; left">' in answer.text
    assert 'href="/sign-in"' in answer.text
    assert "secret" not in answer.text


def test_part_of_a_page_sent_after_the_sign_in_ended_leaves_the_page_alone(client: TestClient) -> None:
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
        assert TestClient(app).get("/sign-in").status_code == 200
