"""What a company pays for: commission policies, version by version, each approved by a second person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any, Self

from peewee import BooleanField, CharField, Check, ForeignKeyField, IntegerField, JSONField, ModelSelect, fn

from portal import clock, i18n
from portal.clock import Month
from portal.i18n import Phrase
from portal.models.base import guards
from portal.models.base.database import db
from portal.models.base.fields import (
    MoneyField,
    MonthField,
    NameField,
    RateField,
    StateField,
    TextField,
    UtcDateTimeField,
)
from portal.models.base.record import Editable, Event, Invalid, Record
from portal.models.commission.periods import Period
from portal.models.commission.terms import REQUIRED_FACTS, WHOLE, Terms, Tier
from portal.models.commission.words import POLICY, PolicyState
from portal.models.company.departments import Department
from portal.models.people.approvals import Approval
from portal.models.people.hands import FROM_ONE_HAND, are_one_hand
from portal.models.people.needs import SECOND
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role, RoleGrant
from portal.models.sales.lines import DealLine, tells_what_pays

COUNT_BY = {
    "submitted_at": Phrase("The month in which it was submitted"),
    "decided_at": Phrase("The month in which it was accepted"),
}
OPERATORS = {">=": Phrase("At least the threshold"), ">": Phrase("More than the threshold")}
BONUS_MODES = {
    "percentage_points": Phrase("Percentage points: the rate itself rises"),
    "relative_percent": Phrase("Relative percent: the commission rises by that part of itself"),
}
EARN_TRIGGERS = {
    "payment": Phrase("Payment received"),
    "contract": Phrase("Contract signed"),
    "delivery": Phrase("Delivered"),
    "invoice": Phrase("Invoiced"),
}
JURISDICTIONS = {
    "": Phrase("Nobody said yet"),
    "cn": Phrase("Mainland China: at most 20 % of a month's wage, and nothing under the minimum wage"),
    "other": Phrase("Elsewhere: as its law and the contract say"),
}
MAINLAND_SHARE = 200_000
"""The most of a month's wage that may be taken back there, in millionths (RULES 4.1)."""
EXAMPLE = 1_000_000
"""The amount on which the two readings of a bonus are compared."""


