"""How an experience is judged: the panel's reviews, the acceptance they lead to, and its revocation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, reduce
from operator import or_
from typing import Any, ClassVar, Self

from peewee import JOIN, Case, CharField, Check, ForeignKeyField, IntegerField, ModelSelect, fn

from portal import clock, i18n
from portal.i18n import Phrase
from portal.models.base.fields import TextField, UtcDateTimeField
from portal.models.base.published import Published
from portal.models.base.record import Event, Invalid, Record
from portal.models.company.departments import Department
from portal.models.company.settings import Setting
from portal.models.experiences import rubric
from portal.models.experiences.experiences import Credit, Experience, ExperienceVersion
from portal.models.experiences.improvements import Improvement
from portal.models.experiences.interviews import Interview
from portal.models.experiences.prefill import amounts_of, given_names
from portal.models.experiences.words import REVIEW, ExperienceState
from portal.models.knowledge.articles import Article
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role, RoleGrant
from portal.models.sales.deals import Deal, DealShare
from portal.models.work.clocks import Clock
from portal.text import naming

AT_FAULT = ("plagiarism", "false", "privacy breach", "conflict of interest")
"""Reasons of a revocation that take back what was earned; the others only archive (RULES 4.1)."""


class Review(Published):
    """One reviewer's blind judgement of one round. Scores are 0 to 5 (RULES 4.2).

    The verdict is the reviewer's own: `accept` publishes it, `revise` sends it back with a list, `reject`
    ends it with a reason, `merge` adds it to an accepted experience (`into`). The panel's majority decides.
    """

    called = REVIEW
    texts = ("comment",)

    experience = ForeignKeyField(Experience, on_delete="CASCADE")
    experience_id: int
    round = IntegerField(verbose_name=Phrase("Round"))
    reviewer = ForeignKeyField(Person, on_delete="RESTRICT")
    reviewer_id: int
    due_at = UtcDateTimeField()
    correct = IntegerField(null=True)
    reusable = IntegerField(null=True)
    new = IntegerField(null=True)
    clear = IntegerField(null=True)
    linked = IntegerField(null=True)
    verdict = CharField(20, null=True, verbose_name=Phrase("Outcome"))
    into = ForeignKeyField(
        Experience,
        null=True,
        on_delete="SET NULL",
        backref="merge_proposals",
        verbose_name=Phrase("Merged into"),
    )
    into_id: int | None
    hard_fail = CharField(20, default="")
    comment = TextField(default="")
    completed_at = UtcDateTimeField(null=True)
    declined_at = UtcDateTimeField(null=True)
    """When it passed to someone else: the reviewer was involved, or it took too long."""
    passed_on = CharField(20, default="")
    """Why it passed on: `conflict` or `late`."""
    is_panel_lead = IntegerField(default=0)
    since = UtcDateTimeField(default=clock.now)
    """When this seat of the panel fell vacant: a replacement keeps it."""

    class Meta:
        indexes = ((("experience", "round", "reviewer"), True), (("reviewer", "completed_at"), False))
        constraints = [
            Check("verdict IS NULL OR verdict IN ('accept', 'revise', 'reject', 'merge')"),
            Check("hard_fail IN ('', 'privacy', 'duplicate', 'not checkable')"),
            Check("passed_on IN ('', 'conflict', 'late')"),
            Check("(completed_at IS NULL) = (verdict IS NULL)"),
            Check("completed_at IS NULL OR declined_at IS NULL"),
        ]

    @property
    def is_read(self) -> bool:
        """The author reads it once it is given."""
        return self.completed_at is not None

    @property
    def writer(self) -> int | None:
        return self.reviewer_id

    @property
    def names_to_hide(self) -> list[str]:
        return self.experience.names_to_hide

    def _erase_from(self, cleaned: Callable[[str], str]) -> None:
        self.comment = cleaned(self.comment)
        self.names_checked = True
        self.save()
        Notice.erase_words(self, cleaned)

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """A reviewer sees the reviews given to them, while they are theirs."""
        return cls.select().where((cls.reviewer == person) & cls.declined_at.is_null())

    @classmethod
    def asked_of(cls, person: Person) -> ModelSelect[Self]:
        """The reviews a person was ever asked for, whether they are still theirs or not."""
        return cls.select().where(cls.reviewer == person)

    @classmethod
    def waiting_for(cls, person: Person) -> ModelSelect[Self]:
        """The reviews that a person still owes, what is due first on top."""
        return (
            cls.visible_to(person)
            .join(Experience)
            .where(cls.completed_at.is_null() & in_review())
            .order_by(cls.due_at, cls.id)
        )

    @classmethod
    def done_by(cls, person: Person) -> ModelSelect[Self]:
        """The reviews a person has given."""
        return cls.select().where((cls.reviewer == person) & cls.completed_at.is_null(False))

    @classmethod
    def with_titles(cls, reviews: ModelSelect[Self]) -> ModelSelect[Self]:
        """The same reviews, read together with their experiences."""
        return (
            cls.select(cls, Experience)
            .join(Experience, on=(cls.experience == Experience.id))
            .where(cls.id.in_(reviews.select(cls.id)))
            .order_by(cls.due_at, cls.id)
        )

    @classmethod
    def with_experience(cls, reviews: ModelSelect[Self]) -> ModelSelect[Self]:
        """The same reviews, read together with all that their pages show of the experiences."""
        links = (Experience.author, Experience.product, Experience.customer_type, Experience.deal)
        read = cls.select(cls, Experience, *(link.rel_model for link in links))
        read = read.join(Experience, on=(cls.experience == Experience.id))
        for link in links:
            read = read.join_from(Experience, link.rel_model, JOIN.LEFT_OUTER, on=link)
        return read.where(cls.id.in_(reviews.select(cls.id))).order_by(cls.due_at, cls.id)

    @classmethod
    def completed_today(cls, person: Person) -> int:
        """How many reviews a person has done since the company's midnight."""
        since = clock.start_of(clock.today())
        return cls.select().where((cls.reviewer == person) & (cls.completed_at >= since)).count()

    @property
    def scores(self) -> rubric.Scores | None:
        """The five scores, once given."""
        if self.completed_at is None:
            return None
        return rubric.Scores(*(getattr(self, name) for name in rubric.NAMES))

    @property
    def verdict_words(self) -> Phrase:
        """What the reviewer decided, as it is called when the panel does."""
        states = {"accept": "accepted", "revise": "revision", "reject": "rejected", "merge": "merged"}
        return ExperienceState.of(states[str(self.verdict)]).label

    def total(self) -> Fraction | None:
        """What the scores add up to by the weights of its round, 0 to 100, once given."""
        return self.scores.total(self.rule("review.weights")) if self.scores is not None else None

    def rule(self, name: str) -> Any:
        """A rule of review as it was when what this judges was handed in."""
        if self.judged is not None:
            return Setting.as_of(name, self.judged.created_at)
        return self.experience.rule(name, self.round)

    judged: ExperienceVersion | None = None
    """What it judges of its experience, as `with_judged` read it along."""

    @classmethod
    def with_judged(cls, reviews: ModelSelect[Self]) -> ModelSelect[Self]:
        """The same reviews, each with what it judges: an appeal is about what was handed in before."""
        kept, last = ExperienceVersion, ExperienceVersion.alias()
        mine = (last.experience == cls.experience) & (last.round <= cls.round)
        latest = last.select(fn.MAX(last.round)).where(mine)
        on = (kept.experience == cls.experience) & (kept.round == latest)
        read = reviews.select_extend(kept.id, kept.created_at)
        return read.join_from(cls, kept, JOIN.LEFT_OUTER, on=on, attr="judged")

    @cached_property
    def said(self) -> Experience | ExperienceVersion:
        """What it judges, as it was handed in: what its author writes on since is theirs alone."""
        experience = self.experience
        if experience.is_read and experience.round == self.round:
            return experience
        return experience.text_in(self.round) or experience

    @cached_property
    def before(self) -> Review | None:
        """What the same reviewer gave in an earlier round, the latest."""
        if self.round == 1:
            return None
        same = (Review.experience == self.experience_id) & (Review.reviewer == self.reviewer_id)
        earlier = same & (Review.round < self.round) & Review.completed_at.is_null(False)
        found: Review | None = Review.select().where(earlier).order_by(Review.round.desc()).first()
        return found

    def changed_parts(self) -> dict[str, tuple[str, str]]:
        """What its reviewer sees the difference of, before and after by field: of a later round, from what
        they judged; of a changed article, from what was accepted.
        """
        experience = self.experience
        if experience.rewrites is not None:
            accepted = experience.rewrites.scored_version
            old = {"title": accepted.title, "action": accepted.body} if accepted else {}
        else:
            kept = experience.text_in(self.before.round) if self.before is not None else None
            old = {name: getattr(kept, name) for name in experience.texts} if kept is not None else {}
        new = {name: getattr(self.said, name) for name in old}
        return {name: (old[name], new[name]) for name in old if old[name] != new[name]}

    def blinded(self) -> Callable[[str], str]:
        """What takes out of a text who wrote it and what the deal was worth: reviewers judge blind."""
        experience = self.experience
        people = {experience.author, *(credit.person for credit in experience.named())}
        words, given = list[str](), [name for person in people for name in given_names(person)]
        for person in people:
            words += [person.email, person.phone, person.employee_no or ""]
        deal = experience.deal if experience.deal_id is not None else None
        if deal is not None and deal.amount:
            words += [i18n.money(deal.amount), *amounts_of(deal)]

        def blind(text: str) -> str:
            spans = [*whose(text, people), *naming.stretches(text, words)]
            spans += naming.stretches(text, given, exact=True)
            for start, end in naming.apart(spans)[::-1]:
                text = f"{text[:start]}〔…〕{text[end:]}"
            return text

        return blind

    def others_opinions(self) -> list[Review]:
        """The rest of the panel's reviews, for its members, once the round is decided."""
        experience = self.experience
        if self.completed_at is None or (experience.state == "submitted" and experience.round == self.round):
            return []
        same = (Review.experience == experience.id) & (Review.round == self.round) & (Review.id != self.id)
        given = Review.select().where(same & Review.completed_at.is_null(False))
        return list(given.order_by(Review.id))

    is_outside = False
    """Whether its reviewer is involved by now, or reviews nothing any more: as `claim` found it."""

    @property
    def is_open(self) -> bool:
        """Whether it still waits for its reviewer."""
        return self.completed_at is None and self.declined_at is None

    @classmethod
    def waits(cls) -> Any:
        """The condition that it still waits for its reviewer, in a round that is not over or withdrawn."""
        current = Experience.select(Experience.id).where(in_review() & (Experience.id == cls.experience))
        return cls.completed_at.is_null() & cls.declined_at.is_null() & fn.EXISTS(current)

    @property
    def is_waited_for(self) -> bool:
        """The same of one, with its experience read along."""
        experience = self.experience
        return self.is_open and experience.state == "submitted" and experience.round == self.round

    def claim(self) -> Experience:
        """The experience as it is now, held until this transaction ends: panels decide one at a time."""
        experience = hold(self.experience_id)
        of = Improvement.select(Improvement.of).where(Improvement.experience == self.experience_id)
        rows = Review.select(Review, _outside(self).alias("outside"), of.alias("target"))
        now: Any = rows.where(Review.id == self.id).get()
        self.completed_at, self.declined_at, self.passed_on = now.completed_at, now.declined_at, now.passed_on
        self.is_outside = bool(now.outside)
        if now.target is None:
            self.__dict__["_target"] = None  # most improve nothing: known without asking again
        self.experience = experience
        return self.experience

    def check_open(self, experience: Experience) -> None:
        """Raises Invalid when it is nobody's to give any more."""
        if self.declined_at is not None:
            raise Invalid(Phrase("This review has passed to someone else. Thank you all the same."))
        if experience.state != "submitted" or experience.round != self.round:
            raise Invalid(Phrase("This experience is no longer in review: nothing is left to do here."))

    def check(
        self,
        scores: Mapping[str, int],
        verdict: str,
        comment: str,
        hard_fail: str,
        into: Experience | None,
    ) -> None:
        """Raises Invalid for a judgement that cannot be, each error beside its field."""
        errors: dict[str, str] = {
            name: Phrase("Choose a score from 0 to 5.")
            for name in rubric.NAMES
            if scores.get(name) not in range(6)
        }
        if verdict not in self.verdicts:
            errors["verdict"] = Phrase("Choose what should happen.")
        earns = verdict in ("accept", "merge")
        if earns and not errors and scores["correct"] < (least := self.rule("review.least_correct")):
            errors["verdict"] = (
                Phrase("What scores under %(least)s for correctness cannot be accepted.", least=least)
                if verdict == "accept"
                else Phrase("What scores under %(least)s for correctness cannot be merged.", least=least)
            )
        if earns and hard_fail:
            errors["verdict"] = (
                Phrase("What fails outright cannot be accepted.")
                if verdict == "accept"
                else Phrase("What fails outright improves nothing: ask for a revision, or reject it.")
            )
        if verdict == "revise" and not comment.strip():
            errors["comment"] = Phrase("List what the author should change.")
        if verdict == "reject" and not comment.strip():
            errors["comment"] = Phrase("Give the author a reason.")
        if verdict == "merge" and (
            into is None or not self.mergers().where(Experience.id == into.id).exists()
        ):
            errors["into"] = Phrase("Choose the accepted experience that this one improves.")
        if errors:
            raise Invalid(errors)

    def mergers(self) -> ModelSelect[Experience]:
        """The experiences that it may improve: accepted, and not revoked or outdated since. None of those
        that its reviewer is credited for: nobody takes another's work into their own by judging it.
        """
        own = Credit.select(Credit.experience).where((Credit.person == self.reviewer_id) & Credit.is_agreed())
        others = (Experience.author != self.reviewer_id) & Experience.id.not_in(own)
        return Experience.select().where(
            stands() & Experience.is_new() & others & (Experience.id != self.experience_id)
        )

    @cached_property
    def _target(self) -> Experience | None:
        return _target_of(self.experience) if not self.experience.is_rewrite else None

    @property
    def improved(self) -> Experience | None:
        """What it was handed in to improve, and goes into if its panel thinks so."""
        return self._target if self._target is not None and self._target.__dict__["standing"] else None

    @property
    def is_stranded(self) -> bool:
        """Whether what it was handed in to improve is not there any more."""
        return self._target is not None and self.improved is None

    @property
    def verdicts(self) -> tuple[str, ...]:
        """What may happen: a changed text has a score, or is changed once more; what improves another is put
        before its author, or is not. Where that is gone meanwhile it is no article of its own unasked: its
        author handed in what stands there too, and its reviewers were told of no duplicate.
        """
        changed = self.experience.is_rewrite
        if self.improved is not None:
            return ("merge", "revise", "reject")
        if self.is_stranded:
            return ("revise", "reject")
        return ("accept", "revise") if changed else ("accept", "revise", "merge", "reject")

    def opinion(self, weights: Sequence[int]) -> rubric.Opinion:
        """A completed review as the panel's arithmetic reads it."""
        assert self.scores is not None
        total = self.scores.total(weights)
        worth = self.scores.worth(weights)
        return rubric.Opinion(total, str(self.verdict), self.scores.correct, self.hard_fail, worth)

    def pass_on(self, why: str, *, by: Person | None) -> None:
        """It goes to someone else: `conflict` or `late`."""
        self.declined_at, self.passed_on = clock.now(), why
        self.save()
        Clock.stop(self, "review")
        self.track("passed on", by=by, changes={"why": [None, why]})
        if by is None or by.id != self.reviewer_id:
            words = Phrase("Your review has passed to someone else: %(title)s", title=self.experience.title)
            Notice.tell(self.reviewer_id, words, about=self, url="/reviews?done")


