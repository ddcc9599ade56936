"""The path of a post: its upkeep, the steps of who is new, and who goes with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from starlette.responses import Response

from portal import i18n
from portal.forms.learning.paths import DAY_WORDS, MentorForm, PathStepForm, StepQuestionForm
from portal.i18n import Phrase
from portal.models.base.listing import number_of
from portal.models.base.record import Invalid
from portal.models.learning.marked import lessons_for
from portal.models.learning.mentors import Mentorship
from portal.models.learning.paths import Path, PathStep, is_learning, is_new
from portal.models.learning.post_needs import JobTitle
from portal.models.people.people import Person
from portal.views.base.archiving import archiving
from portal.views.base.tabs import Facts
from portal.web import Request, find, form_page, go, permit, render, view

SHOWN = 100
"""So many newcomers stand on one page."""
WHERE = {
    "interaction.logged": "interaction_new",
    "customer.added": "customer_new",
    "question.asked": "question_new",
    "question.answered": "questions",
    "experience.submitted": "experience_new",
    "article.used": "articles",
}
"""The page where a task is done, by the task."""


def path_of(person: Person) -> Facts:
    """What somebody new finds on the page of learning: their path, and who goes with them."""
    mentorship, follows = Mentorship.around(person)
    facts: Facts = {
        "follows": follows,
        "keeps": bool(person.team) or person.is_administrator,
        "went_over": Path.had_one_before(person),
    }
    if not is_new(person):
        return {"path": None, "newcomer": False, "lessons": [], **facts}
    path = Path.of(person, to=person)
    on_it = {place.step.article_id for place in path.places}
    mine = {
        "path": path,
        "newcomer": person.hired_on is not None,
        "learns": is_learning(person),
        "lessons": [lesson for lesson in lessons_for(person) if lesson.id not in on_it],
        "mentorship": mentorship,
    }
    return {**mine, "days": DAY_WORDS, **facts}


@view
def index(request: Request) -> Response:
    kept, posts = PathStep.posts_kept_by(request.user), PathStep.posts()
    shown = {each.name: each for each in (*posts, *kept)}
    asked = request.query.get("post", request.user.title)
    post = asked if asked in shown else next(iter(shown), "")
    may = post in {each.name for each in kept}
    facts: Facts = {
        "jobs": _chips(shown, post),
        "post": post,
        "kept": may,
        "days": _days(PathStep.of(post)),
        "learns": post == request.user.title and is_learning(request.user),
    }
    away = PathStep.of(post, archived=True) if may else []
    return render(request, "learning/paths/index.html", follows=bool(request.user.team), away=away, **facts)


def _chips(posts: Mapping[str, JobTitle], shown: str) -> list[tuple[str, str, None, bool]]:
    return [
        (i18n.label(each), f"/paths?post={quote(name)}", None, name == shown) for name, each in posts.items()
    ]


def _days(steps: Sequence[PathStep]) -> list[tuple[Phrase, list[PathStep]]]:
    """The steps by the day they are due, without days that ask nothing."""
    found = [(words, [step for step in steps if step.day == day]) for day, words in DAY_WORDS.items()]
    return [(words, steps) for words, steps in found if steps]


@view
def create(request: Request) -> Response:
    permit(bool(PathStep.posts_kept_by(request.user)))
    form = PathStepForm(request.form, data={"post": request.query.get("post", "")}).offering(request.user)
    if form.accepts(PathStep.add, by=request.user):
        return go(request, form.result.list_url, note=Phrase("Written down."))
    return form_page(request, "learning/paths/edit.html", form, step=None)


def _step(request: Request, id: int) -> PathStep:
    return find(PathStep.whole(PathStep.visible_to(request.user)), id)


@view
def edit(request: Request, id: int) -> Response:
    step = _step(request, id)
    permit(step.editable_by(request.user))
    form = PathStepForm(request.form, obj=step).offering(request.user, step)
    if form.accepts(step.change, by=request.user):
        return go(request, step.list_url, note=Phrase("Saved."))
    return form_page(request, "learning/paths/edit.html", form, step=step)


archive, restore = archiving(PathStep, to=lambda step: step.list_url)


@view
def show(request: Request, id: int) -> Response:
    step, me = _step(request, id), request.user
    place = next((each for each in Path.of(me, to=me).places if each.step == step), None)
    facts: Facts = {
        "step": step,
        "place": place if is_new(me) else None,
        "day": DAY_WORDS[step.day],
        "questions": step.questions(me),
        "where": WHERE.get(step.task),
    }
    return render(request, "learning/paths/step.html", form=StepQuestionForm(None), **facts)


@view
def complete(request: Request, id: int) -> Response:
    step = _step(request, id)
    permit(step.taken_by(request.user))
    if "undo" in request.form:
        step.take_back(by=request.user)
        return go(request, step.url)
    try:
        step.tell_done(by=request.user)
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
        return go(request, step.url)
    return go(request, "/learning", note=Phrase("Done. This comes next."))


@view
def ask(request: Request, id: int) -> Response:
    step = _step(request, id)
    permit(not step.is_archived, otherwise=404)
    permit(step.askable_by(request.user))
    form = StepQuestionForm(request.form)
    if form.accepts(step.ask, by=request.user):
        return go(request, form.result.url, note=Phrase("Asked. You are told as soon as someone answers."))
    return form_page(request, "learning/paths/ask.html", form, step=step)


# ------------------------------------------------------------------ newcomers


@view
def newcomers(request: Request) -> Response:
    start = number_of(request.query.get("from"))
    found = list(Mentorship.followed_by(request.user).limit(SHOWN + 1).offset(start))
    facts: Facts = {
        "paths": Path.of_many(found[:SHOWN], to=request.user),
        "mentors": Mentorship.mentors_of(found[:SHOWN]),
        "more": f"/newcomers?from={start + SHOWN}" if found[SHOWN:] else None,
    }
    return render(request, "learning/paths/newcomers.html", **facts)


@view
def newcomer(request: Request, id: int) -> Response:
    person, me = find(Person.visible_to(request.user), id), request.user
    permit(Mentorship.readable_by(person, me))
    facts: Facts = {
        "person": person,
        "path": Path.of(person, to=me),
        "closed": Path.closed(person, to=me) if me == person or me.leads(person) else [],
        "days": DAY_WORDS,
        "mentorship": Mentorship.of(person),
        "may_confirm": Mentorship.confirmable_by(person, me),
    }
    return render(request, "learning/paths/newcomer.html", **facts)


@view
def confirm(request: Request, id: int) -> Response:
    person = find(Person.visible_to(request.user), id)
    permit(Mentorship.confirmable_by(person, request.user))
    if "undo" in request.form:
        Mentorship.end(person, by=request.user)
        return go(request, f"/newcomers/{person.id}", note=Phrase("Saved."))
    form = MentorForm(request.form).offering(person)
    if form.accepts(Mentorship.confirm, person, by=request.user):
        note = (
            Phrase("The newcomer is told.")
            if form.result.mentor_id == request.user.id
            else Phrase("Both are told.")
        )
        return go(request, f"/newcomers/{person.id}", note=note)
    suggested = Mentorship.suggested(person)
    return form_page(request, "learning/paths/mentor.html", form, person=person, suggested=suggested)
