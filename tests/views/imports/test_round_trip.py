"""Everything that goes out comes back: each list, in each language, by each role that may import, changes nothing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx2
import pytest

from portal import i18n
from portal.jobs import worker
from portal.models.base.record import Event
from portal.models.customers.customers import Customer
from portal.models.imports.aliases import Alias
from portal.models.imports.imports import Import
from portal.models.people.people import Person
from portal.models.sales.deals import Deal
from portal.models.sales.lines import DealLine
from portal.models.sales.words import Stage
from tests.company import Company

LANGUAGES = ("zh", "en")
ROLES = {"administrator": "zhao", "manager": "wang"}


@pytest.fixture
def open_company(company: Company) -> Iterator[Company]:
    """The demo company, as it was before each test."""
    yield company
    company.restore()


def browser(company: Company, key: str, language: str = "zh") -> httpx2.Client:
    """A browser in which someone reads a language."""
    Person.update(locale=language).where(Person.id == company.person(key).id).execute()
    return company.browser(key)


def bring(client: httpx2.Client, content: str, **data: str) -> Import:
    """A file brought, mapped as guessed, and tried out."""
    answer = client.post("/imports/new", data=data, files={"file": ("list.csv", content.encode())})
    assert answer.status_code == 303, answer.text
    columns = answer.headers["location"]
    page = client.get(columns).text
    chosen = {}
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        found = re.search(r'<option selected value="([^"]*)"', options)
        chosen[name] = found[1] if found else ""
    assert client.post(columns, data=chosen | data).status_code == 303
    worker.drain()
    return Import.get_by_id(int(columns.split("/")[2]))


def run(client: httpx2.Client, made: Import, **data: str) -> Import:
    """It is imported as the dry run showed it."""
    client.post(f"/imports/{made.id}/run", data=data)
    worker.drain()
    return made.fresh()


def stored() -> list[Any]:
    """All that a list's file could change."""
    return [
        sorted(Customer.select().tuples(), key=lambda row: row[0]),
        sorted(Deal.select().tuples(), key=lambda row: row[0]),
        sorted(DealLine.select().tuples(), key=lambda row: row[0]),
        Person.select().count(),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("path", "holds"), [("/customers/export", "customers"), ("/deals/export?show=all", "deals")]
)
def test_a_list_comes_back_without_a_change(
    open_company: Company, path: str, holds: str, role: str, language: str
) -> None:
    client = browser(open_company, ROLES[role], language)
    text = client.post(path).content.decode("utf-8-sig")
    before, rows = stored(), len(list(csv.reader(io.StringIO(text)))) - 2
    made = bring(client, "\ufeff" + text)
    assert made.holds == holds, "its own headers say what it is"
    assert made.rows == rows, "the line that says who took it is no record"
    assert made.problems == []
    assert made.report["names"] == []
    assert made.report["counts"] == {"created": 0, "updated": 0, "unchanged": rows, "rejected": 0}
    assert run(client, made).counts["unchanged"] == rows
    assert stored() == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_of_who_may_not_import_comes_back_through_who_may(
    open_company: Company, language: str
) -> None:
    text = browser(open_company, "li", language).post("/customers/export").content.decode("utf-8-sig")
    made = bring(browser(open_company, "zhao"), text)
    assert made.report["counts"]["unchanged"] == made.rows


def test_the_file_of_a_case_is_understood(open_company: Company) -> None:
    """cases/own-export-not-readable-again-zh: the header of an organisation's name is not a person's."""
    head = "名称,编号,客户类型,负责人,城市,行业,来源,电话,邮箱,地址\n"
    row = "安泰物业服务公司,,投资,李明朗,北京,,门店来访,199****2007,,\n"
    for name in ("名称", "客户名称"):
        made = bring(browser(open_company, "wang"), head.replace("名称", name) + row)
        assert made.holds == "customers"
        assert made.report["counts"] == {"created": 0, "updated": 0, "unchanged": 1, "rejected": 0}
    page = browser(open_company, "li").get("/customers/new").text
    assert "姓名" not in page
    assert "名称" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_a_stage_is_known(open_company: Company, language: str) -> None:
    """cases/own-export-stage-word-refused, for all stages and in both languages."""
    head = "标题,客户,产品,负责人,阶段,金额,成交日期\n"
    with i18n.speaking(language):
        shown = [i18n.label(stage) for stage in Stage]
    row = "往返商机{0},墨石建筑设计事务所,翠堤湾,李明朗,{0},203000.00,2026-11-02\n"
    made = bring(browser(open_company, "zhao"), head + "".join(row.format(word) for word in shown))
    assert made.problems == []
    run(browser(open_company, "zhao"), made)
    found = {d.title: d.stage for d in Deal.select().where(Deal.title.startswith("往返商机"))}
    assert found == {f"往返商机{word}": stage for word, stage in zip(shown, Stage, strict=True)}
    assert shown[1] == {"zh": "已接触", "en": "Engaged"}[language]


