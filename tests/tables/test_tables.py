"""Table files as people bring them: read correctly, or refused with a reason, and never a crash.

What each file must give was found by looking at its bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.tables import workbooks
from portal.tables.cells import Cell
from portal.tables.table import Table, Unreadable, guess_columns, read_table

Write = Callable[[bytes], Path]
Sheet = Callable[..., Path]

PHASES = [f"{sign}{copy}" for copy in ("", " (2)", " (3)", " (4)", " (5)", " (6)", " (7)") for sign in "#%"]
EVENT_HEADERS = (
    "Event Desc|En No|Site Name|Licensee Name|Region No|City Name|State Cd|County Name|License No|"
    "Agreement State Ind|Docket No|Unit Ind1|Unit Ind2|Unit Ind3|Reactor Type|Nrc Notified By|Ops Officer|"
    "Notification Dt|Notification Time|Event Dt|Event Time|Time Zone|Last Updated Dt|Emergency Class|Cfr Cd1|"
    "Cfr Descr1|Cfr Cd2|Cfr Descr2|Cfr Cd3|Cfr Descr3|Cfr Cd4|Cfr Descr4|Staff Name1|Org Abbrev1|Staff Name2|"
    "Org Abbrev2|Staff Name3|Org Abbrev3|Staff Name4|Org Abbrev4|Staff Name5|Org Abbrev5|Staff Name6|"
    "Org Abbrev6|Staff Name7|Org Abbrev7|Staff Name8|Org Abbrev8|Staff Name9|Org Abbrev9|Staff Name10|"
    "Org Abbrev10|Scram Code 1|RX CRIT 1|Initial PWR 1|Initial RX Mode1|Current PWR 1|Current RX Mode 1|"
    "Scram Code 2|RX CRIT 2|Initial PWR 2|Initial RX Mode 2|Current PWR 2|Current RX Mode 2|Scram Code 3|"
    "RX CRIT 3|Initial PWR 3|Initial RX Mode 3|Current PWR 3|Current RX Mode 3|Event Text"
)
DISPOSALS = (
    "state|county|fips|nsn|item_name|quantity|ui|acquisition_cost|total_cost|ship_date|"
    "federal_supply_category|federal_supply_category_name|federal_supply_class|federal_supply_class_name"
)

# file: (headers, number of rows, line or sheet row of the headers, {(line, column): value})
READ: dict[str, tuple[str, int, int, dict[tuple[int, int], Cell]]] = {
    "csvkit_FY09_EDU_Recipients_by_State.csv": (
        "State Name|State Abbreviate|Code|Montgomery GI Bill-Active Duty|Montgomery GI Bill- Selective Reserve|"
        "Dependents' Educational Assistance|Reserve Educational Assistance Program|"
        "Post-Vietnam Era Veteran's Educational Assistance Program|TOTAL",
        52,
        1,
        {(2, 2): "01", (2, 3): "6,718", (53, 0): "PUERTO RICO", (53, 8): "4,424"},
    ),
    "csvkit_bad.csv": (
        "column_a|column_b|column_c",
        3,
        1,
        {(3, 0): None, (3, 1): "I'm too short!", (4, 2): "17"},
    ),
    "csvkit_date_like_number.csv": ("a", 1, 1, {(2, 0): "4.5"}),
    "csvkit_event-notification-rpt-lastmonth.txt": (
        EVENT_HEADERS,
        72,
        1,
        {(2, 1): "46521", (2, 2): "PILGRIM", (2, 14): "[1] GE-3", (2, 17): "1/5/2011 00:00:00"},
    ),
    "csvkit_ks_1033_data.csv": (
        DISPOSALS,
        1575,
        1,
        {
            (2, 4): "RIFLE,5.56 MILLIMETER",
            (1576, 4): "ASSAULT PACK",
            (1576, 11): "CLOTHING/INDIVIDUAL EQPT, INSIGNIA",
        },
    ),
    "csvkit_mac_newlines.csv": ("a|b|c", 2, 1, {(2, 2): "3", (3, 0): "Once upon\ra time", (3, 2): "6"}),
    "csvkit_ne_1033_data.xlsx": (
        DISPOSALS,
        1036,
        1,
        {(2, 2): 31001, (2, 3): "1005-00-589-1271", (2, 9): date(2008, 7, 11), (1037, 1): "YORK"},
    ),
    "csvkit_null_byte.csv": ("a|b|c", 1, 1, {(2, 0): None, (2, 1): "2", (2, 2): "3"}),
    "csvkit_optional_quote_characters.csv": ("a|b|c", 1, 1, {(2, 0): "1", (2, 2): "3"}),
    "csvkit_sheets.xlsx": (
        "text|date|integer|boolean|float|datetime|empty_column|Column 8",
        5,
        1,
        {
            (2, 1): date(1971, 1, 1),
            (2, 2): 40,
            (2, 3): True,
            (2, 5): datetime(1971, 1, 1, 4, 14),
            (3, 4): 1.27,
            (3, 7): "Extra data beyond headers will be trimmed",
            (4, 4): 41800000.01,
            (6, 0): "Unicode! Σ",
        },
    ),
    "csvkit_test_date_format.csv": ("a", 2, 1, {(2, 0): "02/01/2014", (3, 0): "31/12/2012"}),
    "csvkit_test_empty_columns.csv": ("a|b|c", 2, 1, {(2, 0): "a", (2, 1): None, (3, 2): "c"}),
    "csvkit_test_extra_header.csv": ("a|b|c|d", 1, 1, {(2, 2): "3", (2, 3): None}),
    "csvkit_test_header_newline.csv": ("start end|b|c", 1, 1, {(8, 0): "d", (8, 2): "f"}),
    "csvkit_test_latin1.csv": ("a|b|c", 2, 1, {(3, 2): "©"}),
    "csvkit_test_locale.csv": ("a|b|c", 1, 1, {(2, 0): "1,7", (2, 1): "200.000.000", (2, 2): None}),
    "csvkit_test_skip_lines.xlsx": (
        "text|date|integer|boolean|float|datetime|empty_column|Column 8",
        5,
        4,
        {(5, 0): "Chicago Reader", (5, 2): 40, (7, 3): False, (9, 0): "Unicode! Σ"},
    ),
    "csvkit_test_utf16_big.csv": ("a|b|c", 2, 1, {(2, 0): "1", (3, 2): "ʤ"}),
    "csvkit_test_utf16_little.csv": ("a|b|c", 2, 1, {(2, 0): "1", (3, 2): "ʤ"}),
    "csvkit_test_utf8_bom.csv": ("foo|bar|baz", 2, 1, {(2, 0): "1", (3, 2): "ʤ"}),
    "frictionless_accent.csv": (
        "n_amenageur|n_operateur|n_enseigne|id_station|n_station|ad_station|code_insee|Xlongitude|Ylatitude|"
        "nbre_pdc|id_pdc|puiss_max|type_prise|acces_recharge|accessibilité|observations|date_maj",
        2,
        1,
        {
            (2, 6): "06090",
            (2, 12): "T2 - E/F",
            (2, 13): "Payant (badge, appli et QR code)",
            (2, 16): "2018/03/31",
        },
    ),
    "frictionless_adjust-floating-point-error.xlsx": (
        "Sample Name|peak PO4|actual PO4 (formula)|actual PO4 (values)",
        5,
        1,
        {(2, 1): 60.565, (2, 2): 242.26, (5, 2): 968, (6, 3): 1720},
    ),
    "frictionless_blank-headers.csv": ("id|Column 2|age", 2, 1, {(2, 1): "John", (3, 2): "26"}),
    "frictionless_blank-rows-multiple.csv": ("id|name|age", 2, 1, {(3, 1): "Julie"}),
    "frictionless_bom.csv": ("id|name", 2, 1, {(3, 1): "中国人"}),
    "frictionless_capital-invalid.csv": (
        "id|name|name (2)",
        10,
        1,
        {(9, 2): "Austria", (10, 1): "Warsaw", (10, 2): None, (12, 0): "x"},
    ),
    "frictionless_cast-int-to-string-issue-1251.xlsx": (
        "A|B|C|D|E",
        2,
        1,
        {(2, 0): "001", (2, 3): "a", (3, 3): 1},
    ),
    "frictionless_countries.csv": (
        "id|neighbor_id|name|population",
        5,
        2,
        {(3, 1): "Ireland", (6, 1): None, (6, 3): "60", (7, 0): "5", (7, 3): None},
    ),
    "frictionless_defective-rows.csv": ("id|name|age", 2, 1, {(2, 1): "John", (2, 2): None, (3, 2): "26"}),
    "frictionless_delimiter.csv": ("id|name", 2, 1, {(2, 1): "english", (3, 1): "中国人"}),
    "frictionless_doublequote.csv": (
        "INCISO|NOMBREINCISO|UE|NOMBREUE|AÑO|CODIGOAP|NOMBREAP|DESCRIPCIONAP|CODIGOPROGRAMA|NOMBREPROGRAMA|"
        "DESCRIPCIONPROGRAMA|INCISOCODIGO|UECODIGO|ue_cod|presupuestado|pfi|pbi",
        5,
        1,
        {(2, 10): " ", (2, 16): ".003465", (3, 13): "25005", (6, 4): "2016", (6, 16): ".001586"},
    ),
    "frictionless_duplicate-headers.csv": (
        "id|name|id (2)|age|id (3)",
        2,
        1,
        {(2, 0): "1101", (2, 4): "001101"},
    ),
    "frictionless_encoding-issue-274.csv": (
        "id|name|abbreviation|other_names|description|classification|parent_id|founding_date|dissolution_date|"
        "image|url|jurisdiction_code|email|address|contact|tags|source_url",
        507,
        1,
        {(464, 1): "Ministry of Māori Development", (464, 15): "ministry", (508, 11): "NZ"},
    ),
    "frictionless_escaping.csv": (
        "ID|Test",
        3,
        1,
        {(2, 1): "Test line 1", (3, 1): 'Test " line 2', (4, 1): 'Test " line 3'},
    ),
    "frictionless_invalid.csv": (
        "id|name|Column 3|name (2)",
        3,
        1,
        {(2, 1): "english", (2, 3): None, (5, 1): "german", (5, 2): "1", (5, 3): "2"},
    ),
    "frictionless_issue-1009-semicolon.csv": ("fieldNameA|fieldNameB", 1, 1, {(2, 0): "0123", (2, 1): "c"}),
    "frictionless_issue-1024.xlsx": (
        "55 columns",
        48,
        12,
        {(14, 2): "Badakhshan", (14, 3): "24380613", (14, 9): 4},
    ),
    "frictionless_issue-1066-largecellsize.csv": (
        "Description|status",
        19,
        1,
        {(2, 1): "test", (20, 1): "test"},
    ),
    "frictionless_issue-1066-smallcellsizewithdeviation.csv": (
        "Description|status",
        12,
        1,
        {(12, 0): "Apart from counting words", (13, 1): "test"},
    ),
    "frictionless_issue-312.xlsx": (
        "id|name|Column 3|name (2)|Column 5",
        4,
        1,
        {(2, 0): 1, (4, 0): 11, (6, 1): "german", (6, 4): 3},
    ),
    "frictionless_issue-313.xlsx": (
        "Column_1|Column_3|Column_2|Column_4|Column_5",
        2,
        1,
        {(2, 1): "column_3_value_1", (3, 1): None, (3, 4): "Column_5_value_2"},
    ),
    "frictionless_issue-320.xlsx": (
        "54 columns",
        48,
        12,
        {(14, 2): "Badakhshan", (14, 6): 1035658, (15, 8): 3},
    ),
    "frictionless_latin1.csv": ("id|name", 2, 1, {(3, 1): "©"}),
    "frictionless_leading-zeros.csv": ("value", 3, 1, {(2, 0): "01", (4, 0): "00003"}),
    "frictionless_matrix-with-comment.csv": ("f1|f2|f3|f4", 4, 2, {(3, 0): "11", (6, 3): "44"}),
    "frictionless_merged-cells-boolean.xls": ("TRUE", 0, 1, {}),
    "frictionless_merged-cells.xls": ("data", 0, 1, {}),
}
REFUSED = {
    "LICENSE-csvkit-MIT.txt": "no_columns",
    "LICENSE-frictionless-MIT.md": "no_columns",
    "csvkit_testdbf.dbf": "dbf",
    "frictionless_empty.csv": "empty",
}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Puts bytes into a file, whose name promises nothing."""

    def to_file(data: bytes) -> Path:
        path = tmp_path / "table"
        path.write_bytes(data)
        return path

    return to_file