def whose(text: str, people: Iterable[Person]) -> list[tuple[int, int]]:
    """Where a text names one of these people, in any form of the name."""
    return list(naming.occurrences(text, [name for one in people for name in (one.name, one.name_en)]))


def _outside(review: Review) -> Any:
    """The condition that a review's reviewer may not judge it any more; read with the review itself.

    Since they were asked they may have been given a share of the deal or the deal, have been asked to
    interview somebody on it, have become a co-author of it or of what it improves, the manager of someone
    credited or the head of their department, or have lost the role (RULES 4.2).
    """
    me, experience = review.reviewer_id, Experience.id == review.experience_id
    deal = Experience.select(Experience.deal).where(experience)
    agreed = (Credit.experience == review.experience_id) & Credit.is_agreed()
    credited = Experience.select(Experience.author).where(experience) | Credit.select(Credit.person).where(
        agreed
    )
    led = (RoleGrant.person == me) & (RoleGrant.role == Role.MANAGER) & RoleGrant.department.is_null(False)
    top = RoleGrant.select(RoleGrant.department.alias("id")).where(led).cte("led", recursive=True)
    tree = top.union(Department.select(Department.id).join(top, on=(Department.parent == top.c.id)))
    improved = Improvement.select(Improvement.of).where(Improvement.experience == review.experience_id)
    mine = (Person.manager == me) | Person.department.in_(tree.select_from(tree.c.id)) | (Person.id == me)
    involved = (
        DealShare.select().where((DealShare.person == me) & DealShare.deal.in_(deal) & DealShare.is_agreed()),
        Deal.select().where((Deal.owner == me) & Deal.id.in_(deal)),
        Interview.select().where((Interview.interviewer == me) & Interview.deal.in_(deal)),
        Credit.select().where((Credit.person == me) & Credit.is_agreed() & Credit.experience.in_(improved)),
        Person.select().where(Person.id.in_(credited) & mine),
    )
    role = RoleGrant.select().where((RoleGrant.person == me) & (RoleGrant.role == Role.REVIEWER))
    lost = (Review.is_panel_lead == 0) & ~fn.EXISTS(role)
    return Case(None, [(reduce(or_, map(fn.EXISTS, involved)) | lost, 1)], 0)


