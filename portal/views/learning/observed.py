"""Lessons that others tick: role plays with an observer's sheet, debates with a vote."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from portal import i18n
from portal.forms.learning.role_plays import LearnerForm, ObservationForm, scores_of
from portal.i18n import Phrase
from portal.models.base.listing import number_of
from portal.models.base.record import Invalid
from portal.models.files.attachments import Enclosure
from portal.models.learning.courses import MOST_SCORE, Lesson
from portal.models.learning.debates import SEATS, DebateSeat, DebateVote
from portal.models.learning.enrolments import Enrolment
from portal.models.learning.role_plays import SHOWN, Observation
from portal.models.people.people import Person
from portal.views.base.tabs import Facts
from portal.web import Request, find, form_page, go, permit, view


def observed(lesson: Lesson, person: Person, enrolment: Enrolment | None, asked: Mapping[str, str]) -> Facts:
    """What the page of a lesson says beside: who was watched by whom, who speaks, how the vote stands."""
    if lesson.kind_of == "role_play":
        return _watched(lesson, person, asked)
    if lesson.kind_of != "debate":
        return {}
    seats, votes = DebateSeat.of(lesson), DebateVote.of(lesson)
    vote = next((each for each in votes if each.person_id == person.id), None)
    speaks = any(seat.person_id == person.id for seat in seats)
    told = vote is not None or speaks or lesson.course.editable_by(person)
    return {
        "seats": seats,
        "vote": vote,
        "speaks": speaks,
        "may_step_back": speaks and not votes,
        "may_speak": enrolment is not None and not speaks and vote is None and len(seats) < SEATS,
        "may_vote": enrolment is not None and not speaks and vote is None and len(seats) == SEATS,
        "may_begin_anew": bool(seats) and lesson.course.editable_by(person),
        "counts": DebateVote.counts(votes) if told and len(seats) == SEATS else None,
        "rounds": DebateSeat.rounds(lesson) if enrolment or lesson.course.editable_by(person) else [],
    }


def _watched(lesson: Lesson, person: Person, asked: Mapping[str, str]) -> Facts:
    """Who may be watched, and what was seen: a page of each, more by `waiting` and `seen`."""
    named = asked.get("learner", "").strip()[:120]
    waiting, seen = number_of(asked.get("waiting")), number_of(asked.get("seen"))
    form = LearnerForm(data={"learner": named})
    learners = list(Observation.learners_of(lesson, person, named).limit(SHOWN + 1).offset(waiting))
    read = list(Observation.read_by(lesson, person).limit(SHOWN + 1).offset(seen))
    further = f"{lesson.url}?waiting={waiting + SHOWN}&learner={quote(named)}"
    return {
        "learners": [each.person for each in learners[:SHOWN]],
        "further": further if learners[SHOWN:] else None,
        "observations": read[:SHOWN],
        "recordings": Enclosure.held(read, [each.recording for each in read]),
        "may_drop": {each.id for each in read if each.recording and each.droppable_by(person)},
        "earlier": f"{lesson.url}?seen={seen + SHOWN}" if read[SHOWN:] else None,
        "is_earlier": seen > 0,
        "learner_form": form if named or waiting or learners[SHOWN:] else None,
    }


def _lesson(request: Request, id: int, kind: str) -> Lesson:
    lesson = find(Lesson.visible_to(request.user), id)
    permit(lesson.kind_of == kind and lesson.is_taught, otherwise=404)
    return lesson


@view(upload=True)
def observe(request: Request, id: int, learner: int) -> Response:
    lesson = _lesson(request, id, "role_play")
    who = find(Person.visible_to(request.user), learner)
    permit(Observation.observable_by(lesson, who, request.user))
    permit(Enrolment.of(lesson.course, who) is not None, otherwise=404)
    form, criteria = ObservationForm(request.form), lesson.criteria
    form.bring(by=request.user)
    scores = scores_of(request.form, len(criteria))
    if form.accepts(Observation.note, lesson, who, by=request.user, scores=scores):
        return go(request, lesson.url, note=Phrase("Saved. The learner is told."))
    facts: dict[str, Any] = {"lesson": lesson, "learner": who, "sheet": zip(criteria, scores, strict=True)}
    return form_page(request, "learning/lessons/observe.html", form, anchors=_anchors(), **facts)


def _anchors() -> list[str]:
    """What the scores mean: the first and the last are said."""
    least, most = (i18n.gettext(words) for words in (Phrase("not at all"), Phrase("as one would wish")))
    return [least, *[""] * (MOST_SCORE - 1), most]


@view
def drop_recording(request: Request, id: int) -> Response:
    seen = find(Observation.visible_to(request.user), id)
    permit(seen.droppable_by(request.user))
    seen.drop_recording(by=request.user)
    return go(request, seen.url, note=Phrase("The recording is gone for good."))


@view
def take_seat(request: Request, id: int) -> Response:
    lesson = _lesson(request, id, "debate")
    act = DebateSeat.give_up if "undo" in request.form else DebateSeat.take
    return _done(request, lesson, lambda: act(lesson, by=request.user))


@view
def vote(request: Request, id: int) -> Response:
    lesson, number = _lesson(request, id, "debate"), number_of(str(request.form.get("number") or ""))
    return _done(request, lesson, lambda: DebateVote.cast(lesson, by=request.user, number=number))


@view
def begin_anew(request: Request, id: int) -> Response:
    lesson = _lesson(request, id, "debate")
    permit(lesson.course.editable_by(request.user))
    try:
        DebateSeat.begin_anew(lesson, by=request.user, is_held="held" in request.form)
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
    return go(request, lesson.url)


def _done(request: Request, lesson: Lesson, act: Callable[[], None]) -> Response:
    permit(Enrolment.of(lesson.course, request.user) is not None)
    try:
        act()
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
    return go(request, lesson.url)
