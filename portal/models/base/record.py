"""A record and the trace that it leaves: its events, and the note that search must look again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

import peewee
from peewee import (
    JOIN,
    OP,
    BigAutoField,
    BigIntegerField,
    CharField,
    Expression,
    ForeignKeyField,
    JSONField,
    Model,
    ModelDelete,
    ModelSelect,
    fn,
)

from portal import clock
from portal.i18n import Phrase
from portal.models.base import bulk, written
from portal.models.base.database import db
from portal.models.base.fields import MarkdownField, UtcDateTimeField
from portal.models.base.links import TextLink
from portal.models.base.nouns import FACTS, Noun
from portal.models.base.prepared import Prepared
from portal.text.markdown import fault_of

R = TypeVar("R", bound="Row")

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request or job being served, kept on each event and log line."""


class Invalid(Exception):
    """What a person gave cannot be accepted: the message for each field ('' for the whole)."""

    def __init__(self, errors: Mapping[str, str] | str):
        self.errors = {"": errors} if isinstance(errors, str) else dict(errors)
        super().__init__("; ".join(self.errors.values()))


class Resent(Invalid):
    """The key of a form that was sent already: with other facts, or by somebody else."""

    def __init__(self) -> None:
        super().__init__(Phrase("This form was sent already, with other facts. Begin with a new form."))


class Stale(Exception):
    """Someone else saved this record since it was read."""

    def __init__(self, current: Record):
        self.current = current
        super().__init__(f"{current} was changed meanwhile")


class Row(Model):
    """A row with an id and a date of birth."""

    if TYPE_CHECKING:

        @classmethod
        def delete(cls) -> peewee.ModelDelete: ...  # the stub's descriptor does not know subclasses

        _dirty: set[str]

        def _populate_unsaved_relations(self, values: dict[str, Any]) -> None: ...

    id = BigAutoField()
    created_at = UtcDateTimeField(default=clock.now)
    joined: bool = False
    """Whether its text was made of others that were taken one by one. Not kept."""

    class Meta:
        database = db
        legacy_table_names = False

    def __str__(self) -> str:
        return f"{self.kind()}-{self.id}"

    def save(self, force_insert: bool = False, only: Any = None) -> Any:
        """Write all that is known of the row, as peewee does, by SQL that is made once."""
        values = self.__data__.copy()
        self._populate_unsaved_relations(values)
        if (self.id is None or force_insert) and not self.joined:
            check_cost(type(self), values)
        if only is not None or not written.is_plain(values):
            saved = super().save(force_insert, only)
            note_links(type(self), {self.id: self.__data__})
            return saved
        ident, rows = self.id, 1
        is_new = ident is None or force_insert
        if ident is None or not force_insert:
            values.pop("id", None)
        if ident is not None and not force_insert:
            rows = written.update(type(self), ident, values)
        else:
            self.id = written.insert(type(self), values)
            self._dirty.discard("id")
        self._dirty -= set(values)
        note_links(type(self), {self.id: values}, new=is_new)
        return rows

    @classmethod
    def get(cls, *query: Any, **filters: Any) -> Self:
        """The first row that a query finds; by its id, as most are read, with SQL that is made once."""
        if len(query) == 1 and not filters and (ident := _asked_id(cls, query[0])) is not None:
            found: Self | None = _by_id(cls).first(id=ident)
            if found is not None:
                return found
        first: Self = super().get(*query, **filters)
        return first

    @classmethod
    def get_or_none(cls, *query: Any) -> Self | None:
        """The first row that a query finds.

        Where there is none, peewee's own would write the query once more, for an error that nobody reads.
        """
        if len(query) == 1 and (ident := _asked_id(cls, query[0])) is not None:
            return _by_id(cls).first(id=ident)
        found: Self | None = cls.select().where(*query).first()
        return found

    @classmethod
    def kind(cls) -> str:
        """The noun in URLs, events and the index: `experience`."""
        return cls._meta.table_name  # type: ignore[no-any-return]

    def fresh(self) -> Self:
        """This record read again from the database."""
        return type(self).get_by_id(self.id)


