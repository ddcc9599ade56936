"""Texts on their way to the readers: proposed by one, answered by another, bound to the words that were read.

What an article says is what may be read. A text that has to be approved first (`topic_rules`), or that a
colleague suggests, stands here until it is: so nothing that reads articles meets it before. The verbs that
people use to write, publish, change and restore articles are below; they go this way where it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Self

from peewee import CharField, Check, ForeignKeyField, IntegerField, JSONField, ModelSelect, fn

from portal import clock, i18n
from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.fields import MarkdownField, NameField, StateField, TextField, UtcDateTimeField
from portal.models.base.published import Published, copies, what_tells
from portal.models.base.record import Editable, Event, Invalid, Stale, along
from portal.models.base.undoing import MEANWHILE
from portal.models.company.calendar import Calendar
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.expertise.points import PointEntry
from portal.models.files.attachments import Enclosure
from portal.models.knowledge.articles import Article, ArticleCredit, ArticleVersion, ends_with_it, told_once
from portal.models.knowledge.filing import unready
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.knowledge.words import PROPOSAL, ArticleState, ProposalState
from portal.models.people.absences import Absence
from portal.models.people.approvals import Approval
from portal.models.people.hands import Hands
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role, active_with, reviewers_of
from portal.models.work.clocks import Clock, in_what_waits, step
from portal.text.personal_data import Find
from portal.text.writing import PairedLine, Piece, differences, reads_the_same, side_by_side, summary_of

ASKED = {
    "author": ("suggestion", Phrase("Suggested for your article: %(title)s")),
    "expert": ("expert approval", Phrase("Approve: %(title)s")),
    "owner": ("owner approval", Phrase("Approve as the topic's owner: %(title)s")),
}
"""What waits at each step, and the sentence that asks for it."""
FOR_THE_AUTHOR = Phrase("A change is suggested: %(title)s")
"""What they are asked who answer in the author's place."""
AIDS = (" aid", " aid 2", " aid 3")
"""Added to what waits: the same question to those who are asked beside, each group by its own."""
WAITS = tuple(f"{what}{aid}" for what, _ in ASKED.values() for aid in ("", *AIDS))
LONGEST_NOTE = 500
LINES, IN_SHORT = 4, 160
"""So many changed lines, of so many characters, are told where it waits."""
OWN_WAITS = Phrase("A change of yours waits for approval. Withdraw it first, or write on it there.")
MOVED = Phrase("The text moved on since this was written. Carry the change over to what it says now.")


Going = Callable[["Proposal", "Proposal"], None]
_GOES_ON: list[Going] = []


def goes_on_from(follow: Going) -> Going:
    """Let a module say what goes on from a text that was sent back or withdrawn to the one that follows."""
    _GOES_ON.append(follow)
    return follow