def in_review() -> Any:
    """A review's experience waits for this very round."""
    return (Experience.state == "submitted") & (Experience.round == Review.round)


class Acceptance(Record):
    """The decision that made an experience knowledge. One for each experience: nothing is paid twice.

    What was merged into another has one too; its credit counts half (RULES 4.2).
    """

    experience = ForeignKeyField(Experience, unique=True, on_delete="RESTRICT")
    experience_id: int
    article = ForeignKeyField(Article, null=True, unique=True, on_delete="RESTRICT")
    article_id: int | None
    """What it became; nothing of its own where it was merged into another."""
    at = UtcDateTimeField(default=clock.now, index=True)
    score = IntegerField()
    counts = IntegerField(default=1)
    """0 for what is not counted for commission: duplicates, pure documents, own re-writes (RULES 4.1)."""

    @classmethod
    def of(cls, experience: Experience) -> Acceptance | None:
        """That of an experience, with its revocation read along."""
        read = cls.select(cls, Revocation).join(Revocation, JOIN.LEFT_OUTER)
        found: Acceptance | None = read.where(cls.experience == experience).first()
        return found

    @property
    def revoked(self) -> Revocation | None:
        """Its revocation, of one that was read by `of`."""
        return getattr(self, "revocation", None)


class Revocation(Published):
    """An acceptance taken back, with its reason (RULES 4.1)."""

    texts = ("note",)
    REASONS: ClassVar[tuple[str, ...]] = (*AT_FAULT, "superseded", "product ended")

    acceptance = ForeignKeyField(Acceptance, unique=True, on_delete="RESTRICT")
    acceptance_id: int
    reason = CharField(40)
    note = TextField(default="")
    by = ForeignKeyField(Person, on_delete="RESTRICT")
    by_id: int
    at = UtcDateTimeField(default=clock.now)

    class Meta:
        constraints = [
            Check(
                "reason IN ('plagiarism', 'false', 'privacy breach', 'conflict of interest', "
                "'superseded', 'product ended')"
            )
        ]

    @property
    def names_to_hide(self) -> list[str]:
        return self.acceptance.experience.names_to_hide

    def _erase_from(self, cleaned: Callable[[str], str]) -> None:
        self.note = cleaned(self.note)
        self.names_checked = True
        self.save()

    @classmethod
    def about(cls, experience: Experience) -> Revocation | None:
        """The revocation of an experience's acceptance, if there is one."""
        found: Revocation | None = (
            cls.select().join(Acceptance).where(Acceptance.experience == experience.id).first()
        )
        return found


