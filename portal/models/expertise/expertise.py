"""Who knows what, and why we believe it: computed from evidence, never typed in (RULES 4.5)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, cached_property, partial, reduce
from heapq import nlargest
from math import fsum
from operator import or_
from typing import Any, NamedTuple

from peewee import (
    SQL,
    BigIntegerField,
    Case,
    CharField,
    Check,
    DoubleField,
    ForeignKeyField,
    IntegerField,
    ModelSelect,
    Tuple,
    Value,
    chunked,
    fn,
)

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import Latest, is_sqlite, remembered, transact
from portal.models.base.fields import UtcDateTimeField
from portal.models.base.prepared import Prepared
from portal.models.base.record import Record, Row, SearchOutbox
from portal.models.company.settings import DEFAULTS, Setting
from portal.models.company.topics import Topic
from portal.models.expertise.own_topics import OwnTopic, Sort
from portal.models.people.people import Person
from portal.models.people.rule_changes import follows

CHOSEN = {
    "accepted experience": "accepted",
    "best answer": "answer",
    "helpful use": "use",
    "endorsement": "word",
    "review done": "review",
}
"""The kinds of evidence whose weight and half-life a company chooses, by the name of their settings."""
WEIGHTS: dict[str, tuple[int, int | None]] = {
    **{kind: (DEFAULTS[f"expert.{name}"], DEFAULTS[f"expert.{name}_days"]) for kind, name in CHOSEN.items()},
    "verified article": (6, None),
    "certificate": (5, None),
    "wrong answer": (-5, 365),
}
"""What one piece of evidence usually weighs, and its half-life in days; None: full weight while it stands."""
CAPPED = {"helpful use": "expert.use_most", "endorsement": "expert.word_most"}
"""The settings that say what one kind at most adds up to for one person and topic."""
KINDS = {
    "accepted experience": Phrase("Accepted experience"),
    "best answer": Phrase("Best answer"),
    "verified article": Phrase("Verified article"),
    "certificate": Phrase("Certificate"),
    "helpful use": Phrase("Helped a colleague"),
    "endorsement": Phrase("Endorsed by a colleague"),
    "review done": Phrase("Review done"),
    "wrong answer": Phrase("Answer found wrong"),
}
DAY = timedelta(days=1)


def weights() -> dict[str, tuple[int, int | None]]:
    """What one piece of evidence weighs in this company, and its half-life in days."""
    return remembered(
        "weights of evidence",
        lambda: (
            WEIGHTS
            | {
                kind: (Setting.read(f"expert.{name}"), Setting.read(f"expert.{name}_days"))
                for kind, name in CHOSEN.items()
            }
        ),
        table=Setting.kind(),
    )


@follows("experts")
def found_anew() -> None:
    """Search finds people by what they are known for."""
    SearchOutbox.note(Person.kind(), [person.id for person in Person.select(Person.id)])


def _id(record: Any) -> int:
    return int(getattr(record, "id", record))


class Evidence(Record):
    """One reason to believe that a person knows a topic."""

    person = ForeignKeyField(Person, on_delete="CASCADE")
    person_id: int
    topic = ForeignKeyField(Topic, on_delete="CASCADE")
    topic_id: int
    kind_of = CharField(40, column_name="kind")
    """A key of WEIGHTS."""
    quality = IntegerField(default=10_000)
    """Hundredths of a percent: 10,000 is 1 (RULES 4.5: q = score/100 or 1)."""
    subject_kind = CharField(40)
    subject = BigIntegerField()
    key = CharField(160, unique=True)
    at = UtcDateTimeField(default=clock.now)
    withdrawn_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = (
            (("topic", "person"), False),
            (("person", "at"), False),
            (("subject_kind", "subject"), False),
        )
        constraints = [Check("quality >= 0 AND quality <= 10000")]

    @classmethod
    def record(
        cls,
        person: Person | int,
        topic: Topic | int | Collection[int],
        kind: str,
        subject: Record,
        *,
        quality: int = 10_000,
        key: str | None = None,
        since: datetime | None = None,
    ) -> bool:
        """Note a reason to believe that someone knows a topic or several, once for each key and topic.

        `kind` is a key of WEIGHTS, `quality` hundredths of a percent; the key is made of kind, subject and
        person when not given; it counts `since` then, or at once. Evidence that was withdrawn and is recorded
        again stands again, from now. False when all of it was known. Raises KeyError for an unknown kind.
        """
        WEIGHTS[kind]
        who, at = _id(person), since or clock.now()
        topics = topic if isinstance(topic, Collection) else [_id(topic)]
        key = key or f"{kind}:{subject.kind()}-{subject.id}:person-{who}"
        facts = {"person": who, "kind_of": kind, "quality": quality, "at": at, "created_at": at}
        facts |= {"subject_kind": subject.kind(), "subject": subject.id}
        rows = [facts | {"topic": each, "key": f"{key}:topic-{each}"} for each in topics]
        if not rows:
            return False
        SearchOutbox.note(Person.kind(), [who])
        made = cls.insert_many(rows).on_conflict_ignore().as_rowcount().execute()
        if made < len(rows):
            again: dict[str, Any] = {"withdrawn_at": None, "at": at, "quality": quality}
            known = cls.key.in_([row["key"] for row in rows]) & cls.withdrawn_at.is_null(False)
            made += cls.update(again).where(known).execute()
        if made:
            EvidenceSum.renew({(who, each) for each in topics})
        return bool(made)

    @classmethod
    def withdraw(
        cls, subject: Record, *, kind: str | None = None, but: int | Collection[int] | None = None
    ) -> None:
        """What rested on this subject no longer counts; `but`: of one topic or several it does.
        Twice is harmless.
        """
        rests = (cls.subject_kind == subject.kind()) & (cls.subject == subject.id)
        if kind:
            rests &= cls.kind_of == kind
        if but:
            rests &= cls.topic.not_in(sorted(but) if isinstance(but, Collection) else [but])
        known = {(row.person_id, row.topic_id) for row in cls.select(cls.person, cls.topic).where(rests)}
        SearchOutbox.note(Person.kind(), {person for person, _ in known})
        if cls.update(withdrawn_at=clock.now()).where(rests & cls.withdrawn_at.is_null()).execute():
            EvidenceSum.renew(known)

    @classmethod
    def take_back(cls, key: str, topic: int | None = None) -> None:
        """What rested on one deed, of a topic or of all, no longer counts; twice is harmless.

        It is found by the deed: said again after it was taken back, a vote is another row.
        """
        start = f"{key}:topic-"
        mine = cls.key == f"{start}{topic}"
        if not topic:
            # LIKE alone would read all evidence. A number follows, and "z" comes after every digit in any
            # order of letters that a database may have; which of them begin so, the last part says.
            mine = (cls.key >= start) & (cls.key < f"{start}z") & (fn.SUBSTR(cls.key, 1, len(start)) == start)
        standing = mine & cls.withdrawn_at.is_null()
        drop = cls.update(withdrawn_at=clock.now()).where(standing).returning(cls.person, cls.topic)
        gone = {(row.person_id, row.topic_id) for row in drop.execute()}
        SearchOutbox.note(Person.kind(), {person for person, _ in gone})
        EvidenceSum.renew(gone)

    @classmethod
    def standing(cls) -> ModelSelect[Evidence]:
        """Evidence that was not withdrawn."""
        return cls.select().where(cls.withdrawn_at.is_null())

    @property
    def url(self) -> str:
        """Where it can be checked; empty for a colleague's word, which is its own proof."""
        return {
            "experience": f"/articles/of-experience/{self.subject}",
            "review": "",
            "article": f"/articles/{self.subject}",
            "answer": f"/answers/{self.subject}",
            "certificate": f"/certificates/{self.subject}",
        }.get(self.subject_kind, "")


