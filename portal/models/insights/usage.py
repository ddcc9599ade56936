"""How knowledge is used: by article, by topic, and week by week for whoever looks after a topic.

Sums alone: how much was read, searched for, found working or not, and in how many won deals it was used; who
did is nowhere to be seen.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from typing import Any, NamedTuple

from peewee import JOIN, SQL, Case, ModelSelect, Value, fn

from portal import clock, i18n
from portal.clock import Month
from portal.i18n import Phrase
from portal.models.base.fields import days_between
from portal.models.base.record import Event
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.insights.answers import (
    AnswerFigure,
    CaseFigure,
    cases_by_article,
    figures_by_article,
    sums_by_topic,
)
from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.knowledge.objections import Objection
from portal.models.knowledge.readership import Readership
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.knowledge.uses import Use
from portal.models.people.letters import REPORTS, Letter
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role, RoleGrant
from portal.models.search.lookups import Gap, Missing, missing

YEAR = timedelta(days=365)
WEEK = timedelta(days=7)
UNREAD = timedelta(days=28)
MOST, FEW = 50, 5
LATE, EARLY = Readership.alias("late"), Readership.alias("early")
"""The sums of a week or month, and of the one before."""


class Read(NamedTuple):
    """What was read of something in the last month that is over; None where fewer people did than whose doing
    may be told: who sends a page to one colleague, or waits for one, must not read here whether they came.
    """

    views: int | None = None
    readers: int | None = None
    searches: int | None = None
    """How often it was opened from a search."""
    before: int | None = None
    """Views in the month before that."""

    @classmethod
    def told(cls, views: int, readers: int, searches: int, before: int, readers_before: int) -> Read:
        """Of sums, as far as they are told."""
        enough, enough_before = readers >= _least(), readers_before >= _least()
        told = cls(views, readers, searches) if enough else cls()
        return told._replace(before=before if enough_before else None)


def _least() -> int:
    return int(Setting.read("effect.least_people"))


@dataclass(frozen=True)
class Used:
    """How an article, or what stands under a topic, is used."""

    read: Read
    worked: int = 0
    """For so many colleagues, in the last month; of an article ever."""
    failed: int = 0
    deals: AnswerFigure | None = None
    """The deals in which it or its answer was used, as far as they tell nobody how one or two colleagues
    did.
    """
    cases: CaseFigure | None = None
    """The requests of customers for which it was used."""


@dataclass(frozen=True)
class TopicUse(Used):
    """The same of a topic, with how fresh its knowledge is, and how fast it is published."""

    topic: Topic = field(kw_only=True)
    published: int = 0
    in_date: int = 0
    """Published, and not overdue for a check: RULES 4.4 wants four of five."""
    days: float | None = None
    """The median of days from its first submission, else its first draft, until it was published: of what was
    published within a year; None for none."""

    @property
    def trust(self) -> float:
        return self.in_date / self.published


def open_to(person: Person) -> bool:
    """Reviewers, managers, administrators, and whom a topic belongs to."""
    return person.is_active and (Gap.open_to(person) or bool(looked_after(person)))


def looked_after(person: Person) -> frozenset[int]:
    """Ids of the topics that somebody owns, stands in for, or reviews."""
    rules = ((topic, TopicRule.of(topic)) for topic in Topic.every())
    owned = {topic for topic, rule in rules if rule and person.id in (rule.owner_id, rule.deputy_id)}
    return frozenset(owned | set(person.review_topics if person.is_reviewer else ()))


def beside(articles: ModelSelect[Article]) -> ModelSelect[Article]:
    """The same articles, each with how much it is read, for `read_of`: in one query."""
    return _with_read(articles, "month", *_months())


def _with_read(articles: ModelSelect[Article], span: str, late: date, early: date) -> ModelSelect[Article]:
    found: Any = articles
    for sums, on in ((LATE, late), (EARLY, early)):
        same = (sums.noun == "article") & (sums.record == Article.id) & (sums.span == span) & (sums.on == on)
        found = found.join_from(Article, sums, JOIN.LEFT_OUTER, on=same)
    columns = (LATE.views, LATE.readers, LATE.searches, EARLY.views, EARLY.readers)
    told = [fn.COALESCE(column, 0).alias(f"read_{place}") for place, column in enumerate(columns)]
    joined: ModelSelect[Article] = found.select_extend(*told)
    return joined


def read_of(article: Article) -> Read:
    """How much an article is read, that was asked for so."""
    return Read.told(*(int(getattr(article, f"read_{place}")) for place in range(5)))


def of_articles(articles: ModelSelect[Article], person: Person) -> list[tuple[Article, Used]]:
    """The most read of these, most first: as far as that is told."""
    order = (Case(None, [(LATE.readers >= _least(), LATE.views)], 0).desc(), Article.uses.desc(), Article.id)
    listed = list(beside(articles).order_by(*order).limit(MOST))
    ids = [article.id for article in listed]
    deals, cases = figures_by_article(ids, person), cases_by_article(ids)
    against: Any = Objection.select(Objection.article, fn.COUNT(Objection.id)).group_by(Objection.article)
    failed = dict(against.where(Objection.article.in_(ids)).tuples()) if ids else {}
    return [
        (each, Used(read_of(each), each.uses, failed.get(each.id, 0), deals.get(each.id), cases.get(each.id)))
        for each in listed
    ]


def by_topic(person: Person) -> list[TopicUse]:
    """Every topic under which something is published, the most read first. What stands under several counts
    in each.
    """
    read, said, days, topics = _read_by_topic(), _said(), _days_to_publish(), Topic.every()
    deals, cases = sums_by_topic(person)
    found = [
        TopicUse(
            read.get(topic, Read()),
            *said.get(topic, (0, 0)),
            deals.get(topic),
            cases.get(topic),
            topic=topics[topic],
            published=published,
            in_date=in_date,
            days=days.get(topic),
        )
        for topic, published, in_date in published_by_topic()
        if topic in topics
    ]
    return sorted(found, key=lambda each: (-(each.read.views or 0), -each.published, each.topic.id))


def published_by_topic() -> list[tuple[int, int, int]]:
    """Each topic under which something is published, by its id: how much, and how much of it in date."""
    return [(topic, count, int(in_date)) for topic, count, in_date in _in_date()]


def _in_date() -> Any:
    """By topic how much is published, and how much of it in date."""
    held = Article.review_by.is_null() | (Article.review_by >= clock.today())
    counted = (fn.COUNT(Article.id), fn.SUM(Case(None, [(held, 1)], 0)))
    rows: Any = ArticleTopic.select(ArticleTopic.topic, *counted).join(Article)
    return rows.where(Article.state == "published").group_by(ArticleTopic.topic).tuples()


def _months() -> tuple[date, date]:
    """The first days of the last month that is over and of the one before."""
    last = Month.of(clock.today()).previous
    return last.first_day, last.previous.first_day


def _read_by_topic() -> dict[int, Read]:
    last, before = _months()
    of_months = (
        (Readership.noun == "topic") & (Readership.span == "month") & Readership.on.in_((last, before))
    )
    sums = defaultdict[int, dict[date, Readership]](dict)
    for row in Readership.select().where(of_months):
        sums[row.record][row.on] = row
    none = Readership(views=0, readers=0, searches=0)
    found = {topic: (by.get(last, none), by.get(before, none)) for topic, by in sums.items()}
    return {
        topic: Read.told(now.views, now.readers, now.searches, then.views, then.readers)
        for topic, (now, then) in found.items()
    }


def _said() -> dict[int, tuple[int, int]]:
    """For how many it worked in the last month, and for how many it did not, by topic."""
    month, found = Month.of(clock.today()).previous, defaultdict[int, list[int]](lambda: [0, 0])
    parts: Any = None
    nouns: tuple[Any, ...] = (Use, Objection)
    for place, noun in enumerate(nouns):
        of_month = noun.select(noun.article.alias("article"), fn.COUNT(noun.id).alias("times"))
        of_month = of_month.where((noun.at >= month.start) & (noun.at < month.end))
        lately = of_month.group_by(noun.article).alias(f"lately{place}")  # counted before the topics join it
        said = ArticleTopic.select(ArticleTopic.topic, Value(place), fn.SUM(lately.c.times))
        said = said.join(lately, on=(lately.c.article == ArticleTopic.article))
        said = said.group_by(ArticleTopic.topic)
        parts = said if parts is None else parts.union_all(said)
    for topic, place, count in parts.tuples():
        found[topic][place] = int(count)
    return {topic: (worked, failed) for topic, (worked, failed) in found.items()}


def _days_to_publish() -> dict[int, float]:
    """By topic, to a tenth. What a file brought was begun elsewhere, nobody knows when: it does not count."""
    begun, tenth = fn.COALESCE(Article.proposed_at, Article.created_at), SQL("tenths")
    imported = (
        (Event.subject_kind == Article.kind()) & (Event.subject == Article.id) & (Event.verb == "imported")
    )
    tenths = fn.ROUND(days_between(begun, Article.published_at) * 10).alias("tenths")
    rows: Any = ArticleTopic.select(ArticleTopic.topic, tenths, fn.COUNT(Article.id)).join(Article)
    lately = (Article.state == "published") & (Article.published_at > clock.now() - YEAR)
    rows = rows.where(lately & ~fn.EXISTS(Event.select(1).where(imported)))
    took = defaultdict[int, list[tuple[float, int]]](list)
    for topic, passed, count in rows.group_by(ArticleTopic.topic, tenth).order_by(tenth).tuples():
        took[topic].append((max(0.0, float(passed)) / 10, count))
    return {topic: _median(days) for topic, days in took.items()}


def _median(counted: list[tuple[float, int]]) -> float:
    """Of values in order, each so often."""
    places, count = list(accumulate(often for _, often in counted)), sum(often for _, often in counted)
    middle = ((count - 1) // 2, count // 2)
    return sum(counted[bisect_right(places, place)][0] for place in middle) / 2


@dataclass(frozen=True)
class Week:
    """What was read in a week of what somebody looks after, as far as it is told of any."""

    monday: date
    topics: frozenset[int]
    """Which these are; empty for all."""
    views: int
    """Under topics that enough people read: what stands under several counts in each."""
    before: int
    """In the week before."""
    rose: list[Article]
    """What enough people read, more than in the week before, each for `read_of`."""
    unread: list[Article]
    """What has long been published, and nobody read in four weeks: the oldest of it."""
    unread_count: int
    vain: list[Missing]
    """What was looked for in vain in that week, wherever it would belong."""

    @property
    def sunday(self) -> date:
        return self.monday + WEEK - timedelta(days=1)

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.views or self.before or self.rose or self.unread_count or self.vain)


def last_monday() -> date:
    """The first day of the last week that is over."""
    today = clock.today()
    return today - timedelta(days=today.weekday()) - WEEK


def week_of(person: Person) -> Week:
    """The last week that is over, of the topics that a person looks after; of all for who has none."""
    return _week(looked_after(person), sees_vain=Gap.open_to(person))


def _week(topics: frozenset[int], *, sees_vain: bool) -> Week:
    monday, mine = last_monday(), Article.state == "published"
    if topics:
        under = ArticleTopic.select(ArticleTopic.article).where(ArticleTopic.topic.in_(sorted(topics)))
        mine &= Article.id.in_(under)
    read, (unread, count) = _week_sums(topics, monday), _unread(mine, monday)
    return Week(
        monday=monday,
        topics=topics,
        views=read.get(monday, 0),
        before=read.get(monday - WEEK, 0),
        rose=_rising(mine, monday),
        unread=unread,
        unread_count=count,
        vain=_vain(monday) if sees_vain else [],
    )


def _vain(monday: date) -> list[Missing]:
    """What nobody looked for in that week, though they did in the one before, is nothing of it."""
    return [each for each in missing(limit=FEW, until=clock.start_of(monday + WEEK)) if each.recent]


def _week_sums(topics: frozenset[int], monday: date) -> dict[date, int]:
    """What was read under these topics in this week and the one before."""
    on, told = Readership.on, Readership.readers >= _least()
    of_weeks = (Readership.noun == "topic") & (Readership.span == "week") & on.in_((monday, monday - WEEK))
    if topics:
        of_weeks &= Readership.record.in_(sorted(topics))
    rows: Any = Readership.select(on, fn.SUM(Readership.views)).where(of_weeks & told).group_by(on)
    return {day: int(views) for day, views in rows.tuples()}


def _rising(mine: Any, monday: date) -> list[Article]:
    read = _with_read(_TITLED.where(mine), "week", monday, monday - WEEK)
    rise = LATE.views - fn.COALESCE(EARLY.views, 0)
    rising = read.where((LATE.readers >= _least()) & (rise > 0))
    return list(rising.order_by(rise.desc(), Article.id).limit(FEW))


_TITLED: ModelSelect[Article] = Article.select(Article.id, Article.title, Article.language)


def _unread(mine: Any, monday: date) -> tuple[list[Article], int]:
    """The oldest, and how many: nobody read them. None before reading has been counted for four weeks."""
    since = monday + WEEK - UNREAD
    weeks = (Readership.noun == "article") & (Readership.span == "week")
    begun = Readership.select(1).where(weeks & (Readership.on <= since))
    it = (Readership.record == Article.id) & (Readership.views > 0)
    read = Readership.select(1).where(weeks & it & (Readership.on >= since))
    long_there = Article.published_at < clock.start_of(since)
    of_all: Any = fn.COUNT(Article.id).over().alias("of_all")
    found: Any = _TITLED.select_extend(Article.published_at, of_all).order_by(
        Article.published_at, Article.id
    )
    unread = list(found.where(mine & long_there & fn.EXISTS(begun) & ~fn.EXISTS(read)).limit(FEW))
    return unread, int(unread[0].of_all) if unread else 0


def readers_of_the_week() -> list[Person]:
    """Who looks after a topic, and works here: whom the week's report is for."""
    rules = TopicRule.every().values()
    ids = {who for rule in rules for who in (rule.owner_id, rule.deputy_id) if who is not None}
    reviewing = RoleGrant.select(RoleGrant.person).where(RoleGrant.role == Role.REVIEWER)
    here = Person.deactivated_at.is_null() & (Person.id.in_(sorted(ids)) | Person.id.in_(reviewing))
    return list(Person.select().where(here).order_by(Person.id))


