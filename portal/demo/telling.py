"""How an experience of the demo story is told in few words: who, when, what, and how it was judged."""

from __future__ import annotations

from portal.demo.shapes import Experience, ExperienceKind, ExperienceState, Moment, Review

Judged = tuple[str, str, str]  # reviewer, five digits (correct, reusable, new, clear, linked), comment


def lesson(
    key: str,
    state: ExperienceState,
    kind: ExperienceKind,
    author: str,
    deal: str | None,
    links: tuple[str | None, str | None, tuple[str, ...]],
    when: tuple[int, int],
    title: str,
    situation: str,
    doubt: str,
    action: str,
    outcome: str,
    said: str,
    *judged: Judged,
    days: tuple[int, ...] = (1, 2, 4),
    reason: str = "",
    merged_into: str | None = None,
    worked_for: tuple[str, ...] = (),
) -> Experience:
    """An experience; `links` are customer type, product, topics; `days` from submission to each review.

    A draft's `when` is the day of writing. The last review decides, unless the state says otherwise.
    """
    written = Moment(*when, 19, 30)
    submitted = None if state == "draft" else written.later(0, 19, 45)
    reviews = tuple(
        Review(
            reviewer,
            (int(digits[0]), int(digits[1]), int(digits[2]), int(digits[3]), int(digits[4])),
            comment,
            written.later(after, 11 + turn * 2, 5 + turn * 17),
        )
        for turn, ((reviewer, digits, comment), after) in enumerate(zip(judged, days, strict=False))
    )
    decided: Moment | None = None
    decided_by: str | None = None
    if state in ("accepted", "rejected", "merged", "revision_asked"):
        decided, decided_by = reviews[-1].on, reviews[-1].reviewer
    elif state == "withdrawn":
        decided, decided_by = written.later(2, 12), author
    customer_type, product, topics = links
    return Experience(
        key=key,
        kind=kind,
        state=state,
        author=author,
        title=title,
        situation=situation,
        doubt=doubt,
        action=action,
        outcome=outcome,
        lesson=said,
        customer_type=customer_type,
        product=product,
        topics=topics,
        deal=deal,
        written=written,
        submitted=submitted,
        reviews=reviews,
        decided=decided,
        decided_by=decided_by,
        reason=reason,
        merged_into=merged_into,
        worked_for=worked_for,
    )
