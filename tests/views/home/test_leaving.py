"""Someone leaves: what they hold goes to one person in one step, and nothing that is theirs for ever."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from portal import clock
from portal.clock import Month
from portal.i18n import speaking
from portal.models.base.record import Event, Invalid
from portal.models.commission.terms import employed
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.requests import CustomerRequest
from portal.models.customers.rights import choose
from portal.models.experiences import process
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.home.leaving import GROUPS, holdings, leave
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role
from portal.models.people.rule_changes import RuleChange
from portal.models.people.sessions import Session
from portal.models.sales.deals import Deal
from portal.models.work.clocks import Clock
from tests.conftest import SignIn, person

ALL = list(GROUPS)


@pytest.fixture
def held(ada: Person, ben: Person) -> dict[str, int]:
    """What Ada holds: of hers, and a promise to a customer of Ben's."""
    hers, his = Customer.add(by=ada, name="Harbour"), Customer.add(by=ben, name="Hill")
    Customer.add(by=ada, name="Gone").archive(by=ada)
    Deal.open(by=ada, title="Open one")
    day = clock.today() + timedelta(days=3)
    for customer in (hers, his):
        Interaction.log(customer, by=ada, kind_of="call", text="Call back", follow_up_on=day)
    request = CustomerRequest.add(his, by=ben, text="A taxi")
    request.take(by=ada)
    zoe = person("Zoe", manager=ada)
    return {"hers": hers.id, "his": his.id, "request": request.id, "zoe": zoe.id}


def counts(someone: Person, to: Person) -> dict[str, int]:
    return {each.key: each.count for each in holdings(someone, to)}


def test_the_page_lists_what_is_held_and_proposes_the_manager(
    sign_in: SignIn, adam: Person, ada: Person, mona: Person, held: dict[str, int]
) -> None:
    assert counts(ada, adam) == {
        "customers": 1, "deals": 1, "promises": 2, "requests": 1, "courses": 0, "products": 0, "reports": 1, "roles": 0,
    }  # fmt: skip
    page = sign_in(adam).get(f"/admin/accounts/{ada.id}/leaving").text
    assert f'value="Mona #{mona.id}"' in page
    for words in (
        "Customers: 1",
        "Deals still open: 1",
        "Promises to customers: 2",
        "Requests taken: 1",
        "Harbour",
        "Zoe",
    ):
        assert words in page
    assert "credit never moves" in page


def test_what_somebody_reviews_is_named_in_the_readers_language(
    sign_in: SignIn, adam: Person, rita: Person, schools: Topic
) -> None:
    """By its topic; a role for everything by what it is called."""
    rita.grant(Role.MANAGER, by=adam)
    adam.edit(by=adam, locale="zh")
    page = sign_in(adam).get(f"/admin/accounts/{rita.id}/leaving").text
    row = page.partition('value="roles"')[2].partition("</label>")[0]
    assert schools.name in row
    assert "经理" in row
    assert "Reviewer" not in row
    assert "Manager" not in row


def test_one_step_hands_all_over_and_closes_the_account(
    sign_in: SignIn, adam: Person, ada: Person, ben: Person, mona: Person, held: dict[str, int]
) -> None:
    token = Session.open(ada)[1]
    browser, sent = sign_in(adam), {"to": f"Mona #{mona.id}", "groups": ALL}
    assert browser.post(f"/admin/accounts/{ada.id}/leaving", data=sent).status_code == 303
    assert (
        browser.post(f"/admin/accounts/{ada.id}/leaving", data=sent).status_code == 303
    )  # twice is harmless
    assert not ada.fresh().is_active
    assert Session.find(token) is None
    assert Customer.get_by_id(held["hers"]).owner == mona
    assert Customer.get(Customer.name == "Gone").owner == ada  # put away: it stays as it was
    assert Deal.get(Deal.title == "Open one").owner == mona
    assert CustomerRequest.get_by_id(held["request"]).taken_by == mona
    assert Person.get_by_id(held["zoe"]).manager == mona
    waiting = {each.about: each.who for each in Clock.select().where(Clock.what == "follow-up")}
    # Mona leads Ben: she may say of his customer too what became of the promise.
    assert waiting == {held["hers"]: f"person-{mona.id}", held["his"]: f"person-{mona.id}"}
    assert {each.person_id for each in Interaction.select()} == {ada.id}  # who said it stays
    assert set(counts(ada, adam).values()) == {0}
    told = [each.phrase.msgid for each in Notice.unread_by(mona)]
    assert told == ["You take over what %(name)s held: %(count)s records."]  # once, for six records
    assert Notice.unread_by(mona).get().values == {"name": "Ada", "count": 6}
    for kind, verb, number in (
        ("customer", "handed over", 1), ("deal", "handed over", 1), ("interaction", "promise passed on", 2),
        ("customer_request", "handed over", 1), ("person", "deactivated", 1), ("person", "handed on", 1),
    ):  # fmt: skip
        found = Event.select().where(
            (Event.subject_kind == kind) & (Event.verb == verb) & (Event.actor == adam)
        )
        assert found.count() == number, (kind, verb)


