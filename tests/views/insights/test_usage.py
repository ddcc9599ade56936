"""How knowledge is used, as pages: counted as it is read, seen by whom it is for."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.clock import Month
from portal.models.company.topics import Topic
from portal.models.insights import usage
from portal.models.knowledge.articles import Article
from portal.models.knowledge.readership import Readership, ReadMark
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.people.letters import Letter, UnwantedLetter
from portal.models.people.people import Person
from tests.conftest import SignIn
from tests.counting import queries
from tests.models.knowledge.test_shelves import plan


@pytest.fixture
def article(ada: Person, schools: Topic) -> Article:
    return Article.add(by=ada, title="Ask first", body="One question.", topics=[schools], published=True)


def counted() -> tuple[int, int, int]:
    row = Readership.get((Readership.noun == "article") & (Readership.span == "month"))
    return row.views, row.readers, row.searches


def test_who_opens_an_article_counts_once_and_its_author_and_machines_do_not(
    sign_in: SignIn, ada: Person, ben: Person, rita: Person, mona: Person, article: Article
) -> None:
    browser, path = sign_in(ben), article.url
    browser.head(path)
    for headers in (
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"User-Agent": "Some-Bot/1"},
    ):
        assert browser.get(path, headers=headers).status_code == 200
    assert ReadMark.select().count() == 0
    browser.get(path)
    browser.get(path)
    Readership.add_up()
    assert counted() == (1, 1, 0)
    with queries() as asked:
        browser.get(path)
    assert len([each for each in asked if not each.lstrip("( ").startswith("SELECT")]) == 1, "one cheap write"
    assert "How it is read" not in browser.get(path).text
    for person in (ada, rita, mona):
        assert "How it is read" not in sign_in(person).get(path).text, "one reader is nobody else's affair"
    browser.post("/search/clicks", data={"q": "ask", "hit": str(article)})
    Readership.add_up()
    assert counted() == (1, 1, 1), "nor does it count who looks after it"
    last = Month.of(clock.today()).previous.first_day
    Readership.update(on=last, views=9, readers=3).where(Readership.span == "month").execute()
    author = sign_in(ada).get(path).text
    assert [
        each.split("</dd>")[0].rpartition(">")[2]
        for each in author.split("How it is read")[1].split("<dd")[1:5]
    ] == ["9", "—", "3", "1"]
    assert "How it is read" not in browser.get(path).text


def test_a_draft_and_what_is_put_away_do_not_count(
    sign_in: SignIn, ada: Person, rita: Person, article: Article
) -> None:
    article.archive(by=ada)
    assert sign_in(rita).get(article.url).status_code == 200
    assert ReadMark.select().count() == 0


def test_reviewers_and_whom_a_topic_belongs_to_see_how_it_is_used(
    sign_in: SignIn, ada: Person, ben: Person, rita: Person, stan: Person, article: Article, schools: Topic
) -> None:
    sign_in(ben).get(article.url)
    pages = ("/articles/usage", "/articles/usage/week", f"/topics/{schools.id}/usage")
    for page in pages:
        assert sign_in(stan).get(page).status_code == 403
    TopicRule.create(topic=schools, owner=stan)
    for person in (stan, rita):
        for page in pages:
            browser = sign_in(person)
            with queries() as asked:
                answer = browser.get(page)
            assert answer.status_code == 200
            assert len(asked) <= 11
            assert "Ben" not in answer.text, "nobody is named"
    assert f'href="/topics/{schools.id}/usage"' in sign_in(rita).get("/articles/usage").text
    assert 'href="/articles/usage"' in sign_in(rita).get("/articles").text
    assert 'href="/articles/usage"' not in sign_in(ben).get("/articles").text
    assert "Ask first" in sign_in(rita).get(pages[2]).text
    assert sign_in(rita).get("/topics/999999/usage").status_code == 404


def test_the_report_says_whether_it_is_mailed_and_stops(
    sign_in: SignIn, rita: Person, stan: Person, adam: Person, article: Article
) -> None:
    page, path = "/articles/usage/week", "/articles/usage/letter"
    assert sign_in(stan).post(path, data={"wanted": "y"}).status_code == 403
    reviewer = sign_in(rita)
    assert "Do not mail it to me" in reviewer.get(page).text
    assert reviewer.post(path, data={"wanted": ""}).headers["location"] == page
    assert not UnwantedLetter.wants(rita)
    assert "Mail it to me each week" in reviewer.get(page).text
    reviewer.post(path, data={"wanted": "y"})
    assert UnwantedLetter.wants(rita)
    assert "mail it to me" not in sign_in(adam).get(page).text.lower(), (
        "none is written to who looks after none"
    )
    Letter.report(rita, "Last week")
    box = sign_in(adam)
    assert "Show the link" not in box.get("/admin/letters").text
    assert "/sign-in/reset/" not in box.post(f"/admin/letters/{Letter.get().id}/link").text


def test_how_much_is_in_date_is_read_from_an_index(app: Starlette) -> None:
    """Of each text of the company its whole row would be read else."""
    told = plan(usage._in_date())
    assert "article_state_review_by_id" in told
