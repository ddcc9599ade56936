"""What the portal is set to and what is wrong with it: `portal check`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, fields
from urllib.parse import urlsplit, urlunsplit

import peewee

from portal import clock
from portal.clock import Month
from portal.migrations import pending
from portal.models.base import database
from portal.models.company.calendar import Calendar
from portal.models.people.people import Person, Role, RoleGrant
from portal.models.work.jobs import Job
from portal.settings import Settings

SECRET = {"secret", "search_key", "smtp_url"}
LEAST_SPACE = 500 * 1024 * 1024


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `level` is ok, note or wrong; `text` says what to do."""

    level: str
    subject: str
    text: str


def shown(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every setting as people may see it: passwords and keys are left out."""
    for field in fields(settings):
        value = getattr(settings, field.name)
        if field.name in SECRET:
            yield field.name, "set" if value else "not set"
        elif field.name == "database_url":
            yield field.name, _without_password(settings.database)
        else:
            yield field.name, str(value) or "not set"


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if not parts.password:
        return url
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username}:***@{place}"))


def findings(settings: Settings) -> list[Finding]:
    """Look at everything the portal needs; never raises."""
    found = [_folder(settings), _space(settings)]
    database = _database(settings)
    found.append(database)
    if database.level == "ok":
        found += [*_schema(), _administrator(), _jobs(), _calendar()]
    return found + list(_serving(settings))


def _folder(settings: Settings) -> Finding:
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return Finding(
            "wrong", "data folder", f"{settings.data} cannot be made ({error.strerror}): set PORTAL_DATA"
        )
    if not os.access(settings.data, os.W_OK):
        return Finding("wrong", "data folder", f"{settings.data} cannot be written to: change its owner")
    return Finding("ok", "data folder", str(settings.data))


def _space(settings: Settings) -> Finding:
    folder = next(p for p in (settings.data, *settings.data.parents) if p.exists())
    free = shutil.disk_usage(folder).free
    level = "ok" if free > LEAST_SPACE else "wrong"
    return Finding(
        level,
        "free space",
        f"{free // 2**20:,} MB" + ("" if level == "ok" else ": make room, 500 MB at least"),
    )


def _database(settings: Settings) -> Finding:
    try:
        database.connect(settings.database)
        with database.db.connection_context():
            database.db.execute_sql("SELECT 1")
    except (peewee.PeeweeException, ValueError, OSError) as error:
        return Finding("wrong", "database", f"{error}: check PORTAL_DATABASE_URL")
    return Finding("ok", "database", "SQLite" if database.is_sqlite() else "PostgreSQL")


def _schema() -> Iterator[Finding]:
    waiting = pending()
    if waiting:
        yield Finding("wrong", "schema", f"not up to date ({', '.join(waiting)}): run portal migrate")
    else:
        yield Finding("ok", "schema", "up to date")


def _administrator() -> Finding:
    try:
        with database.db.connection_context():
            active = Person.select().join(RoleGrant, on=RoleGrant.person == Person.id)
            held = active.where(
                (RoleGrant.role == Role.ADMINISTRATOR) & Person.deactivated_at.is_null()
            ).exists()
    except peewee.PeeweeException:
        return Finding("note", "administrator", "unknown until the schema is up to date")
    if held:
        return Finding("ok", "administrator", "there is one")
    return Finding(
        "wrong", "administrator", "nobody is: run portal person add E-MAIL NAME --role administrator"
    )


def _jobs() -> Finding:
    try:
        with database.db.connection_context():
            dead = Job.select().where(Job.state == "dead").count()
    except peewee.PeeweeException:
        return Finding("note", "background jobs", "unknown until the schema is up to date")
    if dead:
        return Finding("note", "background jobs", f"{dead} gave up: look at Admin, Background jobs")
    return Finding("ok", "background jobs", "none gave up")


def _calendar() -> Finding:
    try:
        with database.db.connection_context():
            unknown = Calendar.read().unannounced(Month.of(clock.today()), 12)
    except peewee.PeeweeException:
        return Finding("note", "working days", "unknown until the schema is up to date")
    if unknown:
        years = ", ".join(map(str, unknown))
        text = f"the make-up days of {years} are not known yet: look at Admin, Working days"
        return Finding("note", "working days", text)
    return Finding("ok", "working days", "known for the next 12 months")


def _serving(settings: Settings) -> Iterator[Finding]:
    local = settings.host in ("127.0.0.1", "localhost", "::1")
    if not local and not settings.is_https:
        yield Finding(
            "wrong",
            "HTTPS",
            "people reach it unencrypted: put a proxy before it and set PORTAL_BASE_URL=https://...",
        )
    if settings.base_url and urlsplit(settings.base_url).scheme not in ("http", "https"):
        yield Finding("wrong", "address", "PORTAL_BASE_URL should begin with https://")
    if not settings.smtp_url:
        yield Finding("note", "mail", "no mail server: mail waits in Admin, Mail (PORTAL_SMTP_URL)")
    if settings.threads > 8:
        yield Finding("note", "threads", "2 to 8 is fastest (PORTAL_THREADS)")
