"""Both languages are whole: every sentence of the portal has its Chinese, with the same placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from portal.i18n import FOLDER
from portal.settings import ROOT

KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "Phrase": None, "translate": None}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
PARTS = sorted((FOLDER / "zh").rglob("*.po"))


def sentences() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """Every msgid with the file it stands in."""
    sources = [("python", path) for path in (ROOT / "portal").rglob("*.py") if "demo" not in path.parts]
    sources += [("jinja2.ext:babel_extract", path) for path in (ROOT / "templates").rglob("*.html")]
    for method, path in sources:
        options = {"extensions": "jinja2.ext.do", "newstyle_gettext": "true", "silent": "false"}
        for _, message, _, _ in extract(
            method, BytesIO(path.read_bytes()), KEYWORDS, options=options if "jinja2" in method else {}
        ):
            ident = tuple(message) if isinstance(message, list | tuple) else message
            if ident and ident != "":
                yield str(path.relative_to(ROOT)), ident


def catalogue() -> dict[str, str | tuple[str, ...]]:
    found: dict[str, str | tuple[str, ...]] = {}
    for path in PARTS:
        with path.open("rb") as file:
            for message in read_po(file, locale="zh"):
                if message.id:
                    key = message.id[0] if isinstance(message.id, list | tuple) else message.id
                    found[key] = (
                        tuple(message.string) if isinstance(message.string, tuple) else str(message.string)
                    )
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
def test_no_translation_is_fuzzy_or_loses_a_value(path: object) -> None:
    with open(str(path), "rb") as file:
        for message in read_po(file, locale="zh"):
            if not message.id:
                continue
            ids = list(message.id) if isinstance(message.id, list | tuple) else [message.id]
            texts = [
                str(t)
                for t in (message.string if isinstance(message.string, list | tuple) else [message.string])
            ]
            assert not message.fuzzy, message.id
            wanted = set(PLACEHOLDER.findall(ids[-1]))
            for text in texts:
                given = set(PLACEHOLDER.findall(text))
                assert given == wanted or (len(ids) > 1 and given <= wanted), message.id


def test_the_same_words_are_translated_the_same_everywhere() -> None:
    seen: dict[str, tuple[str, str]] = {}
    for path in PARTS:
        with path.open("rb") as file:
            for message in read_po(file, locale="zh"):
                if isinstance(message.id, str) and message.id:
                    first = seen.setdefault(message.id, (str(message.string), path.stem))
                    assert first[0] == message.string, f"{message.id!r}: {first[1]} and {path.stem} differ"
