"""What a person asks: words and filters, from the box or from the address of the results page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from portal import i18n
from portal.models.base.listing import number_of
from portal.models.base.nouns import NOUNS
from portal.models.company.customer_types import CustomerType
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.knowledge.audience import groups, groups_of
from portal.models.knowledge.templates import kinds
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.search.records.findable import FINDABLE
from portal.text.grams import norm
from portal.text.writing import clean

KINDS = {kind: NOUNS[kind].many or NOUNS[kind].one for kind in FINDABLE}
"""The tabs, in their order."""
FILTER_WORDS = {
    "kind": "type kind 类型 类别",
    "topic": "topic 主题",
    "product": "product 产品",
    "type": "customer-type 客户类型",
    "genre": "genre 知识类型",
    "for": "for audience 适用 适用对象",
    "owner": "owner author 负责人 作者",
    "department": "department dept 部门",
    "status": "status state 状态",
    "lang": "lang language 语言",
}
_NAMES = {word: name for name, words in FILTER_WORDS.items() for word in words.split()}
_KINDS = {word: kind for kind, noun in FINDABLE.items() for word in noun.words.split()}
_FILTER = re.compile(r'(?:(?<=\s)|^)([A-Za-z-]+|[\u4e00-\u9fff]{2,5})[:：]("[^"]*"|\S+)')
_MINE = {"me", "我", "my", "mine"}
_STATUSES = {
    "open": "open 待回答 未回答",
    "answered": "answered 已回答",
    "published": "published 已发布",
    "draft": "draft 草稿",
    "won": "won 成交 已成交 赢单",
    "lost": "lost 丢单 未成交 输单",
    "active": "active 在用 在职",
    "archived": "archived 归档 已归档",
    "left": "left 离职 已离职",
}
_STATUS_NAMES = {word: name for name, words in _STATUSES.items() for word in words.split()}
TAGS = ("topic", "product", "type", "genre", "for", "department", "fresh")
LISTS = ("kind", *TAGS, "owner", "status", "lang")
MOST_PAGES = 40


@dataclass(frozen=True)
class Asked:
    """A search as it was asked. Each filter holds alternatives; different filters must all hold.

    `unknown` are filters in the box that named nothing, as (filter, value).
    """

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = ""
    page: int = 1
    typed: str = ""
    """The box as it was typed, filters included."""
    unknown: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, query: Mapping[str, str], person: Person, many: Callable[[str], list[str]]) -> Asked:
        """From an address; `many` gives all values of a name."""
        typed = clean(query.get("q", "")).strip()[:200]
        text, boxed, unknown = _parsed(typed, person)
        given = {name: [clean(value)[:200] for value in many(name)] for name in LISTS}
        filters = {name: tuple(dict.fromkeys(filter(None, values))) for name, values in given.items()}
        for name, values in boxed.items():
            filters[name] = tuple(dict.fromkeys((*filters[name], *values)))
        filters["owner"] = tuple(str(person.id) if value == "me" else value for value in filters["owner"])
        return cls(
            text=text,
            filters={name: values[:20] for name, values in filters.items() if values},
            sort="-updated" if query.get("sort") == "-updated" else "",
            page=min(max(number_of(query.get("page")), 1), MOST_PAGES),
            typed=typed,
            unknown=unknown,
        )

    @property
    def tags(self) -> tuple[str, ...]:
        """The filters that are tags in the index."""
        return tuple(f"{name}:{value}" for name in TAGS for value in self.filters.get(name, ()))

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was asked."""
        return not self.text and not self.filters

    def has(self, name: str, value: str) -> bool:
        return value in self.filters.get(name, ())

    def without_filters(self) -> Asked:
        """The words alone."""
        return replace(self, filters={}, typed=self.text, page=1, unknown=())

    def with_text(self, text: str) -> Asked:
        """Other words under the same filters."""
        return replace(self, text=text, typed=text, page=1, unknown=())

    def toggled(self, name: str, value: str) -> Asked:
        """With one value of a filter put in or taken out."""
        held = self.filters.get(name, ())
        values = tuple(each for each in held if each != value) if value in held else (*held, value)
        return replace(self, filters={**self.filters, name: values}, typed=self.text, page=1)

    def only(self, name: str, value: str = "") -> Asked:
        """With one value of a filter alone, or none."""
        return replace(
            self, filters={**self.filters, name: (value,) if value else ()}, typed=self.text, page=1
        )

    def at(self, page: int) -> Asked:
        return replace(self, page=page, typed=self.text)

    def sorted_by(self, sort: str) -> Asked:
        return replace(self, sort=sort, page=1, typed=self.text)

    @property
    def query(self) -> str:
        """All of it as an address has it behind the question mark."""
        pairs = [("q", self.text)] if self.text else []
        pairs += [(name, value) for name in LISTS for value in self.filters.get(name, ())]
        pairs += [("sort", self.sort)] if self.sort else []
        pairs += [("page", str(self.page))] if self.page > 1 else []
        return "&".join(_pair(name, value) for name, value in pairs)

    @property
    def url(self) -> str:
        return f"/search?{self.query}"


