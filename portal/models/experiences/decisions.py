"""What follows from a panel's opinions: accepted, revised, merged, rejected."""

from __future__ import annotations

from typing import Any

from portal import clock, i18n
from portal.i18n import Phrase
from portal.models.company.settings import Setting
from portal.models.experiences import rubric
from portal.models.experiences.experiences import Credit, Experience
from portal.models.experiences.mergers import ask_to_take_in
from portal.models.experiences.panels import fill_panel, panel
from portal.models.experiences.parts import compose
from portal.models.experiences.reviews import Acceptance, Review, hold
from portal.models.expertise.expertise import Evidence
from portal.models.expertise.points import PointEntry
from portal.models.knowledge import scores
from portal.models.knowledge.articles import Article
from portal.models.knowledge.outcomes import SuggestionOutcome
from portal.models.people.notices import Notice
from portal.text.personal_data import WORDS, Find
from portal.text.writing import summary_of

KIND_OF_ARTICLE = {"debrief": "experience", "question": "answer", "suggestion": "suggestion"}


def settle(experience: Experience, topics: list[int]) -> None:
    """Decide an experience if its panel is complete, else ask whoever is still missing.

    The caller holds the experience's row. Of two reviewers who finish at the same moment, the later one
    decides, once. `topics`: ids of what it is about.
    """
    done = [review for review in panel(experience) if review.completed_at is not None]
    weights = experience.rule("review.weights")
    outcome = rubric.decide(
        [review.opinion(weights) for review in done],
        pass_mark=experience.rule("review.pass_mark"),
        gap=experience.rule("review.gap"),
        size=experience.panel_size,
        least_correct=experience.rule("review.least_correct"),
    )
    if outcome is None:
        fill_panel(experience)
        return
    if experience.is_rewrite:
        _judge_again(experience, done, round(outcome.score * 100), accepted=outcome.verdict == "accept")
        return
    final = outcome.verdict in ("accept", "merge")
    score = round(outcome.score * 100)
    facts: dict[str, Any] = {"score": score, "decided_at": clock.now(), "reason": _comments(done)}
    told = experience.personal_data(numbers_only=True) if final else {}
    if outcome.verdict == "accept" and not told:
        _accept(experience, experience.final_credits(), topics, facts)
    elif outcome.verdict == "merge" and not told and (into := _improved(done)) is not None:
        _merge(experience, into, experience.final_credits(), topics, facts)
    elif outcome.verdict == "reject":
        _reject(experience, experience.credits(), facts)
    else:
        _revise(experience, experience.credits(), facts | {"reason": _asked(experience, done, told)})


def _judge_again(experience: Experience, done: list[Review], score: int, *, accepted: bool) -> None:
    """A changed text has a score of its own, or none still; nothing is earned or counted for it again."""
    facts: dict[str, Any] = {"score": score, "decided_at": clock.now(), "reason": _comments(done)}
    article = Article.get_by_id(experience.rewrites_id)
    if not accepted:
        facts |= {"reason": _asked(experience, done, {})}
        if experience.step("rejected", since=("submitted",), **facts):
            experience.track("rejected", changes={"score": [None, score]})
            text = Phrase("The changed text has no score yet: %(title)s", title=experience.title)
            tell(experience, text)
    elif experience.step("accepted", since=("submitted",), **facts):
        scores.take_score(article, score, number=experience.rewritten_number or 1)
        experience.track("accepted", changes={"score": [None, score]})
        text = Phrase("The changed text is reviewed and has its score: %(title)s", title=experience.title)
        tell(experience, text, article=article)


def _asked(experience: Experience, done: list[Review], told: dict[str, list[Find]]) -> str:
    """What its author is asked to change, never nothing: what the reviewers wrote, what must not be published
    (which kinds of data, not what), what they found to fail outright; else what cost it most points.
    """
    kinds = list(dict.fromkeys(WORDS[find.kind] for finds in told.values() for find in finds))
    fails = dict.fromkeys(review.hard_fail for review in done if review.hard_fail)
    with i18n.speaking(experience.author.locale):
        said = [_comments(done), *(i18n.gettext(rubric.HARD_FAILS[fail]) for fail in fails)]
        if kinds:
            said.append(i18n.gettext(Phrase("Take out what tells who it is: %(finds)s.", finds=kinds)))
        return "\n\n".join(filter(None, said)) or "\n".join(_what_cost_most(experience, done))


def _what_cost_most(experience: Experience, done: list[Review]) -> list[str]:
    """The criteria in which points were lost, the costliest first, as a Markdown list."""
    weights = experience.rule("review.weights")
    lost = [
        (weight * sum(5 - getattr(review, criterion.name) for review in done), criterion)
        for weight, criterion in zip(weights, rubric.CRITERIA, strict=True)
    ]
    costly = sorted((pair for pair in lost if pair[0]), key=lambda pair: -pair[0])
    return [
        f"- {i18n.gettext(each.label)}{i18n.gettext(': ')}{i18n.gettext(each.help)}" for _, each in costly
    ]


