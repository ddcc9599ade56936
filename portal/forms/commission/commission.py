"""Forms for commission: policies, adjustments, disputes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from wtforms import fields, validators

from portal import i18n
from portal.clock import Month
from portal.forms.base import (
    Choice,
    Day,
    Flag,
    Form,
    FormKey,
    Money,
    Needed,
    Pick,
    PickByName,
    Rate,
    TextArea,
    TextLine,
    Version,
    Whole,
)
from portal.i18n import Phrase
from portal.models.commission.handouts import HOWS
from portal.models.commission.policies import (
    BONUS_MODES,
    COUNT_BY,
    EARN_TRIGGERS,
    JURISDICTIONS,
    OPERATORS,
    Policy,
)
from portal.models.commission.terms import REQUIRED_FACTS
from portal.models.company.departments import Department
from portal.models.people.people import Person
from portal.models.products.products import Product

TIERS = 3


class MonthLine(fields.StringField):
    """A month, typed as `2026-05`; its data is a Month or None."""

    data: Any

    def __init__(self, label: str, *, required: bool = False, **kwargs: Any):
        needed = Needed() if required else validators.Optional()
        keywords = {"type": "month", **kwargs.pop("render_kw", {})}
        super().__init__(label, [needed], render_kw=keywords, **kwargs)

    def process_data(self, value: Any) -> None:
        self.data = value or None

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else str(self.data or "")

    def process_formdata(self, valuelist: Any) -> None:
        text = (valuelist[0] if valuelist else "").strip()
        self.data = None
        if text:
            try:
                self.data = Month.parse(text)
            except ValueError as bad:
                raise ValueError(i18n.gettext("Write a month such as 2026-05.")) from bad


class Chosen(Choice):
    """One of a few, never none: the first stands until another is chosen."""

    def __init__(self, label: str, **kwargs: Any):
        super().__init__(label, **kwargs)
        # its rule would take an empty word, and with it the fault that it is none of them
        self.validators = [rule for rule in self.validators if not isinstance(rule, validators.Optional)]

    def pre_validate(self, form: Any) -> None:
        fields.SelectField.pre_validate(self, form)


class _Tier(Whole):
    """How many accepted experiences a tier asks for."""


class PolicyForm(Form):
    """The terms of one policy version."""

    name = TextLine(Phrase("Policy name"), required=True, longest=120)
    department = Pick(Phrase("For whom"))
    effective_from = MonthLine(Phrase("Holds from"), required=True)
    base_rate = Rate(Phrase("Base rate"), required=True)
    rates = TextArea(
        Phrase("Other rates by product"),
        rows=3,
        description=Phrase("One line for each: the product's code = percent. Example: A-1024 = 2.5"),
    )
    threshold_1 = _Tier(Phrase("Accepted experiences in a month"), required=True, least=1, most=100)
    bonus_1 = Rate(Phrase("Bonus"), required=True)
    threshold_2 = _Tier(Phrase("Second tier: experiences"), least=1, most=100)
    bonus_2 = Rate(Phrase("Second tier: bonus"))
    threshold_3 = _Tier(Phrase("Third tier: experiences"), least=1, most=100)
    bonus_3 = Rate(Phrase("Third tier: bonus"))
    operator = Chosen(Phrase("Reached with"), choices=list(OPERATORS.items()))
    bonus_mode = Chosen(Phrase("How the bonus is read"), choices=list(BONUS_MODES.items()))
    count_by = Chosen(Phrase("An experience counts for"), choices=list(COUNT_BY.items()))
    uses_needed = Whole(
        Phrase("Counts only once it worked for so many colleagues"),
        most=100,
        description=Phrase(
            "Leave it empty, and an experience counts once it is accepted. With 2, two colleagues decide "
            "with their “worked for me” whether it pays; votes that are held do not count."
        ),
    )
    use_days = Whole(Phrase("Within so many days of its acceptance"), least=1, most=366)
    earn_trigger = Chosen(Phrase("Commission is earned on"), choices=list(EARN_TRIGGERS.items()))
    preview_working_day = Whole(
        Phrase("Preview due on working day"),
        required=True,
        least=1,
        most=20,
        description=Phrase("Counted from the end of the month."),
    )
    close_working_day = Whole(Phrase("Close due on working day"), required=True, least=1, most=20)
    revocation_months = Whole(
        Phrase("Months after payment in which a revocation takes back"), required=True, most=60
    )
    max_recovery_share = Rate(Phrase("Most of a month's wage that recovery may take"), required=True)
    base_wage = Money(
        Phrase("Fixed monthly wage"),
        description=Phrase(
            "Counts as wage beside the commission for the limit above. Leave it empty if unknown."
        ),
    )
    minimum_wage = Money(Phrase("Minimum wage that must remain"))
    jurisdiction = Chosen(Phrase("Whose law bounds it"), choices=list(JURISDICTIONS.items()))
    recovery_text = TextArea(Phrase("What payees are told about recovery"), rows=3, longest=2000)
    cap = Money(
        Phrase("Most that the deals of a month pay one person"),
        description=Phrase(
            "Leave it empty for no cap. What exceeds it stands on the statement as a line of its own."
        ),
    )
    proration = Flag(Phrase("Ask for fewer experiences in the month of joining or leaving"))
    leave_prorates = Flag(
        Phrase("Ask for fewer experiences in a month with days of leave"),
        description=Phrase(
            "Days count that a manager or administrator noted; what people note of themselves does not."
        ),
    )
    counts_after_leaving = Flag(Phrase("Count experiences accepted after someone left"))
    requires_customer = Flag(Phrase("A deal needs its customer on record"))
    requires_product = Flag(Phrase("A deal needs its product on record"))
    requires_customer_type = Flag(Phrase("A deal's customer needs a type"))
    note = TextArea(Phrase("What is new in this version"), rows=2, longest=2000)
    key = FormKey()
    version = Version()

    @classmethod
    def filled(cls, given: Any, policy: Policy | None, *, start: Month | None = None) -> PolicyForm:
        """A form as typed, else filled from a version, else with the usual terms."""
        source = policy or Policy(name="")
        codes = {str(p.id): p.code for p in Product.select(Product.id, Product.code)} if source.rates else {}
        tiers = dict(enumerate(source.tiers, 1))
        values: dict[str, Any] = {
            "rates": "\n".join(f"{codes.get(k, k)} = {rate / 10_000:g}" for k, rate in source.rates.items()),
            **{f"threshold_{n}": tier[0] for n, tier in tiers.items()},
            **{f"bonus_{n}": tier[1] for n, tier in tiers.items()},
            **{f"requires_{fact}": fact in source.requires for fact in REQUIRED_FACTS},
            "effective_from": start or source.effective_from,
            "base_wage": source.base_wage or None,
            "minimum_wage": source.minimum_wage or None,
            "cap": source.cap or None,
            "uses_needed": source.uses_needed or None,
            "version": policy and policy.version,
        }
        obj = type("Terms", (), {**{f: getattr(source, f, None) for f in _PLAIN}, **values})
        form = cls(given, obj=obj)
        form.changes = start is None
        form.department.blank = i18n.gettext("The whole company")
        form.department.offer(Department.select().order_by(Department.name))
        return form

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        fine = super().validate(*args, **kwargs)
        self._rates: dict[str, int] = {}
        return self._read_rates() and self._tiers_are_whole() and fine

    def _read_rates(self) -> bool:
        lines = [line for line in (self.rates.data or "").splitlines() if line.strip()]
        known = {p.code: str(p.id) for p in Product.select(Product.id, Product.code)} if lines else {}
        for line in lines:
            code, _, text = line.rpartition("=")
            try:
                units = Decimal(text.strip().rstrip("%％")) * 10_000
                share = int(units) if 0 <= units <= 1_000_000 and units == units.to_integral_value() else -1
            except ArithmeticError:
                share = -1
            if code.strip() not in known or share < 0:
                words = Phrase("This line is not a known product and its percentage: %(line)s", line=line)
                self.rates.errors = [i18n.gettext(words)]
                return False
            self._rates[known[code.strip()]] = share
        return True

    def _tiers_are_whole(self) -> bool:
        for n in range(1, TIERS + 1):
            threshold, bonus = self[f"threshold_{n}"], self[f"bonus_{n}"]
            if (threshold.data is None) != (bonus.data is None):
                lacking = threshold if threshold.data is None else bonus
                lacking.errors = [i18n.gettext("A tier needs both its number and its bonus.")]
                return False
        return True

    @property
    def facts(self) -> dict[str, Any]:
        """The terms as the model takes them; none while something typed cannot be read."""
        if not self.validate():
            return {}
        facts: dict[str, Any] = {name: self[name].data for name in _PLAIN if name in self}
        tiers = [(self[f"threshold_{n}"].data, self[f"bonus_{n}"].data) for n in range(1, TIERS + 1)]
        return facts | {
            "rates": self._rates,
            "tiers": [list(tier) for tier in tiers if tier[0] is not None],
            "requires": [fact for fact in REQUIRED_FACTS if self[f"requires_{fact}"].data],
            "base_wage": self.base_wage.data or 0,
            "minimum_wage": self.minimum_wage.data or 0,
            "cap": self.cap.data or 0,
            "uses_needed": self.uses_needed.data or 0,
            "use_days": self.use_days.data or 60,
        }


_PLAIN = (
    "name",
    "department",
    "effective_from",
    "base_rate",
    "operator",
    "bonus_mode",
    "count_by",
    "earn_trigger",
    "preview_working_day",
    "close_working_day",
    "revocation_months",
    "max_recovery_share",
    "recovery_text",
    "proration",
    "leave_prorates",
    "use_days",
    "jurisdiction",
    "counts_after_leaving",
    "note",
)


class ApprovalForm(Form):
    """The approval by a second person."""

    compared = Flag(Phrase("I compared the two readings, and the one chosen is meant"))


class SendBackForm(Form):
    """What should change before a second look."""

    reason = TextLine(Phrase("What should change"), required=True, longest=300)


class AdjustmentForm(Form):
    """Money added or taken by hand."""

    person = PickByName(Phrase("For whom"), required=True)
    month = MonthLine(Phrase("About the month"), required=True)
    amount = Money(
        Phrase("Amount"),
        required=True,
        least=None,
        description=Phrase("With a minus to take something back."),
    )
    reason = TextLine(
        Phrase("Reason"),
        required=True,
        longest=500,
        description=Phrase("The payee reads it on the statement."),
    )
    waives = Flag(
        Phrase("It waives what is still to be taken back"),
        description=Phrase("Nothing of it is paid out: it lessens what they owe, by so much at most."),
    )

    key = FormKey(is_handed_on=True)

    def offering(self, person: Person) -> AdjustmentForm:
        """Everyone but oneself."""
        self.person.offer(Person.visible_to(person).where(Person.id != person.id).order_by(Person.sort_name))
        return self


class DisputeForm(Form):
    """What a payee objects to."""

    text = TextArea(Phrase("What is wrong, and what did you expect?"), required=True, rows=4, longest=4000)
    key = FormKey()


class MessageForm(Form):
    """A message in a dispute's thread."""

    text = TextArea(Phrase("Message"), required=True, rows=3, longest=4000)
    key = FormKey()


