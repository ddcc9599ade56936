"""Reviews: the queue, one at a time, and what became of them."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from portal.forms.experiences.experiences import KINDS, WORDS
from portal.forms.experiences.reviews import ReviewForm
from portal.i18n import Phrase
from portal.models.base.listing import listing
from portal.models.base.nouns import NOUNS
from portal.models.experiences import process, rubric
from portal.models.experiences.anchors import Anchor
from portal.models.experiences.experiences import Experience
from portal.models.experiences.parts import PARTS
from portal.models.experiences.reviews import Review, is_standing
from portal.models.insights.calibration import Calibration
from portal.models.knowledge.articles import Article
from portal.search.page import Found, record_of
from portal.text.writing import differences
from portal.web import Request, find, form_page, go, permit, render, view

TITLE = Phrase("Title")
PASSED = Phrase("This review has passed to someone else. Thank you all the same.")


@view
def index(request: Request) -> Response:
    """The next one that waits; with none, what was done."""
    waiting = Review.with_experience(Review.waiting_for(request.user)).first()
    if waiting is not None and "done" not in request.query:
        return _page(request, waiting, ReviewForm().offering(waiting))
    done = listing(
        Review.with_titles(Review.done_by(request.user)),
        sorts={"completed": Review.completed_at},
        sort="-completed",
        after=request.query.get("after", ""),
        size=20,
    )
    mine = Calibration.beside(request.user).standing(request.user.id) if done.rows else None
    return render(
        request,
        "experiences/reviews/index.html",
        done=done,
        waiting=waiting,
        owed=Review.waiting_for(request.user).count(),
        mine=mine,
    )


@view
def show(request: Request, id: int) -> Response:
    review = find(Review.with_experience(Review.asked_of(request.user)), id)
    form = ReviewForm(request.form).offering(review)
    if review.declined_at is None and form.accept(form.judge, review, by=request.user):
        thanks = Phrase("Thank you. Your review is in.") if review.completed_at else PASSED
        return go(request, "/needs-me" if "back" in request.query else "/reviews", note=thanks)
    if review.declined_at is not None:
        return go(request, "/reviews", note=PASSED)
    return _page(request, review, form)


def _page(request: Request, review: Review, form: ReviewForm) -> Response:
    done = Review.completed_today(request.user)
    waiting = list(Review.with_titles(Review.waiting_for(request.user)).limit(20))
    return form_page(
        request,
        "experiences/reviews/show.html",
        form,
        review=review,
        experience=review.experience,
        kind=KINDS[review.experience.kind_of],
        criteria=_rubric(form, review),
        waiting=waiting,
        place=done + 1 + next((i for i, each in enumerate(waiting) if each.id == review.id), 0),
        places=done + len(waiting),
        others=review.others_opinions(),
        before=review.before,
        anchor=Anchor.behind(review),
        near_stands=review.experience.near is not None and is_standing(review.experience.near),
        pass_mark=review.rule("review.pass_mark"),
        **_blinded(review),
    )


def _blinded(review: Review) -> dict[str, Any]:
    """What there is to judge, without who wrote it, and what changed since its reviewer judged it last."""
    experience, said, blind = review.experience, review.said, review.blinded()
    labels = {part: words.label for part, words in WORDS[experience.kind_of].items()} | {"title": TITLE}
    changed = review.changed_parts() if review.is_open else {}
    return {
        "title": blind(said.title),
        "parts": [
            (labels[part], blind(getattr(said, part)))
            for part in PARTS[experience.kind_of]
            if getattr(said, part).strip()
        ],
        "appeal": blind(experience.appeal_reason) if experience.appeal_round == review.round else "",
        "changed": [
            (labels[part], differences(blind(old), blind(new))) for part, (old, new) in changed.items()
        ],
    }


@view
def known(request: Request, id: int) -> Response:
    """What the company knows already of what is judged, as its reviewer finds it: the nearest first."""
    review = find(Review.with_experience(Review.visible_to(request.user)), id)
    permit(review.is_open, otherwise=404)
    text = request.query.get("q", "").strip() or _told(review)
    found = request.http.app.state.search.known(request.user, text)
    shown = [each for each in found.hits if each.hit.id != f"article-{review.experience.rewrites_id}"]
    context: dict[str, Any] = {"known": shown, "into": _mergers(review, shown), "nouns": NOUNS}
    return render(request, "experiences/reviews/_known.html", **context)


def _told(review: Review) -> str:
    """What is compared: what its reviewer reads, so that nothing else can be told from what is found."""
    blinded = _blinded(review)
    return " ".join((blinded["title"], *(text for _, text in blinded["parts"])))


def _mergers(review: Review, found: list[Found]) -> dict[str, Experience]:
    """The experiences into which it may be merged, by the documents of the articles that they became."""
    ids = [record_of(each.hit) for each in found if each.kind == "article"]
    born = (Article.origin_kind == Experience.kind()) & Article.id.in_(ids)
    origins = {row.origin: row.id for row in Article.select(Article.id, Article.origin).where(born)}
    if not origins or "merge" not in review.verdicts:
        return {}
    mergers = review.mergers().where(Experience.id.in_(list(origins)))
    return {f"article-{origins[each.id]}": each for each in mergers}


def _rubric(form: ReviewForm, review: Review) -> list[dict[str, Any]]:
    weights = review.rule("review.weights")
    return [
        {"criterion": criterion, "weight": weight, "field": form[criterion.name]}
        for criterion, weight in zip(rubric.CRITERIA, weights, strict=True)
    ]


@view
def decline(request: Request, id: int) -> Response:
    review = find(Review.select().where(Review.reviewer == request.user), id)
    form = ReviewForm(request.form).offering(review)
    if form.accept(process.decline, review, by=request.user):
        return go(request, "/reviews", note=Phrase("Passed on to someone else. That costs you nothing."))
    return _page(request, review, form)
