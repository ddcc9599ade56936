"""What colleagues are like to work with, in colleagues' words: shown only once several say so (RULES 4.5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple, Self

from peewee import BooleanField, Check, ForeignKeyField, ModelSelect, fn

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import UtcDateTimeField
from portal.models.base.record import Event, Invalid, Record, SearchOutbox
from portal.models.base.undoing import INSTEAD, MEANWHILE, hinders, undoes
from portal.models.company.lists import LISTS
from portal.models.company.settings import Setting
from portal.models.company.trait_words import TraitWord
from portal.models.expertise.votes import OfColleagues, Vote
from portal.models.expertise.words import SOFT_TRAIT
from portal.models.people.people import Person


class SoftTrait(TraitWord):
    """A word for how a colleague works: cautious, credible on the phone."""

    called = SOFT_TRAIT

    @classmethod
    def visible_to(cls, person: Any) -> ModelSelect[Self]:
        """Everyone sees them, in the company's order."""
        return cls.select().order_by(cls.position, cls.id)

    @classmethod
    def names_known(cls, text: str) -> Iterator[str]:
        rows: Any = Person.select(Person.name, Person.name_en).tuples()
        return (name for pair in rows for name in pair if name)

    def touch(self, values: Mapping[str, Any]) -> None:
        super().touch(values)
        said = SoftWord.select(SoftWord.person).where(SoftWord.trait == self).distinct()
        SearchOutbox.note(Person.kind(), [word.person_id for word in said])


LISTS["soft-traits"] = SoftTrait


class SoftWord(OfColleagues, Vote):
    """A colleague's word that someone is so, once each."""

    sort = Phrase("Called so by a colleague")

    person = ForeignKeyField(Person, on_delete="CASCADE")
    person_id: int
    trait = ForeignKeyField(SoftTrait, on_delete="RESTRICT", index=False)
    trait_id: int
    by = ForeignKeyField(Person, on_delete="CASCADE", backref="soft_words_given")
    by_id: int
    at = UtcDateTimeField(default=clock.now)
    counts = BooleanField(default=False)
    """Whether it is not held, as any other vote may be."""

    class Meta:
        indexes = ((("person", "trait", "by"), True), (("trait", "person"), False))
        constraints = [Check("person_id <> by_id")]

    # -------------------------------------------------------------- its life

    @classmethod
    def give(cls, *, by: Person, person: Person, trait: SoftTrait) -> None:
        """Say that a colleague is so; twice is harmless. Raises Invalid for oneself."""
        if by == person:
            raise Invalid(Phrase("Others may say this of you, you may not say it yourself."))
        with db.atomic():
            facts: dict[str, Any] = {"person": person, "trait": trait, "by": by, "at": clock.now()}
            if cls.insert({**facts, "created_at": clock.now()}).on_conflict_ignore().execute():
                person.track("called so", by=by, changes={"soft_trait": [None, trait.id]})
                given = cls.of(by, person, trait.id)
                assert given is not None
                given.cast()

    @classmethod
    def take_back(cls, *, by: Person, person: Person, trait: SoftTrait) -> None:
        """No longer say so; twice is harmless."""
        with db.atomic():
            given = cls.of(by, person, trait.id)
            if given is not None:
                given.withdraw()
                person.track("soft word taken back", by=by, changes={"soft_trait": [trait.id, None]})

    @classmethod
    def of(cls, by: Any, person: Person, trait: int) -> SoftWord | None:
        """The word of one for another, if it was given."""
        return cls.get_or_none((cls.person == person) & (cls.trait == trait) & (cls.by == by))

    def withdraw(self) -> None:
        """It is not said any more."""
        self.forget()
        self.delete_instance()
        SearchOutbox.note(Person.kind(), [self.person_id])

    # -------------------------------------------------------------- as any vote

    def credit(self) -> None:
        """It counts from now on."""
        SoftWord.update(counts=True).where(SoftWord.id == self.id).execute()
        SearchOutbox.note(Person.kind(), [self.person_id])


class HiddenTrait(Record):
    """A soft trait that a person does not want to be shown of themselves."""

    person = ForeignKeyField(Person, on_delete="CASCADE", index=False)
    person_id: int
    trait = ForeignKeyField(SoftTrait, on_delete="RESTRICT", index=False)
    trait_id: int

    class Meta:
        indexes = ((("person", "trait"), True),)

    @classmethod
    def hide(cls, trait: SoftTrait, *, by: Person) -> None:
        """It shows nowhere of oneself from now on; twice is harmless."""
        with db.atomic():
            facts = {"person": by, "trait": trait, "created_at": clock.now()}
            if cls.insert(facts).on_conflict_ignore().execute():
                by.track("soft trait hidden", by=by, changes={"soft_trait": [None, trait.id]})
                SearchOutbox.note(Person.kind(), [by.id])

    @classmethod
    def show(cls, trait: SoftTrait, *, by: Person) -> None:
        """It shows again, if enough say so; twice is harmless."""
        with db.atomic():
            if cls.delete().where((cls.person == by) & (cls.trait == trait)).execute():
                by.track("soft trait shown", by=by, changes={"soft_trait": [trait.id, None]})
                SearchOutbox.note(Person.kind(), [by.id])


