"""How much an article is read: sums that stay, marks that end, and nothing that tells who."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from portal import clock
from portal.jobs import knowledge as _knowledge  # noqa: F401 - registers its jobs
from portal.jobs import registry, retention
from portal.models.base import bulk
from portal.models.base.database import db
from portal.models.base.record import Invalid
from portal.models.company.topics import Topic
from portal.models.insights import usage
from portal.models.knowledge.articles import Article
from portal.models.knowledge.checks import await_checks
from portal.models.knowledge.objections import Objection
from portal.models.knowledge.readership import Readership, ReadMark
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.knowledge.uses import Use
from portal.models.people.letters import Letter, UnwantedLetter
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.search.lookups import Lookup
from portal.models.work.jobs import Job
from portal.settings import Settings
from tests.counting import queries

NOON = datetime(2026, 11, 26, 4, tzinfo=UTC)
"""A Thursday, twelve o'clock in Shanghai."""


@pytest.fixture
def article(ada: Person, schools: Topic) -> Article:
    with clock.moved(NOON - timedelta(days=80)):
        return Article.add(by=ada, title="Ask first", body="One question.", topics=[schools], published=True)


COLLEAGUES = (901, 902, 903)
"""Three, of whom no page here knows more than their number: so many may be told of."""


def read(article: Article, *people: Person | int, key: str = "a secret") -> None:
    for person in people:
        ReadMark.read(
            article.id,
            article.topic_ids,
            person=int(person.id if isinstance(person, Person) else person),
            key=key,
        )
    Readership.add_up()


def sums(noun: str, record: int) -> list[tuple[str, date, int, int]]:
    rows = Readership.select().where((Readership.noun == noun) & (Readership.record == record))
    return [
        (row.span, row.on, row.views, row.readers) for row in rows.order_by(Readership.span, Readership.on)
    ]


def read_of(article: Article) -> usage.Read:
    return usage.read_of(usage.beside(Article.select()).where(Article.id == article.id).get())


def test_a_colleague_counts_once_a_day_and_among_the_readers_of_a_week_and_a_month_once(
    article: Article, ben: Person, stan: Person, schools: Topic
) -> None:
    with clock.moved(NOON):
        read(article, ben, ben, stan)
    with clock.moved(NOON + timedelta(days=1)):
        read(article, ben)
    with clock.moved(NOON + timedelta(days=6)):
        read(article, ben)  # in December
    assert sums("article", article.id) == [
        ("month", date(2026, 11, 1), 3, 2),
        ("month", date(2026, 12, 1), 1, 1),
        ("week", date(2026, 11, 23), 3, 2),
        ("week", date(2026, 11, 30), 1, 1),
    ]
    assert sums("topic", schools.id) == sums("article", article.id)


def test_a_topic_has_its_own_readers(article: Article, ada: Person, ben: Person, schools: Topic) -> None:
    other = Article.add(by=ada, title="Then listen", body="Two.", topics=[schools], published=True)
    with clock.moved(NOON):
        read(article, ben)
        read(other, ben)
    assert sums("topic", schools.id)[0] == ("month", date(2026, 11, 1), 2, 1), "two articles, one reader"


def test_reading_is_told_of_a_month_that_is_over_and_of_three_readers(
    article: Article, ada: Person, rita: Person, schools: Topic
) -> None:
    """Who sends a page to one colleague, and looks again, must not see that they came."""
    nothing = (None, None, None, None)
    with clock.moved(NOON - timedelta(days=30)):  # in October
        read(article, *COLLEAGUES)
    for readers, told in ((COLLEAGUES[:2], (None, None, None, 3)), (COLLEAGUES, (3, 3, 0, 3))):
        with clock.moved(NOON):
            read(article, *readers)
            assert read_of(article) == (3, 3, 0, None), "this month is not over"
        with clock.moved(NOON + timedelta(days=5)):
            assert read_of(article) == told
            (of_topic,) = usage.by_topic(rita)
            assert of_topic.read == told
            assert [used.read for _, used in usage.of_articles(Article.select(), rita)] == [told]
    with clock.moved(NOON + timedelta(days=70)):
        assert read_of(article) == nothing


