"""Texts that others read: nothing that tells who a customer is may stand in them (RULES 4.10).

One check for all of them, where they are stored: whatever verb publishes a text, or changes a published one,
meets it. And one erasure, for what went out all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Self

from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.nouns import FACTS
from portal.models.base.record import Event, Invalid, Record
from portal.text import personal_data
from portal.text.personal_data import Find

NamesIn = Callable[[str, int | None], list[str]]
"""The names of customers and their people that a text of this person may hold in any form."""
NamesBehind = Callable[[int], list[str]]
"""The names of the customer, and its people, that a record of a kind is about."""
Copies = Callable[[Any, Callable[[str], str]], None]
"""Cleans what a wing above keeps of a record's texts."""
_IN: list[NamesIn] = []
_COPIES: list[Copies] = []
_BEHIND: dict[str, NamesBehind] = {}
SHORTEST = 2
FACTS |= {f"erased {kind}": words for kind, words in personal_data.WORDS.items()}
FACTS["erased words"] = Phrase("words")


class Telling(Invalid):
    """A text would tell who somebody is: what was found, by field."""

    def __init__(self, found: Mapping[str, list[Find]]):
        self.found = dict(found)
        super().__init__(
            {
                name: Phrase("Take out what tells who it is: %(finds)s.", finds=personal_data.said(finds))
                for name, finds in found.items()
            }
        )

    @property
    def names(self) -> bool:
        """Whether there are names among it: their author may say that they are ordinary words."""
        return any(not find.must_go for finds in self.found.values() for find in finds)


