"""The lines that correct a month are found without reading all of its lines."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import SQL, BigAutoField, CharField


class Line(peewee.Model):
    id = BigAutoField()
    about = CharField(7)
    kind = CharField(12)

    class Meta:
        legacy_table_names = False


INDEX = Line.index(Line.about, where=SQL("kind IN ('reversal', 'true-up')"), name="line_corrects")


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Line,)):
        db.execute(INDEX)


def down(migrator: Any, db: Any) -> None:
    db.execute_sql('DROP INDEX "line_corrects"')
