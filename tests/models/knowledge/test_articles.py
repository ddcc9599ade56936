"""Knowledge and its life: born of an experience, corrected, used, put away."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import pytest

from portal import clock
from portal.models.base import undoing
from portal.models.base.database import transact
from portal.models.base.record import Event, Invalid, SearchOutbox, Stale
from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.experiences import decisions
from portal.models.experiences.experiences import Credit, Experience, ExperienceTopic
from portal.models.experiences.panels import topics_of
from portal.models.experiences.process import revoke
from portal.models.experiences.reviews import Acceptance
from portal.models.expertise.expertise import Evidence, expertise
from portal.models.knowledge import history, shelves
from portal.models.knowledge.articles import Article, ArticleVersion
from portal.models.knowledge.shelves import related
from portal.models.knowledge.uses import Use
from portal.models.people.needs import needs
from portal.models.people.people import Person
from portal.models.products.products import Product
from tests.conftest import person

TWELFTH = datetime.fromisoformat("2026-05-12T02:00:00+00:00")


@pytest.fixture
def lesson(ada: Person, schools: Topic, families: CustomerType, lakeside: Product) -> Experience:
    """What Ada submitted on 12 May."""
    made = Experience.create(
        author=ada,
        kind_of="debrief",
        state="submitted",
        title="先问学位，再看房",
        situation="客户看中三居。",
        doubt="学位空着吗？",
        action="登记时先问业主。",
        lesson="能一票否决的事**最先问**。",
        product=lakeside,
        customer_type=families,
        first_submitted_at=TWELFTH,
        submitted_at=TWELFTH,
    )
    ExperienceTopic.create(experience=made, topic=schools)
    Credit.create(experience=made, person=ada, share=1_000_000)
    return made


def published(lesson: Experience) -> Article:
    return decisions.publish(lesson, lesson.credits(), topics_of(lesson.id), 8000)


def guide(by: Person, topic: Topic, title: str = "How to ask", body: str = "Ask first.") -> Article:
    return Article.add(by=by, title=title, body=body, topics=[topic])


def test_an_accepted_experience_becomes_an_article_once(
    lesson: Experience, ada: Person, schools: Topic, families: CustomerType, lakeside: Product
) -> None:
    article = published(lesson)
    assert published(lesson) == article
    assert Article.select().count() == 1
    stored = article.fresh()
    assert (stored.state, stored.author, stored.kind_of) == ("published", ada, "experience")
    assert (stored.product, stored.customer_type, stored.topics) == (lakeside, families, [schools])
    assert stored.body.splitlines()[:3] == ["## 情况", "", "客户看中三居。"]
    assert "结果" not in stored.body, "an empty part has no heading"
    assert "<strong>最先问</strong>" in stored.html
    assert stored.slug == "xian-wen-xue-wei-zai-kan-fang"
    assert [version.number for version in history.versions(stored)] == [1]
    assert SearchOutbox.select().where(SearchOutbox.kind == "article").exists()


def test_headings_are_in_the_language_of_the_text(lesson: Experience) -> None:
    Experience.update(
        title="Ask first", situation="They liked it.", doubt="Free?", action="Asked.", lesson="Ask."
    ).execute()
    assert "## The customer's doubt\n\nFree?" in published(lesson.fresh()).body


def test_the_name_and_the_day_of_proposal_stay_for_ever(
    lesson: Experience, ada: Person, adam: Person
) -> None:
    with clock.moved(datetime.fromisoformat("2026-06-20T02:00:00+00:00")):
        article = published(lesson)
    ada.edit(by=adam, name="李雷")
    ada.deactivate(by=adam)
    stored = article.fresh()
    assert stored.proposed_on == date(2026, 5, 12)
    assert [each.name for each in stored.credited] == ["李雷"]


def test_co_authors_are_credited_after_the_author(lesson: Experience, ada: Person, ben: Person) -> None:
    Credit.update(share=400_000).execute()
    Credit.create(experience=lesson, person=ben, share=600_000)
    article = published(lesson)
    assert article.credited == [ada, ben]
    with pytest.raises(Invalid):
        Use.say(article, by=ben)


def test_two_titles_alike_have_addresses_of_their_own(ada: Person, schools: Topic) -> None:
    assert guide(ada, schools).slug != guide(ada, schools).slug


def test_a_bare_phone_number_stays_a_draft(ada: Person, schools: Topic) -> None:
    draft = Article.add(by=ada, title="Mr Wang", body="138 1234 5678", topics=[schools], published=False)
    assert set(draft.missing()) == {"body"}
    with pytest.raises(Invalid) as problem:
        draft.publish(by=ada)
    assert "contact" in problem.value.errors["body"]
    assert draft.fresh().state == "draft"


def test_what_is_missing_is_named_and_nothing_is_kept_half(ada: Person) -> None:
    with pytest.raises(Invalid) as problem:
        Article.add(by=ada, title="Empty", body="", freshness="dated")
    assert set(problem.value.errors) == {"body", "topics", "review_by"}
    assert not Article.select().exists()


@pytest.mark.parametrize(
    ("freshness", "due"),
    [
        ("price", date(2026, 6, 11)),
        ("product", date(2026, 8, 10)),
        ("process", date(2026, 11, 8)),
        ("evergreen", date(2027, 5, 12)),
    ],
)
def test_each_class_of_freshness_is_due_in_its_time(
    ada: Person, schools: Topic, freshness: str, due: date
) -> None:
    with clock.moved(TWELFTH):  # 30, 90, 180 and 365 days (RULES 4.4)
        article = Article.add(by=ada, title="x", body="y", topics=[schools], freshness=freshness)
    assert article.review_by == due
    with clock.moved(datetime.fromisoformat("2027-05-13T02:00:00+00:00")):
        assert article.is_overdue


def test_each_edit_of_the_text_is_a_version_and_restoring_makes_another(ada: Person, schools: Topic) -> None:
    article = guide(ada, schools, body="one")
    for body in ("two", "three", "wrong"):
        article.edit(by=ada, version=article.version, body=body)
    article.edit(by=ada, freshness="price")
    assert [version.number for version in history.versions(article)] == [4, 3, 2, 1]
    article.restore_version(3, by=ada)
    stored = article.fresh()
    assert (stored.body, stored.html) == ("three", "<p>three</p>\n")
    assert [(v.number, v.body) for v in history.versions(stored)][:2] == [(5, "three"), (4, "wrong")]
    stored.restore_version(5, by=ada)
    assert history.versions(stored).count() == 5, "restoring the present text changes nothing"
    with pytest.raises(Invalid):
        stored.restore_version(99, by=ada)


def test_an_old_form_cannot_undo_a_newer_edit(ada: Person, ben: Person, schools: Topic) -> None:
    article = guide(ada, schools)
    other = article.fresh()
    other.edit(by=ada, version=other.version, title="Newer")
    with pytest.raises(Stale):
        article.edit(by=ada, version=article.version, title="Older", topics=[])
    assert article.fresh().title == "Newer"
    assert article.fresh().topics == [schools]


def test_an_edit_that_changes_nothing_leaves_no_trace(ada: Person, schools: Topic) -> None:
    article = guide(ada, schools)
    events, version = Event.about(article).count(), article.version
    assert article.edit(by=ada, title=article.title, body=article.body, topics=[schools]) == {}
    assert (Event.about(article).count(), article.version) == (events, version)


def test_a_published_article_keeps_what_it_needs(ada: Person, schools: Topic) -> None:
    article = guide(ada, schools)
    with pytest.raises(Invalid) as problem:
        article.edit(by=ada, topics=[])
    assert set(problem.value.errors) == {"topics"}
    assert article.fresh().topics == [schools]


def test_worked_for_me_counts_once_for_each_colleague_never_for_oneself(
    ada: Person, ben: Person, mona: Person, schools: Topic
) -> None:
    article = guide(ada, schools)
    Use.say(article, by=ben)
    Use.say(article, by=ben)
    Use.say(article, by=mona)
    assert article.fresh().uses == Use.select().count() == 2
    assert Evidence.select().where(Evidence.kind_of == "helpful use").count() == 2
    assert expertise(people=[ada.id], topics=[schools.id])[0].score == pytest.approx(2, abs=0.001)
    with pytest.raises(Invalid):
        Use.say(article, by=ada)
    assert article.fresh().uses == 2


def test_putting_away_and_bringing_back_are_harmless_twice(ada: Person, ben: Person, schools: Topic) -> None:
    article = guide(ada, schools)
    article.archive(by=ada)
    article.archive(by=ada)
    assert not shelves.published().where(Article.id == article.id).exists()
    assert not Article.visible_to(ben).exists()
    with pytest.raises(Invalid):
        Use.say(article, by=ben)
    article.restore(by=ada)
    article.restore(by=ada)
    assert Article.visible_to(ben).exists()
    verbs = [event.verb for event in Event.about(article)]
    assert (verbs.count("archived"), verbs.count("restored")) == (1, 1)


def test_what_was_revoked_stays_put_away(lesson: Experience, ada: Person, rita: Person) -> None:
    article = published(lesson)
    Acceptance.create(experience=lesson, score=8200, article=article)
    revoke(lesson, by=rita, reason="plagiarism", note="Copied from a colleague.")
    article = article.fresh()
    with pytest.raises(Invalid):
        article.restore(by=ada)
    assert article.fresh().state == "archived"


def test_a_draft_is_its_authors_alone(ada: Person, ben: Person, rita: Person, mona: Person) -> None:
    Article.add(by=ada, title="Not yet", body="", published=False)
    assert Article.visible_to(ada).exists()
    assert not any(Article.visible_to(other).exists() for other in (ben, rita, mona))


def test_a_draft_stays_its_author_s_when_it_is_put_away(
    ada: Person, ben: Person, rita: Person, mona: Person, schools: Topic
) -> None:
    draft = Article.add(by=ada, title="Mine", body="13800138000", topics=[schools], published=False)
    read = guide(ada, schools, title="Ours")
    for article in (draft, read):
        article.archive(by=ada)
    people = (ada, rita, mona, ben)
    seen = [{article.id for article in Article.visible_to(person)} for person in people]
    assert seen == [{draft.id, read.id}, {read.id}, {read.id}, set()]


def test_what_was_put_away_unpublished_shows_no_version_to_others(
    ada: Person, rita: Person, mona: Person
) -> None:
    draft = Article.add(by=ada, title="Not yet", body="First.", published=False)
    draft.edit(by=ada, body="Second.")
    draft.archive(by=ada)
    assert [history.read_by(draft, other).count() for other in (ada, rita, mona)] == [2, 0, 0]


def test_more_useful_knowledge_stands_first(ada: Person, ben: Person, mona: Person, schools: Topic) -> None:
    first, useful, base = (guide(ada, schools, title=title) for title in ("First", "Useful", "Base"))
    Use.say(useful, by=ben)
    Use.say(useful, by=mona)
    Use.say(first, by=ben)
    assert related(base, base.topics) == [useful, first]


def test_a_topic_brings_what_is_below_it(ada: Person) -> None:
    homes = Topic.create(name="房源")
    article = guide(ada, Topic.create(name="学区", parent=homes))
    assert list(shelves.published().where(Article.on_topic(homes.id))) == [article]
    assert not shelves.published().where(Article.on_topic(999)).exists()


def test_versions_keep_who_and_when(ada: Person, rita: Person, schools: Topic) -> None:
    article = guide(ada, schools)
    article.edit(by=rita, body="Ask the owner first.")
    newest = history.versions(article).first()
    assert isinstance(newest, ArticleVersion)
    assert (newest.by, newest.body) == (rita, "Ask the owner first.")


def test_many_hands_at_once_count_each_colleague_once(ada: Person, schools: Topic) -> None:
    article = guide(ada, schools)
    readers = [person(f"Reader{number}") for number in range(4)]

    def use(reader: Person) -> None:
        transact(lambda: Use.say(Article.get_by_id(article.id), by=reader))

    with ThreadPoolExecutor(8) as hands:
        list(hands.map(use, readers * 4))
    assert article.fresh().uses == Use.select().count() == 4
    assert Evidence.select().count() == 4


def waits(person: Person) -> list[tuple[str, str]]:
    return [(need.url, str(need.text.values["title"])) for need in needs(person) if need.kind == "draft"]


def test_an_article_that_was_begun_waits_for_its_author_until_it_is_read_or_put_away(
    ada: Person, ben: Person, rita: Person, schools: Topic
) -> None:
    Article.add(by=ada, title="Out at once", body="So.", topics=[schools])
    begun = Article.add(by=ada, title="Begun", body="So.", topics=[schools], published=False)
    assert (waits(ada), waits(ben)) == ([(begun.url, "Begun")], [])
    begun.edit(by=ada, title="Begun again")
    assert waits(ada) == [(begun.url, "Begun again")]
    begun.archive(by=ada)
    assert waits(ada) == []
    begun.restore(by=ada)
    assert waits(ada) == [(begun.url, "Begun again")]
    act = Event.about(begun).get()
    undoing.undo(act, by=ada)
    assert waits(ada) == []
    begun = begun.fresh()
    undoing.undo(next(one for one in Event.about(begun) if one.verb == "archived"), by=ada)
    assert waits(ada) == [(begun.url, "Begun again")]
    begun.fresh().publish(by=ada)
    assert waits(ada) == []


def test_a_draft_that_was_brought_in_waits_once_its_author_goes_on_with_it(ada: Person, adam: Person) -> None:
    brought = Article.create(title="Brought", slug="brought", author=ada, state="draft")
    assert waits(ada) == []
    brought.edit(by=adam, body="A new text of the file.")
    assert waits(ada) == []
    brought.edit(by=ada, body="Mine.")
    assert waits(ada) == [(brought.url, "Brought")]