@pytest.fixture
def sheet(tmp_path: Path) -> Sheet:
    """Makes a workbook of rows, with merged cells given as (first row, first column, last row, last column)."""

    def to_file(
        rows: Sequence[Sequence[object]], merged: Sequence[tuple[int, int, int, int, str]] = ()
    ) -> Path:
        path = tmp_path / "table.xlsx"
        book = xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"})
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
        for top, left, bottom, right, text in merged:
            page.merge_range(top, left, bottom, right, text)
        book.close()
        return path

    return to_file


def reason(path: Path, **options: int | str) -> str:
    """The code of the refusal; the message must be a whole sentence."""
    with pytest.raises(Unreadable) as refused:
        read_table(path, **options)  # type: ignore[arg-type]
    assert str(refused.value.message).endswith(".")
    return refused.value.code


def codes(table: Table) -> set[str]:
    return {note.code for note in table.notes}


@pytest.mark.parametrize("name", READ)
def test_messy_file_is_read(shared_data: Path, name: str) -> None:
    headers, count, header_row, cells = READ[name]
    table = read_table(shared_data / "messy_files" / name)
    if headers.endswith(" columns"):
        assert len(table.headers) == int(headers.split()[0])
        assert table.headers[:3] == ("Country", "Level 1 Name", "Area")
        assert set(PHASES) <= set(table.headers)
    else:
        assert table.headers == tuple(headers.split("|"))
    assert (len(table.rows), table.header_row) == (count, header_row)
    rows = {row.number: row.values for row in table.rows}
    assert {at: rows[at[0]][at[1]] for at in cells} == cells
    assert {len(row.values) for row in table.rows} <= {len(table.headers)}


