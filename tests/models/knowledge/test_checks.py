"""Knowledge is looked at before it is wrong: who is asked, how many at once, and what "still true" does."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from portal import clock, i18n
from portal.models.base.database import transact
from portal.models.base.record import Event, Invalid
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.expertise.points import PointEntry
from portal.models.knowledge import history, proposals, verification
from portal.models.knowledge.articles import Article
from portal.models.knowledge.checks import await_checks
from portal.models.knowledge.readership import Readership
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.knowledge.uses import Use, recount
from portal.models.knowledge.verification import not_verified
from portal.models.people.absences import Absence
from portal.models.people.needs import needs
from portal.models.people.people import Person
from portal.models.work.clocks import Clock
from tests.attacks.parts import at_once
from tests.client import Client
from tests.clocks import advance
from tests.conftest import SignIn

MONDAY = date(2026, 5, 11)


def at(day: date, hour: int = 10, second: int = 0) -> AbstractContextManager[None]:
    return clock.moved(clock.start_of(day) + timedelta(hours=hour, seconds=second))


def article(by: Person, topic: Topic, title: str = "Prices", due: date = MONDAY) -> Article:
    made = Article.add(by=by, title=title, body="1 %.", topics=[topic], freshness="price")
    made.write(review_by=due)
    return made


def looked_at(browser: Client, made: Article, seconds: int = 10) -> str:
    """The page after "still true", pressed so long after the article was opened."""
    began = clock.now()
    with clock.moved(began):  # however long the page takes
        opened = re.search(r'name="opened" value="([^"]+)"', browser.get(made.url).text)
    assert opened is not None
    with clock.moved(began + timedelta(seconds=seconds)):
        answer = browser.post(f"{made.url}/check", data={"opened": opened[1]}, follow_redirects=True)
    return answer.text


def asked(person: Person) -> list[str]:
    return [need.url for need in needs(person) if need.kind in ("check", "renewal")]


def test_still_true_sets_the_next_day_by_its_class_and_is_thanked_for_in_time(
    ada: Person, schools: Topic
) -> None:
    with at(MONDAY):
        made = article(ada, schools)
        await_checks()
        assert asked(ada) == [made.url]
        verification.verify(made, by=ada)
        assert made.fresh().review_by == date(2026, 6, 10)  # 30 days
        assert asked(ada) == []
        assert PointEntry.total(ada) == 2
        verification.verify(made.fresh(), by=ada)  # a second click
        assert made.fresh().review_by == date(2026, 6, 10)
        assert PointEntry.total(ada) == 2
        told = Event.about(made).where(Event.verb == "verified").get()
        assert told.changes["review_by"] == ["2026-05-11", "2026-06-10"]


def test_too_late_it_is_still_true_and_gives_nothing(ada: Person, schools: Topic) -> None:
    with at(MONDAY):
        made = article(ada, schools, due=MONDAY - timedelta(days=1))
        verification.verify(made, by=ada)
        assert made.fresh().review_by == date(2026, 6, 10)
        assert PointEntry.total(ada) == 0


def test_long_before_its_day_there_is_nothing_to_say(ada: Person, schools: Topic) -> None:
    """Else one would press it each day for points."""
    with at(MONDAY):
        made = article(ada, schools, due=MONDAY + timedelta(days=8))
        verification.verify(made, by=ada)
        await_checks()
        assert made.fresh().review_by == MONDAY + timedelta(days=8)
        assert PointEntry.total(ada) == 0
        assert asked(ada) == []
    with at(MONDAY + timedelta(days=1)):
        await_checks()
        assert asked(ada) == [made.url]


def test_who_checks_one_after_the_other_has_not_read_them(ada: Person, schools: Topic) -> None:
    one, two = article(ada, schools, "One"), article(ada, schools, "Two")
    with at(MONDAY):
        verification.verify(one, by=ada)
    with at(MONDAY, second=59), pytest.raises(Invalid) as hasty:
        verification.verify(two, by=ada)
    assert "less than 60 seconds ago" in hasty.value.errors[""]
    with at(MONDAY, second=60):
        verification.verify(two, by=ada)
        assert two.fresh().review_by == date(2026, 6, 10)


def test_five_in_a_week_the_riskiest_and_longest_overdue_first(ada: Person, schools: Topic) -> None:
    """Prices weigh 3: 10 days overdue come before 20 of what is evergreen."""
    with at(MONDAY):
        made = [
            article(ada, schools, f"P{days}", MONDAY - timedelta(days=days)) for days in (1, 2, 10, 4, 5, 6)
        ]
        old = article(ada, schools, "Old", MONDAY - timedelta(days=20))
        old.write(freshness="evergreen")
        await_checks()
        await_checks()
        # 30, 20 (1 x 20), 18, 15, 12; 6 and 3 wait
        expected = {made[2].url, old.url, made[5].url, made[4].url, made[3].url}
        assert set(asked(ada)) == expected
        verification.verify(made[2], by=ada)
    with at(MONDAY + timedelta(days=6)):
        await_checks()
        assert len(asked(ada)) == 4
    with at(MONDAY + timedelta(days=7)):
        await_checks()
        assert set(asked(ada)) == {each.url for each in [*made, old]} - {made[2].url}
    Setting.choose("fresh.weekly", 1, by=ada)


def test_who_left_or_lets_it_lie_is_stood_in_for_by_the_reviewers_of_the_topic(
    ada: Person, ben: Person, rita: Person, schools: Topic, adam: Person
) -> None:
    with at(MONDAY):
        left, lazy = article(ben, schools, "Left"), article(ada, schools, "Lazy")
        ben.deactivate(by=adam)
        await_checks()
        assert asked(rita) == [left.url]
        assert asked(ada) == [lazy.url]
    with at(MONDAY + timedelta(days=15)):  # 14 days after the end of Monday
        advance()
        assert set(asked(rita)) == {left.url, lazy.url}
        assert asked(ada) == []
        verification.verify(lazy.fresh(), by=rita)
        assert asked(rita) == [left.url]


def test_what_names_its_own_day_is_asked_for_a_new_one(ada: Person, schools: Topic) -> None:
    with at(MONDAY):
        made = Article.add(
            by=ada, title="Offer", body="2 %.", topics=[schools], freshness="dated", review_by=MONDAY
        )
        await_checks()
        assert asked(ada) == [f"{made.url}/edit"]
        with pytest.raises(Invalid):
            verification.verify(made, by=ada)
        made.edit(by=ada, review_by=MONDAY + timedelta(days=60))
        assert asked(ada) == []


def test_what_is_put_away_is_not_asked_for(ada: Person, schools: Topic) -> None:
    with at(MONDAY):
        made = article(ada, schools)
        await_checks()
        made.archive(by=ada)
        await_checks()
        assert asked(ada) == []
        with pytest.raises(Invalid):
            verification.verify(made, by=ada)


def test_it_is_taken_back_for_a_day(ada: Person, schools: Topic, sign_in: SignIn) -> None:
    made = article(ada, schools, due=clock.today())
    await_checks()
    browser = sign_in(ada)
    looked_at(browser, made)
    event = Event.about(made).where(Event.verb == "verified").get()
    with clock.moved(clock.now() + timedelta(seconds=20)):
        assert PointEntry.total(ada) == 2
        assert browser.post(f"/events/{event.id}/undoing").status_code == 303
        assert made.fresh().review_by == clock.today()
        assert PointEntry.total(ada) == 0
        assert asked(ada) == [made.url]


def test_the_page_offers_it_to_those_who_may_and_says_why_not(
    ada: Person, ben: Person, rita: Person, schools: Topic, sign_in: SignIn
) -> None:
    made, other = (article(ada, schools, title, clock.today() - timedelta(days=3)) for title in ("A", "B"))
    assert "Still true" not in sign_in(ben).get(made.url).text
    assert "This may be out of date" in sign_in(ben).get(made.url).text
    assert sign_in(ben).post(f"{made.url}/check").status_code == 403
    browser = sign_in(rita)
    assert "Still true" in browser.get(made.url).text
    unread = browser.post(f"{made.url}/check", follow_redirects=True).text
    assert "Read it first, then say whether it is true." in unread
    assert "You opened it a moment ago." in looked_at(browser, made, seconds=9)
    assert made.fresh().is_due
    assert looked_at(browser, made).count("Checked. Thank you.") == 1
    assert "Still true" not in browser.get(made.url).text
    assert "Read this one first." in looked_at(browser, other)
    assert other.fresh().review_by == clock.today() - timedelta(days=3)
    assert not Clock.of(other, "check")


@pytest.mark.parametrize(
    ("days", "near"), [(1, 0), (3, 0), (4, 1), (7, 1), (8, 2), (27, 6), (28, 7), (365, 7)]
)
def test_what_was_checked_is_not_due_at_once_however_short_its_term(
    ada: Person, schools: Topic, days: int, near: int
) -> None:
    """Else one article would give points without end: due again a quarter of its term before, at most 7 days."""
    Setting.choose("fresh.price", days, by=None)
    with at(MONDAY):
        made = article(ada, schools)
        await_checks()
        for _ in range(3):
            verification.verify(made.fresh(), by=ada)
            await_checks()
        assert made.fresh().review_by == MONDAY + timedelta(days=days)
        assert PointEntry.total(ada) == 2
        assert asked(ada) == []
    for day, is_due in ((days - near - 1, False), (days - near, True)):
        if day > 0:
            with at(MONDAY + timedelta(days=day)):
                assert made.fresh().is_due is is_due
                await_checks()
                assert asked(ada) == ([made.url] if is_due else [])


def test_nobody_moves_the_day_of_a_check_to_be_thanked_for_it(
    ada: Person, schools: Topic, sign_in: SignIn
) -> None:
    """Else one would set it to today and say "still true", again and again."""
    today = clock.today()
    facts: dict[str, Any] = {"title": "Prices", "body": "1 %.", "topics": [schools]}
    made = [
        Article.add(by=ada, **facts, freshness=name, review_by=today, key=name)
        for name in ("price", "evergreen")
    ]
    drafted = Article.add(by=ada, **facts, review_by=today, published=False)
    drafted.edit(by=ada, freshness="product", review_by=today)
    drafted.publish(by=ada)
    brought = Article.facts_of({"title": "Prices", "body": "1 %.", "review_by": today})
    assert brought["review_by"] == today + timedelta(days=365)
    for article, days in ((made[0], 30), (made[1], 365), (drafted, 90)):
        assert article.fresh().review_by == today + timedelta(days=days)
        assert article.fresh().edit(by=ada, review_by=today) == {}
        verification.verify(article.fresh(), by=ada)
    form = {"title": "Prices", "body": "2 %.", "topics": schools.id, "freshness": "price"}
    sign_in(ada).post(f"{made[0].url}/edit", data=form | {"review_by": str(today), "version": 1})
    assert made[0].fresh().review_by == today + timedelta(days=30)
    assert PointEntry.total(ada) == 0
    made[0].fresh().edit(by=ada, freshness="dated", review_by=today)
    assert made[0].fresh().review_by == today
    made[0].fresh().edit(by=ada, freshness="price", review_by=today)
    assert made[0].fresh().review_by == today + timedelta(days=30)


def test_who_takes_a_check_back_takes_nobody_else_s_points(
    ada: Person, rita: Person, schools: Topic, sign_in: SignIn
) -> None:
    """Two looked at it for the same day: the first was thanked, the second takes back their own."""
    made = article(ada, schools, due=clock.today())
    await_checks()
    verification.verify(made, by=ada)
    Article.update(review_by=clock.today()).execute()
    verification.verify(made.fresh(), by=rita)
    assert (PointEntry.total(ada), PointEntry.total(rita)) == (2, 0)
    event = Event.about(made).where((Event.verb == "verified") & (Event.actor == rita.id)).get()
    assert sign_in(rita).post(f"/events/{event.id}/undoing").status_code == 303
    assert made.fresh().review_by == clock.today()
    assert PointEntry.total(ada) == 2


def test_what_works_for_others_is_looked_at_later_at_most_a_term(
    ada: Person, ben: Person, rita: Person, stan: Person, mona: Person, adam: Person, schools: Topic
) -> None:
    """30 days, a quarter for each colleague: 7, 15, 22, 30, and no further; taken back it comes nearer again."""
    with at(MONDAY):
        made = article(ada, schools, due=MONDAY + timedelta(days=30))
    due = MONDAY + timedelta(days=30)
    for hour, (person, days) in enumerate(
        zip((ben, rita, stan, mona, adam), (7, 15, 22, 30, 30), strict=True)
    ):
        with at(MONDAY + timedelta(days=1), hour):
            Use.say(made.fresh(), by=person)
            Use.let_count(made.fresh(), by=person)  # said again
            assert (made.fresh().review_by, made.fresh().postponed) == (due + timedelta(days=days), days)
    Use.take_back(made.fresh(), by=adam)
    Use.take_back(made.fresh(), by=mona)
    assert made.fresh().review_by == due + timedelta(days=22)
    with at(due + timedelta(days=22)):
        await_checks()
        assert asked(ada) == [made.url]
        Use.say(made.fresh(), by=adam)
        assert asked(ada) == [], "30 is the most: its day is 8 days away again"
    with at(due + timedelta(days=23)):
        await_checks()
        assert asked(ada) == [made.url]
        verification.verify(made.fresh(), by=ada)
        checked = made.fresh()
        assert (checked.review_by, checked.postponed) == (due + timedelta(days=53), 0)


def test_what_worked_is_asked_for_no_longer(ada: Person, ben: Person, schools: Topic) -> None:
    with at(MONDAY):
        made = article(ada, schools)
    with at(MONDAY + timedelta(days=1)):
        await_checks()
        assert asked(ada) == [made.url]
        Use.say(made.fresh(), by=ben)
        assert not made.fresh().is_overdue
        made.fresh().write(freshness="evergreen")
        Use.take_back(made.fresh(), by=ben)


def test_votes_that_give_nothing_lift_nothing(ada: Person, ben: Person, adam: Person, schools: Topic) -> None:
    """The second of a burst is held; let through it counts as any other."""
    with at(MONDAY):
        one, two = article(ada, schools, "One"), article(ada, schools, "Two")
    with at(MONDAY + timedelta(days=1)):
        Use.say(one, by=ben)
        Use.say(two, by=ben)
        assert (one.fresh().uses, two.fresh().uses) == (1, 0)
        assert (one.fresh().postponed, two.fresh().postponed) == (7, 0)
        Use.get(Use.article == two).release(by=adam)
        assert (two.fresh().uses, two.fresh().postponed) == (1, 7)


def test_another_class_and_back_is_no_check(ada: Person, schools: Topic) -> None:
    """The day counts from the last check: what is overdue stays so. A named day lies within three years."""
    with at(MONDAY):
        made = article(ada, schools, due=MONDAY + timedelta(days=30))
    with at(MONDAY + timedelta(days=40)):
        made = made.fresh()
        for freshness, days in (("process", 180), ("price", 30), ("product", 90), ("price", 30)):
            made.edit(by=ada, freshness=freshness)
            assert made.review_by == MONDAY + timedelta(days=days)
        made.edit(by=ada, freshness="dated", review_by=MONDAY + timedelta(days=50))
        made.edit(by=ada, freshness="price")
        assert made.is_overdue
        with pytest.raises(Invalid):
            made.edit(by=ada, freshness="dated", review_by=date(2099, 1, 1))


def test_a_named_day_stays_the_named_one_however_often_it_works(
    ada: Person, ben: Person, rita: Person, schools: Topic
) -> None:
    """What worked before it named its own day puts that day neither off nor nearer."""
    with at(MONDAY):
        made = article(ada, schools, due=MONDAY + timedelta(days=30))
    with at(MONDAY + timedelta(days=1)):
        Use.say(made.fresh(), by=ben)
        made = made.fresh()
        made.edit(by=ada, freshness="dated", review_by=MONDAY + timedelta(days=50))
    with at(MONDAY + timedelta(days=2)):
        Use.say(made.fresh(), by=rita)
        assert (made.fresh().review_by, made.fresh().postponed) == (MONDAY + timedelta(days=50), 0)


def test_nobody_names_a_day_that_never_comes(ada: Person, schools: Topic) -> None:
    far: dict[str, Any] = {"freshness": "dated", "review_by": date(2099, 1, 1)}
    with pytest.raises(Invalid, match="three years"):
        Article.add(by=ada, title="For ever", body="2 %.", topics=[schools], **far)


def test_a_vote_that_was_dropped_says_nothing_of_the_next_one_of_its_number(
    ada: Person, ben: Person, rita: Person, adam: Person, schools: Topic
) -> None:
    """A database may give the number of a vote that was taken back to the next one."""
    with at(MONDAY):
        one, two = article(ada, schools, "One"), article(ada, schools, "Two")
    with at(MONDAY + timedelta(days=1)):
        Use.say(one, by=ben)
        Use.say(two, by=ben)
        held = Use.get(Use.article == two)
        held.drop(by=adam)
        Use.take_back(two.fresh(), by=ben)
    with at(MONDAY + timedelta(days=2)):
        use = Use.create(id=held.id, article=two, person=rita, at=clock.now())
        recount(two.fresh())
        assert not use.is_held
        assert two.fresh().uses == 1


def test_only_a_check_that_was_asked_for_gives_points(ada: Person, schools: Topic) -> None:
    """So many are asked for in a week: fifty short texts are no income. Undone, none is asked for by that."""
    with at(MONDAY):
        made = article(ada, schools)
        verification.verify(made, by=ada)
        assert made.fresh().review_by == date(2026, 6, 10)
        assert PointEntry.total(ada) == 0
        event = Event.about(made).where(Event.verb == "verified").get()
        not_verified(made.fresh(), event, ada)
        assert asked(ada) == []


def test_why_it_changed_tells_nobody_s_number(
    ada: Person, ben: Person, schools: Topic, sign_in: SignIn
) -> None:
    """Everyone who reads the versions reads it (RULES 4.10); what is proposed is looked through as well."""
    made, said = article(ada, schools), "Call 13800138000."
    form = {"title": "Prices", "body": "2 %.", "topics": schools.id, "freshness": "price", "note": said}
    refused = sign_in(ada).post(f"{made.url}/edit", data={**form, "version": made.version})
    assert refused.status_code == 422
    assert "Take out what tells who it is" in refused.text
    assert made.fresh().text_number == 1
    with pytest.raises(Invalid):
        proposals.suggest(made.fresh(), by=ben, title="Prices", body="3 %.", note=said)
    made.fresh().edit(by=ada, body="3 %.", approved=True, note=said)  # proposed before that was looked for
    assert history.versions(made).first().note == ""


def test_each_version_says_why(ada: Person, schools: Topic, sign_in: SignIn) -> None:
    made, browser = article(ada, schools), sign_in(ada)
    form = {"title": "Prices", "body": "2 %.", "topics": schools.id, "freshness": "price"}
    sent = form | {"note": "The bank raised it.", "version": made.version}
    assert browser.post(f"{made.url}/edit", data=sent).status_code == 303
    with i18n.speaking("en"):
        made.fresh().restore_version(1, by=ada)
    page = browser.get(f"{made.url}/versions").text
    assert "The bank raised it." in page
    assert "Version 1 is the text again." in page


def test_of_two_who_say_at_once_that_it_worked_both_count(
    ada: Person, ben: Person, rita: Person, schools: Topic
) -> None:
    with at(MONDAY):
        made = article(ada, schools, due=MONDAY + timedelta(days=30))
    acts = [partial(transact, partial(Use.say, made.fresh(), by=person)) for person in (ben, rita)]
    at_once(*acts)
    assert made.fresh().uses == 2
    assert made.fresh().postponed == 15


def long_unused(by: Person, topic: Topic, title: str = "Fax") -> Article:
    """Published on that Monday; reading has been counted since then."""
    with at(MONDAY):
        made = article(by, topic, title, MONDAY + timedelta(days=30))
        Readership.insert(noun="article", record=0, span="week", on=MONDAY, created_at=clock.now()).execute()
    return made


def kept_asked(person: Person) -> list[str]:
    return [need.url for need in needs(person) if need.kind == "unused"]


def test_what_nobody_used_in_half_a_year_is_kept_or_put_away_and_not_checked(
    ada: Person, ben: Person, rita: Person, schools: Topic, sign_in: SignIn
) -> None:
    """180 days: on the 180th it is checked as ever. It is never put away by itself (RULES 4.4)."""
    made = long_unused(ada, schools)
    with at(MONDAY + timedelta(days=180)):
        await_checks()
        assert (asked(ada), kept_asked(ada)) == ([made.url], [])
    with at(MONDAY + timedelta(days=187)):  # whole weeks are counted
        await_checks()
        await_checks()
        assert (asked(ada), kept_asked(ada)) == ([], [made.url])
        assert made.fresh().state == "published"
        page, browser = sign_in(ada).get(made.url).text, sign_in(ada)
        assert f'action="{made.url}/keeping"' in page
        assert f'action="{made.url}/keeping"' not in sign_in(ben).get(made.url).text
        assert sign_in(ben).post(f"{made.url}/keeping").status_code == 403
    with at(MONDAY + timedelta(days=201), hour=11):
        advance()
        assert (kept_asked(ada), kept_asked(rita)) == ([], [made.url])
        browser = sign_in(rita)
        need = next(need for need in needs(rita) if need.kind == "unused")
        said = browser.post(f"/needs-me/{need.id}/answer", data={"answer": "keep"})
        assert said.status_code in (200, 303)
        assert kept_asked(rita) == []
        await_checks()
        assert (asked(ada), kept_asked(ada)) == ([made.url], [])
    with at(MONDAY + timedelta(days=390)):
        Clock.stop(made, "check")
        await_checks()
        assert kept_asked(ada) == [made.url], "kept half a year ago"
        need = next(need for need in needs(ada) if need.kind == "unused")
        sign_in(ada).post(f"/needs-me/{need.id}/answer", data={"answer": "archive"})
        assert made.fresh().is_archived
        assert kept_asked(ada) == []


@pytest.mark.parametrize("use", ["read", "worked", "rewritten"])
def test_what_was_used_is_not_put_away(ada: Person, ben: Person, schools: Topic, use: str) -> None:
    """Also where that was asked already: nobody is asked any longer."""
    made = long_unused(ada, schools)
    with at(MONDAY + timedelta(days=190)):
        await_checks()
        assert kept_asked(ada) == [made.url]
        if use == "read":
            facts: dict[str, Any] = {"noun": "article", "record": made.id, "span": "week", "views": 1}
            Readership.insert(**facts, on=MONDAY + timedelta(days=189), created_at=clock.now()).execute()
        elif use == "worked":
            Use.say(made.fresh(), by=ben)
        else:
            made.fresh().edit(by=ada, body="2 %.")
        await_checks()
        assert kept_asked(ada) == []


def test_who_is_on_leave_is_not_asked_for_a_check(
    ada: Person, ben: Person, stan: Person, rita: Person, adam: Person, schools: Topic, sign_in: SignIn
) -> None:
    """Whom its topic belongs to is, then the deputy, then its reviewers; and whom it waits for may say it."""
    TopicRule.choose(schools, by=adam, way="none", owner=ben, deputy=stan)
    with at(MONDAY):
        made, late = (article(ada, schools, title) for title in ("Away", "Late"))
        Absence.note(by=ada, person=ada, first_day=MONDAY, last_day=MONDAY)
        await_checks()
        assert (asked(ada), set(asked(ben))) == ([], {made.url, late.url})
        assert "Correct it" not in (page := sign_in(ben).get(made.url).text)
        assert "Still true" in page
        verification.verify(made.fresh(), by=ben)
        assert sign_in(stan).get(late.url).text.count("Still true") == 1
        assert verification.verifiable_by(made.fresh(), rita)
    with at(MONDAY + timedelta(days=15)):
        advance()
        assert (asked(ben), asked(rita)) == ([], [late.url])


def test_who_goes_on_leave_leaves_no_check_lying(
    ada: Person, ben: Person, stan: Person, rita: Person, adam: Person, schools: Topic
) -> None:
    TopicRule.choose(schools, by=adam, way="none", owner=ben, deputy=stan)
    with at(MONDAY):
        made = article(ada, schools)
        await_checks()
        Absence.note(by=ben, person=ben, first_day=MONDAY, last_day=MONDAY)
        assert asked(ada) == [made.url]
        Absence.note(by=ada, person=ada, first_day=MONDAY, last_day=MONDAY)
    with at(MONDAY, hour=11):
        advance()
        assert (asked(ada), asked(ben), asked(stan)) == ([], [], [made.url])
