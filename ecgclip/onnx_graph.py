"""ONNX graphs are opened and run here; no other module imports onnxruntime (see `offline`)."""

import warnings
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np

from ecgclip.errors import ModelError
from ecgclip.offline import problem, switch_off
from ecgclip.typing import Array, Float32s

_FATAL: Final = 4
"""What onnxruntime writes to stderr: what is wrong is raised, and names in a graph may steer a terminal."""
_PROCESSOR: Final = Path("/proc/cpuinfo")


def open_graph(path: Path, threads: int, *, resting: bool = False) -> Any:
    """An ONNX Runtime session on the CPU.

    threads: 0 for one a core. resting: its threads sleep between two calls instead of spinning.
    Errors: ModelError where the file is no graph.
    """
    ort = onnxruntime()
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = _FATAL
    if not adds_wide():
        options.add_session_config_entry("session.x64quantprecision", "1")
    if resting:
        # Threads that wait for the next question would take the cores from the steps between.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exception classes are private to its C module
        raise ModelError(
            f"{path} is no readable ONNX graph ({str(error)[:80]}); copy the model, or install ecgclip, anew"
        ) from None


def run_graph(graph: Any, inputs: Mapping[str, Array], name: Path) -> Float32s:
    """The first output of a graph that `open_graph` opened, float32 [batch, …].

    Errors: ModelError where it takes other inputs, answers no such numbers, or asks for too much memory.
    """
    try:
        answer = graph.run(None, dict(inputs))[0]
    except Exception as error:  # onnxruntime's exception classes are private to its C module
        reason = " ".join(str(error).split())[:160]
        raise ModelError(f"{name} cannot be run ({reason}); copy the model anew") from None
    if not isinstance(answer, np.ndarray) or answer.dtype != np.float32 or answer.ndim < 1:
        raise ModelError(f"{name} answers no float32 array; copy the model anew")
    return answer


@cache
def onnxruntime(part: str = "") -> Any:
    """The package onnxruntime, or a part of it such as `quantization`, with its telemetry off.

    Warns where it was imported before ecgclip, or is newer than any that was examined.
    """
    switch_off()  # the environment may have changed since ecgclip was imported
    package = import_module("onnxruntime")
    package.disable_telemetry_events()
    package.set_default_logger_severity(_FATAL)
    if doubt := problem(package.__version__):
        warnings.warn(doubt, stacklevel=3)
    return import_module(f"onnxruntime.{part}") if part else package


def adds_wide() -> bool:
    """Whether the processor is known to add 8-bit products in 32 bits (VNNI, from about 2019).

    Others add two of them in 16 bits, which may overflow: a page's vector then kept a cosine of .994 to .999
    with its own, and a sheet's reading was .3 off in places. "x64quantprecision" cures it at the price of
    speed: 5.4 ms a page become 9.1. Where the processor does not tell, it is paid.
    """
    try:
        flags = _PROCESSOR.read_text("utf-8", errors="replace")
    except OSError:
        return False
    return "avx512_vnni" in flags or "avx_vnni" in flags
