"""A won deal as a story that others read: the beginning of an article out of its timeline (scenario S32)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from portal import i18n
from portal.i18n import Phrase
from portal.models.base.record import Invalid
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import KINDS
from portal.models.experiences.experiences import Experience, may_debrief
from portal.models.experiences.prefill import Told
from portal.models.knowledge import templates
from portal.models.knowledge.articles import STORY, Article, hinders_publishing
from portal.models.people.people import Person
from portal.models.sales.deals import Deal

BLIND = Phrase(
    "The debrief of this deal is read without its author’s name. Tell the story once it is decided."
)
MOST = 60
"""A story is told of so many conversations, the last ones: more would keep who opens the page waiting."""
_KEY = re.compile(rf"{STORY}(\d+)-\d+")
_HINT = re.compile(r"^\s*[(（].*?[)）]\s*$", re.MULTILINE)


class Passage(NamedTuple):
    """What one note says: where it was said, and its text in pieces, with whether each is left out."""

    origin: Phrase
    parts: list[tuple[str, bool]]


def tellable_by(deal: Deal, person: Person) -> bool:
    """Those who worked on it, once it is won."""
    return person.is_active and deal.is_won and deal.archived_at is None and may_debrief(deal, person)


def passages(deal: Deal, *, by: Person) -> tuple[list[Passage], int]:
    """What was written down of a deal, oldest first, with what a story leaves out: names, numbers and
    addresses, amounts and dates; and of how many conversations, the oldest, nothing stands in it.
    """
    told = _told(deal, by)
    found = [Passage(Phrase("Note"), told.parts_of(deal.note))] if deal.note.strip() else []
    found += [Passage(KINDS[each.kind_of], told.parts_of(each.text)) for each in told.contacts]
    return found, told.left_out


def story_of(deal: Deal, *, by: Person) -> Article | None:
    """The story that a person began of a deal."""
    return Article.get_or_none(Article.key == _key(deal, by))


def begin(deal: Deal, *, by: Person) -> Article:
    """The draft of its story, in the language in use, for its author to tell in their own words; begun again
    it is the one begun before. Raises Invalid while a debrief of it is read without its author's name: by the
    story it would be known.
    """
    if (begun := story_of(deal, by=by)) is not None:
        return begun
    if read_blind(deal.id):
        raise Invalid(BLIND)
    told, product = _told(deal, by), deal.product
    return Article.add(
        by=by,
        title=i18n.gettext("How we won: %(product)s", product=i18n.label(product))
        if product
        else _untitled(),
        body="\n\n".join(_sections([told.situation, told.doubt, told.action, told.outcome])),
        published=False,
        key=_key(deal, by),
        product=product,
        customer_type=told.customer.type_id if told.customer else None,
    )


def read_blind(deal: int) -> bool:
    """Whether a debrief of a deal, by its id, is read without its author's name."""
    blind = Experience.state.in_(["submitted", "revision"])
    return Experience.select().where((Experience.deal == deal) & blind).exists()


@hinders_publishing
def waits_for_the_debrief(article: Article) -> Phrase | None:
    """Nobody reads a story before the debrief of the same deal is decided (RULES 4.2)."""
    told = _KEY.fullmatch(article.key or "")
    return BLIND if told is not None and read_blind(int(told[1])) else None


def is_told_by(deal: int, tellers: Collection[int]) -> bool:
    """Whether a story of a deal is read that one of these people tells (ids)."""
    theirs = Article.key.in_([f"{STORY}{deal}-{teller}" for teller in tellers])
    is_read = (Article.state == "published") | Article.ended_at.is_null(False)
    return Article.select().where(theirs & is_read).exists()


def _untitled() -> str:
    return i18n.gettext("How we won a customer")


def _told(deal: Deal, by: Person) -> Told:
    return Told(deal, Customer.get_or_none(Customer.id == deal.customer_id), by, most=MOST)


def _sections(texts: list[str]) -> Iterator[str]:
    """The sections of the portal's own beginning of a success story, filled as far as there is something."""
    whole = next(one for one in templates.own(i18n.current()) if one.key == "success")
    sections = [section.strip() for section in re.split(r"(?m)^(?=## )", whole.body) if section.strip()]
    for number, section in enumerate(sections):
        text = texts[number] if number < len(texts) else ""
        yield f"{_HINT.sub('', section).strip()}\n\n{text}" if text else section


def _key(deal: Deal, by: Person) -> str:
    return f"{STORY}{deal.id}-{by.id}"
