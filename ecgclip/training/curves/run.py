"""The curves stage from records to an int8 graph: draw the sheets, train, export, measure."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.config import save_config
from ecgclip.photo.curves.network import CurveNetwork
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.records.source import RecordSource
from ecgclip.training.curves.bands import random_bands
from ecgclip.training.curves.export import export_graph
from ecgclip.training.curves.loop import train
from ecgclip.training.curves.model import CurveReader
from ecgclip.training.curves.settings import FILE, CurveTraining
from ecgclip.training.curves.store import draw_missing
from ecgclip.training.curves.validate import score_files, summary
from ecgclip.training.drawn_sheets import sheet_files
from ecgclip.training.run_folder import Log, LogLine, check_settings, check_unfinished
from ecgclip.training.sheet.export import quantise
from ecgclip.training.sources import prepared_cache
from ecgclip.typing import Uint8s

GRAPH: Final = "curves.onnx"
FP32_GRAPH: Final = "curves-fp32.onnx"
_CALIBRATION: Final = 64
"""Pieces of rows from which the ranges of int8 activations are learned."""
_CALIBRATION_MM: Final = 256


def run_curve_training(
    config: CurveTraining, sources: Sequence[RecordSource], out: Path, *, resume: bool = False
) -> None:
    """Draw the sheets into `out/train` and `out/valid` (if missing), train, write `out/curves.onnx`.

    Beside it: `curves.toml`, `log.txt`, `checkpoint.pt`, from which `resume` continues.
    Errors: ConfigError where `out` holds a finished run.
    """
    check_unfinished(out / GRAPH)
    if resume:
        check_settings(config, out / FILE)
    out.mkdir(parents=True, exist_ok=True)
    save_config(config, out / FILE)
    log = Log(out / "log.txt")
    cache = prepared_cache(sources, out / "cache")
    for folds, name, count in (
        (config.folds, "train", config.data.count),
        ((config.valid_fold,), "valid", config.valid_count),
    ):
        drawn = draw_missing(cache, folds, config.data, config.seed, out / name, count)
        log(f"{drawn} of {count} sheets drawn into {out / name}")
    finish(train(config, out, resume=resume, log=log), out, log)


def finish(model: CurveReader, out: Path, log: LogLine) -> None:
    """Write the int8 graph and measure it, since it is shipped and not the network in fp32."""
    export_graph(model, out / FP32_GRAPH)
    quantise(out / FP32_GRAPH, out / GRAPH, calibration_bands(out / "train"))
    scores = score_files(CurveNetwork(out / GRAPH), sheet_files(out / "valid"))
    log(f"as written to {out / GRAPH}:\n{summary(scores)}")


def calibration_bands(folder: Path) -> list[Uint8s]:
    """Pieces of rows of the training sheets, uint8 [3, y, x] each."""
    width = round(_CALIBRATION_MM * FLAT_PX_PER_MM)
    batch = random_bands(sheet_files(folder), _CALIBRATION, width, np.random.default_rng(0))
    return list(batch.planes)
