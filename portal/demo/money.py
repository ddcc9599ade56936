"""What the demo company pays: its policy, the months closed so far, and what waits for a second person."""

from __future__ import annotations

from functools import partial

from portal.demo import story
from portal.demo.plot import Plot
from portal.demo.shapes import Moment
from portal.models.commission import closing
from portal.models.commission.adjustments import Adjustment
from portal.models.commission.disputes import Dispute
from portal.models.commission.periods import Period
from portal.models.commission.policies import Policy
from portal.models.commission.reckoning import back_test
from portal.models.commission.statements import Statement

FINANCE = ("sun", "luo")
"""They take turns: who closes a month does not confirm that its money went out (RULES 4.1)."""
PROPOSER, DECIDER = "luo", "sun"
"""Who asks for an adjustment, and the second person."""
READERS = ("chen", "zhou")
"""Who has looked at their statements and said so."""
DISPUTE = "潘成林一家的 118 ㎡ 三居当月就签约了，提成单上没有这一笔。是漏了，还是按回款的月份算？请帮我核对。"
NEXT_MONTH = 3


def tell_policies(plot: Plot) -> None:
    """The policy in force, and the next version, which waits for its approval."""
    first = story.POLICY
    plot.at(Moment(first.effective_month - 1, 24, 10), partial(_put_in_force, plot))
    plot.at(Moment(2, 14, 16, 20), partial(_propose_next, plot))


def _put_in_force(plot: Plot) -> None:
    one, by = story.POLICY, plot.people[story.POLICY.drafted_by]
    policy = Policy.draft(
        by=by,
        name=one.name,
        effective_from=plot.month(one.effective_month),
        base_rate=one.rate,
        tiers=[[one.threshold, one.bonus]],
        note="每月被采纳两条以上经验的同事，当月提成比例加 0.05 个百分点。",
        recovery_text="追回须有合同依据，由人事确认后执行。",
    )
    policy.propose(by=by)
    policy.approve(by=plot.people[one.approved_by])
    for key in story.SELLERS:
        if key in plot.people:
            policy.acknowledge(by=plot.people[key])


def _propose_next(plot: Plot) -> None:
    one, by = story.POLICY, plot.people[PROPOSER]
    policy = Policy.draft(
        by=by,
        name=one.name,
        effective_from=plot.month(NEXT_MONTH),
        base_rate=one.rate,
        tiers=[[one.threshold, one.bonus], [4, 800]],
        note="增设一档：当月被采纳四条以上经验，提成比例加 0.08 个百分点；其余不变。",
        recovery_text="追回须有合同依据，由人事确认后执行。",
    )
    policy.propose(by=by, back_test=back_test(policy.terms))


def tell_adjustments(plot: Plot) -> None:
    """One approved and paid, one that waits for the second person."""
    plot.at(
        Moment(0, 27, 16),
        partial(_adjust, plot, "ma", 0, 500_00, "带教见习顾问一个月，按公司约定补贴。", "demo-1"),
    )
    plot.at(Moment(1, 2, 9, 40), partial(_approve, plot, "demo-1"))
    plot.at(
        Moment(2, 20, 17),
        partial(_adjust, plot, "zhou", 2, 260_00, "代客户垫付的评估费，票据已核。", "demo-2"),
    )


def _adjust(plot: Plot, key: str, month: int, amount: int, reason: str, form: str) -> None:
    person, by = plot.people[key], plot.people[PROPOSER]
    Adjustment.propose(person, plot.month(month), amount, reason, by=by, key=form)


def _approve(plot: Plot, form: str) -> None:
    Adjustment.get(Adjustment.key == form).decide(by=plot.people[DECIDER], approve=True)


def tell_periods(plot: Plot) -> None:
    """The months that are closed, the one of them that is paid, and what a payee asked about the other."""
    for turn, period in enumerate(story.PERIODS):
        closer, payer = FINANCE[turn % 2], FINANCE[1 - turn % 2]
        if period.closed is not None:
            plot.at(period.closed, partial(_close, plot, period.month, closer))
            for place, key in enumerate(READERS):
                when = period.closed.later(1, 10 + place, 25)
                plot.at(when, partial(_acknowledge, plot, period.month, key))
        if period.paid is not None:
            plot.at(period.paid, partial(_pay, plot, period.month, payer))
    plot.at(Moment(2, 18, 9, 50), partial(_dispute, plot, "ma", 1))


def _close(plot: Plot, month: int, closer: str) -> None:
    closing.close(plot.month(month), by=plot.people[closer].id)


def _pay(plot: Plot, month: int, payer: str) -> None:
    Period.of(plot.month(month)).pay(by=plot.people[payer])


def _acknowledge(plot: Plot, month: int, key: str) -> None:
    statement = Statement.of(plot.people[key], plot.month(month))
    if statement is not None:
        statement.acknowledge(by=plot.people[key])


def _dispute(plot: Plot, key: str, month: int) -> None:
    statement = Statement.of(plot.people[key], plot.month(month))
    if statement is not None:
        Dispute.open(statement, None, DISPUTE, by=plot.people[key])