class Proposal(Published, Editable):
    """A text for an article that is not read yet: who proposes it, who answered, what became of it."""

    called = PROPOSAL
    texts = ("title", "summary", "body")

    article = ForeignKeyField(Article, on_delete="CASCADE")
    article_id: int
    sort = CharField(12)
    """`first`: its publication, `change`: by who may change it, `suggestion`: by anyone else."""
    by = ForeignKeyField(Person, on_delete="RESTRICT", backref="proposals")
    by_id: int
    title = NameField(200, verbose_name=Phrase("Title"))
    summary = TextField(default="", verbose_name=Phrase("In one sentence"))
    body = MarkdownField(verbose_name=Phrase("Text"))
    topics = JSONField(null=True)
    """Ids of the topics that it shall stand under; none where they stay."""
    note = NameField(LONGEST_NOTE, default="", verbose_name=Phrase("What changes, and why"))
    base_number = IntegerField(default=0)
    """The version of the article that it was written on."""
    edition = IntegerField(default=1, verbose_name=Phrase("Version"))
    """Counts its own texts: an answer is to the one that was read."""
    hands = JSONField(default=list)
    """Ids of all who wrote on it: none of them approves it."""
    step = CharField(10, default="")
    """Whom it waits for, a key of ASKED."""
    topic = ForeignKeyField(Topic, null=True, on_delete="SET NULL")
    """Whose experts approve it."""
    topic_id: int | None
    done = JSONField(default=list)
    """The steps that were answered with yes, each with who: [["expert", 7]]."""
    is_minor = IntegerField(default=0)
    """Whether it says what was approved, in other spacing or by an approver's word."""
    state = StateField(ProposalState, max_length=10, default=ProposalState.WAITING)
    asked_at = UtcDateTimeField(default=clock.now)
    widens_at = UtcDateTimeField(null=True)
    """From when on others are asked beside."""
    stand_ins = JSONField(default=list)
    """Who is asked beside those whose turn it is, as clocks name them: they may answer too."""
    answered_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="proposals_answered")
    answered_by_id: int | None
    answered_at = UtcDateTimeField(null=True)
    reason = TextField(default="", verbose_name=Phrase("Reason"))
    became = IntegerField(null=True)
    """The version of the article that it is."""
    standing = CharField(60, null=True, unique=True)
    """Set while it waits: one of each person for each article."""

    class Meta:
        indexes = ((("article", "state", "id"), False), (("by", "state", "id"), False))
        constraints = [
            Check("sort IN ('first', 'change', 'suggestion')"),
            Check("state IN ('waiting', 'accepted', 'refused', 'withdrawn')"),
            Check("(state = 'waiting') = (standing IS NOT NULL)"),
            Check("(state = 'accepted') = (became IS NOT NULL)"),
            Check("state <> 'refused' OR reason <> ''"),
        ]

    # -------------------------------------------------------------- who may

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """Who wrote it, whose article it is, who looks after its topic, who may change the article; and
        administrators where it was asked of them.
        """
        mine = (cls.by == person) | cls.article.in_(
            Article.select(Article.id).where(Article.author == person)
        )
        rules = TopicRule.every().values()
        owned = [rule.topic_id for rule in rules if person.id in (rule.owner_id, rule.deputy_id)]
        theirs = sorted(person.review_topics | Topic.with_descendants(owned))
        if theirs:
            mine |= cls.topic.in_(theirs)
        published = cls.article.in_(Article.visible_to(person).select(Article.id)) & (cls.sort != "first")
        if person.is_reviewer:
            mine |= published
        elif person.team:
            led = Article.select(Article.id).where(Article.author.in_(sorted(person.team)))
            mine |= published & cls.article.in_(led)
        if person.is_administrator:
            asked = (Clock.subject_kind == cls.kind()) & (Clock.who == str(Role.ADMINISTRATOR))
            mine |= cls.id.in_(Clock.select(Clock.subject).where(asked))
        return cls.select().where(mine)

    @property
    def name(self) -> str:
        return self.title

    @property
    def writer(self) -> int | None:
        return self.by_id

    @property
    def names_to_hide(self) -> list[str]:
        return self.article.names_to_hide

    def personal_data(
        self, names: Iterable[str] = (), *, numbers_only: bool = False
    ) -> dict[str, list[Find]]:
        """As every text; a summary that is the beginning of the text is not told of twice."""
        return told_once(self, super().personal_data(names, numbers_only=numbers_only))

    @property
    def is_waiting(self) -> bool:
        return bool(self.state == ProposalState.WAITING)

    def editable_by(self, person: Person) -> bool:
        """Who proposes it, while it waits; a suggestion, and what somebody who left proposed, also who may
        change the article.
        """
        if not self.is_waiting or not person.is_active:
            return False
        is_open = self.sort == "suggestion" or not self.by.is_active
        return person.id == self.by_id or (is_open and self.article.editable_by(person))

    def withdrawable_by(self, person: Person) -> bool:
        return self.is_waiting and person.id == self.by_id

    def answerable_by(self, person: Person) -> bool:
        """Whom it waits for: never who wrote on it, nor whose role is from them since a few weeks only."""
        if not self.is_waiting or not person.is_active:
            return False
        if self.step == "author":
            return person.id not in self.hands and self.article.editable_by(person)
        return person.id in {one.id for one in self.approvers()}

    def answered_by_them(self, person: Person) -> bool:
        """Whether they answered it, or a step of it: to do so twice is harmless."""
        return person.id in {self.answered_by_id, *(one for _, one in self.done)}

    def approvers(self) -> list[Person]:
        """Who may approve it now."""
        return [person for _, group in self._groups() for person in group]

    @property
    def waits_for(self) -> list[Person]:
        """Whom it is asked of: of a suggestion its author first, or who answers in their place."""
        if not self.is_waiting:
            return []
        return self._author_or_others()[1] if self.step == "author" else self.approvers()

    @property
    def is_authors(self) -> bool:
        """Whether its author is asked, who is here."""
        return self.step == "author" and bool(self.article.author.is_active)

    def _author_or_others(self) -> tuple[str, list[Person]]:
        """Who answers a suggestion, with how they are asked: the author; once they have left, who reviews one
        of its topics, or else any reviewer.
        """
        author = self.article.author
        if author.is_active:
            return f"person-{author.id}", [author]
        for topic in sorted(self.article.topic_ids):
            if able := [one for one in reviewers_of([topic]) if one.id not in self.hands]:
                return f"topic-{topic}", able
        return str(Role.REVIEWER), [one for one in active_with(Role.REVIEWER) if one.id not in self.hands]

    def _groups(self, *, away: Collection[int] = ()) -> list[tuple[str, list[Person]]]:
        """Whom it is asked of, with how: those of the step; where there is nobody, or it lies too long, also
        who stands in for them, and whoever was asked beside. A group that is `away` is not waited for: it may
        answer, and so may the next.
        """
        rule = TopicRule.of(self.topic_id) if self.topic_id else None
        named = [rule.owner, rule.deputy] if rule is not None else [None, None]
        alone = rule is not None and rule.chosen_by_id in (self.by_id, *self.hands)
        able = [
            one for one in named if one is not None and not alone and one.is_active and not one.is_auditor
        ]
        ladder: list[tuple[str, Callable[[], list[Person]]]] = []
        if self.step == "expert" and self.topic_id:
            ladder.append((f"topic-{self.topic_id}", partial(_reviewing, self.topic_id)))
        ladder += [(f"person-{one.id}", partial(list, [one])) for one in able]
        ladder.append((str(Role.ADMINISTRATOR), partial(active_with, Role.ADMINISTRATOR)))
        hands = Hands({Role.REVIEWER, Role.ADMINISTRATOR}, clock.now())
        if found := self._climb(ladder, partial(self._apart, hands), away):
            return found
        every = {one.id for _, group in ladder for one in group()} - self._barred()
        return self._climb(ladder, partial(self._is_alone, hands, every), away)

    def _climb(
        self,
        ladder: list[tuple[str, Callable[[], list[Person]]]],
        may: Callable[[Person], bool],
        away: Collection[int],
    ) -> list[tuple[str, list[Person]]]:
        """The first group with somebody who may; where it lies too long, also the next."""
        found, barred, known, here = list[tuple[str, list[Person]]](), self._barred(), set[int](), 0
        is_late = self.widens_at is not None and self.widens_at <= clock.now()
        for who, group in ladder:
            if here > is_late and who not in self.stand_ins:
                continue
            able = [one for one in group() if one.id not in barred | known and may(one)]
            if able:
                found.append((who, able))
                known |= {one.id for one in able}
                here += any(one.id not in away for one in able)
        return found

    def _barred(self) -> set[int]:
        """Whose text it is, who wrote on it, who answered a step of it."""
        return {*self.hands, self.by_id, *self.article.credited_ids, *(person for _, person in self.done)}

    def _apart(self, hands: Hands, person: Person) -> bool:
        return all(hands.apart(one, person.id) for one in {self.by_id, *self.hands})

    def _is_alone(self, hands: Hands, able: set[int], person: Person) -> bool:
        """Whether nobody is apart, nor was until somebody took that away: then who is there approves."""
        return not any(hands.bars(one, person.id, able) for one in {self.by_id, *self.hands})

    # -------------------------------------------------------------- what it says

    @property
    def after(self) -> dict[str, str]:
        """The texts that the article would have."""
        return {name: getattr(self, name) for name in self.texts}

    @property
    def base(self) -> ArticleVersion | None:
        """What it was written on."""
        mine = (ArticleVersion.article == self.article_id) & (ArticleVersion.number == self.base_number)
        return ArticleVersion.get_or_none(mine)

    @property
    def has_moved(self) -> bool:
        """Whether the article says something else than what it was written on."""
        return self.sort != "first" and self.is_waiting and self.article.text_number != self.base_number

    def beside(self) -> list[PairedLine]:
        """What changes: the text that it was written on beside its own."""
        base = self.base
        return side_by_side(base.body if base is not None and self.sort != "first" else "", self.body)

    def in_short(self) -> list[tuple[str, str]]:
        """The first lines that change, as they were and as they would be; of a new text how it begins."""
        if self.sort == "first":
            return [("", self.summary)]
        rows = [row for row in self.beside() if any(piece.change != "same" for side in row for piece in side)]
        told = [["".join(piece.text for piece in side).strip()[:IN_SHORT] for side in row] for row in rows]
        return [(before, after) for before, after in told[:LINES]]

    def meanwhile(self) -> list[Piece]:
        """What others changed since."""
        base = self.base
        return differences(base.body if base is not None else "", self.article.body)

    # -------------------------------------------------------------- its life

    @classmethod
    def put(
        cls,
        article: Article,
        *,
        by: Person,
        sort: str,
        texts: dict[str, str],
        topics: Iterable[Any] | None = None,
        note: str = "",
        names_checked: bool = False,
        number: int | None = None,
    ) -> Self:
        """Propose a text. Of a draft there is one text: what waits becomes this one. `number`: the version
        that it was written on, where that is not the present one.

        Raises Invalid for what would tell who a customer is, and where another text of the same person
        waits: that one would be lost.
        """
        if told := what_tells({"note": note}, "note"):
            raise Invalid(told)
        chosen = None if topics is None else sorted(getattr(topic, "id", topic) for topic in topics)
        if chosen == sorted(article.topic_ids):
            chosen = None
        held = cls.get_or_none(cls.standing == f"{article.id}-{by.id}")
        if held is not None:
            if sort != "first" and held.after != texts:
                raise Invalid(OWN_WAITS)
            facts: dict[str, Any] = {**texts, "topics": chosen, "note": note or held.note}
            held.revise(by=by, names_checked=names_checked, number=number, **facts)
            return held
        made = cls(article=article, by=by, sort=sort, topics=chosen, note=note, hands=[by.id], **texts)
        made.base_number = made._read(number)
        made.standing, made.names_checked = f"{article.id}-{by.id}", names_checked
        with db.atomic():
            made.save(force_insert=True)
            Enclosure.note(made, made.body, by=by)
            made.track("proposed", by=by)
            made._go_on()
            made._follow_former()
        return made

    def _read(self, number: int | None) -> int:
        """The version of its article that was read beside it, so far as there is one of this number."""
        present: int = self.article.text_number
        return number if number is not None and 0 < number < present else present

    def _follow_former(self) -> None:
        """What the same person proposed for it last, and is not read: this is what follows."""
        before = (Proposal.article == self.article_id) & (Proposal.by == self.by_id) & (Proposal.id < self.id)
        former = Proposal.select().where(before).order_by(Proposal.id.desc()).first()
        if former is not None and former.state != ProposalState.ACCEPTED:
            for follow in _GOES_ON:
                follow(former, self)

    def revise(
        self,
        *,
        by: Person,
        version: int | None = None,
        names_checked: bool = False,
        topics: list[int] | None = None,
        note: str | None = None,
        number: int | None = None,
        **texts: str,
    ) -> None:
        """Another text instead: what was answered so far was an answer to the former one. Raises Invalid and
        Stale. It is then a change of what the article says now, or said in the version of this `number`, of
        which its writer read that; a draft of which it is the publication says the same: there is one text.
        """
        if not self.is_waiting:
            raise Invalid(MEANWHILE)
        if version is not None and version != self.version:
            raise Stale(self)
        if "title" in texts and not texts["title"].strip():
            raise Invalid({"title": Phrase("A title is needed.")})
        if told := what_tells({"note": note}, "note"):
            raise Invalid(told)
        derived = self.summary in ("", summary_of(self.body))
        if texts.get("summary", self.summary) in ("", self.summary) and derived:
            texts["summary"] = summary_of(texts.get("body", self.body))
        facts: dict[str, Any] = dict(texts)
        facts |= {} if note is None else {"note": note}
        facts |= {} if topics is None else {"topics": topics}
        read = self._read(number)
        if not self.changed_fields(facts | {"base_number": read}):
            return
        self.names_checked, self.hand, before = names_checked, by.id, self.body
        with db.atomic():
            if self.sort == "first":
                self.article.edit(by=by, names_checked=names_checked, **dict[str, Any](texts))
                Clock.stop(self.article, "draft")
            facts["base_number"] = self.article.text_number if self.sort == "first" else read
            more = {"edition": self.edition + 1, "hands": sorted({*self.hands, by.id}), "done": []}
            self.write(**facts, **more)
            Enclosure.note(self, self.body, by=by, before=[before])
            self.track("edited", by=by, changes={"edition": [self.edition - 1, self.edition]})
            self._stop()
            self._go_on()

    def _go_on(self, *, minor: bool = False) -> bool:
        """Ask for the next step; whether there is one."""
        step_next, topic = self._next(minor=minor)
        now = clock.now()
        days = Setting.read("fresh.approval_days")
        widens_at = Calendar.read().add(now, days)
        facts: dict[str, Any] = {"step": step_next, "topic": topic or self.topic_id, "stand_ins": []}
        self.write(**facts, asked_at=now, widens_at=widens_at)
        if self.step:
            self._ask(remind_at=Calendar.read().add(now, max(days - 1, 1)))
        return bool(self.step)

    def _next(self, *, minor: bool) -> tuple[str, int | None]:
        """The step that is still to be taken, as the rules of its topics are now, and whose experts it is."""
        done = {name for name, _ in self.done}
        if self.sort == "suggestion" and "author" not in done:
            return "author", None
        article = self.article
        held = article.topic_ids
        found = TopicRule.strictest(self.topics or held, leaving=held)
        asked = self.sort == "first" or article.asks({**self.after, "topics": self.topics})
        if found is None or not asked:
            return "", None
        topic, rule = found
        left = [name for name in rule.steps if name not in done and not (minor and name == "owner")]
        return (left[0], topic) if left else ("", topic)

    def _ask(self, *, remind_at: datetime) -> None:
        """It waits for those of its step."""
        assert self.widens_at is not None
        what, asked = ASKED[self.step][0], self._question
        steps = {"remind": remind_at, "widen": self.widens_at}
        barred = self._barred() if self.step != "author" else set(self.hands)
        more: dict[str, Any] = {"by": self.by, "but": barred, "due_at": self.widens_at, "steps": steps}
        if self.step == "author":
            Approval.ask(self, what, asked, who=self._author_or_others()[0], **more)
            return
        groups = self._groups(away=Absence.away())
        who, able = groups[0] if groups else (str(Role.ADMINISTRATOR), [])
        if who.startswith("topic-") and self.topic_id:
            more["but"] |= {one.id for one in reviewers_of([self.topic_id])} - {one.id for one in able}
        Approval.ask(self, what, asked, who=who, **more)
        self._ask_beside(groups[1:])

    @property
    def _question(self) -> Phrase:
        words = FOR_THE_AUTHOR if self.step == "author" and not self.is_authors else ASKED[self.step][1]
        return Phrase(words.msgid, title=self.title)

    def widen(self) -> None:
        """Ask those who stand in, beside those whom it was asked of; they are told."""
        if not self.is_waiting:
            return
        asked = Clock.of(self, ASKED[self.step][0])
        groups = [each for each in self._groups(away=Absence.away()) if asked is None or each[0] != asked.who]
        if self.step == "author":
            groups = [(f"topic-{one}", list(reviewers_of([one]))) for one in self.article.topic_ids[:1]]
        self._remind(self._ask_beside(groups))

    def _ask_beside(self, groups: Iterable[tuple[str, list[Person]]]) -> list[Person]:
        """Ask these too, where it is not asked of them; gives who they are."""
        what, words = ASKED[self.step]
        words = FOR_THE_AUTHOR if self.step == "author" else words
        asked, told = Phrase(words.msgid, title=self.title), list[Person]()
        for who, able in groups:
            if who in self.stand_ins or len(self.stand_ins) == len(AIDS):
                continue
            more: dict[str, Any] = {"but": self._barred(), "due_at": self.widens_at}
            Clock.start(self, f"{what}{AIDS[len(self.stand_ins)]}", who=who, text=asked, url=self.url, **more)
            self.stand_ins, told = [*self.stand_ins, who], [*told, *able]
        if told:
            Proposal.update(stand_ins=self.stand_ins).where(Proposal.id == self.id).execute()
        return told

    def remind(self) -> None:
        """Tell those it waits for that it still does."""
        if self.is_waiting:
            self._remind(self.waits_for)

    def _remind(self, people: Iterable[Person]) -> None:
        said = Phrase("%(who)s still waits for an answer: %(title)s", who=names(self.by), title=self.title)
        for person in people:
            key = f"{self} {self.edition} {self.step} {person}"
            Notice.tell(person, said, about=self, key=key, waits=f"{self} {ASKED[self.step][0]}")

    def ask_anew(self) -> None:
        """Whom it waited for has left: it is asked of who stands in."""
        if self.is_waiting:
            self._stop()
            self.write(stand_ins=[])
            self._ask(remind_at=self.widens_at or clock.now())

    def ask_from_the_first(self) -> None:
        """It stands under other topics: what was answered so far was no answer of their experts."""
        with db.atomic():
            self.write(done=[])
            self._stop()
            self._go_on()

    def _stop(self) -> None:
        for what, _ in ASKED.values():
            Approval.withdraw(self, what)
        for what in WAITS:
            Clock.stop(self, what)

    @property
    def can_be_minor(self) -> bool:
        """Whether an expert's word that it is minor spares the owner's step: not where no owner ever approved
        a text of this article, nor where it is filed elsewhere with it.
        """
        stays = self.topics is None or set(self.topics) == set(self.article.topic_ids)
        if self.sort == "first" or self.step != "expert" or not stays:
            return False
        mine = (Proposal.article == self.article_id) & (Proposal.state == ProposalState.ACCEPTED)
        approved_before = Proposal.select(Proposal.done).where(mine)
        return any(step == "owner" for each in approved_before for step, _ in each.done)

    def approve(self, *, by: Person, edition: int | None = None, minor: bool = False) -> None:
        """Yes: it goes on to the next step, or to the readers. Twice is harmless. `minor`: it says what was
        approved before, and needs no further step: the owner who is spared it is told so.

        Raises Invalid for whoever may not, for a text that is not the one that was read, and for what the
        article has moved on from.
        """
        if self.state == ProposalState.ACCEPTED or any(person == by.id for _, person in self.done):
            return
        self._check(by, edition)
        if self.has_moved:
            raise Invalid(MOVED)
        minor = minor and self.can_be_minor
        with db.atomic():
            verb = "agreed" if self.step == "author" else "approved"
            settled = Approval.settle(self, ASKED[self.step][0], by=by, approve=True)
            if not settled:
                raise Invalid(MEANWHILE)
            self._stop()
            self.write(done=[*self.done, [self.step, by.id]], is_minor=int(minor))
            self.track(verb, by=by, changes={"edition": [None, self.edition]})
            if not self._go_on(minor=minor):
                self._reach_readers(by)
                if minor:
                    self._tell_spared(by)

    def _tell_spared(self, by: Person) -> None:
        """Whoever the topic belongs to reads what was published without them: a hasty word comes to light."""
        rule = TopicRule.of(self.topic_id) if self.topic_id else None
        if rule is None or "owner" not in rule.steps:
            return
        said = Phrase(
            "%(who)s called it a minor change, and it is published without you: %(title)s",
            who=names(by),
            title=self.title,
        )
        for owner in (rule.owner_id, rule.deputy_id):
            if owner is not None and owner not in (by.id, self.by_id):
                Notice.tell(owner, said, about=self)

    def _check(self, by: Person, edition: int | None) -> None:
        if not self.is_waiting:
            raise Invalid(MEANWHILE)
        if edition is not None and edition != self.edition:
            raise Invalid(Phrase("It was changed meanwhile: read the newest text first."))
        if not self.answerable_by(by):
            raise Invalid(Phrase("Someone else approves this: not who wrote it, nor who answered before."))
        if self.article.state == ArticleState.ARCHIVED:
            raise Invalid(Phrase("The article was put away meanwhile."))

    def _reach_readers(self, by: Person) -> None:
        """The article says it from now on."""
        article = self.article
        if self.sort == "first":
            if article.state != ArticleState.DRAFT or self._differs(article):
                raise Invalid(Phrase("It was changed meanwhile: read the newest text first."))
            article.hand = self.by_id
            article.publish(by=self.by, names_checked=True, approved=True)
        else:
            facts: dict[str, Any] = {**self.after}
            facts |= {} if self.topics is None else {"topics": sorted({*self.topics, *self._filed_since()})}
            article.edit(by=self.by, names_checked=True, approved=True, note=self.note, **facts)
        answered: dict[str, Any] = {"answered_by": by, "answered_at": clock.now(), "standing": None}
        self.write(state=ProposalState.ACCEPTED, became=article.text_number, **answered)
        if self.sort == "suggestion" and not self._is_one_more():
            self._thank(Setting.read("points.edit"))
        _weigh_edits(article)
        said = Phrase(
            "%(who)s approved it, everyone reads it now: %(title)s", who=names(by), title=self.title
        )
        for person in {self.by_id, *self.hands, article.author_id} - {by.id}:
            Notice.tell(person, said, about=article)

    @property
    def deed(self) -> str:
        """Names in the ledger that it was accepted."""
        return f"edit-{self.id}"

    @staticmethod
    def of_deed(key: str) -> int:
        """Which one an entry of the ledger is for, by its key."""
        return int(key.split(":", maxsplit=1)[0].removeprefix("edit-"))

    def _thank(self, points: int) -> None:
        """For an edit that was accepted (RULES 4.3)."""
        PointEntry.thank(self.by_id, points, "edit accepted", subject=self.article, deed=self.deed)

    def _is_one_more(self) -> bool:
        """Whether they were thanked for the same article in the last days: what is put in bit by bit is one
        edit. Those of other articles are thanked each, whoever accepts them: RULES 4.3 limits votes alone.
        """
        since = clock.now() - timedelta(days=Setting.read("votes.days"))
        mine = PointEntry.standing(self.by_id, "edit accepted", since=since)
        return bool(mine.where(PointEntry.subject == self.article_id).exists())

    def _filed_since(self) -> set[int]:
        """The topics that others filed the article under while it waited."""
        filed = Event.about(self.article).where((Event.verb == "topic added") & (Event.at >= self.created_at))
        return {event.changes["topic"][1] for event in filed} & set(self.article.topic_ids)

    def _differs(self, article: Article) -> bool:
        return any(getattr(article, name) != text for name, text in self.after.items())

    def refuse(self, *, by: Person, reason: str, edition: int | None = None) -> None:
        """Send it back, with the reason: readers never met it. Twice is harmless. Raises Invalid."""
        if self.state == ProposalState.REFUSED:
            return
        if not reason.strip():
            raise Invalid({"reason": Phrase("Say what should change: whoever wrote it goes on from there.")})
        if len(reason.strip()) > LONGEST_NOTE:
            raise Invalid({"reason": Phrase("At most %(most)s characters.", most=LONGEST_NOTE)})
        self._check(by, edition)
        with db.atomic():
            if not Approval.settle(self, ASKED[self.step][0], by=by, approve=False):
                raise Invalid(MEANWHILE)
            facts: dict[str, Any] = {"answered_by": by, "answered_at": clock.now(), "standing": None}
            self._end(ProposalState.REFUSED, reason=reason.strip(), **facts)
            self.track("refused", by=by, changes={"reason": [None, self.reason]})
            said = Phrase(
                "%(who)s sent your text back: %(title)s. %(reason)s",
                who=names(by),
                title=self.title,
                reason=self.reason,
            )
            for person in {self.by_id, *self.hands} - {by.id}:
                Notice.tell(person, said, about=self)

    def withdraw(self, *, by: Person | None) -> None:
        """It is not proposed any more; twice is harmless."""
        if self.is_waiting:
            with db.atomic():
                self._end(ProposalState.WITHDRAWN, standing=None)
                self.track("withdrawn", by=by)

    def _end(self, state: ProposalState, **facts: Any) -> None:
        self._stop()
        self.write(state=state, step="", **facts)
        if self.sort == "first":
            self.article._await_publication()

    def _erase_from(self, cleaned: Callable[[str], str]) -> None:
        for name in (*self.texts, "note", "reason"):
            setattr(self, name, cleaned(getattr(self, name)))
        self.names_checked = True
        self.save()
        Notice.erase_words(self, cleaned)