class KnownAs(NamedTuple):
    """What enough colleagues call a person, and how many of them do."""

    trait: SoftTrait
    times: int


def known_as(people: Collection[int], *, hidden: bool = False) -> dict[int, list[KnownAs]]:
    """What enough different colleagues (3: RULES 4.5) call each of these people, by person's id, most said
    first; `hidden`: only what the person hides, else only what they do not.
    """
    if not people:
        return {}
    said = list(_said(SoftWord.person.in_(list(people)), hidden=hidden))
    traits = {trait.id: trait for trait in SoftTrait.select()} if said else {}
    found: defaultdict[int, list[KnownAs]] = defaultdict(list)
    for person, trait, times in said:
        found[person].append(KnownAs(traits[trait], times))
    return dict(found)


def called(traits: Collection[int]) -> dict[int, set[int]]:
    """Who is shown as which of these soft traits: {person's id: {trait's id}}."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    for person, trait, _ in _said(SoftWord.trait.in_(list(traits))) if traits else ():
        found[person].add(trait)
    return dict(found)


def _said(among: Any, *, hidden: bool = False) -> Any:
    """What enough say, (person, trait, how many), most said first."""
    count = fn.COUNT(SoftWord.id)
    away: Any = HiddenTrait.select(1).where(
        (HiddenTrait.person == SoftWord.person) & (HiddenTrait.trait == SoftWord.trait)
    )
    shows = fn.EXISTS(away) if hidden else ~fn.EXISTS(away)
    return (
        SoftWord.select(SoftWord.person, SoftWord.trait, count)
        .where(among & (SoftWord.counts == True) & shows)  # noqa: E712
        .group_by(SoftWord.person, SoftWord.trait)
        .having(count >= Setting.read("traits.words"))
        .order_by(count.desc(), SoftWord.trait)
        .tuples()
    )


def words_of(by: Person, person: Person) -> tuple[list[SoftTrait], list[SoftTrait]]:
    """What one colleague calls another, and what they might call them yet."""
    mine = SoftWord.select(SoftWord.trait).where((SoftWord.by == by) & (SoftWord.person == person))
    said = SoftTrait.id.in_(mine).alias("is_said")
    words: list[Any] = list(SoftTrait.visible_to(by).select_extend(said))
    return [each for each in words if each.is_said], [each for each in words if not each.is_said]


def _of_one(act: Event, later: Event) -> bool:
    """Whether both are the same person's word of the same trait."""
    traits = [[one for one in each.changes["soft_trait"] if one is not None] for each in (act, later)]
    return act.actor == later.actor and traits[0] == traits[1]


def _may_speak(person: Person, event: Event, by: Person) -> bool:
    return by.is_active and not by.is_auditor and by.id != person.id


@undoes(Person, "called so", ends=["soft word taken back"], right=_may_speak, same=_of_one)
def not_called_so(person: Person, event: Event, by: Person) -> None:
    """The word is gone."""
    given = SoftWord.of(by, person, event.changes["soft_trait"][1])
    if given is None:
        raise Invalid(MEANWHILE)
    given.withdraw()


@undoes(
    Person,
    "soft trait hidden",
    ends=["soft trait shown"],
    right=lambda person, event, by: person.id == by.id,
    same=_of_one,
)
def not_hidden(person: Person, event: Event, by: Person) -> None:
    """It shows again."""
    mine = (HiddenTrait.person == person) & (HiddenTrait.trait == event.changes["soft_trait"][1])
    if not HiddenTrait.delete().where(mine).execute():
        raise Invalid(MEANWHILE)
    SearchOutbox.note(Person.kind(), [person.id])


@hinders(Person, "called so")
def looked_at_already(person: Person, event: Event) -> Phrase | None:
    """What somebody let count, or dropped, is not said anew."""
    given = SoftWord.of(event.actor, person, event.changes["soft_trait"][1])
    return given.decided if given is not None else None


INSTEAD[Person.kind(), "soft word taken back"] = Phrase("Say it once more on their page.")
INSTEAD[Person.kind(), "soft trait shown"] = Phrase("Hide it once more on your page.")
