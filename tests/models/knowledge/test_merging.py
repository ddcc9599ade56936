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
from portal.models.help.pages import HelpPage
from portal.models.insights.backlinks import backlinks
from portal.models.knowledge import merging, reuse
from portal.models.knowledge.articles import Article
from portal.models.knowledge.merged import ArticleMerge
from portal.models.knowledge.objections import Objection
from portal.models.knowledge.questions import Question
from portal.models.knowledge.shelves import helped
from portal.models.knowledge.uses import Use
from portal.models.learning import exams
from portal.models.learning.courses import Course, Lesson
from portal.models.learning.exams import Exam, ExamQuestion
from portal.models.people.needs import needs
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
        Use.say(article, by=each)


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
    Use.say(first.fresh(), by=mona)  # she said it of the second already
    assert (first.fresh().uses, points(first.author)) == (3, before[first.author_id])
    Use.take_back(first.fresh(), by=mona)
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
        Use.say(first.fresh(), by=second.author)


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


def test_a_question_that_was_made_to_fit_the_first_is_asked_about_again_when_it_is_undone(
    rita: Person, ada: Person, first: Article, second: Article
) -> None:
    """Its owner confirmed it for the text of the first; it comes back to the second, of which that says nothing."""
    exam = Exam.create(course=Course.add(by=ada, title="Schools", purpose="Know them", topic=first.topics[0]))
    facts = {"exam": exam, "sort": "true_false", "answers": "true", "article": second, "writer": ada}
    asked, untouched = (
        ExamQuestion.create(text=text, number=second.text_number, state="ready", **facts)
        for text in ("Near?", "Far?")
    )
    merging.merge(second, first, by=rita)
    exams.note_changed()
    asked.fresh().check(by=ada, is_minor=True)
    assert asked.fresh().state == "ready"
    undo(Event.about(second).where(Event.verb == "merged").get(), by=rita)
    exams.note_changed()
    assert (asked.fresh().article_id, asked.fresh().state) == (second.id, "check")
    assert untouched.fresh().number == second.text_number


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


def test_who_merges_is_warned_that_the_world_reads_it_no_more(
    sign_in: SignIn, rita: Person, rob: Person, ben: Person, first: Article, second: Article
) -> None:
    second.edit(by=ben, body="# How\n\nAsk first.\n\n# Why\n\nPlaces are few.")
    warning = "It stands on the public help site"
    assert warning not in sign_in(rita).get(f"{second.url}/merging").text
    page = HelpPage.ask(second.fresh(), by=ben, number=second.fresh().text_number, sections=(1,))
    assert warning not in sign_in(rita).get(f"{second.url}/merging").text
    page.confirm(by=rob, version=page.version)
    assert warning in sign_in(rita).get(f"{second.url}/merging").text
    merging.merge(second.fresh(), first, by=rita)
    assert HelpPage.get_by_id(page.id).state == "withdrawn"


def test_a_leaver_keeps_the_name(ada: Person, schools: Topic, rita: Person, first: Article) -> None:
    gone = person("Gone")
    theirs = guide(gone, schools, "Left behind")
    merging.merge(theirs, first, by=rita)
    assert [one.author_id for one in merging.taken_in(first)] == [gone.id]


# ---------------------------------------------------------------- merged further, put away, said against


def merged(article: Article) -> Event:
    event: Event = Event.about(article).where(Event.verb == "merged").get()
    return event


def test_two_that_are_merged_at_once_do_not_lead_to_each_other(
    rita: Person, first: Article, second: Article
) -> None:
    """Each was read before the other was merged."""
    as_read, as_read_too = first.fresh(), second.fresh()
    merging.merge(second, first, by=rita)
    with pytest.raises(Invalid, match="changed meanwhile"):
        merging.merge(as_read, as_read_too, by=rita)
    assert (first.fresh().state, second.fresh().state) == ("published", "archived")


def test_into_what_was_put_away_meanwhile_nothing_is_merged(
    rita: Person, first: Article, second: Article
) -> None:
    as_read = first.fresh()
    first.archive(by=rita)
    with pytest.raises(Invalid, match="changed meanwhile"):
        merging.merge(second, as_read, by=rita)
    assert (second.fresh().state, ArticleMerge.select().count()) == ("published", 0)


