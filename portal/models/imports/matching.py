"""Which record each row of a file is about, by its surest key; one row for one record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from portal.i18n import Phrase
from portal.models.base import bulk
from portal.models.imports.aliases import fold
from portal.models.imports.drafts import Draft, in_column
from portal.models.imports.names import Name
from portal.models.imports.schemas import ImportSchema
from portal.models.people.intake import NO_ADDRESS

Stored = Mapping[tuple[Any, ...], int]


def refuse_repeats(schema: ImportSchema, drafts: Sequence[Draft]) -> None:
    """A second row with the key of an earlier one would undo it."""
    first: dict[tuple[str, Any], int] = {}
    *sure, name = schema.keys
    for draft in drafts:
        keys = [(key, _key(schema, key, draft)) for key in sure if key in draft.values]
        if not keys and name in draft.values:
            keys = [(name, _key(schema, name, draft, folded=True))]
        again = next((first[key] for key in keys if key in first), None)
        if again is not None:
            draft.problem = _repeated(again)
        else:
            first.update(dict.fromkeys(keys, draft.row))


def match(schema: ImportSchema, drafts: Sequence[Draft]) -> None:
    """Set the target of each row; refuse those that may mean several records."""
    *sure, name = schema.keys
    stored = {key: _stored(schema, key, drafts) for key in sure}
    for draft in drafts:
        _by_key(schema, draft, stored)
    nameless = [draft for draft in drafts if draft.target is None and name in draft.values]
    named = _named(schema) if nameless else {}
    for draft in nameless:
        _by_name(schema, draft, named)
    claimed: dict[int, int] = {}
    for draft in drafts:
        if draft.problem is None and draft.target is not None:
            if draft.target in claimed:
                draft.problem = _repeated(claimed[draft.target])
            claimed.setdefault(draft.target, draft.row)


def _repeated(row: int) -> Phrase:
    return Phrase("Row %(row)s of this file is about the same.", row=row)


def _key(schema: ImportSchema, key: str, draft: Draft, folded: bool = False) -> tuple[Any, ...]:
    """What tells a row from others: its value, and whose it is where that counts."""
    value = draft.values.get(key)
    own = (fold(value) if folded and value is not None else value,)
    if key not in schema.within:
        return own
    whose = draft.values.get(schema.within[key])
    return (*own, whose.text if isinstance(whose, Name) else whose)


def _columns(schema: ImportSchema, *keys: str) -> list[Any]:
    names = [*keys, *([schema.within[keys[0]]] if keys[0] in schema.within else [])]
    return [schema.model.id, *(getattr(schema.model, name) for name in names)]


def _stored(schema: ImportSchema, key: str, drafts: Sequence[Draft]) -> Stored:
    """The records that have the keys of these rows."""
    wanted = sorted({draft.values[key] for draft in drafts if key in draft.values})
    columns = _columns(schema, key)
    return {tuple(whole): ident for ident, *whole in bulk.find(columns, columns[1], wanted)}


def _by_key(schema: ImportSchema, draft: Draft, stored: Mapping[str, Stored]) -> None:
    for key, known in stored.items():
        target = known.get(_key(schema, key, draft))
        if target is not None and draft.target is None:
            draft.target = target
        elif target is not None and target != draft.target:
            draft.problem = in_column(schema.field(key).label, Phrase("Someone else has this already."))


def _named(schema: ImportSchema) -> dict[tuple[Any, ...], list[tuple[int, str]]]:
    """All records by folded name, each with the key that would tell it from its namesakes."""
    found: dict[tuple[Any, ...], list[tuple[int, str]]] = {}
    query = schema.model.select(*_columns(schema, schema.keys[-1], schema.keys[0]))
    if schema.keys[-1] in schema.within:
        query = query.where(schema.model.archived_at.is_null())
    for ident, text, sure, *whose in query.tuples():
        found.setdefault((fold(text), *whose), []).append((ident, _own_key(text, sure)))
    return found


def _by_name(
    schema: ImportSchema, draft: Draft, named: Mapping[tuple[Any, ...], list[tuple[int, str]]]
) -> None:
    """By its name, unless both the row and the record have a key of their own and they differ."""
    name, given = schema.keys[-1], draft.values.get(schema.keys[0], "")
    known = named.get(_key(schema, name, draft, folded=True), ())
    alike = [ident for ident, key in known if not given or not key or key == given]
    if len(alike) > 1:
        several = Phrase("Several are called “%(name)s”. Add a column with a code.", name=draft.values[name])
        draft.problem = several
    elif alike:
        draft.target = alike[0]


def _own_key(name: str, key: str | None) -> str:
    """A record's own key; '' where it was made up from the name."""
    return "" if not key or key == name or key.endswith(NO_ADDRESS) else key
