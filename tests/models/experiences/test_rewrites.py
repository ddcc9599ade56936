"""A changed article goes before a panel again, and nobody gains by it but its readers (RULES 4.2)."""

from __future__ import annotations

import pytest

from portal import clock
from portal.models.base.record import Event, Invalid
from portal.models.commission.merit import Merit
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.experiences import process, rewrites
from portal.models.experiences.experiences import Experience
from portal.models.experiences.panels import panel
from portal.models.experiences.reviews import Acceptance, Review
from portal.models.expertise.expertise import Evidence
from portal.models.expertise.points import PointEntry
from portal.models.knowledge.articles import Article
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from tests.commission import approved
from tests.conftest import SignIn
from tests.models.experiences.test_reviews import GOOD, experience, give

BETTER = {"correct": 5, "reusable": 4, "new": 3, "clear": 4, "linked": 3}  # 30 + 20 + 12 + 12 + 6 = 80
LESS = "先打电话，再去现场看，最后写下来，别只凭印象。"


@pytest.fixture
def article(ada: Person, rita: Person, rob: Person, rosa: Person, schools: Topic) -> Article:
    """Ada's, accepted with 71 by Rita and Rob; then she wrote it anew."""
    made = experience(ada, schools)
    for review in Review.select():
        process.complete(review, by=review.reviewer, scores=GOOD, verdict="accept")
    article = Article.get(Article.origin == made.id)
    article.edit(by=ada, body=LESS)
    return article.fresh()


def judged(rewrite: Experience, scores: dict[str, int] = BETTER, verdict: str = "accept") -> Experience:
    for review in panel(rewrite):
        give(rewrite, review.reviewer, scores, verdict)
    return rewrite.fresh()


def test_a_changed_text_gets_the_score_that_its_panel_gives(article: Article, ada: Person) -> None:
    rewrite = rewrites.review_again(article, by=ada, number=2)
    assert rewrite.state == "submitted"
    assert len(panel(rewrite)) == 1  # what earns no money is judged by one (RULES 4.2)
    assert not article.fresh().has_score
    judged(rewrite)
    stored = article.fresh()
    assert (stored.score, stored.scored_number, stored.has_score) == (8000, 2, True)
    assert Event.about(article).where(Event.verb == "reviewed again").get().actor is None


def test_what_earns_money_is_never_judged_by_one(
    article: Article, ada: Person, schools: Topic, sign_in: SignIn
) -> None:
    """One-reviewer mode holds for what earns nothing; of two or three they decide as elsewhere (RULES 4.2)."""
    rewrite = rewrites.review_again(article, by=ada, number=2)
    assert "One reviewer reads it without your name" in sign_in(ada).get(rewrite.url).text
    assert len(panel(experience(ada, schools))) == 2
    Setting.choose("review.panel_unpaid", 2, by=None)
    judge = panel(rewrite)[0]
    give(rewrite, judge.reviewer, BETTER)  # handed in under the rule of one
    assert article.fresh().has_score
    article.fresh().edit(by=ada, body=LESS + "并附上依据。")
    again = rewrites.review_again(article.fresh(), by=ada, number=3)
    first, second = panel(again)
    give(again, first.reviewer, BETTER)
    assert not article.fresh().has_score
    give(again, second.reviewer, BETTER)
    assert article.fresh().has_score


def test_nothing_is_earned_or_counted_again(
    article: Article, ada: Person, fin: Person, fiona: Person
) -> None:
    approved(fin, fiona)
    before = [(e.person_id, e.amount) for e in PointEntry.select().where(PointEntry.person == ada)]
    evidence = Evidence.select().where(Evidence.person == ada).count()
    month = clock.Month.of(clock.now())
    counted = Merit.of(ada, month)
    rewrite = rewrites.review_again(article, by=ada, number=2)
    assert Merit.of(ada, month) == counted  # it does not wait to be counted either
    judged(rewrite)
    assert Merit.of(ada, month) == counted
    assert [(e.person_id, e.amount) for e in PointEntry.select().where(PointEntry.person == ada)] == before
    assert Evidence.select().where(Evidence.person == ada).count() == evidence
    assert Acceptance.select().count() == 1
    assert Article.select().count() == 1


def test_what_is_not_accepted_stays_without_score_and_says_why(article: Article, ada: Person) -> None:
    rewrite = judged(rewrites.review_again(article, by=ada, number=2), verdict="revise")
    assert (rewrite.state, rewrite.is_writable, rewrite.is_appealable) == ("rejected", False, False)
    assert "写清楚依据。" in rewrite.reason
    assert not article.fresh().has_score
    assert rewrites.review_again(article.fresh(), by=ada, number=2) == rewrite  # the same words: no new panel
    article.fresh().edit(by=ada, body=LESS + "并附上依据。")
    again = rewrites.review_again(article.fresh(), by=ada, number=3)
    assert again != rewrite
    judged(again)
    assert article.fresh().has_score


def test_who_wrote_or_changed_it_does_not_judge_it(
    article: Article, ada: Person, rita: Person, rob: Person, rosa: Person
) -> None:
    Setting.choose("review.panel_unpaid", 2, by=None)
    article.edit(by=rob, body=LESS + "！")
    rewrite = rewrites.review_again(article.fresh(), by=rob, number=3)
    assert rewrite.author_id == ada.id
    assert {review.reviewer_id for review in panel(rewrite)} == {rita.id, rosa.id}


