"""Other rules: proposed by one, agreed to by a second person where pay or merit hang on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

from peewee import CharField, Check, ForeignKeyField, JSONField, ModelSelect

from portal import clock, i18n
from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.fields import NameField
from portal.models.base.record import Invalid, Record
from portal.models.company.rooms import ROOMS
from portal.models.company.settings import Setting
from portal.models.company.words import ABOUT, RULE_CHANGE
from portal.models.people.approvals import Approval
from portal.models.people.hands import Hands
from portal.models.people.needs import RULERS, RULING
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role, active_with

TITLES = {"review": Phrase("Review rules")} | {key: room.title for key, room in ROOMS.items()}
"""What the pages of rules are called."""
TOLD = {
    "review": (Role.REVIEWER,),
    "reviews": (Role.REVIEWER,),
    "disputes": (Role.FINANCE,),
    "knowledge": (Role.REVIEWER,),
}
"""Who is told of a change beside those who watch; of the others those who watch alone."""
WATCHING = (Role.ADMINISTRATOR, Role.AUDITOR, Role.MANAGER)
SHORTEST = 5

Follow = Callable[[], None]
_FOLLOWED: dict[str, Follow] = {}


def follows(page: str) -> Callable[[Follow], Follow]:
    """Let a wing see to what has to follow when the rules of a page are others."""

    def register(function: Follow) -> Follow:
        _FOLLOWED[page] = function
        return function

    return register


class RuleChange(Record):
    """Other values for some rules of one page. Once answered it stays as it is; one waits for each page."""

    called = RULE_CHANGE

    page = CharField(30, verbose_name=Phrase("Page"))
    """A key of ABOUT."""
    values = JSONField()
    """By the names of the settings, those that change."""
    reason = NameField(500, verbose_name=Phrase("Reason"))
    state = CharField(10, default="asked")
    proposed_by = ForeignKeyField(Person, on_delete="RESTRICT", backref="rule_changes")
    proposed_by_id: int
    answered_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="rule_changes_answered")
    answered_by_id: int | None
    standing = CharField(30, null=True, unique=True)
    """The page, until it is answered: one at a time."""

    class Meta:
        constraints = [
            Check("state IN ('asked', 'approved', 'refused', 'withdrawn', 'alone')"),
            Check("(state = 'asked') = (standing IS NOT NULL)"),
            Check("answered_by_id IS NULL OR answered_by_id <> proposed_by_id"),
            Check("(state IN ('approved', 'refused')) = (answered_by_id IS NOT NULL)"),
        ]

    # -------------------------------------------------------------- who may

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """Those who watch over the rules."""
        return cls.select() if any(person.holds(role) for role in WATCHING) else cls.select().where(False)

    def answerable_by(self, person: Person) -> bool:
        """Another administrator or a manager, not who proposed it nor from their hand, while it waits."""
        return self.offered_to(person) and self._is_second(person)

    def offered_to(self, person: Person) -> bool:
        """Whether they have such a role; from whose hand is looked at when they open or answer it."""
        rules = person.is_active and (person.is_administrator or person.is_manager)
        return self.state == "asked" and rules and person.id != self.proposed_by_id

    def _is_second(self, person: Person) -> bool:
        """Whether they could agree: they have not the role lately from who proposed it."""
        if person.id == self.proposed_by_id:
            return False
        return Hands(RULING, self.created_at).is_second(self.proposed_by_id, person.id)

    def withdrawable_by(self, person: Person) -> bool:
        return self.state == "asked" and person.id == self.proposed_by_id

    @classmethod
    def seconds(cls, person: Person) -> ModelSelect[Person]:
        """Who could agree to what this person proposes now."""
        return _able(Hands(RULING, clock.now()), person)

    @classmethod
    def asks(cls, person: Person) -> tuple[bool, bool]:
        """Whether nobody could agree nor could before, and whether they took that from those who could."""
        hands = Hands(RULING, clock.now())
        if _able(hands, person).exists():
            return False, False
        lacks = bool(hands.stripped_by(person.id))
        return not lacks, lacks

    @classmethod
    def is_alone(cls, person: Person) -> bool:
        """Whether there is nobody who could agree, and was nobody."""
        return cls.asks(person)[0]

    @classmethod
    def waiting(cls, page: str) -> RuleChange | None:
        """What was proposed for a page and waits."""
        return cls.get_or_none(cls.standing == page)

    # -------------------------------------------------------------- its life

    @classmethod
    def propose(cls, page: str, values: Mapping[str, Any], *, by: Person, reason: str) -> RuleChange | None:
        """Ask for other values of some settings of a page; set them at once where nobody has to agree.

        None where nothing would change. Raises Invalid without a reason, and while another one waits.
        """
        changed = {name: value for name, value in values.items() if Setting.read(name) != value}
        if not changed:
            return None
        if len(reason.strip()) < SHORTEST:
            raise Invalid({"reason": Phrase("Say why, in a sentence that those whom it concerns will read.")})
        if cls.waiting(page) is not None:
            raise Invalid(Phrase("A change of these rules waits for an answer. It is answered first."))
        asks = ABOUT[page].second and not cls.is_alone(by)
        state = {"state": "asked", "standing": page} if asks else {"state": "alone"}
        with db.atomic():
            made = cls.create(page=page, values=changed, reason=reason.strip(), proposed_by=by, **state)
            made.track("proposed" if asks else "chosen alone", by=by, changes=made.told)
            if asks:
                asked = Phrase("Other rules wait for a second person: %(page)s", page=_title(page))
                able = {person.id for person in cls.seconds(by)}
                barred = {person.id for person in active_with(*RULING)} - able
                Approval.ask(made, "rules", asked, by=by, who=RULERS, but=barred)
                made._tell_stripped(asked)
            else:
                made._take_effect()
        return made

    @classmethod
    def of_room(cls, page: str, *, by: Person, reason: str, **fields: int) -> RuleChange | None:
        """The same with all the values of a page of ROOMS, by the fields of its form. Raises Invalid."""
        values = {rule.name: fields[rule.field] for rule in ROOMS[page].rules}
        if faults := ROOMS[page].faults(values):
            raise Invalid(faults)
        return cls.propose(page, values, by=by, reason=reason)

    @property
    def told(self) -> dict[str, list[Any]]:
        """What it changes and why, as an event tells it."""
        values = {name: [Setting.read(name), value] for name, value in self.values.items()}
        return values | {"reason": [None, self.reason]}

    def approve(self, *, by: Person) -> None:
        """A second person agrees: it holds from now on. Twice is harmless. Raises Invalid."""
        if self._answer("approved", by):
            self.track("approved", by=by)
            self._take_effect()

    def refuse(self, *, by: Person, reason: str) -> None:
        """It stays as it is, and this is why. Twice is harmless. Raises Invalid."""
        if not reason.strip():
            raise Invalid({"reason": Phrase("Say what speaks against it.")})
        if self._answer("refused", by):
            self.track("refused", by=by, changes={"reason": [None, reason.strip()]})
            said = Phrase(
                "%(who)s keeps the rules as they are: %(page)s. %(reason)s",
                who=names(by),
                page=_title(self.page),
                reason=reason.strip(),
            )
            Notice.tell(self.proposed_by_id, said, about=self)

    def withdraw(self, *, by: Person) -> None:
        """Who proposed it lets it go. Twice is harmless."""
        if self._end("withdrawn"):
            Approval.withdraw(self, "rules")
            self.track("withdrawn", by=by)

    def _answer(self, state: str, by: Person) -> bool:
        if by.id == self.proposed_by_id:
            raise Invalid(Phrase("Someone else has to decide this: not who asked."))
        if self.state == "asked" and not self._is_second(by):
            raise Invalid(
                Phrase(
                    "Someone else has to decide this: you have your role from who proposed it, since a few "
                    "weeks only."
                )
            )
        return self._end(state, answered_by=by) and Approval.settle(
            self, "rules", by=by, approve=state == "approved"
        )

    def _end(self, state: str, **facts: Any) -> bool:
        """Whether it waited until now."""
        waits = (RuleChange.id == self.id) & (RuleChange.state == "asked")
        done = RuleChange.update(state=state, standing=None, **facts).where(waits).execute()
        self.__data__.update(self.fresh().__data__)
        return bool(done)

    def _take_effect(self) -> None:
        """The values hold from now on; who proposed them is named, and who agreed."""
        agreed = {"agreed_by": [None, self.answered_by_id]} if self.answered_by_id else {}
        for name, value in self.values.items():
            Setting.choose(name, value, by=self.proposed_by, told={"reason": [None, self.reason], **agreed})
        if self.page in _FOLLOWED:
            _FOLLOWED[self.page]()
        self._tell()

    def _tell_stripped(self, said: Phrase) -> None:
        """Who could have agreed until who proposed it took the role away hears of it too."""
        stripped = Hands(RULING, self.created_at).stripped_by(self.proposed_by_id)
        watching = {person.id for person in active_with(*WATCHING, *TOLD.get(self.page, ()))}
        gone = Person.id.in_(sorted(stripped - watching)) & Person.deactivated_at.is_null()
        for person in Person.select().where(gone):
            Notice.tell(person, said, about=self, url=self._page_for(person))

    def _tell(self) -> None:
        said = Phrase(
            "Other rules hold from now on: %(page)s. %(reason)s", page=_title(self.page), reason=self.reason
        )
        alone = Phrase(
            "%(who)s changed rules, and nobody else had to agree: %(page)s. %(reason)s",
            who=names(self.proposed_by),
            page=_title(self.page),
            reason=self.reason,
        )
        is_alone = self.state == "alone"
        for person in active_with(*WATCHING, *TOLD.get(self.page, ())):
            if person.id == self.answered_by_id or (is_alone and person.id == self.proposed_by_id):
                continue
            Notice.tell(person, alone if is_alone else said, about=self, url=self._page_for(person))
        self._tell_stripped(alone if is_alone else said)

    def _page_for(self, person: Person) -> str:
        """Where someone reads of it: those who watch over rules its own page, all others what holds now."""
        watches = any(person.holds(role) for role in WATCHING)
        return self.url if watches else f"/rules#{self.page}"


def _able(hands: Hands, person: Person) -> ModelSelect[Person]:
    able = hands.seconds(person.id)
    return Person.select().where(Person.id.in_(sorted(able)) & Person.deactivated_at.is_null())


def _title(page: str) -> dict[str, str]:
    """What a page is called, for a sentence that is kept: whoever reads it, reads their language."""
    return {locale: i18n.said(locale, TITLES[page].msgid) for locale in i18n.LOCALES}
