"""Comments on a proposed text, at the passage that they are about: before anyone says yes or no to it.

A passage is kept by its words and what stands around it. It is looked for in the text as it is now, so it
follows what is written; where it is gone the comment stays, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from peewee import Check, ForeignKeyField, IntegerField, ModelSelect

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.fields import TextField, UtcDateTimeField
from portal.models.base.published import Published, copies
from portal.models.base.record import Event, Invalid, along
from portal.models.base.undoing import MEANWHILE, undoes
from portal.models.knowledge.articles import Article
from portal.models.knowledge.proposals import Proposal, goes_on_from
from portal.models.knowledge.words import COMMENT
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.text.markdown import render_markdown
from portal.text.passages import Extent, ShownText

LONGEST, LONGEST_QUOTE = 1000, 500


class Comment(Published):
    """What somebody who reads a proposed text says of a passage of it, and what its author answers."""

    called = COMMENT
    texts: ClassVar[tuple[str, ...]] = ("text", "answer")

    proposal = ForeignKeyField(Proposal, on_delete="CASCADE", backref="comments")
    proposal_id: int
    by = ForeignKeyField(Person, on_delete="RESTRICT", backref="comments")
    by_id: int
    edition = IntegerField(default=1)
    """Which of the proposal's texts was read; 0: that of the one sent back, which it came along from."""
    quote = TextField(default="", verbose_name=Phrase("The passage"))
    """Its words as they were read; empty where the comment is about the whole text."""
    before = TextField(default="")
    after = TextField(default="")
    text = TextField(verbose_name=Phrase("Your comment"))
    at = UtcDateTimeField(default=clock.now)
    answer = TextField(default="", verbose_name=Phrase("Answer"))
    answered_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="comments_answered")
    answered_by_id: int | None
    answered_at = UtcDateTimeField(null=True)
    settled_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="comments_settled")
    settled_by_id: int | None
    settled_at = UtcDateTimeField(null=True)

    class Meta:
        constraints = [
            Check("text <> ''"),
            Check("(answer = '') = (answered_at IS NULL)"),
            Check("(answered_at IS NULL) = (answered_by_id IS NULL)"),
            Check("(settled_at IS NULL) = (settled_by_id IS NULL)"),
        ]

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Comment]:
        """Whoever reads the proposed text, and nobody else."""
        return cls.select().where(cls.proposal.in_(Proposal.visible_to(person).select(Proposal.id)))

    @classmethod
    def of(cls, proposal: Proposal) -> list[Comment]:
        """What was said of a proposed text, in that order, with who said, answered and settled it."""
        said = cls.select().where(cls.proposal == proposal).order_by(cls.id)
        return list(along(said, cls.by, cls.answered_by, cls.settled_by))

    @property
    def url(self) -> str:
        return f"/proposals/{self.proposal_id}#comment-{self.id}"

    @property
    def name(self) -> str:
        return self.proposal.title

    @property
    def writer(self) -> int | None:
        return self.by_id

    @property
    def is_settled(self) -> bool:
        return self.settled_at is not None

    def find_in(self, shown: ShownText) -> Extent | None:
        """Where its passage stands now; None where it is gone, or it is about the whole text."""
        return shown.find(self.quote, self.before, self.after)

    def answerable_by(self, person: Person) -> bool:
        """Who wrote the text, or the article; never for oneself."""
        return self.by_id != person.id and answers_in(self.proposal, person)

    def settleable_by(self, person: Person) -> bool:
        """Whoever said it, and who answers it."""
        return person.is_active and (self.by_id == person.id or self.answerable_by(person))

    @classmethod
    def say(
        cls,
        proposal: Proposal,
        *,
        by: Person,
        text: str,
        quote: str = "",
        before: str = "",
        edition: int | None = None,
        names_checked: bool = False,
    ) -> Comment:
        """Say something of a passage, given by its words, or of the whole text. `before`: what stands before
        it, where its words stand there more than once; `edition`: which of its texts was read.

        Raises Invalid without a text, for words that do not stand there, for who wrote it, for what is
        answered already, and for what would tell who a customer is.
        """
        if not commentable_by(proposal, by):
            raise Invalid(Phrase("Whoever is asked says it, while it waits; not who wrote it."))
        read = edition if edition and 0 < edition <= proposal.edition else proposal.edition
        made = cls(proposal=proposal, by=by, text=text.strip(), at=clock.now(), edition=read)
        made._anchor(quote.strip(), before)
        if not made.text:
            raise Invalid({"text": Phrase("Write the comment first.")})
        _check_length("text", made.text, LONGEST)
        made.names_checked = names_checked
        with db.atomic():
            made.save(force_insert=True)
            proposal.track("commented", by=by, changes={"comment": [None, made.id]})
            made._tell_who_wrote()
        return made

    def _anchor(self, quote: str, before: str) -> None:
        """Keep the passage of these words, and what stands around it. Raises Invalid."""
        if not quote:
            return
        _check_length("quote", quote, LONGEST_QUOTE)
        shown = ShownText(render_markdown(self.proposal.body))
        found = shown.find_typed(quote, before)
        if found is None:
            raise Invalid(
                {
                    "quote": Phrase(
                        "These words do not stand in the text. Copy them from it, or leave this empty."
                    )
                }
            )
        self.quote, (self.before, self.after) = quote, shown.around(found)

    def _tell_who_wrote(self) -> None:
        """Once a day from each who comments: ten comments are one message."""
        proposal = self.proposal
        for person in {proposal.by_id, *proposal.hands} - {self.by_id}:
            key = f"{proposal} commented {self.by_id} {person} {clock.today()}"
            Notice.tell(person, _told(proposal, self.by), about=proposal, url=self.url, key=key)

    def reply(self, *, by: Person, text: str, names_checked: bool = False) -> None:
        """What came of it: who said it is told. The same twice is harmless, of two others one counts. Raises
        Invalid.
        """
        if not text.strip():
            raise Invalid({"text": Phrase("Write what you changed, or why it stays as it is.")})
        _check_length("text", text, LONGEST)
        if self.answered_at is not None:
            if (self.answered_by_id, self.answer) == (by.id, text.strip()):
                return  # pressed twice
            raise Invalid(MEANWHILE)
        self.answer, self.names_checked, self.hand = text.strip(), names_checked, by.id
        self.check_personal_data(["answer"])
        facts = {"answer": self.answer, "answered_by": by, "answered_at": clock.now()}
        still = (Comment.id == self.id) & Comment.answered_at.is_null()
        with db.atomic():
            if not Comment.update(facts).where(still).execute():
                raise Invalid(MEANWHILE)
            self.proposal.track("comment answered", by=by, changes={"comment": [None, self.id]})
            title = self.proposal.title
            said = Phrase("%(who)s answered your comment: %(title)s", who=names(by), title=title)
            if _reads(self.by, self.proposal):
                Notice.tell(self.by_id, said, about=self.proposal, url=self.url)

    def settle(self, *, by: Person) -> None:
        """It is done with; twice is harmless. It stays, folded."""
        facts = {"settled_by": by, "settled_at": clock.now()}
        with db.atomic():
            still = (Comment.id == self.id) & Comment.settled_at.is_null()
            if Comment.update(facts).where(still).execute():
                self.proposal.track("comment settled", by=by, changes={"comment": [None, self.id]})

    def _erase_from(self, cleaned: Callable[[str], str]) -> None:
        for name in (*self.texts, "quote", "before", "after"):
            setattr(self, name, cleaned(getattr(self, name)))
        self.names_checked = True
        self.save()
        Notice.erase_words(self, cleaned)


