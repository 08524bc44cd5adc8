"""A model made by others either behaves or is one line, within the limits of the box."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import ecgclip
from ecgclip.box.limits import SECONDS
from ecgclip.encoders.model_files import IMAGE_GRAPH, TEXT_GRAPH
from ecgclip.encoders.settings import ModelConfig
from ecgclip.engine.model import load_model
from ecgclip.errors import ModelError
from ecgclip.paper.page import CanonicalPage

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


def elsewhere() -> onnx.TensorProto:
    tensor = constant("steps", 5, np.int64)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="w.bin")
    return tensor


def looping(steps: str = "steps", start: str = "pixels") -> onnx.NodeProto:
    """A loop that changes nothing."""
    values = {"step": TensorProto.INT64, "going": TensorProto.BOOL}
    inputs = [helper.make_tensor_value_info(name, kind, []) for name, kind in values.items()]
    inputs.append(helper.make_tensor_value_info("x", TensorProto.FLOAT, None))
    outputs = [helper.make_tensor_value_info("still", TensorProto.BOOL, [])]
    outputs.append(helper.make_tensor_value_info("y", TensorProto.FLOAT, None))
    body = [helper.make_node("Identity", ["going"], ["still"]), helper.make_node("Abs", ["x"], ["y"])]
    return helper.make_node(
        "Loop", [steps, "", start], ["vectors"], body=helper.make_graph(body, "body", inputs, outputs)
    )


def where_ink_is(
    blank: object, inked: object, kind: type
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """`chosen`: one value for a blank page, another for one with ink. Only a real page tells them apart."""
    nodes = [
        helper.make_node("ReduceMax", ["pixels"], ["darkest"], keepdims=0),
        helper.make_node("Greater", ["darkest", "nothing"], ["is_inked"]),
        helper.make_node("Where", ["is_inked", "inked", "blank"], ["chosen"]),
    ]
    return nodes, [
        constant("nothing", 0.1, np.float32),
        constant("inked", inked, kind),
        constant("blank", blank, kind),
    ]


def filling_on_ink(side: int) -> bytes:
    """As much memory as the side says, squared, once there is ink on the page."""
    nodes, constants = where_ink_is([2, 2], [side, side], np.int64)
    nodes += [
        helper.make_node("ConstantOfShape", ["chosen"], ["large"]),
        helper.make_node("ReduceSum", ["large"], ["sum"], keepdims=0),
        helper.make_node("Add", ["row", "sum"], ["vectors"]),
    ]
    return made(nodes, *constants, constant("row", [[1.0] * DIM], np.float32))


def looping_on_ink() -> bytes:
    nodes, constants = where_ink_is(1, 2**40, np.int64)
    nodes.append(looping("chosen", "row"))
    return made(nodes, *constants, constant("row", [[1.0] * DIM], np.float32))


def not_a_number_on_ink() -> bytes:
    nodes, constants = where_ink_is(1.0, np.nan, np.float32)
    nodes.append(helper.make_node("Mul", ["row", "chosen"], ["vectors"]))
    return made(nodes, *constants, constant("row", [[1.0] * DIM], np.float32))


def steering() -> bytes:
    """A node whose name sets the title of a terminal, and which cannot be run."""
    node = helper.make_node("Reshape", ["pixels", "shape"], ["vectors"], name="\x1b]0;owned\x07\u202e")
    return made([node], constant("shape", [7], np.int64))


def terabyte() -> bytes:
    """A constant of 10 ** 12 numbers, made while the graph is opened."""
    nodes = [
        helper.make_node("ConstantOfShape", ["shape"], ["large"]),
        helper.make_node("ReduceSum", ["large"], ["sum"], keepdims=0),
        helper.make_node("Add", ["pixels", "sum"], ["vectors"]),
    ]
    return made(nodes, constant("shape", [1_000_000, 1_000_000], np.int64))


IMAGE: dict[str, tuple[Callable[[], bytes], str]] = {
    "loop": (lambda: made([looping()], constant("steps", 2**62, np.int64)), "takes more than 2 s"),
    "a name that steers": (steering, "cannot be run"),
    "terabyte": (terabyte, r"needs more than \d+ MB|cannot be run|no readable ONNX graph"),
    "not a number": (lambda: vectors_of(np.nan), "vectors without a direction"),
    "shorter vectors": (lambda: vectors_of(1.0, 9), "expected 1 vectors of 256"),
    "another input": (lambda: (SHIPPED / TEXT_GRAPH).read_bytes(), "cannot be run"),
    "nought": (lambda: vectors_of(0.0), "vectors without a direction"),
    "cut": (lambda: (SHIPPED / IMAGE_GRAPH).read_bytes()[:9999], "no readable ONNX graph"),
    "nothing": (lambda: b"", "no readable ONNX graph"),
    "weights elsewhere": (lambda: made([looping()], elsewhere()), "keeps weights in another file"),
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
    found = load_model(folder).encoder.embed_ink(np.zeros((1, 256, 512), np.uint8))
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


INKED = np.full((1, 256, 512), 255, np.uint8)
ON_INK: dict[str, tuple[Callable[[], bytes], str]] = {
    "a loop": (looping_on_ink, "takes more than 2 s"),
    "3 GB": (lambda: filling_on_ink(28_000), r"needs more than \d+ MB|cannot be run"),
    "a terabyte": (lambda: filling_on_ink(1_000_000), r"needs more than \d+ MB|cannot be run"),
    "not a number": (not_a_number_on_ink, "vectors without a direction"),
}


@pytest.mark.parametrize("kind", ON_INK)
def test_a_model_that_only_a_real_page_upsets_is_one_line_then(
    kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECONDS, "2")
    data, expected = ON_INK[kind]
    (folder / IMAGE_GRAPH).write_bytes(data())
    model = load_model(folder)
    blank = model.encoder.embed_ink(np.zeros((1, 256, 512), np.uint8))
    with pytest.raises(ModelError, match=expected) as caught:
        model.encoder.embed_ink(np.stack(list(INKED)))
    assert "\n" not in str(caught.value)
    np.testing.assert_array_equal(model.encoder.embed_ink(np.zeros((1, 256, 512), np.uint8)), blank)


def test_vectors_from_the_box_are_those_of_this_process(folder: Path) -> None:
    pages = (np.random.default_rng(0).random((70, 256, 512)) < 0.04).astype(np.uint8) * 255
    drawn = [CanonicalPage(page, np.zeros((4, 1000), np.float32)) for page in pages]
    reports = [f"sinus rhythm {number}" for number in range(70)]
    boxed, here = load_model(folder, threads=1), load_model(threads=1)
    np.testing.assert_array_equal(boxed.embed_pages(drawn), here.embed_pages(drawn))
    np.testing.assert_array_equal(boxed.embed_reports(reports), here.embed_reports(reports))
    assert boxed.embed_reports([]).shape == (0, 256)


def test_nothing_of_a_model_reaches_the_terminal(folder: Path) -> None:
    (folder / IMAGE_GRAPH).write_bytes(steering())
    command = [sys.executable, "-m", "ecgclip", "info", "--model", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert all(char.isprintable() or char == "\n" for char in done.stdout + done.stderr)
    assert len(done.stderr.splitlines()) == 1
