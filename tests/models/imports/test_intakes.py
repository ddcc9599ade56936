"""Many records at once: the same checks, names, events and notes as the verbs for one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from portal import clock, import_file
from portal.__main__ import parser
from portal.jobs import worker
from portal.models.base.intake import Intake, Source
from portal.models.base.record import Event, Invalid, SearchOutbox
from portal.models.company.topics import Topic
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.intake import ContactIntake, CustomerIntake
from portal.models.expertise.points import PointEntry
from portal.models.imports.imports import Import
from portal.models.knowledge.articles import Article
from portal.models.knowledge.languages import LanguageVersion
from portal.models.knowledge.questions import Question
from portal.models.people.intake import PersonIntake
from portal.models.people.people import Person, Role
from portal.models.products.intake import ProductIntake
from portal.models.products.products import Product
from portal.models.sales import closings
from portal.models.sales.answer_uses import AnswerUse
from portal.models.sales.deals import Deal
from portal.models.sales.intake import DealIntake
from portal.models.sales.lines import DealLine
from portal.tables.table import read_table
from tests.counting import calls
from tests.models.imports.test_imports import counts, done

LAKE = "翠湖" * 100


@pytest.mark.parametrize(
    ("intake", "row", "verb", "field"),
    [
        (CustomerIntake, {"name": "A", "website": "nowhere"}, Customer.add, "website"),
        (CustomerIntake, {"name": "A", "email": "nobody"}, Customer.add, "email"),
        (CustomerIntake, {"name": " "}, Customer.add, "name"),
        (ProductIntake, {"name": "A", "code": "A", "list_price": -1}, Product.add, "list_price"),
        (ProductIntake, {"name": "", "code": "A"}, Product.add, "name"),
        (PersonIntake, {"name": "A", "email": "nobody"}, Person.add, "email"),
        (PersonIntake, {"name": " ", "email": "a@example.com"}, Person.add, "name"),
    ],
)
def test_many_are_refused_for_what_one_is(
    adam: Person, intake: type[Intake[Any]], row: dict[str, Any], verb: Callable[..., Any], field: str
) -> None:
    before = intake.model.select().count()
    with pytest.raises(Invalid) as one:
        verb(by=adam, **row)
    with pytest.raises(Invalid) as many:
        intake(Source(adam)).take_in({2: {"name": "Good", "email": "g@example.com", "code": "G"}, 3: row})
    assert list(one.value.errors) == [field]
    assert many.value.errors == one.value.errors
    assert intake.model.select().count() == before


def test_a_closed_deal_is_refused_for_what_closing_one_is(ada: Person) -> None:
    begun, tomorrow = clock.today() - timedelta(days=5), clock.today() + timedelta(days=1)
    for on, amount in ((tomorrow, 5), (begun - timedelta(days=1), 5), (begun, 0), (begun, None)):
        one = Deal.open(by=ada, title="One", engaged_on=begun)
        with pytest.raises(Invalid) as closing:
            closings.win(one, by=ada, amount=amount, on=on)
        row = {"title": "Many", "owner": ada.id, "stage": "won", "engaged_on": begun}
        with pytest.raises(Invalid) as many:
            DealIntake(Source(ada)).take_in({1: {**row, "closed_on": on, "amount": amount}})
        assert list(many.value.errors.values()) == list(closing.value.errors.values())
    assert not Deal.select().where(Deal.title == "Many").exists()


def test_money_written_by_hand_stands_when_a_row_changes_something_else(adam: Person, ada: Person) -> None:
    by_hand = Deal.open(by=ada, title="By hand", code="T1")
    closings.win(by_hand, by=ada, amount=500_00, on=date(2017, 3, 1))
    row = "T1,Ada,Won,2017-03-01,500,noted\n"
    made = done("opportunity_id,sales_agent,deal_stage,close_date,close_value,note\n" + row, by=adam)
    assert counts(made) == (0, 1, 0, 0)
    assert by_hand.fresh().note == "noted"
    assert [line.trigger for line in DealLine.of(by_hand)] == ["contract"], "no payment beside it"
    made.undo(by=adam)
    worker.drain()
    assert by_hand.fresh().note == ""
    assert [line.trigger for line in DealLine.of(by_hand)] == ["contract"]


def test_an_answer_used_in_a_deal_that_a_file_wins_is_thanked_for_and_its_undoing_takes_that_back(
    adam: Person, ada: Person, ben: Person
) -> None:
    deal = Deal.open(by=ada, title="Desks", code="T1")
    AnswerUse.say(deal, Question.ask(by=ben, text="Why?").answer(by=ben, text="So."), by=ada)
    row = "T1,Ada,Won,2017-03-01,500\n"
    made = done("opportunity_id,sales_agent,deal_stage,close_date,close_value\n" + row, by=adam)
    assert (counts(made), deal.fresh().is_won, PointEntry.total(ben)) == ((0, 1, 0, 0), True, 3)
    made.undo(by=adam)
    worker.drain()
    assert (deal.fresh().is_won, PointEntry.total(ben)) == (False, 0)


def test_contacts_at_a_customer_are_found_as_those_written_by_hand(ada: Person) -> None:
    customer = Customer.add(by=ada, name="Isdom")
    SearchOutbox.delete().execute()
    made = ContactIntake(Source(ada, 7)).take_in(
        {4: {"customer": customer.id, "name": "Mike"}, 6: {"customer": customer.id, "name": "Lily"}}
    )
    assert {row: Contact.get_by_id(ident).name for row, ident in made.items()} == {4: "Mike", 6: "Lily"}
    assert [(n.kind, n.record) for n in SearchOutbox.select()] == [("customer", customer.id)]
    events = Event.select().where(Event.subject_kind == "contact", Event.verb == "imported")
    assert {e.customer for e in events} == {customer.id}
    ContactIntake(Source(ada, 7)).take_back(list(Contact.select()))
    assert not Contact.select().exists()
    assert SearchOutbox.select().count() == 2


def test_lists_sort_imported_names_as_the_verbs_do(adam: Person) -> None:
    long_name = "单" + "王" * 119
    done(f"name,email\n曾云,z@example.com\n{long_name},s@example.com\n", by=adam, kind="people")
    by_hand = Person.add(by=adam, email="h@example.com", name=long_name)
    sorts = {p.email: p.sort_name for p in Person.select()}
    assert sorts["z@example.com"] == "zeng yun", "a family name, not ceng"
    assert sorts["s@example.com"] == ("shan" + " wang" * 119)[:240] == by_hand.sort_name

    done(f"account,customer code\n{LAKE},L1\nIsdom,L2\n", by=adam)
    assert counts(done(f"account,customer code\nIsdom {LAKE[:190]},L2\n", by=adam)) == (0, 1, 0, 0)
    keys = {c.code: c.sort_name for c in Customer.select()}
    assert keys["L1"] == ("cui hu " * 100).strip()[:400] == Customer.add(by=adam, name=LAKE).sort_name
    assert keys["L2"] == ("Isdom  " + "cui hu " * 95).lower().strip()[:400], (
        "a changed name is not cut shorter"
    )


@pytest.mark.parametrize(
    ("paid", "status", "lines"),
    [
        ([], 0, ["contract"]),
        (["--paid", "fin@example.com"], 0, ["contract", "payment by Fin"]),
        (["--paid", "ada@example.com"], 1, []),
        (["--paid", "nobody@example.com"], 1, []),
    ],
)
def test_on_the_command_line_a_won_deal_is_paid_only_where_someone_who_may_says_so(
    ada: Person, fin: Person, tmp_path: Any, paid: list[str], status: int, lines: list[str]
) -> None:
    path = tmp_path / "deals.csv"
    path.write_text(
        "opportunity_id,sales_agent,account,deal_stage,close_date,close_value\nT1,Ada,Isdom,Won,2017-03-01,1054\n"
    )
    args = parser().parse_args(["import", "deals", str(path), "--add-names", *paid])
    assert import_file.run(args) == status
    found = [
        f"{line.trigger}{f' by {line.confirmed_by.name}' if line.confirmed_by else ''}"
        for line in DealLine.select().order_by(DealLine.trigger)
    ]
    assert found == lines


def test_on_the_command_line_nobody_confirms_what_pays_them(ada: Person, tmp_path: Any) -> None:
    """Ada is in finance and the deal is hers: its payment waits for a second person, as in the browser."""
    ada.grant(Role.FINANCE, by=None)
    path = tmp_path / "deals.csv"
    path.write_text(
        "opportunity_id,sales_agent,account,deal_stage,close_date,close_value\nT1,Ada,Isdom,Won,2017-03-01,1054\n"
    )
    args = parser().parse_args(["import", "deals", str(path), "--add-names", "--paid", ada.email])
    assert import_file.run(args) == 0
    assert [line.is_waiting for line in DealLine.select().where(DealLine.trigger == "payment")] == [True]


def test_the_command_leaves_a_column_out_such_as_the_numbers_of_another_portal(
    ada: Person, schools: Topic, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "knowledge.csv"
    path.write_text(
        "Portal ID,Title,Text,Topics,Author,State\n"
        f"A47-579176,Ask first,Then show the flat.,{schools.name},{ada.email},draft\n"
    )
    told = ["import", "articles", str(path)]
    assert import_file.run(parser().parse_args(told)) == 1
    assert "Leave that column out." in capsys.readouterr().out
    assert import_file.run(parser().parse_args([*told, "--column", "ident="])) == 0
    assert [article.title for article in Article.select()] == ["Ask first"]
    assert import_file.run(parser().parse_args([*told, "--same-as", "A="])) == 1


def test_the_command_brings_the_folder_of_a_handbook_for_who_is_named(
    ada: Person, adam: Person, mona: Person, schools: Topic, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its texts are theirs, its versions in two languages one; what is hidden or lies elsewhere stays there."""
    elsewhere = tmp_path / "elsewhere"
    for place, text in {
        f"{schools.name}/guide.en.md": "---\ntitle: Guide\n---\nAsk the owner first, then show the flat.",
        f"{schools.name}/guide.zh.md": "---\ntitle: 指南\n---\n先问业主，再带客户看房。",
        f"{schools.name}/whom.md": "# Whom\n\nMail mei@example.com.",
        ".git/secret.md": "# Secret\n\nHidden.",
    }.items():
        (tmp_path / "book" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "book" / place).write_text(text)
    elsewhere.mkdir()
    (elsewhere / "far.md").write_text("# Far\n\nNot of it.")
    (tmp_path / "book" / "linked").symlink_to(elsewhere)
    told = ["import", "articles", str(tmp_path / "book")]
    assert import_file.run(parser().parse_args(told)) == 1
    assert "Say who it is." in capsys.readouterr().out
    assert import_file.run(parser().parse_args([*told, "--by", ada.email])) == 1
    assert "nobody of this address may import" in capsys.readouterr().err
    people = tmp_path / "people.csv"
    people.write_text("name,email\nNeu,neu@example.com\n")
    assert import_file.run(parser().parse_args(["import", "people", str(people), "--by", mona.email])) == 1
    assert "Only an administrator may import people." in capsys.readouterr().err
    assert import_file.run(parser().parse_args([*told, "--by", adam.email, "--dry-run"])) == 0
    said = capsys.readouterr().out
    assert "e-mail address “mei@example.com”" in said
    assert "['" not in said
    assert Article.select().count() == 0
    assert import_file.run(parser().parse_args([*told, "--by", adam.email])) == 0
    found = {article.title: article for article in Article.select()}
    assert {title: each.state for title, each in found.items()} == {
        "Guide": "published",
        "指南": "published",
        "Whom": "draft",
    }
    assert {each.author_id for each in found.values()} == {adam.id}
    assert [each.article_id for each in LanguageVersion.others(_beside(found["Guide"]))] == [found["指南"].id]
    assert Import.select().order_by(Import.id.desc()).get().by_id == adam.id


def _beside(article: Article) -> Article:
    found: Article = LanguageVersion.beside(Article.select().where(Article.id == article.id)).get()
    return found


def test_the_command_reads_its_file_once(
    adam: Person, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text("account,city,website\nIsdom,Berlin,isdom.example.com\nOther,Rome,nowhere\n")
    args = parser().parse_args(
        ["import", "customers", str(path), "--rejected", str(tmp_path / "rejected.csv")]
    )
    with calls(read_table) as read:
        assert import_file.run(args) == 1
    assert len(read) == 1
    assert [c.name for c in Customer.select()] == ["Isdom"]
    assert "“nowhere”: Write a web address" in (tmp_path / "rejected.csv").read_text()
    assert "1 created" in capsys.readouterr().out
