"""Whether a new experience says what another one says already (RULES 4.2).

By the 5-grams that they share, or by the runs of three words: a letter put in at every ninth breaks half of
the 5-grams, and hides no copy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any
from zlib import crc32

from peewee import BigIntegerField, ForeignKeyField, chunked, fn

from portal.models.base.record import Record
from portal.models.company.settings import Setting
from portal.models.experiences.experiences import PARTS, Experience

N = 5
_SAMPLE = 8
_TEXT = 40
"""So many 5-grams make a text whose copy is worth asking about."""
COMPARED = ("submitted", "revision", "accepted", "rejected", "merged")
"""What a new text must not repeat: what waits for its decision, and what was decided either way."""
_ALWAYS = 64
"""Of a long text every eighth 5-gram is remembered, chosen by its hash; of a short one all are."""


def grams(text: str) -> list[int]:
    """Hashes of all runs of five letters, digits or Han characters, whatever case and punctuation."""
    plain = "".join(c for c in text.casefold() if c.isalnum())
    return [crc32(plain[at : at + N].encode()) for at in range(max(0, len(plain) - N + 1))]


WORD = re.compile(r"[㐀-鿿豈-﫿]|[^\W_㐀-鿿豈-﫿]+")
"""A word: of Chinese, a character."""
_REWORDED = Fraction(99, 100)
"""What the words alone tell is never that it is the same text: that is said of the letters."""


def runs(text: str) -> list[int]:
    """Hashes of all runs of three words."""
    words = WORD.findall(text.casefold())
    return [crc32(" ".join(words[at : at + 3]).encode()) for at in range(max(0, len(words) - 2))]


def likeness(new: str, known: str) -> Fraction:
    """How much of one text the other has too, 0 to 1, by letters or by words: whichever tells more."""
    return max(overlap(grams(new), grams(known)), min(overlap(runs(new), runs(known)), _REWORDED))


def overlap(new: Sequence[int], known: Sequence[int]) -> Fraction:
    """Which share of one text's 5-grams the other has too, 0 to 1: of the new one's, or of the known one's
    where it is long enough to be a text, so that filler around a copy hides nothing. Repeated runs count
    each time: a text of one letter is another such text.
    """
    shares = [_share(new, known)]
    if len(known) >= _TEXT:
        shares.append(_share(known, new))
    return max(shares)


def share_of(new: str, known: str) -> Fraction:
    """How much of a new text stands in a known one, 0 to 1."""
    return _share(grams(new), grams(known))


def _share(of: Sequence[int], among: Sequence[int]) -> Fraction:
    held = set(among)
    return Fraction(sum(gram in held for gram in of), len(of)) if of else Fraction(0)


def _sampled(all_of_them: Iterable[int]) -> set[int]:
    found = set(all_of_them)
    return found if len(found) <= _ALWAYS else {gram for gram in found if gram % _SAMPLE == 0}


class ExperienceGram(Record):
    """A remembered 5-gram of a submitted experience: finds the few that are worth comparing in full."""

    experience = ForeignKeyField(Experience, on_delete="CASCADE")
    experience_id: int
    gram = BigIntegerField()

    class Meta:
        indexes = ((("gram", "experience"), False),)


def remember(experience: Experience) -> None:
    """Note what a submitted experience says, in place of what it said before."""
    ExperienceGram.delete().where(ExperienceGram.experience == experience).execute()
    rows = [
        {"experience": experience.id, "gram": gram} for gram in sorted(_sampled(grams(text_of(experience))))
    ]
    for batch in chunked(rows, 200):
        ExperienceGram.insert_many(batch).execute()


def likest(experience: Experience) -> tuple[Experience, Fraction] | None:
    """The pending or decided experience that this one repeats most, when they share 60 % or more."""
    text = text_of(experience)
    mine = grams(text)
    hits: dict[int, int] = {}
    for batch in chunked(sorted(_sampled(mine)), 400):
        rows: Any = (
            ExperienceGram.select(ExperienceGram.experience, fn.COUNT(ExperienceGram.id))
            .join(Experience)
            .where(
                ExperienceGram.gram.in_(batch)
                & Experience.state.in_(COMPARED)
                & (Experience.id != experience.id)
            )
            .group_by(ExperienceGram.experience)
            .tuples()
        )
        for ident, n in rows:
            hits[ident] = hits.get(ident, 0) + n
    near = sorted(hits, key=lambda ident: (-hits[ident], ident))[:10]
    found = [
        (other, likeness(text, text_of(other)))
        for other in Experience.select().where(Experience.id.in_(near))
    ]
    best = max(found, key=lambda pair: (pair[1], -pair[0].id), default=None)
    least = Fraction(Setting.read("review.overlap"), 100)
    return best if best is not None and best[1] >= least else None


def first_of(said_before: Sequence[int]) -> Experience | None:
    """The first of the experiences that search found to say the same, of those still asked about."""
    known = Experience.id.in_(list(said_before)) & Experience.state.in_(COMPARED)
    found = {each.id: each for each in Experience.select().where(known)}
    return next((found[ident] for ident in said_before if ident in found), None)


def text_of(experience: Experience) -> str:
    """All that it says, with its title: what texts are compared by."""
    return " ".join(getattr(experience, part) for part in ("title", *PARTS))