def test_what_was_revoked_meanwhile_does_not_come_back(rita: Person, first: Article, second: Article) -> None:
    merging.merge(second, first, by=rita)
    second.fresh().revoke(by=rita)
    with pytest.raises(Invalid, match="revoked"):
        undo(merged(second), by=rita)
    assert second.fresh().state == "archived"


def test_where_the_first_is_put_away_the_second_is_brought_back_with_what_was_its_own(
    sign_in: SignIn, rita: Person, stan: Person, first: Article, second: Article
) -> None:
    """Its text is lost with nobody's mistake in the first."""
    worked(second, stan)
    course = Course.add(by=rita, title="Schools", purpose="Know them", topic=first.topics[0])
    lesson = Lesson.create(course=course, kind_of="reading", title="T", article=second, number=1, position=1)
    merging.merge(second, first, by=rita)
    first.fresh().archive(by=rita)
    assert sign_in(second.author).get(second.url, follow_redirects=False).status_code == 200
    second.fresh().restore(by=second.author)
    assert not ArticleMerge.select().exists()
    assert (second.fresh().uses, first.fresh().uses, lesson.fresh().article_id) == (1, 0, second.id)
    first.fresh().restore(by=rita)
    assert first.title in sign_in(stan).get(first.url).text
    assert sign_in(stan).get(second.url, follow_redirects=False).status_code == 200


def test_merged_further_and_undone_in_either_order(
    rita: Person, stan: Person, schools: Topic, first: Article, second: Article
) -> None:
    third = guide(stan, schools, "The third")
    question = Question.ask(by=rita, text="Which school?", topic=schools)
    answer = question.answer(by=second.author, text="The near one.", article=second)
    merging.merge(second, first, by=rita)
    merging.merge(first.fresh(), third, by=rita)
    assert answer.fresh().article_id == third.id
    undo(merged(second), by=rita)
    undo(merged(first), by=rita)
    assert answer.fresh().article_id == second.id
    assert {each.fresh().state for each in (first, second, third)} == {"published"}
    merging.merge(second.fresh(), first.fresh(), by=rita)
    merging.merge(first.fresh(), third.fresh(), by=rita)
    undo(Event.about(first).where(Event.verb == "merged").order_by(Event.id.desc()).get(), by=rita)
    assert (merging.leads_to(second.id), answer.fresh().article_id) == (first, first.id)


def test_whoever_said_that_both_worked_takes_both_words_back(
    rita: Person, stan: Person, first: Article, second: Article
) -> None:
    worked(first, stan)
    worked(second, stan)
    merging.merge(second, first, by=rita)
    Objection.say(first.fresh(), by=stan, reason="The school had moved.")
    assert (Use.select().count(), first.fresh().uses) == (0, 0)
    assert [points(who) for who in (first.author, second.author)] == [0, 0]


def test_what_is_said_against_it_is_asked_of_who_writes_the_first(
    sign_in: SignIn, rita: Person, stan: Person, mona: Person, first: Article, second: Article
) -> None:
    """Mona said so of both: her word about the first stands, the other waits for nobody meanwhile."""
    Objection.say(second, by=stan, reason="The school had moved.")
    for each in (first, second):
        Objection.say(each, by=mona, reason=f"Not so: {each.title}")

    def asked(who: Person) -> list[str]:
        return sorted(str(need.text) for need in needs(who) if "did not work" in str(need.text))

    assert (len(asked(first.author)), len(asked(second.author))) == (1, 2)
    merging.merge(second, first, by=rita)
    assert (len(asked(first.author)), len(asked(second.author))) == (2, 0)
    page = sign_in(first.author).get(first.url).text
    assert "The school had moved." in page
    assert f"Not so: {second.title}" not in page
    undo(merged(second), by=rita)
    assert (len(asked(first.author)), len(asked(second.author))) == (1, 2)


def test_nobody_merges_what_they_are_paid_for_by_votes(
    ada: Person, rita: Person, schools: Topic, first: Article
) -> None:
    """Each later vote would count for both."""
    Article.update(score=8000, scored_number=1).where(Article.id == first.id).execute()
    other = guide(ada, schools, "Ada's second")
    with pytest.raises(Invalid, match="somebody else"):
        merging.merge(first.fresh(), other, by=ada)
    merging.merge(first.fresh(), other, by=rita)
    assert merging.leads_to(first.id) == other
