"""Objections that lead somewhere: refused adjustments, forgotten payees, and nobody in finance who may answer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal import clock
from portal.models.base.record import Event
from portal.models.base.undoing import undo
from portal.models.commission.adjustments import Adjustment, AdjustmentDecision
from portal.models.commission.disputes import Dispute
from portal.models.commission.handouts import Handout
from portal.models.commission.periods import Period
from portal.models.commission.reckoning import reckon_one
from portal.models.commission.statements import Line, Statement
from portal.models.experiences import process
from portal.models.experiences.reviews import Review
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role, RoleGrant
from portal.models.people.sessions import close_account
from portal.models.work.clocks import Clock
from tests.commission import JUNE, MAY, approved, close, lesson, noon, paid, words
from tests.conftest import SignIn, person
from tests.counting import MOST, queries

JUNE_8 = noon(date(2026, 6, 8))


@pytest.fixture
def may(ada: Person, fin: Person, fiona: Person) -> Statement:
    approved(fin, fiona)
    paid(ada, "100000.00", date(2026, 5, 10))
    close(MAY, fin)
    found = Statement.of(ada, MAY)
    assert found
    return found


def told(person: Person) -> list[str]:
    return [str(one.phrase) for one in Notice.select().where(Notice.person == person).order_by(Notice.id)]


def upheld(may: Statement, ada: Person, fiona: Person, amount: int = 50_00) -> Dispute:
    dispute = Dispute.open(may, Line.of(may)[0], "The contract said 102,500.", by=ada)
    dispute.uphold("You are right, it did.", amount, by=fiona)
    return dispute.fresh()


def test_a_refused_adjustment_opens_the_dispute_again_and_says_so(
    may: Statement, ada: Person, fin: Person, fiona: Person, adam: Person, sign_in: SignIn
) -> None:
    """RULES 4.1: upheld -> adjustment line. Refused, nothing was upheld: asked, answered and paid anew."""
    with clock.moved(JUNE_8):
        dispute = upheld(may, ada, fiona)
        assert "a second person decides it" in sign_in(ada).get(dispute.url).text
        Adjustment.get().decide(by=adam, approve=False)
        dispute = dispute.fresh()
        assert (dispute.state, dispute.adjustment_id, dispute.resolved_by_id) == ("open", None, None)
        assert any("refused: it is open again" in text for text in told(ada))
        assert any("is open again: its adjustment was refused" in text for text in told(fiona))
        assert Clock.of(dispute, "dispute") is not None
        assert Dispute.open(may, Line.of(may)[0], "The same line once more.", by=ada).id == dispute.id
        dispute.uphold("I looked again: right.", 50_00, by=fiona)
        again = Adjustment.select().order_by(Adjustment.id.desc()).get()
        assert (again.key, again.dispute_url) == (f"dispute-{dispute.id}-2", dispute.url)
        again.decide(by=adam, approve=True)
        assert any("¥50.00 was approved" in text for text in told(ada))
        assert "It comes with the statement of the open month." in sign_in(ada).get(dispute.url).text
        assert reckon_one(ada, JUNE).total == 50_00
    close(JUNE, fin)
    assert "¥50.00 stands on the statement of June 2026" in sign_in(ada).get(dispute.url).text


def test_who_was_forgotten_wholly_objects_to_the_month(
    may: Statement, ben: Person, fin: Person, fiona: Person, adam: Person, sign_in: SignIn
) -> None:
    page = f"/commission/statements/2026-05/{ben.id}"
    new = f"{page}/disputes/new"
    text = {"text": "My deal of 10 May is not here."}
    with clock.moved(JUNE_8):
        assert new in sign_in(ben).get(page).text
        for _ in range(2):
            assert sign_in(ben).post(new, data=text).status_code == 303
        dispute = Dispute.get()
        assert (dispute.statement_id, dispute.month, dispute.opened_by) == (None, MAY, ben)
        assert dispute.url in sign_in(ben).get(page).text
        assert not dispute.resolvable_by(fin), "who closed the month"
        data = {"outcome": "upheld", "text": "Indeed, forgotten.", "amount": "200"}
        assert sign_in(fiona).post(f"{dispute.url}/resolution", data=data).status_code == 303
        Adjustment.get().decide(by=adam, approve=True)
        assert reckon_one(ben, JUNE).total == 200_00
        assert dispute.url in sign_in(fiona).get("/commission/disputes").text
    assert sign_in(fin).post(new, data=text).status_code == 403


def test_a_month_that_forgot_someone_is_objected_to_within_ten_working_days(
    may: Statement, ben: Person, sign_in: SignIn
) -> None:
    """Closed on Friday 5 June at noon: the tenth working day is Monday 22 June (Dragon Boat on the 19th)."""
    new, text = f"/commission/statements/2026-05/{ben.id}/disputes/new", {"text": "Nothing of mine is here."}
    closed_at = Period.of(MAY).closed_at
    assert closed_at
    with clock.moved(closed_at + timedelta(days=17, seconds=1)):
        assert sign_in(ben).post(new, data=text).status_code == 422
    with clock.moved(closed_at + timedelta(days=17)):
        assert sign_in(ben).post(new, data=text).status_code == 303


def test_where_nobody_in_finance_may_answer_an_administrator_does(
    may: Statement, ada: Person, fin: Person, fiona: Person, adam: Person, sign_in: SignIn
) -> None:
    RoleGrant.delete().where((RoleGrant.role == Role.FINANCE) & (RoleGrant.person != fin)).execute()
    with clock.moved(JUNE_8):
        dispute = Dispute.open(may, Line.of(may)[0], "The contract said 102,500.", by=ada)
        assert not dispute.resolvable_by(fin)
        assert any(need.url == dispute.url for need in needs(adam))
        assert any("waits for an administrator" in text for text in told(adam))
        answer = {"outcome": "rejected", "text": "The contract says 100,000."}
        assert sign_in(adam).post(f"{dispute.url}/resolution", data=answer).status_code == 303
        assert dispute.fresh().state == "rejected"


def test_an_administrator_reads_no_dispute_that_finance_answers(
    may: Statement, ada: Person, fiona: Person, adam: Person, sign_in: SignIn
) -> None:
    with clock.moved(JUNE_8):
        dispute = Dispute.open(may, Line.of(may)[0], "The contract said 102,500.", by=ada)
        assert sign_in(adam).get(dispute.url).status_code == 404
        assert sign_in(adam).post(f"{dispute.url}/resolution", data={"text": "No"}).status_code == 404


def test_a_late_answer_is_said_and_asked_of_administrators(
    may: Statement, ada: Person, fiona: Person, adam: Person, sign_in: SignIn
) -> None:
    with clock.moved(JUNE_8):
        dispute = Dispute.open(may, Line.of(may)[0], "The contract said 102,500.", by=ada)
    with clock.moved(dispute.due_at + timedelta(seconds=1)):
        found = Clock.of(dispute, "dispute")
        assert found
        assert found.advance()
        assert any("is late" in text for text in told(ada))
        assert any("is late" in text for text in told(fiona))
        assert any(need.url == dispute.url for need in needs(adam))
        assert sign_in(adam).get(dispute.url).status_code == 200
        dispute.fresh().reject("It says 100,000.", by=adam)
        assert not any(need.url == dispute.url for need in needs(adam))


def test_who_is_asked_for_more_reads_until_when_and_finance_waits_so_long(
    may: Statement, ada: Person, fiona: Person, sign_in: SignIn
) -> None:
    """RULES 4.1: an answer within five working days, for either. Asked on Wednesday the 10th, the payee has until
    Wednesday the 17th; the reply of Friday the 12th moves finance's Monday the 15th by two days.
    """
    with clock.moved(JUNE_8):
        dispute = Dispute.open(may, Line.of(may)[0], "The contract said 102,500.", by=ada)
        assert "Answer due by 2026-06-15 12:00." in sign_in(ada).get(dispute.url).text
    with clock.moved(noon(date(2026, 6, 10))):
        for _ in range(2):
            dispute.ask("Which contract?", by=fiona)
        for person, words in (
            (ada, "Finance waits for your reply"),
            (fiona, "It waits for the payee’s reply"),
        ):
            text = sign_in(person).get(dispute.url).text
            assert f"{words} until 2026-06-17 12:00." in text
            assert "2026-06-15" not in text, "finance's own day is not the payee's"
            assert "2026-06-17 12:00" in sign_in(person).get("/commission/disputes").text
        assert [need.due_at for need in needs(ada)] == [noon(date(2026, 6, 17))]
        assert not any(need.url == dispute.url for need in needs(fiona))
    with clock.moved(noon(date(2026, 6, 12))):
        dispute.fresh().say("Contract 17.", by=ada)
        text = sign_in(ada).get(dispute.url).text
        assert "Answer due by 2026-06-17 12:00." in text
        assert "your reply" not in text
        assert any(need.url == dispute.url for need in needs(fiona))


def test_a_payee_who_does_not_reply_keeps_finance_waiting_no_longer(
    may: Statement, ada: Person, fiona: Person, sign_in: SignIn
) -> None:
    """From the 17th on finance answers on what there is, five working days after the 15th: the 19th is Dragon
    Boat. A reply that comes late is read all the same, and moves nothing.
    """
    with clock.moved(JUNE_8):
        dispute = Dispute.open(may, Line.of(may)[0], "The contract said 102,500.", by=ada)
    with clock.moved(noon(date(2026, 6, 10))):
        dispute.ask("Which contract?", by=fiona)
        assert Clock.of(dispute, "dispute") is None, "nobody is late while the payee's days run"
    with clock.moved(noon(date(2026, 6, 17)) + timedelta(seconds=1)):
        asked = Clock.of(dispute, "dispute question")
        assert asked
        assert asked.advance()
        text = sign_in(fiona).get(dispute.url).text
        assert "until 2026-06-17 12:00." in text
        assert "Answer due by 2026-06-23 12:00." in text
        assert any(need.url == dispute.url for need in needs(fiona))
        assert any(need.url == dispute.url for need in needs(ada)), "the reply may still come"
        dispute.fresh().say("Contract 17.", by=ada)
        found = dispute.fresh()
        assert (found.state, found.due_at) == ("open", noon(date(2026, 6, 23)))
        found.ask("And of which day?", by=fiona)
        assert found.reply_due_at == noon(date(2026, 6, 25)) + timedelta(seconds=1), (
            "asked anew, it has its days"
        )


def test_question_upon_question_puts_no_answer_off(
    may: Statement, ada: Person, fiona: Person, sign_in: SignIn
) -> None:
    """Attack: finance asks once a day, and is never late. The first question moves Monday the 15th to the 16th;
    after the second, the payee has days to reply, and finance none more.
    """
    with clock.moved(JUNE_8):
        dispute = Dispute.open(may, Line.of(may)[0], "The contract said 102,500.", by=ada)
        dispute.ask("Which contract?", by=fiona)
    with clock.moved(JUNE_8 + timedelta(minutes=1)):
        dispute.fresh().say("Contract 17.", by=ada)
        assert dispute.fresh().due_at == noon(date(2026, 6, 16))
    with clock.moved(noon(date(2026, 6, 15))):
        dispute.fresh().ask("And of which day?", by=fiona)
        for person in (ada, fiona):
            text = sign_in(person).get(dispute.url).text
            assert "reply until 2026-06-23 12:00." in text
            assert "Answer due by 2026-06-16 12:00." in text
            assert "2026-06-16 12:00" in sign_in(person).get("/commission/disputes").text
        dispute.fresh().say("Of the tenth.", by=ada)
        dispute.fresh().ask("Of which year?", by=fiona)
        assert dispute.fresh().due_at == noon(date(2026, 6, 16))
    with clock.moved(noon(date(2026, 6, 16)) + timedelta(seconds=1)):
        waiting = Clock.of(dispute, "dispute")
        assert waiting
        assert waiting.advance()
        assert Clock.of(dispute, "dispute late"), "administrators are asked"


def test_a_payee_who_never_replies_is_asked_again_at_no_gain(
    may: Statement, ada: Person, fiona: Person, sign_in: SignIn
) -> None:
    """Silent from the 17th on: finance has until the 23rd, asked again or not."""
    with clock.moved(JUNE_8):
        dispute = Dispute.open(may, Line.of(may)[0], "The contract said 102,500.", by=ada)
    with clock.moved(noon(date(2026, 6, 10))):
        dispute.ask("Which contract?", by=fiona)
    with clock.moved(noon(date(2026, 6, 17)) + timedelta(seconds=1)):
        asked = Clock.of(dispute, "dispute question")
        assert asked
        assert asked.advance()
        assert "2026-06-23 12:00" in sign_in(fiona).get("/commission/disputes").text
        dispute.fresh().ask("Which contract, please?", by=fiona)
        found = dispute.fresh()
        assert (found.is_due, found.due_at) == (True, noon(date(2026, 6, 23)))


def test_finance_gains_no_month_by_asking(may: Statement, ada: Person, fiona: Person) -> None:
    """Asked when it was late already, it has until the next working day once the reply is there."""
    with clock.moved(JUNE_8):
        dispute = Dispute.open(may, Line.of(may)[0], "The contract said 102,500.", by=ada)
    with clock.moved(noon(date(2026, 6, 16))):
        dispute.ask("Which contract?", by=fiona)
        dispute.fresh().say("Contract 17.", by=ada)
        assert dispute.fresh().due_at == noon(date(2026, 6, 17))


def test_who_left_is_handed_the_last_statement_by_finance(
    may: Statement, ada: Person, ben: Person, fiona: Person, adam: Person, audrey: Person, sign_in: SignIn
) -> None:
    """Whose account was closed before the month was paid. It may be objected to until the 22nd, as by others."""
    month, words = "/commission/periods/2026-05", "To hand out on paper"
    browser = sign_in(fiona)
    with clock.moved(JUNE_8):
        assert words not in browser.get(month).text
        assert words not in browser.get(may.url).text
        assert "finance prints the last ones" in sign_in(adam).get(f"/admin/accounts/{ada.id}/leaving").text
        close_account(ada, by=adam)
        page = browser.get(month).text
        assert words in page
        assert f'<a href="{may.url}">Ada</a>.' in page
        statement = browser.get(may.url).text
        assert "The account of Ada is closed" in statement
        assert "tell finance until 2026-06-22 12:00" in statement
        assert words not in sign_in(audrey).get(may.url).text, "the auditor hands nothing out"
        assert "tell finance until" in sign_in(audrey).get(may.url).text
    with clock.moved(noon(date(2026, 6, 15))):
        Period.of(MAY).pay(by=fiona)
        assert words in browser.get(month).text
    ada.fresh().write(deactivated_at=noon(date(2026, 6, 16)))
    with clock.moved(noon(date(2026, 7, 1))):
        assert words not in browser.get(month).text, "who left later could open it"
        assert words in browser.get(may.url).text, "asks for it once more"


def test_finance_notes_that_a_leaver_was_given_their_statement(
    may: Statement, ada: Person, fin: Person, fiona: Person, adam: Person, audrey: Person, sign_in: SignIn
) -> None:
    """One click, by finance alone; what was noted first stands; undone, it is to be given still."""
    month, to_give, path = (
        "/commission/periods/2026-05",
        "To hand out on paper",
        f"/commission/statements/{may.id}/handout",
    )
    given = {"on": "2026-06-08", "how": "post"}
    with clock.moved(noon(date(2026, 6, 9))):
        browser = sign_in(fiona)
        assert browser.post(path, data=given).status_code == 422, "she opens it herself"
        assert not Handout.select().exists()
        close_account(ada, by=adam)
        for person, status in ((audrey, 403), (adam, 404)):
            assert sign_in(person).post(path, data=given).status_code == status
        for day in ("2026-06-04", "2026-06-10", ""):  # before the close, to come, none
            page = browser.post(path, data={"on": day, "how": "post"})
            assert page.status_code == 422
            assert f'value="{day}"' in page.text
        assert browser.post(path, data=given | {"how": "pigeon"}).status_code == 422
        assert not Handout.select().exists()
        assert 'value="2026-06-09"' in browser.get(may.url).text, "today, to be clicked"
        noted = browser.post(path, data=given | {"by": str(fin.id), "statement": "0"}, follow_redirects=True)
        assert "Handed over on 2026-06-08, by post; noted by Fiona." in words(noted.text)
        sign_in(fin).post(path, data={"on": "2026-06-09", "how": "hand"})
        one = Handout.get()
        assert (one.on, one.how, one.by) == (date(2026, 6, 8), "post", fiona)
        assert [each.verb for each in Event.about(may)] == ["handed_out"]
        assert to_give not in browser.get(month).text
        assert to_give not in browser.get(may.url).text
        assert "noted by Fiona" in sign_in(audrey).get(may.url).text
        undo(Event.about(may).get(), by=fiona)
        assert f'<a href="{may.url}">Ada</a>.' in browser.get(month).text


def test_of_many_leavers_some_are_named_and_the_others_counted(
    ada: Person, fin: Person, fiona: Person, sign_in: SignIn
) -> None:
    """Twelve left: ten are named."""
    approved(fin, fiona)
    for number in range(12):
        paid(person(f"Leaver{number}"), "100000.00", date(2026, 5, 10))
    close(MAY, fin)
    Person.update(deactivated_at=JUNE_8).where(Person.name.startswith("Leaver")).execute()
    with clock.moved(noon(date(2026, 6, 9))):
        page = words(sign_in(fiona).get("/commission/periods/2026-05").text)
    told = page[page.index("To hand out on paper") : page.index("Their accounts are closed")]
    assert (told.count("Leaver"), "and 2 others" in told) == (10, True)


def test_nobody_notes_that_they_were_given_their_own_statement(
    may: Statement, ada: Person, adam: Person
) -> None:
    ada.grant(Role.FINANCE, by=adam)
    assert not Handout.notable_by(may, ada)


def test_an_adjustment_refused_before_that_opened_disputes_again_is_told_refused(
    may: Statement, ada: Person, fiona: Person, adam: Person, sign_in: SignIn
) -> None:
    """As an older version left it: upheld, with a refused adjustment."""
    with clock.moved(JUNE_8):
        dispute = upheld(may, ada, fiona)
        AdjustmentDecision.create(adjustment=dispute.adjustment, by=adam, approved=False, at=clock.now())
        page = sign_in(ada).get(dispute.url).text
        assert "was refused: nothing is paid by it" in page
        assert "was approved" not in page


def test_the_page_of_a_dispute_asks_little_and_leads_nobody_to_a_closed_door(
    may: Statement, ada: Person, fin: Person, fiona: Person, adam: Person, sign_in: SignIn
) -> None:
    with clock.moved(JUNE_8):
        RoleGrant.delete().where((RoleGrant.role == Role.FINANCE) & (RoleGrant.person == fiona)).execute()
        dispute = Dispute.open(may, Line.of(may)[0], "The contract said 102,500.", by=ada)
        for person, sees in ((ada, True), (adam, False), (fin, True)):
            browser = sign_in(person)
            browser.get("/commission")
            with queries() as asked:
                page = browser.get(dispute.url)
            assert page.status_code == 200
            assert len(asked) <= MOST, "\n".join(asked)
            assert (dispute.statement_url in page.text) == sees


def test_the_whole_thread_stays_on_the_statement(
    may: Statement, ada: Person, fin: Person, fiona: Person, sign_in: SignIn
) -> None:
    """RULES 4.1: rejected and long over, each line leads to all that was said about it."""
    line = Line.of(may)[0]
    with clock.moved(JUNE_8):
        dispute = Dispute.open(may, line, "The contract said 102,500.", by=ada)
        dispute.ask("Which contract is that?", by=fiona)
        dispute.say("Number 17.", by=ada)
        dispute.reject("Number 17 says 100,000.", by=fiona)
    close(JUNE, fin)
    with clock.moved(noon(date(2027, 1, 8))):
        for reader in (ada, fiona):
            assert f'href="{dispute.url}"' in sign_in(reader).get(may.url).text
            thread = sign_in(reader).get(dispute.url).text
            said = ["The contract said 102,500.", "Which contract is that?", "Number 17.", "says 100,000."]
            places = [thread.index(each) for each in said]
            assert places == sorted(places)


def test_who_judged_or_revoked_what_a_corrected_month_rests_on_answers_no_dispute_about_it(
    ada: Person, rita: Person, fin: Person, fiona: Person, mona: Person, adam: Person, sign_in: SignIn
) -> None:
    """RULES 4.1: June takes May's bonus back, 100,000.00 at 0.05 %: June's dispute is about May's experiences."""
    approved(fin, fiona)
    paid(ada, "100000.00", date(2026, 5, 10))
    one, other = (lesson(ada, noon(date(2026, 5, day)), noon(date(2026, 5, 20))) for day in (4, 5))
    Review.create(experience=one, round=1, reviewer=rita, due_at=JUNE_8)
    close(MAY, fin)
    with clock.moved(JUNE_8):
        process.revoke(other, by=adam, reason="plagiarism", note="It stood elsewhere.")
    close(JUNE, fin)
    june = Statement.of(ada, JUNE)
    assert june
    taken, _carried = Line.of(june)
    assert (taken.amount, taken.about) == (-50_00, MAY)
    for both in (rita, adam):
        both.grant(Role.FINANCE, by=None)
    with clock.moved(noon(date(2026, 7, 8))):
        for line in (taken, None):
            dispute = Dispute.open(june, line, "I wrote both of them.", by=ada)
            able = [
                who.name for who in (fin, fiona, rita.fresh(), adam.fresh()) if dispute.resolvable_by(who)
            ]
            assert able == ["Fiona"]
        assert "Someone else answers" in sign_in(fin).get(dispute.url).text
        assert "Someone else answers" not in sign_in(fiona).get(dispute.url).text
        assert "Someone else answers" not in sign_in(ada).get(dispute.url).text


def test_who_closed_a_months_statement_or_leads_its_payee_answers_no_dispute_about_it(
    may: Statement, ada: Person, mona: Person, fin: Person, fiona: Person
) -> None:
    """RULES 4.1: the resolver is not the payee's approver: here who closed the month, or whom the payee reports to."""
    mona.grant(Role.FINANCE, by=None)
    with clock.moved(JUNE_8):
        dispute = Dispute.open(may, Line.of(may)[0], "The contract said 102,500.", by=ada)
        able = [each.name for each in (fin, mona.fresh(), ada, fiona) if dispute.resolvable_by(each)]
    assert able == ["Fiona"]
