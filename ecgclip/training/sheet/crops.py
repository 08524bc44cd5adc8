"""Batches of the sheet stage: random crops of drawn sheets, turned, copied in grey, faded."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.training.sheet.changes import changed
from ecgclip.training.sheet.sample import FlatSample, moved, quarter_turned
from ecgclip.training.sheet.store import load
from ecgclip.training.sheet.targets import cell_targets, trace_target, word_cells
from ecgclip.typing import Bools, Float32s, Int64s, Uint8s

_TURNS: Final = (0.52, 0.16, 0.16, 0.16)
"""Shares of the quarter turns: most sheets stand upright, and upright words are worth most."""
_FAR_SCALE: Final = 0.2
"""Share of crops scaled by half to twice."""
_LEGIBLE: Final = 0.65
"""Words of crops scaled by less have no label: their letters are a few pixels high."""
_STRIP: Final = 0.12
"""Share of crops of which only a strip is left."""
_ENOUGH_MM2: Final = 15.0
"""Least ink of traces, in mm2, with which a crop counts as an ECG of known orientation."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Crops with their targets.

    planes: uint8 [n, 3, y, x]; trace: uint8 [n, y, x]; words: int64 [n, y/8, x/8], class of
    `photo.flat.words`, -1 where unlabelled; cells: float32 [n, 5, y/4, x/4] 0..1, -1 where unlabelled;
    turns: int64 [n], counter-clockwise quarters to upright, -1 where it cannot be known; ecg: bool [n].
    """

    planes: Uint8s
    trace: Uint8s
    words: Int64s
    cells: Float32s
    turns: Int64s
    ecg: Bools


def random_batch(files: list[Path], count: int, size_px: tuple[int, int], rng: np.random.Generator) -> Batch:
    """`count` crops (height, width) of random sheets."""
    crops = [_crop(load(files[int(rng.integers(len(files)))]).sample, size_px, rng) for _ in range(count)]
    return Batch(
        np.stack([crop.sample.planes for crop in crops]),
        np.stack([trace_target(crop.sample.trace) for crop in crops]),
        np.stack([word_cells(crop.sample) for crop in crops]),
        np.stack([cell_targets(crop.sample) for crop in crops]),
        np.array([crop.turns for crop in crops], np.int64),
        np.array([crop.sample.is_ecg for crop in crops], np.bool_),
    )


@dataclass(frozen=True, eq=False)
class _Crop:
    sample: FlatSample
    turns: int


def _crop(sample: FlatSample, size_px: tuple[int, int], rng: np.random.Generator) -> _Crop:
    """A crop of a sheet, turned at random; crops of an ECG without a trace count as no ECG."""
    turns = int(rng.choice(4, p=_TURNS))
    height, width = size_px if turns % 2 == 0 else size_px[::-1]
    zoom = _zoom(rng)
    wanted = round(height / zoom), round(width / zoom)
    top, left = _corner(sample, wanted, rng)
    stack = [cut(plane, top, left, wanted) for plane in (*sample.planes, *sample.layers)]
    pixels = np.stack([_resized(plane, (height, width)) for plane in stack])
    words, panels = moved(sample.words, sample.panels, (top, left), zoom)
    if zoom < _LEGIBLE:
        words[:, 4] = -1
    if rng.random() < _STRIP:
        pixels = _strip(pixels, rng)
    planes, layers = changed(pixels[:3], pixels[3:], rng)
    ink_mm2 = float((layers[0] > 100).sum()) / FLAT_PX_PER_MM**2
    ecg = sample.is_ecg and ink_mm2 > _ENOUGH_MM2
    crop = quarter_turned(FlatSample(planes, layers, words, panels, ecg), turns)
    return _Crop(crop, -turns % 4 if ecg else -1)


def _zoom(rng: np.random.Generator) -> float:
    """Scales are mostly right; some makers print, and some grids are read, at half or twice the size."""
    wide = rng.random() < _FAR_SCALE
    return float(np.exp(rng.uniform(-np.log(2), np.log(2)) if wide else rng.normal(0, 0.05)))


def _resized(plane: Uint8s, size_px: tuple[int, int]) -> Uint8s:
    method = cv2.INTER_AREA if plane.shape[0] > size_px[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(plane, size_px[::-1], interpolation=method), np.uint8)


def _strip(pixels: Uint8s, rng: np.random.Generator) -> Uint8s:
    """Only a strip of the crop is paper, as where a single lead was cut out; all else is blank."""
    height, width = pixels.shape[1:]
    low, high = np.sort(rng.uniform(0, 1, (2, 2)), axis=0)
    if rng.random() < 0.7:  # as wide or as high as the crop
        axis = int(rng.integers(2))
        low[axis], high[axis] = 0, 1
    top, left = int(low[0] * height), int(low[1] * width)
    bottom, right = max(top + 40, int(high[0] * height)), max(left + 40, int(high[1] * width))
    kept = np.zeros_like(pixels)
    kept[:, top:bottom, left:right] = pixels[:, top:bottom, left:right]
    return kept


def _corner(sample: FlatSample, size_px: tuple[int, int], rng: np.random.Generator) -> tuple[int, int]:
    """Top and left of a crop inside the sheet, or of one around it; every other one shows some word."""
    limits = [(min(0, a - b), max(0, a - b)) for a, b in zip(sample.size_px, size_px, strict=True)]
    if len(sample.words) and rng.random() < 0.5:
        left, top, right, bottom = sample.words[int(rng.integers(len(sample.words))), :4].tolist()
        at = (round((top + bottom) / 2), round((left + right) / 2))
        limits = [
            (max(low, a - b), min(high, a)) for (low, high), a, b in zip(limits, at, size_px, strict=True)
        ]
    top, left = (int(rng.integers(low, max(low, high) + 1)) for low, high in limits)
    return top, left


def cut(plane: Uint8s, top: int, left: int, size_px: tuple[int, int]) -> Uint8s:
    """A rectangle of a plane; what lies beyond it is 0, as beyond the picture."""
    height, width = size_px
    crop = np.zeros(size_px, np.uint8)
    inside = plane[max(0, top) : max(0, top + height), max(0, left) : max(0, left + width)]
    y, x = max(0, -top), max(0, -left)
    crop[y : y + inside.shape[0], x : x + inside.shape[1]] = inside
    return crop