@pytest.mark.parametrize("name", REFUSED)
def test_messy_file_is_refused(shared_data: Path, name: str) -> None:
    assert reason(shared_data / "messy_files" / name) == REFUSED[name]


def test_every_messy_file_has_its_expectation(shared_data: Path) -> None:
    assert {path.name for path in (shared_data / "messy_files").iterdir()} == READ.keys() | REFUSED.keys()


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("csvkit_bad.csv", [2]),
        ("frictionless_capital-invalid.csv", [12]),
        ("frictionless_countries.csv", [4]),
        ("frictionless_defective-rows.csv", [3]),
        ("frictionless_invalid.csv", [5]),
        ("frictionless_blank-rows-multiple.csv", []),
    ],
)
def test_a_row_with_more_cells_than_headers_is_a_problem(
    shared_data: Path, name: str, rows: list[int]
) -> None:
    table = read_table(shared_data / "messy_files" / name)
    assert [row.number for row in table.rows if row.problem] == rows


def test_quoted_cell_keeps_its_quotation_marks_and_line_breaks(shared_data: Path) -> None:
    folder = shared_data / "messy_files"
    quoted = read_table(folder / "frictionless_doublequote.csv").rows[1].values[10]
    assert isinstance(quoted, str)
    assert "Ésta... '\"se concebirá" in quoted
    long = read_table(folder / "frictionless_issue-1066-smallcellsizewithdeviation.csv").rows[-1].values[0]
    assert isinstance(long, str)
    assert long.count("\n") == 21  # it begins on line 13 and ends on line 34
    assert long.endswith("art from counting words")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("accounts", (7, 85)),
        ("products", (3, 7)),
        ("sales_teams", (3, 35)),
        ("sales_pipeline", (8, 8800)),
        ("sales_pipeline_usdates", (8, 8800)),
    ],
)
def test_pipeline_of_a_real_export(shared_data: Path, name: str, expected: tuple[int, int]) -> None:
    table = read_table(shared_data / "crm_maven" / f"{name}.csv")
    assert (len(table.headers), len(table.rows)) == expected
    assert table.notes == ()