def hold(ident: int) -> Experience:
    """An experience as it is now, which nobody else changes until this transaction ends."""
    held = Experience.update(round=Experience.round).where(Experience.id == ident).returning(Experience)
    (experience,) = held.execute()
    found: Experience = experience
    return found


def stands() -> Any:
    """The condition that an experience is accepted, that its acceptance was not taken back, and that the
    article that it became is not archived: nobody earns by what goes into a text that nobody reads.
    """
    revoked = Revocation.select(Acceptance.experience).join(Acceptance)
    archived = Acceptance.select(Acceptance.experience).join(Article).where(Article.state == "archived")
    return (Experience.state == "accepted") & Experience.id.not_in(revoked) & Experience.id.not_in(archived)


def _target_of(experience: Experience) -> Experience | None:
    """What it was handed in to improve, with `standing`: whether that stands and is read."""
    rows = Experience.select(Experience, Case(None, ((stands(), 1),), 0).alias("standing"))
    rows = rows.join(Improvement, on=(Improvement.of == Experience.id))
    found: Experience | None = rows.where(Improvement.experience == experience).first()
    return found


def improved_by(experience: Experience) -> Experience | None:
    """What it was handed in to improve, while that stands and is read."""
    found = _target_of(experience)
    return found if found is not None and found.__dict__["standing"] else None


