"""Before and after a close: what would be left out, what changed since the preview, whom payroll cannot pay."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest

from portal import clock
from portal.jobs import worker
from portal.models.base.record import Event
from portal.models.commission import closing
from portal.models.commission.adjustments import Adjustment
from portal.models.commission.periods import Period
from portal.models.commission.statements import Line, Statement
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role
from portal.models.sales.lines import DealLine
from portal.models.work.jobs import Job
from tests.client import Client
from tests.commission import JULY, JUNE, MAY, approved, close, deal_of, lesson, noon, paid, undone, words
from tests.conftest import SignIn

JUNE_8 = noon(date(2026, 6, 8))
MAY_10 = date(2026, 5, 10)
PAGE = "/commission/periods/2026-05"


@pytest.fixture
def may(ada: Person, ben: Person, fin: Person, fiona: Person) -> None:
    """Ada and Ben received 1,000,000.00 each: 20,000.00 for each at 2 %."""
    approved(fin, fiona)
    with clock.moved(noon(MAY_10)):
        for person in (ada, ben):
            paid(person, "1000000.00", MAY_10)


def previewed(closer: Client, at: datetime = JUNE_8) -> str:
    with clock.moved(at):
        assert closer.post(f"{PAGE}/preview").status_code == 303
        worker.drain()
        return closer.get(PAGE).text


def seen(page: str) -> str:
    found = re.search(r'name="seen"\s+value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


def test_the_check_list_names_what_a_close_would_leave_out(
    may: None, ada: Person, ben: Person, fin: Person, sign_in: SignIn
) -> None:
    Person.update(employee_no=None).where(Person.id == ben.id).execute()
    with clock.moved(noon(MAY_10)):
        paid(ada, "500.00", MAY_10, customer=None)  # lacks its customer
        DealLine.receive(deal_of(ada, "300.00"), by=ada, amount=300_00, on=MAY_10)
    lesson(ada, noon(date(2026, 5, 20)))
    page = previewed(sign_in(fin))
    assert "Previewed" in page
    assert "Nothing came since the preview." in page
    assert "One amount of ¥500.00 is not payable yet" in page
    assert "One payee has no employee number" in page
    assert f'<a href="/people/{ben.id}">Ben</a>' in page
    assert "One payment of ¥300.00 waits for finance" in page
    assert "One experience of this month waits for its decision" in page
    assert "Close for ever: 2 people, ¥40,000.00" in page


def test_who_closes_reads_which_adjustments_wait_and_that_payees_still_look(
    may: None, ada: Person, fin: Person, fiona: Person, sign_in: SignIn
) -> None:
    """Closed first, what a second person approves afterwards is paid a month later."""
    closer, waits = sign_in(fin), "One adjustment of +¥260.00 waits for a second person"
    june_5, june_5_ends = noon(date(2026, 6, 5)), clock.start_of(date(2026, 6, 6))
    with clock.moved(noon(date(2026, 6, 2))):
        made = Adjustment.propose(ada, MAY, 260_00, "A fee she advanced", by=fiona)
        Adjustment.propose(ada, MAY.next, 50_00, "Not about this month", by=fiona)
    page = previewed(closer, june_5)
    assert waits in page
    assert 'href="/commission/adjustments"' in page
    assert "Until then payees look at their preview" in page
    with clock.moved(june_5_ends):
        assert "Until then payees look" not in closer.get(PAGE).text
        made.decide(by=fin, approve=True)
        page = closer.get(PAGE).text
        assert waits not in page
        assert "One thing was recorded or decided since the preview" in page


def test_who_closes_a_month_before_the_one_that_precedes_it_reads_so(
    may: None, fin: Person, sign_in: SignIn
) -> None:
    closer, june = sign_in(fin), "/commission/periods/2026-06"
    previewed(closer)
    with clock.moved(noon(date(2026, 7, 2))):
        assert "The month before is not closed yet: May 2026" in sign_in(fin).get(june).text
        closing.close(MAY, by=fin.id)
        assert "The month before is not closed yet" not in sign_in(fin).get(june).text


def test_whoever_objects_too_late_reads_until_when_they_could(
    may: None, ada: Person, fin: Person, sign_in: SignIn
) -> None:
    close(MAY, fin)
    page = f"/commission/statements/2026-05/{ada.id}"
    with clock.moved(noon(date(2026, 6, 10))):
        assert "Objections to this statement were open" not in sign_in(ada).get(page).text
    with clock.moved(noon(date(2026, 7, 10))):
        assert "Objections to this statement were open until" in sign_in(ada).get(page).text
        assert "Objections to this statement" not in sign_in(fin).get(page).text


def test_whose_duty_it_is_not_reads_so(
    may: None, ben: Person, fin: Person, fiona: Person, sign_in: SignIn
) -> None:
    """Duties of finance that were given apart: who has another one did nothing that bars them."""
    ben.grant(Role.FINANCE, by=None)
    fin.grant(Role.CLOSER, by=None)
    fiona.grant(Role.PAYER, by=None)
    previewed(sign_in(fin))
    with clock.moved(JUNE_8):
        page = sign_in(ben).get(PAGE).text
        assert "Closing a month is the duty of others" in page
        assert "You scored" not in page
    close(MAY, fin)
    page = sign_in(ben).get(PAGE).text
    assert "Exporting and paying is the duty of others" in page
    assert "You closed this month: someone else exports" in sign_in(fin).get(PAGE).text
    Period.of(MAY).pay(by=fiona)
    assert "someone else exports" not in sign_in(fin).get(PAGE).text, "it is paid: nobody has to"


def test_what_came_since_the_preview_is_said(may: None, ada: Person, fin: Person, sign_in: SignIn) -> None:
    closer = sign_in(fin)
    previewed(closer)
    with clock.moved(JUNE_8 + timedelta(minutes=5)):
        paid(ada, "100.00", MAY_10)
        assert "One thing was recorded or decided since the preview" in closer.get(PAGE).text


def test_a_month_is_closed_only_as_it_was_seen(may: None, ada: Person, fin: Person, sign_in: SignIn) -> None:
    closer = sign_in(fin)
    digest = seen(previewed(closer))
    paid(ada, "100.00", MAY_10)
    with clock.moved(JUNE_8 + timedelta(minutes=5)):
        assert closer.post(f"{PAGE}/close", data={"seen": digest}).status_code == 303
        worker.drain()
        period = Period.of(MAY)
        assert (period.state, period.total, Line.select().count()) == ("preview", 40_002_00, 0)
        assert Notice.select().where(Notice.person == fin, Notice.text.contains("was not closed")).exists()
        page = closer.get(PAGE).text
        assert "Close for ever: 2 people, ¥40,002.00" in page
        old = closer.post(f"{PAGE}/close", data={"seen": digest})
        assert old.status_code == 422
        assert "a newer preview" in old.text
        assert closer.post(f"{PAGE}/close", data={"seen": seen(page)}).status_code == 303
        worker.drain()
    assert (Period.of(MAY).state, Period.of(MAY).total) == ("closed", 40_002_00)
    Job.update(state="running").execute()
    assert "Calculating everyone" not in closer.get(PAGE).text, "the job ends after the month is closed"


def test_who_has_no_number_is_not_in_the_file_until_it_is_filled_in(
    may: None, ben: Person, fin: Person, fiona: Person, sign_in: SignIn
) -> None:
    Person.update(employee_no=None).where(Person.id == ben.id).execute()
    close(MAY, fin)
    payer = sign_in(fiona)
    page = payer.get(PAGE).text
    assert "Left out of the file: no employee number" in page
    assert f'<a href="/people/{ben.id}">Ben</a>' in page
    first = payer.post(f"{PAGE}/export").content
    assert [row.split(",")[0] for row in first.decode("utf-8-sig").splitlines()] == [
        "employee_no",
        "E001",
        "sha256",
    ]
    Person.update(employee_no="E777").where(Person.id == ben.id).execute()
    refused = payer.post(f"{PAGE}/export")
    assert refused.status_code == 422
    assert "say why it is exported again" in refused.text
    assert 'name="reason"' in refused.text
    again = payer.post(f"{PAGE}/export", data={"reason": "Ben's number came"})
    assert b"E777,Ben,2026-05,CNY,20000.00" in again.content
    event = Event.select().where(Event.verb == "exported").order_by(Event.id.desc()).first()
    assert event is not None
    assert event.changes["reason"] == [None, "Ben's number came"]
    before, now = event.changes["sha256"]
    assert before != now == again.headers["X-Checksum-SHA256"]
    assert payer.post(f"{PAGE}/export").content == again.content, "the same file asks for no reason"
    assert "Left out of the file" not in payer.get(PAGE).text


def test_who_is_owed_nothing_needs_no_number(may: None, ada: Person, fin: Person, sign_in: SignIn) -> None:
    with clock.moved(noon(MAY_10)):
        for line in list(DealLine.select()):
            line.reverse(by=fin, reason="refunded")
    Person.update(employee_no=None).execute()
    assert "no employee number" not in previewed(sign_in(fin))


def test_paid_is_confirmed_with_people_and_total(
    may: None, fin: Person, fiona: Person, sign_in: SignIn
) -> None:
    close(MAY, fin)
    assert "Confirm: ¥40,000.00 paid to 2 people" in sign_in(fiona).get(PAGE).text


def test_what_a_leaver_still_has_to_give_back_is_said_to_who_closes(
    ada: Person, ben: Person, fin: Person, fiona: Person, sign_in: SignIn
) -> None:
    """20,000.00 were paid for May and the money went back in June; whoever works here earns it back."""
    approved(fin, fiona)
    for payee in (ada, ben):
        with clock.moved(noon(MAY_10)):
            line = paid(payee, "1000000.00", MAY_10)
        undone(line, date(2026, 6, 9))
    close(MAY, fin)
    close(JUNE, fin)
    said, page = "commission of theirs that recovers it may never come", "/commission/periods/2026-07"
    with clock.moved(noon(date(2026, 7, 20))):
        assert said not in sign_in(fin).get(page).text
        for last in (date(2026, 7, 1), date(2026, 6, 30)):
            ada.edit(by=fin, left_on=last)
            assert (said in sign_in(fin).get(page).text) == (last < date(2026, 7, 1))
        for closed, told in ((date(2026, 7, 1), False), (date(2026, 6, 30), True)):
            Person.update(left_on=None, deactivated_at=noon(closed)).where(Person.id == ada.id).execute()
            assert (said in sign_in(fin).get(page).text) == told, "nobody noted the last day"
        assert "One person who has left still has ¥20,000.00 to give back" in sign_in(fin).get(page).text


def test_what_a_leaver_owes_is_waived_on_the_page_and_pays_nothing(
    ada: Person, fin: Person, fiona: Person, adam: Person, sign_in: SignIn
) -> None:
    """20,000.00 owed and waived: the statement is of nothing, and nobody is asked for it any more."""
    approved(fin, fiona)
    with clock.moved(noon(MAY_10)):
        line = paid(ada, "1000000.00", MAY_10)
    undone(line, date(2026, 6, 9))
    close(MAY, fin)
    close(JUNE, fin)
    ada.edit(by=fin, left_on=date(2026, 6, 30))
    said, new = "still has ¥20,000.00 to give back", "/commission/adjustments/new"
    typed = {"person": f"#{ada.id}", "month": "2026-07", "reason": "She left, we let it go", "waives": "y"}
    with clock.moved(noon(date(2026, 7, 20))):
        browser, second = sign_in(fin), sign_in(adam)
        assert said in browser.get("/commission/periods/2026-07").text
        refused = browser.post(new, data=typed | {"amount": "-20000.00"})
        assert refused.status_code == 422
        assert "What is waived stands without a minus." in refused.text
        assert "She left, we let it go" in refused.text
        assert browser.post(new, data=typed | {"amount": "20000.00"}).status_code == 303
        for page in (browser.get("/commission/adjustments").text, second.get("/needs-me").text):
            assert "Waiver: nothing is paid out" in page
        one = Adjustment.get()
        assert one.waives
        second.post(f"/commission/adjustments/{one.id}/decision", data={"answer": "approve"})
    close(JULY, fin)
    found = Statement.of(ada, JULY)
    assert found
    assert found.total == 0
    with clock.moved(noon(date(2026, 8, 7))):
        page = sign_in(fin).get(found.url).text
        assert "Waived, it is not taken back any more: She left, we let it go" in words(page)
        assert said not in sign_in(fin).get("/commission/periods/2026-08").text
