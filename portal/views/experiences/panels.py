"""What an auditor reads of reviews: who sat on which panel, and what each said."""

from __future__ import annotations

from peewee import ModelSelect
from starlette.responses import Response

from portal import i18n
from portal.i18n import Phrase
from portal.models.experiences.experiences import Credit, Experience
from portal.models.experiences.reviews import Review
from portal.models.people.people import Person
from portal.views.base.audit import VALUES
from portal.views.base.filters import Links, Part, Parts, only_chosen
from portal.views.base.lists import Column, ListPage
from portal.web import Request, permit, view

SHOWS = Parts(
    name="show",
    label=Phrase("Show"),
    look="tools",
    parts={
        "": Part(Phrase("All"), lambda me: None),
        "open": Part(Phrase("Waiting"), lambda me: Review.waits()),
        "done": Part(Phrase("Completed"), lambda me: Review.completed_at.is_null(False)),
        "passed": Part(Phrase("Passed on"), lambda me: Review.declined_at.is_null(False)),
    },
)


class ReviewLog(ListPage[Review]):
    """Every seat of every panel. An auditor's own experiences are left out: blind stays blind (RULES 4.2)."""

    noun, template = Review, "experiences/panels/index.html"
    title = Phrase("Reviews and panels")
    subtitle = Phrase(
        "Who judged what, and how. Your own experiences, and what you review yourself, are left out."
    )
    search = Phrase("Title of the experience")
    sorts = {"id": Review.id, "completed": Review.completed_at}
    usual = "-id"
    filters = (
        SHOWS,
        Links(name="experience", field=Review.experience, offers=lambda me, chosen: ()),
        Links(name="reviewer", field=Review.reviewer, offers=only_chosen(Person)),
    )
    columns = (
        Phrase("Experience"),
        Phrase("Round"),
        Phrase("Reviewer"),
        Phrase("Outcome"),
        Column(Phrase("Score"), align="end"),
        Column(Phrase("Given"), "completed", "end"),
    )
    exports = {
        Phrase("Experience"): lambda review, me: review.experience_id,
        Phrase("Title"): lambda review, me: review.experience.title,
        Phrase("Round"): lambda review, me: review.round,
        Phrase("Reviewer"): lambda review, me: i18n.label(review.reviewer),
        Phrase("Outcome"): lambda review, me: i18n.label(outcome(review)),
        Phrase("Score"): lambda review, me: i18n.number(score(review), 1) if review.scores else None,
        Phrase("Given"): lambda review, me: i18n.moment(review.completed_at),
    }

    def everything(self) -> ModelSelect[Review]:
        credited = Credit.select(Credit.experience).where(Credit.person == self.person)
        own = Experience.select(Experience.id).where(Experience.author == self.person)
        seat = Review.alias()
        judged = seat.select(seat.experience).where(seat.reviewer == self.person)
        hidden = Review.experience.in_(credited) | Review.experience.in_(own) | Review.experience.in_(judged)
        return Review.select().where(~hidden)

    def matching(self, text: str) -> object:
        return Review.experience.in_(Experience.select(Experience.id).where(Experience.title.contains(text)))

    def read(self, query: ModelSelect[Review]) -> ModelSelect[Review]:
        along = (
            Experience.id,
            Experience.title,
            Experience.state,
            Experience.submitted_at,
            Experience.round,
            Person,
        )
        read = query.select_extend(*along).join_from(Review, Experience).join_from(Review, Person)
        return Review.with_judged(read)


def score(review: Review) -> float | None:
    """The total of a review out of 100, by the weights of its round; None before it is given."""
    if not review.scores:
        return None
    return float(review.scores.total(review.rule("review.weights")))


def outcome(review: Review) -> Phrase:
    """What became of a seat: its verdict, that it waits, passed on, or that its round ended without it."""
    if review.verdict:
        return VALUES["verdict"][review.verdict]
    if review.declined_at:
        return Phrase("Passed on")
    return Phrase("Waiting") if review.is_waited_for else Phrase("Not needed any more")


@view
def index(request: Request) -> Response:
    permit(request.user.is_auditor)
    return ReviewLog(request).page(outcome=outcome, score=score)


@view(confirmed=True, reading=True)
def export(request: Request) -> Response:
    permit(request.user.is_auditor)
    return ReviewLog(request, path="/admin/reviews").sheet()
