"""Lessons from the field on their way to becoming knowledge: how they are begun and written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Self

from peewee import JOIN, CharField, Check, ForeignKeyField, IntegerField, JSONField, ModelSelect, fn

from portal import clock
from portal.i18n import Phrase, gettext, in_each, names
from portal.models.base.database import db
from portal.models.base.fields import (
    MarkdownField,
    NameField,
    RateField,
    StateField,
    TextField,
    UtcDateTimeField,
)
from portal.models.base.prepared import Prepared
from portal.models.base.published import Published, Telling, names_behind
from portal.models.base.record import Event, Invalid, Record, Searchable, Stale, Stateful, names_of
from portal.models.base.undoing import MEANWHILE, undoes
from portal.models.company.calendar import Calendar
from portal.models.company.customer_types import CustomerType
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.customers.contacts import names_at
from portal.models.experiences.prefill import amounts_of, prefilled
from portal.models.experiences.words import EXPERIENCE, ExperienceState
from portal.models.files.attachments import named_in
from portal.models.knowledge.articles import Article, ArticleCredit
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal, DealShare
from portal.models.work.clocks import Clock
from portal.text.writing import clean, summary_of

KINDS = ("debrief", "question", "suggestion")
REWRITE = "rewrite"
"""The changed text of an article that was accepted already: it earns and counts nothing again."""
WRITABLE = ("draft", "revision", "withdrawn")
PARTS = ("situation", "doubt", "action", "outcome", "lesson")
FIRST_WORDS = 30
"""So many characters say which draft it is, where it has no title yet."""
NEEDED = {
    "debrief": PARTS,
    "question": ("doubt", "action"),
    "suggestion": ("situation", "action"),
    REWRITE: ("action",),
}
ANCHOR = "anchor-"
"""How the key begins of what nobody learnt: a text whose right scores are known (RULES 4.2)."""
WHY = {
    "submitted": Phrase(
        "This is with its reviewers, who all judge the same text. Withdraw it on its page, change it, and"
        " submit it again."
    ),
    "accepted": Phrase("This was accepted and is an article now. Improve the article: it has your name."),
    "merged": Phrase("This was merged into another experience. Suggest a change to the article of that one."),
}
"""Why the text of an experience stands, by its state, and what can be done instead."""
APPEAL_OR_ANEW = Phrase(
    "This was not accepted, and its text stays as it was judged. Appeal once on its page, or write a new one."
)
ANEW = Phrase(
    "This was not accepted, and its text stays as it was judged. Write a new one with what you know now."
)
WHOLE = 1_000_000
"""Working days within which a revised item keeps its first submission date (RULES 4.1)."""


class Experience(Published, Stateful, Searchable):
    """A lesson from the field. Reviewers score it blind; accepted, it becomes an article.

    The parts are Markdown. For a customer question `doubt` is the question and `action` its best answer;
    for a suggestion `situation` is what is wrong today and `action` the proposal.
    """

    called = EXPERIENCE
    texts = ("title", *PARTS)

    author = ForeignKeyField(Person, on_delete="RESTRICT")
    author_id: int
    kind_of = CharField(20, column_name="kind")
    state = StateField(
        ExperienceState, max_length=20, default=ExperienceState.DRAFT, verbose_name=Phrase("State")
    )
    title = NameField(200, default="", verbose_name=Phrase("Title"))
    situation = MarkdownField(default="")
    doubt = MarkdownField(default="")
    action = MarkdownField(default="")
    outcome = MarkdownField(default="")
    lesson = MarkdownField(default="")
    deal = ForeignKeyField(Deal, null=True, on_delete="SET NULL")
    deal_id: int | None
    product = ForeignKeyField(Product, null=True, on_delete="SET NULL", verbose_name=Phrase("Product"))
    product_id: int | None
    customer_type = ForeignKeyField(CustomerType, null=True, on_delete="SET NULL")
    customer_type_id: int | None
    co_authors = JSONField(default=list)
    """As named in the draft: [e-mail or name, percent as typed]. Credit is written when it is submitted."""
    key = CharField(80, null=True, unique=True)
    """One debrief for each author and deal, until it is rejected."""
    round = IntegerField(default=1, verbose_name=Phrase("Round"))
    """Which round of review it is in: a revision or an appeal starts the next."""
    first_submitted_at = UtcDateTimeField(null=True)
    """Counts for the commission month; kept by a revision within 10 working days (RULES 4.1)."""
    submitted_at = UtcDateTimeField(null=True)
    decided_at = UtcDateTimeField(null=True)
    revision_asked_at = UtcDateTimeField(null=True)
    appeal_round = IntegerField(null=True)
    """The round that an appeal opened; a second appeal there is not."""
    appeal_reason = TextField(default="")
    score = IntegerField(null=True, verbose_name=Phrase("Score"))
    """The deciding score of RULES 4.2 in hundredths: 7000 is 70."""
    reason = MarkdownField(default="", verbose_name=Phrase("Reason"))
    """What the author is told: the list for a revision, the reason of a rejection."""
    merged_into: ForeignKeyField[Any] = ForeignKeyField("self", null=True, on_delete="SET NULL")
    merged_into_id: int | None
    near: ForeignKeyField[Any] = ForeignKeyField("self", null=True, on_delete="SET NULL", backref="repeats")
    near_id: int | None
    """What it repeats, where its author was asked and said that it differs: reviewers see it beside."""
    rewrites = ForeignKeyField(Article, null=True, on_delete="CASCADE", backref="rewritten_by")
    rewrites_id: int | None
    """The article whose changed text this is; `action` is all of it."""
    rewritten_number = IntegerField(null=True)
    """Which of the article's versions it is."""

    class Meta:
        indexes = (
            (("author", "state"), False),
            (("state", "submitted_at"), False),
            (("first_submitted_at", "author"), False),
        )
        constraints = [
            Check("kind IN ('debrief', 'question', 'suggestion', 'rewrite')"),
            Check("(kind = 'rewrite') = (rewrites_id IS NOT NULL)"),
            Check(
                "state IN ('draft', 'submitted', 'revision', 'accepted', 'rejected', 'merged', 'withdrawn')"
            ),
            Check("state = 'draft' OR state = 'withdrawn' OR first_submitted_at IS NOT NULL"),
        ]

    # -------------------------------------------------------------- who may

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """The person's own, those they are credited for, and what was accepted: all else is its author's.

        Reviewers read theirs through the review, without its author's name.
        """
        credited = Credit.select(Credit.experience).where((Credit.person == person) & Credit.is_agreed())
        mine = ((cls.author == person) & cls.is_earnest()) | cls.id.in_(credited)
        improving = cls.select(cls.id).where(cls.author == person)
        merged = (cls.state == "merged") & cls.merged_into.in_(improving)
        return cls.select().where(mine | (cls.state == "accepted") | merged)

    @classmethod
    def is_new(cls) -> Any:
        """The condition that it is no changed text of what was accepted before, and no anchor."""
        return (cls.kind_of != REWRITE) & cls.is_earnest()

    @classmethod
    def is_earnest(cls) -> Any:
        """The condition that it is no anchor."""
        return cls.key.is_null() | ~cls.key.startswith(ANCHOR)

    @property
    def is_anchor(self) -> bool:
        """Whether its right scores are known: it is judged as others are, and nothing comes of it."""
        return self.key is not None and self.key.startswith(ANCHOR)

    @classmethod
    def untouched(cls) -> Any:
        """The condition that its author wrote nothing yet: the portal alone began the debrief of a deal."""
        return (cls.state == "draft") & (cls.version == 1) & cls.key.is_null(False)

    @property
    def is_untouched(self) -> bool:
        return self.state == "draft" and self.version == 1 and self.key is not None

    @classmethod
    def with_links(cls, experiences: ModelSelect[Self]) -> ModelSelect[Self]:
        """The same experiences, read together with their deal, what each was merged into, and the names of
        product and customer type.
        """
        into: Any = cls.alias("into")
        told = (into.id, into.title, into.author)
        return (
            experiences.select(cls, *names_of(Product), *names_of(CustomerType), Deal, *told)
            .join(Product, JOIN.LEFT_OUTER, on=(cls.product == Product.id))
            .switch(cls)
            .join(CustomerType, JOIN.LEFT_OUTER, on=(cls.customer_type == CustomerType.id))
            .switch(cls)
            .join(Deal, JOIN.LEFT_OUTER, on=(cls.deal == Deal.id))
            .switch(cls)
            .join(into, JOIN.LEFT_OUTER, on=(cls.merged_into == into.id), attr="merged_into")
        )

    def editable_by(self, person: Person) -> bool:
        """Drafts are their author's alone."""
        return self.author_id == person.id

    def credited(self, person: Person) -> bool:
        """Whether its credit is partly theirs; while it is a draft, its author's alone."""
        return self.author_id == person.id or any(credit.person_id == person.id for credit in self.credits())

    def credits(self) -> list[Credit]:
        """Who is credited and agreed to be, with the persons, the largest share first."""
        return [credit for credit in self.named() if credit.agreed_at is not None]

    def named(self) -> list[Credit]:
        """Whom its author names, whether they agreed or were asked only."""
        return _CREDITS(experience=self.id)

    @property
    def is_writable(self) -> bool:
        """Whether its text may change: before submission, and when a revision is asked."""
        return self.state in WRITABLE and not self.is_rewrite

    @property
    def why_it_stands(self) -> Phrase:
        """Why its text may not change, and what its author can do instead; of one that is not writable."""
        if self.is_rewrite:
            return Phrase("This is the changed text of an article. Go on writing in the article.")
        if self.state == "rejected":
            return APPEAL_OR_ANEW if self.is_appealable else ANEW
        return WHY[self.state]

    @property
    def is_rewrite(self) -> bool:
        """Whether it is the changed text of an article; that is written on in the article."""
        return self.kind_of == REWRITE

    @property
    def is_withdrawable(self) -> bool:
        """Before it is decided; a changed article leaves its review by being changed again."""
        return self.state in ("submitted", "revision") and not self.is_rewrite

    @property
    def is_appealable(self) -> bool:
        """One appeal against a rejection (RULES 4.2)."""
        return self.state == "rejected" and self.appeal_round is None and not self.is_rewrite

    # -------------------------------------------------------------- writing

    @classmethod
    def begin(cls, *, by: Person, kind: str, deal: Deal | None = None) -> Experience:
        """Open a draft: the empty one begun before, or the deal's; else a new one, for a deal prefilled.

        A debrief in which nothing was written yet tells the deal as it is now. Raises Invalid when the deal
        is not closed or is nobody's of theirs.
        """
        if kind not in KINDS:
            raise Invalid({"kind": Phrase("Choose what you want to write.")})
        if deal is None:
            blank = [getattr(cls, part) == "" for part in ("title", *PARTS)]
            begun: Experience | None = cls.get_or_none(
                cls.author == by, cls.state == "draft", cls.kind_of == kind, cls.deal.is_null(), *blank
            )
            if begun is not None:
                return begun
            made = cls.create(author=by, kind_of=kind)
            made.track("began", by=by)
            return made
        key = f"debrief-{deal.id}-{by.id}"
        known = cls.get_or_none(cls.key == key)
        if known is not None and not known.is_untouched:
            return known
        if deal.closed_on is None:
            raise Invalid({"deal": Phrase("A debrief is written once the deal is won or lost.")})
        if not may_debrief(deal, by):
            raise Invalid({"deal": Phrase("The debrief is written by those who worked on the deal.")})
        values: dict[str, Any] = {"author": by, "kind_of": "debrief", "deal": deal, "key": key}
        told = prefilled(deal, by=by)
        with db.atomic():
            if cls.insert(values | told).on_conflict_ignore().execute():
                made = cls.get(cls.key == key)
                made.track("began", by=by)
                made.reindex()
            elif known is not None:
                cls.update(told).where((cls.id == known.id) & cls.untouched()).execute()
                known.reindex()
        found: Experience = cls.get(cls.key == key)
        return found

    @classmethod
    def rewrite(cls, article: Article, *, by: Person) -> Experience:
        """The present text of an article, for its reviewers; again gives the same. Credit is the article's.

        Who looks after a deal that it tells of judges it no more than before.
        """
        born = article.origin if article.origin_kind == cls.kind() else None
        first = cls.get_or_none(cls.id == born)
        key = f"rewrite-{article.id}-{article.text_number}"
        values: dict[str, Any] = {
            "author": article.author_id,
            "kind_of": REWRITE,
            "rewrites": article,
            "rewritten_number": article.text_number,
            "title": article.title,
            "action": article.body,
            "deal": first.deal_id if first is not None else None,
            "product": article.product_id,
            "customer_type": article.customer_type_id,
            "key": key,
        }
        if cls.insert(values).on_conflict_ignore().execute():
            made: Experience = cls.get(cls.key == key)
            made.set_topics(article.topic_ids)
            for credit in ArticleCredit.select().where(ArticleCredit.article == article):
                Credit.create(experience=made, person=credit.person_id, share=credit.share)
        found: Experience = cls.get(cls.key == key)
        found.names_checked = True  # as its readers have it before them
        return found

    def save_draft(self, *, by: Person, version: int | None = None, **parts: Any) -> None:
        """Keep what its author has written so far, complete or not.

        `parts` are fields and `topics` (records or ids). Raises Stale when the version is old and something
        differs, Invalid when the text may no longer change.
        """
        topics = parts.pop("topics", None)
        if not self.is_writable:
            raise Invalid(self.why_it_stands)
        changes = self.changed_fields(parts)
        topics = None if topics is None else _ids(topics)
        others = topics is not None and topics != {topic.id for topic in self.topics}
        if (changes or others) and version is not None and version != self.version:
            raise Stale(self)
        with db.atomic():
            if changes:
                for name in changes:
                    value = parts[name]
                    setattr(self, name, clean(value) if isinstance(value, str) else value)
            if changes or others:
                self.touch({name: parts[name] for name in changes})
                self._await_submission()
            if topics is not None and others:
                self.set_topics(topics)

    def add_topic(self, topic: Topic, *, by: Person) -> bool:
        """File it under one topic more; false when it is there already. Raises Invalid when handed in."""
        held = [each.id for each in self.topics]
        if topic.id in held:
            return False
        with db.atomic():
            self.save_draft(by=by, topics=[*held, topic])
            self.track("topic added", by=by, changes={"topic": [None, topic.id]})
        return True

    def _await_submission(self) -> None:
        """What was begun waits for its author, and a deal's debrief is no longer asked for."""
        if self.state != "draft":
            return
        if self.deal_id is not None:
            Clock.stop((Deal.kind(), self.deal_id), "debrief")
        Clock.start(
            self,
            "draft",
            who=f"person-{self.author_id}",
            text=Phrase("Finish and submit: %(title)s", title=self._named),
            url=f"{self.url}/edit",
            since=self.created_at,
        )

    @property
    def heading(self) -> str:
        """Its title; of a draft without one that it has none, and its first words if there are any. What was
        handed in once is named to others too, who read its text later or never: by no words of it.
        """
        return self.title or gettext(self._untitled)

    @property
    def _untitled(self) -> Phrase:
        written = next(filter(None, (getattr(self, name) for name in PARTS)), "")
        words = summary_of(written) if self.state == "draft" else ""
        if not words:
            return Phrase("Draft without a title")
        begun = words if len(words) <= FIRST_WORDS else words[:FIRST_WORDS].rstrip() + "…"
        return Phrase("Draft without a title, “%(words)s”", words=begun)

    @property
    def _named(self) -> str | dict[str, str]:
        return self.title or in_each(self._untitled)

    def set_topics(self, topics: Iterable[Topic | int]) -> None:
        """Say what it is about."""
        wanted = _ids(topics)
        held = {topic.id for topic in self.topics}
        gone = list(held - wanted)
        ExperienceTopic.delete().where(
            (ExperienceTopic.experience == self) & ExperienceTopic.topic.in_(gone)
        ).execute()
        for topic in sorted(wanted - held):
            ExperienceTopic.create(experience=self, topic=topic)
        self.__dict__.pop("topics", None)
        if wanted != held:
            self.reindex()

    @cached_property
    def topics(self) -> list[Topic]:
        """Its topics, in the company's order."""
        return _TOPICS(experience=self.id)

    # -------------------------------------------------------------- what it still needs

    @property
    def needed(self) -> tuple[str, ...]:
        """The fields that must be filled before it can be submitted."""
        return ("title", *NEEDED[self.kind_of], "topics")

    @property
    def names_files(self) -> bool:
        """Whether a text of it names a file: its reviewers open one only where they may read it elsewhere."""
        return any(named_in(getattr(self, name)) for name in self.texts)

    def missing(self) -> list[str]:
        """Names of the needed fields that are still empty."""
        empty = [n for n in self.needed if n != "topics" and not getattr(self, n).strip()]
        return empty if self.topics else [*empty, "topics"]

    @property
    def is_read(self) -> bool:
        return self.read_in(self.state)

    def read_in(self, state: str) -> bool:
        """Reviewers read it from the moment it is handed in; what is to be written on is its author's."""
        return state not in WRITABLE

    @property
    def writer(self) -> int | None:
        return self.author_id

    @property
    def names_to_hide(self) -> list[str]:
        """Names of the linked customer and the people there."""
        if self.deal_id is None or self.deal is None or self.deal.customer_id is None:
            return []
        return names_at(self.deal.customer_id)

    @property
    def deal_to_hide(self) -> list[str]:
        """Title and amount: not all who read it may see the deal, and its reviewers would find it."""
        deal = self.deal if self.deal_id is not None else None
        return [deal.title, *amounts_of(deal)] if deal is not None else []

    def check_texts(self, values: Mapping[str, Any], *, since: str = "") -> None:
        """What an appeal says is read by its reviewers too."""
        super().check_texts(values, since=since)
        reason = str(values.get("appeal_reason", ""))
        if reason and (found := self._find({"reason": reason})):
            raise Telling(found)

    def _erase_from(self, cleaned: Callable[[str], str]) -> None:
        texts = {name: cleaned(getattr(self, name)) for name in (*self.texts, "appeal_reason", "reason")}
        if changed := {name: text for name, text in texts.items() if text != getattr(self, name)}:
            self.names_checked = True
            self.write(**changed)
        for kept in ExperienceVersion.select().where(ExperienceVersion.experience == self):
            kept.erase(cleaned)
        Notice.erase_words(self, cleaned)

    def touch(self, values: Mapping[str, Any]) -> None:
        super().touch(values)
        if "title" in values or (not self.title and not values.keys().isdisjoint(PARTS)):
            Clock.rename(self, title=self._named)

    def rule(self, name: str, round: int | None = None) -> Any:
        """A rule of review as it was when this was handed in for a round (the present one): nobody changes it
        for what is being judged, nor for what was.
        """
        return Setting.as_of(name, self._handed_in(self.round if round is None else round))

    @property
    def panel_size(self) -> int:
        """How many reviewers judge it at first: fewer what earns no money (RULES 4.2)."""
        return int(self.rule("review.panel_unpaid" if self.is_rewrite else "review.panel"))

    def _handed_in(self, round: int) -> datetime | None:
        """When what is judged in a round was handed in: an appeal is about the round before it."""
        if round == self.round and round != self.appeal_round:
            return self.submitted_at
        known: dict[int, datetime | None] = self.__dict__.setdefault("_rounds", {})
        if round not in known:
            kept = self.text_in(round)
            known[round] = kept.created_at if kept is not None else self.submitted_at
        return known[round]

    def step(self, to: str, *, since: Iterable[str], **facts: Any) -> bool:
        """As every record with states; what waited for the state before is over."""
        waited = self.state in ("submitted", "revision")
        went = super().step(to, since=since, **facts)
        if went and waited:
            Clock.stop_about(self)
        return went

    def await_revision(self) -> None:
        """Its author has some working days (10) to revise it and keep the first submission date."""
        asked = self.revision_asked_at or clock.now()
        last = clock.local(Calendar.read().add(asked, Setting.as_of("review.revision_days", asked))).date()
        Clock.start(
            self,
            "revision",
            who=f"person-{self.author_id}",
            text=Phrase("Revise: %(title)s", title=self.title),
            url=f"{self.url}/edit",
            since=asked,
            due_at=clock.start_of(last + timedelta(days=1)),
        )

    # -------------------------------------------------------------- handing in

    def check_complete(self) -> None:
        """Raises Invalid naming what is missing."""
        if lacking := self.missing():
            raise Invalid({name: Phrase("This is still missing.") for name in lacking})

    def hand_in(self, by: Person) -> bool:
        """Move it into review; false when another request just did."""
        now = clock.now()
        until = self.revision_until if self.state == "revision" else None
        first = self.first_submitted_at if until and clock.today() <= until else now
        values: dict[str, Any] = {
            "first_submitted_at": first or now,
            "submitted_at": now,
            "round": self.round + (self.submitted_at is not None),
            "decided_at": None,
            "revision_asked_at": None,
            "reason": "",
            "score": None,
            "near": self.near_id,
        }
        if not self.step("submitted", since=WRITABLE, **values):
            return False
        Clock.stop(self, "draft")
        self._keep_version()
        self.track("submitted", by=by, changes={"round": [None, self.round]})
        return True

    def _keep_version(self) -> None:
        texts: Any = {name: getattr(self, name) for name in self.texts}
        ExperienceVersion.create(experience=self, round=self.round, **texts)

    def text_in(self, round: int) -> ExperienceVersion | None:
        """As it was judged in a round: as it was handed in for it, or last before."""
        mine = (ExperienceVersion.experience == self) & (ExperienceVersion.round <= round)
        found: ExperienceVersion | None = (
            ExperienceVersion.select().where(mine).order_by(ExperienceVersion.round.desc()).first()
        )
        return found

    def write_credit(self, co_authors: Mapping[Person, int]) -> None:
        """Note whose it is: shares in millionths, the rest is the author's. Raises Invalid."""
        others = {p.id: share for p, share in co_authors.items()}
        if self.author_id in others:
            raise Invalid({"co_authors": Phrase("You are the author already. Name only the others.")})
        if any(share <= 0 for share in others.values()) or sum(others.values()) >= WHOLE:
            raise Invalid({"co_authors": Phrase("Each needs a share, and some of it must be left for you.")})
        agreed = {credit.person_id: (credit.share, credit.agreed_at) for credit in self.named()}
        self._ask_nobody_to_share()
        Credit.delete().where(Credit.experience == self).execute()
        Credit.create(
            experience=self, person=self.author_id, share=WHOLE - sum(others.values()), agreed_at=clock.now()
        )
        for person, share in others.items():
            before, at = agreed.get(person, (0, None))
            at = at if share >= before else None  # what they agreed to was more
            credit = Credit.create(experience=self, person=person, share=share, agreed_at=at)
            if at is None:
                self._ask_to_share(credit, person, share)
        for person, (_, at) in agreed.items():
            if at is not None and person not in {self.author_id, *others}:
                self._tell_of_no_share(person)

    def _ask_nobody_to_share(self) -> None:
        asked = [credit.id for credit in self.named() if credit.agreed_at is None]
        Clock.stop_many(Credit.kind(), "co-author", asked)

    def _ask_to_share(self, credit: Credit, person: int, share: int) -> None:
        words = Phrase(
            "%(name)s names you as co-author, with %(share)s %%: %(title)s",
            name=names(self.author),
            share=share // 10_000,
            title=self.title,
        )
        if not self.names_author_to(Person.get_by_id(person)):
            words = Phrase(UNNAMED_AUTHOR.msgid, share=share // 10_000, title=self.title)
        url = f"{self.url}/co-author"
        Clock.start(credit, "co-author", who=f"person-{person}", text=words, url=url)
        Notice.tell(person, words, about=self, url=url, waits=f"{credit} co-author")

    @staticmethod
    def names_author_to(person: Person) -> bool:
        """Whether who is named as co-author reads by whom before they agree: not who may be asked to judge
        it, or an author could tell their reviewers that it is theirs (RULES 4.2).
        """
        return not person.is_reviewer and person.id != Setting.read("review.panel_lead")

    def _tell_of_no_share(self, person: int) -> None:
        """Who agreed to share in it and is not named any more: nobody loses a share without a word."""
        words = Phrase(
            "%(name)s no longer names you as co-author: %(title)s", name=names(self.author), title=self.title
        )
        Notice.tell(person, words, about=self, url=f"{self.url}/co-author")

    def final_credits(self) -> list[Credit]:
        """Who is credited once it is decided: what nobody agreed to share is its author's."""
        named = self.named()
        asked = [credit for credit in named if credit.agreed_at is None]
        if not asked:
            return named
        self._ask_nobody_to_share()
        Credit.delete().where(Credit.id.in_([credit.id for credit in asked])).execute()
        mine = (Credit.experience == self) & (Credit.person == self.author_id)
        Credit.update(share=Credit.share + sum(credit.share for credit in asked)).where(mine).execute()
        return self.named()

    @property
    def revision_until(self) -> date | None:
        """The last day on which a revision keeps the first submission date, while one is asked."""
        waiting = Clock.of(self, "revision")
        return clock.local(waiting.due_at).date() - timedelta(days=1) if waiting and waiting.due_at else None

    def withdraw(self, *, by: Person) -> None:
        """Take it back before it is decided; it can be written on and submitted anew. Twice is harmless."""
        if self.state == "withdrawn":
            return
        if not self.is_withdrawable:
            raise Invalid(Phrase("Only what is in review can be withdrawn."))
        self.leave_review(by=by)

    def leave_review(self, *, by: Person) -> None:
        """Nobody is to judge it any more."""
        if self.step("withdrawn", since=("submitted", "revision"), revision_asked_at=None):
            self.track("withdrawn", by=by)


UNNAMED_AUTHOR = Phrase("A colleague names you as co-author, with %(share)s %%: %(title)s")
"""What whoever reviews is asked."""


@names_behind("experience")
def _names_behind(ident: int) -> list[str]:
    told: Experience | None = Experience.get_or_none(Experience.id == ident)
    return told.names_to_hide if told is not None else []


def may_debrief(deal: Deal, person: Person) -> bool:
    """The debrief is for the deal's owner and those with a share in it."""
    if deal.owner_id == person.id:
        return True
    told: dict[int, bool] = deal.__dict__.get("worked_on_by", {})
    if person.id in told:
        return told[person.id]
    return Deal.select().where((Deal.id == deal.id) & worked_on(person)).exists()


def look_once_who_worked(deal: Deal, person: Person) -> None:
    """Find out whether they did for a page, whose parts each ask for it; what changes deals does without."""
    deal.__dict__["worked_on_by"] = {person.id: may_debrief(deal, person)}


def worked_on(person: Person) -> Any:
    """The condition that a deal is this person's, or that they have a share in it."""
    shares = DealShare.select(1).where((DealShare.deal == Deal.id) & (DealShare.person == person.id))
    return (Deal.owner == person.id) | fn.EXISTS(shares)


def _ids(topics: Iterable[Topic | int]) -> set[int]:
    return {topic if isinstance(topic, int) else topic.id for topic in topics}


class ExperienceVersion(Record):
    """An experience as it was handed in for a round: reviewers of the next see what changed."""

    experience = ForeignKeyField(Experience, on_delete="CASCADE")
    experience_id: int
    round = IntegerField()
    title = NameField(200)
    situation = TextField(default="")
    doubt = TextField(default="")
    action = TextField(default="")
    outcome = TextField(default="")
    lesson = TextField(default="")

    class Meta:
        indexes = ((("experience", "round"), True),)

    def erase(self, cleaned: Callable[[str], str]) -> None:
        """Take out of it what was taken out of the experience."""
        for name in Experience.texts:
            setattr(self, name, cleaned(getattr(self, name)))
        self.save()


class ExperienceTopic(Record):
    """A topic that an experience is about."""

    experience = ForeignKeyField(Experience, on_delete="CASCADE")
    experience_id: int
    topic = ForeignKeyField(Topic, on_delete="RESTRICT")
    topic_id: int

    class Meta:
        indexes = ((("experience", "topic"), True),)


class Credit(Record):
    """A person's share of the credit for an experience, in millionths.

    Written when it is submitted: all to the author, unless co-authors are named; the shares sum to the
    whole (RULES 4.1). What is merged into another counts half: then they sum to that (RULES 4.2).
    """

    experience = ForeignKeyField(Experience, on_delete="CASCADE")
    experience_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    person_id: int
    share = RateField()
    agreed_at = UtcDateTimeField(null=True, default=clock.now)
    """When they agreed to be named. Until then they are not credited, see nothing and are not kept from its
    panel: nobody is made a co-author unasked.
    """

    class Meta:
        indexes = ((("experience", "person"), True), (("person", "experience"), False))
        constraints = [Check("share > 0 AND share <= 1000000")]

    @classmethod
    def is_agreed(cls) -> Any:
        """The condition that the person agreed."""
        return cls.agreed_at.is_null(False)


def _topics(experience: Any) -> ModelSelect[Topic]:
    mine = ExperienceTopic.select(ExperienceTopic.topic).where(ExperienceTopic.experience == experience)
    return Topic.select().where(Topic.id.in_(mine)).order_by(Topic.position, Topic.id)


def _credits(experience: Any) -> ModelSelect[Credit]:
    held = Credit.select(Credit, Person).join(Person).where(Credit.experience == experience)
    return held.order_by(Credit.share.desc(), Credit.id)


_TOPICS, _CREDITS = Prepared[Topic](_topics), Prepared[Credit](_credits)


@undoes(
    Experience,
    "topic added",
    ends=["submitted"],
    right="editable_by",
    same=lambda act, later: later.verb != act.verb or act.changes == later.changes,
)
def experience_out_of_the_topic(experience: Experience, event: Event, by: Person) -> None:
    """Out of the topic again."""
    topic, held = event.changes["topic"][1], [each.id for each in experience.topics]
    if topic not in held:
        raise Invalid(MEANWHILE)
    experience.save_draft(by=by, topics=[each for each in held if each != topic])
