"""Forms for deals and their money."""

from __future__ import annotations

from typing import Any

from portal.forms.base import (
    Choice,
    Day,
    Flag,
    Form,
    FormKey,
    Money,
    Pick,
    PickByName,
    PickMany,
    Rate,
    TextArea,
    TextLine,
    Version,
    need,
)
from portal.i18n import Phrase
from portal.models.base.record import Invalid
from portal.models.customers.customers import Customer
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.close_reasons import CloseReason
from portal.models.sales.deals import Deal
from portal.models.sales.lines import RECORDED, TRIGGERS
from portal.models.sales.words import Stage

PARTS = 5
"""People who can share in one deal."""


class DealForm(Form):
    """What may be sold to whom."""

    title = TextLine(Phrase("Title"), required=True, longest=200)
    customer = PickByName(Phrase("Customer"))
    product = Pick(Phrase("Product"))
    amount = Money(Phrase("Amount"))
    engaged_on = Day(Phrase("Begun on"))
    expected_on = Day(Phrase("Expected on"))
    competitor = TextLine(Phrase("Competitor"), longest=200)
    code = TextLine(Phrase("Code"), longest=60)
    source = TextLine(Phrase("Source"), longest=120)
    note = TextArea(Phrase("Note"), rows=4, longest=20_000)
    another = Flag(Phrase("It is another deal of this title"))
    key = FormKey()
    version = Version()

    def offering(self, person: Person) -> DealForm:
        """Offer products in the range, and propose one's own customers."""
        if self.changes:
            del self["another"]
        mine = Customer.visible_to(person).where(Customer.owner == person)
        self.customer.offer(
            Customer.dealt_with_by(person), mine.order_by(Customer.updated_at.desc()).limit(50)
        )
        self.product.offer(
            Product.visible_to(person).where(Product.archived_at.is_null()).order_by(Product.name)
        )
        return self


WHY = Phrase("One to three: what decided it.")


class WinForm(Form):
    """Why, for how much, when, and whether it is paid."""

    reasons = PickMany(Phrase("Reasons"), required=True, description=WHY)
    amount = Money(Phrase("Amount"), required=True, description=Phrase("What commission is computed on."))
    on = Day(Phrase("Signed on"), required=True, past=True)
    paid_on = Day(
        Phrase("Paid in full on"),
        past=True,
        description=Phrase("Leave it empty while money is still to come."),
    )

    def offering(self) -> WinForm:
        """The company's reasons for which deals are won."""
        _offer(self, Stage.WON)
        return self


def _offer(form: WinForm | LoseForm, stage: Stage) -> None:
    """The reasons for deals that end so; a company that has none is not asked for one."""
    offered = list(CloseReason.offered_for(stage))
    if offered:
        form.reasons.offer(offered)
    else:
        del form["reasons"]


class LoseForm(Form):
    """Why it came to nothing."""

    reasons = PickMany(Phrase("Reasons"), required=True, description=WHY)
    reason = TextLine(Phrase("In your own words"), longest=300)
    competitor = TextLine(
        Phrase("Competitor"), longest=200, description=Phrase("Who got it, if somebody did.")
    )
    on = Day(Phrase("Lost on"), required=True, past=True)

    def offering(self) -> LoseForm:
        """The company's reasons for which deals are lost; where it has none, one's own words say why."""
        _offer(self, Stage.LOST)
        if "reasons" not in self:
            need(self.reason)
        return self


class ReasonsForm(Form):
    """Why a closed deal was won or lost, said or corrected later."""

    reasons = PickMany(Phrase("Reasons"), required=True, description=WHY)
    version = Version()

    def offering(self, deal: Deal) -> ReasonsForm:
        """The company's reasons for deals that ended so, and those that it has already."""
        held = deal.reasons
        offered = list(CloseReason.offered_for(deal.stage))
        self.reasons.offer([*offered, *(each for each in held if each not in offered)])
        return self


class PaymentForm(Form):
    """Money of a won deal: what came in, or what was delivered or invoiced."""

    trigger = Choice(Phrase("What it is"), choices=[(name, TRIGGERS[name]) for name in RECORDED])
    amount = Money(Phrase("Amount"), required=True)
    on = Day(Phrase("On which day"), required=True, past=True)
    key = FormKey(is_handed_on=True)


class ReversalForm(Form):
    """Why a line is taken back."""

    reason = TextLine(Phrase("Reason"), required=True, longest=300)


class SharesForm(Form):
    """Who has which part of the commission, in percent that sum to 100."""

    def offering(self, person: Person, deal: Deal) -> SharesForm:
        """A row for each person who shares, and empty rows for more."""
        active = Person.select().where(Person.deactivated_at.is_null())
        near = list(
            active.where(Person.department == person.department_id).order_by(Person.sort_name).limit(50)
        )
        now = deal.shares()
        holders = {p.id: p for p in Person.select().where(Person.id.in_(list(now)))}
        filled = list(now.items())
        for number, (who, share) in enumerate(self.rows):
            if number < len(filled) and not who.raw_data:
                who.data, share.data = holders[filled[number][0]], filled[number][1]
            who.offer(Person.select(), near)
        return self

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        """Pairs of fields: the person and the share."""
        return [(self[f"person_{n}"], self[f"share_{n}"]) for n in range(1, PARTS + 1)]

    @property
    def shares(self) -> dict[Person, int]:
        """Millionths by person. Raises Invalid when someone is named twice or without a share."""
        agreed: dict[Person, int] = {}
        for who, share in self.rows:
            if who.data is None and not share.data:
                continue
            if who.data is None or not share.data:
                raise Invalid({who.name: Phrase("A person and a share belong together.")})
            if who.data in agreed:
                raise Invalid({who.name: Phrase("This person is named twice.")})
            agreed[who.data] = share.data
        return agreed


for _n in range(1, PARTS + 1):
    setattr(SharesForm, f"person_{_n}", PickByName(Phrase("Person")))
    setattr(SharesForm, f"share_{_n}", Rate(Phrase("Share in %")))
