"""What customers are like: noted from what they said and did, believed once it is confirmed (RULES 4.5)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from peewee import (
    JOIN,
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    FloatField,
    ForeignKeyField,
    ModelSelect,
)

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.fields import StateField, UtcDateTimeField
from portal.models.base.record import Event, Invalid, Record, SearchOutbox, names_of
from portal.models.base.undoing import MEANWHILE, undoes
from portal.models.company.settings import Setting
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import KINDS, Interaction, followed
from portal.models.customers.rights import of_open
from portal.models.customers.trait_kinds import TraitKind
from portal.models.customers.words import TRAIT, TRAIT_SOURCE, SourceState
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.people.rule_changes import follows
from portal.models.work.jobs import Job
from portal.text.naming import words_standing

OPEN, KEPT, DISMISSED, WITHDRAWN = SourceState
TALK = Interaction.kind()
SAID = Customer.kind()
"""The origin of what the customer said of themselves: themselves."""
DEBRIEF = "experience"
WEIGHT = {TALK: 0.5, DEBRIEF: 0.5, SAID: 1.0}
"""What one source adds to the confidence when it is new: two make a whole, as does the customer's word."""
ORIGINS = {DEBRIEF: Phrase("Debrief"), SAID: Phrase("The customer said so")}
PIECE = 100
"""So many traits are weighed anew in one transaction."""
DAY = timedelta(days=1)


class AboutDeal(NamedTuple):
    """What a debrief is about."""

    deal_id: int
    customer_id: int | None


Debriefs = Callable[[Collection[int]], Mapping[int, AboutDeal]]
_DEBRIEFS: list[Debriefs] = []


def tells_debriefs(read: Debriefs) -> Debriefs:
    """Let the wing that knows debriefs say which of these ids are sources, with what they are about: those
    that were accepted and stand. Before, they are read without the author's name, which a source names
    (RULES 4.2).
    """
    _DEBRIEFS.append(read)
    return read


def debriefs_among(ids: Collection[int]) -> dict[int, AboutDeal]:
    """Those of some debriefs that are sources."""
    return {ident: about for read in _DEBRIEFS for ident, about in read(ids).items()} if ids else {}


