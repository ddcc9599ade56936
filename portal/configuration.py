"""What the portal is set to and what is wrong with it: `portal check`."""

from __future__ import annotations

import json
import os
import shutil
import smtplib
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, fields
from http.client import HTTPException
from urllib.parse import urlsplit, urlunsplit

import peewee

from portal import clock
from portal.clock import Month
from portal.migrations import pending
from portal.models.base import database
from portal.models.company.calendar import Calendar
from portal.models.files.stores import Bucket, StoreDown
from portal.models.people.letters import UntrustedServer, is_encrypted, mail_server
from portal.models.people.people import Person, Role, RoleGrant
from portal.models.work.jobs import Job
from portal.settings import Settings

SECRET = {"secret", "search_key", "smtp_url", "files_url"}
LEAST_SPACE = 500 * 1024 * 1024
PATIENCE = 3
"""Seconds to wait for a server."""


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
    """Look at everything the portal needs; never raises, and makes nothing."""
    found = [_folder(settings), *_exposed(settings), _space(settings)]
    database = _database(settings)
    found.append(database)
    if database.level == "ok":
        found += [*_schema(), _administrator(), _jobs(), _calendar()]
    found += [_files(settings), _search(settings), _meaning(settings), _mail(settings)]
    return [*found, *_serving(settings)]


def _folder(settings: Settings) -> Finding:
    known = next(path for path in (settings.data, *settings.data.parents) if path.exists())
    if not known.is_dir():
        return Finding("wrong", "data folder", f"{known} is a file: set PORTAL_DATA to a folder")
    if not os.access(known, os.W_OK | os.X_OK):
        return Finding("wrong", "data folder", f"{known} cannot be written to: change its owner")
    if known != settings.data:
        return Finding("note", "data folder", f"{settings.data} is not there yet: portal migrate makes it")
    for path in (settings.data / "files", settings.data / "search"):
        if path.exists() and not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            return Finding("wrong", "data folder", f"{path} cannot be written to: change its owner")
    return Finding("ok", "data folder", str(settings.data))


def _exposed(settings: Settings) -> Iterator[Finding]:
    for path in settings.exposed():
        yield Finding("wrong", "privacy", f"others on this machine may read {path}: chmod go= {path}")


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
    file, server = settings.sqlite_file, urlsplit(settings.database)
    if file is not None and not file.exists():
        return Finding("wrong", "database", f"there is none at {file} yet: run portal migrate")
    try:
        if server.hostname and file is None:
            _reach(server.hostname, server.port or 5432)
        database.connect(settings.database, synchronous=settings.synchronous)
        with database.db.connection_context():
            database.db.execute_sql("SELECT 1" if file is None else "SELECT COUNT(*) FROM sqlite_master")
    except (peewee.PeeweeException, ValueError, OSError) as error:
        return Finding("wrong", "database", f"{str(error).strip()}: check PORTAL_DATABASE_URL")
    return Finding("ok", "database", _promise(settings))


def _promise(settings: Settings) -> str:
    """Which database it is, and what it promises when the power goes."""
    if settings.sqlite_file is None:
        with database.db.connection_context():
            told = database.db.execute_sql("SHOW synchronous_commit").fetchone()[0]
        lost = "may be lost" if told == "off" else "is kept"
        return f"PostgreSQL: with synchronous_commit = {told} what was just saved {lost} when the power goes"
    if settings.synchronous == "full":
        return "SQLite: what was saved is kept when the power goes (PORTAL_SYNCHRONOUS)"
    return "SQLite: the last moments may be lost when the power goes, never the file (PORTAL_SYNCHRONOUS)"


def _reach(host: str, port: int) -> None:
    """Raises OSError for a server that does not answer soon."""
    socket.create_connection((host, port), PATIENCE).close()


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


