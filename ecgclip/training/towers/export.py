"""Write the towers as ONNX graphs for `encoders.runtime`, in fp32 or with int8 weights."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import Tensor, nn

from ecgclip.encoders.model_files import IMAGE_GRAPH, TEXT_GRAPH
from ecgclip.encoders.text import ReportTokenizer
from ecgclip.training.towers.checkpoint import TOKENIZER
from ecgclip.training.towers.model import EcgClip
from ecgclip.training.towers.quantise import quantise

OPSET = 20
"""The first with Gelu as one operator: in parts it is 10 % of the time of a page."""


class _ImageGraph(nn.Module):
    def __init__(self, model: EcgClip) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixels: Tensor) -> Tensor:
        return self.model.encode_image(pixels)


class _TextGraph(nn.Module):
    def __init__(self, model: EcgClip) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        return self.model.encode_text(ids, mask)


def export_model(model: EcgClip, tokenizer: ReportTokenizer, folder: Path, *, int8: bool = True) -> None:
    """Write image.onnx, text.onnx, tokenizer.json and config.json to `folder`.

    int8: weights as 8-bit integers (`encoders.quantise`), about a quarter of the size.
    `tests/encoders/test_export.py` holds the parity with torch.
    """
    folder.mkdir(parents=True, exist_ok=True)
    model = model.eval()
    image = model.config.image
    pixels = torch.zeros(2, image.channels, image.height_px, image.width_px)
    ids = torch.ones(2, 8, dtype=torch.int64)
    batch, tokens = torch.export.Dim("batch", min=1), torch.export.Dim("tokens", min=1)
    _export(_ImageGraph(model), {"pixels": pixels}, {"pixels": {0: batch}}, folder / IMAGE_GRAPH, int8)
    axes = {"ids": {0: batch, 1: tokens}, "mask": {0: batch, 1: tokens}}
    _export(_TextGraph(model), {"ids": ids, "mask": torch.ones_like(ids)}, axes, folder / TEXT_GRAPH, int8)
    tokenizer.tokenizer.save(str(folder / TOKENIZER))
    model.config.save(folder)


def _export(
    graph: nn.Module, inputs: dict[str, Tensor], axes: dict[str, Any], path: Path, int8: bool
) -> None:
    with TemporaryDirectory() as folder:
        fp32 = Path(folder) / "graph.onnx"
        torch.onnx.export(
            graph.eval(),
            kwargs=inputs,
            f=str(fp32),
            input_names=list(inputs),
            output_names=["vectors"],
            dynamic_shapes=axes,
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        without_origins(fp32)
        if int8:
            quantise(fp32, path)
        else:
            shutil.copyfile(fp32, path)


def without_origins(path: Path) -> None:
    """Take out where each node came from: half a megabyte, with paths of the machine that exported."""
    import onnx

    graph = onnx.load(path)
    onnx.helper.set_model_props(graph, {})
    for part in (graph.graph, *graph.graph.node, *graph.graph.input, *graph.graph.output):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    for function in graph.functions:
        for node in function.node:
            node.ClearField("metadata_props")
            node.ClearField("doc_string")
    onnx.save(graph, path)
