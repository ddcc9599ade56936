"""Articles whose day has come: published on it, or put away after their last (company's time zone)."""

from __future__ import annotations

from datetime import datetime

from portal import clock
from portal.i18n import Phrase
from portal.models.base.record import Invalid
from portal.models.knowledge import proposals
from portal.models.knowledge.articles import Article
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.people.notices import Notice
from portal.models.work.clocks import Clock, step


@step("publication", "due")
def publish_on_its_day(waiting: Clock) -> datetime | None:
    """Everyone reads it from now on; approved first where its topics ask for that since it was scheduled.

    What stands against it is told to its author.
    """
    article = Article.get_or_none(Article.id == waiting.subject)
    if article is None or article.state != "draft" or article.scheduled_number != article.text_number:
        return None
    is_approved = proposals.approved(article) is not None
    try:
        if is_approved or not TopicRule.demanding(article.topic_ids):
            article.publish(by=article.author, names_checked=True, approved=True)
        else:
            article.unschedule()
            proposals.publish(article, by=article.author, names_checked=True)
    except Invalid:
        article = article.fresh()
        article.unschedule()
        said = Phrase(
            "It could not be published on its day. Look at it once more: %(title)s", title=article.title
        )
        Notice.tell(article.author_id, said, about=article)
    return None


@step("end", "due")
def put_away_after_its_last_day(waiting: Clock) -> datetime | None:
    """It says that it ended, and is found no longer."""
    article = Article.get_or_none(Article.id == waiting.subject)
    if article is not None and article.ends_on is not None and article.ends_on < clock.today():
        article.end()
    return None
