"""What the portal knows of a closed deal, as the beginning of its debrief.

What its timeline holds is quoted, with how far into the deal it was said and whether a colleague wrote it
down: the doubts that a customer voiced, what was said just before the deal last went on, and the knowledge
that the notes name. No personal data, no amount and no date: by these its reviewers would find the deal, and
with it the author (RULES 4.2); nor a colleague's name, by which they would find both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from portal import clock, i18n
from portal.models.base.record import Event
from portal.models.customers.contacts import names_at
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import KINDS, Interaction
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.models.sales.deals import OPEN_STAGES, Deal
from portal.models.sales.words import Stage
from portal.text.personal_data import scrub

MOST_INTERACTIONS = 12
SENTENCE = re.compile(r".+?(?:[。！？!?；;…]+\s*|\.\s+|\n+|$)", re.DOTALL)
VOICED = re.compile(
    r"担心|顾虑|害怕|怕|犹豫|嫌|疑问|疑虑|怀疑|不放心|太贵|会不会|能不能|是不是|为什么|[吗？?]"
    r"|\b(?:worr|afraid|fear|doubt|concern|hesita|unsure|too expensive|too dear)"
    r"|\basks? (?:whether|if|why|how)",
    re.IGNORECASE,
)
"""What a sentence of a note holds that tells of a doubt or a question."""
NAMED = re.compile(r"/(articles|questions)/(\d{1,18})\b")


def amounts_of(deal: Deal) -> list[str]:
    """The ways in which the deal's amount is written."""
    if not deal.amount:
        return []
    amount = i18n.major(deal.amount)
    whole, parts = int(amount), [f"{amount:,.2f}", f"{amount:.2f}"]
    if amount == whole:
        parts += [f"{whole:,}", str(whole)]
    if whole >= 10_000 and whole % 100 == 0:
        tens = f"{whole / 10_000:f}".rstrip("0").rstrip(".")
        parts += [f"{tens}万", f"{tens} 万"]
    return [part for part in parts if len(part) > 2]


def prefilled(deal: Deal, *, by: Person) -> dict[str, Any]:
    """The fields of a debrief that the deal answers, for who writes it: product, customer type and texts.

    Text is in the language in use. Names, numbers and addresses of the customer are left out.
    """
    customer = Customer.get_or_none(Customer.id == deal.customer_id)
    told = _Told(deal, customer, by)
    return {
        "product": deal.product_id,
        "customer_type": customer.type_id if customer else None,
        "situation": told.situation,
        "doubt": told.doubt,
        "action": told.action,
        "outcome": _outcome(deal),
        "created_at": clock.now(),
        "updated_at": clock.now(),
    }