class Trait(Record):
    """What all the sources together say of one trait of one customer, reckoned anew with each of them."""

    called = TRAIT

    customer = ForeignKeyField(Customer, on_delete="CASCADE", index=False)
    customer_id: int
    kind_of = ForeignKeyField(
        TraitKind, on_delete="RESTRICT", index=False, backref="traits", column_name="kind_id"
    )
    kind_of_id: int
    holds = BooleanField(default=True)
    """Whether the sources say that it holds, or that it does not."""
    weight = FloatField(default=0.0)
    """How much more speaks for it than against it, or against it than for it, at `weighed_at`."""
    weighed_at = UtcDateTimeField(default=clock.now)
    until = UtcDateTimeField(null=True)
    """Confirmed, it drives search and matching until then; empty while it is not confirmed."""

    class Meta:
        indexes = ((("customer", "kind_of"), True), (("kind_of", "holds", "until"), False))

    @property
    def url(self) -> str:
        """It stands on the customer's page."""
        return f"/customers/{self.customer_id}"

    def confidence(self, at: datetime | None = None) -> float:
        """From 0 to 1: it halves with the half-life that the company chose."""
        age = max(0.0, ((at or clock.now()) - self.weighed_at) / DAY)
        return float(min(1.0, self.weight * 2 ** (-age / Setting.read("traits.days"))))

    @property
    def is_confirmed(self) -> bool:
        """Whether it drives search and matching today."""
        return self.until is not None and self.until > clock.now()

    @property
    def is_faded(self) -> bool:
        """Whether it was confirmed, long ago."""
        return self.until is not None and not self.is_confirmed

    # -------------------------------------------------------------- who sees what

    @staticmethod
    def read_by(person: Person) -> Any:
        """The condition that who may open the customer reads a trait of its level (RULES 4.10)."""
        mine = Customer.owner == person.id if person.is_active else Customer.owner == 0
        team = mine | Customer.owner.in_(sorted(person.team) or [0])
        return (TraitKind.level == 1) | ((TraitKind.level == 2) & team) | ((TraitKind.level == 3) & mine)

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """Of the customers that open for a person, what its level lets them read."""
        return (
            of_open(cls.customer, person)
            .join(Customer, on=cls.customer)
            .join_from(cls, TraitKind, on=cls.kind_of)
            .where(cls.read_by(person))
        )

    @classmethod
    def standing(cls) -> Any:
        """The condition that it drives search and matching today: confirmed, not faded, and it holds."""
        return (cls.holds == True) & (cls.until > clock.now())  # noqa: E712

    @classmethod
    def having(cls, *kinds: int, to: Person) -> Any:
        """The condition that a customer is known to have one of these traits, as far as a person may know."""
        found = cls.visible_to(to).where(cls.kind_of.in_(kinds) & cls.standing())
        return Customer.id.in_(found.select(cls.customer))

    @classmethod
    def of(cls, customer: Customer, *, to: Person) -> list[KnownTrait]:
        """What a person reads of a customer's traits, with where it comes from: the surest first."""
        return read(customer, to=to).known if customer.opens_for(to) else []

    @classmethod
    def words_of(cls, customers: Collection[int]) -> dict[int, dict[int, list[str]]]:
        """The words of what is confirmed of customers, by their id and the level at which they are read."""
        found: dict[int, dict[int, list[str]]] = {}
        rows = cls.select(cls, TraitKind).join(TraitKind, on=cls.kind_of)
        for trait in rows.where(cls.customer.in_(list(customers)) & cls.standing()).order_by(cls.id):
            levels = found.setdefault(trait.customer_id, {})
            levels.setdefault(trait.kind_of.level, []).extend(trait.kind_of.words)
        return found

    # -------------------------------------------------------------- what is noted

    @classmethod
    def note(
        cls,
        customer: Customer,
        kind: TraitKind,
        *,
        by: Person,
        holds: bool = True,
        source: Record | None = None,
    ) -> TraitSource:
        """Note that a conversation or a debrief shows a trait, or that it does not hold; without a source,
        that the customer said so. The same source counts once. Raises Invalid.
        """
        return cls._decide(customer, kind, source, by=by, state=KEPT, holds=holds)

    @classmethod
    def dismiss(cls, customer: Customer, kind: TraitKind, *, by: Person, source: Record) -> TraitSource:
        """A source does not show it after all: it is not suggested again. Raises Invalid."""
        return cls._decide(customer, kind, source, by=by, state=DISMISSED)

    @classmethod
    def _decide(
        cls,
        customer: Customer,
        kind: TraitKind,
        source: Record | None,
        *,
        by: Person,
        state: SourceState,
        holds: bool = True,
    ) -> TraitSource:
        origin = source or customer
        _check(customer, origin)
        with db.atomic():
            pair = {
                "customer": customer,
                "kind_of": kind,
                "created_at": clock.now(),
                "weighed_at": clock.now(),
            }
            cls.insert(pair).on_conflict_ignore().execute()
            trait = cls.get((cls.customer == customer) & (cls.kind_of == kind))
            trait.hold()
            place = {"trait": trait, "origin_kind": origin.kind(), "origin": origin.id}
            facts: dict[str, Any] = {**place, "by": by, "at": _day_of(origin), "created_at": clock.now()}
            TraitSource.insert(facts).on_conflict_ignore().execute()
            found = TraitSource.of(trait, origin)
            found.decide(state, by=by, holds=holds)
        return found

    def hold(self) -> None:
        """Nobody else decides on its sources until this transaction ends: who comes second reads what the
        first kept.
        """
        Trait.update(weight=Trait.weight).where(Trait.id == self.id).execute()

    def weigh(self) -> None:
        """Reckon anew what the sources say.

        Each source that stands adds its weight, halved once for each half-life since its day:
        w = sum for - sum against, each w_i x 2^(-age_i / H). It is confirmed by the customer's own word, or
        by sources of two days or more: a debrief repeats the conversations of its deal, and is none beside
        them; all that one person says who did not look after the customer then is one source, however much it
        is. What the others take away from is no age: then it is not confirmed. All of it fades at one pace,
        so the day is known on which it falls below the bar: H x log2(w / bar) from now.
        """
        self.hold()
        at, half_life, bar = clock.now(), Setting.read("traits.days"), Setting.read("traits.bar") / 100
        sums: dict[bool, float] = {True: 0.0, False: 0.0}
        deals = _standing(TraitSource.of_trait(self), self.customer_id)
        for each in deals:
            age = max(0.0, (at - each.at) / DAY)
            sums[each.holds] += WEIGHT[each.origin_kind] * 2 ** (-age / half_life)
        self.holds = sums[True] >= sums[False]
        self.weight, self.weighed_at = abs(sums[True] - sums[False]), at
        agreeing = {each: deal for each, deal in deals.items() if each.holds == self.holds}
        contested = self.weight <= bar < sums[self.holds]
        proved = self.weight > 0 and not contested and _is_proved(agreeing)
        self.until = self._fades_at(bar) if proved else None
        self.save()
        SearchOutbox.note(Customer.kind(), [self.customer_id])

    def _fades_at(self, bar: float) -> datetime:
        half_life: timedelta = Setting.read("traits.days") * DAY
        return self.weighed_at + half_life * math.log2(self.weight / bar)