class EvidenceRow(NamedTuple):
    """A row of evidence as it is read by the hundred: making records of them costs more than reading them."""

    id: int
    person_id: int
    topic_id: int
    kind_of: str
    quality: int
    subject_kind: str
    subject: int
    at: datetime

    def weight(self, at: datetime) -> float:
        """What it adds at a moment: w x q x 2^(-age/H), before any cap (RULES 4.5)."""
        weight, half_life = weights()[self.kind_of]
        decay = 1.0 if half_life is None else 2 ** (-self.age(at) / half_life)
        return weight * self.quality / 10_000 * decay

    def age(self, at: datetime) -> float:
        """Days since; 0 for what lies ahead."""
        return max(0.0, (at - self.at) / DAY)

    @property
    def words(self) -> Phrase:
        return KINDS[self.kind_of]

    @property
    def base_weight(self) -> int:
        """What it weighs when new and of full quality."""
        return weights()[self.kind_of][0]


class EvidenceSum(Row):
    """What a person's evidence of one kind for one topic comes to: kept, so that nobody adds up all of it.

    What fades by half in H days has at any later moment the same share of its sum: each sum is told as of the
    newest piece in it. What is still to count (a review does once its month is over) is a sum of its own for
    each such moment. At a moment between the pieces of a sum, or with another half-life, the pieces are read.
    """

    person = ForeignKeyField(Person, on_delete="CASCADE", index=False)
    person_id: int
    topic = ForeignKeyField(Topic, on_delete="CASCADE", index=False)
    topic_id: int
    kind_of = CharField(40, column_name="kind")
    total = DoubleField()
    """Of quality x 2^(-age/H), as of `at`; what one piece weighs is not in it."""
    pieces = IntegerField()
    first_at = UtcDateTimeField()
    at = UtcDateTimeField()
    """When the oldest piece in it counted first, and the newest."""
    half_life = IntegerField()
    """In days, by which it was added up; 0: it does not fade; -1: it is yet to be added up."""

    class Meta:
        indexes = ((("person", "topic", "kind_of", "at"), True), (("topic", "person"), False))

    @classmethod
    @contextmanager
    def together(cls) -> Iterator[None]:
        """What is proved or taken back within the block is added up once, at its end."""
        gathered = _gathered.set(set())
        try:
            yield
            places = _gathered.get() or set()
        finally:
            _gathered.reset(gathered)
        cls.renew(places)

    @classmethod
    def renew(cls, places: Collection[tuple[int, int]]) -> None:
        """Add up the evidence of these persons and topics anew."""
        if (gathered := _gathered.get()) is not None:
            gathered.update(places)
            return
        if not places:
            return
        people, topics = sorted({person for person, _ in places}), sorted({topic for _, topic in places})
        _one_by_one(people)
        now, found = clock.now(), defaultdict[tuple[int, int, str, datetime], list[EvidenceRow]](list)
        for piece in _pieces({"person": people, "topic": topics}, here=False)[0]:
            if (piece.person_id, piece.topic_id) in places:
                found[piece.person_id, piece.topic_id, piece.kind_of, max(piece.at, now)].append(piece)
        for some in chunked(sorted(places), 200):
            cls.delete().where(Tuple(cls.person, cls.topic).in_([Tuple(*place) for place in some])).execute()
        rows = [_added_up(pieces, now) for _, pieces in sorted(found.items())]
        for many in chunked(rows, 200):
            cls.insert_many(many).execute()

    @classmethod
    def stale(cls, size: int = 200) -> set[tuple[int, int]]:
        """Persons and topics of sums that no longer hold, so many."""
        ways: Any = [
            (cls.kind_of == kind) & (cls.half_life != (half or 0)) for kind, (_, half) in weights().items()
        ]
        stale = reduce(or_, ways)
        return {(row.person_id, row.topic_id) for row in cls.select().where(stale).limit(size)}


