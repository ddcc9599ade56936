"""Somebody who had no part in a deal asks what it taught: their notes begin its debrief (scenario S10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from peewee import CharField, Check, ForeignKeyField, ModelSelect

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.fields import UtcDateTimeField
from portal.models.base.record import Invalid, Record
from portal.models.company.departments import Department
from portal.models.company.settings import Setting
from portal.models.customers.interactions import Interaction
from portal.models.experiences.experiences import PARTS, WRITABLE, Experience, may_debrief
from portal.models.experiences.words import INTERVIEW
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role, RoleGrant
from portal.models.sales.deals import Deal, DealShare
from portal.models.work.clocks import Clock, step
from portal.text.writing import clean

HANDED_IN = Phrase("The debrief of this deal is handed in: nothing is left to ask.")


class Interview(Record):
    """One colleague asks another what a deal taught. What is answered goes into the debrief's draft at once
    and is kept nowhere else; the debrief stays its teller's, and so does its credit.
    """

    called = INTERVIEW

    deal = ForeignKeyField(Deal, on_delete="CASCADE")
    deal_id: int
    teller = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    """Whose debrief it becomes."""
    teller_id: int
    interviewer = ForeignKeyField(Person, on_delete="RESTRICT")
    interviewer_id: int
    by = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    """Who asked for it: the teller, or who leads them."""
    by_id: int
    key = CharField(60, null=True, unique=True)
    """Set while it is waited for: one at a time for a deal and its teller."""
    noted_at = UtcDateTimeField(null=True)

    class Meta:
        constraints = [Check("noted_at IS NULL OR key IS NULL")]

    # -------------------------------------------------------------- who may

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """Those whom it concerns: nobody else is told that there is a debrief (RULES 4.2)."""
        return cls.select().where((cls.interviewer == person) | (cls.teller == person) | (cls.by == person))

    @staticmethod
    def askable_by(deal: Deal, person: Person, debriefs: Iterable[Experience] | None = None) -> bool:
        """Who worked on a closed deal, and who leads its owner, while its debrief may still be written;
        `debriefs`: those of the deal, where they were read already.
        """
        if deal.closed_on is None or deal.archived_at is not None or not person.is_active:
            return False
        teller = teller_of(deal, person)
        if teller is None or not (teller == person.id or person.leads(teller)):
            return False
        key = f"debrief-{deal.id}-{teller}"
        found = Experience.select().where(Experience.key == key) if debriefs is None else debriefs
        return all(each.state in WRITABLE for each in found if each.key == key)

    @property
    def is_running(self) -> bool:
        """Whether it is waited for."""
        return self.key is not None

    def answerable_by(self, person: Person) -> bool:
        """Whoever was asked to hold it."""
        return self.interviewer_id == person.id and person.is_active

    def endable_by(self, person: Person) -> bool:
        """Everyone whom it concerns, while it is waited for."""
        return self.is_running and person.id in (self.interviewer_id, self.teller_id, self.by_id)

    # -------------------------------------------------------------- its life

    @classmethod
    def of(cls, deal: Deal, person: Person) -> Interview | None:
        """The one that is waited for of a deal, for those whom it concerns."""
        running = (cls.deal == deal) & cls.key.is_null(False)
        found: Interview | None = cls.visible_to(person).where(running).order_by(cls.id.desc()).first()
        return found

    @classmethod
    def interviewers_of(cls, deal: int) -> set[int]:
        """Ids of all who were ever asked to hold one of a deal: they know whose its debrief is."""
        return {each.interviewer_id for each in cls.select(cls.interviewer).where(cls.deal == deal)}

    @classmethod
    def ask(cls, deal: Deal, *, by: Person, interviewer: Person) -> Interview:
        """Ask a colleague to hold it; twice is one. Raises Invalid for who cannot."""
        teller = teller_of(deal, by)
        if teller is None or not cls.askable_by(deal, by):
            raise Invalid(HANDED_IN)
        key = f"{deal.id}-{teller}"
        running = cls.get_or_none(cls.key == key)
        if running is not None and running.interviewer_id == interviewer.id:
            return running
        if running is not None:
            raise Invalid({"interviewer": Phrase("Somebody is asked already. Call that off first.")})
        if not neutral(deal, by).where(Person.id == interviewer.id).exists():
            raise Invalid({"interviewer": NOT_NEUTRAL})
        facts = {"deal": deal, "teller": teller, "interviewer": interviewer, "by": by, "key": key}
        with db.atomic():
            made = cls.create(**facts)
            made.track("asked", by=by)
            made._wait()
        return made

    def _wait(self) -> None:
        words = Phrase("%(name)s asks you for an interview on a closed deal.", name=names(self.teller))
        if self.by_id != self.teller_id:
            words = Phrase(
                "%(by)s asks you to interview %(name)s on a closed deal.",
                by=names(self.by),
                name=names(self.teller),
            )
            told = Phrase("%(name)s is to interview you on a deal.", name=names(self.interviewer))
            self._tell(self.teller_id, told)
        Clock.start(self, "interview", who=f"person-{self.interviewer_id}", text=words, url=self.url)
        self._tell(self.interviewer_id, words, waits=f"{self} interview")

    def note(self, *, by: Person, answers: Mapping[str, str]) -> None:
        """What was answered, by part of a debrief, goes below what its draft says. Twice is harmless.

        Raises Invalid when nothing was noted, or when the debrief is no longer written.
        """
        if not self.is_running:
            return
        said = {name: text for name in PARTS if (text := clean(answers.get(name) or "").strip())}
        if not said:
            raise Invalid({PARTS[0]: Phrase("Write down what was answered.")})
        with db.atomic():
            debrief = Experience.begin(by=self.teller, kind="debrief", deal=self.deal)
            if not debrief.is_writable:
                raise Invalid(HANDED_IN)
            parts: dict[str, Any] = {
                name: _below(getattr(debrief, name), text) for name, text in said.items()
            }
            debrief.save_draft(by=by, **parts)
            debrief.track("interviewed", by=by)
            self._leave("noted", by=by, noted_at=clock.now())
            words = Phrase("%(name)s noted what you said: go on with the debrief.", name=names(by))
            self._tell(self.teller_id, words, url=f"{debrief.url}/edit")

    def end(self, *, by: Person | None) -> None:
        """The interviewer cannot, or it is called off. Twice is harmless."""
        if not self.is_running:
            return
        declines = by is None or by.id == self.interviewer_id
        with db.atomic():
            self._leave("declined" if declines else "called off", by=by)
            if declines:
                words = Phrase(
                    "%(name)s cannot hold the interview: ask somebody else, or write it yourself.",
                    name=names(self.interviewer),
                )
                self._tell(self.by_id, words, url=f"{self.deal.url}/interview")

    def _leave(self, verb: str, *, by: Person | None, **facts: Any) -> None:
        self.key = None
        for name, value in facts.items():
            setattr(self, name, value)
        self.save()
        Clock.stop(self, "interview")
        self.track(verb, by=by)

    def _tell(self, person: int, words: Phrase, **more: Any) -> None:
        Notice.tell(person, words, about=self, **more)


NOT_NEUTRAL = Phrase(
    "Choose somebody who had no part in the deal, does not lead who tells it, and reviews nothing."
)


def teller_of(deal: Deal, person: Person) -> int | None:
    """Whose debrief an interview becomes that this person asks for: theirs, else that of the deal's owner."""
    return person.id if may_debrief(deal, person) else deal.owner_id


