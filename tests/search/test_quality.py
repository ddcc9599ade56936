"""Search on real questions stays above plain BM25: a sample of what `make bench-search` measures in full."""

import random
from pathlib import Path

import pytest

from benchmarks.search import (
    AGREEMENT,
    FLOORS,
    VARIANT_LOSS,
    agreement,
    ask,
    read_set,
    scores,
    variants,
)
from portal.search import Embedded, Engine
from portal.search.meilisearch import Meilisearch
from tests.parts import MeilisearchServer

SAMPLE = 60
# A mean over a sample of sixty may lie so far from the mean over all questions.
CHANCE = 0.08


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_real_questions(
    name: str, shared: Path, tmp_path: Path, meilisearch_server: MeilisearchServer
) -> None:
    meilisearch_server.start()
    known = read_set(shared / "data" / name)
    url, key = meilisearch_server.url, meilisearch_server.master_key
    embedded = Embedded(tmp_path / "index")
    beside = Meilisearch(url, key, index=name, seconds=30, counted=embedded.counted)
    engines: list[Engine] = [embedded, beside]
    asked = random.Random(11).sample(known.questions, SAMPLE)
    told = []
    for engine in engines:
        engine.index(known.docs)
        answers, _ = ask(engine, asked, known)
        told.append(answers)
        got = scores(asked, answers)
        hit1, recall5, mrr10 = FLOORS[name]
        assert got.hit1 > hit1 - CHANCE
        assert got.recall5 > recall5 - CHANCE
        assert got.mrr10 > mrr10 - CHANCE
    assert agreement(told[0], told[1]) > AGREEMENT - CHANCE
    for _, clean, changed in variants(known, 25):
        for engine in engines:
            before, _ = ask(engine, clean, known)
            after, _ = ask(engine, changed, known)
            lost = scores(clean, before).recall5 - scores(changed, after).recall5
            assert lost < VARIANT_LOSS + CHANCE