def _reviewing(topic: int) -> list[Person]:
    return list(reviewers_of([topic]))


# ------------------------------------------------------------------ writing, publishing, changing articles


def write(*, by: Person, published: bool = True, names_checked: bool = False, **facts: Any) -> Article:
    """Write an article, and publish it, or ask for that, when wanted. Raises Invalid."""
    topics = [getattr(topic, "id", topic) for topic in facts.get("topics", ())]
    asks = published and bool(TopicRule.demanding(topics))
    with db.atomic():
        article = Article.add(by=by, published=published and not asks, names_checked=names_checked, **facts)
        if asks:
            publish(article, by=by, names_checked=names_checked)
    return article


def saves_itself(article: Article, person: Person) -> bool:
    """Whether the page on which a person writes it saves by itself: a draft of theirs that waits neither for
    its day nor for an approval. Those are for words that somebody chose to hand in.
    """
    mine = article.state == ArticleState.DRAFT and article.author_id == person.id and person.is_active
    return mine and article.scheduled_number is None and waiting_of(article, person) is None


def save_draft(article: Article, *, by: Person, version: int | None = None, **values: Any) -> None:
    """Keep what its author has written so far. Raises Stale, and Invalid for what is no draft any more."""
    if not saves_itself(article, by):
        raise Invalid(Phrase("It was handed in already."))
    article.save_draft(by=by, version=version, **values)


