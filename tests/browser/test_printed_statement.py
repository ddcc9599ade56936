"""A statement on paper: one page, also with forty lines, in both languages."""

from __future__ import annotations

import re
from datetime import date

import pytest

from portal.models.people.people import Person
from portal.models.sales.deals import Deal
from tests.browser.conftest import OpenPage
from tests.commission import MAY, approved, close, paid


@pytest.mark.parametrize("lines", [0, 40])
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_statement_is_one_page(
    open_page: OpenPage, ada: Person, ben: Person, fin: Person, fiona: Person, locale: str, lines: int
) -> None:
    approved(fin, fiona)
    for number in range(lines):
        paid(ada, "10001.00", date(2026, 5, 1 + number % 28))
    Deal.update(title="田永强一家 · 翠湖花园 118 ㎡ 三居").execute()
    paid(ben, "100.00", date(2026, 5, 1))
    close(MAY, fin)
    ada.edit(by=ada, locale=locale)
    page = open_page(ada, f"/commission/statements/2026-05/{ada.id}")
    assert page.locator("main tbody tr").count() == lines
    sheet = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