def test_a_masked_list_corrected_in_one_column_keeps_what_is_masked(open_company: Company) -> None:
    """cases/masked-values-written-back, for the whole list of a manager."""
    before = {c.id: (c.phone, c.email, c.address) for c in Customer.select()}
    client = browser(open_company, "wang")
    text = client.post("/customers/export?show=team").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert sum("****" in (row["电话"] or "") for row in rows) >= 40
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys())
    writer.writeheader()
    for row in rows:
        row["城市"] = "天津" if row["城市"] == "北京" else row["城市"]
        writer.writerow(row)
    made = run(client, bring(client, out.getvalue()))
    assert made.counts["updated"] > 20
    assert made.report["left_out"] == 0
    assert {c.id: (c.phone, c.email, c.address) for c in Customer.select()} == before
    antai = Customer.get(Customer.name == "安泰物业服务公司")
    assert (antai.city, antai.phone) == ("天津", "19900002007")


@pytest.mark.parametrize(
    ("given", "kept", "left"),
    [
        ("199****2007", "19900002007", 0),
        ("１９９＊＊＊＊２００７", "19900002007", 0),
        ("199****2008", "19900002007", 1),
        ("****07", "19900002007", 1),
        ("***", "19900002007", 1),
        ("19900002009", "19900002007", 1),  # a manager sees it masked: what is there is the owner's to change
        ("19900002007", "19900002007", 0),
    ],
)
def test_a_mask_is_never_data(open_company: Company, given: str, kept: str, left: int) -> None:
    client = browser(open_company, "wang")
    text = f"客户名称,电话,城市\n安泰物业服务公司,{given},天津\n新来的公司,{given},天津\n"
    made = bring(client, text)
    assert made.report["left_out"] == left + ("*" in given or "＊" in given)
    page = client.get(f"/imports/{made.id}/check").text
    assert ("留空不导入" in page or "未导入" in page) if left else True
    run(client, made)
    antai, fresh = (Customer.get(Customer.name == name) for name in ("安泰物业服务公司", "新来的公司"))
    assert (antai.phone, antai.city, fresh.city) == (kept, "天津", "天津"), "the other columns are written"
    assert fresh.phone == ("" if "*" in given or "＊" in given else given)
    reasons = client.get(f"/imports/{made.id}/rejected").text
    assert (given in reasons) == bool(left or "*" in given or "＊" in given)


def test_a_mask_is_refused_in_a_form(open_company: Company) -> None:
    client, antai = browser(open_company, "li"), Customer.get(Customer.name == "安泰物业服务公司")
    sent = {"name": antai.name, "form": "organisation", "city": "天津", "version": str(antai.version)}
    kept = client.post(f"/customers/{antai.id}/edit", data=sent | {"phone": "199****2007"})
    assert kept.status_code == 303
    assert (antai.fresh().phone, antai.fresh().city) == ("19900002007", "天津")
    sent["version"] = str(antai.fresh().version)
    assert client.post(f"/customers/{antai.id}/edit", data=sent | {"phone": "199****2008"}).status_code == 422
    contact = {"name": "新人", "phone": "138****5678"}
    assert client.post(f"/customers/{antai.id}/contacts/new", data=contact).status_code == 422
    new = {"name": "另一家", "form": "organisation", "email": "l***@example.com"}
    assert client.post("/customers/new", data=new).status_code == 422