def commentable_by(proposal: Proposal, person: Person) -> bool:
    """Whoever reads it while it waits, but for who wrote it, and the auditor, who changes nothing."""
    if not proposal.is_waiting or not person.is_active or person.is_auditor:
        return False
    return person.id not in (proposal.by_id, *proposal.hands)


def _reads(person: Person, proposal: Proposal) -> bool:
    """Whether a person may read a proposed text still: rights go, and texts move to other topics."""
    return Proposal.visible_to(person).where(Proposal.id == proposal.id).exists()


def answers_in(proposal: Proposal, person: Person) -> bool:
    """Whether a person answers what is said of a text: who wrote on it, or has credit for the article."""
    if not person.is_active:
        return False
    article = proposal.article
    if person.id in (proposal.by_id, *proposal.hands, article.author_id):
        return True
    return bool(article.origin_kind) and person.id in article.credited_ids


def placed(comments: Iterable[Comment], html: str) -> tuple[str, set[int]]:
    """A proposed text with the passages of open comments marked, and the ids of those that are gone."""
    shown, marks, gone = ShownText(html), list[tuple[str, int, Extent]](), set[int]()
    for number, comment in enumerate(comments, 1):
        if not comment.quote:
            continue
        if (found := comment.find_in(shown)) is None:
            gone.add(comment.id)
        elif not comment.is_settled:
            marks.append((f"comment-{comment.id}", number, found))
    return shown.marked(marks), gone


