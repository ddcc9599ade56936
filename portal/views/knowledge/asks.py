"""Asking experts: who is asked, and what each makes of it."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from portal.forms.knowledge.questions import AskForm, HandOnForm
from portal.i18n import Phrase
from portal.models.knowledge import routing
from portal.models.knowledge.asks import Ask, handing_on
from portal.models.knowledge.questions import Answer, Question
from portal.models.knowledge.routing import Routing, puttable_by, standing
from portal.models.search.lookups import Gap
from portal.web import Request, find, form_page, go, permit, refresh, view


def asking_of(request: Request, question: Question) -> dict[str, Any]:
    """Who was asked, for whoever asked; that oneself is asked, for whoever is."""
    user = request.user
    concerns = question.state == "open" or question.asker_id == user.id
    running, found = standing(question, user) if concerns else (None, [])
    asks = [ask for ask in found if ask.person_id != user.id]
    ids = {ident for ask in asks for ident in ask.why.get("answered", ())}
    like = Question.visible_to(user).where(Question.id.in_(ids)) if ids else ()
    return {
        "asking": running,
        "asks": asks,
        "like": {each.id: each.text for each in like},
        "puttable": puttable_by(question, user),
        "my_ask": next((ask for ask in found if ask.answerable_by(user)), None),
    }


def after_asking(request: Request, form: AskForm) -> Response:
    """The question is there: whoever looked for it hears of its answer, and experts are asked if so said."""
    question, urgent = form.result, bool(form.is_urgent.data)
    Gap.note_question(question, str(request.form.get("looked_for") or "") or question.text)
    note = Phrase("Asked. You are told as soon as someone answers.")
    experts = urgent or bool(request.form.get("experts"))
    if experts and puttable_by(question, request.user):
        _put(request, question, is_urgent=urgent)
        note = Phrase("Three colleagues who may know are asked. You are told as soon as someone answers.")
    return go(request, question.url, note=note)


def _put(request: Request, question: Question, *, is_urgent: bool) -> None:
    like = request.http.app.state.search.alike(request.user, question.text, question.detail)
    Routing.put(question, by=request.user, like=like, is_urgent=is_urgent)


@view
def put(request: Request, id: int) -> Response:
    question = find(Question.visible_to(request.user), id)
    permit(question.asker_id == request.user.id and request.user.is_active)
    _put(request, question, is_urgent=bool(request.form.get("is_urgent")))
    return _asking(request, question)


@view
def withdraw(request: Request, id: int) -> Response:
    question = find(Question.visible_to(request.user), id)
    permit(question.asker_id == request.user.id and request.user.is_active)
    routing.withdraw(question, by=request.user)
    return _asking(request, question)


def _asking(request: Request, question: Question) -> Response:
    context = {"question": question, **asking_of(request, question)}
    return refresh(request, "knowledge/questions/_asking.html", to=question.url, **context)


@view
def decline(request: Request, id: int) -> Response:
    ask = find(Ask.select().where(Ask.person == request.user), id)
    note = Phrase("Somebody else is asked. It costs you nothing.")
    if not routing.decline(ask, by=request.user):
        note = Phrase("Nobody is asked any more.")
    return go(request, "/needs-me", note=note)


@view
def hand_on(request: Request, id: int) -> Response:
    ask = find(Ask.select().where(Ask.person == request.user), id)
    permit(ask.may_hand_on(request.user))
    form = HandOnForm(request.form).offering(handing_on(ask.question, request.user))
    if form.accepts(routing.hand_on, ask, by=request.user):
        return go(request, ask.question.url, note=Phrase("Handed on. Thank you."))
    return form_page(request, "knowledge/asks/hand_on.html", form, ask=ask, question=ask.question)


@view
def draft_article(request: Request, id: int) -> Response:
    answer = find(Answer.select(), id)
    question = find(Question.visible_to(request.user), answer.question_id)
    answer.question = question
    permit(answer.editable_by(request.user))
    article = answer.draft_article(by=request.user)
    if answer.author_id == request.user.id:
        return go(
            request, f"{article.url}/edit", note=Phrase("A draft of your answer. Publish it as any article.")
        )
    return go(request, answer.url, note=Phrase("A draft is begun. Its author was told, and publishes it."))