_gathered: ContextVar[set[tuple[int, int]] | None] = ContextVar("gathered", default=None)
"""The persons and topics whose sums wait for the end of a block."""


def _one_by_one(people: list[int]) -> None:
    """Of two who add up somebody's evidence at one moment the second reads what the first wrote. SQLite has
    one writer at a time by itself.
    """
    if not is_sqlite():
        held: Any = Person.select(Person.id).where(Person.id.in_(people)).order_by(Person.id)
        held.for_update("FOR NO KEY UPDATE").execute()


def _added_up(pieces: list[EvidenceRow], now: datetime) -> dict[str, Any]:
    """A row of the sums, of pieces of one person, topic and kind."""
    one, half = pieces[0], weights()[pieces[0].kind_of][1] or 0
    at = max(piece.at for piece in pieces)
    shares = (p.quality / 10_000 * (2 ** (-p.age(at) / half) if half else 1.0) for p in pieces)
    facts = {"person": one.person_id, "topic": one.topic_id, "kind_of": one.kind_of, "created_at": now}
    facts |= {"total": fsum(shares), "pieces": len(pieces), "half_life": half}
    return facts | {"first_at": min(piece.at for piece in pieces), "at": at}


def is_any_sum_stale() -> bool:
    """Whether there is something for `renew_sums` to do."""
    return bool(EvidenceSum.stale(1))