def go_on(
    article: Article,
    *,
    by: Person,
    published: bool = True,
    version: int | None = None,
    names_checked: bool = False,
    **facts: Any,
) -> Article:
    """Write on in what was begun, and publish it, or ask for that, when wanted. Raises Invalid and Stale."""
    with db.atomic():
        change(article, by=by, version=version, names_checked=names_checked, **facts)
        if published:
            publish(article, by=by, names_checked=names_checked)
    return article


def publish(article: Article, *, by: Person, names_checked: bool = False) -> Proposal | None:
    """Show a draft to everyone, or ask for the approval that its topic wants: then gives what waits.

    Twice is harmless. Raises Invalid as `Article.publish` does.
    """
    if article.state == ArticleState.PUBLISHED or not TopicRule.demanding(article.topic_ids):
        with db.atomic():
            article.publish(by=by, names_checked=names_checked)
            if (waiting := _waiting_first(article)) is not None:
                waiting.withdraw(by=by)
        return None
    article.check_publishable()
    texts = {name: getattr(article, name) for name in Article.texts}
    with db.atomic():
        article.keep_what_saved_itself(by=by)
        made = Proposal.put(article, by=by, sort="first", texts=texts, names_checked=names_checked)
        Clock.stop(article, "draft")
    return made


def change(
    article: Article,
    *,
    by: Person,
    version: int | None = None,
    names_checked: bool = False,
    note: str = "",
    **values: Any,
) -> Proposal | None:
    """Change an article; of one whose text is approved first, propose the text and change the rest: then
    gives what waits. Readers go on reading what was approved. Raises Invalid and Stale.
    """
    if not article.asks(values):
        with _approved_still(article, by=by, names_checked=names_checked):
            article.edit(by=by, version=version, names_checked=names_checked, note=note, **values)
        return None
    texts, topics = article.texts_after(values), values.get("topics")
    if not texts["title"].strip():
        raise Invalid({"title": Phrase("A title is needed.")})
    if missing := _missing(article, texts, topics, values):
        raise Invalid(missing)
    rest = {name: value for name, value in values.items() if name not in (*Article.texts, "topics")}
    with db.atomic():
        article.edit(by=by, version=version, names_checked=names_checked, **rest)
        return Proposal.put(
            article, by=by, sort="change", texts=texts, topics=topics, note=note, names_checked=names_checked
        )


