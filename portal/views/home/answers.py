"""What waits for a person is answered where it stands: which answers each kind of it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from portal.i18n import Phrase
from portal.models.base.record import Invalid, record_of
from portal.models.commission import late_leave, readers
from portal.models.commission.adjustments import Adjustment
from portal.models.commission.disputes import LATE, Dispute
from portal.models.commission.policies import Policy
from portal.models.customers.access import Access
from portal.models.customers.interactions import Interaction
from portal.models.customers.requests import CustomerRequest
from portal.models.experiences import process
from portal.models.experiences.experiences import Credit, Experience
from portal.models.experiences.mergers import MERGER, take_in, taken_in_by
from portal.models.expertise.endorsements import Endorsement
from portal.models.expertise.votes import HELD
from portal.models.knowledge import verification
from portal.models.knowledge.articles import Article
from portal.models.knowledge.asks import WAITS as ASK_WAITS
from portal.models.knowledge.asks import Ask
from portal.models.knowledge.freshness import UNUSED
from portal.models.knowledge.proposals import WAITS, Proposal
from portal.models.knowledge.questions import BestAnswer, Question
from portal.models.knowledge.routing import decline
from portal.models.knowledge.uses import Use
from portal.models.people.absences import Absence
from portal.models.people.needs import Need
from portal.models.people.people import Person
from portal.models.people.rule_changes import RuleChange
from portal.models.sales.deals import PART, DealShare
from portal.models.sales.lines import DealLine
from portal.models.work.clocks import Clock
from portal.tables.cells import BadCell, parse_money
from portal.web import permit

LATER_DAYS = 7


def _subject(need: Need) -> Any:
    return record_of(need.subject_kind, need.subject)


def _anyone(record: Any, person: Person) -> bool:
    """Whoever it waits for may."""
    return True


def _minor(typed: str) -> int:
    """An amount in minor units. Raises Invalid."""
    try:
        return parse_money(typed.strip()) if typed.strip() else 0
    except BadCell as bad:
        told = Phrase("%(problem)s Write an amount such as 20500 or 20,500.00.", problem=bad.message)
        raise Invalid({"amount": told}) from bad


@dataclass(frozen=True, kw_only=True)
class InPlace:
    """One answer: a press, or a few words."""

    name: str
    words: Phrase
    act: Callable[..., object]
    """The verb, with the record, who answers, and what they wrote; and the amount in minor units, where it
    takes one. Raises Invalid.
    """
    may: Callable[[Any, Person], bool] = _anyone
    said: Phrase
    """What is said of it afterwards."""
    icon: str = "check"
    kind: str = "secondary"
    asks: Phrase | None = None
    """The words that it takes, where a press is not enough."""
    sums: Phrase | None = None
    """The words of the amount that it takes besides."""
    about: Callable[[Need], Any] = _subject
    confirmed: bool = False
    """Whether who answers shows once more who they are, when that was a while ago."""

    def give(self, need: Need, *, by: Person, text: str, amount: str = "") -> None:
        """Answer. Raises Invalid, and 403 for whom it does not wait for any more."""
        record = self.about(need)
        permit(record is not None and self.may(record, by))
        self.act(record, by, text, *([_minor(amount)] if self.sums else []))


LATER = InPlace(
    name="later",
    words=Phrase("In a week"),
    icon="clock",
    kind="quiet",
    act=lambda waiting, by, text: waiting.put_off(LATER_DAYS),
    about=lambda need: record_of(Clock.kind(), need.id),
    said=Phrase("It comes back in a week."),
)
TAKE = InPlace(
    name="take",
    words=Phrase("I do it"),
    act=lambda request, by, text: request.take(by=by),
    may=CustomerRequest.takeable_by,
    said=Phrase("It is yours now."),
)
ANSWERS: dict[tuple[str, str], tuple[InPlace, ...]] = {
    ("follow-up", Interaction.kind()): (
        InPlace(
            name="kept",
            words=Phrase("Kept"),
            act=lambda promise, by, text: promise.follow_up(by=by),
            may=Interaction.followable_by,
            said=Phrase("Kept. Well done."),
        ),
        InPlace(
            name="broken",
            words=Phrase("Not kept"),
            icon="x",
            kind="quiet",
            act=lambda promise, by, text: promise.follow_up(by=by, kept=False),
            may=Interaction.followable_by,
            said=Phrase("Noted: it was not kept."),
        ),
    ),
    ("access", Access.kind()): (
        InPlace(
            name="grant",
            words=Phrase("Open for a while"),
            act=lambda access, by, text: access.grant(by=by),
            may=Access.answerable_by,
            said=Phrase("Opened for a while."),
        ),
        InPlace(
            name="refuse",
            words=Phrase("Refuse"),
            icon="x",
            kind="quiet",
            act=lambda access, by, text: access.refuse(by=by),
            may=Access.answerable_by,
            said=Phrase("It stays closed."),
        ),
    ),
    ("request", CustomerRequest.kind()): (TAKE,),
    ("request taken", CustomerRequest.kind()): (
        InPlace(
            name="done",
            words=Phrase("Mark as done"),
            act=lambda request, by, text: request.close(by=by, result=text),
            may=CustomerRequest.closable_by,
            asks=Phrase("What was done"),
            said=Phrase("Done."),
        ),
        InPlace(
            name="release",
            words=Phrase("Hand back"),
            icon="arrow-back-up",
            kind="quiet",
            act=lambda request, by, text: request.release(by=by),
            may=CustomerRequest.releasable_by,
            said=Phrase("Handed back."),
        ),
    ),
    ("co-author", Credit.kind()): (
        InPlace(
            name="agree",
            words=Phrase("Yes, I share in it"),
            act=lambda credit, by, text: process.agree_to_share(credit.experience, by=by),
            may=lambda credit, person: credit.person_id == person.id,
            said=Phrase("You share in it."),
        ),
        InPlace(
            name="decline",
            words=Phrase("No"),
            icon="x",
            kind="quiet",
            act=lambda credit, by, text: process.decline_to_share(credit.experience, by=by),
            may=lambda credit, person: credit.person_id == person.id,
            said=Phrase("The share went back to the author."),
        ),
    ),
    (PART, DealShare.kind()): (
        InPlace(
            name="agree",
            words=Phrase("Yes, I worked on it"),
            act=lambda share, by, text: share.agree(by=by),
            may=lambda share, person: share.person_id == person.id,
            said=Phrase("Noted. You judge nothing that is written of it."),
        ),
        InPlace(
            name="decline",
            words=Phrase("No"),
            icon="x",
            kind="quiet",
            act=lambda share, by, text: share.deny(by=by),
            may=lambda share, person: share.person_id == person.id,
            said=Phrase("Noted. Whoever looks after the deal is told."),
        ),
    ),
    (MERGER, Experience.kind()): (
        InPlace(
            name="in",
            words=Phrase("Taken in"),
            icon="git-merge",
            act=lambda merged, by, text: take_in(merged, by=by),
            may=taken_in_by,
            said=Phrase("Taken in. Thank you."),
        ),
        LATER,
    ),
    ("question", Question.kind()): (
        InPlace(
            name="answer",
            words=Phrase.among("acts", "Answer"),
            icon="message",
            act=lambda question, by, text: question.answer(by=by, text=text),
            may=Question.answerable_by,
            asks=Phrase("Your answer"),
            said=Phrase("Answered. Thank you."),
        ),
    ),
    **{
        (what, Ask.kind()): (
            InPlace(
                name="answer",
                words=Phrase.among("acts", "Answer"),
                icon="message",
                act=lambda ask, by, text: ask.question.answer(by=by, text=text),
                may=Ask.answerable_by,
                asks=Phrase("Your answer"),
                said=Phrase("Answered. Thank you."),
            ),
            InPlace(
                name="decline",
                words=Phrase("Leave it to others"),
                icon="x",
                kind="quiet",
                act=lambda ask, by, text: decline(ask, by=by),
                may=Ask.answerable_by,
                said=Phrase("Somebody else is asked. It costs you nothing."),
            ),
        )
        for what in ASK_WAITS
    },
    ("payment", DealLine.kind()): (
        InPlace(
            name="confirm",
            words=Phrase("Confirm"),
            act=lambda line, by, text: line.confirm(by=by),
            may=DealLine.confirmable_by,
            said=Phrase("Payment confirmed."),
        ),
    ),
    ("dispute question", Dispute.kind()): (
        InPlace(
            name="say",
            words=Phrase.among("acts", "Answer"),
            icon="message",
            act=lambda dispute, by, text: dispute.say(text, by=by),
            may=lambda dispute, person: dispute.opened_by_id == person.id,
            asks=Phrase("Your answer"),
            said=Phrase("Sent to finance."),
        ),
    ),
    **{
        (what, Dispute.kind()): (
            InPlace(
                name="ask",
                words=Phrase("Ask the payee for more"),
                icon="message",
                act=lambda dispute, by, text: dispute.ask(text, by=by),
                may=Dispute.resolvable_by,
                asks=Phrase("Your question"),
                said=Phrase("Sent to the payee."),
            ),
            InPlace(
                name="reject",
                words=Phrase("The statement stands"),
                kind="quiet",
                act=lambda dispute, by, text: dispute.reject(text, by=by),
                may=Dispute.resolvable_by,
                asks=Phrase("Why"),
                said=Phrase("Answered. The payee reads why."),
            ),
            InPlace(
                name="uphold",
                words=Phrase("The payee is right"),
                icon="scale",
                kind="quiet",
                act=lambda dispute, by, text, amount: dispute.uphold(text, amount, by=by),
                may=Dispute.resolvable_by,
                asks=Phrase("Why"),
                sums=Phrase("Adjustment"),
                said=Phrase("Upheld. A second person decides about the adjustment."),
            ),
        )
        for what in ("dispute", LATE)
    },
    **{
        (what, Proposal.kind()): (
            InPlace(
                name="approve",
                words=Phrase("Approve"),
                act=lambda proposal, by, text: proposal.approve(by=by),
                may=Proposal.answerable_by,
                said=Phrase("Approved."),
            ),
            InPlace(
                name="return",
                words=Phrase("Send back"),
                icon="arrow-back-up",
                kind="quiet",
                act=lambda proposal, by, text: proposal.refuse(by=by, reason=text),
                may=Proposal.answerable_by,
                asks=Phrase("What should change"),
                said=Phrase("Sent back with your reason."),
            ),
        )
        for what in WAITS
    },
    ("adjustment", Adjustment.kind()): (
        InPlace(
            name="approve",
            words=Phrase("Approve"),
            act=lambda adjustment, by, text: adjustment.decide(by=by, approve=True),
            may=Adjustment.decidable_by,
            said=Phrase("Approved. It is paid with the open month."),
        ),
        InPlace(
            name="refuse",
            words=Phrase("Refuse"),
            icon="x",
            kind="quiet",
            act=lambda adjustment, by, text: adjustment.decide(by=by, approve=False),
            may=Adjustment.decidable_by,
            said=Phrase("Refused. Nothing is paid."),
        ),
    ),
    (late_leave.LATE_LEAVE, Absence.kind()): (
        InPlace(
            name="approve",
            words=Phrase("Let it count"),
            act=lambda absence, by, text: late_leave.decide(absence, by=by, approve=True),
            may=late_leave.decidable_by,
            said=Phrase("It counts. What it changes comes with the open month."),
        ),
        InPlace(
            name="refuse",
            words=Phrase("Refuse"),
            icon="x",
            kind="quiet",
            act=lambda absence, by, text: late_leave.decide(absence, by=by, approve=False),
            may=late_leave.decidable_by,
            said=Phrase("Refused. The closed month stays as it is."),
        ),
    ),
    ("approval", Policy.kind()): (
        InPlace(
            name="approve",
            words=Phrase("Approve"),
            act=lambda policy, by, text: readers.approve(policy, by=by),
            may=Policy.approvable_by,
            said=Phrase("Approved. This version never changes from now on."),
        ),
        InPlace(
            name="return",
            words=Phrase("Send back"),
            icon="arrow-back-up",
            kind="quiet",
            act=lambda policy, by, text: policy.send_back(by=by, reason=text),
            may=Policy.approvable_by,
            asks=Phrase("What should change"),
            said=Phrase("Sent back with your reason."),
        ),
    ),
    ("rules", RuleChange.kind()): (
        InPlace(
            name="approve",
            words=Phrase("Approve"),
            act=lambda change, by, text: change.approve(by=by),
            may=RuleChange.offered_to,
            said=Phrase("Approved. It holds from now on."),
            confirmed=True,
        ),
        InPlace(
            name="refuse",
            words=Phrase("Refuse"),
            icon="x",
            kind="quiet",
            act=lambda change, by, text: change.refuse(by=by, reason=text),
            may=RuleChange.offered_to,
            asks=Phrase("Reason"),
            said=Phrase("Refused. The rules stay as they are."),
        ),
    ),
    **{
        (why, sort.kind()): (
            InPlace(
                name="release",
                words=Phrase("Let it count"),
                act=lambda vote, by, text: vote.release(by=by),
                may=lambda vote, person: vote.decidable_by(person),
                said=Phrase("It counts."),
            ),
            InPlace(
                name="drop",
                words=Phrase("Drop it"),
                icon="x",
                kind="quiet",
                act=lambda vote, by, text: vote.drop(by=by),
                may=lambda vote, person: vote.decidable_by(person),
                said=Phrase("It stays without effect."),
            ),
        )
        for why in HELD
        for sort in (Use, Endorsement, BestAnswer)
    },
    (UNUSED, Article.kind()): (
        InPlace(
            name="keep",
            words=Phrase("Keep it"),
            icon="bookmark",
            act=lambda article, by, text: verification.keep(article, by=by),
            may=Article.archivable_by,
            said=Phrase("It stays."),
        ),
        InPlace(
            name="archive",
            words=Phrase("Archive"),
            icon="archive",
            kind="quiet",
            act=lambda article, by, text: article.archive(by=by),
            may=Article.archivable_by,
            said=Phrase("Archived. It can be brought back from its page."),
        ),
    ),
    ("debrief", "deal"): (LATER,),
    ("draft", "experience"): (LATER,),
    ("draft", "article"): (LATER,),
}
"""By what waits, and for which noun. What is not here needs its own page: it opens."""


def answers_to(found: Iterable[Need], person: Person) -> dict[int, tuple[InPlace, ...]]:
    """Which answers each of these takes now, by its id: all are asked for at once."""
    asked = list(found)
    ids = [need.subject for need in asked if need.kind == "request"]
    mine = (CustomerRequest.taken_by == person) & (CustomerRequest.state == "taken")
    rows: Any = CustomerRequest.select(CustomerRequest.id).where(CustomerRequest.id.in_(ids) & mine).tuples()
    taken = {("request", ident) for (ident,) in rows} if ids else set()
    return {
        need.id: ANSWERS.get(
            (f"{need.kind} taken" if (need.kind, need.subject) in taken else need.kind, need.subject_kind), ()
        )
        for need in asked
    }
