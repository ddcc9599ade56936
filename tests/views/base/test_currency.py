"""Money in whatever currency the company counts in: with no decimals, with two, with three."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from portal import clock, i18n
from portal.models.people.people import Person
from portal.models.sales import closings
from portal.models.sales.deals import Deal
from portal.settings import Settings, read
from portal.tables.cells import BadCell, parse_money
from tests.commission import MAY, approved, close, lesson, noon, paid
from tests.conftest import SignIn


@dataclass(frozen=True)
class Case:
    """A currency, and how a million of it and its commission are written."""

    code: str
    mark: str
    example: str
    statement: str
    payroll: str
    form: str
    refused: str
    units: int
    """Twelve and a half thousand in minor units."""
    left: str


CASES = [
    Case("JPY", "¥", "¥1,000,000", "¥20,500", "20500", "12500", "0.5", 12_500, "¥12,000"),
    Case("USD", "$", "$1,000,000.00", "$20,500.00", "20500.00", "12500.00", "0.125", 12_500_00, "$12,000.00"),
    Case(
        "KWD",
        "KWD",
        "KWD\N{NO-BREAK SPACE}1,000,000.000",
        "KWD\N{NO-BREAK SPACE}20,500.000",
        "20500.000",
        "12500.000",
        "0.1255",
        12_500_000,
        "KWD\N{NO-BREAK SPACE}12,000.000",
    ),
]


@pytest.fixture(params=CASES, ids=lambda case: case.code)
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    yield request.param
    i18n.use_currency("CNY")


@pytest.fixture
def settings(case: Case, database_url: str, tmp_path: Path) -> Settings:
    chosen = read({"PORTAL_CURRENCY": case.code, "PORTAL_DATABASE_URL": database_url})
    return replace(chosen, data=tmp_path, secret="a secret for tests", worker=False)


def test_statements_and_payroll_are_in_the_companys_currency(
    case: Case, fin: Person, fiona: Person, ada: Person, sign_in: SignIn
) -> None:
    policy = approved(fin, fiona)
    paid(ada, "1000000", date(2026, 5, 10))
    for day in (4, 8):
        lesson(ada, noon(date(2026, 5, day)), noon(date(2026, 5, day + 2)))
    close(MAY, fin)
    page = sign_in(ada).get(f"/commission/statements/2026-05/{ada.id}").text
    assert f'<p class="statement-amount">{case.statement}</p>' in page
    rows = sign_in(fiona).post("/commission/periods/2026-05/export").text.splitlines()
    assert rows[1].startswith(f"E001,Ada,2026-05,{case.code},{case.payroll},")
    readings = sign_in(fin).get(policy.url).text
    assert f"On {case.example} of deals, with 2 accepted experiences" in readings
    assert case.statement in readings


def test_a_line_is_rounded_to_the_minor_unit(case: Case, fin: Person, fiona: Person, ada: Person) -> None:
    approved(fin, fiona)
    paid(ada, "123456", date(2026, 5, 10))
    # 123,456 x 2 % = 2,469.12
    expected = {"JPY": 2_469, "USD": 2_469_12, "KWD": 2_469_120}[case.code]
    assert close(MAY, fin).total == expected


def test_forms_read_and_write_the_decimals_of_the_currency(
    case: Case, ada: Person, fin: Person, sign_in: SignIn
) -> None:
    browser = sign_in(ada)
    refused = browser.post("/deals/new", data={"title": "Garage", "amount": case.refused})
    assert refused.status_code == 422
    assert "has more decimals than the currency" in refused.text
    assert re.search(rf"<span[^>]*>{re.escape(case.mark)}</span>", refused.text)
    assert browser.post("/deals/new", data={"title": "Garage", "amount": "12,500"}).status_code == 303
    deal = Deal.get()
    assert deal.amount == case.units
    assert f'value="{case.form}"' in browser.get(f"/deals/{deal.id}/edit").text
    assert f",{case.form}," in browser.post("/deals/export").text
    closings.win(deal, by=ada, amount=case.units, on=clock.today())
    path, sent = f"/deals/{deal.id}/payments/new", {"on": clock.today().isoformat(), "key": "one"}
    assert sign_in(fin).post(path, data=sent | {"amount": "500"}).status_code == 303
    more = sign_in(fin).post(path, data=sent | {"amount": "12500", "key": "two"})
    assert f"That is more than what is still open: {case.left}." in more.text


def test_typed_amounts_may_carry_the_currency(case: Case, settings: Settings) -> None:
    i18n.use_currency(settings.currency)
    for text in (f"{case.mark}12,500", f"12500 {case.code}", f"-{case.code} 12500"):
        assert abs(parse_money(text)) == case.units
    with pytest.raises(BadCell, match=rf"more decimals than the currency \({i18n.currency().digits}\)"):
        parse_money(case.refused)
