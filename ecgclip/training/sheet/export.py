"""Write the sheet reader as the ONNX graph that `photo.flat.network` runs: int8 convolutions, or fp32."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ecgclip.onnx_graph import onnxruntime
from ecgclip.photo.flat.network import OUTPUTS, STEP_PX, padded
from ecgclip.training.sheet.model import PLANES, Outputs, SheetReader, folded
from ecgclip.training.towers.export import without_origins
from ecgclip.typing import Uint8s

OPSET = 18


class _Graph(nn.Module):
    """Bytes in, probabilities out."""

    def __init__(self, model: SheetReader) -> None:
        super().__init__()
        self.model = model

    def forward(self, planes: Tensor) -> Outputs:
        cells = folded(planes).to(torch.float32) * (1 / 255)
        trace, words, strokes, orientation, ecg = self.model.forward_cells(cells)
        named = torch.softmax(words, dim=1)[:, :-1]
        way = torch.softmax(orientation, dim=1)
        return torch.sigmoid(trace), named, torch.sigmoid(strokes), way, torch.sigmoid(ecg)


def export_graph(model: SheetReader, path: Path) -> None:
    """Write the graph in fp32."""
    path.parent.mkdir(parents=True, exist_ok=True)
    planes = torch.zeros(1, PLANES, 8 * STEP_PX, 10 * STEP_PX, dtype=torch.uint8)
    sides = {2: STEP_PX * torch.export.Dim("rows", min=1), 3: STEP_PX * torch.export.Dim("columns", min=1)}
    torch.onnx.export(
        _Graph(model).eval().to(memory_format=torch.contiguous_format),
        kwargs={"planes": planes},
        f=str(path),
        input_names=["planes"],
        output_names=list(OUTPUTS),
        dynamic_shapes={"planes": sides},
        opset_version=OPSET,
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    without_origins(path)


class _Sheets:
    """The calibration sheets, in the form in which onnxruntime's quantiser asks for them one by one."""

    def __init__(self, sheets: Sequence[Uint8s]) -> None:
        self.left: Iterator[Uint8s] = iter(sheets)

    def get_next(self) -> dict[str, Uint8s] | None:
        sheet = next(self.left, None)
        return None if sheet is None else {"planes": padded(sheet)[None]}


def quantise(fp32: Path, path: Path, sheets: Sequence[Uint8s]) -> None:
    """Write the graph with its convolutions in int8, weights and activations: half the time of a sheet.

    sheets: from which the ranges of the activations are taken.
    """
    import onnx

    quantization = onnxruntime("quantization")
    prepare = onnxruntime("quantization.shape_inference").quant_pre_process
    with TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        graph: Any = onnx.load(fp32)
        # the exporter's own notes of inner shapes contradict what the quantiser infers anew
        del graph.graph.value_info[:]
        onnx.save(graph, prepared)
        prepare(str(prepared), str(prepared), skip_symbolic_shape=True)
        quantization.quantize_static(
            prepared,
            path,
            _Sheets(sheets),
            quant_format=quantization.QuantFormat.QDQ,
            per_channel=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            op_types_to_quantize=["Conv"],
        )
    _feed_bytes(path)


def _feed_bytes(path: Path) -> None:
    """Let the first convolution take the bytes as they are, not made floats and rounded again: 40 MB less."""
    import onnx

    model: Any = onnx.load(path)
    graph = model.graph
    cast = next(node for node in graph.node if node.op_type == "Cast" and node.attribute[0].i == 1)
    scaled = next(node for node in graph.node if node.op_type == "Mul" and cast.output[0] in node.input)
    rounded = next(node for node in graph.node if scaled.output[0] in node.input)
    back = next(node for node in graph.node if rounded.output[0] in node.input)
    graph.initializer.extend(
        [
            onnx.numpy_helper.from_array(np.array(1 / 255, np.float32), "byte_scale"),
            onnx.numpy_helper.from_array(np.array(0, np.uint8), "byte_zero"),
        ]
    )
    back.input[:] = [cast.input[0], "byte_scale", "byte_zero"]
    for node in (cast, scaled, rounded):
        graph.node.remove(node)
    onnx.checker.check_model(model)
    onnx.save(model, path)
