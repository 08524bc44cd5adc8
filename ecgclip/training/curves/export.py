"""Write the curve reader as the ONNX graph that `photo.curves.network` runs, in fp32 or int8."""

from pathlib import Path

import torch
from torch import Tensor, nn

from ecgclip.photo.curves.bands import BAND_PX
from ecgclip.photo.curves.network import OUTPUTS, STEP_PX
from ecgclip.training.curves.model import PLANES, CurveReader, folded
from ecgclip.training.sheet.export import OPSET
from ecgclip.training.towers.export import without_origins


class _Graph(nn.Module):
    """Bytes in; logits of the heights and chances of a trace out."""

    def __init__(self, model: CurveReader) -> None:
        super().__init__()
        self.model = model

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        cells = folded(planes).to(torch.float32) * (1 / 255)
        heights, present = self.model.forward_cells(cells)
        return heights, torch.sigmoid(present)


def export_graph(model: CurveReader, path: Path) -> None:
    """Write the graph in fp32."""
    path.parent.mkdir(parents=True, exist_ok=True)
    planes = torch.zeros(2, PLANES, BAND_PX, 10 * STEP_PX, dtype=torch.uint8)
    sides = {0: torch.export.Dim("bands", min=1), 3: STEP_PX * torch.export.Dim("columns", min=2)}
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