@contextmanager
def _approved_still(article: Article, *, by: Person, names_checked: bool = False) -> Iterator[None]:
    """Whatever changes in here without asking anybody leaves approved words approved."""
    was_approved, before = approved(article), article.text_number
    was_scheduled = article.scheduled_number is not None
    with db.atomic():
        yield
        kept = was_approved is not None and TopicRule.demanding(article.topic_ids)
        if was_approved is not None and kept and article.text_number != before:
            _keep_approval(article, was_approved, by=by)
            if was_scheduled:
                _schedule_again(article, by=by, names_checked=names_checked)
        _follow_draft(article, by=by, names_checked=names_checked)


def _missing(article: Article, texts: dict[str, str], topics: Any, values: Any) -> dict[str, Phrase]:
    under = bool(article.topic_ids if topics is None else list(topics))
    freshness = values.get("freshness", article.freshness)
    until, kind = values.get("review_by", article.review_by), values.get("kind_of", article.kind_of)
    return unready(texts["body"], under, freshness, until, kind)


def _follow_draft(article: Article, *, by: Person, names_checked: bool) -> None:
    """A draft whose publication was asked for is asked for anew in its present words, of the experts of its
    present topics; where nobody approves what stands under these, its author publishes it.
    """
    waiting = _waiting_first(article)
    if waiting is None:
        return
    found = TopicRule.strictest(article.topic_ids)
    if found is None:
        waiting.withdraw(by=by)
        return
    Clock.stop(article, "draft")
    if waiting._differs(article):
        texts = {name: getattr(article, name) for name in Article.texts}
        waiting.revise(by=by, names_checked=names_checked, **texts)
    elif waiting.topic_id != found[0]:
        waiting.ask_from_the_first()


