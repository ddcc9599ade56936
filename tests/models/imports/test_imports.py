"""Imports of real files: what comes in, what is refused and why, twice, after a kill, and back out again."""

from __future__ import annotations

import io
import os
import random
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from peewee import fn

from portal import clock
from portal.jobs import worker
from portal.models.base.record import Event, Invalid
from portal.models.company.departments import Department
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.imports import report
from portal.models.imports.aliases import Alias
from portal.models.imports.imports import Import
from portal.models.imports.rows import ImportRow
from portal.models.people.people import Person, Role
from portal.models.products.products import Product
from portal.models.sales import closings
from portal.models.sales.deals import Deal, DealShare
from portal.models.sales.lines import DealLine
from portal.settings import ROOT, Settings

PIPELINE = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"


def work() -> None:
    """Do what is waiting in the background, as the worker would."""
    worker.drain()


def tried(content: str | bytes | Path, *, by: Person, kind: str = "", **choices: Any) -> Import:
    """A file brought, mapped as guessed, and tried out."""
    choices = {"paid_on_close": True, **choices}  # of these files the money came
    data = content.read_bytes() if isinstance(content, Path) else content
    data = data.encode() if isinstance(data, str) else data
    name = content.name if isinstance(content, Path) else "file.csv"
    made = Import.begin(by=by, file=io.BytesIO(data), name=name, kind=kind)
    made.map(columns=choices.pop("columns", made.columns), **choices)
    work()
    return made.fresh()


def done(content: str | bytes | Path, *, by: Person, kind: str = "", **choices: Any) -> Import:
    """A file brought and imported."""
    made = tried(content, by=by, kind=kind, **choices)
    made.start(by=by)
    work()
    return made.fresh()


def counts(made: Import) -> tuple[int, int, int, int]:
    """Created, updated, unchanged, rejected: as the run counted, else as the dry run did."""
    found = made.counts or made.report["counts"]
    return found["created"], found["updated"], found["unchanged"], found["rejected"]


@pytest.fixture
def maven(shared: Path) -> Path:
    return shared / "data" / "crm_maven"


@pytest.fixture
def company(maven: Path, adam: Person) -> Person:
    """The accounts, teams and products of the real pipeline; gives who imported them."""
    done(maven / "accounts.csv", by=adam, revenue_unit="1000000")
    done(maven / "sales_teams.csv", by=adam)
    done(maven / "products.csv", by=adam)
    return adam


@pytest.fixture
def shop(adam: Person, ada: Person, lakeside: Product) -> Person:
    """One product and one seller on record; gives who imports."""
    Customer.add(by=ada, name="Isdom")
    return adam


def deal(line: str) -> str:
    """A pipeline file with one deal by Ada for the product on record."""
    return PIPELINE + line + "\n"


