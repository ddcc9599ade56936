"""What every record shares: the database, its fields for money and time, its events, its bad input."""

from __future__ import annotations

import random
import re
import threading
import time
import unicodedata
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, overload
from urllib.parse import unquote, urlsplit

import peewee
from peewee import BigAutoField, BigIntegerField, DatabaseProxy, Model, ModelSelect
from playhouse.pool import PooledPostgresqlDatabase, PooledSqliteDatabase

from portal import clock

T = TypeVar("T")
V = TypeVar("V")

db = DatabaseProxy()
request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request or job being served, kept on each event and log line."""


class Phrase(str):
    """A sentence for people: English here, translated where it is shown.

    `Phrase("At least %(n)s characters.", n=10)` reads as English text and keeps its msgid and values.
    """

    __slots__ = ("msgid", "values")
    msgid: str
    values: dict[str, Any]

    def __new__(cls, msgid: str, **values: Any) -> Phrase:
        phrase = super().__new__(cls, msgid % values if values else msgid)
        phrase.msgid, phrase.values = msgid, values
        return phrase


class Invalid(Exception):
    """What a person gave cannot be accepted: the message for each field ('' for the whole)."""

    def __init__(self, errors: Mapping[str, str] | str):
        self.errors = {"": errors} if isinstance(errors, str) else dict(errors)
        super().__init__("; ".join(self.errors.values()))


class Stale(Exception):
    """Someone else saved this record since it was read."""

    def __init__(self, current: Record):
        self.current = current
        super().__init__(f"{current} was changed meanwhile")


def connect(url: str, *, connections: int = 20) -> peewee.Database:
    """Bind every model to the database at a URL. Raises ValueError for an unknown scheme."""
    parts = urlsplit(url)
    database: peewee.Database
    if parts.scheme == "sqlite":
        path = unquote(parts.path[1:]) if parts.path.startswith("/") else parts.path
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        database = PooledSqliteDatabase(
            path,
            max_connections=connections,
            timeout=5,
            pragmas={
                "journal_mode": "wal",
                "synchronous": "normal",
                "busy_timeout": 5000,
                "foreign_keys": 1,
                "cache_size": -16000,
            },
            returning_clause=True,
            check_same_thread=False,
        )
    elif parts.scheme in ("postgresql", "postgres"):
        database = PooledPostgresqlDatabase(
            unquote(parts.path[1:]),
            max_connections=connections,
            timeout=10,
            stale_timeout=300,
            prefer_psycopg3=True,
            **_postgres_options(parts),
        )
    else:
        raise ValueError(f"the database address {parts.scheme}://... is neither sqlite:/// nor postgresql://")
    db.initialize(database)
    return database


def _postgres_options(parts: Any) -> dict[str, Any]:
    options = {"host": parts.hostname, "port": parts.port, "user": parts.username, "password": parts.password}
    named = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    options |= {key: unquote(value) for key, value in named.items()}
    return {
        key: unquote(value) if isinstance(value, str) else value for key, value in options.items() if value
    }


def is_sqlite() -> bool:
    """Whether the bound database is SQLite."""
    return isinstance(db.obj, peewee.SqliteDatabase)


class _FairLock:
    """A lock that is handed on in the order of asking: no writer starves."""

    def __init__(self) -> None:
        self._guard, self._held, self._waiting = threading.Lock(), False, deque[threading.Event]()

    def acquire(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False


_writers = _FairLock()
_RETRIED_STATES = {"40001", "40P01", "55P03"}
_ATTEMPTS = 8


@contextmanager
def transaction(*, write: bool = True) -> Iterator[None]:
    """One connection and one transaction around a block; raising rolls back. Joins one already open."""
    if db.in_transaction():
        with db.atomic():
            yield
        return
    if not is_sqlite():
        with db.connection_context(), db.atomic():
            yield
    elif not write:
        with db.connection_context(), db.atomic("DEFERRED"):
            yield
    else:
        _writers.acquire()
        try:
            with db.connection_context(), db.atomic("IMMEDIATE"):
                yield
        finally:
            _writers.release()


def transact(work: Callable[[], T], *, write: bool = True) -> T:
    """Run work in one transaction; start it again from the beginning when the database asks for that."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with transaction(write=write):
                return work()
        except peewee.OperationalError as error:
            if db.in_transaction() or attempt == _ATTEMPTS or not _worth_retrying(error):
                raise
            time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - spreads retries, no secret
    raise AssertionError("unreachable")


def _worth_retrying(error: peewee.OperationalError) -> bool:
    state = getattr(error.__cause__, "sqlstate", None) or getattr(error.__context__, "sqlstate", None)
    return state in _RETRIED_STATES or "database is locked" in str(error)