def costs(model: type[Row], values: Mapping[str, Any]) -> dict[str, Phrase]:
    """Which of these texts, by field, would cost too much to read as Markdown, and why."""
    found = {name: fault_of(values[name]) for name in _markdown_of(model) if values.get(name)}
    return {name: fault for name, fault in found.items() if fault}


def check_cost(model: type[Row], values: Mapping[str, Any], ident: int | None = None) -> None:
    """Raises Invalid for a text that would cost too much to read. What the row holds already may stay."""
    faults = costs(model, values)
    if faults and ident is not None:
        stored = model.get_by_id(ident)
        faults = {name: fault for name, fault in faults.items() if getattr(stored, name) != values[name]}
    if faults:
        raise Invalid(faults)


def note_links(model: type[Row], stored: Mapping[int, Mapping[str, Any]], *, new: bool = False) -> None:
    """Keep what the Markdown among these stored values links, by the id of the row."""
    if names := _markdown_of(model):
        texts = [
            (ident, name, values[name] or "")
            for ident, values in stored.items()
            for name in names
            if name in values
        ]
        TextLink.note(model.kind(), texts, new=new)


@cache
def _markdown_of(model: type[Row]) -> tuple[str, ...]:
    return tuple(name for name, field in model._meta.fields.items() if isinstance(field, MarkdownField))


def _asked_id(model: type[Row], query: Any) -> int | None:
    """The id, when a query asks for the row of one and for nothing else."""
    if not (isinstance(query, Expression) and query.op == OP.EQ and query.lhs is model.id):
        return None
    return query.rhs if type(query.rhs) is int else None


@cache
def _by_id(model: type[R]) -> Prepared[R]:
    return Prepared(lambda id: model.select().where(model.id == id).limit(1))


class Event(Row):
    """Who did what to which record, when. Never deleted; only an erasure takes words out of it."""

    at = UtcDateTimeField(default=clock.now)
    actor = BigIntegerField(null=True, index=True)
    """The person's id; empty when the portal itself did it."""
    subject_kind = CharField(40)
    subject = BigIntegerField()
    verb = CharField(60)
    customer = BigIntegerField(null=True)
    """The customer whose timeline shows it."""
    changes = JSONField(default=dict)
    request = CharField(40, default="")

    class Meta:
        indexes = (
            (("subject_kind", "subject", "id"), False),
            (("customer", "at", "id"), False),
            (("actor", "subject_kind", "verb", "at"), False),
        )

    @classmethod
    def leave(cls, record: Row, verb: str, *, by: Any, customer: Any, changes: Mapping[str, Any]) -> Event:
        """Write one event about a record."""
        if customer is None:
            customer = record.id if record.kind() == "customer" else getattr(record, "customer_id", None)
        return cls.create(
            at=clock.now(),
            actor=getattr(by, "id", by),
            subject_kind=record.kind(),
            subject=record.id,
            verb=verb,
            customer=getattr(customer, "id", customer),
            changes=dict(changes),
            request=request_id.get(),
        )

    @classmethod
    def leave_many(
        cls,
        kind: str,
        told: Iterable[tuple[int, int | None, Mapping[str, Any]]],
        verb: str,
        *,
        by: Any,
    ) -> None:
        """Write one event for each of many records of a kind: (id, customer's id, changes)."""
        at, request = clock.now(), request_id.get()
        rows = [
            {
                "at": at,
                "created_at": at,
                "actor": getattr(by, "id", by),
                "subject_kind": kind,
                "subject": subject,
                "verb": verb,
                "customer": subject if kind == "customer" else customer,
                "changes": dict(changes),
                "request": request,
            }
            for subject, customer, changes in told
        ]
        bulk.insert(cls, rows)

    @classmethod
    def erase_words(cls, record: Row, cleaned: Callable[[str], str]) -> None:
        """Take personal data out of what the events of one record quote of it: who did what, when, stays."""
        for event in cls.about(record):
            changes = each_text(event.changes, cleaned)
            if changes != event.changes:
                cls.update(changes=changes).where(cls.id == event.id).execute()

    @classmethod
    def about(cls, record: Row) -> ModelSelect[Event]:
        """What happened to one record, newest first."""
        return (
            cls.select()
            .where((cls.subject_kind == record.kind()) & (cls.subject == record.id))
            .order_by(cls.id.desc())
        )


