"""The list of people goes out and comes back: nobody changes, nobody comes back to life, nobody gains a role."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest

from portal.jobs import worker
from portal.models.base.record import Event
from portal.models.people.people import Person, RoleGrant
from tests.company import Company
from tests.views.imports.test_round_trip import LANGUAGES, bring, browser, run


@pytest.fixture
def open_company(company: Company) -> Iterator[Company]:
    """The demo company, as it was before each test; Ma Jun has left it."""
    browser(company, "zhao").post(f"/admin/accounts/{company.person('ma').id}/leaving")
    yield company
    company.restore()


def stored() -> list[Any]:
    """All that a list of people could change."""
    return [sorted(model.select().tuples(), key=lambda row: row[0]) for model in (Person, RoleGrant)]


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))[:-1]


def written(rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("path", "key"), [("/admin/accounts", "zhao"), ("/people", "zhao"), ("/people", "wang")]
)
def test_a_list_of_people_comes_back_without_a_change(
    open_company: Company, path: str, key: str, language: str
) -> None:
    text = browser(open_company, key, language).post(f"{path}/export").content.decode("utf-8-sig")
    admin = browser(open_company, "zhao", language)
    before, rows = stored(), len(cells(text))
    made = bring(admin, "\ufeff" + text)
    assert made.holds == "people", "its own headers say what it is"
    assert made.rows == rows > 0
    assert made.problems == []
    assert made.report["names"] == []
    assert made.report["counts"] == {"created": 0, "updated": 0, "unchanged": rows, "rejected": 0}
    assert run(admin, made).counts["unchanged"] == rows
    assert stored() == before


def test_a_manager_takes_their_own_people_and_it_is_written_down(open_company: Company) -> None:
    wang = open_company.person("wang")
    assert "导出我的团队" in browser(open_company, "wang").get("/people").text
    text = browser(open_company, "wang").post("/people/export").content.decode("utf-8-sig")
    rows = cells(text)
    team = {person.email for person in Person.select().where(Person.id.in_(wang.team)) if person.is_active}
    assert {row["邮箱"] for row in rows} == team
    assert wang.name in text.splitlines()[-1]
    event = Event.select().where(Event.verb == "exported").order_by(Event.id.desc()).first()
    assert (event.actor, event.changes["list"], event.changes["rows"]) == (
        wang.id,
        [None, "people"],
        [None, len(rows)],
    )
    assert not {"角色", "职责", "密码"} & rows[0].keys()


@pytest.mark.parametrize("key", ["he", "li", "zheng", "sun"])
def test_who_has_no_use_for_a_file_of_people_gets_none(open_company: Company, key: str) -> None:
    client = browser(open_company, key)
    assert "/people/export" not in client.get("/people").text
    assert client.post("/people/export").status_code == 403
    assert Event.select().where(Event.verb == "export refused").count() == 1


def test_who_left_is_corrected_and_stays_away(open_company: Company) -> None:
    admin, gone = browser(open_company, "zhao"), open_company.person("ma")
    rows = cells(admin.post("/admin/accounts/export").content.decode("utf-8-sig"))
    (row,) = (each for each in rows if each["邮箱"] == gone.email)
    assert row["状态"] == "停用"
    row |= {"职务": "前任顾问", "状态": "在用", "离职日期": ""}
    made = run(admin, bring(admin, written(rows)))
    assert made.counts["updated"] == 1
    assert (gone.fresh().title, gone.fresh().is_active) == ("前任顾问", False)
    again = run(admin, bring(admin, f"姓名,职务\n{gone.name},顾问\n"))
    assert (again.counts["created"], gone.fresh().is_active) == (0, False)
    admin.post(f"/imports/{again.id}/undo")
    worker.drain()
    assert gone.fresh().title == "前任顾问"


def test_a_file_brings_no_role_and_no_password(open_company: Company) -> None:
    admin, before = browser(open_company, "zhao"), list(RoleGrant.select().order_by(RoleGrant.id).tuples())
    li = open_company.person("li")
    head = "姓名,邮箱,角色,职责,密码,password_hash,roles\n"
    new = "新来的人,new@anjuli.example,administrator,payments,secret,secret,administrator\n"
    old = f"{li.name},{li.email},administrator,payments,secret,secret,administrator\n"
    made = run(admin, bring(admin, head + new + old))
    assert (made.counts["created"], made.counts["unchanged"]) == (1, 1)
    person = Person.get(Person.email == "new@anjuli.example")
    assert (person.password_hash, person.grants, li.fresh().password_hash) == ("", [], li.password_hash)
    assert list(RoleGrant.select().order_by(RoleGrant.id).tuples()) == before


@pytest.mark.parametrize("given", ["138****5678", "1３８＊＊＊＊5678", "l***@anjuli.example"])
def test_a_mask_of_a_person_is_never_data(open_company: Company, given: str) -> None:
    admin, li = browser(open_company, "zhao"), open_company.person("li")
    number, header = li.employee_no or "", "邮箱" if "@" in given else "电话"
    assert number
    made = bring(admin, f"姓名,工号,职务,{header}\n{li.name},{number},新职务,{given}\n")
    assert made.report["left_out"] == 1
    run(admin, made)
    assert (li.fresh().phone, li.fresh().email) == (li.phone, li.email)
    assert li.fresh().title == "新职务"


@pytest.mark.parametrize("language", LANGUAGES)
def test_rejected_people_come_back_after_one_correction(open_company: Company, language: str) -> None:
    admin = browser(open_company, "zhao", language)
    made = bring(admin, "姓名,邮箱,职务,电话\n回程甲,nowhere,=经理,+86 10 6000 0001\n@乙,x,-,\n")
    assert made.report["counts"]["rejected"] == 2
    text = admin.get(f"/imports/{made.id}/rejected").content.decode("utf-8-sig")
    assert "'=经理" in text
    text = text.replace("nowhere", "a@anjuli.example").replace(",x,", ",b@anjuli.example,")
    again = run(admin, bring(admin, text))
    assert again.counts["created"] == 2
    first, second = (Person.get(Person.email == f"{each}@anjuli.example") for each in "ab")
    assert (first.name, first.title, first.phone, second.name) == (
        "回程甲",
        "=经理",
        "+86 10 6000 0001",
        "@乙",
    )
    assert bring(admin, text).report["counts"]["unchanged"] == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chief_of_a_like_name_is_offered_and_never_chosen(open_company: Company, language: str) -> None:
    """王海桃 for 王海涛: neither a new colleague nor somebody's chief until somebody says so."""
    admin = browser(open_company, "zhao", language)
    before = Person.select().count()
    made = bring(admin, "姓名,邮箱,上级\n新人甲,jia@anjuli.example,王海桃\n新人乙,yi@anjuli.example,没这人\n")
    asked = {name["text"]: (name["choice"], name["suggestion"]) for name in made.report["names"]}
    assert asked == {"王海桃": ("refuse", "王海涛"), "没这人": ("add", "")}
    assert made.report["counts"] == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 1}
    page = admin.get(f"/imports/{made.id}/check").text
    assert ("Same as 王海涛" if language == "en" else "就是 王海涛") in page
    admin.post(f"/imports/{made.id}/check", data={"choice:person:王海桃": "same:王海涛"})
    worker.drain()
    run(admin, made.fresh())
    assert Person.get(Person.name == "新人甲").manager == open_company.person("wang")
    assert Person.select().count() == before + 3, "the two, and the chief whom nobody knew"