def _waiting_first(article: Article) -> Proposal | None:
    """What waits for its publication."""
    first = (Proposal.article == article) & (Proposal.sort == "first")
    return Proposal.get_or_none(first & (Proposal.state == ProposalState.WAITING))


def _schedule_again(article: Article, *, by: Person, names_checked: bool) -> None:
    """What waited for its day goes on waiting in approved words; other ones are asked for anew."""
    if approved(article) is not None:
        article.publish(by=by, names_checked=names_checked, approved=True)
    else:
        publish(article, by=by, names_checked=names_checked)


def _keep_approval(article: Article, held: Proposal, *, by: Person) -> None:
    """Other spacing of approved words is approved: in the name of who approved the words. Other words of what
    nobody reads yet are not.
    """
    if not all(reads_the_same(getattr(held, name), getattr(article, name)) for name in Article.texts):
        return
    facts: dict[str, Any] = {name: getattr(article, name) for name in Article.texts}
    facts |= {"answered_by": held.answered_by_id, "answered_at": held.answered_at, "done": held.done}
    facts |= {"hands": [by.id], "topic": held.topic_id}
    made = Proposal(article=article, by=by, sort="change", is_minor=1, became=article.text_number, **facts)
    made.state, made.base_number, made.names_checked = ProposalState.ACCEPTED, held.became or 0, True
    made.save(force_insert=True)


