"""Rows of a file turned into records, many at a time: each with its event, its money, its place in search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from peewee import chunked

from portal import clock
from portal.i18n import Phrase
from portal.models.base.record import Event, Searchable, SearchOutbox, Stale
from portal.models.commission.periods import Period
from portal.models.company.customer_types import CustomerType
from portal.models.company.departments import Department
from portal.models.customers.customers import LONGEST_KEY, Customer
from portal.models.imports.kinds import Kind
from portal.models.imports.names import Name
from portal.models.imports.plan import NO_ADDRESS, Draft, Plan, plain
from portal.models.people.people import Person, Role
from portal.models.products.products import Product
from portal.models.sales.deals import WHOLE, Deal, DealLine, DealShare, Stage
from portal.text import pinyin

TO_COME = -1
"""Stands for a record that a dry run does not make."""
Money = dict[str, tuple[int, date]]
"""What a won deal's ledger should say: amount in minor units and day, by trigger."""
_MONEY_FIELDS = {"stage", "amount", "closed_on"}


@dataclass(slots=True)
class Decision:
    """What happens to one row."""

    draft: Draft
    outcome: str
    """`created`, `updated`, `unchanged` or `rejected`."""
    record: Any = None
    values: dict[str, Any] = field(default_factory=dict)
    """What is written: all fields of a new record, the changed ones of a known record."""
    problem: Phrase | None = None


def decide(plan: Plan, batch: Sequence[Draft], rows: Mapping[int, int]) -> list[Decision]:
    """What would happen to these rows now; `rows` gives the ids of records that earlier rows brought."""
    records = _records(plan.kind, [d.target for d in batch if d.problem is None and d.target is not None])
    lines = standing_lines([r for r in records.values() if isinstance(r, Deal)])
    decisions = []
    for draft in batch:
        if draft.problem is not None:
            decisions.append(Decision(draft, "rejected", problem=draft.problem))
            continue
        values = {name.rstrip("?"): _id(value, rows) for name, value in draft.values.items()}
        record = records.get(draft.target) if draft.target is not None else None
        if record is None:
            decisions.append(Decision(draft, "created", values=values))
        else:
            decisions.append(_compared(plan, draft, record, values, lines.get(record.id, [])))
    return decisions


def _id(value: Any, rows: Mapping[int, int]) -> Any:
    if not isinstance(value, Name):
        return value
    if value.own_row is not None:
        return rows.get(value.own_row, TO_COME)
    return TO_COME if value.found is None else value.found


def _records(kind: Kind, ids: Iterable[int]) -> dict[int, Any]:
    model: Any = kind.model
    return {r.id: r for batch in chunked(list(ids), 500) for r in model.select().where(model.id.in_(batch))}


def standing_lines(deals: Sequence[Deal]) -> dict[int, list[DealLine]]:
    """The lines of some deals that are neither reversed nor reversals."""
    found: dict[int, list[DealLine]] = {}
    reversed_ids: set[int] = set()
    for batch in chunked([deal.id for deal in deals], 500):
        for line in DealLine.select().where(DealLine.deal.in_(batch)).order_by(DealLine.id):
            found.setdefault(line.deal_id, []).append(line)
            if line.reverses_id is not None:
                reversed_ids.add(line.reverses_id)
    return {
        deal: [line for line in lines if line.reverses_id is None and line.id not in reversed_ids]
        for deal, lines in found.items()
    }


def _compared(
    plan: Plan, draft: Draft, record: Any, values: dict[str, Any], lines: Sequence[DealLine]
) -> Decision:
    stored = record.__data__
    changes = {name: value for name, value in values.items() if stored.get(name) != value}
    # what everyone may read and the row does not change needs no right; private facts are not to be guessed
    asks = changes or values.keys() & getattr(record, "restricted", {}).keys()
    if (asks or _wants_payment(plan, record, lines)) and not plan.may_change(record):
        problem = Phrase("“%(name)s” is not yours to change.", name=_called(record))
        return Decision(draft, "rejected", record, problem=problem)
    if changes.get("parent") == record.id or changes.get("manager") == record.id:
        problem = Phrase("“%(name)s” cannot belong to itself.", name=record.name)
        return Decision(draft, "rejected", record, problem=problem)
    if isinstance(record, Deal):
        if "stage" in changes and values["stage"] not in (Stage.WON, Stage.LOST) and record.closed_on:
            changes["closed_on"] = None
        by_hand = any(not (line.key or "").startswith("import-") for line in lines)
        if by_hand and _MONEY_FIELDS & changes.keys():
            problem = Phrase("Money of this deal was recorded by hand. Change the deal itself.")
            return Decision(draft, "rejected", record, problem=problem)
        if not changes and not by_hand and _wants_payment(plan, record, lines):
            return Decision(draft, "updated", record)
    return Decision(draft, "updated" if changes else "unchanged", record, changes)