def each_text(value: Any, cleaned: Callable[[str], str]) -> Any:
    """A JSON value with each text in it cleaned."""
    if isinstance(value, str):
        return cleaned(value)
    if isinstance(value, list):
        return [each_text(each, cleaned) for each in value]
    if isinstance(value, dict):
        return {name: each_text(each, cleaned) for name, each in value.items()}
    return value


class SearchOutbox(Model):
    """One record whose search document must be made again, or removed when the record is gone."""

    if TYPE_CHECKING:

        @classmethod
        def delete(cls) -> ModelDelete: ...  # the stub's descriptor does not know subclasses

    seq = BigAutoField()
    kind = CharField(40)
    record = BigIntegerField()
    at = UtcDateTimeField(default=clock.now)

    class Meta:
        database = db
        legacy_table_names = False

    woken: Callable[[], None] | None = None
    """Called after commit, so that the worker looks at once."""

    @classmethod
    def waiting(cls) -> dict[str, tuple[int, datetime]]:
        """For each kind of record, how many changes wait, and since when."""
        rows: Any = cls.select(cls.kind, fn.COUNT(cls.seq), fn.MIN(cls.at)).group_by(cls.kind).tuples()
        return {kind: (count, cls.at.python_value(oldest)) for kind, count, oldest in rows}

    @classmethod
    def note(cls, kind: str, records: Iterable[int]) -> None:
        """Note records of one kind as changed."""
        at = clock.now()
        rows = [{"kind": kind, "record": record, "at": at} for record in records]
        if len(rows) == 1:
            written.insert(cls, rows[0])
        else:
            bulk.insert(cls, rows)
        if rows and cls.woken is not None:
            db.after_commit(cls.woken)


class Record(Row):
    """A row whose verbs leave events."""

    called: ClassVar[Noun]
    """What it is called, where people read of it."""

    @property
    def url(self) -> str:
        """The address of its page."""
        return self.called.path.format(id=self.id)

    @property
    def is_put_away(self) -> bool:
        """Whether it was archived, or is read only where something is that was."""
        return getattr(self, "archived_at", None) is not None or getattr(self, "state", "") == "archived"

    def track(
        self, verb: str, *, by: Any = None, customer: Any = None, changes: Mapping[str, Any] | None = None
    ) -> None:
        """Leave an event: who did what to this record, in the same transaction."""
        Event.leave(self, verb, by=by, customer=customer, changes=changes or {})

    def check_texts(self, values: Mapping[str, Any], *, since: str = "") -> None:
        """Called before values are stored, with the state so far when it goes on; a noun may refuse them."""

    def changed_fields(self, values: Mapping[str, Any]) -> dict[str, list[Any]]:
        """What an edit would change: {field: [before, after]} in JSON-able values."""
        changes = {}
        for name, after in values.items():
            before = self.__data__.get(name)
            after = after.id if isinstance(after, Record) else after
            if before != after:
                changes[name] = [_plain(before), _plain(after)]
        return changes


@cache
def labels_of(kind: str) -> dict[str, Phrase]:
    """What the fields of a noun are called, and whatever else its events name: as other nouns call it.

    A field of its own is never called as another noun calls its own.
    """
    found, own, fields = dict(FACTS), dict[str, Phrase](), set[str]()
    for model in _descendants(Record):
        if "called" in vars(model):
            labels = {
                name: field.verbose_name for name, field in model._meta.fields.items() if field.verbose_name
            }
            found = labels | found
            if model.called.kind == kind:
                own |= labels
                fields |= model._meta.fields.keys()
    return {name: label for name, label in found.items() if name not in fields or name in FACTS} | own


@cache
def nouns_called() -> dict[str, tuple[Any, peewee.Field[Any]]]:
    """The tables whose records have a name or title of their own, by kind, with that column."""
    found: dict[str, tuple[Any, peewee.Field[Any]]] = {}
    for model in _descendants(Record):
        fields = model._meta.fields
        column = fields.get("name") or fields.get("title")
        if "called" in vars(model) and column is not None:
            found[model.kind()] = model, column
    return found


