"""Impact (RULES 4.1): an experience counts once it worked for others in time; and leave lowers what is asked for."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from portal import clock
from portal.i18n import Phrase
from portal.models.base import undoing
from portal.models.base.record import Event, Invalid
from portal.models.commission import late_leave
from portal.models.commission.back_tests import back_test, tried
from portal.models.commission.calculation import LineKind
from portal.models.commission.merit import Merit
from portal.models.commission.policies import Policy
from portal.models.commission.statements import Statement
from portal.models.commission.terms import WHOLE
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Acceptance
from portal.models.knowledge import merging
from portal.models.knowledge.articles import Article
from portal.models.knowledge.uses import Use
from portal.models.people.absences import Absence
from portal.models.people.approvals import Approval
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role, RoleGrant
from tests.commission import JUNE, MAY, approved, close, lesson, noon, paid, reckoned, words
from tests.conftest import SignIn

MAY_4, MAY_10 = date(2026, 5, 4), date(2026, 5, 10)
MILLION = "1000000.00"


@pytest.fixture
def policy(fin: Person, fiona: Person) -> Policy:
    return approved(fin, fiona, uses_needed=2)


def published(author: Person, day: date = MAY_10, shares: dict[Person, int] | None = None) -> Article:
    """What became of an experience that was written on 4 May and accepted at noon of a day."""
    made = lesson(author, noon(MAY_4), noon(day), shares=shares)
    facts = {"title": made.title, "slug": f"lesson-{made.id}", "published_at": noon(day)}
    article = Article.create(author=author, state="published", **facts)
    Acceptance.update(article=article).where(Acceptance.experience == made).execute()
    return article


def worked(article: Article, *people: Person, at: datetime) -> None:
    """Each says so some minutes after the other: no burst."""
    for number, person in enumerate(people):
        with clock.moved(at + timedelta(minutes=5 * number)):
            Use.say(article, by=person)


def readers() -> list[Person]:
    names = ("rita", "rolf", "ruth")
    return [Person.add(by=None, email=f"{name}@pay.example", name=name) for name in names]


def counted(person: Person) -> int:
    return reckoned(person, MAY).facts.counted


def test_the_first_page_calls_what_is_accepted_and_does_not_count_yet_no_acceptance_less(
    ada: Person, audrey: Person, policy: Policy, sign_in: SignIn
) -> None:
    published(ada)
    with clock.moved(noon(date(2026, 5, 20))):
        home, commission = sign_in(ada).get("/").text, sign_in(ada).get("/commission").text
        auditors = sign_in(audrey).get("/").text
    assert "Counted this month" in home
    assert "Accepted this month" not in home
    assert "Accepted experiences" not in commission
    for word in ("this month", "Commission so far"):
        assert word not in words(auditors).replace("Won this month", ""), (
            "who is paid for nothing is promised none"
        )


def test_it_counts_once_it_worked_for_two_others(ada: Person, ben: Person, policy: Policy) -> None:
    rita, rolf, _ = readers()
    article = published(ada, shares={ada: WHOLE // 2, ben: WHOLE // 2})
    worked(article, rita, at=noon(MAY_10))
    with pytest.raises(Invalid), clock.moved(noon(MAY_10)):
        Use.say(article, by=ada)
    Use.create(article=article, person=ben, at=noon(MAY_10))  # a co-author is none of the others
    facts = reckoned(ada, MAY).facts
    assert (facts.counted, [(one.uses, one.until) for one in facts.unused]) == (0, [(1, date(2026, 7, 9))])
    merit = Merit.of(ada, MAY)
    assert merit is not None
    assert (merit.counted, merit.unused) == (0, WHOLE // 2)
    worked(article, rolf, at=noon(MAY_10))
    assert (counted(ada), reckoned(ada, MAY).facts.unused) == (WHOLE // 2, ())


@pytest.mark.parametrize(
    ("second", "counts"), [(date(2026, 7, 9), True), (date(2026, 7, 10), False)], ids=["60th", "61st"]
)
def test_within_sixty_days_to_the_last_microsecond(
    ada: Person, policy: Policy, second: date, counts: bool
) -> None:
    rita, rolf, _ = readers()
    article = published(ada)
    worked(article, rita, at=noon(MAY_10))
    end = clock.start_of(second + timedelta(days=1)) - timedelta(microseconds=1)
    worked(article, rolf, at=end if counts else clock.start_of(second))
    assert counted(ada) == (WHOLE if counts else 0)


def test_a_vote_that_is_held_counts_nothing(ada: Person, policy: Policy) -> None:
    rita, rolf, _ = readers()
    first, second = published(ada), published(ada)
    worked(first, rita, rolf, at=noon(MAY_10))
    worked(second, rolf, at=noon(MAY_10))
    worked(second, rita, at=noon(MAY_10) + timedelta(seconds=30))  # in a burst: the other was 30 s before
    assert counted(ada) == WHOLE


def test_the_fourth_word_of_one_colleague_in_a_week_counts_nothing(
    ada: Person, audrey: Person, policy: Policy
) -> None:
    """Five articles in seven days, two colleagues of each: of each of them the first three count. The fifth
    comes when the week of the first two is over.
    """
    rita, rolf, _ = readers()
    articles = [published(ada) for _ in range(5)]
    for article, hours in zip(articles, (0, 1, 2, 3, 7 * 24 + 1.5), strict=True):
        for minutes, who in enumerate((rita, rolf)):
            worked(article, who, at=noon(MAY_10) + timedelta(hours=hours, minutes=minutes))
    assert counted(ada) == 4 * WHOLE
    held = Use.get((Use.article == articles[3]) & (Use.person == rita))
    for use in (held, Use.get((Use.article == articles[3]) & (Use.person == rolf))):
        with clock.moved(use.at):
            Approval.ask(use, "burst vote", Phrase("Look"), by=use.person, who=str(Role.AUDITOR))
        use.release(by=audrey)
    assert counted(ada) == 5 * WHOLE, "an auditor looked, and let them count"


def test_uses_after_the_close_come_as_a_true_up_and_no_vote_takes_it_back(
    ada: Person, fin: Person, policy: Policy
) -> None:
    """20,000.00 at 2 %; with two that count 20,500.00: 500.00 more in June, whoever changes their mind then."""
    rita, rolf, ruth = readers()
    paid(ada, MILLION, MAY_10)
    articles = [published(ada), published(ada)]
    for number, article in enumerate(articles):
        worked(article, rita, at=noon(MAY_10) + timedelta(days=number))
    close(MAY, fin)
    for number, article in enumerate(articles):
        worked(article, rolf, at=noon(date(2026, 6, 8)) + timedelta(days=number))
    (line,) = reckoned(ada, JUNE).lines
    assert (line.kind, line.amount, line.about) == (LineKind.TRUE_UP, 500_00, MAY)
    assert "worked for colleagues" in str(line.why)
    Use.take_back(articles[0], by=rolf)
    assert reckoned(ada, JUNE).lines == ()  # not paid yet: it does not count
    worked(articles[0], ruth, at=noon(date(2026, 6, 10)))
    close(JUNE, fin)
    Use.take_back(articles[0], by=ruth)
    Use.take_back(articles[1], by=rolf)
    assert reckoned(ada, JUNE.next).lines == ()
    assert sum(one.total for one in Statement.select().where(Statement.person == ada)) == 20_500_00


def test_what_was_merged_counts_by_the_uses_of_what_it_stands_in(
    ada: Person, ben: Person, policy: Policy
) -> None:
    rita, rolf, ruth = readers()
    article = published(ada)
    born = Acceptance.get(Acceptance.article == article).experience
    worked(article, rita, at=noon(MAY_10))
    merged = lesson(ben, noon(MAY_4), noon(date(2026, 5, 12)))
    Experience.update(state="merged", merged_into=born).where(Experience.id == merged.id).execute()
    worked(article, rolf, at=noon(date(2026, 5, 14)))
    assert (counted(ada), counted(ben)) == (WHOLE, 0)  # rita's word came before there was any of it
    worked(article, ruth, at=noon(date(2026, 5, 15)))
    assert counted(ben) == WHOLE


def test_who_wrote_a_part_of_the_same_text_is_none_of_the_others(
    ada: Person, ben: Person, policy: Policy
) -> None:
    """Ada and Ben wrote what Ruth's was merged into: Ben's word counts for neither, nor does Ruth's."""
    rita, rolf, ruth = readers()
    article = published(ada, shares={ada: WHOLE // 2, ben: WHOLE // 2})
    born = Acceptance.get(Acceptance.article == article).experience
    merged = lesson(ruth, noon(MAY_4), noon(date(2026, 5, 12)))
    Experience.update(state="merged", merged_into=born).where(Experience.id == merged.id).execute()
    worked(article, rita, ruth, at=noon(date(2026, 5, 14)))
    Use.create(article=article, person=ben, at=noon(date(2026, 5, 15)))
    assert (counted(ada), counted(ruth)) == (0, 0)
    worked(article, rolf, at=noon(date(2026, 5, 16)))
    assert (counted(ada), counted(ruth)) == (WHOLE // 2, WHOLE)


def test_an_article_that_was_merged_twice_counts_where_its_text_stood(
    ada: Person, ben: Person, mona: Person, policy: Policy
) -> None:
    """Ada's went into Ben's on 12 May and with that into a third on 14 May: the words of 13 and 15 May count,
    neither those of 13 May about the third nor what was said of another that came there.
    """
    rita, rolf, ruth = readers()
    article = published(ada)
    second, third, beside = (
        Article.create(author=ben, state="published", title=f"T{n}", slug=f"t{n}") for n in range(3)
    )
    reviewer = Person.add(by=None, email="re@pay.example", name="Re", roles=[Role.REVIEWER])
    for day, one, into in ((12, article, second), (14, beside, third), (14, second, third)):
        with clock.moved(noon(date(2026, 5, day))):
            merging.merge(one.fresh(), into.fresh(), by=reviewer)
        if day == 12:
            worked(second.fresh(), rita, at=noon(date(2026, 5, 13)))
            worked(third.fresh(), rolf, ruth, at=noon(date(2026, 5, 13)))
            worked(beside.fresh(), ruth, at=noon(date(2026, 5, 13)))
    assert counted(ada) == 0
    worked(third.fresh(), mona, at=noon(date(2026, 5, 15)))
    assert counted(ada) == WHOLE


def test_who_comes_back_earlier_loses_nothing_of_a_month_that_was_paid(
    ada: Person, mona: Person, fin: Person, fiona: Person
) -> None:
    """Half of May on leave, 20,500.00 paid; back on 20 June instead of at its end: May stays as it was."""
    approved(fin, fiona, leave_prorates=True)
    paid(ada, MILLION, MAY_10)
    lesson(ada, noon(MAY_4), noon(MAY_10))
    with clock.moved(noon(MAY_10)):
        Absence.note(by=mona, person=ada, first_day=date(2026, 5, 16), last_day=date(2026, 6, 30))
    close(MAY, fin)
    with clock.moved(noon(date(2026, 6, 20))):
        Absence.get().take_back(by=ada)
    assert reckoned(ada, JUNE).lines == ()


def test_by_default_acceptance_alone_counts_and_the_back_test_tells_the_difference(
    ada: Person, fin: Person, fiona: Person, sign_in: SignIn
) -> None:
    approved(fin, fiona)
    paid(ada, MILLION, MAY_10)
    for _ in range(2):
        published(ada)
    assert (counted(ada), reckoned(ada, MAY).facts.unused) == (2 * WHOLE, ())
    close(MAY, fin)
    with clock.moved(noon(date(2026, 6, 8))):
        other = Policy.draft(by=fin, name="Impact", effective_from=JUNE.next, uses_needed=2)
    months, _, _ = tried(other)
    assert months == [("2026-05", 20_500_00, 20_000_00)]
    with clock.moved(noon(date(2026, 6, 8))):
        back_test(other, by=fin)
        page = words(sign_in(fiona).get(other.url).text)
        assert "One loses ¥500.00." in page
        assert "accepted less than 60 days before could still come to count" in page
        listed = words(sign_in(fin).get("/commission/policies").text)
    assert "≥ 2: +0.05%" in listed


LEAVE = [
    (date(2026, 5, 16), True),  # 16 of 31 days: 2 x 15 / 31, rounded up, is 1
    (date(2026, 5, 17), False),  # 15 of them: 2 x 16 / 31, rounded up, is 2
]


@pytest.mark.parametrize(("first", "reached"), LEAVE)
def test_leave_lowers_the_threshold_where_the_policy_says_so(
    ada: Person, mona: Person, fin: Person, fiona: Person, first: date, reached: bool
) -> None:
    approved(fin, fiona, leave_prorates=True)
    paid(ada, MILLION, MAY_10)
    lesson(ada, noon(MAY_4), noon(MAY_10))
    with clock.moved(noon(MAY_10)):
        Absence.note(by=mona, person=ada, first_day=first, last_day=date(2026, 6, 3))
    one = reckoned(ada, MAY)
    assert (one.facts.needed, one.total) == ((1, 20_500_00) if reached else (2, 20_000_00))
    merit = Merit.of(ada, MAY)
    assert merit is not None
    assert merit.needed == one.facts.needed
    close(MAY, fin)
    kept = Statement.get((Statement.person == ada) & (Statement.month == MAY))
    assert (kept.threshold, kept.total) == (one.facts.needed, one.total)
    assert kept.reckoning().facts.needed == one.facts.needed


def test_leave_noted_after_the_close_waits_for_a_second_person(
    ada: Person, mona: Person, fin: Person, fiona: Person, adam: Person
) -> None:
    """16 days of May on leave would ask for 1 experience instead of 2: 500.00 more. By one hand: nothing."""
    late = late_leave_of_may(ada, mona, fin, fiona)
    assert reckoned(ada, JUNE).lines == ()
    assert late_leave.LATE_LEAVE in {need.kind for need in needs(fiona)}
    assert late_leave.LATE_LEAVE not in {need.kind for person in (ada, mona) for need in needs(person)}
    for person in (ada, mona):
        with pytest.raises(Invalid):
            late_leave.decide(late, by=person, approve=True)
    with clock.moved(noon(date(2026, 6, 11))):
        late_leave.decide(late, by=fiona, approve=True)
        late_leave.decide(late, by=adam, approve=False)  # the first answer stands
    (line,) = reckoned(ada, JUNE).lines
    assert (line.amount, reckoned(ada, JUNE).total) == (500_00, 500_00)


def test_refused_it_changes_nothing_of_the_closed_month(
    ada: Person, mona: Person, fin: Person, fiona: Person
) -> None:
    late = late_leave_of_may(ada, mona, fin, fiona)
    with clock.moved(noon(date(2026, 6, 11))):
        late_leave.decide(late, by=fiona, approve=False)
        (told,) = [one for one in Notice.unread_by(mona) if "closed month" in one.text]
    assert "does not count" in told.text
    assert told.url == ada.url, "where the leave stands, which who noted it may read"
    assert reckoned(ada, JUNE).lines == ()
    assert [need.kind for need in needs(fiona) if need.kind == late_leave.LATE_LEAVE] == []


def test_late_leave_that_was_never_noted_asks_nobody_any_more(
    ada: Person, mona: Person, fin: Person, fiona: Person
) -> None:
    late_leave_of_may(ada, mona, fin, fiona)
    with clock.moved(noon(date(2026, 6, 10))):
        undoing.undo(Event.about(ada).where(Event.verb == "absence noted").get(), by=mona)
    assert [need.kind for need in needs(fiona) if need.kind == late_leave.LATE_LEAVE] == []


def test_leave_on_which_a_closed_month_rests_is_not_undone_by_a_click(
    ada: Person, mona: Person, fin: Person, fiona: Person
) -> None:
    approved(fin, fiona, leave_prorates=True)
    with clock.moved(noon(date(2026, 6, 4))):
        Absence.note(by=mona, person=ada, first_day=date(2026, 5, 16), last_day=date(2026, 6, 20))
    act = Event.about(ada).where(Event.verb == "absence noted").get()
    with clock.moved(act.at + timedelta(hours=1)):
        assert undoing.why_not(act, ada, by=mona) is None
    close(MAY, fin)
    with clock.moved(act.at + timedelta(hours=1)):
        assert "May 2026 is closed" in str(undoing.why_not(act, ada, by=mona))


def test_who_noted_leave_late_does_not_appoint_its_second_person(
    ada: Person, mona: Person, fin: Person, fiona: Person
) -> None:
    """RULES 4.1: as with adjustments; once nobody else is there, a puppet would do by role."""
    for person in (fin, fiona):
        RoleGrant.update(created_at=noon(MAY_4)).where(RoleGrant.person == person).execute()
    mona.grant(Role.ADMINISTRATOR, by=None)
    late = late_leave_of_may(ada, mona, fin, fiona)
    with clock.moved(noon(date(2026, 6, 11))):
        eve = Person.add(by=mona, email="eve@pay.example", name="Eve")
        eve.grant(Role.FINANCE, by=mona)
        assert late_leave.decidable_by(late, eve.fresh())
        with pytest.raises(Invalid, match="from the other"):
            late_leave.decide(late, by=eve.fresh(), approve=True)
        assert reckoned(ada, JUNE).lines == ()
        late_leave.decide(late, by=fiona, approve=True)
    assert reckoned(ada, JUNE).total == 500_00


def test_leave_that_a_second_person_let_count_is_not_undone_by_one(
    ada: Person, mona: Person, fin: Person, fiona: Person
) -> None:
    late = late_leave_of_may(ada, mona, fin, fiona)
    act = Event.about(ada).where(Event.verb == "absence noted").get()
    with clock.moved(act.at + timedelta(hours=1)):
        assert undoing.why_not(act, ada, by=mona) is None
        late_leave.decide(late, by=fiona, approve=True)
    with clock.moved(act.at + timedelta(hours=2)):
        assert "second person" in str(undoing.why_not(act, ada, by=mona))
        with pytest.raises(Invalid):
            undoing.undo(act, by=mona)
    assert reckoned(ada, JUNE).total == 500_00


def late_leave_of_may(ada: Person, mona: Person, fin: Person, fiona: Person) -> Absence:
    """Ada's, of 16 days of May and on to June, noted by who leads her once May is closed."""
    approved(fin, fiona, leave_prorates=True)
    paid(ada, MILLION, MAY_10)
    lesson(ada, noon(MAY_4), noon(MAY_10))
    close(MAY, fin)
    with clock.moved(noon(date(2026, 6, 10))):
        return Absence.note(by=mona, person=ada, first_day=date(2026, 5, 16), last_day=date(2026, 6, 20))


def test_what_people_note_of_themselves_lowers_nothing(
    ada: Person, mona: Person, fin: Person, fiona: Person
) -> None:
    approved(fin, fiona, leave_prorates=True)
    with clock.moved(noon(MAY_4)):
        Absence.note(by=ada, person=ada, first_day=MAY_4, last_day=date(2026, 5, 30))
    assert reckoned(ada, MAY).facts.needed == 2


def test_a_whole_month_of_leave_asks_for_one_and_days_before_joining_count_once(
    ada: Person, mona: Person, fin: Person, fiona: Person
) -> None:
    """Of 31 days the first 16 lie before the first day of work: 15 remain, all on leave."""
    approved(fin, fiona, leave_prorates=True, proration=True)
    ada.edit(by=mona, hired_on=date(2026, 5, 17))
    with clock.moved(noon(MAY_4)):
        Absence.note(by=mona, person=ada, first_day=MAY_4, last_day=date(2026, 5, 31))
    paid(ada, MILLION, date(2026, 5, 20))
    lesson(ada, noon(date(2026, 5, 18)), noon(date(2026, 5, 20)))
    one = reckoned(ada, MAY)
    assert (one.facts.needed, one.total) == (1, 20_500_00)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (
            {"jurisdiction": "cn", "minimum_wage": 2_420_00, "max_recovery_share": 200_001},
            "max_recovery_share",
        ),
        ({"jurisdiction": "cn"}, "minimum_wage"),
        ({"tiers": [[0, 500]]}, "tiers"),  # the threshold is 1 at least
        ({"uses_needed": -1}, "uses_needed"),
        ({"use_days": 0}, "uses_needed"),
    ],
)
def test_terms_that_cannot_be(fin: Person, facts: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        Policy.draft(by=fin, name="2027", effective_from=JUNE, **facts)
    assert list(refused.value.errors) == [field]


def test_mainland_law_bounds_what_is_taken_back(fin: Person) -> None:
    law = {"jurisdiction": "cn", "minimum_wage": 2_420_00, "max_recovery_share": 200_000}
    made = Policy.draft(by=fin, name="2027", effective_from=JUNE, **law)
    assert str(made.jurisdiction_label).startswith("Mainland China: at most 20 %")