def renew_sums() -> None:
    """Add up what another half-life holds for, some in each transaction."""
    while stale := transact(EvidenceSum.stale, write=False):
        transact(partial(EvidenceSum.renew, stale))


@dataclass
class Expertise:
    """How well a person knows a topic, with every reason.

    `score` is E(u, t); `inherited` is the part that came up from topics below.
    """

    person_id: int
    topic_id: int
    score: float = 0.0
    inherited: float = 0.0
    kinds: set[str] = field(default_factory=set)
    by_kind: dict[str, float] = field(default_factory=dict)
    """What each kind of evidence of the topic itself adds: the score without what came up from below."""
    pieces: Counter[str] = field(default_factory=Counter)
    """How many pieces of evidence there are, by their kind."""
    at: datetime = field(default_factory=clock.now)

    def __post_init__(self) -> None:
        self.score += sum(self.by_kind.values())
        self.kinds |= set(self.by_kind)

    @cached_property
    def evidence(self) -> list[EvidenceRow]:
        """The pieces of evidence, newest first; read when somebody asks to see them."""
        found, _ = _pieces({"person": [self.person_id], "topic": [self.topic_id]}, here=False)
        return [piece for piece in found if piece.at <= self.at]

    @property
    def told(self) -> list[EvidenceRow]:
        """The evidence that is shown one by one: which reviews somebody gave when is told to nobody."""
        return [piece for piece in self.evidence if piece.kind_of != "review done"]

    def reviews(self, at: datetime) -> float:
        """What all reviews together add (RULES 4.2: credited in monthly sums)."""
        return sum(piece.weight(at) for piece in self.evidence if piece.kind_of == "review done")

    @property
    def is_expert(self) -> bool:
        """Enough (15), from enough kinds of evidence (2: RULES 4.5)."""
        is_known = self.score >= Setting.read("expert.bar")
        return bool(is_known and len(self.kinds) >= Setting.read("expert.kinds"))


