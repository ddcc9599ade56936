"""Which answers of the question bank were used in which deals: said while its end is not known."""

from __future__ import annotations

from typing import Any

from peewee import JOIN, ForeignKeyField, ModelSelect, fn

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import UtcDateTimeField
from portal.models.base.record import Event, Invalid, Record, names_of
from portal.models.base.undoing import MEANWHILE, undoes
from portal.models.knowledge.questions import Answer, BestAnswer, Question
from portal.models.people.people import Person
from portal.models.sales.deals import Deal

SHOWN = 6
"""So many questions with the answer to give."""
LOOKED_AT = 60


class AnswerUse(Record):
    """That an answer was given to the customer of a deal: once for each deal, whoever says so."""

    answer = ForeignKeyField(Answer, on_delete="CASCADE")
    answer_id: int
    deal = ForeignKeyField(Deal, on_delete="CASCADE")
    deal_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", backref="answers_used")
    person_id: int
    at = UtcDateTimeField(default=clock.now)

    class Meta:
        indexes = ((("answer", "deal"), True), (("deal", "answer"), False))

    @classmethod
    def say(cls, deal: Deal, answer: Answer, *, by: Person) -> None:
        """It was used here; twice is harmless. Raises Invalid for a deal that is closed or put away: who
        knows how it ended would choose.
        """
        if not deal.is_open or deal.is_archived:
            raise Invalid(Phrase("The deal is closed. An answer is noted while it is open."))
        facts: dict[str, Any] = {"answer": answer, "deal": deal, "person": by, "at": clock.now()}
        with db.atomic():
            if cls.insert(facts).on_conflict_ignore().execute():
                deal.track("answer used", by=by, changes={"answer used": [None, answer.id]})


def noted(questions: ModelSelect[Question]) -> ModelSelect[Question]:
    """The same questions, each with whether an answer to it was used in a deal: mostly none was."""
    there = AnswerUse.select(1).join(Answer).where(Answer.question == Question.id)
    return questions.select_extend(fn.EXISTS(there).alias("has_used_answers"))


def fitting_answers(deal: Deal, size: int = SHOWN) -> list[BestAnswer]:
    """The answers to give to the customer of a deal, of questions about its product or its customer type: the
    best for the type before the best for everyone, what was used most first. Each with its question, its
    author, and `used`: whether it was used here.
    """
    kind = deal.customer.type_id if deal.customer else None
    scopes = ["", *([f"type-{kind}"] if kind else [])]
    about = BestAnswer.scope == f"type-{kind}"
    if deal.product_id:
        about |= Question.product == deal.product_id
    uses = AnswerUse.select(AnswerUse.answer, fn.COUNT(AnswerUse.id).alias("times")).group_by(
        AnswerUse.answer
    )
    here = AnswerUse.select(AnswerUse.answer).where(AnswerUse.deal == deal)
    rows = (
        BestAnswer.select(
            BestAnswer, Answer, Question, *names_of(Person), BestAnswer.answer.in_(here).alias("used")
        )
        .join(Answer)
        .join(Person, on=Answer.author)
        .join_from(BestAnswer, Question, on=BestAnswer.question)
        .join_from(BestAnswer, uses, JOIN.LEFT_OUTER, on=(uses.c.answer_id == BestAnswer.answer))
        .where(Question.archived_at.is_null() & BestAnswer.scope.in_(scopes) & about)
        .order_by(BestAnswer.scope.desc(), fn.COALESCE(uses.c.times, 0).desc(), BestAnswer.id.desc())
        .limit(LOOKED_AT)
    )
    found: dict[int, BestAnswer] = {}
    for one in rows:
        found.setdefault(one.question_id, one)
    return list(found.values())[:size]


@undoes(
    Deal,
    "answer used",
    right="editable_by",
    same=lambda act, later: bool(act.changes.get("answer used") == later.changes.get("answer used")),
)
def not_used_here(deal: Deal, event: Event, by: Person) -> None:
    """It was not used; of a deal that is closed meanwhile it stands."""
    mine = (AnswerUse.deal == deal) & (AnswerUse.answer == event.changes["answer used"][1])
    if not deal.is_open or not AnswerUse.delete().where(mine).execute():
        raise Invalid(MEANWHILE)