def _files(settings: Settings) -> Finding:
    """Where the files lie, and whether they can be got at."""
    if not settings.files_url:
        return Finding("ok", "files", "in the data folder (PORTAL_FILES_URL)")
    folder = settings.data / "files"
    try:
        next(Bucket(settings.files_url, folder.with_name("copies")).places(), None)
    except StoreDown as error:
        return Finding("wrong", "files", f"the store cannot be used ({error}): check PORTAL_FILES_URL")
    if left := sum(len(path.name) == 64 for path in folder.glob("??/*")):
        text = (
            f"{left} of them lie in the data folder, where nobody looks: portal files takes them to the store"
        )
        return Finding("wrong", "files", text)
    return Finding("ok", "files", "the store answers (PORTAL_FILES_URL)")


def _meaning(settings: Settings) -> Finding:
    if not settings.search_meaning:
        return Finding("ok", "meaning", "off (PORTAL_SEARCH_MEANING)")
    if not settings.finds_by_meaning:
        text = "off: the extra is not installed, pip install -e '.[semantic]' brings it"
        return Finding("note", "meaning", text)
    from portal.search.meaning import VERSION  # noqa: PLC0415 - an extra

    return Finding("ok", "meaning", f"on: {VERSION.rpartition(' ')[0]} (PORTAL_SEARCH_MEANING)")


def _search(settings: Settings) -> Finding:
    if not settings.search_url:
        return Finding("ok", "search", "the embedded engine alone (PORTAL_SEARCH_URL)")
    asked = urllib.request.Request(f"{settings.search_url}/version")  # noqa: S310 - http or https: see settings
    if settings.search_key:
        asked.add_header("Authorization", f"Bearer {settings.search_key}")
    try:
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:  # noqa: S310 - as above
            version = json.load(answer)["pkgVersion"]
    except urllib.error.HTTPError as error:
        text = (
            "refuses the key: check PORTAL_SEARCH_KEY"
            if error.code in (401, 403)
            else f"answers {error.code}"
        )
        return Finding("wrong", "search", f"{settings.search_url} {text}")
    except (OSError, HTTPException, ValueError, TypeError, KeyError) as error:
        text = (
            f"{settings.search_url} is no Meilisearch server that answers ({error}): check PORTAL_SEARCH_URL"
        )
        return Finding("wrong", "search", text)
    return Finding("ok", "search", f"Meilisearch {version}, and the embedded engine")


def _mail(settings: Settings) -> Finding:
    if not settings.smtp_url:
        return Finding("note", "mail", "no mail server: mail waits in Admin, Mail (PORTAL_SMTP_URL)")
    try:
        with mail_server(settings.smtp_url, seconds=PATIENCE) as server:
            server.noop()
            secure = is_encrypted(server)
    except UntrustedServer as error:
        return Finding("wrong", "mail", str(error))
    except (OSError, ValueError, smtplib.SMTPException) as error:
        return Finding(
            "wrong", "mail", f"the mail server does not take letters ({error}): check PORTAL_SMTP_URL"
        )
    if not secure:
        return Finding("note", "mail", "the mail server answers; letters go to it unencrypted")
    return Finding("ok", "mail", "the mail server answers, encrypted")


def _serving(settings: Settings) -> Iterator[Finding]:
    if settings.is_open_to_others and not settings.is_https:
        yield Finding(
            "wrong",
            "HTTPS",
            "people reach it unencrypted: put a proxy before it and set PORTAL_BASE_URL=https://...",
        )
    for what in settings.unencrypted():
        yield Finding("note", "encryption", f"who listens between the machines can read {what}")
    if settings.is_https and not settings.trusted_proxies:
        yield Finding(
            "note",
            "proxy",
            "all requests seem to come from one address, and who guesses passwords there keeps others from "
            "signing in with a new browser: name the proxy's address in PORTAL_TRUSTED_PROXIES",
        )
    if settings.threads > 8:
        yield Finding("note", "threads", "2 to 8 is fastest (PORTAL_THREADS)")
