"""A model made by others either behaves or is one line, within the limits of the box."""

import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import ecgclip
from ecgclip.box.limits import SECONDS
from ecgclip.encoders.graph_operators import operators
from ecgclip.encoders.runtime import IMAGE_GRAPH, TEXT_GRAPH
from ecgclip.encoders.settings import ModelConfig
from ecgclip.engine import load_model
from ecgclip.errors import ModelError

SHIPPED = Path(ecgclip.__file__).parent / "weights" / "ecgclip-tiny"
DIM = ModelConfig.load(SHIPPED).dim


def made(
    nodes: list[onnx.NodeProto],
    *constants: onnx.TensorProto,
    functions: list[onnx.FunctionProto] | None = None,
) -> bytes:
    """An image graph of these nodes, from `pixels` to `vectors`."""
    graph = helper.make_graph(
        nodes,
        "tower",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["batch", 1, 256, 512])],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["batch", None])],
        list(constants),
    )
    sets = [helper.make_opsetid("", 18), helper.make_opsetid("ours", 1)]
    model = helper.make_model(graph, opset_imports=sets, functions=functions or [], ir_version=9)
    return bytes(model.SerializeToString())


def constant(name: str, values: object, kind: type) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(values, kind), name)


def vectors_of(value: float, dim: int = DIM) -> bytes:
    """Answers this number throughout."""
    flat = helper.make_node("ReduceSum", ["pixels", "axes"], ["sum"], keepdims=0)
    shape = helper.make_node("Unsqueeze", ["sum", "one"], ["column"])
    nothing = helper.make_node("Mul", ["column", "nought"], ["none"])
    spread = helper.make_node("Add", ["none", "row"], ["vectors"])
    return made(
        [flat, shape, nothing, spread],
        constant("axes", [1, 2, 3], np.int64),
        constant("one", [1], np.int64),
        constant("nought", 0, np.float32),
        constant("row", [value] * dim, np.float32),
    )


def looping(steps: int) -> onnx.NodeProto:
    """A loop that adds nothing to the pixels, for as many steps."""
    values = {"step": TensorProto.INT64, "going": TensorProto.BOOL}
    inputs = [helper.make_tensor_value_info(name, kind, []) for name, kind in values.items()]
    inputs.append(helper.make_tensor_value_info("x", TensorProto.FLOAT, None))
    outputs = [helper.make_tensor_value_info("still", TensorProto.BOOL, [])]
    outputs.append(helper.make_tensor_value_info("y", TensorProto.FLOAT, None))
    body = [helper.make_node("Identity", ["going"], ["still"]), helper.make_node("Abs", ["x"], ["y"])]
    return helper.make_node(
        "Loop", ["steps", "", "pixels"], ["vectors"], body=helper.make_graph(body, "body", inputs, outputs)
    )


def hidden_loop() -> bytes:
    inner = helper.make_node("Loop", ["", "", "x"], ["y"], body=helper.make_graph([], "body", [], []))
    function = helper.make_function("ours", "Calm", ["x"], ["y"], [inner], [helper.make_opsetid("", 18)])
    return made([helper.make_node("Calm", ["pixels"], ["vectors"], domain="ours")], functions=[function])


def terabyte() -> bytes:
    """A constant of 10 ** 12 numbers, made while the graph is opened."""
    nodes = [
        helper.make_node("ConstantOfShape", ["shape"], ["large"]),
        helper.make_node("ReduceSum", ["large"], ["sum"], keepdims=0),
        helper.make_node("Add", ["pixels", "sum"], ["vectors"]),
    ]
    return made(nodes, constant("shape", [1_000_000, 1_000_000], np.int64))


def slow() -> bytes:
    """Straight on, but a matrix product of 16,384 rows a hundred times."""
    nodes = [helper.make_node("Expand", ["one", "shape"], ["m0"])]
    nodes += [helper.make_node("MatMul", [f"m{i}", f"m{i}"], [f"m{i + 1}"]) for i in range(100)]
    nodes += [helper.make_node("ReduceSum", ["m100"], ["sum"], keepdims=0)]
    nodes += [helper.make_node("Add", ["pixels", "sum"], ["vectors"])]
    return made(nodes, constant("one", 1e-9, np.float32), constant("shape", [4096, 4096], np.int64))


