"""Both languages are whole: every sentence of the portal has its Chinese, with the same placeholders."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from portal.clock import Month
from portal.i18n import FOLDER, Phrase, gettext, in_context, month_in_each, speaking
from portal.models.customers.customers import Customer
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.settings import ROOT

KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "Phrase": None,
    "translate": None,
    "among": ((1, "c"), 2),
    "pgettext": ((1, "c"), 2),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
PARTS = sorted((FOLDER / "zh").rglob("*.po"))


@cache
def sentences() -> list[tuple[str, str | tuple[str, ...]]]:
    """Every msgid, with its context before it if it has one, and the file it stands in."""
    sources = [("python", path) for path in (ROOT / "portal").rglob("*.py") if "demo" not in path.parts]
    sources += [("jinja2.ext:babel_extract", path) for path in (ROOT / "templates").rglob("*.html")]
    found = list[tuple[str, str | tuple[str, ...]]]()
    for method, path in sources:
        options = {"extensions": "jinja2.ext.do", "newstyle_gettext": "true", "silent": "false"}
        for _, message, _, context in extract(
            method, BytesIO(path.read_bytes()), KEYWORDS, options=options if "jinja2" in method else {}
        ):
            ident = tuple(message) if isinstance(message, list | tuple) else message
            if ident and ident != "":
                found.append(
                    (str(path.relative_to(ROOT)), in_context(context, str(ident)) if context else ident)
                )
    return found


@cache
def messages(path: Path) -> list[Message]:
    """What a catalogue holds."""
    with path.open("rb") as file:
        return [*read_po(file, locale="zh")]


def catalogue() -> dict[str, str | tuple[str, ...]]:
    found: dict[str, str | tuple[str, ...]] = {}
    for message in chain.from_iterable(map(messages, PARTS)):
        if message.id:
            key = message.id[0] if isinstance(message.id, list | tuple) else message.id
            key = in_context(message.context, key) if message.context else key
            found[key] = tuple(message.string) if isinstance(message.string, tuple) else str(message.string)
    return found


def test_every_sentence_has_its_chinese() -> None:
    known = catalogue()
    missing = sorted(
        f"{path}: {ident!r}"
        for path, ident in sentences()
        if not known.get(ident[0] if isinstance(ident, tuple) else ident)
    )
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("path", PARTS, ids=lambda path: path.stem)
def test_no_translation_is_fuzzy_or_loses_a_value(path: Path) -> None:
    for message in messages(path):
        if not message.id:
            continue
        ids = list(message.id) if isinstance(message.id, list | tuple) else [message.id]
        texts = [
            str(t) for t in (message.string if isinstance(message.string, list | tuple) else [message.string])
        ]
        assert not message.fuzzy, message.id
        wanted = set(PLACEHOLDER.findall(ids[-1]))
        for text in texts:
            given = set(PLACEHOLDER.findall(text))
            assert given == wanted or (len(ids) > 1 and given <= wanted), message.id


@pytest.mark.parametrize("path", PARTS, ids=lambda path: path.stem)
def test_no_sentence_stands_twice_in_a_catalogue(path: Path) -> None:
    entry = re.compile(r'^(?:msgctxt .*\n)?msgid (?:.*\n)(?:".*\n)*', re.MULTILINE)
    twice = [said for said, count in Counter(entry.findall(path.read_text())).items() if count > 1]
    assert not twice


def test_the_same_words_are_translated_the_same_everywhere() -> None:
    seen: dict[str, tuple[str, str]] = {}
    for path in PARTS:
        for message in messages(path):
            if isinstance(message.id, str) and message.id and not message.context:
                first = seen.setdefault(message.id, (str(message.string), path.stem))
                assert first[0] == message.string, f"{message.id!r}: {first[1]} and {path.stem} differ"


def wing_of(path: str) -> str:
    """Whose word it is: `portal/models/sales/deals.py` and `templates/sales/deals/show.html` are of one wing."""
    parts = path.split("/")
    if parts[0] == "templates":
        return parts[1]
    return parts[2] if len(parts) > 3 and parts[1] in ("models", "views", "forms") else parts[-1]


def test_what_somebody_does_in_the_company_has_one_name() -> None:
    """A path and what is needed belong to a job title: it is no other thing there than among the people."""
    assert not [text for text in catalogue().values() if "岗位" in str(text)]


def test_what_still_has_time_is_said_in_one_way() -> None:
    assert not [text for text in catalogue().values() if "满期" in str(text)]


def test_no_blank_stands_between_a_month_and_what_follows_in_chinese() -> None:
    """A month ends with a character, 2026 年 11 月的, and begins with a digit: 在 2026 年 11 月."""
    wrong = re.compile(r"%\(month\)s [\u4e00-\u9fff]|[\u4e00-\u9fff]%\(month\)s")
    assert not [text for text in catalogue().values() if wrong.search(str(text))]
    asked = "Finance asks about your dispute of %(month)s."
    for kept in ("2026-11", month_in_each(Month(2026, 11))):
        with speaking("zh"):
            assert gettext(Phrase(asked, month=kept)) == "财务就你对 2026 年 11 月的异议提出了问题。"
        with speaking("en"):
            assert gettext(Phrase(asked, month=kept)) == "Finance asks about your dispute of November 2026."


@pytest.mark.parametrize(
    ("stated", "done"), [("Used here", "Mark as used"), ("It helped here", "Note that it helped")]
)
def test_a_badge_says_otherwise_than_the_button_that_brings_it(stated: str, done: str) -> None:
    assert catalogue()[stated] != catalogue()[done]


def test_a_short_word_of_several_wings_is_one_word_in_chinese_too() -> None:
    """`Open` is a button here, a question's state there. A word that two wings begin to share is put into the
    list when its Chinese fits both, or gets a context of its own: `Phrase.among("questions", "Open")`.
    """
    wings: dict[str, set[str]] = {}
    for path, ident in sentences():
        if isinstance(ident, str) and len(ident.split()) <= 2 and ident.isprintable() and ident[0].isalpha():
            wings.setdefault(ident, set()).add(wing_of(path))
    chinese = catalogue()
    shared = {f"{word} = {chinese[word]}" for word, of in wings.items() if len(of) > 1}
    known = set((ROOT / "tests" / "shared_words.txt").read_text().splitlines())
    assert not shared - known, sorted(shared - known)
    assert not known - shared, "no longer shared: " + ", ".join(sorted(known - shared))


def test_a_word_says_in_its_context_what_it_means_there() -> None:
    with speaking("zh"):
        assert [gettext(Phrase.among(c, "Open")) for c in ("deals", "questions", "months")] == [
            "跟进中",
            "待回答",
            "未关账",
        ]
        assert gettext("Open") == "打开"
    with speaking("en"):
        assert gettext(Phrase.among("questions", "Open")) == Phrase.among("questions", "Open") == "Open"


def test_a_name_in_a_kept_sentence_is_read_in_each_language(ada: Person, ben: Person) -> None:
    """Whoever tells it does not know in which language it will be read."""
    Person.update(name="王海涛", name_en="Wang Haitao").where(Person.id == ben.id).execute()
    customer = Customer.add(by=ben.fresh(), name="韦天佑", name_en="Wei Tianyou")
    customer.hand_over(ada, by=ben.fresh())
    told = Notice.unread_by(ada).get().phrase
    with speaking("zh"):
        assert gettext(told) == "王海涛把客户“韦天佑”交给了你。"
    with speaking("en"):
        assert gettext(told) == str(told) == "Wang Haitao handed Wei Tianyou over to you."