def test_duplicate_header_of_the_orders(shared_data: Path) -> None:
    table = read_table(shared_data / "crm_northwind" / "orders.csv")
    assert (table.headers[0], table.headers[14], len(table.rows)) == ("OrderID", "OrderID (2)", 2155)
    assert [str(note.message) for note in table.notes if note.code == "duplicate_header"] == [
        "The header “OrderID” occurs again and is called “OrderID (2)”."
    ]


@pytest.mark.parametrize(
    ("encoding", "text", "shown"),
    [
        ("utf-8", "客户名称,金额\n北京华信科技有限公司,1054\n", "UTF-8"),
        ("gb18030", "客户名称,金额\n北京华信科技有限公司,1054\n", "GB18030"),
        ("gb18030", "客户,金额\n万科,1\n", "GB18030"),
        ("gb18030", "姓名,地址\n朱镕基,喆苑小区㐂路𠮷号院,\n王伟,上海市徐汇区漕溪北路一百号\n", "GB18030"),
        ("big5", "客戶名稱,金額\n臺灣積體電路製造股份有限公司,1054\n", "BIG5"),
        ("big5", "客戶,金額\n鴻海,1\n", "BIG5"),
        ("utf-16-le", "客户名称,金额\n一开始,1054\n", "UTF-16-LE"),
        ("utf-16-be", "客户名称,金额\n一开始,1054\n", "UTF-16-BE"),
        ("utf-16", "客户名称,金额\n一开始,1054\n", "UTF-16"),
        ("cp1252", "Name,City\nJürgen Müller,Düsseldorf – Süd\nÅse,Besançon\n", "Windows-1252"),
        ("cp1251", "Клиент,Сумма\nМосковская компания,1054\nИванов и сыновья,20\n", "CP1251"),
    ],
)
def test_encoding_is_told_by_content(write: Write, encoding: str, text: str, shown: str) -> None:
    table = read_table(write(text.encode(encoding)))
    lines = [line.split(",") for line in text.splitlines()]
    assert table.headers == tuple(lines[0])
    assert [row.values[:2] for row in table.rows] == [tuple(line[:2]) for line in lines[1:]]
    assert f"Read as {shown}." in {str(note.message) for note in table.notes}


def test_one_damaged_byte_does_not_change_the_encoding(write: Write) -> None:
    whole = ("客户名称,金额\n" + "北京华信科技有限公司,1054\n" * 20).encode()
    table = read_table(write(whole[:-9] + b"\xff" + whole[-9:]))
    assert table.rows[0].values == ("北京华信科技有限公司", "1054")
    assert {"encoding", "damaged"} <= codes(table)


def test_encoding_and_delimiter_as_the_person_says(write: Write) -> None:
    path = write("naïve;a|b\n1;2|3\n".encode("cp1250", "replace"))
    assert read_table(path, delimiter="|").headers == ("na?ve;a", "b")
    assert reason(path, encoding="utf-17") == "unknown_encoding"
    assert reason(write(b"\xff\xfe\xfd,a\n"), encoding="utf-8") == "wrong_encoding"
    assert reason(path, delimiter="ab") == "bad_delimiter"
    assert read_table(write("a,b\n©,2\n".encode("latin-1")), encoding="latin-1").rows[0].values == ("©", "2")


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b,c\n1,2,3\n", ","),
        ("name;amount\nx;1,50\ny;2,75\n", ";"),
        ("name\tnote\nx\tone, two, three\ny\tfour\n", "\t"),
        ("name|note\nx|one, two\ny|three; four\n", "|"),
        ('name,note\n"Smith; John","a;b"\n"Roe; Jane","c;d"\n', ","),
        ("sep=;\nname;note\nx;y\n", ";"),
    ],
)
def test_delimiter_is_told_by_content(write: Write, text: str, delimiter: str) -> None:
    head = next(line for line in text.splitlines() if not line.startswith("sep="))
    assert read_table(write(text.encode())).headers == tuple(head.split(delimiter))


