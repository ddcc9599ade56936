"""Experiences: begun, written, handed in, answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from peewee import ModelSelect
from starlette.responses import Response

from portal import clock, i18n
from portal.forms.experiences.experiences import (
    KINDS,
    REASONS,
    WORDS,
    AppealForm,
    CoAuthorForm,
    ExperienceForm,
    RevocationForm,
    colleagues,
)
from portal.forms.knowledge.articles import AddTopicForm
from portal.i18n import Phrase
from portal.models.base.database import transact
from portal.models.base.listing import number_of
from portal.models.base.prepared import Prepared
from portal.models.base.record import Event, Invalid
from portal.models.commission.merit import Merit
from portal.models.company.calendar import Calendar
from portal.models.company.settings import Setting
from portal.models.experiences import improvements, keeping, likeness, process
from portal.models.experiences.debriefs import undebriefed
from portal.models.experiences.erasing import erasable_by
from portal.models.experiences.experiences import WRITABLE, Experience
from portal.models.experiences.improvements import Improvement
from portal.models.experiences.panels import panel
from portal.models.experiences.parts import PARTS, compose
from portal.models.experiences.reviews import (
    Acceptance,
    Review,
    improved_by,
    is_standing,
    revocable_by,
    stands,
)
from portal.models.experiences.rubric import CRITERIA
from portal.models.experiences.voice import VoiceNote
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person
from portal.models.sales.deals import Deal
from portal.text import personal_data
from portal.views.base.filters import Values
from portal.views.base.lists import Column, ListPage
from portal.views.base.selection import Filing, selection
from portal.web import Request, find, form_page, go, permit, render, view

IMPROVING = Phrase("Write what is new into it. Submit it, and choose to hand it in to improve that one.")

SHELVES = {
    "draft": Phrase("Drafts"),
    "revision": Phrase("To revise"),
    "submitted": Phrase("In review"),
    "accepted": Phrase("Accepted"),
    "merged": Phrase("Merged"),
    "rejected": Phrase("Rejected"),
    "withdrawn": Phrase("Withdrawn"),
}
"""What lies together of one's own experiences, by state."""


class ExperienceList(ListPage[Experience]):
    """A person's own experiences."""

    noun, template, size = Experience, "experiences/experiences/index.html", 20
    picks, asks, does = True, ("topic",), ()
    title = Phrase("My experiences")
    subtitle = Phrase("What you learned in the field, on its way to everyone.")
    sorts = {
        "updated": Experience.updated_at,
        "submitted": Experience.first_submitted_at,
        "title": Experience.title,
    }
    usual = "-updated"
    filters = (
        Values(
            name="state",
            label=Phrase("State"),
            look="tools",
            every=Phrase("All"),
            filled=True,
            field=Experience.state,
            words=lambda: SHELVES,
        ),
    )
    columns = (
        Column(Phrase("Title"), "title"),
        Phrase("Kind"),
        Phrase("State"),
        Column(Phrase("Submitted"), "submitted"),
        Column(Phrase("Score"), align="end"),
        Column(Phrase("Last change"), "updated"),
    )
    exports = {
        Phrase("Title"): lambda row, me: row.title,
        Phrase("Kind"): lambda row, me: i18n.gettext(KINDS[row.kind_of]),
        Phrase("State"): lambda row, me: i18n.label(row.state),
        Phrase("Topics"): lambda row, me: "; ".join(map(i18n.label, row.topics)),
        Phrase("Text"): lambda row, me: compose(row),
        Phrase("Submitted"): lambda row, me: i18n.day(row.first_submitted_at),
        Phrase("Score"): lambda row, me: None if row.score is None else row.score / 100,
    }

    @classmethod
    def pickable_by(cls, person: Person) -> bool:
        """An auditor writes none."""
        return not person.is_auditor

    @property
    def acts(self) -> list[str]:
        """What is in review or decided stands as it is."""
        shown = self.state["state"]
        return super().acts if not shown or shown in WRITABLE else []

    def everything(self) -> ModelSelect[Experience]:
        mine = Experience.author == self.person
        return Experience.select().where(mine & ~Experience.untouched() & Experience.is_earnest())


@view
def index(request: Request) -> Response:
    return ExperienceList(request).page(
        kinds=KINDS, merit=Merit.of(request.user), to_review=Review.waiting_for(request.user).count()
    )


@view(confirmed=True, reading=True)
def export(request: Request) -> Response:
    """One's own, whole."""
    return ExperienceList(request, path="/experiences").sheet()


select, select_topic = selection(ExperienceList, Filing(AddTopicForm, Experience.add_topic))


@view
def new(request: Request) -> Response:
    permit(not request.user.is_auditor)
    if request.http.method == "POST":
        return _begin(request)
    deals, asked = undebriefed(request.user), number_of(request.query.get("deal", ""))
    wanted = Deal.visible_to(request.user).where(Deal.id == asked).first()
    return render(
        request, "experiences/experiences/new.html", deals=deals, wanted=wanted, problem="", kinds=KINDS
    )