class TestRealPipeline:
    def test_accounts_with_parents_sectors_and_revenue(self, maven: Path, adam: Person) -> None:
        made = done(maven / "accounts.csv", by=adam, revenue_unit="1000000")
        assert counts(made) == (85, 0, 0, 0)
        acme = Customer.get(Customer.name == "Acme Corporation")
        assert (acme.revenue, acme.employees, acme.founded) == (1_100_040_000_00, 2822, 1996)
        assert acme.sector == "technology", "technolgy is proposed as technology"
        # awk -F, '$7=="Acme Corporation"' accounts.csv | wc -l
        assert Customer.select().where(Customer.parent == acme).count() == 4
        place = next(one for one in made.report["names"] if one["text"] == "Philipines")
        assert (place["choice"], place["suggestion"]) == ("keep", "Philippines"), "offered, not taken"
        assert Customer.select().where(Customer.city == "Philipines").count() == 1
        assert Event.select().where(Event.verb == "imported", Event.subject_kind == "customer").count() == 85

    def test_teams_make_people_who_cannot_sign_in_managers_and_departments(
        self, maven: Path, adam: Person
    ) -> None:
        made = done(maven / "sales_teams.csv", by=adam)
        assert counts(made) == (35, 0, 0, 0)
        assert made.counts["added"] == 9, "6 managers and 3 offices"
        anna: Any = Person.get(Person.name == "Anna Snelling")
        assert (anna.email, anna.password_hash) == ("anna.snelling@no-address.invalid", "")
        assert anna.department.name == "Central"
        assert anna.manager.name == "Dustin Brinkmann"
        assert anna.manager.holds(Role.MANAGER)
        assert anna.manager.leads(anna)
        assert not anna.holds(Role.MANAGER)

    def test_pipeline_comes_in_whole(self, maven: Path, company: Person) -> None:
        made = done(maven / "sales_pipeline.csv", by=company)
        assert counts(made) == (8800, 0, 0, 0)
        by_stage: Any = Deal.select(Deal.stage, fn.COUNT(1)).group_by(Deal.stage).tuples()
        stages = dict(by_stage)
        # awk -F, 'NR>1{c[$5]++} END{for(k in c) print k,c[k]}'
        assert stages == {"won": 4238, "lost": 2473, "engaged": 1589, "lead": 500}
        assert Deal.select().where(Deal.customer.is_null()).count() == 1425
        assert Deal.select().where(Deal.engaged_on.is_null()).count() == 500
        pro = Product.get(Product.name == "GTX Pro")
        assert Deal.select().where(Deal.product == pro).count() == 1480, "GTXPro is GTX Pro"
        assert Alias.get(Alias.spelling == "GTXPro").record == pro.id
        lines: Any = DealLine.select(DealLine.trigger, fn.COUNT(1), fn.SUM(DealLine.amount))
        assert sorted(lines.group_by(DealLine.trigger).tuples()) == [
            ("contract", 4238, 10_005_534_00),
            ("payment", 4238, 10_005_534_00),
        ]
        # awk -F, '$5=="Won" && $2=="Darcel Schlecht" && $7 ~ /^2017-05/ {s+=$8}'
        darcel = Person.get(Person.name == "Darcel Schlecht")
        paid = DealLine.select(fn.COUNT(1), fn.SUM(DealLine.amount)).join(Deal, on=DealLine.deal)
        may = paid.where(
            (Deal.owner == darcel)
            & (DealLine.trigger == "payment")
            & DealLine.on.between(date(2017, 5, 1), date(2017, 5, 31))
        )
        assert next(iter(may.tuples())) == (33, 95_118_00)
        assert DealShare.select().where(DealShare.share == 1_000_000).count() == 4238

    def test_the_same_file_and_the_same_data_with_american_dates_change_nothing(
        self, maven: Path, company: Person
    ) -> None:
        done(maven / "sales_pipeline.csv", by=company)
        before = everything()
        assert counts(done(maven / "sales_pipeline.csv", by=company)) == (0, 0, 8800, 0)
        assert counts(done(maven / "sales_pipeline_usdates.csv", by=company)) == (0, 0, 8800, 0)
        assert counts(done(maven / "accounts.csv", by=company, revenue_unit="1000000")) == (0, 0, 85, 0)
        assert counts(done(maven / "sales_teams.csv", by=company)) == (0, 0, 35, 0)
        assert counts(done(maven / "products.csv", by=company)) == (0, 0, 7, 0)
        assert everything() == before

    def test_taken_back_and_brought_again(self, maven: Path, company: Person) -> None:
        before = everything()
        made = done(maven / "sales_pipeline.csv", by=company)
        made.undo(by=company)
        made.fresh().undo(by=company)
        work()
        made = made.fresh()
        assert made.state == "undone"
        assert made.counts["undone"] == {"archived": 4238, "removed": 8800 - 4238}
        assert Deal.select().where(Deal.archived_at.is_null()).count() == 0
        assert DealLine.select(fn.SUM(DealLine.amount)).scalar() == 0
        months: Any = DealLine.select(fn.SUM(DealLine.amount)).group_by(DealLine.trigger, DealLine.on)
        assert {amount for (amount,) in months.tuples()} == {0}, "each day comes out as if nothing had been"
        made.undo(by=company)
        work()
        assert DealLine.select().count() == 4238 * 2 * 2
        assert everything()["customers"] == before["customers"]
        assert counts(done(maven / "sales_pipeline.csv", by=company)) == (8800, 0, 0, 0)
        assert DealLine.select(fn.SUM(DealLine.amount)).scalar() == 2 * 10_005_534_00


