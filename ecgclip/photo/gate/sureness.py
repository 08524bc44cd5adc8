"""How sure it is that an accepted page was read right: its leads, scale and curves.

A logistic regression over what was seen (`sureness_weights.csv`), fitted on simulated photos of prints of
many makers, whose true signals are known, and shifted to real ones.
"""

import csv
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.photo.curves.network import COLUMNS_PER_PX
from ecgclip.photo.curves.read_rows import RowCurve
from ecgclip.photo.gate.laws import limb_laws_db
from ecgclip.photo.layout.panel import PrintedPanel
from ecgclip.photo.layout.read_layout import ReadLayout
from ecgclip.typing import Float64s, Signal

WEIGHTS: Final = Path(__file__).with_name("sureness_weights.csv")
DOUBTFUL: Final = 0.6
"""Below this probability a page says so."""
DOUBTFUL_WARNING: Final = (
    "a lead may be damaged, misnamed or of another scale: compare the drawn page with the picture"
)
_CLEAR_LAWS_DB: Final = 14.0
_SPREAD_PX: Final = 6.0
"""Standard deviation of a height from which it is unsure."""
_FINE_PX_MM: Final = 6.0


@dataclass(frozen=True)
class Reading:
    """What speaks for a reading, each 0 (against) to 1 (for).

    laws: the limb leads add up; laws_unknown: too few are shown to tell. named: the leads were named by what
    is printed; fitting: share of the names that fit. shown: share of the panels in which a trace was seen.
    clear: share of it whose height is sure. speed, gain: their chances. fine: pixels per millimetre.
    twelve: share of the twelve leads that are shown.
    """

    laws: float
    laws_unknown: float
    named: float
    fitting: float
    shown: float
    clear: float
    speed: float
    gain: float
    fine: float
    twelve: float

    @property
    def values(self) -> Float64s:
        return np.array(astuple(self), np.float64)


EVIDENCE: Final = tuple(field.name for field in fields(Reading))


def weigh_reading(read: ReadLayout, signal_mv: Signal, input_px_per_mm: float) -> Reading:
    """The evidence of a page; signal_mv: float32 [12, sample] at 500 Hz."""
    laws_db = limb_laws_db(signal_mv)
    shown, clear = _seen(read.panels, read.curves)
    return Reading(
        laws=0.0 if laws_db is None else float(np.clip(laws_db / _CLEAR_LAWS_DB, 0, 1)),
        laws_unknown=float(laws_db is None),
        named=float(read.named),
        fitting=read.fitting,
        shown=shown,
        clear=clear,
        speed=read.speed.chance,
        gain=read.gain.chance,
        fine=float(np.clip(input_px_per_mm / _FINE_PX_MM, 0, 1)),
        twelve=float(np.isfinite(signal_mv).any(axis=1).mean()) if signal_mv.size else 0.0,
    )


def _seen(panels: Sequence[PrintedPanel], curves: Sequence[RowCurve]) -> tuple[float, float]:
    """Shares of the panels' columns that show a trace, and of these whose height is sure."""
    spreads = []
    for panel in panels:
        first, stop = (max(0, round(at * COLUMNS_PER_PX)) for at in (panel.start_px, panel.stop_px))
        spreads.append(curves[panel.row].spread_px[first:stop])
    spread = np.concatenate(spreads) if spreads else np.empty(0, np.float32)
    known = spread[np.isfinite(spread)]
    if known.size == 0:
        return 0.0, 0.0
    return known.size / spread.size, float((known < _SPREAD_PX).mean())


@dataclass(frozen=True, eq=False)
class SurenessWeights:
    """Weights of the logistic regression, float [name of evidence], and its constant."""

    offset: float
    weights: Float64s

    def sureness(self, reading: Reading) -> float:
        return float(1 / (1 + np.exp(-(self.offset + self.weights @ reading.values))))


@lru_cache(maxsize=1)
def load_sureness() -> SurenessWeights:
    """The weights that come with ecgclip."""
    with WEIGHTS.open(encoding="utf-8", newline="") as file:
        found = {row["name"]: float(row["weight"]) for row in csv.DictReader(file)}
    return SurenessWeights(found["offset"], np.array([found[name] for name in EVIDENCE]))
