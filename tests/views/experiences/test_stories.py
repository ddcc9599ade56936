"""S32: a won deal becomes a readable story, without what tells who it was, under its author's name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import clock
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.experiences.experiences import Experience
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person
from portal.models.sales.deals import Deal
from tests.conftest import SignIn

DOUBT = "韦小宝担心学位被占用，电话 13812345678，出价 320 万。"
SAID = "我们请他 5 月 3 日一起去派出所查了户籍。"


@pytest.fixture
def deal(ada: Person) -> Deal:
    customer = Customer.add(by=ada, name="韦小宝", phone="13812345678")
    made = Deal.open(by=ada, title="韦小宝买学区房", customer=customer)
    for hours, text in enumerate((DOUBT, SAID)):
        at = clock.now() - timedelta(hours=2 - hours)
        Interaction.log(customer, by=ada, kind_of="call", text=text, deal=made, at=at)
    made.win(by=ada, amount=320_000_000, on=clock.today())
    return made.fresh()


def test_what_tells_who_it_was_is_struck_out_and_not_taken_over(
    sign_in: SignIn, deal: Deal, ada: Person
) -> None:
    ada.write(locale="zh")
    browser = sign_in(ada)
    path = f"/deals/{deal.id}/story"
    assert path in browser.get(deal.url).text
    page = browser.get(path).text
    for struck in ("韦小宝", "13812345678", "320 万", "5 月 3 日"):
        assert f"<del>{struck}</del>" in page
    assert "担心学位被占用" in page
    answer = browser.post(path)
    story = Article.get()
    assert (answer.status_code, answer.headers["location"]) == (303, f"{story.url}/edit")
    assert (story.state, story.author) == ("draft", ada)
    text = story.title + story.body
    assert not [each for each in ("韦小宝", "小宝", "13812345678", "320", "5 月", "3 日") if each in text]
    assert "担心学位被占用" in text
    assert "派出所查了户籍" in text
    assert text.index("## 他们的顾虑") < text.index("担心学位被占用") < text.index("## 我们做了什么")
    assert "不写姓名" not in text


def test_begun_again_it_is_the_one_begun_before(sign_in: SignIn, deal: Deal, ada: Person) -> None:
    browser = sign_in(ada)
    first = browser.post(f"/deals/{deal.id}/story").headers["location"]
    Article.get().edit(by=ada, body="In my own words.")
    assert browser.post(f"/deals/{deal.id}/story").headers["location"] == first
    assert "Open the draft" in browser.get(f"/deals/{deal.id}/story").text
    assert (Article.select().count(), Article.get().body) == (1, "In my own words.")


def test_only_who_worked_on_a_won_deal_tells_its_story(
    sign_in: SignIn, deal: Deal, ada: Person, ben: Person, mona: Person
) -> None:
    path = f"/deals/{deal.id}/story"
    for other in (ben, mona):
        browser = sign_in(other)
        assert path not in browser.get(deal.url).text
        assert browser.get(path).status_code == browser.post(path).status_code == 403
    open_still = Deal.open(by=ada, title="另一套", customer=deal.customer)
    assert sign_in(ada).get(f"/deals/{open_still.id}/story").status_code == 403


@pytest.mark.parametrize("state", ["submitted", "revision"])
def test_no_story_tells_who_wrote_a_debrief_that_is_read_blind(
    sign_in: SignIn, deal: Deal, ada: Person, state: str
) -> None:
    made = Experience.begin(by=ada, kind="debrief", deal=deal)
    Experience.update(state=state, first_submitted_at=clock.now()).where(Experience.id == made.id).execute()
    browser = sign_in(ada)
    assert browser.post(f"/deals/{deal.id}/story").headers["location"] == deal.url
    assert "Tell the story once it is decided." in browser.get(deal.url).text
    assert Article.select().count() == 0
