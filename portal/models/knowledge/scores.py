"""The score of an accepted text: which of its versions it was given for (RULES 4.2)."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.record import Event, Invalid
from portal.models.base.undoing import MEANWHILE, undoes
from portal.models.knowledge.articles import Article, ArticleVersion
from portal.models.people.people import Person


def minor_to(article: Article, person: Person) -> bool:
    """Who judges it, and did not change it since it was scored, may say that the changes are minor
    (RULES 4.2).
    """
    if article.score is None or article.has_score or not article.judged_by(person):
        return False
    return person.id not in changed_by(article)


def changed_by(article: Article) -> set[int]:
    """Ids of those who changed the text since it was scored."""
    mine = (ArticleVersion.article == article) & (ArticleVersion.number > (article.scored_number or 0))
    return {kept.by_id for kept in ArticleVersion.select().where(mine) if kept.by_id is not None}


def take_score(article: Article, score: int, *, number: int) -> None:
    """A panel judged this version of the text: the score is its own. Pay is what it was."""
    before = [article.score, score]
    article.write(score=score, scored_number=number)
    article.track("reviewed again", changes={"score": before, "scored_number": [None, number]})


def call_minor(article: Article, *, by: Person, number: int) -> None:
    """A reviewer's word that this version says what was accepted: it keeps the score. Twice is harmless.

    Raises Invalid when the text was changed once more, and for whoever may not say so. Pay is what it was
    either way.
    """
    if article.has_score and number == article.text_number:
        return
    if number != article.text_number:
        raise Invalid(Phrase("It was changed meanwhile: look at the newest version."))
    if not minor_to(article, by):
        raise Invalid(Phrase("A reviewer of its topics says so, who neither wrote nor changed it."))
    before = article.scored_number
    with db.atomic():
        article.write(scored_number=number)
        article.track("called minor", by=by, changes={"scored_number": [before, number]})


@undoes(Article, "called minor", ends=["reviewed again"], right="judged_by")
def not_minor(article: Article, event: Event, by: Person) -> None:
    """The score is that of the earlier text again, unless the text went on."""
    before, number = event.changes["scored_number"]
    if (article.scored_number, article.text_number) != (number, number):
        raise Invalid(MEANWHILE)
    article.write(scored_number=before)
