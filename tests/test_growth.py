"""Ten times the text takes about ten times as long, whatever it is made of and whoever reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest
from markupsafe import escape

from portal.models.customers.customers import Customer
from portal.models.experiences.likeness import grams, overlap
from portal.models.files.attachments import named_in
from portal.models.imports.aliases import fold
from portal.search.documents import SearchDoc, entries, sections
from portal.search.parsing import ParsedQuery, Vocabulary
from portal.search.text import alternates, flat
from portal.tables import delimited, gift, handbook
from portal.tables.cells import parse_code, parse_integer, parse_money, parse_text, shown
from portal.tables.days import guess_date_order, parse_date
from portal.tables.names import key, similar
from portal.text import naming, personal_data
from portal.text.addresses import is_email
from portal.text.dated_tables import in_force
from portal.text.grams import COMPOUND, joins, norm, runs
from portal.text.markdown import fault_of, headings, plain_text, render_markdown
from portal.text.passages import Extent, ShownText
from portal.text.pinyin import initials, name_sort_key, sort_key
from portal.text.writing import clean, differences, slug_of, summary_of, visible
from tests.growth import too_fast_growing
from tests.parts import timed

pytestmark = timed

NAMES = ["韦小宝", "Ann Smith", "Wei Trading Co., Ltd", "欧阳先生"]


def delimited_text(text: str) -> None:
    records, _notes = delimited.read(text.encode(), encoding=None, delimiter=None)
    list(records)


def handbook_of(text: str) -> None:
    path, (facts, body) = "a/b.md", handbook._fronts({"a/b.md": text})["a/b.md"]
    handbook._row(path, facts, body, handbook._Links({path: handbook._title(path, facts, body)}, {}), {})


def passages(text: str) -> None:
    """Some that stand alike all over the text, one that was changed, and one every 20 characters."""
    shown = ShownText(f"<p>{escape(text)}</p>")
    for quote in (text[:1], text[:50], f"{text[:30]}?{text[30:60]}"):
        shown.find(quote, "x" * 40, "y" * 40)
        shown.find_typed(quote, "x" * 40)
    shown.marked((f"c{at}", at, Extent(at, at + 15)) for at in range(0, len(shown.words), 20))


PARSERS: dict[str, tuple[Callable[[str], Any], int]] = {
    "markdown": (render_markdown, 1_000),
    "plain text": (plain_text.__wrapped__, 1_000),
    "headings": (headings, 1_000),
    "cost": (fault_of.__wrapped__, 1_000),
    "summary": (summary_of, 1_000),
    "e-mail": (is_email, 1_000),
    "personal data": (lambda text: personal_data.find(text, NAMES, ["120,000"]), 1_000),
    "names": (lambda text: list(naming.occurrences(text, NAMES)), 1_000),
    "forms of a name": (lambda text: list(naming._forms(text)), 1_000),
    "differences": (lambda text: differences(text, text[::-1]), 1_000),
    "changes": (lambda text: differences(text + "a\n", "b\n" + text), 1_000),
    "likeness": (lambda text: overlap(grams(text), grams(text[::-1])), 1_000),
    "clean": (clean, 1_000),
    "dated tables": (lambda text: in_force(text, date(2026, 7, 1)), 1_000),
    "passages": (passages, 1_000),
    "visible": (visible, 1_000),
    "slug": (slug_of, 1_000),
    "pinyin": (sort_key, 1_000),
    "pinyin of a name": (name_sort_key, 1_000),
    "initials": (initials, 1_000),
    "delimited": (delimited_text, 1_000),
    "delimited by spaces": (lambda text: delimited_text("sep= \n" + text), 1_000),
    "delimited, then one": (lambda text: delimited_text(f"a,b\n{text}b\n1,2\n"), 1_000),
    "handbook": (handbook_of, 1_000),
    "handbook, front matter": (lambda text: handbook_of(f"---\n{text}\n---\n"), 1_000),
    "question bank": (lambda text: list(gift.read(text)), 1_000),
    "question bank, answers": (lambda text: list(gift.read(f"a{{{text}}}")), 1_000),
    "question bank, a number": (lambda text: list(gift.read(f"a{{#{text}}}")), 1_000),
    "files named": (named_in, 1_000),
    "text cell": (parse_text, 1_000),
    "code cell": (parse_code, 1_000),
    "number cell": (parse_integer, 1_000),
    "money cell": (parse_money, 1_000),
    "day cell": (parse_date, 1_000),
    "days": (lambda text: guess_date_order([text]), 1_000),
    "quoted": (shown, 1_000),
    "key of a name": (key.__wrapped__, 1_000),
    "like a name": (lambda text: similar(text, [text + "b", "a" + text]), 1_000),
    "folded name": (fold, 1_000),
    "website": (lambda text: Customer.faults({"website": text}), 1_000),
    "search: folded": (norm, 1_000),
    "search: runs": (lambda text: list(runs(norm(text))), 1_000),
    "search: joins": (lambda text: joins(norm(text)), 1_000),
    "search: compounds": (COMPOUND.findall, 1_000),
    "search: flat": (lambda text: flat(norm(text), stemmed=True), 1_000),
    "search: sections": (sections, 1_000),
    "search: document": (lambda text: entries(SearchDoc("a-1", "article", "a", body=text))[-1].stamp, 1_000),
    "search: query": (lambda text: ParsedQuery.of(text, Vocabulary()), 1_000),
    **{
        f"search: {kind}": (partial(alternates, kind=kind), 1_000)
        for kind in ("name", "company", "code", "phone", "email", "title")
    },
}


@pytest.mark.parametrize("name", PARSERS)
def test_no_text_takes_longer_than_its_length(name: str) -> None:
    parse, n = PARSERS[name]
    assert too_fast_growing(parse, n) == []
