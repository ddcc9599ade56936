"""Every sentence of RULES 4.1 to 4.3 and 4.9 is held by tests that would fail: `rules.txt` gives each sentence as it stands
in the document, and below it what of it is held by which test.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from portal.settings import ROOT

PLACES = {
    "reckoning": "models/commission/test_reckoning.py",
    "terms": "models/commission/test_terms.py",
    "earn_day": "models/commission/test_earn_day.py",
    "closing": "models/commission/test_closing.py",
    "impact": "models/commission/test_impact.py",
    "readers": "models/commission/test_readers.py",
    "independent": "models/commission/test_independent.py",
    "pages": "views/commission/test_commission.py",
    "disputes": "views/commission/test_disputes.py",
    "money": "attacks/test_money.py",
    "merit": "attacks/test_merit.py",
    "races": "attacks/test_races.py",
    "voice": "views/experiences/test_voice.py",
    "reviews": "models/experiences/test_reviews.py",
    "rubric": "models/experiences/test_rubric.py",
    "experiences": "models/experiences/test_experiences.py",
    "rewrites": "models/experiences/test_rewrites.py",
    "anchors": "models/experiences/test_anchors.py",
    "calibration": "models/insights/test_calibration.py",
    "blindness": "attacks/test_blindness_everywhere.py",
    "points": "models/expertise/test_points.py",
    "thanks": "models/knowledge/test_thanks.py",
    "badges": "models/knowledge/test_badges.py",
    "votes": "models/knowledge/test_votes.py",
    "checks": "models/knowledge/test_checks.py",
    "questions": "models/knowledge/test_questions.py",
    "uses": "models/sales/test_article_uses.py",
    "payments": "models/sales/test_payments.py",
    "needs": "views/home/test_needs_me.py",
    "accepted": "models/knowledge/test_accepted.py",
    "repeats": "search/test_repeats.py",
    "attempts": "models/learning/test_attempts.py",
    "people": "views/knowledge/test_people.py",
    "review_rules": "models/experiences/test_rules.py",
    "duties": "models/people/test_duties.py",
    "effect": "views/insights/test_effect.py",
    "proportions": "models/insights/test_proportions.py",
    "spikes": "models/insights/test_spikes.py",
}
TABLE = (ROOT / "tests" / "rules.txt").read_text()
CHAPTERS = ("4.1", "4.2", "4.3", "4.9")
_END = re.compile(r"(?<=\.) (?=[A-Z`\"(])|(?<=\.\)) (?=[A-Z`\"(])")


class Held(NamedTuple):
    """What a test holds, in a few words, with its module and its name."""

    words: str
    place: str
    test: str


def _table() -> dict[str, dict[str, list[Held]]]:
    """By chapter, each sentence with what holds it, in the order of the document."""
    found: dict[str, dict[str, list[Held]]] = {}
    chapter: dict[str, list[Held]] = {}
    sentence = ""
    for line in TABLE.splitlines():
        if line.startswith("## "):
            chapter = found.setdefault(line.split()[1], {})
        elif line.startswith("    "):
            held = re.fullmatch(r" {4}(.+?) \| ([a-z_]+): ([a-z0-9_]+)", line)
            assert held, f"is read as nothing: {line}"
            chapter[sentence].append(Held(*held.groups()))
        elif line:
            sentence = line
            assert sentence not in chapter, f"twice: {sentence}"
            chapter[sentence] = []
    return found


def _sentences(rules: str, chapter: str) -> list[str]:
    """The sentences of a chapter, as the document has them: each point of it is one or several."""
    body = re.search(rf"^### {re.escape(chapter)} .*?\n(.*?)(?=^### |\Z)", rules, re.M | re.S)
    assert body, f"the document has no chapter {chapter}"
    points = [line.removeprefix("- ").strip() for line in body[1].splitlines() if line.strip()]
    return [sentence for point in points for sentence in _END.split(point)]


@cache
def _tests_in(place: str) -> frozenset[str]:
    """The names of the tests of a module."""
    source = (ROOT / "tests" / PLACES[place]).read_text()
    return frozenset(re.findall(r"^ *def test_(\w+)\(", source, re.M))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_sentence_is_held_by_tests_that_are_there(chapter: str) -> None:
    sentences = _table()[chapter]
    assert [sentence for sentence, held in sentences.items() if not held] == []
    every = [each for held in sentences.values() for each in held]
    assert [each for each in every if each.test not in _tests_in(each.place)] == []
    words = [each.words for each in every]
    assert sorted(words) == sorted(set(words))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_sentences_are_those_of_the_document(shared: Path, chapter: str) -> None:
    """A sentence that is new or changed there is held by nobody yet."""
    document = shared / "RULES.md"
    if not document.is_file():
        pytest.skip("the document is not beside the data sets")
    assert list(_table()[chapter]) == _sentences(document.read_text(), chapter)


def test_a_changed_sentence_and_a_new_one_are_found() -> None:
    text = "# Rules\n### 4.1 Pay\n- One (art. 1). Two: 1.5 x.\n- `n` is three; no more.\n### 4.2 Review\n- Not this.\n"
    assert _sentences(text, "4.1") == ["One (art. 1).", "Two: 1.5 x.", "`n` is three; no more."]


def test_every_module_named_here_holds_something() -> None:
    named = {each.place for chapter in _table().values() for held in chapter.values() for each in held}
    assert named == PLACES.keys()
