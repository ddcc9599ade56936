"""Deals with their money, many at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from peewee import fn

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base import bulk
from portal.models.base.intake import Comparison, Intake, Source
from portal.models.base.record import Event, SearchOutbox, Stale
from portal.models.customers.customers import Customer
from portal.models.products.products import Product
from portal.models.sales.close_reasons import CHOOSE, MOST_REASONS, CloseReason, faults_of
from portal.models.sales.confirming import Confirmer
from portal.models.sales.deals import CLOSED_STAGES, OPEN_STAGES, WHOLE, Deal, DealReason, DealShare
from portal.models.sales.lines import DealLine, pays
from portal.models.sales.words import Stage
from portal.models.work.clocks import Clock

AmountsByTrigger = dict[str, tuple[int, date]]
"""What the ledger of a deal should say: amount in minor units and day, by trigger."""
_MONEY_FIELDS = {"stage", "amount", "closed_on"}


class DealIntake(Intake[Deal]):
    """Deals as a file brings them, open or closed: a won one with its contract, and its payment."""

    model = Deal
    parts = (DealLine.deal, DealShare.deal, DealReason.deal)

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._lines: dict[int, list[DealLine]] = {}
        """The standing lines of the deals that were compared last."""

    def complete(self, rows: Sequence[dict[str, Any]]) -> None:
        """A deal without a title is called after its product and customer."""
        untitled = [row for row in rows if not row.get("title")]
        names = {
            "product": _names(Product, {row.get("product") for row in untitled}),
            "customer": _names(Customer, {row.get("customer") for row in untitled}),
        }
        for row in untitled:
            parts = [known.get(row.get(column), "") for column, known in names.items()]
            row["title"] = (" · ".join(filter(None, parts)) or row["code"])[:200]

    def take_in(self, rows: Mapping[int, Mapping[str, Any]]) -> dict[int, int]:
        made = super().take_in(rows)
        at, shares, lines = clock.now(), list[dict[str, Any]](), list[dict[str, Any]]()
        for number, row in rows.items():
            money = _wanted(row, row.get("paid_on"))
            if money:
                share = {"deal": made[number], "person": row["owner"], "share": WHOLE}
                share |= {"created_at": at, "agreed_at": at}
                shares.append(share)
            for trigger, (amount, on) in money.items():
                key, payees = f"{self.source.key(number)}-{trigger}", {row["owner"]}
                lines.append(self._line(made[number], trigger, amount, on, key=key, payees=payees))
        why = [(made[number], reason) for number, row in rows.items() for reason in row.get("reasons", ())]
        bulk.insert(DealReason, [{"deal": one, "reason": each, "created_at": at} for one, each in why])
        bulk.insert(DealShare, shares)
        bulk.insert(DealLine, lines)
        self._await_confirmation(lines)
        Deal.await_debriefs({made[number]: row.get("closed_on") for number, row in rows.items()})
        return made

    def unfit(self, values: Mapping[str, Any]) -> Phrase | None:
        return self._unfit_reasons(values.get("reasons") or (), values.get("stage"))

    def _unfit_reasons(self, reasons: Collection[int], stage: str | None) -> Phrase | None:
        """Why these are not the reasons of a deal that ends so; what a file adds to the list fits always."""
        if len(set(reasons)) > MOST_REASONS:
            return CHOOSE
        known = [self._close_reasons[ident] for ident in reasons if ident in self._close_reasons]
        return faults_of(known, stage).get("reasons") if stage else None

    @cached_property
    def _close_reasons(self) -> dict[int, CloseReason]:
        return {each.id: each for each in CloseReason.select()}

    @classmethod
    def held(cls, name: str, ids: Collection[int]) -> dict[int, Any]:
        if name != "reasons":
            return super().held(name, ids)
        found: dict[int, Any] = dict.fromkeys(ids, ())
        for deal, reason in bulk.find((DealReason.deal, DealReason.reason), DealReason.deal, ids):
            found[deal] += (reason,)
        return found

    def compare(self, found: Sequence[tuple[Deal, Mapping[str, Any]]]) -> list[Comparison]:
        compared = super().compare(found)
        self._lines = standing_lines(deal.id for deal, _values in found)
        for (deal, values), one in zip(found, compared, strict=True):
            lines = self._lines.get(deal.id, [])
            if "stage" in one.changes and values["stage"] in OPEN_STAGES and deal.closed_on:
                one.changes["closed_on"] = None
            if _by_hand(lines):
                if _MONEY_FIELDS & one.changes.keys():
                    one.problem = Phrase("Money of this deal was recorded by hand. Change the deal itself.")
                continue
            unpaid = deal.is_won and {line.trigger for line in lines} == {"contract"}
            if values.get("paid_on") and (one.changes or unpaid):
                one.changes["paid_on"] = values["paid_on"]
        self._compare_reasons(found, compared)
        return compared

    def _compare_reasons(
        self, found: Sequence[tuple[Deal, Mapping[str, Any]]], compared: Sequence[Comparison]
    ) -> None:
        """Of a deal that ends otherwise than before nothing stays that it ended so for, but what the file
        says; one that is open has none.
        """
        held = self.held("reasons", {deal.id for deal, _values in found})
        for (deal, values), one in zip(found, compared, strict=True):
            before, stage = set(held[deal.id]), values.get("stage", deal.stage)
            said = set(values.get("reasons") or ()) if stage in CLOSED_STAGES else set[int]()
            turned = not deal.is_open and "stage" in one.changes
            if said != before and (said or turned):
                one.changes["reasons"] = sorted(said)
            more = said if turned else said - before
            one.problem = one.problem or self._unfit_reasons(more, stage)
            if more and len(said) > MOST_REASONS:
                one.problem = one.problem or CHOOSE

    def revise(self, record: Deal, changes: Mapping[str, Any], row: int) -> dict[str, Any]:
        lines, paid_on = self._lines.get(record.id, []), changes.get("paid_on")
        values = {name: value for name, value in changes.items() if name not in ("paid_on", "reasons")}
        before = super().revise(record, values, row) if values else {}
        if not values:  # nothing but why it ended so, or the money that came since
            record.touch({})
        if not values and paid_on is not None:
            told = {"amount": [None, record.amount], "trigger": [None, "payment"]}
            record.track("paid", by=self.by, changes=told)
        if "reasons" in changes:
            before["reasons"] = self._say_why(record, changes["reasons"])
        if not _by_hand(lines):
            before["lines"] = [
                [line.trigger, line.amount, line.on.isoformat(), not line.is_waiting] for line in lines
            ]
            paid = paid_on is not None or any(line.trigger == "payment" for line in lines)
            money = _wanted(record.__data__, record.closed_on if paid else None)
            self._settle(record, lines, money, self.source.key(row))
        if "stage" in values:
            record.follow_end()
        return before

    def _say_why(self, deal: Deal, reasons: Collection[int]) -> list[int]:
        """Write down why a deal ended so, in the place of what was said, which it gives."""
        held = sorted(self.held("reasons", [deal.id])[deal.id])
        if held != sorted(reasons):
            before, after = (
                deal.reasons,
                deal.keep_reasons(CloseReason.select().where(CloseReason.id.in_(reasons))),
            )
            told = [[names(each) for each in some] for some in (before, after)]
            deal.track("said why", by=self.by, changes={"reasons": told})
        return held

    @classmethod
    def recorded(cls, number: int) -> list[tuple[str, int, int]]:
        mine = DealLine.key.startswith(f"import-{number}-")
        again: Any = DealLine.alias()
        gone = again.select(again.reverses).where(again.reverses.is_null(False))
        standing = DealLine.select(DealLine.trigger, fn.COUNT(1), fn.SUM(DealLine.amount))
        found: Any = standing.where(mine & DealLine.id.not_in(gone)).group_by(DealLine.trigger)
        return sorted((trigger, count, int(total)) for trigger, count, total in found.tuples())

    def money(self, record: Deal | None, values: Mapping[str, Any]) -> Iterable[tuple[str, int, date]]:
        """Contract and payment of a won deal; where they are not those on record, these taken back too."""
        if record is None:
            return [(trigger, *line) for trigger, line in _wanted(values, values.get("paid_on")).items()]
        lines = self._lines.get(record.id, [])
        if not values or _by_hand(lines):
            return []
        facts, paid = {**record.__data__, **values}, any(line.trigger == "payment" for line in lines)
        wanted = _wanted(facts, facts["closed_on"] if paid or values.get("paid_on") else None)
        held = {line.trigger: (line.amount, line.on) for line in lines}
        back = [(x.trigger, -x.amount, x.on) for x in lines if wanted.get(x.trigger) != (x.amount, x.on)]
        return back + [(name, *line) for name, line in wanted.items() if line != held.get(name)]

    def put_back(self, record: Deal, before: Mapping[str, Any], row: int) -> None:
        beside = ("lines", "reasons")
        super().put_back(record, {name: v for name, v in before.items() if name not in beside}, row)
        if "reasons" in before:
            self._say_why(record, before["reasons"])
        if "lines" in before:
            lines = standing_lines([record.id]).get(record.id, [])
            money, confirmed = dict[str, tuple[int, date]](), set[str]()
            for trigger, amount, on, *known in before["lines"]:
                money[trigger] = amount, date.fromisoformat(on)
                confirmed |= {trigger} if known != [False] else set()  # what counted before counts again
            key = f"import-undo-{self.source.number}-{row}"
            self._settle(record, lines, money, key, confirmed=confirmed)
        if "stage" in before:
            record.follow_end()

    def take_back(self, records: Sequence[Deal]) -> set[int]:
        """Deals with lines in the ledger, which is never cut, stay as its anchor: reversed and archived."""
        standing = standing_lines(deal.id for deal in records)
        super().take_back([deal for deal in records if deal.id not in standing])
        anchors = [deal for deal in records if deal.id in standing]
        self._reverse([line for deal in anchors for line in standing[deal.id]])
        DealReason.delete().where(DealReason.deal.in_([deal.id for deal in anchors])).execute()
        at = clock.now()
        blank = {"code": None, "stage": Stage.NEGOTIATION, "closed_on": None, "archived_at": at}
        for version in {deal.version for deal in anchors}:
            ids = [deal.id for deal in anchors if deal.version == version]
            fresh = bulk.among(Deal.id, ids) & (Deal.version == version)
            stamps = {"version": version + 1, "updated_at": at}
            if Deal.update({**blank, **stamps}).where(fresh).execute() != len(ids):
                raise Stale(anchors[0].fresh())
        told = [(deal.id, deal.customer_id, {"code": [deal.code, None]}) for deal in anchors]
        Event.leave_many(Deal.kind(), told, "import undone", by=self.by)
        Clock.stop_many(Deal.kind(), "debrief", [deal.id for deal in records])
        SearchOutbox.note(Deal.kind(), standing)
        return set(standing)

    def _settle(
        self,
        deal: Deal,
        lines: Sequence[DealLine],
        money: AmountsByTrigger,
        key: str,
        *,
        confirmed: Collection[str] = (),
    ) -> None:
        """Make the ledger say what it should: what no longer holds is reversed, what is missing recorded."""
        held = {line.trigger: (line.amount, line.on) for line in lines}
        self._reverse([line for line in lines if money.get(line.trigger) != (line.amount, line.on)])
        missing = [trigger for trigger in money if money[trigger] != held.get(trigger)]
        if missing:
            deal.fix_shares()
        payees, made = set(deal.shares()) if missing else set(), list[dict[str, Any]]()
        for trigger in missing:
            amount, on = money[trigger]
            line = self._line(deal.id, trigger, amount, on, key=f"{key}-{trigger}", payees=payees)
            if trigger in confirmed:
                line["confirmed_at"] = clock.now()
            DealLine.create(**line)
            made.append(line)
        self._await_confirmation(made)

    def _reverse(self, lines: Sequence[DealLine]) -> None:
        """Take lines back by mirrored ones; a line is reversed once.

        A reversal is dated as its line, so that the month comes out as if it had never been, unless that
        month is settled: then it is dated today.
        """
        if not lines:
            return
        settled, today, rows = self.source.settled(), clock.today(), []
        for line in lines:
            on = today if clock.Month.of(line.on) in settled else line.on
            row = self._line(line.deal_id, line.trigger, -line.amount, on, key=None)
            rows.append({**row, "reverses": line.id, "reason": "import"})
        bulk.insert(DealLine, rows, ignore=True)
        DealLine.no_longer_awaited(lines)

    def _line(
        self,
        deal: int,
        trigger: str,
        amount: int,
        on: date,
        *,
        key: str | None,
        payees: Collection[int] = (),
    ) -> dict[str, Any]:
        """A line as it is written; it is confirmed where who brings it may do so (RULES 4.1), or where it
        pays nobody.
        """
        facts = {"deal": deal, "trigger": trigger, "amount": amount, "on": on, "key": key}
        facts |= {"recorded_by": self.by, "created_at": clock.now()}
        if amount > 0 and not self._pays(trigger, clock.Month.of(on)):
            facts |= {"confirmed_by": None, "confirmed_at": clock.now()}
        elif amount > 0 and (who := self._confirms(payees)):
            facts |= {"confirmed_by": who, "confirmed_at": clock.now()}
        return facts

    def _pays(self, trigger: str, month: clock.Month) -> bool:
        """Whether an event of a month may pay, asked once for all rows."""
        if (trigger, month) not in self._paying:
            self._paying[trigger, month] = pays(trigger, month.first_day)
        return self._paying[trigger, month]

    @cached_property
    def _paying(self) -> dict[tuple[str, clock.Month], bool]:
        return {}

    def _confirms(self, payees: Collection[int]) -> Any:
        """Who answers for what may pay: nobody where none is named, also on the command line."""
        who = self.source.paid_by or self.by
        return who if self._confirmer is not None and self._confirmer.may(payees, None) else None

    @cached_property
    def _confirmer(self) -> Confirmer | None:
        who = self.source.paid_by or self.by
        return Confirmer(who) if who is not None else None

    def _await_confirmation(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Ask finance once for all of an import that waits."""
        if any("confirmed_at" not in line for line in lines):
            DealLine.await_import(self.source.number)


def standing_lines(deals: Iterable[int]) -> dict[int, list[DealLine]]:
    """For the deals that have lines, those that are neither reversed nor reversals."""
    found: dict[int, list[DealLine]] = {}
    for line in sorted(bulk.read(DealLine, DealLine.deal, deals), key=lambda line: line.id):
        found.setdefault(line.deal_id, []).append(line)
    return {deal: DealLine.standing_among(lines) for deal, lines in found.items()}


def _wanted(facts: Mapping[str, Any], paid_on: date | None) -> AmountsByTrigger:
    if facts.get("stage") != Stage.WON or not facts.get("amount") or facts.get("closed_on") is None:
        return {}
    money = {"contract": (facts["amount"], facts["closed_on"])}
    return money | ({"payment": (facts["amount"], paid_on)} if paid_on is not None else {})


def _by_hand(lines: Iterable[DealLine]) -> bool:
    return any(not (line.key or "").startswith("import-") for line in lines)


def _names(model: Any, ids: set[int | None]) -> dict[int | None, str]:
    return dict(bulk.find((model.id, model.name), model.id, ids - {None}))
