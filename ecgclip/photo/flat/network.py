"""A small network that reads the flat sheet: trace, pulses, marks, baselines, words, orientation.

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
from ecgclip.photo.flat.cells import CELL_PX, WORD_PX, placed_cells, turned_cells
from ecgclip.typing import Float32s, Uint8s

CELLS: Final = ("pulse", "mark", "baseline", "start", "stop")
"""The maps of `SheetReading.cells`, in their order."""
STEP_PX: Final = 32
"""Sides of the network's input are whole multiples of it: 8 mm."""
_AROUND_PX: Final = 5 * WORD_PX
"""Pixels around the mask that are read too: names of leads lie up to a centimetre beyond the grid."""
OUTPUTS: Final = ("trace", "words", "cells", "way", "ecg")
"""As the graph calls them; `way` is the orientation."""
_BRIEF: Final = ("trace", "way", "ecg")
"""The outputs of a plain call."""

_NONE: Final = np.empty((0, 0, 0), np.float32)


@dataclass(frozen=True, eq=False)
class SheetReading:
    """What the network sees on a flat sheet.

    Attributes:
        trace: float32 [y, x] 0..1, like the sheet: ink of the leads' curves.
        orientation: float32 [4], chance that so many quarter turns counter-clockwise make it upright.
        ecg: Chance that there is an ECG's trace at all.
        words: float32 [word, y/8, x/8], chance that the word of `words.WORDS` covers the cell.
        cells: float32 [5, y/4, x/4], the maps of `CELLS`: ink of calibration pulses; ink of separators,
            ticks, frames and bars; ridges along the 0-mV line of each panel, as long as its curve; blobs
            where these lines begin and end. Both maps are empty unless requested.
    """

    trace: Float32s
    orientation: Float32s
    ecg: float
    words: Float32s = field(default_factory=lambda: _NONE)
    cells: Float32s = field(default_factory=lambda: _NONE)

    @property
    def pulse(self) -> Float32s:
        return self._cells("pulse")

    @property
    def mark(self) -> Float32s:
        return self._cells("mark")

    @property
    def baseline(self) -> Float32s:
        return self._cells("baseline")

    @property
    def start(self) -> Float32s:
        return self._cells("start")

    @property
    def stop(self) -> Float32s:
        return self._cells("stop")

    def _cells(self, name: str) -> Float32s:
        return np.asarray(self.cells[CELLS.index(name)])

    def turned(self, quarter_turns: int) -> "SheetReading":
        """The reading of the sheet turned counter-clockwise by quarter turns."""
        return SheetReading(
            np.ascontiguousarray(np.rot90(self.trace, quarter_turns)),
            np.roll(self.orientation, -quarter_turns),
            self.ecg,
            turned_cells(self.words, quarter_turns, self._size, WORD_PX),
            turned_cells(self.cells, quarter_turns, self._size, CELL_PX),
        )

    @property
    def _size(self) -> tuple[int, int]:
        return self.trace.shape[0], self.trace.shape[1]


class SheetNetwork:
    """The network of an ONNX graph, loaded when it is first used; errors: ModelError where it cannot be."""

    def __init__(self, graph: Path, threads: int = 0) -> None:
        self.graph = graph
        self.threads = threads

    def __call__(self, planes: Uint8s) -> SheetReading:
        """Read trace, orientation and chance of an ECG alone.

        planes: uint8 [3, y, x] of dark, ink and colour at `FLAT_PX_PER_MM`.
        """
        return self._read(planes, _BRIEF)

    def read_all(self, planes: Uint8s) -> SheetReading:
        """Read words, pulses, marks and baselines, too."""
        return self._read(planes, OUTPUTS)

    def _read(self, planes: Uint8s, outputs: tuple[str, ...]) -> SheetReading:
        values = self._session.run(outputs, {"planes": padded(planes)[None]}, _brief())
        found = {output: value[0] for output, value in zip(outputs, values, strict=True)}
        reading = SheetReading(
            found["trace"],
            found["way"],
            float(found["ecg"]),
            found.get("words", _NONE),
            found.get("cells", _NONE),
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
    """Read only the part of a sheet around its paper (mask > 0); beyond it nothing is seen.

    network: a `SheetNetwork`, or its `read_all`.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        return network(planes)
    top, left = (max(0, (int(edge[0]) - _AROUND_PX) // WORD_PX) * WORD_PX for edge in (rows, columns))
    bottom, right = int(rows[-1]) + 1 + _AROUND_PX, int(columns[-1]) + 1 + _AROUND_PX
    part = network(np.ascontiguousarray(planes[:, top:bottom, left:right]))
    trace = np.zeros(mask.shape, np.float32)
    height, width = part.trace.shape
    trace[top : top + height, left : left + width] = part.trace
    words, cells = (
        placed_cells(maps, (top, left), mask.shape, size_px)
        for maps, size_px in ((part.words, WORD_PX), (part.cells, CELL_PX))
    )
    return SheetReading(trace, part.orientation, part.ecg, words, cells)


def padded(planes: Uint8s) -> Uint8s:
    """The planes with blank added to the right and below, to whole multiples of `STEP_PX`."""
    height, width = planes.shape[1:]
    return np.pad(planes, ((0, 0), (0, -height % STEP_PX), (0, -width % STEP_PX)))


def trimmed(reading: SheetReading, size_px: tuple[int, int]) -> SheetReading:
    """The reading without what was added; size_px: (height, width) of the sheet."""
    height, width = size_px
    words, cells = (
        maps[:, : -(-height // size), : -(-width // size)]
        for maps, size in ((reading.words, WORD_PX), (reading.cells, CELL_PX))
    )
    return replace(reading, trace=reading.trace[:height, :width], words=words, cells=cells)
