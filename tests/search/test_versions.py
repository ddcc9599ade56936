"""The versions of one article in several languages are one row, in both engines, and are counted once."""

from __future__ import annotations

import pytest

from portal import i18n
from portal.models.company.topics import Topic
from portal.models.knowledge.articles import Article
from portal.models.knowledge.languages import LanguageVersion
from portal.models.people.people import Person
from portal.search import SearchDoc, alternates, searcher
from portal.search.parsing import ParsedQuery
from tests.conftest import SignIn
from tests.counting import MOST, queries
from tests.search.conftest import EVERYONE, Make, Portal
from tests.search.parts import ask, finds

# ------------------------------------------------------------------ in the portal


@pytest.fixture
def pair(ada: Person, ben: Person, rita: Person, schools: Topic) -> tuple[Article, Article]:
    """One article in two languages; both say RS-485 and deposit."""
    chinese = Article.add(
        by=ada, title="定金怎么退", body="退定金先填 RS-485 表，即 deposit 表。", topics=[schools]
    )
    english = Article.add(
        by=ben, title="Paying a deposit back", body="Fill in form RS-485 for the deposit.", topics=[schools]
    )
    LanguageVersion.pair(chinese, english, language="zh-Hans", by=rita)
    return chinese, english


def test_a_search_lists_one_row_that_names_the_other(
    pair: tuple[Article, Article], stan: Person, sign_in: SignIn
) -> None:
    chinese, english = pair
    with i18n.speaking("en"):
        assert finds(stan, "RS-485") == [str(english)], "a code is of no language: the reader's"
    assert finds(stan, "RS-485") == [str(chinese)]
    page = ask(stan, "RS-485")
    assert (page.total, page.kinds["article"]) == (1, 1)
    assert [each.article_id for each in page.hits[0].also] == [english.id]
    with queries() as asked:
        text = sign_in(stan).get("/search?q=RS-485").text
    assert len(asked) <= MOST
    assert text.count('class="entry"') == 1
    assert f'<a href="{chinese.url}" lang="zh-Hans"' in text
    assert "1 result<" in text.replace("\n", "").replace("  ", "")
    assert finds(stan, "定金 deposit") == [str(chinese)], "asked in Chinese"
    assert finds(stan, "RS-485", lang="zh") == [str(chinese)], "the other is not of that language"
    assert {each.value: each.count for each in ask(stan, "RS-485").facets["lang"]} == {"zh": 1, "en": 1}


def test_apart_they_are_two(pair: tuple[Article, Article], stan: Person, ada: Person) -> None:
    LanguageVersion.part(pair[0], by=ada)
    assert len(finds(stan, "RS-485")) == ask(stan, "RS-485").total == 2


def test_what_its_reader_may_not_read_is_not_named(
    pair: tuple[Article, Article], stan: Person, ada: Person
) -> None:
    chinese, english = pair
    chinese.archive(by=ada)
    assert finds(stan, "RS-485") == [str(english)]
    assert not ask(stan, "RS-485").hits[0].also
    Article.update(state="draft", archived_at=None).where(Article.id == chinese.id).execute()
    chinese.fresh().touch({})
    assert sorted(finds(ada, "RS-485")) == [str(chinese), str(english)], (
        "a draft is a row of its author's own"
    )
    assert finds(stan, "RS-485") == [str(english)]
    assert not ask(stan, "RS-485").hits[0].also


def test_who_asks_for_people_is_shown_people_and_each_version(
    pair: tuple[Article, Article], stan: Person, sign_in: SignIn
) -> None:
    """As much as that page may ask of the database goes into whom to ask."""
    assert set(finds(stan, "谁懂 deposit")) >= {str(each) for each in pair}
    browser = sign_in(stan)
    with queries() as asked:
        browser.get("/search?q=谁懂 deposit")
    assert len(asked) <= MOST


def test_a_name_that_is_picked_leads_to_each_version(pair: tuple[Article, Article], stan: Person) -> None:
    searcher.here().feed.drain()
    found = searcher.here().called(stan, "deposit", ("article",))
    assert len(found) == 2


# ------------------------------------------------------------------ in both engines

MANY = 70