class TraitSource(Record):
    """One place where a trait shows: a conversation, a debrief, or the customer's own word. Once each."""

    called = TRAIT_SOURCE

    trait = ForeignKeyField(Trait, on_delete="CASCADE", backref="sources", index=False)
    trait_id: int
    origin_kind = CharField(40)
    origin = BigIntegerField()
    state = StateField(SourceState, max_length=20, default=OPEN, verbose_name=Phrase("State"))
    holds = BooleanField(default=True, verbose_name=Phrase("Holds"))
    by = ForeignKeyField(
        Person, on_delete="RESTRICT", backref="traits_decided", verbose_name=Phrase("Decided by")
    )
    """Who decided last."""
    by_id: int
    answers = BooleanField(default=False, verbose_name=Phrase("Looks after the customer"))
    """Whether who decided looked after the customer then: what counted when it was said counts on."""
    at = UtcDateTimeField(default=clock.now, verbose_name=Phrase("Said on"))
    """When it was said or seen."""

    class Meta:
        indexes = ((("trait", "origin_kind", "origin"), True), (("origin_kind", "origin"), False))
        constraints = [
            Check("state IN ('open', 'kept', 'dismissed', 'withdrawn')"),
            Check("origin_kind IN ('interaction', 'experience', 'customer')"),
        ]

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """What a person may read of the traits, those that were dismissed too."""
        return (
            cls.select()
            .join(Trait, on=cls.trait)
            .join(Customer, on=Trait.customer)
            .join_from(Trait, TraitKind, on=Trait.kind_of)
            .where(
                Trait.read_by(person) & Trait.customer.in_(Customer.visible_to(person).select(Customer.id))
            )
        )

    @classmethod
    def of(cls, trait: Trait, origin: Record) -> TraitSource:
        """What was decided on one place."""
        place = (cls.origin_kind == origin.kind()) & (cls.origin == origin.id)
        return cls.get((cls.trait == trait) & place)

    @classmethod
    def of_trait(cls, trait: Trait) -> list[TraitSource]:
        return list(cls.select().where(cls.trait == trait).order_by(cls.id))

    @property
    def customer_id(self) -> int:
        """Its events stand on the customer's timeline."""
        return self.trait.customer_id

    @property
    def url(self) -> str:
        return self.trait.url

    @property
    def words(self) -> Phrase:
        """Where it comes from."""
        if self.origin_kind in ORIGINS:
            return ORIGINS[self.origin_kind]
        said = getattr(self, "said", None)
        return KINDS[said.kind_of] if said is not None else Phrase("Conversation")

    def withdrawable_by(self, person: Person) -> bool:
        """Who noted it, and whoever looks after the customer."""
        may = self.by_id == person.id or self.trait.customer.editable_by(person)
        return may and Customer.addable_by(person)

    def undoable_by(self, person: Person) -> bool:
        """Who may take it back may say it again."""
        return self.withdrawable_by(person)

    def decide(self, state: SourceState, *, by: Person, holds: bool = True) -> None:
        """It shows the trait, or it does not: the same again is harmless, whoever says it. The customer's own
        word of another day is a new one. What somebody took back who looks after the customer stays so until
        they say otherwise: raises Invalid.
        """
        renewed = self.origin_kind == SAID and clock.local(self.at).date() < clock.today()
        if self.state == state and (state != KEPT or (self.holds == holds and not renewed)):
            return
        taken_back = self.state in (DISMISSED, WITHDRAWN) and self.by_id != by.id
        if taken_back and not self.trait.customer.editable_by(by):
            raise Invalid(Phrase("Whoever looks after this customer says that it is not so. Talk to them."))
        facts: dict[str, Any] = {"at": clock.now()} if self.origin_kind == SAID else {}
        self._become(state, by=by, holds=holds, answers=self.trait.customer.editable_by(by), **facts)

    def withdraw(self, *, by: Person) -> None:
        """It is not so, or not known from here: it counts no longer. Twice is harmless."""
        with db.atomic():
            self.trait.hold()
            self.__data__.update(self.fresh().__data__)
            if self.state == KEPT:
                self._become(WITHDRAWN, by=by)

    def _become(self, state: SourceState, *, by: Person, **facts: Any) -> None:
        """Store it, tell whoever looks after the customer, and weigh all anew."""
        changes = self.changed_fields({"state": state.value, "by": by, **facts})
        self.take_over({"state": state, "by": by, **facts})
        self.track(state.value, by=by, changes=changes)
        customer = self.trait.customer
        owner = customer.owner
        if state != DISMISSED and owner is not None and owner.is_active and owner.id != by.id:
            who, whose = names(by), names(customer)
            told = Phrase("%(who)s took back a trait of %(customer)s.", who=who, customer=whose)
            if state == KEPT:
                told = Phrase("%(who)s noted a trait of %(customer)s.", who=who, customer=whose)
            Notice.tell(owner, told, about=customer)

    def take_over(self, facts: Mapping[str, Any]) -> None:
        """Store it and weigh all anew."""
        for name, value in facts.items():
            setattr(self, name, value)
        self.save()
        self.trait.weigh()