def expertise(
    *,
    people: Iterable[int] | None = None,
    topics: Iterable[int] | None = None,
    at: datetime | None = None,
    here: bool = False,
    hidden: bool = False,
    pieces: bool = False,
) -> list[Expertise]:
    """E(u, t) for these people (all when None) in these topics (all when None), best first (RULES 4.5).

    Topics below count: each passes half of its E to its parent, so a grandchild's counts a quarter. Kinds of
    evidence are those of the topic and of the topics below it. Only people with evidence are in the answer;
    `here` leaves out those who left. What a person hides is left out, and counts nowhere above, as if its
    evidence were not there; `hidden` takes it in, for whoever may see it. It is told from the sums that are
    kept; `pieces` reads the evidence with it, for a page that shows each piece.
    """
    at = at or clock.now()
    parents = Topic.parents()
    wanted = set(parents) if topics is None else set(topics)
    asked: dict[str, list[int]] = {}
    if people is not None:
        asked["person"] = list(people)
    if topics is not None:
        asked["topic"] = _below(wanted, parents)
    found, concealed = _read(asked, at, here=here) if pieces else _told(asked, at, here=here)
    if hidden:
        concealed = set()
    found = {place: known for place, known in found.items() if place not in concealed}
    return ranked(found, wanted, parents, concealed)


ByPlace = dict[tuple[int, int], Expertise]
"""What is known of persons and topics, by the two."""


def ranked(
    found: ByPlace,
    wanted: Collection[int],
    parents: dict[int, int | None],
    but: Collection[tuple[int, int]] = (),
) -> list[Expertise]:
    """With what topics below pass up, best first; `but`: of these persons and topics nothing is told."""
    part = Setting.read("expert.to_parent") / 100
    for place in list(found):
        _pass_up(found, place, parents, part)
    return sorted(
        (known for place, known in found.items() if place[1] in wanted and place not in but),
        key=lambda known: (-known.score, known.person_id, known.topic_id),
    )


def of_pieces(pieces: Iterable[EvidenceRow], at: datetime) -> ByPlace:
    """What these pieces of evidence come to at a moment."""
    by_place: defaultdict[tuple[int, int], list[EvidenceRow]] = defaultdict(list)
    for piece in pieces:
        if piece.at <= at:  # a review counts once its month is over
            by_place[piece.person_id, piece.topic_id].append(piece)
    found: ByPlace = {}
    for place, some in by_place.items():
        counted = Counter(piece.kind_of for piece in some)
        found[place] = known = Expertise(*place, by_kind=_by_kind(some, at), pieces=counted, at=at)
        known.evidence = some
    return found


def _read(asked: dict[str, list[int]], at: datetime, *, here: bool) -> tuple[ByPlace, set[tuple[int, int]]]:
    """What is known, from each piece of evidence, and which of it is hidden."""
    pieces, concealed = _pieces(asked, here)
    return of_pieces(pieces, at), concealed


def _told(asked: dict[str, list[int]], at: datetime, *, here: bool) -> tuple[ByPlace, set[tuple[int, int]]]:
    """What is known, from the sums that are kept, or where those do not hold, from the pieces."""
    if [] in asked.values():
        return {}, set()
    moment, weighed = UtcDateTimeField().db_value(at), weights()
    sums: defaultdict[tuple[int, int], dict[str, float]] = defaultdict(dict)
    counts: defaultdict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    concealed, stale = set(), set()
    for person, topic, kind, total, pieces, first, last, half in _summed(tuple(asked), here).rows(**asked):
        place = (person, topic)
        if kind == HIDDEN:
            concealed.add(place)
        elif half != (weighed[kind][1] or 0) or first <= moment < last:
            stale.add(place)
        elif last <= moment:
            age = (at - EvidenceSum.at.python_value(last)) / DAY if half else 0.0
            worth = weighed[kind][0] * total * (2 ** (-age / half) if half else 1.0)
            sums[place][kind] = sums[place].get(kind, 0.0) + worth
            counts[place][kind] += pieces
    found = {
        place: Expertise(*place, by_kind=_capped(each), pieces=counts[place], at=at)
        for place, each in sums.items()
        if place not in stale
    }
    if stale:
        among = {"person": sorted({who for who, _ in stale}), "topic": sorted({topic for _, topic in stale})}
        read = of_pieces(_pieces(among, here=False)[0], at)
        found |= {place: known for place, known in read.items() if place in stale}
    return found, concealed


