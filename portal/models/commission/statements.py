"""A person's commission for a month, kept for ever once the month is closed: every line with its sources."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, Self, cast

from peewee import JOIN, SQL, CharField, Check, ForeignKeyField, IntegerField, JSONField, ModelSelect, chunked

from portal import clock
from portal.clock import Month
from portal.i18n import Phrase
from portal.models.base import bulk, guards
from portal.models.base.fields import MoneyField, MonthField, NameField, RateField, UtcDateTimeField
from portal.models.base.record import Record
from portal.models.commission.adjustments import Adjustment
from portal.models.commission.calculation import (
    REVOKED,
    CalculatedLine,
    Counted,
    Earning,
    LineKind,
    MonthFacts,
    Reckoning,
)
from portal.models.commission.periods import Period
from portal.models.commission.policies import Policy
from portal.models.commission.terms import WHOLE, Terms
from portal.models.commission.words import STATEMENT
from portal.models.experiences.experiences import Experience
from portal.models.people.people import Person
from portal.models.sales.deals import Deal
from portal.models.sales.lines import DealLine

_BATCH = 100
"""So many statements are written with their lines at a time."""


class Statement(Record):
    """What one person is paid for one month. A preview keeps these totals alone; lines come at the close."""

    called = STATEMENT

    period = ForeignKeyField(Period, on_delete="RESTRICT", index=False)
    period_id: int
    month = MonthField()
    person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    person_id: int
    payee_no = NameField(40, default="")
    payee_name = NameField(120)
    """As they were at the close: payroll files stay the same for ever."""
    policy = ForeignKeyField(Policy, null=True, on_delete="RESTRICT")
    policy_id: int | None
    counted = IntegerField(default=0)
    """Accepted experiences, in millionths."""
    threshold = IntegerField(default=0)
    """How many the first tier asked for."""
    bonus_rate = RateField(default=0)
    base = MoneyField(default=0)
    """The deals' money it is reckoned on."""
    bonus = MoneyField(default=0)
    """How much of the total the experiences added."""
    total = MoneyField(default=0, verbose_name=Phrase("Total"))
    change = MoneyField(null=True)
    """What the total differs by from that of the month before; empty while that was not closed."""
    inputs = JSONField(default=dict)
    """What it was reckoned from: deal lines, experiences with their versions and shares, adjustments."""
    digest = CharField(64, default="")
    """SHA-256 over the inputs and the lines."""

    class Meta:
        indexes = (
            (("period", "person"), True),
            (("person", "month"), False),
            (("period", "total", "id"), False),
            (("period", "payee_name", "id"), False),
            (("period", "change", "id"), False),
        )
        constraints = [Check("total >= 0")]

    @classmethod
    def create_table(cls, safe: bool = True, **options: Any) -> Any:
        super().create_table(safe, **options)
        settled = "(SELECT state FROM period WHERE id = {}.period_id) IN ('closed', 'paid')"
        guards.forbid_changes("statement", when=settled.format("OLD"))
        guards.forbid_insert("statement", when=settled.format("NEW"))

    @classmethod
    def of(cls, person: Person, month: Month) -> Statement | None:
        """A person's statement of a closed month."""
        found: Statement | None = (
            cls.select(cls, Period, Policy)
            .join(Period)
            .switch(cls)
            .join(Policy, JOIN.LEFT_OUTER)
            .where((cls.person == person) & (cls.month == month) & Period.is_settled())
            .first()
        )
        return found

    @classmethod
    def beside(cls, person: Person, month: Month) -> tuple[dict[Month, Period], Self | None]:
        """Every month that anyone previewed or closed, and a person's statement of one, if it is closed."""
        mine = (cls.period == Period.id) & (cls.person == person) & (Period.month == month)
        query = Period.select(Period, cls, Policy).join(cls, JOIN.LEFT_OUTER, on=mine, attr="kept")
        periods = {period.month: period for period in query.join(Policy, JOIN.LEFT_OUTER)}
        period = periods.get(month)
        found: Self | None = getattr(period, "kept", None) if period and period.is_closed else None
        if found is not None and period is not None:
            found.period = period
        return periods, found

    @classmethod
    def closed_of(cls, person: Person) -> ModelSelect[Self]:
        """A person's statements of closed months, newest first."""
        return (
            cls.select(cls, Period)
            .join(Period)
            .where((cls.person == person) & Period.is_settled())
            .order_by(cls.month.desc())
        )

    @staticmethod
    def readable_by(person: Person, payee: Person) -> bool:
        """The payee, their managers, finance and the auditor (RULES 4.10)."""
        return person.id == payee.id or person.is_finance or person.is_auditor or person.leads(payee)

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        if person.is_finance or person.is_auditor:
            return cls.select()
        return cls.select().where(cls.person.in_([person.id, *person.team]))

    @property
    def url(self) -> str:
        return self.page_of(self.month, self.person_id)

    @staticmethod
    def page_of(month: Month, person: int) -> str:
        """Where the statement of a person stands, also before it is reckoned."""
        return f"/commission/statements/{month}/{person}"

    @property
    def asked(self) -> int:
        """How many whole experiences reached the first tier; 0 where there was none."""
        above = self.policy is not None and self.policy.operator == ">"
        return self.threshold + above if self.threshold else 0

    @property
    def counted_apart(self) -> list[int]:
        """What counted by the rule of a group left within the month alone."""
        return list(self.inputs.get("apart", ()))

    def acknowledge(self, *, by: Person) -> None:
        """The payee has seen it; twice is harmless."""
        values = {"statement": self, "at": clock.now(), "created_at": clock.now()}
        if by.id == self.person_id and Acknowledgement.insert(values).on_conflict_ignore().execute():
            self.track("acknowledged", by=by)

    @classmethod
    def keep(
        cls, period: Period, reckonings: Sequence[Reckoning], policies: Sequence[Policy], *, lines: bool
    ) -> str:
        """Store everyone's reckoning in place of an earlier preview; gives the digest of all.

        Refused by the database for a closed period.
        """
        cls.delete().where(cls.period == period).execute()
        known = {policy.id for policy in policies}
        names = {ident: (no, name) for ident, no, name in _names(reckonings)}
        before = cls._totals_of(period.month.previous)
        at, all_digests = clock.now(), hashlib.sha256()
        for some in chunked(reckonings, _BATCH):
            rows = []
            for one in some:
                change = None if before is None else one.total - before.get(one.person, 0)
                head = _head(period, one, names[one.person], known)
                rows.append(head | {"created_at": at, "change": change})
                all_digests.update(rows[-1]["digest"].encode())
            bulk.insert(cls, rows)
            if lines:
                heads = cls.select(cls.person, cls.id).where(
                    (cls.period == period) & cls.person.in_([one.person for one in some])
                )
                ids = dict(cast("Iterable[Any]", heads.tuples()))
                made = [row for one in some for row in _lines(ids[one.person], one, at)]
                Line.append(made)
        return all_digests.hexdigest()

    @classmethod
    def _totals_of(cls, month: Month) -> dict[int, int] | None:
        """By person: what a closed month pays them; None while it is not closed."""
        if not Period.of(month).is_closed:
            return None
        rows = cls.select(cls.person, cls.total).where(cls.month == month)
        return dict(cast("Iterable[Any]", rows.tuples()))

    def reckoning(self, lines: Sequence[Line] | None = None) -> Reckoning:
        """The statement as it was reckoned, read back from its lines and frozen inputs."""
        terms = self.policy.terms if self.policy else Terms(0, 0, tiers=())
        frozen = self.inputs.get("experiences", [])
        found = {e.id: e for e in Experience.select().where(Experience.id.in_([e[0] for e in frozen]))}
        counted = tuple(
            Counted(
                ident,
                found[ident].title if ident in found else "",
                share,
                found[ident].first_submitted_at if ident in found else None,
                found[ident].decided_at if ident in found else None,
                version,
            )
            for ident, version, share in frozen
        )
        calculated = tuple(line.calculated for line in (Line.of(self) if lines is None else lines))
        employed, away = (Fraction(self.inputs.get(*one)) for one in (("employed", "1"), ("away", "0")))
        facts = MonthFacts(self.month, terms, counted, employed, away=away)
        return Reckoning(self.person_id, facts, calculated)