def everything() -> dict[str, list[Any]]:
    """All that imports write, without ids and times of writing."""
    deals = Deal.select(
        Deal.code,
        Deal.title,
        Deal.stage,
        Deal.amount,
        Deal.engaged_on,
        Deal.closed_on,
        Deal.customer,
        Deal.owner,
    )
    lines = DealLine.select(DealLine.deal, DealLine.trigger, DealLine.on, DealLine.amount)
    return {
        "customers": sorted(
            Customer.select(Customer.name, Customer.sector, Customer.parent).tuples(), key=str
        ),
        "people": sorted(Person.select(Person.name, Person.email, Person.manager).tuples(), key=str),
        "products": sorted(Product.select(Product.code, Product.list_price).tuples(), key=str),
        "deals": sorted(deals.tuples(), key=str),
        "lines": sorted(lines.tuples(), key=str),
    }


class TestRows:
    def test_one_bad_row_does_not_lose_the_good_ones(self, shop: Person) -> None:
        made = done(
            PIPELINE
            + "T1,Ada,翠湖花园,Isdom,Won,2017-01-05,2017-03-01,1054.50\n"
            + "T2,Nobody Known,翠湖花园,Isdom,Lost,2017-01-05,2017-03-01,0\n"
            + "T3,Ada,翠湖花园,Isdom,Won,2017-01-05,2017-13-01,12\n"
            + "T4,Ada,翠湖花园,Isdom,Won,2017-01-05,2017-03-01,1.054\n"
            + "T5,Ada,翠湖花园,Isdom,Won,2017-01-05,,12\n"
            + "T6,Ada,翠湖花园,Isdom,Won,2017-01-05,2017-01-04,12\n"
            + f"T7,Ada,翠湖花园,Isdom,Won,2017-01-05,{clock.today() + timedelta(days=9)},12\n"
            + "T8,Ada,翠湖花园,Isdom,Won,2017-01-05,2017-03-01,0\n"
            + "T1,Ada,翠湖花园,Isdom,Lost,2017-01-05,2017-03-01,0\n"
            + "T9,Ada,翠湖花园,Isdom,Lost,2017-01-05,2017-03-01,0,extra\n"
            + "T0,Ada,,,Prospecting,,,\n",
            by=shop,
        )
        assert counts(made) == (2, 0, 0, 9)
        assert {d.code for d in Deal.select()} == {"T1", "T0"}
        why = {row: str(text) for row, text in report.rejected(made).items()}
        assert sorted(why) == [3, 4, 5, 6, 7, 8, 9, 10, 11]
        assert "Nobody Known" in why[3]
        assert "close_date" in why[4]
        assert "1.054" in why[5]
        assert "day on which it was closed" in why[6]
        assert "before it was begun" in why[7]
        assert "still to come" in why[8]
        assert "needs its amount" in why[9]
        assert "Row 2" in why[10]
        assert "9 cells for 8 headers" in why[11]
        csv = report.rejected_csv(made)
        assert csv.startswith("\ufeff")
        assert csv.count("\r\n") == 10

    def test_a_formula_in_a_rejected_row_is_harmless(self, shop: Person) -> None:
        made = tried(deal("T1,=HYPERLINK(1),翠湖花园,Isdom,Lost,,2017-03-01,0"), by=shop)
        assert "'=HYPERLINK(1)" in report.rejected_csv(made)

    def test_a_changed_row_updates_and_says_what_it_was(self, shop: Person) -> None:
        done(deal("T1,Ada,翠湖花园,Isdom,Engaging,2017-01-05,,"), by=shop)
        made = done(deal("T1,Ada,翠湖花园,Isdom,Won,2017-01-05,2017-03-01,1054"), by=shop)
        assert counts(made) == (0, 1, 0, 0)
        found = Deal.get(Deal.code == "T1")
        assert (found.stage, found.amount, found.closed_on) == ("won", 1054_00, date(2017, 3, 1))
        assert [(x.trigger, x.amount, x.on) for x in DealLine.standing(found)] == [
            ("payment", 1054_00, date(2017, 3, 1)),
            ("contract", 1054_00, date(2017, 3, 1)),
        ]
        edited = Event.about(found).where(Event.verb == "edited").get()
        assert edited.changes["stage"] == ["engaged", "won"]

    def test_a_corrected_amount_reverses_what_was_recorded(self, shop: Person) -> None:
        done(deal("T1,Ada,翠湖花园,Isdom,Won,2017-01-05,2017-03-01,1054"), by=shop)
        made = done(deal("T1,Ada,翠湖花园,Isdom,Won,2017-01-05,2017-03-01,1060"), by=shop)
        found = Deal.get(Deal.code == "T1")
        assert sorted(x.amount for x in DealLine.of(found)) == sorted([1054_00, -1054_00, 1060_00] * 2)
        made.undo(by=shop)
        work()
        found = found.fresh()
        assert found.amount == 1054_00
        assert sorted(x.amount for x in DealLine.standing(found)) == [1054_00, 1054_00]

    def test_money_recorded_by_hand_is_left_alone(self, shop: Person, ada: Person) -> None:
        by_hand = Deal.open(by=ada, title="By hand", code="T1")
        closings.win(by_hand, by=ada, amount=500_00, on=date(2017, 3, 1))
        made = done(deal("T1,Ada,,,Won,,2017-03-01,600"), by=shop)
        assert counts(made) == (0, 0, 0, 1)
        assert by_hand.fresh().amount == 500_00

    def test_not_paid_yet_has_a_contract_alone(self, shop: Person) -> None:
        file = deal("T1,Ada,翠湖花园,Isdom,Won,2017-01-05,2017-03-01,1054")
        done(file, by=shop, paid_on_close=False)
        assert [x.trigger for x in DealLine.standing(Deal.get())] == ["contract"]
        assert counts(done(file, by=shop)) == (0, 1, 0, 0)
        assert sorted(x.trigger for x in DealLine.standing(Deal.get())) == ["contract", "payment"]

    def test_two_readings_of_a_date_are_asked_about(self, shop: Person) -> None:
        file = deal("T1,Ada,翠湖花园,Isdom,Won,03/02/2017,04/05/2017,1054").encode()
        made = Import.begin(by=shop, file=io.BytesIO(file), name="x.csv")
        with pytest.raises(Invalid) as caught:
            made.map(columns=made.columns)
        assert "date_order" in caught.value.errors
        made.map(columns=made.columns, date_order="dmy")
        made.start(by=shop) if made.state == "checked" else work()
        made = made.fresh()
        made.start(by=shop)
        work()
        assert Deal.get().closed_on == date(2017, 5, 4)

    def test_chinese_headers_in_gb18030(self, shop: Person) -> None:
        text = "客户名称,行业,所在地,员工人数,负责人\n翠湖小学,教育,上海,１２０,Ada\n"
        made = done(text.encode("gb18030"), by=shop)
        assert counts(made) == (1, 0, 0, 0)
        school: Any = Customer.get(Customer.name == "翠湖小学")
        assert (school.sector, school.city, school.employees) == ("教育", "上海", 120)
        assert (school.owner.name, school.sort_name) == ("Ada", "cui hu xiao xue")

    def test_contacts_by_first_and_last_name(self, shop: Person) -> None:
        made = done("account,first,last,email\nIsdom,Mike,Parker,MIKE@example.com\n", by=shop)
        assert counts(made) == (1, 0, 0, 0)
        assert (Contact.get().name, Contact.get().email) == ("Mike Parker", "mike@example.com")
        assert counts(done("account,first,last,email\nIsdom,Mike,Parker,mike@example.com\n", by=shop))[2] == 1

    def test_parents_in_any_order_and_in_a_circle(self, adam: Person) -> None:
        made = done("account,subsidiary of\nLeaf,Branch\nBranch,Root\nRoot,\nX,Y\nY,X\nZ,Z\n", by=adam)
        assert counts(made) == (3, 0, 0, 3)
        leaf = Customer.get(Customer.name == "Leaf")
        assert (leaf.parent.name, leaf.parent.parent.name) == ("Branch", "Root")

    def test_a_person_keeps_an_address_of_their_own(self, adam: Person) -> None:
        done("name,department\nAnna Li,East\nAnna  LI,West\n", by=adam, kind="people")
        done("name,department\nanna.li,East\n", by=adam, kind="people")
        addresses = sorted(p.email for p in Person.select().where(Person.email.contains("no-address")))
        assert addresses == ["anna.li-2@no-address.invalid", "anna.li@no-address.invalid"]