def test_a_newer_text_takes_the_place_of_one_in_review(article: Article, ada: Person) -> None:
    first = rewrites.review_again(article, by=ada, number=2)
    article.edit(by=ada, body=LESS + "再核对一次。")
    with pytest.raises(Invalid):
        rewrites.review_again(article.fresh(), by=ada, number=2)  # not the text that the page showed
    second = rewrites.review_again(article.fresh(), by=ada, number=3)
    assert first.fresh().state == "withdrawn"
    review = panel(first)[0]
    with pytest.raises(Invalid):
        process.complete(review, by=review.reviewer, scores=GOOD, verdict="accept")
    judged(second)
    assert article.fresh().scored_number == 3


def test_a_score_belongs_to_the_version_that_was_read(article: Article, ada: Person) -> None:
    rewrite = rewrites.review_again(article, by=ada, number=2)
    article.edit(by=ada, body="完全不同的话，谁也没有评过。")
    judged(rewrite)
    stored = article.fresh()
    assert (stored.score, stored.scored_number, stored.text_number, stored.has_score) == (8000, 2, 3, False)


def test_who_may_not_change_it_cannot_have_it_reviewed(
    article: Article, ada: Person, ben: Person, sign_in: SignIn
) -> None:
    assert not rewrites.reviewable_by(article, ben, None)
    with pytest.raises(Invalid):
        rewrites.review_again(article, by=ben, number=2)
    article.restore_version(1, by=ada)
    with pytest.raises(Invalid):  # it has its score
        rewrites.review_again(article.fresh(), by=ada, number=3)


def test_a_revocation_ends_the_review_of_its_changes(article: Article, ada: Person, adam: Person) -> None:
    rewrite = rewrites.review_again(article, by=ada, number=2)
    process.revoke(Experience.get_by_id(article.origin), by=adam, reason="false", note="没有这回事。")
    assert rewrite.fresh().state == "withdrawn"


def test_erasing_reaches_its_changed_texts(article: Article, ada: Person, adam: Person) -> None:
    rewrite = rewrites.review_again(article, by=ada, number=2)
    process.erase(article.fresh(), by=adam, words="去现场看")
    assert "去现场看" not in rewrite.fresh().action
    kept = rewrite.text_in(1)
    assert kept is not None
    assert "去现场看" not in kept.action


def test_the_page_asks_for_the_review_and_follows_it(
    article: Article, ada: Person, ben: Person, sign_in: SignIn
) -> None:
    reader, client = sign_in(ben), sign_in(ada)
    assert "Have the change reviewed" not in reader.get(article.url).text
    assert reader.post(f"{article.url}/review", data={"number": "2"}).status_code == 403
    assert "Have the change reviewed" in client.get(article.url).text
    for _ in range(2):  # a double click
        assert client.post(f"{article.url}/review", data={"number": "2"}).status_code == 303
    page = client.get(article.url).text
    assert "Reviewers read the changed text since" in page
    assert "Have the change reviewed" not in page
    rewrite = Experience.get(Experience.kind_of == "rewrite")
    assert Experience.select().where(Experience.kind_of == "rewrite").count() == 1
    assert "Changed article" in client.get("/experiences").text
    assert client.get(f"{rewrite.url}/edit").status_code == 303
    client.post(f"{rewrite.url}/withdrawal")
    assert rewrite.fresh().state == "submitted"
    judged(rewrite)
    assert "Reviewed by experts: 80 of 100" in client.get(article.url).text
    told = [n.url for n in Notice.select().where(Notice.person == ada) if "its score" in n.text]
    assert told == [article.url]
    assert reader.get(rewrite.url).headers["location"] == article.url


def test_its_reviewer_sees_what_changed_and_not_who_wrote_it(
    article: Article, ada: Person, rita: Person, sign_in: SignIn
) -> None:
    article.edit(by=ada, body=f"{ada.name}说：{LESS}")
    rewrite = rewrites.review_again(article.fresh(), by=ada, number=3)
    review = next(each for each in panel(rewrite) if each.reviewer_id == rita.id)
    page = sign_in(rita).get(review.url).text
    assert "What changed since it was accepted" in page
    assert "<ins>" in page
    assert ada.name not in page
    assert 'value="revise"' in page
    assert 'value="merge"' not in page
    assert 'value="reject"' not in page
    scores = {name: str(score) for name, score in BETTER.items()}
    refused = sign_in(rita).post(review.url, data={**scores, "verdict": "reject", "comment": "不。"})
    assert refused.status_code == 422
    assert sign_in(rita).post(review.url, data={**scores, "verdict": "accept"}).status_code == 303


def test_reviewers_of_the_next_round_see_what_changed(
    ada: Person, rita: Person, rob: Person, schools: Topic, sign_in: SignIn
) -> None:
    made = experience(ada, schools, action="先查文件，再打电话。" * 5)
    give(made, rita, GOOD, verdict="revise")
    give(made, rob, GOOD, verdict="revise")
    made.fresh().save_draft(by=ada, action="先查文件，再发邮件。" * 5)
    process.submit(made.fresh(), by=ada, duplicate_checked=True)
    review = Review.get((Review.round == 2) & (Review.reviewer == rita))
    page = sign_in(rita).get(review.url).text
    assert "What changed since round 1" in page
    assert "<del>打电话</del><ins>发邮件</ins>" in page
    give(made, rita, GOOD)
    assert "What changed since round 1" not in sign_in(rita).get(review.url).text
