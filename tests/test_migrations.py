"""What the migrations build is what the models declare, on both databases."""

from __future__ import annotations

import threading
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from peewee import IntegrityError

from portal import clock
from portal.migrations import FOLDER, migrate, models, pending
from portal.models.base import database
from portal.models.base.record import SearchOutbox
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.help.knocks import Knock
from portal.models.help.pages import HelpPage, HelpWord
from portal.models.knowledge import history
from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.knowledge.objections import Objection
from portal.models.knowledge.questions import Question
from portal.models.knowledge.uses import Use
from portal.models.learning.courses import Course, Lesson
from portal.models.learning.exams import Exam, ExamQuestion
from portal.models.learning.mentors import Mentorship
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal, DealShare
from portal.models.search.documents import SearchDocument
from portal.models.search.lookups import Lookup
from portal.models.search.proposals import WordProposal
from portal.models.work.clocks import ClockStep
from portal.text.grams import packed
from tests.parts import PostgresServer

MIGRATIONS = sorted(path.stem for path in FOLDER.glob("[0-9]*.py"))
Schema = set[tuple[str, ...]]

POSTGRES_CATALOGUE = (
    "SELECT 'column', table_name, column_name, data_type, is_nullable, coalesce(character_maximum_length::text, '') "
    "FROM information_schema.columns WHERE table_schema = 'public'",
    "SELECT 'constraint', conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace",
    "SELECT 'index', tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT 'trigger', tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
)


def schema() -> Schema:
    """Everything the bound database knows of its own shape, but for the record of migrations."""
    with database.db.connection_context():
        if database.is_sqlite():
            rows = database.db.execute_sql(
                "SELECT type, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"
            ).fetchall()
        else:
            rows = [row for query in POSTGRES_CATALOGUE for row in database.db.execute_sql(query).fetchall()]
    return {tuple(str(part) for part in row) for row in rows if "schema_migration" not in str(row)}


def declared(url: str) -> Schema:
    database.connect(url)
    with database.db.connection_context():
        database.db.create_tables(models())
    found = schema()
    database.db.close_all()
    return found


def migrated(url: str) -> Schema:
    database.connect(url)
    migrate()
    found = schema()
    assert pending() == []
    database.db.close_all()
    return found


def test_what_was_findable_is_made_findable_by_need(tmp_path: Path) -> None:
    """Until 0019 documents of customers and deals named all of the staff: they are made anew."""
    database.connect(f"sqlite:///{tmp_path / 'a.db'}")
    migrate()
    with database.db.connection_context():
        SearchOutbox.delete().execute()
        for noun, gone in (("customer", False), ("deal", False), ("customer", True), ("article", False)):
            row = {"noun": noun, "record": 7 + gone, "revision": 1, "stamp": "", "gone": gone}
            SearchDocument.create(**row)
        database.db.execute_sql("DROP TABLE access")
        import_module("portal.migrations.0019_access").up(None, database.db)
        assert [(row.kind, row.record) for row in SearchOutbox.select().order_by(SearchOutbox.kind)] == [
            ("customer", 7),
            ("deal", 7),
        ]
        assert SearchOutbox.get().at <= clock.now()
    database.db.close_all()


def test_what_was_written_is_made_findable_by_its_authors(tmp_path: Path) -> None:
    """Until 0031 documents named no authors and did not tell answers apart: they are made anew."""
    database.connect(f"sqlite:///{tmp_path / 'a.db'}")
    migrate()
    with database.db.connection_context():
        SearchOutbox.delete().execute()
        for noun, gone in (("question", False), ("article", False), ("question", True), ("deal", False)):
            SearchDocument.create(noun=noun, record=7 + gone, revision=1, stamp="old", gone=gone)
        database.db.execute_sql("DROP TABLE search_vector")
        import_module("portal.migrations.0031_vectors").up(None, database.db)
        noted = SearchOutbox.select().order_by(SearchOutbox.seq)
        assert [(row.kind, row.record) for row in noted] == [("question", 7), ("article", 7)]
    database.db.close_all()