class Policy(Editable):
    """One version of how commission is reckoned. Approved, it never changes: the next version does."""

    called = POLICY

    was_read: bool
    """Whether whom it was read for has read it (`approved`)."""
    name = NameField(120, verbose_name=Phrase("Name"))
    department = ForeignKeyField(
        Department, null=True, on_delete="RESTRICT", verbose_name=Phrase("Department")
    )
    """Whom it covers, with everyone below; empty: the whole company. The nearest one wins."""
    department_id: int | None
    effective_from = MonthField()
    state = StateField(PolicyState, max_length=10, default=PolicyState.DRAFT, verbose_name=Phrase("State"))
    base_rate = RateField(default=20_000)
    rates = JSONField(default=dict)
    """Base rates that differ: millionths by product id."""
    tiers = JSONField(default=lambda: [[2, 500]])
    """[threshold, bonus in millionths]; the highest reached counts, they do not stack."""
    operator = CharField(2, default=">=")
    count_by = CharField(20, default="submitted_at")
    bonus_mode = CharField(20, default="percentage_points")
    earn_trigger = CharField(20, default="payment")
    preview_working_day = IntegerField(default=2)
    close_working_day = IntegerField(default=5)
    revocation_months = IntegerField(default=6)
    max_recovery_share = RateField(default=200_000)
    base_wage = MoneyField(default=0)
    """The fixed monthly wage that the recovery share is reckoned on beside the commission; 0: unknown."""
    minimum_wage = MoneyField(default=0)
    """What must be left after recovery; 0: no floor but zero."""
    cap = MoneyField(default=0)
    """The most that the deals of a month pay one person; 0: no cap."""
    uses_needed = IntegerField(default=0)
    """An experience counts once it worked for so many colleagues; 0: once it is accepted."""
    use_days = IntegerField(default=60)
    """Within so many days of its acceptance."""
    proration = BooleanField(default=False)
    leave_prorates = BooleanField(default=False)
    """Whether days of leave that somebody else noted lower the threshold."""
    counts_after_leaving = BooleanField(default=True)
    requires = JSONField(default=lambda: ["customer", "product"])
    jurisdiction = CharField(10, default="")
    """Whose law bounds what is taken back from wages; empty: nobody said."""
    recovery_text = TextField(default="")
    note = TextField(default="", verbose_name=Phrase("Note"))
    """Why this version differs from the last."""
    drafted_by = ForeignKeyField(Person, on_delete="RESTRICT", backref="policies_drafted")
    drafted_by_id: int
    proposed_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="policies_proposed")
    proposed_by_id: int | None
    proposed_at = UtcDateTimeField(null=True)
    back_test = JSONField(default=list)
    """What the last closed months would have cost under it: [month, paid, would be], in minor units."""

    class Meta:
        indexes = ((("state", "effective_from"), False),)
        constraints = [
            Check("state IN ('draft', 'proposed', 'approved')"),
            Check("operator IN ('>=', '>')"),
            Check("count_by IN ('submitted_at', 'decided_at')"),
            Check("bonus_mode IN ('percentage_points', 'relative_percent')"),
            Check("earn_trigger IN ('contract', 'delivery', 'invoice', 'payment')"),
            Check("base_rate >= 0 AND base_rate <= 1000000"),
            Check("max_recovery_share >= 0 AND max_recovery_share <= 1000000"),
            Check("cap >= 0"),
            Check("uses_needed >= 0"),
            Check("use_days >= 1"),
            Check("jurisdiction IN ('', 'cn', 'other')"),
        ]

    @classmethod
    def create_table(cls, safe: bool = True, **options: Any) -> Any:
        super().create_table(safe, **options)
        guards.forbid_changes("policy", when="OLD.state = 'approved'")

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """Approved versions, and to those who keep them also drafts and proposals."""
        return cls.select() if cls.kept_by(person) else cls.select().where(cls.state == "approved")

    @classmethod
    def kept_by(cls, person: Person) -> bool:
        """Who sees versions that are not approved yet."""
        return person.is_finance or person.is_administrator or person.is_auditor

    @classmethod
    def draftable_by(cls, person: Person) -> bool:
        return person.is_finance

    def editable_by(self, person: Person) -> bool:
        return person.is_finance

    def approvable_by(self, person: Person) -> bool:
        """The approver, or an administrator; nobody who wrote on it or proposed it."""
        allowed = person.does(Role.APPROVER) or person.is_administrator
        return allowed and person.id not in self._writers()

    def _writers(self) -> set[int]:
        wrote = Event.about(self).where(Event.verb.in_(["drafted", "edited", "proposed"]))
        found = {self.drafted_by_id, self.proposed_by_id, *(event.actor for event in wrote)}
        return {one for one in found if one is not None}

    @classmethod
    def draft(cls, *, by: Person, **facts: Any) -> Policy:
        """Begin a version. Raises Invalid for terms that cannot be."""
        values = _checked(facts)
        with db.atomic():
            policy = cls.create(drafted_by=by, **values)
            policy.track("drafted", by=by)
        return policy

    def redraft(self, *, by: Person, version: int | None = None, **facts: Any) -> None:
        """Change a version that nobody approved yet. Raises Invalid and Stale."""
        self._must_be("draft")
        self.edit(by=by, version=version, **_checked(facts))
        self.__dict__.pop("terms", None)

    def propose(self, *, by: Person, back_test: Iterable[Iterable[Any]] = ()) -> None:
        """Put it before a second person; twice is harmless. Raises Invalid when its month is closed."""
        if self.state == "proposed":
            return
        self._must_be("draft")
        self._must_be_new()
        with db.atomic():
            facts = {"proposed_by": by, "proposed_at": clock.now(), "back_test": list(back_test)}
            if self._move("draft", "proposed", **facts):
                self.track("proposed", by=by)
                text = Phrase("The policy %(name)s waits for a second pair of eyes.", name=self.name)
                Approval.ask(self, "approval", text, by=by, who=SECOND, but=[self.drafted_by_id])
                self._tell_approvers(by, text)

    def send_back(self, *, by: Person, reason: str) -> None:
        """Return a proposal to its author with what is wrong with it; twice is harmless."""
        if not reason.strip():
            raise Invalid({"reason": Phrase("Say what should change.")})
        proposer = self.proposed_by_id
        with db.atomic():
            if self._move("proposed", "draft", proposed_by=None, proposed_at=None) and proposer:
                if by.id == proposer:
                    Approval.withdraw(self, "approval")
                else:
                    Approval.settle(self, "approval", by=by, approve=False)
                self.track("sent_back", by=by, changes={"reason": [None, reason.strip()]})
                text = Phrase(
                    "The policy %(name)s came back: %(reason)s", name=self.name, reason=reason.strip()
                )
                Notice.tell(proposer, text, about=self)

    def approve(self, *, by: Person, compared: bool = True) -> None:
        """Make it the rule from its month on; twice is harmless. Raises Invalid."""
        if self.state == "approved":
            return
        self._must_be("proposed")
        if by.id in self._writers():
            raise Invalid(Phrase("Someone other than the author has to approve this."))
        if are_one_hand(self._writers(), by.id, duty=Role.APPROVER):
            raise Invalid(FROM_ONE_HAND)
        if not compared:
            raise Invalid({"compared": self._readings_differ()})
        self._must_be_new()
        with db.atomic():
            taken = PolicyApproval.insert(
                policy=self, by=by, at=clock.now(), scope=self.scope, effective_from=self.effective_from
            ).on_conflict_ignore()
            if not taken.execute():
                raise Invalid({"effective_from": OVERLAP})
            if not self._move("proposed", "approved"):
                raise Invalid(Phrase("This version was changed meanwhile. Open it again."))
            Approval.settle(self, "approval", by=by, approve=True)
            self.track("approved", by=by)
            if self.effective_from.first_day <= clock.today():
                DealLine.ask_again(self.earn_trigger, self.effective_from.first_day)
            text = Phrase("The policy %(name)s is approved.", name=self.name)
            Notice.tell(self.drafted_by_id, text, about=self)

    def acknowledge(self, *, by: Person) -> None:
        """A payee has read it; twice is harmless."""
        values = {"policy": self, "person": by, "created_at": clock.now()}
        if self.state == "approved" and PolicyAcknowledgement.insert(values).on_conflict_ignore().execute():
            self.track("acknowledged", by=by)

    def _move(self, before: str, after: str, **values: Any) -> bool:
        """Change the state if nobody did meanwhile."""
        where = (Policy.id == self.id) & (Policy.state == before)
        values |= {"state": after, "version": Policy.version + 1, "updated_at": clock.now()}
        done = bool(Policy.update(**values).where(where).execute())
        if done:
            current = self.fresh()
            self.__data__.update(current.__data__)
        return done

    def _must_be(self, state: str) -> None:
        if self.state != state:
            raise Invalid(Phrase("This version is approved or proposed and stays as it is. Draft a new one."))

    def _must_be_new(self) -> None:
        if Period.select().where((Period.month >= self.effective_from) & Period.is_settled()).exists():
            raise Invalid({"effective_from": Phrase("A month from then on is closed. Choose a later one.")})
        if PolicyApproval.holds(self.scope, self.effective_from):
            raise Invalid({"effective_from": OVERLAP})
        if self.effective_from <= Month.of(clock.today()) and not self._is_first():
            raise Invalid({"effective_from": BEGUN})

    @property
    def hindrance(self) -> str:
        """Why nobody can approve it for its month any more; '' where they can."""
        try:
            self._must_be_new()
        except Invalid as invalid:
            return invalid.errors["effective_from"]
        return ""

    def _is_first(self) -> bool:
        """Whether it may begin earlier, so that a company can start: while no month is closed and nobody whom
        it covers has a policy yet, nothing that was promised changes.
        """
        scopes = {"", self.scope}
        if self.department_id:
            scopes |= {scope_of(above) for above in Department.with_ancestors([self.department_id])}
        covered = PolicyApproval.select().where(PolicyApproval.scope.in_(sorted(scopes)))
        return not covered.exists() and not Period.settled()

    def _tell_approvers(self, by: Person, text: Phrase) -> None:
        holders = RoleGrant.select(RoleGrant.person).where(
            RoleGrant.role.in_([Role.FINANCE, Role.ADMINISTRATOR]) & (RoleGrant.person != by)
        )
        for grant in holders.distinct():
            Notice.tell(grant.person_id, text, about=self)

    @property
    def scope(self) -> str:
        """Whom it covers, as the unique key of approvals."""
        return scope_of(self.department_id)

    @cached_property
    def terms(self) -> Terms:
        """Its numbers, for reckoning."""
        return Terms(
            policy=self.id,
            base_rate=self.base_rate,
            tiers=tuple(Tier(threshold, bonus) for threshold, bonus in self.tiers),
            rates={int(product): rate for product, rate in self.rates.items()},
            operator=self.operator,
            count_by=self.count_by,
            bonus_mode=self.bonus_mode,
            earn_trigger=self.earn_trigger,
            proration=self.proration,
            counts_after_leaving=self.counts_after_leaving,
            max_recovery_share=self.max_recovery_share,
            base_wage=self.base_wage,
            minimum_wage=self.minimum_wage,
            revocation_months=self.revocation_months,
            requires=tuple(self.requires),
            cap=self.cap,
            uses_needed=self.uses_needed,
            use_days=self.use_days,
            leave_prorates=self.leave_prorates,
        )

    @property
    def mode_label(self) -> Phrase:
        return BONUS_MODES[self.bonus_mode]

    @property
    def count_label(self) -> Phrase:
        return COUNT_BY[self.count_by]

    @property
    def trigger_label(self) -> Phrase:
        return EARN_TRIGGERS[self.earn_trigger]

    @property
    def jurisdiction_label(self) -> Phrase:
        return JURISDICTIONS[self.jurisdiction]

    @property
    def requires_labels(self) -> list[Phrase]:
        return [REQUIRED_FACTS[name] for name in self.requires]

    @property
    def example(self) -> int:
        """The amount on which the two readings of its bonus are compared, in minor units."""
        return i18n.minor(EXAMPLE)

    def readings(self) -> list[tuple[str, Phrase, int, int]]:
        """The first tier on the example under both readings: mode, words, commission without and with."""
        first = self.terms.tiers[0] if self.terms.tiers else Tier(0, 0)
        return [
            (mode, BONUS_MODES[mode], terms.commission(self.example, rate=terms.base_rate), with_bonus)
            for mode in BONUS_MODES
            for terms in [Terms(self.id, self.base_rate, bonus_mode=mode)]
            for with_bonus in [terms.commission(self.example, rate=terms.base_rate, bonus=first.bonus)]
        ]

    def _readings_differ(self) -> Phrase:
        less, more = sorted(with_bonus - without for _, _, without, with_bonus in self.readings())
        return Phrase(
            "Compare the two readings first: one adds %(more)s to the example, the other %(less)s.",
            more=i18n.money(more),
            less=i18n.money(less),
        )

    @classmethod
    def approved(cls, *, reader: Person | None = None) -> list[Policy]:
        """Every version in force at some time, latest first; `reader`: who may have read it."""
        read = PolicyAcknowledgement.select(1).where(
            (PolicyAcknowledgement.policy == cls.id) & (PolicyAcknowledgement.person == reader)
        )
        told = [fn.EXISTS(read).alias("was_read")] if reader is not None else []
        found = cls.select(cls, *told).where(cls.state == "approved")
        return list(found.order_by(cls.effective_from.desc(), cls.id.desc()))


