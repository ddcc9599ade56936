"""What is sent to bring the portal down: it is refused with a reason, or costs little."""

from __future__ import annotations

import pytest

from portal.models.base.intake import Source
from portal.models.base.record import Invalid, SearchOutbox
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.experiences.experiences import Experience
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.models.products.intake import ProductIntake
from portal.models.products.products import Product
from portal.search import searcher
from tests.conftest import SignIn
from tests.growth import seconds
from tests.parts import timed

TABLE = "|a" * 3000 + "|\n" + "|-" * 3000 + "|\n" + "a\n" * 3000
DEFINITIONS = "".join(f"[a{i}]: /x\n" for i in range(4000))
DEEP = "> - " * 2000 + "a"


@pytest.mark.parametrize("text", [TABLE, DEFINITIONS, DEEP], ids=["table", "definitions", "deep"])
def test_a_costly_text_is_refused_beside_its_field_in_both_languages(
    sign_in: SignIn, ada: Person, text: str
) -> None:
    lesson = Experience.begin(by=ada, kind="suggestion")
    for locale, words in (("en", "at most"), ("zh", "最多")):
        Person.update(locale=locale).where(Person.id == ada.id).execute()
        answer = sign_in(ada).post(f"/experiences/{lesson.id}/edit", data={"title": "Keys", "action": text})
        assert answer.status_code == 422
        assert words in answer.text.partition('id="action')[2].partition('id="outcome')[0]
    assert lesson.fresh().action == ""


def test_no_verb_stores_a_costly_text(ada: Person, adam: Person, schools: Topic) -> None:
    article = Article.add(by=ada, title="Keys", body="Ask.", topics=[schools])
    question = Question.ask(by=ada, text="How?")
    with pytest.raises(Invalid, match="cells"):
        article.edit(by=ada, body=TABLE)
    with pytest.raises(Invalid, match="cells"):
        Article.add(by=ada, title="Keys", body=TABLE, topics=[schools])
    with pytest.raises(Invalid, match="cells"):
        question.edit(by=ada, detail=TABLE)
    with pytest.raises(Invalid, match="cells"):
        question.answer(by=ada, text=TABLE)
    with pytest.raises(Invalid, match="cells"):
        Product.add(by=adam, code="K", name="Key", description=TABLE)
    with pytest.raises(Invalid, match="cells"):
        Customer.add(by=ada, name="Wei", owner=ada, note=TABLE)
    with pytest.raises(Invalid, match="cells"):
        ProductIntake(Source(by=adam)).take_in({1: {"code": "K", "name": "Key", "description": TABLE}})
    assert Article.get_by_id(article.id).body == "Ask."
    assert Product.select().count() == 0


@timed
def test_what_lies_in_the_database_from_before_is_cheap(sign_in: SignIn, ada: Person, ben: Person) -> None:
    """Its page, its search documents, its preview."""
    lesson = Experience.create(author=ada, kind_of="suggestion", title="Keys", action="Ask.")
    Experience.update(action=TABLE, lesson=DEFINITIONS).where(Experience.id == lesson.id).execute()
    SearchOutbox.note("experience", [lesson.id])
    assert seconds(searcher.here().feed.step) < 2
    client = sign_in(ada)
    answers = []
    assert seconds(lambda: answers.append(client.get(f"/experiences/{lesson.id}"))) < 2
    assert answers[0].status_code == 200
    assert "|a|a|a" in answers[0].text
    preview = client.post("/preview", data={"body": TABLE})
    assert preview.status_code == 200
    assert len(preview.text) < 2 * len(TABLE) + 40_000


def test_what_was_kept_from_before_stays_while_the_rest_is_edited(ada: Person, adam: Person) -> None:
    product = Product.add(by=adam, code="K", name="Key")
    Product.update(description=TABLE).where(Product.id == product.id).execute()
    product.fresh().edit(by=adam, name="A key", description=TABLE)
    assert product.fresh().name == "A key"
