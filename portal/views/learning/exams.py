"""Exams: the bank for who makes them, the attempt for who takes them, the certificate for everyone."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from portal.forms.learning.exams import ExamForm, ExamQuestionForm, NumberForm, QuestionFileForm, ReleaseForm
from portal.i18n import Phrase
from portal.models.base.listing import number_of
from portal.models.base.record import Invalid
from portal.models.company.settings import Setting
from portal.models.insights.exams import ATTEMPTS, question_figures, topic_figures
from portal.models.learning import banks, drafting
from portal.models.learning.attempts import Attempt, AttemptQuestion
from portal.models.learning.certificates import Certificate
from portal.models.learning.courses import Course
from portal.models.learning.enrolments import Enrolment
from portal.models.learning.exams import Exam, ExamQuestion
from portal.models.learning.words import QuestionUse
from portal.web import Request, find, form_page, found, go, permit, render, unkept, view

AT_ONCE = 50
"""So many questions of a bank are shown at once."""
USES = ("draft", "ready", "check", "gone")
SHOWN = ("show", "q", "from")
"""What of a bank is shown, in its address."""


@view
def create(request: Request, id: int) -> Response:
    course = find(Course.visible_to(request.user), id)
    permit(course.editable_by(request.user))
    exam = Exam.add(course, by=request.user)
    return go(request, f"{exam.url}/questions")


def _exam(request: Request, id: int, *, to_edit: bool = False) -> Exam:
    exam = found(Exam.seen_by(request.user, id))
    permit(not to_edit or exam.editable_by(request.user))
    return exam


def _bank(request: Request, id: int) -> Exam:
    """An exam whose questions are read: whoever does takes it no more."""
    exam = _exam(request, id, to_edit=True)
    _note_read(request, exam)
    return exam


def _note_read(request: Request, exam: Exam) -> None:
    """Most who read a bank have read it before: these leave nothing, and take no turn at writing."""
    if not exam.is_read_by(request.user):
        request.leave(lambda: exam.note_read(request.user))


@view
def show(request: Request, id: int) -> Response:
    exam, me = _exam(request, id), request.user
    certificate, tries = Certificate.of(exam, me), Attempt.of(exam, me)
    is_delta = certificate is not None and certificate.holds and certificate.delta_due_at is not None
    facts: dict[str, Any] = {
        "exam": exam,
        "course": exam.course,
        "certificate": certificate,
        "tries": tries,
        "running": next((each for each in tries if each.ended_at is None), None),
        "is_delta": is_delta,
        "changed": certificate.to_read_again() if certificate is not None and is_delta else [],
        "delta": Attempt.delta_of(certificate) if certificate is not None and is_delta else None,
        "delta_minutes": Setting.read("exam.delta_minutes"),
        "free_at": Attempt.free_at(exam, me, is_delta=is_delta),
        "enrolment": Enrolment.of(exam.course, me),
        "attempts": Setting.read("exam.attempts"),
        "takeable": exam.takeable_by(me),
        "editable": exam.editable_by(me),
        "released": (is_released := exam.release is not None),
        "releasable": not is_released and me.id != exam.course.owner_id and exam.releasable_by(me),
    }
    return unkept(render(request, "learning/exams/show.html", **facts))


@view
def edit(request: Request, id: int) -> Response:
    exam = _exam(request, id, to_edit=True)
    form = ExamForm(request.form, obj=exam)
    if form.accepts(exam.edit, by=request.user):
        return go(request, f"{exam.url}/questions", note=Phrase("Saved."))
    return form_page(request, "learning/exams/edit.html", form, exam=exam, course=exam.course)


@view
def release(request: Request, id: int) -> Response:
    exam, me = _exam(request, id), request.user
    permit(exam.releasable_by(me))
    form = ReleaseForm(request.form)
    if form.accepts(exam.release_it, by=me):
        return go(request, exam.url, note=Phrase("Released: who passes it from now on has evidence of it."))
    form.seen.data = exam.bank_seen
    _note_read(request, exam)
    used = exam.questions.where(ExamQuestion.state.in_(["ready", "check"])).order_by(ExamQuestion.id)
    facts: dict[str, Any] = {"exam": exam, "course": exam.course, "questions": list(used)}
    return unkept(form_page(request, "learning/exams/release.html", form, **facts))


# ------------------------------------------------------------------ the bank


@view
def questions(request: Request, id: int) -> Response:
    exam = _bank(request, id)
    chosen, start = request.query.get("show", ""), number_of(request.query.get("from"))
    words, use = request.query.get("q", "").strip()[:100], chosen if chosen in USES else ""
    listed = exam.shown(use, words, start=start, size=AT_ONCE + 1)
    known = ExamQuestion.with_sources([each.id for each in listed if each.state == QuestionUse.CHECK])
    here = {"show": chosen, "q": words, "from": start}
    further = urlencode(here | {"from": start + AT_ONCE})
    facts: dict[str, Any] = {
        "counts": exam.uses,
        "chosen": chosen,
        "words": words,
        "shown": f"?{urlencode(kept)}" if (kept := {k: v for k, v in here.items() if v}) else "",
        "questions": listed[:AT_ONCE],
        "more": f"{exam.url}/questions?{further}" if listed[AT_ONCE:] else None,
        "sources": known,
        "instead": ExamQuestion.best_instead(known.values()),
        "uses": QuestionUse,
        "released": exam.release is not None,
        "shortcomings": exam.shortcomings,
    }
    return unkept(render(request, "learning/exams/questions.html", exam=exam, course=exam.course, **facts))


@view
def use_questions(request: Request, id: int) -> Response:
    exam = _bank(request, id)
    ticked = [str(each).partition("-") for each in request.form.getlist("question")]
    read = {number_of(ident): number_of(version) for ident, _, version in ticked}
    count = exam.put_to_use(read, by=request.user)
    request.note(Phrase("Put to use: %(count)s.", count=count), "success" if count else "warning")
    if left := len(read) - count:
        request.note(
            Phrase("Drafts still, changed meanwhile or not to be asked: %(left)s.", left=left), "warning"
        )
    return go(request, f"{exam.url}/questions?show=draft")


@view
def figures(request: Request, id: int) -> Response:
    exam = _bank(request, id)
    facts: dict[str, Any] = {"figures": question_figures(exam), "most": ATTEMPTS}
    return render(request, "learning/exams/figures.html", exam=exam, course=exam.course, **facts)


@view
def topics(request: Request, id: int) -> Response:
    exam, me = _exam(request, id), request.user
    permit(exam.course.staffed_by(me))
    facts: dict[str, Any] = {"figures": topic_figures(exam, me), "most": ATTEMPTS, "course": exam.course}
    return render(request, "learning/exams/topics.html", exam=exam, **facts)


@view
def draft_questions(request: Request, id: int) -> Response:
    exam = _bank(request, id)
    count = drafting.draft_questions(exam, by=request.user)
    note = Phrase("Drafted: %(count)s. Read each before you put it to use.", count=count)
    nothing = Phrase("No lesson is without a question that could be drafted from it.")
    return go(request, f"{exam.url}/questions?show=draft", note=note if count else nothing)


@view(upload=True)
def bring_questions(request: Request, id: int) -> Response:
    exam = _bank(request, id)
    form, report, is_trial = QuestionFileForm(request.form), None, "trial" in request.form
    form.choosing([str(each) for each in request.form.getlist("column")])
    if form.accept(banks.try_out if is_trial else banks.take_in, exam, by=request.user, **form.upload):
        report = form.result
        if report.added and not is_trial:
            drafted = Phrase("Drafted: %(count)s. Read each before you put it to use.", count=report.added)
            request.note(drafted)  # with how to take the whole file back
        if not (is_trial or report.refused or report.doubts or report.known or report.unread):
            return go(request, f"{exam.url}/questions?show=draft")
    columns, headers = banks.columns_of(**form.upload) if is_trial or not report else ([], "")
    if columns:
        form.hand_on(headers)
    facts: dict[str, Any] = {"exam": exam, "course": exam.course, "report": report, "is_trial": is_trial}
    facts |= {"columns": columns, "fields": banks.FIELDS}
    return unkept(form_page(request, "learning/exams/bank_file.html", form, **facts))


@view
def create_question(request: Request, id: int) -> Response:
    exam = _bank(request, id)
    form = ExamQuestionForm(request.form).offering(request.user, exam)
    if form.accepts(ExamQuestion.add, exam, by=request.user):
        return go(request, f"{exam.url}/questions", note=Phrase("Saved as a draft: no exam draws it yet."))
    return unkept(form_page(request, "learning/exams/question.html", form, exam=exam, question=None))


def _question(request: Request, id: int) -> ExamQuestion:
    question = find(ExamQuestion.open_to(request.user), id)
    _note_read(request, question.exam)
    return question


@view
def edit_question(request: Request, id: int) -> Response:
    question = _question(request, id)
    form = ExamQuestionForm(request.form, obj=question).offering(request.user, question.exam)
    if form.accepts(question.edit, by=request.user):
        return go(request, f"{question.exam.url}/questions", note=Phrase("Saved."))
    facts: dict[str, Any] = {"exam": question.exam, "question": question}
    return unkept(form_page(request, "learning/exams/question.html", form, **facts))


@view
def put_to_use(request: Request, id: int) -> Response:
    question = _question(request, id)
    try:
        question.put_to_use(by=request.user)
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
        return go(request, f"{question.exam.url}/questions?show=check")
    return _back(request, question)


@view
def take_out(request: Request, id: int) -> Response:
    question = _question(request, id)
    act = question.bring_back if "undo" in request.form else question.take_out
    act(by=request.user)
    return _back(request, question)


@view
def check(request: Request, id: int) -> Response:
    question = _question(request, id)
    try:
        question.check(by=request.user, is_minor="minor" in request.form)
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
        return go(request, f"{question.exam.url}/questions?show=check")
    return _back(request, question)


def _back(request: Request, question: ExamQuestion) -> Response:
    """To where the act was pressed: its address keeps how the bank was shown, the button what comes next."""
    shown = {name: value for name in SHOWN if (value := request.query.get(name))}
    at = f"?{urlencode(shown)}" if shown else ""
    if place := number_of(str(request.form.get("next", ""))):
        at += f"#question-{place}"
    return go(request, f"{question.exam.url}/questions{at}", note=Phrase("Saved."))


# ------------------------------------------------------------------ an attempt


@view
def begin(request: Request, id: int) -> Response:
    exam = _exam(request, id)
    permit(exam.takeable_by(request.user))
    try:
        attempt = Attempt.begin(exam, by=request.user)
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
        return go(request, exam.url)
    return go(request, attempt.url)


@view
def attempt(request: Request, id: int) -> Response:
    mine = find(Attempt.own(request.user), id)
    asked = mine.questions
    if mine.ended_at is not None:
        return unkept(render(request, "learning/attempts/result.html", **_result(mine)))
    wanted = number_of(request.query.get("question", ""))
    ahead = next((each for each in asked if not each.is_answered), None)
    shown = next((each for each in asked if each.place == wanted), None if "end" in request.query else ahead)
    return _asking(request, mine, asked, shown)


def _asking(
    request: Request,
    mine: Attempt,
    asked: list[AttemptQuestion],
    shown: AttemptQuestion | None,
    *,
    typed: str | None = None,
    why: Phrase | None = None,
) -> Response:
    """One question, or the end. `typed`: what was not kept, and `why`."""
    facts: dict[str, Any] = {
        "attempt": mine,
        "questions": asked,
        "shown": shown,
        "typed": typed,
        "why": why,
        "course": mine.exam.course,
    }
    return unkept(render(request, "learning/attempts/show.html", status=422 if why else 200, **facts))


def _result(mine: Attempt) -> dict[str, Any]:
    asked = mine.questions
    known = ExamQuestion.with_sources([each.question_id for each in asked])
    certificate = Certificate.of(mine.exam, mine.person) if mine.passed else None
    return {
        "attempt": mine,
        "course": mine.exam.course,
        "questions": [(each, known[each.question_id]) for each in asked],
        "certificate": certificate,
    }


@view
def answer(request: Request, id: int, place: int) -> Response:
    mine = find(Attempt.own(request.user), id)
    sent = [str(each) for each in request.form.getlist("answer")]
    seen, is_changed = str(request.form.get("seen", "")), "changed" in request.form
    try:
        kept = mine.answer(place, sent, by=request.user, seen=seen, is_changed=is_changed)
    except Invalid as invalid:
        why: Any = next(iter(invalid.errors.values()))
        if "answer" in invalid.errors:
            asked = mine.questions
            return _asking(request, mine, asked, asked[place - 1], typed=sent[0], why=why)
        request.note(why, "warning")
        return go(request, mine.url)
    if seen and not kept:
        request.note(Phrase("Your answer to question %(at)s is taken back.", at=place))
    return go(request, f"{mine.url}{_onward(request, mine, place)}")


def _onward(request: Request, mine: Attempt, place: int) -> str:
    """Where whoever answered goes: where they chose, else to the next."""
    chosen = str(request.form.get("to", ""))
    ahead = number_of(chosen) or place + 1
    return f"?question={ahead}" if ahead <= mine.asked and chosen != "end" else "?end"


@view
def hand_in(request: Request, id: int) -> Response:
    mine = find(Attempt.own(request.user), id)
    mine.end(by=request.user)
    return go(request, mine.url)


# ------------------------------------------------------------------ certificates


@view
def certificate(request: Request, id: int) -> Response:
    found = find(Certificate.visible_to(request.user), id)
    return render(request, "learning/certificates/show.html", certificate=found, course=found.exam.course)


@view
def certificates(request: Request) -> Response:
    number = request.query.get("number", "").strip().upper()[:20]
    found = (
        Certificate.visible_to(request.user).where(Certificate.number == number).first() if number else None
    )
    form = NumberForm(data={"number": number})
    return render(request, "learning/certificates/index.html", form=form, number=number, certificate=found)
