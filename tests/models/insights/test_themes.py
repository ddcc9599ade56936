"""The themes of a month: why deals were won and lost, with what was learnt, of what a reader opens (S10)."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from portal.clock import Month
from portal.models.customers.rights import choose
from portal.models.experiences.reviews import Acceptance
from portal.models.insights.themes import Themes
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person
from portal.models.sales import closings
from portal.models.sales.close_reasons import CloseReason
from portal.models.sales.deals import Deal
from portal.models.sales.words import Stage
from tests.commission import lesson, noon, revoke
from tests.conftest import SignIn
from tests.counting import MOST, queries

MAY, JUNE = Month(2026, 5), Month(2026, 6)


def closed(
    owner: Person, month: Month, *reasons: CloseReason, stage: str = "lost", competitor: str = ""
) -> Deal:
    """A deal that ended in the middle of a month for these reasons."""
    facts = {"stage": stage, "closed_on": month.first_day.replace(day=15), "competitor": competitor}
    made: Deal = Deal.create(owner=owner, title="A deal", amount=100, **facts)
    made.keep_reasons(reasons)
    return made


class Told:
    """Lost in May: 4 for the price of 5 that say why; in June 3 for the price and 5 for the place of 6, and
    one of which nobody said why; won in June: one for trust.
    """

    def __init__(self, ada: Person, ben: Person) -> None:
        self.price = CloseReason.create(name="价格", name_en="Price", position=1)
        self.place = CloseReason.create(name="位置", name_en="Place", position=2)
        self.trust = CloseReason.create(name="信任", name_en="Trust", position=3)
        for _ in range(4):
            closed(ada, MAY, self.price, competitor="Old & Co")
        closed(ben, MAY, self.place)
        self.both = [closed(ada, JUNE, self.price, self.place, competitor="Acme") for _ in range(2)]
        closed(ben, JUNE, self.price, competitor="Other")
        for _ in range(3):
            closed(ben, JUNE, self.place)
        self.unsaid = closed(ada, JUNE)
        self.won = closed(ada, JUNE, self.trust, stage="won", competitor="Acme")


@pytest.fixture
def told(ada: Person, ben: Person) -> Told:
    return Told(ada, ben)


def shown(themes: Themes) -> list[tuple[str, int, int, float | None, float | None]]:
    rows = [(each.reason.name_en, each.n, each.before, each.share, each.change) for each in themes.themes]
    return [
        (name, n, then, share and round(share, 1), by and round(by, 1)) for name, n, then, share, by in rows
    ]


def test_each_reason_has_its_share_of_those_that_say_why_and_its_change(ada: Person, told: Told) -> None:
    """5 of 6 is 83.3, 3 of 6 is 50; in May it was 1 of 5, 20, and 4 of 5, 80."""
    june = Themes(ada, Stage.LOST, JUNE)
    assert (june.closed.n, june.closed.said, june.closed.unsaid, june.closed.is_small) == (7, 6, 1, False)
    assert shown(june) == [("Place", 5, 1, 83.3, 63.3), ("Price", 3, 4, 50.0, -30.0)]
    assert june.competitor == ("Acme", 2)


def test_of_few_no_share_is_told_and_no_change_to_few(ada: Person, told: Told) -> None:
    won = Themes(ada, Stage.WON, JUNE)
    assert (won.closed.n, won.closed.is_small, won.competitor) == (1, True, None)
    assert shown(won) == [("Trust", 1, 0, None, None)]
    may = Themes(ada, Stage.LOST, MAY)
    assert shown(may) == [("Price", 4, 0, 80.0, None), ("Place", 1, 0, 20.0, None)]


def test_archived_deals_count_and_reopened_ones_do_not(ada: Person, mona: Person, told: Told) -> None:
    told.both[0].archive(by=ada)
    assert Themes(ada, Stage.LOST, JUNE).closed.n == 7
    closings.reopen(told.both[1], by=mona)
    assert Themes(ada, Stage.LOST, JUNE).closed.n == 6
    assert shown(Themes(ada, Stage.LOST, JUNE))[0][:2] == ("Place", 4)


def test_by_need_a_reader_counts_their_own_alone(
    ada: Person, ben: Person, mona: Person, adam: Person, told: Told, sign_in: SignIn
) -> None:
    choose(by=adam, need=True, full={"customer": [], "deal": []})
    assert shown(Themes(ada, Stage.LOST, JUNE)) == [("Price", 2, 4, None, None), ("Place", 2, 0, None, None)]
    assert Themes(mona, Stage.LOST, JUNE).closed.n == 7
    page = sign_in(ben).get(f"/themes/2026-06/lost/{told.price.id}").text
    assert len(re.findall(r'class="row-link"', page)) == 1


def test_what_was_learnt_is_of_accepted_debriefs_alone(
    ada: Person, ben: Person, mona: Person, told: Told, sign_in: SignIn
) -> None:
    said = {}
    for name, deal, at in (
        ("in", told.both[0], True),
        ("review", told.both[1], False),
        ("won", told.won, True),
    ):
        accepted = noon(date(2026, 6, 20)) if at else None
        said[name] = lesson(ada, noon(date(2026, 6, 16)), accepted)
        said[name].deal = deal
        said[name].save()
    articles = {}
    for name in ("in", "won"):
        facts = {"state": "published", "published_at": noon(date(2026, 6, 20))}
        articles[name] = Article.create(title=name, slug=name, author=ada, **facts)
        Acceptance.update(article=articles[name]).where(Acceptance.experience == said[name]).execute()
    kept = articles["in"]
    assert Themes(ben, Stage.LOST, JUNE).lessons == [kept]
    pages = [f"/themes/2026-06/lost/{told.price.id}", "/themes?month=2026-06&stage=lost"]
    for page in pages:
        assert kept.url in sign_in(ben).get(page).text
    assert kept.url not in sign_in(ben).get("/themes?month=2026-05&stage=lost").text
    revoke(said["in"], "false", mona, noon(date(2026, 6, 25)))
    assert Themes(ben, Stage.LOST, JUNE).lessons == []


def test_the_page_tells_it_and_each_reason_opens_its_deals(ada: Person, told: Told, sign_in: SignIn) -> None:
    browser = sign_in(ada)
    with queries() as asked:
        page = browser.get("/themes?month=2026-06&stage=lost").text
    assert len(asked) <= MOST, "\n".join(asked)
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "7 deals that you may open ended so in this month; of 6 somebody said why." in text
    assert "Acme (2)" in text
    assert "Place 5 83.3 1 +63.3" in text
    assert "Price 3 50.0 4 −30.0" in text
    assert f"/themes/2026-06/lost/{told.place.id}" in page
    with queries() as asked:
        rows = browser.get(f"/themes/2026-06/lost/{told.place.id}").text
    assert len(asked) <= MOST, "\n".join(asked)
    assert rows.count('class="row-link"') == 5
    assert told.unsaid.url in browser.get("/themes/2026-06/lost/0").text
    few = browser.get("/themes?month=2026-06&stage=won").text
    assert "Under 5 deals no share is told" in few
    assert "Acme" not in few


def test_behind_a_won_reason_every_page_and_sort_is_of_won_deals_and_leads_back(
    ada: Person, told: Told, sign_in: SignIn
) -> None:
    for _ in range(50):
        closed(ada, JUNE, told.trust, stage="won")
    closed(ada, JUNE, told.trust)  # the same reason, of a lost deal
    browser, seen = sign_in(ada), set[str]()
    first = browser.get(f"/themes/2026-06/won/{told.trust.id}").text
    links = {unescape(each) for each in re.findall(r'(?:href|hx-get)="([^"]*/themes/[^"]*)"', first)}
    assert {"sort", "after"} <= {name for each in links for name in parse_qs(urlsplit(each).query)}
    for page in [first, *(browser.get(each).text for each in links if "after=" in each)]:
        seen |= set(re.findall(r'class="row-link" href="([^"]+)"', page))
    assert len(seen) == 51
    assert "Won · June 2026" in browser.get(next(each for each in links if "sort=" in each)).text
    assert 'href="/themes?month=2026-06&amp;stage=won"' in first


def test_a_month_or_reason_that_is_not_there(ada: Person, told: Told, sign_in: SignIn) -> None:
    browser = sign_in(ada)
    for path in (
        "/themes?month=2999-01",
        "/themes/2026-06/lost/999999",
        "/themes/2026-13/won/0",
        "/themes/2026-06/lead/0",
    ):
        assert browser.get(path).status_code == 404, path
    assert browser.get("/themes?stage=lead").status_code == 200