GUARDED = (
    "客户名称,电话,邮箱,备注\n回程甲公司,+86 10 6000 0001,not-an-address,- 先电话后拜访\n@工作室,-,x,=1+1\n"
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_of_rejected_rows_comes_back_after_one_correction(
    open_company: Company, language: str
) -> None:
    """cases/formula-guard-kept-in-rejected-file."""
    client = browser(open_company, "wang", language)
    made = bring(client, GUARDED)
    assert made.report["counts"]["rejected"] == 2
    text = client.get(f"/imports/{made.id}/rejected").content.decode("utf-8-sig")
    assert "'- 先电话后拜访" in text
    assert ",+86 10 6000 0001," in text, "a telephone is no formula"
    text = text.replace("not-an-address", "a@example.com").replace(",x,", ",b@example.com,")
    again = run(client, bring(client, text))
    assert again.counts["created"] == 2
    first, studio = (Customer.get(Customer.name == name) for name in ("回程甲公司", "@工作室"))
    assert (first.phone, first.note) == ("+86 10 6000 0001", "- 先电话后拜访")
    assert studio.note == "=1+1"
    assert bring(client, text).report["counts"]["unchanged"] == 2
    twice = bring(client, text.replace("a@example.com", "nowhere"))
    head = client.get(f"/imports/{twice.id}/rejected").text.splitlines()[0]
    assert head.count("Reason" if language == "en" else "原因") == 1


def test_somebody_who_left_is_asked_about_and_keeps_what_is_past(open_company: Company) -> None:
    """cases/leaver-becomes-owner."""
    admin, gone = browser(open_company, "zhao"), open_company.person("ma")
    mine = Customer.select().where(Customer.owner == gone).count()
    admin.post(f"/admin/accounts/{gone.id}/leaving")
    assert not gone.fresh().is_active
    made = bring(admin, "客户名称,负责人,城市\n离职归属公司,马骏,北京\n另一家公司,马骏,北京\n")
    assert made.report["counts"]["rejected"] == 2
    page = admin.get(f"/imports/{made.id}/check").text
    assert "不指定负责人" in page
    admin.post(f"/imports/{made.id}/check", data={"choice:leaver:马骏": "none"})
    worker.drain()
    made = run(admin, made.fresh())
    assert made.counts["created"] == 2
    assert Customer.get(Customer.name == "离职归属公司").owner is None
    deals = (
        "编号,客户,产品,负责人,阶段,成交日期,成交金额\n"
        "L1,墨石建筑设计事务所,翠堤湾,马骏,赢单,2026-11-02,100\n"
        "L2,墨石建筑设计事务所,翠堤湾,马骏,带看,,100\n"
    )
    made = bring(admin, deals)
    assert made.report["counts"] == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 1}
    assert 'value="none"' not in admin.get(f"/imports/{made.id}/check").text, "a deal has an owner"
    admin.post(f"/imports/{made.id}/check", data={"choice:leaver:马骏": "refuse", "everyone": "冯雪"})
    worker.drain()
    run(admin, made.fresh())
    owners = {d.code: d.owner.name for d in Deal.select().where(Deal.code.in_(["L1", "L2"]))}
    assert owners == {"L1": "马骏", "L2": "冯雪"}
    assert Customer.select().where(Customer.owner == gone).count() == mine
    text = admin.post("/customers/export").content.decode("utf-8-sig")
    back = bring(admin, text)
    assert back.report["counts"]["unchanged"] == back.rows, "what is on record already is not asked about"


def test_nobody_is_paid_by_a_likeness(open_company: Company) -> None:
    """cases/near-name-gets-the-deal."""
    admin = browser(open_company, "zhao")
    run(admin, bring(admin, "姓名,邮箱\nZhang Weiming,zwm@anjuli.example\n"))
    deals = "编号,客户,产品,负责人,阶段,成交日期,成交金额\n"
    deals += "ZW1,墨石建筑设计事务所,翠堤湾,Zhang Weiling,赢单,2026-11-02,100000\n"
    made = bring(admin, deals)
    assert made.report["counts"] == {"created": 0, "updated": 0, "unchanged": 0, "rejected": 1}
    page = admin.get(f"/imports/{made.id}/check").text
    assert '<option value="same:Zhang Weiming">' in page, "offered"
    assert '<option value="refuse" selected>' in page, "and not chosen"
    run(admin, made)
    assert Deal.get_or_none(Deal.code == "ZW1") is None
    made = bring(admin, deals)
    admin.post(f"/imports/{made.id}/check", data={"choice:person:Zhang Weiling": "same:Zhang Weiming"})
    worker.drain()
    run(admin, made.fresh())
    assert Deal.get(Deal.code == "ZW1").owner.name == "Zhang Weiming"
    again = bring(admin, deals.replace("ZW1", "ZW2"))
    assert again.report["counts"]["created"] == 1, "what one said oneself is remembered"
    other = bring(browser(open_company, "wang"), deals.replace("ZW1", "ZW3"))
    assert other.report["counts"]["rejected"] == 1, "what another said is offered"


def test_not_even_a_name_without_its_hyphen_is_taken_for_a_person(open_company: Company) -> None:
    admin = browser(open_company, "zhao")
    run(admin, bring(admin, "姓名,邮箱\nZhang Wei-Ming,zwm@anjuli.example\n"))
    deals = "编号,客户,产品,负责人,阶段\nZW1,墨石建筑设计事务所,翠堤湾,Zhang Weiming,带看\n"
    made = bring(admin, deals)
    assert made.report["counts"]["rejected"] == 1
    assert made.report["names"][0]["suggestion"] == "Zhang Wei-Ming"


