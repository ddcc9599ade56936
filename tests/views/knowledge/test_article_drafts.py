"""A draft of an article that saves itself while its author writes: begun, gone on with, handed in."""

from __future__ import annotations

import re

import pytest

from portal.models.base.record import Event
from portal.models.company.topics import Topic
from portal.models.knowledge.articles import Article, ArticleVersion
from portal.models.knowledge.proposals import Proposal
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.people.needs import needs
from portal.models.people.people import Person
from tests.client import Client
from tests.conftest import SignIn


class Tab:
    """A page of a form that saves itself: it goes on from what each save answers, as the script does."""

    def __init__(self, client: Client, page: str, place: str) -> None:
        self.client, self.page, self.place, shown = client, page, place, client.get(page).text
        hidden = dict(re.findall(r'<input[^>]* name="(key|version|begun)"[^>]*? value="([^"]*)"', shown))
        self.fields: dict[str, object] = {"freshness": "evergreen", **hidden}

    def save(self, **typed: object) -> int:
        self.fields |= typed
        answer = self.client.post(self.place, data=self.fields, headers={"HX-Request": "true"})
        self.answered = answer.text
        if answer.status_code == 200:
            self.fields |= {"version": answer.headers["X-Version"], "begun": answer.headers["X-Begun"]}
            self.led = answer.headers["X-Place"]
        return answer.status_code

    def send(self, **more: object) -> int:
        return self.client.post(self.page, data=self.fields | more).status_code


@pytest.fixture
def begun(sign_in: SignIn, ada: Person) -> Tab:
    return Tab(sign_in(ada), "/articles/new", "/articles/draft")


def texts(article: Article) -> list[tuple[int, str]]:
    kept = ArticleVersion.select().where(ArticleVersion.article == article).order_by(ArticleVersion.number)
    return [(each.number, each.body) for each in kept]


def test_what_is_begun_is_one_draft_and_then_one_article(begun: Tab, ada: Person, schools: Topic) -> None:
    """However often it is saved: one row, one version of what was handed in, and no line of history for each."""
    assert begun.save(title=" ", body="Ask") == 422, "it needs a name to be found under"
    assert not Article.select().exists()
    assert [begun.save(title="Ask first", body=body) for body in ("Ask", "Ask the", "Ask the owner")] == [
        200
    ] * 3
    article = Article.get()
    assert (article.state, article.body, article.html) == ("draft", "Ask the owner", "<p>Ask the owner</p>\n")
    assert 'data-fields="{}"' in begun.answered, "what follows from the text is not put into the page"
    assert article.summary == "Ask the owner"
    assert begun.led == f"/articles/{article.id}/edit"
    assert [need.url for need in needs(ada)] == [article.url]
    assert texts(article) == [(1, "Ask")]
    assert [event.verb for event in Event.about(article)] == ["written"]
    assert begun.send(topics=schools.id, publish="yes") == 303
    assert begun.send(topics=schools.id, publish="yes") == 303, "pressed twice"
    article = Article.get()
    assert (article.state, article.body, article.topic_ids) == ("published", "Ask the owner", [schools.id])
    assert texts(article) == [(1, "Ask"), (2, "Ask the owner")]
    assert begun.save(body="Later") == 422, "what everyone reads saves itself no more"
    assert Article.get().body == "Ask the owner"


def test_what_saved_itself_is_a_version_however_it_is_published(
    begun: Tab, ada: Person, schools: Topic
) -> None:
    begun.save(title="Ask first", body="One", topics=schools.id)
    begun.save(body="Two")
    article = Article.get()
    article.edit(by=ada, body="Two")
    assert texts(article) == [(1, "One"), (2, "Two")]
    begun.save(version=article.version, begun="", body="Three")
    Article.get().publish(by=ada)
    assert texts(article)[-1] == (3, "Three")


def test_two_tabs_of_one_draft_lose_nothing(sign_in: SignIn, ada: Person) -> None:
    article = Article.add(by=ada, title="Ask first", body="One", published=False)
    client, edit = sign_in(ada), f"{article.url}/edit"
    one, two = (Tab(client, edit, f"{article.url}/draft") for _ in range(2))
    assert one.save(title="Ask first", body="One more") == 200
    assert two.save(title="Ask the owner", body="One") == 200, "another field"
    assert two.save(body="Two") == 409, "the same field: both are shown"
    found = article.fresh()
    assert (found.title, found.body) == ("Ask the owner", "One more")


def test_nobody_else_saves_it_nor_what_waits_for_approval(
    sign_in: SignIn, ada: Person, ben: Person, adam: Person, schools: Topic
) -> None:
    """What somebody approves is what was handed in: nothing slips in behind it."""
    article = Article.add(by=ada, title="Ask first", body="One", topics=[schools], published=False)
    typed = {"title": "Mine", "body": "Mine", "freshness": "evergreen"}
    for person in (ben, adam):
        assert sign_in(person).post(f"{article.url}/draft", data=typed).status_code in (403, 404)
    TopicRule.choose(schools, by=adam, way="expert")
    client = sign_in(ada)
    client.post(f"{article.url}/publication")
    assert Proposal.get().is_waiting
    assert client.post(f"{article.url}/draft", data=typed).status_code == 422
    assert "data-autosave=" not in client.get(f"{article.url}/edit").text
    assert article.fresh().title == "Ask first"
