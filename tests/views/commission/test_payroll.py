"""Who is paid by a payroll file, and who is not: whom it leaves out reads no "paid"."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from portal import clock
from portal.models.base.record import Event
from portal.models.commission.payroll import HEADER
from portal.models.company.settings import Setting
from portal.models.people.needs import needs
from portal.models.people.people import Person
from portal.tables.table import read_table
from tests.commission import MAY, approved, close, noon, paid
from tests.conftest import SignIn
from tests.counting import MOST, queries

JUNE_8 = noon(date(2026, 6, 8))
USUAL = "\n".join(f"{name} = {name}" for name in HEADER)
PAGE = "/commission/periods/2026-05"


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


def test_the_file_has_the_columns_that_payroll_asks_for_as_csv_and_as_a_workbook(
    left_out: None, fiona: Person, sign_in: SignIn, tmp_path: Path
) -> None:
    payer = sign_in(fiona)
    usual = payer.post(f"{PAGE}/export").content
    chosen = {"columns": "工号 = employee_no\n实发金额 = amount\n月份 = period"}
    assert payer.post("/commission/payroll/columns", data=chosen).status_code == 303
    first, again = (payer.post(f"{PAGE}/export") for _ in range(2))
    assert first.content == again.content != usual
    body = "工号,实发金额,月份\r\nE001,2000.00,2026-05\r\n".encode("utf-8-sig")
    assert first.content == body + f"sha256,{hashlib.sha256(body).hexdigest()}\r\n".encode()
    books = [payer.post(f"{PAGE}/export", data={"kind": "xlsx"}) for _ in range(2)]
    assert books[0].content == books[1].content
    assert books[0].headers["X-Checksum-SHA256"] == hashlib.sha256(body).hexdigest()
    (tmp_path / "commission.xlsx").write_bytes(books[0].content)
    table = read_table(tmp_path / "commission.xlsx")
    assert table.headers == ("工号", "实发金额", "月份")
    assert table.rows[0].values == ("E001", 2000, "2026-05")
    assert payer.post("/commission/payroll/columns", data={"columns": USUAL}).status_code == 303
    assert payer.post(f"{PAGE}/export").content == usual, "laid out as before, it is the file of before"


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
    answer = sign_in(fiona).post("/commission/payroll/columns", data={"columns": columns})
    assert answer.status_code == 422
    assert Setting.read("payroll.columns") == []
