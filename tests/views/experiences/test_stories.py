"""S32: a won deal becomes a readable story, without what tells who it was, under its author's name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from portal import clock
from portal.models.base.record import Event, Invalid
from portal.models.base.undoing import undo
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.experiences import process, stories
from portal.models.experiences.experiences import PARTS, Experience
from portal.models.knowledge import proposals
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person
from portal.models.sales import closings
from portal.models.sales.deals import Deal
from tests.clocks import advance
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
    closings.win(made, by=ada, amount=320_000_000, on=clock.today())
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
    assert "系统不认识的人" in page
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


def told(deal: Deal, by: Person, topic: Topic) -> Article:
    """The story of a deal, with all that it needs to be published."""
    story = stories.begin(deal, by=by)
    story.edit(by=by, body="Ask first whether the school place is free.", topics=[topic])
    return story.fresh()


def handed_in(deal: Deal, by: Person, topic: Topic) -> Experience:
    made = Experience.begin(by=by, kind="debrief", deal=deal)
    parts: dict[str, Any] = {part: f"{part} in words of its own. " * 8 for part in PARTS}
    made.save_draft(by=by, title="Ask before", topics=[topic], **parts)
    process.submit(made, by=by, duplicate_checked=True)
    return made


def test_a_story_begun_before_waits_for_the_debrief_however_it_would_be_published(
    sign_in: SignIn, deal: Deal, ada: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    """RULES 4.2: nothing that a reviewer opens tells the author."""
    story = told(deal, ada, schools)
    made = handed_in(deal, ada, schools)
    browser = sign_in(ada)
    browser.post(f"/articles/{story.id}/publication")
    assert "Tell the story once it is decided." in browser.get(story.url).text
    with pytest.raises(Invalid, match="once it is decided"):
        proposals.publish(story.fresh(), by=ada)
    story.fresh().edit(by=ada, publish_on=clock.today() + timedelta(days=1))
    with pytest.raises(Invalid, match="once it is decided"):
        story.fresh().publish(by=ada)
    assert (story.fresh().state, story.fresh().scheduled_number) == ("draft", None)
    assert "Tell the story once it is decided." in browser.get(f"/deals/{deal.id}/story").text
    Experience.update(state="accepted").where(Experience.id == made.id).execute()
    story.fresh().edit(by=ada, publish_on=None)
    story.fresh().publish(by=ada)
    assert story.fresh().state == "published"


def test_on_its_day_a_story_waits_for_the_debrief_handed_in_meanwhile(
    deal: Deal, ada: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    story = told(deal, ada, schools)
    story.edit(by=ada, publish_on=clock.today() + timedelta(days=1))
    story.fresh().publish(by=ada)
    assert story.fresh().scheduled_number is not None
    handed_in(deal, ada, schools)
    with clock.moved(clock.now() + timedelta(days=2)):
        advance()
    assert (story.fresh().state, story.fresh().scheduled_number) == ("draft", None)


def test_what_is_told_already_is_put_away_before_its_debrief_is_judged(
    sign_in: SignIn, deal: Deal, ada: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    story = told(deal, ada, schools)
    story.publish(by=ada)
    with pytest.raises(Invalid, match="reviewers find you by it"):
        handed_in(deal, ada, schools)
    story.fresh().archive(by=ada)
    made = Experience.get()
    process.submit(made, by=ada, duplicate_checked=True)
    assert made.fresh().state == "submitted"
    assert sign_in(rita).get(story.url).status_code == 404
    with pytest.raises(Invalid, match="once it is decided"):
        story.fresh().restore(by=ada)
    archived = next(each for each in Event.about(story) if each.verb == "archived")
    with pytest.raises(Invalid, match="once it is decided"):
        undo(archived, by=ada)
    Experience.update(state="accepted").where(Experience.id == made.id).execute()
    assert story.fresh().restore(by=ada)
    assert sign_in(rita).get(story.url).status_code == 200


def test_what_came_first_is_told_too_and_what_is_too_much_is_named(
    sign_in: SignIn, deal: Deal, ada: Person
) -> None:
    """Sixty conversations are told, the last ones."""
    customer = Customer.get()
    for number in range(20):
        text = f"Turn {'abcdefghijklmnopqrst'[number]}."
        at = clock.now() - timedelta(minutes=30 - number)
        Interaction.log(customer, by=ada, kind_of="call", text=text, deal=deal, at=at)
    found, left_out = stories.passages(deal, by=ada)
    assert ("学位被占用" in str(found[0].parts), len(found), left_out) == (True, 22, 0)
    page = sign_in(ada).get(f"/deals/{deal.id}/story").text
    assert "oldest" not in page
    for number in range(40):
        at = clock.now() - timedelta(seconds=60 - number)
        Interaction.log(customer, by=ada, kind_of="call", text="On and on.", deal=deal, at=at)
    found, left_out = stories.passages(deal, by=ada)
    assert (len(found), left_out) == (60, 2)
    page = sign_in(ada).get(f"/deals/{deal.id}/story").text
    assert "The 2 oldest conversations are not in it: look at the deal." in page