class TestNames:
    def test_a_choice_is_remembered_for_the_next_file(self, shop: Person) -> None:
        made = tried(deal("T1,Ada,湖边小筑,Isdom,Lost,,2017-03-01,0"), by=shop)
        assert counts(made) == (0, 0, 0, 1)
        assert made.choose({"product": {"湖边小筑": "same:翠湖花园"}})
        work()
        made = made.fresh()
        assert counts(made) == (1, 0, 0, 0)
        made.start(by=shop)
        work()
        again = tried(deal("T2,Ada,湖边小筑,Isdom,Lost,,2017-03-01,0"), by=shop)
        assert counts(again) == (1, 0, 0, 0)
        assert again.report["names"][0]["remembered"]

    def test_saying_nothing_new_asks_for_nothing(self, shop: Person) -> None:
        made = tried(deal("T1,Ada,Unknown,Isdom,Lost,,2017-03-01,0"), by=shop)
        assert not made.choose({"product": {"Unknown": "refuse"}})
        assert made.state == "checked"

    def test_unknown_names_are_added_when_wished_and_go_with_the_import(self, shop: Person) -> None:
        made = tried(deal("T1,Zoe New,Unknown,Another,Lost,,2017-03-01,0"), by=shop)
        made.choose(
            {"product": {"Unknown": "add"}, "customer": {"Another": "add"}, "person": {"Zoe New": "add"}}
        )
        work()
        made = made.fresh()
        made.start(by=shop)
        work()
        made = made.fresh()
        assert made.counts["added"] == 3
        found: Any = Deal.get()
        assert (found.product.name, found.customer.name, found.owner.name) == (
            "Unknown",
            "Another",
            "Zoe New",
        )
        assert found.title == "Unknown · Another"
        made.undo(by=shop)
        work()
        assert not Deal.select().exists()
        assert not Product.select().where(Product.name == "Unknown").exists()
        assert not Person.select().where(Person.name == "Zoe New").exists()

    def test_a_manager_cannot_add_people_nor_change_what_is_not_theirs(
        self, shop: Person, mona: Person, stan: Person
    ) -> None:
        made = tried(deal("T1,Zoe New,翠湖花园,Isdom,Lost,,2017-03-01,0"), by=mona)
        made.choose({"person": {"Zoe New": "add"}})
        work()
        assert counts(made.fresh()) == (0, 0, 0, 1)
        Customer.add(by=stan, name="Stan's")
        made = done("account,city\nIsdom,Berlin\nStan's,Berlin\n", by=mona)
        assert counts(made) == (0, 1, 0, 1), "Ada is in her team, Stan is not"
        with pytest.raises(Invalid):
            tried("name,department\nZoe,East\n", by=mona, kind="people")

    def test_a_row_that_changes_nothing_needs_no_right(
        self, shop: Person, mona: Person, stan: Person, rita: Person
    ) -> None:
        line = f"T1,{rita.name},翠湖花园,Isdom,Won,2017-01-02,2017-03-01,1000"
        assert counts(done(deal(line), by=mona)) == (1, 0, 0, 0)
        assert not Deal.get().editable_by(mona)
        assert counts(done(deal(line), by=mona)) == (0, 0, 1, 0), "the same again"
        assert counts(done(deal(line.replace("1000", "1001")), by=mona)) == (0, 0, 0, 1)
        assert Deal.get().amount == 1000_00
        Customer.add(by=stan, name="Stan's", phone="13800138000")
        made = tried("account,phone\nStan's,13800138000\n", by=mona, kind="customers")
        assert counts(made) == (0, 0, 0, 1), "a private number cannot be guessed by importing it"

    def test_namesakes_are_refused_until_a_code_tells_them_apart(self, shop: Person, ada: Person) -> None:
        Customer.add(by=ada, name="Isdom", code="I-2")
        made = tried(deal("T1,Ada,翠湖花园,Isdom,Lost,,2017-03-01,0"), by=shop)
        assert "may be several" in str(made.problems[0][1])
        assert counts(tried(deal("T1,Ada,翠湖花园,I-2,Lost,,2017-03-01,0"), by=shop)) == (1, 0, 0, 0)