@lru_cache(maxsize=10_000)
def _pair(name: str, value: str) -> str:
    return urlencode([(name, value)])


def _parsed(
    typed: str, person: Person
) -> tuple[str, dict[str, tuple[str, ...]], tuple[tuple[str, str], ...]]:
    """The words, the filters and what was not understood of what stands in the box."""
    found: dict[str, tuple[str, ...]] = {}
    unknown: list[tuple[str, str]] = []

    def take(match: re.Match[str]) -> str:
        word, value = match[1].lower(), match[2].strip('"')
        name = _NAMES.get(word)
        if name is None:
            return match[0]
        place, values = _meaning(name, value, person)
        if values:
            found[place] = (*found.get(place, ()), *values)
        else:
            unknown.append((match[1], value))
        return " "

    text = _FILTER.sub(take, typed)
    return " ".join(text.split()), found, tuple(unknown)


def _meaning(name: str, value: str, person: Person) -> tuple[str, tuple[str, ...]]:
    """Which filter a value in the box sets, and to what."""
    plain = norm(value).strip()
    if name == "kind":
        kind = _KINDS.get(plain)
        return ("kind", (kind,)) if kind else ("type", _named(CustomerType, plain))
    if name == "owner":
        return name, (str(person.id),) if plain in _MINE else _named(Person, plain)
    if name == "status":
        return name, (_STATUS_NAMES.get(plain, plain),)
    if name == "lang":
        words = {"中文": "zh", "chinese": "zh", "英文": "en", "english": "en"}
        return name, (words.get(plain, plain),)
    if name == "genre":
        return name, _called(kinds(), plain)
    if name == "for":
        mine = groups_of(person) if plain in _MINE else ()
        return name, tuple(mine) or _called({group: group for group in groups()}, plain)
    model = {"topic": Topic, "product": Product, "type": CustomerType, "department": Department}[name]
    return name, _named(model, plain)


def _called(words: Mapping[str, Any], plain: str) -> tuple[str, ...]:
    """The values that are called so in either language, in full, else in part."""
    told = dict[str, list[str]]()
    for language in i18n.LOCALES:
        with i18n.speaking(language):
            for value, label in words.items():
                told.setdefault(value, []).append(norm(i18n.label(label)))
    exact = [value for value, names in told.items() if plain in names]
    partly = [value for value, names in told.items() if any(plain in each for each in names)]
    return tuple(exact or partly[:20])


def _named(model: Any, plain: str) -> tuple[str, ...]:
    """Ids of what is called so: exactly, else by a part of the name or by pinyin."""
    names = [model.name, model.name_en, *([model.code] if hasattr(model, "code") else [])]
    if model is Person:
        names.append(model.sort_name)
    condition = names[0].contains(plain)
    for name in names[1:]:
        condition |= name.contains(plain)
    rows: Iterable[Any] = model.select(model.id, *names).where(condition).limit(50)
    exact: list[str] = []
    partly: list[str] = []
    for row in rows:
        told = [norm(getattr(row, name.name) or "") for name in names]
        (exact if plain in told else partly).append(str(row.id))
    return tuple(exact or partly[:20])
