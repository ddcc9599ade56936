"""The names in a file: which record each one means, which are misspelt, what to do about the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from babel import Locale
from peewee import chunked

from portal.i18n import Phrase
from portal.models.company.customer_types import CustomerType
from portal.models.company.departments import Department
from portal.models.customers.customers import Customer
from portal.models.imports.aliases import Alias, fold
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Stage
from portal.tables.names import similar

MOST_LOOKED_UP = 200
"""Unknown names for which a likely meaning is sought; in a file with more, the column is the wrong one."""

REST = "*"
"""Stands for all unknown names of a noun of which nothing else was said."""

MODELS: dict[str, Any] = {
    "customer": Customer,
    "product": Product,
    "person": Person,
    "department": Department,
    "customer_type": CustomerType,
}
NOUNS = {
    "customer": Phrase("Customer"),
    "product": Phrase("Product"),
    "person": Phrase("Person"),
    "department": Phrase("Department"),
    "customer_type": Phrase("Customer type"),
    "stage": Phrase("Stage"),
    "sector": Phrase("Sector"),
    "place": Phrase("City"),
}
_ALSO = {
    "customer": ("name_en", "code"),
    "product": ("name_en", "code"),
    "person": ("name_en", "employee_no", "email"),
    "department": ("name_en",),
    "customer_type": ("name_en",),
}
STAGES = {
    Stage.LEAD: "lead, new, prospect, prospecting, 线索, 潜在, 潜在客户, 新商机, 初步接触",
    Stage.ENGAGED: "engaged, engaging, contacted, qualified, qualification, 接洽, 已接洽, 跟进中, 需求确认",
    Stage.VIEWING: "viewing, demo, visit, presentation, 带看, 看房, 演示, 方案演示",
    Stage.NEGOTIATION: "negotiation, negotiating, proposal, quote, 谈判, 谈判中, 报价, 商务谈判",
    Stage.WON: "won, closed won, win, signed, 赢单, 成交, 已成交, 签约, 已签约",
    Stage.LOST: "lost, closed lost, loss, 输单, 丢单, 失败, 已流失, 未成交",
}
SECTORS = """
    advertising, aerospace, agriculture, automotive, banking, biotechnology, chemicals, construction,
    consulting,
    education, electronics, employment, energy, engineering, entertainment, finance, financial services,
    food and beverage, government, healthcare, hospitality, information technology, insurance, legal services,
    logistics, manufacturing, marketing, media, medical, mining, pharmaceuticals, real estate, retail,
    services,
    software, technology, telecommunications, transportation, travel, utilities, wholesale,
    房地产, 金融, 教育, 医疗, 零售, 制造业, 信息技术, 互联网, 物流, 能源, 建筑, 餐饮, 政府机构, 电子商务
"""


@cache
def _well_known(noun: str) -> tuple[str, ...]:
    """Values that are spelled right: sectors, and countries as Unicode's CLDR lists them."""
    if noun == "sector":
        return tuple(word.strip() for word in SECTORS.replace("\n", " ").split(","))
    if noun == "place":
        return tuple(name for tag in ("en", "zh_Hans_CN") for name in Locale.parse(tag).territories.values())
    return ()


@cache
def _stage_words() -> dict[str, Stage]:
    return {fold(word): stage for stage, words in STAGES.items() for word in words.split(",")}