class KnownTrait(NamedTuple):
    """A trait of a customer, and every source that somebody decided on, the latest first."""

    trait: Trait
    sources: tuple[TraitSource, ...]

    @property
    def kind(self) -> TraitKind:
        return self.trait.kind_of

    @property
    def kept(self) -> list[TraitSource]:
        """Those that speak for it, or against it."""
        return [each for each in self.sources if each.state == KEPT]

    @property
    def is_contested(self) -> bool:
        """Whether the sources say both, and neither is believed."""
        return not self.trait.is_confirmed and len({each.holds for each in self.kept}) > 1


class TraitReading(NamedTuple):
    """What a person reads of a customer: the traits, and the words that may be noted."""

    known: list[KnownTrait]
    kinds: list[TraitKind]

    @property
    def needed(self) -> int:
        """So many conversations on different days confirm a trait."""
        return int(Setting.read("traits.sources"))


def read(customer: Customer, *, to: Person) -> TraitReading:
    """All that a person who opens a customer may read of its traits, in one query."""
    mine = (Trait.kind_of == TraitKind.id) & (Trait.customer == customer)
    talk = (TraitSource.origin_kind == TALK) & (TraitSource.origin == Interaction.id)
    rows: Any = (
        TraitKind.select(
            TraitKind, Trait, TraitSource, *names_of(Person), Interaction.id, Interaction.kind_of
        )
        .join(Trait, JOIN.LEFT_OUTER, on=mine, attr="trait")
        .join(TraitSource, JOIN.LEFT_OUTER, on=(TraitSource.trait == Trait.id), attr="source")
        .join(Person, JOIN.LEFT_OUTER, on=(TraitSource.by == Person.id), attr="by")
        .join_from(TraitSource, Interaction, JOIN.LEFT_OUTER, on=talk, attr="said")
        .where(TraitKind.level <= _highest(customer, to))
        .order_by(TraitKind.position, TraitKind.id, TraitSource.at.desc(), TraitSource.id.desc())
    )
    kinds: dict[int, TraitKind] = {}
    found: defaultdict[int, list[TraitSource]] = defaultdict(list)
    for row in rows:
        kinds.setdefault(row.id, row)
        trait = getattr(row, "trait", None)
        if trait is not None and (source := getattr(trait, "source", None)) is not None:
            trait.customer, trait.kind_of, source.trait = customer, row, trait
            found[row.id].append(source)
    known = [KnownTrait(ones[0].trait, tuple(ones)) for ones in found.values()]
    known.sort(key=lambda one: (not one.trait.is_confirmed, -one.trait.confidence(), one.trait.id))
    return TraitReading(known, list(kinds.values()))