def test_no_mark_tells_who_or_when_and_none_outlives_its_period(
    article: Article, ben: Person, stan: Person
) -> None:
    with clock.moved(NOON):
        read(article, ben, stan)
        ReadMark.search(str(article), person=ben, key="a secret")
        marks = list(ReadMark.select())
        assert {each.created_at for each in marks} == {datetime(2026, 10, 31, 16, tzinfo=UTC)}
        assert len({each.who for each in marks}) == len(marks), "no two can be laid side by side"
        assert "person" not in {column.name for table in MARKED for column in db.get_columns(table)}
        ReadMark.forget_old()
        assert ReadMark.select().count() == len(marks)
    with clock.moved(NOON + timedelta(days=1)):
        for forget in (ReadMark.forget_old, Readership.forget_old):
            assert forget in retention.FORGOTTEN
        retention.forget_what_is_old(Job(name="forget what is old"))
        assert {each.period for each in ReadMark.select()} == {"2026-11", "2026-W48"}, "the day is over"
    with clock.moved(NOON + timedelta(days=4)):
        ReadMark.forget_old()
        assert {each.period for each in ReadMark.select()} == {"2026-11"}, "so is the week"
    with clock.moved(NOON + timedelta(days=5)):
        ReadMark.forget_old()
        assert ReadMark.select().count() == 0, "so is the month"
        assert sums("article", article.id)[0] == ("month", date(2026, 11, 1), 2, 2)
    with clock.moved(NOON + timedelta(days=731)):
        Readership.forget_old()
        assert Readership.select().count() == 0


MARKED = ("read_mark", "readership")


def test_a_search_counts_where_it_led_to_what_others_wrote_and_keep(
    article: Article, ada: Person, ben: Person, stan: Person, rita: Person
) -> None:
    with clock.moved(NOON):
        for ident in (
            str(article),
            str(article),
            "article-999",
            "article-x",
            "article-" + "9" * 40,
            "deal-1",
            "",
        ):
            ReadMark.search(ident, person=ben, key="a secret")
        for person in (ada, rita):
            ReadMark.search(str(article), person=person, key="a secret")
        article.archive(by=ada)
        ReadMark.search(str(article), person=stan, key="a secret")
        Readership.add_up()
        assert {row.searches for row in Readership.select()} == {1}