class TestUndo:
    def test_what_was_edited_or_is_referred_to_stays(self, adam: Person, ada: Person) -> None:
        made = done("account,city\nFree,Berlin\nEdited,Berlin\nUsed,Berlin\n", by=adam)
        edited, used = (Customer.get(Customer.name == name) for name in ("Edited", "Used"))
        edited.edit(by=ada, city="Paris")
        Deal.open(by=ada, title="A deal", customer=used)
        made.undo(by=adam)
        work()
        assert made.fresh().counts["undone"] == {"removed": 1, "kept": 2}
        assert {c.name for c in Customer.select()} == {"Edited", "Used"}
        assert edited.fresh().city == "Paris"

    def test_updates_return_to_what_they_were(self, adam: Person, ada: Person) -> None:
        isdom = Customer.add(by=ada, name="Isdom", city="Rome", employees=3)
        made = done("account,city,employees\nIsdom,Berlin,4\n", by=adam)
        assert (isdom.fresh().city, isdom.fresh().employees) == ("Berlin", 4)
        made.undo(by=adam)
        work()
        assert (isdom.fresh().city, isdom.fresh().employees) == ("Rome", 3)

    def test_families_of_new_customers_go_together(self, adam: Person) -> None:
        made = done("account,subsidiary of\nLeaf,Root\nRoot,\n", by=adam)
        made.undo(by=adam)
        work()
        assert not Customer.select().exists()

    def test_new_people_go_with_their_managers_and_offices(self, maven: Path, adam: Person) -> None:
        made = done(maven / "sales_teams.csv", by=adam)
        made.undo(by=adam)
        work()
        assert made.fresh().counts["undone"] == {"removed": 35 + 9}
        assert [p.name for p in Person.select()] == ["Adam"]
        assert not Department.select().where(Department.name == "East").exists()

    def test_only_a_finished_import_is_taken_back(self, adam: Person) -> None:
        with pytest.raises(Invalid):
            tried("account,city\nFree,Berlin\n", by=adam).undo(by=adam)


