"""The names in a file: which record each one means, which are misspelt, what to do about the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from peewee import chunked

from portal.i18n import Phrase
from portal.models.imports.aliases import Alias, fold
from portal.models.imports.named import MODELS, NAMED, NOUNS
from portal.models.people.people import Person
from portal.tables.names import key, resembling, similar

MOST_LOOKED_UP = 200
"""Unknown names for which a likely meaning is sought; in a file with more, the column is the wrong one."""

REST = "*"
"""Stands for all unknown names of a noun of which nothing else was said."""


@dataclass
class Name:
    """One spelling in a file, and what it stands for."""

    noun: str
    text: str
    count: int
    makes: bool = False
    """Whether it is added when nobody says otherwise."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the record is given if it is new with the import."""
    found: Any = None
    """The record's id, the stage, or the value to write."""
    own_row: int | None = None
    """The row of the same file that brings the record."""
    suggestion: str = ""
    """The known name it most likely is."""
    choice: str = ""
    """`same`, `add`, `refuse` or `keep`; empty where the name is plain."""
    meaning: str = ""
    """For `same`: the name that is meant."""
    remembered: bool = False
    several: bool = False
    ids: frozenset[int] = frozenset()
    """Where several are meant: all of them."""
    used: bool = False
    """Whether a row that can be taken holds it: only then is a record made of it."""
    may_be_none: bool = False
    """For an owner who has left: whether the records may do without one."""
    offered: list[str] = field(default_factory=list)
    """For a closed list: what it may be."""

    @property
    def asks(self) -> bool:
        """Whether a person should look at it."""
        return bool(self.choice)

    @property
    def is_settled(self) -> bool:
        """Whether it stands for something on record, or for a value."""
        return self.found is not None and self.own_row is None and self.choice != "refuse"

    @property
    def refusal(self) -> Phrase:
        """Why a row with this name is not taken."""
        noun = NOUNS[self.noun]
        if self.noun == "leaver":
            return Phrase("“%(name)s” has left. Say who is the owner now.", name=self.text)
        if self.several:
            return Phrase(
                "“%(name)s” may be several: %(noun)s. Use a code instead.", name=self.text, noun=noun
            )
        if self.suggestion:
            return Phrase(
                "“%(name)s” is not known: %(noun)s. It may be “%(suggestion)s”.",
                name=self.text,
                noun=noun,
                suggestion=self.suggestion,
            )
        return Phrase("“%(name)s” is not known: %(noun)s.", name=self.text, noun=noun)


@dataclass(frozen=True)
class Known:
    """The records of one noun by every name they go by."""

    ids: Mapping[str, frozenset[int]]
    names: tuple[str, ...]

    def with_zeros(self, text: str) -> str:
        """The one number on record that this would be with the zeros in front that spreadsheets drop."""
        if not (text.isascii() and text.isdigit()) or text.startswith("0"):
            return ""
        found = [key for key in self.ids if key.startswith("0") and key.lstrip("0") == text]
        return found[0] if len(found) == 1 else ""

    @classmethod
    def read(cls, noun: str, texts: Iterable[str]) -> Known:
        """Only the records that these texts name exactly, or all where some text names none."""
        wanted = set(texts)
        found: dict[str, set[int]] = {}
        names = _collect(noun, found, wanted)
        if any(fold(text) not in found for text in wanted):
            found = {}
            names = _collect(noun, found, None)
        return cls({key: frozenset(ids) for key, ids in found.items()}, tuple(dict.fromkeys(names)))


def _collect(noun: str, found: dict[str, set[int]], wanted: set[str] | None) -> list[str]:
    model = MODELS[noun]
    columns = [model.name, *(getattr(model, name) for name in NAMED[noun].also)]
    queries = [model.select(model.id, *columns)]
    if wanted is not None:
        queries = [
            model.select(model.id, *columns).where(reduce(or_, [column.in_(batch) for column in columns]))
            for batch in chunked(sorted(wanted), 200)
        ]
    names: list[str] = []
    for query in queries:
        for ident, *given in query.tuples():
            names.append(given[0])
            for name in given:
                if name:
                    found.setdefault(fold(name), set()).add(ident)
    return names


