"""What links a question, a course or a person, by the rights of who reads that."""

from __future__ import annotations

import re
from html import unescape

from portal.models.company.topics import Topic
from portal.models.insights.backlinks import COUNTED, SHOWN, _courses, _questions, _used, backlinks
from portal.models.knowledge.articles import Article
from portal.models.knowledge.merged import family_of
from portal.models.knowledge.questions import Question
from portal.models.learning.courses import Course
from portal.models.learning.paths import PathStep
from portal.models.learning.post_needs import PostNeed
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


def test_of_many_articles_the_newest_are_named_and_the_others_can_be_opened(
    sign_in: SignIn, ada: Person, stan: Person, schools: Topic
) -> None:
    """What everybody links is read no further than it is shown; piece by piece all of it is."""
    guide = Article.add(by=ada, title="House guide", body="All of it.", topics=[schools])
    text, many = f"See [the guide]({guide.url}).", COUNTED + 30
    for n in range(many):
        Article.add(by=ada, title=f"Linking {n}", body=text, topics=[schools])
    Article.add(by=ada, title="A draft", body=text, topics=[schools], published=False)
    newest_first = [f"Linking {n}" for n in reversed(range(many))]
    assert names(guide, stan) == newest_first[:SHOWN]
    web, seen, address = sign_in(stan), list[str](), f"{guide.url}/links"
    says = ["More than 50 in all: show others", "More than 50 in all: show others", ""]
    for told in says:
        page = unescape(web.get(address).text)
        seen += re.findall(r">((?:Linking \d+|A draft))<", page)
        further = re.search(r'href="([^"]*/links\?of=[^"]*)">([^<]*)<', page)
        assert (further[2] if further else "") == told
        address = further[1] if further else ""
    assert seen == newest_first, "no other, none twice, no draft of somebody else's"
    few = Article.add(by=ada, title="Few link this", body="All of it.", topics=[schools])
    for n in range(SHOWN + 5):
        Article.add(by=ada, title=f"Few {n}", body=f"See [it]({few.url}).", topics=[schools])
    assert "Show 5 more" in web.get(f"{few.url}/links").text
    for nothing in ("of=nothing", "of=deal&before=1", "of=article&before=x"):
        assert web.get(f"{guide.url}/links?{nothing}").status_code == 200


def test_a_sort_of_which_nothing_uses_an_article_is_not_asked_for(
    ada: Person, ben: Person, mona: Person, schools: Topic
) -> None:
    """And each that uses it is."""
    guide = Article.add(by=ada, title="House guide", body="All of it.", topics=[schools])
    assert _used(guide.id, family_of(guide)) == frozenset()
    Course.add(by=ada, title="Schools", topic=schools).add_known([guide], by=ada)
    assert _used(guide.id, family_of(guide)) == {"course"}
    PathStep.add(by=mona, post="Seller", day=1, title="Read", article=guide)
    PostNeed.add(by=mona, post="Seller", stage="viewing", topic=schools, title="The guide", article=guide)
    assert _used(guide.id, family_of(guide)) == {"course", "path_step", "post_need"}
    assert {group.kind for group in backlinks(guide, ada)} == {"course", "path_step", "post_need"}


def test_what_links_is_found_by_indexes(ada: Person, stan: Person, schools: Topic) -> None:
    """Of which questions and lessons name it, none is looked through: an empty list beside would make it so."""
    guide = Article.add(by=ada, title="House guide", body="All of it.", topics=[schools])
    told = [
        str(plan(part)) for part in (_questions([], [], [guide.id], stan), _courses([], [guide.id], stan))
    ]
    for each in told:
        assert "SCAN" not in each, each
        assert "Seq Scan" not in each, each
