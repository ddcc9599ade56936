"""How deals end, each with what comes of it: won, lost, opened again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.record import Event, Invalid
from portal.models.base.undoing import INSTEAD, MEANWHILE, undoes
from portal.models.people.people import Person
from portal.models.sales.close_reasons import CloseReason, faults_of
from portal.models.sales.deals import CLOSED_STAGES, OPEN_STAGES, WHOLE, Deal, DealReason
from portal.models.sales.lines import DealLine
from portal.models.sales.shares import keys_of, unfix_shares
from portal.models.sales.words import Stage


def win(
    deal: Deal,
    *,
    by: Person,
    amount: int | None,
    on: date,
    paid_on: date | None = None,
    reasons: Collection[CloseReason] = (),
) -> None:
    """It is sold for `amount` minor units, the contract dated `on`; paid in full on `paid_on`, if it is.

    Writes the contract line and, when paid, the payment line. A won deal stays as it is. Raises Invalid.
    """
    if deal.stage == Stage.WON:
        return
    amount = deal.amount if amount is None else amount
    errors = _closing_errors(deal, Stage.WON, on, amount) | faults_of(reasons, Stage.WON)
    if paid_on is not None and not (deal.engaged_on or date.min) <= paid_on <= clock.today():
        errors["paid_on"] = Phrase("This day cannot be: it is in the future or before the deal began.")
    if errors or amount is None:
        raise Invalid(errors)
    # The contract's line writes down who shares in it, if nobody did: to undo the win takes that back.
    default = None if deal.agreed() else {deal.owner_id: WHOLE}
    if not _close(deal, Stage.WON, by, reasons, shares=default, amount=amount, closed_on=on):
        return
    DealLine.record(deal, "contract", amount, on, by=by)
    if paid_on is not None:
        DealLine.record(deal, "payment", amount, paid_on, by=by)


def lose(
    deal: Deal,
    *,
    by: Person,
    on: date,
    reason: str = "",
    competitor: str = "",
    reasons: Collection[CloseReason] = (),
) -> None:
    """It will not come to anything, for these reasons of the company's list, or in one's own words. A
    lost deal stays as it is. Raises Invalid.
    """
    if deal.stage == Stage.LOST:
        return
    errors = _closing_errors(deal, Stage.LOST, on) | faults_of(reasons, Stage.LOST)
    if not reason.strip() and not reasons:
        errors["reason"] = Phrase("Say why it was lost: others learn from it.")
    if errors:
        raise Invalid(errors)
    said: dict[str, Any] = {"lost_reason": reason.strip(), "competitor": competitor.strip()}
    _close(deal, Stage.LOST, by, reasons, **said, closed_on=on)


def _closing_errors(deal: Deal, stage: Stage, on: date, amount: int | None = None) -> dict[str, Phrase]:
    if not deal.is_open:
        raise Invalid(Phrase("This deal is closed already. Reopen it first."))
    facts = {"stage": stage, "closed_on": on, "engaged_on": deal.engaged_on, "amount": amount}
    return {"on" if field == "closed_on" else field: why for field, why in deal.faults(facts).items()}


def _close(
    deal: Deal,
    stage: Stage,
    by: Person,
    reasons: Collection[CloseReason],
    shares: dict[int, int] | None = None,
    **facts: Any,
) -> bool:
    """False when someone else closed it so at this moment."""
    before, was = deal.stage, {name: getattr(deal, name) or None for name in facts}
    with db.atomic():
        if not deal.step(stage, since=OPEN_STAGES, **facts):
            return False
        changes: dict[str, Any] = {"stage": [before, stage]}
        if shares:
            changes["shares"] = [{}, keys_of(shares)]
        for name, value in facts.items():
            if value or was[name]:
                changes[name] = [was[name], value.isoformat() if isinstance(value, date) else value]
        if reasons:
            changes["reasons"] = [[], [names(each) for each in deal.keep_reasons(reasons)]]
        deal.track(stage, by=by, changes=changes)
        deal.await_debrief()
        deal.follow_end()
    return True


def reopen(deal: Deal, *, by: Person) -> None:
    """Take the closing back: to negotiation, its contract line reversed. Raises Invalid when paid.

    Who shared in it still does, also after a hand-over: credit moves by an agreement on shares alone.
    """
    if deal.is_open:
        return
    lines = DealLine.standing(deal)
    if any(line.trigger != "contract" for line in lines):
        raise Invalid(Phrase("Money was received for this deal. Reverse its payments first."))
    before = deal.stage
    with db.atomic():
        for line in lines:
            line.reverse(by=by, reason="reopened")
        opened = {"closed_on": None, "lost_reason": "", "competitor": ""}
        if deal.step(Stage.NEGOTIATION, since=CLOSED_STAGES, **opened):
            DealReason.delete().where(DealReason.deal == deal).execute()
            deal.track("reopened", by=by, changes={"stage": [before, Stage.NEGOTIATION]})
            deal.await_debrief()
            deal.follow_end()


@undoes(Deal, "won", "lost", ends=["moved", "reopened"], right="editable_by")
def open_again(deal: Deal, event: Event, by: Person) -> None:
    """It was closed by mistake: it stands as before, and earned nothing in the month it was closed for.

    Who shared in it because of that shares no longer. Raises Invalid and Stale.
    """
    changes = event.changes
    if (deal.stage, deal.closed_on) != (event.verb, date.fromisoformat(changes["closed_on"][1])):
        raise Invalid(MEANWHILE)
    with db.atomic():
        DealLine.one_by_one(line.id for line in DealLine.standing(deal))
        standing = DealLine.standing(deal)
        if not all(line.is_waiting or line.trigger == "contract" for line in standing):
            raise Invalid(MEANWHILE)
        for line in standing:
            line.reverse(by=by, reason="undone", on=line.on)
        opened: dict[str, Any] = {"closed_on": None}
        if event.verb == Stage.WON:
            opened["amount"] = changes["amount"][0]
        else:
            opened |= {
                name: before or ""
                for name in ("lost_reason", "competitor")
                for before, said in (changes.get(name, ["", ""]),)
                if getattr(deal, name) == (said or "")  # what somebody wrote since stays
            }
        if not deal.step(changes["stage"][0], since=[event.verb], **opened):
            raise Invalid(MEANWHILE)
        DealReason.delete().where(DealReason.deal == deal).execute()
        deal.await_debrief()
        unfix_shares(deal, changes.get("shares", [{}, {}])[1])
        deal.follow_end()


INSTEAD["deal", "reopened"] = Phrase("Close the deal again on its page, as won or lost.")