@cache
def noun_tables() -> dict[str, type[Record]]:
    """The table of each noun, by its kind."""
    return {model.kind(): model for model in _descendants(Record)}


def record_of(kind: str, ident: int | None) -> Record | None:
    """The record of this kind and id; None where it is gone, or there is no such kind."""
    model = noun_tables().get(kind)
    return model.get_or_none(model.id == ident) if model is not None else None


def _descendants(model: type[Row]) -> Iterator[Any]:
    for below in model.__subclasses__():
        yield below
        yield from _descendants(below)


def names_of(model: Any) -> tuple[peewee.Field[Any], ...]:
    """The columns that name a record read along with another: all of them cost more than the list itself."""
    return model.id, model.name, model.name_en


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str | list | dict) else str(value)


class Editable(Record):
    """A record that people edit: its version number stops one edit from silently undoing another."""

    version = peewee.IntegerField(default=1)
    updated_at = UtcDateTimeField(default=clock.now)

    @classmethod
    def faults(cls, values: Mapping[str, Any]) -> dict[str, Phrase]:
        """What is wrong, by field, as far as the values alone tell: for one record and for many at once."""
        return {}

    @classmethod
    def derived(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """The fields that follow from these, such as the name that lists sort by."""
        return {}

    def edit(self, *, by: Any, version: int | None = None, **values: Any) -> dict[str, list[Any]]:
        """Change fields and leave an `edited` event; gives the changes.

        Raises Stale when the version is old and something differs: who sends the same again loses nothing.
        """
        changes = self.changed_fields(values)
        if changes:
            if version is not None and version != self.version:
                raise Stale(self)
            self.write(**values)
            self.track("edited", by=by, changes=changes)
        return changes

    def write(self, **values: Any) -> None:
        """Set fields and store them. Raises Stale, and is then as it was."""
        before = dict(self.__data__)
        for name, value in values.items():
            setattr(self, name, value)
        try:
            self.touch(values)
        except Stale:
            self.__data__.update(before)
            raise

    def touch(self, values: Mapping[str, Any]) -> None:
        """Write named fields if nobody else wrote since this record was read. Raises Stale."""
        self.check_texts(values)
        check_cost(type(self), values, self.id)
        with db.atomic():
            stored = {
                name: self.__data__[name] if name in self.__data__ else getattr(self, name) for name in values
            }
            stored |= {"version": self.version + 1, "updated_at": clock.now()}
            model = type(self)
            done = (
                model.update(stored).where((model.id == self.id) & (model.version == self.version)).execute()
            )
            if not done:
                raise Stale(self.fresh())
            self.version, self.updated_at = stored["version"], stored["updated_at"]
            note_links(model, {self.id: stored})
            if isinstance(self, Indexed):
                self.reindex()


class Archivable(Editable):
    """A record that is put away and brought back: everything about it stays. It declares `archived_at`."""

    archived_at: peewee.Field[Any]

    def editable_by(self, person: Any) -> bool:
        """Each noun says who may."""
        raise NotImplementedError(f"{type(self).__name__} has to say who may edit it")

    def archivable_by(self, person: Any) -> bool:
        """Whoever may edit it."""
        return self.editable_by(person)

    def restorable_by(self, person: Any) -> bool:
        """Whoever may put it away."""
        return self.archivable_by(person)

    def archive(self, *, by: Any) -> bool:
        """Take it out of the lists; twice is harmless. False when it was out of them already."""
        if self.is_archived:
            return False
        self.write(archived_at=clock.now())
        self.track("archived", by=by)
        return True

    def restore(self, *, by: Any) -> bool:
        """Bring it back into the lists; twice is harmless. False when it was in them already."""
        if not self.is_archived:
            return False
        self.bring_back(by=by)
        self.track("restored", by=by)
        return True

    def bring_back(self, *, by: Any) -> None:
        """Store that it is in the lists again."""
        self.write(archived_at=None)

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None


class Stateful(Editable):
    """A record that goes from state to state through one door. It declares `state`, or names its field."""

    state_field: ClassVar[str] = "state"

    def step(self, to: str, *, since: Iterable[str], **facts: Any) -> bool:
        """Go on to a state, with facts, from one of the states `since`: of two who try, one succeeds.

        False when it is there already. Raises Stale when someone else wrote on it or took it elsewhere.
        """
        self.check_texts({self.state_field: to, **facts}, since=getattr(self, self.state_field))
        check_cost(type(self), facts, self.id)
        model, state = type(self), type(self)._meta.fields[self.state_field]
        stored = {self.state_field: to, **facts, "version": self.version + 1, "updated_at": clock.now()}
        mine = (model.id == self.id) & (model.version == self.version) & state.in_(list(since))
        with db.atomic():
            if not model.update(stored).where(mine).execute():
                now = self.fresh()
                if getattr(now, self.state_field) != to:
                    raise Stale(now)
                self.__data__.update(now.__data__)
                return False
            for name, value in stored.items():
                setattr(self, name, value)
            note_links(model, {self.id: facts})
            if isinstance(self, Indexed):
                self.reindex()
        return True


class Tree(Record):
    """Records that lie below one another. They declare `parent`, or name their field."""

    parent_field: ClassVar[str] = "parent"

    @classmethod
    def parents(cls) -> dict[int, int | None]:
        """Every record's parent, by id: read in one go, a tree is small."""
        rows: Any = cls.select(cls.id, cls._meta.fields[cls.parent_field]).tuples()
        return dict(rows)

    @classmethod
    def with_descendants(cls, ids: Iterable[int]) -> frozenset[int]:
        """These records' ids and all below them."""
        found = set(ids)
        parents = cls.parents() if found else {}
        size = 0
        while len(found) > size:
            size = len(found)
            found |= {ident for ident, parent in parents.items() if parent in found}
        return frozenset(found)

    @classmethod
    def with_ancestors(cls, ids: Iterable[int]) -> frozenset[int]:
        """These records' ids and all above them."""
        parents, found = cls.parents(), set[int]()
        for ident in ids:
            step: int | None = ident
            while step is not None and step not in found:
                found.add(step)
                step = parents.get(step)
        return frozenset(found)

    def is_above(self, other: Self | None) -> bool:
        """Whether it is this record or lies below it."""
        seen: set[int] = set()
        while other is not None and other.id not in seen:
            if self.id is not None and other.id == self.id:
                return True
            seen.add(other.id)
            other = getattr(other, self.parent_field)
        return False


def along(query: ModelSelect[R], *links: ForeignKeyField[Any], whole: bool = False) -> ModelSelect[R]:
    """The same rows with the records that these columns point at: their names alone, or `whole`."""
    model: Any = query.model
    seen = {model}
    for link in links:
        other: Any = link.rel_model.alias() if link.rel_model in seen else link.rel_model
        seen.add(link.rel_model)
        kind = JOIN.LEFT_OUTER if link.null else JOIN.INNER
        read = [other] if whole else names_of(other)
        joined = query.select_extend(*read)
        query = joined.join_from(model, other, kind, on=(link == other.id), attr=link.name)
    return query


class Indexed(Record):
    """A record whose words stand in search documents: each save leaves a note, in the same transaction."""

    def save(self, *args: Any, **kwargs: Any) -> Any:
        with db.atomic():
            saved = super().save(*args, **kwargs)
            self.reindex()
            return saved

    def delete_instance(self, *args: Any, **kwargs: Any) -> Any:
        with db.atomic():
            self.reindex()
            return super().delete_instance(*args, **kwargs)

    def reindex(self) -> None:
        """Ask for the search documents that hold its words to be made again."""
        SearchOutbox.note(self.kind(), [self.id])


class Searchable(Indexed):
    """A noun that search finds, in the name of those who may see it."""

    @classmethod
    def visible_to(cls, person: Any) -> ModelSelect[Self]:
        """The records this person may know of: each noun says it, none is open by default."""
        raise NotImplementedError(f"{cls.__name__} has to say who may see it")