class TestBreaks:
    def test_killed_at_any_moment_it_ends_as_if_it_had_not_been(
        self, maven: Path, company: Person, settings: Settings
    ) -> None:
        begun = tried(maven / "sales_pipeline.csv", by=company)
        begun.start(by=company)
        chance = random.Random(20170301)
        kills, job = 0, begun.fresh().job_id
        for _ in range(6):
            written = ImportRow.select().count()
            process = subprocess.Popen(
                [sys.executable, "-c", RUN, str(begun.id)],
                cwd=ROOT,
                env={**os.environ, "PORTAL_DATA": str(settings.data), "TEST_DATABASE": settings.database},
            )
            try:
                # together less than the file has rows, however quick the machine
                until = written + chance.randrange(1, 700)
                while process.poll() is None and ImportRow.select().count() < until:
                    time.sleep(0.01)
                time.sleep(chance.random() * 0.05)
            finally:
                if process.poll() is None:
                    os.kill(process.pid, signal.SIGKILL)
                    kills += 1
                process.wait()
        assert kills >= 3
        assert begun.fresh().state == "running"
        assert job is not None
        work()
        assert begun.fresh().state == "finished"
        assert counts(begun.fresh()) == (8800, 0, 0, 0)
        assert ImportRow.select().where(ImportRow.imported == begun).count() == 8800
        assert Deal.select().count() == 8800
        assert DealLine.select(fn.SUM(DealLine.amount)).scalar() == 2 * 10_005_534_00
        assert Event.select().where(Event.verb == "imported", Event.subject_kind == "deal").count() == 8800
        again = done(maven / "sales_pipeline.csv", by=company)
        assert counts(again) == (0, 0, 8800, 0)

    def test_asking_twice_writes_once(self, shop: Person) -> None:
        made = tried(deal("T1,Ada,翠湖花园,Isdom,Lost,,2017-03-01,0"), by=shop)
        made.start(by=shop)
        made.fresh().start(by=shop)
        work()
        made.fresh().start(by=shop)
        work()
        assert ImportRow.select().count() == 1
        assert Deal.select().count() == 1

    def test_a_lost_file_is_said(self, shop: Person) -> None:
        made = tried(deal("T1,Ada,翠湖花园,Isdom,Lost,,2017-03-01,0"), by=shop)
        made.start(by=shop)
        made.attachment.file.unlink()
        work()
        assert made.fresh().state == "failed"
        assert made.fresh().failure == "The file cannot be opened."


