"""`Page`: what a photo of an ECG became, or why it did not."""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from ecgclip.paper.page import CanonicalPage
from ecgclip.typing import Ink, Traces


@dataclass(frozen=True, eq=False)
class Page:
    """The canonical page of one image.

    accepted: False when the image is no readable ECG; `reason` then says why, in words for a nurse.
    confidence: 0..1, how sure the reader is that this is a readable ECG.
    image: uint8 [y, x], the rectified grey paper at `px_per_mm`; what lies outside the photo is white.
    canonical: what was read, as a `CanonicalPage`; `ink`, `traces_mv` and `warnings` are its own.
    corners: float32 [4, 2], x and y of the page's corners in the input image (top left, then clockwise).
    nodes_px: float32 [row, column, 2], x and y in the input image of points of the flat sheet, which stand
    `dewarp.NODE_MM` apart along its rows and columns: the map that was found. Empty where it was refused.
    px_per_mm: of `image`; input_px_per_mm: the scale found in the photo itself.
    rotation_deg: clockwise turn that was undone, including the quarter turns.
    layout: `3x4+1R(II)`, ... or `unknown`; kind: `photo`, `render` or `pdf`.
    """

    accepted: bool
    reason: str
    confidence: float
    image: npt.NDArray[np.uint8]
    canonical: CanonicalPage
    corners: npt.NDArray[np.float32]
    px_per_mm: float
    input_px_per_mm: float
    rotation_deg: float
    layout: str
    kind: str = "photo"
    nodes_px: npt.NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 0, 2), np.float32))
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
    def warnings(self) -> tuple[str, ...]:
        """What somebody who relies on this page should know."""
        return self.canonical.warnings

    def with_warnings(self, warnings: tuple[str, ...]) -> "Page":
        """The same page with these warnings in place of its own."""
        return replace(self, canonical=replace(self.canonical, warnings=warnings))
