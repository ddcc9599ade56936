"""How every page looks, so that two versions of the portal can be laid side by side.

    faketime -f '@2026-11-26 15:00:00' portal try       in each version, each on a data folder of its own
    python -m benchmarks.look take URL DATABASE FOLDER [--pages FOLDER]
    python -m benchmarks.look compare BEFORE AFTER

`take` signs in as each role of the demo company at a running portal, follows links to a page of each kind and each
of its sections (or looks at the pages that another folder holds), and keeps its words and pictures in both
languages, both themes and two widths. `compare` says which pages differ, in words or in more than a few pixels.
"""

from __future__ import annotations

import argparse
import base64
import difflib
import json
import re
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import Browser, Page, sync_playwright

from portal.demo import PASSWORD, story

LOOKS = [("zh", "light", 1280), ("en", "dark", 1280), ("en", "light", 375), ("zh", "dark", 375)]
TALLEST = 2_400
"""Pixels from the top: below lies more of the same list, whose words are compared."""
NOISE = 24
"""Of 255: by how much a browser draws the same letter otherwise, once in a while."""
SKIPPED = re.compile(r"/static/|/sign-out|/export|/admin/search$|[?&]after=|/search\?.*&")
DIFFERING = """async ([before, after, noise]) => {
  const draw = async (data) => {
    const image = new Image();
    image.src = "data:image/png;base64," + data;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height), to = canvas.getContext("2d");
    to.drawImage(image, 0, 0);
    return to.getImageData(0, 0, image.width, image.height);
  };
  const [one, other] = [await draw(before), await draw(after)];
  if (one.width !== other.width || one.height !== other.height) return -1;
  let pixels = 0;
  for (let i = 0; i < one.data.length; i += 4)
    if ([0, 1, 2].some((c) => Math.abs(one.data[i + c] - other.data[i + c]) > noise)) pixels++;
  return pixels;
}"""


def signed_in(browser: Browser, url: str) -> Iterator[tuple[str, Page]]:
    """A page for each role of the demo company."""
    people = {person.key: person.email for person in story.entries("people")}
    for login in story.entries("logins"):
        page = browser.new_context(base_url=url, reduced_motion="reduce").new_page()
        page.goto("/sign-in")
        page.fill("[name=email]", people[login.person])
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit], form button[type=submit]")
        page.wait_for_url(lambda there: "/sign-in" not in there)
        yield str(login.role), page


def kind_of(path: str) -> str:
    """The same for all pages that show the same of another record."""
    path = re.sub(r"\d{4}-\d{2}(?=/|$)|\d+", "N", path)
    section = re.search(r"[?&]((?:tab|show|noun)=\w+)", path)
    return f"{path.partition('?')[0]} {section[1] if section else ''}"


def walk(pages: dict[str, Page]) -> dict[str, list[str]]:
    """One address of each kind of page that links lead to, by the role that found it first."""
    found: dict[str, list[str]] = {}
    seen = set[str]()
    for role, page in pages.items():
        waiting, known = ["/"], set[str]()
        while waiting:
            path = waiting.pop(0)
            kind = kind_of(path)
            if path in known or (kind in seen and path != "/") or SKIPPED.search(path):
                continue
            known.add(path)
            answer = page.goto(path)
            if answer is None or answer.status != 200 or "text/html" not in (answer.headers["content-type"]):
                continue
            if kind not in seen or path == "/":
                found.setdefault(role, []).append(path)
            seen.add(kind)
            hrefs = page.eval_on_selector_all("a[href^='/']", "all => all.map((a) => a.getAttribute('href'))")
            waiting += [href.partition("#")[0] for href in hrefs]
    return found


def take(url: str, database: Path, folder: Path, pages_of: Path | None) -> None:
    """Keep the words and pictures of every page in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    words: dict[str, str] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        pages = dict(signed_in(browser, url))
        kept = (pages_of or folder) / "pages.json"
        found = json.loads(kept.read_text()) if kept.exists() else walk(pages)
        (folder / "pages.json").write_text(json.dumps(found, indent=1))
        for locale, theme, width in LOOKS:
            with sqlite3.connect(database) as rows:
                rows.execute("UPDATE person SET locale = ?, theme = ?", (locale, theme))
            for role, paths in found.items():
                page = pages[role]
                page.set_viewport_size({"width": width, "height": 900})
                for path in paths:
                    name = f"{role} {locale} {theme} {width} {path}"
                    answer = page.goto(urljoin(url, path))
                    words[name] = page.inner_text("body") if answer and answer.status == 200 else "no page"
                    height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
                    clip = {"x": 0, "y": 0, "width": width, "height": height}
                    page.screenshot(path=folder / f"{slug(name)}.png", full_page=True, clip=clip)  # type: ignore[arg-type]
        browser.close()
    (folder / "words.json").write_text(json.dumps(words, ensure_ascii=False, indent=1))


def slug(name: str) -> str:
    """A file's name."""
    return re.sub(r"[^\w-]+", "_", name)


def compare(before: Path, after: Path) -> int:
    """Say which pages differ; gives how many."""
    old, new = (json.loads((folder / "words.json").read_text()) for folder in (before, after))
    differ = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page()
        for name in old:
            lines = list(
                difflib.unified_diff(old[name].split("\n"), new[name].split("\n"), lineterm="", n=0)
            )[2:]
            pictures = [
                base64.b64encode((folder / f"{slug(name)}.png").read_bytes()).decode()
                for folder in (before, after)
            ]
            pixels = 0 if pictures[0] == pictures[1] else page.evaluate(DIFFERING, [*pictures, NOISE])
            if lines or pixels:
                differ += 1
                sizes = "another size" if pixels < 0 else f"{pixels} pixels"
                print(
                    f"{name}: {sizes}",
                    *(f"    {line}" for line in lines if not line.startswith("@@")),
                    sep="\n",
                )
        browser.close()
    print(f"{differ} of {len(old)} looks differ")
    return differ


def main() -> int:
    """Run one of the two."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.look", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    taking = commands.add_parser("take")
    taking.add_argument("url")
    taking.add_argument("database", type=Path)
    taking.add_argument("folder", type=Path)
    taking.add_argument("--pages", type=Path, help="a folder whose list of pages to follow")
    comparing = commands.add_parser("compare")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    asked = parser.parse_args()
    if asked.command == "compare":
        return min(compare(asked.before, asked.after), 1)
    take(asked.url, asked.database, asked.folder, asked.pages)
    return 0


if __name__ == "__main__":
    sys.exit(main())
