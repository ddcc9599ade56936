"""The import wizard in the browser: each step, who may take it, and every odd file people might bring."""

from __future__ import annotations

import re
from pathlib import Path

import httpx2
from starlette.applications import Starlette
from starlette.testclient import TestClient

from portal.i18n import LOCALES
from portal.jobs import worker
from portal.models.customers.customers import Customer
from portal.models.files.attachments import Attachment
from portal.models.imports import report
from portal.models.imports.imports import Import
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.settings import Settings
from portal.tables.table import read_table
from tests.conftest import SignIn
from tests.counting import MOST, calls, queries

GOOD = "account,sector,city\nIsdom,technolgy,上海\nCancity,retail,北京\n,retail,北京\n"


def bring(client: httpx2.Client, content: str | bytes, kind: str = "", name: str = "客户.csv") -> int:
    """Upload a file; gives the id of the import."""
    answer = client.post("/imports/new", data={"kind": kind}, files={"file": (name, content)})
    assert answer.status_code == 303, answer.text
    found = re.fullmatch(r"/imports/(\d+)/columns", answer.headers["location"])
    assert found
    return int(found[1])


def map_as_guessed(client: httpx2.Client, ident: int, **changed: str) -> None:
    """Send the form of the columns as it came."""
    page = client.get(f"/imports/{ident}/columns").text
    data = {}
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        data[name] = chosen[1] if chosen else ""
    answer = client.post(f"/imports/{ident}/columns", data=data | {"paid_on_close": "y"} | changed)
    assert answer.status_code == 303, answer.text


def test_from_the_file_to_the_records_and_back(sign_in: SignIn, adam: Person) -> None:
    client = sign_in(adam)
    assert "Bring what you have" in client.get("/imports").text
    assert "Find out from the headers" in client.get("/imports/new").text
    ident = bring(client, GOOD)
    columns = client.get(f"/imports/{ident}/columns").text
    assert "technolgy · retail" in columns, "samples beside each column"
    map_as_guessed(client, ident)
    waiting = client.get(f"/imports/{ident}/check").text
    assert "Trying it out" in waiting
    assert 'data-hx-trigger="every 1s"' in waiting
    worker.drain()
    page = client.get(f"/imports/{ident}/check").text
    assert "every 1s" not in page
    assert "Import 2 rows" in page
    assert "Same as technology" in page
    assert not Customer.select().exists(), "a dry run writes nothing"
    rejected = client.get(f"/imports/{ident}/rejected")
    assert rejected.headers["content-disposition"].startswith("attachment")
    assert rejected.text.splitlines()[1].startswith("4,Name: This cell is empty.")
    assert client.post(f"/imports/{ident}/run").headers["location"] == f"/imports/{ident}"
    assert "Importing" in client.get(f"/imports/{ident}").text
    assert client.get(f"/imports/{ident}/columns").status_code == 303, "it runs: no way back to the columns"
    worker.drain()
    assert client.post(f"/imports/{ident}/run").status_code == 303, "twice is once"
    worker.drain()
    assert {c.name: c.sector for c in Customer.select()} == {"Isdom": "technology", "Cancity": "retail"}
    assert "Take this import back" in client.get(f"/imports/{ident}").text
    for _ in range(2):
        assert client.post(f"/imports/{ident}/undo").status_code == 303
        worker.drain()
    assert not Customer.select().exists()
    assert "Taken back" in client.get(f"/imports/{ident}").text
    assert "Taken back" in client.get("/imports").text


def test_a_file_is_read_once_on_its_way(app: Starlette, sign_in: SignIn, adam: Person, shared: Path) -> None:
    # One whose threads begin with each request: those that were there before are not counted in.
    client = TestClient(app, follow_redirects=False, cookies=dict(sign_in(adam).cookies))
    sheets = (shared / "data" / "messy_files" / "csvkit_sheets.xlsx").read_bytes()
    with calls(read_table) as read:
        ident = bring(client, GOOD)
        client.get(f"/imports/{ident}/file")
        map_as_guessed(client, ident)
        worker.drain()
        client.get(f"/imports/{ident}/check")
        client.get(f"/imports/{ident}/rejected")
        client.post(f"/imports/{ident}/check", data={"choice:sector:technolgy": "keep"})
        worker.drain()
        client.post(f"/imports/{ident}/run")
        worker.drain()
        client.get(f"/imports/{ident}/rejected")
        assert Import.get().counts["created"] == 2
        assert len(read) == 1, "from the upload to the written rows and the list of rejected ones"
        other = bring(client, sheets, kind="customers", name="sheets.xlsx")
        client.post(f"/imports/{other}/file", data={"kind": "customers", "sheet": "data"})
        client.get(f"/imports/{other}/columns")
    assert len(read) == 3, "another sheet is another table"