def test_a_customer_is_not_guessed_either(open_company: Company) -> None:
    admin = browser(open_company, "zhao")
    deals = "编号,客户,产品,负责人,阶段\nC1,墨石建筑设计事务行,翠堤湾,李明朗,带看\n"
    made = bring(admin, deals)
    assert made.report["names"][0]["choice"] == "refuse"
    assert made.report["counts"]["rejected"] == 1


def test_a_right_place_stays_and_what_was_taught_goes_with_the_import(open_company: Company) -> None:
    """cases/right-place-name-rewritten."""
    admin = browser(open_company, "zhao")
    run(admin, bring(admin, "客户名称,城市\nEta Ltd,Hangzhou\nTheta Ltd,Huangzhou\n"))
    second = "客户名称,城市\nOmega Ltd,Hangzhou\nRho Ltd,Yangzhou\n"
    made = bring(admin, second)
    asked = {one["text"]: one for one in made.report["names"]}
    assert set(asked) <= {"Yangzhou"}
    assert all(one["choice"] == "keep" for one in asked.values())
    made = run(admin, made)
    assert {c.name: c.city for c in Customer.select().where(Customer.name.in_(["Omega Ltd", "Rho Ltd"]))} == {
        "Omega Ltd": "Hangzhou",
        "Rho Ltd": "Yangzhou",
    }
    third = bring(admin, "客户名称,城市\nSigma Ltd,Hangzhuo\n")
    admin.post(f"/imports/{third.id}/check", data={"choice:place:Hangzhuo": "same:Hangzhou"})
    worker.drain()
    third = run(admin, third.fresh())
    assert Customer.get(Customer.name == "Sigma Ltd").city == "Hangzhou"
    assert "Hangzhuo" in admin.get("/imports/names").text
    assert bring(admin, "客户名称,城市\nTau Ltd,Hangzhuo\n").report["names"][0]["remembered"]
    admin.post(f"/imports/{third.id}/undo")
    worker.drain()
    assert not Alias.select().where(Alias.spelling == "Hangzhuo").exists()
    assert bring(admin, "客户名称,城市\nTau Ltd,Hangzhuo\n").report["names"][0]["choice"] == "keep"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-10-31T17:30:00.000Z", date(2026, 11, 1)),
        ("2026-10-31T15:59:59Z", date(2026, 10, 31)),
        ("2026-10-31T16:00:00Z", date(2026, 11, 1)),
        ("2026-10-31T00:00:00Z", date(2026, 10, 31)),
        ("2026-10-31T17:30:00", date(2026, 10, 31)),
        ("2026-10-31 17:30", date(2026, 10, 31)),
        ("2026-10-31T23:30:00+08:00", date(2026, 10, 31)),
        ("2026-10-31T12:30:00-05:00", date(2026, 11, 1)),
        ("2026年10月31日星期六", date(2026, 10, 31)),
        ('"Saturday, October 31, 2026"', date(2026, 10, 31)),
        ("31-Oct-26", date(2026, 10, 31)),
    ],
)
def test_a_day_is_the_companys(open_company: Company, written: str, day: date) -> None:
    """cases/utc-instant-read-as-local-day."""
    admin = browser(open_company, "zhao")
    deals = "编号,客户,产品,负责人,阶段,成交日期,成交金额\n"
    made = bring(
        admin, deals + f"UTC1,墨石建筑设计事务所,翠堤湾,李明朗,赢单,{written},100000\n", paid_on_close="y"
    )
    run(admin, made)
    found = Deal.get(Deal.code == "UTC1")
    assert found.closed_on == day
    assert {line.trigger: line.on for line in DealLine.standing(found)} == {"contract": day, "payment": day}


def test_the_money_is_shown_before_and_reversed_by_name(open_company: Company) -> None:
    admin = browser(open_company, "zhao")
    deals = (
        "编号,客户,产品,负责人,阶段,成交日期,成交金额\n"
        "M1,墨石建筑设计事务所,翠堤湾,李明朗,赢单,2026-09-02,1000.50\n"
        "M2,墨石建筑设计事务所,翠堤湾,李明朗,赢单,2026-11-02,2000\n"
        "M3,墨石建筑设计事务所,翠堤湾,李明朗,带看,,5000\n"
    )
    unpaid = bring(admin, deals)
    assert unpaid.report["money"] == {"contract": [2, 3000_50, "2026-09", "2026-11"]}
    made = bring(admin, deals, paid_on_close="y")
    page = admin.get(f"/imports/{made.id}/check").text
    assert "回款：2 笔，¥3,000.50，归属 2026-09 至 2026-11" in page
    before = DealLine.select().count()
    run(admin, made)
    assert DealLine.select().count() == before + 4
    page = admin.get(f"/imports/{made.id}/undo").text
    assert "2 笔，合计 ¥3,000.50" in page
    assert f"/imports/{made.id}/undo" in admin.get(f"/imports/{made.id}").text
    admin.post(f"/imports/{made.id}/undo")
    worker.drain()
    assert made.fresh().state == "undone"
    assert admin.get(f"/imports/{made.id}/undo").status_code == 303


