"""Commission through HTTP: who sees what, how a month closes, how a policy comes into force."""

from __future__ import annotations

import hashlib
import re
from datetime import date, timedelta
from typing import Any

import pytest
from playhouse.test_utils import count_queries

from portal import clock
from portal.clock import Month
from portal.jobs import worker
from portal.models.base.record import Event
from portal.models.commission.adjustments import Adjustment, AdjustmentDecision
from portal.models.commission.back_tests import back_test
from portal.models.commission.disputes import Dispute
from portal.models.commission.merit import Merit
from portal.models.commission.periods import Period
from portal.models.commission.policies import Policy, PolicyAcknowledgement
from portal.models.commission.statements import Acknowledgement, Line, Statement
from portal.models.company.departments import Department
from portal.models.customers.customers import Customer
from portal.models.experiences.reviews import Review
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role
from portal.models.sales import closings
from portal.models.sales.deals import Deal
from portal.models.work.jobs import Job
from tests.client import Client
from tests.commission import JUNE, MAY, accept, approved, close, lesson, noon, paid, undone
from tests.conftest import SignIn
from tests.counting import MOST, queries

MILLION = "1000000.00"
MAY_10 = date(2026, 5, 10)
JUNE_8 = noon(date(2026, 6, 8))
LATER = Month(2099, 1)


@pytest.fixture
def policy(fin: Person, fiona: Person) -> Policy:
    return approved(fin, fiona)


@pytest.fixture
def may(ada: Person, ben: Person, policy: Policy) -> None:
    """Ada earned a million with two accepted experiences, Ben with one."""
    for person, days in ((ada, (4, 8)), (ben, (4,))):
        paid(person, MILLION, MAY_10)
        for day in days:
            lesson(person, noon(date(2026, 5, day)), noon(date(2026, 5, day + 2)))


def at(person: Person, month: str = "2026-05") -> str:
    return f"/commission/statements/{month}/{person.id}"


# statements


def test_statement_says_the_amount_and_why(may: None, ada: Person, ben: Person, sign_in: SignIn) -> None:
    page = sign_in(ada).get(at(ada)).text
    assert "¥20,500.00" in page
    assert "2 of 2 experiences accepted" in page
    assert "0.05 percentage points, which adds ¥500.00" in page
    assert "Lesson of Ada" in page
    page = sign_in(ben).get(at(ben)).text
    assert "¥20,000.00" in page
    assert "1 of 2 experiences accepted" in page
    assert "no bonus" in page
    assert "With 2 it would be ¥500.00 more" in page


def test_closed_statement_reads_the_same(
    may: None, ada: Person, ben: Person, fiona: Person, sign_in: SignIn
) -> None:
    fin = Person.get(Person.email == "fin@example.com")
    close(MAY, fin)
    page = sign_in(ada).get(at(ada)).text
    assert "¥20,500.00" in page
    assert "2 of 2 experiences accepted" in page
    assert Statement.of(ada, MAY).digest[:16] in page  # type: ignore[union-attr]
    assert "1 of 2 experiences accepted" in sign_in(ben).get(at(ben)).text


def test_a_closed_month_without_a_statement_pays_nothing_and_says_where_late_money_comes(
    ada: Person, ben: Person, mona: Person, fin: Person, policy: Policy, sign_in: SignIn
) -> None:
    """Recorded after May was closed: 100,000.00 at 2 % is 2,000.00, in June, once."""
    paid(ben, MILLION, MAY_10)
    close(MAY, fin)
    with clock.moved(JUNE_8):
        before = sign_in(ada).get(at(ada)).text
        assert "Nothing is paid for this month." in before
        assert "not closed yet" not in sign_in(ada).get("/commission").text
        paid(ada, "100000.00", date(2026, 5, 20))
        for reader in (ada, mona, fin):
            with queries() as asked:
                page = sign_in(reader).get(at(ada)).text
            assert len(asked) <= MOST + 1, "with the one that opens the session"
            assert "¥0.00" in page
            assert "What was recorded for it after its close, +¥2,000.00, comes in June 2026." in page
            assert at(ada, "2026-06") in page
            assert "/deals/" not in page.partition("<main")[2]
        june = sign_in(ada).get(at(ada, "2026-06")).text
        assert "True-up for May 2026" in june
        assert "¥2,000.00" in june
        assert Statement.of(ada, MAY) is None
    close(JUNE, fin)
    with clock.moved(noon(date(2026, 7, 8))):
        page = sign_in(ada).get(at(ada)).text
        assert "Nothing is paid for this month." in page
        assert "comes in" not in page, "it came: said once"


def test_every_line_opens_its_deal_its_rule_and_its_experiences(
    may: None, ada: Person, policy: Policy, sign_in: SignIn
) -> None:
    page = sign_in(ada).get(at(ada)).text
    assert "/deals/1" in page
    assert policy.url in page
    assert page.count("/experiences/1") >= 2  # in the line and in the list
    assert "× 2.05% = ¥20,500.00" in page
    assert "without the bonus: ¥1,000,000.00 × 2.00% = ¥20,000.00; ¥500.00 by it" in page


