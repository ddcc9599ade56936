"""Texts that are approved before anyone reads them, and texts that anyone suggests."""

from __future__ import annotations

import io
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from portal import clock, i18n
from portal.models.base.intake import Source
from portal.models.base.record import Invalid, SearchOutbox
from portal.models.company.calendar import Calendar
from portal.models.company.topics import Topic
from portal.models.files import attachments
from portal.models.files.attachments import Arrived, Attachment
from portal.models.files.file_texts import FileText
from portal.models.knowledge import history, proposals
from portal.models.knowledge.articles import Article
from portal.models.knowledge.intake import ArticleIntake
from portal.models.knowledge.proposals import Proposal
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.people.absences import Absence
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role, RoleGrant
from portal.models.people.sessions import close_account
from portal.models.work.clocks import Clock
from portal.text.writing import Piece, reads_the_same, side_by_side
from tests.conftest import SignIn


@pytest.fixture
def by_expert(schools: Topic, adam: Person) -> TopicRule:
    """What stands under schools is approved by an expert."""
    return TopicRule.choose(schools, by=adam, way="expert")


@pytest.fixture
def in_two(schools: Topic, adam: Person, mona: Person, ben: Person) -> TopicRule:
    """By an expert, then by Mona; Ben is her deputy."""
    return TopicRule.choose(schools, by=adam, way="two", owner=mona, deputy=ben)


def written(by: Person, *topics: Topic, **facts: Any) -> Article:
    given: dict[str, Any] = {"title": "Ask first", "body": "One question first.", "topics": topics}
    return proposals.write(by=by, **(given | facts))


def waiting(article: Article) -> Proposal:
    return Proposal.get((Proposal.article == article) & (Proposal.state == "waiting"))


def approved(article: Article, *people: Person) -> Article:
    for person in people:
        waiting(article).approve(by=person)
    return article.fresh()


def asked(person: Person) -> list[str]:
    return [str(need.text) for need in needs(person)]


def seen(person: Person) -> list[Article]:
    return list(Article.visible_to(person))


# ------------------------------------------------------------------ one step


def test_a_text_is_read_once_an_expert_approved_it(
    by_expert: TopicRule, ada: Person, ben: Person, rita: Person, stan: Person, schools: Topic
) -> None:
    article = written(ada, schools)
    assert (article.state, seen(ben), seen(rita)) == ("draft", [], [])
    assert asked(rita) == ["Approve: Ask first"]
    assert asked(ada) == asked(ben) == asked(stan) == []
    assert list(Proposal.visible_to(rita)) == list(Proposal.visible_to(ada)) == [waiting(article)]
    assert list(Proposal.visible_to(ben)) == list(Proposal.visible_to(stan)) == []
    approved(article, rita)
    assert [one.state for one in seen(ben)] == ["published"]
    assert [str(one.phrase) for one in Notice.unread_by(ada)] == [
        "Rita approved it, everyone reads it now: Ask first"
    ]
    assert asked(rita) == []
    found = proposals.approved(article.fresh())
    assert found is not None
    assert found.answered_by == rita


def test_a_topic_below_has_the_rule_of_the_one_above_until_it_has_its_own(
    by_expert: TopicRule, ada: Person, adam: Person, schools: Topic
) -> None:
    below = Topic.create(name="小学", parent=schools)
    assert written(ada, below).state == "draft"
    TopicRule.choose(below, by=adam, way="none")
    assert written(ada, below, title="Two").state == "published"
    assert written(ada, schools, below, title="Three").state == "draft"


def test_readers_go_on_reading_what_was_approved_while_a_newer_text_waits(
    by_expert: TopicRule, ada: Person, rita: Person, schools: Topic
) -> None:
    article = approved(written(ada, schools), rita)
    version = article.version
    assert proposals.change(article, by=ada, version=version, title="Ask first", body="Two questions.")
    now = article.fresh()
    assert (now.body, now.text_number) == ("One question first.", 1)
    approved(article, rita)
    now = article.fresh()
    assert (now.body, now.text_number, now.summary) == ("Two questions.", 2, "Two questions.")
    assert [kept.by for kept in history.versions(now)] == [ada, ada]
    found = proposals.approved(now)
    assert found is not None
    assert (found.became, found.base_number) == (2, 1)


def test_what_is_no_text_is_changed_at_once(
    by_expert: TopicRule, ada: Person, rita: Person, schools: Topic, lakeside: Any
) -> None:
    article = approved(written(ada, schools), rita)
    assert proposals.change(article, by=ada, body="Other.", product=lakeside)
    assert (article.fresh().product, article.fresh().body) == (lakeside, "One question first.")


