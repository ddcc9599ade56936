"""The way of an experience through its reviewers: handed in, judged, passed on, appealed, taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.record import Event, Invalid
from portal.models.company.calendar import Calendar
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.customers.traits import weigh_resting_on
from portal.models.experiences import erasing, improvements, interviews, likeness, rewrites, rubric, stories
from portal.models.experiences.decisions import points_key, settle, tell
from portal.models.experiences.experiences import PARTS, Credit, Experience
from portal.models.experiences.mergers import leave_out
from portal.models.experiences.panels import (
    AGAIN,
    assign,
    away_for_term,
    call_for_reviewers,
    candidates,
    conflicted,
    fill_panel,
    is_unfit,
    topics_of,
)
from portal.models.experiences.prefill import quotes_in
from portal.models.experiences.reviews import (
    AT_FAULT,
    Acceptance,
    Review,
    Revocation,
    hold,
    improved_by,
    is_standing,
    whose,
)
from portal.models.experiences.voice import check_unspoken
from portal.models.expertise.expertise import Evidence, EvidenceSum
from portal.models.expertise.points import PointEntry
from portal.models.knowledge.articles import Article
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.sales.deals import Deal
from portal.models.work.clocks import Clock, ClockStep, step
from portal.text.writing import clean


def submit(
    experience: Experience,
    *,
    by: Person,
    topics: Iterable[Topic | int] | None = None,
    co_authors: Mapping[Person, int] | None = None,
    duplicate_checked: bool = False,
    names_checked: bool = False,
    said_before: Sequence[int] = (),
    improvement: bool = False,
) -> None:
    """Hand it in for review: credit is written down and reviewers are asked. Twice is harmless.

    `co_authors`: their shares in millionths, the rest is the author's (RULES 4.1). The two flags say that
    the author saw a near duplicate, or that a customer's name found in it is an ordinary word. `said_before`:
    ids of the experiences that search found to say the same in other words, the likest first.
    `improvement`: it goes into the accepted one that it repeats, or was handed in to improve before. Raises
    Invalid naming what is missing, personal data beside its field, or a near duplicate.
    """
    if experience.state == "submitted":
        return
    if not experience.is_writable:
        raise Invalid(experience.why_it_stands)
    with db.atomic():
        if topics is not None:
            experience.set_topics(topics)
        experience.check_complete()
        experience.names_checked = names_checked
        experience.check_personal_data()
        if whose(experience.title, [experience.author, *(co_authors or {})]):
            words = Phrase("Leave the authors' names out of the title: it is judged without them.")
            raise Invalid({"title": words})
        _check_untold(experience, [each.id for each in (experience.author, *(co_authors or {}))])
        _check_own_words(experience)
        check_unspoken({name: getattr(experience, name) for name in ("title", *PARTS)})
        near = _near(experience, said_before, improvement=improvement)
        improved = _to_improve(experience, near, [*(co_authors or {})]) if improvement else None
        experience.near = near if near != improved else None
        if improved is None and not duplicate_checked:
            _ask_whether_it_differs(experience)
        if experience.hand_in(by):
            improvements.say(experience, improved)
            experience.write_credit(co_authors or {})
            likeness.remember(experience)
            interviews.over(experience, by=by)
            fill_panel(experience)


def _check_untold(experience: Experience, authors: list[int]) -> None:
    """A story of the same deal under their name would tell whoever judges it who they are (RULES 4.2)."""
    if experience.deal_id is None or not stories.is_told_by(experience.deal_id, authors):
        return
    raise Invalid(
        Phrase(
            "The story of this deal stands under its author’s name: reviewers find you by it. "
            "Archive the story until this is decided."
        )
    )


def _check_own_words(experience: Experience) -> None:
    """A quote leads its reviewers to the deal, where everybody reads whose it is (RULES 4.2)."""
    deal = Deal.get_or_none(Deal.id == experience.deal_id) if experience.deal_id else None
    texts = {name: getattr(experience, name) for name in PARTS}
    if deal is None or not (found := quotes_in(texts, deal, by=experience.author)):
        return
    raise Invalid(
        {
            name: Phrase(
                "“%(quote)s” stands so in the notes of the deal: reviewers find you by it. Say it anew.",
                quote=quote,
            )
            for name, quote in found.items()
        }
    )


def _near(experience: Experience, said_before: Sequence[int], *, improvement: bool) -> Experience | None:
    """What it repeats, or says in other words. Raises Invalid where that was decided already, word for word:
    what says more besides may improve it.
    """
    found = likeness.likest(experience)
    decided = ("rejected", "merged") if improvement else ("accepted", "rejected", "merged")
    if found and found[1] == 1 and found[0].state in decided:
        experience.near = found[0]
        words = Phrase("This was decided already, word for word: “%(title)s”.", title=found[0].title)
        raise Invalid({"": words})
    return found[0] if found else likeness.first_of(said_before)


def _to_improve(experience: Experience, near: Experience | None, co_authors: list[Person]) -> Experience:
    """What it goes into: as it was handed in to improve before, else what it repeats. What was handed in on
    its own stays so: whose it would improve may be judging it. Raises Invalid.
    """
    found = improved_by(experience) if experience.submitted_at else near
    if found is None or not is_standing(found):
        raise Invalid({"": Phrase("What it improves is not there any more: hand it in on its own.")})
    improvements.check(experience, found, [experience.author_id, *(each.id for each in co_authors)])
    return found


def _ask_whether_it_differs(experience: Experience) -> None:
    if experience.near is None:
        return
    found = likeness.likest(experience)
    words = Phrase("This seems to be written already, in other words. Improve that one instead?")
    if found:
        share = int(found[1] * 100)
        words = Phrase("%(share)s %% of this is written already. Improve that one instead?", share=share)
    raise Invalid({"duplicate_checked": words})


def asked_to_share(experience: Experience, person: Person) -> Credit | None:
    """The share that a person is asked to agree to, while it can be agreed to."""
    if experience.state in ("accepted", "merged"):
        return None
    mine = (Credit.experience == experience) & (Credit.person == person) & Credit.agreed_at.is_null()
    return Credit.get_or_none(mine)


def agree_to_share(experience: Experience, *, by: Person) -> None:
    """A co-author agrees: they are credited, and no longer asked to judge it. Twice is harmless.

    Raises Invalid for whoever gave a review of it: nobody shares in what they judged (RULES 4.2).
    """
    credit = asked_to_share(experience, by)
    if credit is None:
        return
    mine = (Review.experience == experience) & (Review.reviewer == by)
    if Review.select().where(mine & Review.completed_at.is_null(False)).exists():
        raise Invalid(Phrase("You gave a review of it: who judged it cannot share in it."))
    with db.atomic():
        credit.agreed_at = clock.now()
        credit.save(only=[Credit.agreed_at])
        Clock.stop(credit, "co-author")
        experience.track("co-author agreed", by=by)
        experience.reindex()
        for review in Review.select().where(
            mine & Review.completed_at.is_null() & Review.declined_at.is_null()
        ):
            review.pass_on("conflict", by=by)
        fill_panel(experience)


def decline_to_share(experience: Experience, *, by: Person) -> None:
    """Not theirs: the share goes back to the author, who is told. Twice is harmless."""
    credit = asked_to_share(experience, by)
    if credit is None:
        return
    with db.atomic():
        mine = (Credit.experience == experience) & (Credit.person == experience.author_id)
        Credit.update(share=Credit.share + credit.share).where(mine).execute()
        Clock.stop(credit, "co-author")
        credit.delete_instance()
        experience.track("co-author declined", by=by)
        said = Phrase("%(name)s does not share in it: %(title)s", name=names(by), title=experience.title)
        Notice.tell(experience.author_id, said, about=experience)


def appeal(experience: Experience, *, by: Person, reason: str) -> None:
    """Ask, once, for new reviewers after a rejection (RULES 4.2). Twice is harmless."""
    if experience.state == "submitted" and experience.appeal_round == experience.round:
        return
    if not experience.is_appealable:
        raise Invalid(Phrase("There is one appeal, against a rejection."))
    if not reason.strip():
        raise Invalid({"reason": Phrase("Say what the reviewers overlooked.")})
    _check_untold(experience, [experience.author_id, *(each.person_id for each in experience.credits())])
    again = experience.round + 1
    facts: dict[str, Any] = {
        "round": again,
        "appeal_round": again,
        "appeal_reason": clean(reason).strip(),
        "submitted_at": clock.now(),
        "decided_at": None,
        "score": None,
        "reason": "",
    }
    with db.atomic():
        if experience.step("submitted", since=("rejected",), **facts):
            experience.track("appealed", by=by)
            fill_panel(experience)


def complete(
    review: Review,
    *,
    by: Person,
    scores: Mapping[str, int],
    verdict: str,
    comment: str = "",
    hard_fail: str = "",
    into: Experience | None = None,
    names_checked: bool = False,
) -> None:
    """Give a judgement; the last of the panel decides the experience. Twice is harmless.

    `scores` names each criterion of the rubric, 0 to 5. A list, reason or comment is needed for `revise`
    and `reject`; `merge` needs `into`. Raises Invalid.
    """
    experience = review.claim()
    if review.completed_at is not None:
        return
    review.check_open(experience)
    if review.is_outside:
        review.pass_on("conflict", by=None)
        fill_panel(experience, since=review.since)
        return
    into = review.improved or into
    review.check(scores, verdict, comment, hard_fail, into)
    for name in rubric.NAMES:
        setattr(review, name, int(scores[name]))
    review.verdict, review.comment, review.hard_fail = verdict, comment.strip(), hard_fail
    review.into, review.completed_at = into if verdict == "merge" else None, clock.now()
    review.names_checked = names_checked
    with db.atomic(), EvidenceSum.together():
        review.save()
        review.track("completed", by=by, changes={"verdict": [None, verdict]})
        Clock.stop(review, "review")
        if experience.is_anchor:
            return
        topics = topics_of(experience.id)
        _thank(review, by, topics, experience)
        settle(experience, topics)


def _thank(review: Review, by: Person, topics: list[int], experience: Experience) -> None:
    """The same for every verdict, once until the experience is decided; counted and shown when the month is
    over, so that nobody reads from it who reviewed what (RULES 4.2, 4.3).
    """
    decided, points = 0, Setting.read("points.review")
    if experience.round > 1:  # what was withdrawn and handed in again is judged again, and thanked for once
        decided = Event.about(experience).where(Event.verb.in_(("revision asked", "rejected"))).count()
    key = f"review-of-{experience.id}-after-{decided}-person-{by.id}"
    since = clock.Month.of(clock.now()).end
    if PointEntry.award(by, points, "review done", subject=review, key=key, at=since):
        Evidence.record(by, topics, "review done", review, key=key, since=since)


def decline(review: Review, *, by: Person) -> None:
    """'I was involved': pass the review to someone else, at no cost. Twice is harmless."""
    experience = review.claim()
    if review.completed_at is not None:
        raise Invalid(Phrase("You have given this review already."))
    if review.declined_at is None:
        review.pass_on("conflict", by=by)
        fill_panel(experience, since=review.since)


@step("review", "away")
def spare(waiting: Clock) -> datetime | None:
    """Its reviewer is away from today on."""
    return None if _passes_on_while_away(waiting) else _overtaken(waiting)


def _passes_on_while_away(waiting: Clock) -> bool:
    """Ask whoever may be asked instead, if there is anyone, for a reviewer who is away most of the days in
    which a review is due; whether there was. Nobody takes a review over by noting its reviewer away
    (RULES 4.2).
    """
    review = Review.get_by_id(waiting.subject)
    experience = review.claim()
    if not review.is_open or experience.state != "submitted" or experience.round != review.round:
        return False
    (chosen, lead), me, involved = _instead_of(review), review.reviewer_id, conflicted(experience)
    other = next((who for who in chosen if me in away_for_term(but_by={*involved, who})), None)
    if other is None:
        return False
    review.pass_on("late", by=None)
    if not experience.is_anchor:
        assign(experience, other, is_panel_lead=int(lead), since=review.since)
        fill_panel(experience)
    return True


def _instead_of(review: Review) -> tuple[list[int], bool]:
    """Who may be asked in a reviewer's place, the first at first, and whether as panel lead: in the place of
    one, or once one is due.
    """
    competent, others = candidates(review.experience)
    lead_at = Calendar.read().add(review.since, Setting.as_of("review.lead_days", review.since))
    lead = bool(review.is_panel_lead) or clock.now() >= lead_at
    return [*others, *competent] if lead else competent, lead


def _overtaken(waiting: Clock) -> datetime | None:
    """Take the step of its days that came due just before another one took its place."""
    days = (ClockStep.clock == waiting) & ClockStep.name.in_(("reassign", "panel lead"))
    due = ClockStep.select().where(days & (ClockStep.due_at <= clock.now())).exists()
    return replace(waiting) if due else None


@step("review", "remind")
def remind(waiting: Clock) -> None:
    """Tell a reviewer, once, that their review is waited for; who is away is spared it."""
    if _passes_on_while_away(waiting):
        return
    review = Review.get_by_id(waiting.subject)
    Notice.tell(
        review.reviewer_id,
        Phrase("Your review is waited for: %(title)s", title=review.experience.title),
        about=review,
        key=f"review-reminder-{review.id}",
        waits=f"{review} review",
    )


@step("review", "role")
def look_again(waiting: Clock) -> datetime | None:
    """A role of its reviewer is gone: someone else is asked, if this one needed it."""
    review = Review.get_by_id(waiting.subject)
    return replace(waiting) if is_unfit(review, review.claim()) else _overtaken(waiting)


@step("review", "reassign", "panel lead", "left")
def replace(waiting: Clock) -> datetime | None:
    """Ask someone else when a review waits too long or its reviewer left, in the end the panel lead.

    A panel lead who is late is replaced as well. With nobody else, the reviewer is reminded, administrators
    are told once a panel lead was due, and it is tried again in an hour.
    """
    review = Review.get_by_id(waiting.subject)
    experience = review.claim()
    if not review.is_open or experience.state != "submitted" or experience.round != review.round:
        return None
    if experience.is_anchor:
        review.pass_on("late", by=None)
        return None
    chosen, lead = _instead_of(review)
    if not chosen:
        remind(waiting)
        if lead:
            call_for_reviewers(experience, waits=review, what="review")
        return clock.now() + AGAIN
    review.pass_on("late", by=None)
    assign(experience, chosen[0], is_panel_lead=int(lead), since=review.since)
    fill_panel(experience)
    return None


@step("panel", "fill")
def fill(waiting: Clock) -> datetime | None:
    """Offer a seat again that nobody could take."""
    experience = Experience.get_by_id(waiting.subject)
    if fill_panel(experience):
        return clock.now() + AGAIN
    Clock.stop(experience, "panel")
    return None


def revoke(experience: Experience, *, by: Person, reason: str, note: str = "") -> None:
    """Take an acceptance back. Twice is harmless; a fault found later takes the place of another reason.

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
    facts: dict[str, Any] = {
        "acceptance": acceptance,
        "reason": reason,
        "note": note.strip(),
        "by": by,
        "at": clock.now(),
    }
    Revocation(**facts).check_personal_data()
    with db.atomic():
        hold(experience.id)  # nothing is merged into it meanwhile
        if not Revocation.insert(facts).on_conflict_ignore().execute() and not _put_fault_first(facts):
            return
        experience.track("revoked", by=by, changes={"reason": [None, reason]})
        if acceptance.article is not None:
            acceptance.article.revoke(by=by)
            rewrites.leave(acceptance.article, by=by)
        if reason in AT_FAULT:
            _take_back(experience, acceptance)
            weigh_resting_on(experience)
            leave_out(experience)
        experience.reindex()
        tell(experience, Phrase("Its acceptance was revoked: %(title)s", title=experience.title))


