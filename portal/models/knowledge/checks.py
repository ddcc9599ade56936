"""Knowledge is looked at before it is wrong: its author is asked, a few at a time (RULES 4.4)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from functools import partial, reduce
from operator import or_
from typing import Any

from itsdangerous import BadSignature
from peewee import Value

from portal import clock
from portal.models.base.record import names_of
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.knowledge.articles import CHECKS, Article, ahead
from portal.models.knowledge.readership import Readership
from portal.models.knowledge.words import FRESHNESS
from portal.models.people.people import Person
from portal.models.people.signing import signer
from portal.models.work.clocks import Clock, step

OPENED = "opened to check"
RISK = {"price": 3, "product": 2, "dated": 2}
"""What goes wrong fastest and costs most is asked for first; the rest weighs 1."""


def await_checks() -> None:
    """Ask for the checks of what is due within a week: of one person so many in a week, the most read,
    riskiest and longest overdue first. What was asked for stays until it is done.
    """
    most, asked = Setting.read("fresh.weekly"), _asked_this_week()
    due = _due()
    views = Readership.views_of([article.id for article in due])
    for article in sorted(due, key=partial(_urgency, views), reverse=True):
        who = _whom(article)
        if who and asked[who] < most:
            asked[who] += 1
            article.await_check(who)


def _due() -> list[Article]:
    key = Value("article-").concat(Article.id.cast("TEXT"))
    waits = [Clock.is_running(key.concat(f" {what}")) for what in CHECKS]
    today = clock.today()
    of_class = [
        (Article.freshness == each) & (Article.review_by <= today + ahead(each)) for each in FRESHNESS
    ]
    near = (Article.state == "published") & reduce(or_, of_class)
    read = (Article.id, Article.title, Article.author, Article.freshness, Article.review_by)
    found = Article.select(*read, *names_of(Person), Person.deactivated_at).join(Person, on=Article.author)
    return list(found.where(near & ~waits[0] & ~waits[1]))


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
    rows: Any = Clock.select(Clock.who).where(Clock.what.in_(CHECKS) & (Clock.since >= monday)).tuples()
    return Counter(who for (who,) in rows)


def _whom(article: Article) -> str:
    """Its author; who has left is stood in for by the reviewers of its topic."""
    if article.author.deactivated_at is None:
        return f"person-{article.author_id}"
    topics = article.topic_ids
    return f"topic-{min(topics)}" if topics else ""


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


@step("check", "left", "late")
@step("renewal", "left", "late")
def pass_to_reviewers(waiting: Clock) -> datetime | None:
    """Its author has left, or let it lie: the reviewers of its topic are asked instead."""
    article = Article.get_or_none(Article.id == waiting.subject)
    topics = article.topic_ids if article is not None else []
    if article is not None and topics:
        topic = Topic.get_by_id(min(topics))
        Clock.pass_on(article, waiting.what, since=article.author, to=topic)
    return None