@tells_what_pays
def policies_pay(trigger: str, on: date) -> bool:
    """Whether a version pays anyone on such an event of a day: then its payee's word alone is not enough."""
    since, later = Month.of(on), Policy.alias()
    same = (later.department == Policy.department) | (
        later.department.is_null() & Policy.department.is_null()
    )
    begun = (later.effective_from > Policy.effective_from) & (later.effective_from <= since)
    over = later.select(later.id).where(same & begun & (later.state == "approved"))
    held = (Policy.state == "approved") & (Policy.effective_from <= since) & ~fn.EXISTS(over)
    return Policy.select().where(held & (Policy.earn_trigger == trigger)).exists()


def scope_of(department: int | None) -> str:
    """A department, or the whole company, as the unique key of approvals."""
    return f"department-{department}" if department else ""


BEGUN = Phrase("This month has begun: who works in it knows its rule. Choose a later one.")
OVERLAP = Phrase("Another version begins in this month already. Choose another month.")


class PolicyApproval(Record):
    """The approval by a second person. One version for each group and month: they cannot overlap."""

    policy = ForeignKeyField(Policy, unique=True, on_delete="RESTRICT")
    policy_id: int
    scope = CharField(60)
    effective_from = MonthField()
    by = ForeignKeyField(Person, on_delete="RESTRICT")
    by_id: int
    at = UtcDateTimeField(default=clock.now)

    class Meta:
        indexes = ((("scope", "effective_from"), True),)

    @classmethod
    def create_table(cls, safe: bool = True, **options: Any) -> Any:
        super().create_table(safe, **options)
        guards.forbid_changes("policy_approval")

    @classmethod
    def holds(cls, scope: str, month: Month) -> bool:
        return cls.select().where((cls.scope == scope) & (cls.effective_from == month)).exists()