def _begin(request: Request) -> Response:
    if improved := str(request.form.get("improves", "")):
        known = find(Experience.select().where(stands() & Experience.is_new()), number_of(improved))
        return go(request, improvements.begin(known, by=request.user).url + "/edit", note=IMPROVING)
    kind, asked = str(request.form.get("kind", "")), str(request.form.get("deal", ""))
    deal = find(Deal.visible_to(request.user), number_of(asked)) if asked else None
    try:
        experience = Experience.begin(by=request.user, kind=kind, deal=deal)
    except Invalid as invalid:
        deals, problem = undebriefed(request.user), next(iter(invalid.errors.values()))
        return render(
            request,
            "experiences/experiences/new.html",
            status=422,
            deals=deals,
            wanted=None,
            problem=problem,
            kinds=KINDS,
        )
    return go(request, experience.url + ("/edit" if experience.is_writable else ""))


def _mine(request: Request, id: int) -> Experience:
    """One of the person's own, with the id of what it improves: to everyone else a draft does not exist."""
    improved = Improvement.select(Improvement.of).where(Improvement.experience == Experience.id)
    mine = Experience.with_links(Experience.visible_to(request.user)).select_extend(
        improved.alias("improves")
    )
    experience = find(VoiceNote.noted(mine), id)
    permit(experience.editable_by(request.user))
    return experience


@view
def edit(request: Request, id: int) -> Response:
    experience = _mine(request, id)
    form = ExperienceForm(request.form, obj=experience).offering(experience)
    if not experience.is_writable and not (form.sent and form.differs):
        return go(request, f"/experiences/{id}")
    if form.accept(form.save, experience, by=request.user):
        return go(request, f"/experiences/{id}/edit", note=Phrase("Draft saved."))
    return _writing(request, form, experience)


@view
def draft(request: Request, id: int) -> Response:
    """What the page posts by itself while its author writes."""
    experience = _mine(request, id)
    if not experience.is_writable:
        raise Invalid(experience.why_it_stands)
    form = ExperienceForm(request.form, obj=experience).offering(experience)
    form.accept(form.save, experience, by=request.user)
    answer = render(
        request,
        "experiences/experiences/_kept.html",
        status=form.status,
        form=form,
        **_lacking(form, experience),
    )
    answer.headers["X-Version"] = str(experience.version)
    answer.headers["X-Begun"] = form.begun if form.status == 422 else form.goes_on_from
    return answer


@view(transaction=False)
def submission(request: Request, id: int) -> Response:
    """Kept first; what it repeats is looked for while nobody who writes waits for that; then handed in."""
    kept = transact(partial(_keep, request, id))
    if isinstance(kept, Response):
        return kept
    form, experience = kept
    search = request.http.app.state.search
    before = transact(partial(search.repeated, experience), write=False)
    return transact(partial(_hand_in, request, form, experience, before))


def _keep(request: Request, id: int) -> Response | tuple[ExperienceForm, Experience]:
    """Save what was typed; a page where that is all that can be done."""
    experience = _mine(request, id)
    form = ExperienceForm(request.form, obj=experience).offering(experience)
    if experience.state == "submitted" and not form.differs:
        return go(request, experience.url)
    if not form.accept(form.save, experience, by=request.user):
        return _writing(request, form, experience)
    return form, experience


def _hand_in(
    request: Request, form: ExperienceForm, experience: Experience, before: Sequence[int]
) -> Response:
    if not form.accept(form.hand_in, experience, by=request.user, said_before=before):
        return _writing(request, form, experience)
    said = Phrase(
        "Submitted. %(num)s reviewers read it now, without knowing that it is yours.",
        num=experience.panel_size,
    )
    request.note(said)
    return go(request, experience.url)


def _writing(request: Request, form: ExperienceForm, experience: Experience) -> Response:
    improves = improved_by(experience) if experience.__dict__["improves"] else None
    if improves is not None and not form.sent:
        form.improvement.data = True
    return form_page(
        request,
        "experiences/experiences/edit.html",
        form,
        colleagues=colleagues(request.user),
        first_review_by=Calendar.read().add(clock.now(), Setting.read("review.answer_days")),
        improves=improves,
        voice_notes=VoiceNote.of(experience, request.user) if experience.__dict__["is_spoken"] else [],
        **_likest(form, experience),
        **_lacking(form, experience),
    )


def _likest(form: ExperienceForm, experience: Experience) -> dict[str, Any]:
    """What it is said to repeat, where its author is asked, and whether that can be read."""
    asked = ("duplicate_checked" in form.errors or form.form_errors) and experience.near is not None
    likest = experience.near if asked else None
    share = likeness.likest(experience) if asked else None
    return {
        "likest": likest,
        "likest_share": share[1] if share else None,
        "likest_stands": likest is not None and is_standing(likest),
    }


def _lacking(form: ExperienceForm, experience: Experience) -> dict[str, Any]:
    missing, found = experience.missing(), experience.personal_data()
    places = keeping.keepers(experience, experience.author) if found else []
    return {
        "experience": experience,
        "kinds": KINDS,
        "checklist": [
            (name not in missing, form[name].label.text, f"#{form[name].id}") for name in form.needed
        ],
        "found": [(form[name].label.text, name, finds) for name, finds in found.items()],
        "said": personal_data.SAID,
        "keepers": lambda find: [place for place in places if keeping.keepable(find, place)],
    }