def what_tells(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """What is wrong, by field, with texts of a noun that is not Published: a number, an address in them."""
    found = {name: personal_data.find(values.get(name) or "") for name in names}
    telling = {name: finds for name, finds in found.items() if finds}
    return dict(Telling(telling).errors) if telling else {}


def names_in(look: NamesIn) -> NamesIn:
    """Let a wing say which names of customers a text may hold: knowledge knows no customers."""
    _IN.append(look)
    return look


def copies(clean: Copies) -> Copies:
    """Let a wing clean what it keeps of a text, when personal data is taken out of it."""
    _COPIES.append(clean)
    return clean


def names_behind(kind: str) -> Callable[[NamesBehind], NamesBehind]:
    """Let a wing say whose names are behind a record of its kind."""

    def remember(look: NamesBehind) -> NamesBehind:
        _BEHIND[kind] = look
        return look

    return remember


def names_of_origin(kind: str, ident: int | None) -> list[str]:
    """The names behind what something was born of."""
    look = _BEHIND.get(kind)
    return look(ident) if look is not None and ident is not None else []


class Published(Record):
    """A record whose text others read. It says which fields are text, and since when they are read."""

    texts: ClassVar[tuple[str, ...]] = ()
    """Its fields that are read by others."""
    shown_by: ClassVar[frozenset[str]] = frozenset({"state", "archived_at"})
    """Fields whose change may bring all its texts before others."""
    names_checked: bool = False
    """Whether its author says that the names found in it are ordinary words. Not kept."""
    hand: int | None = None
    """Who changes it at this moment: of their customers they may tell nothing. Not kept."""

    @classmethod
    def sent_before(cls, key: str | None, **facts: Any) -> Self | None:
        """What the form of this key wrote already, if it did. Raises Invalid when it wrote something else."""
        made = cls.get_or_none(cls._meta.fields["key"] == key) if key else None
        if made is not None and made.changed_fields(facts):
            words = Phrase("This form was sent already. Change what it wrote, or open the form anew.")
            raise Invalid({next(reversed(facts)): words})
        return made

    @property
    def is_read(self) -> bool:
        """Whether others read it, as it stands now."""
        return True

    def read_in(self, state: str) -> bool:
        """Whether others read it in a state."""
        return self.is_read

    @property
    def writer(self) -> int | None:
        """Whose text it is: names of their own customers are looked for."""
        return None

    @property
    def names_to_hide(self) -> list[str]:
        """The names of the customer that it is about, and of the people there, when it is about one."""
        return []

    @property
    def deal_to_hide(self) -> list[str]:
        """The title and amounts by which the deal that it is about would be known."""
        return []

    def personal_data(
        self, names: Iterable[str] = (), *, numbers_only: bool = False
    ) -> dict[str, list[Find]]:
        """What in its texts would tell who somebody is, field by field."""
        texts = {each: getattr(self, each) or "" for each in names or self.texts}
        return self._find(texts, numbers_only=numbers_only)

    def check_personal_data(self, names: Iterable[str] = ()) -> None:
        """Raises Invalid with what tells who it is, beside its field.

        A name may stay when its author says that it is an ordinary word, or said so before.
        """
        found = self.personal_data(names, numbers_only=self.names_checked)
        kept = self._kept_names(found) if found else set()
        told = {
            name: [find for find in finds if find.must_go or find.text not in kept]
            for name, finds in found.items()
        }
        if told := {name: finds for name, finds in told.items() if finds}:
            raise Telling(told)

    def save(self, *args: Any, **kwargs: Any) -> Any:
        if self.is_read:
            self.check_personal_data()
        return super().save(*args, **kwargs)

    def edit(
        self, *, by: Any, version: int | None = None, names_checked: bool = False, **values: Any
    ) -> dict[str, list[Any]]:
        """As every editable noun; `names_checked`: the names found in it are ordinary words."""
        self.names_checked, self.hand = names_checked, getattr(by, "id", by)
        changes: dict[str, list[Any]] = super().edit(by=by, version=version, **values)  # type: ignore[misc]
        return changes

    def check_texts(self, values: Mapping[str, Any], *, since: str = "") -> None:
        """Whatever verb it was: what others read has no personal data in it."""
        if since:
            if self.read_in(values["state"]) and not self.read_in(since):
                self.check_personal_data()
        elif self.is_read and (about := self.texts if self.shown_by & values.keys() else self._among(values)):
            self.check_personal_data(about)

    def erase(self, *, by: Any, names: bool = False, words: str = "") -> dict[str, int]:
        """Take personal data out of its texts, of all that was kept of them and of search: how many of each.

        `names`: names of customers too; `words`: more words, one a line. What was taken out is written down
        nowhere: the event tells what kind and how many.
        """
        more = [line.strip() for line in words.splitlines() if len(line.strip()) >= SHORTEST]
        count = Counter[str]()

        def cleaned(text: str) -> str:
            for word in more:
                count["words"] += text.count(word)
                text = text.replace(word, "〔…〕")
            finds = [find for find in self._find({"": text}).get("", []) if names or find.must_go]
            count.update(find.kind for find in finds)
            return personal_data.without(text, finds)

        with db.atomic():
            self._erase_from(cleaned)
            own = {kind: n for kind, n in count.items() if n}
            for clean in _COPIES:  # it may stand in what others said of it, and nowhere else
                clean(self, cleaned)
            if taken := own or {kind: n for kind, n in count.items() if n}:
                Event.erase_words(self, cleaned)
                changes = {f"erased {kind}": [n, 0] for kind, n in taken.items()}
                self.track("personal data erased", by=by, changes=changes)
        return taken

    def _erase_from(self, cleaned: Callable[[str], str]) -> None:
        """Clean its texts and whatever keeps them."""
        raise NotImplementedError(f"{type(self).__name__} has to say where its texts are kept")

    def track(
        self, verb: str, *, by: Any = None, customer: Any = None, changes: Mapping[str, Any] | None = None
    ) -> None:
        """What nobody but its writer reads yet, the log does not quote either."""
        told = changes or {}
        if not self.is_read:
            told = {name: said for name, said in told.items() if name not in self.texts}
        super().track(verb, by=by, customer=customer, changes=told)

    def _among(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(name for name in self.texts if name in values)

    def _find(self, texts: Mapping[str, str], *, numbers_only: bool = False) -> dict[str, list[Find]]:
        written, known, deal = "\n".join(texts.values()), list[str](), list[str]()
        if written.strip() and not numbers_only:
            known += self.names_to_hide
            deal = self.deal_to_hide
            # by another's hand of the writer's customers nothing is told: a guess would be answered
            by = self.writer if self.hand is None else self.hand
            known += [name for look in _IN for name in look(written, by)]
        found = {name: personal_data.find(text, known, deal) for name, text in texts.items()}
        return {name: finds for name, finds in found.items() if finds}

    def _kept_names(self, found: Mapping[str, list[Find]]) -> set[str]:
        """Names that stand in the stored text already, where others read it: that was asked once."""
        told = {find.text for finds in found.values() for find in finds if not find.must_go}
        stored = (
            type(self).get_or_none(type(self)._meta.fields["id"] == self.id) if told and self.id else None
        )
        if stored is None or not stored.is_read:
            return set()
        return {text for text in told if any(text in (getattr(stored, name) or "") for name in self.texts)}
