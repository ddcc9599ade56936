"""Comments at passages of a proposed text: who reads, says, answers and settles them, and what becomes of them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from portal import clock
from portal.models.base import undoing
from portal.models.base.record import Event, Invalid
from portal.models.company.topics import Topic
from portal.models.knowledge import proposals
from portal.models.knowledge.articles import Article
from portal.models.knowledge.comments import Comment
from portal.models.knowledge.proposals import Proposal
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role
from tests.client import Client
from tests.conftest import SignIn
from tests.counting import MOST, queries

BODY = "First ask what they can spend.\n\nThen say that the rate is 3.5 per cent, for ten years."
PASSAGE = "the rate is 3.5 per cent"


@pytest.fixture
def waiting(schools: Topic, adam: Person, ada: Person) -> Proposal:
    """Ada's text, which an expert of its topic approves."""
    TopicRule.choose(schools, by=adam, way="expert")
    article = proposals.write(by=ada, title="Ask first", body=BODY, topics=[schools])
    return Proposal.get(Proposal.article == article)


def said(client: Client, proposal: Proposal, **sent: str) -> Comment:
    answer = client.post(f"{proposal.url}/comments", data={"text": "Since when?", "quote": PASSAGE} | sent)
    assert answer.status_code == 303
    found: Comment = Comment.select().order_by(Comment.id.desc()).get()
    return found


def page(client: Client, proposal: Proposal) -> str:
    answer = client.get(proposal.url)
    assert answer.status_code == 200
    return answer.text


def told(person: Person) -> list[str]:
    return [str(one.phrase) for one in Notice.unread_by(person)]


def test_an_expert_comments_the_author_answers_and_it_is_settled(
    sign_in: SignIn, waiting: Proposal, ada: Person, rita: Person
) -> None:
    expert, author = sign_in(rita), sign_in(ada)
    comment = said(expert, waiting)
    assert (comment.by, comment.quote, comment.edition) == (rita, PASSAGE, 1)
    assert f"<mark>{PASSAGE}</mark>" in page(expert, waiting)
    assert "Since when?" in page(author, waiting)
    assert told(ada) == ["Rita commented on your text: Ask first"]
    answer = author.post(f"/comments/{comment.id}/answer", data={"text": "Since May."})
    assert answer.status_code == 303
    assert "Since May." in page(expert, waiting)
    assert told(rita) == ["Ada answered your comment: Ask first"]
    for _ in range(2):
        assert author.post(f"/comments/{comment.id}/settlement").status_code == 303
    now = comment.fresh()
    assert (now.answered_by, now.settled_by) == (ada, ada)
    assert f"<mark>{PASSAGE}</mark>" not in page(expert, waiting)
    verbs = [event.verb for event in Event.about(waiting).order_by(Event.id)]
    assert verbs == ["proposed", "commented", "comment answered", "comment settled"]


def test_it_follows_the_text_and_says_where_the_passage_is_gone(
    sign_in: SignIn, waiting: Proposal, ada: Person, rita: Person
) -> None:
    expert = sign_in(rita)
    said(expert, waiting)
    waiting.revise(by=ada, body=BODY.replace("First ask", "Before all, ask").replace("3.5", "3.6"))
    text = page(expert, waiting)
    assert "the rate is 3.6 per cen" in text.split("<mark>")[1].split("</mark>")[0] + "t"
    assert "The passage is gone" not in text
    waiting.fresh().revise(by=ada, body="Something else altogether, about schools and parks.")
    text = page(expert, waiting)
    assert "The passage is gone" in text
    assert PASSAGE in text
    assert "Since when?" in text


def test_who_may_not_read_the_text_reads_no_comment_and_says_none(
    sign_in: SignIn, waiting: Proposal, ben: Person, stan: Person, rita: Person
) -> None:
    comment = said(sign_in(rita), waiting)
    for person in (ben, stan):
        browser = sign_in(person)
        assert browser.get(waiting.url).status_code == 404
        assert browser.post(f"{waiting.url}/comments", data={"text": "So?"}).status_code == 404
        assert browser.post(f"/comments/{comment.id}/answer", data={"text": "So."}).status_code == 404
        assert browser.post(f"/comments/{comment.id}/settlement").status_code == 404
    assert Comment.select().count() == 1
    assert comment.fresh().answer == ""