def is_standing(experience: Experience) -> bool:
    """Whether it is accepted, and everybody reads it."""
    return bool(Experience.select().where((Experience.id == experience.id) & stands()).exists())


def revocable_by(experience: Experience, person: Person) -> bool:
    """An administrator, or a manager who leads its author; never the author."""
    if person.id == experience.author_id:
        return False
    return person.is_administrator or person.leads(experience.author_id)


def told_of(person: Person) -> Any:
    """The condition on events that reading them leaves reviews blind (RULES 4.2).

    Who reads the log and reviews: nothing of an item that they judge, until it is accepted. Who reads the
    log and writes: nothing of the reviews of their own, ever.
    """
    mine = Credit.select(Credit.experience).where(Credit.person == person)
    own = Experience.select(Experience.id).where((Experience.author == person) | Experience.id.in_(mine))
    judged = Review.select(Review.experience).join(Experience, on=(Review.experience == Experience.id))
    judged = judged.where((Review.reviewer == person) & Experience.state.not_in(("accepted", "merged")))
    hidden = Review.select(Review.id).where(Review.experience.in_(own) | Review.experience.in_(judged))
    of_review = (Event.subject_kind == Review.kind()) & Event.subject.in_(hidden)
    of_experience = (Event.subject_kind == Experience.kind()) & Event.subject.in_(judged)
    return ~(of_review | of_experience)
