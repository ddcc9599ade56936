"""An interview on a closed deal: who may hold it, what becomes of it, and that review stays blind (S10)."""

from __future__ import annotations

from typing import Any

import pytest

from portal.models.base.record import Event, Invalid
from portal.models.company.topics import Topic
from portal.models.customers.interactions import Interaction
from portal.models.experiences import process
from portal.models.experiences.experiences import PARTS, Experience
from portal.models.experiences.interviews import Interview, neutral
from portal.models.experiences.panels import candidates, conflicted
from portal.models.experiences.reviews import Review
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role
from portal.models.sales.deals import Deal, DealShare
from portal.models.work.clocks import Clock
from tests.commission import deal_of
from tests.conftest import SignIn, person

SAID = "He would only sign once the school had written to him."


@pytest.fixture
def deal(ada: Person) -> Deal:
    return deal_of(ada, "900.00")


def asked(who: Person) -> list[str]:
    return [need.url for need in needs(who) if need.kind == "interview"]


def test_what_is_answered_begins_the_debrief_of_whoever_sold(
    deal: Deal, ada: Person, ben: Person, sign_in: SignIn
) -> None:
    """S10: Ben asks and notes; the draft, its credit and what waits next are Ada's."""
    page = sign_in(ada).get(deal.url).text
    assert f"{deal.url}/interview" in page
    sent = {"interviewer": f"{ben.name} #{ben.id}"}
    for _ in range(2):
        assert sign_in(ada).post(f"{deal.url}/interview", data=sent).status_code == 303
    held = Interview.get()
    assert asked(ben) == [held.url]
    assert "Ada" in sign_in(ben).get(held.url).text
    assert sign_in(ben).post(held.url, data={"doubt": " "}).status_code == 422
    for _ in range(2):
        assert sign_in(ben).post(held.url, data={"doubt": SAID, "lesson": "Ask early."}).status_code == 303
    draft = Experience.get()
    assert (draft.author, draft.deal_id, draft.lesson) == (ada, deal.id, "Ask early.")
    assert draft.doubt.count(SAID) == 1
    assert draft.credits() == []
    assert asked(ben) == []
    assert [need.url for need in needs(ada) if need.kind == "draft"] == [f"{draft.url}/edit"]
    assert sign_in(ben).get(draft.url).status_code == 404
    told = Notice.get(Notice.person == ada)
    assert told.url == f"{draft.url}/edit"


def test_nothing_that_was_written_already_is_lost(deal: Deal, ada: Person, ben: Person) -> None:
    draft = Experience.begin(by=ada, kind="debrief", deal=deal)
    draft.save_draft(by=ada, doubt="Too far from the school.")
    Interview.ask(deal, by=ada, interviewer=ben).note(by=ben, answers={"doubt": SAID})
    assert draft.fresh().doubt == f"Too far from the school.\n\n{SAID}"


def test_who_had_part_in_the_deal_leads_or_reviews_cannot_hold_it(
    deal: Deal, ada: Person, ben: Person, mona: Person, rita: Person, stan: Person
) -> None:
    """Attack: the strict reviewer is asked, so as not to be judged by them (RULES 4.2)."""
    DealShare.create(deal=deal, person=stan, share=300_000)
    cleo = person("Cleo")
    Interaction.create(deal=deal, customer=deal.customer, person=cleo, kind_of="call", text="Called.")
    for who in (ada, mona, rita, stan, cleo):
        with pytest.raises(Invalid) as refused:
            Interview.ask(deal, by=ada, interviewer=who)
        assert "interviewer" in refused.value.errors, who.name
    assert [each.name for each in neutral(deal, ada) if each.id == ben.id] == [ben.name]


def test_it_is_asked_for_by_who_closed_the_deal_and_by_who_leads_them(
    deal: Deal, ada: Person, ben: Person, mona: Person, stan: Person, sign_in: SignIn
) -> None:
    assert [who.name for who in (ada, ben, mona, stan) if Interview.askable_by(deal, who)] == [
        ada.name,
        mona.name,
    ]
    assert sign_in(ben).get(f"{deal.url}/interview").status_code in (403, 404)
    held = Interview.ask(deal, by=mona, interviewer=ben)
    assert held.teller == ada
    assert Notice.select().where(Notice.person == ada).count() == 1
    assert sign_in(stan).get(held.url).status_code == 404
    assert sign_in(ada).post(held.url, data={"doubt": SAID}).status_code == 403
    assert not Experience.select().exists()
    for who in (mona, ada, ben):
        assert sign_in(who).get(held.url).status_code == 200
    deal.closed_on = None
    assert not Interview.askable_by(deal, ada)


def test_one_at_a_time_and_who_declines_is_told_of(
    deal: Deal, ada: Person, ben: Person, sign_in: SignIn
) -> None:
    cleo = person("Cleo")
    held = Interview.ask(deal, by=ada, interviewer=ben)
    with pytest.raises(Invalid):
        Interview.ask(deal, by=ada, interviewer=cleo)
    for _ in range(2):
        assert sign_in(ben).post(f"{held.url}/end").status_code == 303
    assert asked(ben) == []
    assert Notice.get(Notice.person == ada).url == f"{deal.url}/interview"
    held.fresh().note(by=ben, answers={"doubt": SAID})
    assert not Experience.select().exists()
    again = Interview.ask(deal, by=ada, interviewer=cleo)
    again.end(by=ada)
    assert asked(cleo) == []
    assert [event.verb for event in Event.about(again)] == ["called off", "asked"]


def test_who_leaves_is_no_longer_waited_for(deal: Deal, ada: Person, ben: Person, adam: Person) -> None:
    held = Interview.ask(deal, by=ada, interviewer=ben)
    ben.deactivate(by=adam)
    waiting = Clock.of(held, "interview")
    assert waiting is not None
    waiting.advance()
    assert not held.fresh().is_running
    assert Notice.select().where(Notice.person == ada).count() == 1


def test_who_was_asked_never_judges_the_debrief(
    deal: Deal, ada: Person, ben: Person, rita: Person, rob: Person, adam: Person, schools: Topic
) -> None:
    """Whoever asked, and even declined, knows whose it is: a role that they get later changes nothing."""
    Interview.ask(deal, by=ada, interviewer=ben).end(by=ben)
    cleo = person("Cleo")
    held = Interview.ask(deal, by=ada, interviewer=cleo)
    ben.grant(Role.REVIEWER, by=adam, topic=schools)
    made = Experience.begin(by=ada, kind="debrief", deal=deal)
    parts: dict[str, Any] = {part: f"{part} in words of its own. " * 8 for part in PARTS}
    made.save_draft(by=ada, title="Ask before", topics=[schools], **parts)
    process.submit(made, by=ada, duplicate_checked=True)
    assert {ben.id, cleo.id} <= conflicted(made)
    assert ben.id not in candidates(made)[0]
    assert {each.reviewer_id for each in Review.select()} == {rita.id, rob.id}
    assert not held.fresh().is_running, "the debrief is handed in"
    assert asked(cleo) == []
    with pytest.raises(Invalid):
        Interview.ask(deal, by=ada, interviewer=cleo)
    first = Review.select().first()
    assert not first.claim() or not first.is_outside
    Interview.create(deal=deal, teller=ada, interviewer=first.reviewer, by=ada)
    first.claim()
    assert first.is_outside
