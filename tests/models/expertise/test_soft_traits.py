"""Soft traits of colleagues: given by others, one word each, shown only once three say so, hidden at will."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import clock
from portal.models.base.record import Event, Invalid
from portal.models.base.undoing import undo
from portal.models.company import lists
from portal.models.expertise.soft_traits import HiddenTrait, SoftTrait, SoftWord, known_as
from portal.models.expertise.votes import held
from portal.models.people.people import Person
from portal.search.records.people import people
from tests.conftest import SignIn


@pytest.fixture
def cautious(adam: Person) -> SoftTrait:
    made = lists.add("soft-traits", by=adam, name="谨慎", name_en="cautious", synonyms="稳重")
    assert isinstance(made, SoftTrait)
    return made


def words(person: Person) -> list[tuple[str, int]]:
    return [(one.trait.name_en, one.times) for one in known_as([person.id]).get(person.id, [])]


def test_it_shows_from_three_different_colleagues_on(
    ada: Person, ben: Person, mona: Person, rob: Person, cautious: SoftTrait
) -> None:
    for by in (ben, ben, mona):
        SoftWord.give(by=by, person=ada, trait=cautious)
    assert words(ada) == []
    assert "稳重" not in people([ada.id])[0].body
    SoftWord.give(by=rob, person=ada, trait=cautious)
    assert words(ada) == [("cautious", 3)]
    assert "稳重" in people([ada.id])[0].body
    SoftWord.take_back(by=rob, person=ada, trait=cautious)
    assert words(ada) == []


def test_nobody_says_it_of_themselves(ada: Person, cautious: SoftTrait, sign_in: SignIn) -> None:
    with pytest.raises(Invalid):
        SoftWord.give(by=ada, person=ada, trait=cautious)
    sent = {"trait": str(cautious.id)}
    assert sign_in(ada).post(f"/people/{ada.id}/soft-traits", data=sent).status_code == 403
    assert SoftWord.select().count() == 0


def test_a_word_in_return_is_held_as_any_vote(
    ada: Person, ben: Person, mona: Person, rob: Person, adam: Person, cautious: SoftTrait
) -> None:
    SoftWord.give(by=ada, person=ben, trait=cautious)
    for number, by in enumerate((ben, mona, rob)):
        with clock.moved(clock.now() + timedelta(minutes=5 * number + 5)):
            SoftWord.give(by=by, person=ada, trait=cautious)
    assert words(ada) == [], "Ben's was in return"
    held()[0].vote.release(by=adam)
    assert words(ada) == [("cautious", 3)]


def test_a_person_hides_one_and_shows_it_again(
    ada: Person, ben: Person, mona: Person, rob: Person, cautious: SoftTrait, sign_in: SignIn
) -> None:
    for by in (ben, mona, rob):
        SoftWord.give(by=by, person=ada, trait=cautious)
    page = f"/people/{ada.id}/soft-traits"
    assert page in sign_in(ben).get(f"/people/{ada.id}").text
    assert "<small>3 colleagues" in sign_in(ben).get(page).text
    assert "<html" not in sign_in(ben).get(page, headers={"HX-Request": "true"}).text
    sent = {"trait": str(cautious.id)}
    hiding = f"/people/{ada.id}/soft-traits/hiding"
    assert sign_in(ben).post(hiding, data=sent).status_code == 403
    browser = sign_in(ada)
    for _ in range(2):
        assert browser.post(hiding, data=sent).status_code == 303
    assert words(ada) == []
    assert "稳重" not in people([ada.id])[0].body
    assert "<small>3 colleagues" not in sign_in(ben).get(page).text
    browser.post(hiding, data={**sent, "answer": "show"})
    assert words(ada) == [("cautious", 3)]
    HiddenTrait.hide(cautious, by=ada)
    undo(Event.about(ada).where(Event.verb == "soft trait hidden").first(), by=ada)
    assert words(ada) == [("cautious", 3)]


def test_a_word_is_given_on_the_page_undone_and_taken_back(
    ada: Person, ben: Person, audrey: Person, cautious: SoftTrait, sign_in: SignIn
) -> None:
    browser, sent = sign_in(ben), {"trait": str(cautious.id)}
    for _ in range(2):
        browser.post(f"/people/{ada.id}/soft-traits", data=sent)
    assert SoftWord.select().count() == 1
    assert "You said: cautious" in browser.get(f"/people/{ada.id}/soft-traits").text
    undo(Event.about(ada).where(Event.verb == "called so").first(), by=ben)
    assert SoftWord.select().count() == 0
    browser.post(f"/people/{ada.id}/soft-traits", data=sent)
    browser.post(f"/people/{ada.id}/soft-traits/withdrawal", data=sent)
    assert SoftWord.select().count() == 0
    assert sign_in(audrey).post(f"/people/{ada.id}/soft-traits", data=sent).status_code == 403
