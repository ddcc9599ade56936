"""The pages of the numbers that a company chooses, and each number by its name."""

from __future__ import annotations

from portal.models.base.nouns import FACTS
from portal.models.company.customer_rules import SALES, TRAITS
from portal.models.company.judging_rules import DISPUTES, REVIEWS
from portal.models.company.knowledge_rules import ASKING, KNOWLEDGE, LEARNING
from portal.models.company.merit_rules import EXPERTS, LEDGER
from portal.models.company.rules import Room, Rule

ROOMS: dict[str, Room] = {
    "reviews": REVIEWS,
    "points": LEDGER,
    "experts": EXPERTS,
    "knowledge": KNOWLEDGE,
    "disputes": DISPUTES,
    "sales": SALES,
    "learning": LEARNING,
    "asking": ASKING,
    "traits": TRAITS,
}
"""The pages of rules, by the last part of their address."""
RULES: dict[str, Rule] = {rule.name: rule for room in ROOMS.values() for rule in room.rules}
FACTS.update({name: rule.label for name, rule in RULES.items()})
