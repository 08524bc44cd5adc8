"""What the network should answer on the cells of a sheet or a crop: words, strokes, ridges and blobs."""

from typing import Final

import cv2
import numpy as np

from ecgclip.photo.flat.cells import CELL_PX, WORD_PX
from ecgclip.photo.flat.words import NO_WORD
from ecgclip.training.sheet.sample import FlatSample
from ecgclip.typing import Bools, Float32s, Int64s, Uint8s

_HAIRLINE: Final = 1.7
"""By how much the ink of a stroke counts more than the area that it covers."""
_AROUND_PX: Final = 4.0
"""A word's cells are those whose middle lies in its box, or this near to it."""
_WHOLE: Final = 0.7
"""Share of a word's box that the crop must show for the word to be labelled."""
_RIDGE: Final = 0.6
"""Standard deviation, in cells, of the profile across a 0-mV line: .25 at a cell's distance."""
_BLOB: Final = 0.9
"""Standard deviation, in cells, of the blob at its ends: .25 at 1.5 mm."""


def trace_target(ink: Uint8s) -> Uint8s:
    """What the network should answer of the trace, uint8 [y, x]: a hairline, too, is 1 in its middle.

    Strokes of .17 mm cover two thirds of a pixel at most, and half of each of two when they lie between them.
    """
    return np.asarray(cv2.convertScaleAbs(ink, alpha=_HAIRLINE), np.uint8)


def word_cells(sample: FlatSample) -> Int64s:
    """Which word covers each cell, int64 [y/8, x/8]: its class, `NO_WORD` for none, -1 where unlabelled.

    Of words side by side the nearest counts. Unlabelled are words that are cut off or have no class.
    """
    height, width = sample.size_px
    y, x = (np.arange(side // WORD_PX) * WORD_PX + WORD_PX / 2 - 0.5 for side in (height, width))
    cells = np.full((len(y), len(x)), NO_WORD, np.int64)
    nearest = np.full(cells.shape, np.inf)
    for left, top, right, bottom, number in sample.words.tolist():
        across = np.maximum(np.maximum(left - x, x - right), 0)
        down = np.maximum(np.maximum(top - y, y - bottom), 0)
        off = np.maximum(down[:, None], across[None])
        middle = np.abs(y - (top + bottom) / 2)[:, None] + np.abs(x - (left + right) / 2)[None]
        covered = (off <= _AROUND_PX) & (middle < nearest)
        if not covered.any():
            continue
        whole = shown_share(sample.shown, (left, top, right, bottom)) >= _WHOLE
        cells[covered] = int(number) if whole else -1
        nearest[covered] = middle[covered]
    return cells


def shown_share(shown: Uint8s, box: tuple[float, float, float, float]) -> float:
    """Share of a box (left, top, right, bottom), in px, that the picture shows."""
    left, top, right, bottom = (round(edge) for edge in box)
    area = max(1, right - left) * max(1, bottom - top)
    part = shown[max(0, top) : max(0, bottom, top + 1), max(0, left) : max(0, right, left + 1)]
    return float((part > 127).sum()) / area


def cell_targets(sample: FlatSample) -> Float32s:
    """The maps of `network.CELLS`, float32 [5, y/4, x/4] 0..1.

    A truth that lies where the picture shows nothing is unlabelled, -1; nothing there is labelled as such.
    """
    shape = sample.size_px[0] // CELL_PX, sample.size_px[1] // CELL_PX
    ends = [sample.panels[:, node] for node in (0, -1)]
    maps = np.stack(
        [
            _strongest(sample.pulse),
            _strongest(sample.mark),
            splats(_dense(sample.panels), shape, _RIDGE),
            *(splats(points, shape, _BLOB) for points in ends),
        ]
    )
    maps[(maps > 0) & _hidden(sample.shown)] = -1
    return maps


def _strongest(ink: Uint8s) -> Float32s:
    rows, columns = ink.shape[0] // CELL_PX, ink.shape[1] // CELL_PX
    ink = ink[: rows * CELL_PX, : columns * CELL_PX]
    for _ in range(2):  # along each axis; a reduction over tiles at once takes ten times as long
        ink = np.maximum.reduce([ink[first::CELL_PX] for first in range(CELL_PX)]).T
    return ink.astype(np.float32) / np.float32(255)


def _hidden(shown: Uint8s) -> Bools:
    return np.asarray(_strongest(shown) < 0.5)


def _dense(panels: Float32s) -> Float32s:
    """Points of polylines, float32 [point, 2], less than a third of a cell apart."""
    if len(panels) == 0:
        return np.zeros((0, 2), np.float32)
    steps = np.linalg.norm(np.diff(panels, axis=1), axis=2)
    between = int(np.ceil(3 * float(steps.max()) / CELL_PX)) + 1
    parts = np.linspace(0, 1, between, dtype=np.float32)[:, None, None, None]
    return np.asarray(panels[None, :, :-1] * (1 - parts) + panels[None, :, 1:] * parts).reshape(-1, 2)


def splats(points: Float32s, shape: tuple[int, int], sigma: float) -> Float32s:
    """exp(-d²/2σ²) of each cell's distance d, in cells, to the nearest point, 0 from 2.5 σ + 1 on.

    points: (x, y) in px; shape: (rows, columns) of the map.
    """
    reach = int(np.ceil(2.5 * sigma))
    at = (points.astype(np.float64) + 0.5) / CELL_PX - 0.5
    at = at[((at > -1 - reach) & (at < np.array(shape[::-1]) + reach)).all(axis=1)]
    padded = np.zeros((shape[0] + 4 * reach + 2, shape[1] + 4 * reach + 2), np.float32)
    first = np.round(at).astype(int)
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            cell = first + np.array([right, down])
            value = np.exp(-((cell - at) ** 2).sum(axis=1) / (2 * sigma**2)).astype(np.float32)
            np.maximum.at(padded, (cell[:, 1] + 2 * reach + 1, cell[:, 0] + 2 * reach + 1), value)
    edge = 2 * reach + 1
    return padded[edge : edge + shape[0], edge : edge + shape[1]]