def test_a_long_text_full_of_another_delimiter_does_not_divide_the_file(write: Write) -> None:
    text = "| 1 | 2 |\n" * 400
    table = read_table(write(f'标题,正文,作者\n表格,"{text}",王海涛\n第二篇,好,李明朗\n'.encode()))
    assert table.headers == ("标题", "正文", "作者")
    assert [row.values for row in table.rows] == [("表格", text, "王海涛"), ("第二篇", "好", "李明朗")]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_line_ends(write: Write, end: str) -> None:
    table = read_table(write(f'a,b{end}"two{end}lines",1{end}{end}x,2{end}'.encode()))
    assert [(row.number, row.values) for row in table.rows] == [(2, (f"two{end}lines", "1")), (5, ("x", "2"))]
    assert "blank_rows" in codes(table)


def test_titles_above_the_headers_are_left_out(write: Write) -> None:
    table = read_table(
        write(
            "2016 年销售报表,,,\n制表：财务部,,,\n\n客户,产品,日期,金额\n甲,乙,2016-10-20,1\n丙,丁,2016-10-21,2\n".encode()
        )
    )
    assert (table.headers, table.header_row, len(table.rows)) == (("客户", "产品", "日期", "金额"), 4, 2)
    assert "Lines above the headers, left out: 2." in {str(note.message) for note in table.notes}


def test_file_without_headers_loses_no_row(write: Write) -> None:
    table = read_table(write(b"Ann,2016-10-20,1054\nBob,2016-10-21,20\n"))
    assert table.headers == ("Column 1", "Column 2", "Column 3")
    assert (table.header_row, len(table.rows)) == (0, 2)
    assert "no_header" in codes(table)
    assert read_table(write(b"Area,2016,2017\nNorth,5,12\n")).headers == ("Area", "2016", "2017")


def test_header_row_as_the_person_says(write: Write) -> None:
    path = write(b"a,b\nc,d\n\ne,f\n")
    assert read_table(path, header_row=2).headers == ("c", "d")
    assert [row.number for row in read_table(path, header_row=0).rows] == [1, 2, 4]
    assert reason(path, header_row=3) == "no_header_row"


def test_renamed_header_never_meets_another(write: Write) -> None:
    assert read_table(write(b"id,id,id (2),,Column 4\n1,2,3,4,5\n")).headers == (
        "id",
        "id (3)",
        "id (2)",
        "Column 4 (2)",
        "Column 4",
    )


def test_ragged_rows_are_noted_up_to_a_limit(write: Write) -> None:
    table = read_table(write(b"a,b,c\n" + b"1,2\n" * 30 + b"1,2,3\n" * 30))
    notes = [str(note.message) for note in table.notes if note.code == "ragged"]
    assert notes[0] == "Row 2 has 2 of 3 cells."
    assert (len(notes), notes[-1]) == (21, "More rows with too few or too many cells: 10.")


def test_backslash_is_a_letter_where_it_escapes_no_quotation_mark(write: Write) -> None:
    table = read_table(write(b'path,note\n"C:\\new\\","507 Ave\\nApt"\n'))
    assert table.rows[0].values == ("C:\\new\\", "507 Ave\\nApt")


def test_workbook_gives_dates_whole_numbers_and_texts(sheet: Sheet) -> None:
    path = sheet([["日期", "数量", "编号", "比率"], [date(2016, 10, 20), 3, "007", 0.5]])
    assert read_table(path).rows[0].values == (date(2016, 10, 20), 3, "007", 0.5)


def test_merged_cell_holds_for_each_of_its_rows(sheet: Sheet) -> None:
    rows = [["客户", "产品", "金额"], ["", "A", 1], ["", "B", 2], ["乙", "C", 3]]
    table = read_table(sheet(rows, merged=[(1, 0, 2, 0, "甲")]))
    assert [row.values[0] for row in table.rows] == ["甲", "甲", "乙"]
    assert "merged" in codes(table)


def test_headers_of_two_rows(sheet: Sheet) -> None:
    rows = [["", "", "", ""], ["", "一月", "二月", "三月"], ["甲", 1, 2, 3], ["乙", 4, 5, 6]]
    table = read_table(sheet(rows, merged=[(0, 0, 1, 0, "客户"), (0, 1, 0, 3, "金额")]))
    assert table.headers == ("客户", "一月", "二月", "三月")
    assert [row.number for row in table.rows] == [3, 4]


