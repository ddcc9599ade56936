"""Which record each row of a file is about, by its surest key; one row for one record."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from peewee import ModelSelect, chunked

from portal.i18n import Phrase
from portal.models.base import bulk
from portal.models.base.intake import portal_id
from portal.models.customers.rights import by_need
from portal.models.imports.aliases import fold
from portal.models.imports.drafts import Draft, in_column
from portal.models.imports.names import Name
from portal.models.imports.schemas import ImportSchema
from portal.models.people.intake import NO_ADDRESS
from portal.models.people.people import Person
from portal.tables.names import similar

Stored = Mapping[tuple[Any, ...], int]
SHARED_MAILBOX = re.compile(
    r"(info|office|sales|service|support|contact|hello|mail|admin|hr|kefu|shichang|reception|team)\d*@"
)
"""Addresses that say nothing of who reads them."""


def refuse_repeats(schema: ImportSchema, drafts: Sequence[Draft]) -> None:
    """A second row with the key of an earlier one would undo it."""
    first: dict[tuple[str, Any], Draft] = {}
    *sure, name = schema.keys
    for draft in drafts:
        keys = [(key, _key(schema, key, draft)) for key in sure if key in draft.values]
        keys = [(key, (*own, _folded(draft, name)) if key in schema.shared else own) for key, own in keys]
        if draft.ident:
            keys.append(("", (draft.ident,)))
        if not keys and name in draft.values:
            keys = [(name, _key(schema, name, draft, folded=True))]
        again = next((first[key] for key in keys if key in first), None)
        if again is None:
            first.update(dict.fromkeys(keys, draft))
        elif (
            schema.model is Person
            and "email" in draft.values
            and _folded(again, name) != _folded(draft, name)
        ):
            told = Phrase(
                "Row %(row)s has this address and another name: each who signs in needs one of their own.",
                row=again.row,
            )
            draft.refuse(told)
        else:
            draft.refuse(_repeated(again.row))


def match(schema: ImportSchema, drafts: Sequence[Draft], by: Person | None) -> None:
    """Set the target of each row; refuse those that may mean several records. `by`: who must know of them."""
    *sure, name = schema.keys
    seen = schema.seen(by) if schema.seen is not None and by is not None else None
    _by_ident(schema, [draft for draft in drafts if draft.ident], seen)
    own = _shared_keys(schema, drafts)
    stored = {key: _stored(schema, key, drafts) for key in sure}
    for draft in drafts:
        _by_key(schema, draft, stored, own)
    _refuse_lost_zeros(schema, sure, drafts)
    if schema.model is Person:
        _refuse_other_peoples_addresses([draft for draft in drafts if draft.target is not None])
    nameless = [draft for draft in drafts if draft.target is None and draft.is_sound and name in draft.values]
    named = _named(schema, seen) if nameless else {}
    for draft in nameless:
        _by_name(schema, draft, named)
    claimed: dict[int, int] = {}
    for draft in drafts:
        if draft.is_sound and draft.target is not None:
            if draft.target in claimed:
                draft.refuse(_repeated(claimed[draft.target]))
            claimed.setdefault(draft.target, draft.row)
    if by is not None and by_need():
        _refuse_closed(schema, drafts, by)


def _refuse_closed(schema: ImportSchema, drafts: Sequence[Draft], by: Person) -> None:
    """A file changes and joins nothing that does not open for whoever brings it (RULES 4.10): else it would
    show what stands there, and a deal of one's own would open its customer.
    """
    if schema.opens is not None:
        _refuse(CLOSED, [(draft, draft.target) for draft in drafts], schema.opens(by))
    if schema.joins is not None:
        _refuse(
            CLOSED_CUSTOMER, [(draft, draft.values.get("customer")) for draft in drafts], schema.joins(by)
        )


def _refuse(told: Phrase, named: Sequence[tuple[Draft, Any]], opening: ModelSelect[Any]) -> None:
    """Refuse the rows that name a record which is not among these; a new one has no id yet."""
    ids, ident = {value for _, value in named if isinstance(value, int)}, opening.model.id
    parts = (opening.where(ident.in_(some)).select(ident).tuples() for some in chunked(sorted(ids), 500))
    closed = ids - {number for rows in parts for (number,) in rows}
    for draft, value in named:
        if draft.is_sound and value in closed:
            draft.refuse(told)


CLOSED = Phrase("This is on record and does not open for you. Ask whoever looks after it.")
CLOSED_CUSTOMER = Phrase("The customer does not open for you. Ask whoever looks after them.")


def _repeated(row: int) -> Phrase:
    return Phrase("Row %(row)s of this file is about the same.", row=row)


def _folded(draft: Draft, name: str) -> str:
    return fold(draft.values.get(name, ""))


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


def _by_ident(schema: ImportSchema, drafts: Sequence[Draft], seen: Any) -> None:
    """By the portal's own number: one that it did not write itself means nothing here."""
    numbers = {
        draft.row: int(found[1]) for draft in drafts if (found := re.match(r"[A-Z](\d{1,18})-", draft.ident))
    }
    stored = {record.id: record for record in bulk.read(schema.model, schema.model.id, set(numbers.values()))}
    if seen is not None and stored:
        known: Any = schema.model.select(schema.model.id).where(seen).tuples()
        stored = {ident: stored[ident] for (ident,) in known if ident in stored}
    for draft in drafts:
        record = stored.get(numbers.get(draft.row))
        if record is not None and portal_id(record) == draft.ident:
            draft.target = record.id
        else:
            told = Phrase(
                "“%(value)s” is no number of this portal. Leave that column out.", value=draft.ident[:40]
            )
            draft.refuse(told)


