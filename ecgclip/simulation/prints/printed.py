"""`Print`: a drawn sheet with everything that a reader should find on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from ecgclip.paper.raster import PRINT_PX_PER_MM
from ecgclip.typing import Float32s, Rgb, Uint8s

WordKind = Literal["lead", "speed", "gain"]
"""What a word that a reader uses tells."""


@dataclass(frozen=True, eq=False)
class Curve:
    """One lead on the page: the middle of its stroke, in mm from the top left corner.

    Attributes:
        lead: `I` to `V6`; `-aVR` where the print shows it upside down; other leads as `V3R`, `V7`.
        x_mm, y_mm: float32 [point]; x ascends. Where the print clips or a head is dead, y is what is drawn;
            NaN where nothing is.
        baseline_mm: y of 0 mV.
        start_s: Time in the record of the first point.
        speed_mm_s: Millimetres per second.
        gain_mm_mv: Millimetres per mV.
    """

    lead: str
    x_mm: Float32s
    y_mm: Float32s
    baseline_mm: float
    start_s: float
    speed_mm_s: float = 25.0
    gain_mm_mv: float = 10.0


@dataclass(frozen=True)
class Box:
    """A rectangle in mm from the top left corner of the page."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Word:
    """A word that a reader uses, and where it stands.

    kind, value: `lead` and its name as `Curve.lead` has it; `speed` and mm/s, `gain` and mm/mV as `25`,
    `12.5`.
    """

    kind: WordKind
    value: str
    box: Box


@dataclass(frozen=True)
class Pulse:
    """A calibration pulse: its corners lie in `box`; mv: 1 where it is `gain_mm_mv` high."""

    box: Box
    gain_mm_mv: float


@dataclass(frozen=True, eq=False)
class Print:
    """A drawn page at `PRINT_PX_PER_MM`.

    Attributes:
        rgb: uint8 [y, x, 3].
        trace: uint8 [y, x], ink of the curves alone, 0 blank to 255.
        pulse_ink: uint8 [y, x], ink of the calibration pulses.
        mark_ink: uint8 [y, x], ink of separators, ticks, bars, frames and boxes: strokes that are no trace.
        curves: Of the leads, in the order of rows.
        words: Names of leads, speeds and gains.
        pulses: The calibration pulses.
        is_ecg: False of pages that show no ECG.
        layout: Such as `3x4+1R(II)`; empty of pages that show no ECG.
        style: Every parameter that was drawn, as numbers and words.
    """

    rgb: Rgb
    trace: Uint8s
    pulse_ink: Uint8s
    mark_ink: Uint8s
    curves: tuple[Curve, ...] = ()
    words: tuple[Word, ...] = ()
    pulses: tuple[Pulse, ...] = ()
    is_ecg: bool = True
    layout: str = ""
    style: Mapping[str, Any] = field(default_factory=dict)

    @property
    def size_mm(self) -> tuple[float, float]:
        """(width, height) of the page."""
        return self.trace.shape[1] / PRINT_PX_PER_MM, self.trace.shape[0] / PRINT_PX_PER_MM

    @property
    def px_per_mm(self) -> float:
        return PRINT_PX_PER_MM


def blank_planes(shape: tuple[int, int]) -> tuple[Uint8s, Uint8s, Uint8s]:
    """Trace, pulse and mark planes of a page that shows none of them, uint8 [y, x] each."""
    return np.zeros(shape, np.uint8), np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
