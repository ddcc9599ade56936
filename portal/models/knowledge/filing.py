"""How knowledge is filed: its kind, readers, topics and days, and what is missing before all may read it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from portal import clock
from portal.i18n import Phrase
from portal.models.base.record import Invalid
from portal.models.knowledge import audience
from portal.models.knowledge.templates import is_known
from portal.models.knowledge.words import BORN
from portal.text.markdown import plain_text

NO_KIND = Phrase("Say what kind of knowledge it is.")


def unready(
    body: str, has_topics: bool, freshness: str, review_by: date | None, kind: str = "guide"
) -> dict[str, Phrase]:
    """What stands between an article of these facts and its publication, by field."""
    words = plain_text(body).strip()
    found: dict[str, Phrase] = {}
    if not words:
        found["body"] = Phrase("There is no text yet.")
    elif re.fullmatch(r"[\d\s+()（）-]{5,}", words):
        found["body"] = Phrase("A bare number is not knowledge: keep a phone number on its contact.")
    if not kind:
        found["kind_of"] = NO_KIND
    if not has_topics:
        found["topics"] = Phrase("Choose at least one topic, so that it is found and someone looks after it.")
    if freshness == "dated" and review_by is None:
        found["review_by"] = Phrase("Say until which day this is true.")
    return found


def check_days(publish_on: date | None, ends_on: date | None) -> None:
    """Raises Invalid for a last day that is over, or lies before the first."""
    if over := last_day_over(ends_on):
        raise Invalid(over)
    if ends_on is not None and publish_on is not None and ends_on < publish_on:
        raise Invalid({"ends_on": Phrase("Its last day lies before its first.")})


def last_day_over(ends_on: date | None) -> dict[str, Phrase]:
    """What is wrong with a last day that is over: nobody would find what ends as it begins."""
    over = ends_on is not None and ends_on < clock.today()
    return {"ends_on": Phrase("Its last day is over: name a later one, or none.")} if over else {}


def check_filing(values: Mapping[str, Any], held: str = "", *, is_read: bool = False) -> None:
    """Raises Invalid for a kind that there is not, another one than what it was born as (`held`), none of
    what is read, and where it is for so many that it is for everybody.
    """
    if is_read and values.get("kind_of") == "":
        raise Invalid({"kind_of": NO_KIND})
    kind = values.get("kind_of") or held
    if kind != held and (held in BORN or kind in BORN or not is_known(kind)):
        raise Invalid({"kind_of": Phrase("Choose one of the kinds that there are.")})
    if len(values.get("audience") or ()) > audience.MOST:
        told = Phrase("Name at most %(most)s: what is for more is for everybody.", most=audience.MOST)
        raise Invalid({"audience": told})