@goes_on_from
def follow(former: Proposal, now: Proposal) -> None:
    """What was said of a text that was sent back, and is open still, goes on to the one that follows it: to
    the same readers, and with whoever said it among them. Else it stays, where its author reads it.
    """
    if now.topic_id != former.topic_id:
        return
    still = (Comment.proposal == former) & Comment.settled_at.is_null()
    open_ones = list(along(Comment.select().where(still), Comment.by))
    reading = {one.by_id for one in {each.by_id: each for each in open_ones}.values() if _reads(one.by, now)}
    if reading:
        facts = {"proposal": now, "edition": 0}
        Comment.update(facts).where(still & Comment.by.in_(sorted(reading))).execute()


@copies
def in_comments(record: Any, cleaned: Callable[[str], str]) -> None:
    """What is taken out of an article is taken out of what was said of its proposed texts."""
    if isinstance(record, Article):
        mine = Proposal.select(Proposal.id).where(Proposal.article == record)
        for said in Comment.select().where(Comment.proposal.in_(mine)):
            said._erase_from(cleaned)


def _check_length(field: str, text: str, most: int) -> None:
    if len(text) > most:
        found = len(text)
        raise Invalid(
            {field: Phrase("This text has %(found)s characters of %(most)s.", found=found, most=most)}
        )


def _told(proposal: Proposal, by: Person) -> Phrase:
    return Phrase("%(who)s commented on your text: %(title)s", who=names(by), title=proposal.title)


def _of_the_same(act: Event, later: Event) -> bool:
    return bool(act.changes.get("comment") == later.changes.get("comment"))


def _comment_of(event: Event) -> Comment:
    found = Comment.get_or_none(Comment.id == event.changes["comment"][1])
    if found is None:
        raise Invalid(MEANWHILE)
    return found


@undoes(
    Proposal,
    "commented",
    ends=["comment answered", "comment settled"],
    right=lambda proposal, event, by: by.is_active,
    same=_of_the_same,
)
def not_commented(proposal: Proposal, event: Event, by: Person) -> None:
    """It was not said; nor is its author told of it, unless of another one of that day."""
    still = Comment.answered_at.is_null() & Comment.settled_at.is_null()
    if not Comment.delete().where((Comment.id == _comment_of(event).id) & still).execute():
        raise Invalid(MEANWHILE)  # also of one that went on to another text, whose events are its own
    day = clock.start_of(clock.local(event.at).date())
    others = (Comment.proposal == proposal) & (Comment.by == by) & (Comment.at >= day)
    if Comment.select().where(others).exists():
        return
    Notice.take_back_of_many(proposal, _told(proposal, by), since=day, by=by)


@undoes(Proposal, "comment settled", right=lambda proposal, event, by: by.is_active, same=_of_the_same)
def not_settled(proposal: Proposal, event: Event, by: Person) -> None:
    """It is open again."""
    comment = _comment_of(event)
    settled = (Comment.id == comment.id) & (Comment.proposal == proposal) & Comment.settled_at.is_null(False)
    anew: dict[str, Any] = {"settled_by": None, "settled_at": None}
    if not comment.settleable_by(by) or not Comment.update(anew).where(settled).execute():
        raise Invalid(MEANWHILE)
