"""The schema's history, applied in order under a lock."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import peewee
from playhouse.migrations import Runner

import portal.models
from portal.models.base.database import db, is_sqlite

FOLDER = Path(__file__).parent
_LOCK = 7_061_872


def models() -> list[type[peewee.Model]]:
    """Every table's model, in an order that satisfies foreign keys."""
    found = set(_models())
    return list(peewee.sort_models(found))  # type: ignore[attr-defined]


def _models() -> Iterator[type[peewee.Model]]:
    for module in pkgutil.walk_packages(portal.models.__path__, "portal.models."):
        for thing in vars(import_module(module.name)).values():
            if (
                isinstance(thing, type)
                and issubclass(thing, peewee.Model)
                and thing.__module__ == module.name
                and not thing.__subclasses__()  # what others are made of is no table
            ):
                yield thing


def migrate() -> list[str]:
    """Bring the schema up to date; gives the names of the migrations applied. One process at a time."""
    runner = Runner(db.obj, str(FOLDER))
    with db.connection_context():
        if is_sqlite():
            return list(runner.up() or ())
        db.execute_sql("SELECT pg_advisory_lock(%s)", (_LOCK,))
        try:
            return list(runner.up() or ())
        finally:
            db.execute_sql("SELECT pg_advisory_unlock(%s)", (_LOCK,))


def pending() -> list[str]:
    """Names of migrations not applied yet."""
    with db.connection_context():
        return [migration.name for migration in Runner(db.obj, str(FOLDER)).status() if not migration.applied]