@view
def contact(request: Request, id: int) -> Response:
    """What tells who it is goes from the draft to the contact: `keep` says what and where to."""
    experience = _mine(request, id)
    form = ExperienceForm(request.form, obj=experience).offering(experience)
    field, start, keeper = [*str(request.form.get("keep", "")).split(":"), "", ""][:3]
    where: dict[str, Any] = {"field": field, "start": number_of(start), "keeper": keeper}
    kept = form.accept(form.save, experience, by=request.user)
    if not kept or not form.accept(keeping.keep, experience, by=request.user, **where):
        return _writing(request, form, experience)
    return go(request, f"/experiences/{id}/edit", note=Phrase("Kept there, and taken out of the text."))


@view
def show(request: Request, id: int) -> Response:
    experience = find(VoiceNote.noted(Experience.with_links(Experience.visible_to(request.user))), id)
    article = _born_of(experience)
    if experience.state == "accepted" and article is not None and not experience.credited(request.user):
        return go(request, article.url)
    return _page(request, experience, AppealForm(), article=article)


def _born_of(experience: Experience) -> Article | None:
    """The article that it became, or whose changed text it is."""
    found: Article | None = experience.rewrites
    if experience.state == "accepted" and found is None:
        found = _BORN.first(origin=experience.id)
    return found


_BORN = Prepared[Article](
    lambda origin: Article.select().where(Article.was_born_of(Experience.kind(), origin)).limit(1)
)


def _page(request: Request, experience: Experience, form: AppealForm, **context: Any) -> Response:
    words, article = WORDS[experience.kind_of], context.get("article")
    told = experience.state == "merged" or (article is not None and article.revoked_at is not None)
    acceptance = Acceptance.of(experience) if told else None
    revocation = acceptance.revoked if acceptance else None
    decided = experience.state not in ("submitted", "draft")
    reviews = [review for review in panel(experience) if review.completed_at] if decided else []
    return form_page(
        request,
        "experiences/experiences/show.html",
        form,
        experience=experience,
        kinds=KINDS,
        parts=[(words[p].label, getattr(experience, p)) for p in PARTS[experience.kind_of]],
        reviews=reviews,
        criteria=CRITERIA,
        credits=experience.named(),
        happened=list(Event.about(experience).limit(30)),
        revocation=revocation,
        rewritten=acceptance is not None and not acceptance.counts,
        revoked_for=i18n.gettext(dict(REASONS)[revocation.reason]) if revocation else "",
        is_spoken=experience.__dict__.get("is_spoken", False),
        erasable=article is None and erasable_by(experience, request.user),
        revocable=experience.state in ("accepted", "merged") and revocable_by(experience, request.user),
        pass_mark=experience.rule("review.pass_mark") if reviews else None,
        merit=_merit(request.user, experience),
        first_review_by=_first_review_by(experience),
        **context,
    )


def _first_review_by(experience: Experience) -> datetime | None:
    """When its author may expect the first review; None once that is past."""
    if experience.state != "submitted":
        return None
    at = experience.submitted_at or clock.now()
    return Calendar.read().add(at, Setting.as_of("review.answer_days", at))


def _merit(person: Any, experience: Experience) -> Merit | None:
    """The merit of its month, with the time to revise that its own revision has."""
    month = clock.Month.of(experience.first_submitted_at or clock.now())
    return Merit.of(person, month, asked_at=experience.revision_asked_at)


@view
def withdrawal(request: Request, id: int) -> Response:
    experience = _mine(request, id)
    try:
        experience.withdraw(by=request.user)
        request.note(Phrase("Withdrawn. You can write on and submit it again."))
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
    return go(request, f"/experiences/{id}")


@view
def co_author(request: Request, id: int) -> Response:
    """Someone named as co-author agrees, or not: nobody is one unasked."""
    experience = find(Experience.select(), id)
    asked = process.asked_to_share(experience, request.user)
    permit(asked is not None or experience.credited(request.user), otherwise=404)
    form = CoAuthorForm(request.form)
    if form.accept(form.answer, experience, by=request.user):
        return go(request, "/", note=Phrase("Thank you. Its author sees your answer."))
    return form_page(
        request, "experiences/experiences/co_author.html", form, experience=experience, asked=asked
    )


@view
def appeal(request: Request, id: int) -> Response:
    experience = _mine(request, id)
    form = AppealForm(request.form)
    if form.accepts(process.appeal, experience, by=request.user):
        return go(request, f"/experiences/{id}", note=Phrase("Your appeal is with new reviewers."))
    return _page(request, experience, form, article=None)


@view
def revocation(request: Request, id: int) -> Response:
    experience = find(Experience.visible_to(request.user), id)
    permit(revocable_by(experience, request.user))
    form = RevocationForm(request.form)
    if form.accepts(process.revoke, experience, by=request.user):
        return go(request, "/articles", note=Phrase("The acceptance is revoked and its author is told."))
    return form_page(request, "experiences/experiences/revocation.html", form, experience=experience)