FOREMOST = 6
"""So many of those who know most of a topic are kept beside its experts."""


@dataclass
class TopicStanding:
    """How a topic stands: how many pieces of evidence there are for it, and who knows it."""

    pieces: int = 0
    scores: dict[int, float] = field(default_factory=dict)
    """E by person's id, of all who have any."""
    experts: list[int] = field(default_factory=list)
    """Ids of those who have enough, from enough kinds, best first."""
    foremost: list[int] = field(default_factory=list)
    """Ids of the FOREMOST who know most, experts or not."""


_LATEST = Latest[dict[int, TopicStanding]]()


def standings() -> dict[int, TopicStanding]:
    """How each topic with evidence stands, over all people, here or not: `expertise` without the reasons, for
    pages that count. What is hidden is left out. Reckoned anew once any evidence, hidden topic or rule is
    another one, and each hour. Whoever is given it must not change it.
    """
    now, parents = clock.now(), Topic.parents()
    rules = [
        Setting.read(name) for name in ("expert.bar", "expert.kinds", "expert.to_parent", *CAPPED.values())
    ]
    rests = (_stamp(), *rules, *parents.items(), *weights().items(), now.date(), now.hour)
    return _LATEST.of(rests, lambda: _standings(now, parents))


def _stamp() -> Any:
    """What is another once any sum, or hidden topic, is."""
    sums = EvidenceSum.select(
        fn.COUNT(EvidenceSum.id), fn.MAX(EvidenceSum.id), fn.MAX(EvidenceSum.created_at)
    )
    hides = OwnTopic.select(fn.COUNT(OwnTopic.id), fn.MAX(OwnTopic.id), fn.MAX(OwnTopic.created_at))
    return tuple(sums.union_all(hides.where(OwnTopic.sort == Sort.HIDDEN)).tuples())


def _standings(at: datetime, parents: dict[int, int | None]) -> dict[int, TopicStanding]:
    told: defaultdict[int, TopicStanding] = defaultdict(TopicStanding)
    own, kinds = _lean(at, told)
    known: defaultdict[tuple[int, int], int] = defaultdict(int)
    part = Setting.read("expert.to_parent") / 100
    concealed = {place for place, which in kinds.items() if which < 0}
    for place, score in own.items():
        person, topic = place
        above: int | None = topic
        share, seen = score, set[int]()
        while above is not None and above not in seen:
            seen.add(above)
            if (person, above) not in concealed:
                scores = told[above].scores
                scores[person] = scores.get(person, 0.0) + share
                known[person, above] |= kinds[place]
            share *= part
            above = parents.get(above)
    bar, enough = Setting.read("expert.bar"), Setting.read("expert.kinds")
    for topic, standing in told.items():
        enough_proved = [who for who, score in standing.scores.items() if score >= bar]
        experts = [who for who in enough_proved if known[who, topic].bit_count() >= enough]
        standing.experts = sorted(experts, key=lambda who: (-standing.scores[who], who))
        most = nlargest(FOREMOST, ((score, -who) for who, score in standing.scores.items()))
        standing.foremost = [-who for _, who in most]
    return dict(told)