def test_a_part_of_the_page_is_enough_while_it_runs(sign_in: SignIn, adam: Person) -> None:
    client = sign_in(adam)
    ident = bring(client, GOOD)
    map_as_guessed(client, ident)
    part = client.get(f"/imports/{ident}/check", headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="check"')
    assert "<html" not in part


def test_a_changed_choice_is_tried_out_before_it_is_written(sign_in: SignIn, adam: Person) -> None:
    client = sign_in(adam)
    ident = bring(client, GOOD)
    map_as_guessed(client, ident)
    worker.drain()
    answer = client.post(f"/imports/{ident}/run", data={"choice:sector:technolgy": "keep"})
    assert answer.headers["location"] == f"/imports/{ident}/check"
    worker.drain()
    assert not Customer.select().exists()
    client.post(
        f"/imports/{ident}/check", data={"choice:sector:technolgy": "keep", "meant:sector:technolgy": "tech"}
    )
    worker.drain()
    page = client.get(f"/imports/{ident}/check").text
    assert '<option value="same:tech" selected>' in page
    client.post(f"/imports/{ident}/run", data={"choice:sector:technolgy": "same:tech"})
    worker.drain()
    assert Customer.get(Customer.name == "Isdom").sector == "tech"


def test_bad_mappings_are_told_beside_the_column(sign_in: SignIn, adam: Person) -> None:
    client = sign_in(adam)
    ident = bring(client, GOOD)
    twice = client.post(f"/imports/{ident}/columns", data={"column0": "name", "column1": "name"})
    assert twice.status_code == 422
    assert "fills this already" in twice.text
    none = client.post(f"/imports/{ident}/columns", data={"column0": "", "column1": "sector"})
    assert none.status_code == 422
    assert "Choose the column that holds this: Name" in none.text
    odd = client.post(f"/imports/{ident}/columns", data={"column0": "no such field"})
    assert odd.status_code == 422
    assert Import.get().state == "uploaded"


def test_the_date_order_is_asked_for_when_the_dates_do_not_show_it(sign_in: SignIn, adam: Person) -> None:
    client = sign_in(adam)
    head = "opportunity_id,sales_agent,deal_stage,close_date,close_value\n"
    ident = bring(client, head + "T1,Adam,Won,03/04/2017,5\n")
    page = client.get(f"/imports/{ident}/columns").text
    data = dict(
        zip(
            ("column0", "column1", "column2", "column3", "column4"),
            ("code", "owner", "stage", "closed_on", "amount"),
            strict=True,
        )
    )
    assert "How dates are written" in page
    refused = client.post(f"/imports/{ident}/columns", data=data)
    assert refused.status_code == 422
    assert "may be read in two ways" in refused.text
    assert client.post(f"/imports/{ident}/columns", data=data | {"date_order": "mdy"}).status_code == 303


def test_what_it_holds_may_be_changed(sign_in: SignIn, adam: Person) -> None:
    client = sign_in(adam)
    ident = bring(client, "name,price\nGTX,5\n")
    assert Import.get().holds == "products"
    assert "Choose another file" in client.get(f"/imports/{ident}/file").text
    assert client.post(f"/imports/{ident}/file", data={"kind": "customers"}).status_code == 303
    assert Import.get().holds == "customers"
    assert client.post(f"/imports/{ident}/file", data={"kind": "nonsense"}).status_code == 422


def test_no_file_an_empty_one_and_one_without_rows(sign_in: SignIn, adam: Person, settings: Settings) -> None:
    client = sign_in(adam)
    assert "Choose a file" in client.post("/imports/new", data={"kind": "customers"}).text
    for content in (b"", b"account,city\n", b"%PDF-1.4"):
        answer = client.post("/imports/new", data={"kind": "customers"}, files={"file": ("x.csv", content)})
        assert answer.status_code == 422
        assert "field-error" in answer.text
    assert not Import.select().exists()
    assert not Attachment.select().exists()
    assert [path for path in (settings.data / "files").rglob("*") if path.is_file()] == []


def test_who_may_import(
    sign_in: SignIn, ada: Person, mona: Person, adam: Person, audrey: Person, rita: Person, fin: Person
) -> None:
    ident = bring(sign_in(adam), GOOD)
    pages = (
        f"/imports/{ident}/columns",
        f"/imports/{ident}/check",
        f"/imports/{ident}/file",
        f"/imports/{ident}",
    )
    for person in (ada, audrey, rita, fin):
        client = sign_in(person)
        assert client.get("/imports").status_code == 403
        assert client.get("/imports/new").status_code == 403
        sent = client.post("/imports/new", data={"kind": "customers"}, files={"file": ("x.csv", GOOD)})
        assert sent.status_code == 403
        assert {client.get(page).status_code for page in (*pages, f"/imports/{ident}/rejected")} == {404}
        changes = ("run", "undo", "resumption")
        assert {client.post(f"/imports/{ident}/{verb}").status_code for verb in changes} == {404}
    manager = sign_in(mona)
    assert manager.get("/imports").status_code == 200
    assert manager.get(f"/imports/{ident}").status_code == 404, "someone else's"
    own = bring(manager, GOOD)
    assert "客户.csv" in manager.get("/imports").text
    assert manager.get(f"/imports/{own}/columns").status_code == 200
    people = manager.post(
        "/imports/new", data={"kind": "people"}, files={"file": ("x.csv", "name,email\nZ,\n")}
    )
    assert people.status_code == 422
    assert not Person.select().where(Person.name == "Z").exists()


def test_running_before_the_dry_run_and_undoing_before_the_run_do_nothing(
    sign_in: SignIn, adam: Person
) -> None:
    client = sign_in(adam)
    ident = bring(client, GOOD)
    client.post(f"/imports/{ident}/run")
    assert "Look at the dry run first" in client.get(f"/imports/{ident}/columns").text
    client.post(f"/imports/{ident}/undo")
    assert "Only a finished import" in client.get(f"/imports/{ident}/columns").text
    assert Import.get().state == "uploaded"


def test_one_that_stopped_goes_on(sign_in: SignIn, adam: Person) -> None:
    client = sign_in(adam)
    ident = bring(client, GOOD)
    map_as_guessed(client, ident)
    worker.drain()
    made = Import.get()
    made.start(by=adam, background=False)
    page = client.get(f"/imports/{ident}").text
    assert "It stopped" in page
    client.post(f"/imports/{ident}/resumption")
    worker.drain()
    assert Customer.select().count() == 2


def test_pages_cost_few_queries(sign_in: SignIn, adam: Person) -> None:
    client = sign_in(adam)
    ident = 0
    for _ in range(5):
        ident = bring(client, GOOD)
        map_as_guessed(client, ident)
    worker.drain()
    for page in (
        "/imports",
        f"/imports/{ident}/columns",
        f"/imports/{ident}/check",
        f"/imports/{ident}/file",
    ):
        with queries() as asked:
            assert client.get(page).status_code == 200
        assert len(asked) <= MOST, page


def test_a_sheet_is_chosen(sign_in: SignIn, adam: Person, shared: Path) -> None:
    client = sign_in(adam)
    content = (shared / "data" / "messy_files" / "csvkit_sheets.xlsx").read_bytes()
    ident = bring(client, content, kind="customers", name="csvkit_sheets.xlsx")
    page = client.get(f"/imports/{ident}/file").text
    assert 'name="sheet"' in page
    chosen = client.post(f"/imports/{ident}/file", data={"kind": "customers", "sheet": "data"})
    assert chosen.status_code == 303


def test_every_odd_file_is_read_or_refused_with_a_reason(sign_in: SignIn, adam: Person, shared: Path) -> None:
    client = sign_in(adam)
    files = sorted((shared / "data" / "messy_files").iterdir())
    files = [path for path in files if not path.name.startswith("LICENSE")]
    assert len(files) == 49
    for path in files:
        with path.open("rb") as file:
            sent = {"file": (path.name, file)}
            answer = client.post("/imports/new", data={"kind": "customers"}, files=sent)
        if answer.status_code == 422:
            assert "field-error" in answer.text, path.name
            continue
        assert answer.status_code == 303, path.name
        columns = answer.headers["location"]
        page = client.get(columns)
        assert page.status_code == 200, path.name
        given = {"column0": "name", "column1": "sector", "column2": "revenue", "column3": "founded"}
        fields = re.findall(r'name="(column\d+)"', page.text)
        chosen = {name: value for name, value in given.items() if name in fields}
        mapped = client.post(columns, data=dict.fromkeys(fields, "") | chosen)
        assert mapped.status_code == 303, path.name
        worker.drain()
        check = client.get(columns.replace("columns", "check"))
        assert check.status_code == 200, path.name
        assert "This is what would happen" in check.text, path.name
        assert client.get(columns.replace("columns", "rejected")).status_code == 200, path.name
        assert client.post(columns.replace("columns", "run")).status_code == 303
        worker.drain()
        made = Import.get_by_id(int(columns.split("/")[2]))
        assert made.state == "finished", path.name
        assert sum(made.counts[name] for name in ("created", "updated", "unchanged", "rejected")) == made.rows
    assert Customer.select().exists()
    assert not Product.select().exists()


def test_a_long_list_of_rejected_rows_comes_piece_by_piece_in_the_readers_language(
    sign_in: SignIn, mona: Person
) -> None:
    """Written at once, 200,000 rows hold everybody up; and a thread between must not change the language."""
    rows = 3 * report.PIECE + 7
    content = "名称,电话\n" + "".join(f",138{n:08d}\n" for n in range(rows))
    for locale, words in (("en", "This cell is empty."), ("zh", "这个单元格是空的。")):
        Person.update(locale=locale).where(Person.id == mona.id).execute()
        client = sign_in(mona)
        where = client.post("/imports/new", files={"file": ("c.csv", content.encode(), "text/csv")})
        made = Import.get(Import.id == int(where.headers["location"].split("/")[2]))
        client.post(f"/imports/{made.id}/columns", data={"holds": "customer"})
        worker.drain()
        answer = client.get(f"/imports/{made.id}/rejected")
        pieces = list(report.rejected_pieces(made.fresh()))
        assert len(pieces) == 1 + 4
        assert max(piece.count("\r\n") for piece in pieces) == report.PIECE
        lines = answer.content.decode("utf-8-sig").splitlines()
        assert len(lines) == rows + 1
        assert all(words in line for line in lines[1:])


def test_the_list_of_what_a_run_left_out_lies_beside_the_file_and_goes_with_it(
    sign_in: SignIn, mona: Person
) -> None:
    client = sign_in(mona)
    ident = bring(client, "名称,电话\n甲,13800000001\n,13800000002\n")
    map_as_guessed(client, ident)
    worker.drain()
    file = Import.get().attachment.file
    assert len(list(file.parent.glob(f"{file.name}.tried-{ident}-*"))) == len(LOCALES)
    tried = client.get(f"/imports/{ident}/rejected").text
    client.post(f"/imports/{ident}/run")
    worker.drain()
    assert len(list(file.parent.glob(f"{file.name}.written-{ident}-*"))) == len(LOCALES)
    page = client.get(f"/imports/{ident}").text
    assert "This cell is empty." in page
    assert client.get(f"/imports/{ident}/rejected").text == tried
    for left in file.parent.glob(f"{file.name}.written-*"):
        left.write_text("as it lies there")
    assert client.get(f"/imports/{ident}/rejected").text == "as it lies there"  # nothing is judged anew
    for left in file.parent.glob(f"{file.name}.written-*"):  # as before this was done
        left.unlink()
    assert client.get(f"/imports/{ident}/rejected").text == tried
    other = bring(client, "名称,电话\n乙,13800000003\n,13800000004\n")
    map_as_guessed(client, other)
    worker.drain()
    kept = Import.get(Import.id == other).attachment.file
    client.post(f"/imports/{other}/discard")
    assert not list(kept.parent.glob(f"{kept.name}*"))
