"""Who is new in a post finds first what is for them (S05); nobody else finds anything otherwise."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest

from portal import clock
from portal.models.base import database
from portal.models.base.record import SearchOutbox
from portal.models.company.topics import Topic
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.learning.courses import Course
from portal.models.learning.marked import marked_for
from portal.models.learning.paths import PathStep
from portal.models.people.people import Person
from portal.models.search.synonyms import OFFICE, Synonym
from tests.conftest import SignIn
from tests.counting import MOST, queries
from tests.learning import article_of
from tests.search.parts import finds

POST = "置业顾问"


@pytest.fixture
def newcomer(ben: Person) -> Person:
    today = clock.today()
    Person.update(hired_on=today - timedelta(days=900)).execute()
    Person.update(title=POST, hired_on=today - timedelta(days=89)).where(Person.id == ben.id).execute()
    return Person.get_by_id(ben.id)


@pytest.fixture
def texts(newcomer: Person, mona: Person, rita: Person, schools: Topic) -> dict[str, str]:
    """What is called alike: the first is on no path, the others are on that of the post."""
    made = {"none": article_of(rita, schools, "Deposits")}
    made |= {name: article_of(rita, schools, f"Deposit, as {name} says it") for name in ("step", "lesson")}
    answered = Question.ask(by=mona, text="Is the deposit, as they say, paid back?", topic=schools)
    answer = answered.answer(by=rita, text="The deposit is.")
    course = Course.add(by=rita, title="What a deposit is, and what it is not", topic=schools)
    course.add_known([made["lesson"], answer], by=rita)
    course.publish(by=rita)
    step = PathStep.add(by=mona, post=POST, day=1, title="Read", article=made["step"])
    PathStep.add(by=mona, post=POST, day=7, title="Learn", course=course)
    asked = step.ask(by=mona, text="Whose is the deposit until then?")
    asked.answer(by=rita, text="The notary's.")
    step.ask(by=mona, text="And the deposit of others?")
    return {
        **{name: str(each) for name, each in made.items()},
        "best": str(answered),
        "course": str(course),
        "asked": str(asked),
    }


def test_what_is_for_newcomers_comes_first_and_says_so(
    texts: dict[str, str], newcomer: Person, ada: Person, sign_in: SignIn
) -> None:
    theirs = {name for key, name in texts.items() if key != "none"}
    assert set(marked_for(newcomer)) == theirs
    found = finds(newcomer, "deposit")
    assert (set(found[:5]), found[5]) == (theirs, texts["none"])
    assert finds(ada, "deposit")[0] == texts["none"]
    with queries() as asked:
        page = sign_in(newcomer).get("/search?q=deposit").text
    assert len(asked) <= MOST
    assert "Of what is known, what is for newcomers" in page
    assert page.count("For newcomers</span>") == 5
    other = sign_in(ada).get("/search?q=deposit").text
    assert ("comes first" in other, "For newcomers" in other) == (False, False)
    assert "comes first" not in sign_in(newcomer).get("/search?q=deposit&sort=-updated").text


def test_a_question_in_whole_words_is_answered_first_from_them(
    texts: dict[str, str], newcomer: Person, ada: Person
) -> None:
    asks = "what does lesson say of a deposit"
    assert finds(newcomer, asks)[0] in {texts["lesson"], texts["course"]}
    assert texts["none"] not in finds(newcomer, asks)[:1]
    assert finds(ada, asks) != []


def test_who_looks_for_somebody_or_for_one_title_finds_that_first(
    texts: dict[str, str], newcomer: Person, ada: Person, mona: Person, rita: Person, schools: Topic
) -> None:
    """What is for newcomers moves no person, no customer and nothing that is called what they typed."""
    stan = Person.add(by=None, email="stan@example.com", name="Stan Wilberforce", title=POST)
    step = article_of(rita, schools, "How Stan Wilberforce does it")
    PathStep.add(by=mona, post=POST, day=7, title="Read", article=step)
    exact = article_of(rita, schools, "Deposit terms")
    terms = article_of(rita, schools, "Deposit terms for a new home")
    PathStep.add(by=mona, post=POST, day=7, title="Read too", article=terms)
    for person in (newcomer, ada):
        assert finds(person, "Stan Wilberforce")[:2] == [str(stan), str(step)]
        assert finds(person, "Deposit terms")[:2] == [str(exact), str(terms)]


def test_of_several_years_the_newest_is_read_by_who_is_new_too(
    newcomer: Person, mona: Person, rita: Person, schools: Topic
) -> None:
    rules = {year: article_of(rita, schools, f"Subsidy rules {year}") for year in (2024, 2026, 2025)}
    PathStep.add(by=mona, post=POST, day=1, title="Read", article=rules[2024])
    assert finds(newcomer, "subsidy rules")[0] == str(rules[2026])


def test_it_ends_with_the_path_and_follows_the_post(
    texts: dict[str, str], newcomer: Person, mona: Person
) -> None:
    with clock.moved(clock.now() + timedelta(days=2)):
        assert marked_for(newcomer) == []
    Person.update(title="店长").where(Person.id == newcomer.id).execute()
    assert marked_for(Person.get_by_id(newcomer.id)) == []
    Person.update(title=POST).where(Person.id == newcomer.id).execute()
    for step in PathStep.select():
        step.archive(by=mona)
    assert marked_for(Person.get_by_id(newcomer.id)) == [texts["asked"]]


def test_what_was_put_away_is_not_found_though_it_is_marked(
    texts: dict[str, str], newcomer: Person, rita: Person
) -> None:
    Article.get_by_id(int(texts["step"].partition("-")[2])).archive(by=rita)
    assert texts["step"] not in finds(newcomer, "deposit")


def test_what_a_newcomer_does_is_found_in_those_words_by_everybody(
    texts: dict[str, str], newcomer: Person, ada: Person, mona: Person, rita: Person, schools: Topic
) -> None:
    """The texts say nowhere for whom they are; the steps that link them do, in both languages."""
    Synonym.plant(OFFICE, by=None)
    for person in (newcomer, ada):
        for asked in ("新员工入职第一天要做什么", "onboarding", "what do new hires do on the first day"):
            assert finds(person, asked)[0] == texts["step"], asked
            assert texts["none"] not in finds(person, asked)
        assert finds(person, "入职第一周")[0] == texts["course"]
    step = PathStep.get(PathStep.article.is_null(False))
    moved = article_of(rita, schools, "What else there is")
    step.change(by=mona, post=POST, day=1, title="Read", article=moved)
    assert finds(ada, "入职第一天")[0] == str(moved)
    assert texts["step"] not in finds(ada, "入职第一天")
    step.archive(by=mona)
    assert str(moved) not in finds(ada, "入职第一天")
    step.restore(by=mona)
    assert finds(ada, "入职第一天")[0] == str(moved)


def test_paths_of_an_older_portal_are_told_to_search(texts: dict[str, str]) -> None:
    SearchOutbox.delete().execute()
    import_module("portal.migrations.0098_found_by_newcomers").up(None, database.db.obj)
    noted = {f"{each.kind}-{each.record}" for each in SearchOutbox.select()}
    assert noted == {texts["step"], texts["course"]}


def test_the_box_stands_where_the_path_stands(
    texts: dict[str, str], newcomer: Person, ada: Person, sign_in: SignIn
) -> None:
    box = "Search onboarding knowledge"
    assert all(box in sign_in(newcomer).get(page).text for page in ("/learning", "/paths"))
    assert not any(box in sign_in(ada).get(page).text for page in ("/learning", "/paths"))