IMAGE: dict[str, tuple[Callable[[], bytes], str]] = {
    "loop": (lambda: made([looping(3)], constant("steps", 2**62, np.int64)), "the operator Loop"),
    "a loop in a function": (hidden_loop, "the operator Loop"),
    "terabyte": (terabyte, r"needs more than \d+ MB|cannot be run|no readable ONNX graph"),
    "slow": (slow, "takes more than 2 s"),
    "not a number": (lambda: vectors_of(np.nan), "expected finite vectors of 256"),
    "shorter vectors": (lambda: vectors_of(1.0, 9), "expected finite vectors of 256"),
    "another input": (lambda: (SHIPPED / TEXT_GRAPH).read_bytes(), "cannot be run"),
    "cut": (lambda: (SHIPPED / IMAGE_GRAPH).read_bytes()[:9999], "cut short"),
    "nothing": (lambda: b"", "no nodes"),
    "text": (lambda: b"no graph at all", "no readable ONNX graph"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    names = ("config.json", "tokenizer.json", IMAGE_GRAPH, TEXT_GRAPH)
    for name in names:
        shutil.copyfile(SHIPPED / name, tmp_path / name)
    return tmp_path


def refused(folder: Path, expected: str) -> None:
    with pytest.raises(ModelError, match=expected) as caught:
        load_model(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", IMAGE)
def test_a_graph_that_is_no_tower_is_one_line(
    kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECONDS, "2")
    data, expected = IMAGE[kind]
    (folder / IMAGE_GRAPH).write_bytes(data())
    refused(folder, expected)


def test_a_copy_of_the_shipped_model_behaves_and_so_does_a_made_one(folder: Path) -> None:
    assert load_model(folder).hash == load_model().hash
    (folder / IMAGE_GRAPH).write_bytes(vectors_of(1.0))
    found = load_model(folder).embed_ink([np.zeros((256, 512), np.uint8)])
    np.testing.assert_allclose(found, 1 / 16, rtol=1e-6)


def with_pattern(text: str) -> str:
    """A pattern that takes for ever on a long report."""
    tokenizer = json.loads(text)
    tokenizer["pre_tokenizer"] = {
        "type": "Split",
        "pattern": {"Regex": "(a+)+$"},
        "behavior": "Removed",
        "invert": False,
    }
    return json.dumps(tokenizer)


TEXTS: dict[str, tuple[str, Callable[[str], str], str]] = {
    "a pattern": ("tokenizer.json", with_pattern, "its settings are not those"),
    "deep": ("tokenizer.json", lambda text: "[" * 100_000, "no tokenizer of ecgclip"),
    "large": ("tokenizer.json", lambda text: text + " " * (16 << 20), "larger than"),
    "deep settings": ("config.json", lambda text: "[" * 100_000, "no model configuration"),
    "large settings": ("config.json", lambda text: text + " " * (1 << 20), "larger than"),
    "an immense page": (
        "config.json",
        lambda text: text.replace('"width_px": 512', '"width_px": 512000000000'),
        "needs more than|whole multiple|this model",
    ),
    "other vectors": (
        "config.json",
        lambda text: text.replace('"dim": 256', '"dim": 9'),
        "vectors of 9 numbers",
    ),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_settings_and_tokenizers_that_are_no_such(kind: str, folder: Path) -> None:
    name, change, expected = TEXTS[kind]
    text = (folder / name).read_text()
    assert change(text) != text
    (folder / name).write_text(change(text))
    refused(folder, expected)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", IMAGE_GRAPH, TEXT_GRAPH])
def test_a_pipe_in_place_of_a_file_is_not_waited_for(name: str, folder: Path) -> None:
    (folder / name).unlink()
    os.mkfifo(folder / name)
    refused(folder, name)


def test_the_operators_are_those_that_onnx_sees() -> None:
    for name in (IMAGE_GRAPH, TEXT_GRAPH):
        graph = onnx.load(SHIPPED / name).graph
        assert operators((SHIPPED / name).read_bytes()) == {node.op_type for node in graph.node}
    assert operators(hidden_loop()) == {"Calm", "Loop"}
    assert operators(made([looping(3)])) == {"Loop", "Identity", "Abs"}


def test_damaged_graphs_are_walked_without_another_error() -> None:
    rng, whole = np.random.default_rng(0), made([looping(3)], constant("steps", 5, np.int64))
    for _ in range(2000):
        damaged = bytearray(whole[: int(rng.integers(1, len(whole)))])
        for place in rng.integers(0, len(damaged), 4):
            damaged[place] = int(rng.integers(256))
        with suppress(ModelError):
            assert operators(bytes(damaged))
