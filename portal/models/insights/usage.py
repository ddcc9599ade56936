"""How knowledge is used: by article, by topic, and week by week for whoever looks after a topic.

Sums alone: how much was read, searched for, found working or not, and in how many won deals it was used; who
did is nowhere to be seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median
from typing import Any, NamedTuple

from peewee import JOIN, Case, ModelSelect, Value, fn

from portal import clock, i18n
from portal.clock import Month
from portal.i18n import Phrase
from portal.models.company.topics import Topic
from portal.models.insights.answers import AnswerFigure, figures_by_article, figures_by_topic
from portal.models.knowledge.articles import Article, ArticleTopic, Use
from portal.models.knowledge.objections import Objection
from portal.models.knowledge.readership import Readership
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.people.letters import REPORTS, Letter
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role, RoleGrant
from portal.models.search.lookups import Gap, Missing, missing

SPAN = timedelta(days=28)
"""Four weeks, beside the four before: in each, every day of the week is there as often."""
YEAR = timedelta(days=365)
MOST, FEW = 50, 5


class Read(NamedTuple):
    """What was read of something: views in the last 28 days and in the 28 before, this month's readers, and
    how often it was opened from a search in the last 28 days.
    """

    views: int = 0
    before: int = 0
    readers: int = 0
    searches: int = 0


@dataclass(frozen=True)
class Used:
    """How an article, or what stands under a topic, is used."""

    read: Read
    worked: int = 0
    """For so many colleagues, in the last 28 days; of an article ever."""
    failed: int = 0
    deals: AnswerFigure | None = None
    """The deals in which its answer was used, as far as they tell nobody how one or two colleagues did."""


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


def beside(articles: ModelSelect[Article], id: int) -> ModelSelect[Article]:
    """The same articles, one of them with how much it is read, for `read_of`: in one query."""
    sums: Any = _sums("article").where(Readership.record == id).alias("sums")
    told = [fn.COALESCE(getattr(sums.c, name), 0).alias(f"read_{name}") for name in Read._fields]
    joined: Any = articles.select_extend(*told)
    found: ModelSelect[Article] = joined.join_from(
        Article, sums, JOIN.LEFT_OUTER, on=(sums.c.record == Article.id)
    )
    return found


def read_of(article: Article) -> Read:
    """How much an article is read, that was asked for so."""
    return Read(*(int(getattr(article, f"read_{name}")) for name in Read._fields))


def of_article(article: Article) -> Read:
    """How much it is read."""
    return _read("article", [article.id]).get(article.id, Read())


def of_articles(articles: ModelSelect[Article], person: Person) -> list[tuple[Article, Used]]:
    """The most read of these, most first."""
    sums = _sums("article").alias("sums")
    order = (fn.COALESCE(sums.c.views, 0).desc(), Article.uses.desc(), Article.id)
    joined: Any = articles.join_from(Article, sums, JOIN.LEFT_OUTER, on=(sums.c.record == Article.id))
    listed = list(joined.order_by(*order).limit(MOST))
    ids = [article.id for article in listed]
    read, deals = _read("article", ids), figures_by_article(ids, person)
    against: Any = Objection.select(Objection.article, fn.COUNT(Objection.id)).group_by(Objection.article)
    failed = dict(against.where(Objection.article.in_(ids)).tuples()) if ids else {}
    return [
        (each, Used(read.get(each.id, Read()), each.uses, failed.get(each.id, 0), deals.get(each.id)))
        for each in listed
    ]


def by_topic(person: Person) -> list[TopicUse]:
    """Every topic under which something is published, the most read first. What stands under several counts
    in each.
    """
    read, said, days, deals = _read("topic"), _said(), _days_to_publish(), figures_by_topic(person)
    topics = Topic.every()
    found = [
        TopicUse(
            read.get(topic, Read()),
            *said.get(topic, (0, 0)),
            deals.get(topic),
            topic=topics[topic],
            published=published,
            in_date=in_date,
            days=days.get(topic),
        )
        for topic, published, in_date in _published()
        if topic in topics
    ]
    return sorted(found, key=lambda each: (-each.read.views, -each.published, each.topic.id))


def _published() -> Iterable[tuple[int, int, int]]:
    held = Article.review_by.is_null() | (Article.review_by >= clock.today())
    counted = (fn.COUNT(Article.id), fn.SUM(Case(None, [(held, 1)], 0)))
    rows: Any = ArticleTopic.select(ArticleTopic.topic, *counted).join(Article)
    rows = rows.where(Article.state == "published").group_by(ArticleTopic.topic).tuples()
    return [(topic, count, int(in_date)) for topic, count, in_date in rows]


def _sums(noun: str) -> ModelSelect[Readership]:
    """What was read, by record: of the last 28 days, the 28 before, and this month."""
    today = clock.today()
    since, month = today - SPAN + timedelta(days=1), Month.of(today).first_day

    def summed(counted: Any, within: Any) -> Any:
        return fn.SUM(Case(None, [(within, counted)], 0))

    late, on = Readership.on >= since, Readership.on
    columns = (
        summed(Readership.views, late).alias("views"),
        summed(Readership.views, ~late).alias("before"),
        summed(Readership.readers, on >= month).alias("readers"),
        summed(Readership.searches, late).alias("searches"),
    )
    found: ModelSelect[Readership] = Readership.select(Readership.record, *columns)
    return found.where(Readership.within(noun, since - SPAN)).group_by(Readership.record)


def _read(noun: str, records: Collection[int] | None = None) -> dict[int, Read]:
    found = _sums(noun) if records is None else _sums(noun).where(Readership.record.in_(list(records)))
    rows: Any = found.tuples() if records is None or records else ()
    return {record: Read(*map(int, counted)) for record, *counted in rows}


def _said() -> dict[int, tuple[int, int]]:
    """For how many it worked in the last 28 days, and for how many it did not, by topic."""
    since, found = clock.now() - SPAN, defaultdict[int, list[int]](lambda: [0, 0])
    parts: Any = None
    nouns: tuple[Any, ...] = (Use, Objection)
    for place, noun in enumerate(nouns):
        said = noun.select(ArticleTopic.topic, Value(place), fn.COUNT(noun.id))
        said = said.join(ArticleTopic, on=(ArticleTopic.article == noun.article))
        said = said.where(noun.at > since).group_by(ArticleTopic.topic)
        parts = said if parts is None else parts.union_all(said)
    for topic, place, count in parts.tuples():
        found[topic][place] = count
    return {topic: (worked, failed) for topic, (worked, failed) in found.items()}


def _days_to_publish() -> dict[int, float]:
    begun = fn.COALESCE(Article.proposed_at, Article.created_at)
    rows: Any = ArticleTopic.select(ArticleTopic.topic, begun, Article.published_at).join(Article)
    rows = rows.where((Article.state == "published") & (Article.published_at > clock.now() - YEAR)).tuples()
    took = defaultdict[int, list[float]](list)
    for topic, first, published in rows:
        at = Article.created_at.python_value(first)
        took[topic].append(max(0.0, (published - at).total_seconds() / 86400))
    return {topic: median(days) for topic, days in took.items()}


@dataclass(frozen=True)
class Week:
    """What was read in a week of what somebody looks after."""

    monday: date
    views: int
    before: int
    """In the week before."""
    rose: list[tuple[Article, int, int]]
    """What was read more than in the week before, with both counts."""
    unread: list[Article]
    """What has long been published, and nobody read in four weeks: the oldest of it."""
    unread_count: int
    vain: list[Missing]
    """What was looked for in vain in that week, wherever it would belong."""

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)


def last_monday() -> date:
    """The first day of the last week that is over."""
    today = clock.today()
    return today - timedelta(days=today.weekday() + 7)


def week_of(person: Person, monday: date | None = None) -> Week:
    """The last week that is over, of the topics that a person looks after; of all for who has none."""
    first, theirs = monday or last_monday(), looked_after(person)
    mine: Any = Article.state == "published"
    if theirs:
        under = ArticleTopic.select(ArticleTopic.article).where(ArticleTopic.topic.in_(sorted(theirs)))
        mine &= Article.id.in_(under)
    rows = _week_sums(mine, first)
    rising = sorted((row for row in rows if row[1] > row[2]), key=lambda row: (row[2] - row[1], row[0].id))
    unread = _unread(mine, first)
    return Week(
        monday=first,
        views=sum(now for _, now, _ in rows),
        before=sum(before for *_, before in rows),
        rose=rising[:FEW],
        unread=list(unread.order_by(Article.published_at, Article.id).limit(FEW)),
        unread_count=unread.count(),
        vain=_vain(first) if Gap.open_to(person) else [],
    )


def _vain(monday: date) -> list[Missing]:
    """What nobody looked for in that week, though they did in the one before, is nothing of it."""
    until = clock.start_of(monday + timedelta(days=7))
    return [each for each in missing(limit=FEW, until=until) if each.recent]


def _week_sums(mine: Any, monday: date) -> list[tuple[Article, int, int]]:
    """What was read in this week or the one before, with both counts."""
    late = Readership.on >= monday
    now = fn.SUM(Case(None, [(late, Readership.views)], 0)).alias("now")
    before = fn.SUM(Case(None, [(late, 0)], Readership.views)).alias("before")
    week = timedelta(days=7)
    read: Any = Article.select(Article.id, Article.title, Article.language, now, before)
    read = read.join(Readership, on=(Readership.record == Article.id))
    read = read.where(mine & Readership.within("article", monday - week, monday + week))
    found = read.group_by(Article.id, Article.title, Article.language).objects()
    return [(each, int(each.now), int(each.before)) for each in found]


def _unread(mine: Any, monday: date) -> ModelSelect[Article]:
    """Nothing before there is anything to say: reading has been counted for four weeks."""
    since = monday + timedelta(days=7) - SPAN
    begun = Readership.select().where((Readership.noun == "article") & (Readership.on <= since))
    it = (Readership.record == Article.id) & (Readership.views > 0)
    read = Readership.select(1).where(Readership.within("article", since) & it)
    long_there = Article.published_at < clock.start_of(since)
    return Article.select().where(mine & long_there & fn.EXISTS(begun.select(1)) & ~fn.EXISTS(read))


def readers_of_the_week() -> list[Person]:
    """Who looks after a topic, and works here: whom the week's report is for."""
    rules = TopicRule.every().values()
    ids = {who for rule in rules for who in (rule.owner_id, rule.deputy_id) if who is not None}
    reviewing = RoleGrant.select(RoleGrant.person).where(RoleGrant.role == Role.REVIEWER)
    here = Person.deactivated_at.is_null() & (Person.id.in_(sorted(ids)) | Person.id.in_(reviewing))
    return list(Person.select().where(here).order_by(Person.id))


