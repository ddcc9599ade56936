"""The language of a page: what the browser asks for, and names and days as each language writes them."""

from __future__ import annotations

from datetime import date

import pytest

from portal import i18n
from portal.models.people.people import Person
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


def test_a_job_title_follows_the_language(sign_in: SignIn, ada: Person) -> None:
    Person.update(title="置业顾问", title_en="Sales Consultant").where(Person.id == ada.id).execute()
    browser = sign_in(ada)
    browser.post("/account/language", data={"locale": "en"})
    assert "<small>Sales Consultant</small>" in browser.get("/").text
    browser.post("/account/language", data={"locale": "zh"})
    assert "<small>置业顾问</small>" in browser.get("/").text
