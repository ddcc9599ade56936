"""Questions through HTTP: asked, answered, the best answer chosen for a customer type."""

from __future__ import annotations

import pytest

from portal.models.company.customer_types import CustomerType
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Answer, BestAnswer, Question
from portal.models.people.people import Person
from portal.models.products.products import Product
from tests.conftest import SignIn
from tests.counting import MOST, queries

HTMX = {"HX-Request": "true"}


@pytest.fixture
def doubt(stan: Person, schools: Topic, lakeside: Product) -> Question:
    """Stan's question."""
    return Question.ask(by=stan, text="How are the schools?", topic=schools, product=lakeside)


def test_asking(sign_in: SignIn, ada: Person, schools: Topic, audrey: Person) -> None:
    client = sign_in(ada)
    topic = client.get(f"/questions/new?text=Why&topic={schools.id}").text
    assert 'value="Why"' in topic
    assert f'<option selected value="{schools.id}">' in topic
    bad = client.post("/questions/new", data={"text": "", "detail": "Kept words"})
    assert bad.status_code == 422
    assert "Kept words" in bad.text
    answer = client.post("/questions/new", data={"text": "Is parking hard?", "topic": schools.id})
    made = Question.get()
    assert answer.headers["location"] == f"/questions/{made.id}"
    assert (made.asker, made.topic, made.state) == (ada, schools, "open")
    assert sign_in(audrey).post("/questions/new", data={"text": "x"}).status_code == 403


def test_the_form_says_after_how_long_an_urgent_one_goes_to_three_more(
    sign_in: SignIn, ada: Person, adam: Person
) -> None:
    Setting.choose("ask.urgent_minutes", 45, by=adam)
    assert "three more after 45 working minutes" in sign_in(ada).get("/questions/new").text


def test_a_question_without_an_answer_invites_one(sign_in: SignIn, ada: Person, doubt: Question) -> None:
    client = sign_in(ada)
    assert "Be the first to answer" in client.get("/questions").text
    assert "Nobody has answered this yet" in client.get(doubt.url).text
    empty = client.post(f"{doubt.url}/answers", data={"text": ""})
    assert empty.status_code == 422
    assert 'class="field-error"' in empty.text
    answer = client.post(f"{doubt.url}/answers", data={"text": "Two *schools*."})
    assert answer.status_code == 303
    text = client.get(doubt.url).text
    assert "<em>schools</em>" in text
    assert "Nobody has answered this yet" not in text
    assert doubt.fresh().state == "answered"


def test_the_answer_for_the_customer_type_comes_first(
    sign_in: SignIn, stan: Person, ada: Person, ben: Person, doubt: Question, families: CustomerType
) -> None:
    for_all, for_families = doubt.answer(by=ada, text="For all"), doubt.answer(by=ben, text="With children")
    client, path = sign_in(stan), f"{doubt.url}/best"
    assert client.post(path, data={"answer": for_all.id}).status_code == 303
    chosen = client.post(path, data={"answer": for_families.id, "customer_type": families.id}, headers=HTMX)
    assert chosen.status_code == 200
    assert "<title>" not in chosen.text
    assert "Best for: Families with school children" in chosen.text
    general, matching = client.get(doubt.url).text, client.get(f"{doubt.url}?type={families.id}").text
    assert general.index("For all") < general.index("With children")
    assert matching.index("With children") < matching.index("For all")
    assert doubt.best_for(families) == for_families
    for _ in range(2):
        client.post(f"{path}/withdrawal", data={"answer": for_families.id, "customer_type": families.id})
    assert [best.answer for best in BestAnswer.select()] == [for_all]


def test_choosing_is_for_asker_reviewers_and_managers(
    sign_in: SignIn, ada: Person, rita: Person, adam: Person, doubt: Question, stan: Person
) -> None:
    answer = doubt.answer(by=ada, text="A")
    other = Question.ask(by=ada, text="Parking?").answer(by=stan, text="Yes")
    for person in (ada, adam):
        client = sign_in(person)
        assert client.post(f"{doubt.url}/best", data={"answer": answer.id}).status_code == 403
        assert client.post(f"{doubt.url}/archiving").status_code == 403
        assert client.get(f"{doubt.url}/edit").status_code == 403
    assert not BestAnswer.select().exists()
    client = sign_in(rita)
    for wrong in ({}, {"answer": other.id}, {"answer": "x"}, {"answer": answer.id, "customer_type": "99"}):
        assert client.post(f"{doubt.url}/best", data=wrong).status_code == 422
    for _ in range(2):
        assert client.post(f"{doubt.url}/best", data={"answer": answer.id}).status_code == 303
    assert BestAnswer.get().chosen_by == rita


