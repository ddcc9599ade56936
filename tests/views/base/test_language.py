"""The language of a page: what the browser asks for, and names and days as each language writes them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from portal import i18n
from portal.models.people.people import Person
from portal.settings import ROOT
from tests.client import Client
from tests.conftest import SignIn


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("zh-TW,zh;q=0.9,en;q=0.8", "登录"),
        ("zh-HK", "登录"),
        ("zh-Hant-HK,en", "登录"),
        ("ja,zh-TW;q=0.5", "登录"),
        ("en-US,en,zh;q=0.3", "Sign in"),
        ("de-DE,fr", "Sign in"),
    ],
)
def test_any_chinese_browser_gets_the_chinese_portal(client: Client, asked: str, title: str) -> None:
    assert f"<title>{title} " in client.get("/sign-in", headers={"Accept-Language": asked}).text


def test_a_day_in_full_keeps_han_and_digits_apart() -> None:
    with i18n.speaking("zh"):
        assert i18n.long_day(date(2026, 5, 12)) == "2026 年 5 月 12 日 星期二"
    with i18n.speaking("en"):
        assert i18n.long_day(date(2026, 5, 12)) == "Tuesday, May 12, 2026"


def test_a_half_is_rounded_up_in_every_percentage() -> None:
    """5 of 8 accepted are 63 %, where Python's own way, to the even one of both, says 62."""
    assert [i18n.number(each, 0) for each in (62.5, 63.5, 62.49, -62.5)] == ["63", "64", "62", "-63"]
    assert (i18n.number(1_234.25, 1), i18n.number(2.675, 2)) == ("1,234.3", "2.68")
    assert (i18n.percent(5 / 8, 0), i18n.percent(Decimal("0.00125"), 2)) == ("63%", "0.13%")
    by_hand = re.compile(r"\|round[^}]*\}\}\s*%|:\.[01]f\}\s*%")
    sources = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "portal" / "views").rglob("*.py")]
    assert not [path for path in sources if by_hand.search(path.read_text())]


def test_a_job_title_follows_the_language(sign_in: SignIn, ada: Person) -> None:
    Person.update(title="置业顾问", title_en="Sales Consultant").where(Person.id == ada.id).execute()
    browser = sign_in(ada)
    browser.post("/account/language", data={"locale": "en"})
    assert "<small>Sales Consultant</small>" in browser.get("/").text
    browser.post("/account/language", data={"locale": "zh"})
    assert "<small>置业顾问</small>" in browser.get("/").text
