"""What somebody reads beside a thing that waits for their word: how much, who, why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from portal import i18n
from portal.clock import Month
from portal.i18n import Phrase, month_in_each, names
from portal.models.base.nouns import FACTS
from portal.models.base.record import along
from portal.models.commission.adjustments import Adjustment
from portal.models.commission.disputes import LATE, Dispute, DisputeMessage
from portal.models.commission.periods import Period
from portal.models.commission.policies import Policy
from portal.models.company.settings import Setting
from portal.models.expertise.votes import HELD
from portal.models.knowledge.articles import Article
from portal.models.knowledge.proposals import WAITS, Proposal
from portal.models.knowledge.words import FRESHNESS
from portal.models.people.needs import Need
from portal.models.people.people import Person
from portal.models.people.rule_changes import RuleChange
from portal.views.base import audit
from portal.web import find

Sentences = Iterator[Phrase]


def facts_of(found: Iterable[Need]) -> dict[int, list[Phrase]]:
    """By the id of what waits; each noun is read once."""
    asked = list(found)
    told: dict[int, list[Phrase]] = {need.id: [HELD[need.kind]] for need in asked if need.kind in HELD}
    for kind, (read, say) in _SAID.items():
        of_kind = {need.subject: need.id for need in asked if need.kind == kind}
        if of_kind:
            told |= {of_kind[key]: list(say(record)) for key, record in read(list(of_kind)).items()}
    return told


def _with_person(model: Any, field: Any) -> Callable[[list[int]], dict[int, Any]]:
    def read(ids: list[int]) -> dict[int, Any]:
        return {row.id: row for row in along(model.select().where(model.id.in_(ids)), field)}

    return read


def _adjustments(ids: list[int]) -> dict[int, Adjustment]:
    proposer = Person.alias()
    rows = (
        Adjustment.select(Adjustment, Person, proposer)
        .join(Person, on=Adjustment.person)
        .switch(Adjustment)
        .join(proposer, on=(Adjustment.proposed_by == proposer.id))
        .where(Adjustment.id.in_(ids))
    )
    return {row.id: row for row in rows}


def _adjustment(one: Adjustment) -> Sentences:
    yield Phrase(
        "%(amount)s for %(whom)s, %(month)s; proposed by %(who)s",
        amount=i18n.money(one.amount, sign=True),
        whom=names(one.person),
        month=month_in_each(one.month),
        who=names(one.proposed_by),
    )
    if one.waives:
        yield Phrase("Waiver: nothing is paid out")


def _objections(ids: list[int]) -> dict[int, DisputeMessage]:
    """What each payee wrote last."""
    rows = (
        DisputeMessage.select(DisputeMessage, Dispute, Person)
        .join(Dispute)
        .switch(DisputeMessage)
        .join(Person, on=DisputeMessage.by)
        .where(DisputeMessage.dispute.in_(ids) & (DisputeMessage.by == Dispute.opened_by))
        .order_by(DisputeMessage.id)
    )
    return {row.dispute_id: row for row in rows}


def _objection(said: DisputeMessage) -> Sentences:
    yield Phrase("%(who)s wrote: “%(text)s”", who=names(said.by), text=said.text)


def _policy(policy: Policy) -> Sentences:
    yield Phrase(
        "From %(month)s on, %(rate)s; proposed by %(who)s",
        month=month_in_each(policy.effective_from),
        rate=i18n.rate(policy.base_rate),
        who=names(policy.proposed_by),
    )
    for mode, words, without, with_bonus in policy.readings():
        adds = {
            "reading": words,
            "example": i18n.money(policy.example),
            "adds": i18n.money(with_bonus - without),
        }
        if mode == policy.bonus_mode:
            yield Phrase("Chosen: %(reading)s. On %(example)s it adds %(adds)s.", **adds)
        else:
            yield Phrase("Not chosen: %(reading)s. On %(example)s it would add %(adds)s.", **adds)
    if policy.note:
        yield Phrase("Why: %(reason)s", reason=policy.note)


def _periods(keys: list[int]) -> dict[int, Period]:
    rows = {period.waiting[1]: period for period in Period.select().where(Period.state != "paid")}
    return {key: rows.get(key) or Period(month=Month(key // 100, key % 100)) for key in keys}


def _period(period: Period) -> Sentences:
    if period.digest:
        yield Phrase(
            "%(total)s for %(count)s people as it stands", total=i18n.money(period.total), count=period.people
        )
    else:
        yield Phrase("Not previewed yet: look at the preview first.")


def _change(change: RuleChange) -> Sentences:
    for name, value in change.values.items():
        yield Phrase(
            "%(rule)s: %(before)s → %(after)s",
            rule=FACTS[name],
            before=_told(name, Setting.read(name)),
            after=_told(name, value),
        )
    yield Phrase("%(who)s: %(reason)s", who=names(change.proposed_by), reason=change.reason)


def _told(name: str, value: Any) -> Any:
    if name in audit.PEOPLE:
        return names(find(Person.select(), value)) if value else "—"
    return " · ".join(map(str, value)) if isinstance(value, list) else "—" if value is None else str(value)


def _articles(ids: list[int]) -> dict[int, Article]:
    read = (Article.id, Article.freshness, Article.summary, Article.uses)
    return {row.id: row for row in Article.select(*read).where(Article.id.in_(ids))}


def _article(article: Article) -> Sentences:
    if article.summary:
        yield Phrase(
            "%(class)s: %(summary)s", **{"class": FRESHNESS[article.freshness], "summary": article.summary}
        )


def _proposal(proposal: Proposal) -> Sentences:
    """Who proposes what: of a change what becomes of the text, else how it begins."""
    yield Phrase("Written by %(who)s", who=names(proposal.by))
    if proposal.note:
        yield Phrase("Why: %(reason)s", reason=proposal.note)
    for before, after in proposal.in_short():
        if before:
            yield Phrase("“%(before)s” → “%(after)s”", before=before, after=after or "—")
        else:
            yield Phrase("It says: %(text)s", text=after)


_SAID: dict[str, tuple[Callable[[list[int]], dict[int, Any]], Callable[[Any], Sentences]]] = {
    "adjustment": (_adjustments, _adjustment),
    **dict.fromkeys(("dispute", LATE), (_objections, _objection)),
    "approval": (_with_person(Policy, Policy.proposed_by), _policy),
    "period": (_periods, _period),
    "rules": (_with_person(RuleChange, RuleChange.proposed_by), _change),
    **{what: (_with_person(Proposal, Proposal.by), _proposal) for what in WAITS},
    "check": (_articles, _article),
    "renewal": (_articles, _article),
    "unused": (_articles, _article),
}
"""By what waits: how its records are read, and what is said of each."""
