"""'Did not work, because' at the foot of an article."""

from __future__ import annotations

import pytest

from portal.models.company.topics import Topic
from portal.models.knowledge.articles import Article
from portal.models.knowledge.objections import Objection
from portal.models.people.people import Person
from tests.conftest import SignIn

HTMX = {"HX-Request": "true"}
WHY = "The customer had a loan already."


@pytest.fixture
def article(ada: Person, schools: Topic) -> Article:
    return Article.add(by=ada, title="Ask first", body="One.", topics=[schools], published=True)


def test_one_click_opens_a_short_field_and_the_reason_stands_under_a_name(
    sign_in: SignIn, ada: Person, ben: Person, stan: Person, article: Article
) -> None:
    browser = sign_in(ben)
    assert "Did not work, because…" in browser.get(article.url).text
    path = f"/articles/{article.id}/objection"
    part = browser.post(path, data={"reason": WHY}, headers=HTMX).text
    assert "You said that it did not work." in part
    assert "<title>" not in part
    said = Objection.get()
    page = sign_in(stan).get(article.url).text
    for told in (
        WHY,
        "did not work for 1 colleague",
        f'id="objection-{said.id}"',
        f'href="/people/{ben.id}"',
    ):
        assert told in page
    assert f"/objections/{said.id}/answer" not in page, "he neither wrote it nor reviews its topic"
    author = sign_in(ada)
    assert "“Ask first” did not work for Ben." in author.get("/needs-me").text
    assert f"/objections/{said.id}/answer" in author.get(article.url).text
    answer = author.post(f"/objections/{said.id}/answer", data={"text": "Added the loan."})
    assert (answer.status_code, answer.headers["location"]) == (303, article.url)
    assert "did not work for Ben" not in author.get("/needs-me").text
    assert "Added the loan." in browser.get(article.url).text


def test_what_is_wrong_is_said_beside_what_was_typed(
    sign_in: SignIn, ada: Person, ben: Person, article: Article
) -> None:
    browser, path = sign_in(ben), f"/articles/{article.id}/objection"
    for headers in ({}, HTMX):
        assert browser.post(path, data={"reason": ""}, headers=headers).status_code == 422
        answer = browser.post(path, data={"reason": "Mr Wang, 13800001111"}, headers=headers)
        assert answer.status_code == 422
        assert "Mr Wang, 13800001111</textarea>" in answer.text
        assert "Take out what tells who it is" in answer.text
    assert Objection.select().count() == 0
    said = Objection.say(article, by=ben, reason=WHY)
    answer = sign_in(ada).post(f"/objections/{said.id}/answer", data={"text": ""}, headers=HTMX)
    assert answer.status_code == 422
    assert said.fresh().answer == ""


def test_it_is_changed_withdrawn_and_never_said_for_others(
    sign_in: SignIn, ada: Person, ben: Person, stan: Person, audrey: Person, article: Article
) -> None:
    said = Objection.say(article, by=ben, reason=WHY)
    withdrawal, answer = f"/objections/{said.id}/withdrawal", f"/objections/{said.id}/answer"
    for other in (ada, stan, audrey):
        assert sign_in(other).post(withdrawal).status_code == 403
    for other in (ben, stan, audrey):
        assert sign_in(other).post(answer, data={"text": "So."}).status_code == 403
    for other in (ada, audrey):
        path = f"/articles/{article.id}/objection"
        assert sign_in(other).post(path, data={"reason": WHY}).status_code == 403
    browser = sign_in(ben)
    part = browser.post(f"/articles/{article.id}/use", headers=HTMX).text
    assert "It worked for you." in part
    assert WHY not in part
    assert browser.post(withdrawal).status_code == 404
    said = Objection.say(article.fresh(), by=ben, reason=WHY)
    assert browser.post(f"/objections/{said.id}/withdrawal").status_code == 303
    assert (Objection.select().count(), article.fresh().uses) == (0, 0)


def test_of_what_is_hidden_nothing_is_said(sign_in: SignIn, ada: Person, ben: Person, stan: Person) -> None:
    draft = Article.add(by=ada, title="Draft", body="One.", published=False)
    assert sign_in(stan).post(f"/articles/{draft.id}/objection", data={"reason": WHY}).status_code == 404
