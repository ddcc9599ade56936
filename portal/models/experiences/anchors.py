"""Texts whose right scores are known: among what a reviewer judges, they tell how far off it is (RULES 4.2).

Before it is scored nothing tells one from an experience; afterwards its reviewer reads the right scores. It
earns nobody points or pay, becomes no knowledge, and corrects nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from fractions import Fraction
from typing import Any, Self

from peewee import Check, ForeignKeyField, IntegerField, ModelSelect

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import TextField
from portal.models.base.record import Invalid, Record
from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.experiences import rubric
from portal.models.experiences.experiences import ANCHOR, KINDS, Experience, ExperienceVersion
from portal.models.experiences.panels import assign, conflicted, topics_of
from portal.models.experiences.reviews import Review
from portal.models.experiences.words import ANCHOR_TEXT
from portal.models.people.people import Person, auditors, reviewers_of
from portal.models.products.products import Product
from portal.text.writing import clean

HANDED_IN = ("first_submitted_at", "submitted_at")


class Anchor(Record):
    """The right scores of one such text, and why they are right."""

    called = ANCHOR_TEXT

    experience = ForeignKeyField(Experience, unique=True, on_delete="CASCADE")
    """What is judged: handed in for ever, by whoever keeps calibration."""
    experience_id: int
    by = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    correct = IntegerField()
    reusable = IntegerField()
    new = IntegerField()
    clear = IntegerField()
    linked = IntegerField()
    why = TextField(default="")
    """Read by each reviewer once they judged it."""

    class Meta:
        constraints = [Check(f"{name} BETWEEN 0 AND 5") for name in rubric.NAMES]

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """An auditor's, but for those that they were asked to judge."""
        asked = Review.select(Review.experience).where(Review.reviewer == person)
        kept = cls.select().where(cls.experience.not_in(asked))
        return kept if person.is_auditor else kept.where(False)

    @classmethod
    def write(
        cls,
        *,
        by: Person,
        kind: str,
        topics: Iterable[Topic | int],
        why: str,
        product: Product | None = None,
        customer_type: CustomerType | None = None,
        **facts: Any,
    ) -> Anchor:
        """Keep a text with its right scores, 0 to 5 each: `facts` are both, by name. Raises Invalid."""
        right = {name: facts.get(name) for name in rubric.NAMES}
        errors: dict[str, str] = {
            name: Phrase("Choose a score from 0 to 5.") for name, one in right.items() if one not in range(6)
        }
        if kind not in KINDS:
            errors["kind"] = Phrase("Choose what you want to write.")
        if not why.strip():
            errors["why"] = Phrase("Say why these scores are right: each reviewer reads it afterwards.")
        if errors:
            raise Invalid(errors)
        now, links = clock.now(), {"product": product, "customer_type": customer_type}
        said = {name: clean(facts.get(name) or "") for name in Experience.texts}
        key, handed = f"{ANCHOR}{secrets.token_urlsafe(12)}", dict.fromkeys(HANDED_IN, now)
        with db.atomic():
            made = Experience.create(
                author=by, kind_of=kind, state="submitted", key=key, **handed, **links, **said
            )
            made.set_topics(topics)
            made.check_complete()
            ExperienceVersion.create(experience=made, round=made.round, **said)
            made.track("anchor written", by=by)
            return cls.create(experience=made, by=by, why=clean(why).strip(), **right)

    @property
    def scores(self) -> rubric.Scores:
        """The right ones."""
        return rubric.Scores(*(getattr(self, name) for name in rubric.NAMES))

    def askable(self) -> ModelSelect[Person]:
        """Reviewers of its topics who were not asked; never an auditor, who reads of anchors."""
        asked = Review.select(Review.reviewer).where(Review.experience == self.experience_id)
        but = [*conflicted(self.experience), *(each.reviewer_id for each in asked)]
        competent = [each.id for each in reviewers_of(topics_of(self.experience_id)) if each.id not in but]
        return Person.select().where(Person.id.in_(competent or [0]) & Person.id.not_in(auditors()))

    def ask(self, *, by: Person, reviewer: Person) -> None:
        """Put it among what a reviewer judges. Twice is harmless. Raises Invalid for who does not review."""
        seat = (Review.experience == self.experience_id) & (Review.reviewer == reviewer)
        if Review.select().where(seat).exists():
            return
        if not self.askable().where(Person.id == reviewer.id).exists():
            raise Invalid({"reviewer": Phrase("Choose somebody who reviews its topics.")})
        with db.atomic():
            assign(self.experience, reviewer.id)

    @classmethod
    def behind(cls, review: Review) -> Anchor | None:
        """What a review is measured by, once it is given: before, nobody is told that it is."""
        if review.completed_at is None or not review.experience.is_anchor:
            return None
        return cls.get_or_none(cls.experience == review.experience_id)

    def distance(self, review: Review) -> Fraction | None:
        """How far a review lies from the right score, in points of 100; below 0 is stricter."""
        if (scores := review.scores) is None:
            return None
        weights = review.rule("review.weights")
        return scores.total(weights) - self.scores.total(weights)

    def reviews(self) -> list[Review]:
        """Who was asked, with what they gave, the latest first."""
        mine = Review.select(Review, Person).join(Person, on=(Review.reviewer == Person.id))
        return list(mine.where(Review.experience == self.experience_id).order_by(Review.id.desc()))
