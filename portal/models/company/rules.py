"""A rule: a number of RULES that a company chooses itself, with its unit, what is usual, and its limits.

They are read with `Setting.read`, which answers what is usual until somebody chose otherwise. What RULES
fixes is no setting, and a rule without a feature is not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

from portal.i18n import Phrase

DAYS, WORKING_DAYS, POINTS = Phrase("days"), Phrase("working days"), Phrase("points")
SOURCES = Phrase("sources")
SECONDS, PERCENT, OF_FIVE = Phrase("seconds"), "%", Phrase("of 5")
MINUTES, QUESTIONS, CLOCK_HOURS = Phrase("minutes"), Phrase("questions"), Phrase("hours")
HOURS, OF_DAY, WORKING_MINUTES = Phrase("working hours"), Phrase("o’clock"), Phrase("working minutes")
LEADS, SELLERS, TEXTS = Phrase("leads"), Phrase("people"), Phrase("texts")
PEOPLE, TIMES, KINDS, WEIGHT = Phrase("reviewers"), Phrase("times"), Phrase("kinds"), Phrase("of weight")


class Rule(NamedTuple):
    """One number that a company chooses, between two limits that include themselves."""

    name: str
    """Of the setting."""
    label: Phrase
    does: Phrase
    """What it does, in one sentence."""
    unit: str
    usual: int
    least: int
    most: int

    @property
    def field(self) -> str:
        """What it is called in a form."""
        return self.name.replace(".", "_")


class RuleGroup(NamedTuple):
    """Rules that are read together."""

    title: Phrase
    rules: tuple[Rule, ...]


class Room(NamedTuple):
    """The rules of one page."""

    title: Phrase
    note: Phrase
    """What is there, in a few words."""
    icon: str
    groups: tuple[RuleGroup, ...]
    in_order: tuple[tuple[str, ...], ...] = ()
    """Names of rules of which none may be greater than the next."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(rule for group in self.groups for rule in group.rules)

    def faults(self, values: Mapping[str, int]) -> dict[str, Phrase]:
        """What is wrong with these values, by the field of a form."""
        found: dict[str, Phrase] = {}
        for rule in self.rules:
            if not rule.least <= values[rule.name] <= rule.most:
                found[rule.field] = Phrase(
                    "From %(least)s to %(most)s is possible.", least=rule.least, most=rule.most
                )
        of = {rule.name: rule for rule in self.rules}
        for names in self.in_order:
            for first, then in pairwise(names):
                if values[first] > values[then]:
                    found[of[then].field] = Phrase(
                        "This cannot come before “%(first)s”: write at least %(least)s.",
                        first=of[first].label,
                        least=values[first],
                    )
        return found