class ResolutionForm(Form):
    """How a dispute ends."""

    outcome = Chosen(
        Phrase("Decision"),
        choices=[
            ("ask", Phrase("Ask the payee for more")),
            ("rejected", Phrase("The statement stands")),
            ("upheld", Phrase("The payee is right: propose an adjustment")),
        ],
    )
    amount = Money(
        Phrase("Adjustment"),
        least=None,
        description=Phrase("Only if the payee is right. A second person approves it."),
    )
    text = TextArea(Phrase("Why"), required=True, rows=3, longest=4000)
    key = FormKey()


class LookUpForm(Form):
    """Whose statement of which month."""

    person = PickByName(Phrase("Person"), required=True)
    month = MonthLine(Phrase("Month"), required=True)

    def offering(self, people: Any) -> LookUpForm:
        self.person.offer(people)
        return self


class HandoutForm(Form):
    """When and how who left was given their statement."""

    on = Day(Phrase("Handed over on"), required=True, past=True)
    how = Chosen(Phrase("How it was handed over"), choices=list(HOWS.items()), default="hand")


class ExportForm(Form):
    """Why a payroll file is exported again, where it became another."""

    reason = TextLine(Phrase("Why it is exported again"), longest=300)
    kind = Chosen(Phrase("As"), choices=[("csv", "CSV"), ("xlsx", "Excel")], default="csv")
    laid_out = Chosen(
        Phrase("Columns"),
        choices=[("kept", Phrase("Those of the close")), ("now", Phrase("Those of today"))],
        default="kept",
    )


class PayrollColumnsForm(Form):
    """The columns of payroll files."""

    columns = TextArea(
        Phrase("Columns of the file"),
        required=True,
        rows=8,
        longest=2000,
        description=Phrase("A line for each, in their order: title = field."),
    )
