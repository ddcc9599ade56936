"""Traits through the browser: proposed beside the note, kept by a click, filtered, and hidden from who may not know."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playhouse.test_utils import count_queries

from portal import clock
from portal.models.company import lists
from portal.models.company.settings import Setting
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.rights import BY_NEED
from portal.models.customers.trait_kinds import TraitKind
from portal.models.customers.traits import Trait, TraitSource
from portal.models.experiences.experiences import Experience
from portal.models.people.people import Person
from portal.models.sales.deals import Deal
from tests.conftest import SignIn


@pytest.fixture
def family(ada: Person) -> Customer:
    return Customer.add(by=ada, name="李明朗", form="person")


@pytest.fixture
def resale(adam: Person) -> TraitKind:
    facts = {
        "name_en": "asks about resale",
        "synonyms": "resale, 转手",
        "purpose": "To show what sells again",
    }
    made = lists.add("traits", by=adam, name="在意转手", **facts)
    assert isinstance(made, TraitKind)
    return made


def talk(customer: Customer, by: Person, days_ago: int = 0) -> Interaction:
    at = clock.now() - timedelta(days=days_ago)
    return Interaction.log(customer, by=by, kind_of="call", text="He asked thrice about resale.", at=at)


def suggestion(page: str) -> list[str]:
    return re.findall(r"A trait\? [^<]+", page)


def test_a_note_proposes_and_one_click_keeps(
    sign_in: SignIn, ada: Person, family: Customer, resale: TraitKind
) -> None:
    said, browser = talk(family, ada), sign_in(ada)
    assert suggestion(browser.get(family.url).text) == ["A trait? asks about resale"]
    assert Trait.select().count() == 0, "seeing it keeps nothing"
    sent = {"of": "interaction", "source": str(said.id), "kind": str(resale.id), "answer": "keep"}
    for _ in range(2):
        page = browser.post(f"{family.url}/traits", data=sent, follow_redirects=True).text
    assert TraitSource.select().where(TraitSource.state == "kept").count() == 1
    assert not suggestion(page)
    assert "Not confirmed yet" in page
    other = talk(family, ada, days_ago=3)
    sent["source"] = str(other.id)
    page = browser.post(f"{family.url}/traits", data=sent, follow_redirects=True).text
    assert "Confirmed" in page
    assert resale.purpose in page


def test_one_click_dismisses_and_it_is_not_proposed_again(
    sign_in: SignIn, ada: Person, family: Customer, resale: TraitKind
) -> None:
    said, browser = talk(family, ada), sign_in(ada)
    sent = {"of": "interaction", "source": str(said.id), "kind": str(resale.id), "answer": "dismiss"}
    page = browser.post(f"{family.url}/traits", data=sent, follow_redirects=True).text
    assert not suggestion(page)
    assert TraitSource.get().state == "dismissed"


def test_a_colleague_decides_on_their_own_notes_alone(
    sign_in: SignIn, ada: Person, ben: Person, audrey: Person, family: Customer, resale: TraitKind
) -> None:
    hers, his = talk(family, ada), talk(family, ben)
    browser = sign_in(ben)
    assert len(suggestion(browser.get(family.url).text)) == 1
    sent = {"of": "interaction", "kind": str(resale.id), "answer": "keep"}
    assert browser.post(f"{family.url}/traits", data={**sent, "source": str(hers.id)}).status_code == 403
    assert browser.post(f"{family.url}/traits", data={**sent, "source": str(his.id)}).status_code == 303
    form = {"kind": str(resale.id), "holds": "y", "source": ""}
    assert browser.post(f"{family.url}/traits/new", data=form).status_code == 422, "the customer's own word"
    source = TraitSource.get()
    assert sign_in(audrey).post(f"/trait-sources/{source.id}/withdrawal").status_code == 403
    assert sign_in(ada).post(f"/trait-sources/{source.id}/withdrawal").status_code == 303
    assert source.fresh().state == "withdrawn"


def test_by_hand_with_the_customer_s_word_and_undone(
    sign_in: SignIn, ada: Person, family: Customer, resale: TraitKind
) -> None:
    browser = sign_in(ada)
    page = browser.get(f"{family.url}/traits/new").text
    assert "The customer said so" in page
    sent = {"kind": str(resale.id), "holds": "y", "source": ""}
    page = browser.post(f"{family.url}/traits/new", data=sent, follow_redirects=True).text
    assert "Confirmed" in page
    act = re.search(r'action="(/events/\d+/undoing)"', page)
    assert act, "the message offers to undo it"
    browser.post(act[1], data={"next": family.url, "whole": "y"})
    assert not Trait.get().is_confirmed
    assert browser.post(f"{family.url}/traits/new", data={"kind": "", "holds": "y"}).status_code == 422


def test_a_level_that_a_colleague_may_not_read_shows_nowhere(
    sign_in: SignIn, ada: Person, ben: Person, family: Customer, resale: TraitKind
) -> None:
    resale.edit(by=None, level=3)
    Trait.note(family, resale, by=ada)
    said, browser = talk(family, ben), sign_in(ben)
    page = browser.get(family.url).text
    assert "asks about resale" not in page
    assert "李明朗" not in browser.get(f"/customers?trait={resale.id}").text
    assert "李明朗" in sign_in(ada).get(f"/customers?trait={resale.id}").text
    assert "asks about resale" not in browser.get(f"{family.url}/traits/new").text
    sent = {"of": "interaction", "source": str(said.id), "kind": str(resale.id), "answer": "keep"}
    assert browser.post(f"{family.url}/traits", data=sent).status_code == 404


def test_who_may_not_open_the_customer_learns_nothing_by_the_filter(
    sign_in: SignIn, ada: Person, stan: Person, adam: Person, family: Customer, resale: TraitKind
) -> None:
    Setting.choose(BY_NEED, True, by=adam)
    source = Trait.note(family, resale, by=ada)
    browser = sign_in(stan)
    assert "李明朗" in browser.get("/customers?q=李明朗").text, "that it exists everyone knows"
    asked = browser.get(f"/customers?q=李明朗&trait={resale.id}").text
    assert f'href="{family.url}"' not in asked
    assert "asks about resale" not in browser.get(family.url).text
    for path in (f"{family.url}/traits/new", f"{family.url}/traits"):
        assert browser.post(path, data={"kind": str(resale.id)}).status_code == 404
    assert browser.post(f"/trait-sources/{source.id}/withdrawal").status_code == 404


def test_no_file_holds_traits(sign_in: SignIn, ada: Person, family: Customer, resale: TraitKind) -> None:
    Trait.note(family, resale, by=ada)
    file = sign_in(ada).post("/customers/export")
    assert file.status_code == 200
    assert "转手".encode() not in file.content


def test_a_debrief_is_a_source_but_repeats_its_deal_s_conversations(
    sign_in: SignIn, ada: Person, family: Customer, resale: TraitKind
) -> None:
    deal = Deal.open(by=ada, title="Three rooms", customer=family)
    said = Interaction.log(
        family, by=ada, kind_of="call", text="Resale?", deal=deal, at=clock.now() - timedelta(days=9)
    )
    debrief = Experience.create(
        author=ada, kind_of="debrief", deal=deal, title="What sold it", doubt="He feared resale.",
        state="submitted", first_submitted_at=clock.now(),
    )  # fmt: skip
    browser = sign_in(ada)
    sent = {"of": "experience", "source": str(debrief.id), "kind": str(resale.id), "answer": "keep"}
    assert "From your debrief" not in browser.get(f"{family.url}/traits/new").text
    browser.post(f"{family.url}/traits", data=sent)
    assert not TraitSource.select().exists(), "whoever reviews it would read its author beside the trait"
    assert "read without your name" in browser.get(family.url).text
    Experience.update(state="accepted").where(Experience.id == debrief.id).execute()
    assert "From your debrief" in browser.get(f"{family.url}/traits/new").text
    browser.post(f"{family.url}/traits", data=sent)
    Trait.note(family, resale, by=ada, source=said)
    assert TraitSource.select().where(TraitSource.state == "kept").count() == 2
    assert not Trait.get().is_confirmed, "what was said once is written twice"
    Trait.note(family, resale, by=ada, source=talk(family, ada, days_ago=3))
    assert Trait.get().is_confirmed


def test_an_administrator_keeps_the_words(sign_in: SignIn, adam: Person, ada: Person) -> None:
    browser = sign_in(adam)
    sent = {
        "name": "要求稳健",
        "name_en": "wants safety",
        "synonyms": "谨慎",
        "purpose": "Who calls",
        "level": "2",
    }
    assert browser.post("/admin/words/traits/new", data=sent).status_code == 303
    made = TraitKind.get()
    assert (made.name, made.level, made.words) == ("要求稳健", 2, ["要求稳健", "wants safety", "谨慎"])
    refused = browser.post("/admin/words/traits/new", data={**sent, "name": "离异", "level": "1"})
    assert refused.status_code == 422
    assert "protected attribute" in refused.text
    assert (
        browser.post("/admin/words/traits/new", data={**sent, "name": "急", "level": "9"}).status_code == 422
    )
    edited = {**sent, "purpose": "Who calls them", "version": str(made.version)}
    assert browser.post(f"/admin/words/traits/{made.id}", data=edited).status_code == 303
    assert made.fresh().purpose == "Who calls them"
    assert browser.post("/admin/words/soft-traits/new", data={"name": "谨慎"}).status_code == 303
    assert sign_in(ada).get("/admin/words/traits").status_code == 403


def test_the_page_costs_few_queries(
    sign_in: SignIn, ada: Person, family: Customer, resale: TraitKind
) -> None:
    for days in (3, 2, 1):
        Trait.note(family, resale, by=ada, source=talk(family, ada, days_ago=days))
    talk(family, ada)
    browser = sign_in(ada)
    browser.get(family.url)
    with count_queries() as counted:
        browser.get(family.url)
    assert counted.count <= 24


def test_how_many_are_needed_is_said_as_the_rules_say_it(
    sign_in: SignIn, ada: Person, ben: Person, adam: Person, family: Customer
) -> None:
    Setting.choose("traits.sources", 4, by=adam)
    Setting.choose("traits.words", 6, by=adam)
    browser = sign_in(ada)
    assert "once 4 conversations show it" in browser.get(family.url).text
    assert "Conversations on 4 different days" in browser.get(f"{family.url}/traits/new").text
    assert "once 6 colleagues say it" in browser.get(f"{ben.url}/soft-traits").text


def test_every_trait_that_somebody_has_is_offered_as_a_filter(
    sign_in: SignIn, ada: Person, family: Customer
) -> None:
    """The fourteenth of the company's words too."""
    for number in range(14):
        last = TraitKind.create(name=f"要求{number}", purpose="Any", position=number)
    Trait.note(family, last, by=ada)
    page = sign_in(ada).get("/customers").text
    assert f"trait={last.id}" in page
    assert "要求13" in page
