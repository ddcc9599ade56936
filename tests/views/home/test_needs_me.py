"""Needs me: every kind of thing that waits is listed, counted by the bell, and answered where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from portal import clock, i18n, shell
from portal.clock import Month
from portal.i18n import Phrase
from portal.models.base.record import Event
from portal.models.commission.adjustments import Adjustment, AdjustmentDecision
from portal.models.commission.closing import await_closing
from portal.models.commission.disputes import Dispute
from portal.models.commission.policies import Policy
from portal.models.commission.statements import Line, Statement
from portal.models.company.topics import Topic
from portal.models.customers.access import Access
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.requests import CustomerRequest
from portal.models.customers.rights import choose
from portal.models.experiences import process
from portal.models.experiences.experiences import Credit, Experience
from portal.models.experiences.mergers import ask_to_take_in
from portal.models.experiences.reviews import Review
from portal.models.experiences.rubric import NAMES
from portal.models.expertise.endorsements import Endorsement
from portal.models.knowledge.articles import Article
from portal.models.knowledge.checks import await_checks
from portal.models.knowledge.questions import Answer, Question
from portal.models.people.approvals import Approval
from portal.models.people.needs import Need, needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.people.rule_changes import RuleChange
from portal.models.people.sessions import Session
from portal.models.sales import closings
from portal.models.sales.deals import PART, Deal, DealShare
from portal.models.sales.lines import DealLine
from portal.models.sales.shares import share_with
from portal.models.work.clocks import Clock
from portal.views.home.answers import ANSWERS
from tests.client import Client
from tests.commission import MAY, approved, close, noon, paid
from tests.conftest import SignIn

NOTHING: dict[str, list[str]] = {"customer": [], "deal": []}


def promise(by: Person, customer: Customer) -> Interaction:
    return Interaction.log(customer, by=by, kind_of="call", text="Call back.", follow_up_on=clock.today())


def won_deal(by: Person, customer: Customer | None = None) -> Deal:
    made = Deal.open(by=by, title="A flat by the lake", customer=customer, amount=5_000_00)
    closings.win(made, by=by, amount=5_000_00, on=clock.today())
    return made


def handed_in(
    by: Person, topic: Topic, title: str, co_authors: dict[Person, int] | None = None
) -> Experience:
    made = Experience.begin(by=by, kind="question")
    made.save_draft(by=by, topics=[topic], title=title, doubt=title * 9, action=title * 8)
    process.submit(made, by=by, co_authors=co_authors, duplicate_checked=True)
    return made.fresh()


def due(by: Person, topic: Topic, title: str = "Fees") -> Article:
    made = Article.add(by=by, title=title, body="1 % each.", topics=[topic], freshness="price")
    made.write(review_by=clock.today())
    await_checks()
    return made


def held_word(by: Person, person: Person, topic: Topic) -> Endorsement:
    """The second of two within a minute is held."""
    other = Topic.create(name="Loans")
    for each in (topic, other):
        Endorsement.give(by=by, person=person, topic=each)
    found = Endorsement.of(by, person, other.id)
    assert found is not None
    return found


def merged_into_one_of(author: Person, by: Person) -> Experience:
    """What reviewers said to belong into something that somebody else wrote."""
    hers, his = (
        Experience.create(
            author=each, kind_of="suggestion", title="Keys", state=state, first_submitted_at=clock.now()
        )
        for each, state in ((author, "accepted"), (by, "merged"))
    )
    his.write(merged_into=hers, decided_at=clock.now())
    ask_to_take_in(his)
    return his


@pytest.fixture
def dispute(ada: Person, fin: Person, fiona: Person) -> Dispute:
    """Ada's, about May, of which Fiona asks her more."""
    approved(fin, fiona)
    paid(ada, "1000000.00", date(2026, 5, 10))
    close(MAY, fin)
    statement = Statement.of(ada, MAY)
    assert statement is not None
    with clock.moved(noon(date(2026, 6, 10))):
        found = Dispute.open(statement, None, "A payment of May is missing.", by=ada)
        found.ask("Which one?", by=fiona)
    return found


