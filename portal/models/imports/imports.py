"""A file on its way into the portal: mapped, tried out, written row by row, and taken back if need be."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, BinaryIO, Self

from peewee import CharField, Check, ForeignKeyField, IntegerField, JSONField, ModelSelect

from portal.i18n import Phrase
from portal.models.base.database import db, transact
from portal.models.base.fields import NameField, StateField, UtcDateTimeField
from portal.models.base.record import Invalid, Record, along
from portal.models.commission import payroll
from portal.models.company.settings import Setting
from portal.models.files.attachments import Attachment
from portal.models.imports.named import NOUNS
from portal.models.imports.names import REST
from portal.models.imports.schemas import SCHEMAS, ImportSchema, guess_schema, is_own
from portal.models.imports.words import IMPORT, ImportState
from portal.models.people.people import Person
from portal.models.work.jobs import Job
from portal.tables.cells import parse_text
from portal.tables.kept import read_once
from portal.tables.notes import Unreadable, pack, unpack
from portal.tables.table import Table

OWNER = "owner"
"""The field, and the choice for all rows that lack it."""
BATCH = 500  # rows in one transaction
MOST_RECENT = 50
"""Imports of one person among which the one is sought that a list of rejected rows is from."""
WAYS = ("date_order", "revenue_unit")
"""What such a list takes over from it: never that money came."""
OUTCOMES = ("created", "updated", "unchanged", "rejected")


OPEN = ("uploaded", "checking", "checked")


class Import(Record):
    """One file brought by one person, with what they said about it and what became of it."""

    called = IMPORT

    holds = CharField(20, default="")
    """The name of the schema of what the file brings."""
    attachment = ForeignKeyField(Attachment, on_delete="RESTRICT")
    attachment_id: int
    sheet = NameField(200, default="")
    state = StateField(ImportState, max_length=10, default=ImportState.UPLOADED, verbose_name=Phrase("State"))
    columns = JSONField(default=dict)
    """Which header fills which field: {field: header}."""
    choices = JSONField(default=dict)
    """Order of dates, unit of revenue, whether money came on closing, and what is done with names."""
    report = JSONField(default=dict)
    """What the dry run found."""
    counts = JSONField(default=dict, verbose_name=Phrase("Rows"))
    """How many rows came out in which way."""
    rows = IntegerField(default=0)
    job = ForeignKeyField(Job, null=True, on_delete="SET NULL")
    job_id: int | None
    by = ForeignKeyField(Person, null=True, on_delete="SET NULL", index=False)
    by_id: int | None
    finished_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("by", "id"), False),)
        constraints = [
            Check(
                "state IN ('uploaded', 'checking', 'checked', 'running', 'finished', 'failed', 'undoing', "
                "'undone')"
            )
        ]

    @classmethod
    def creatable_by(cls, person: Person) -> bool:
        """Managers and administrators."""
        return person.is_manager or person.is_administrator

    @classmethod
    def schemas_for(cls, person: Person) -> list[ImportSchema]:
        """What a person may bring: people come with accounts and roles, which are an administrator's."""
        return [schema for schema in SCHEMAS.values() if person.is_administrator or not schema.restricted]

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """One's own; an administrator sees all."""
        if person.is_administrator:
            return cls.select()
        return cls.select().where(cls.by == person if person.is_manager else False)

    # ------------------------------------------------------------------ the file

    @classmethod
    def begin(
        cls,
        *,
        by: Person | None,
        file: BinaryIO | None,
        name: str,
        kind: str = "",
        sheet: str = "",
        ask: bool = False,
    ) -> Import:
        """Take a file in and guess what it holds. Raises Invalid when it cannot be read as a table.

        `ask`: where the headers do not tell what it holds, it is kept until someone says it.
        """
        if file is None or not name:
            raise Invalid({"file": Phrase("Choose a file.")})
        with db.atomic():
            attachment = Attachment.keep(file, name, by=by)
            made = cls(attachment=attachment, by=by)
            try:
                made._take(kind, sheet)
            except Invalid as refused:
                if not ask or kind or "kind" not in refused.errors:
                    attachment.discard()
                    raise
            made.save(force_insert=True)
            made.track("uploaded", by=by, changes={"file": [None, attachment.name]})
        return made

    def describe(self, *, kind: str, sheet: str = "") -> None:
        """Say what the file holds and on which sheet it is; the columns are guessed anew. Raises Invalid."""
        self._only_before_running()
        self._take(kind, sheet)
        self.state, self.report = "uploaded", {}
        self.save()

    def _take(self, kind: str, sheet: str) -> None:
        self.sheet = sheet
        try:
            self.__dict__.pop("table", None)
            table = self.table
        except Unreadable as unreadable:
            raise Invalid({"file": unreadable.message}) from unreadable
        if not table.rows:
            raise Invalid({"file": Phrase("There are no rows below the headers.")})
        if set(payroll.HEADER) <= set(table.headers):
            raise Invalid({"file": Phrase("This is a payroll file of the portal: it goes out and never in.")})
        former = self._listed_by(table)
        self.rows, kind = len(table.rows), kind or (former.holds if former else guess_schema(table))
        if (why := self._unfit(kind)) is not None:
            raise Invalid({"kind": why})
        self.holds = kind
        self.columns = SCHEMAS[kind].guess(table.headers, table)
        self.choices = {"paid_on_close": False, "revenue_unit": "1"}
        if former is not None and former.holds == kind:
            self.columns = former.columns
            self.choices |= {name: former.choices[name] for name in WAYS if name in former.choices}

    def _listed_by(self, table: Table) -> Import | None:
        """The import that gave this list of its rejected rows: it is read as that file was."""
        if not any(is_own(header) for header in table.headers):
            return None
        mine = Import.select().where((Import.by == self.by_id) if self.by_id else Import.by.is_null())
        headers = _foreign(table)
        recent = mine.order_by(Import.id.desc()).limit(MOST_RECENT)
        return next((each for each in recent if each.choices.get("headers") == headers), None)

    def _unfit(self, kind: str) -> Phrase | None:
        """Why a kind cannot be what this person brings."""
        if kind not in SCHEMAS:
            return Phrase("The headers do not tell what this file holds. Choose it.")
        if self.by is not None and SCHEMAS[kind] not in self.schemas_for(self.by):
            return Phrase("Only an administrator may import people.")
        return None

    @property
    def asks(self) -> Phrase | None:
        """Why what it holds must be said first; None once it is."""
        return None if self.holds else self._unfit(guess_schema(self.table))

    @classmethod
    def with_names(cls, query: ModelSelect[Self]) -> ModelSelect[Self]:
        """The same imports with file and person read along."""
        return along(query, cls.attachment, cls.by, whole=True)

    @cached_property
    def table(self) -> Table:
        """The file as a table. Raises Unreadable."""
        return read_once(self.attachment.file, sheet=self.sheet or None)

    def read_through(self) -> Table:
        """The file as a table, with what takes long to read the first time: Word files. Raises Unreadable."""
        if "whole" not in self.__dict__:
            file = transact(lambda: self.attachment, write=False).file
            self.__dict__["whole"] = read_once(file, sheet=self.sheet or None, words=True)
        whole: Table = self.__dict__["whole"]
        return whole

    @property
    def schema(self) -> ImportSchema:
        """What it may hold."""
        return SCHEMAS[self.holds]

    def samples(self, header: str, most: int = 3) -> list[str]:
        """The first different values under a header."""
        index, found = self.table.headers.index(header), dict[str, None]()
        for row in self.table.rows[:200]:
            if text := parse_text(row.values[index]):
                found[text[:60]] = None
            if len(found) == most:
                break
        return list(found)

    def date_order(self, columns: Mapping[str, str] | None = None) -> str:
        """How the file's dates seem to be written: ymd, mdy, dmy, `ambiguous`, or '' where there are none."""
        return self.schema.date_order(self.table, self.columns if columns is None else columns)

    # ------------------------------------------------------------------ what is said about it

    def map(self, *, columns: Mapping[str, str], background: bool = True, **choices: Any) -> None:
        """Say which header fills which field, and ask for a dry run. Raises Invalid."""
        self._only_before_running()
        chosen = {field: header for field, header in columns.items() if header}
        given = {*chosen, OWNER} if choices.get(OWNER) else set(chosen)
        missing = self.schema.lacking(given)
        if missing is not None:
            raise Invalid(Phrase("Choose the column that holds this: %(field)s.", field=missing.label))
        order = choices.get("date_order") or self.date_order(chosen)
        if order == "ambiguous":
            raise Invalid({"date_order": Phrase("The dates may be read in two ways. Say which is right.")})
        names = choices.get("names") or (self.choices.get("names", {}) if chosen == self.columns else {})
        self.columns = chosen
        told = {"date_order": order or "ymd", "names": names, "headers": _foreign(self.table)}
        self.choices = {**self.choices, **choices, **told}
        self.ask_for_check(background=background)

    def choose(self, names: Mapping[str, Mapping[str, str]]) -> bool:
        """Say what is done with names: {noun: {text: "same:NAME" | "add" | "refuse" | "keep"}}.

        REST stands for all unknown names of a noun of which nothing else was said. True when that changes
        something: then a new dry run is asked for.
        """
        self._only_before_running()
        said = {noun: dict(texts) for noun, texts in self.choices.get("names", {}).items()}
        now = {(one["noun"], one["text"]): _said(one) for one in self.report.get("names", ())}
        now |= {(noun, REST): said.get(noun, {}).get(REST, "refuse") for noun in NOUNS}
        changed = False
        for noun, texts in names.items():
            for text, choice in texts.items():
                if choice and now.get((noun, text), choice) != choice:
                    said.setdefault(noun, {})[text] = choice
                    changed = True
        if changed:
            self.choices = {**self.choices, "names": said}
            self.ask_for_check()
        return changed

    def discard(self, *, by: Person | None) -> None:
        """Throw it away before anything was written, and the file with it. Raises Invalid once it ran."""
        self._only_before_running()
        with db.atomic():
            attachment = self.attachment
            self.track("discarded", by=by, changes={"file": [attachment.name, None]})
            self.delete_instance()
            attachment.discard()

    @classmethod
    def discard_abandoned(cls) -> None:
        """Files that were never imported are full of other people's data: they go after a while."""
        for one in cls.select().where(
            (cls.state.in_(OPEN)) & (cls.created_at < Setting.kept_since("uploads"))
        ):
            one.discard(by=None)

    def ask_for_check(self, *, background: bool = True) -> None:
        """Have the dry run done in the background, unless the caller does it."""
        self.state, self.report = "checking", {}
        self.job = Job.enqueue("check import", record=self.id) if background else None
        self.save()

    def _only_before_running(self) -> None:
        if not self.is_open:
            raise Invalid(Phrase("This import has run already. Begin a new one."))

    # ------------------------------------------------------------------ the run

    def start(self, *, by: Person | None, background: bool = True) -> None:
        """Have it written in the background, unless the caller does it. Raises Invalid before a dry run.

        Asking twice is asking once.
        """
        if self.state in ("running", "finished"):
            return
        if self.state != "checked":
            raise Invalid(Phrase("Look at the dry run first."))
        with db.atomic():
            key = f"run import {self.id}"
            self.job = Job.enqueue("run import", key=key, record=self.id) if background else None
            self.state = "running"
            self.save()
            self.track("started", by=by)

    def resume(self, *, by: Person) -> None:
        """Go on where it stopped, after its job gave up or its process ended."""
        if not self.is_stopped:
            return
        if self.state == "checking":
            self.ask_for_check()
        elif self.job is not None:
            self.job.retry(by=by)
        else:
            verb = "run" if self.state == "running" else "undo"
            key = f"{verb} import {self.id}"
            self.job = Job.enqueue(f"{verb} import", key=key, record=self.id, by=by.id)
            self.save()

    @property
    def is_stopped(self) -> bool:
        """Whether nothing works on it any more, although it is not done."""
        return self.state in ("running", "undoing", "checking") and (
            self.job is None or self.job.state == "dead"
        )

    @property
    def is_open(self) -> bool:
        """Whether it may still be mapped and tried out."""
        return self.state in OPEN

    @property
    def is_begun(self) -> bool:
        """Whether rows are written, or were."""
        return self.state in ("running", "finished", "undoing", "undone")

    @property
    def is_busy(self) -> bool:
        return self.state in ("checking", "running", "undoing")

    def fail(self, why: Phrase) -> None:
        """It cannot go on, and why."""
        self.state, self.report = "failed", {**self.report, "failure": pack(why)}
        transact(self.save)

    # ------------------------------------------------------------------ taking it back

    def undo(self, *, by: Person) -> None:
        """Have all that it did taken back in the background. Asking twice is asking once. Raises Invalid."""
        if self.state in ("undoing", "undone"):
            return
        if self.state != "finished":
            raise Invalid(Phrase("Only a finished import can be taken back."))
        with db.atomic():
            self.job = Job.enqueue("undo import", key=f"undo import {self.id}", record=self.id, by=by.id)
            self.state = "undoing"
            self.save()
            self.track("undo asked", by=by)

    # ------------------------------------------------------------------ what is shown

    @property
    def problems(self) -> list[tuple[int, Phrase]]:
        """The first rows that are not taken, and why."""
        return [(one["row"], unpack(one["why"])) for one in self.report.get("problems", ())]

    @property
    def notes(self) -> list[Phrase]:
        """What was noticed while the file was read."""
        return [unpack(one) for one in self.report.get("notes", ())]

    @property
    def failure(self) -> Phrase | None:
        return unpack(self.report["failure"]) if "failure" in self.report else None

    @property
    def share(self) -> tuple[int, int]:
        """Rows done and rows in all."""
        job = self.job
        return (job.done, job.total or self.rows) if job is not None else (0, self.rows)


def _foreign(table: Table) -> list[str]:
    """The headers of a table that are not the portal's own."""
    return [header for header in table.headers if not is_own(header)]


def _said(one: Mapping[str, Any]) -> str:
    return f"same:{one['meaning']}" if one["choice"] == "same" else str(one["choice"])
