"""Which record a row means: keys, namesakes, look-alikes, shared addresses, and numbers that were damaged."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest

from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.imports import report
from portal.models.imports.aliases import Alias, fold
from portal.models.imports.imports import Import
from portal.models.people.people import Person, Role
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from portal.models.sales.lines import DealLine
from tests.models.imports.test_imports import counts, done, tried, work


def why(made: Import) -> dict[int, str]:
    """Why which rows are not taken."""
    return {row: str(text) for row, text in report.rejected(made).items()}


class TestKeys:
    @pytest.mark.parametrize(
        ("header", "field"),
        [
            ("code", "code"),
            ("Customer ID", "code"),
            ("客户编号", "code"),
            ("PostalCode", None),
            ("Postal Code", None),
            ("邮政编码", None),
            ("Country code", None),
            ("Postal ID", None),
            ("Portal ID", "ident"),
            ("门户编号", "ident"),
            ("Country", "city"),
        ],
    )
    def test_only_what_is_called_so_is_a_key(self, adam: Person, header: str, field: str | None) -> None:
        made = tried(f"name,{header},sector\nA,100,x\nB,200,x\n", by=adam, kind="customers")
        assert {"code", "ident", "city"} & {f for f, h in made.columns.items() if h == header} == (
            {field} if field else set()
        )

    def test_what_repeats_in_the_file_is_none(self, adam: Person) -> None:
        made = done("name,code,sector\nA,CN,x\nB,CN,x\nC,CN,x\nD,US,x\n", by=adam, kind="customers")
        assert counts(made) == (4, 0, 0, 0)
        assert {c.code for c in Customer.select()} == {None}

    def test_a_number_of_another_portal_means_nobody(self, adam: Person, ada: Person) -> None:
        Customer.add(by=ada, name="Isdom")
        made = done("name,Portal ID,city\nOther,C1-000000,Rome\nThird,1,Rome\n", by=adam, kind="customers")
        assert counts(made) == (0, 0, 0, 2)
        assert "no number of this portal" in why(made)[2]
        assert Customer.get().name == "Isdom"


class TestLookAlikes:
    @pytest.mark.parametrize(
        "written",
        [
            "Аcme Trade",  # with a Cyrillic А
            "Acme\u00a0Trade",
            "Acme\u200b Trade",
            "\ufeffAcme Trade",
            "Ac\u00adme Trade",
            "Ａｃｍｅ Trade",
            "ACME  TRADE",
            "Acme\u200d Trade",
        ],
    )
    def test_what_looks_the_same_is_the_same(self, adam: Person, ada: Person, written: str) -> None:
        Customer.add(by=ada, name="Acme Trade")
        made = done(f"name,city\n{written},Rome\n", by=adam, kind="customers")
        assert counts(made) == (0, 1, 0, 0)
        found = Customer.get()
        assert (found.name, found.city) == ("Acme Trade", "Rome"), "no second record, no other spelling"

    def test_another_alphabet_is_another_name(self) -> None:
        assert fold("Сосна") != fold("Cocha")
        assert fold("Ольга") == "ольга"
        assert fold("Москва Trade") == "москва trade"

    def test_what_is_new_is_kept_without_what_nobody_sees(self, adam: Person) -> None:
        done("name,code\n\u200bNew\u00a0Trade\u200e,Ａ－１\n", by=adam, kind="customers")
        assert (Customer.get().name, Customer.get().code) == ("New Trade", "A-1")


class TestNumbers:
    @pytest.mark.parametrize(
        "phone", ["1.38E+10", "1.3800138E+10", "1,38E+10", "1234567890123450000", "861380013800000000"]
    )
    def test_a_shortened_number_is_refused_with_the_reason(self, adam: Person, phone: str) -> None:
        made = tried(f'name,phone\nA,"{phone}"\n', by=adam, kind="customers")
        assert counts(made) == (0, 0, 0, 1)
        assert "shortened this number" in why(made)[2]

    def test_a_long_number_that_is_whole_is_taken(self, adam: Person) -> None:
        text = "name,code\nA,110101199003077758\nB,1234567890123450\nC,2E10\n"
        assert counts(done(text, by=adam, kind="customers")) == (3, 0, 0, 0)

    def test_an_amount_that_was_shortened_is_none(self, adam: Person) -> None:
        made = tried("name,revenue\nA,1.38E+10\n", by=adam, kind="customers")
        assert "shortened this number" in why(made)[2]

    def test_lost_zeros_make_no_second_record(self, adam: Person, ada: Person) -> None:
        Customer.add(by=ada, name="Isdom", code="00123", phone="01060000001")
        made = done("name,code,city\nIsdom Ltd,123,Rome\nNew,456,Rome\n", by=adam, kind="customers")
        assert counts(made) == (1, 0, 0, 1)
        assert "“00123” is" in why(made)[2]
        same = "name,code,phone,city\nIsdom,00123,1060000001,Rome\n"
        assert counts(done(same, by=adam, kind="customers")) == (0, 1, 0, 0)
        assert Customer.get(Customer.code == "00123").phone == "01060000001"


class TestPeople:
    def test_managers_by_employee_number(self, adam: Person, ada: Person) -> None:
        text = "姓名,工号,直属经理\n周一,1001,1002\n周二,1002,E001\n周三,1003,ADA@example.com\n"
        assert counts(done(text, by=adam)) == (3, 0, 0, 0)
        boss: Any = {p.name: p.manager and p.manager.name for p in Person.select()}
        assert (boss["周一"], boss["周二"], boss["周三"]) == ("周二", "Ada", "Ada")
        assert Person.get(Person.name == "周二").holds(Role.MANAGER)

    def test_nobody_is_called_by_a_number(self, adam: Person) -> None:
        made = tried("姓名,工号,直属经理\n周一,1001,9999\n", by=adam)
        assert counts(made) == (0, 0, 0, 1)
        made.choose({"person": {"9999": "add"}})
        work()
        assert counts(made.fresh()) == (0, 0, 0, 1)

    def test_a_manager_whose_number_lost_its_zeros_is_offered(self, adam: Person, ada: Person) -> None:
        Person.update(employee_no="0042").where(Person.id == ada.id).execute()
        made = tried("姓名,工号,直属经理\n周一,1001,42\n", by=adam)
        assert made.report["names"][0]["suggestion"] == "0042"
        assert counts(made) == (0, 0, 0, 1)

    def test_two_people_of_one_address(self, adam: Person, ada: Person) -> None:
        text = "name,email,title\nAda,ada@example.com,Head\nBob,ada@example.com,Clerk\n"
        made = done(text, by=adam, kind="people")
        assert counts(made) == (0, 1, 0, 1)
        assert "one of their own" in why(made)[3]
        made = done("name,email,title\nBob,ada@example.com,Clerk\n", by=adam, kind="people")
        assert counts(made) == (0, 0, 0, 1)
        assert "belongs to Ada" in why(made)[2]
        assert (ada.fresh().name, ada.fresh().title) == ("Ada", "Head")
        known = "name,email,employee number\nAda Lovelace,ada@example.com,E001\n"
        assert counts(done(known, by=adam, kind="people")) == (0, 1, 0, 0), "the number proves who it is"

    def test_contacts_who_share_a_mailbox_are_several(self, adam: Person, ada: Person) -> None:
        Customer.add(by=ada, name="Isdom")
        text = "account,contact,email\nIsdom,Mike,team-a@x.example\nIsdom,Anna,team-a@x.example\n"
        assert counts(done(text, by=adam, kind="contacts")) == (2, 0, 0, 0)
        assert counts(done(text, by=adam, kind="contacts")) == (0, 0, 2, 0)
        more = "account,contact,email\nIsdom,Otto,info@x.example\n"
        assert counts(done(more, by=adam, kind="contacts")) == (1, 0, 0, 0)
        other = "account,contact,email\nIsdom,Olga,info@x.example\n"
        assert counts(done(other, by=adam, kind="contacts")) == (1, 0, 0, 0)
        assert sorted(c.name for c in Contact.select()) == ["Anna", "Mike", "Olga", "Otto"]


class TestErrors:
    def test_all_reasons_of_a_row_at_once(self, adam: Person, ada: Person, lakeside: Product) -> None:
        head = "opportunity_id,sales_agent,product,account,deal_stage,close_date,close_value\n"
        made = tried(head + "T1,Nobody,Unknown,Ghost,Won,2017-13-01,US$5\n", by=adam)
        told = why(made)[2]
        for part in ("“Nobody”", "“Unknown”", "“Ghost”", "2017-13-01", "US$5"):
            assert part in told
        assert "needs its amount" not in told, "what could not be read is said once"
        assert report.rejected_csv(made).count("\r\n") == 2

    def test_a_name_of_a_row_that_is_not_taken_is_not_added(self, adam: Person, ada: Person) -> None:
        made = done("name,department,hire date\nZoe,Nowhere,2017-13-01\n", by=adam, kind="people")
        assert (counts(made), made.counts["added"]) == ((0, 0, 0, 1), 0)

    def test_money_came_only_where_someone_says_so(self, adam: Person, ada: Person) -> None:
        head = "opportunity_id,sales_agent,deal_stage,close_date,close_value\n"
        made = Import.begin(by=adam, file=_file(head + "T1,Ada,Won,2017-03-01,5\n"), name="x.csv")
        assert made.choices["paid_on_close"] is False
        made.map(columns=made.columns)
        work()
        made.fresh().start(by=adam)
        work()
        assert [line.trigger for line in DealLine.standing(Deal.get())] == ["contract"]

    def test_one_of_namesakes_is_meant_where_the_record_says_so(self, adam: Person, ada: Person) -> None:
        one, other = (Customer.add(by=ada, name="Twin", code=code) for code in ("T-1", "T-2"))
        deal = Deal.open(by=ada, title="A deal", code="D-1", customer=other)
        text = "code,account,sales agent,stage,amount\nD-1,Twin,Ada,Lead,7\n"
        assert counts(done(text, by=adam, kind="deals")) == (0, 1, 0, 0)
        assert (deal.fresh().customer_id, deal.fresh().amount) == (other.id, 700)
        new = "code,account,sales agent,stage\nD-2,Twin,Ada,Lead\n"
        assert counts(tried(new, by=adam, kind="deals")) == (0, 0, 0, 1)
        assert one.id != other.id


class TestRemembered:
    def test_what_was_meant_before_is_meant_again(self, adam: Person) -> None:
        Alias.remember("place", "Hangzhuo", "Hangzhou", record=None, by=adam, taught=1)
        Alias.remember("place", "Hangzhuo", "Huzhou", record=None, by=adam, taught=2)
        Alias.remember("place", "Hangzhuo", "Chuzhou", record=None, by=adam, taught=3)
        assert Alias.forget(2) == 0
        Alias.forget(3)
        assert not Alias.select().exists(), "what an import taught that was taken back is not meant again"
        Alias.remember("place", "Hangzhuo", "Hangzhou", record=None, by=adam, taught=1)
        Alias.remember("place", "Hangzhuo", "Huzhou", record=None, by=adam, taught=2)
        Alias.forget(2)
        assert (Alias.get().meaning, Alias.get().taught, Alias.get().by_id) == ("Hangzhou", 1, adam.id)

    def test_the_day_in_a_zone_is_told_in_the_dry_run(self, adam: Person, ada: Person) -> None:
        head = "opportunity_id,sales_agent,deal_stage,close_date,close_value\n"
        made = done(head + "T1,Ada,Won,2017-03-31T17:30:00Z,5\n", by=adam)
        assert made.report["money"]["payment"] == [1, 500, "2017-04", "2017-04"]
        assert Deal.get().closed_on == date(2017, 4, 1)


def _file(text: str) -> io.BytesIO:
    return io.BytesIO(text.encode())