def test_whoever_closes_the_account_says_the_last_day_which_bounds_the_month(
    sign_in: SignIn, adam: Person, ada: Person
) -> None:
    """Today is proposed; with it a month's threshold is asked of the days of employment alone (RULES 4.1)."""
    browser, path = sign_in(adam), f"/admin/accounts/{ada.id}/leaving"
    ada.edit(by=adam, hired_on=date(2020, 5, 4))
    with clock.moved(datetime(2026, 4, 20, 4, tzinfo=UTC)):
        browser = sign_in(adam)
        assert 'value="2026-04-20"' in browser.get(path).text
        refused = browser.post(path, data={"left_on": "2020-05-03"})
        assert refused.status_code == 422
        assert "Nobody leaves before they joined." in refused.text
        assert ada.fresh().is_active
        assert browser.post(path, data={"left_on": "2026-04-15"}).status_code == 303
        browser.post(path, data={"left_on": "2026-04-19"})
    left = ada.fresh()
    assert (left.is_active, left.left_on) == (False, date(2026, 4, 15)), (
        "what is handed on later moves no day"
    )
    assert employed(Month(2026, 4), left.hired_on, left.left_on) == Fraction(1, 2)


def test_an_account_that_is_opened_again_says_that_the_last_day_stays(
    sign_in: SignIn, adam: Person, ada: Person
) -> None:
    leave(ada, by=adam, to=None, groups=(), left_on=clock.today())
    browser = sign_in(adam)
    browser.post(f"/admin/accounts/{ada.id}/reactivation")
    assert "take it out if they work here again" in browser.get(f"/admin/accounts/{ada.id}").text
    assert ada.fresh().left_on == clock.today()


def test_what_was_left_can_be_handed_on_after_the_account_is_closed(
    sign_in: SignIn, adam: Person, ada: Person, ben: Person, held: dict[str, int]
) -> None:
    browser = sign_in(adam)
    assert browser.post(f"/admin/accounts/{ada.id}/leaving", data={}).status_code == 303
    assert not ada.fresh().is_active
    assert Customer.get_by_id(held["hers"]).owner == ada
    page = browser.get(f"/admin/accounts/{ada.id}/leaving").text
    assert "What is still theirs" in page
    sent = {"to": f"Ben #{ben.id}", "groups": ["customers", "promises"]}
    assert browser.post(f"/admin/accounts/{ada.id}/leaving", data=sent).status_code == 303
    assert Customer.get_by_id(held["hers"]).owner == ben
    assert counts(ada, adam)["deals"] == 1  # not chosen


def test_a_promise_to_anothers_customer_goes_to_who_looks_after_it(
    adam: Person, ada: Person, ben: Person, stan: Person, held: dict[str, int]
) -> None:
    leave(ada, by=adam, to=stan, groups=ALL)
    waiting = {each.about: each.who for each in Clock.select().where(Clock.what == "follow-up")}
    assert waiting == {held["hers"]: f"person-{stan.id}", held["his"]: f"person-{ben.id}"}


def test_a_leads_promise_stays_with_who_takes_it_when_the_lead_becomes_a_customer(
    adam: Person, ada: Person, stan: Person
) -> None:
    lead = Deal.open(by=ada, title="Orchard School")
    said = Interaction.log(None, by=ada, kind_of="call", text="Send", follow_up_on=clock.today(), deal=lead)
    assert not said.followable_by(stan)
    leave(ada, by=adam, to=stan, groups=ALL)
    assert said.fresh().followable_by(stan)
    lead.fresh().make_customer(by=stan)
    waiting = Clock.of(said.fresh(), "follow-up")
    assert waiting
    assert waiting.who == str(stan)
    assert said.fresh().customer == lead.fresh().customer