class PolicyAcknowledgement(Record):
    """A payee has read a policy."""

    policy = ForeignKeyField(Policy, on_delete="CASCADE")
    policy_id: int
    person = ForeignKeyField(Person, on_delete="CASCADE")
    person_id: int

    class Meta:
        indexes = ((("policy", "person"), True),)


def _checked(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Terms as they are stored. Raises Invalid."""
    values, errors = dict(facts), {}
    if not str(values.get("name", "")).strip():
        errors["name"] = Phrase("A name is needed.")
    tiers = sorted([int(threshold), int(bonus)] for threshold, bonus in values.get("tiers", [[2, 500]]))
    thresholds = [threshold for threshold, _ in tiers]
    bonuses = [bonus for _, bonus in tiers]
    if not tiers or len(set(thresholds)) != len(tiers) or thresholds[0] < 1:
        errors["tiers"] = Phrase("Each tier needs its own threshold, from 1 up.")
    elif bonuses != sorted(bonuses) or not all(0 < bonus <= WHOLE for bonus in bonuses):
        errors["tiers"] = Phrase("A higher tier has to pay at least as much as the one below.")
    if values.get("preview_working_day", 2) > values.get("close_working_day", 5):
        errors["close_working_day"] = Phrase("The close comes after the preview.")
    if values.get("cap", 0) < 0:
        errors["cap"] = Phrase("A cap is an amount, or left empty.")
    if values.get("jurisdiction") == "cn":
        if values.get("max_recovery_share", MAINLAND_SHARE) > MAINLAND_SHARE:
            errors["max_recovery_share"] = Phrase("In mainland China it is 20 % of the month's wage at most.")
        if not values.get("minimum_wage"):
            errors["minimum_wage"] = Phrase(
                "In mainland China the minimum wage must remain: say how much it is."
            )
    if values.get("uses_needed", 0) < 0 or values.get("use_days", 1) < 1:
        errors["uses_needed"] = Phrase(
            "So many colleagues within so many days: whole numbers, from 0 and 1 up."
        )
    values["tiers"] = tiers
    values["rates"] = {str(product): int(rate) for product, rate in dict(values.get("rates") or {}).items()}
    if errors:
        raise Invalid(errors)
    return values
