"""What is handed in to improve something accepted: it earns part of the credit (RULES 4.2)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from peewee import ForeignKeyField

from portal.i18n import Phrase
from portal.models.base.record import Invalid, Record
from portal.models.experiences import likeness
from portal.models.experiences.experiences import PARTS, Credit, Experience
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person

LEAST_NEW = Fraction(1, 10)
"""So much of an improvement must be new: commas earn nobody a share of the credit."""


class Improvement(Record):
    """That its author handed an experience in as an improvement of an accepted one, in whose text it goes."""

    experience = ForeignKeyField(Experience, unique=True, on_delete="CASCADE", backref="+")
    experience_id: int
    of = ForeignKeyField(Experience, on_delete="CASCADE", backref="+")
    of_id: int


def begin(of: Experience, *, by: Person) -> Experience:
    """A draft with the text of what it improves: its author writes what is new. Twice gives the same."""
    mine = (Experience.author == by) & (Experience.state == "draft") & (Experience.title == of.title)
    begun: Experience | None = Experience.select().where(mine & (Experience.kind_of == of.kind_of)).first()
    if begun is not None:
        return begun
    made = Experience.begin(by=by, kind=of.kind_of)
    said: dict[str, Any] = {part: getattr(of, part) for part in ("title", *PARTS)}
    made.save_draft(by=by, topics=of.topics, product=of.product_id, customer_type=of.customer_type_id, **said)
    return made


def say(experience: Experience, of: Experience | None) -> None:
    """Note what it improves, in place of what was noted before; None: it stands on its own."""
    Improvement.delete().where(Improvement.experience == experience).execute()
    if of is not None:
        Improvement.create(experience=experience, of=of)


def check(experience: Experience, of: Experience, authors: list[int]) -> None:
    """Raises Invalid where it earns no share: that is one of its authors', or hardly a word is new."""
    if set(authors) & credited(of):
        raise Invalid({"": Phrase("What it improves is yours already: change the article itself.")})
    if likeness.share_of(likeness.text_of(experience), _known_by(experience, of)) > 1 - LEAST_NEW:
        words = Phrase("Hardly a word of it is new. Suggest the change on the page of its article instead.")
        raise Invalid({"": words})


def credited(experience: Experience) -> set[int]:
    """Ids of those whose it is."""
    shares = Credit.select().where((Credit.experience == experience) & Credit.is_agreed())
    return {experience.author_id} | {credit.person_id for credit in shares}


def _known_by(experience: Experience, of: Experience) -> str:
    """What stands in what it improves, or will: as that was accepted, as its article was changed since, what
    others improve in it and what was merged into it. Who copies what another adds improves nothing.
    """
    became = (Article.origin_kind == Experience.kind()) & (Article.origin == of.id)
    articles = [f"{article.title} {article.body}" for article in Article.select().where(became)]
    handed_in = Improvement.select(Improvement.experience).where(Improvement.of == of)
    pending = Experience.id.in_(handed_in) & Experience.state.in_(("submitted", "revision"))
    added = Experience.select().where(
        ((Experience.merged_into == of) | pending) & (Experience.id != experience.id)
    )
    return " ".join((likeness.text_of(of), *articles, *map(likeness.text_of, added)))