def _called(record: Any) -> str:
    return getattr(record, "name", "") or getattr(record, "title", "")


def _wants_payment(plan: Plan, deal: Any, lines: Sequence[DealLine]) -> bool:
    """An earlier import recorded the contract alone, and now the money is said to have come."""
    triggers = {line.trigger for line in lines}
    return triggers == {"contract"} and plan.settings.paid_on_close and deal.is_won


def wanted_money(stage: str, amount: int | None, on: date | None, paid: bool) -> Money:
    """What the ledger of a deal should say after an import."""
    if stage != Stage.WON or not amount or on is None:
        return {}
    return dict.fromkeys(("contract", *(("payment",) if paid else ())), (amount, on))


class Writer:
    """Writes decisions of one import; each call belongs into one transaction."""

    def __init__(self, import_id: int, plan: Plan, by: Person | None) -> None:
        self.import_id, self.plan, self.kind, self.by = import_id, plan, plan.kind, by
        self.at = clock.now()

    def add_named(self, name: Name) -> Any:
        """Make the record that a name in the file stands for, and remember it in the plan."""
        makers: dict[str, Callable[[], Any]] = {
            "customer": lambda: Customer.add(by=self.by, name=name.text, owner=None),
            "product": lambda: Product.add(by=self.by, code=self._codes([name.text])[0], name=name.text),
            "person": lambda: self._person(name.text),
            "department": lambda: self._word(Department, name.text),
            "customer_type": lambda: self._word(CustomerType, name.text),
        }
        record = makers[name.noun]()
        name.found = record.id
        return record

    def _person(self, name: str) -> Person:
        roles = (Role.MANAGER,) if self.kind.model is Person else ()
        return Person.add(by=self.by, email=self._addresses([name])[0], name=name, roles=roles)

    def _word(self, model: Any, name: str) -> Any:
        word: Any = model.create(name=name)
        word.track("added", by=self.by, changes={"name": [None, name]})
        return word

    def create(self, decisions: Sequence[Decision]) -> list[int]:
        """Write new records in the order given; gives their ids. Sets each decision's record to its id."""
        if not decisions:
            return []
        rows = [{**self._blank(), **decision.values} for decision in decisions]
        self._finish(rows)
        model: Any = self.kind.model
        # ids come in the order of the rows: both databases number the rows of one INSERT as they stand
        ids = sorted(ident for (ident,) in model.insert_many(rows).returning(model.id).tuples().execute())
        for decision, row, ident in zip(decisions, rows, ids, strict=True):
            decision.values, decision.record = row, ident
        if model is Deal:
            self._money(decisions)
        if model is Person:
            self._promote(decisions)
        self._trace([(ident, row) for ident, row in zip(ids, rows, strict=True)])
        return ids

    def _blank(self) -> dict[str, Any]:
        """Every field that a file may fill, empty, so that all rows have the same columns."""
        model: Any = self.kind.model
        stored = {f.name: f for f in model._meta.sorted_fields}
        blank = {
            name: None if stored[name].null else stored[name].default
            for name in self.kind.names
            if name in stored
        }
        extra: dict[str, Any] = {"sort_name": ""} if "sort_name" in stored else {}
        extra |= {"expected_on": None} if model is Deal else {}
        return blank | extra | {"created_at": self.at, "updated_at": self.at}

    def _finish(self, rows: list[dict[str, Any]]) -> None:
        """Fill in what a verb would: sorting names, codes, addresses, titles."""
        model = self.kind.model
        if model is Customer:
            for row in rows:
                row["sort_name"] = pinyin.sort_key(row["name"])[:LONGEST_KEY]
        if model is Person:
            lacking = [row for row in rows if not row["email"]]
            addresses = self._addresses([row["name"] for row in lacking])
            for row, address in zip(lacking, addresses, strict=True):
                row["email"] = address
            for row in rows:
                row["sort_name"] = pinyin.name_sort_key(row["name"])[:240]
        if model is Product:
            lacking = [row for row in rows if not row["code"]]
            for row, code in zip(lacking, self._codes([row["name"] for row in lacking]), strict=True):
                row["code"] = code
        if model is Deal:
            self._title(rows)

    def _title(self, rows: list[dict[str, Any]]) -> None:
        """A deal without title is called after its product and customer."""
        names: dict[Any, dict[int, str]] = {}
        for model, column in ((Product, "product"), (Customer, "customer")):
            ids = {row[column] for row in rows if row[column]}
            names[column] = {
                ident: name
                for batch in chunked(sorted(ids), 500)
                for ident, name in _rows(model.select(model.id, model.name).where(model.id.in_(batch)))
            }
        for row in rows:
            parts = [names[column].get(row[column], "") for column in ("product", "customer")]
            row["title"] = (row["title"] or " · ".join(filter(None, parts)) or row["code"])[:200]

    def _addresses(self, names: Sequence[str]) -> list[str]:
        wanted = []
        for name in names:
            words = "".join(c if c.isalnum() else " " for c in " ".join(pinyin.syllables(name)))
            local = ".".join(word for word in words.lower().split() if word.isascii())[:60]
            wanted.append((local or "someone", NO_ADDRESS))
        return _unused(Person, Person.email, wanted)

    def _codes(self, names: Sequence[str]) -> list[str]:
        return _unused(Product, Product.code, [(name[:55].strip(), "") for name in names])

    def update(self, decision: Decision, lines: Sequence[DealLine] = ()) -> dict[str, Any]:
        """Write the changed fields; gives what they were before. Raises Stale when someone was faster."""
        record, changes = decision.record, dict(decision.values)
        before = {name: plain(record.__data__.get(name)) for name in changes}
        if "name" in changes and "sort_name" in record.__data__:
            key = pinyin.sort_key if isinstance(record, Customer) else pinyin.name_sort_key
            changes["sort_name"], before["sort_name"] = key(changes["name"])[:240], record.sort_name
        model = type(record)
        told = record.changed_fields(changes)
        stamped = {**changes, "version": record.version + 1, "updated_at": clock.now()}
        fresh = (model.id == record.id) & (model.version == record.version)
        if not model.update(stamped).where(fresh).execute():
            raise Stale(record.fresh())
        record.__data__.update(stamped)
        customer = _customer_of(self.kind, record.id, record.__data__)
        verb = "edited" if told else "paid"  # nothing but the money that came since
        told = told or {"amount": [None, record.amount], "trigger": [None, "payment"]}
        Event.leave_many(model.kind(), [(record.id, customer, told)], verb, by=self.by)
        if isinstance(record, Deal):
            before["lines"] = [[line.trigger, line.amount, line.on.isoformat()] for line in lines]
            paid = self.plan.settings.paid_on_close or any(line.trigger == "payment" for line in lines)
            money = wanted_money(record.stage, record.amount, record.closed_on, paid)
            settle(record, lines, money, key=f"import-{self.import_id}-{decision.draft.row}", by=self.by)
        if issubclass(model, Searchable):
            SearchOutbox.note(model.kind(), [record.id])
        return before

    def _money(self, decisions: Sequence[Decision]) -> None:
        shares: list[dict[str, Any]] = []
        lines: list[dict[str, Any]] = []
        for decision in decisions:
            row = decision.values
            money = wanted_money(
                row["stage"], row["amount"], row["closed_on"], self.plan.settings.paid_on_close
            )
            if money:
                shares.append(
                    {
                        "deal": decision.record,
                        "person": row["owner"],
                        "share": WHOLE,
                        "created_at": self.at,
                    }
                )
            for trigger, (amount, on) in money.items():
                key = f"import-{self.import_id}-{decision.draft.row}-{trigger}"
                lines.append(_line(decision.record, trigger, amount, on, key=key, by=self.by, at=self.at))
        for batch in chunked(shares, 500):
            DealShare.insert_many(batch).execute()
        for batch in chunked(lines, 500):
            DealLine.insert_many(batch).execute()

    def _promote(self, decisions: Sequence[Decision]) -> None:
        """New people whom the file names as someone's manager get that role."""
        named = self.plan.names.by_noun.get("person", {}).values()
        heads = {name.own_row for name in named if name.own_row is not None}
        for decision in decisions:
            if decision.draft.row in heads:
                Person.get_by_id(decision.record).grant(Role.MANAGER, by=self.by)

    def _trace(self, made: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
        """One event for each new record, and a note for the index."""
        model: Any = self.kind.model
        told = [
            (
                ident,
                _customer_of(self.kind, ident, row),
                {"name": [None, row.get("name") or row.get("title")], "import": [None, self.import_id]},
            )
            for ident, row in made
        ]
        Event.leave_many(model.kind(), told, "imported", by=self.by)
        if issubclass(model, Searchable):
            SearchOutbox.note(model.kind(), [ident for ident, _row in made])


def _rows(query: Any) -> Any:
    return query.tuples()


def _customer_of(kind: Kind, ident: int, row: Mapping[str, Any]) -> int | None:
    return ident if kind.model is Customer else row.get("customer")


def _unused(model: Any, column: Any, wanted: Sequence[tuple[str, str]]) -> list[str]:
    """Each stem and ending as one text that no record has yet, numbered where it must be."""
    stems = {stem for stem, _ in wanted}
    taken = {
        value
        for batch in chunked(sorted(stems), 100)
        for (value,) in model.select(column).where(_starts(column, batch)).tuples()
    }
    given = []
    for stem, ending in wanted:
        text, copy = stem + ending, 1
        while text in taken:
            copy += 1
            text = f"{stem}-{copy}{ending}"
        taken.add(text)
        given.append(text)
    return given


def _starts(column: Any, stems: Sequence[str]) -> Any:
    condition: Any = None
    for stem in stems:
        one = column.startswith(stem)
        condition = one if condition is None else condition | one
    return condition


def _line(
    deal: int, trigger: str, amount: int, on: date, *, key: str | None, by: Person | None, at: Any
) -> dict[str, Any]:
    return {
        "deal": deal,
        "trigger": trigger,
        "on": on,
        "amount": amount,
        "recorded_by": by,
        "key": key,
        "created_at": at,
    }


def settle(deal: Deal, lines: Sequence[DealLine], money: Money, *, key: str, by: Person | None) -> None:
    """Make a deal's ledger say what it should: what no longer holds is reversed, what is missing recorded."""
    standing = {line.trigger: line for line in lines}
    reverse([line for t, line in standing.items() if money.get(t) != (line.amount, line.on)], by)
    missing = [t for t in money if t not in standing or money[t] != (standing[t].amount, standing[t].on)]
    if missing:
        deal.fix_shares()
    for trigger in missing:
        amount, on = money[trigger]
        DealLine.create(**_line(deal.id, trigger, amount, on, key=f"{key}-{trigger}", by=by, at=clock.now()))


def reverse(lines: Sequence[DealLine], by: Person | None) -> None:
    """Take lines back by mirrored ones; a line is reversed once.

    A reversal is dated as its line, so that the month comes out as if it had never been, unless that month
    is settled: then it is dated today.
    """
    if not lines:
        return
    settled, today, at = Period.settled(), clock.today(), clock.now()
    rows = [
        {
            **_line(
                line.deal_id,
                line.trigger,
                -line.amount,
                today if clock.Month.of(line.on) in settled else line.on,
                key=None,
                by=by,
                at=at,
            ),
            "reverses": line.id,
            "reason": "import",
        }
        for line in lines
    ]
    for batch in chunked(rows, 500):
        DealLine.insert_many(batch).on_conflict_ignore().execute()


def lines_of(decisions: Sequence[Decision]) -> dict[int, list[DealLine]]:
    """The standing lines of the deals that are to be updated."""
    return standing_lines([d.record for d in decisions if isinstance(d.record, Deal)])