def test_editing_answers_and_questions(
    sign_in: SignIn, ada: Person, ben: Person, stan: Person, doubt: Question
) -> None:
    answer = doubt.answer(by=ada, text="First try")
    path = f"/answers/{answer.id}/edit"
    assert sign_in(ben).post(path, data={"text": "Mine"}).status_code == 403
    client = sign_in(ada)
    assert client.get(f"/answers/{answer.id}").headers["location"] == answer.url
    assert client.post(path, data={"text": "Second", "version": "1"}).status_code == 303
    stale = client.post(path, data={"text": "From an old tab", "version": "1"})
    assert stale.status_code == 409
    assert "Second" in stale.text
    assert "From an old tab" in stale.text
    assert Answer.get().html == "<p>Second</p>\n"
    facts = {"text": "How good are the schools?", "version": str(doubt.fresh().version)}
    assert sign_in(stan).post(f"{doubt.url}/edit", data=facts).status_code == 303
    assert doubt.fresh().text == "How good are the schools?"


def test_putting_away_and_bringing_back(sign_in: SignIn, stan: Person, ada: Person, doubt: Question) -> None:
    client = sign_in(stan)
    for _ in range(2):
        assert client.post(f"{doubt.url}/archiving").status_code == 303
    assert doubt.text not in client.get("/questions").text
    assert sign_in(ada).get(doubt.url).status_code == 404
    assert client.post(f"{doubt.url}/answers", data={"text": "late"}).status_code == 403
    for _ in range(2):
        assert client.post(f"{doubt.url}/restoring").status_code == 303
    assert doubt.text in client.get("/questions").text


def test_the_list_narrows(
    sign_in: SignIn, ada: Person, doubt: Question, schools: Topic, lakeside: Product
) -> None:
    Question.ask(by=ada, text="Is parking hard?").answer(by=ada, text="No")
    client = sign_in(ada)
    for query in (f"topic={schools.id}", f"product={lakeside.id}", "state=open", "q=schools"):
        text = client.get(f"/questions?{query}").text
        assert "How are the schools?" in text, query
        assert "Is parking hard?" not in text, query
    assert client.get("/questions?topic=x&product=&state=zzz&sort=zzz&after=zzz").status_code == 200


def test_pages_ask_the_database_little(
    sign_in: SignIn,
    ada: Person,
    ben: Person,
    rita: Person,
    mona: Person,
    doubt: Question,
    families: CustomerType,
) -> None:
    for number in range(20):
        Question.ask(by=ada, text=f"Question {number}", topic=doubt.topic).answer(by=ben, text="x")
    for by in (ada, ben, mona, rita):
        answer = doubt.answer(by=by, text="x")
    doubt.choose_best(answer, by=mona, customer_type=families)
    for path in ("/questions", doubt.url, f"{doubt.url}?type={families.id}", "/questions/new"):
        for person in (ben, rita):
            client = sign_in(person)
            client.get(path)
            with queries() as statements:
                assert client.get(path).status_code == 200
            assert len(statements) <= MOST, "\n".join([path, *statements])


def test_what_is_new_takes_no_version_from_a_form(sign_in: SignIn, ada: Person) -> None:
    sent = {"text": "Which papers are needed?", "version": "7"}
    assert sign_in(ada).post("/questions/new", data=sent).status_code == 303
    assert Question.get(Question.text == sent["text"]).version == 1


def test_a_form_sent_twice_is_one_question_and_one_answer(sign_in: SignIn, ada: Person) -> None:
    """back-and-submit-again: Back, and the filled form once more."""
    client = sign_in(ada)
    facts = {"text": "后退再提交会不会变成两条？", "key": "abc"}
    first = client.post("/questions/new", data=facts)
    again = client.post("/questions/new", data=facts)
    assert again.headers["location"] == first.headers["location"]
    other = client.post("/questions/new", data=facts | {"text": "改了再交？"})
    assert other.status_code == 422
    assert "This form was sent already" in other.text
    question = Question.get()
    for _ in range(2):
        assert (
            client.post(f"{question.url}/answers", data={"text": "不会。", "key": "abc"}).status_code == 303
        )
    assert Answer.select().count() == 1
    edited = client.post(
        f"{question.url}/edit", data={"text": "会吗？", "version": str(question.fresh().version)}
    )
    assert (edited.status_code, question.fresh().key) == (303, "form-abc")


def test_a_form_sent_twice_is_one_article(sign_in: SignIn, ada: Person) -> None:
    facts = {"title": "一篇", "body": "正文。", "freshness": "evergreen", "key": "abc"}
    for _ in range(2):
        assert sign_in(ada).post("/articles/new", data=facts).status_code == 303
    assert Article.select().count() == 1
    assert 'name="key"' in sign_in(ada).get("/articles/new").text