def reports() -> list[tuple[Person, Week]]:
    """Who is to be told of the last week and was not yet, each with it: reckoned once for the same topics."""
    people = readers_of_the_week()
    keys = [_key(person) for person in people]
    told = {each.key for each in Notice.select(Notice.key).where(Notice.key.in_(keys))}
    weeks, found = dict[tuple[frozenset[int], bool], Week](), list[tuple[Person, Week]]()
    for person in people:
        if _key(person) not in told:
            which = looked_after(person), Gap.open_to(person)
            if which not in weeks:
                weeks[which] = _week(which[0], sees_vain=which[1])
            found.append((person, weeks[which]))
    return [(person, week) for person, week in found if not week.is_quiet]


def _key(person: Person) -> str:
    return f"usage {last_monday()} {person}"


def report(person: Person, week: Week, *, by_mail: bool) -> bool:
    """Tell somebody once how the knowledge that they look after was used last week, on their page of notices
    and by mail where they want it. False where it was told.
    """
    told = Phrase("Knowledge last week: what rose, what nobody read, what was looked for in vain.")
    if not Notice.tell(person, told, about=person, url=REPORTS, key=f"usage {week.monday} {person}"):
        return False
    if by_mail:
        with i18n.speaking(person.locale):
            Letter.report(person, _letter(week))
    return True


