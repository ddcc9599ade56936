"""A changed article before a panel: its new text has no score until it is reviewed again (RULES 4.2)."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.record import Invalid
from portal.models.experiences.experiences import Experience
from portal.models.experiences.panels import fill_panel
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person


def latest(article: Article) -> Experience | None:
    """The last time that changes of an article were handed in to be reviewed."""
    mine = Experience.select().where(Experience.rewrites == article)
    found: Experience | None = mine.order_by(Experience.rewritten_number.desc()).first()
    return found


def reviewable_by(article: Article, person: Person, last: Experience | None) -> bool:
    """Whoever may change it, once for each version that lost the score."""
    if article.score is None or article.has_score or article.state != "published":
        return False
    asked = last is not None and last.rewritten_number == article.text_number
    return not asked and article.editable_by(person)


def review_again(article: Article, *, by: Person, number: int) -> Experience:
    """Hand in the present text of an article that changed since it was accepted, as its author's.

    A panel judges it as any other, without those who wrote or changed it. What was handed in before, and is
    not decided, is left. For a version handed in already, gives that. Raises Invalid when the text was
    changed once more, or needs no review.
    """
    if number != article.text_number:
        raise Invalid(Phrase("It was changed meanwhile: look at the newest version."))
    last = latest(article)
    if last is not None and last.rewritten_number == number:
        return last
    if not reviewable_by(article, by, last):
        raise Invalid(Phrase("What was not reviewed and changed since needs no review."))
    with db.atomic():
        leave(article, by=by)
        rewrite = Experience.rewrite(article, by=by)
        rewrite.hand_in(by)
        fill_panel(rewrite)
    return rewrite


def leave(article: Article, *, by: Person) -> None:
    """Changes that still wait for their review need none any more."""
    for waiting in Experience.select().where(
        (Experience.rewrites == article) & (Experience.state == "submitted")
    ):
        waiting.leave_review(by=by)