def _lean(at: datetime, told: dict[int, TopicStanding]) -> tuple[Any, Any]:
    """E of each topic itself by person and topic, and the kinds of its evidence as bits, -1 where hidden;
    the pieces are counted in `told`. As `_told`, for all there is: a tenth of the objects.
    """
    moment, weighed = UtcDateTimeField().db_value(at), weights()
    bits = {kind: 1 << place for place, kind in enumerate(KINDS)}
    own: defaultdict[tuple[int, int], float] = defaultdict(float)
    kinds: defaultdict[tuple[int, int], int] = defaultdict(int)
    capped: dict[str, defaultdict[tuple[int, int], float]] = {kind: defaultdict(float) for kind in CAPPED}
    counts: defaultdict[tuple[int, int], int] = defaultdict(int)
    stale = set()
    read = EvidenceSum.at.python_value
    for person, topic, kind, total, pieces, first, last, half in _summed((), False).rows():
        place = (person, topic)
        if kind == HIDDEN:
            kinds[place] = -1
        elif half != (weighed[kind][1] or 0) or first <= moment < last:
            stale.add(place)
        elif last <= moment:
            worth = weighed[kind][0] * total * (2 ** (-((at - read(last)) / DAY) / half) if half else 1.0)
            capped.get(kind, own)[place] += worth
            own[place] += 0.0
            kinds[place] |= bits[kind]
            counts[place] += pieces
    for kind, sums in capped.items():
        most = Setting.read(CAPPED[kind])
        for place, worth in sums.items():
            own[place] += min(worth, most)
    if stale:
        among = {"person": sorted({who for who, _ in stale}), "topic": sorted({topic for _, topic in stale})}
        for place, one in of_pieces(_pieces(among, here=False)[0], at).items():
            if place in stale:
                own[place], counts[place] = one.score, sum(one.pieces.values())
                kinds[place] |= sum(bits[kind] for kind in one.kinds)
    for place in [place for place in own if kinds[place] < 0]:
        del own[place]
    for place in own:
        told[place[1]].pieces += counts[place]
    return own, kinds


@cache
def _summed(asked: tuple[str, ...], here: bool) -> Prepared[Any]:
    read = ("person", "topic", "kind_of", "total", "pieces", "first_at", "at", "half_life")

    def write(*ids: Any) -> Any:
        query = EvidenceSum.select(*(getattr(EvidenceSum, name) for name in read))
        none, since = Value(0), OwnTopic.created_at
        hides = OwnTopic.select(
            OwnTopic.person, OwnTopic.topic, Value(HIDDEN), none, none, since, since, none
        ).where(OwnTopic.sort == Sort.HIDDEN)
        for name, among in zip(asked, ids, strict=True):
            query = query.where(getattr(EvidenceSum, name).in_(among))
            hides = hides.where(getattr(OwnTopic, name).in_(among))
        if here:
            query = query.join(Person, on=EvidenceSum.person).where(Person.deactivated_at.is_null())
        return query.union_all(hides)

    return Prepared(write, asked)


def best_proved(topics: list[int], among: Any, at: datetime, *, size: int) -> ModelSelect[EvidenceSum]:
    """A query for those whose evidence in these topics comes to most, `who` and `total`, best first, so many:
    near enough to choose whom to read closely. `among` is a condition on people. It is told from the sums
    that are kept, each kind capped as in E(u, t); what it counts by its age is told in steps of half of its
    half-life, and topics below count in full, what is hidden not at all (RULES 4.5).
    """
    weighed = Case(
        EvidenceSum.kind_of,
        [
            (kind, weight * (faded_in_steps(EvidenceSum.at, at, timedelta(days=half)) if half else 1.0))
            for kind, (weight, half) in weights().items()
        ],
        0.0,
    )
    counted = (EvidenceSum.at <= at) & EvidenceSum.topic.in_(topics)
    counted &= OwnTopic.is_shown(EvidenceSum.person, EvidenceSum.topic)
    by_kind = (
        EvidenceSum.select(
            EvidenceSum.person.alias("who"),
            EvidenceSum.kind_of.alias("sort"),
            fn.SUM(weighed * EvidenceSum.total).alias("total"),
        )
        .join(Person, on=EvidenceSum.person)
        .where(counted & among)
        .group_by(EvidenceSum.person, EvidenceSum.topic, EvidenceSum.kind_of)
        .alias("by_kind")
    )
    total = by_kind.c.total
    caps = [
        ((by_kind.c.sort == kind) & (total > Setting.read(cap)), float(Setting.read(cap)))
        for kind, cap in CAPPED.items()
    ]
    most: Any = fn.SUM(Case(None, caps, total))
    people = EvidenceSum.select(by_kind.c.who.alias("who"), most.alias("total")).from_(by_kind)
    return people.group_by(by_kind.c.who).having(most > 0).order_by(most.desc(), by_kind.c.who).limit(size)


