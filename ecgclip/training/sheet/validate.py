"""How well the sheet reader reads sheets of the validation fold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from ecgclip.evaluation.metrics import auroc_weighted
from ecgclip.photo.flat.network import SheetReading
from ecgclip.photo.flat.words import WORDS
from ecgclip.training.sheet.matching import (
    Counts,
    overlap,
    point_counts,
    stroke_counts,
    word_counts,
)
from ecgclip.training.sheet.sample import FlatSample, quarter_turned
from ecgclip.training.sheet.store import load
from ecgclip.training.sheet.targets import cell_targets, trace_target
from ecgclip.typing import Bools, Float64s, Uint8s

SheetPredictor: TypeAlias = Callable[[Uint8s], SheetReading]
"""What reads a sheet: the network in torch during training, `SheetNetwork.read_all` afterwards."""


@dataclass(frozen=True, eq=False)
class SheetScore:
    """Scores of one sheet: F1 of the trace, share of turns seen rightly, chance of an ECG.

    words: hits, misses and false words of each class, int [word, 3]; strokes: of pulses, marks, baselines,
    starts and stops.
    """

    level: str
    is_ecg: bool
    trace_f1: float
    orientation: float
    ecg: float
    words: tuple[Counts, ...]
    strokes: dict[str, Counts]


def score_sheet(reader: SheetPredictor, sample: FlatSample, level: str) -> SheetScore:
    """Read a sheet in its four turns; all but the orientation is scored upright."""
    readings = [reader(quarter_turned(sample, turns).planes) for turns in range(4)]
    right = [int(reading.orientation.argmax()) == -turns % 4 for turns, reading in enumerate(readings)]
    upright = readings[0]
    truth = dict(zip(("pulse", "mark", "baseline"), cell_targets(sample), strict=False))
    return SheetScore(
        level,
        sample.is_ecg,
        overlap(upright.trace > 0.5, trace_target(sample.trace) > 127),
        float(np.mean(right)),
        float(np.mean([reading.ecg for reading in readings])),
        word_counts(upright.words, sample),
        {
            "pulse": stroke_counts(upright.pulse, truth["pulse"]),
            "mark": stroke_counts(upright.mark, truth["mark"]),
            "baseline": stroke_counts(upright.baseline, truth["baseline"]),
            "start": point_counts(upright.start, sample.panels[:, 0], sample.shown),
            "stop": point_counts(upright.stop, sample.panels[:, -1], sample.shown),
        },
    )


def score_files(reader: SheetPredictor, files: Sequence[Path]) -> list[SheetScore]:
    scores = []
    for file in files:
        drawn = load(file)
        scores.append(score_sheet(reader, drawn.sample, drawn.level))
    return scores


def summary(scores: Sequence[SheetScore]) -> str:
    """A line for each level, one for all, and one for the words of each class (found of printed, false)."""
    levels = sorted({score.level for score in scores})
    lines = [_line(level, [s for s in scores if s.level == level]) for level in levels]
    return "\n".join([*lines, _line("all", scores), _words_line(scores)])


def _line(name: str, scores: Sequence[SheetScore]) -> str:
    ecgs = [score for score in scores if score.is_ecg]
    truth = np.array([score.is_ecg for score in scores])
    area = _auroc(truth, np.array([s.ecg for s in scores]))
    words = sum((counts for s in scores for counts in s.words), Counts())
    strokes = {kind: sum((s.strokes[kind] for s in scores), Counts()) for kind in scores[0].strokes}
    parts = " ".join(f"{kind} {counts.recall:.2f}/{counts.precision:.2f}" for kind, counts in strokes.items())
    return (
        f"{name:6} n {len(ecgs)}+{len(scores) - len(ecgs)} trace F1 {_mean([s.trace_f1 for s in ecgs])} "
        f"words {words.recall:.3f}/{words.precision:.3f} false {words.false / len(scores):.1f} a sheet "
        f"{parts} orientation {_mean([s.orientation for s in ecgs])} ecg AUROC {area:.3f}"
    )


def _words_line(scores: Sequence[SheetScore]) -> str:
    parts = []
    for number, (kind, value) in enumerate(WORDS):
        counts = sum((score.words[number] for score in scores), Counts())
        if counts.hits + counts.misses + counts.false > 0:
            name = value if kind == "lead" else f"{kind} {value}"
            parts.append(f"{name} {counts.hits}/{counts.hits + counts.misses} ({counts.false})")
    return f"words found of printed (false): {', '.join(parts) or 'none'}"


def _mean(values: Sequence[float]) -> str:
    return f"{np.mean(values):.3f}" if values else "–"


def _auroc(truth: Bools, chance: Float64s) -> float:
    if truth.all() or not truth.any():
        return float("nan")
    return float(auroc_weighted(truth, chance, np.ones((1, truth.size)))[0])