@pytest.fixture
def everything(
    dispute: Dispute,
    ada: Person,
    ben: Person,
    stan: Person,
    fin: Person,
    mona: Person,
    rita: Person,
    rob: Person,
    schools: Topic,
    adam: Person,
) -> None:
    """One of each kind."""
    statement, at = dispute.statement, dispute.created_at
    assert statement is not None
    with clock.moved(at):
        Dispute.open(statement, Line.of(statement)[0], "It was a million and a half.", by=ada)
    family = Customer.create(name="刘家", owner=ada)
    promise(ada, family)
    choose(by=adam, need=True, full=NOTHING)
    Access.ask(family, by=stan, purpose="He is at the counter.")
    CustomerRequest.add(family, by=ben, text="The floor plan", due_at=clock.now() + timedelta(hours=2))
    handed_in(ada, schools, "学区房怎么看", {ben: 300_000})
    for review in Review.select():
        assert review.reviewer_id in (rita.id, rob.id)
    asked = handed_in(ben, schools, "物业费谁来交")
    for review in Review.select().where(Review.experience == asked):
        scores = dict.fromkeys(NAMES, 3)
        process.complete(review, by=review.reviewer, scores=scores, verdict="revise", comment="Again.")
    Question.ask(by=stan, text="Who pays for the lift?", topic=schools)
    handed_in(rita, Topic.create(name="Parking"), "停车位怎么分")
    Policy.draft(by=fin, name="2027", effective_from=Month(2027, 1)).propose(by=fin)
    Adjustment.propose(ada, Month(2026, 6), 100, "A payment was missed.", by=fin)
    sold = won_deal(ada)
    DealLine.receive(sold, by=ada, amount=1_000_00, on=clock.today())
    Experience.begin(by=ben, kind="suggestion").save_draft(by=ben, situation="Keys hang in three places.")
    Article.add(by=ben, title="What to ask first", body="", published=False)
    due(ada, schools)
    held_word(ben, ada, schools)
    RuleChange.propose("review", {"review.pass_mark": 60}, by=adam, reason="Too strict.")
    merged_into_one_of(ada, ben)


KINDS = {
    "access",
    "adjustment",
    "approval",
    "burst vote",
    "check",
    "co-author",
    "debrief",
    "dispute",
    "dispute question",
    "draft",
    "follow-up",
    "merger",
    "panel",
    "payment",
    "question",
    "request",
    "review",
    "revision",
    "rules",
}


def bell(page: str) -> int:
    found = re.search(r'id="needs-me" class="count"[^>]*>\s*(\d+)', page)
    assert found is not None
    return int(found[1])


def test_the_bell_counts_what_the_list_shows_for_everyone_and_every_kind(
    everything: None, sign_in: SignIn
) -> None:
    """One function finds them for both; also where another process counted before."""
    seen: set[str] = set()
    for person in Person.select().where(Person.deactivated_at.is_null()):
        shell._counted[person.id] = (clock.now(), shell._marks[shell._place(person)], 99)
        page = sign_in(person).get("/needs-me").text
        listed = re.findall(r'<li class="row-item need" id="need-(\d+)"', page)
        found = needs(person)
        assert [int(ident) for ident in listed] == [need.id for need in found], person.name
        assert bell(page) == len(found), person.name
        seen |= {need.kind for need in found}
    assert seen >= KINDS, KINDS - seen


def test_an_answer_in_place_sends_both_counts_along(sign_in: SignIn, ada: Person) -> None:
    """The bell's and that of the bar of phones: one fewer, and hidden once nothing waits."""
    customer, browser = Customer.add(by=ada, name="Harbour"), sign_in(ada)
    for text in ("Call back.", "Send the plan."):
        day = clock.today()
        Interaction.log(customer, by=ada, kind_of="call", text=text, follow_up_on=day)
    page = browser.get("/needs-me").text
    assert counts(page) == [("needs-me", False, "", 2), ("needs-me-below", False, "", 2)]
    for left in (1, 0):
        need = needs(ada)[0].id
        data = {"answer": "kept"}
        part = browser.post(f"/needs-me/{need}/answer", data=data, headers={"HX-Request": "true"}).text
        sent = [(name, True, "" if left else " hidden", left) for name in ("needs-me", "needs-me-below")]
        assert counts(part) == sent


