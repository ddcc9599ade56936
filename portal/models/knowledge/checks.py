"""Knowledge is looked at before it is wrong: its author is asked, a few at a time (RULES 4.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial, reduce
from operator import and_, or_
from typing import Any, cast

from itsdangerous import BadSignature
from peewee import ModelSelect, Value, fn

from portal import clock
from portal.models.base.record import Event, names_of
from portal.models.company.settings import Setting
from portal.models.knowledge.articles import Article, ArticleVersion
from portal.models.knowledge.freshness import CHECKS, UNUSED, ahead
from portal.models.knowledge.readership import Readership
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.knowledge.uses import Use
from portal.models.knowledge.verification import await_check, await_keeping
from portal.models.knowledge.words import FRESHNESS
from portal.models.people.absences import Absence
from portal.models.people.people import Person
from portal.models.people.signing import signer
from portal.models.work.clocks import Clock, step

IDLE = timedelta(days=180)
"""What nobody used for so long is kept or put away, and not checked (RULES 4.4)."""
_SERVES: list[Callable[[], ModelSelect[Any]]] = []
OPENED = "opened to check"
RISK = {"price": 3, "product": 2, "dated": 2}
"""What goes wrong fastest and costs most is asked for first; the rest weighs 1."""


def await_checks() -> None:
    """Ask for the checks of what is due within a week: of one person so many in a week, the most read,
    riskiest and longest overdue first. What was asked for stays until it is done. What nobody used for long
    is not checked: whether it is kept is asked after that, the oldest first.
    """
    _ask_no_more()
    most, asked = Setting.read("fresh.weekly"), _asked_this_week()
    due, unused = _due(), _unused()
    views = Readership.views_of([article.id for article in due])
    checks = sorted(due, key=partial(_urgency, views), reverse=True)
    for ask, articles in ((await_check, checks), (await_keeping, unused)):
        for article in articles:
            who = whom(article, to_check=articles is checks)
            if who and asked[who] < most:
                asked[who] += 1
                ask(article, who)


def _due() -> list[Article]:
    waits = [_waits(what) for what in CHECKS]
    today = clock.today()
    of_class = [
        (Article.freshness == each) & (Article.review_by <= today + ahead(each)) for each in FRESHNESS
    ]
    near = (Article.state == "published") & reduce(or_, of_class)
    return list(_with_author().where(near & ~waits[0] & ~waits[1] & ~_is_unused()))


def _unused() -> list[Article]:
    idle = _with_author().where((Article.state == "published") & _is_unused() & ~_waits(UNUSED))
    return list(idle.order_by(Article.published_at, Article.id))


def _ask_no_more() -> None:
    """Somebody used it since, or wrote it anew: nobody is asked whether it is kept."""
    rows: Any = Article.select(Article.id).where(_waits(UNUSED) & ~_is_unused()).tuples()
    Clock.stop_many(Article.kind(), UNUSED, [ident for (ident,) in rows])


def _waits(what: str) -> Any:
    return Clock.is_running(Value("article-").concat(Article.id.cast("TEXT")).concat(f" {what}"))


def _with_author() -> ModelSelect[Article]:
    read = (Article.id, Article.title, Article.author, Article.freshness, Article.review_by, Article.state)
    return Article.select(*read, *names_of(Person), Person.deactivated_at).join(Person, on=Article.author)


def _is_unused() -> Any:
    """The condition that nobody read it, and it worked for nobody, in half a year, though it stood there with
    this text; nor did anybody keep it. Never before reading has been counted for so long.
    """
    today = clock.today()
    since, week = clock.start_of(today - IDLE), today - IDLE - timedelta(days=today.weekday())
    weeks = (Readership.noun == "article") & (Readership.span == "week")
    here = weeks & (Readership.record == Article.id) & (Readership.views > 0) & (Readership.on >= week)
    cared = Event.select(1).where(
        (Event.subject_kind == Article.kind())
        & (Event.subject == Article.id)
        & Event.verb.in_(["kept", "restored", "published"])
        & (Event.at > since)
    )
    alive = [
        Readership.select(1).where(here),
        Use.select(1).where((Use.article == Article.id) & (Use.at > since)),
        ArticleVersion.select(1).where((ArticleVersion.article == Article.id) & (ArticleVersion.at > since)),
        cared,
        *(serves() for serves in _SERVES),
    ]
    counted = Readership.select(1).where(weeks & (Readership.on <= week))
    idle = (Article.published_at < since) & fn.EXISTS(counted)
    return reduce(and_, [~fn.EXISTS(each) for each in alive], idle)


def awaiting(articles: ModelSelect[Article]) -> ModelSelect[Article]:
    """The same articles, each with whether it waits to be kept or put away: in one query."""
    found: Any = articles.select_extend(_waits(UNUSED).alias("is_unused"))
    return cast("ModelSelect[Article]", found)


def serves_elsewhere(serves: Callable[[], ModelSelect[Any]]) -> Callable[[], ModelSelect[Any]]:
    """Let a wing say of which articles it makes use, though nobody reads them here: the rows there are for an
    article of the query around them.
    """
    _SERVES.append(serves)
    return serves


def _urgency(views: Counter[int], article: Article) -> tuple[int, int, int]:
    """Views of the last 30 days times risk times days overdue, and where nobody read it, the latter two; what
    is not overdue comes after, the nearest first.
    """
    assert article.review_by is not None
    overdue = (clock.today() - article.review_by).days
    weight = RISK.get(article.freshness, 1) * overdue if overdue > 0 else overdue
    return (max(0, weight) * views[article.id], weight, -article.id)


def _asked_this_week() -> Counter[str]:
    today = clock.today()
    monday = clock.start_of(today - timedelta(days=today.weekday()))
    asked = Clock.what.in_([*CHECKS, UNUSED]) & (Clock.since >= monday)
    rows: Any = Clock.select(Clock.who).where(asked).tuples()
    return Counter(who for (who,) in rows)


def whom(article: Article, *, to_check: bool = True) -> str:
    """Its author; for who has left, or is on leave, whoever stands in."""
    if article.author.deactivated_at is None and article.author_id not in Absence.away():
        return f"person-{article.author_id}"
    return _instead(article, article.author_id, to_check=to_check)


def _instead(article: Article, but: int, *, to_check: bool) -> str:
    """Of a check whom its topic belongs to, or the deputy, who work here and are not on leave; of all else,
    which takes the right to change it, and where nobody is named: the reviewers of its topic.
    """
    topics = sorted(article.topic_ids)
    named = list[int]()
    for rule in map(TopicRule.of, topics) if to_check and article.freshness != "dated" else ():
        named += [who for who in (rule.owner_id, rule.deputy_id) if who is not None] if rule else []
    here = Person.select(Person.id).where(Person.id.in_(named) & Person.deactivated_at.is_null())
    asked = {row.id for row in here} - {but, *Absence.away()} if named else set[int]()
    found = next((who for who in named if who in asked), None)
    return f"person-{found}" if found else f"topic-{topics[0]}" if topics else ""


def opened_now(article: Article, person: Person, secret: str) -> str:
    """What an article's page says of who opened it, and when: who checks it sends it back."""
    return signer(secret, OPENED).dumps([article.id, article.version, person.id])


def opened_at(article: Article, person: Person, token: str, secret: str) -> datetime | None:
    """When they opened the article as it is now, by what its page says; None where they did not."""
    try:
        told, at = signer(secret, OPENED).loads(token, return_timestamp=True)
    except BadSignature:
        return None
    return at if told == [article.id, article.version, person.id] else None


@step("check", "left", "late", "away")
@step("renewal", "left", "late", "away")
@step(UNUSED, "left", "late", "away")
def pass_on(waiting: Clock) -> datetime | None:
    """Who was asked has left, is on leave, or let it lie: whom its topic belongs to is asked instead, or the
    deputy; after them, and where nobody was named, the reviewers of the topic.
    """
    article = Article.get_or_none(Article.id == waiting.subject)
    if article is None or not waiting.who.startswith("person-"):
        return None
    asked = int(waiting.who.partition("-")[2])
    topics = article.topic_ids
    to = f"topic-{min(topics)}" if topics else ""
    if asked == article.author_id:
        to = _instead(article, asked, to_check=waiting.what == "check")
    if to:
        Clock.update(who=to).where((Clock.id == waiting.id) & (Clock.who == waiting.who)).execute()
    return None
