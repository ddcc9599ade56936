"""Who is paid by a payroll file, and who is not: whom it leaves out reads no "paid"."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from portal import clock
from portal.models.base.record import Event
from portal.models.commission import payroll
from portal.models.commission.payroll import HEADER
from portal.models.commission.periods import Period
from portal.models.company.settings import Setting
from portal.models.people.needs import needs
from portal.models.people.people import Person
from portal.tables.table import read_table
from tests.commission import JUNE, MAY, approved, close, noon, paid
from tests.conftest import SignIn
from tests.counting import MOST, queries

JUNE_8 = noon(date(2026, 6, 8))
USUAL = "\n".join(f"{name} = {name}" for name in HEADER)
PAGE = "/commission/periods/2026-05"
COLUMNS = "/commission/payroll/columns"
OWN = "工号 = employee_no\n实发金额 = amount\n月份 = period"
OWN_BODY = "工号,实发金额,月份\r\nE001,2000.00,2026-05\r\n".encode("utf-8-sig")
OWN_FILE = OWN_BODY + f"sha256,{hashlib.sha256(OWN_BODY).hexdigest()}\r\n".encode()


@pytest.fixture
def left_out(ada: Person, ben: Person, fin: Person, fiona: Person) -> None:
    """Ada is owed 2,000.00 and Ben, who has no employee number, 1,000.00."""
    approved(fin, fiona)
    paid(ada, "100000.00", date(2026, 5, 10))
    paid(ben, "50000.00", date(2026, 5, 10))
    Person.update(employee_no=None).where(Person.id == ben.id).execute()
    close(MAY, fin)


def test_whom_the_file_leaves_out_is_not_paid_until_it_names_them(
    left_out: None, ada: Person, ben: Person, fiona: Person, sign_in: SignIn
) -> None:
    payer, mine = sign_in(fiona), f"/commission/statements/2026-05/{ben.id}"
    with clock.moved(JUNE_8):
        assert payer.post(f"{PAGE}/export").status_code == 200
        page = payer.get(PAGE).text
        assert "Confirm: ¥2,000.00 paid to one person" in page
        assert "Until then they are not paid" in page
        assert payer.post(f"{PAGE}/payment").status_code == 303
        assert Event.select().where(Event.verb == "paid").get().changes["total"] == [None, 2_000_00]
        assert "Not paid yet: the employee number is missing" in sign_in(ben).get(mine).text
        assert "Not paid yet" in sign_in(ben).get("/commission").text
        assert "Not paid yet" not in sign_in(ada).get(f"/commission/statements/2026-05/{ada.id}").text
        assert any("are not paid yet" in str(need.text) for need in needs(fiona))
        Person.update(employee_no="E777").where(Person.id == ben.id).execute()
        assert "Not paid yet" in sign_in(ben).get(mine).text, "a number alone moves no money"
        assert "names only who is not paid yet" in payer.get(PAGE).text
        late = payer.post(f"{PAGE}/export", data={"reason": "Ben has his number"}).content
        assert b"E777" in late
        assert b"E001" not in late, "Ada was paid by the first file"
        assert payer.post(f"{PAGE}/export").content == late, "fetched again it pays nobody twice"
        assert "Not paid yet" not in sign_in(ben).get(mine).text
        assert "Not paid yet" not in sign_in(ben).get("/commission").text
        assert not any("are not paid yet" in str(need.text) for need in needs(fiona))


def test_who_got_a_number_after_the_file_went_out_is_not_told_paid(
    left_out: None, ada: Person, ben: Person, fiona: Person, sign_in: SignIn
) -> None:
    """The file that the bank has names Ada alone, whatever was filled in before somebody said that it is paid."""
    payer, mine = sign_in(fiona), f"/commission/statements/2026-05/{ben.id}"
    with clock.moved(JUNE_8):
        assert payer.post(f"{PAGE}/export").status_code == 200
        Person.update(employee_no="E777").where(Person.id == ben.id).execute()
        with queries() as asked:
            page = payer.get(PAGE).text
        assert len(asked) <= MOST, "\n".join(asked)
        assert "Confirm: ¥2,000.00 paid to one person" in page
        assert f'href="/people/{ben.id}"' in page
        assert payer.post(f"{PAGE}/payment").status_code == 303
        assert Event.select().where(Event.verb == "paid").get().changes["total"] == [None, 2_000_00]
        assert "Not paid yet" in sign_in(ben).get(mine).text
        assert any("are not paid yet" in str(need.text) for need in needs(fiona))
        assert payer.post(f"{PAGE}/export", data={"reason": "Ben has his number"}).status_code == 200
        assert "Not paid yet" not in sign_in(ben).get(mine).text
        assert not any("are not paid yet" in str(need.text) for need in needs(fiona))
        assert payer.post(f"{PAGE}/payment").status_code == 303
        assert not any("are not paid yet" in str(need.text) for need in needs(fiona)), "a second tab"


def test_a_number_that_comes_while_a_file_is_made_pays_nobody_twice(
    left_out: None, ben: Person, fiona: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whom the event tells left out is not in the file, and whom the late file tells paid is in it."""
    read = payroll.payroll_rows

    def meanwhile(*asked: Any) -> list[dict[str, str]]:
        Person.update(employee_no="E777").where(Person.id == ben.id).execute()
        return read(*asked)

    monkeypatch.setattr(payroll, "payroll_rows", meanwhile)
    with clock.moved(JUNE_8):
        assert b"E777" not in payroll.export(Period.of(MAY), by=fiona).content
        payroll.pay(Period.of(MAY), by=fiona)
        assert payroll.unpaid_of(Period.of(MAY)) == {ben.id}
        assert b"E777" in payroll.export(Period.of(MAY), by=fiona, reason="He has a number").content
        assert payroll.unpaid_of(Period.of(MAY)) == set()


