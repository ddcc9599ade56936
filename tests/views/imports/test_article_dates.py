"""Days of articles go out and come back: from when they are read, and until when they are found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from portal import clock
from portal.models.knowledge.articles import Article
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.people.needs import needs
from portal.models.work.clocks import Clock
from portal.tables import handbook
from tests.clocks import advance
from tests.company import Company
from tests.views.imports.test_knowledge_round_trip import exported, table, topic, undone
from tests.views.imports.test_round_trip import bring, browser, run

HEAD = ["标题", "正文", "主题", "状态", "生效日期", "失效日期"]


@pytest.fixture
def open_company(company: Company) -> Iterator[Company]:
    """The demo company, as it was before each test."""
    yield company
    company.restore()


def in_days(many: int) -> date:
    return clock.today() + timedelta(days=many)


def rows(*days: tuple[int | None, int | None], state: str = "") -> str:
    told = [[str(in_days(day)) if day is not None else "" for day in both] for both in days]
    lines = [[f"费率{n}", "一句话说清楚。", topic().name, state, *both] for n, both in enumerate(told)]
    return table([HEAD, *lines])


def gone_on() -> None:
    """The demo company has more waiting than one round takes."""
    for _ in range(3):
        advance()


def running(article: Article) -> set[str]:
    mine = (Clock.subject_kind == "article") & (Clock.subject == article.id) & Clock.stopped_at.is_null()
    return {each.what for each in Clock.select().where(mine)}


def test_what_comes_with_its_days_is_read_from_one_and_found_until_the_other(open_company: Company) -> None:
    client = browser(open_company, "wang")
    made = bring(client, rows((3, 10), (None, 5), (-2, None)))
    assert made.problems == []
    run(client, made)
    later, now, old = (Article.get(Article.title == f"费率{n}") for n in range(3))
    assert [each.state for each in (later, now, old)] == ["draft", "published", "published"]
    assert (later.publish_on, later.ends_on, now.ends_on) == (in_days(3), in_days(10), in_days(5))
    assert [running(each) for each in (later, now, old)] == [{"publication"}, {"end"}, set()]
    seller = browser(open_company, "chen")
    assert seller.get(later.url).status_code == 404
    with clock.moved(clock.start_of(in_days(3)) + timedelta(minutes=1)):
        gone_on()
        assert later.fresh().state == "published"
        assert seller.get(later.url).status_code == 200
    with clock.moved(clock.start_of(in_days(6)) + timedelta(minutes=1)):
        gone_on()
        assert [each.fresh().state for each in (later, now, old)] == ["published", "archived", "published"]
        assert now.fresh().ended_at is not None


def test_an_import_that_is_undone_takes_its_days_along(open_company: Company) -> None:
    client = browser(open_company, "wang")
    made = bring(client, rows((3, 10), (None, 5)))
    run(client, made)
    waiting = Clock.what.in_(["publication", "end"]) & Clock.stopped_at.is_null()
    before = Clock.select().where(waiting).count()
    assert undone(client, made.fresh()).counts["undone"] == {"removed": 2}
    assert Clock.select().where(waiting).count() == before - 2


def test_days_that_leave_no_time_are_refused_by_name(open_company: Company) -> None:
    for state in ("", "草稿"):
        made = bring(browser(open_company, "wang"), rows((5, 3), (None, -1), state=state))
        assert made.report["counts"]["rejected"] == 2


def test_a_changed_last_day_is_an_edit_and_is_put_back(open_company: Company) -> None:
    client = browser(open_company, "wang")
    run(client, bring(client, rows((None, 5))))
    article = Article.get(Article.title == "费率0")
    made = bring(
        client, table([["标题", "失效日期", "生效日期"], ["费率0", str(in_days(9)), str(in_days(4))]])
    )
    assert made.report["counts"]["updated"] == 1
    run(client, made)
    now = article.fresh()
    assert (now.ends_on, now.state, now.publish_on) == (in_days(9), "published", None)
    over = bring(client, table([["标题", "失效日期"], ["费率0", str(in_days(-1))]]))
    assert over.report["counts"]["rejected"] == 1
    undone(client, made.fresh())
    assert article.fresh().ends_on == in_days(5)


def days_of(title: str, begins: int | None, ends: int | None) -> str:
    told = [str(in_days(day)) if day is not None else "" for day in (begins, ends)]
    return table([["标题", "生效日期", "失效日期"], [title, *told]])


@pytest.mark.parametrize("days", [(None, 3), (12, None), (-3, None), (0, None), (7, 6)])
def test_what_waits_for_its_day_goes_on_waiting_or_the_row_is_refused_by_name(
    open_company: Company, days: tuple[int | None, int | None]
) -> None:
    client = browser(open_company, "wang")
    run(client, bring(client, rows((5, 10))))
    made = bring(client, days_of("费率0", *days))
    assert (made.report["counts"]["updated"], made.report["counts"]["rejected"]) == (0, 1)
    article = Article.get(Article.title == "费率0")
    assert (article.scheduled_number, article.publish_on, article.ends_on) == (1, in_days(5), in_days(10))


def test_another_day_to_come_of_what_waits_is_brought_in_and_put_back(open_company: Company) -> None:
    client = browser(open_company, "wang")
    run(client, bring(client, rows((5, 10))))
    made = bring(client, days_of("费率0", 7, 9))
    run(client, made)
    article = Article.get(Article.title == "费率0")
    assert (article.publish_on, article.ends_on, running(article)) == (
        in_days(7),
        in_days(9),
        {"publication"},
    )
    undone(client, made.fresh())
    now = article.fresh()
    assert (now.publish_on, now.ends_on, running(now)) == (in_days(5), in_days(10), {"publication"})


@pytest.mark.parametrize("state", ["", "草稿"])
def test_days_that_are_both_over_are_refused(open_company: Company, state: str) -> None:
    made = bring(browser(open_company, "wang"), rows((-9, -4), state=state))
    assert made.report["counts"]["rejected"] == 1


def test_what_is_approved_first_waits_for_its_author_and_keeps_its_day(open_company: Company) -> None:
    TopicRule.choose(topic(), by=open_company.person("zhao"), way="expert")
    client, wang = browser(open_company, "wang"), open_company.person("wang")
    run(client, bring(client, rows((3, None))))
    article = Article.get(Article.title == "费率0")
    assert (article.state, article.scheduled_number, article.publish_on) == ("draft", None, in_days(3))
    assert "费率0" in " ".join(str(need.text) for need in needs(wang))
    with clock.moved(clock.start_of(in_days(4))):
        gone_on()
        assert article.fresh().state == "draft"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_they_go_out_and_come_back_without_a_change(open_company: Company, language: str) -> None:
    article = Article.select().where(Article.state == "published").order_by(Article.id).first()
    article.edit(by=article.author, ends_on=in_days(20))
    client = browser(open_company, "zhao", language)
    text = exported(client, "/articles")
    assert str(in_days(20)) in text
    made = bring(client, text)
    counts = made.report["counts"]
    assert (counts["updated"], counts["created"], counts["rejected"]) == (0, 0, 0)
    archive = client.post("/articles/handbook").content
    found, _notes, _ = handbook.read(archive)
    header, *lines = (line for _number, line in found)
    days = {line[header.index("ends on")] for line in lines}
    assert str(in_days(20)) in days
