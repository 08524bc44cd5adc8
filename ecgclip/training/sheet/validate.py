"""How well the sheet reader reads sheets of the validation fold, beside the classical ink."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import cv2
import numpy as np

from ecgclip.evaluation.metrics import auroc_weighted
from ecgclip.photo.flat.ink import normalize, notch
from ecgclip.photo.flat.network import CELL_PX, SheetReading
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.training.sheet.crops import quarter_turned
from ecgclip.training.sheet.flat import FlatSample
from ecgclip.training.sheet.store import load
from ecgclip.typing import Bools, Float32s, Float64s, Uint8s

_FOUND_PX: Final = 3.0 * FLAT_PX_PER_MM
"""A name is found where the strongest cell of its lead lies this near to its middle."""


class SheetPredictor(Protocol):
    """What reads a sheet: the network in torch during training, its ONNX graph afterwards."""

    def __call__(self, planes: Uint8s) -> SheetReading: ...


@dataclass(frozen=True)
class SheetScore:
    """Scores of one sheet: F1 of the trace by network and by ink, names and turns found, ECG or not."""

    level: str
    is_ecg: bool
    trace_f1: float
    classical_f1: float
    names: float
    orientation: float
    ecg: float


def score_sheet(reader: SheetPredictor, sample: FlatSample, level: str) -> SheetScore:
    """Read a sheet in its four turns; trace and names are scored upright."""
    readings = [reader(quarter_turned(sample, turns).planes) for turns in range(4)]
    right = [int(reading.orientation.argmax()) == -turns % 4 for turns, reading in enumerate(readings)]
    truth = sample.trace > 127
    classical = normalize(notch(sample.planes[1], full := np.full_like(sample.trace, 255)), full)
    return SheetScore(
        level,
        sample.is_ecg,
        overlap(readings[0].trace > 0.5, truth),
        overlap(classical > 0.5, truth),
        found_names(readings[0].names, sample.labels),
        float(np.mean(right)),
        float(np.mean([reading.ecg for reading in readings])),
    )


def overlap(found: Bools, truth: Bools) -> float:
    """F1 of two sets of pixels that may lie one pixel apart; 1 where both are empty."""
    if not found.any() or not truth.any():
        return float(found.any() == truth.any())
    near = np.ones((3, 3), np.uint8)
    precision = float((cv2.dilate(truth.astype(np.uint8), near)[found] > 0).mean())
    recall = float((cv2.dilate(found.astype(np.uint8), near)[truth] > 0).mean())
    return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0


def found_names(names: Float32s, labels: Float32s) -> float:
    """Share of the sheet's named leads whose strongest cell lies at one of their names; NaN without any."""
    if not len(labels):
        return float("nan")
    hits = []
    for lead in np.unique(labels[:, 2]).astype(int).tolist():
        cells = names[lead]
        row, column = np.unravel_index(int(cells.argmax()), cells.shape)
        at = (np.array([column, row]) + 0.5) * CELL_PX - 0.5
        off = np.abs(labels[labels[:, 2] == lead, :2] - at).max(axis=1)
        hits.append(bool(off.min() < _FOUND_PX))
    return float(np.mean(hits))


def score_files(reader: SheetPredictor, files: Sequence[Path]) -> list[SheetScore]:
    scores = []
    for file in files:
        drawn = load(file)
        scores.append(score_sheet(reader, drawn.sample, drawn.level))
    return scores


def summary(scores: Sequence[SheetScore]) -> str:
    """A line for each level, and one for all."""
    levels = sorted({score.level for score in scores})
    lines = [_line(level, [s for s in scores if s.level == level]) for level in levels]
    return "\n".join([*lines, _line("all", scores)])


def _line(name: str, scores: Sequence[SheetScore]) -> str:
    ecgs = [score for score in scores if score.is_ecg]
    names = [score.names for score in ecgs if not np.isnan(score.names)]
    truth = np.array([score.is_ecg for score in scores])
    area = _auroc(truth, np.array([s.ecg for s in scores]))
    return (
        f"{name:6} n {len(ecgs)}+{len(scores) - len(ecgs)} trace F1 {_mean([s.trace_f1 for s in ecgs])} "
        f"(classical {_mean([s.classical_f1 for s in ecgs])}) names {_mean(names)} "
        f"orientation {_mean([s.orientation for s in ecgs])} ecg AUROC {area:.3f}"
    )


def _mean(values: Sequence[float]) -> str:
    return f"{np.mean(values):.3f}" if values else "–"


def _auroc(truth: Bools, chance: Float64s) -> float:
    if truth.all() or not truth.any():
        return float("nan")
    return float(auroc_weighted(truth, chance, np.ones((1, truth.size)))[0])
