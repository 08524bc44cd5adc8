"""A small network that reads the flat sheet: its trace, its orientation, and where leads are named.

It sees the planes of `illumination.separate_planes` laid flat at 4 px/mm, in any of the four quarter turns,
and was trained on the project's own prints through the simulated camera (`ecgclip.training.sheet`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from ecgclip.onnx_graph import onnxruntime, open_graph
from ecgclip.typing import Float32s, Uint8s
from ecgclip.units import LEADS

NAMES: Final = len(LEADS)
CELL_PX: Final = 8
"""A cell of the map of names: 2 mm of the flat sheet."""
STEP_PX: Final = 32
"""Sides of the network's input are whole multiples of it: 8 mm."""
_AROUND_PX: Final = 5 * CELL_PX
"""Pixels around the mask that are read too: names of leads lie up to a centimetre beyond the grid."""
OUTPUTS: Final = ("trace", "names", "way", "ecg")
"""As the graph calls them; `way` is the orientation."""

_NO_NAMES: Final = np.empty((0, 0, 0), np.float32)


@dataclass(frozen=True, eq=False)
class SheetReading:
    """What the network sees on a flat sheet.

    trace: float32 [y, x] 0..1, like the sheet. orientation: float32 [4], chance that so many quarter turns
    counter-clockwise make it upright. ecg: chance that there is an ECG's trace at all.
    names: float32 [12, y/8, x/8], chance that the lead's name stands in the cell; empty unless requested.
    """

    trace: Float32s
    orientation: Float32s
    ecg: float
    names: Float32s = field(default_factory=lambda: _NO_NAMES)


class SheetNetwork:
    """The network of an ONNX graph, loaded when it is first used; errors: ModelError where it cannot be.

    names: also read where the names of leads stand, which no step of the reader needs, but validation scores.
    """

    def __init__(self, graph: Path, threads: int = 0, *, names: bool = False) -> None:
        self.graph = graph
        self.threads = threads
        self.names = names

    def __call__(self, planes: Uint8s) -> SheetReading:
        """Read a flat sheet, uint8 [3, y, x] of dark, ink and colour at `FLAT_PX_PER_MM`."""
        outputs = [output for output in OUTPUTS if self.names or output != "names"]
        values = self._session.run(outputs, {"planes": padded(planes)[None]}, _brief())
        found = {output: value[0] for output, value in zip(outputs, values, strict=True)}
        reading = SheetReading(
            found["trace"], found["way"], float(found["ecg"]), found.get("names", _NO_NAMES)
        )
        return trimmed(reading, (planes.shape[1], planes.shape[2]))

    def load(self) -> None:
        """Load the graph now, beside other work; errors: ModelError."""
        _ = self._session

    @cached_property
    def _session(self) -> Any:
        return open_graph(self.graph, self.threads, resting=True)


def _brief() -> Any:
    """Run options: compute only the requested outputs, then return the memory, which later steps need."""
    options = onnxruntime().RunOptions()
    options.only_execute_path_to_fetches = True
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


@lru_cache(maxsize=1)
def shipped_network() -> SheetNetwork:
    """The network that comes with ecgclip."""
    return SheetNetwork(Path(__file__).parent.parent.parent / "weights" / "sheet-reader" / "sheet.onnx")


def read_within(network: Callable[[Uint8s], SheetReading], planes: Uint8s, mask: Uint8s) -> SheetReading:
    """Read only the part of a sheet around its paper (mask > 0); beyond it no trace is seen. No names."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        return network(planes)
    top, left = (max(0, (int(edge[0]) - _AROUND_PX) // CELL_PX) * CELL_PX for edge in (rows, columns))
    bottom, right = int(rows[-1]) + 1 + _AROUND_PX, int(columns[-1]) + 1 + _AROUND_PX
    part = network(np.ascontiguousarray(planes[:, top:bottom, left:right]))
    trace = np.zeros(mask.shape, np.float32)
    height, width = part.trace.shape
    trace[top : top + height, left : left + width] = part.trace
    return SheetReading(trace, part.orientation, part.ecg)


def padded(planes: Uint8s) -> Uint8s:
    """The planes with blank added to the right and below, to whole multiples of `STEP_PX`."""
    height, width = planes.shape[1:]
    return np.pad(planes, ((0, 0), (0, -height % STEP_PX), (0, -width % STEP_PX)))


def trimmed(reading: SheetReading, size_px: tuple[int, int]) -> SheetReading:
    """The reading without what was added; size_px: (height, width) of the sheet."""
    height, width = size_px
    rows, columns = -(-height // CELL_PX), -(-width // CELL_PX)
    return replace(reading, trace=reading.trace[:height, :width], names=reading.names[:, :rows, :columns])