def test_searches_of_colleagues_stay_theirs_and_those_of_visitors_are_nobodys(tmp_path: Path) -> None:
    """Until 0036 each search was somebody's."""
    database.connect(f"sqlite:///{tmp_path / 'a.db'}")
    migrate()
    former = import_module("portal.migrations.0001_initial").Lookup
    with database.db.connection_context():
        ada = Person.add(by=None, email="ada@example.com", name="Ada")
        for table in ("lookup", "knock", "help_message"):
            database.db.execute_sql(f"DROP TABLE {table}")
        with database.db.bind_ctx([former], bind_refs=False, bind_backrefs=False):
            former.create_table()
        Lookup.create(person=ada, text="Parking", folded="parking")
        with pytest.raises(IntegrityError):
            Lookup.create(person=None, text="Parking", folded="parking")
        import_module("portal.migrations.0036_help_visitors").up(None, database.db.obj)
        Lookup.create(person=None, text="Parking", folded="parking")
        assert [row.person_id for row in Lookup.select().order_by(Lookup.id)] == [ada.id, None]
    database.db.close_all()


def test_a_page_stands_where_it_stood_when_it_was_confirmed(tmp_path: Path) -> None:
    """Until 0044 the world read of each topic that an article was filed under, and the log of visitors held
    what they did in clear.
    """
    database.connect(f"sqlite:///{tmp_path / 'a.db'}")
    migrate()
    with database.db.connection_context():
        ada, rob = (Person.add(by=None, email=f"{n}@example.com", name=n.title()) for n in ("ada", "rob"))
        dues = {"freshness": "price", "review_by": clock.today()}
        article = Article.create(title="T", slug="t", author=ada, state="published", **dues)
        seen, added = (Topic.create(name=name) for name in ("Seen", "Added after"))
        now = clock.now()
        for topic, at in ((seen, now - timedelta(days=2)), (added, now)):
            ArticleTopic.create(article=article, topic=topic, created_at=at)
        facts = {"state": "public", "number": 1, "slug": "t", "proposed_by": ada, "agreed_by": rob}
        asked = {"asked_number": 1, "asked_by": ada, "changed_at": now - timedelta(days=1)}
        page = HelpPage.create(article=article, **facts, **asked)
        Knock.first("message", "me@example.com", address="192.0.2.1", key="k")
        database.db.execute_sql("DROP TABLE help_page_topic")
        for column in ("freshness", "due_on"):
            database.db.execute_sql(f"ALTER TABLE help_page DROP COLUMN {column}")
        import_module("portal.migrations.0044_help_topics").up(None, database.db.obj)
        assert page.topic_ids(public=True) == {seen.id}
        assert page.topic_ids() == {seen.id, added.id}
        assert (page.fresh().freshness, page.fresh().due_on) == ("price", clock.today())
        assert Knock.select().count() == 0
    database.db.close_all()


def test_what_reads_otherwise_is_made_findable_anew(tmp_path: Path) -> None:
    """Until 0037 a deal told its names in both languages mixed, and an experience was lost with its article."""
    database.connect(f"sqlite:///{tmp_path / 'a.db'}")
    migrate()
    with database.db.connection_context():
        for noun, gone in (("deal", False), ("customer_request", False), ("deal", True), ("article", False)):
            SearchDocument.create(noun=noun, record=7 + gone, revision=1, stamp="old", gone=gone)
        author = Person.add(by=None, email="a@x.example", name="A")
        for state, origin in (("archived", 5), ("published", 6), ("archived", None)):
            facts = {"title": "T", "slug": f"t-{state}-{origin}", "author": author, "state": state}
            Article.create(origin_kind="experience" if origin else "", origin=origin, **facts)
        SearchOutbox.delete().execute()
        database.db.execute_sql("DROP TABLE word_proposal")
        import_module("portal.migrations.0037_word_proposals").up(None, database.db)
        noted = SearchOutbox.select().order_by(SearchOutbox.seq)
        expected = [("deal", 7), ("customer_request", 7), ("experience", 5)]
        assert [(row.kind, row.record) for row in noted] == expected
        assert not WordProposal.select().exists()
    database.db.close_all()


def test_sqlite_is_built_as_declared(tmp_path: Path) -> None:
    assert migrated(f"sqlite:///{tmp_path / 'a.db'}") == declared(f"sqlite:///{tmp_path / 'b.db'}")


