"""What one web process and its worker hold while they work, second by second, through all that needs much.

    python -m benchmarks.soak [FOLDER] [--minutes 4] [--csv FILE] [--plot FILE]

Runs `portal serve` with its worker on FOLDER, as benchmarks.load does, and the same hundred people, who here act every
other second. Beside them an administrator imports files, tries them out, writes them and takes them back, and exports every
list; many sign in at once, half with a wrong password; odd requests of benchmarks.fuzz come in the name of all; long
texts are previewed. Each second is read what the process that serves has in memory, and what it and its worker have
together (what they share counts once), written as CSV (seconds, megabytes of the one, of all) and the first drawn as
SVG. Printed are start, peak and end, and what was done; the status is 1 where the one that serves is above 250 MB.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from starlette.applications import Starlette

from benchmarks.data import PASSWORD, WORDS
from benchmarks.fuzz import requests
from benchmarks.imports import pipeline
from benchmarks.load import Waits, Worker, company, team
from benchmarks.pages import MEMORY
from benchmarks.served import Browser, serving
from portal import clock
from portal.models.base import database
from portal.models.people.people import Person, Role
from portal.models.people.sessions import Session
from portal.routes import routes

PAUSE = 2.0
"""Seconds between two acts of a person: more than such a process can answer, so that it is never idle."""
ROWS = 3000
"""Of an imported file."""
AT_ONCE = 10
"""Who sign in together."""
EXPORTED = ("customers", "deals", "articles", "questions", "people", "admin/events", "admin/accounts")
LONG = 300_000
BOUNDARY = "----------soak"


@dataclass
class Held:
    """Megabytes of the process that serves, and of it and all its children together, each second."""

    process: int
    seen: list[tuple[float, float, float]] = field(default_factory=list)

    async def watch(self, until: float) -> None:
        began = time.monotonic()
        while time.monotonic() < until:
            together = [resident(one, "Pss") for one in (self.process, *children(self.process))]
            self.seen.append((time.monotonic() - began, resident(self.process, "Rss"), sum(together)))
            await asyncio.sleep(1)

    @property
    def web(self) -> list[float]:
        return [mine for _, mine, _ in self.seen]


def resident(process: int, how: str) -> float:
    """Megabytes in memory (`Rss`; `Pss`: of what it shares with others a share); none of one that is gone."""
    with suppress(OSError):
        found = re.search(
            rf"^{how}:\s+(\d+)", Path(f"/proc/{process}/smaps_rollup").read_text(), re.MULTILINE
        )
        return int(found[1]) / 1024 if found else 0.0
    return 0.0


def children(process: int) -> list[int]:
    """All of them, and theirs."""
    found = list[int]()
    with suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *children(int(child))]
    return found


# --- What needs much -----------------------------------------------------------------------------------


def multipart(name: str, content: str) -> tuple[bytes, str]:
    """A form with a file, and its content type."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="kind"\r\n\r\n\r\n--{BOUNDARY}\r\n'
    head += (
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
    )
    return f"{head}{content}\r\n--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}"


async def imports(browser: Browser, done: Counter[str], until: float) -> None:
    """Files of deals: each brought, tried out, written and taken back."""
    number = 0
    while time.monotonic() < until:
        number += 1
        content = pipeline(ROWS).replace("\nD0", f"\nN{os.getpid()}-{number}-")
        form, kind = multipart(f"deals-{number}.csv", content)
        answer = await browser.ask("POST", "/imports/new", form, kind=kind)
        found = re.match(r"/imports/\d+", answer.headers.get("location", ""))
        if found is None:
            done[f"import refused {answer.status}"] += 1
            await asyncio.sleep(5)
            continue
        page, columns = (await browser.ask("GET", f"{found[0]}/columns")).text, {"paid_on_close": "y"}
        for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
            chosen = re.search(r'<option selected value="([^"]*)"', options)
            columns[name] = chosen[1] if chosen else ""
        await browser.ask("POST", f"{found[0]}/columns", columns)
        page = await settled(browser, f"{found[0]}/check", until)
        choices = dict.fromkeys(re.findall(r'name="(choice:[^"]+)"', page), "add")
        if choices:
            await browser.ask("POST", f"{found[0]}/check", choices)
            await settled(browser, f"{found[0]}/check", until)
        await browser.ask("POST", f"{found[0]}/run", choices)
        await settled(browser, found[0], until)
        await browser.ask("POST", f"{found[0]}/undo")
        await settled(browser, found[0], until)
        done["imports"] += 1
        await asyncio.sleep(2)


