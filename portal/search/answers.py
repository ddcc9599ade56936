"""One query, three answers: who knows, which customers are like that, and below them the knowledge (S03)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from peewee import Value

from portal.models.company.topics import Topic
from portal.models.company.trait_words import split
from portal.models.customers.customers import Customer
from portal.models.customers.trait_kinds import TraitKind
from portal.models.customers.traits import Trait
from portal.models.expertise.soft_traits import KnownAs, SoftTrait, known_as
from portal.models.knowledge.experts import ASKED, CONSIDERED, Knower, most_telling, whom_to_ask
from portal.models.people.people import Person
from portal.search.parsing import ParsedQuery
from portal.search.who import names_any, said_in

MOST_CUSTOMERS = 5
"""So many customers are shown beside; the list of customers has the others."""


@dataclass(frozen=True)
class OwnWord:
    """One of the company's own words, and what it is called."""

    id: int
    name: str
    name_en: str


@dataclass(frozen=True)
class NamedWords:
    """What a query names of the company's own words: fields, what colleagues are like, what customers are."""

    topics: list[OwnWord] = field(default_factory=list)
    soft_traits: list[OwnWord] = field(default_factory=list)
    kinds: list[OwnWord] = field(default_factory=list)
    customers: list[set[int]] = field(default_factory=list)
    """For each word that is named of customers, the kinds that it may mean: one of them is enough."""

    @classmethod
    def of(cls, parsed: ParsedQuery) -> NamedWords:
        """A customer's trait is named by its words, or by those for the colleagues whom it suits."""
        said = said_in(parsed)
        found: dict[str, dict[int, OwnWord]] = {"topic": {}, "soft": {}, "kind": {}}
        suited: list[tuple[int, OwnWord]] = []
        meant: defaultdict[str, set[int]] = defaultdict(set)
        soft_meant: defaultdict[int, set[str]] = defaultdict(set)
        for sort, ident, name, name_en, others, suits in _words():
            word = OwnWord(ident, name, name_en)
            for one in (name, name_en, *split(others)):
                if names_any((one,), said):
                    found[sort][ident] = word
                    if sort == "kind":
                        meant[one.casefold()].add(ident)
                    elif sort == "soft":
                        soft_meant[ident].add(one.casefold())
            if sort == "kind" and suits is not None:
                suited.append((suits, word))
        for suits, word in suited:
            if suits in found["soft"]:
                found["kind"][word.id] = word
            for one in soft_meant[suits]:
                meant[one].add(word.id)
        topics = [found["topic"][ident] for ident in most_telling(list(found["topic"]))]
        soft, kinds = list(found["soft"].values()), list(found["kind"].values())
        return cls(topics, soft, kinds, list(meant.values()))

    @property
    def asks_for_all(self) -> bool:
        """Whether it names a field, and what somebody is like: such a query is answered by people too."""
        return bool(self.topics and (self.soft_traits or self.kinds))


@dataclass(frozen=True)
class ThreeAnswers:
    """Who knows the fields that a query names, and which customers are as it says."""

    named: NamedWords
    knowers: list[Knower]
    called: dict[int, list[KnownAs]]
    """What enough colleagues call each of them, of what was named, by person's id."""
    customers: list[Customer]


def answers(named: NamedWords, person: Person, *, like: Sequence[int] = ()) -> ThreeAnswers:
    """Both, as far as a person may see them: staff in the order of RULES 4.5, those first whom enough
    colleagues call so; customers with the trait confirmed. `like`: ids of questions like it, likest first.
    """
    wanted = {word.id for word in named.soft_traits}
    topics = [word.id for word in named.topics]
    knowers = whom_to_ask(topics, like=like, but=person, size=CONSIDERED if wanted else ASKED, least=ASKED)
    said = known_as([each.person.id for each in knowers]) if wanted else {}
    called = {who: [one for one in ones if one.trait.id in wanted] for who, ones in said.items()}
    first = sorted(knowers, key=lambda each: (not each.is_known, -len(called.get(each.person.id, ()))))
    return ThreeAnswers(named, first[:ASKED], called, _customers(named, person))


def _customers(named: NamedWords, person: Person) -> list[Customer]:
    """Those in use with all that was named of customers."""
    if not named.customers:
        return []
    found = Customer.visible_to(person).where(Customer.archived_at.is_null())
    for kinds in named.customers:
        found = found.where(Trait.having(*kinds, to=person))
    return list(found.order_by(Customer.updated_at.desc(), Customer.id).limit(MOST_CUSTOMERS))


def _words() -> Iterable[tuple[str, int, str, str, str, int | None]]:
    """All the company's own words, in one question to the database."""
    none = Value(None)
    topics = Topic.select(Value("topic"), Topic.id, Topic.name, Topic.name_en, Value(""), none).where(
        Topic.archived_at.is_null()
    )
    soft = SoftTrait.select(
        Value("soft"), SoftTrait.id, SoftTrait.name, SoftTrait.name_en, SoftTrait.synonyms, none
    )
    kinds = TraitKind.select(
        Value("kind"), TraitKind.id, TraitKind.name, TraitKind.name_en, TraitKind.synonyms, TraitKind.suits
    )
    rows: Any = (kinds | soft | topics).tuples()
    return list(rows)
