"""An fp32 graph with 8-bit weights, a quarter of the size: matrix products, and convolutions along a line.

Activations are quantised on the fly, each by its own range.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ecgclip.onnx_graph import onnxruntime
from ecgclip.typing import Float32s

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto


MIN_CHANNELS = 64
"""Convolutions of fewer channels stay fp32: few of the weights, and they lose most from rounding."""


def quantise(fp32: Path, path: Path) -> None:
    """Read the graph `fp32` and write it to `path` with 8-bit weights, one scale for each output channel."""
    import onnx

    quantization = onnxruntime("quantization")
    model = onnx.load(fp32)
    # The exporter's own notes of inner shapes contradict what the quantiser infers anew.
    del model.graph.value_info[:]
    onnx.save(model, fp32)
    quantization.quantize_dynamic(
        fp32,
        path,
        per_channel=True,
        weight_type=quantization.QuantType.QInt8,
        op_types_to_quantize=["MatMul", "Gemm"],
    )
    model = onnx.load(path)
    convolutions_as_products(model)
    onnx.save(model, path)


def convolutions_as_products(model: "ModelProto") -> None:
    """Replace convolutions of kernel 1 x k by one 8-bit matrix product over k shifted copies.

    ONNX Runtime's own 8-bit convolution is three times slower than fp32; this is three times faster.
    Where the length of the line is not known beforehand, a convolution stays as it is.
    """
    from onnx import numpy_helper

    graph, lengths = model.graph, _line_lengths(model)
    initializers = {one.name: one for one in graph.initializer}
    nodes: list[NodeProto] = []
    for node in graph.node:
        weights = initializers.get(node.input[1]) if node.op_type == "Conv" else None
        length = lengths.get(node.input[0], 0) if weights is not None else 0
        if weights is None or not length or not _along_a_line(node, tuple(weights.dims)):
            nodes.append(node)
            continue
        bias = (
            numpy_helper.to_array(initializers[node.input[2]])
            if len(node.input) > 2
            else np.zeros(weights.dims[0], np.float32)
        )
        nodes += _product(graph, node, numpy_helper.to_array(weights), bias, length)
    del graph.node[:]
    graph.node.extend(nodes)
    used = {name for node in graph.node for name in node.input}
    kept = [one for one in graph.initializer if one.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def _line_lengths(model: "ModelProto") -> dict[str, int]:
    """The last axis of every value of four axes; 0 where it is not known beforehand."""
    from onnx import shape_inference

    graph = shape_inference.infer_shapes(model).graph
    shapes = {one.name: one.type.tensor_type.shape.dim for one in (*graph.input, *graph.value_info)}
    return {name: shape[3].dim_value for name, shape in shapes.items() if len(shape) == 4}


def _along_a_line(node: "NodeProto", shape: tuple[int, ...]) -> bool:
    """Whether it is a plain convolution along the last axis, centred, of many channels."""
    given = {one.name: list(one.ints) or one.i for one in node.attribute if one.ints or one.i}
    kernel = shape[3]
    return (
        shape[2] == 1
        and kernel % 2 == 1
        and shape[1] >= MIN_CHANNELS
        and given.get("group", 1) == 1
        and given.get("strides", [1, 1])[0] == 1
        and given.get("dilations", [1, 1]) == [1, 1]
        and given.get("pads", [0, 0, 0, 0]) == [0, kernel // 2, 0, kernel // 2]
    )


def _product(
    graph: "GraphProto", conv: "NodeProto", weights: Float32s, bias: Float32s, length: int
) -> list["NodeProto"]:
    """The nodes in place of one convolution; what they need is added to the graph's initializers.

    Transposed before it is quantised: ONNX Runtime then takes the transpositions between layers out.
    """
    from onnx import TensorProto, helper, numpy_helper

    out, channels, _, kernel = weights.shape
    stride = next((one.ints[1] for one in conv.attribute if one.name == "strides"), 1)
    name = conv.output[0]
    scale = np.maximum(np.abs(weights).max(axis=(1, 2, 3)), 1e-12) / 127
    whole = np.rint(weights / scale[:, None, None, None]).astype(np.int8)
    shifts = stride * np.arange((length - 1) // stride + 1)[:, None] + np.arange(kernel)
    constants = {
        "weights": whole[:, :, 0].transpose(2, 1, 0).reshape(kernel * channels, out),
        "weights_zero": np.zeros(out, np.int8),
        "weights_range": scale.astype(np.float32),
        "bias": bias.astype(np.float32),
        "ends": np.array([0, 0, kernel // 2, 0, 0, 0, kernel // 2, 0], np.int64),
        "shifts": shifts.astype(np.int64),
        "side_by_side": np.array([0, 0, len(shifts), kernel * channels], np.int64),
    }
    graph.initializer.extend(
        numpy_helper.from_array(value, f"{name}.{key}") for key, value in constants.items()
    )
    nodes: list[NodeProto] = []

    def add(kind: str, inputs: list[str], *outputs: str, **attributes: Any) -> None:
        nodes.append(helper.make_node(kind, inputs, outputs, name=f"{name}.{len(nodes)}", **attributes))

    def own(*keys: str) -> list[str]:
        return [f"{name}.{key}" for key in keys]

    add("Transpose", [conv.input[0]], *own("lines"), perm=[0, 2, 3, 1])
    add("DynamicQuantizeLinear", own("lines"), *own("bytes", "range", "zero"))
    add("Pad", own("bytes", "ends", "zero"), *own("padded"))
    add("Gather", own("padded", "shifts"), *own("shifted"), axis=2)
    add("Reshape", own("shifted", "side_by_side"), *own("copies"))
    add("MatMulInteger", own("copies", "weights", "zero", "weights_zero"), *own("whole"))
    add("Cast", own("whole"), *own("real"), to=TensorProto.FLOAT)
    add("Mul", own("range", "weights_range"), *own("both_ranges"))
    add("Mul", own("real", "both_ranges"), *own("scaled"))
    add("Add", own("scaled", "bias"), *own("sum"))
    add("Transpose", own("sum"), name, perm=[0, 3, 1, 2])
    return nodes