def text_of(page: str) -> str:
    """What a page says, in one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", page.partition("<main")[2]).split())


def test_a_shared_line_is_printed_as_it_was_calculated(
    ada: Person, ben: Person, policy: Policy, sign_in: SignIn
) -> None:
    """100,000.49 x 50 % x 2 % is 1,000.0049: no part is rounded on the way."""
    paid(ada, "100000.49", MAY_10, shares={ada: 500_000, ben: 500_000})
    for person in (ada, ben):
        said = text_of(sign_in(person).get(at(person)).text)
        assert "¥100,000.49 × 50.00% × 2.00% = ¥1,000.00" in said
        assert "50,000.24 ×" not in said
        assert "50,000.25 ×" not in said


def test_a_true_up_is_printed_as_the_difference_of_two_products(
    may: None, ben: Person, fin: Person, sign_in: SignIn
) -> None:
    late = lesson(ben, noon(date(2026, 5, 20)))
    close(MAY, fin)
    late.state, late.decided_at = "accepted", JUNE_8
    late.save()
    accept(late, JUNE_8)
    said = text_of(sign_in(ben).get(at(ben, "2026-06")).text)
    assert "paid at 2.00%, due at 2.05%" in said
    assert "¥1,000,000.00 × 2.05% = ¥20,500.00 − ¥1,000,000.00 × 2.00% = ¥20,000.00 = +¥500.00" in said
    close(JUNE, fin)
    assert "× 2.05% = ¥20,500.00 − ¥1,000,000.00 × 2.00% = ¥20,000.00 = +¥500.00" in text_of(
        sign_in(ben).get(at(ben, "2026-06")).text
    ), "kept as it was calculated"


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("ada", 200),
        ("mona", 200),
        ("fin", 200),
        ("audrey", 200),
        ("ben", 404),
        ("stan", 404),
        ("rita", 404),
        ("adam", 404),
    ],
)
def test_a_statement_is_for_payee_manager_finance_and_auditor(
    who: str, status: int, request: pytest.FixtureRequest, may: None, ada: Person, sign_in: SignIn
) -> None:
    assert sign_in(request.getfixturevalue(who)).get(at(ada)).status_code == status


def test_anonymous_signs_in_first(client: Client) -> None:
    assert client.get("/commission").status_code == 303


@pytest.mark.parametrize("month", ["2026-13", "May", "2026-5", "0000-01", "99999-01"])
def test_a_month_that_is_none_is_not_found(month: str, ada: Person, sign_in: SignIn) -> None:
    assert sign_in(ada).get(at(ada, month)).status_code == 404


def test_a_month_without_anything_says_so(ada: Person, policy: Policy, sign_in: SignIn) -> None:
    assert "No commissionable money came in this month." in sign_in(ada).get(at(ada, "2017-03")).text


def test_without_a_policy_the_page_says_so(ada: Person, sign_in: SignIn) -> None:
    assert "No approved policy holds in this month" in sign_in(ada).get(at(ada)).text


def test_what_is_missing_is_listed(ada: Person, fin: Person, policy: Policy, sign_in: SignIn) -> None:
    paid(ada, "100.00", MAY_10, customer=None)
    page = sign_in(ada).get(at(ada)).text
    assert "Not payable yet" in page
    (deal,) = Deal.select()
    assert f'missing: <a href="/deals/{deal.id}/edit#customer">customer</a>' in page
    assert "missing: customer" in sign_in(fin).get(at(ada)).text  # who may not fill it in is led nowhere


def test_what_was_accepted_and_did_not_work_for_colleagues_is_not_said_to_be_lacking(
    ada: Person, fin: Person, fiona: Person, sign_in: SignIn
) -> None:
    """Also where the month is closed and says no more for how many it worked."""
    approved(fin, fiona, uses_needed=2)
    paid(ada, "100.00", MAY_10)
    lesson(ada, noon(MAY_10), noon(MAY_10))
    browser = sign_in(ada)
    with clock.moved(noon(MAY_10)):
        assert "0 of 2 count for May 2026" in browser.get("/experiences").text
    for is_closed in (False, True):
        if is_closed:
            close(MAY, fin)
        page = browser.get(at(ada)).text
        assert "0 of 2 experiences count" in page
        assert ("worked for 0 of 2 colleagues so far" in page) is not is_closed
        assert ("None counts for this month." in page) is is_closed
        assert "None was accepted" not in page


def test_what_is_missing_of_a_customer_leads_to_the_customer(
    ada: Person, fin: Person, fiona: Person, sign_in: SignIn
) -> None:
    approved(fin, fiona, requires=["customer", "product", "customer_type"])
    buyer = Customer.create(name="Zhou", owner=ada)
    paid(ada, "100.00", MAY_10, customer=buyer, product=None)
    browser = sign_in(ada)
    page, (deal,) = browser.get(at(ada)).text, Deal.select()
    assert f'<a href="/deals/{deal.id}/edit#product">product</a>, ' in page
    assert f'<a href="/customers/{buyer.id}/edit#type">customer type</a>' in page
    assert 'id="product"' in browser.get(f"/deals/{deal.id}/edit").text
    assert 'id="type"' in browser.get(f"/customers/{buyer.id}/edit").text


def test_payee_confirms_having_seen_it_once(may: None, ada: Person, fin: Person, sign_in: SignIn) -> None:
    close(MAY, fin)
    statement = Statement.of(ada, MAY)
    assert statement
    browser = sign_in(ada)
    for _ in range(2):
        assert browser.post(f"/commission/statements/{statement.id}/acknowledgement").status_code == 303
    assert Acknowledgement.select().count() == 1
    assert sign_in(fin).post(f"/commission/statements/{statement.id}/acknowledgement").status_code == 403


def test_my_page_shows_this_month_and_what_was_closed(
    may: None, ada: Person, fin: Person, sign_in: SignIn
) -> None:
    close(MAY, fin)
    with clock.moved(JUNE_8):
        page = sign_in(ada).get("/commission").text
    assert "June 2026 so far" in page
    assert "¥20,500.00" in page


def test_manager_sees_the_team(may: None, ada: Person, mona: Person, sign_in: SignIn) -> None:
    page = sign_in(mona).get("/commission/team?month=2026-05").text
    assert "¥20,500.00" in page
    assert "¥20,000.00" in page
    assert sign_in(ada).get("/commission/team").status_code == 403


def test_the_teams_months_end_with_this_one(may: None, mona: Person, sign_in: SignIn) -> None:
    browser, path = sign_in(mona), "/commission/team?month="
    with clock.moved(JUNE_8):
        assert 'rel="next"' not in browser.get(f"{path}2026-06").text
        assert f'href="{path}2026-06" rel="next"' in browser.get(f"{path}2026-05").text
        assert browser.get(f"{path}2026-07").status_code == 404


def test_look_up_leads_to_any_person_and_month(
    may: None, ada: Person, ben: Person, fin: Person, sign_in: SignIn
) -> None:
    answer = sign_in(fin).get(f"/commission/statements?person=%23{ada.id}&month=2017-05")
    assert (answer.status_code, answer.headers["location"]) == (303, at(ada, "2017-05"))
    assert sign_in(ada).get(f"/commission/statements?person=%23{ben.id}&month=2017-05").status_code == 422
    assert sign_in(fin).get(f"/commission/statements?person=%23{ada.id}&month=x").status_code == 422


# months


def test_a_month_is_previewed_closed_exported_and_paid(
    may: None, ada: Person, fin: Person, fiona: Person, adam: Person, sign_in: SignIn
) -> None:
    policy = Policy.get()
    closer, payer = sign_in(fin), sign_in(fiona)
    with clock.moved(JUNE_8):
        assert "Run the preview" in closer.get("/commission/periods/2026-05").text
        assert closer.post("/commission/periods/2026-05/preview").status_code == 303
        assert "Calculating everyone" in closer.get("/commission/periods/2026-05").text
        worker.drain()
        Person.update(name_en="Ada Lovelace").where(Person.id == ada.id).execute()
        page = closer.get("/commission/periods/2026-05").text
        assert "Ada Lovelace" in page, "in English a payee is called by the English name"
        assert "Closing fixes 2 statements of ¥40,500.00 in all" in page
        assert Line.select().count() == 0
        assert payer.post("/commission/periods/2026-05/close").status_code == 403  # she approved the policy
        unseen = closer.post("/commission/periods/2026-05/close")
        assert unseen.status_code == 422
        assert "It is closed from a preview: look at its numbers first." in unseen.text
        seen = {"seen": Period.get().digest}
        for _ in range(2):
            assert closer.post("/commission/periods/2026-05/close", data=seen).status_code == 303
        worker.drain()
        period = Period.get()
        assert (period.state, period.closed_by_id, period.total) == ("closed", fin.id, 40_500_00)
        assert Event.select().where(Event.verb == "closed").count() == 1
        assert Notice.select().where(Notice.key == f"statement 2026-05 {ada.id}").count() == 1
        assert closer.post("/commission/periods/2026-05/export").status_code == 403
        first = payer.post("/commission/periods/2026-05/export")
        again = payer.post("/commission/periods/2026-05/export")
        assert first.content == again.content
        assert closer.post("/commission/periods/2026-05/payment").status_code == 403
        for _ in range(2):
            assert payer.post("/commission/periods/2026-05/payment").status_code == 303
    assert Period.get().state == "paid"
    assert Event.select().where(Event.verb == "exported").count() == 2
    assert policy.fresh().state == "approved"


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "＝HYPERLINK(1)"])
def test_the_payroll_file_holds_its_own_checksum(
    may: None, fin: Person, fiona: Person, sign_in: SignIn, name: str
) -> None:
    """No name is a formula in it, as no cell of any other list is: also one with a full-width sign."""
    Person.update(name=name).where(Person.employee_no == "E002").execute()
    close(MAY, fin)
    content = sign_in(fiona).post("/commission/periods/2026-05/export").content
    *rows, last = content.decode("utf-8-sig").splitlines()
    assert rows[0] == "employee_no,name,period,currency,amount,checksum"
    sealed = hashlib.sha256(b"E001|Ada|2026-05|CNY|20500.00").hexdigest()[:16]
    assert rows[1] == f"E001,Ada,2026-05,CNY,20500.00,{sealed}"
    written = f"E002,'{name},2026-05,CNY,20000.00"
    assert rows[2] == f"{written},{hashlib.sha256(written.replace(',', '|').encode()).hexdigest()[:16]}"
    body = content[: content.rindex(b"sha256,")]
    assert last == f"sha256,{hashlib.sha256(body).hexdigest()}"
    Person.update(name="Renamed").execute()
    assert sign_in(fiona).post("/commission/periods/2026-05/export").content == content


def test_a_month_that_is_not_over_stays_open(may: None, fin: Person, sign_in: SignIn) -> None:
    with clock.moved(noon(date(2026, 5, 31))):
        answer = sign_in(fin).post("/commission/periods/2026-05/close")
        assert answer.status_code == 422
        assert "This month is not over yet" in answer.text
    assert not Job.select().exists()


def test_nothing_is_exported_or_paid_before_the_close(may: None, fiona: Person, sign_in: SignIn) -> None:
    assert sign_in(fiona).post("/commission/periods/2026-05/export").status_code == 422
    assert sign_in(fiona).post("/commission/periods/2026-05/payment").status_code == 422


def test_a_closed_month_is_not_previewed_again(may: None, fin: Person, sign_in: SignIn) -> None:
    close(MAY, fin)
    assert sign_in(fin).post("/commission/periods/2026-05/preview").status_code == 422


def test_who_scores_experiences_does_not_close(may: None, fin: Person, sign_in: SignIn) -> None:
    fin.grant(Role.REVIEWER, by=None)
    with clock.moved(JUNE_8):
        assert sign_in(fin.fresh()).post("/commission/periods/2026-05/close").status_code == 403


@pytest.mark.parametrize(
    ("who", "status"), [("fin", 200), ("audrey", 200), ("ada", 403), ("mona", 403), ("adam", 403)]
)
def test_months_are_for_finance_and_the_auditor(
    who: str, status: int, request: pytest.FixtureRequest, policy: Policy, sign_in: SignIn
) -> None:
    browser = sign_in(request.getfixturevalue(who))
    assert browser.get("/commission/periods").status_code == status
    assert browser.get("/commission/periods/2026-05").status_code == status
    if who != "fin":
        assert browser.post("/commission/periods/2026-05/preview").status_code == 403
        assert browser.post("/commission/periods/2026-05/close").status_code == 403


def test_what_the_scheme_cost_is_found_from_the_months(
    fin: Person, policy: Policy, audrey: Person, sign_in: SignIn
) -> None:
    for who in (fin, audrey):
        assert 'href="/effect#cost"' in sign_in(who).get("/commission/periods").text


def test_progress_is_shown_and_leads_back(may: None, fin: Person, sign_in: SignIn) -> None:
    browser = sign_in(fin)
    with clock.moved(JUNE_8):
        browser.post("/commission/periods/2026-05/preview")
        part = browser.get("/commission/periods/2026-05/progress", headers={"HX-Request": "true"})
        assert 'id="work"' in part.text
        assert "<title>" not in part.text
        worker.drain()
        done = browser.get("/commission/periods/2026-05/progress", headers={"HX-Request": "true"})
    assert done.headers["HX-Redirect"] == "/commission/periods/2026-05"


# policies

TERMS = {
    "name": "2026 second half",
    "effective_from": "2026-07",
    "base_rate": "2",
    "threshold_1": "2",
    "bonus_1": "0.05",
    "operator": ">=",
    "bonus_mode": "percentage_points",
    "count_by": "submitted_at",
    "earn_trigger": "payment",
    "preview_working_day": "1",
    "close_working_day": "4",
    "revocation_months": "6",
    "max_recovery_share": "20",
}


def test_a_policy_needs_a_second_person(fin: Person, fiona: Person, ada: Person, sign_in: SignIn) -> None:
    author, second = sign_in(fin), sign_in(fiona)
    answer = author.post("/commission/policies/new", data=TERMS)
    assert answer.status_code == 303
    policy = Policy.get()
    assert (policy.base_rate, policy.tiers, policy.state) == (20_000, [[2, 500]], "draft")
    assert (policy.preview_working_day, policy.close_working_day) == (1, 4)
    assert sign_in(ada).get(policy.url).status_code == 404
    assert author.post(f"{policy.url}/proposal").status_code == 303
    page = second.get(policy.url).text
    assert "¥20,500.00" in page
    assert "¥20,010.00" in page
    assert author.post(f"{policy.url}/approval", data={"compared": "y"}).status_code == 403
    assert second.post(f"{policy.url}/approval", data={}).status_code == 422
    for _ in range(2):
        assert second.post(f"{policy.url}/approval", data={"compared": "y"}).status_code == 303
    assert policy.fresh().state == "approved"
    assert sign_in(ada).post(f"{policy.url}/acknowledgement").status_code == 303
    assert PolicyAcknowledgement.select().count() == 1


def test_a_version_whose_month_has_begun_is_not_offered_for_approval(
    policy: Policy, fin: Person, fiona: Person, sign_in: SignIn
) -> None:
    """Who would approve it reads so before they compare anything, and sends it back (RULES 4.1)."""
    draft = Policy.draft(by=fin, name="2026 b", effective_from=Month.of(clock.today()).next)
    draft.propose(by=fin)
    second = sign_in(fiona)
    assert f'action="{draft.url}/approval"' in second.get(draft.url).text
    with clock.moved(draft.effective_from.start):
        second = sign_in(fiona)  # on the first of a month of 31 days a session has ended by then
        page = second.get(draft.url).text
        assert f'action="{draft.url}/approval"' not in page
        assert "This month has begun" in page
        assert "Send it back, for its author to choose another month." in page
        assert (
            second.post(f"{draft.url}/return", data={"reason": "Too late for that month"}).status_code == 303
        )


def test_comparing_the_readings_comes_first(fin: Person, fiona: Person, sign_in: SignIn) -> None:
    policy = Policy.draft(
        by=fin, name="Five percent", effective_from=JUNE, base_rate=50_000, tiers=[[3, 1000]]
    )
    policy.propose(by=fin)
    page = sign_in(fiona).get(policy.url).text
    assert "On ¥1,000,000.00 of deals, with 3 accepted experiences and a bonus of 0.10%" in page
    refused = sign_in(fiona).post(f"{policy.url}/approval", data={})
    # 1,000,000 x 0.1 % = 1,000; 50,000 x 0.1 % = 50: twenty-fold here
    assert "one adds ¥1,000.00 to the example, the other ¥50.00" in refused.text


@pytest.mark.parametrize(
    ("terms", "promise"),
    [
        ({}, "the rate of that month rises by 0.05 percentage points"),
        ({"bonus_mode": "relative_percent"}, "the commission of that month rises by 0.05% of itself"),
    ],
)
def test_of_a_month_that_is_over_nobody_is_told_to_write_more_for_it(
    terms: dict[str, Any], promise: str, fin: Person, fiona: Person, ada: Person, sign_in: SignIn
) -> None:
    approved(fin, fiona, **terms)
    made = lesson(ada, noon(date(2026, 5, 4)), noon(date(2026, 5, 6)))
    with clock.moved(noon(date(2026, 5, 20))):
        page = sign_in(ada).get(made.url).text
    assert "this month rises" in page
    assert "The month is over" not in page
    with clock.moved(noon(date(2026, 6, 2))):
        page = sign_in(ada).get(made.url).text
        assert f"With 2, {promise}" in page
        assert "The month is over, and nothing of it waits for a decision." in page
        assert "this month rises" not in page
        waits = lesson(ada, noon(date(2026, 5, 30)))
        assert waits.state == "submitted"
        assert "The month is over" not in sign_in(ada).get(made.url).text


def test_a_statement_offers_to_write_one_while_it_can_count(
    fin: Person, fiona: Person, ada: Person, sign_in: SignIn
) -> None:
    approved(fin, fiona)
    for day, offered in ((date(2026, 5, 31), True), (date(2026, 6, 1), False)):
        with clock.moved(noon(day)):
            page = sign_in(ada).get(f"/commission/statements/{MAY}/{ada.id}").text
        assert "None was accepted for this month." in page
        assert (">Write one<" in page) == offered


@pytest.mark.parametrize(
    ("terms", "needed", "promise"),
    [
        ({"tiers": [[3, 1234]]}, 3, "your rate this month rises by 0.1234 percentage points"),
        ({"tiers": [[2, 500]], "operator": ">"}, 3, "your rate this month rises by 0.05 percentage points"),
        (
            {"tiers": [[3, 500]], "bonus_mode": "relative_percent"},
            3,
            "your commission this month rises by 0.05% of itself",
        ),
        ({"tiers": [[1, 800]]}, 1, "your rate this month rises by 0.08 percentage points"),
    ],
)
def test_every_page_says_what_the_policy_asks_and_gives(
    terms: dict[str, Any],
    needed: int,
    promise: str,
    fin: Person,
    fiona: Person,
    ada: Person,
    sign_in: SignIn,
) -> None:
    approved(fin, fiona, **terms)
    deal = Deal.open(by=ada, title="Garage")
    closings.lose(deal, by=ada, reason="price", on=clock.today())
    browser = sign_in(ada)
    offered = browser.get(f"/deals/{deal.id}").text
    assert "Accepted, it appears under your name." in offered
    raising = "One accepted in a month raises" if needed == 1 else f"{needed} accepted in a month raise"
    assert f"{raising} your commission rate." in offered
    assert f"With {needed}, {promise}" in browser.get("/experiences").text
    assert f"0 of {needed}" in browser.get("/").text
    paid(ada, MILLION, clock.today())
    assert f"0 of {needed} experiences accepted" in browser.get("/commission").text
    month = Month.of(clock.now())
    for _ in range(needed - 1):
        lesson(ada, clock.now(), clock.now())
    assert not Merit.of(ada, month).reached  # type: ignore[union-attr]
    assert f"With {needed} it would be" in browser.get("/commission").text or needed == 1
    lesson(ada, clock.now(), clock.now())
    assert Merit.of(ada, month).reached  # type: ignore[union-attr]
    assert "With " not in browser.get("/commission").text


def test_without_a_policy_a_deal_promises_nothing(ada: Person, sign_in: SignIn) -> None:
    deal = Deal.open(by=ada, title="Garage")
    closings.lose(deal, by=ada, reason="price", on=clock.today())
    assert "in a month raise" not in sign_in(ada).get(f"/deals/{deal.id}").text


def test_an_approved_policy_cannot_be_edited(policy: Policy, fin: Person, sign_in: SignIn) -> None:
    answer = sign_in(fin).post(
        f"{policy.url}/edit", data=TERMS | {"base_rate": "9", "version": str(policy.version)}
    )
    assert answer.status_code == 422
    assert policy.fresh().base_rate == 20_000


def test_a_stale_edit_of_a_draft_keeps_what_was_typed(fin: Person, sign_in: SignIn) -> None:
    browser = sign_in(fin)
    browser.post("/commission/policies/new", data=TERMS)
    policy = Policy.get()
    assert (
        browser.post(f"{policy.url}/edit", data=TERMS | {"base_rate": "3", "version": "1"}).status_code == 303
    )
    answer = browser.post(f"{policy.url}/edit", data=TERMS | {"name": "Mine", "version": "1"})
    assert answer.status_code == 409
    assert 'value="Mine"' in answer.text
    assert policy.fresh().base_rate == 30_000


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"effective_from": "2026-13"},
        {"base_rate": "two"},
        {"threshold_1": "0"},
        {"threshold_2": "4"},
        {"threshold_2": "4", "bonus_2": "0.01"},
        {"rates": "NOPE = 3"},
        {"bonus_mode": "magic"},
    ],
)
def test_terms_that_cannot_be_are_refused_with_the_text_kept(
    wrong: dict[str, str], fin: Person, sign_in: SignIn
) -> None:
    answer = sign_in(fin).post("/commission/policies/new", data=TERMS | {"note": "kept words"} | wrong)
    assert answer.status_code == 422
    assert "kept words" in answer.text
    assert not Policy.select().exists()


def test_a_sent_back_proposal_is_a_draft_again(fin: Person, fiona: Person, sign_in: SignIn) -> None:
    sign_in(fin).post("/commission/policies/new", data=TERMS)
    policy = Policy.get()
    sign_in(fin).post(f"{policy.url}/proposal")
    assert sign_in(fiona).post(f"{policy.url}/return", data={"reason": ""}).status_code == 422
    assert (
        sign_in(fiona).post(f"{policy.url}/return", data={"reason": "2 % is too little"}).status_code == 303
    )
    assert policy.fresh().state == "draft"


@pytest.mark.parametrize("who", ["ada", "mona", "adam", "audrey"])
def test_only_finance_drafts(who: str, request: pytest.FixtureRequest, sign_in: SignIn) -> None:
    assert (
        sign_in(request.getfixturevalue(who)).post("/commission/policies/new", data=TERMS).status_code == 403
    )


# adjustments and disputes


def test_an_adjustment_is_proposed_by_one_and_decided_by_another(
    ada: Person, fin: Person, fiona: Person, policy: Policy, sign_in: SignIn
) -> None:
    facts = {
        "person": f"#{ada.id}",
        "month": "2026-05",
        "amount": "-12.50",
        "reason": "Paid twice in April",
        "key": "k",
    }
    author = sign_in(fin)
    for _ in range(2):
        assert author.post("/commission/adjustments/new", data=facts).status_code == 303
    one = Adjustment.get()
    assert (Adjustment.select().count(), one.amount) == (1, -12_50)
    decision = f"/commission/adjustments/{one.id}/decision"
    assert author.post(decision, data={"answer": "approve"}).status_code == 403
    assert sign_in(ada).post(decision, data={"answer": "approve"}).status_code == 404
    assert [need.kind for need in needs(fiona) if need.kind == "adjustment"] == ["adjustment"]
    for _ in range(2):
        assert sign_in(fiona).post(decision, data={"answer": "approve"}).status_code == 303
    assert AdjustmentDecision.select().count() == 1
    assert "Paid twice in April" in author.get("/commission/adjustments").text


def test_a_form_s_key_is_nobody_else_s(
    may: None, ada: Person, ben: Person, fin: Person, fiona: Person, sign_in: SignIn
) -> None:
    """An adjustment sent under the key of a dispute to come leaves that dispute its own; and a form that is sent
    again for somebody else is not taken for done.
    """
    facts = {"month": "2026-05", "amount": "1.00", "reason": "Paid too little", "key": "dispute-1"}
    assert (
        sign_in(fin).post("/commission/adjustments/new", data={**facts, "person": f"#{ben.id}"}).status_code
        == 303
    )
    assert Adjustment.get().dispute_url == ""
    again = sign_in(fin).post("/commission/adjustments/new", data={**facts, "person": f"#{ada.id}"})
    assert (again.status_code, "sent already" in again.text) == (422, True)
    close(MAY, fin)
    statement = Statement.of(ada, MAY)
    assert statement is not None
    line = Line.of(statement)[0]
    with clock.moved(JUNE_8):
        dispute = Dispute.open(statement, line, "One line is missing.", by=ada)
        assert dispute.id == 1
        dispute.uphold("One line was missing indeed.", 5_00, by=fiona)
        assert [one.amount for one in Adjustment.select().order_by(Adjustment.id)] == [1_00, 5_00]


def test_a_debt_is_shown_in_a_month_without_a_policy(
    ada: Person, fin: Person, fiona: Person, sales: Department, sign_in: SignIn
) -> None:
    """2,000.00 paid for May go back in June, when nothing is earned: carried on, whatever holds then."""
    approved(fin, fiona, department=sales)
    line = paid(ada, "100000.00", MAY_10)
    close(MAY, fin)
    undone(line, date(2026, 6, 3))
    Person.update(department=None).where(Person.id == ada.id).execute()
    with clock.moved(JUNE_8):
        answer = sign_in(ada).get(at(ada, "2026-06"))
    assert answer.status_code == 200
    assert "¥2,000.00" in answer.text
    close(JUNE, fin)
    with clock.moved(noon(date(2026, 7, 8))):
        assert sign_in(ada).get(at(ada, "2026-07")).status_code == 200


def test_bad_adjustments_keep_what_was_typed(ada: Person, fin: Person, sign_in: SignIn) -> None:
    facts = {"person": f"#{ada.id}", "month": "2026-05", "amount": "0", "reason": "no money at all"}
    answer = sign_in(fin).post("/commission/adjustments/new", data=facts)
    assert answer.status_code == 422
    assert "no money at all" in answer.text
    with clock.moved(JUNE_8):
        assert 'value="2026-06"' in sign_in(fin).get("/commission/adjustments/new").text, "usually this month"
    assert sign_in(ada).get("/commission/adjustments/new").status_code == 403


def test_a_dispute_is_raised_answered_and_paid(
    may: None, ada: Person, fin: Person, fiona: Person, adam: Person, sign_in: SignIn
) -> None:
    close(MAY, fin)
    statement = Statement.of(ada, MAY)
    assert statement
    line = Line.get(Line.statement == statement)
    new = f"/commission/statements/{statement.id}/disputes/new?line={line.id}"
    payee, answerer = sign_in(ada), sign_in(fiona)
    with clock.moved(JUNE_8):
        assert payee.post(new, data={"text": "short"}).status_code == 422
        for _ in range(2):
            assert payee.post(new, data={"text": "This deal was 1,100,000."}).status_code == 303
        dispute = Dispute.get()
        assert Dispute.select().count() == 1
        assert clock.local(dispute.due_at).date() == date(2026, 6, 15)
        resolution = f"{dispute.url}/resolution"
        assert sign_in(fin).post(resolution, data={"outcome": "rejected", "text": "No."}).status_code == 403
        assert (
            answerer.post(resolution, data={"outcome": "upheld", "text": "You are right."}).status_code == 422
        )
        answerer.post(resolution, data={"outcome": "ask", "text": "Which contract?"})
        assert dispute.fresh().state == "info needed"
        payee.post(f"{dispute.url}/messages", data={"text": "Contract 17."})
        assert dispute.fresh().state == "open"
        data = {"outcome": "upheld", "text": "Yes.", "amount": "2050"}
        assert answerer.post(resolution, data=data).status_code == 422
        data |= {"text": "You are right."}
        for _ in range(2):
            assert answerer.post(resolution, data=data).status_code == 303
    assert (dispute.fresh().state, Adjustment.select().count()) == ("upheld", 1)
    assert Adjustment.get().reason == "You are right.", "in the words of who answered, in their language"
    assert f'href="{dispute.url}"' in answerer.get("/commission/adjustments").text
    Adjustment.get().decide(by=adam, approve=True)
    assert "¥2,050.00" in payee.get(at(ada, "2026-06")).text
    assert "Contract 17." in answerer.get(dispute.url).text


def test_disputes_end_after_ten_working_days(
    may: None, ada: Person, ben: Person, fin: Person, sign_in: SignIn
) -> None:
    closed_at = close(MAY, fin).closed_at  # Friday 5 June 2026, noon; Friday 19 June is Dragon Boat Festival
    statement = Statement.of(ada, MAY)
    assert statement
    assert closed_at
    new = f"/commission/statements/{statement.id}/disputes/new"
    text = {"text": "A deal is missing here."}
    # the tenth day is Monday 22 June: Friday 19 June is the Dragon Boat Festival
    with clock.moved(closed_at + timedelta(days=17, seconds=1)):
        assert sign_in(ada).post(new, data=text).status_code == 422
    with clock.moved(closed_at + timedelta(days=17)):
        assert sign_in(ada).post(new, data=text).status_code == 303
    assert sign_in(ben).post(new, data=text).status_code == 404
    assert sign_in(fin).post(new, data=text).status_code == 403
    dispute = Dispute.get()
    assert sign_in(ben).get(dispute.url).status_code == 404
    assert sign_in(ada).post(f"{dispute.url}/withdrawal").status_code == 303
    assert dispute.fresh().state == "withdrawn"


def test_a_reviewer_of_the_item_does_not_resolve(
    may: None, ada: Person, fin: Person, fiona: Person, sign_in: SignIn
) -> None:
    close(MAY, fin)
    statement = Statement.of(ada, MAY)
    assert statement
    with clock.moved(JUNE_8):
        dispute = Dispute.open(statement, None, "A deal is missing here.", by=ada)
    assert dispute.resolvable_by(fiona)
    item = statement.inputs["experiences"][0][0]
    Review.create(experience=item, round=1, reviewer=fiona, due_at=JUNE_8)
    assert not dispute.resolvable_by(fiona)


# budgets


@pytest.mark.parametrize(
    "path", ["/commission", "/commission/statements/2026-05/{ada}", "/commission/statements/2026-06/{ada}"]
)
def test_pages_ask_at_most_twelve_questions_of_the_database(
    path: str, may: None, ada: Person, fin: Person, sign_in: SignIn
) -> None:
    close(MAY, fin)
    for number in range(30):
        paid(ada, "100.00", date(2026, 6, 1 + number % 28))
    browser = sign_in(ada)
    with clock.moved(JUNE_8):
        browser.get("/account")  # what waits for her is counted every 20 seconds, not by each page
        with count_queries(only_select=True) as counted:
            assert browser.get(path.format(ada=ada.id)).status_code == 200
    assert counted.count <= 12, [query.msg for query in counted.get_queries()]
    assert Period.of(JUNE).state == "open"


def test_a_policy_shows_who_gains_to_those_who_read_their_pay(
    may: None, ada: Person, ben: Person, fin: Person, fiona: Person, adam: Person, sign_in: SignIn
) -> None:
    close(MAY, fin)
    policy = Policy.draft(by=fin, name="Double", effective_from=Month(2099, 1), base_rate=40_000)
    sign_in(fin).post(f"{policy.url}/proposal")
    browser = sign_in(fiona)
    with queries() as asked:
        html = browser.get(policy.url).text
    assert len(asked) <= MOST, "\n".join(asked)
    assert "2 people gain" in html
    assert "Ada" in html[html.index("back-test") : html.index("terms-title")]
    administrators = sign_in(adam).get(policy.url).text
    assert "2 people gain" in administrators
    assert (
        "Ada" not in administrators[administrators.index("back-test") : administrators.index("terms-title")]
    )
    policy.fresh().approve(by=fiona)
    mine = sign_in(ada).get(policy.url).text
    assert "For you: ¥20,500.00, would have been ¥40,500.00" in mine
    assert "Ben" not in mine


def test_what_a_version_would_have_cost_tells_a_payee_their_own_alone(
    may: None, ada: Person, ben: Person, fin: Person, fiona: Person, sign_in: SignIn
) -> None:
    """Two are covered: of a sum, each would take their own and read the other's."""
    close(MAY, fin)
    double = Policy.draft(by=fin, name="Double", effective_from=LATER, base_rate=40_000)
    with clock.moved(JUNE_8):
        back_test(double, by=fin)
        double.approve(by=fiona, compared=True)
    assert "2 people gain" in sign_in(fin).get(double.url).text
    html = sign_in(ben).get(double.url).text
    card = html[html.index('id="back-test"') : html.index('id="terms"')]
    # 1,000,000 x 2 % and x 4 %: one experience adds nothing
    assert re.findall(r"¥[\d,]+[.]\d\d", card) == ["¥20,000.00", "¥40,000.00"]
    assert "For you" in card
    assert "gain" not in card