def test_its_author_says_nothing_of_their_own_nor_answers_for_others(
    sign_in: SignIn, waiting: Proposal, ada: Person, rita: Person, rob: Person
) -> None:
    author = sign_in(ada)
    assert author.post(f"{waiting.url}/comments", data={"text": "Good."}).status_code == 403
    comment = said(sign_in(rita), waiting)
    for person in (rita, rob):  # who said it, and who may approve it too
        answer = sign_in(person).post(f"/comments/{comment.id}/answer", data={"text": "So."})
        assert answer.status_code == 403
    assert sign_in(rob).post(f"/comments/{comment.id}/settlement").status_code == 403
    assert sign_in(rita).post(f"/comments/{comment.id}/settlement").status_code == 303


def test_what_does_not_stand_there_or_tells_who_it_is_is_refused_with_the_words_kept(
    sign_in: SignIn, waiting: Proposal, ada: Person, rita: Person
) -> None:
    expert = sign_in(rita)
    for sent, words in (
        ({"text": "So?", "quote": "never written"}, "These words do not stand in the text."),
        ({"text": "", "quote": PASSAGE}, "This is needed."),
        ({"text": "Call 13812345678", "quote": PASSAGE}, "13812345678"),
    ):
        answer = expert.post(f"{waiting.url}/comments", data=sent)
        assert answer.status_code == 422
        assert words in answer.text
        assert sent["quote"] in answer.text
    assert Comment.select().count() == 0
    comment = said(expert, waiting)
    answer = sign_in(ada).post(f"/comments/{comment.id}/answer", data={"text": "Mail wang@example.com"})
    assert answer.status_code == 422
    assert "Mail wang@example.com" in answer.text
    assert comment.fresh().answer == ""


def test_many_of_a_day_are_one_message_and_the_next_day_one_more(
    sign_in: SignIn, waiting: Proposal, ada: Person, rita: Person
) -> None:
    expert = sign_in(rita)
    for number in range(3):
        said(expert, waiting, text=f"Comment {number}", quote="")
    assert len(told(ada)) == 1
    with clock.moved(clock.now() + timedelta(days=1)):
        Comment.say(waiting, by=rita, text="One more")
        assert len(told(ada)) == 2


def test_it_is_undone_for_a_day_unless_it_was_answered(
    sign_in: SignIn, waiting: Proposal, ada: Person, rita: Person
) -> None:
    expert = sign_in(rita)
    said(expert, waiting, text="A slip")
    event = Event.about(waiting).where(Event.verb == "commented").get()
    expert.post(f"/events/{event.id}/undoing")
    assert Comment.select().count() == 0
    assert told(ada) == []
    comment = said(expert, waiting)
    assert len(told(ada)) == 1
    event = Event.about(waiting).where(Event.verb == "commented").order_by(Event.id.desc()).first()
    comment.reply(by=ada, text="Since May.")
    expert.post(f"/events/{event.id}/undoing")
    assert Comment.select().count() == 1


def test_what_is_open_goes_on_to_the_text_that_follows_one_sent_back(
    sign_in: SignIn, waiting: Proposal, ada: Person, rita: Person
) -> None:
    expert = sign_in(rita)
    open_one, settled = said(expert, waiting), said(expert, waiting, text="Done")
    settled.settle(by=rita)
    waiting.fresh().refuse(by=rita, reason="See my comments")
    assert "Since when?" in page(expert, waiting)
    with pytest.raises(Invalid):
        Comment.say(waiting.fresh(), by=rita, text="Too late")
    article = Article.get()
    proposals.change(article, by=ada, version=article.version, body=BODY + "\n\nMore.")
    proposals.publish(article.fresh(), by=ada)
    anew = proposals.waiting_of(article.fresh(), ada)
    assert anew is not None
    assert open_one.fresh().proposal == anew
    assert settled.fresh().proposal == waiting
    assert f"<mark>{PASSAGE}</mark>" in page(expert, anew)
    assert "Since when?" not in page(expert, waiting)