def erase(article: Article, *, by: Person, names: bool = False, words: str = "") -> dict[str, int]:
    """Take personal data out of an article, and out of the experience and the reviews that it came from.

    Gives how many pieces of each kind (RULES 4.10).
    """
    count = Counter[str]()
    with db.atomic():
        count.update(article.erase(by=by, names=names, words=words))
        told = Experience.rewrites == article
        if article.origin_kind == Experience.kind():
            told |= Experience.id == article.origin
        for experience in Experience.select().where(told):
            count.update(erasing.erase(experience, by=by, names=names, words=words))
    return dict(count)


def _put_fault_first(facts: Mapping[str, Any]) -> bool:
    """Keep a fault in the place of a reason that was none; False when there is no such reason."""
    if facts["reason"] not in AT_FAULT:
        return False
    harmless = (Revocation.acceptance == facts["acceptance"]) & Revocation.reason.not_in(AT_FAULT)
    return bool(Revocation.update(facts).where(harmless).execute())


def _take_back(experience: Experience, acceptance: Acceptance) -> None:
    Evidence.withdraw(experience)
    if acceptance.article is not None:
        Evidence.withdraw(acceptance.article)
    for credit in Credit.select().where(Credit.experience == experience):
        PointEntry.reverse(points_key(experience, credit.person_id))
