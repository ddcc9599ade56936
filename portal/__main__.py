"""The `portal` command."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import peewee

from portal import clock, i18n, memory, settings
from portal.models.base import database
from portal.models.base.record import Invalid
from portal.models.files import attachments, stores
from portal.security import JsonLines
from portal.settings import Settings

Command = Callable[[Settings, argparse.Namespace], int]
SWITCH = 0.001
"""Seconds that a thread which computes keeps another waiting. A view waits so long after each question to the
database while a long list is written beside it: with Python's five milliseconds, for its tenfold time.
"""


def serve(config: Settings, args: argparse.Namespace) -> int:
    """Serve the portal until stopped."""
    from portal.app import create_app, settle
    from portal.jobs.keeper import Keeper, Post
    from portal.search import maker
    from portal.server import Server, doors

    memory.give_back()
    sys.setswitchinterval(SWITCH)
    if not _opened(config):
        return 1
    _warn(config)
    try:
        at = doors(config.host, config.port)
    except OSError as error:
        place = f"{config.host}:{config.port}"
        print(f"{place} cannot be used ({error}): choose with PORTAL_HOST and PORTAL_PORT", file=sys.stderr)
        return 1

    def answer(beside: Sequence[Keeper] = ()) -> None:
        if vectors:
            _have_vectors_made(vectors)
        app = create_app(config, beside)
        threading.Thread(target=settle, args=(app,), daemon=True).start()
        Server(app, config, beside).run(at)

    def answer_beside(_: Post) -> None:
        os.setpgrp()  # a key pressed in the terminal reaches the first alone, which says when
        answer()

    _share()
    vectors = maker.door() if config.finds_by_meaning else None
    kept = [_keeper(config, at)] if config.worker else []
    if vectors:
        kept.append(Keeper(_make_vectors(config, vectors), name="vectors", gives_way=0, doors=at))
    for _ in range(config.processes - 1):
        kept.append(Keeper(answer_beside, name="server", gives_way=0, doors=at, answers=True))
    for each in kept:
        each.start()  # the worker first: those that follow wake it as this one does
    print(f"The portal is at {config.address}", flush=True)
    answer(kept)
    return 0


def _make_vectors(config: Settings, door: socket.socket) -> Callable[[Any], None]:
    """The work of a process that makes vectors for those which answer people."""

    def work(post: Any) -> None:
        from portal.search import EngineDown, maker, meaning

        with suppress(EngineDown):  # whoever asks hears of it
            meaning.load()
        make = maker.watched(lambda sort, text: meaning.vector_of(sort, text).tobytes(), post)
        maker.answer(door, make, config.processes)

    return work


def _have_vectors_made(door: socket.socket) -> None:
    """By whoever answers at a door, for this process."""
    from portal.search import meaning  # an extra: what it needs may not be there

    meaning.ask_at(door.getsockname())


def worker(config: Settings, args: argparse.Namespace) -> int:
    """Do background jobs, with no web."""
    memory.give_back()
    if not _opened(config):
        return 1
    _warn(config)
    _share()
    _keeper(config).keep()
    return 0


def _share() -> None:
    """Load what all processes need that part from this one; no connection is shared."""
    from portal import i18n
    from portal.search.parsing import ParsedQuery

    for locale in i18n.LOCALES:
        i18n.catalogue(locale)  # leaves 15 MB of scraps: what is loaded after it fills them
    ParsedQuery.of("预热")
    database.db.close_all()
    gc.collect()
    gc.freeze()


def _keeper(config: Settings, doors: Sequence[socket.socket] = ()) -> Any:
    """Who keeps a worker at work in a process of its own; it is woken by what is done in the others, and has
    no part in their doors.
    """
    from portal.jobs.keeper import Keeper
    from portal.jobs.worker import at_work
    from portal.models.base.record import SearchOutbox
    from portal.models.company import calendar
    from portal.models.work.jobs import Job
    from portal.search import searcher

    def work(post: Any) -> None:
        database.connect(config.database, synchronous=config.synchronous)
        attachments.keep_in(config.data / "files", config.files_url)
        searcher.connect(config)
        threading.Thread(target=calendar.warm_up, daemon=True).start()
        at_work(post)

    keeper = Keeper(work, doors=doors)
    Job.woken, SearchOutbox.woken = keeper.wake_jobs, keeper.wake_changes
    return keeper


def migrate(config: Settings, args: argparse.Namespace) -> int:
    """Bring the database up to date."""
    from portal.migrations import migrate as run

    database.connect(config.database, synchronous=config.synchronous)
    applied = run()
    print("Applied: " + ", ".join(applied) if applied else "The database is up to date.")
    return 0


def person_add(config: Settings, args: argparse.Namespace) -> int:
    """Add a person, such as the first administrator; asks for the password."""
    import getpass

    from portal.models.people.people import Person
    from portal.models.people.sessions import set_password

    if not _opened(config):
        return 1
    password = sys.stdin.readline().rstrip("\n") if args.password_stdin else getpass.getpass("Password: ")

    def work() -> Person:
        person = Person.add(by=None, email=args.email, name=args.name, roles=args.role or ())
        set_password(person, password, by=None)
        return person

    try:
        person = database.transact(work)
    except Invalid as invalid:
        print(invalid, file=sys.stderr)
        return 1
    print(f"{person.name} <{person.email}> may sign in now.")
    return 0


def tell_demo(config: Settings, args: argparse.Namespace) -> int:
    """Load the demo company into an empty portal, and print its logins."""
    from portal import demo

    if not _opened(config):
        return 1
    try:
        if not (args.if_empty and database.transact(demo.has_people, write=False)):
            demo.tell(config)
    except demo.NotEmpty:
        print(
            "portal: people work in this portal already; the demo company needs an empty one", file=sys.stderr
        )
        return 1
    if found := database.transact(demo.logins, write=False):
        print(demo.table(found))
    return 0


def try_out(config: Settings, args: argparse.Namespace) -> int:
    """Migrate, load the demo company into an empty portal, and serve: `make run`.

    A process of its own loads it: the memory that takes is not kept by the one that serves.
    """
    if failed := migrate(config, args):
        return failed
    told = subprocess.run([sys.executable, "-m", "portal", "demo", "--if-empty"], check=False)
    return told.returncode or serve(config, args)


def check(config: Settings, args: argparse.Namespace) -> int:
    """Show every setting, look at all the portal needs, and say what is wrong."""
    from portal import configuration

    if args.search:
        return check_search(config)
    for name, value in configuration.shown(config):
        print(f"  {name:<18} {value}")
    found = configuration.findings(config)
    for finding in found:
        mark = "WRONG" if finding.level == "wrong" else f"{finding.level:<5}"
        print(f"{mark} {finding.subject}: {finding.text}")
    return int(any(finding.level == "wrong" for finding in found))


def reindex(config: Settings, args: argparse.Namespace) -> int:
    """Build the search indexes anew from the records, while the old ones answer."""
    from portal.search import searcher
    from portal.search.engine import EngineDown

    if not _opened(config):
        return 1
    feed = searcher.connect(config).feed
    feed.renew(_counted("documents"))
    status = 0
    for feeder in feed.feeders:
        try:
            done = feeder.rebuild(_counted(feeder.name))
            print(f"{feeder.name}: {'built anew' if done else 'is being built by another process'}")
        except EngineDown as down:
            print(f"{feeder.name}: {down}", file=sys.stderr)
            status = 1
    feed.drain()
    return status


def _counted(name: str) -> Callable[[int, int], None]:
    """Tells how far something is, on a terminal alone."""

    def progress(done: int, total: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{name}: {done:,} of {total:,}", end="\n" if done >= total else "", file=sys.stderr)

    return progress


def check_search(config: Settings) -> int:
    """Compare the search indexes with the database and repair them; 1 when an engine cannot be compared."""
    from portal.search import searcher

    if not _opened(config):
        return 1
    feed = searcher.connect(config).feed
    found, down = feed.repair()
    for name, count in found.items():
        print(f"note  {name}: {count} differences, repaired" if count else f"ok    {name}: no differences")
    for name, error in down.items():
        print(f"WRONG {name}: {error}", file=sys.stderr)
    return int(bool(down))


def backup(config: Settings, args: argparse.Namespace) -> int:
    """Write a backup of the database and the files, while the portal runs."""
    from portal import backup as copy

    try:
        size = copy.write(config, args.file)
    except copy.Refused as refused:
        print(f"portal: {refused}", file=sys.stderr)
        return 1
    print(f"{args.file}: {size:,} bytes")
    return 0


def restore(config: Settings, args: argparse.Namespace) -> int:
    """Put a backup back into an empty data folder."""
    from portal import backup as copy

    try:
        copy.restore(config, args.file)
    except copy.Refused as refused:
        print(f"portal: {refused}", file=sys.stderr)
        return 1
    print("Restored. Now run: portal migrate, then portal reindex")
    return 0


def move_files(config: Settings, args: argparse.Namespace) -> int:
    """Take the files that lie in the data folder to the store that PORTAL_FILES_URL names."""
    held = stores.store_of(config.data / "files", config.files_url)
    if not isinstance(held, stores.Bucket):
        print("portal: PORTAL_FILES_URL names no store: the files stay in the data folder", file=sys.stderr)
        return 1
    print(f"{held.take_over(config.data / 'files'):,} files lie in the store now.")
    return 0


def import_file(config: Settings, args: argparse.Namespace) -> int:
    """Import a file of customers, contacts, products, people, deals, articles or questions; status 1 when a
    row is rejected.
    """
    from portal.import_file import run

    if not _opened(config):
        return 1
    attachments.keep_in(config.data / "files", config.files_url)
    with database.db.connection_context():
        return run(args)


def _warn(config: Settings) -> None:
    """Say at the start what others may read on its way."""
    if config.is_open_to_others and not config.is_https:
        print("Unencrypted: pages and passwords (PORTAL_BASE_URL=https://..., with a proxy)", file=sys.stderr)
    for what in config.unencrypted():
        print(f"Unencrypted: {what}", file=sys.stderr)


def _opened(config: Settings) -> bool:
    """Connect to a database that is up to date; where there is none, say what to do and make none."""
    from portal.migrations import pending

    if config.sqlite_file is not None and not config.sqlite_file.exists():
        print(f"There is no database at {config.sqlite_file}. Run: portal migrate", file=sys.stderr)
        return False
    database.connect(config.database, synchronous=config.synchronous)
    if waiting := pending():
        print(f"The database is not up to date ({', '.join(waiting)}). Run: portal migrate", file=sys.stderr)
    return not waiting


def parser() -> argparse.ArgumentParser:
    """What the command line understands."""
    top = argparse.ArgumentParser(
        prog="portal", description="A company's portal for customers and knowledge."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Command, parent: Any = commands) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = parent.add_parser(
            name, help=(run.__doc__ or "").split("\n")[0], description=run.__doc__
        )
        made.set_defaults(run=run)
        return made

    command("serve", serve)
    command("try", try_out)
    command("worker", worker)
    command("migrate", migrate)
    command("demo", tell_demo).add_argument(
        "--if-empty", action="store_true", help="do nothing where people work already"
    )
    command("reindex", reindex)
    command("check", check).add_argument(
        "--search", action="store_true", help="compare the search indexes with the database and repair them"
    )
    command("files", move_files)
    for name, run in (("backup", backup), ("restore", restore)):
        command(name, run).add_argument("file", type=Path)
    people = commands.add_parser("person", help="People who may sign in.").add_subparsers(
        required=True, metavar="COMMAND"
    )
    add = command("add", person_add, people)
    add.add_argument("email")
    add.add_argument("name")
    add.add_argument(
        "--role", action="append", choices=["reviewer", "manager", "finance", "administrator", "auditor"]
    )
    add.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    brings = command("import", import_file)
    kinds = ["customers", "contacts", "products", "people", "deals", "articles", "questions", "guess"]
    brings.add_argument("kind", choices=kinds)
    brings.add_argument("file", help="a table, a handbook's archive, or its folder")
    brings.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="FIELD=HEADER",
        help="which header fills which field; FIELD= leaves it out",
    )
    brings.add_argument(
        "--same-as", action="append", default=[], metavar="SPELLING=NAME", help="what a misspelt name means"
    )
    brings.add_argument("--add-names", action="store_true", help="add what the file names and nobody knows")
    brings.add_argument("--sheet", default="", help="the sheet of a workbook")
    brings.add_argument("--date-order", choices=["ymd", "mdy", "dmy"], help="how dates are written")
    brings.add_argument(
        "--revenue-unit",
        choices=["1", "1000", "10000", "1000000"],
        default="1",
        help="what revenue is given in",
    )
    brings.add_argument(
        "--paid",
        metavar="EMAIL",
        help="won deals were paid on the day of closing, says who may confirm payments",
    )
    brings.add_argument(
        "--by",
        metavar="EMAIL",
        help="who brings it, with their rights: whose it is where the file does not say",
    )
    brings.add_argument("--dry-run", action="store_true", help="only say what would happen")
    brings.add_argument("--rejected", metavar="CSV", help="write the rejected rows with reasons to this file")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit status."""
    args = parser().parse_args(argv)
    try:
        config = settings.read()
        clock.use_zone(config.time_zone)
        i18n.use_currency(config.currency)
    except (ValueError, KeyError) as error:
        print(f"portal: {error}", file=sys.stderr)
        return 2
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=config.log_level, handlers=[handler], force=True)
    run: Command = args.run
    try:
        if run is not check:  # which changes nothing, and says what others may read
            config.keep_private()
        return run(config, args)
    except (peewee.DatabaseError, peewee.InterfaceError, OSError) as error:
        if isinstance(error, peewee.IntegrityError | peewee.DataError | peewee.ProgrammingError):
            raise
        print(f"portal: {str(error).strip()}. What is wrong says: portal check", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