def again(article: Article, ada: Person, **facts: Any) -> Proposal:
    """Ada asks anew for what was sent back."""
    proposals.change(article, by=ada, version=article.version, **facts)
    anew = proposals.publish(article.fresh(), by=ada)
    assert anew is not None
    return anew


def test_to_another_topic_they_do_not_go_along(
    sign_in: SignIn, waiting: Proposal, ada: Person, rita: Person, adam: Person, stan: Person
) -> None:
    """Others read the new text: what was said of the former stays with who read it, also their answers."""
    expert, author = sign_in(rita), sign_in(ada)
    comment, of_all = said(expert, waiting), said(expert, waiting, quote="", text="A trade secret")
    waiting.fresh().refuse(by=rita, reason="Elsewhere")
    other = Topic.create(name="Loans")
    TopicRule.choose(other, by=adam, way="expert")
    stan.grant(Role.REVIEWER, by=adam, topic=other)
    anew = again(Article.get(), ada, title="Secret new title", body=BODY + " More.", topics=[other])
    assert [one.fresh().proposal for one in (comment, of_all)] == [waiting, waiting]
    text = page(sign_in(stan), anew)
    assert "Since when?" not in text
    assert "A trade secret" not in text
    assert author.post(f"/comments/{comment.id}/answer", data={"text": "May."}).status_code == 303
    assert "May." in page(expert, waiting)  # where both read it
    assert not any("Secret new title" in one for one in told(rita))


def test_who_may_not_read_the_text_any_more_is_not_told_its_title_nor_goes_along(
    sign_in: SignIn, waiting: Proposal, ada: Person, rita: Person, rob: Person, adam: Person
) -> None:
    here, goes = said(sign_in(rita), waiting), Comment.say(waiting, by=rob, text="And this?")
    rita.withdraw(Role.REVIEWER, by=adam)
    waiting.fresh().revise(by=ada, title="Later secret title")
    assert sign_in(rita).get(waiting.url).status_code == 404
    answer = sign_in(ada).post(f"/comments/{here.id}/answer", data={"text": "May."})
    assert answer.status_code == 303
    assert here.fresh().answer == "May."
    assert not any("Later secret title" in one for one in told(rita))
    waiting.fresh().refuse(by=rob, reason="Not yet")
    anew = again(Article.get(), ada, body=BODY + " More.")
    assert [one.fresh().proposal for one in (here, goes)] == [waiting, anew]


def test_the_answer_to_one_that_went_on_is_not_undone_with_it(
    sign_in: SignIn, waiting: Proposal, ada: Person, rita: Person
) -> None:
    expert, author = sign_in(rita), sign_in(ada)
    comment = said(expert, waiting)
    event = Event.about(waiting).where(Event.verb == "commented").get()
    waiting.fresh().refuse(by=rita, reason="See my comment")
    anew = again(Article.get(), ada, body=BODY + " More.")
    author.post(f"/comments/{comment.id}/answer", data={"text": "Since May."})
    expert.post(f"/events/{event.id}/undoing")
    now = comment.fresh()
    assert (now.answer, now.proposal) == ("Since May.", anew)


def test_it_says_which_text_was_read(sign_in: SignIn, waiting: Proposal, ada: Person, rita: Person) -> None:
    expert = sign_in(rita)
    assert '<input name="edition" type="hidden" value="1">' in page(expert, waiting)
    waiting.revise(by=ada, body=BODY + " More.")  # while Rita writes
    comment = said(expert, waiting, quote="", edition="1")
    assert comment.edition == 1
    assert "Version 1" in page(expert, waiting)
    assert said(expert, waiting, edition="7").edition == 2  # there is no such text
    waiting.fresh().refuse(by=rita, reason="See my comments")
    anew = again(Article.get(), ada, body=BODY + " Even more.")
    text = page(expert, anew)
    assert text.count("Said of the text before") == 2
    assert "Version 1" not in text


