"""Last step of rebuilding ``context.onnx``: the small net's weights → one ONNX file with 4-bit weights.

    python -m services.ocr.accents.context_training.export WORK/student.npz WORK CONTEXT.onnx

needs what the steps before wrote into WORK. Weights stay 4-bit in the file; onnxruntime unpacks
them to 8 bits as it loads. Products run on whole numbers of 8 bits: inputs are rounded with fixed steps, taken from the
largest value seen over the dev text, so the result of a line does not depend on the lines beside it.
"""

from __future__ import annotations

import json
import logging
import math
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from services.ocr.accents.context_training import train as training

LOG = logging.getLogger("export")
MASKED = -1e4


def calibrate(net: training.Net, vocabulary: training.Vocabulary, held: dict[str, np.ndarray]) -> dict[str, float]:
    """Largest absolute value that enters each product, over the dev text and the directives."""
    largest: dict[str, float] = {}
    layer = 0

    def see(site: str, x: torch.Tensor) -> torch.Tensor:
        largest[site] = max(largest.get(site, 0.0), float(x.abs().max()))
        return x

    def watched(x, line, together, near, apart, shift, up_bias, qkv, out, up, down, heads, dropout):  # type: ignore[no-untyped-def]
        nonlocal layer
        b, n, d = x.shape
        if layer == 0:
            see("enter", net.watched_input)
        q, k, v = (
            (see(f"qkv{layer}", training.mix(training.norm(x), line, shift)) @ qkv)
            .view(b, n, 3, heads, d // heads)
            .permute(2, 0, 3, 1, 4)
        )
        score = q @ k.mT / math.sqrt(d // heads) + near[:, apart[:n, :n]]
        a = score.masked_fill(~together[:, None], MASKED).softmax(-1) @ v
        x = x + see(f"out{layer}", a.transpose(1, 2).reshape(b, n, d)) @ out
        h = torch.relu(see(f"up{layer}", training.norm(x)) @ up + up_bias)
        x = x + see(f"down{layer}", h) @ down
        layer = (layer + 1) % net.shape.layers
        if layer == 0:
            see("leave", training.norm(x))
        return x

    exact, training.block = training.block, watched
    try:
        for name in ("dev", "directive1", "directive2"):
            training.accuracy(net, vocabulary, held, name, joined=False)
            training.accuracy(net, vocabulary, held, name, joined=True, upper=True)
    finally:
        training.block = exact
    return largest


class Graph:
    """Nodes and constants of the net, as they are added."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.count = 0

    def constant(self, value: np.ndarray, name: str) -> str:
        """Name of a constant tensor."""
        self.constants.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def constant4(self, value: np.ndarray, name: str) -> str:
        """Name of a constant of whole numbers −8…7, kept in 4 bits in the file, 8 bits when loaded."""
        flat = value.astype(np.int8).ravel()
        flat = np.append(flat, np.zeros(len(flat) % 2, np.int8))
        pairs = ((flat[0::2] & 15) | ((flat[1::2] & 15) << 4)).astype(np.uint8)
        self.constants.append(helper.make_tensor(f"{name}.4", TensorProto.INT4, value.shape, pairs.tobytes(), raw=True))
        return self.add("Cast", f"{name}.4", to=TensorProto.INT8)

    def add(self, op: str, *inputs: str, outputs: int = 1, domain: str = "", **attributes: object) -> str:
        """Adds a node; name of its first output (others: the name + '.1' …)."""
        self.count += 1
        name = f"{op}_{self.count}"
        names = [name, *(f"{name}.{i}" for i in range(1, outputs))]
        self.nodes.append(helper.make_node(op, inputs, names, domain=domain, name=name, **attributes))
        return name

    def product(
        self,
        x: str,
        weight: np.ndarray,
        step: np.ndarray,
        bias: np.ndarray | None,
        site: str,
        largest: float,
        *,
        positive: bool = False,
    ) -> str:
        """``x @ (weight * step) + bias`` on whole numbers; ``positive`` also cuts what is below 0 (a ReLU)."""
        scale = self.constant(np.float32(largest / (255 if positive else 127)), f"{site}.scale")
        zero = self.constant(np.uint8(0 if positive else 128), f"{site}.zero")
        whole = self.add("QuantizeLinear", x, scale, zero)
        w = self.constant4(weight, f"{site}.weight")
        inputs = [whole, w, scale, self.constant(step.reshape(-1).astype(np.float32), f"{site}.step"), zero, ""]
        if bias is not None:
            inputs.append(self.constant(bias.astype(np.float32), f"{site}.bias"))
        return self.add("MatMulIntegerToFloat", *inputs, domain="com.microsoft")


def build(raw: dict[str, np.ndarray], vocabulary: dict[str, list], largest: dict[str, float]) -> onnx.ModelProto:  # type: ignore[type-arg]
    """The run-time net.

    Inputs: ``code`` and ``looks`` (((case * gaps) + gap) * 2 + line start) of shape (B, L), full windows of one length;
    ``place``, ``form`` of shape (N,): positions (b * L + l) and the forms to score there. Output ``score`` (N,).
    """
    shape = training.Shape(**json.loads(str(raw["shape"])))
    d, heads, gaps = shape.width, shape.heads, training.GAPS
    first_form = training.NUMBERS + training.BUCKETS + len(vocabulary["keys"])
    g = Graph()
    c = g.constant
    ints = {
        k: c(np.array(v, np.int64), f"i.{k}")
        for k, v in {"0": 0, "1": 1, "2": 2, "m1": [-1], "l0": [0], "l1": [1]}.items()
    }

    table = g.constant4(raw["table"], "table")
    step = c(raw["table.step"].reshape(-1).astype(np.float32), "table.step")
    looks = raw["case"][:, None, None] + raw["gap"][None, :, None] + raw["start"][None, None, :]
    row = g.add("Cast", g.add("Gather", table, "code", axis=0), to=TensorProto.FLOAT)
    row = g.add("Mul", row, g.add("Unsqueeze", g.add("Gather", step, "code", axis=0), ints["m1"]))
    row = g.add(
        "Add", row, g.add("Gather", c(looks.reshape(training.CASES * gaps * 2, -1), "looks.table"), "looks", axis=0)
    )
    x = g.product(row, raw["enter"][0], raw["enter.step"][0], None, "enter", largest["enter"])

    length = g.add("Gather", g.add("Shape", "code"), ints["1"], axis=0)
    places = g.add("Range", ints["0"], length, ints["1"])
    apart = g.add("Sub", g.add("Unsqueeze", places, ints["l0"]), g.add("Unsqueeze", places, ints["l1"]))
    apart = g.add("Add", apart, c(np.array(training.WINDOW - 1, np.int64), "i.middle"))
    plain = c(np.ones(d, np.float32), "ones")
    split3 = c(np.array([0, 0, 3, heads, d // heads], np.int64), "i.split")
    merge = c(np.array([0, 0, d], np.int64), "i.merge")

    for n in range(shape.layers):
        h = g.add("LayerNormalization", x, plain, axis=-1, epsilon=1e-5)
        # A neighbour k words before counts with shift[2 + k]; a convolution counts its taps the other way round.
        taps = c(raw["shift"][n][::-1].T[:, None], f"shift{n}")
        mixed = g.add("Conv", g.add("Transpose", h, perm=[0, 2, 1]), taps, group=d, kernel_shape=[5], pads=[2, 2])
        mixed = g.add("Transpose", mixed, perm=[0, 2, 1])
        scale = raw["qkv.step"][n].copy().reshape(-1)
        scale[:d] /= math.sqrt(d // heads)
        qkv = g.product(mixed, raw["qkv"][n], scale, None, f"qkv{n}", largest[f"qkv{n}"])
        qkv = g.add("Transpose", g.add("Reshape", qkv, split3), perm=[2, 0, 3, 1, 4])
        q, key, value = (g.add("Gather", qkv, ints[i], axis=0) for i in ("0", "1", "2"))
        score = g.add("MatMul", q, g.add("Transpose", key, perm=[0, 1, 3, 2]))
        bias = g.add("Gather", c(raw["near"][n], f"near{n}"), apart, axis=1)
        a = g.add("MatMul", g.add("Softmax", g.add("Add", score, bias), axis=-1), value)
        a = g.add("Reshape", g.add("Transpose", a, perm=[0, 2, 1, 3]), merge)
        x = g.add("Add", x, g.product(a, raw["out"][n], raw["out.step"][n], None, f"out{n}", largest[f"out{n}"]))
        h = g.add("LayerNormalization", x, plain, axis=-1, epsilon=1e-5)
        h = g.product(h, raw["up"][n], raw["up.step"][n], raw["up_bias"][n], f"up{n}", largest[f"up{n}"])
        h = g.product(h, raw["down"][n], raw["down.step"][n], None, f"down{n}", largest[f"down{n}"], positive=True)
        x = g.add("Add", x, h)

    h = g.add("LayerNormalization", x, plain, axis=-1, epsilon=1e-5)
    scale = raw["leave.step"][0] / math.sqrt(shape.embed)
    h = g.product(h, raw["leave"][0], scale, None, "leave", largest["leave"])
    h = g.add("Gather", g.add("Reshape", h, c(np.array([-1, shape.embed], np.int64), "i.flat")), "place", axis=0)
    code = g.add("Add", "form", c(np.int32(first_form), "i.first"))
    row = g.add("Cast", g.add("Gather", table, code, axis=0), to=TensorProto.FLOAT)
    score = g.add("ReduceSum", g.add("Mul", h, row), ints["l1"], keepdims=0)
    score = g.add("Mul", score, g.add("Gather", step, code, axis=0))
    g.nodes.append(helper.make_node("Add", [score, g.add("Gather", c(raw["bias"], "bias"), "form", axis=0)], ["score"]))

    square = ["B", "L"]
    graph = helper.make_graph(
        g.nodes,
        "accents in context",
        [helper.make_tensor_value_info(k, TensorProto.INT32, square) for k in ("code", "looks")]
        + [helper.make_tensor_value_info(k, TensorProto.INT32, ["N"]) for k in ("place", "form")],
        [helper.make_tensor_value_info("score", TensorProto.FLOAT, ["N"])],
        g.constants,
    )
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, producer_name="sohoa context_training")
    model.ir_version = 10
    entry = model.metadata_props.add()
    entry.key = "vocabulary"
    entry.value = "\n".join(" ".join([k, *f]) for k, f in zip(vocabulary["keys"], vocabulary["forms"], strict=True))
    return model


def main(weights: Path, work: Path, out: Path) -> None:
    """Does the whole step; see the module docstring."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    raw = dict(np.load(weights))
    held = dict(np.load(work / "held_out.npz"))
    vocabulary = training.Vocabulary(work / "vocabulary.json", "cpu")
    net = training.load(weights, vocabulary, "cpu").eval()
    largest = calibrate(net, vocabulary, held)
    model = build(raw, json.loads((work / "vocabulary.json").read_text(encoding="utf-8")), largest)
    out.write_bytes(model.SerializeToString())
    LOG.info("%s: %.2f MB", out, out.stat().st_size / 1e6)


if __name__ == "__main__":
    main(*(Path(a) for a in sys.argv[1:4]))
