"""Two articles become one: what hung on the second goes on with the first, and nobody earns by it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import clock
from portal.clock import Month
from portal.models.base.links import TextLink, links_in
from portal.models.base.record import Event, Invalid
from portal.models.base.undoing import undo, why_not
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import Evidence
from portal.models.expertise.points import PointEntry
from portal.models.insights.backlinks import backlinks
from portal.models.knowledge import merging, reuse
from portal.models.knowledge.articles import Article, ArticleMerge, Use
from portal.models.knowledge.objections import Objection
from portal.models.knowledge.questions import Question
from portal.models.knowledge.shelves import helped
from portal.models.learning import exams
from portal.models.learning.courses import Course, Lesson
from portal.models.learning.exams import Exam, ExamQuestion
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.search.records.knowledge import articles as documents
from tests.conftest import SignIn, person


def guide(by: Person, topic: Topic, title: str, body: str = "Ask first.") -> Article:
    return Article.add(by=by, title=title, body=body, topics=[topic])


@pytest.fixture
def first(ada: Person, schools: Topic) -> Article:
    """Ada's, which stays."""
    return guide(ada, schools, "How to ask about schools")


@pytest.fixture
def second(ben: Person, schools: Topic) -> Article:
    """Ben's, on the same."""
    return guide(ben, schools, "Asking for the school")


def worked(article: Article, *people: Person) -> None:
    for each in people:
        article.use(by=each)


def points(who: Person) -> int:
    return sum(entry.amount for entry in PointEntry.select().where(PointEntry.person == who))


def test_its_address_leads_to_the_first_for_ever(
    sign_in: SignIn, rita: Person, stan: Person, first: Article, second: Article
) -> None:
    merging.merge(second, first, by=rita)
    for reader in (stan, rita, second.author):
        answer = sign_in(reader).get(second.url, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, first.url)
    third = guide(stan, first.topics[0], "The third")
    merging.merge(first.fresh(), third, by=rita)
    answer = sign_in(stan).get(second.url, follow_redirects=False)
    assert answer.headers["location"] == third.url


def test_each_colleague_counts_once_and_nobody_earns_by_it(
    rita: Person, rob: Person, stan: Person, mona: Person, first: Article, second: Article
) -> None:
    worked(first, rob, stan)
    worked(second, rob, stan, mona)
    before = {who.id: points(who) for who in (first.author, second.author, rita)}
    proofs = Evidence.select().count()
    merging.merge(second, first, by=rita)
    assert first.fresh().uses == 3
    assert {one.id for one in helped(first)} == {rob.id, stan.id, mona.id}
    assert len(helped(first)) == 3
    assert {who.id: points(who) for who in (first.author, second.author, rita)} == before
    assert Evidence.select().count() == proofs
    first.fresh().use(by=mona)  # she said it of the second already
    assert (first.fresh().uses, points(first.author)) == (3, before[first.author_id])
    first.fresh().take_use_back(by=mona)
    assert first.fresh().uses == 2
    assert points(second.author) < before[second.author_id]  # what was said of the second is taken back there
    worked_now = {each.article.id: each.helped for each in reuse.most_reused(Month.of(clock.now()))}
    assert worked_now == {first.id: 2}


def test_a_vote_of_ones_own_counts_nothing(
    rita: Person, stan: Person, first: Article, second: Article
) -> None:
    worked(second, first.author, stan)
    merging.merge(second, first, by=rita)
    assert first.fresh().uses == 1  # of Stan, not of Ada for what is hers
    with pytest.raises(Invalid, match="your own"):
        first.fresh().use(by=second.author)


def test_nobody_takes_in_what_others_wrote_for_their_own(
    ada: Person, ben: Person, rita: Person, schools: Topic, stan: Person, first: Article, second: Article
) -> None:
    """The votes for it would lift one's own."""
    theirs = guide(rita, schools, "The reviewer's")
    with pytest.raises(Invalid, match="somebody else"):
        merging.merge(second, theirs, by=rita)
    with pytest.raises(Invalid, match="yours to look after"):
        merging.merge(second, first, by=ben)  # he looks after his own alone
    with pytest.raises(Invalid, match="yours to look after"):
        merging.merge(second, first, by=stan)
    with pytest.raises(Invalid, match="into itself"):
        merging.merge(second, second, by=rita)
    both = guide(ada, schools, "Ada's second")
    merging.merge(both, first, by=ada)
    assert ArticleMerge.select().count() == 1


def test_what_named_it_names_the_first(rita: Person, ada: Person, first: Article, second: Article) -> None:
    question = Question.ask(by=ada, text="Which school?", topic=first.topics[0])
    answer = question.answer(by=second.author, text="The near one.", article=second)
    course = Course.add(by=ada, title="Schools", purpose="Know them", topic=first.topics[0])
    lesson = Lesson.create(course=course, kind_of="reading", title="T", article=second, number=1, position=1)
    exam = Exam.create(course=course)
    asked = ExamQuestion.create(
        exam=exam,
        sort="true_false",
        text="Is it near?",
        answers="true",
        article=second,
        number=1,
        state="ready",
        writer=ada,
    )
    merging.merge(second, first, by=rita)
    assert [answer.fresh().article_id, lesson.fresh().article_id, asked.fresh().article_id] == [first.id] * 3
    assert lesson.fresh().title == first.title
    assert not lesson.fresh().is_put_away
    exams.note_changed()
    assert asked.fresh().state == "check"
    undo(Event.about(second).where(Event.verb == "merged").get(), by=rita)
    assert [answer.fresh().article_id, lesson.fresh().article_id] == [second.id] * 2
    assert (asked.fresh().article_id, asked.fresh().number, lesson.fresh().title) == (second.id, 1, "T")