def test_postgresql_is_built_as_declared(postgres: PostgresServer) -> None:
    first, second = postgres.create(), postgres.create()
    assert migrated(first) == declared(second)
    postgres.drop(first)
    postgres.drop(second)


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    database.connect(f"sqlite:///{tmp_path / 'a.db'}")
    assert migrate() == MIGRATIONS
    with database.db.connection_context():
        Setting.create(name="kept", value=1)
    assert migrate() == []
    with database.db.connection_context():
        assert Setting.select().count() == 1
    database.db.close_all()


@pytest.mark.parametrize("together", [4])
def test_several_processes_may_migrate_at_once(postgres: PostgresServer, together: int) -> None:
    url = postgres.create()
    database.connect(url)
    applied: list[list[str]] = []
    threads = [threading.Thread(target=lambda: applied.append(migrate())) for _ in range(together)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(map(len, applied)) == [0] * (together - 1) + [len(MIGRATIONS)]
    database.db.close_all()
    postgres.drop(url)


def test_questions_keep_what_they_are_and_name_their_askers(tmp_path: Path) -> None:
    """Until 0046 a question had one topic, and whoever asked was named."""
    database.connect(f"sqlite:///{tmp_path / 'a.db'}")
    migrate()
    with database.db.connection_context():
        ada = Person.add(by=None, email="ada@example.com", name="Ada")
        topic = Topic.create(name="Schools")
        question = Question.ask(by=ada, text="Who pays?", topic=topic, key="form-1")
        answer = question.answer(by=ada, text="The bank.")
        database.db.execute_sql("DROP TABLE question_topic")
        database.db.execute_sql("ALTER TABLE question DROP COLUMN is_anonymous")
        database.db.execute_sql("PRAGMA foreign_keys = OFF")  # as the runner of migrations does
        import_module("portal.migrations.0046_question_topics").up(None, database.db.obj)
        kept = question.fresh()
        assert (kept.text, kept.key, kept.state, kept.topic_ids) == (
            "Who pays?",
            "form-1",
            "answered",
            [topic.id],
        )
        assert (kept.named_asker, answer.fresh().question) == (ada, kept)
        kept.edit(by=ada, version=kept.version, further_topics=[Topic.create(name="Loans")])
        assert len(kept.fresh().topic_ids) == 2
    database.db.close_all()


def test_a_lesson_keeps_the_words_that_it_showed(tmp_path: Path) -> None:
    """Until 0077 it showed what its answer said last, whatever version it named."""
    database.connect(f"sqlite:///{tmp_path / 'a.db'}")
    migrate()
    with database.db.connection_context():
        ada = Person.add(by=None, email="ada@example.com", name="Ada")
        asked = Question.ask(by=ada, text="Who pays?", topic=Topic.create(name="Schools"))
        answer = asked.answer(by=ada, text="The bank.")
        course = Course.add(by=ada, title="First days")
        course.add_known([answer], by=ada)
        exam = Exam.add(course, by=ada)
        question = ExamQuestion.add(
            exam, by=ada, sort="true_false", text="So?", answers="true", answer=answer
        )
        answer.edit(by=ada, text="The buyer.")
        Lesson.update(text="").execute()
        database.db.execute_sql("ALTER TABLE exam_question DROP COLUMN scope")
        database.db.execute_sql("PRAGMA foreign_keys = OFF")  # as the runner of migrations does
        import_module("portal.migrations.0077_what_is_best").up(None, database.db.obj)
        lesson = Lesson.get()
        assert (lesson.words, lesson.is_outdated, lesson.number) == ("The buyer.", False, answer.version)
        kept = question.fresh()
        assert (kept.answer, kept.number, kept.scope, kept.text) == (answer, 1, None, "So?")
    database.db.close_all()


def test_who_shared_in_a_deal_goes_on_as_if_they_agreed(tmp_path: Path) -> None:
    """Until 0083 every share kept its holder from judging."""
    database.connect(f"sqlite:///{tmp_path / 'a.db'}")
    migrate()
    with database.db.connection_context():
        ada = Person.add(by=None, email="ada@example.com", name="ada")
        deal = Deal.create(title="Flat", owner=ada)
        share = DealShare.create(deal=deal, person=ada, share=1_000_000)
        database.db.execute_sql("ALTER TABLE deal_share DROP COLUMN agreed_at")
        database.db.execute_sql("PRAGMA foreign_keys = OFF")  # as the runner of migrations does
        import_module("portal.migrations.0083_agreed_parts").up(None, database.db.obj)
        kept = DealShare.get()
        assert (kept.id, kept.deal, kept.person, kept.share) == (share.id, deal, ada, 1_000_000)
        assert kept.agreed_at == kept.created_at
    database.db.close_all()


def test_products_of_before_have_a_series_without_an_english_name(tmp_path: Path) -> None:
    database.connect(f"sqlite:///{tmp_path / 'a.db'}")
    migrate()
    with database.db.connection_context():
        made = Product.create(code="A-1", name="翠堤湾", series="小区", list_price=86_000_00)
        before = made.fresh().__data__
        database.db.execute_sql("ALTER TABLE product DROP COLUMN series_en")
        database.db.execute_sql("PRAGMA foreign_keys = OFF")  # as the runner of migrations does
        import_module("portal.migrations.0069_series_names").up(None, database.db.obj)
        import_module("portal.migrations.0125_product_owners").up(None, database.db.obj)
        assert made.fresh().__data__ == before
    database.db.close_all()


def test_who_went_over_to_another_post_begins_in_it_then(tmp_path: Path) -> None:
    """Until 0067 it was read out of the events; a title that was only written down is no other post."""
    database.connect(f"sqlite:///{tmp_path / 'a.db'}")
    migrate()
    with database.db.connection_context():
        people = [
            Person.add(by=None, email=f"{name}@example.com", name=name, title=title)
            for name, title in (
                ("ada", "Trainee"),
                ("ben", ""),
                ("carl", "Trainee"),
                ("dora", "Clerk"),
                ("emil", "Clerk"),
                ("fay", "Trainee"),
            )
        ]
        people[2].edit(by=None, manager=people[0], title_en="Trainee")
        for person in people[:2]:
            person.edit(by=None, title="Consultant")
        for person in people[3:]:
            person.edit(by=None, title="Assistant")
        people[5].edit(by=None, title="Consultant")
        people[5].write(title="Trainee")
        people[5].track("import undone", changes={"title": ["Consultant", "Trainee"]})
        Mentorship.create(newcomer=people[0], mentor=people[1], by=people[1])
        Mentorship.update(updated_at=clock.now() - timedelta(days=9)).execute()
        posts = [person.fresh().posts for person in people]
        went_over = people[0].fresh().in_post_since
        for name in ("in_post_since", "posts_told"):
            database.db.execute_sql(f"ALTER TABLE person DROP COLUMN {name}")
        database.db.execute_sql("PRAGMA foreign_keys = OFF")  # as the runner of migrations does
        import_module("portal.migrations.0067_changed_posts").up(None, database.db.obj)
        kept = [person.fresh() for person in people]
        assert [each.in_post_since is not None for each in kept] == [True] + 5 * [False]
        assert [[post[0] for post in each.posts] for each in kept] == [
            [post[0] for post in held] for held in posts
        ]
        assert Mentorship.of(kept[0]) is not None
        began = kept[0].in_post_since
        assert began is not None
        assert went_over is not None
        assert abs(began - went_over) < timedelta(seconds=5)
        assert (kept[2].manager, kept[0].email) == (kept[0], "ada@example.com")
    database.db.close_all()


def test_terms_of_articles_go_on_from_where_they_began(tmp_path: Path) -> None:
    """Until 0081 only the day of the next check was kept, and votes that give nothing were counted."""
    database.connect(f"sqlite:///{tmp_path / 'a.db'}")
    migrate()
    with database.db.connection_context():
        ada, ben = (Person.add(by=None, email=f"{n}@example.com", name=n) for n in ("ada", "ben"))
        topic = Topic.create(name="Rates")
        made = [
            Article.add(by=ada, title=name, body="1 %.", topics=[topic], freshness="price") for name in "ab"
        ]
        draft = Article.add(by=ada, title="c", body="1 %.", topics=[topic], published=False)
        for article in made:  # the second of a burst is held
            Use.say(article, by=ben)
        Article.update(uses=1, review_by=clock.today()).where(Article.id.in_(made)).execute()
        for table, name in (("article", "checked_at"), ("article", "postponed"), ("article_version", "note")):
            database.db.execute_sql(f"ALTER TABLE {table} DROP COLUMN {name}")
        database.db.execute_sql("PRAGMA foreign_keys = OFF")  # as the runner of migrations does
        import_module("portal.migrations.0081_checked_at").up(None, database.db.obj)
        import_module("portal.migrations.0110_kinds_and_audience").up(None, database.db.obj)
        kept = [article.fresh() for article in made]
        assert [each.uses for each in kept] == [1, 0]
        began = clock.today() - timedelta(days=30)
        assert [each.checked_at for each in kept] == 2 * [clock.start_of(began)]
        assert (draft.fresh().checked_at, [each.note for each in history.versions(draft)]) == (None, [""])
    database.db.close_all()


def test_what_there_was_is_a_how_to_for_everybody_and_stays_published(tmp_path: Path) -> None:
    """Until 0110 an article had no audience, and no kind but what it was born of."""
    database.connect(f"sqlite:///{tmp_path / 'a.db'}")
    migrate()
    with database.db.connection_context():
        ada = Person.add(by=None, email="ada@example.com", name="ada")
        topic = Topic.create(name="Rates")
        made = Article.add(by=ada, title="a", body="1 %.", topics=[topic])
        database.db.execute_sql("ALTER TABLE article DROP COLUMN audience")
        database.db.execute_sql("PRAGMA foreign_keys = OFF")  # as the runner of migrations does
        SearchOutbox.delete().execute()
        import_module("portal.migrations.0110_kinds_and_audience").up(None, database.db.obj)
        now = made.fresh()
        assert (now.kind_of, now.audience, now.state) == ("guide", [], "published")
        assert not now.missing()
        assert [(row.kind, row.record) for row in SearchOutbox.select()] == [("article", made.id)]
    database.db.close_all()


def test_the_words_of_what_is_public_are_found_as_before(tmp_path: Path) -> None:
    """Until 0126 the help site's search looked through the pages themselves."""
    database.connect(f"sqlite:///{tmp_path / 'a.db'}")
    migrate()
    with database.db.connection_context():
        ada, ben = (Person.add(by=None, email=f"{name}@example.com", name=name) for name in ("ada", "ben"))
        topic = Topic.create(name="Rates")
        for n, state in enumerate(("public", "withdrawn", "asked")):
            made = Article.add(by=ada, title=f"a{n}", body="1 %.", topics=[topic])
            text = {"title": f"税费 {n}", "plain": f"税费 {n}\nWhat is the policy?", "state": state}
            facts = {"slug": f"s-{n}", "number": 1, "proposed_by": ada, "agreed_by": ben}
            HelpPage.create(article=made, **text, **facts)
        database.db.execute_sql("DROP TABLE help_word")
        import_module("portal.migrations.0126_help_words").up(None, database.db.obj)
        rows = {(word.page_id, word.term): word.in_title for word in HelpWord.select()}
        assert {page for page, _ in rows} == {1}, "what is public, and nothing else"
        assert (rows[1, packed("税费")], rows[1, packed("policy")]) == (True, False)
        before = sorted(rows)
        HelpWord.keep(HelpPage.get_by_id(1))
        assert sorted((word.page_id, word.term) for word in HelpWord.select()) == before
    database.db.close_all()


def test_what_waits_for_an_answer_is_told_of_once_it_is_late(tmp_path: Path) -> None:
    """Until 0127 nothing happened once the working days for an answer were over."""
    database.connect(f"sqlite:///{tmp_path / 'a.db'}")
    migrate()
    with database.db.connection_context():
        ada, ben = (Person.add(by=None, email=f"{name}@example.com", name=name) for name in ("ada", "ben"))
        made = Article.add(by=ada, title="a", body="1 %.", topics=[Topic.create(name="Rates")])
        said = Objection.say(made, by=ben, reason="It did not.")
        ClockStep.delete().execute()
        database.db.execute_sql('DROP INDEX "article_state_review_by_id"')
        import_module("portal.migrations.0127_articles_by_check").up(None, database.db.obj)
        assert [(each.name, each.due_at) for each in ClockStep.select()] == [("late", said.due_at)]
    database.db.close_all()