def test_another_sheet_is_chosen_by_name(shared_data: Path) -> None:
    path = shared_data / "messy_files" / "csvkit_sheets.xlsx"
    assert read_table(path).sheets == ("not this one", "data", "ʤ")
    assert read_table(path, sheet="ʤ").rows[0].values == (1, 2, 3)
    assert reason(path, sheet="not this one") == "empty"
    assert reason(path, sheet="data2") == "no_sheet"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "empty"),
        (b",,,\n,,,\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"%PDF-1.7\n1 0 obj", "pdf"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image"),
        (b"\x1f\x8b\x08\0\0\0", "archive"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "markup"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "damaged"),
        (b"PK\x03\x04" + bytes(600), "damaged"),
        (b'a,b\n"x,1\ny,2\n', "open_quote"),
        (b'a,b\n"' + b"x" * 140_000 + b'",1\n', "cell_too_long"),
        (bytes(range(256)) * 4, "binary"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(write: Write, data: bytes, code: str) -> None:
    assert reason(write(data)) == code


def test_missing_file(tmp_path: Path) -> None:
    assert reason(tmp_path / "nothing.csv") == "no_file"


def test_limits(write: Write, sheet: Sheet) -> None:
    path = write(b"a,b\n" + b"1,2\n" * 100)
    assert len(read_table(path, max_rows=100).rows) == 100
    assert reason(path, max_rows=99) == "too_many_rows"
    assert reason(path, max_columns=1) == "too_many_columns"
    assert reason(path, max_bytes=100) == "too_large"
    assert reason(sheet([["a"], *[[1]] * 5]), max_rows=4) == "too_many_rows"
    assert reason(sheet([["a", "b"], [1, 2]]), max_columns=1) == "too_many_columns"


def archive(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in members.items():
            target.writestr(name, data)
    return made.getvalue()


def changed(path: Path, name: str, old: bytes, new: bytes) -> bytes:
    """The workbook with one member altered."""
    with zipfile.ZipFile(path) as source:
        members = {member: source.read(member) for member in source.namelist()}
    assert old in members[name]
    return archive(members | {name: members[name].replace(old, new)})


def test_bombs_are_not_opened(write: Write, sheet: Sheet) -> None:
    bomb = archive({"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": bytes(30 << 20)})
    assert len(bomb) < 100_000
    assert reason(write(bomb), max_bytes=1 << 20) == "too_large"
    liar = bytearray(bomb)  # says in its index that the sheet unpacks to 5 bytes
    at = liar.rindex(b"PK\x01\x02")
    liar[at + 24 : at + 28] = (5).to_bytes(4, "little")
    assert reason(write(bytes(liar))) == "damaged"
    assert reason(write(archive({"readme.txt": b"hello"}))) == "archive"


def test_one_far_cell_does_not_take_all_memory(write: Write, sheet: Sheet) -> None:
    path = sheet([["a", "b"], [1, 2]])
    far = changed(path, "xl/worksheets/sheet1.xml", b'r="B2"', b'r="XFD1048576"')
    assert reason(write(far)) == "damaged"  # it takes 512 GB: the reader dies, and nothing else
    deep = changed(path, "xl/worksheets/sheet1.xml", b'r="B2"', b'r="B1048576"')
    assert reason(write(deep)) == "too_many_rows"
    wide = changed(path, "xl/worksheets/sheet1.xml", b'r="B2"', b'r="XFD2"')
    assert reason(write(wide)) == "too_many_columns"


def open_document(body: str) -> bytes:
    names = "".join(
        f' xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"'
        for prefix in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names} office:version="1.3"><office:body>'
        f'<office:spreadsheet><table:table table:name="Deals">{body}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    entry = f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
    listed = (
        f'<manifest:manifest xmlns:manifest="{manifest}" manifest:version="1.3">{entry}</manifest:manifest>'
    )
    members = {"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": listed}
    return archive({name: data.encode() for name, data in members.items()})


def ods_cell(text: str, attributes: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {attributes}><text:p>{text}</text:p></table:table-cell>'


def test_one_text_in_every_cell_is_refused_before_it_fills_the_disk(
    write: Write, sheet: Sheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(workbooks.LIMITS, "RLIMIT_FSIZE", 1 << 20)
    path = sheet([["a"], *[["长" * 1000]] * 999])  # kept once in the file, 3 MB as read
    assert path.stat().st_size < 50_000
    assert reason(path) == "damaged"
    monkeypatch.setitem(workbooks.LIMITS, "RLIMIT_FSIZE", 4 << 20)
    assert len(read_table(path).rows) == 999


def test_rows_repeated_without_end_are_refused(write: Write) -> None:
    cell = ods_cell("x", 'table:number-columns-repeated="16384"')
    everywhere = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    bomb = open_document(everywhere)
    assert len(bomb) < 2000
    assert reason(write(bomb)) in ("damaged", "too_many_rows")


def test_what_a_workbook_names_again_and_again_is_not_expanded(write: Write, sheet: Sheet) -> None:
    """Ten entities, each ten of the one before: a text of 10 GB."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    path = sheet([["name", "b"], ["Ada", 2]])
    strings = b"<sst"
    bomb = changed(path, "xl/sharedStrings.xml", strings, f"<!DOCTYPE sst [{laughs}]>".encode() + strings)
    bomb = changed(write(bomb), "xl/sharedStrings.xml", b"<t>Ada</t>", b"<t>&l9;</t>")
    with suppress(Unreadable):
        cells = [value for row in read_table(write(bomb)).rows for value in row.values]
        assert all(len(str(value)) < 100 for value in cells)


def test_a_sheet_that_takes_too_long_is_refused(
    write: Write, sheet: Sheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sheet([["a"], [1]])
    cells = "".join(f'<c r="{column}@"><v>7</v></c>' for column in "ABCDEFGHIJKLMNOP")
    row = f'<row r="@">{cells}</row>'
    rows = "".join(row.replace("@", str(n)) for n in range(3, 60_000)).encode()
    long = write(changed(path, "xl/worksheets/sheet1.xml", b"</sheetData>", rows + b"</sheetData>"))
    monkeypatch.setitem(workbooks.LIMITS, "RLIMIT_CPU", 1)
    assert reason(long) == "damaged"


def test_open_document(write: Write) -> None:
    day = '<table:table-cell office:value-type="date" office:date-value="2016-10-20"/>'
    amount = '<table:table-cell office:value-type="float" office:value="1054"/>'
    rest = '<table:table-row table:number-rows-repeated="1048574"><table:table-cell table:number-columns-repeated="1024"/></table:table-row>'
    head = f"<table:table-row>{ods_cell('客户')}{ods_cell('日期')}{ods_cell('金额')}</table:table-row>"
    body = f"<table:table-row>{ods_cell('甲')}{day}{amount}</table:table-row>"
    table = read_table(write(open_document(head + body + rest)))
    assert (table.headers, table.sheets) == (("客户", "日期", "金额"), ("Deals",))
    assert [row.values for row in table.rows] == [("甲", date(2016, 10, 20), 1054)]
    repeated = f'<table:table-row table:number-rows-repeated="1048574">{ods_cell("x")}</table:table-row>'
    assert reason(write(open_document(head + repeated))) == "too_many_rows"
    repeated_columns = 'table:number-columns-repeated="16384"'
    wide = f"<table:table-row>{ods_cell('x', repeated_columns)}</table:table-row>"
    assert reason(write(open_document(head + wide))) == "too_many_columns"


FIELDS = {
    "reference": "opportunity id, deal id, order id, 商机编号, 订单号",
    "owner": "sales agent, owner, salesperson, 销售, 销售员, 业务员, 负责人",
    "product": "product, product name, 产品, 产品名称",
    "account": "account, customer, company, 客户, 客户名称, 公司",
    "stage": "deal stage, stage, status, 阶段, 商机阶段",
    "opened": "engage date, created date, order date, 开始日期, 接触日期",
    "closed": "close date, closed date, 关闭日期, 成交日期",
    "amount": "close value, amount, deal amount, 金额, 成交金额",
}
CONTACT_FIELDS = {
    "first_name": "first name, first, 名",
    "last_name": "last name, last, surname, 姓",
    "email": "email, e-mail, 邮箱, 电子邮件",
    "phone": "phone, mobile, telephone, 电话, 手机",
    "city": "city, 城市",
    "industry": "industry, sector, 行业",
}


@pytest.mark.parametrize(
    ("headers", "fields", "expected"),
    [
        (
            "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value",
            FIELDS,
            ["reference", "owner", "product", "account", "stage", "opened", "closed", "amount"],
        ),
        (
            "商机编号,业务员,产品名称,客户名称,商机阶段,接触日期,成交日期,成交金额（元）",
            {**FIELDS, "amount": "金额, 成交金额, 成交金额（元）"},
            ["reference", "owner", "product", "account", "stage", "opened", "closed", "amount"],
        ),
        ("客户,负责人,阶段,备注,金额", FIELDS, ["account", "owner", "stage", "", "amount"]),
        ("主要客户,销售员姓名,产品", FIELDS, ["account", "", "product"]),
        (
            "Opportunity ID,Sales-Agent,PRODUCT,Acount,Amuont",
            FIELDS,
            ["reference", "owner", "product", "account", "amount"],
        ),
        ("Order ID,Customer Name,Stage", FIELDS, ["reference", "account", "stage"]),
        (
            "account,first,last,phone,email,zip,city,state,country",
            CONTACT_FIELDS,
            ["", "first_name", "last_name", "phone", "email", "", "city"],
        ),
        (
            "RecordTypeId,FirstName,LastName,Industry,Site,Type,PersonEmail,Phone",
            CONTACT_FIELDS,
            ["", "first_name", "last_name", "industry", "", "", "email", "phone"],
        ),
        (
            "id,property_email,property_industry,property_city",
            CONTACT_FIELDS,
            ["", "email", "industry", "city"],
        ),
        (
            "姓,名,手机,电子邮件,所在城市,所属行业",
            CONTACT_FIELDS,
            ["last_name", "first_name", "phone", "email", "city", "industry"],
        ),
        ("Column 1,Column 2", FIELDS, ["", ""]),
    ],
)
def test_columns_are_guessed(headers: str, fields: dict[str, str], expected: list[str]) -> None:
    guessed = guess_columns(headers.split(","), fields)
    assert guessed == {field: index for index, field in enumerate(expected) if field}


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        (
            "crm_maven/accounts.csv",
            {
                "name": ["account"],
                "industry": ["industry", "sector"],
                "country": ["country", "office location"],
            },
            {"name": "account", "industry": "sector", "country": "office_location"},
        ),
        (
            "crm_northwind/customers.csv",
            {
                "name": ["company"],
                "contact": ["contact"],
                "country": ["country"],
                "postcode": ["postal code", "zip"],
            },
            {"name": "CompanyName", "contact": "ContactName", "country": "Country", "postcode": "PostalCode"},
        ),
        (
            "crm_northwind/orders.csv",
            {
                "reference": ["order id"],
                "customer": ["customer id"],
                "ordered": ["order date"],
                "price": ["unit price"],
            },
            {"reference": "OrderID", "customer": "CustomerID", "ordered": "OrderDate", "price": "UnitPrice"},
        ),
        (
            "crm_exports_misc/salesforce_sf_opportunity_data.csv",
            {"amount": ["amount"], "stage": ["stage"], "closed": ["close date"], "account": ["account id"]},
            {"amount": "amount", "stage": "stage_name", "closed": "close_date", "account": "account_id"},
        ),
        (
            "crm_exports_misc/sf_accounts_500.csv",
            {
                "name": ["name"],
                "revenue": ["revenue"],
                "country": ["country"],
                "employees": ["number of employees"],
            },
            {
                "name": "Name",
                "revenue": "AnnualRevenue",
                "country": "BillingCountry",
                "employees": "NumberOfEmployees",
            },
        ),
        (
            "crm_exports_misc/hubspot_deal_data.csv",
            {"reference": ["deal id"], "name": ["deal name", "dealname"], "owner": ["owner id"]},
            {"reference": "deal_id", "name": "property_dealname", "owner": "owner_id"},
        ),
    ],
)
def test_columns_of_real_exports_are_guessed(
    shared_data: Path, name: str, fields: dict[str, list[str]], expected: dict[str, str]
) -> None:
    headers = read_table(shared_data / name).headers
    assert {field: headers[index] for field, index in guess_columns(headers, fields).items()} == expected


def reads_or_refuses(path: Path) -> bool:
    try:
        table = read_table(path)
    except Unreadable as refused:
        code, message = refused.code, str(refused.message)
        return bool(code and message)
    assert len(set(table.headers)) == len(table.headers) > 0
    assert all(table.headers)
    assert all(len(row.values) == len(table.headers) for row in table.rows)
    numbers = [row.number for row in table.rows]
    return numbers == sorted(set(numbers))


ANYTHING = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@ANYTHING
@given(data=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(write: Write, data: bytes) -> None:
    assert reads_or_refuses(write(data))


@ANYTHING
@given(
    text=st.text(st.sampled_from('ab1,;\t|"\\\r\n \0é客户㐂=.#'), max_size=80) | st.text(max_size=80),
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-16-le", "gb18030", "big5", "cp1252"]),
)
def test_any_text_is_read_or_refused(write: Write, text: str, encoding: str) -> None:
    assert reads_or_refuses(write(text.encode(encoding, "ignore")))


def scattered(data: bytes, places: list[tuple[float, int]]) -> bytes:
    """The data with single bytes changed here and there."""
    damaged = bytearray(data)
    for place, byte in places:
        damaged[int(place * len(data))] = byte
    return bytes(damaged)


PLACES = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8)


@ANYTHING
@given(
    places=PLACES,
    member=st.sampled_from(["", "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"]),
)
def test_any_damaged_workbook_is_read_or_refused(
    write: Write, places: list[tuple[float, int]], member: str
) -> None:
    data = _a_workbook()
    if member:
        with zipfile.ZipFile(io.BytesIO(data)) as source:
            members = {name: source.read(name) for name in source.namelist()}
        data = archive(members | {member: scattered(members[member], places)})
    else:
        data = scattered(data, places)
    assert reads_or_refuses(write(data))


@settings(ANYTHING, max_examples=60)
@given(places=PLACES)
def test_any_damaged_old_workbook_is_read_or_refused(
    write: Write, shared_data: Path, places: list[tuple[float, int]]
) -> None:
    data = (shared_data / "messy_files" / "frictionless_merged-cells.xls").read_bytes()
    assert reads_or_refuses(write(scattered(data, places)))


def _a_workbook() -> bytes:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    book.add_worksheet().write_row(0, 0, ["a", "b", 1, 2.5])
    book.close()
    return made.getvalue()


QUOTABLE = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe")
"""All that people write: U+FFFE is no character but the sign of swapped bytes, refused below."""


def test_a_file_of_swapped_byte_order_marks_is_refused(write: Write) -> None:
    with pytest.raises(Unreadable) as refused:
        read_table(write('name,note,place\n"0","0","\ufffe"\n'.encode()), header_row=1, delimiter=",")
    assert refused.value.code == "binary"


@ANYTHING
@given(
    rows=st.lists(
        st.lists(
            st.text(QUOTABLE, min_size=1),
            min_size=3,
            max_size=3,
        ),
        min_size=1,
        max_size=8,
    )
)
def test_what_a_person_quotes_comes_back_whole(write: Write, rows: list[list[str]]) -> None:
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    table = read_table(
        write(("name,note,place\n" + "\n".join(quoted) + "\n").encode()), header_row=1, delimiter=","
    )
    kept = [tuple(row) for row in rows if any(cell.strip() for cell in row)]
    assert [row.values for row in table.rows] == kept