def counts(page: str) -> list[tuple[str, bool, str, int]]:
    """The counts of a page: which, whether out of band, hidden, and how many."""
    found = re.findall(
        r'id="(needs-me[^"]*)" class="count"( data-hx-swap-oob="true")?( hidden)?>\s*(\d+)', page
    )
    return [(name, bool(aside), hidden, int(number)) for name, aside, hidden, number in found]


def test_what_waits_opens_for_whom_it_waits(everything: None, sign_in: SignIn) -> None:
    """The bell counts nothing whose page is closed to who is counted for."""
    for person in Person.select().where(Person.deactivated_at.is_null()):
        browser = sign_in(person)
        for need in needs(person):
            assert browser.get(need.url).status_code == 200, (person.name, need)


def test_what_a_payee_objects_to_is_seen_by_the_payee_and_who_may_settle_it(
    dispute: Dispute, ada: Person, ben: Person, mona: Person, fin: Person, fiona: Person, adam: Person
) -> None:
    """Fin closed the month: not his. Mona leads the payee, Adam administrates: not theirs. While the payee is
    asked for more, it waits for nobody else.
    """

    def asked() -> dict[str, list[str]]:
        found = {
            person.name: [need.kind for need in needs(person) if need.subject_kind == "dispute"]
            for person in (ada, ben, mona, fin, fiona, adam)
        }
        return {name: kinds for name, kinds in found.items() if kinds}

    assert asked() == {"Ada": ["dispute question"]}
    dispute.say("That of the tenth.", by=ada)
    assert asked() == {"Fiona": ["dispute"]}


# ------------------------------------------------------------------ answered in place


def only(person: Person, kind: str) -> Need:
    [found] = [need for need in needs(person) if need.kind == kind]
    return found


def answer(browser: Client, need: Need, name: str, **more: str) -> Any:
    return browser.post(f"/needs-me/{need.id}/answer", data={"answer": name, **more})


@pytest.mark.parametrize(("name", "kept"), [("kept", True), ("broken", False)])
def test_a_promise_is_kept_or_not_in_place(sign_in: SignIn, ada: Person, name: str, kept: bool) -> None:
    made = promise(ada, Customer.create(name="刘家", owner=ada))
    need, browser = only(ada, "follow-up"), sign_in(ada)
    assert answer(browser, need, name).headers["location"] == "/needs-me"
    assert made.fresh().kept is kept
    assert needs(ada) == []
    again = answer(browser, need, "kept" if not kept else "broken")
    assert again.status_code == 303
    assert "This is settled already." in browser.get("/needs-me").text
    assert made.fresh().kept is kept, "what was answered stays answered"


def test_beside_what_was_answered_in_place_stands_how_to_undo_it(sign_in: SignIn, ada: Person) -> None:
    made = promise(ada, Customer.create(name="刘家", owner=ada))
    need, browser = only(ada, "follow-up"), sign_in(ada)
    part = browser.post(
        f"/needs-me/{need.id}/answer", data={"answer": "broken"}, headers={"HX-Request": "true"}
    ).text
    act = re.search(r'action="(/events/\d+/undoing)"', part)
    assert act
    assert 'name="next" value="/needs-me"' in part
    assert browser.post(act[1], data={"next": "/needs-me", "whole": "y"}).headers["location"] == "/needs-me"
    assert made.fresh().kept is None
    assert only(ada, "follow-up")


def test_what_never_waited_for_someone_is_not_there_for_them(
    sign_in: SignIn, ada: Person, ben: Person
) -> None:
    """Neither while it waits nor once it is settled: they would learn that there was something."""
    promise(ada, Customer.create(name="刘家", owner=ada))
    need = only(ada, "follow-up")
    assert answer(sign_in(ben), need, "kept").status_code == 404
    answer(sign_in(ada), need, "kept")
    assert answer(sign_in(ben), need, "kept").status_code == 404
    assert answer(sign_in(ada), need, "kept").status_code == 303