def _highest(customer: Customer, person: Person) -> int:
    """The highest level that a person reads of a customer."""
    return 3 if customer.open_to(person) else 2 if person.leads(customer.owner_id) else 1


def suggested(
    texts: Iterable[tuple[Record, str]], known: Iterable[KnownTrait], kinds: Collection[TraitKind]
) -> dict[int, list[TraitKind]]:
    """The traits whose words stand in what was written down, by the record's id: those on which nobody
    decided there. Nothing is kept by itself.
    """
    decided = {
        (each.origin_kind, each.origin, one.kind.id)
        for one in known
        for each in one.sources
        if each.state != OPEN
    }
    words = {kind.id: kind.plain_words for kind in kinds}
    every = set[str]().union(*words.values())
    found: dict[int, list[TraitKind]] = {}
    for record, text in texts:
        there = words_standing(text, every)
        found[record.id] = [
            kind
            for kind in kinds
            if words[kind.id] & there and (record.kind(), record.id, kind.id) not in decided
        ]
    return {ident: ones for ident, ones in found.items() if ones}


def noted_by(customer: Customer, person: Person, source: Any | None) -> bool:
    """Whether a person may decide on a source: on a conversation or debrief its writer and whoever looks
    after the customer; that the customer said so, the latter alone, since it is believed at once.
    """
    if not customer.addable_by(person) or customer.is_archived:
        return False
    writer = getattr(source, "person_id", None) or getattr(source, "author_id", None)
    return customer.editable_by(person) or (source is not None and writer == person.id)


def _check(customer: Customer, origin: Any) -> None:
    """Raises Invalid for what is of another customer, was taken back, or is no source yet."""
    whose, stands = getattr(origin, "customer_id", None), True
    if origin.kind() == SAID:
        whose = origin.id
    elif origin.kind() == DEBRIEF:
        if origin.state in ("submitted", "revision"):
            raise Invalid(
                {"source": Phrase("This debrief is read without your name. Note it once it is decided.")}
            )
        about = debriefs_among([origin.id]).get(origin.id)
        whose, stands = (about.customer_id, True) if about is not None else (customer.id, False)
    if whose != customer.id or origin.kind() not in WEIGHT:
        raise Invalid({"source": Phrase("Choose a conversation with this customer.")})
    if not stands or (origin.kind() == TALK and origin.is_put_away):
        raise Invalid({"source": Phrase("It was taken back: choose another conversation.")})


def _standing(sources: Iterable[TraitSource], customer: int) -> dict[TraitSource, int | None]:
    """The sources that count, each with the deal it was about: kept, and what they rest on was not taken
    back. Those of one kind are read at once.
    """
    kept: dict[str, list[TraitSource]] = {kind: [] for kind in WEIGHT}
    for each in sources:
        if each.state == KEPT:
            kept[each.origin_kind].append(each)
    found: dict[TraitSource, int | None] = dict.fromkeys(kept[SAID])
    if kept[TALK]:
        of = Interaction.id.in_([each.origin for each in kept[TALK]]) & Interaction.archived_at.is_null()
        rows: Any = Interaction.select(Interaction.id, Interaction.deal).where(of).tuples()
        talks: dict[int, int | None] = dict(rows)
        found |= {each: talks[each.origin] for each in kept[TALK] if each.origin in talks}
    debriefs = debriefs_among([each.origin for each in kept[DEBRIEF]])
    for each in kept[DEBRIEF]:
        about = debriefs.get(each.origin)
        if about is not None and about.customer_id == customer:
            found[each] = about.deal_id
    return found


