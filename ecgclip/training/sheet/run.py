"""The sheet stage from records to an int8 graph: draw the sheets, train, export, measure."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.config import save_config
from ecgclip.photo.flat.network import SheetNetwork
from ecgclip.records.source import RecordSource
from ecgclip.training.drawn_sheets import sheet_files
from ecgclip.training.run_folder import Log, LogLine, check_settings, check_unfinished
from ecgclip.training.sheet.export import export_graph, quantise
from ecgclip.training.sheet.loop import train
from ecgclip.training.sheet.model import SheetReader
from ecgclip.training.sheet.settings import FILE, SheetTraining
from ecgclip.training.sheet.store import draw_missing, load
from ecgclip.training.sheet.validate import score_files, summary
from ecgclip.training.sources import prepared_cache
from ecgclip.typing import Uint8s

GRAPH: Final = "sheet.onnx"
FP32_GRAPH: Final = "sheet-fp32.onnx"
_CALIBRATION: Final = 48
"""Training sheets from which the ranges of int8 activations are learned."""


def run_sheet_training(
    config: SheetTraining, sources: Sequence[RecordSource], out: Path, *, resume: bool = False
) -> None:
    """Draw the sheets into `out/train` and `out/valid` (if missing), train, write `out/sheet.onnx`.

    Beside it: `sheet.toml`, `log.txt`, `checkpoint.pt`, from which `resume` continues.
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


def finish(model: SheetReader, out: Path, log: LogLine) -> None:
    """Write the int8 graph and measure it, since it is shipped and not the network in fp32."""
    export_graph(model, out / FP32_GRAPH)
    quantise(out / FP32_GRAPH, out / GRAPH, calibration_sheets(out / "train"))
    scores = score_files(SheetNetwork(out / GRAPH).read_all, sheet_files(out / "valid"))
    log(f"as written to {out / GRAPH}:\n{summary(scores)}")


def calibration_sheets(folder: Path) -> list[Uint8s]:
    """Some training sheets in each of the four turns."""
    files = sheet_files(folder)[:_CALIBRATION]
    return [
        np.ascontiguousarray(np.rot90(load(file).sample.planes, turn, axes=(1, 2)))
        for turn, file in enumerate(files)
    ]
