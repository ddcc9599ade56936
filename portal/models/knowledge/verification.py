"""Whether an article is still true: who is asked, what they say, and what that is worth (RULES 4.4)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.record import Event, Invalid
from portal.models.base.undoing import MEANWHILE, undoes
from portal.models.company.settings import Setting
from portal.models.expertise.points import PointEntry
from portal.models.knowledge.articles import Article, next_check
from portal.models.knowledge.freshness import UNUSED
from portal.models.people.people import Person
from portal.models.work.clocks import Clock

PATIENCE = timedelta(days=14)
"""So long after its day others of its topic are asked instead of whoever was asked first."""
DWELL = timedelta(seconds=10)
"""Who checks within so short a time of opening a text has not read it."""


def checkable_by(article: Article, person: Person) -> bool:
    """Whoever may look at it, once its day is near; what names its own day is given a new one."""
    return article.is_due and article.freshness != "dated" and verifiable_by(article, person)


def verifiable_by(article: Article, person: Person) -> bool:
    """Whoever may change it, and whom its topic names to look after it (RULES 4.4)."""
    if article.editable_by(person):
        return True
    return article.state == "published" and article.tended_by(person)


def verify(article: Article, *, by: Person, opened_at: datetime | None = None) -> None:
    """'Still true': somebody looked at it, and it is due again after its term; twice is harmless.
    `opened_at`: when they opened it, where that is known.

    In time, and where it was asked for, it is thanked for, once for each day on which it was due (RULES
    4.3, 4.4). Raises Invalid for what is not published or names its own day, and for who checks faster
    than one reads.
    """
    if article.state != "published":
        raise Invalid(Phrase("This is not published."))
    if article.freshness == "dated":
        raise Invalid(Phrase("It says itself until which day it is true. Change that day."))
    if not article.is_due or article.review_by is None:
        return
    _check_haste(article, by)
    if opened_at is not None and clock.now() - opened_at < DWELL:
        raise Invalid(Phrase("You opened it a moment ago. Read it first, then say whether it is true."))
    due, following, now = article.review_by, next_check(article.freshness), clock.now()
    before = article.checked_at.isoformat() if article.checked_at else None
    with db.atomic():
        is_asked = Clock.of(article, "check") is not None
        article.write(review_by=following, checked_at=now, postponed=0)
        changes = {
            "review_by": [due.isoformat(), str(following)],
            "checked_at": [before, now.isoformat()],
        }
        article.track("verified", by=by, changes=changes)
        article.await_no_check()
        if due >= clock.today() and is_asked:
            points = Setting.read("points.verified")
            PointEntry.award(by, points, "article verified", subject=article, key=_check_of(article, due))


def _check_haste(article: Article, by: Person) -> None:
    """Who checked another one just now has not read this one."""
    pause = Setting.read("fresh.pause")
    lately = (Event.actor == by.id) & (Event.at > clock.now() - timedelta(seconds=pause))
    mine = lately & (Event.subject_kind == article.kind()) & (Event.verb == "verified")
    if Event.select().where(mine & (Event.subject != article.id)).exists():
        raise Invalid(
            Phrase(
                "You checked another one less than %(seconds)s seconds ago. Read this one first.",
                seconds=pause,
            )
        )


def _check_of(article: Article, due: date) -> str:
    """Names the deed of having checked it for this day, anew after each time that it was undone."""
    deed = f"verified-article-{article.id}-{due.isoformat()}"
    undone = PointEntry.key.startswith(f"{deed}:") & PointEntry.reverses.is_null(False)
    return f"{deed}:{PointEntry.select().where(undone).count()}"


def await_check(article: Article, who: str) -> None:
    """It waits for someone to look at it, by the end of its day."""
    assert article.review_by is not None
    dated, due = article.freshness == "dated", clock.start_of(article.review_by + timedelta(days=1))
    if dated:
        asked = Phrase("Until when is it true? %(title)s", title=article.title)
    else:
        asked = Phrase("Is it still true? %(title)s", title=article.title)
    Clock.start(
        article,
        "renewal" if dated else "check",
        who=who,
        text=asked,
        url=f"{article.url}/edit" if dated else article.url,
        due_at=due,
        steps={"late": max(due, clock.now()) + PATIENCE},
    )


def await_keeping(article: Article, who: str) -> None:
    """It waits for someone to keep it or to put it away: nobody used it for long (RULES 4.4). A check of
    what nobody uses is not asked for meanwhile.
    """
    article.await_no_check()
    asked = Phrase("Nobody used it for half a year. Keep it? %(title)s", title=article.title)
    late = {"late": clock.now() + PATIENCE}
    Clock.start(article, UNUSED, who=who, text=asked, url=article.url, steps=late)


def keep(article: Article, *, by: Person) -> None:
    """It stays though nobody used it for long; twice is harmless. Whether it is true nobody says so."""
    with db.atomic():
        if Clock.of(article, UNUSED) is not None:
            article.track("kept", by=by)
            Clock.stop(article, UNUSED)


def move_check(article: Article) -> None:
    """Whoever is asked for its check is asked by its new day, or no more."""
    asked = Clock.of(article, "check")
    if asked is not None:
        article.await_no_check()
        if article.is_due:
            await_check(article, asked.who)


@undoes(Article, "verified", ends=["archived"], right="editable_by")
def not_verified(article: Article, event: Event, by: Person) -> None:
    """It is due as it was, and nobody is thanked for it."""
    due, following = (date.fromisoformat(day) for day in event.changes["review_by"])
    if article.review_by != following:
        raise Invalid(MEANWHILE)
    before = (event.changes.get("checked_at") or [None])[0]
    article.checked_at = datetime.fromisoformat(before) if before else None
    postponed = article.postponement(article.freshness)
    article.write(review_by=due, checked_at=article.checked_at, postponed=postponed)
    PointEntry.reverse(_check_of(article, due), of=by)
    asked = Clock.latest(article, "check")
    if asked is not None and asked.stopped_at is not None and asked.stopped_at >= event.at:
        await_check(article, str(by))
