"""The closed loop of what is asked: at once, put to experts, come back as knowledge (RULES 4.6, S39)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

import pytest

from portal import clock
from portal.clock import Month
from portal.models.company import contact_groups
from portal.models.company.departments import Department
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.company.words import CONTACT_GROUPS
from portal.models.insights.effect import Conclusion
from portal.models.insights.loop import Loop, LoopCell
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Answer, Question
from portal.models.knowledge.routing import Routing
from portal.models.people.people import Person, Role
from portal.models.products.products import Product
from tests.commission import noon
from tests.conftest import SignIn, person
from tests.counting import MOST, queries

LATE = noon(date(2026, 7, 20))
"""A Monday: the months until June are over for more than a week."""
TUESDAY = clock.start_of(date(2026, 6, 9)) + timedelta(hours=10)
"""Ten in the morning of a working day."""


@pytest.fixture(autouse=True)
def late(ada: Person) -> Iterator[None]:
    with clock.moved(LATE):
        yield


@pytest.fixture
def six(ada: Person) -> dict[str, list[Person]]:
    """Three people in each of the six groups."""
    found = {}
    for name in CONTACT_GROUPS:
        department = Department.create(name=f"D {name}", name_en=f"D {name}")
        found[name] = [person(f"{name}{n}", department=department) for n in range(3)]
        Setting.choose(f"contact.{name}", [department.id], by=None)
    return found


@pytest.fixture
def crowd(ada: Person) -> list[Person]:
    """Enough for a number to tell nobody's."""
    return [person(f"Crowd{n}", department=ada.department) for n in range(4)]


def ask(
    asker: Person,
    answerer: Person | None = None,
    *,
    at: datetime = TUESDAY,
    minutes: int = 30,
    routed: bool = False,
    article: Article | None = None,
    **facts: Any,
) -> Question:
    """A question that is answered so many minutes later, or is not."""
    with clock.moved(at):
        question = Question.ask(by=asker, text="Is it quiet there?", **facts)
        if routed:
            Routing.create(question=question, since=at)
    if answerer is not None:
        with clock.moved(at + timedelta(minutes=minutes)):
            question.answer(by=answerer, text="Yes, very.", article=article)
    return question


def whole(viewer: Person) -> LoopCell:
    return Loop(viewer).whole


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def cells(html: str, table: str, line: str) -> list[str]:
    """What a table says of a line, cell by cell."""
    found = re.search(rf'id="{table}-table".*?</table>', html, re.DOTALL)
    assert found
    row = next(row for row in re.findall(r"<tr>.*?</tr>", found[0], re.DOTALL) if line in row)
    return [words(cell) for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)]


