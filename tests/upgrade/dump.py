"""A database written down so that SQLite and PostgreSQL both take it: its old schema, its rows, its files.

`0.1.0.tar.xz` holds `rows.jsonl` (for each table a line that names it and its columns, then a line for each row),
for both databases the schema without (`-tables.sql`) and with (`-rest.sql`) what comes after the rows, the
`files/` of the data folder, and `facts.json`. Nothing here imports the portal: what is measured is not the rule.
"""

from __future__ import annotations

import json
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

Row = dict[str, Any]
Tables = dict[str, list[Row]]


@dataclass
class Table:
    """One table as it was left; cells hold text, numbers and nothing, as SQLite keeps them."""

    name: str
    columns: list[str]
    json: list[str]
    """The columns whose text is JSON."""
    rows: list[list[Any]]


def unpack(archive: Path, folder: Path) -> None:
    """Lay out what an archive holds in a folder."""
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")


def pack(folder: Path, archive: Path) -> None:
    """Put all that a folder holds into an archive that names neither its maker nor the hour."""

    def nameless(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = entry.mtime = 0
        entry.uname = entry.gname = ""
        return entry

    with tarfile.open(archive, "w:xz", preset=9) as packed:
        for path in sorted(folder.iterdir()):
            packed.add(path, path.name, filter=nameless)


def left(folder: Path) -> list[Table]:
    """The tables that an unpacked archive holds."""
    found: list[Table] = []
    with (folder / "rows.jsonl").open() as file:
        for line in map(json.loads, file):
            if isinstance(line, dict):
                found.append(Table(**line, rows=[]))
            else:
                found[-1].rows.append(line)
    return found


def write(tables: list[Table], folder: Path) -> None:
    """Write rows down for `left` to read."""
    with (folder / "rows.jsonl").open("w") as file:
        for table in tables:
            head = {"name": table.name, "columns": table.columns, "json": table.json}
            for line in (head, *table.rows):
                file.write(json.dumps(line, ensure_ascii=False) + "\n")


def load(folder: Path, url: str) -> None:
    """Fill an empty database with an unpacked archive: the old tables, the rows, then keys, indexes and guards."""
    kind = url.partition(":")[0]
    tables, rest = ((folder / f"{kind}-{part}.sql").read_text() for part in ("tables", "rest"))
    if kind == "sqlite":
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file, file:
            file.executescript(f"PRAGMA synchronous = OFF; {tables}")  # the disk need not hear of each table
            for table in left(folder):
                marks = ", ".join("?" * len(table.columns))
                file.executemany(f'INSERT INTO "{table.name}" ({_names(table)}) VALUES ({marks})', table.rows)
            file.executescript(rest)
        return
    with psycopg.connect(url) as server:
        server.execute(tables.encode())
        for table in left(folder):
            with server.cursor().copy(f'COPY "{table.name}" ({_names(table)}) FROM STDIN'.encode()) as copy:
                for row in table.rows:
                    copy.write_row(row)
            name, first = table.name, table.columns[0]
            last = f"""setval(pg_get_serial_sequence('"{name}"', '{first}'), max("{first}"))"""
            server.execute(f'SELECT {last} FROM "{name}"'.encode())
        server.execute(rest.encode())


def _names(table: Table) -> str:
    return ", ".join(f'"{name}"' for name in table.columns)


def told(table: Table) -> list[Row]:
    """A table's rows by the names of their columns, JSON read."""
    return [_read(dict(zip(table.columns, row, strict=True)), table.json) for row in table.rows]


def read(url: str, like: list[Table], *, but: str = "-") -> Tables:
    """All that a database holds now, in the same terms as `told`, each table in the order of its rows' numbers;
    `but` those tables whose name begins so.
    """
    # A server gives JSON read already.
    json_of = {table.name: table.json for table in like if url.startswith("sqlite")}
    with closing(_connect(url)) as connection:
        return {
            name: [
                _read(dict(row), json_of.get(name, ()))
                for row in connection.execute(f'SELECT * FROM "{name}" ORDER BY 1').fetchall()
            ]
            for name in _tables(connection)
            if not name.startswith(but)
        }


def _connect(url: str) -> Any:
    if not url.startswith("sqlite"):
        return psycopg.connect(url, row_factory=dict_row)
    file = sqlite3.connect(url.removeprefix("sqlite:///"))
    file.row_factory = sqlite3.Row
    return file


def _tables(connection: Any) -> Iterator[str]:
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if isinstance(connection, sqlite3.Connection)
        else "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    )
    return (row["name"] for row in connection.execute(query).fetchall())


def _read(row: Row, json_columns: Any) -> Row:
    for name, value in row.items():
        if isinstance(value, bool):
            row[name] = int(value)
        elif isinstance(value, datetime):
            row[name] = value.isoformat(sep=" ", timespec="microseconds")
        elif isinstance(value, date):
            row[name] = value.isoformat()
        elif name in json_columns and isinstance(value, str):
            row[name] = json.loads(value)
    return row