def test_the_file_has_the_columns_of_the_close_as_csv_and_as_a_workbook(
    ada: Person, fin: Person, fiona: Person, sign_in: SignIn, tmp_path: Path
) -> None:
    payer = sign_in(fiona)
    approved(fin, fiona)
    paid(ada, "100000.00", date(2026, 5, 10))
    with clock.moved(noon(date(2026, 6, 1))):
        assert payer.post(COLUMNS, data={"columns": OWN}).status_code == 303
    close(MAY, fin)
    first, again = (payer.post(f"{PAGE}/export") for _ in range(2))
    assert first.content == again.content == OWN_FILE
    books = [payer.post(f"{PAGE}/export", data={"kind": "xlsx"}) for _ in range(2)]
    assert books[0].content == books[1].content
    assert books[0].headers["X-Checksum-SHA256"] == hashlib.sha256(OWN_BODY).hexdigest()
    (tmp_path / "commission.xlsx").write_bytes(books[0].content)
    table = read_table(tmp_path / "commission.xlsx")
    assert table.headers == ("工号", "实发金额", "月份")
    assert table.rows[0].values == ("E001", 2000, "2026-05")


def test_a_closed_month_keeps_its_columns_and_in_others_it_is_another_file(
    left_out: None, fiona: Person, sign_in: SignIn
) -> None:
    """Whoever compares the payroll file with the one of last year finds the same bytes (RULES 4.1)."""
    payer = sign_in(fiona)
    usual = payer.post(f"{PAGE}/export")
    assert "Today’s columns" not in payer.get(PAGE).text
    assert payer.post(COLUMNS, data={"columns": OWN}).status_code == 303
    same = payer.post(f"{PAGE}/export")
    assert same.content == usual.content
    assert same.headers["X-Checksum-SHA256"] == usual.headers["X-Checksum-SHA256"]
    assert 'filename="commission-2026-05.csv"' in same.headers["Content-Disposition"]
    with queries() as asked:
        assert "Today’s columns (CSV)" in payer.get(PAGE).text
    assert len(asked) <= MOST, "\n".join(asked)
    other = payer.post(f"{PAGE}/export", data={"laid_out": "now"})
    seal = hashlib.sha256(OWN_BODY).hexdigest()
    assert other.content == OWN_FILE
    assert other.headers["X-Checksum-SHA256"] == seal
    assert f'filename="commission-2026-05-columns-{seal[:8]}.csv"' in other.headers["Content-Disposition"]
    told = Event.about(Period.of(MAY)).where(Event.verb == "exported").first().changes["file"]
    assert told == [None, f"commission-2026-05-columns-{seal[:8]}.csv {seal}"]
    assert payer.post(f"{PAGE}/export").content == usual.content, "the other file changes nothing of its own"
    assert payer.post(COLUMNS, data={"columns": USUAL}).status_code == 303
    assert "Today’s columns" not in payer.get(PAGE).text


def test_the_month_that_is_closed_next_has_the_new_columns(
    left_out: None, ada: Person, fin: Person, fiona: Person, sign_in: SignIn
) -> None:
    with clock.moved(noon(date(2026, 6, 20))):
        assert sign_in(fiona).post(COLUMNS, data={"columns": OWN}).status_code == 303
    paid(ada, "100000.00", date(2026, 6, 10))
    close(JUNE, fin)
    assert payroll.export(Period.of(JUNE), by=fiona).content.startswith("工号,实发".encode("utf-8-sig"))
    assert payroll.export(Period.of(MAY), by=fiona).content.startswith("employee_no".encode("utf-8-sig"))


@pytest.mark.parametrize(
    "columns",
    [
        "工号 = employee_no",
        "a = amount\na = employee_no",
        "x = wage\n工号 = employee_no\n额 = amount",
        "=1+1 = amount",
    ],
)
def test_columns_that_pay_nobody_are_refused(
    columns: str, left_out: None, fiona: Person, sign_in: SignIn
) -> None:
    answer = sign_in(fiona).post(COLUMNS, data={"columns": columns})
    assert answer.status_code == 422
    assert Setting.read("payroll.columns") == []
