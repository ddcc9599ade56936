"""Customers' doubts, the answers, and which is best for whom."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from portal.forms.knowledge.questions import AnswerForm, BestForm, QuestionForm
from portal.i18n import Phrase
from portal.models.base.listing import listing, number_of
from portal.models.company.topics import Topic
from portal.models.knowledge.answers import asked, counts, customer_type_of, ranked, whole
from portal.models.knowledge.questions import Answer, Question
from portal.models.knowledge.shelves import best_of, knowers
from portal.models.products.products import Product
from portal.web import Request, find, form_page, go, permit, refresh, render, view

SORTS: dict[str, Any] = {"asked": Question.created_at, "text": Question.text}


@view
def index(request: Request) -> Response:
    query, product = request.query, number_of(request.query.get("product"))
    questions = listing(
        asked(**{name: query.get(name, "") for name in ("topic", "product", "state", "q")}),
        sorts=SORTS,
        sort=query.get("sort", "-asked"),
        after=query.get("after", ""),
        size=30,
    )
    return render(
        request,
        "knowledge/questions/index.html",
        questions=questions,
        counts=counts(questions.rows),
        topics=list(Topic.visible_to(request.user)),
        product=Product.get_or_none(Product.id == product) if product else None,
    )


@view
def show(request: Request, id: int) -> Response:
    question = find(whole(Question.visible_to(request.user)), id)
    return render(request, "knowledge/questions/show.html", **_page(request, question))


def _page(request: Request, question: Question, form: AnswerForm | None = None) -> dict[str, Any]:
    chosen = customer_type_of(request.query.get("type") or str(request.form.get("type") or ""))
    answers = ranked(question, chosen)
    return {
        "question": question,
        "answers": answers,
        "chosen": chosen,
        "form": form or AnswerForm(),
        "best": BestForm().offering(told.answer for told in answers),
        "choosable": question.choosable_by(request.user),
        "editable": question.editable_by(request.user),
        "knowers": knowers([question.topic_id], size=3) if question.topic_id else [],
        "reading": best_of([question.topic_id], size=4) if question.topic_id else [],
    }


@view
def create(request: Request) -> Response:
    permit(not request.user.is_auditor)
    topic = Topic.get_or_none(Topic.id == number_of(request.query.get("topic")))
    given = {"text": request.query.get("text", ""), "topic": topic}
    form = QuestionForm(request.form, data=given).offering(request.user)
    if form.accepts(Question.ask, by=request.user):
        return go(request, form.result.url, note=Phrase("Asked. You are told as soon as someone answers."))
    return form_page(request, "knowledge/questions/new.html", form)


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
    if form.accept(question.answer, by=request.user, text=form.text.data or ""):
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
    if form.accept(answer.edit, by=request.user, text=form.text.data, version=form.version.data):
        return go(request, answer.url, note=Phrase("Saved."))
    return form_page(request, "knowledge/questions/edit_answer.html", form, question=question, answer=answer)


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


@view
def archive(request: Request, id: int) -> Response:
    question = find(Question.visible_to(request.user), id)
    permit(question.editable_by(request.user))
    question.archive(by=request.user)
    request.note(Phrase("Archived. You can bring it back any time."))
    return go(request, question.url)


@view
def restore(request: Request, id: int) -> Response:
    question = find(Question.visible_to(request.user), id)
    permit(question.editable_by(request.user))
    question.restore(by=request.user)
    request.note(Phrase("Brought back."))
    return go(request, question.url)