def test_undone_within_a_day_both_are_as_before(
    rita: Person, stan: Person, mona: Person, first: Article, second: Article
) -> None:
    worked(first, stan)
    worked(second, stan, mona)
    merging.merge(second, first, by=rita)
    event = Event.about(second).where(Event.verb == "merged").get()
    undo(event, by=rita)
    assert (first.fresh().uses, second.fresh().uses, second.fresh().state) == (1, 2, "published")
    assert not ArticleMerge.select().exists()
    merging.merge(second.fresh(), first.fresh(), by=rita)
    later = Event.about(second).where(Event.verb == "merged").first()
    with clock.moved(clock.now() + timedelta(hours=25)):
        assert why_not(later, second.fresh(), by=rita) is not None


def test_it_is_not_brought_back_beside_the_first(rita: Person, first: Article, second: Article) -> None:
    merging.merge(second, first, by=rita)
    merging.merge(second.fresh(), first.fresh(), by=rita)  # twice is harmless
    with pytest.raises(Invalid, match="merged into"):
        second.fresh().restore(by=rita)
    assert second.fresh().state == "archived"


def test_who_wrote_them_hears_of_it_and_stays_on_top(
    sign_in: SignIn, rita: Person, stan: Person, ben: Person, first: Article, second: Article
) -> None:
    merging.merge(second, first, by=rita)
    told = [notice for notice in Notice.select().where(Notice.person == ben) if "merged" in str(notice.text)]
    assert len(told) == 1
    page = sign_in(stan).get(first.url).text
    assert "With what was written by" in page
    assert f'href="{ben.url}"' in page
    (document,) = documents([first.id])
    assert second.title in document.alt
    assert ben.name in document.alt


def test_a_word_against_it_takes_the_word_for_it_back(
    rita: Person, stan: Person, first: Article, second: Article
) -> None:
    worked(second, stan)
    merging.merge(second, first, by=rita)
    Objection.say(first.fresh(), by=stan, reason="The school had moved.")
    assert not Use.select().exists()
    assert first.fresh().uses == 0


def test_links_are_kept_as_texts_are_stored(ada: Person, schools: Topic, first: Article) -> None:
    assert links_in("see [it](/articles/3) and /questions/4, not /articles/3/edit nor x/articles/5") == {
        ("article", 3),
        ("question", 4),
    }
    assert links_in("https://elsewhere.example/questions/7") == set()
    other = guide(ada, schools, "Other", f"See [this]({first.url}).")
    assert TextLink.to("article", [first.id]) == {"article": {other.id}}
    other.edit(by=ada, body="See nothing.")
    assert TextLink.to("article", [first.id]) == {}


def test_what_links_it_is_shown_to_whoever_may_open_that(
    sign_in: SignIn,
    ada: Person,
    ben: Person,
    stan: Person,
    rita: Person,
    schools: Topic,
    first: Article,
    second: Article,
) -> None:
    open_to_all = guide(ada, schools, "Open to all", f"See [this]({first.url}).")
    Article.add(
        by=ben, title="Ben's draft", body=f"See [it]({second.url}).", topics=[schools], published=False
    )
    question = Question.ask(by=ada, text="Which school is near?", topic=schools)
    question.answer(by=ben, text=f"As [said]({second.url}).")
    merging.merge(second, first, by=rita)  # links to the second are links to the first
    seen = {link.name for group in backlinks(first, stan) for link in group.links}
    assert seen == {open_to_all.title, question.text}
    assert "Ben's draft" in {link.name for group in backlinks(first, ben) for link in group.links}
    page = sign_in(stan).get(f"{first.url}/links").text
    assert open_to_all.title in page
    assert "Ben's draft" not in page


def test_who_may_not_merge_is_refused(
    sign_in: SignIn, stan: Person, rita: Person, first: Article, second: Article
) -> None:
    assert sign_in(stan).get(f"{second.url}/merging").status_code == 403
    assert sign_in(stan).post(f"{second.url}/merging", data={"into": first.id}).status_code == 403
    mine = sign_in(rita)
    assert first.title in mine.get(f"{second.url}/merging").text
    answer = mine.post(f"{second.url}/merging", data={"into": first.id}, follow_redirects=False)
    assert answer.headers["location"] == first.url
    assert mine.get("/articles/titled", params={"title": second.title}, follow_redirects=False).headers[
        "location"
    ] in (first.url, second.url)
    assert (
        sign_in(stan)
        .get("/articles/titled", params={"title": second.title}, follow_redirects=False)
        .headers["location"]
        == first.url
    )


def test_a_leaver_keeps_the_name(ada: Person, schools: Topic, rita: Person, first: Article) -> None:
    gone = person("Gone")
    theirs = guide(gone, schools, "Left behind")
    merging.merge(theirs, first, by=rita)
    assert [one.author_id for one in merging.taken_in(first)] == [gone.id]
