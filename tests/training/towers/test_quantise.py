"""Convolutions along a line as 8-bit products, against the fp32 operator of ONNX Runtime."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from ecgclip.training.towers.quantise import quantise


def graph_of(weights, bias=None, width=None, **attributes):
    """One convolution of [n, channel, 3, width]; None: of any width."""
    initializers = [numpy_helper.from_array(weights, "w")]
    if bias is not None:
        initializers.append(numpy_helper.from_array(bias, "b"))
    node = helper.make_node(
        "Conv", ["x", "w", "b"][: 2 + (bias is not None)], ["y"], name="conv", **attributes
    )
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", channels, None, across])
        for name, channels, across in (("x", weights.shape[1], width), ("y", weights.shape[0], None))
    ]
    graph = helper.make_graph([node], "one", ends[:1], ends[1:], initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def both(tmp_path, model, x):
    """The fp32 and the 8-bit answer, and the operators of the second graph."""
    onnx.save(model, tmp_path / "fp32.onnx")
    truth = onnxruntime.InferenceSession(tmp_path / "fp32.onnx").run(None, {"x": x})[0]
    quantise(tmp_path / "fp32.onnx", tmp_path / "int8.onnx")
    found = onnxruntime.InferenceSession(tmp_path / "int8.onnx").run(None, {"x": x})[0]
    return truth, found, {node.op_type for node in onnx.load(tmp_path / "int8.onnx").graph.node}


def normal(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("width", [20, 21])
@pytest.mark.parametrize(("kernel", "stride"), [(7, 1), (3, 2), (5, 3)])
def test_a_product_over_shifts_is_the_convolution(tmp_path, kernel, stride, width):
    pads = [0, kernel // 2, 0, kernel // 2]
    model = graph_of(normal(16, 64, 1, kernel), normal(16), width, strides=[1, stride], pads=pads)
    # negative values, too: the zero of the 8-bit range is then not 0, and the ends must be filled with it
    truth, found, operators = both(tmp_path, model, normal(2, 64, 3, width) - 0.5)
    assert found.shape == truth.shape
    assert np.abs(found - truth).max() < 0.02 * np.abs(truth).max()
    assert "MatMulInteger" in operators
    assert "Conv" not in operators


def test_channels_of_very_different_size_keep_their_precision(tmp_path):
    weights = normal(16, 64, 1, 3) * np.logspace(-3, 3, 16, dtype=np.float32)[:, None, None, None]
    truth, found, _ = both(tmp_path, graph_of(weights, width=8, pads=[0, 1, 0, 1]), normal(1, 64, 3, 8))
    error = np.abs(found - truth).max(axis=(0, 2, 3)) / np.abs(truth).max(axis=(0, 2, 3))
    assert error.max() < 0.02


@pytest.mark.parametrize(
    ("shape", "attributes"),
    [
        ((8, 32, 1, 3), {"pads": [0, 1, 0, 1]}),  # few channels
        ((8, 64, 3, 3), {"pads": [1, 1, 1, 1]}),  # not along a line
        ((8, 64, 1, 3), {}),  # not centred
        ((8, 64, 1, 4), {"pads": [0, 2, 0, 2]}),  # without a middle
        ((8, 64, 1, 3), {"pads": [0, 1, 0, 1], "strides": [2, 1]}),  # leaves lines out
        ((8, 64, 1, 3), {"pads": [0, 2, 0, 2], "dilations": [1, 2]}),
    ],
)
def test_other_convolutions_stay_as_they_are(tmp_path, shape, attributes):
    truth, found, operators = both(
        tmp_path, graph_of(normal(*shape), width=9, **attributes), normal(1, shape[1], 3, 9)
    )
    assert np.array_equal(found, truth)
    assert operators == {"Conv"}


def test_a_convolution_of_a_line_of_any_length_stays_as_it_is(tmp_path):
    model = graph_of(normal(8, 64, 1, 3), pads=[0, 1, 0, 1])
    truth, found, operators = both(tmp_path, model, normal(1, 64, 3, 9))
    assert np.array_equal(found, truth)
    assert operators == {"Conv"}