@dataclass
class Name:
    """One spelling in a file, and what it stands for."""

    noun: str
    text: str
    count: int
    makes: bool = False
    """Whether it is added when nobody says otherwise."""
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
    offered: list[str] = field(default_factory=list)
    """For a closed list: what it may be."""

    @property
    def asks(self) -> bool:
        """Whether a person should look at it."""
        return bool(self.choice)

    @property
    def refusal(self) -> Phrase:
        """Why a row with this name is not taken."""
        noun = NOUNS[self.noun]
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
    columns = [model.name, *(getattr(model, name) for name in _ALSO[noun])]
    queries = [model.select(model.id, *columns)]
    if wanted is not None:
        queries = [
            model.select(model.id, *columns).where(_any(column.in_(batch) for column in columns))
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


def _any(conditions: Iterable[Any]) -> Any:
    whole: Any = None
    for condition in conditions:
        whole = condition if whole is None else whole | condition
    return whole


class Names:
    """All spellings of one file, resolved once for dry run and run alike."""

    def __init__(
        self, choices: Mapping[str, Mapping[str, str]], *, bold: bool = True, add_people: bool = True
    ) -> None:
        self.choices = choices
        self.add_people = add_people
        """Whether people may be added: only by an administrator."""
        self.bold = bold
        """Whether a likely meaning is taken until someone says otherwise: they see it beforehand."""
        self.by_noun: dict[str, dict[str, Name]] = {}

    def resolve(
        self,
        noun: str,
        counts: Counter[str],
        *,
        makes: bool,
        own: Mapping[str, int] | None = None,
    ) -> None:
        """Find out what each text of one noun means; `own` are the names that this file's rows bring."""
        taken = self.by_noun.setdefault(noun, {})
        names = []
        for text, count in counts.items():
            if text in taken:
                taken[text].count += count
                continue
            taken[text] = name = Name(noun, text, count, makes)
            names.append(name)
        how: dict[str, Callable[[list[Name], Mapping[str, int]], None]] = {
            "stage": self._stages,
            "sector": self._values,
            "place": self._values,
        }
        how.get(noun, self._records)(names, own or {})

    def _stages(self, names: list[Name], own: Mapping[str, int]) -> None:
        words, aliases = _stage_words(), Alias.known("stage")
        for name in names:
            name.offered = [str(stage) for stage in Stage]
            name.found = words.get(fold(name.text))
            if name.found is None:
                likely = similar(name.text, list(words))
                name.suggestion = str(words[likely]) if likely else ""
                self._choose(name, aliases)
                name.found = name.meaning if name.choice == "same" and name.meaning in name.offered else None

    def _records(self, names: list[Name], own: Mapping[str, int]) -> None:
        if not names:
            return
        noun = names[0].noun
        aliases = Alias.known(noun)
        known = Known.read(noun, [name.text for name in names])
        rows = {fold(text): row for text, row in own.items()}
        lookups = 0
        for name in names:
            ids = known.ids.get(fold(name.text), frozenset())
            if len(ids) == 1:
                name.found = next(iter(ids))
            elif ids:
                name.several, name.choice = True, "refuse"
            elif fold(name.text) in rows:
                name.own_row = rows[fold(name.text)]
            else:
                if lookups < MOST_LOOKED_UP:
                    lookups += 1
                    name.suggestion = similar(name.text, [*known.names, *own]) or ""
                self._choose(name, aliases)
                self._follow(name, known, rows)

    def _follow(self, name: Name, known: Known, rows: Mapping[str, int]) -> None:
        """Where a name is said to be the same as another, find that one."""
        if name.choice != "same":
            return
        ids = known.ids.get(fold(name.meaning), frozenset())
        if len(ids) == 1:
            name.found = next(iter(ids))
        elif fold(name.meaning) in rows:
            name.own_row = rows[fold(name.meaning)]
        else:
            name.choice = "refuse"

    def _values(self, names: list[Name], own: Mapping[str, int]) -> None:
        """Plain values: right when well known, on record already, or like nothing that is."""
        if not names:
            return
        noun = names[0].noun
        aliases = Alias.known(noun)
        well_known = _well_known(noun)
        right = {fold(word) for word in well_known}
        column = Customer.sector if noun == "sector" else Customer.city
        query: Any = Customer.select(column).distinct().limit(2000).tuples()
        stored = [row[0] for row in query if row[0]]
        frequent = [name.text for name in names if name.count >= 5]
        for number, name in enumerate(sorted(names, key=lambda name: -name.count)):
            name.found = name.text
            explicit = name.text in self.choices.get(noun, {}) or fold(name.text) in aliases
            if not explicit and (fold(name.text) in right or number > MOST_LOOKED_UP):
                continue
            others = [*well_known, *(word for word in [*stored, *frequent] if fold(word) != fold(name.text))]
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
        alias = aliases.get(fold(name.text))
        plain = name.noun in ("sector", "place")
        if said:
            name.choice, _, name.meaning = said.partition(":")
        elif alias is not None:
            name.choice, name.meaning, name.remembered = "same", alias.meaning, True
            if alias.record is not None:
                name.meaning = _current_name(name.noun, alias.record) or alias.meaning
        elif name.suggestion and self.bold:
            name.choice, name.meaning = "same", name.suggestion
        else:
            name.choice = "keep" if plain else "add" if name.makes else rest or "refuse"
        if name.choice == "add" and name.noun == "person" and not self.add_people:
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
        return [name for names in self.by_noun.values() for name in names.values() if name.choice == "add"]

    def remember(self, by: Person | None) -> None:
        """Keep what was decided for next time."""
        for name in self.asked:
            if name.choice == "same" and name.own_row is None:
                record = name.found if name.noun in MODELS else None
                Alias.remember(name.noun, name.text, name.meaning, record=record, by=by)
            elif name.choice == "keep" and (name.suggestion or name.remembered):
                Alias.remember(name.noun, name.text, name.text, record=None, by=by)


def _current_name(noun: str, record: int) -> str:
    found = MODELS[noun].get_or_none(MODELS[noun].id == record)
    return str(found.name) if found is not None else ""


def _cased_like(text: str, likely: str) -> str:
    return likely.lower() if text == text.lower() else likely