def _letter(week: Week) -> str:
    """The week in words, in the language that is spoken; nothing that somebody typed leaves the portal: of
    what was looked for in vain it says how many there are.
    """
    _ = i18n.gettext
    of = {
        _("Read more than before"): [f"{one.title} ({_rise(one)})" for one in week.rose],
        _("Nobody read in four weeks"): [one.title for one in week.unread],
    }
    first = _("%(first)s to %(last)s", first=i18n.day(week.monday), last=i18n.day(week.sunday))
    read = ""
    if week.views:
        times = i18n.number(week.views)
        read = i18n.ngettext("Read %(num)s time", "Read %(num)s times", week.views, num=times)
    before = _("%(count)s in the week before.", count=i18n.number(week.before)) if week.before else ""
    told = _(", ").join(each for each in (read, before) if each) or _("Too few read it to say how often.")
    parts = [f"{first}\n{told}"]
    parts += ["\n".join([name, *(f"- {line}" for line in lines)]) for name, lines in of.items() if lines]
    if week.vain:
        number = i18n.number(len(week.vain))
        parts.append(_("Looked for in vain: %(num)s. The report names what it was.", num=number))
    return "\n\n".join([*parts, _("The report is here. There you also say whether it is mailed to you.")])


def _rise(article: Article) -> str:
    read = read_of(article)
    return str(read.views) if read.before is None else f"{read.before} → {read.views}"