def neutral(deal: Deal, by: Person) -> ModelSelect[Person]:
    """Who may hold it: who had no part in the deal, does not lead its teller, and judges no experiences.

    Whoever reviews would know whose debrief they read, and an author would choose by it who does not judge
    (RULES 4.2).
    """
    teller = Person.get_by_id(teller_of(deal, by))
    shares = DealShare.select(DealShare.person).where(DealShare.deal == deal)
    noted = Interaction.select(Interaction.person).where(Interaction.deal == deal)
    judging = RoleGrant.select(RoleGrant.person).where(RoleGrant.role.in_([Role.REVIEWER, Role.AUDITOR]))
    above = Department.with_ancestors([teller.department_id] if teller.department_id else [])
    leading = RoleGrant.select(RoleGrant.person).where(
        (RoleGrant.role == Role.MANAGER) & RoleGrant.department.in_(sorted(above) or [0])
    )
    known = {by.id, teller.id, deal.owner_id, teller.manager_id, Setting.read("review.panel_lead")}
    but = [ident for ident in known if ident]
    others = Person.select().where(Person.deactivated_at.is_null() & Person.id.not_in(but))
    for part in (shares, noted, judging, leading):
        others = others.where(Person.id.not_in(part))
    return others


def _below(text: str, answer: str) -> str:
    return f"{text.rstrip()}\n\n{answer}" if text.strip() else answer


def over(debrief: Experience, *, by: Person) -> None:
    """Its debrief was handed in: nobody is waited for any more."""
    running = Interview.get_or_none(Interview.key == f"{debrief.deal_id}-{debrief.author_id}")
    if running is not None:
        running._leave("called off", by=by)


@step("interview", "left")
def ask_another(waiting: Clock) -> None:
    """Who was to hold it has left: whoever asked for it hears of it."""
    running = Interview.get_or_none(Interview.id == waiting.subject)
    if running is not None and not running.interviewer.is_active:
        running.end(by=None)
