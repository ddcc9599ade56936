"""Invitations: for one person, good once, for seven days, many in one go."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import clock
from portal.models.base.record import Event
from portal.models.people.intake import NO_ADDRESS
from portal.models.people.letters import Letter, person_of_link
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role
from portal.models.people.sessions import close_account, password_is, set_password
from portal.settings import Settings
from tests.client import Client
from tests.conftest import SignIn, person
from tests.counting import queries

LONG = "a long enough sentence"


@pytest.fixture
def admin(sign_in: SignIn, adam: Person) -> Client:
    """Adam has a password, so nobody invites him."""
    set_password(adam, LONG, by=adam)
    return sign_in(adam)


def token(letter: Letter, settings: Settings) -> str:
    return letter.link(settings).rpartition("/")[2]


def invited(someone: Person, adam: Person) -> Letter:
    Letter.invite(someone, by=adam)
    return Letter.select().where(Letter.person == someone).order_by(Letter.id.desc()).get()


def test_one_press_invites_all_who_have_no_password_and_each_once(
    admin: Client, ada: Person, ben: Person
) -> None:
    set_password(ben, LONG, by=ben)
    person("Nobody").edit(by=None, email=f"nobody{NO_ADDRESS}")
    close_account(gone := person("Gone"), by=ada)
    waiting = {each.name for each in Letter.strangers()}
    assert waiting == {"Ada", "Mona"}  # Mona manages both and never signed in
    assert "Invite 2 people" in admin.get("/admin/accounts").text
    assert admin.post("/admin/accounts/invitations").status_code == 303
    assert admin.post("/admin/accounts/invitations").status_code == 303  # twice is harmless
    letters = list(Letter.select())
    assert sorted((each.person.name, each.address) for each in letters) == [
        ("Ada", "ada@example.com"),
        ("Mona", "mona@example.com"),
    ]
    assert Event.select().where(Event.verb == "invited").count() == 2
    assert Letter.get_or_none(Letter.person == gone) is None
    page = admin.get("/admin/accounts?show=new").text
    assert "2 invitations still open" in page
    assert "Invite 2" not in page


def test_what_has_run_out_is_renewed_in_one_go_and_the_old_link_stays_shut(
    admin: Client, adam: Person, ada: Person, settings: Settings
) -> None:
    first = invited(ada, adam)
    secret = settings.signing_secret
    at = clock.now()
    with clock.moved(at + timedelta(days=7, seconds=-1)):
        assert person_of_link(token(first, settings), secret) == ada
    with clock.moved(at + timedelta(days=7, seconds=1)):
        assert person_of_link(token(first, settings), secret) is None
        assert {each.name for each in Letter.uninvited()} == {"Ada", "Mona"}
        Letter.invite_all(by=adam)
        second = Letter.select().where(Letter.person == ada).order_by(Letter.id.desc()).get()
        assert person_of_link(token(first, settings), secret) is None
        assert person_of_link(token(second, settings), secret) == ada


def test_an_invitation_sets_one_password_and_no_second(
    client: Client, adam: Person, ada: Person, settings: Settings
) -> None:
    address = f"/sign-in/reset/{token(invited(ada, adam), settings)}"
    page = client.get(address).text
    assert "Ada（ada@example.com）" in page  # who was passed a link sees that it is not theirs
    assert client.post(address, data={"password": LONG}).status_code == 303
    assert client.post(address, data={"password": "another long sentence"}).status_code == 404
    assert password_is(ada.fresh(), LONG)


def test_an_invitation_is_gone_with_the_account_and_with_the_address(
    admin: Client, adam: Person, ada: Person, ben: Person, settings: Settings
) -> None:
    secret = settings.signing_secret
    left, moved = token(invited(ada, adam), settings), token(invited(ben, adam), settings)
    admin.post(f"/admin/accounts/{ada.id}/leaving")
    assert person_of_link(left, secret) is None
    admin.post(f"/admin/accounts/{ada.id}/reactivation")
    assert person_of_link(left, secret) is None  # who comes back is invited anew
    ben.edit(by=adam, email="benjamin@example.com")
    assert person_of_link(moved, secret) is None
    assert {each.name for each in Letter.uninvited()} >= {"Ada", "Ben"}


def test_an_old_invitation_is_not_shown_and_one_who_left_is_not_invited(
    admin: Client, adam: Person, ada: Person
) -> None:
    letter = invited(ada, adam)
    admin.post(f"/admin/accounts/{ada.id}/leaving")
    assert admin.post(f"/admin/letters/{letter.id}/link").status_code == 303
    assert "opens nothing any more" in admin.get("/admin/letters").text
    assert Event.select().where(Event.verb == "reset link shown").count() == 0
    assert admin.post(f"/admin/accounts/{ada.id}/invitation").status_code == 409


def test_who_has_a_password_gets_the_short_link(adam: Person, ada: Person, settings: Settings) -> None:
    set_password(ada, LONG, by=ada)
    letter = invited(ada, adam)
    assert letter.purpose == "reset"
    link = token(letter, settings)
    with clock.moved(clock.now() + timedelta(hours=1, seconds=1)):
        assert person_of_link(link, settings.signing_secret) is None


def test_the_file_of_links_leaves_out_whoever_has_a_role(
    admin: Client, adam: Person, ada: Person, fin: Person, settings: Settings
) -> None:
    Letter.invite_all(by=adam)  # Ada, Fin, and Mona who manages
    text = admin.post("/admin/accounts/invitations/export").text
    link = text.split("/sign-in/reset/")[1].split(",")[0]
    assert person_of_link(link, settings.signing_secret) == ada
    assert text.count("/sign-in/reset/") == 1
    assert fin.email not in text
    assert "Taken by Adam" in text
    assert [each.values["name"] for each in Notice.unread_by(ada)] == ["Adam"]
    assert list(Notice.unread_by(fin)) == []
    assert Event.select().where((Event.verb == "exported") & (Event.actor == adam.id)).count() == 1
    assert Event.select().where(Event.verb == "reset link shown").count() == 1


def test_only_an_administrator_who_shows_who_they_are_takes_the_links(
    sign_in: SignIn, adam: Person, ada: Person, client: Client
) -> None:
    Letter.invite(ada, by=adam)
    adam.grant(Role.MANAGER, by=None)
    for who in (ada, person("Mia")):
        assert sign_in(who).post("/admin/accounts/invitations").status_code == 403
        assert sign_in(who).post("/admin/accounts/invitations/export").status_code == 403


def test_a_sheet_asks_as_much_for_each_person_however_many_are_invited(
    adam: Person, settings: Settings
) -> None:
    """An event and a word to each; that the invitations open was asked once, of all of them together."""
    asked = {}
    for many in (2, 12):
        while Letter.select().count() < many:
            Letter.invite(person(f"New{Letter.select().count()}"), by=adam)
        with queries() as asked[many]:
            assert len(Letter.show_sheet(settings, by=adam)) == many
    assert len(asked[12]) - len(asked[2]) == 10 * 2
    assert len([each for each in asked[12] if "GROUP BY" in each]) == 1


def test_whether_one_invitation_opens_is_asked_of_its_person_alone(adam: Person, ada: Person) -> None:
    old, new = invited(ada, adam), invited(ada, adam)
    invited(person("Later"), adam)
    with queries() as asked:
        assert (old.opens_still, new.opens_still) == (False, True)
    assert len(asked) == 2
    assert not [each for each in asked if "GROUP BY" in each]