def test_undone_nobody_is_left_told_of_it(ada: Person, ben: Person, rita: Person, schools: Topic) -> None:
    article = Article.add(by=ada, title="Ask first", body=BODY, topics=[schools])
    suggestion = proposals.suggest(article, by=ben, title="Ask first", body=BODY + " More.")
    suggestion.revise(by=ada, body=BODY + " Even more.")
    Comment.say(suggestion.fresh(), by=rita, text="Why?")
    assert [len(told(one)) for one in (ada, ben)] == [1, 1]
    Notice.read_all(ada)
    undoing.undo(Event.about(suggestion).where(Event.verb == "commented").get(), by=rita)
    assert told(ben) == []


def test_an_answer_refused_has_a_field_of_its_own(
    sign_in: SignIn, ada: Person, ben: Person, rita: Person, schools: Topic
) -> None:
    """The article's author answers what is said of a suggestion, and comments on it."""
    article = Article.add(by=ada, title="Ask first", body=BODY, topics=[schools])
    suggestion = proposals.suggest(article, by=ben, title="Ask first", body=BODY + " More.")
    comment = Comment.say(suggestion, by=rita, text="Why?")
    answer = sign_in(ada).post(f"/comments/{comment.id}/answer", data={"text": ""})
    assert answer.status_code == 422
    ids = re.findall(r'<textarea[^>]* id="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids)) > 1
    assert 'href="#answer-text"' in answer.text
    assert "who leads them" in answer.text


def test_they_stay_with_what_was_withdrawn_put_away_and_brought_back(
    sign_in: SignIn, waiting: Proposal, ada: Person, rita: Person, ben: Person
) -> None:
    comment = said(sign_in(rita), waiting)
    article = Article.get()
    article.archive(by=ada)
    assert waiting.fresh().state == "withdrawn"
    assert "Since when?" in page(sign_in(ada), waiting)
    assert sign_in(rita).post(f"{waiting.url}/comments", data={"text": "So?"}).status_code == 403
    article.fresh().restore(by=ada)
    anew = proposals.publish(article.fresh(), by=ada)
    assert comment.fresh().proposal == anew
    assert sign_in(ben).get(waiting.url).status_code == 404


def test_they_are_erased_with_the_text(waiting: Proposal, rita: Person, adam: Person, ada: Person) -> None:
    comment = Comment.say(waiting, by=rita, text="Spend is a name", quote="what they can spend")
    Article.get().erase(by=ada, words="spend\nSpend")
    now = comment.fresh()
    assert (now.quote, now.text) == ("what they can 〔…〕", "〔…〕 is a name")
    assert "spend" not in now.before + now.after


def test_sent_twice_it_is_said_once_and_the_page_costs_what_pages_cost(
    sign_in: SignIn, waiting: Proposal, rita: Person, rob: Person, ada: Person
) -> None:
    expert = sign_in(rita)
    for _ in range(2):
        expert.post(f"{waiting.url}/comments", data={"text": "Since when?", "quote": PASSAGE, "key": "once"})
    assert Comment.select().count() == 1
    for number in range(5):
        Comment.say(waiting, by=rita, text=f"Comment {number}", quote=PASSAGE)
    Comment.say(waiting, by=rob, text="And mine", quote=PASSAGE)
    for person in (rita, rob, ada):
        browser = sign_in(person)
        browser.get(waiting.url)
        with queries() as asked:
            page(browser, waiting)
        assert len(asked) <= MOST


def test_of_two_answers_one_counts_and_no_word_is_lost(
    sign_in: SignIn, waiting: Proposal, ada: Person, rita: Person
) -> None:
    comment = said(sign_in(rita), waiting)
    author = sign_in(ada)
    for _ in range(2):
        twice = author.post(f"/comments/{comment.id}/answer", data={"text": "Since May."})
        assert twice.status_code == 303
    answer = author.post(f"/comments/{comment.id}/answer", data={"text": "From my other tab."})
    assert answer.status_code == 422
    assert "It was changed meanwhile" in answer.text
    assert "From my other tab." in answer.text
    assert "Since May." in answer.text
    assert comment.fresh().answer == "Since May."
