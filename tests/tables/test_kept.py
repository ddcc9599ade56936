"""Tables kept beside their files: the same table again, and never a wrong one."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from portal.tables.kept import read_once
from portal.tables.notes import Unreadable
from portal.tables.table import read_table
from tests.counting import calls

ODD = 'name,amount,on\n"Isdom\nLake",1.50,2017-03-01\nA,B,C,D\n\n翠湖,"=1+1",2017年3月2日\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "0a1b2c"
    path.write_bytes(ODD.encode("gb18030"))
    return path


def copies(file: Path) -> list[Path]:
    return sorted(path for path in file.parent.iterdir() if path != file)


def test_the_second_time_it_is_not_read_but_the_same(file: Path) -> None:
    with calls(read_table) as read:
        first = read_once(file)
        second = read_once(file)
    assert len(read) == 1
    assert first == second == read_table(file)
    assert second.rows[1].problem is not None
    assert second.rows[1].problem.msgid == "This row has %(found)s cells for %(expected)s headers."
    assert len(copies(file)) == 1


def test_days_moments_and_numbers_of_a_workbook_stay_what_they_are(shared: Path, tmp_path: Path) -> None:
    kinds = set()
    for source in sorted((shared / "data" / "messy_files").glob("*.xls*")):
        path = tmp_path / source.stem
        path.write_bytes(source.read_bytes())
        try:
            table = read_once(path)
        except Unreadable:
            continue
        assert read_once(path) == table == read_table(path), source.name
        kinds |= {type(value) for row in read_once(path).rows for value in row.values}
    assert {str, int, float, date, datetime, type(None)} <= kinds


def test_each_sheet_has_its_own(shared: Path, tmp_path: Path) -> None:
    path = tmp_path / "book"
    path.write_bytes((shared / "data" / "messy_files" / "csvkit_sheets.xlsx").read_bytes())
    one, other = "data", "ʤ"
    with calls(read_table) as read:
        tables = [[read_once(path, sheet=sheet) for sheet in (one, other)] for _ in range(2)]
    assert len(read) == 2
    assert tables[0] == tables[1]
    assert tables[0][0] != tables[0][1]


@pytest.mark.parametrize("damage", ["cut", "empty", "noise"])
def test_a_damaged_copy_is_made_again(file: Path, damage: str) -> None:
    whole = read_once(file)
    (copy,) = copies(file)
    packed = copy.read_bytes()
    copy.write_bytes({"cut": packed[: len(packed) // 2], "empty": b"", "noise": b"noise"}[damage])
    with calls(read_table) as read:
        assert read_once(file) == whole
        assert read_once(file) == whole
    assert len(read) == 1


def test_a_lost_file_is_not_served_from_its_copy(file: Path) -> None:
    read_once(file)
    file.unlink()
    with pytest.raises(Unreadable):
        read_once(file)


def test_a_folder_that_cannot_be_written_costs_a_reading_each_time(file: Path) -> None:
    read_once(file)
    (copy,) = copies(file)
    copy.unlink()
    copy.mkdir()
    with calls(read_table) as read:
        assert read_once(file) == read_once(file)
    assert len(read) == 2
    assert copies(file) == [copy]