def test_of_however_many_it_is_asked_how_often_they_were_read(
    article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.moved(NOON):
        read(article, *COLLEAGUES)
        monkeypatch.setattr(bulk, "BATCH", 2)
        with queries() as asked:
            assert Readership.views_of(range(article.id - 2, article.id + 3)) == {article.id: 3}
        assert len(asked) == 3, "no statement has more parameters than a database takes"


def test_what_is_read_more_is_asked_for_a_check_first(ada: Person, ben: Person, schools: Topic) -> None:
    """RULES 4.4: priority = views_30d x risk x overdue_days."""
    facts: dict[str, Any] = {"by": ada, "body": "One.", "topics": [schools], "published": True}
    with clock.moved(NOON - timedelta(days=400)):
        price = Article.add(title="Price", freshness="price", **facts)
        tales = [Article.add(title=f"Tale {n}", freshness="evergreen", **facts) for n in range(6)]
    with clock.moved(NOON):
        read(tales[5], ben)  # 1 x 1 x 35 days, before 0 x 3 x 370
        await_checks()
        asked = [str(need.text) for need in needs(ada) if "still true" in str(need.text)]
    assert len(asked) == 5, "of one person five in a week"
    assert any(tales[5].title in text for text in asked)
    assert any(price.title in text for text in asked), "then what is riskiest and longest overdue"
    assert not any(tales[4].title in text for text in asked)


def test_the_use_of_a_topic_in_figures(
    article: Article, ada: Person, ben: Person, stan: Person, rita: Person, schools: Topic
) -> None:
    with clock.moved(NOON):
        Use.say(article, by=ben)
        Objection.say(article, by=stan, reason="The customer had a loan already.")
        draft = Article.add(by=ada, title="Late", body="One.", topics=[schools], published=False)
    with clock.moved(NOON + timedelta(days=4)):
        draft.publish(by=ada)
    with clock.moved(NOON + timedelta(days=5)):  # December
        (found,) = usage.by_topic(rita)
        assert (found.topic, found.published, found.in_date) == (schools, 2, 2)
        assert (found.worked, found.failed) == (1, 1)
        assert found.days == 2.0, "one at once, one after four days"
        rows = usage.of_articles(Article.select(), rita)
        assert {one.title: (used.worked, used.failed) for one, used in rows} == {
            "Ask first": (1, 1),
            "Late": (0, 0),
        }
    Article.update(review_by=date(2026, 11, 1)).where(Article.id == article.id).execute()
    with clock.moved(NOON + timedelta(days=4)):
        assert usage.by_topic(rita)[0].trust == 0.5
        for title in ("Page 1", "Page 2", "Page 3"):
            page = Article.add(by=ada, title=title, body="One.", topics=[schools], published=True)
            page.track("imported")
        assert usage.by_topic(rita)[0].days == 2.0, "what a file brought was begun elsewhere"
        Article.add(by=ada, title="At once", body="One.", topics=[schools], published=True)
        assert usage.by_topic(rita)[0].days == 0.0, "two of three at once"


def test_the_week_says_what_rose_what_nobody_read_and_what_was_looked_for_in_vain(
    article: Article, ada: Person, ben: Person, stan: Person, rita: Person, schools: Topic
) -> None:
    with clock.moved(NOON - timedelta(days=80)):
        facts: dict[str, Any] = {"by": ada, "body": "One.", "topics": [schools], "published": True}
        quiet, told_of_none = [Article.add(title=title, **facts) for title in ("Quiet", "Read by two")]
    with clock.moved(NOON + timedelta(days=4)):
        assert usage.week_of(rita).unread_count == 0, "it was not counted yet"
    with clock.moved(NOON - timedelta(days=60)):
        read(article, ben)
    with clock.moved(NOON - timedelta(days=7)):
        read(article, *COLLEAGUES)
    with clock.moved(NOON):
        read(article, *COLLEAGUES, ben)
        read(told_of_none, ben, stan)
        Article.add(by=ada, title="New", body="One.", topics=[schools], published=True)
        Lookup.note(ben, "holiday parking", found=0)
    with clock.moved(NOON + timedelta(days=4)):  # the Monday after
        Lookup.note(ben, "this week alone", found=0)
        week = usage.week_of(rita)
    assert (week.monday, week.sunday, week.views, week.before) == (
        date(2026, 11, 23),
        date(2026, 11, 29),
        6,
        3,
    )
    assert [(one.title, *usage.read_of(one)) for one in week.rose] == [("Ask first", 4, 4, 0, 3)]
    assert ([one.title for one in week.unread], week.unread_count) == ([quiet.title], 1), (
        "what is new has time"
    )
    assert [each.text for each in week.vain] == ["holiday parking"]


def test_what_was_read_as_a_month_ended_is_that_month_s(article: Article, ben: Person) -> None:
    late = datetime(2026, 11, 30, 15, 59, tzinfo=UTC)  # a minute before December in Shanghai
    with clock.moved(late):
        ReadMark.read(article.id, article.topic_ids, person=ben.id, key="a secret")
        assert ReadMark.is_any_uncounted()
    with clock.moved(late + timedelta(minutes=5)):
        ReadMark.forget_old()  # which adds up first
        assert not ReadMark.is_any_uncounted()
        Readership.add_up()
        assert sums("article", article.id) == [
            ("month", date(2026, 11, 1), 1, 1),
            ("week", date(2026, 11, 30), 1, 1),
        ]


def test_what_is_in_no_sum_yet_is_not_forgotten(
    article: Article, ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mark that comes in between adding up and forgetting waits for the next time."""
    with clock.moved(NOON):
        read(article, 901)
        ReadMark.read(article.id, article.topic_ids, person=ben.id, key="a secret")
    with clock.moved(NOON + timedelta(days=40)):
        with monkeypatch.context() as between:
            between.setattr(Readership, "add_up", lambda: None)
            ReadMark.forget_old()
        assert {each.counted for each in ReadMark.select()} == {False}
        ReadMark.forget_old()
        assert ReadMark.select().count() == 0
        assert sums("article", article.id)[0] == ("month", date(2026, 11, 1), 2, 2)


def test_who_looks_after_a_topic_is_told_of_the_week_once_and_by_mail_where_they_want_it(
    article: Article, ada: Person, adam: Person, ben: Person, rita: Person, stan: Person, schools: Topic
) -> None:
    TopicRule.create(topic=schools, owner=stan, deputy=adam)
    with clock.moved(NOON):
        read(article, *COLLEAGUES)
    with clock.moved(NOON + timedelta(days=4)):  # the Monday after
        people = usage.readers_of_the_week()
        assert {stan, rita} <= set(people)
        assert ben not in people
        assert ada not in people
        UnwantedLetter.choose(by=rita, wanted=False)
        UnwantedLetter.choose(by=rita, wanted=False)
        waiting = dict(usage.reports())
        assert waiting[adam] is waiting[rita], "reckoned once"
        assert [usage.report(one, waiting[one], by_mail=True) for one in (stan, stan, rita)] == [
            True,
            False,
            True,
        ]
        assert [person for person, _ in usage.reports()] == [adam], "the others know"
        (letter,) = Letter.select()
        assert (letter.person, letter.purpose) == (stan, "report")
        assert "Read 3 times\n" in letter.body
        assert "Ask first (3)" in letter.body
        assert "Ben" not in letter.body
        settings = Settings(secret="a secret", base_url="https://portal.example")
        assert letter.link(settings) == "https://portal.example/articles/usage/week"
        with pytest.raises(Invalid):
            letter.show_link(settings, by=rita)
        told = Notice.get(Notice.person == rita)
        assert told.url == "/articles/usage/week"
        UnwantedLetter.choose(by=rita, wanted=True)
        assert UnwantedLetter.wants(rita)
    with clock.moved(NOON + timedelta(days=400)):
        Article.update(state="archived").execute()
        assert usage.reports() == [], "there is nothing to tell"


def test_what_somebody_typed_is_not_mailed_and_a_report_is_forgotten(
    article: Article, ben: Person, rita: Person, schools: Topic
) -> None:
    with clock.moved(NOON - timedelta(days=6)):
        Lookup.note(ben, "Mr Wang of Lane 4", found=0)
    with clock.moved(NOON + timedelta(days=4)):
        assert usage.week_of(rita).vain == [], "in the week before, not in this one"
        assert usage.reports() == [], "nothing happened"
    with clock.moved(NOON + timedelta(days=1)):
        Lookup.note(ben, "Mr Wang of Lane 4", found=0)
    with clock.moved(NOON + timedelta(days=4)):
        assert [(each.text, each.recent) for each in usage.week_of(rita).vain] == [("Mr Wang of Lane 4", 1)]
        assert usage.report(rita, usage.week_of(rita), by_mail=True)
        Letter.invite(ben, by=None)
        body = Letter.get(Letter.purpose == "report").body
        assert "Wang" not in body
        assert "Looked for in vain: 1. The report names what it was." in body  # else it would say nothing
    for days, kept in ((33, 2), (35, 1)):
        with clock.moved(NOON + timedelta(days=days)):
            retention.forget_what_is_old(Job(name="forget what is old"))
            assert Letter.select().count() == kept
    assert Letter.get().purpose == "invitation"


def test_the_report_is_made_once_a_week(article: Article, rita: Person) -> None:
    assert registry.weekly(NOON) == "2026-W48"
    assert registry.weekly(datetime(2026, 11, 29, 16, tzinfo=UTC)) == "2026-W49", "Monday in Shanghai"
    work = registry.WORK["report how knowledge is used"]
    assert work.period is registry.weekly
    with clock.moved(NOON):
        for person in COLLEAGUES:
            ReadMark.read(article.id, article.topic_ids, person=person, key="a secret")
    with clock.moved(NOON + timedelta(days=4)):
        for _again in range(2):
            work.function(Job(name="report how knowledge is used"))
        assert Notice.select().where(Notice.person == rita).count() == 1
    assert Letter.select().count() == 0, "without a mail server none is written"