async def settled(browser: Browser, path: str, until: float) -> str:
    """The page once its work is done."""
    while True:
        page = (await browser.ask("GET", path)).text
        if "every 1s" not in page or time.monotonic() > until:
            return page
        await asyncio.sleep(1)


async def exports(browser: Browser, done: Counter[str], until: float) -> None:
    """Every list as a file."""
    while time.monotonic() < until:
        for name in EXPORTED:
            answer = await browser.ask("POST", f"/{name}/export")
            done[f"exports {answer.status}"] += 1
            await asyncio.sleep(1)


async def sign_ins(port: int, emails: list[str], done: Counter[str], until: float) -> None:
    """Many at once, half of them with a wrong password."""
    dice = random.Random(11)
    while time.monotonic() < until:
        asked = [Browser(port).ask("POST", "/sign-in", form) for form in _typed(emails, dice)]
        for answer in await asyncio.gather(*asked):
            done[f"sign-ins {answer.status}"] += 1
        await asyncio.sleep(3)


def _typed(emails: list[str], dice: random.Random) -> list[dict[str, str]]:
    return [
        {"email": email, "password": PASSWORD if number % 2 else "wrong"}
        for number, email in enumerate(dice.sample(emails, AT_ONCE))
    ]


async def odd(port: int, tokens: dict[str, str], done: Counter[str], until: float) -> None:
    """The requests of benchmarks.fuzz."""
    browsers = {who: Browser(port, token) for who, token in tokens.items()}
    for sent in requests(Starlette(routes=routes()), list(tokens), random.Random(1)):
        if time.monotonic() > until:
            return
        path = quote(sent.path, safe="/?&=%:+,;@~!*'()$", errors="surrogatepass")
        answer = await browsers[sent.who].ask(sent.method, path, sent.body.encode("utf-8", "replace"))
        done["odd requests that failed" if answer.status >= 500 else "odd requests"] += 1
        await asyncio.sleep(0.1)


async def previews(browser: Browser, done: Counter[str], until: float) -> None:
    """Long texts, as they will look."""
    text = "".join(f"# {word}\n\n- **{word}** [{word}](https://example.com)\n\n" for word in WORDS * 1000)
    while time.monotonic() < until:
        await browser.ask("POST", "/preview?part=body", {"body": text[:LONG]})
        done["previews"] += 1
        await asyncio.sleep(5)


async def confirmed(until: float) -> None:
    """Everybody showed a short while ago who they are: exports ask for that."""
    while time.monotonic() < until:
        await asyncio.to_thread(_confirm)
        await asyncio.sleep(300)


def _confirm() -> None:
    with database.db.connection_context():
        Session.update(confirmed_at=clock.now()).execute()


# --- The measure ---------------------------------------------------------------------------------------


async def through(workers: list[Worker], held: Held, port: int, seconds: float, given: Given) -> Counter[str]:
    """All of it, for so long; gives how much was done."""
    done, until, waits = Counter[str](), time.monotonic() + seconds, Waits()
    for each in workers:
        each.browser, each.waits = Browser(port, each.tokens[0]), waits
    chief = given.tokens["administrator"]
    quiet = until - min(20, seconds / 6)  # at the end one sees what stays
    work = [
        confirmed(quiet),
        imports(Browser(port, chief), done, quiet),
        exports(Browser(port, chief), done, quiet),
        sign_ins(port, given.emails, done, quiet),
        odd(port, given.tokens, done, quiet),
        previews(Browser(port, chief), done, quiet),
        *(each.work(PAUSE, quiet) for each in workers),
    ]
    doing = [asyncio.create_task(each) for each in work]
    watching = asyncio.create_task(held.watch(until))
    failed = [
        each for each in (await asyncio.wait(doing, timeout=quiet - time.monotonic()))[0] if each.exception()
    ]
    for task in doing:
        task.cancel()
    await watching
    for task in failed:
        await task
    done["other requests"] = len(waits.all)
    done |= Counter({f"failed: {what}": count for what, count in waits.failed.items()})
    return done


