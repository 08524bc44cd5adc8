"""What of the truth of a sheet a reading found, and what it found that is not there."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ecgclip.photo.flat.cells import CELL_PX, WORD_PX
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.flat.words import NO_WORD
from ecgclip.training.sheet.sample import FlatSample
from ecgclip.training.sheet.targets import shown_share
from ecgclip.typing import Bools, Float32s, Int64s, Uint8s

_SURE: Final = 0.5
_WHOLE: Final = 0.7
"""Words of which less is shown are neither to be found nor false."""
_NEAR_PX: Final = 1.5 * FLAT_PX_PER_MM
"""A start or stop is found this near."""
_PEAK: Final = 0.35
"""Least chance at the peak of a start or stop; its truth falls from 1 to about .7 between cells."""


@dataclass(frozen=True)
class Counts:
    """What was found, what was missed, and what was found where nothing is."""

    hits: float = 0
    misses: float = 0
    false: float = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.hits + other.hits, self.misses + other.misses, self.false + other.false)

    @property
    def recall(self) -> float:
        """NaN where there was nothing to find."""
        return self.hits / total if (total := self.hits + self.misses) else float("nan")

    @property
    def precision(self) -> float:
        """NaN where nothing was found."""
        return self.hits / total if (total := self.hits + self.false) else float("nan")


def overlap(found: Bools, truth: Bools) -> float:
    """F1 of two sets of pixels that may lie one pixel apart; 1 where both are empty."""
    if not found.any() or not truth.any():
        return float(found.any() == truth.any())
    precision, recall = float(_near(truth)[found].mean()), float(_near(found)[truth].mean())
    return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0


def _near(cells: Bools) -> Bools:
    return np.asarray(cv2.dilate(cells.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def stroke_counts(chance: Float32s, truth: Float32s) -> Counts:
    """Cells of strokes or of ridges along 0 mV, 1 mm of error allowed; truth: as `cell_targets` has it."""
    rows, columns = truth.shape
    known = truth >= 0
    found, real = (chance[:rows, :columns] > _SURE) & known, truth > _SURE
    hits = int((real & _near(found)).sum())
    # a false cell is one without any true one beside it
    return Counts(hits, int(real.sum()) - hits, int((found & ~_near(real | ~known)).sum()))


def point_counts(chance: Float32s, points: Float32s, shown: Uint8s) -> Counts:
    """Peaks of a map within 1.5 mm of points (x, y) in px that the picture shows."""
    peaks = peak_places(chance)
    height, width = shown.shape
    x, y = (np.round(points[:, axis]).astype(int) for axis in (0, 1))
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    seen = inside & (shown[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)] > 127)
    off = np.linalg.norm(points[:, None] - peaks[None], axis=2)
    hits = int((off[seen] < _NEAR_PX).any(axis=1).sum()) if len(peaks) else 0
    false = int((off > _NEAR_PX).all(axis=0).sum()) if len(points) else len(peaks)
    return Counts(hits, int(seen.sum()) - hits, false)


def peak_places(chance: Float32s) -> Float32s:
    """Places (x, y) in px of the map's peaks, float32 [peak, 2], refined by the cells beside them."""
    top = cv2.dilate(chance, np.ones((5, 5), np.uint8))
    rows, columns = np.nonzero((chance >= top) & (chance > _PEAK))
    around = np.pad(chance, 1)
    places = []
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        patch = around[row : row + 3, column : column + 3]
        off = np.array([patch[:, 2].sum() - patch[:, 0].sum(), patch[2].sum() - patch[0].sum()]) / patch.sum()
        places.append((np.array([column, row]) + 0.5 + off) * CELL_PX - 0.5)
    return np.array(places, np.float32).reshape(-1, 2)


def word_counts(chances: Float32s, sample: FlatSample) -> tuple[Counts, ...]:
    """Words found, missed and false, by class.

    A word is found where the strongest cell of its box is its own with more than one half. Cells in one patch
    of a class are one word, and false where none of them touches a word of that class.
    """
    best, strength = chances.argmax(axis=0), chances.max(axis=0)
    counts = [Counts()] * NO_WORD
    near = np.zeros(chances.shape, np.bool_)
    for left, top, right, bottom, number in sample.words.tolist():
        share = shown_share(sample.shown, (left, top, right, bottom))
        if share <= 0:
            continue
        rows, columns = _cells_of(top, bottom), _cells_of(left, right)
        classes = slice(None) if number < 0 or share < _WHOLE else slice(int(number), int(number) + 1)
        near[classes, rows, columns] = True
        if number < 0 or share < _WHOLE:
            continue
        inside = strength[rows, columns]
        found = (
            inside.size > 0 and inside.max() > _SURE and best[rows, columns].flat[inside.argmax()] == number
        )
        counts[int(number)] += Counts(hits=int(found), misses=1 - int(found))
    labels = np.where(strength > _SURE, best, NO_WORD)
    return tuple(counts[n] + Counts(false=_false_patches(labels == n, near[n])) for n in range(NO_WORD))


def _false_patches(found: Bools, real: Bools) -> int:
    number, patches = cv2.connectedComponents(found.astype(np.uint8))
    touched: Int64s = np.unique(patches[_near(real)])
    return int(number - 1 - np.count_nonzero(touched))


def _cells_of(low_px: float, high_px: float) -> slice:
    """The cells that an interval touches, at least one."""
    first = max(0, int((low_px + 0.5) // WORD_PX))
    return slice(first, max(first + 1, int(np.ceil((high_px + 0.5) / WORD_PX))))