def report(person: Person, *, by_mail: bool) -> bool:
    """Tell somebody once how the knowledge that they look after was used last week, on their page of notices
    and by mail where they want it. False where there is nothing to tell, or it was told.
    """
    week = week_of(person)
    if not (week.views or week.before or week.unread_count or week.vain):
        return False
    told = Phrase(
        "Knowledge last week: read %(count)s times, before %(before)s. What rose, what nobody read.",
        count=week.views,
        before=week.before,
    )
    key = f"usage {week.monday} {person}"
    if not Notice.tell(person, told, about=person, url=REPORTS, key=key):
        return False
    if by_mail:
        with i18n.speaking(person.locale):
            Letter.report(person, _letter(week))
    return True


def _letter(week: Week) -> str:
    """The week in words, in the language that is spoken; nothing that somebody typed leaves the portal."""
    _ = i18n.gettext
    of = {
        _("Read more than before"): [f"{one.title} ({before} → {now})" for one, now, before in week.rose],
        _("Nobody read in four weeks"): [one.title for one in week.unread],
    }
    first = _("%(first)s to %(last)s", first=i18n.day(week.monday), last=i18n.day(week.sunday))
    read = _("Read %(count)s times, %(before)s in the week before.", count=week.views, before=week.before)
    parts = [f"{first}\n{read}"]
    parts += ["\n".join([name, *(f"- {line}" for line in lines)]) for name, lines in of.items() if lines]
    return "\n\n".join([*parts, _("The report is here. There you also say whether it is mailed to you.")])