@dataclass(frozen=True)
class _Told:
    """What the records of a deal tell to who writes its debrief: each note stands in one place."""

    deal: Deal
    customer: Customer | None
    by: Person

    @property
    def situation(self) -> str:
        return _paragraphs(_lines(self._facts()), _lines(self._notes(self._course)))

    @property
    def doubt(self) -> str:
        """What the customer doubted or asked, as the notes say it."""
        return _lines(self._notes(self.contacts, voiced=True))

    @property
    def action(self) -> str:
        """The turning point, with what was said just before it; and the knowledge that the notes name."""
        return _paragraphs(self._turn(), self._used())

    def _facts(self) -> Iterator[str]:
        customer, deal = self.customer, self.deal
        if customer is not None and customer.type is not None:
            yield i18n.gettext("Customer type: %(type)s", type=i18n.label(customer.type))
        if customer is not None and customer.source:
            yield i18n.gettext("Came through: %(source)s", source=customer.source)
        if deal.product is not None:
            yield i18n.gettext("Product: %(product)s", product=i18n.label(deal.product))
        if deal.note.strip():
            yield _one_line(self._sentences(deal.note))

    @cached_property
    def contacts(self) -> list[Interaction]:
        """The last contacts about the deal, oldest first."""
        latest = (
            Interaction.select()
            .where((Interaction.deal == self.deal.id) & Interaction.archived_at.is_null())
            .order_by(Interaction.at.desc(), Interaction.id.desc())
            .limit(MOST_INTERACTIONS)
        )
        return list(latest)[::-1]

    @property
    def _course(self) -> list[Interaction]:
        return [each for each in self.contacts if each is not self._before_turn]

    def _notes(self, contacts: Iterable[Interaction], *, voiced: bool = False) -> Iterator[str]:
        for each in contacts:
            said = [text for text in self._sentences(each.text) if bool(VOICED.search(text)) == voiced]
            if said:
                yield f"{self._origin(each)}{i18n.gettext(': ')}{_one_line(said)}"

    def _origin(self, contact: Interaction) -> str:
        """When it was said, on which occasion, and whether somebody else wrote it down."""
        kind = i18n.gettext(KINDS[contact.kind_of])
        if contact.person_id != self.by.id:
            kind = i18n.gettext("%(kind)s, noted by a colleague", kind=kind)
        return f"{self._day(clock.local(contact.at).date())} {kind}"

    def _day(self, day: date) -> str:
        """How far into the deal: "Day 12"."""
        first = self.deal.engaged_on or clock.local(self.contacts[0].at).date() if self.contacts else day
        return i18n.gettext("Day %(n)s", n=_days(first, day) + 1)

    def _sentences(self, text: str) -> list[str]:
        return SENTENCE.findall(scrub(text.strip(), self._hidden))

    @cached_property
    def _hidden(self) -> list[str]:
        names = names_at(self.customer) if self.customer is not None else []
        return [*names, self.deal.title, *amounts_of(self.deal)]

    @cached_property
    def _last_move(self) -> Event | None:
        """When it last went on to a later stage, before it was closed."""
        moves = Event.about(self.deal).where(Event.verb == "moved")
        return next((each for each in moves if _goes_on(each)), None)

    @cached_property
    def _before_turn(self) -> Interaction | None:
        move = self._last_move
        return next((each for each in reversed(self.contacts) if move and each.at <= move.at), None)

    def _turn(self) -> str:
        if self._last_move is None:
            return ""
        stages = {str(stage): i18n.label(stage) for stage in OPEN_STAGES}
        before, after = (stages[name] for name in self._last_move.changes["stage"])
        day = self._day(clock.local(self._last_move.at).date())
        turn = i18n.gettext("%(day)s: from %(before)s to %(after)s.", day=day, before=before, after=after)
        said = list(self._notes([self._before_turn] if self._before_turn else []))
        return "\n".join([turn, *([i18n.gettext("Just before:"), "", _lines(said)] if said else [])])

    def _used(self) -> str:
        """The articles and questions that the notes name by their address, as far as who writes sees them."""
        named = {found.groups() for each in self.contacts for found in NAMED.finditer(each.text)}
        found: list[str] = []
        for path, model, words in (("articles", Article, "title"), ("questions", Question, "text")):
            ids = [int(ident) for place, ident in named if place == path]
            shown = model.visible_to(self.by).where(model.id.in_(ids)).order_by(model.id) if ids else ()
            found += [
                f"[{getattr(each, words).replace('[', '(').replace(']', ')')}]({each.url})" for each in shown
            ]
        return "\n".join([i18n.gettext("What was used:"), "", _lines(found)]) if found else ""


def _goes_on(move: Event) -> bool:
    before, after = move.changes.get("stage", [None, None])
    stages = [str(stage) for stage in OPEN_STAGES]
    return before in stages and after in stages and stages.index(before) < stages.index(after)


def _one_line(sentences: Iterable[str]) -> str:
    return " ".join("".join(sentences).split("\n")).strip()


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(f"- {text}" for text in texts)


def _paragraphs(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text)


def _days(first: date | None, last: date | None) -> int:
    return max(0, (last - first).days) if first and last else 0


def _outcome(deal: Deal) -> str:
    """Won or lost, how soon, and why."""
    n = _days(deal.engaged_on, deal.closed_on)
    if deal.stage == Stage.WON:
        return i18n.gettext("Won after %(n)s days.", n=n) if n else i18n.gettext("Won.")
    text = i18n.gettext("Lost after %(n)s days.", n=n) if n else i18n.gettext("Lost.")
    if deal.lost_reason:
        text += " " + i18n.gettext("Reason: %(reason)s", reason=deal.lost_reason)
    if deal.competitor:
        text += "\n\n" + i18n.gettext("Chose instead: %(competitor)s", competitor=deal.competitor)
    return text