def _names(reckonings: Sequence[Reckoning]) -> list[tuple[int, str, str]]:
    wanted = {one.person for one in reckonings}
    query = Person.select(Person.id, Person.employee_no, Person.name)
    rows = cast("Iterable[Any]", query.tuples())
    return [(ident, no or "", name) for ident, no, name in rows if ident in wanted]


def _head(period: Period, one: Reckoning, payee: tuple[str, str], policies: set[int]) -> dict[str, Any]:
    facts = one.facts
    inputs: dict[str, Any] = {
        "policy": facts.terms.policy,
        "lines": sorted(e.earning.line for e in one.lines if e.earning),
        "experiences": [[c.experience, c.version, c.share] for c in facts.experiences],
        "adjustments": [e.adjustment for e in one.lines if e.adjustment],
    }
    if facts.employed != 1:
        inputs["employed"] = str(facts.employed)
    if facts.away:
        inputs["away"] = str(facts.away)
    if one.counted_apart:
        inputs["apart"] = one.counted_apart
    return {
        "period": period.id,
        "month": period.month,
        "person": one.person,
        "payee_no": payee[0],
        "payee_name": payee[1],
        "policy": facts.terms.policy if facts.terms.policy in policies else None,
        "counted": facts.counted,
        "threshold": min(
            (facts.terms.threshold(tier, facts.employed, facts.away) for tier in facts.terms.tiers), default=0
        ),
        "bonus_rate": facts.bonus,
        "base": one.base,
        "bonus": one.bonus,
        "total": one.total,
        "inputs": inputs,
        "digest": digest(one, inputs),
    }