class TestSeed:
    """100 questions: 75 at once, 25 to experts, whose answers all become articles: the story of GE."""

    @pytest.fixture(autouse=True)
    def questions(self, six: dict[str, list[Person]], mona: Person) -> None:
        everyone = [each for people in six.values() for each in people]
        topic = Topic.create(name="环境", name_en="Surroundings")
        piece = Article.add(by=mona, title="Quiet", body="It is quiet.", published=True, topics=[topic])
        for n in range(100):
            asker, answerer = everyone[n % 18], everyone[(n + 1) % 18]
            late: dict[str, Any] = {"routed": True, "article": piece, "minutes": 120} if n >= 75 else {}
            ask(asker, answerer, **late)

    def test_the_numbers(self, mona: Person) -> None:
        cell = whole(mona)
        assert (cell.n, cell.routed) == (100, 25)
        assert cell.at_once == (75, 100)
        assert cell.at_once.rate == 75
        # by hand: (0.75 + 0.0192) / 1.0384 ± 1.96 / 1.0384 * sqrt(0.75 * 0.25 / 100 + 0.0000960)
        assert cell.at_once.interval == pytest.approx((65.7, 82.5), abs=0.05)
        assert cell.returned == (25, 25)
        # by hand: 25 / (25 + 1.96²)
        assert cell.returned.interval == pytest.approx((86.7, 100), abs=0.05)
        assert cell.first_after == 0.5

    def test_six_groups_contribute(self, mona: Person) -> None:
        groups = Loop(mona).by_group
        assert list(groups) == list(CONTACT_GROUPS)
        # 100 answers over 18 people in turn: five full rounds and ten more, of which the first is skipped
        assert [len(cell.given) for cell in groups.values()] == [17, 18, 18, 17, 15, 15]
        assert [cell.n for cell in groups.values()] == [18, 18, 18, 16, 15, 15]
        assert sum(len(cell.articles) for cell in groups.values()) == 25
        # by hand, 17 of 100: (0.17 + 0.0192) / 1.0384 ± 1.96 / 1.0384 * sqrt(0.17 * 0.83 / 100 + 0.0000960)
        assert groups["service"].contribution.interval == pytest.approx((10.9, 25.5), abs=0.06)

    def test_the_page_says_it(self, mona: Person, sign_in: SignIn) -> None:
        html = sign_in(mona).get("/loop").text
        text = words(html)
        assert "75% 75 of 100 settled · 95 % interval 65.7–82.5" in text
        assert "100% 25 of 25 solved by experts · 95 % interval 86.7–100.0 · target 100 %" in text
        june = cells(html, "month", "June 2026")
        assert june[1:4] == ["100", "75% 75 / 100 · 65.7–82.5", "25"]
        assert june[5] == "0.5 h"
        assert cells(html, "group", "Customer service")[4] == "17"

    def test_each_number_opens_its_list(self, mona: Person, sign_in: SignIn) -> None:
        browser = sign_in(mona)
        html = browser.get("/loop").text
        links = sorted({unescape(each) for each in re.findall(r'href="(/loop/questions/[^"]*)"', html)})
        assert {each.split("/")[3] for each in links} == {
            "all", "month", "topic", "product", "group", "given", "articles",
        }  # fmt: skip
        for link in links:
            assert browser.get(link).status_code == 200, link
        assert browser.get("/loop/questions/given/service").text.count("row-link") == 17
        assert browser.get("/loop/questions/month/2026-06?show=routed").text.count("row-link") == 25
        assert browser.get("/loop/questions/month/2026-06?show=missing").text.count("row-link") == 0

    def test_in_chinese(self, mona: Person, sign_in: SignIn) -> None:
        Person.update(locale="zh").where(Person.id == mona.id).execute()
        text = words(sign_in(mona).get("/loop").text)
        assert "当场解答" in text
        assert "客户服务" in text

    def test_it_asks_little(self, mona: Person, sign_in: SignIn) -> None:
        browser = sign_in(mona)
        browser.get("/loop")
        with queries() as asked:
            browser.get("/loop")
        assert len(asked) <= MOST, asked
        with queries() as asked:
            browser.get("/loop/questions/group/service?show=once")
        assert len(asked) <= MOST, asked


