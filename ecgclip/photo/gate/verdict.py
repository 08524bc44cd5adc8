"""Whether a picture is a readable ECG, how sure that is, and why not in words for a nurse.

The confidence is the probability that `gate_weights.csv` gives to what was found: a logistic regression over
the evidence of simulated prints, strips, charts, plots and papers (docs/experiments.md).
"""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.photo.gate.evidence import EVIDENCE, Evidence, grid_evidence, weigh
from ecgclip.photo.grid.find_grid import Grid
from ecgclip.photo.layout.sheet import Sheet
from ecgclip.photo.loading.illumination import light_on_dark
from ecgclip.photo.loading.load import Picture
from ecgclip.typing import Float64s
from ecgclip.units import RECORD_S, SPEED_MM_S

_MIN_LONG_SIDE_PX: Final = 400
ACCEPT: Final = 0.5
"""An ECG is likelier than not, among pictures of which two in five are ECGs."""
WEIGHTS: Final = Path(__file__).with_name("gate_weights.csv")
_MISSING: Final = 0.5
_LOW_RESOLUTION_PX_MM: Final = 2.5
_GRID: Final = "no ECG grid was found: photograph the whole sheet, flat, from above and in even light"
_DARK: Final = "the picture is mostly dark: let the sheet fill it, and photograph it in even light"
_NO_SQUARES: Final = (
    "the lines of the grid may make no squares: neither time nor voltage can be relied on; "
    "export the ECG on millimetre paper"
)
_DOUBT_OF_SQUARES: Final = 0.6
"""Share of the confidence that is left then: one of two such drawings is millimetre paper after all."""
_TRACE: Final = "there is squared paper but no ECG trace on it"
_BEATS: Final = (
    "there are curves on squared paper but no heartbeat in them: is it a chart or another recording?"
)


@dataclass(frozen=True)
class Verdict:
    """accepted, how sure (0..1), why not in words for a nurse, and what to be careful about."""

    accepted: bool
    confidence: float
    reason: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Weights:
    """Weights of the logistic regression, float [name of evidence], and its constant.

    no_grid, no_trace: share of ECGs among pictures of which nothing more was found.
    """

    no_grid: float
    no_trace: float
    offset: float
    weights: Float64s

    def confidence(self, evidence: Evidence) -> float:
        return float(1 / (1 + np.exp(-(self.offset + self.weights @ evidence.values))))


@lru_cache(maxsize=1)
def load_weights() -> Weights:
    with WEIGHTS.open(encoding="utf-8", newline="") as file:
        found = {row["name"]: float(row["weight"]) for row in csv.DictReader(file)}
    weights = np.array([found[name] for name in EVIDENCE])
    return Weights(found["no grid"], found["no trace"], found["offset"], weights)


def too_small(picture: Picture) -> bool:
    """Whether so little of the original is there that it is not worth a look."""
    return _long_side_px(picture) < _MIN_LONG_SIDE_PX


def _long_side_px(picture: Picture) -> int:
    longest: int = max(picture.rgb.shape[:2])
    return round(longest * picture.scale)


def judge(picture: Picture, grid: Grid | None, sheet: Sheet | None, network: float = 0.0) -> Verdict:
    """Judge a picture by grid and sheet, None where a step found none; network: `SheetReading.ecg`, 0..1."""
    if too_small(picture):
        found = _long_side_px(picture)
        return Verdict(False, 0.0, f"the picture is too small: {found} pixels; at least 400 are needed")
    weights = load_weights()
    if grid is None:
        return Verdict(False, weights.no_grid, _DARK if light_on_dark(picture.rgb) else _GRID)
    if sheet is None:
        return Verdict(False, weights.no_trace, _TRACE if grid_evidence(grid) > 0.5 else _GRID)
    evidence = weigh(grid, sheet, network)
    confidence = weights.confidence(evidence)
    if confidence < ACCEPT:
        return Verdict(False, confidence, _reason(evidence))
    if grid.pitch_ratio != 1.0 and picture.kind == "render":
        return Verdict(True, _DOUBT_OF_SQUARES * confidence, "", (_NO_SQUARES, *_warnings(sheet)))
    return Verdict(True, confidence, "", _warnings(sheet))


def _reason(evidence: Evidence) -> str:
    """The first thing that is missing, in the order in which one would look for it."""
    if evidence.grid_visible < _MISSING:
        return _GRID
    if min(evidence.trace_long, evidence.trace_unbroken) < _MISSING:
        return _TRACE
    return _BEATS


def _warnings(sheet: Sheet) -> tuple[str, ...]:
    found = []
    if len(sheet.rows) == 1:
        found.append("a single strip was read: a picture of the whole page finds closer cases")
    elif sheet.layout is None:
        found.append(f"the layout is not known: {len(sheet.rows)} rows were read as they stand")
    seen_s = max(row.length_mm for row in sheet.rows) / SPEED_MM_S
    if seen_s < 0.9 * RECORD_S:
        found.append(f"only {seen_s:.1f} s of {RECORD_S:g} s are in the picture")
    return tuple(found)


def resolution_warning(input_px_per_mm: float) -> tuple[str, ...]:
    """A warning where the picture is too coarse to see fine deflections."""
    if input_px_per_mm >= _LOW_RESOLUTION_PX_MM:
        return ()
    return (f"low resolution: {input_px_per_mm:.1f} pixels per mm; small deflections may be lost",)