def digest(one: Reckoning, inputs: dict[str, Any]) -> str:
    """SHA-256 over what a statement was reckoned from and what came of it."""
    lines = [
        [e.key, e.kind, str(e.about), e.amount, e.bonus, e.base, e.rate, e.bonus_rate] for e in one.lines
    ]
    content = {"person": one.person, "month": str(one.facts.month), "inputs": inputs, "lines": lines}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _lines(statement: int, one: Reckoning, at: Any) -> list[dict[str, Any]]:
    return [
        {
            "created_at": at,
            "statement": statement,
            "person": one.person,
            "position": position,
            "kind_of": line.kind,
            "about": line.about,
            "deal_line": line.earning.line if line.earning else None,
            "base": line.base,
            "money": line.earning.amount if line.earning and line.earning.whole is not None else None,
            "share": line.share,
            "rate": line.rate,
            "bonus_rate": line.bonus_rate,
            "bonus_mode": line.bonus_mode,
            "amount": line.amount,
            "bonus": line.bonus,
            "policy": line.policy or None,
            "adjustment": line.adjustment,
            "why": line.why.msgid if line.why else "",
            "why_values": line.why.values if line.why else {},
            "experiences": list(line.experiences),
            "key": line.key,
        }
        for position, line in enumerate(one.lines, 1)
    ]