class TestWhatCounts:
    def test_an_hour_and_no_longer(self, ada: Person, ben: Person, mona: Person) -> None:
        ask(ada, ben, minutes=60)
        ask(ada, ben, minutes=61)
        assert whole(mona).at_once == (1, 2)

    def test_the_night_is_no_working_time(self, ada: Person, ben: Person, mona: Person) -> None:
        """Half an hour before the company closes, and half an hour after it opens: an hour."""
        closes, opens = Setting.read("ask.closes"), Setting.read("ask.opens")
        asked_at = clock.start_of(date(2026, 6, 9)) + timedelta(hours=closes, minutes=-30)
        answered_at = clock.start_of(date(2026, 6, 10)) + timedelta(hours=opens, minutes=30)
        ask(ada, ben, at=asked_at, minutes=int((answered_at - asked_at).total_seconds() // 60))
        assert whole(mona).first_after == 1.0
        assert whole(mona).at_once == (1, 1)

    def test_a_later_answer_that_is_the_best_instead(self, ada: Person, ben: Person, mona: Person) -> None:
        first = ask(ada, ben)
        with clock.moved(TUESDAY + timedelta(hours=3)):
            better = first.answer(by=mona, text="No, there is a school.")
        assert whole(mona).at_once == (1, 1)
        with clock.moved(TUESDAY + timedelta(hours=4)):
            first.choose_best(better, by=ada)
        assert whole(mona).at_once == (0, 1)
        assert whole(mona).best_after == 4.0

    def test_what_is_written_down_is_no_question(self, ada: Person, ben: Person, mona: Person) -> None:
        """Else the rate rises with each doubt that somebody writes down with its answer."""
        ask(ada, ada)
        ask(ada, ben, minutes=600)
        assert whole(mona).at_once == (0, 1)
        assert whole(mona).n == 2

    def test_of_who_stays_unnamed_it_is_not_said(self, ada: Person, mona: Person) -> None:
        """Were it left out, the list would tell that who answered had asked."""
        ask(ada, ada, is_anonymous=True)
        assert whole(mona).at_once == (1, 1)
        assert [cell.n for cell in Loop(mona).by_group.values()] == [0]

    def test_putting_away_raises_no_number(self, ada: Person, ben: Person, mona: Person) -> None:
        ask(ada, ben)
        slow = ask(ada, ben, routed=True)
        slow.archive(by=ada)
        assert whole(mona).at_once == (1, 2)

    def test_a_draft_has_not_come_back(self, ada: Person, ben: Person, mona: Person) -> None:
        question = ask(ada, ben, routed=True)
        answer = Answer.get(Answer.question == question)
        made = answer.draft_article(by=ben)
        assert whole(mona).returned == (0, 1)
        Article.update(state="published", published_at=LATE).where(Article.id == made.id).execute()
        assert whole(mona).returned == (1, 1)
        assert whole(mona).part("missing") == []

    def test_what_nobody_answered_is_not_settled(self, ada: Person, mona: Person) -> None:
        ask(ada, routed=True)
        cell = whole(mona)
        assert (cell.n, cell.routed, cell.at_once, cell.returned) == (1, 1, (0, 0), (0, 0))
        assert cell.first_after is None


class TestWhoIsTold:
    @pytest.mark.parametrize("role", [Role.REVIEWER, Role.ADMINISTRATOR, Role.AUDITOR, Role.MANAGER])
    def test_who_answers_for_it(self, ada: Person, sign_in: SignIn, role: Role) -> None:
        assert sign_in(ada).get("/loop").status_code == 403
        assert sign_in(ada).get("/loop/questions/all/all").status_code == 403
        assert "/loop" not in sign_in(ada).get("/effect").text
        assert "/loop" not in sign_in(ada).get("/questions").text
        ada.grant(role, by=None)
        assert sign_in(ada).get("/loop").status_code == 200
        assert 'href="/loop"' in sign_in(ada).get("/effect").text
        assert 'href="/loop"' in sign_in(ada).get("/questions").text

    def test_one_person_is_not_told(self, crowd: list[Person], ada: Person, sign_in: SignIn) -> None:
        """What one colleague alone answered, and what could be taken from the sum to know it."""
        auditor = person("Aud")
        auditor.grant(Role.AUDITOR, by=None)
        alone, shared, large = (Product.create(code=code, name=code) for code in ("P-1", "P-2", "P-3"))
        ask(ada, crowd[0], product=alone)
        for one in crowd:
            ask(ada, one, product=shared)
        for one in crowd * 2:
            ask(ada, one, product=large)
        loop = Loop(auditor)
        assert loop.hidden(loop.by_product) == {alone.id, shared.id}
        browser = sign_in(auditor)
        assert cells(browser.get("/loop").text, "product", "P-1")[1:3] == ["Too few people", "—"]
        assert browser.get(f"/loop/questions/product/{alone.id}").status_code == 403
        assert browser.get(f"/loop/questions/product/{shared.id}?show=once").status_code == 403
        assert browser.get(f"/loop/questions/product/{large.id}").status_code == 200

    def test_nothing_is_told_of_two(self, ada: Person, ben: Person, sign_in: SignIn) -> None:
        auditor = person("Aud")
        auditor.grant(Role.AUDITOR, by=None)
        ask(ada, ben)
        assert "Too few people answered so far" in sign_in(auditor).get("/loop").text
        assert sign_in(auditor).get("/loop/questions/all/all?show=once").status_code == 403

    def test_what_is_no_line(self, mona: Person, sign_in: SignIn) -> None:
        for path in ("x/1", "month/2020-01", "month/x", "topic/999", "group/x", "given/x", "all/1"):
            assert sign_in(mona).get(f"/loop/questions/{path}").status_code == 404, path


class TestGroups:
    def test_none_chosen_is_one(self, ada: Person, ben: Person, mona: Person) -> None:
        ask(ada, ben)
        assert [(key, len(cell.given)) for key, cell in Loop(mona).by_group.items()] == [("all", 1)]

    def test_below_goes_with_it_unless_placed_itself(self, ada: Person, adam: Person) -> None:
        below = Department.create(name="B", parent=ada.department)
        apart = Department.create(name="C", parent=ada.department)
        other = Department.create(name="D")
        groups: dict[str, Any] = dict.fromkeys(CONTACT_GROUPS, ())
        contact_groups.choose(by=adam, **groups | {"sales": [ada.department], "repair": [apart]})
        found = contact_groups.groups_of_departments()
        assert {each.id: found.get(each.id) for each in (below, apart, other)} == {
            below.id: "sales", apart.id: "repair", other.id: None,
        }  # fmt: skip

    def test_a_department_stands_in_one(self, adam: Person, ada: Person, sign_in: SignIn) -> None:
        ident = str(ada.department_id)
        answer = sign_in(adam).post("/loop/groups", data={"sales": ident, "repair": ident})
        assert answer.status_code == 422
        assert "stands in another group already" in answer.text
        assert sign_in(adam).post("/loop/groups", data={"repair": ident}).status_code == 303
        assert Setting.read("contact.repair") == [ada.department_id]
        assert "Contact group: repair: " in sign_in(adam).get("/loop/groups").text


class TestChange:
    def test_a_difference_of_two_months(self, crowd: list[Person], ada: Person, mona: Person) -> None:
        """10 of 20, then 18 of 20: p = 0.0058 by hand (z = 0.4 / sqrt(0.7 * 0.3 * 0.1) = 2.76)."""
        for n in range(20):
            ask(ada, crowd[n % 4], at=TUESDAY - timedelta(days=28), minutes=30 if n < 10 else 120)
            ask(ada, crowd[n % 4], minutes=30 if n < 18 else 120)
        loop = Loop(mona)
        assert [month for month, _ in loop.compared] == [Month(2026, 5), Month(2026, 6)]
        assert loop.p == pytest.approx(0.0058, abs=0.0001)
        assert loop.finding == Conclusion.RISE
        with clock.moved(noon(date(2026, 7, 3))):
            assert Loop(mona).finding == Conclusion.EARLY

    def test_chance_is_said(self, crowd: list[Person], ada: Person, mona: Person, sign_in: SignIn) -> None:
        for n in range(4):
            ask(ada, crowd[n], at=TUESDAY - timedelta(days=28), minutes=30 if n < 2 else 120)
            ask(ada, crowd[n], minutes=30 if n < 3 else 120)
        assert Loop(mona).finding == Conclusion.UNCERTAIN
        assert "Not yet certain" in words(sign_in(mona).get("/loop").text)


def test_topics_are_told_apart(ada: Person, crowd: list[Person], mona: Person) -> None:
    topic = Topic.create(name="学区", name_en="Schools")
    for one in crowd:
        ask(ada, one, topic=topic)
    ask(ada, crowd[0])
    assert {key: cell.n for key, cell in Loop(mona).by_topic.items()} == {topic.id: 4, None: 1}
