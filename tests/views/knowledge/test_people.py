"""The yellow pages and topics through HTTP."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from portal import clock
from portal.models.company.topics import Topic
from portal.models.expertise.endorsements import Endorsement
from portal.models.expertise.expertise import Evidence
from portal.models.expertise.points import PointEntry
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.knowledge.reuse import most_reused
from portal.models.knowledge.uses import Use
from portal.models.people.people import Person
from tests.client import Client
from tests.conftest import SignIn, person
from tests.counting import MOST, queries


@pytest.fixture
def lei(app: object) -> Person:
    """Reads and is found in Chinese."""
    return Person.add(
        by=None, email="lilei@example.com", name="李明朗", name_en="Li Minglang", title="置业顾问"
    )


def rows(client: Client, path: str) -> str:
    text = client.get(path).text
    return text[text.index('id="rows"') :] if 'id="rows"' in text else ""


def test_people_are_listed_by_pinyin_and_found_by_it(sign_in: SignIn, ada: Person, lei: Person) -> None:
    Person.add(by=None, email="wang@example.com", name="王海涛")
    Person.add(by=None, email="chen@example.com", name="陈晓雨")
    client = sign_in(ada)
    listed = rows(client, "/people")
    assert listed.index("Ada") < listed.index("陈晓雨") < listed.index("Li Minglang") < listed.index("王海涛")
    for text in ("明朗", "li ming", "liming", "Minglang", "置业"):
        found = rows(client, f"/people?q={text}")
        assert "Li Minglang" in found, text
        assert "王海涛" not in found, text
    assert "Nobody found" in client.get("/people?q=nobody").text
    assert client.get("/people?topic=x&department=99999999999999999999&after=%00").status_code == 200


def test_the_ranking_is_found_from_people(sign_in: SignIn, ada: Person) -> None:
    client = sign_in(ada)
    place = f"/people/{ada.id}/points"
    assert f'href="{place}"' in client.get("/people").text
    assert 'id="board-title"' in client.get(place).text


def test_departments_and_topics_narrow_and_rank(
    sign_in: SignIn, ada: Person, ben: Person, stan: Person, schools: Topic
) -> None:
    Evidence.record(ben, schools, "accepted experience", schools, key="a")
    Evidence.record(ada, schools, "review done", schools, key="b")
    client = sign_in(ada)
    ranked = rows(client, f"/people?topic={schools.id}")
    assert ranked.index("Ben") < ranked.index("Ada")
    assert "10.0" in ranked
    assert "Stan" not in ranked
    sales = rows(client, f"/people?department={ada.department_id}")
    assert "Ben" in sales
    assert "Stan" not in sales


def test_why_somebody_comes_first_on_a_topic_is_told_kind_by_kind(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic
) -> None:
    """Two best answers, 16, a review, 2, and half of 10 from a topic below: 23. Of reviews the sum alone is told."""
    below = Topic.create(name="学位", name_en="Places", parent=schools)
    question = Question.ask(by=ada, text="Is the place free?", topic=schools)
    answer = question.answer(by=ben, text="Yes.")
    for number in range(2):
        Evidence.record(ben, schools, "best answer", answer, key=f"b{number}")
    Evidence.record(ben, schools, "review done", schools, key="r")
    Evidence.record(ben, below, "accepted experience", schools, key="e")
    ranked = rows(sign_in(ada), f"/people?topic={schools.id}")
    why = ranked[ranked.index("Why this order?") :].partition("</details>")[0]
    sums = [" ".join(each.split()) for each in re.findall(r'proof-sum">(.*?)</', why)]
    assert sums == ["16.00", "2.00", "5.00", "23.00"]
    assert "<strong>23.00</strong>" in ranked
    assert why.count(f'href="{ben.url}#knows"') == 3


def test_leavers_keep_their_page_but_leave_the_list(
    sign_in: SignIn, ada: Person, ben: Person, adam: Person, schools: Topic
) -> None:
    Article.add(by=ben, title="What Ben knew", body="x", topics=[schools])
    ben.deactivate(by=adam)
    client = sign_in(ada)
    assert "Ben" not in rows(client, "/people")
    text = client.get(f"/people/{ben.id}").text
    assert "no longer here" in text
    assert "What Ben knew" in text


def test_expertise_shows_its_proof(
    sign_in: SignIn, ada: Person, ben: Person, mona: Person, schools: Topic
) -> None:
    article = Article.add(by=ada, title="Ask first", body="x", topics=[schools])
    with clock.moved(clock.now() - timedelta(minutes=1, seconds=1)):  # sooner it would be a burst
        Use.say(article, by=ben)
    answer = Question.ask(by=ben, text="How are the schools?", topic=schools).answer(by=ada, text="A")
    answer.question.choose_best(answer, by=ben)
    Endorsement.give(by=mona, person=ada, topic=schools)
    Evidence.record(ada, schools, "certificate", schools)
    Evidence.record(ada, schools, "review done", schools)
    text = sign_in(ben).get(f"/people/{ada.id}").text
    assert "expertise 17.0" in text  # 1 + 8 + 1 + 5 + 2
    assert "Expert" in text
    assert f'<a href="/articles/{article.id}">Ask first</a>' in text
    assert f'<a href="{answer.url}">How are the schools?</a>' in text
    assert f'<a href="/people/{mona.id}">Mona</a>' in text
    Person.update(name="莫娜", name_en="Mona M.").where(Person.id == mona.id).execute()
    assert f'<a href="/people/{mona.id}">Mona M.</a>' in sign_in(ben).get(f"/people/{ada.id}").text
    assert "Helped a colleague 1 time" in text


def test_neither_age_nor_gender_is_kept_or_asked(sign_in: SignIn, ada: Person) -> None:
    names = set(Person._meta.fields)
    assert not {"age", "gender", "sex", "birthday", "born_on"} & names
    text = sign_in(ada).get(f"/people/{ada.id}").text + sign_in(ada).get("/people").text
    assert "ender" not in text.replace("tender", "").replace("render", "")


def test_endorsing_a_colleague(
    sign_in: SignIn, ada: Person, ben: Person, audrey: Person, schools: Topic
) -> None:
    client, path = sign_in(ben), f"/people/{ada.id}/endorsements"
    for _ in range(2):
        assert client.post(path, data={"topic": schools.id}).status_code == 303
    assert Endorsement.select().count() == Evidence.standing().count() == 1
    assert "You endorsed: Schools" in client.get(f"/people/{ada.id}").text
    assert client.post(path, data={}).status_code == 422
    assert client.post(path, data={"topic": "999"}).status_code == 422
    assert sign_in(ada).post(path, data={"topic": schools.id}).status_code == 403
    assert sign_in(audrey).post(path, data={"topic": schools.id}).status_code == 403
    for _ in range(2):
        assert client.post(f"{path}/withdrawal", data={"topic": schools.id}).status_code == 303
    assert client.post(f"{path}/withdrawal", data={"topic": "x"}).status_code == 404
    assert not Evidence.standing().exists()
    assert client.get("/people/999").status_code == 404


def test_points_are_for_their_owner_alone(
    sign_in: SignIn, ada: Person, ben: Person, mona: Person, schools: Topic
) -> None:
    PointEntry.award(ada, 20, "experience accepted", subject=schools, key="a")
    PointEntry.award(ada, 5, "review done", subject=schools, key="b")
    PointEntry.reverse("a")
    text = sign_in(ada).get(f"/people/{ada.id}/points").text
    for words in ("An experience was accepted", "+20", "-20", "taken back", "+5"):
        assert words in text
    for other in (ben, mona):
        assert sign_in(other).get(f"/people/{ada.id}/points").status_code == 403
        assert "/points" not in sign_in(other).get(f"/people/{ada.id}").text


def test_what_helped_most_stands_beside_the_points(
    sign_in: SignIn, ada: Person, ben: Person, mona: Person, rita: Person, stan: Person
) -> None:
    """RULES 4.3: the outcome, not only who posted most. What is held does not count, nor what is put away."""
    made = {
        title: Article.create(
            title=title, slug=title, author=author, state="published", published_at=clock.now()
        )
        for title, author in (("Helps three", ada), ("Helps one", ben), ("Put away", ada), ("Held", rita))
    }
    now = clock.Month.of(clock.now()).start + timedelta(hours=1)
    for number, (title, who) in enumerate(
        (
            ("Helps one", mona),
            ("Helps three", ben),
            ("Helps three", rita),
            ("Helps three", stan),
            ("Put away", stan),
        )
    ):
        with clock.moved(now + timedelta(seconds=number)):
            Use.say(made[title], by=who)
    with clock.moved(now + timedelta(minutes=1)):
        Use.say(made["Held"], by=ada)  # in return: Rita has just used Ada's
    Article.update(state="archived").where(Article.id == made["Put away"].id).execute()
    found = most_reused(clock.Month.of(now))
    assert [(one.article.title, one.helped) for one in found] == [("Helps three", 3), ("Helps one", 1)]
    assert most_reused(clock.Month.of(now).previous) == []
    text = sign_in(stan).get(f"/people/{stan.id}/points").text
    assert "What helped most in this month" in text
    assert text.index("Helps three") < text.index("Helps one")


def test_a_topic_shows_who_knows_what_to_read_and_what_is_asked(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic
) -> None:
    below = Topic.create(name="学位", name_en="Places", parent=schools)
    Use.say(Article.add(by=ada, title="Ask first", body="x", topics=[below]), by=ben)
    Question.ask(by=ben, text="Is a place free?", topic=below)
    client = sign_in(ben)
    assert "Places" in client.get("/topics").text
    text = client.get(f"/topics/{schools.id}").text
    for words in ("Places", "Ask first", "Is a place free?", "Ada"):
        assert words in text
    assert client.get("/topics/999").status_code == 404


def test_pages_ask_the_database_little(sign_in: SignIn, ada: Person, ben: Person, schools: Topic) -> None:
    people = [person(f"Colleague{number}") for number in range(20)]
    for number, each in enumerate(people):
        Endorsement.give(by=each, person=ada, topic=schools)
        article = Article.add(by=each, title=f"Piece {number}", body="x", topics=[schools])
        Use.say(article, by=ada)
        Use.say(Article.add(by=ada, title=f"Own {number}", body="x", topics=[schools]), by=each)
        Question.ask(by=ada, text=f"Question {number}", topic=schools).answer(by=each, text="x")
    client = sign_in(ben)
    for path in (
        "/people",
        f"/people?topic={schools.id}",
        f"/people/{ada.id}",
        "/topics",
        f"/topics/{schools.id}",
        f"/people/{ben.id}/points",
        f"/people/{ben.id}/badges",
    ):
        client.get(path)
        with queries() as statements:
            assert client.get(path).status_code == 200
        assert len(statements) <= MOST, "\n".join([path, *statements])


def test_what_is_counted_goes_beyond_what_is_listed(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic
) -> None:
    """Twelve are listed of fifteen, the two oldest of which helped: 2 times."""
    for number in range(15):
        with clock.moved(clock.now() + timedelta(minutes=number)):
            title = f"Number {number}"
            article = Article.add(by=ada, published=True, title=title, body="So it goes.", topics=[schools])
            if number < 2:
                Use.say(article, by=ben)
    Article.add(by=ada, title="A draft", body="Not yet.", topics=[schools], published=False)
    text = sign_in(ben).get(f"/people/{ada.id}").text
    assert "15 pieces of knowledge" in text
    assert "Helped colleagues 2 times" in text
    assert "Number 14<" in text
    assert "Number 3<" in text
    assert text.count("Number 2<") == 0
