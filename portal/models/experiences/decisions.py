"""What follows from a panel's opinions: accepted, revised, merged, rejected; and an acceptance revoked."""

from __future__ import annotations

from typing import Any

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.record import Invalid
from portal.models.company.settings import Setting
from portal.models.experiences import rubric
from portal.models.experiences.experiences import Credit, Experience
from portal.models.experiences.panels import fill_panel, panel, topics_of
from portal.models.experiences.reviews import AT_FAULT, Acceptance, Review, Revocation
from portal.models.expertise.expertise import Evidence
from portal.models.expertise.points import PointEntry
from portal.models.knowledge.articles import Article
from portal.models.people.notices import Notice
from portal.models.people.people import Person

POINTS = 20
"""For an accepted experience, divided by credit (RULES 4.3)."""
MERGED_SHARE = 500_000
"""What an improvement of something known is worth, in millionths (RULES 4.2)."""


def settle(experience: Experience) -> None:
    """Decide an experience if its panel is complete, else ask whoever is still missing.

    The caller holds the experience's row. Of two reviewers who finish at the same moment, the later one
    decides, once.
    """
    done = [review for review in panel(experience) if review.completed_at is not None]
    outcome = rubric.decide(
        [review.opinion() for review in done],
        pass_mark=Setting.read("review.pass_mark"),
        gap=Setting.read("review.gap"),
    )
    if outcome is None:
        fill_panel(experience)
        return
    score = round(outcome.score * 100)
    act = {"accept": _accept, "revise": _revise, "merge": _merge, "reject": _reject}[outcome.verdict]
    act(experience, score, done)


def _accept(experience: Experience, score: int, done: list[Review]) -> None:
    now = clock.now()
    values: dict[str, Any] = {"state": "accepted", "score": score, "decided_at": now, "reason": _told(done)}
    if not experience.move(("submitted",), values):
        return
    Acceptance.create(experience=experience, at=now, score=score)
    experience.track("accepted", changes={"score": [None, score]})
    article = Article.from_experience(experience)
    _reward(experience, score)
    _tell(
        experience,
        Phrase("Accepted and published under your name: %(title)s", title=experience.title),
        url=f"/articles/{article.id}",
    )


def _reward(experience: Experience, score: int) -> None:
    for credit in Credit.select().where(Credit.experience == experience).order_by(Credit.id):
        points = (POINTS * credit.share * 2 + 1_000_000) // 2_000_000  # half up
        if points:
            PointEntry.award(
                credit.person_id,
                points,
                "experience accepted",
                subject=experience,
                key=_points_key(experience, credit.person_id),
            )
        for topic in topics_of(experience.id):
            Evidence.record(
                credit.person_id,
                topic,
                "accepted experience",
                subject=experience,
                quality=min(score, 10_000),
                key=_points_key(experience, credit.person_id),
            )


def _points_key(experience: Experience, person: int) -> str:
    return f"accepted-experience-{experience.id}-person-{person}"


def _revise(experience: Experience, score: int, done: list[Review]) -> None:
    now = clock.now()
    values: dict[str, Any] = {
        "state": "revision",
        "score": score,
        "decided_at": now,
        "revision_asked_at": now,
        "reason": _told(done),
    }
    if experience.move(("submitted",), values):
        experience.track("revision asked", changes={"score": [None, score]})
        _tell(experience, Phrase("The reviewers ask for changes: %(title)s", title=experience.title))


def _reject(experience: Experience, score: int, done: list[Review]) -> None:
    values: dict[str, Any] = {
        "state": "rejected",
        "score": score,
        "decided_at": clock.now(),
        "reason": _told(done),
        "key": None,
    }
    if experience.move(("submitted",), values):
        experience.track("rejected", changes={"score": [None, score]})
        _tell(
            experience,
            Phrase("Not accepted, with the reasons and the way to appeal: %(title)s", title=experience.title),
        )


def _merge(experience: Experience, score: int, done: list[Review]) -> None:
    """Into what the first who proposed it named; each credited person gets half of their share."""
    into = next((review.into for review in done if review.into_id is not None), None)
    if into is None:
        _revise(experience, score, done)
        return
    now = clock.now()
    values: dict[str, Any] = {
        "state": "merged",
        "score": score,
        "decided_at": now,
        "reason": _told(done),
        "merged_into": into,
    }
    if not experience.move(("submitted",), values):
        return
    for credit in Credit.select().where(Credit.experience == experience):
        half = max(1, credit.share * MERGED_SHARE // 1_000_000)
        Credit.update(share=half).where(Credit.id == credit.id).execute()
    Acceptance.create(experience=experience, at=now, score=score)
    experience.track("merged", changes={"into": [None, into.id]})
    _reward(experience, score)
    _tell(experience, Phrase("Merged into “%(other)s”, with half the credit", other=into.title))
    Notice.tell(
        into.author_id,
        Phrase("A colleague improves what you wrote. Take it in: %(title)s", title=experience.title),
        url=f"/experiences/{experience.id}",
        about=experience,
    )


def _told(done: list[Review]) -> str:
    """The reviewers' comments, nameless, for the author."""
    return "\n\n".join(review.comment for review in done if review.comment)


def _tell(experience: Experience, text: Phrase, *, url: str = "") -> None:
    people = {credit.person_id for credit in Credit.select().where(Credit.experience == experience)}
    for person in sorted(people | {experience.author_id}):
        Notice.tell(person, text, url=url or f"/experiences/{experience.id}", about=experience)


def revoke(experience: Experience, *, by: Person, reason: str, note: str = "") -> None:
    """Take an acceptance back. Twice is harmless.

    Plagiarism, falsehood, a breach of privacy or a conflict of interest also take back points and evidence,
    and the commission reads the Revocation; what is superseded or whose product ended is archived and no
    more (RULES 4.1). Raises Invalid when it was not accepted.
    """
    acceptance = Acceptance.get_or_none(Acceptance.experience == experience)
    if acceptance is None:
        raise Invalid(Phrase("Only what was accepted can be revoked."))
    if reason not in Revocation.REASONS:
        raise Invalid({"reason": Phrase("Choose a reason.")})
    if reason in AT_FAULT and not note.strip():
        raise Invalid({"note": Phrase("Say what was found: the author will read it.")})
    values: dict[str, Any] = {
        "acceptance": acceptance,
        "reason": reason,
        "note": note.strip(),
        "by": by,
        "at": clock.now(),
    }
    with db.atomic():
        if not Revocation.insert(values).on_conflict_ignore().execute():
            return
        experience.track("revoked", by=by, changes={"reason": [None, reason]})
        article = Article.get_or_none(Article.experience == experience)
        if article is not None:
            article.archive(by=by)
        if reason in AT_FAULT:
            _take_back(experience, article)
        experience.reindex()
        _tell(experience, Phrase("Its acceptance was revoked: %(title)s", title=experience.title))


def _take_back(experience: Experience, article: Article | None) -> None:
    Evidence.withdraw(experience)
    if article is not None:
        Evidence.withdraw(article)
    for credit in Credit.select().where(Credit.experience == experience):
        PointEntry.reverse(_points_key(experience, credit.person_id))