def test_nobody_approves_what_is_theirs_or_what_they_wrote_on(
    by_expert: TopicRule, ada: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    article = written(rita, schools)
    assert asked(rita) == []
    assert asked(rob) == ["Approve: Ask first"]
    with pytest.raises(Invalid):
        waiting(article).approve(by=rita)
    approved(article, rob)
    proposals.change(article.fresh(), by=rob, body="Rob's words.")
    assert asked(rob) == asked(rita) == []  # it is Rita's article, and Rob's change
    for person in (rita, rob, ada):
        with pytest.raises(Invalid):
            waiting(article).approve(by=person)
    assert article.fresh().body == "One question first."


def test_whoever_has_the_role_lately_from_its_author_does_not_approve(
    by_expert: TopicRule, adam: Person, rita: Person, stan: Person, schools: Topic
) -> None:
    stan.grant(Role.REVIEWER, by=adam, topic=schools)
    article = written(adam, schools)
    assert asked(stan.fresh()) == []
    assert asked(rita) == ["Approve: Ask first"]
    with pytest.raises(Invalid):
        waiting(article).approve(by=stan.fresh())
    with clock.moved(clock.now() + timedelta(days=40)):
        later = written(adam, schools, title="Later")
        waiting(later).approve(by=stan.fresh())
    assert later.fresh().state == "published"


def test_an_answer_is_to_the_text_that_was_read(
    by_expert: TopicRule, ada: Person, rita: Person, schools: Topic
) -> None:
    article = written(ada, schools)
    read = waiting(article)
    proposals.change(article, by=ada, body="Never ask.")
    with pytest.raises(Invalid):
        read.fresh().approve(by=rita, edition=read.edition)
    assert article.fresh().state == "draft"
    again = waiting(article)
    assert (again.body, again.edition, again.id) == ("Never ask.", 2, read.id)
    again.approve(by=rita, edition=2)
    assert article.fresh().body == "Never ask."


def test_what_is_written_on_while_it_waits_is_the_draft_s_text_and_is_published(
    by_expert: TopicRule, ada: Person, rita: Person, schools: Topic
) -> None:
    """Else nobody could ever approve it, and the page of the draft would bring the former words back."""
    article = written(ada, schools)
    waiting(article).revise(by=ada, title="Ask before", body="Two questions first.")
    draft = article.fresh()
    assert (draft.title, draft.body, draft.text_number) == ("Ask before", "Two questions first.", 2)
    assert (asked(ada), asked(rita)) == ([], ["Approve: Ask before"])
    proposals.change(draft, by=ada, version=draft.version, body="Two questions first. Then one more.")
    held = waiting(article)
    assert (held.title, held.body) == ("Ask before", "Two questions first. Then one more.")
    held.approve(by=rita, edition=held.edition)
    now = article.fresh()
    assert (now.state, now.title, now.body) == ("published", "Ask before", held.body)
    assert proposals.approved(now) is not None


def test_what_is_sent_back_says_why_and_is_its_author_s_to_go_on_with(
    by_expert: TopicRule, ada: Person, rita: Person, schools: Topic
) -> None:
    article = written(ada, schools)
    with pytest.raises(Invalid):
        waiting(article).refuse(by=rita, reason=" ")
    waiting(article).refuse(by=rita, reason="Name the law.")
    assert asked(rita) == []
    assert asked(ada) == ["Finish and publish: Ask first"]
    assert [str(one.phrase) for one in Notice.unread_by(ada)] == [
        "Rita sent your text back: Ask first. Name the law."
    ]
    proposals.change(article.fresh(), by=ada, body="The law of 2024.")
    proposals.publish(article.fresh(), by=ada)
    assert asked(ada) == []
    assert asked(rita) == ["Approve: Ask first"]


def test_twice_is_harmless(by_expert: TopicRule, ada: Person, rita: Person, schools: Topic) -> None:
    article = written(ada, schools)
    proposals.publish(article, by=ada)
    assert Proposal.select().count() == 1
    held = waiting(article)
    held.approve(by=rita)
    held.fresh().approve(by=rita)
    assert (article.fresh().text_number, Proposal.get().done) == (1, [["expert", rita.id]])


# ------------------------------------------------------------------ ways around it


def test_whoever_moves_a_draft_to_another_topic_is_approved_by_its_experts(
    in_two: TopicRule, stan: Person, rita: Person, mona: Person, adam: Person, schools: Topic
) -> None:
    loans, free = Topic.create(name="贷款"), Topic.create(name="其他")
    TopicRule.choose(loans, by=adam, way="expert", owner=adam)
    article = written(stan, schools)
    waiting(article).approve(by=rita)
    proposals.change(article.fresh(), by=stan, topics=[loans])
    assert asked(rita) == asked(mona) == []
    assert asked(adam) == ["Approve: Ask first"]
    assert not waiting(article).answerable_by(mona)
    proposals.change(article.fresh(), by=stan, topics=[free])
    assert (Proposal.get().state, asked(adam)) == ("withdrawn", [])
    assert asked(stan) == ["Finish and publish: Ask first"], "nobody approves what stands there"
    proposals.publish(article.fresh(), by=stan)
    assert article.fresh().state == "published"


def test_what_goes_to_another_topic_is_approved_there_unless_it_leaves_a_stricter_one(
    by_expert: TopicRule, ada: Person, rita: Person, mona: Person, adam: Person, schools: Topic
) -> None:
    loans = Topic.create(name="贷款")
    TopicRule.choose(loans, by=adam, way="expert", owner=mona)
    moved, kept = (approved(written(ada, schools, title=title), rita) for title in ("Moved", "Kept"))
    proposals.change(moved, by=ada, body="What lenders ask.", topics=[loans])
    assert (asked(rita), asked(mona)) == ([], ["Approve: Moved"])
    TopicRule.choose(schools, by=adam, way="two", owner=mona)
    proposals.change(kept, by=ada, topics=[loans])
    assert asked(rita) == ["Approve: Kept"]


def test_what_its_author_publishes_since_nobody_has_to_approve_it_waits_no_longer(
    by_expert: TopicRule, ada: Person, rita: Person, adam: Person, schools: Topic
) -> None:
    article = written(ada, schools)
    TopicRule.choose(schools, by=adam, way="none")
    assert asked(rita) == ["Approve: Ask first"], "it is answered by whom it was asked of, unless its author"
    proposals.publish(article.fresh(), by=ada)
    assert (article.fresh().state, Proposal.get().state, asked(rita)) == ("published", "withdrawn", [])


def test_no_verb_of_an_article_brings_unapproved_words_before_readers(
    by_expert: TopicRule, ada: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    """Whatever calls them: what must be approved goes the one way."""
    free = Topic.create(name="其他")
    article = approved(written(ada, schools), rita)
    loose = Article.add(by=ada, title="Loose", body="Words.", topics=[free])
    draft = Article.add(by=ada, title="Draft", body="Words.", topics=[schools], published=False)
    other: dict[str, Any] = {"title": "X", "body": "Unapproved.", "summary": "Unapproved."}
    for name, text in other.items():
        with pytest.raises(Invalid):
            article.fresh().edit(**{"by": rita, name: text})
    for topics in ([free], [free, schools]):
        assert article.fresh().asks({"topics": topics}) is (schools not in topics)
    with pytest.raises(Invalid):
        article.fresh().edit(by=ada, topics=[free], body="Unapproved.")
    with pytest.raises(Invalid):
        loose.edit(by=ada, topics=[free, schools])
    with pytest.raises(Invalid):
        loose.add_topic(schools, by=rob)
    with pytest.raises(Invalid):
        draft.publish(by=ada)
    with pytest.raises(Invalid):
        Article.add(by=ada, title="Straight", body="Words.", topics=[schools])
    assert article.fresh().body == "One question first."
    assert not Article.select().where(Article.body == "Unapproved.").exists()


def test_an_earlier_version_comes_back_by_approval_too(
    by_expert: TopicRule, ada: Person, rita: Person, schools: Topic
) -> None:
    article = approved(written(ada, schools), rita)
    proposals.change(article, by=ada, body="Two.")
    article = approved(article, rita)
    with pytest.raises(Invalid):
        article.restore_version(1, by=ada)
    with i18n.speaking("en"):
        made = proposals.restore_version(article, 1, by=ada)
    assert made is not None
    assert made.note == "Version 1 is the text again."
    assert approved(article, rita).body == "One question first."
    assert article.fresh().text_number == 3


def test_what_was_put_away_and_brought_back_says_what_was_approved(
    by_expert: TopicRule, ada: Person, rita: Person, schools: Topic
) -> None:
    article = approved(written(ada, schools), rita)
    proposals.change(article, by=ada, body="Two.")
    article = article.fresh()
    article.archive(by=ada)
    assert Proposal.select().where(Proposal.state == "withdrawn").count() == 1
    assert asked(rita) == []
    with pytest.raises(Invalid):
        article.edit(by=ada, body="While nobody looks.")
    article.restore(by=ada)
    assert article.fresh().body == "One question first."


def test_a_file_brings_in_drafts_and_changes_no_approved_text(
    by_expert: TopicRule, ada: Person, rita: Person, adam: Person, schools: Topic
) -> None:
    article = approved(written(ada, schools), rita)
    intake = ArticleIntake(Source(by=adam, number=1))
    row = {"title": "From a file", "body": "Words.", "topics": (schools.id,), "author": ada.id}
    made = intake.take_in({1: {**row, "state": "published"}, 2: {**row, "title": "Another"}})
    assert {Article.get_by_id(one).state for one in made.values()} == {"draft"}
    assert asked(ada) == ["Finish and publish: From a file", "Finish and publish: Another"]
    assert [str(one.phrase) for one in Notice.unread_by(adam)] == [
        "Some articles came in as drafts: they name people, or wait to be approved."
    ]
    (told,) = intake.compare([(article, {"title": "Ask first", "body": "Unapproved."})])
    assert "approved before it is read" in str(told.problem)


def test_erasing_takes_words_out_of_what_waits_and_keeps_the_approval(
    by_expert: TopicRule, ada: Person, rita: Person, schools: Topic
) -> None:
    article = approved(written(ada, schools, body="Ask Quentin first."), rita)
    proposals.change(article, by=ada, title="Ask Quentin", body="Ask Quentin twice.")
    article.fresh().erase(by=ada, words="Quentin")
    assert article.fresh().body == "Ask 〔…〕 first."
    assert asked(rita) == ["Approve: Ask 〔…〕"]
    assert {one.body for one in Proposal.select()} == {"Ask 〔…〕 first.", "Ask 〔…〕 twice."}
    assert proposals.approved(article.fresh()) is not None


def test_personal_data_is_found_before_anybody_is_asked(
    by_expert: TopicRule, ada: Person, schools: Topic
) -> None:
    with pytest.raises(Invalid):
        written(ada, schools, body="Call 13812345678 first.")
    assert Proposal.select().count() == 0 == Clock.select().where(Clock.what == "expert approval").count()


def test_a_file_of_what_waits_is_opened_by_who_approves_it_and_found_by_nobody(
    by_expert: TopicRule,
    ada: Person,
    ben: Person,
    rita: Person,
    schools: Topic,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(attachments, "_store", None)
    attachments.keep_in(tmp_path / "files")
    brought = Attachment.bring(Arrived.read(io.BytesIO(b"Zanzibar"), "a.txt"), by=ada)
    article = written(ada, schools, body=f"See {brought.markdown} first.")
    assert FileText.read_next()
    assert not FileText.read_next()
    files = [list(Attachment.visible_to(person)) for person in (ada, rita, ben)]
    assert files == [[brought], [brought], []]
    assert not SearchOutbox.select().where(SearchOutbox.kind == "proposal").exists()
    approved(article, rita)
    assert list(Attachment.visible_to(ben)) == [brought]
    assert FileText.said_in("article", [(article.id, article.fresh().body)]) == {
        article.id: "a.txt\nZanzibar"
    }


def test_who_writes_on_a_suggestion_opens_none_of_their_own_files_by_it(
    ada: Person, ben: Person, rita: Person, schools: Topic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "_store", None)
    attachments.keep_in(tmp_path / "files")
    own = Attachment.bring(Arrived.read(io.BytesIO(b"What Ada asked for"), "a.txt"), by=ada)
    article = written(ada, schools)
    made = proposals.suggest(article, by=ben, title="Ask first", body=f"One question. {own.markdown}")
    made.revise(by=ada, body=f"One question first. {own.markdown}")
    assert list(Attachment.visible_to(ben)) == [], "Ben named what is not his to open"
    made.fresh().approve(by=rita)
    assert list(Attachment.visible_to(ben)) == []
    article.fresh().edit(by=ada, body="One question.")
    article.fresh().edit(by=ada, body=f"See {own.markdown}")
    assert list(Attachment.visible_to(ben)) == [], "a version by Ben named it"


def test_what_its_author_took_out_of_a_draft_they_may_put_in_again(
    ada: Person, ben: Person, schools: Topic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "_store", None)
    attachments.keep_in(tmp_path / "files")
    plan = Arrived.read(io.BytesIO(b"A plan"), "plan.txt")
    brought = Attachment.bring(plan, by=ada)
    article = written(ada, schools, body=f"See {brought.markdown}", published=False)
    article.edit(by=ada, body="See nothing.")
    proposals.publish(article.fresh(), by=ada)
    assert list(Attachment.visible_to(ben)) == [], "nobody has read it"
    again = Attachment.bring(plan, by=ada)
    article.fresh().edit(by=ada, body=f"See it after all: {again.markdown}")
    assert list(Attachment.visible_to(ben)) == [again]


# ------------------------------------------------------------------ minor changes


def test_other_spacing_keeps_the_approval_and_no_other_word_does(
    by_expert: TopicRule, ada: Person, rita: Person, schools: Topic
) -> None:
    article = approved(written(ada, schools, body="Pay 1.5 % first."), rita)
    assert proposals.change(article, by=ada, body="Pay **1.5 %** first.\n") is None
    now = article.fresh()
    assert (now.text_number, now.body) == (2, "Pay **1.5 %** first.\n")
    kept = proposals.approved(now)
    assert kept is not None
    assert (kept.answered_by, kept.is_minor) == (rita, 1)
    assert proposals.change(now, by=ada, body="Pay **15 %** first.") is not None
    assert article.fresh().text_number == 2


def test_a_version_that_says_the_same_is_restored_with_its_approval(
    by_expert: TopicRule, ada: Person, rita: Person, schools: Topic
) -> None:
    """And one that says something else is asked for."""
    article = approved(written(ada, schools, body="Pay 1.5 % first."), rita)
    proposals.change(article, by=ada, body="Pay **1.5 %** first.\n")
    assert proposals.restore_version(article.fresh(), 1, by=ada) is None
    now = article.fresh()
    assert (now.text_number, now.body) == (3, "Pay 1.5 % first.")
    kept = proposals.approved(now)
    assert kept is not None
    assert kept.answered_by == rita
    proposals.change(now, by=ada, body="Pay 2 % first.")
    waiting(article).approve(by=rita)
    assert proposals.restore_version(article.fresh(), 1, by=ada) is not None
    assert article.fresh().body == "Pay 2 % first."


def test_a_draft_that_waits_is_asked_for_in_the_words_that_it_was_brought_back_to(
    by_expert: TopicRule, ada: Person, rita: Person, schools: Topic
) -> None:
    article = written(ada, schools, body="First words.")
    proposals.change(article, by=ada, body="Second words.")
    assert waiting(article).body == "Second words."
    proposals.restore_version(article.fresh(), 1, by=ada)
    assert waiting(article).body == article.fresh().body == "First words."
    waiting(article).approve(by=rita)
    assert article.fresh().state == "published"


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("先问孩子几岁。", "先问 孩子 几岁。", True),
        ("用 CRM 登记", "用CRM登记", True),
        ("one\n\n\ntwo", "one\n\ntwo", True),
        ("can not", "cannot", False),
        ("1.5", "15", False),
        ("[a](/x)", "[a](/y)", False),
        ("~~no~~", "no", False),
        ("![](/a.png)", "![](/b.png)", False),
        ("```\na  b\n```", "```\na b\n```", False),
        ("不可以", "可以", False),
    ],
)
def test_what_reads_the_same(before: str, after: str, same: bool) -> None:
    assert reads_the_same(before, after) is same


# ------------------------------------------------------------------ two steps


def test_two_steps_are_two_people(
    in_two: TopicRule, stan: Person, rita: Person, mona: Person, ben: Person, schools: Topic
) -> None:
    article = written(stan, schools)
    waiting(article).approve(by=rita)
    assert article.fresh().state == "draft"
    assert asked(mona) == ["Approve as the topic's owner: Ask first"]
    assert asked(rita) == asked(ben) == []
    for person in (rita, ben, stan):
        assert not waiting(article).answerable_by(person)
    waiting(article).approve(by=mona)
    assert article.fresh().state == "published"


def test_who_audits_owns_no_topic_and_is_asked_for_nothing(
    in_two: TopicRule,
    stan: Person,
    rita: Person,
    mona: Person,
    ben: Person,
    adam: Person,
    schools: Topic,
    audrey: Person,
    sign_in: SignIn,
) -> None:
    pairs: tuple[dict[str, Any], ...] = ({"owner": audrey}, {"owner": mona, "deputy": audrey})
    for named in pairs:
        with pytest.raises(Invalid):
            TopicRule.choose(schools, by=adam, way="expert", **named)
    form = sign_in(adam).get(f"{schools.url}/rule").text
    assert f' #{audrey.id}"' not in form
    assert f' #{ben.id}"' in form
    RoleGrant.create(person=mona, role=Role.AUDITOR.value)  # since she owns it
    article = written(stan, schools)
    waiting(article).approve(by=rita)
    assert asked(mona) == []
    assert asked(ben) == ["Approve as the topic's owner: Ask first"]


def test_the_deputy_stands_in_for_an_owner_who_wrote_it_or_approved_first_or_left(
    in_two: TopicRule, stan: Person, rita: Person, mona: Person, ben: Person, adam: Person, schools: Topic
) -> None:
    article = written(mona, schools)
    waiting(article).approve(by=rita)
    assert asked(ben) == ["Approve as the topic's owner: Ask first"]
    assert asked(mona) == []
    waiting(article).approve(by=ben)
    other = written(stan, schools, title="Second")
    waiting(other).approve(by=rita)
    assert asked(mona) == ["Approve as the topic's owner: Second"]
    mona.deactivate(by=adam)
    for ident in Clock.due():
        Clock.get_by_id(ident).advance()
    assert asked(ben) == ["Approve as the topic's owner: Second"]
    waiting(other).approve(by=ben)


def test_an_expert_s_word_that_a_change_is_minor_spares_the_second_step(
    in_two: TopicRule, sign_in: SignIn, stan: Person, rita: Person, mona: Person, ben: Person, schools: Topic
) -> None:
    article = approved(written(stan, schools), rita, mona)
    proposals.change(article, by=stan, body="One question, first.")
    asked_for = waiting(article)
    asked_for.approve(by=rita, minor=True)
    assert article.fresh().body == "One question, first."
    assert asked(mona) == []
    told = "Rita called it a minor change, and it is published without you: Ask first"
    for owner in (mona, ben):
        assert told in [str(notice.phrase) for notice in Notice.of(owner)], "a hasty word comes to light"
        assert "One question, first." in sign_in(owner).get(asked_for.url).text


def test_nobody_calls_minor_what_no_owner_ever_read(
    in_two: TopicRule, sign_in: SignIn, stan: Person, rita: Person, mona: Person, adam: Person, schools: Topic
) -> None:
    """Neither a first text, whatever its form is sent with, nor a change of what stood there before the rule,
    nor what takes it under another topic.
    """
    article = written(stan, schools)
    first = waiting(article)
    assert 'name="minor"' not in sign_in(rita).get(first.url).text
    sign_in(rita).post(f"{first.url}/approval", data={"edition": first.edition, "minor": "y"})
    assert article.fresh().state == "draft"
    assert asked(mona) == ["Approve as the topic's owner: Ask first"]
    waiting(article).approve(by=mona)
    TopicRule.choose(schools, by=adam, way="none")
    before = written(stan, schools, title="Before")
    TopicRule.choose(schools, by=adam, way="two", owner=mona)
    proposals.change(before, by=stan, body="Other words.")
    assert 'name="minor"' not in sign_in(rita).get(waiting(before).url).text
    waiting(before).approve(by=rita, minor=True)
    assert before.fresh().body == "One question first."
    assert asked(mona) == ["Approve as the topic's owner: Before"]
    waiting(before).approve(by=mona)
    proposals.change(
        article.fresh(), by=stan, body="More words.", topics=[schools, Topic.create(name="Else")]
    )
    assert not waiting(article).can_be_minor
    proposals.change(before.fresh(), by=stan, body="Other words, again.")
    assert 'name="minor"' in sign_in(rita).get(waiting(before).url).text, "she read it once"


def test_a_changed_text_is_approved_from_the_first_step_on(
    in_two: TopicRule, stan: Person, rita: Person, mona: Person, schools: Topic
) -> None:
    article = written(stan, schools)
    waiting(article).approve(by=rita)
    proposals.change(article.fresh(), by=stan, body="Something else.")
    assert asked(mona) == []
    assert asked(rita) == ["Approve: Ask first"]
    assert not waiting(article).answerable_by(mona)


def test_the_clock_reminds_and_then_asks_who_stands_in(
    in_two: TopicRule, stan: Person, rita: Person, mona: Person, schools: Topic
) -> None:
    article = written(stan, schools)
    asked_at = waiting(article).asked_at

    def after(days: int) -> Any:
        return clock.moved(Calendar.read().add(asked_at, days) + timedelta(minutes=1))

    def advance() -> None:
        for ident in Clock.due():
            Clock.get_by_id(ident).advance()

    with after(2):
        advance()
        assert [str(one.phrase) for one in Notice.unread_by(rita)] == [
            "Stan still waits for an answer: Ask first"
        ]
        assert asked(mona) == []
    with after(3):
        advance()
        assert asked(mona) == asked(rita) == ["Approve: Ask first"]
        waiting(article).approve(by=mona)
        assert asked(rita) == asked(mona) == []


def test_whose_experts_are_on_leave_is_asked_of_who_is_here(
    by_expert: TopicRule, ada: Person, rita: Person, ben: Person, stan: Person, adam: Person, schools: Topic
) -> None:
    TopicRule.choose(schools, by=adam, way="expert", owner=ben, deputy=stan)
    today = clock.today()
    for one in (rita, ben):
        Absence.note(by=one, person=one, first_day=today, last_day=today + timedelta(days=40))
    article = written(ada, schools)
    assert [asked(one) for one in (rita, ben, stan)] == [["Approve: Ask first"]] * 3
    assert asked(adam) == [] == asked(ada)
    with clock.moved(Calendar.read().add(clock.now(), 3) + timedelta(minutes=1)):
        for ident in Clock.due():
            Clock.get_by_id(ident).advance()
        assert asked(adam) == ["Approve: Ask first"], "after as long as ever who stands in is asked too"
    for away in Absence.select():
        away.take_back(by=away.person)
    assert waiting(article).answerable_by(stan), "who was asked may answer, whoever is back"
    approved(article, stan)
    assert [asked(one) for one in (rita, ben, stan, adam)] == [[]] * 4


def test_who_goes_on_leave_while_it_waits_is_stood_in_for(
    by_expert: TopicRule, ada: Person, rita: Person, ben: Person, stan: Person, adam: Person, schools: Topic
) -> None:
    TopicRule.choose(schools, by=adam, way="expert", owner=ben, deputy=stan)
    written(ada, schools)
    now, today = clock.now(), clock.today()

    def after(days: int) -> Any:
        return clock.moved(Calendar.read().add(now, days) + timedelta(minutes=1))

    def advance() -> None:
        for ident in Clock.due():
            Clock.get_by_id(ident).advance()

    with after(3):
        advance()
        assert (asked(ben), asked(stan)) == (["Approve: Ask first"], [])
    for one in (rita, ben):
        Absence.note(by=one, person=one, first_day=today, last_day=today + timedelta(days=60))
    with after(7):
        advance()
        assert asked(stan) == ["Approve: Ask first"]


def test_whose_expert_left_is_asked_of_the_owner_not_of_the_next_alone(
    by_expert: TopicRule, ada: Person, rita: Person, ben: Person, stan: Person, adam: Person, schools: Topic
) -> None:
    TopicRule.choose(schools, by=adam, way="expert", owner=ben, deputy=stan)
    written(ada, schools)
    close_account(rita, by=adam)
    with clock.moved(Calendar.read().add(clock.now(), 3) + timedelta(minutes=1)):
        for ident in Clock.due():
            Clock.get_by_id(ident).advance()
        assert asked(ben) == asked(stan) == ["Approve: Ask first"]


def test_where_no_expert_can_the_owner_then_administrators_are_asked(
    ada: Person, adam: Person, mona: Person
) -> None:
    bare = Topic.create(name="新主题")
    TopicRule.choose(bare, by=None, way="expert")
    article = written(ada, bare)
    assert asked(adam) == ["Approve: Ask first"]
    assert list(Proposal.visible_to(adam)) == [waiting(article)]
    other = Topic.create(name="另一个")
    TopicRule.choose(other, by=None, way="expert", owner=mona)
    written(ada, other, title="Second")
    assert asked(mona) == ["Approve: Second"]
    assert asked(adam) == ["Approve: Ask first"]


def test_whoever_named_the_owner_is_not_approved_by_them(
    in_two: TopicRule, adam: Person, rita: Person, mona: Person, schools: Topic
) -> None:
    article = written(adam, schools)
    waiting(article).approve(by=rita)
    assert not waiting(article).answerable_by(mona)


# ------------------------------------------------------------------ suggestions


def test_anyone_suggests_and_the_author_takes_it_over_under_their_name(
    ada: Person, ben: Person, rita: Person, schools: Topic
) -> None:
    article = written(ada, schools)
    assert proposals.suggestable_by(article, ben)
    assert not proposals.suggestable_by(article, ada)
    made = proposals.suggest(
        article, by=ben, title=article.title, body="One question, then wait.", note="Wait."
    )
    assert article.fresh().body == "One question first."
    assert asked(ada) == ["Suggested for your article: Ask first"]
    assert asked(ben) == []
    assert not made.answerable_by(ben)
    made.approve(by=ada)
    now = article.fresh()
    assert (now.body, now.author) == ("One question, then wait.", ada)
    assert [kept.by for kept in history.versions(now)] == [ben, ada]
    assert [str(one.phrase) for one in Notice.unread_by(ben)] == [
        "Ada approved it, everyone reads it now: Ask first"
    ]


def test_what_is_suggested_for_the_article_of_who_left_is_asked_of_the_reviewers_of_its_topic(
    ada: Person, ben: Person, rita: Person, adam: Person, schools: Topic
) -> None:
    article = written(ada, schools)
    close_account(ada, by=adam)
    body = "One question, then wait."
    made = proposals.suggest(article.fresh(), by=ben, title=article.title, body=body)
    assert asked(rita) == ["A change is suggested: Ask first"]
    assert (made.waits_for, made.is_authors) == ([rita], False)
    with clock.moved(Calendar.read().add(clock.now(), 3) + timedelta(minutes=1)):
        for ident in Clock.due():
            Clock.get_by_id(ident).advance()
        said = [str(one.phrase) for one in Notice.unread_by(rita)]
        assert said == ["Ben still waits for an answer: Ask first"]
        assert Notice.unread_by(ada).count() == 0
    made.fresh().approve(by=rita)
    assert (article.fresh().body, made.fresh().waits_for) == (body, [])


def test_what_is_suggested_where_nobody_reviews_the_topic_is_asked_of_any_reviewer(
    ada: Person, ben: Person, stan: Person, adam: Person
) -> None:
    bare = Topic.create(name="新主题")
    article = written(ada, bare)
    stan.grant(Role.REVIEWER, by=adam)
    close_account(ada, by=adam)
    made = proposals.suggest(article.fresh(), by=ben, title=article.title, body="Another.")
    assert stan in made.waits_for
    assert asked(stan.fresh()) == ["A change is suggested: Ask first"]


def test_whose_suggestion_is_put_away_with_the_article_is_told(
    ada: Person, ben: Person, stan: Person, schools: Topic
) -> None:
    article = written(ada, schools)
    for one in (ben, stan):
        proposals.suggest(article, by=one, title="Ask first", body=f"{one.name} asks first.")
    article.fresh().archive(by=ada)
    for one in (ben, stan):
        mine = Proposal.get(Proposal.by == one)
        told = Notice.unread_by(one).get()
        assert str(told.phrase) == "It was put away before anybody answered your text: Ask first"
        assert (told.url, mine.state, mine in Proposal.visible_to(one)) == (mine.url, "withdrawn", True)
    assert not Notice.unread_by(ada).exists()


def test_a_suggestion_is_refused_with_a_reason(ada: Person, ben: Person, schools: Topic) -> None:
    article = written(ada, schools)
    made = proposals.suggest(article, by=ben, title=article.title, body="No question.")
    made.refuse(by=ada, reason="It takes one.")
    assert (made.fresh().state, article.fresh().body) == ("refused", "One question first.")
    with pytest.raises(Invalid):
        made.fresh().approve(by=ada)


def test_a_suggestion_where_texts_are_approved_goes_on_to_an_expert(
    by_expert: TopicRule, ada: Person, ben: Person, rita: Person, schools: Topic
) -> None:
    article = approved(written(ada, schools), rita)
    proposals.suggest(article, by=ben, title=article.title, body="Two questions.")
    waiting(article).approve(by=ada)
    assert article.fresh().body == "One question first."
    assert asked(rita) == ["Approve: Ask first"]
    assert approved(article, rita).body == "Two questions."


def test_a_rule_that_came_since_holds_for_what_was_suggested_before(
    ada: Person, ben: Person, rita: Person, adam: Person, schools: Topic
) -> None:
    article = written(ada, schools)
    made = proposals.suggest(article, by=ben, title=article.title, body="Two questions.")
    TopicRule.choose(schools, by=adam, way="expert")
    made.approve(by=ada)
    assert article.fresh().body == "One question first."
    assert asked(rita) == ["Approve: Ask first"]


def test_a_text_that_moved_on_is_shown_and_carried_over(ada: Person, ben: Person, schools: Topic) -> None:
    article = written(ada, schools, body="One.\n\nTwo.")
    made = proposals.suggest(article, by=ben, title=article.title, body="One.\n\nThree.")
    article.fresh().edit(by=ada, body="Zero.\n\nTwo.")
    made = made.fresh()
    assert made.has_moved
    assert [piece for piece in made.meanwhile() if piece.change != "same"] == [
        Piece("removed", "One"),
        Piece("added", "Zero"),
    ]
    with pytest.raises(Invalid):
        made.approve(by=ada)
    made.revise(by=ben, body="Zero.\n\nThree.")
    made.fresh().approve(by=ada)
    assert article.fresh().body == "Zero.\n\nThree."


def test_two_texts_stand_side_by_side_by_word_and_character() -> None:
    rows = side_by_side("第一行\n先问孩子几岁\n末行", "第一行\n先问孩子多大\n末行")
    assert [len(row) for row in rows] == [2, 2, 2]
    assert rows[1] == (
        [Piece("same", "先问孩子"), Piece("removed", "几岁")],
        [Piece("same", "先问孩子"), Piece("added", "多大")],
    )


# ------------------------------------------------------------------ who is left, what stays approved


def test_where_all_have_their_role_from_one_hand_who_is_there_approves(schools: Topic, adam: Person) -> None:
    """A company's first days: Adam made both reviewers. And Adam's own text is approved by one of them."""
    TopicRule.choose(schools, by=adam, way="expert")
    bob, robb = (
        Person.add(by=adam, email=f"{name}@example.com", name=name, locale="en") for name in ("Bob", "Robb")
    )
    for one in (bob, robb):
        one.grant(Role.REVIEWER, by=adam, topic=schools)
    article = written(bob, schools)
    assert [one.id for one in waiting(article).approvers()] == [robb.id]
    assert asked(robb) == ["Approve: Ask first"]
    assert approved(article, robb).state == "published"
    assert {one.id for one in waiting(written(adam, schools)).approvers()} == {bob.id, robb.id}


def test_who_took_the_role_from_the_others_finds_no_second_person_of_their_own(
    by_expert: TopicRule, adam: Person, rita: Person, schools: Topic
) -> None:
    puppet = Person.add(by=adam, email="eve@example.com", name="Eve", locale="en")
    puppet.grant(Role.REVIEWER, by=adam, topic=schools)
    rita.withdraw(Role.REVIEWER, by=adam)
    assert waiting(written(adam, schools)).approvers() == []


def test_other_words_of_a_draft_that_was_approved_are_approved_anew(
    by_expert: TopicRule, ada: Person, rita: Person, schools: Topic
) -> None:
    """Scheduled with Rita's yes; the text is then another one: it waits for her again, and nobody says that
    she approved it.
    """
    article = written(ada, schools, publish_on=clock.today() + timedelta(days=5))
    article = approved(article, rita)
    assert (article.state, article.scheduled_number) == ("draft", article.text_number)
    proposals.change(article, by=ada, body="One  question first.")
    article = article.fresh()
    assert article.scheduled_number == article.text_number
    assert proposals.approved(article) is not None
    proposals.change(article, by=ada, body="Pay in cash, ask nobody.")
    article = article.fresh()
    assert (article.scheduled_number, proposals.approved(article)) == (None, None)
    assert waiting(article).body == "Pay in cash, ask nobody."
    proposals.change(article, by=ada, body="Pay in cash,  ask nobody.")
    assert asked(rita) == ["Approve: Ask first"]


def test_what_others_filed_it_under_meanwhile_stays(
    by_expert: TopicRule, ada: Person, rita: Person, schools: Topic
) -> None:
    article = approved(written(ada, schools), rita)
    loans, taxes = Topic.create(name="Loans"), Topic.create(name="Taxes")
    proposals.change(article, by=ada, body="Two questions.", topics=[schools, taxes])
    article.fresh().add_topic(loans, by=rita)
    article = approved(article, rita)
    assert set(article.topic_ids) == {schools.id, loans.id, taxes.id}


def test_less_approval_is_told_to_those_who_watch_and_those_who_approved(
    by_expert: TopicRule, schools: Topic, adam: Person, rita: Person, audrey: Person, ada: Person
) -> None:
    TopicRule.choose(schools, by=adam, way="none")
    for watcher, hears in ((rita, True), (audrey, True), (ada, False), (adam, False)):
        assert Notice.unread_by(watcher).exists() is hears


def test_whose_owner_has_left_is_said_before_a_rule_is_saved(
    in_two: TopicRule, sign_in: SignIn, mona: Person, ben: Person, adam: Person, schools: Topic
) -> None:
    """By name, with all else as it was typed; another owner is enough."""
    mona.deactivate(by=adam)
    web = sign_in(adam)
    assert "Mona (has left)" in web.get(schools.url).text
    form = f"{schools.url}/rule"
    typed = {
        "way": "expert",
        "owner": f"Mona #{mona.id}",
        "deputy": f"Ben #{ben.id}",
        "version": in_two.version,
    }
    page = web.post(form, data=typed)
    assert page.status_code == 422
    text = unescape(page.text)
    assert "Mona has left: name somebody else." in text
    assert '<option selected value="expert"' in text
    assert f'value="Ben #{ben.id}"' in text
    assert TopicRule.get_by_id(in_two.id).way == "two"
    nobody = web.post(form, data=typed | {"owner": "Nobody #999999"})
    assert "Nobody has just this name" in nobody.text, "and no more of any other"
    web.post(form, data=typed | {"owner": f"Ben #{ben.id}", "deputy": ""})
    assert (TopicRule.get_by_id(in_two.id).way, TopicRule.get_by_id(in_two.id).owner_id) == ("expert", ben.id)
