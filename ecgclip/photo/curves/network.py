"""A network that reads the trace of one row: its height in every column of the row's band.

It sees the planes of `illumination.separate_planes` of a band (`bands.cut_band`), and says for each of the
columns, two a pixel of the sheet and so 200 a second at 25 mm/s, how likely the trace runs at each height,
and whether there is one. It was trained on drawn prints through the simulated camera (`training.curves`).
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from ecgclip.onnx_graph import open_graph
from ecgclip.photo.curves.bands import BAND_PX
from ecgclip.typing import Float32s, Uint8s

COLUMNS_PER_PX: Final = 2
"""Columns that are read in a pixel of the flat sheet."""
BIN_PX: Final = 2
"""Height of the steps between which the network chooses."""
BINS: Final = BAND_PX // BIN_PX
STEP_PX: Final = 16
"""Widths of the network's input are whole multiples of it."""
OUTPUTS: Final = ("heights", "present")


@dataclass(frozen=True, eq=False)
class BandReading:
    """What the network sees in bands.

    y_px: float32 [band, column], from the band's top, whatever `present` says.
    spread_px: float32 [band, column], standard deviation of the height: large where it is unsure.
    present: float32 [band, column], chance that the row's trace is there.
    """

    y_px: Float32s
    spread_px: Float32s
    present: Float32s


class CurveNetwork:
    """The network of an ONNX graph, loaded when it is first used; errors: ModelError where it cannot be."""

    def __init__(self, graph: Path, threads: int = 0) -> None:
        self.graph = graph
        self.threads = threads

    def __call__(self, bands: Uint8s) -> BandReading:
        """Read bands, uint8 [band, 3, `BAND_PX`, x]."""
        width = bands.shape[3]
        planes = np.pad(bands, ((0, 0), (0, 0), (0, 0), (0, -width % STEP_PX)))
        heights, present = self._session.run(list(OUTPUTS), {"planes": planes})
        columns = width * COLUMNS_PER_PX
        y_px, spread_px = expected(heights[:, :, :columns])
        return BandReading(y_px, spread_px, np.asarray(present[:, :columns], np.float32))

    def load(self) -> None:
        """Load the graph now, beside other work; errors: ModelError."""
        _ = self._session

    @cached_property
    def _session(self) -> Any:
        return open_graph(self.graph, self.threads, resting=True)


@lru_cache(maxsize=1)
def shipped_curves() -> CurveNetwork:
    """The network that comes with ecgclip."""
    return CurveNetwork(Path(__file__).parent.parent.parent / "weights" / "curve-reader" / "curves.onnx")


_AROUND: Final = 4
"""Bins to either side of the likeliest whose mean is the height."""


def expected(logits: Float32s) -> tuple[Float32s, Float32s]:
    """Height and its standard deviation in px, float32 [band, column] each.

    logits: float [band, bin, column]. The mean is taken around the likeliest height alone: over all of them,
    peaks would be drawn to the middle.
    """
    best = logits.argmax(axis=1)
    chance = np.exp(logits - np.take_along_axis(logits, best[:, None], axis=1))
    at = best[:, None] + np.arange(-_AROUND, _AROUND + 1)[None, :, None]
    near = np.take_along_axis(chance, np.clip(at, 0, BINS - 1), axis=1) * ((at >= 0) & (at < BINS))
    mean = (near * at).sum(axis=1) / near.sum(axis=1)
    bins = np.arange(BINS, dtype=np.float32)
    total, first, second = (np.tensordot(bins**power, chance, (0, 1)) for power in (0, 1, 2))
    spread = np.sqrt(np.maximum(0.0, second / total - 2 * mean * first / total + mean**2))
    return bin_to_px(mean).astype(np.float32), (BIN_PX * spread).astype(np.float32)


def bin_to_px(bins: Float32s) -> Float32s:
    """Height in px of the band of the middle of a bin."""
    return np.asarray((bins + 0.5) * BIN_PX - 0.5)