RUN = """
import os, sys
from pathlib import Path
from portal.models.base import database
from portal.models.files import attachments
from portal.models.imports.imports import Import
from portal.models.imports.run import run
database.connect(os.environ["TEST_DATABASE"])
attachments.keep_in(Path(os.environ["PORTAL_DATA"]) / "files")
run(database.transact(lambda: Import.get_by_id(int(sys.argv[1])), write=False))
"""


def test_the_english_name_of_a_series_comes_in_from_a_file(adam: Person) -> None:
    done("product name,code,series,series in english\n翠堤湾,A-1,小区,Homes\n", by=adam, kind="products")
    assert (Product.get().series, Product.get().series_en) == ("小区", "Homes")
    done(
        "product name,code,series,series in english\n学府里,A-2,小区,\n贷款代办,S-1,服务,\n过户代办,S-2,服务,Services\n",
        by=adam,
        kind="products",
    )
    named = {one.code: one.series_en for one in Product.select()}
    assert named == {"A-1": "Homes", "A-2": "Homes", "S-1": "Services", "S-2": "Services"}


def test_the_owner_of_a_product_comes_in_from_a_file(adam: Person, ada: Person, ben: Person) -> None:
    """Of who has left it is asked who follows; nobody owns what names nobody."""
    done("产品名称,编号,产品负责人\n翠堤湾,A-1,Ada\n学府里,A-2,\n", by=adam, kind="products")
    assert {one.code: one.owner for one in Product.select()} == {"A-1": ada, "A-2": None}
    ada.deactivate(by=adam)
    stands = done("产品名称,编号,产品负责人\n学府里,A-2,Ada\n", by=adam, kind="products")
    assert Product.get(Product.code == "A-2").owner is None
    assert counts(stands)[3] == 1
    done("产品名称,编号,产品负责人\n学府里,A-2,Ben\n", by=adam, kind="products")
    assert Product.get(Product.code == "A-2").owner == ben


def test_a_phone_without_a_number_is_refused_with_its_row(adam: Person) -> None:
    rows = (
        "Wei,abc电话,",
        "Li,12,",
        "Bank,95588,",
        "Shop,021-12345678 转 8,",
        "None,,",
        "Dash,-,",
        "Wu,无,",
        "Xu,N/A,",
    )
    made = done("account,phone,city\n" + "\n".join(rows) + "\n", by=adam, kind="customers")
    why = {row: str(text) for row, text in report.rejected(made).items()}
    assert sorted(why) == [2, 3]
    assert all("There is no phone number in this" in text for text in why.values())
    assert {one.name for one in Customer.select()} == {"Bank", "Shop", "None", "Dash", "Wu", "Xu"}
    made = done(
        "contact,account,phone\nMr Wu,Bank,somewhere\nMs Wu,Bank,13800138000\n", by=adam, kind="contacts"
    )
    assert [one.name for one in Contact.select()] == ["Ms Wu"]


def test_a_phone_that_is_on_record_so_is_not_judged_anew(adam: Person, ada: Person) -> None:
    """Written down before a phone had to hold a number: unchanged it stays, with what else the row says."""
    for name, phone in (("Old", "12"), ("Other", "34"), ("Theirs", "56")):
        made = Customer.add(by=adam, name=name)
        Customer.update(phone=phone).where(Customer.id == made.id).execute()
    rows = ("Old,12,上海", "Other,35,上海", "New,12,上海")
    again = done("account,phone,city\n" + "\n".join(rows) + "\n", by=adam, kind="customers")
    assert sorted(report.rejected(again)) == [3, 4]
    assert {(one.name, one.phone, one.city) for one in Customer.select()} == {
        ("Old", "12", "上海"),
        ("Other", "34", ""),
        ("Theirs", "56", ""),
    }
    for phone in ("56", "57"):  # whoever may not read it learns nothing by guessing
        guessed = done(f"account,phone\nTheirs,{phone}\n", by=ada, kind="customers")
        assert all(
            "There is no phone number in this" in str(why) for why in report.rejected(guessed).values()
        )
        assert list(report.rejected(guessed)) == [2]