def suggest(
    article: Article, *, by: Person, title: str, body: str, note: str = "", **written: Any
) -> Proposal:
    """Propose a change of what somebody else looks after: its author is asked. Raises Invalid. `written`: as
    `Proposal.put` takes it.
    """
    texts = article.texts_after({"title": title, "body": body})
    if not title.strip():
        raise Invalid({"title": Phrase("A title is needed.")})
    if article.state != ArticleState.PUBLISHED:
        raise Invalid(Phrase("This is not published."))
    if all(getattr(article, name) == text for name, text in texts.items()):
        raise Invalid(Phrase("Nothing is changed yet."))
    if missing := _missing(article, texts, None, {}):
        raise Invalid(missing)
    return Proposal.put(article, by=by, sort="suggestion", texts=texts, note=note, **written)


def suggestable_by(article: Article, person: Person) -> bool:
    """Whoever reads it and may not change it themselves, but for the auditor, who changes nothing."""
    return article.state == ArticleState.PUBLISHED and not (person.is_auditor or article.editable_by(person))


def restore_version(article: Article, number: int, *, by: Person) -> Proposal | None:
    """The text of an earlier version is the present one again, or is proposed to be. Raises Invalid."""
    old = article._version(number)
    if old is None:
        raise Invalid(Phrase("There is no such version."))
    texts = {name: getattr(old, name) for name in Article.texts}
    if article.asks(texts):
        note = i18n.gettext(Phrase("Version %(n)s is the text again.", n=number))
        return change(article, by=by, note=note, **texts)
    with _approved_still(article, by=by):
        article.restore_version(number, by=by)
        _weigh_edits(article)
    return None


