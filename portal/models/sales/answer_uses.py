"""Which answers of the question bank were used in which deals: said while its end is not known."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from peewee import JOIN, SQL, CharField, ForeignKeyField, ModelSelect, fn

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import UtcDateTimeField
from portal.models.base.record import Event, Invalid, Record, names_of
from portal.models.base.undoing import MEANWHILE, hinders, undoes
from portal.models.knowledge.questions import Answer, BestAnswer, Question
from portal.models.people.people import Person
from portal.models.sales.deals import Deal, DealShare

SHOWN = 6
"""So many questions with the answer to give."""
LEAST = 3
"""Up to so many of them are about any product, where fewer are about this one or such customers."""
LOOKED_AT = 60
STANDS = Phrase("What was used is noted while the deal is open, and stands once it was closed.")


class AnswerUse(Record):
    """That an answer was given to the customer of a deal: once for each deal, whoever says so."""

    answer = ForeignKeyField(Answer, on_delete="CASCADE")
    answer_id: int
    deal = ForeignKeyField(Deal, on_delete="CASCADE")
    deal_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", backref="answers_used")
    person_id: int
    at = UtcDateTimeField(default=clock.now)
    stage = CharField(20, default="")
    """Where the deal stood then; empty where nobody noted it."""

    class Meta:
        indexes = ((("answer", "deal"), True), (("deal", "answer"), False))

    @classmethod
    def say(cls, deal: Deal, answer: Answer, *, by: Person) -> None:
        """It was used here; twice is harmless. Raises Invalid for a deal that is put away, or was ever
        closed: who knows how it ended would choose.
        """
        if not cls.sayable_in(deal):
            raise Invalid(STANDS)
        facts: dict[str, Any] = {"answer": answer, "deal": deal, "person": by, "at": clock.now()}
        facts["stage"] = deal.stage
        with db.atomic():
            if cls.insert(facts).on_conflict_ignore().execute():
                deal.track("answer used", by=by, changes={"answer used": [None, answer.id]})

    @classmethod
    def sayable_in(cls, deal: Deal) -> bool:
        """Whether nobody knows how the deal ends: also one opened again was closed."""
        return deal.is_open and not deal.is_archived and not _was_closed(deal)

    @classmethod
    def sayable_by(cls, person: Person, deal: Deal) -> bool:
        """Whether they may say so, who may change the deal."""
        return deal.editable_by(person) and cls.sayable_in(deal)

    @classmethod
    def counts(cls) -> Any:
        """The condition that a use counts, of a query with Deal and Answer: nobody praises their own. It was
        neither said by whoever wrote the answer, nor is the deal theirs, nor have they a part in it.
        """
        part = DealShare.select(1).where((DealShare.deal == Deal.id) & (DealShare.person == Answer.author))
        theirs = (cls.person == Answer.author) | (Deal.owner == Answer.author) | fn.EXISTS(part)
        return ~theirs


def _was_closed(deal: Deal) -> bool:
    return bool(Event.about(deal).where(Event.verb.in_(["won", "lost", "reopened"])).exists())


def noted(questions: ModelSelect[Question]) -> ModelSelect[Question]:
    """The same questions, each with whether an answer to it was used in a deal: mostly none was."""
    there = AnswerUse.select(1).join(Answer).where(Answer.question == Question.id)
    return questions.select_extend(fn.EXISTS(there).alias("has_used_answers"))


class Fitting(NamedTuple):
    """An answer for a deal, with its question and its author, whether it was used there, in how many deals
    colleagues used it at this stage, and whether it is for everyone and about no product.
    """

    answer: Answer
    used: bool
    at_stage: int = 0
    is_general: bool = False


def fitting_answers(deal: Deal, size: int = SHOWN) -> list[Fitting]:
    """The answers to give to the customer of a deal, of questions about its product or its customer type: the
    best for the type before the best for everyone, what colleagues used most at this stage first, then what
    they used most. Before them those that were used here, whatever is the best by now; after them, where
    there are few, answers for everyone to questions about no product.
    """
    kind = deal.customer.type_id if deal.customer else None
    return _fitting(kind, [deal.product_id] if deal.product_id else [], deal, size)


def answers_for(kind: int | None, products: Collection[int], size: int = SHOWN) -> list[Fitting]:
    """The same for a customer of a type who has no open deal, of what their deals were about."""
    return _fitting(kind, products, None, size)


def _fitting(kind: int | None, products: Collection[int], deal: Deal | None, size: int) -> list[Fitting]:
    scopes = ["", *([f"type-{kind}"] if kind else [])]
    about = BestAnswer.scope == f"type-{kind}"
    if products:
        about |= Question.product.in_(list(products))
    here = Answer.id.in_(AnswerUse.select(AnswerUse.answer).where(AnswerUse.deal == (deal.id if deal else 0)))
    found = _chosen(scopes, about, here, deal)
    found = found[: max(size, sum(fit.used for fit in found))]
    if (lacking := min(LEAST, size) - len(found)) > 0:
        others = Question.product.is_null() & Question.id.not_in([fit.answer.question_id for fit in found])
        general = [fit for fit in _chosen([""], others, here, deal) if not fit.used]
        found += [fit._replace(is_general=True) for fit in general[:lacking]]
    return found


def _chosen(scopes: list[str], about: Any, here: Any, deal: Deal | None) -> list[Fitting]:
    """The best answers in these scopes to questions of which a condition holds, and those used here."""
    chosen = BestAnswer.select(BestAnswer.answer).join(Question).where(BestAnswer.scope.in_(scopes) & about)
    uses = AnswerUse.select(fn.COUNT(AnswerUse.id)).join(Deal)
    uses = uses.where((AnswerUse.answer == Answer.id) & AnswerUse.counts())
    at_stage = uses.where(AnswerUse.stage == (deal.stage if deal else ""))
    best = (BestAnswer.answer == Answer.id) & BestAnswer.scope.in_(scopes)
    order = (here.desc(), BestAnswer.scope.desc(), SQL("at_stage").desc(), fn.COALESCE(uses, 0).desc())
    rows: Any = (
        Answer.select(Answer, Question, *names_of(Person), here.alias("used"), at_stage.alias("at_stage"))
        .join(Question)
        .join_from(Answer, Person, on=Answer.author)
        .join_from(Answer, BestAnswer, JOIN.LEFT_OUTER, on=best)
        .where(Question.archived_at.is_null() & (Answer.id.in_(chosen) | here))
        .order_by(*order, BestAnswer.id.desc())
        .limit(LOOKED_AT)
    )
    found: dict[tuple[str, int], Fitting] = {}
    for one in rows:  # what was used is among them whatever the best is
        key = ("used", one.id) if one.used else ("best", one.question_id)
        found.setdefault(key, Fitting(one, bool(one.used), int(one.at_stage) if deal else 0))
    return list(found.values())


@undoes(
    Deal,
    "answer used",
    right="editable_by",
    same=lambda act, later: bool(act.changes.get("answer used") == later.changes.get("answer used")),
)
def not_used_here(deal: Deal, event: Event, by: Person) -> None:
    """It was not used; of a deal that was closed meanwhile it stands."""
    mine = (AnswerUse.deal == deal) & (AnswerUse.answer == event.changes["answer used"][1])
    if not deal.is_open or not AnswerUse.delete().where(mine).execute():
        raise Invalid(MEANWHILE)


@hinders(Deal, "answer used")
def known_how_it_ended(deal: Deal, event: Event) -> Phrase | None:
    """A loss is not wiped off an answer's record, nor is it by reopening the deal first."""
    return STANDS if _was_closed(deal) else None
