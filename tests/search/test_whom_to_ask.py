"""Whom the portal asks, on a forum whose answers are known (`make bench-experts` walks all of it)."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from starlette.applications import Starlette

from benchmarks.experts import BESIDE, Forum, judged, ordered, places, read

SAMPLE = 40


def test_who_knew_the_answer_is_among_the_first_more_often_than_whoever_answers_most(
    app: Starlette, shared_data: Path
) -> None:
    """The first 40 questions: measured .500/.600/.800, and .275/.500/.825 for the most answers so far."""
    posts = read(shared_data / "experts_quantum_se")
    assert len(judged(posts)) == 322
    right = dict(islice(judged(posts).items(), SAMPLE))
    reached = places(Forum(app.state.search).named(posts, right), right)
    plain = places(dict(ordered(posts, right, BESIDE["most answers"])), right)
    assert plain == [0.275, 0.5, 0.825]
    for share, least in zip(reached, (0.45, 0.55, 0.75), strict=True):
        assert share >= least, reached