def test_what_payees_are_told_about_recovery_stands_line_by_line(
    ada: Person, fin: Person, fiona: Person, sign_in: SignIn
) -> None:
    approved(fin, fiona, recovery_text="First <HR> asks you.\nThen you answer.")
    line = paid(ada, "100000.00", date(2026, 5, 10))
    close(MAY, fin)
    undone(line, date(2026, 6, 9))
    with clock.moved(noon(date(2026, 6, 12))):
        page = sign_in(ada).get(f"/commission/statements/2026-06/{ada.id}").text
    assert re.search(
        r'<p class="keep-lines"[^>]*>First &lt;HR&gt; asks you.(<br>)?\nThen you answer.</p>', page
    )


def test_who_is_told_nothing_else_reads_that_hr_confirms_what_is_taken_back(
    ada: Person, policy: Policy, fin: Person, sign_in: SignIn
) -> None:
    """RULES 4.1: HR must confirm; at most a fifth of a month."""
    line = paid(ada, "100000.00", date(2026, 5, 10))
    close(MAY, fin)
    undone(line, date(2026, 6, 9))
    with clock.moved(noon(date(2026, 6, 12))):
        page = sign_in(ada).get(at(ada, "2026-06")).text
    assert "may not take more than 20.00% of a month" in page
    assert "Your human resources department confirms every recovery." in page