def test_what_waited_for_several_is_settled_for_each_of_them(
    sign_in: SignIn, ada: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    asked = Question.ask(by=ada, text="Which school?", topic=schools)
    need = only(rob, "question")
    asked.answer(by=rita, text="The nearest.")
    assert answer(sign_in(rob), need, "answer").status_code == 303
    assert answer(sign_in(ada), need, "answer").status_code == 404


def test_access_is_granted_or_refused_in_place_by_whom_it_waits_for_alone(
    sign_in: SignIn, ada: Person, ben: Person, stan: Person, adam: Person
) -> None:
    family = Customer.create(name="刘家", owner=ada)
    choose(by=adam, need=True, full=NOTHING)
    first = Access.ask(family, by=stan, purpose="He is at the counter.")
    need = only(ada, "access")
    for other in (ben, stan):
        answer(sign_in(other), need, "grant")
        assert first.fresh().state == "asked", other.name
    answer(sign_in(ada), need, "refuse")
    assert first.fresh().state == "refused"
    second = Access.ask(family, by=stan, purpose="Now he is really here.")
    answer(sign_in(ada), only(ada, "access"), "grant")
    assert second.fresh().state == "granted"


def test_a_request_is_taken_done_and_handed_back_in_place(sign_in: SignIn, ada: Person, ben: Person) -> None:
    family, browser = Customer.create(name="刘家", owner=ada), sign_in(ada)
    made = CustomerRequest.add(family, by=ben, text="A plan", due_at=clock.now() + timedelta(hours=2))
    answer(browser, only(ada, "request"), "take")
    assert made.fresh().taken_by_id == ada.id
    answer(browser, only(ada, "request"), "release")
    assert made.fresh().state == "open"
    assert answer(browser, only(ada, "request"), "done", text="Sent.").status_code == 422, (
        "nobody has taken it"
    )
    answer(browser, only(ada, "request"), "take")
    need = only(ada, "request")
    assert answer(browser, need, "done", text=" ").status_code == 422
    assert answer(browser, need, "done", text="Sent by mail.").status_code == 303
    assert (made.fresh().state, made.fresh().result, needs(ada)) == ("closed", "Sent by mail.", [])


def test_a_refused_answer_keeps_what_was_typed_and_says_why(
    sign_in: SignIn, rita: Person, ada: Person, schools: Topic
) -> None:
    asked = Question.ask(by=ada, text="Who pays for the lift?", topic=schools)
    need, browser = only(rita, "question"), sign_in(rita)
    bad = answer(browser, need, "answer", text="Ask Mr Li at 13812345678.")
    assert bad.status_code == 422
    assert "Ask Mr Li at 13812345678." in bad.text
    assert 'class="field-error"' in bad.text
    assert asked.fresh().state == "open"
    answer(browser, need, "answer", text="The owners of all floors but the first.")
    assert [a.text for a in Answer.select().where(Answer.question == asked)] == [
        "The owners of all floors but the first."
    ]


def test_what_a_colleague_improves_is_taken_in_in_place_by_its_author_alone(
    sign_in: SignIn, ada: Person, ben: Person
) -> None:
    his = merged_into_one_of(ada, ben)
    (waits,) = needs(ada)
    assert Notice.current_of(ada).count() == 1
    assert sign_in(ben).post(f"/needs-me/{waits.id}/answer", data={"answer": "in"}).status_code == 404
    browser = sign_in(ada)
    assert "say so under Needs me" in browser.get(his.url).text
    assert browser.post(f"/needs-me/{waits.id}/answer", data={"answer": "in"}).status_code == 303
    assert needs(ada) == []
    assert Notice.current_of(ada).count() == 0
    assert Event.about(his).first().verb == "taken in"


def test_a_co_author_agrees_or_declines_in_place(
    sign_in: SignIn, ada: Person, ben: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    first = handed_in(ada, schools, "学区房怎么看", {ben: 300_000})
    answer(sign_in(ben), only(ben, "co-author"), "agree")
    assert [c.person_id for c in first.credits()] == [ada.id, ben.id]
    handed_in(ada, schools, "物业费谁来交", {ben: 300_000})
    answer(sign_in(ben), only(ben, "co-author"), "decline")
    assert Credit.select().where(Credit.person == ben).count() == 1
    assert [need for need in needs(ben) if need.kind == "co-author"] == []


def test_who_is_named_as_sharing_in_a_deal_answers_in_place(
    sign_in: SignIn, ada: Person, ben: Person, stan: Person
) -> None:
    deal = won_deal(ada)
    share_with(deal, {ada: 600_000, ben: 300_000, stan: 100_000}, by=ada)
    page = sign_in(ben).get("/needs-me").text
    assert "names you as sharing in a deal, with 30 %" in page
    other = sign_in(stan).post(f"/needs-me/{only(ben, PART).id}/answer", data={"answer": "agree"})
    assert other.status_code in (303, 403, 404)
    assert DealShare.get(DealShare.person == ben).agreed_at is None, "nobody answers for another"
    answer(sign_in(ben), only(ben, PART), "agree")
    answer(sign_in(stan), only(stan, PART), "decline")
    agreed = {share.person_id for share in DealShare.select().where(DealShare.is_agreed())}
    assert agreed == {ada.id, ben.id}


def test_a_payment_is_confirmed_in_place_but_not_by_its_payee(
    sign_in: SignIn, ada: Person, fin: Person, fiona: Person
) -> None:
    deal = won_deal(ada)
    line = DealLine.receive(deal, by=ada, amount=1_000_00, on=clock.today())
    need = only(fin, "payment")
    answer(sign_in(ada), need, "confirm")
    assert line.fresh().is_waiting
    answer(sign_in(fin), need, "confirm")
    assert line.fresh().confirmed_by_id == fin.id
    assert needs(fiona) == []
    answer(sign_in(fiona), need, "confirm")
    assert DealLine.get_by_id(line.id).confirmed_by_id == fin.id


def test_what_one_does_is_a_verb_in_chinese_too() -> None:
    """The button beside a question: 回答, not the 答案 that one gives."""
    with i18n.speaking("zh"):
        said = {i18n.gettext(each.words) for some in ANSWERS.values() for each in some}
    assert "回答" in said
    assert "答案" not in said


def test_a_payee_answers_finance_in_place(sign_in: SignIn, dispute: Dispute, ada: Person) -> None:
    answer(sign_in(ada), only(ada, "dispute question"), "say", text="That of the tenth.")
    assert (dispute.fresh().state, dispute.thread[-1].text) == ("open", "That of the tenth.")
    assert [need.kind for need in needs(ada)] == []


def test_what_a_payee_objects_to_is_answered_in_place_by_who_may_settle_it(
    sign_in: SignIn, dispute: Dispute, ada: Person, fin: Person, fiona: Person
) -> None:
    dispute.say("One payment\nis missing.", by=ada)
    need, browser = only(fiona, "dispute"), sign_in(fiona)
    assert "wrote: “One payment\nis missing.”" in browser.get("/needs-me").text
    refused = answer(browser, need, "reject", text=" ")
    assert refused.status_code == 422
    assert refused.text.count('aria-invalid="true"') == 1, "at the answer that was given, not at the other"
    assert answer(sign_in(fin), need, "reject", text="No.").status_code == 404, "fin closed the month"
    answer(browser, need, "ask", text="Which one?")
    assert dispute.fresh().state == "info needed"
    asked = only(ada, "dispute question")
    answer(sign_in(ada), asked, "say", text="That of May.")
    answer(browser, only(fiona, "dispute"), "reject", text="It came in June.")
    assert dispute.fresh().state == "rejected"
    assert [one.text for one in dispute.thread][-3:] == ["Which one?", "That of May.", "It came in June."]


def test_an_objection_is_upheld_in_place_and_a_second_person_decides_what_it_pays(
    sign_in: SignIn, dispute: Dispute, ada: Person, fin: Person, fiona: Person, adam: Person
) -> None:
    dispute.say("That of the tenth.", by=ada)
    need, browser = only(fiona, "dispute"), sign_in(fiona)
    begun = [f'data-place="/needs-me/{need.id}/answer/{name}"' for name in ("ask", "reject", "uphold")]
    page = browser.get("/needs-me").text
    assert [page.count(place) for place in begun] == [1, 1, 1], "what is begun for one answer is no other's"
    for amount, told in (("much", "Write an amount such as"), ("0", "Say how much"), ("", "Say how much")):
        refused = answer(browser, need, "uphold", text="It was left out.", amount=amount)
        assert refused.status_code == 422
        assert told in refused.text
        assert "It was left out." in refused.text, "no word is lost"
        assert refused.text.count('aria-invalid="true"') == 1
        assert 'name="amount"' in refused.text.split('aria-invalid="true"')[0].rpartition("<input")[2]
    assert answer(sign_in(fin), need, "uphold", text="Yes.", amount="500").status_code == 404, "fin closed it"
    assert answer(sign_in(ada), need, "uphold", text="Yes.", amount="500").status_code == 404, "it is hers"
    answer(browser, need, "uphold", text="It was left out.", amount="1,234.50")
    settled = dispute.fresh()
    assert settled.adjustment
    assert (settled.state, settled.adjustment.amount, settled.adjustment.person_id) == (
        "upheld",
        123450,
        ada.id,
    )
    assert settled.outcome == ("waiting", None), "nothing is paid by one hand"
    assert "adjustment" not in {each.kind for each in needs(fiona)}, "nor by who upheld it"
    assert "adjustment" in {each.kind for each in needs(adam)}


def test_later_puts_a_debrief_off_for_a_week(sign_in: SignIn, ada: Person) -> None:
    won_deal(ada)
    answer(sign_in(ada), only(ada, "debrief"), "later")
    assert needs(ada) == []
    with clock.moved(clock.now() + timedelta(days=7)):
        assert [need.kind for need in needs(ada)] == ["debrief"]


def test_a_check_is_opened_as_nobody_reads_a_text_here(sign_in: SignIn, ada: Person, schools: Topic) -> None:
    """Pressed in place it would say that somebody read what nobody opened (RULES 4.4)."""
    made, browser = due(ada, schools), sign_in(ada)
    page = browser.get("/needs-me").text
    assert "Prices and policies: 1 % each." in page
    assert f'href="{made.url}"' in page
    assert answer(browser, only(ada, "check"), "true").status_code in (404, 422)
    assert made.fresh().review_by == clock.today()


@pytest.mark.parametrize("approve", [True, False])
def test_an_adjustment_is_decided_in_place_by_a_second_person_who_reads_how_much(
    sign_in: SignIn, ada: Person, fin: Person, fiona: Person, *, approve: bool
) -> None:
    made = Adjustment.propose(ada, Month(2026, 6), 123_45, "A payment was missed.", by=fin)
    need, browser = only(fiona, "adjustment"), sign_in(fiona)
    page = browser.get("/needs-me").text
    for told in ("+¥123.45 for Ada, June 2026; proposed by Fin", "A payment was missed."):
        assert told in page
    answer(sign_in(fin), need, "approve")
    assert not AdjustmentDecision.select().exists(), "not who proposed it"
    answer(browser, need, "approve" if approve else "refuse")
    decided = AdjustmentDecision.get(AdjustmentDecision.adjustment == made)
    assert (decided.approved, decided.by_id) == (approve, fiona.id)
    assert needs(fiona) == []


def test_a_policy_is_approved_or_sent_back_in_place_with_both_readings_in_view(
    sign_in: SignIn, fin: Person, fiona: Person
) -> None:
    made = Policy.draft(by=fin, name="2027", effective_from=Month(2027, 1))
    made.propose(by=fin)
    browser = sign_in(fiona)
    page = browser.get("/needs-me").text
    assert "On ¥1,000,000.00 it adds ¥500.00." in page
    assert "On ¥1,000,000.00 it would add ¥10.00." in page
    assert answer(browser, only(fiona, "approval"), "return", text=" ").status_code == 422
    answer(browser, only(fiona, "approval"), "return", text="The rate is last year's.")
    assert made.fresh().state == "draft"
    assert needs(fiona) == []
    made.fresh().propose(by=fin)
    answer(browser, only(fiona, "approval"), "approve")
    assert made.fresh().state == "approved"


def test_other_rules_are_agreed_to_in_place_after_showing_once_more_who_one_is(
    sign_in: SignIn, adam: Person, mona: Person
) -> None:
    made = RuleChange.propose("review", {"review.pass_mark": 60}, by=adam, reason="Too strict.")
    assert made is not None
    need, browser = only(mona, "rules"), sign_in(mona)
    page = browser.get("/needs-me").text
    assert "Pass mark: 70 → 60" in page
    assert "Adam: Too strict." in page
    Session.update(confirmed_at=clock.now() - timedelta(days=1)).where(Session.person == mona).execute()
    assert answer(browser, need, "approve").status_code == 401
    assert made.fresh().state == "asked"
    Session.update(confirmed_at=clock.now()).where(Session.person == mona).execute()
    answer(browser, need, "approve")
    assert made.fresh().state == "approved"
    assert not [each for each in needs(mona) if each.kind == "rules"]


@pytest.mark.parametrize(("name", "state"), [("release", "approved"), ("drop", "refused")])
def test_a_held_vote_counts_or_not_in_place(
    sign_in: SignIn, ada: Person, ben: Person, adam: Person, schools: Topic, name: str, state: str
) -> None:
    vote, browser = held_word(ben, ada, schools), sign_in(adam)
    assert "Right after another for the same colleague" in browser.get("/needs-me").text
    answer(browser, only(adam, "burst vote"), name)
    assert Approval.get(Approval.subject == vote.id).state == state
    assert not needs(adam)


def test_many_held_votes_are_one_line_and_hide_nothing(
    sign_in: SignIn, ada: Person, ben: Person, mona: Person, adam: Person, schools: Topic
) -> None:
    """Three within a minute for each of two: the first counts, four wait, longer than what is asked after."""
    topics, browser = [schools, *(Topic.create(name=name) for name in ("Loans", "Noise"))], sign_in(adam)
    for person in (ada, mona):
        assert "wait for a look" not in browser.get("/needs-me").text, "a few stand one by one"
        for topic in topics:
            Endorsement.give(by=ben, person=person, topic=topic)
    Clock.start(ada, "draft", who=str(adam), text=Phrase("Later than they"), url="/")
    page = browser.get("/needs-me").text
    assert page.index("Later than they") < page.index("4 votes wait for a look")
    assert page.count("<span>Let it count</span>") == 4, "each is answered where it stands"
    home = browser.get("/").text
    assert "Later than they" in home
    assert "4 votes wait for a look" in home
    assert "is held" not in home
    answer(browser, needs(adam)[-1], "release")
    assert "wait for a look" not in browser.get("/").text


def test_who_answers_one_of_many_votes_stays_among_them(
    sign_in: SignIn, ada: Person, ben: Person, mona: Person, fin: Person, adam: Person, schools: Topic
) -> None:
    for topic in [schools, *(Topic.create(name=f"Topic {number}") for number in range(2))]:
        for person in (ada, mona, fin):
            Endorsement.give(by=ben, person=person, topic=topic)
    Clock.start(ada, "promise", who=str(adam), text=Phrase("Something else"), url="/")
    first, second, *others = [need for need in needs(adam) if need.kind != "promise"]
    assert len(others) >= 3
    path = f"/needs-me/{first.id}/answer"
    page = sign_in(adam).post(path, data={"answer": "release"}, headers={"HX-Request": "true"}).text
    assert f'need is-chosen" id="need-{second.id}"' in page
    assert '<details class="why" open>' in page


def test_many_drafts_of_an_import_are_one_line(sign_in: SignIn, ada: Person, schools: Topic) -> None:
    """A handbook whose texts name people left 69 of them, and the promise of today stood below."""
    browser = sign_in(ada)
    for number in range(8):
        assert "drafts wait" not in browser.get("/needs-me").text
        Article.add(by=ada, title=f"Text {number}", body="So.", topics=[schools], published=False)
    Clock.start(ada, "promise", who=str(ada), text=Phrase("Later than they"), url="/")
    page, home = browser.get("/needs-me").text, browser.get("/").text
    assert page.index("Later than they") < page.index("8 drafts wait to be finished") < page.index("Text 0")
    assert len(needs(ada)) == 9, "each is counted"
    assert ("Later than they" in home, "Text 0" in home) == (True, False)
    assert 'href="/needs-me#drafts">8 drafts wait to be finished' in home


def test_a_month_to_close_says_what_it_comes_to_and_leads_to_its_page(
    sign_in: SignIn, ada: Person, fin: Person, fiona: Person
) -> None:
    approved(fin, fiona)
    paid(ada, "1000000.00", date(2026, 5, 10))
    with clock.moved(noon(date(2026, 6, 2))):
        await_closing()
        need = only(fin, "period")
        assert need.url == "/commission/periods/2026-05"
        assert "look at the preview first" in sign_in(fin).get("/needs-me").text
        assert answer(sign_in(fin), need, "close").status_code == 422


def test_a_review_leads_back_to_what_waits(
    sign_in: SignIn, ada: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    handed_in(ada, schools, "学区房怎么看")
    browser, need = sign_in(rita), only(rita, "review")
    assert f'href="{need.url}?back"' in browser.get("/needs-me").text
    assert f'action="{need.url}?back"' in browser.get(f"{need.url}?back").text
    sent = dict.fromkeys(NAMES, "4") | {"verdict": "accept"}
    assert browser.post(f"{need.url}?back", data=sent).headers["location"] == "/needs-me"


def test_what_needs_its_own_page_is_not_answered_by_a_press(
    sign_in: SignIn, ada: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    handed_in(ada, schools, "学区房怎么看")
    assert answer(sign_in(rita), only(rita, "review"), "grant").status_code == 422


def test_htmx_gets_the_list_and_the_number_anew(sign_in: SignIn, ada: Person) -> None:
    promise(ada, Customer.create(name="刘家", owner=ada))
    need = only(ada, "follow-up")
    headers = {"HX-Request": "true"}
    page = sign_in(ada).post(f"/needs-me/{need.id}/answer", data={"answer": "kept"}, headers=headers).text
    assert "<title>" not in page
    assert 'id="needs"' in page
    assert bell(page) == 0
    assert "Kept. Well done." in page


# ------------------------------------------------------------------ notices of what is settled


def settle_review(review: Review) -> None:
    process.complete(
        review, by=review.reviewer, scores=dict.fromkeys(NAMES, 4), verdict="accept", comment="Good."
    )


@pytest.mark.parametrize(
    "settle", [settle_review, lambda review: review.experience.withdraw(by=review.experience.author)]
)
def test_a_notice_goes_when_its_matter_is_settled_by_anybody(
    sign_in: SignIn, ada: Person, rita: Person, rob: Person, schools: Topic, settle: Callable[[Review], None]
) -> None:
    handed_in(ada, schools, "学区房怎么看")
    told = "An experience waits for your review"
    assert told in sign_in(rita).get("/needs-me").text
    assert [n.waits for n in Notice.unread_by(rita)] == [f"{Review.get(Review.reviewer == rita)} review"]
    settle(Review.get(Review.reviewer == rita))
    assert told not in sign_in(rita).get("/needs-me").text
    assert told not in sign_in(rita).get("/").text
    assert Clock.select().where(Clock.running == f"{Review.get(Review.reviewer == rita)} review").count() == 0


def test_a_notice_that_asks_for_nothing_stays(sign_in: SignIn, ada: Person, rita: Person) -> None:
    family = Customer.create(name="刘家", owner=rita)
    family.hand_over(ada, by=rita)
    assert Notice.unread_by(ada).count() == 1