def _stored(schema: ImportSchema, key: str, drafts: Sequence[Draft]) -> Stored:
    """The records that have the keys of these rows; those that share one are not among them."""
    wanted = sorted({draft.values[key] for draft in drafts if key in draft.values})
    columns, found, twice = _columns(schema, key), dict[tuple[Any, ...], int](), set[tuple[Any, ...]]()
    for ident, *whole in bulk.find(columns, columns[1], wanted):
        twice |= {tuple(whole)} if tuple(whole) in found else set()
        found[tuple(whole)] = ident
    return {key: ident for key, ident in found.items() if key not in twice}


def _shared_keys(schema: ImportSchema, drafts: Sequence[Draft]) -> Callable[[str, Draft], bool]:
    """Which rows a key tells apart by itself: not by an address that several of the file have."""
    names: dict[tuple[str, tuple[Any, ...]], set[str]] = {}
    for key in schema.shared:
        for draft in drafts:
            if key in draft.values:
                names.setdefault((key, _key(schema, key, draft)), set()).add(_folded(draft, schema.keys[-1]))

    def own(key: str, draft: Draft) -> bool:
        if key not in schema.shared or key not in draft.values:
            return True
        several = len(names[key, _key(schema, key, draft)]) > 1
        return not several and not SHARED_MAILBOX.match(draft.values[key])

    return own


def _by_key(
    schema: ImportSchema, draft: Draft, stored: Mapping[str, Stored], own: Callable[[str, Draft], bool]
) -> None:
    for key, known in stored.items():
        target = known.get(_key(schema, key, draft)) if own(key, draft) else None
        if target is not None and draft.target is None:
            draft.target = target
        elif target is not None and target != draft.target:
            draft.refuse(in_column(schema.field(key).label, Phrase("Someone else has this already.")))


def _refuse_lost_zeros(schema: ImportSchema, sure: Sequence[str], drafts: Sequence[Draft]) -> None:
    """A code that is on record with zeros in front is not another one: a spreadsheet dropped them."""
    for key in sure:
        if schema.field(key).reads != "code":
            continue
        bare = [
            draft
            for draft in drafts
            if draft.target is None
            and str(draft.values.get(key, "")).isdigit()
            and draft.values[key][0] != "0"
        ]
        column = getattr(schema.model, key)
        found: Any = schema.model.select(column).where(column.startswith("0")).tuples() if bare else ()
        zeros = {code.lstrip("0"): code for (code,) in found}
        for draft in bare:
            if draft.values[key] in zeros:
                told = Phrase(
                    "“%(given)s” is not on record, “%(known)s” is: a spreadsheet may have dropped the zeros.",
                    given=draft.values[key],
                    known=zeros[draft.values[key]],
                )
                draft.refuse(in_column(schema.field(key).label, told))


def _refuse_other_peoples_addresses(drafts: Sequence[Draft]) -> None:
    """An address that someone of another name has is shared, or wrong: nobody is renamed by it."""
    ids = [draft.target for draft in drafts]
    people: dict[Any, Person] = {person.id: person for person in bulk.read(Person, Person.id, ids)}
    for draft in drafts:
        person, given = people[draft.target], draft.values.get("name")
        proven = draft.ident or draft.values.get("employee_no", "") == person.employee_no
        if not given or proven or draft.values.get("email") != person.email:
            continue
        known = [name for name in (person.name, person.name_en) if name]
        if fold(given) not in map(fold, known) and similar(given, known) is None:
            told = Phrase("This address belongs to %(name)s. Correct one of them by hand.", name=person.name)
            draft.refuse(told)


def _named(schema: ImportSchema, seen: Any) -> dict[tuple[Any, ...], list[tuple[int, str]]]:
    """All records by folded name, each with the key that would tell it from its namesakes."""
    found: dict[tuple[Any, ...], list[tuple[int, str]]] = {}
    query = schema.model.select(*_columns(schema, schema.keys[-1], schema.keys[0]))
    if schema.keys[-1] in schema.within or schema.seen is not None:
        query = query.where(schema.model.archived_at.is_null())
    if seen is not None:
        query = query.where(seen)
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
        draft.refuse(several)
    elif alike:
        draft.target, draft.by_name = alike[0], True


def _own_key(name: str, key: str | None) -> str:
    """A record's own key; '' where it was made up from the name."""
    return "" if not key or key == name or key.endswith(NO_ADDRESS) else key