@dataclass
class Given:
    """Who signs in, and whose sessions are there already."""

    emails: list[str]
    tokens: dict[str, str]


def _given() -> Given:
    with database.db.connection_context():
        found = list(
            Person.select().where(Person.email.endswith("@bench.example")).order_by(Person.id.desc())
        )
        chief, other = found[0], found[1]
        if not chief.holds(Role.ADMINISTRATOR):
            chief.grant(Role.ADMINISTRATOR, by=None)
        tokens = {"administrator": Session.open(chief)[1], "odd": Session.open(other)[1], "nobody": ""}
        return Given([person.email for person in found], tokens)


def write(held: Held, path: Path) -> None:
    """The samples as CSV."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["seconds", "web_mb", "together_mb"])
        rows.writerows([f"{value:.1f}" for value in one] for one in held.seen)


def drawn(held: Held, width: int = 800, height: int = 300) -> str:
    """The samples as SVG, with the budget as a line."""
    last, top = max(held.seen[-1][0], 1), max(*held.web, MEMORY) * 1.1

    def at(seconds: float, megabytes: float) -> str:
        return f"{50 + seconds / last * (width - 60):.1f},{height - 30 - megabytes / top * (height - 50):.1f}"

    line = " ".join(at(one[0], total) for one, total in zip(held.seen, held.web, strict=True))
    left, right = at(0, MEMORY).split(","), at(last, MEMORY).split(",")
    words = [
        (5, float(left[1]), f"{MEMORY} MB"),
        (5, height - 30, "0"),
        (width - 60, height - 8, f"{last:.0f} s"),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif"'
        f' font-size="11"><rect width="{width}" height="{height}" fill="white"/>'
        f'<line x1="{left[0]}" y1="{left[1]}" x2="{right[0]}" y2="{right[1]}" stroke="red" stroke-dasharray="4"/>'
        f'<polyline points="{line}" fill="none" stroke="navy"/>'
        + "".join(f'<text x="{x}" y="{y}">{text}</text>' for x, y, text in words)
        + "</svg>\n"
    )


def measure(folder: Path, url: str, minutes: float, table: Path, plot: Path) -> bool:
    """Prints what was held; whether the budget is kept."""
    workers = team(folder, url)
    given = _given()
    with serving(folder, url) as (process, port):
        held = Held(process.pid)
        done = asyncio.run(through(workers, held, port, 60 * minutes, given))
    database.db.close_all()
    write(held, table)
    plot.write_text(drawn(held))
    web, together = held.web, max(both for _, _, both in held.seen)
    kept = max(web) <= MEMORY
    print(", ".join(f"{name} {count}" for name, count in sorted(done.items())))
    print(
        f"{'PASS' if kept else 'OVER'}  one web process within {MEMORY} MB: {web[0]:.0f} MB at the start, "
        f"{max(web):.0f} at the peak (second {web.index(max(web))}), {web[-1]:.0f} at the end; with its worker at most "
        f"{together:.0f} MB, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    return kept


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument(
        "folder", type=Path, nargs="?", help="a company made by benchmarks.data --demo and indexed"
    )
    given.add_argument("--minutes", type=float, default=4)
    given.add_argument("--scale", type=float, default=0.05, help="of the company that is made")
    given.add_argument("--database-url", default="", help="an empty database, or the one of FOLDER")
    given.add_argument("--csv", type=Path, default=Path("soak.csv"))
    given.add_argument("--plot", type=Path, default=Path("soak.svg"))
    args = given.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = args.folder or Path(made)
        if args.folder is None:
            company(folder, args.database_url, args.scale)
        sys.exit(not measure(folder, args.database_url, args.minutes, args.csv, args.plot))


if __name__ == "__main__":
    main()
