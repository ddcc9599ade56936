"""The embedded index among several processes, after a crash, and after a change of format."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from portal.search import Embedded, EngineDown, IndexEntry, Query, entries, find
from portal.search.embedded import FORMAT
from tests.search.conftest import EVERYONE, article

WRITER = """
import sys
from pathlib import Path
from portal.search import Embedded
from tests.search.conftest import article
index = Embedded(Path(sys.argv[1]))
for number in range(int(sys.argv[2]), 10_000):
    index.index([article(str(number), f"仓库 {number}")])
    print(number, flush=True)
"""


def start_writer(path: Path, first: int = 0) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(first)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout
    process.stdout.readline()
    return process


def end(process: "subprocess.Popen[str]") -> list[int]:
    """Kills it with no warning; gives the numbers that it had called written."""
    process.send_signal(signal.SIGKILL)
    out, _ = process.communicate()
    return [int(line) for line in out.split()]


def ids(index: Embedded, text: str = "") -> set[str]:
    def load(ids: Sequence[str]) -> dict[str, IndexEntry]:
        return {id: entries(article(id.removeprefix("article-"), "仓库"))[0] for id in ids}

    return {hit.id for hit in find(index, Query(text, groups=EVERYONE, size=1000), load).hits}


def test_one_process_writes_and_the_others_read(tmp_path: Path) -> None:
    path = tmp_path / "index"
    process = start_writer(path)
    reader = Embedded(path)
    try:
        with pytest.raises(EngineDown) as refused:
            reader.open_writer()
        assert refused.value.reason == "busy"
        before = reader.health().documents
        deadline = time.monotonic() + 20
        while reader.health().documents <= before + 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert reader.health().documents > before + 3
        assert "article-0" in ids(reader, "仓库 0")
    finally:
        end(process)
    reader.open_writer()
    reader.close_writer()


def test_what_was_written_outlives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "index"
    first = 0
    for pause in (0.0, 0.05, 0.13, 0.21):
        process = start_writer(path, first)
        time.sleep(pause)
        told = end(process)
        first = max(told, default=first) + 1
        held = ids(Embedded(path))
        assert {f"article-{number}" for number in range(first)} <= held
        assert len(held) <= first + 1


def test_the_writer_is_given_back(tmp_path: Path) -> None:
    first, second = Embedded(tmp_path / "index"), Embedded(tmp_path / "index")
    first.index([article("1", "仓库")])
    first.close_writer()
    second.index([article("2", "仓库")])
    assert ids(first) == {"article-1", "article-2"}


def test_another_format_asks_for_a_rebuild_and_gets_one(tmp_path: Path) -> None:
    path = tmp_path / "index"
    index = Embedded(path)
    index.index([article("1", "仓库")])
    index.close_writer()
    current = json.loads((path / "current.json").read_text())
    (path / "current.json").write_text(json.dumps({**current, "format": FORMAT - 1}))
    old = Embedded(path)
    assert old.health().rebuild_needed
    with pytest.raises(EngineDown) as refused:
        ids(old, "仓库")
    assert refused.value.reason == "rebuild"
    new = old.begin_rebuild()
    new.index([article("2", "仓库")])
    old.finish_rebuild(new)
    assert ids(old) == {"article-2"}
    assert old.health().ok
    assert len(list(path.glob("index-*"))) == 1


@pytest.mark.parametrize("damage", ["current", "meta", "gone"])
def test_a_damaged_index_says_so_and_can_be_rebuilt(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "index"
    index = Embedded(path)
    index.index([article("1", "仓库")])
    index.close_writer()
    folder = next(path.glob("index-*"))
    if damage == "gone":
        for file in folder.iterdir():
            file.unlink()
    else:
        (path / "current.json" if damage == "current" else folder / "meta.json").write_text("{")
    hurt = Embedded(path)
    assert not hurt.health().ok
    assert hurt.health().rebuild_needed
    new = hurt.begin_rebuild()
    new.index([article("1", "仓库")])
    hurt.finish_rebuild(new)
    assert ids(hurt) == {"article-1"}


def test_reading_goes_on_while_many_write_and_rebuild(tmp_path: Path) -> None:
    index = Embedded(tmp_path / "index")
    index.index([article(str(n), "仓库") for n in range(20)])
    troubles: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                assert len(ids(index, "仓库")) == 20
            except BaseException as trouble:
                troubles.append(trouble)
                return

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(3):
        index.index([article("1", "仓库")])
        new = index.begin_rebuild()
        new.index([article(str(n), "仓库") for n in range(20)])
        index.finish_rebuild(new)
    done.set()
    for reader in readers:
        reader.join()
    assert troubles == []