_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Text as it may be stored: NFC, line ends as \\n, no control characters or lone surrogates."""
    return unicodedata.normalize("NFC", _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


if TYPE_CHECKING:
    _DateTimeField = peewee.DateTimeField
    _BigIntegerField = BigIntegerField
    _TextField = peewee.TextField[str]
    _CharField = peewee.CharField[str]
else:  # peewee's fields are generic to the type checker alone

    class _DateTimeField(peewee.DateTimeField):
        def __class_getitem__(cls, _item):
            return cls

    class _BigIntegerField(BigIntegerField):
        def __class_getitem__(cls, _item):
            return cls

    _TextField, _CharField = peewee.TextField, peewee.CharField


class UtcDateTimeField(_DateTimeField[V]):
    """An aware moment, kept as naive UTC in the database. Naive values are refused."""

    if TYPE_CHECKING:

        @overload
        def __new__(cls, *, null: Literal[True], **kwargs: Any) -> UtcDateTimeField[datetime | None]: ...
        @overload
        def __new__(cls, *, null: Literal[False] = ..., **kwargs: Any) -> UtcDateTimeField[datetime]: ...
        def __new__(cls, **kwargs: Any) -> Any: ...

    def db_value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError(f"{self.name}: a moment needs a time zone")
            value = value.astimezone(UTC).replace(tzinfo=None)
            return value.isoformat(sep=" ", timespec="microseconds") if is_sqlite() else value
        return value

    def python_value(self, value: Any) -> Any:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


class MoneyField(_BigIntegerField[V]):
    """An amount in integer minor units (fen, cents)."""

    if TYPE_CHECKING:

        @overload
        def __new__(cls, *, null: Literal[True], **kwargs: Any) -> MoneyField[int | None]: ...
        @overload
        def __new__(cls, *, null: Literal[False] = ..., **kwargs: Any) -> MoneyField[int]: ...
        def __new__(cls, **kwargs: Any) -> Any: ...


class RateField(_BigIntegerField[V]):
    """A rate in integer millionths: 20_000 is 2 %."""

    if TYPE_CHECKING:

        @overload
        def __new__(cls, *, null: Literal[True], **kwargs: Any) -> RateField[int | None]: ...
        @overload
        def __new__(cls, *, null: Literal[False] = ..., **kwargs: Any) -> RateField[int]: ...
        def __new__(cls, **kwargs: Any) -> Any: ...


def minor(amount: Decimal | str | int, digits: int = 2) -> int:
    """An amount in minor units. Raises ValueError when it has more decimals than the currency."""
    scaled = Decimal(amount).scaleb(digits)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} has more than {digits} decimals")
    return int(scaled)


def major(units: int, digits: int = 2) -> Decimal:
    """Minor units as a decimal amount."""
    return Decimal(units).scaleb(-digits)


class TextField(_TextField):
    """Text of any length, cleaned on the way in."""

    def db_value(self, value: Any) -> Any:
        value = super().db_value(value)  # type: ignore[no-untyped-call]
        return clean(value) if isinstance(value, str) else value


class NameField(_CharField):
    """A line of text, cleaned on the way in."""

    def db_value(self, value: Any) -> Any:
        value = super().db_value(value)  # type: ignore[no-untyped-call]
        return clean(value).replace("\n", " ").strip() if isinstance(value, str) else value


class Record(Model):
    """A row with an id and a date of birth; its verbs leave events."""

    if TYPE_CHECKING:

        @classmethod
        def delete(cls) -> peewee.ModelDelete: ...  # the stub's descriptor does not know subclasses

    id = BigAutoField()
    created_at = UtcDateTimeField(default=clock.now)

    class Meta:
        database = db
        legacy_table_names = False

    def __str__(self) -> str:
        return f"{self.kind()}-{self.id}"

    @classmethod
    def kind(cls) -> str:
        """The noun in URLs, events and the index: `experience`."""
        return cls._meta.table_name  # type: ignore[no-any-return]

    def fresh(self) -> Self:
        """This record read again from the database."""
        return type(self).get_by_id(self.id)

    def track(
        self, verb: str, *, by: Any = None, customer: Any = None, changes: Mapping[str, Any] | None = None
    ) -> None:
        """Leave an event: who did what to this record, in the same transaction."""
        from portal.models.events import Event

        Event.leave(self, verb, by=by, customer=customer, changes=changes or {})

    def changed_fields(self, values: Mapping[str, Any]) -> dict[str, list[Any]]:
        """What an edit would change: {field: [before, after]} in JSON-able values."""
        changes = {}
        for name, after in values.items():
            before = self.__data__.get(name)
            after = after.id if isinstance(after, Record) else after
            if before != after:
                changes[name] = [_plain(before), _plain(after)]
        return changes


def names_of(model: Any) -> tuple[peewee.Field[Any], ...]:
    """The columns that name a record read along with another: all of them cost more than the list itself."""
    return model.id, model.name, model.name_en


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str | list | dict) else str(value)


class Editable(Record):
    """A record that people edit: its version number stops one edit from silently undoing another."""

    version = peewee.IntegerField(default=1)
    updated_at = UtcDateTimeField(default=clock.now)

    def edit(self, *, by: Any, version: int | None = None, **values: Any) -> dict[str, list[Any]]:
        """Change fields and leave an `edited` event; gives the changes. Raises Stale when version is old."""
        changes = self.changed_fields(values)
        if version is not None and version != self.version:
            raise Stale(self)
        if not changes:
            return {}
        for name, value in values.items():
            setattr(self, name, value)
        self.touch(values)
        self.track("edited", by=by, changes=changes)
        return changes

    def touch(self, values: Mapping[str, Any]) -> None:
        """Write named fields if nobody else wrote since this record was read. Raises Stale."""
        with db.atomic():
            stored: dict[str, Any] = {name: getattr(self, name) for name in values}
            stored |= {"version": self.version + 1, "updated_at": clock.now()}
            model = type(self)
            done = (
                model.update(stored).where((model.id == self.id) & (model.version == self.version)).execute()
            )
            if not done:
                raise Stale(self.fresh())
            self.version, self.updated_at = stored["version"], stored["updated_at"]
            if isinstance(self, Searchable):
                self.reindex()


class Searchable(Record):
    """A noun that search finds: each save leaves a note in the outbox, in the same transaction."""

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
        """Ask for this record's search document to be made again."""
        from portal.models.outbox import SearchOutbox

        SearchOutbox.note(self.kind(), [self.id])

    @classmethod
    def visible_to(cls, person: Any) -> ModelSelect[Self]:
        """The records this person may know of; a noun with secrets narrows it."""
        return cls.select()
