"""Taking personal data out of an experience, and of all that was said of it (RULES 4.10)."""

from __future__ import annotations

from collections import Counter

from portal.models.base.database import db
from portal.models.experiences import likeness
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review, Revocation
from portal.models.people.people import Person


def erasable_by(experience: Experience, person: Person) -> bool:
    """Administrators, its author and who leads them, once it was handed in: a draft is its author's alone.

    Never whoever was asked to judge it: the act bears a name, and its author reads it (RULES 4.2).
    """
    if experience.state == "draft" or not person.is_active:
        return False
    known = experience.author_id == person.id or person.is_administrator or person.leads(experience.author_id)
    asked = (Review.experience == experience) & (Review.reviewer == person)
    return known and not Review.select().where(asked).exists()


def erase(experience: Experience, *, by: Person, names: bool = False, words: str = "") -> dict[str, int]:
    """Take it out of its text, the reviews, the reason of a revocation and what people were told of them.

    Gives how many pieces of each kind. It is no new text: reviews, score and pay stay as they are.
    """
    count, revocation = Counter[str](), Revocation.about(experience)
    with db.atomic():
        reviews = Review.select().where(Review.experience == experience).order_by(Review.id)
        for record in (experience, *reviews, *([revocation] if revocation else ())):
            count.update(record.erase(by=by, names=names, words=words))
        if count and experience.state != "withdrawn" and not experience.is_rewrite:
            likeness.remember(experience)
    return dict(count)