def made(number: int, lang: str, body: str = "") -> SearchDoc:
    title = f"Form {number} of {lang}"
    body = body or f"deposit number {number}"
    ident = number * 2 + (lang == "en")
    tags = (f"topic:{number % 2}",)
    return SearchDoc(
        f"article-{ident}",
        "article",
        title,
        alternates(title, "title"),
        tags,
        body,
        EVERYONE,
        lang=lang,
        status="published",
        updated=1000 - ident,
    )


WORKS = {f"article-{number * 2 + other}": f"work-{number}" for number in range(MANY) for other in (0, 1)}


@pytest.fixture(scope="module")
def forms(make: Make) -> Portal:
    """Seventy articles in two languages each, ten more in one, and a question."""
    portal = Portal(make())
    portal.index([made(number, lang) for number in range(MANY) for lang in ("zh", "en")])
    portal.index([made(number, "en") for number in range(MANY, MANY + 10)])
    portal.index([SearchDoc("question-1", "question", "Whose deposit?", groups=EVERYONE, updated=1)])
    return portal


@pytest.mark.parametrize("sort", ["", "-updated"])
def test_many_are_counted_once_and_no_page_has_two(forms: Portal, sort: str) -> None:
    seen = list[str]()
    for page in range(1, 6):
        facets = ("kind", "tags", "lang")
        found = forms.find("deposit", works=WORKS, page=page, size=20, reads="en", sort=sort, facets=facets)
        assert (found.total, found.exact_total) == (MANY + 11, True)
        assert found.facets["kind"] == {"article": MANY + 10, "question": 1}
        assert found.facets["lang"] == {"zh": MANY, "en": MANY + 10}
        assert found.facets["tags"] == {"topic:0": 40, "topic:1": 40}
        assert len(found.hits) == (20 if page < 5 else 1)
        seen += [hit.id for hit in found.hits]
    assert len({WORKS.get(id, id) for id in seen}) == len(seen) == MANY + 11
    assert forms.find("deposit", reads="en").total == MANY * 2 + 11, "not known to be versions, they are many"


def test_a_tab_counts_as_the_others_do(forms: Portal) -> None:
    facets = ("kind", "tags")
    for kind, total in (("article", MANY + 10), ("question", 1)):
        found = forms.find("deposit", works=WORKS, kinds=(kind,), facets=facets)
        assert found.total == total
        assert found.facets["kind"] == {"article": MANY + 10, "question": 1}


def test_where_some_words_are_held_the_rows_are_counted(forms: Portal) -> None:
    found = forms.find("number 7 of zebras", works=WORKS, reads="zh", facets=("kind", "lang"))
    assert not found.exact_total
    assert found.total == found.facets["kind"]["article"]
    assert len({WORKS.get(hit.id, hit.id) for hit in found.hits}) == len(found.hits)


def test_the_language_asked_in_comes_first_where_its_version_holds_the_words(make: Make) -> None:
    portal = Portal(make())
    works = {"article-2": "w", "article-3": "w"}
    chinese = made(1, "zh", "退定金 A-77 表。Paying deposits.")
    portal.index([chinese, made(1, "en", "Form A-77 for paying deposits. 定金")])
    for text, reads, expected in (
        ("A-77", "zh", "article-2"),
        ("A-77", "en", "article-3"),
        ("定金", "en", "article-2"),
        ("paying deposits", "zh", "article-3"),
        ("退定金", "en", "article-2"),
        ("form A-77 for paying", "zh", "article-3"),
    ):
        assert portal.ids(text, works=works, reads=reads) == [expected], (text, reads)
    nearest = lambda text, groups: [("article-2", 0.95), ("article-3", 0.94)]  # noqa: E731
    found = portal.find("怎么把钱拿回来", works=works, reads="en", nearest=nearest)
    assert ([hit.id for hit in found.hits], found.total, found.alike) == (["article-2"], 1, 1)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("定金怎么退", "zh"),
        ("A-77", ""),
        ("deposit", ""),
        ("paying deposits", "en"),
        ("ding jin", ""),
        ("CRM 定金", "zh"),
    ],
)
def test_the_language_of_a_question(text: str, language: str) -> None:
    assert ParsedQuery.of(text).language == language