class Names:
    """All spellings of one file, resolved once for dry run and run alike."""

    def __init__(
        self,
        choices: Mapping[str, Mapping[str, str]],
        *,
        bold: bool = True,
        add_people: bool = True,
        by: int | None = None,
    ) -> None:
        self.choices = choices
        self.by = by
        """Who imports: what others said earlier of people and customers is offered, no more."""
        self.add_people = add_people
        """Whether people may be added: only by an administrator."""
        self.bold = bold
        """Whether a likely meaning may be taken until someone says otherwise: they see it beforehand."""
        self.by_noun: dict[str, dict[str, Name]] = {}

    def resolve(
        self,
        noun: str,
        counts: Counter[str],
        *,
        makes: bool,
        facts: Mapping[str, Any],
        own: Mapping[str, int],
    ) -> None:
        """Find out what each text of one noun means; `own` are the names that this file's rows bring.

        A name that several rows bring has row 0.
        """
        taken = self.by_noun.setdefault(noun, {})
        names = []
        for text, count in counts.items():
            if text in taken:
                taken[text].count += count
                continue
            taken[text] = name = Name(noun, text, count, makes, facts)
            names.append(name)
        if not names:
            return
        aliases, words = Alias.known(noun), NAMED[noun].words
        if words is not None:
            self._words(names, aliases, words())
        elif NAMED[noun].is_plain:
            self._values(names, aliases)
        else:
            self._records(names, aliases, own)

    def _words(self, names: list[Name], aliases: Mapping[str, Alias], words: Mapping[str, Any]) -> None:
        for name in names:
            name.offered = [str(meaning) for meaning in dict.fromkeys(words.values())]
            name.found = words.get(fold(name.text))
            if name.found is None:
                likely = similar(name.text, list(words))
                name.suggestion = str(words[likely]) if likely else ""
                self._choose(name, aliases)
                name.found = name.meaning if name.choice == "same" and name.meaning in name.offered else None

    def _records(self, names: list[Name], aliases: Mapping[str, Alias], own: Mapping[str, int]) -> None:
        known = Known.read(names[0].noun, [name.text for name in names])
        rows, lookups = own, 0
        for name in names:
            ids = known.ids.get(fold(name.text), frozenset())
            if len(ids) == 1:
                name.found = next(iter(ids))
            elif ids or rows.get(fold(name.text)) == 0:
                name.several, name.choice, name.ids = True, "refuse", ids
            elif fold(name.text) in rows:
                name.own_row = rows[fold(name.text)]
            elif zeros := known.with_zeros(name.text):
                name.suggestion = zeros
                self._choose(name, aliases)
                self._follow(name, known, rows)
            else:
                if lookups < MOST_LOOKED_UP:
                    lookups += 1
                    like = [*known.names, *own]
                    offer = resembling(name.text, like) if NAMED[name.noun].decides else None
                    name.suggestion = similar(name.text, like) or offer or ""
                self._choose(name, aliases)
                self._follow(name, known, rows)

    def _follow(self, name: Name, known: Known, rows: Mapping[str, int]) -> None:
        """Where a name is said to be the same as another, find that one."""
        if name.choice != "same":
            return
        ids = known.ids.get(fold(name.meaning), frozenset())
        if len(ids) == 1:
            name.found = next(iter(ids))
        elif rows.get(fold(name.meaning)):
            name.own_row = rows[fold(name.meaning)]
        else:
            name.choice = "refuse"

    def _values(self, names: list[Name], aliases: Mapping[str, Alias]) -> None:
        """Plain values: right when well known, on record already, or like nothing that is."""
        noun = names[0].noun
        well_known, column = NAMED[noun].right(), NAMED[noun].column
        right = {fold(word) for word in well_known}
        exact = _on_record(column, [name.text for name in names])
        query: Any = column.model.select(column).distinct().limit(2000).tuples()
        stored = [row[0] for row in query if row[0]]
        frequent = [name.text for name in names if name.count >= 5]
        for number, name in enumerate(sorted(names, key=lambda name: -name.count)):
            name.found = name.text
            said = name.text in self.choices.get(noun, {})
            explicit = said or fold(name.text) in aliases
            if name.text in exact and not said:
                continue
            if not explicit and (fold(name.text) in right or number > MOST_LOOKED_UP):
                continue
            others = [*well_known, *(word for word in [*stored, *frequent] if word != name.text)]
            likely = None if fold(name.text) in right else similar(name.text, dict.fromkeys(others))
            name.suggestion = _cased_like(name.text, likely) if likely else ""
            if explicit or name.suggestion:
                self._choose(name, aliases)
            if name.choice == "same":
                name.found = name.meaning

    def _choose(self, name: Name, aliases: Mapping[str, Alias]) -> None:
        """What is done with a name: what was said for this file, what is remembered, or what is likely."""
        said = self.choices.get(name.noun, {}).get(name.text)
        rest = self.choices.get(name.noun, {}).get(REST, "")
        alias, named = aliases.get(fold(name.text)), NAMED[name.noun]
        plain = named.is_plain
        if alias is not None and named.decides and alias.by_id != self.by:
            name.suggestion, alias = _current_name(name.noun, alias.record) or alias.meaning, None
        if said:
            name.choice, _, name.meaning = said.partition(":")
        elif alias is not None:
            name.choice, name.meaning, name.remembered = "same", alias.meaning, True
            if alias.record is not None:
                name.meaning = _current_name(name.noun, alias.record) or alias.meaning
        elif name.suggestion and self.bold and _is_safe(name):
            name.choice, name.meaning = "same", name.suggestion
        elif name.suggestion and not plain and self.bold:
            name.choice = "refuse"  # the rows stay out until someone says what is meant
        else:
            name.choice = "keep" if plain else "add" if name.makes else rest or "refuse"
        nobody = name.noun == "person" and name.text.isdigit()
        if name.choice == "add" and (nobody or (named.restricted and not self.add_people)):
            name.choice = "refuse"
        if name.choice == "same" and plain and name.meaning == name.text:
            name.choice = "keep"

    def of(self, noun: str, text: str) -> Name:
        """What one text means. Raises KeyError for a text that was not in the file."""
        return self.by_noun[noun][text]

    @property
    def asked(self) -> list[Name]:
        """The names that a person should look at, the most frequent first."""
        found = [name for names in self.by_noun.values() for name in names.values() if name.asks]
        return sorted(found, key=lambda name: (list(NOUNS).index(name.noun), -name.count, name.text))

    def to_add(self) -> list[Name]:
        """The names for which a record is to be made, in the order of the file."""
        every = (name for names in self.by_noun.values() for name in names.values())
        return [name for name in every if name.choice == "add" and name.used]

    def remember(self, by: Person | None, imported: int) -> None:
        """Keep what was decided for next time, until the import is taken back."""
        for name in self.asked:
            if name.noun == "leaver" or name.remembered:
                continue
            if name.choice == "same" and name.own_row is None:
                record = name.found if name.noun in MODELS else None
                Alias.remember(name.noun, name.text, name.meaning, record=record, by=by, taught=imported)
            elif name.choice == "keep" and name.text in self.choices.get(name.noun, {}):
                Alias.remember(name.noun, name.text, name.text, record=None, by=by, taught=imported)

    def leaver(self, name: Name, *, may_be_none: bool) -> Name:
        """What is done with rows whose owner has left: nobody is put in their place unasked."""
        asked = self.by_noun.setdefault("leaver", {})
        if name.text in asked:
            asked[name.text].count += 1
            return asked[name.text]
        one = asked[name.text] = Name("leaver", name.text, 1, choice="refuse", may_be_none=may_be_none)
        choice, _, meaning = self.choices.get("leaver", {}).get(name.text, "refuse").partition(":")
        if choice == "none" and may_be_none:
            one.choice = "none"
        elif choice == "same":
            ids = Known.read("person", [meaning]).ids.get(fold(meaning), frozenset())
            here = [person for person in Person.select().where(Person.id.in_(ids)) if person.is_active]
            if len(here) == 1:
                one.choice, one.meaning, one.found = "same", meaning, here[0].id
        return one


def _is_safe(name: Name) -> bool:
    """Whether a likeness may be taken until someone says otherwise: it decides nothing, or is no guess.

    A place is right as it is, since places differ by a letter; a record is meant where nothing but spaces,
    punctuation and case differ; whose a customer or a deal is, is never guessed.
    """
    if NAMED[name.noun].decides or name.noun == "place":
        return False
    return NAMED[name.noun].is_plain or key(name.text) == key(name.suggestion)


def _on_record(column: Any, texts: Iterable[str]) -> set[str]:
    """Those of some spellings that are on record exactly."""
    found: set[str] = set()
    for batch in chunked(sorted(set(texts)), 200):
        query: Any = column.model.select(column).where(column.in_(batch)).distinct().tuples()
        found |= {text for (text,) in query}
    return found


def _current_name(noun: str, record: int | None) -> str:
    if record is None or noun not in MODELS:
        return ""
    found = MODELS[noun].get_or_none(MODELS[noun].id == record)
    return str(found.name) if found is not None else ""


def _cased_like(text: str, likely: str) -> str:
    return likely.lower() if text == text.lower() else likely
