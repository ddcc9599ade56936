"""What links a question, a course or a person, by the rights of who reads that."""

from __future__ import annotations

from portal.models.company.topics import Topic
from portal.models.insights.backlinks import backlinks
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.learning.courses import Course
from portal.models.learning.paths import PathStep
from portal.models.people.people import Person
from tests.conftest import SignIn


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