def _weigh_edits(article: Article) -> None:
    """An edit that the present text does without is thanked for no longer; one that is back is again.

    What a text holds its words tell, not its number: one that is as an earlier one was holds what that did.
    """
    edits = (Proposal.article == article) & (Proposal.sort == "suggestion") & Proposal.became.is_null(False)
    accepted = {edit.became: edit for edit in Proposal.select().where(edits)}
    held: set[int | None] = set()
    by_text: dict[tuple[str, ...], set[int | None]] = {}
    versions = (
        ArticleVersion.select().where(ArticleVersion.article == article).order_by(ArticleVersion.number)
    )
    for version in versions if accepted else ():
        text = tuple(getattr(version, name) for name in Article.texts)
        held = by_text.get(text, held) | {version.number} & accepted.keys()
        by_text[text] = held
    for number, edit in accepted.items():
        if number not in held:
            PointEntry.take_back(edit.by_id, edit.deed)
        elif points := PointEntry.was_taken_back(edit.by_id, edit.deed):
            edit._thank(points)


# ------------------------------------------------------------------ what is read of them


def noted(articles: ModelSelect[Article]) -> ModelSelect[Article]:
    """The same articles, each with whether anything was proposed for it, and others are credited beside its
    author: mostly nothing is read.
    """
    there = Proposal.select(1).where(Proposal.article == Article.id)
    others = ArticleCredit.select(1).where(
        (ArticleCredit.article == Article.id) & (ArticleCredit.person != Article.author)
    )
    return articles.select_extend(fn.EXISTS(there).alias("is_proposed"), fn.EXISTS(others).alias("is_shared"))


def of_article(article: Article) -> list[Proposal]:
    """What waits for an article, and what was accepted, newest first, with who wrote and who answered."""
    if not article.is_proposed:
        return []
    kept = Proposal.select().where(
        (Proposal.article == article) & Proposal.state.in_(["waiting", "accepted", "refused"])
    )
    return list(along(kept.order_by(Proposal.id.desc()), Proposal.by, Proposal.answered_by))


def waiting_of(article: Article, person: Person) -> Proposal | None:
    """What a person proposed for an article, while it waits."""
    if not article.is_proposed:
        return None
    return Proposal.get_or_none(Proposal.standing == f"{article.id}-{person.id}")


def approved(article: Article) -> Proposal | None:
    """The approval of the present text, where it was approved."""
    return approval_among(
        Proposal.select().where((Proposal.article == article) & Proposal.became.is_null(False)), article
    )


def approval_among(kept: Iterable[Proposal], article: Article) -> Proposal | None:
    """The one among these that is the present text, and was approved as its topic wants it."""
    mine = (each for each in kept if each.became == article.text_number)
    return next((each for each in mine if any(name != "author" for name, _ in each.done)), None)


# ------------------------------------------------------------------ what happens on the way


def _waiting(clock_of: Clock) -> Proposal | None:
    return Proposal.get_or_none(Proposal.id == clock_of.subject)


@step("suggestion", "remind")
@step("expert approval", "remind")
@step("owner approval", "remind")
def remind(waiting: Clock) -> datetime | None:
    """It lay nearly until its day."""
    if (found := _waiting(waiting)) is not None:
        found.remind()
    return None


@step("suggestion", "widen")
@step("expert approval", "widen")
@step("owner approval", "widen")
def widen(waiting: Clock) -> datetime | None:
    """Nobody answered in time; looked at again after as long: who was asked may be on leave by then."""
    found = _waiting(waiting)
    if found is None or not found.is_waiting:
        return None
    found.widen()
    return Calendar.read().add(clock.now(), Setting.read("fresh.approval_days"))


@step("suggestion", "left")
@step("owner approval", "left", "role")
@step("expert approval", "left", "role")
def ask_anew(waiting: Clock) -> datetime | None:
    """Who was asked works here no longer."""
    if (found := _waiting(waiting)) is not None:
        found.ask_anew()
    return None


@ends_with_it
def withdraw_of(article: Article, by: Person | None) -> None:
    """What waits for an article that is put away waits no longer; who proposed it is told."""
    for waiting in Proposal.select().where((Proposal.article == article) & (Proposal.state == "waiting")):
        waiting.withdraw(by=by)
        said = Phrase("It was put away before anybody answered your text: %(title)s", title=article.title)
        if waiting.by_id not in (article.author_id, getattr(by, "id", None)):
            Notice.tell(waiting.by_id, said, about=waiting)


@copies
def in_proposals(record: Any, cleaned: Callable[[str], str]) -> None:
    """What is taken out of an article is taken out of what was proposed for it."""
    if isinstance(record, Article):
        for found in Proposal.select().where(Proposal.article == record):
            found._erase_from(cleaned)
            Event.erase_words(found, cleaned)
            in_what_waits(found, cleaned)
