"""`Page`: the result of reading a photo of an ECG, or the reason for refusing it."""

from dataclasses import dataclass, field, replace

import numpy as np

from ecgclip.paper.page import CanonicalPage
from ecgclip.typing import Float32s, Ink, Signal, Traces, Uint8s
from ecgclip.units import GAIN_MM_MV, LEADS, SPEED_MM_S


@dataclass(frozen=True)
class ReadPanel:
    """A piece of one lead: seconds of the record, millimetres of the flat sheet from its top left corner.

    gain_mm_mv: negative where the print shows the lead upside down.
    """

    lead: str
    start_s: float
    stop_s: float
    x_mm: float
    baseline_mm: float
    speed_mm_s: float = SPEED_MM_S
    gain_mm_mv: float = GAIN_MM_MV


@dataclass(frozen=True, eq=False)
class Page:
    """The result of `rectify`: what was read of one image, or why it was refused.

    Attributes:
        accepted: False when the image is no readable ECG.
        reason: Why it was refused, in words for a nurse; empty when it was accepted.
        confidence: 0 to 1, that this is a readable ECG and that it was read right; of a refused picture the
            former alone.
        image: uint8 [y, x], the rectified grey paper at `px_per_mm`; what lies outside the photo is white.
        canonical: What was read, as a `CanonicalPage`; `ink`, `traces_mv` and `warnings` are its own.
        corners: float32 [4, 2], x and y of the page's corners in the input image, top left first, clockwise.
        px_per_mm: Scale of `image`.
        input_px_per_mm: Scale found in the photo itself.
        rotation_deg: Clockwise turn that was undone, including quarter turns.
        layout: Such as `3x4+1R(II)` (three rows of four leads and a rhythm strip of lead II), or `unknown`.
        kind: `photo`, `render` or `pdf`.
        nodes_px: float32 [row, column, 2], x and y in the input image of points of the flat sheet, which
            stand `dewarp.NODE_MM` apart along its rows and columns. Empty where the image was refused.
        signal_mv: float32 [12, sample] in mV at 500 Hz (`signal.SIGNAL_RATE_HZ`), leads as in `Ecg`, NaN
            where the print shows nothing; [12, 0] where the image was refused.
        panels: Where on the flat sheet, in mm from its top left corner, the pieces of `signal_mv` were read.
        number: Which page of its document this is, from 0.
        timings_ms: Milliseconds of `load` and `rectify`.
    """

    accepted: bool
    reason: str
    confidence: float
    image: Uint8s
    canonical: CanonicalPage
    corners: Float32s
    px_per_mm: float
    input_px_per_mm: float
    rotation_deg: float
    layout: str
    kind: str = "photo"
    nodes_px: Float32s = field(default_factory=lambda: np.empty((0, 0, 2), np.float32))
    signal_mv: Signal = field(default_factory=lambda: np.empty((len(LEADS), 0), np.float32))
    panels: tuple[ReadPanel, ...] = ()
    number: int = 0
    timings_ms: dict[str, float] = field(default_factory=dict)

    @property
    def ink(self) -> Ink:
        """uint8 [512, 1024], 0 blank .. 255 ink, at 4 px/mm."""
        return self.canonical.ink

    @property
    def traces_mv(self) -> Traces:
        """float32 [4, 1000], the rows of `ink` in mV at 100 Hz, NaN where no ink was found."""
        return self.canonical.traces_mv

    @property
    def leads(self) -> tuple[str, ...]:
        """The leads of which `signal_mv` has at least one sample."""
        rows = zip(LEADS, self.signal_mv, strict=True)
        return tuple(lead for lead, samples in rows if not np.isnan(samples).all())

    @property
    def warnings(self) -> tuple[str, ...]:
        """What somebody who relies on this page should know, one sentence each."""
        return self.canonical.warnings

    def with_warnings(self, warnings: tuple[str, ...]) -> "Page":
        """The same page with these warnings in place of its own."""
        return replace(self, canonical=replace(self.canonical, warnings=warnings))
