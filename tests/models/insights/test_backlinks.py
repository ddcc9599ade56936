"""What links a question, a course or a person, by the rights of who reads that."""

from __future__ import annotations

from portal.models.company.topics import Topic
from portal.models.insights.backlinks import MOST, _courses, _questions, backlinks
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.learning.courses import Course
from portal.models.learning.paths import PathStep
from portal.models.people.people import Person
from tests.conftest import SignIn
from tests.models.knowledge.test_shelves import plan


def names(record: Article | Question | Course | Person, reader: Person) -> list[str]:
    return [link.name for group in backlinks(record, reader) for link in group.links]


def test_questions_courses_and_people_say_what_links_them(
    sign_in: SignIn, ada: Person, ben: Person, stan: Person, mona: Person, schools: Topic
) -> None:
    question = Question.ask(by=ada, text="Which school is near?", topic=schools)
    question.answer(by=ben, text=f"See [below]({question.url}).")
    course = Course.add(by=ada, title="Schools", topic=schools)
    text = f"[Q]({question.url}) [C]({course.url}) [B]({ben.url})"
    Article.add(by=ada, title="All three", body=text, topics=[schools])
    Article.add(by=ben, title="Ben's draft", body=text, topics=[schools], published=False)
    PathStep.add(by=mona, post="Seller", day=1, title="Learn", course=course)
    for record in (question, course, ben):
        others = ["Seller"] if record == course else []
        assert names(record, stan) == ["All three", *others], record
        assert names(record, ben) == ["Ben's draft", "All three", *others], record
    for record in (question, ben):
        assert f"{record.url}/links" in sign_in(stan).get(record.url).text
        beside = sign_in(stan).get(f"{record.url}/links", headers={"HX-Request": "true"}).text
        assert "All three" in beside
        assert "draft" not in beside
        assert "<h1" in sign_in(stan).get(f"{record.url}/links").text
    assert f"{course.url}/links" in sign_in(ada).get(course.url).text
    assert "All three" in sign_in(ada).get(f"{course.url}/links").text


def test_of_many_articles_the_newest_are_named(ada: Person, stan: Person, schools: Topic) -> None:
    """What everybody links is read no further than it is shown."""
    guide = Article.add(by=ada, title="House guide", body="All of it.", topics=[schools])
    text = f"See [the guide]({guide.url})."
    for n in range(MOST + 3):
        Article.add(by=ada, title=f"Linking {n}", body=text, topics=[schools])
    assert names(guide, stan) == [f"Linking {n}" for n in range(MOST + 2, 2, -1)]


def test_what_links_is_found_by_indexes(ada: Person, stan: Person, schools: Topic) -> None:
    """Of which questions and lessons name it, none is looked through: an empty list beside would make it so."""
    guide = Article.add(by=ada, title="House guide", body="All of it.", topics=[schools])
    told = [
        str(plan(part)) for part in (_questions([], [], [guide.id], stan), _courses([], [guide.id], stan))
    ]
    for each in told:
        assert "SCAN" not in each, each
        assert "Seq Scan" not in each, each