def _is_proved(agreeing: Mapping[TraitSource, int | None]) -> bool:
    """Whether sources that say the same are enough, each with the deal it was about."""
    if any(each.origin_kind == SAID for each in agreeing):
        return True
    talked_of = {deal for each, deal in agreeing.items() if each.origin_kind == TALK}
    counted = [each for each, deal in agreeing.items() if each.origin_kind == TALK or deal not in talked_of]
    days = {clock.local(each.at).date() for each in counted}
    heads = {clock.local(each.at).date() if each.answers else f"person-{each.by_id}" for each in counted}
    return bool(min(len(days), len(heads)) >= Setting.read("traits.sources"))


def _day_of(origin: Any) -> datetime:
    if origin.kind() == TALK:
        return origin.at  # type: ignore[no-any-return]
    return clock.now() if origin.kind() == SAID else origin.created_at


@followed
def weigh_anew(said: Interaction) -> None:
    """It was taken back, brought back or moved to another day: what rests on it is weighed anew."""
    moved = (TraitSource.origin_kind == TALK) & (TraitSource.origin == said.id) & (TraitSource.at != said.at)
    TraitSource.update(at=said.at).where(moved).execute()
    _weigh((TraitSource.origin_kind == TALK) & (TraitSource.origin == said.id))


def weigh_resting_on(debrief: Record) -> None:
    """It stands no longer: what rests on it is weighed anew."""
    _weigh((TraitSource.origin_kind == DEBRIEF) & (TraitSource.origin == debrief.id))


def weigh_debriefs_of(customers: Iterable[int | None]) -> None:
    """A deal is another customer's: what rests on debriefs is weighed anew, of both."""
    of = Trait.select(Trait.id).where(Trait.customer.in_([each for each in customers if each is not None]))
    _weigh((TraitSource.origin_kind == DEBRIEF) & TraitSource.trait.in_(of))


def _weigh(resting: Any) -> None:
    found = TraitSource.select(TraitSource.trait).where(resting)
    for trait in list(Trait.select().where(Trait.id.in_(found)).order_by(Trait.id)):
        trait.weigh()


@follows("traits")
def ask_for_weighing() -> None:
    """Other rules: a job weighs all anew, what was weighed until now."""
    Job.enqueue("weigh traits", since=clock.now().isoformat())


def weigh_some(since: datetime, *, after: int = 0) -> int:
    """Weigh the next traits anew that were weighed last at `since` or before; the id of the last, 0 where
    there are no more. Ended halfway, it goes on with what is left.
    """
    left = Trait.select().where((Trait.id > after) & (Trait.weighed_at <= since)).order_by(Trait.id)
    found = list(left.limit(PIECE))
    for trait in found:
        trait.weigh()
    return found[-1].id if found else 0


def find_people_anew() -> None:
    """Other rules: people are found by what enough call them."""
    SearchOutbox.note(Person.kind(), [person.id for person in Person.select(Person.id)])


def reindex_faded(since: datetime | None = None) -> None:
    """Ask for the search documents of the customers of whom a trait faded since a moment, or ever."""
    faded = Trait.until <= clock.now()
    rows = Trait.select().where(faded if since is None else faded & (Trait.until > since))
    SearchOutbox.note(Customer.kind(), [trait.customer_id for trait in rows])


@undoes(TraitSource, "kept", "dismissed", "withdrawn", right="undoable_by")
def as_before(source: TraitSource, event: Event, by: Person) -> None:
    """What was decided before stands again."""
    before = {name: change[0] for name, change in event.changes.items()}
    if source.state != event.changes["state"][1]:
        raise Invalid(MEANWHILE)
    if "at" in before:
        before["at"] = datetime.fromisoformat(before["at"])
    source.take_over({**before, "state": SourceState.of(before["state"])})