def test_who_administers_takes_nothing_over_and_reads_no_more_than_before(
    sign_in: SignIn, adam: Person, ada: Person, mona: Person, audrey: Person, held: dict[str, int]
) -> None:
    choose(by=adam, need=True, full={"customer": [], "deal": []})
    browser, address = sign_in(adam), f"/admin/accounts/{ada.id}/leaving"
    page = browser.get(address).text
    assert "Customers: 1" in page
    assert "Harbour" not in page
    assert "Call back" not in page
    for bad in (adam, audrey, ada):
        answer = browser.post(address, data={"to": f"{bad.name} #{bad.id}", "groups": ["customers"]})
        assert answer.status_code == 422, bad.name
    assert browser.post(address, data={"to": "", "groups": ["customers"]}).status_code == 422
    assert ada.fresh().is_active
    assert Customer.get_by_id(held["hers"]).owner == ada
    assert sign_in(mona).get(address).status_code == 403
    assert sign_in(mona).post(address, data={"groups": []}).status_code == 403


def test_nobody_comes_to_lead_themselves(adam: Person, ada: Person, ben: Person, mona: Person) -> None:
    """Ben takes Mona's reports over, of whom he is one; Zoe leads Ben's heir's manager."""
    boss = person("Boss")
    mona.edit(by=adam, manager=boss)
    leave(mona, by=adam, to=ben, groups=["reports"])
    assert ben.fresh().manager == boss
    assert ada.fresh().manager == ben
    assert [each.values["name"] for each in Notice.unread_by(ada)] == ["Ben"]


def test_roles_go_along_but_no_duty_and_none_that_must_be_apart(
    adam: Person, rita: Person, ben: Person, fin: Person, schools: Topic
) -> None:
    rita.grant(Role.FINANCE, by=None)
    Setting.choose("review.panel_lead", rita.id, by=adam)
    assert counts(rita, adam)["roles"] == 2
    fin.grant(Role.CLOSER, by=None)
    with pytest.raises(Invalid):
        leave(rita, by=adam, to=fin, groups=["roles"])
    assert rita.fresh().is_active  # all or nothing
    leave(rita, by=adam, to=ben, groups=["roles"])
    ben = ben.fresh()
    assert ben.is_reviewer
    assert schools.id in ben.review_topics
    assert not ben.is_finance
    assert not Setting.read("review.panel_lead")
    assert RuleChange.waiting("review") is not None


def test_who_leads_panels_next_takes_a_second_person(
    adam: Person, mona: Person, rita: Person, ben: Person, rob: Person, schools: Topic
) -> None:
    Setting.choose("review.panel_lead", rita.id, by=adam)
    with speaking("en"):
        leave(rita, by=adam, to=ben, groups=["roles"])
    assert not Setting.read("review.panel_lead")
    change = RuleChange.waiting("review")
    assert change is not None
    assert change.values == {"review.panel_lead": ben.id}
    assert change.reason == "Rita led the panels and hands that on."
    change.approve(by=mona)
    assert Setting.read("review.panel_lead") == ben.id
    RuleChange.propose("review", {"review.gap": 20}, by=adam, reason="Few agree.")
    leave(ben, by=adam, to=rob, groups=["roles"])  # another change waits: nobody leads until it is answered
    assert not Setting.read("review.panel_lead")
    assert not ben.fresh().is_active


def test_the_reviews_of_a_leaver_go_to_nobody_who_wrote_it(
    adam: Person, ada: Person, mona: Person, rita: Person, rob: Person, rosa: Person, schools: Topic
) -> None:
    """Ada's manager takes all over from a reviewer of Ada's experience, roles too: she gets no review of it."""
    rita.edit(by=adam, manager=mona)
    item = Experience.begin(by=ada, kind="question")
    item.save_draft(by=ada, title="Ask first", situation="Four.", doubt="?", action="Ask.", lesson="Ask.")
    process.submit(item, by=ada, topics=[schools])
    assert {each.reviewer for each in Review.select()} == {rita, rob}
    page = [each for each in holdings(rita, adam) if "review" in each.key]
    assert page == []  # not even how many
    leave(rita, by=adam, to=mona, groups=ALL)
    assert mona.fresh().is_reviewer
    for ident in Clock.due():
        Clock.get_by_id(ident).advance()
    open_now = Review.select().where(Review.declined_at.is_null())
    assert {each.reviewer for each in open_now} == {rob, rosa}
