"""Customers' doubts, the answers, and which is best for whom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from peewee import ModelSelect, chunked
from starlette.responses import Response

from portal import clock, i18n
from portal.forms.knowledge.questions import AnswerForm, AskForm, BestForm, QuestionForm, SetTopicForm
from portal.i18n import Phrase
from portal.models.base.intake import portal_id
from portal.models.base.listing import number_of
from portal.models.base.undoing import FOR
from portal.models.company.customer_types import CustomerType
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.insights import loop
from portal.models.insights.answers import figures_of
from portal.models.knowledge.answers import chosen_of, counts, in_use, ranked, whole, with_topics
from portal.models.knowledge.questions import Answer, Question
from portal.models.knowledge.shelves import PIECE, best_of, knowers, may_take_out
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.answer_uses import noted
from portal.views.base.archiving import archiving
from portal.views.base.filters import Links, Part, Parts, only_chosen
from portal.views.base.lists import ListPage
from portal.views.base.selection import Filing, selection
from portal.views.base.undoing import acts_on
from portal.views.knowledge.asks import after_asking, asking_of
from portal.views.knowledge.files import enclosed
from portal.views.learning.teaching import Teaching
from portal.web import Request, find, form_page, go, permit, refresh, render, view


class QuestionList(ListPage[Question]):
    """What customers ask."""

    noun, template, size = Question, "knowledge/questions/index.html", 30
    picks, asks = True, ("topic", "course")
    subtitle = Phrase("What customers ask, and the best answer for each kind of customer.")
    search = Phrase("Search questions")
    sorts = {"asked": Question.created_at, "text": Question.text}
    usual = "-asked"
    filters = (
        Parts(
            name="state",
            label=Phrase("State"),
            look="segmented",
            counted=False,
            parts={
                "": Part(Phrase("All"), lambda me: None),
                "open": Part(Phrase("Without an answer"), lambda me: Question.state == "open"),
                "answered": Part(Phrase("Answered"), lambda me: Question.state == "answered"),
            },
        ),
        Links(
            name="topic",
            label=Phrase("Topic"),
            every=Phrase("All topics"),
            counted=False,
            offers=lambda me, chosen: Topic.visible_to(me),
            about=Question.on_topic,
        ),
        Links(
            name="product",
            label=Phrase("Topic"),
            counted=False,
            field=Question.product,
            offers=only_chosen(Product),
            passing=True,
        ),
    )

    exports = {
        Phrase("Question"): lambda question, me: question.text,
        Phrase("What lies behind it"): lambda question, me: question.detail,
        Phrase("State"): lambda question, me: i18n.label(question.state),
        Phrase("Topic"): lambda question, me: i18n.label(question.topic),
        Phrase("Further topics"): lambda question, me: "; ".join(
            i18n.label(topic) for topic in question.further_topics
        ),
        Phrase("Product"): lambda question, me: i18n.label(question.product),
        Phrase("Asked by"): lambda question, me: i18n.label(question.named_asker),
        Phrase("Asked on"): lambda question, me: clock.local(question.created_at).date(),
        Phrase("Answer"): lambda question, me: question.best.answer.text if question.best else "",
        Phrase("Answered by"): lambda question, me: i18n.label(question.best and question.best.answer.author),
        Phrase("Customer type"): lambda question, me: i18n.label(
            question.best and question.best.customer_type
        ),
        Phrase("Version"): lambda question, me: question.edition(question.best and question.best.answer),
        Phrase("Portal ID"): lambda question, me: portal_id(question),
    }

    @classmethod
    def exportable_by(cls, person: Person) -> bool:
        return may_take_out(person)

    def everything(self) -> ModelSelect[Question]:
        return in_use()

    def lines(self, rows: Iterable[Question]) -> Iterable[Question]:
        for some in chunked(rows, PIECE):
            chosen = chosen_of([question.id for question in some])
            for question in with_topics(some):
                question.best = chosen.get(question.id)
                yield question

    def read(self, query: ModelSelect[Question]) -> ModelSelect[Question]:
        return whole(query)

    @property
    def is_measured(self) -> bool:
        """Whether this person sees how many are answered at once."""
        return loop.readable_by(self.person)

    @property
    def answers(self) -> dict[int, int]:
        """How many answers each question shown has, by its id."""
        return counts(with_topics(self.rows))


@view
def index(request: Request) -> Response:
    return QuestionList(request).page()


@view(confirmed=True, reading=True)
def export(request: Request) -> Response:
    return QuestionList(request, path="/questions").sheet()


@view
def show(request: Request, id: int) -> Response:
    questions = Question.beside_leader(noted(whole(Question.visible_to(request.user))), request.user)
    question = find(questions, id)
    return render(request, "knowledge/questions/show.html", **_page(request, question))


def _page(request: Request, question: Question, form: AnswerForm | None = None) -> dict[str, Any]:
    topics = [topic.id for topic in question.read_topics()]
    best, given = BestForm(), request.query.get("type") or str(request.form.get("type") or "")
    if question.state != "open":  # without an answer there is nothing to choose for anybody
        best.offering(())
    chosen = best.customer_type.records.get(str(number_of(given)))
    answers = ranked(question, chosen) if question.state != "open" else []
    best.answer.offer(each.answer for each in answers)
    changed = [question.updated_at, *(each.chosen_at for each in answers if each.chosen_at)]
    return {
        "record": question,
        "question": question,
        "answers": answers,
        # what is done here by a click leaves a fresh choice or state: without there is nothing to look for
        "acts": acts_on(request, question) if any(at > clock.now() - FOR for at in changed) else [],
        "figures": figures_of(
            [each.answer.id for each in answers if question.has_used_answers], request.user
        ),
        "chosen": chosen,
        "form": form or AnswerForm(),
        "best": best,
        "choosable": question.choosable_by(request.user),
        "editable": question.editable_by(request.user),
        "erasable": question.erasable_by(request.user),
        **(asking := asking_of(request, question)),
        "knowers": knowers(topics, size=3) if topics and not asking["asks"] else [],
        "reading": best_of(topics, size=4) if topics else [],
    }


@view
def reveal_asker(request: Request, id: int) -> Response:
    question = find(whole(Question.visible_to(request.user)), id)
    permit(question.revealable_to(request.user))
    context = {"asker": question.reveal_asker(by=request.user), **_page(request, question)}
    template = "_asker" if request.wants_fragment else "show"
    return render(request, f"knowledge/questions/{template}.html", **context)


@view
def create(request: Request) -> Response:
    permit(not request.user.is_auditor)
    form = AskForm(request.form, data=_prefilled(request)).offering(request.user)
    if form.accepts(Question.ask, by=request.user):
        return after_asking(request, form)
    context = {"urgent_minutes": Setting.read("ask.urgent_minutes"), **_asked_for(request)}
    return form_page(request, "knowledge/questions/new.html", form, **context)


def _prefilled(request: Request) -> dict[str, Any]:
    """What the page that led here knows of the question; never who the customer is."""
    topic = Topic.get_or_none(Topic.id == number_of(request.query.get("topic")))
    product = Product.get_or_none(Product.id == number_of(request.query.get("product")))
    return {"text": request.query.get("text", ""), "topic": topic, "product": product}


def _asked_for(request: Request) -> dict[str, Any]:
    """The words that were looked for in vain, and for which customers it is asked."""
    given = {name: request.query.get(name) or str(request.form.get(name) or "") for name in ("text", "type")}
    looked_for = str(request.form.get("looked_for") or "") or given["text"]
    kind = CustomerType.get_or_none(CustomerType.id == number_of(given["type"]))
    return {"looked_for": looked_for, "customer_type": kind}


@view
def edit(request: Request, id: int) -> Response:
    question = find(Question.visible_to(request.user), id)
    permit(question.editable_by(request.user))
    form = QuestionForm(request.form, obj=question).offering(request.user)
    if form.accepts(question.edit, by=request.user):
        return go(request, question.url, note=Phrase("Saved."))
    return form_page(request, "knowledge/questions/edit.html", form, question=question)


@view
def answer(request: Request, id: int) -> Response:
    question = find(Question.visible_to(request.user), id)
    permit(question.answerable_by(request.user))
    form = AnswerForm(request.form)
    if form.accepts(question.answer, by=request.user):
        return go(request, form.result.url, note=Phrase("Thank you. Your answer is there for everyone."))
    return render(
        request, "knowledge/questions/show.html", status=form.status, **_page(request, question, form)
    )


@view
def show_answer(request: Request, id: int) -> Response:
    answer = find(Answer.select(), id)
    find(Question.visible_to(request.user), answer.question_id)
    return go(request, answer.url)


@view
def edit_answer(request: Request, id: int) -> Response:
    answer = find(Answer.select(), id)
    question = find(Question.visible_to(request.user), answer.question_id)
    permit(answer.editable_by(request.user))
    form = AnswerForm(request.form, obj=answer)
    if form.accepts(answer.edit, by=request.user):
        return go(request, answer.url, note=Phrase("Saved."))
    about = {"question": question, "answer": answer, "enclosed": enclosed(answer)}
    return form_page(request, "knowledge/questions/edit_answer.html", form, **about)


@view
def choose_best(request: Request, id: int) -> Response:
    return _change_best(request, id, take_back=False)


@view
def unchoose_best(request: Request, id: int) -> Response:
    return _change_best(request, id, take_back=True)


def _change_best(request: Request, id: int, *, take_back: bool) -> Response:
    question = find(Question.visible_to(request.user), id)
    permit(question.choosable_by(request.user))
    form = BestForm(request.form).offering(Answer.select().where(Answer.question == question))
    permit(form.validate(), otherwise=422)
    if take_back:
        question.unchoose_best(by=request.user, customer_type=form.customer_type.data)
    else:
        question.choose_best(form.answer.data, by=request.user, customer_type=form.customer_type.data)
    return refresh(request, "knowledge/questions/_answers.html", to=question.url, **_page(request, question))


archive, restore = archiving(Question)
select, select_topic, select_course = selection(
    QuestionList, Filing(SetTopicForm, Question.set_topic), Teaching()
)
