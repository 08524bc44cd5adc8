"""Begin a run with the convolutions of an earlier graph, of which no torch weights are kept."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ecgclip.errors import ModelError
from ecgclip.training.sheet.model import SheetReader

_PREFIX = "model."
"""Before the names of the weights in a graph."""


def warm_start(model: SheetReader, graph: Path, planes: Tensor) -> list[str]:
    """Copy every convolution that the graph holds in the same shape; returns the names of the others.

    A graph has its batch norms folded into the convolutions: the model's norms are set so that they reproduce
    them, from the means and deviations of the features of `planes`, float [n, 3, y, x] 0..1.
    Errors: ModelError where the file is no graph of a sheet reader.
    """
    values = _weights(graph)
    norms = dict(_norms(model))
    left = []
    biases: dict[str, Tensor] = {}
    for name, conv in model.named_modules():
        if not isinstance(conv, nn.Conv2d):
            continue
        weight = values.get(f"{name}.weight")
        if weight is None or weight.shape != conv.weight.shape:
            left.append(name)
            continue
        conv.weight.data.copy_(weight)
        bias = values.get(f"{name}.bias", torch.zeros(conv.out_channels))
        if conv.bias is None:
            biases[name] = bias
        else:
            conv.bias.data.copy_(bias)
    if "stem.0" in left:
        raise ModelError(
            f"{graph} holds no weights of a sheet reader of these widths; give another init_from"
        )
    _measure_norms(model, {norms[name]: bias for name, bias in biases.items()}, planes)
    return left


@torch.no_grad()
def _measure_norms(model: SheetReader, biases: Mapping[nn.BatchNorm2d, Tensor], planes: Tensor) -> None:
    """Set each norm, in the order of the forward pass, to add its bias and nothing else to these features."""

    def set_norm(norm: nn.BatchNorm2d, bias: Tensor, features: Tensor) -> None:
        variance, mean = torch.var_mean(features, dim=(0, 2, 3))
        norm.running_mean, norm.running_var = mean, variance
        norm.weight.copy_(torch.sqrt(variance + norm.eps))
        norm.bias.copy_(mean + bias)

    hooks = [
        norm.register_forward_pre_hook(lambda part, given, bias=bias: set_norm(part, bias, given[0]))
        for norm, bias in biases.items()
    ]
    model.eval()(planes)
    for hook in hooks:
        hook.remove()


def _norms(model: nn.Module) -> Iterator[tuple[str, nn.BatchNorm2d]]:
    """The batch norm behind each convolution, by the convolution's name."""
    conv = ""
    for name, module in model.named_modules():
        if isinstance(module, nn.Conv2d):
            conv = name
        elif isinstance(module, nn.BatchNorm2d):
            yield conv, module


def _weights(path: Path) -> dict[str, Tensor]:
    """Weights and biases of a graph by the model's own names, float32, whether it is int8 or fp32."""
    import onnx

    try:
        graph: Any = onnx.load(path).graph
        stored = {part.name: onnx.numpy_helper.to_array(part) for part in graph.initializer}
    except Exception as error:  # protobuf's and numpy's own errors differ between versions
        raise ModelError(f"{path} is no readable ONNX graph ({type(error).__name__})") from None
    found = {}
    for name, value in stored.items():
        if not name.startswith(_PREFIX):
            continue
        if name.endswith("_quantized"):
            name = name.removesuffix("_quantized")
            scale = stored[f"{name}_quantized_scale" if "bias" in name else f"{name}_scale"]
            value = value.astype(np.float32) * scale.reshape(-1, *[1] * (value.ndim - 1))
        if value.dtype == np.float32 and not name.endswith(("_scale", "_zero_point")):
            name = name.removeprefix(_PREFIX).replace(".weight_bias", ".bias")
            found[name] = torch.from_numpy(value.copy())
    return found