def test_an_unknown_file_is_kept_while_its_kind_is_asked(open_company: Company) -> None:
    client = browser(open_company, "wang")
    for content in ("甲,乙\n翠湖公司,北京\n", "姓名,邮箱,工号\n翠湖公司,a@example.com,7\n"):
        answer = client.post("/imports/new", files={"file": ("list.csv", content.encode())})
        assert answer.headers["location"].endswith("/file")
        path = answer.headers["location"]
        assert "list.csv" in client.get(path).text
        assert client.get(path.replace("file", "columns")).headers["location"] == path
        assert client.get(path.replace("/file", "")).status_code == 303
        assert "list.csv" in client.get("/imports").text
        assert client.post(path, data={"kind": ""}).status_code == 422
        assert client.post(path, data={"kind": "people"}).status_code == 422
        assert client.post(path, data={"kind": "customers"}).headers["location"].endswith("/columns")


def test_an_import_is_discarded_with_its_file_until_it_ran(open_company: Company) -> None:
    client = browser(open_company, "wang")
    made = bring(client, "客户名称,城市\n丢弃公司,北京\n")
    file = made.attachment.file
    assert browser(open_company, "wu").post(f"/imports/{made.id}/discard").status_code == 404
    client.post(f"/imports/{made.id}/discard")
    assert Import.get_or_none(Import.id == made.id) is None
    assert not file.exists()
    assert Event.select().where(Event.verb == "discarded").exists()
    made = run(client, bring(client, "客户名称,城市\n丢弃公司,北京\n"))
    client.post(f"/imports/{made.id}/discard")
    assert made.fresh().state == "finished"
    assert made.attachment.file.exists()


def test_rows_without_an_owner_are_given_one_at_once(open_company: Company) -> None:
    client = browser(open_company, "wang")
    text = "客户名称,负责人,城市\n甲无主公司,,北京\n乙无主公司,,北京\n丙有主公司,冯雪,北京\n安泰物业服务公司,,北京\n"
    run(client, bring(client, text, owner="李明朗"))
    found = Customer.select().where(Customer.name.in_(["甲无主公司", "乙无主公司", "丙有主公司"]))
    assert {c.name: c.owner.name for c in found if c.owner} == {
        "甲无主公司": "李明朗",
        "乙无主公司": "李明朗",
        "丙有主公司": "冯雪",
    }


def test_what_goes_out_and_never_in_is_said(open_company: Company) -> None:
    content = "employee_no,name,period,currency,amount,checksum\nB101,王海涛,2026-10,CNY,5.00,ab\n"
    answer = browser(open_company, "zhao").post("/imports/new", files={"file": ("p.csv", content)})
    assert answer.status_code == 422
    assert "只导出，不导入" in answer.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_of_rejected_rows_is_read_as_its_file_was(open_company: Company, language: str) -> None:
    client = browser(open_company, "wang", language)
    text = "谁,钱,何时\n甲公司,1100.04,03/04/2017\n乙公司,x,03/04/2017\n".replace("何时", "城市")
    answer = client.post("/imports/new", files={"file": ("list.csv", text.encode())})
    path = answer.headers["location"]
    client.post(path, data={"kind": "customers"})
    chosen = {"column0": "name", "column1": "revenue", "column2": "city", "revenue_unit": "1000000"}
    assert client.post(path.replace("file", "columns"), data=chosen).status_code == 303
    worker.drain()
    made = Import.get_by_id(int(path.split("/")[2]))
    assert made.report["counts"]["rejected"] == 1
    run(client, made)
    text = client.get(f"/imports/{made.id}/rejected").content.decode("utf-8-sig").replace(",x,", ",2.5,")
    again = run(client, bring(client, text))
    assert again.counts["created"] == 1
    assert {c.name: c.revenue for c in Customer.select().where(Customer.name.in_(["甲公司", "乙公司"]))} == {
        "甲公司": 1_100_040_000_00,
        "乙公司": 2_500_000_00,
    }, "in millions, as the file was"
