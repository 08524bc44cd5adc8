"""The comparison as a table: macro AUROC from both beginnings, and what pre-training adds."""

from collections.abc import Mapping, Sequence

import numpy as np

from ecgclip.evaluation.bootstrap import Interval, patient_weights, percentile_interval
from ecgclip.evaluation.metrics import macro_auroc_weighted
from ecgclip.typing import Bools, Float32s, Float64s, Floats
from research.masked.cells import Beginning, Cell, Way
from research.masked.labels import COLUMNS, Task


def table(results: Mapping[Cell, Float32s], labels: Bools, of: Sequence[str], seed: int) -> str:
    """Markdown; a percentage appears as soon as one draw of it is done from both beginnings.

    labels: bool [record, label] of the validation fold; of: the records' patients.
    """
    weights = patient_weights(of, np.random.default_rng(seed))
    # the first row weighs every record once: the figure itself
    weights = np.concatenate([np.ones((1, len(of)), np.float32), weights])
    lines = [
        "| | labels | draws | superclass: random | pre-trained | gain | six: random | pre-trained | gain |",
        "|---" * 9 + "|",
    ]
    for way in Way:
        for percent in sorted({cell.percent for cell in results}):
            draws = complete_draws(results, way, percent)
            if draws:
                cells = [
                    text
                    for task in Task
                    for text in _columns(results, way, percent, draws, task, labels, weights)
                ]
                lines.append(f"| {way} | {percent} % | {len(draws)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def complete_draws(results: Mapping[Cell, Float32s], way: Way, percent: int) -> list[int]:
    """The draws that are done from both beginnings."""
    each = [
        {
            cell.draw
            for cell in results
            if (cell.way, cell.percent, cell.beginning) == (way, percent, beginning)
        }
        for beginning in Beginning
    ]
    return sorted(set.intersection(*each))


def _columns(
    results: Mapping[Cell, Float32s],
    way: Way,
    percent: int,
    draws: Sequence[int],
    task: Task,
    labels: Bools,
    weights: Floats,
) -> list[str]:
    """Random, pre-trained and the difference of one task."""
    found = [
        mean_auroc([results[Cell(way, beginning, percent, draw)] for draw in draws], labels, task, weights)
        for beginning in Beginning
    ]
    figures = [interval(value).text() for value in found]
    gain = interval(found[1] - found[0])
    return [*figures, f"{gain.value:+.3f} [{gain.low:+.3f} {gain.high:+.3f}]"]


def mean_auroc(draws: Sequence[Float32s], labels: Bools, task: Task, weights: Floats) -> Float64s:
    """Macro AUROC of the task, averaged over the draws, in each row of weights."""
    columns = COLUMNS[task]
    each = [macro_auroc_weighted(labels[:, columns], scores[:, columns], weights) for scores in draws]
    mean: Float64s = np.mean(each, axis=0)
    return mean


def interval(resampled: Float64s) -> Interval:
    """The figure (first row) with the interval of the others."""
    return percentile_interval(float(resampled[0]), resampled[1:])
