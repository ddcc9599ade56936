"""Lessons from the field on their way to becoming knowledge."""

from __future__ import annotations

from typing import Any

from peewee import CharField, Check, ForeignKeyField, IntegerField

from portal import clock
from portal.models.base import (
    Editable,
    NameField,
    RateField,
    Record,
    Searchable,
    TextField,
    UtcDateTimeField,
)
from portal.models.customers import CustomerType
from portal.models.deals import Deal
from portal.models.people import Person
from portal.models.products import Product
from portal.models.topics import Topic

KINDS = ("debrief", "question", "suggestion")
STATES = ("draft", "submitted", "revision", "accepted", "rejected", "merged", "withdrawn")
WHOLE = 1_000_000


class Experience(Editable, Searchable):
    """A lesson from the field. Reviewers score it blind; accepted, it becomes an article.

    The parts are Markdown. For a customer question `doubt` is the question and `action` its best answer;
    for a suggestion `situation` is what is wrong today and `action` the proposal.
    """

    author = ForeignKeyField(Person, on_delete="RESTRICT")
    author_id: int
    kind_of = CharField(20, column_name="kind")
    state = CharField(20, default="draft")
    title = NameField(200, default="")
    situation = TextField(default="")
    doubt = TextField(default="")
    action = TextField(default="")
    outcome = TextField(default="")
    lesson = TextField(default="")
    deal = ForeignKeyField(Deal, null=True, on_delete="SET NULL")
    deal_id: int | None
    product = ForeignKeyField(Product, null=True, on_delete="SET NULL")
    product_id: int | None
    customer_type = ForeignKeyField(CustomerType, null=True, on_delete="SET NULL")
    customer_type_id: int | None
    round = IntegerField(default=1)
    """Which round of review it is in: a revision starts the next."""
    first_submitted_at = UtcDateTimeField(null=True)
    """Counts for the commission month; kept by a revision within 10 working days (RULES 4.1)."""
    submitted_at = UtcDateTimeField(null=True)
    decided_at = UtcDateTimeField(null=True)
    score = IntegerField(null=True)
    """The deciding score of RULES 4.2 in hundredths: 7000 is 70."""
    reason = TextField(default="")
    """What the author is told: the list for a revision, the reason of a rejection."""
    merged_into: ForeignKeyField[Any] = ForeignKeyField("self", null=True, on_delete="SET NULL")

    class Meta:
        indexes = (
            (("author", "state"), False),
            (("state", "submitted_at"), False),
            (("first_submitted_at", "author"), False),
        )
        constraints = [
            Check("kind IN ('debrief', 'question', 'suggestion')"),
            Check(
                "state IN ('draft', 'submitted', 'revision', 'accepted', 'rejected', 'merged', 'withdrawn')"
            ),
            Check("state = 'draft' OR state = 'withdrawn' OR first_submitted_at IS NOT NULL"),
        ]


class ExperienceTopic(Record):
    """A topic that an experience is about."""

    experience = ForeignKeyField(Experience, on_delete="CASCADE")
    experience_id: int
    topic = ForeignKeyField(Topic, on_delete="RESTRICT")
    topic_id: int

    class Meta:
        indexes = ((("experience", "topic"), True),)


class Credit(Record):
    """A person's share of the credit for an experience, in millionths; the shares sum to the whole.

    Written when it is submitted: all to the author, unless co-authors are named (RULES 4.1).
    """

    experience = ForeignKeyField(Experience, on_delete="CASCADE")
    experience_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    person_id: int
    share = RateField()

    class Meta:
        indexes = ((("experience", "person"), True),)
        constraints = [Check("share > 0 AND share <= 1000000")]


class Review(Record):
    """One reviewer's blind judgement of one round. Scores are 0 to 5 (RULES 4.2)."""

    experience = ForeignKeyField(Experience, on_delete="CASCADE")
    experience_id: int
    round = IntegerField()
    reviewer = ForeignKeyField(Person, on_delete="RESTRICT")
    reviewer_id: int
    due_at = UtcDateTimeField()
    correct = IntegerField(null=True)
    reusable = IntegerField(null=True)
    new = IntegerField(null=True)
    clear = IntegerField(null=True)
    linked = IntegerField(null=True)
    verdict = CharField(20, null=True)
    hard_fail = CharField(20, default="")
    comment = TextField(default="")
    completed_at = UtcDateTimeField(null=True)
    declined_at = UtcDateTimeField(null=True)
    is_panel_lead = IntegerField(default=0)

    class Meta:
        indexes = ((("experience", "round", "reviewer"), True), (("reviewer", "completed_at"), False))
        constraints = [
            Check("verdict IS NULL OR verdict IN ('accept', 'revise', 'reject')"),
            Check("hard_fail IN ('', 'privacy', 'duplicate', 'not checkable')"),
            Check("(completed_at IS NULL) = (verdict IS NULL)"),
        ]


class Acceptance(Record):
    """The decision that made an experience knowledge. One for each experience: nothing is paid twice."""

    experience = ForeignKeyField(Experience, unique=True, on_delete="RESTRICT")
    experience_id: int
    at = UtcDateTimeField(default=clock.now)
    score = IntegerField()
    counts = IntegerField(default=1)
    """0 for what is not counted for commission: duplicates, pure documents, own re-writes (RULES 4.1)."""


class Revocation(Record):
    """An acceptance taken back, with its reason (RULES 4.1)."""

    acceptance = ForeignKeyField(Acceptance, unique=True, on_delete="RESTRICT")
    acceptance_id: int
    reason = CharField(40)
    note = TextField(default="")
    by = ForeignKeyField(Person, on_delete="RESTRICT")
    at = UtcDateTimeField(default=clock.now)

    class Meta:
        constraints = [
            Check(
                "reason IN ('plagiarism', 'false', 'privacy breach', 'conflict of interest', "
                "'superseded', 'product ended')"
            )
        ]
