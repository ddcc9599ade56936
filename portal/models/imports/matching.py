"""Which record each row of a file is about, by its surest key; one row for one record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from peewee import chunked

from portal.i18n import Phrase
from portal.models.imports.aliases import fold
from portal.models.imports.drafts import Draft, in_column
from portal.models.imports.kinds import Kind
from portal.models.imports.names import Name
from portal.models.people.intake import NO_ADDRESS

Stored = Mapping[tuple[Any, ...], int]


def refuse_repeats(kind: Kind, drafts: Sequence[Draft]) -> None:
    """A second row with the key of an earlier one would undo it."""
    first: dict[tuple[str, Any], int] = {}
    *sure, name = kind.keys
    for draft in drafts:
        keys = [(key, _key(kind, key, draft)) for key in sure if key in draft.values]
        if not keys and name in draft.values:
            keys = [(name, _key(kind, name, draft, folded=True))]
        again = next((first[key] for key in keys if key in first), None)
        if again is not None:
            draft.problem = _repeated(again)
        else:
            first.update(dict.fromkeys(keys, draft.row))


def match(kind: Kind, drafts: Sequence[Draft]) -> None:
    """Set the target of each row; refuse those that may mean several records."""
    *sure, name = kind.keys
    stored = {key: _stored(kind, key, drafts) for key in sure}
    for draft in drafts:
        _by_key(kind, draft, stored)
    nameless = [draft for draft in drafts if draft.target is None and name in draft.values]
    named = _named(kind) if nameless else {}
    for draft in nameless:
        _by_name(kind, draft, named)
    claimed: dict[int, int] = {}
    for draft in drafts:
        if draft.problem is None and draft.target is not None:
            if draft.target in claimed:
                draft.problem = _repeated(claimed[draft.target])
            claimed.setdefault(draft.target, draft.row)


def _repeated(row: int) -> Phrase:
    return Phrase("Row %(row)s of this file is about the same.", row=row)


def _key(kind: Kind, key: str, draft: Draft, folded: bool = False) -> tuple[Any, ...]:
    """What tells a row from others: its value, and whose it is where that counts."""
    value = draft.values.get(key)
    told = (fold(value) if folded and value is not None else value,)
    if key not in kind.within:
        return told
    whose = draft.values.get(kind.within[key])
    return (*told, whose.text if isinstance(whose, Name) else whose)


def _columns(kind: Kind, *keys: str) -> list[Any]:
    names = [*keys, *([kind.within[keys[0]]] if keys[0] in kind.within else [])]
    return [kind.model.id, *(getattr(kind.model, name) for name in names)]


def _stored(kind: Kind, key: str, drafts: Sequence[Draft]) -> Stored:
    """The records that have the keys of these rows."""
    wanted = sorted({draft.values[key] for draft in drafts if key in draft.values})
    columns = _columns(kind, key)
    found = {}
    for batch in chunked(wanted, 500):
        for ident, *whole in kind.model.select(*columns).where(columns[1].in_(batch)).tuples():
            found[tuple(whole)] = ident
    return found


def _by_key(kind: Kind, draft: Draft, stored: Mapping[str, Stored]) -> None:
    for key, known in stored.items():
        target = known.get(_key(kind, key, draft))
        if target is not None and draft.target is None:
            draft.target = target
        elif target is not None and target != draft.target:
            draft.problem = in_column(kind.field(key).label, Phrase("Someone else has this already."))


def _named(kind: Kind) -> dict[tuple[Any, ...], list[tuple[int, str]]]:
    """All records by folded name, each with the key that would tell it from its namesakes."""
    found: dict[tuple[Any, ...], list[tuple[int, str]]] = {}
    query = kind.model.select(*_columns(kind, kind.keys[-1], kind.keys[0]))
    if kind.keys[-1] in kind.within:
        query = query.where(kind.model.archived_at.is_null())
    for ident, text, sure, *whose in query.tuples():
        found.setdefault((fold(text), *whose), []).append((ident, _telling(text, sure)))
    return found


def _by_name(kind: Kind, draft: Draft, named: Mapping[tuple[Any, ...], list[tuple[int, str]]]) -> None:
    """By its name, unless both the row and the record have a key of their own and they differ."""
    name, given = kind.keys[-1], draft.values.get(kind.keys[0], "")
    known = named.get(_key(kind, name, draft, folded=True), ())
    alike = [ident for ident, key in known if not given or not key or key == given]
    if len(alike) > 1:
        told = Phrase("Several are called “%(name)s”. Add a column with a code.", name=draft.values[name])
        draft.problem = told
    elif alike:
        draft.target = alike[0]


def _telling(name: str, key: str | None) -> str:
    """A record's own key; '' where it was made up from the name."""
    return "" if not key or key == name or key.endswith(NO_ADDRESS) else key