def faded_in_steps(
    since: Any, at: datetime, half_life: timedelta, *, steps: int = 12, each: timedelta | None = None
) -> Any:
    """2^(-age/H) as both databases can tell it: in so many steps of `each`, of half of H unless said; what is
    older counts as the last.
    """
    each = each or half_life / 2
    parts = [(since > at - each * (step + 1), 2 ** (-step * (each / half_life))) for step in range(steps)]
    return Case(None, parts, 2 ** (-steps * (each / half_life)))


def _pieces(asked: dict[str, list[int]], here: bool) -> tuple[list[EvidenceRow], set[tuple[int, int]]]:
    """The evidence of all the people and for all the topics asked for, newest first, and which persons and
    topics are hidden.
    """
    if [] in asked.values():
        return [], set()
    found, concealed = [], set()
    for row in _standing(tuple(asked), here).rows(**asked):
        if row[3] == HIDDEN:
            concealed.add((row[1], row[2]))
        else:
            found.append(EvidenceRow._make((*row[:-1], Evidence.at.python_value(row[-1]))))
    return found, concealed


HIDDEN = "hidden"
"""Beside the kinds of evidence, what is read with them: that a person hides a topic."""


@cache
def _standing(asked: tuple[str, ...], here: bool) -> Prepared[Any]:
    read = ("id", "person", "topic", "kind_of", "quality", "subject_kind", "subject", "at")

    def write(*ids: Any) -> Any:
        query = Evidence.standing().select(*(getattr(Evidence, name) for name in read))
        hides = OwnTopic.select(
            OwnTopic.id,
            OwnTopic.person,
            OwnTopic.topic,
            Value(HIDDEN),
            Value(0),
            Value(""),
            Value(0),
            OwnTopic.created_at,
        ).where(OwnTopic.sort == Sort.HIDDEN)
        for name, among in zip(asked, ids, strict=True):
            query = query.where(getattr(Evidence, name).in_(among))
            hides = hides.where(getattr(OwnTopic, name).in_(among))
        if here:
            query = query.join(Person, on=Evidence.person).where(Person.deactivated_at.is_null())
        return query.union_all(hides).order_by(SQL("8 DESC, 1 DESC"))

    return Prepared(write, asked)


def _by_kind(evidence: list[EvidenceRow], at: datetime) -> dict[str, float]:
    sums: defaultdict[str, float] = defaultdict(float)
    for piece in evidence:
        sums[piece.kind_of] += piece.weight(at)
    return _capped(sums)


def _capped(sums: Mapping[str, float]) -> dict[str, float]:
    """What each kind of evidence adds: of some no more than so much counts."""
    return {
        kind: min(total, Setting.read(CAPPED[kind])) if kind in CAPPED else total
        for kind, total in sums.items()
    }


def _pass_up(found: ByPlace, place: tuple[int, int], parents: dict[int, int | None], part: float) -> None:
    source = found[place]
    share = source.score - source.inherited
    kinds = set(source.pieces)
    seen, topic = {place[1]}, parents.get(place[1])
    while topic is not None and topic not in seen:
        share *= part
        above = found.setdefault((place[0], topic), Expertise(place[0], topic))
        above.score += share
        above.inherited += share
        above.kinds |= kinds
        seen.add(topic)
        topic = parents.get(topic)


def _below(topics: set[int], parents: dict[int, int | None]) -> list[int]:
    found, edge = set(topics), set(topics)
    while edge:
        edge = {topic for topic, parent in parents.items() if parent in edge} - found
        found |= edge
    return list(found)