class Line(Record):
    """One line of a closed statement: append-only. Its key is what pays nothing twice."""

    statement = ForeignKeyField(Statement, on_delete="RESTRICT", index=False)
    statement_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    person_id: int
    position = IntegerField()
    kind_of = CharField(12, column_name="kind")
    about = MonthField()
    """The month it is about; the statement's own, but for corrections."""
    deal_line = ForeignKeyField(DealLine, null=True, on_delete="RESTRICT")
    deal_line_id: int | None
    base = MoneyField(null=True)
    money = MoneyField(null=True)
    """How much of the deal's money it is reckoned on, where that is not all of it."""
    share = RateField(default=WHOLE)
    rate = RateField(default=0)
    bonus_rate = RateField(default=0)
    bonus_mode = CharField(20, default="percentage_points")
    amount = MoneyField()
    bonus = MoneyField(default=0)
    policy = ForeignKeyField(Policy, null=True, on_delete="RESTRICT", index=False)
    policy_id: int | None
    adjustment = ForeignKeyField(Adjustment, null=True, unique=True, on_delete="RESTRICT")
    adjustment_id: int | None
    why = NameField(600, default="")
    """An English msgid, translated when shown."""
    why_values = JSONField(default=dict)
    experiences = JSONField(default=list)
    key = CharField(120, unique=True)

    class Meta:
        indexes = (
            (("statement", "position"), True),
            (("person", "about"), False),
        )
        constraints = [
            Check("kind IN ('deal', 'reversal', 'true-up', 'adjustment', 'carry', 'cap')"),
            Check("(kind = 'adjustment') = (adjustment_id IS NOT NULL)"),
        ]

    @classmethod
    def create_table(cls, safe: bool = True, **options: Any) -> Any:
        super().create_table(safe, **options)
        guards.forbid_changes("line")
        guards.forbid_insert(
            "line",
            when=(
                "(SELECT period.state FROM statement JOIN period ON period.id = statement.period_id "
                "WHERE statement.id = NEW.statement_id) IN ('closed', 'paid')"
            ),
        )

    @classmethod
    def append(cls, rows: Sequence[dict[str, Any]]) -> None:
        """Store many lines."""
        if rows:
            bulk.insert(cls, rows)

    @classmethod
    def of(cls, statement: Statement) -> list[Line]:
        """A statement's lines with their deals, in order."""
        return list(
            cls.select(cls, DealLine, Deal)
            .join(DealLine, JOIN.LEFT_OUTER)
            .join(Deal, JOIN.LEFT_OUTER)
            .where(cls.statement == statement)
            .order_by(cls.position)
        )

    @property
    def reason(self) -> Phrase:
        """Why it is there. Older lines name what was revoked, by titles from which nothing is taken out."""
        values = {name: value for name, value in self.why_values.items() if name != "titles"}
        words = REVOKED.msgid if "titles" in self.why_values else self.why
        return Phrase(words, **values)

    @property
    def calculated(self) -> CalculatedLine:
        """The line as it was reckoned."""
        earning = None
        row = self.deal_line
        if row is not None:
            origin = None
            amount = row.amount if self.money is None else self.money
            if row.reverses_id:
                origin = Earning(row.reverses_id, row.deal_id, row.deal.title, row.on, self.about, -amount)
            earning = Earning(
                row.id,
                row.deal_id,
                row.deal.title,
                row.on,
                Month.of(row.on),
                amount,
                self.share,
                self.base or 0,
                row.deal.product_id,
                reverses=origin,
                policy=self.policy_id or 0,
                whole=None if self.money is None else row.amount,
            )
        return CalculatedLine(
            LineKind(self.kind_of),
            self.amount,
            self.about,
            self.reason if self.why else None,
            bonus=self.bonus,
            base=self.base,
            share=self.share,
            rate=self.rate,
            bonus_rate=self.bonus_rate,
            bonus_mode=self.bonus_mode,
            policy=self.policy_id,
            earning=earning,
            adjustment=self.adjustment_id,
            experiences=tuple(self.experiences),
            key=self.key,
        )


# Of a million lines a few correct a month; a database takes the index for these very words.
CORRECTS = SQL("kind IN ('reversal', 'true-up')")
Line.add_index(Line.about, where=CORRECTS, name="line_corrects")


class Acknowledgement(Record):
    """The payee has seen a statement."""

    statement = ForeignKeyField(Statement, unique=True, on_delete="RESTRICT")
    statement_id: int
    at = UtcDateTimeField(default=clock.now)