def _accept(experience: Experience, credits: list[Credit], topics: list[int], facts: dict[str, Any]) -> None:
    if not experience.step("accepted", since=("submitted",), **facts):
        return
    score = facts["score"]
    article = publish(experience, credits, topics, score)
    Acceptance.create(experience=experience, at=facts["decided_at"], score=score, article=article)
    if experience.kind_of == "suggestion":
        SuggestionOutcome.await_answer(article)
    experience.track("accepted", changes={"score": [None, score]})
    _reward(experience, credits, topics, score)
    text = Phrase("Accepted and published under your name: %(title)s", title=experience.title)
    tell(experience, text, credits, article)


def publish(experience: Experience, credits: list[Credit], topics: list[int], score: int | None) -> Article:
    """The article that an accepted experience becomes, under its author's name.

    Its parts stand under headings in the language it is written in.
    """
    body = compose(experience)
    return Article.born_of(
        experience,
        title=experience.title,
        body=body,
        kind=KIND_OF_ARTICLE[experience.kind_of],
        author=experience.author_id,
        credits={credit.person_id: credit.share for credit in credits},
        topics=topics,
        score=score,
        proposed_at=experience.first_submitted_at,
        product=experience.product_id,
        customer_type=experience.customer_type_id,
        summary=summary_of(experience.lesson or experience.action or body),
    )


def _reward(experience: Experience, credits: list[Credit], topics: list[int], score: int) -> None:
    """Points are divided by credit (RULES 4.3)."""
    whole = Setting.read("points.accepted")
    for credit, points in _divided(whole, sorted(credits, key=lambda credit: credit.id)):
        key = points_key(experience, credit.person_id)
        if points:
            PointEntry.award(credit.person_id, points, "experience accepted", subject=experience, key=key)
        quality = min(score, 10_000)
        Evidence.record(credit.person_id, topics, "accepted experience", experience, quality=quality, key=key)


def _divided(whole: int, credits: list[Credit]) -> list[tuple[Credit, int]]:
    """Whole points by shares in millionths, largest remainders first: together never more than there are for
    them, rounded half up. Of equal remainders the first named has the point.
    """
    due = (2 * whole * sum(credit.share for credit in credits) + 1_000_000) // 2_000_000
    points = {credit.id: whole * credit.share // 1_000_000 for credit in credits}
    over = sorted(credits, key=lambda credit: -(whole * credit.share % 1_000_000))
    for credit in over[: due - sum(points.values())]:
        points[credit.id] += 1
    return [(credit, points[credit.id]) for credit in credits]


def points_key(experience: Experience, person: int) -> str:
    """Names the deed of having written what was accepted."""
    return f"accepted-experience-{experience.id}-person-{person}"


def _revise(experience: Experience, credits: list[Credit], facts: dict[str, Any]) -> None:
    facts |= {"revision_asked_at": facts["decided_at"]}
    if experience.step("revision", since=("submitted",), **facts):
        experience.track("revision asked", changes={"score": [None, facts["score"]]})
        experience.await_revision()
        tell(experience, Phrase("The reviewers ask for changes: %(title)s", title=experience.title), credits)


def _reject(experience: Experience, credits: list[Credit], facts: dict[str, Any]) -> None:
    if experience.step("rejected", since=("submitted",), **facts, key=None):
        experience.track("rejected", changes={"score": [None, facts["score"]]})
        text = Phrase(
            "Not accepted, with the reasons and the way to appeal: %(title)s", title=experience.title
        )
        tell(experience, text, credits)


def _improved(done: list[Review]) -> Experience | None:
    """What the first who proposed a merger named, of what still stands; nobody takes it back meanwhile."""
    for review in done:
        if review.into_id is not None:
            hold(review.into_id)
            found: Experience | None = review.mergers().where(Experience.id == review.into_id).first()
            if found is not None:
                return found
    return None


def _merge(
    experience: Experience,
    into: Experience,
    credits: list[Credit],
    topics: list[int],
    facts: dict[str, Any],
) -> None:
    """Each credited person gets a part of their share, half as usual (RULES 4.2).

    Of what one of them wrote already, it is an own re-write: that is not counted (RULES 4.1). Its reviewers
    could not know, who read neither author's name.
    """
    percent = experience.rule("review.merged")
    if not experience.step("merged", since=("submitted",), **facts, merged_into=into):
        return
    rewritten = any(into.credited(credit.person) for credit in credits)
    for credit in credits:
        credit.share = max(1, credit.share * percent // 100)
        credit.save(only=[Credit.share])
    Acceptance.create(
        experience=experience, at=facts["decided_at"], score=facts["score"], counts=int(not rewritten)
    )
    experience.track("merged", changes={"into": [None, into.id]})
    if rewritten:
        said = Phrase("Merged into “%(other)s”: its own authors earn no more by it", other=into.title)
    else:
        _reward(experience, credits, topics, facts["score"])
        said = Phrase(
            "Merged into “%(other)s”, with %(percent)s %% of the credit", other=into.title, percent=percent
        )
    tell(experience, said, credits)
    ask_to_take_in(experience)


def _comments(done: list[Review]) -> str:
    """The reviewers' comments, nameless, for the author."""
    return "\n\n".join(review.comment for review in done if review.comment)


def tell(
    experience: Experience, text: Phrase, credits: list[Credit] | None = None, article: Article | None = None
) -> None:
    """Tell everyone who is credited what became of it, and where it is read now."""
    people = {credit.person_id for credit in (experience.credits() if credits is None else credits)}
    for person in sorted(people | {experience.author_id}):
        Notice.tell(person, text, about=article or experience)
