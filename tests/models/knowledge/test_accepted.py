"""What was accepted is what carries the score: a changed text has none until a reviewer says so (RULES 4.2)."""

from __future__ import annotations

from typing import Any

import pytest

from portal.models.base.record import Event, Invalid
from portal.models.company.topics import Topic
from portal.models.experiences import process
from portal.models.experiences.experiences import Credit, Experience
from portal.models.experiences.reviews import Acceptance, Review
from portal.models.expertise.points import PointEntry
from portal.models.knowledge import scores
from portal.models.knowledge.articles import Article, ArticleVersion
from portal.models.people.people import Person, Role
from tests.conftest import SignIn
from tests.models.experiences.test_reviews import GOOD, experience

NOT_REVIEWED = "The score 71 belongs to version 1; this is version 2, not reviewed."


@pytest.fixture
def article(ada: Person, rita: Person, rob: Person, schools: Topic) -> Article:
    """Ada's, accepted with 71 by Rita and Rob."""
    made = experience(ada, schools)
    for review in Review.select():
        process.complete(review, by=review.reviewer, scores=GOOD, verdict="accept")
    return Article.get(Article.origin == made.id)


def test_what_was_accepted_carries_its_score(article: Article) -> None:
    assert (article.score, article.text_number, article.scored_number) == (7100, 1, 1)
    assert article.has_score


@pytest.mark.parametrize("change", ["title", "body", "summary"])
def test_a_changed_text_carries_no_score_and_pay_stays(
    article: Article, ada: Person, rita: Person, change: str
) -> None:
    paid = [(p.person_id, p.amount) for p in PointEntry.select()], [c.share for c in Credit.select()]
    values: dict[str, Any] = {change: "改成别的话，谁也没评过。"}
    article.edit(by=ada, **values)
    stored = article.fresh()
    assert (stored.score, stored.text_number, stored.scored_number, stored.has_score) == (7100, 2, 1, False)
    assert Acceptance.get().score == 7100
    assert Experience.get().score == 7100
    assert paid == (
        [(p.person_id, p.amount) for p in PointEntry.select()],
        [c.share for c in Credit.select()],
    )


def test_what_is_no_text_keeps_the_score(article: Article, ada: Person) -> None:
    article.edit(by=ada, freshness="process")
    assert article.fresh().has_score
    assert ArticleVersion.select().count() == 1


def test_the_very_words_brought_back_carry_it_again(article: Article, ada: Person) -> None:
    article.edit(by=ada, body="别的。")
    article.restore_version(1, by=ada)
    stored = article.fresh()
    assert (stored.text_number, stored.scored_number, stored.has_score) == (3, 3, True)


def test_a_reviewer_of_its_topic_may_call_a_change_minor(
    article: Article, ada: Person, ben: Person, rita: Person, rob: Person, adam: Person
) -> None:
    article.edit(by=ada, body="别的。")
    article.edit(by=rob, body="别的！")
    ben.grant(Role.REVIEWER, by=None, topic=Topic.create(name="贷款"))
    ada.grant(Role.REVIEWER, by=None, topic=article.topics[0])
    for other in (ada, ben, rob, adam):  # its author, of another topic, who changed it, no reviewer
        assert not scores.minor_to(article, other)
        with pytest.raises(Invalid):
            scores.call_minor(article, by=other, number=3)
    with pytest.raises(Invalid):
        scores.call_minor(article, by=rita, number=2)  # not the version that she read
    for _ in range(2):
        scores.call_minor(article, by=rita, number=3)
    assert article.fresh().has_score
    told = Event.select().where(Event.verb == "called minor")
    assert [(e.actor, e.changes) for e in told] == [(rita.id, {"scored_number": [1, 3]})]
    article.edit(by=ada, body="又别的。")
    assert not article.fresh().has_score


def test_the_page_says_which_version_was_reviewed_and_shows_it(
    sign_in: SignIn, article: Article, ada: Person, rita: Person
) -> None:
    accepted = article.body
    article.edit(by=ada, body="别的。", title="新题目")
    page = sign_in(ada).get(article.url).text
    assert NOT_REVIEWED in page
    assert "Reviewed by experts" not in page
    assert "minor-change" not in page
    assert sign_in(ada).post(f"{article.url}/minor-change", data={"number": "2"}).status_code == 403
    version = sign_in(ada).get(f"{article.url}/versions/1").text
    assert "Reviewed by experts: 71 of 100" in version
    assert accepted.splitlines()[-1] in version
    assert sign_in(ada).get(f"{article.url}/versions/9").status_code == 404
    client = sign_in(rita)
    assert "minor-change" in client.get(article.url).text
    assert client.post(f"{article.url}/minor-change", data={"number": "2"}).status_code == 303
    assert "Reviewed by experts: 71 of 100" in client.get(article.url).text
