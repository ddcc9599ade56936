"""What a text names while it is written: people, topics, records, and the blocks it is made of, each as the
Markdown that is put in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from peewee import Case

from portal import i18n
from portal.i18n import Phrase
from portal.models.base.nouns import NOUNS
from portal.models.company.topics import Topic
from portal.models.people.people import Person
from portal.search.page import Found
from portal.search.searcher import Searcher
from portal.text.grams import norm
from portal.text.pinyin import initials, syllables

MOST = 8
SORTS = {
    "block": Phrase("Blocks"),
    "person": Phrase("People"),
    "topic": Phrase("Topics"),
    "record": Phrase("Knowledge, products and courses"),
}
"""What is offered while somebody writes: after `/`, `@`, `#` and `[[`."""
RECORDS = ("article", "question", "product", "course")
"""What a text that others read may name. Customers, their people and deals are not among it (RULES 4.10)."""
_SPECIAL = re.compile(r"([\\`*_\[\]<>~|])")
_CARET = "\N{SYMBOL FOR NULL}"


@dataclass(frozen=True)
class Offer:
    """One thing that may be put into a text: its name, its Markdown, and how many characters of that stand
    behind the caret.
    """

    label: str
    written: str
    icon: str
    note: str = ""
    behind: int = 0


_ROW = Phrase("| Item | Price or rate | From | Until |")
BLOCKS: tuple[tuple[str, Phrase, str, str], ...] = (
    ("heading h2", Phrase("Heading"), "file-text", "## "),
    ("subheading h3", Phrase("Smaller heading"), "file-text", "### "),
    ("list bullets", Phrase("List"), "list-check", "- "),
    ("numbers steps ordered", Phrase("Numbered steps"), "sort-ascending", "1. "),
    ("tasks todo check", Phrase("Check list"), "circle-check", "- [ ] "),
    ("table", Phrase("Table"), "layout-sidebar-left-expand", f"| {_CARET} | |\n| --- | --- |\n| | |\n"),
    (
        "rates prices dates",
        Phrase("Table of prices with days"),
        "calendar",
        f"{{row}}\n| --- | --- | --- | --- |\n| {_CARET} | | | |\n",
    ),
    ("quote", Phrase("Quote"), "message", "> "),
    ("code", Phrase("Lines of code"), "file-text", f"```\n{_CARET}\n```\n"),
    ("line divider", Phrase("Dividing line"), "minus", "---\n\n"),
)
"""Words by which one is found beside its name, its name, icon, and Markdown."""


def offers(search: Searcher, person: Person, sort: str, text: str) -> list[Offer]:
    """What fits what was typed so far, as far as this person may read it."""
    if sort == "block":
        return _blocks(text)
    if not (wanted := text.strip()):
        return []
    if sort == "topic":
        return _topics(person, wanted)
    if sort == "person":
        return _people(person, wanted)
    return _records(search, person, wanted) if sort == "record" else []


def _blocks(text: str) -> list[Offer]:
    found = list[Offer]()
    for words, name, icon, markdown in BLOCKS:
        label = i18n.gettext(name)
        if _fits(text, (label, words)):
            before, _, after = markdown.replace("{row}", i18n.gettext(_ROW)).partition(_CARET)
            found.append(Offer(label, before + after, icon, behind=len(after)))
    return found


def _people(person: Person, text: str) -> list[Offer]:
    """Colleagues who are here, by name and not by the address that all share: whose names begin so first."""
    here = Person.visible_to(person).where(Person.deactivated_at.is_null() & Person.matching(text))
    begins = Person.name.startswith(text) | Person.name_en.startswith(text)
    begins |= Person.sort_name.startswith(text.lower())
    first = Case(None, [(begins, 0)], 1)
    return [_colleague(each) for each in here.order_by(first, Person.sort_name, Person.id).limit(MOST)]


def _colleague(person: Person) -> Offer:
    label = i18n.label(person)
    return Offer(label, linked(label, person.url), NOUNS[Person.kind()].icon, i18n.job(person))


def _topics(person: Person, text: str) -> list[Offer]:
    topics = Topic.visible_to(person)
    fitting = [topic for topic in topics if _fits(text, (topic.name, topic.name_en))]
    fitting.sort(key=lambda topic: len(topic.name))
    return [_of(topic) for topic in fitting[:MOST]]


def _of(topic: Topic) -> Offer:
    label = i18n.label(topic)
    return Offer(label, linked(label, topic.url), "tag")


def _fits(text: str, names: Sequence[str]) -> bool:
    """Whether a name holds what was typed, or its pinyin begins so."""
    wanted = norm(text).strip()
    ways: tuple[Callable[[str], str], ...] = (lambda name: "".join(syllables(name)), initials)
    held = any(wanted in norm(name) for name in names)
    return held or any(way(name).lower().startswith(wanted) for name in names for way in ways)


def _records(search: Searcher, person: Person, text: str) -> list[Offer]:
    """What is found for it, what is called so before what only speaks of it."""
    found = [_named(each) for each in search.called(person, text, RECORDS)]
    return sorted(found, key=lambda offer: not _fits(text, (offer.label,)))[:MOST]


def _named(found: Found) -> Offer:
    label = found.hit.title.striptags() or i18n.gettext(Phrase("Untitled"))
    note = i18n.label(found.owner) if found.owner else ""
    return Offer(label, linked(label, found.url), NOUNS[found.kind].icon, note)


def linked(label: str, url: str) -> str:
    """A link in Markdown whose words are read as they are."""
    words = _SPECIAL.sub(r"\\\1", label)
    return f"[{words}]({url})"
