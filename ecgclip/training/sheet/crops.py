"""Batches of the sheet stage: random crops of drawn sheets, turned, copied in grey, faded."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from ecgclip.photo.flat.network import CELL_PX, NAMES
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.training.sheet.flat import FlatSample
from ecgclip.training.sheet.store import load
from ecgclip.typing import Bools, Float32s, Int64s, Uint8s

_NAME_REACH_PX: Final = 2.2 * FLAT_PX_PER_MM
"""Cells whose middle lies this near to the middle of a name are labelled with it."""
_FAR_SCALE: Final = 0.2
"""Share of crops scaled by half to twice."""
_STRIP: Final = 0.12
"""Share of crops of which only a strip is left."""
_ENOUGH_MM2: Final = 15.0
"""Least ink of traces, in mm2, with which a crop counts as an ECG of known orientation."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Crops with their targets.

    planes: uint8 [n, 3, y, x]; trace: uint8 [n, y, x]; names: int64 [n, y/8, x/8], `NAMES` for none;
    turns: int64 [n], counter-clockwise quarters to upright, -1 where it cannot be known; ecg: bool [n].
    """

    planes: Uint8s
    trace: Uint8s
    names: Int64s
    turns: Int64s
    ecg: Bools


def random_batch(files: list[Path], count: int, size_px: tuple[int, int], rng: np.random.Generator) -> Batch:
    """`count` crops (height, width) of random sheets."""
    crops = [_crop(load(files[int(rng.integers(len(files)))]).sample, size_px, rng) for _ in range(count)]
    return Batch(
        np.stack([crop.planes for crop in crops]),
        np.stack([crop.trace for crop in crops]),
        np.stack([name_cells(crop.labels, size_px) for crop in crops]),
        np.array([crop.turns for crop in crops], np.int64),
        np.array([crop.ecg for crop in crops], np.bool_),
    )


@dataclass(frozen=True, eq=False)
class _Crop:
    planes: Uint8s
    trace: Uint8s
    labels: Float32s
    turns: int
    ecg: bool


def _crop(sample: FlatSample, size_px: tuple[int, int], rng: np.random.Generator) -> _Crop:
    """A crop of a sheet turned at random; crops of an ECG without a trace count as no ECG."""
    turned = quarter_turned(sample, int(turns := rng.integers(4)))
    zoom = _zoom(rng)
    wanted = round(size_px[0] / zoom), round(size_px[1] / zoom)
    top, left = _corner(turned, wanted, rng)
    stack = [cut(plane, top, left, wanted) for plane in (*turned.planes, turned.trace)]
    planes = np.stack([_resized(plane, size_px) for plane in stack])
    labels = (turned.labels - np.array([left, top, 0], np.float32)) * np.array([zoom, zoom, 1], np.float32)
    if rng.random() < _STRIP:
        planes, labels = _strip(planes, labels, rng)
    planes, trace = changed(planes[:3], planes[3], rng)
    ink_mm2 = float((trace > 100).sum()) / FLAT_PX_PER_MM**2
    ecg = sample.is_ecg and ink_mm2 > _ENOUGH_MM2
    return _Crop(planes, trace, labels, (-int(turns)) % 4 if ecg else -1, ecg)


def _zoom(rng: np.random.Generator) -> float:
    """Scales are mostly right; some makers print, and some grids are read, at half or twice the size."""
    wide = rng.random() < _FAR_SCALE
    return float(np.exp(rng.uniform(-np.log(2), np.log(2)) if wide else rng.normal(0, 0.05)))


def _resized(plane: Uint8s, size_px: tuple[int, int]) -> Uint8s:
    method = cv2.INTER_AREA if plane.shape[0] > size_px[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(plane, size_px[::-1], interpolation=method), np.uint8)


def _strip(planes: Uint8s, labels: Float32s, rng: np.random.Generator) -> tuple[Uint8s, Float32s]:
    """Only a strip of the crop is paper, as where a single lead was cut out; all else is blank."""
    height, width = planes.shape[1:]
    low, high = np.sort(rng.uniform(0, 1, (2, 2)), axis=0)
    if rng.random() < 0.7:  # as wide or as high as the crop
        axis = int(rng.integers(2))
        low[axis], high[axis] = 0, 1
    top, left = int(low[0] * height), int(low[1] * width)
    bottom, right = max(top + 40, int(high[0] * height)), max(left + 40, int(high[1] * width))
    kept = np.zeros_like(planes)
    kept[:, top:bottom, left:right] = planes[:, top:bottom, left:right]
    x, y = labels[:, 0], labels[:, 1]
    return kept, labels[(x >= left) & (x < right) & (y >= top) & (y < bottom)]


def _corner(sample: FlatSample, size_px: tuple[int, int], rng: np.random.Generator) -> tuple[int, int]:
    """Top and left of a crop inside the sheet, or of one around it; every other one shows some name."""
    limits = [(min(0, a - b), max(0, a - b)) for a, b in zip(sample.trace.shape, size_px, strict=True)]
    if len(sample.labels) and rng.random() < 0.5:
        name = sample.labels[int(rng.integers(len(sample.labels)))]
        at = (round(float(name[1])), round(float(name[0])))
        limits = [
            (max(low, a - b), min(high, a)) for (low, high), a, b in zip(limits, at, size_px, strict=True)
        ]
    top, left = (int(rng.integers(low, max(low, high) + 1)) for low, high in limits)
    return top, left


def quarter_turned(sample: FlatSample, turns: int) -> FlatSample:
    """The sheet turned counter-clockwise by quarter turns, names included."""
    planes = np.ascontiguousarray(np.rot90(sample.planes, turns, axes=(1, 2)))
    labels = sample.labels.copy()
    height, width = sample.trace.shape
    for _ in range(turns % 4):
        labels[:, 0], labels[:, 1] = labels[:, 1].copy(), width - 1 - labels[:, 0]
        height, width = width, height
    trace = np.ascontiguousarray(np.rot90(sample.trace, turns))
    return FlatSample(planes, trace, labels, sample.is_ecg, sample.by_reader)


def cut(plane: Uint8s, top: int, left: int, size_px: tuple[int, int]) -> Uint8s:
    """A rectangle of a plane; what lies beyond it is 0, as beyond the picture."""
    height, width = size_px
    crop = np.zeros(size_px, np.uint8)
    inside = plane[max(0, top) : max(0, top + height), max(0, left) : max(0, left + width)]
    y, x = max(0, -top), max(0, -left)
    crop[y : y + inside.shape[0], x : x + inside.shape[1]] = inside
    return crop


def changed(planes: Uint8s, trace: Uint8s, rng: np.random.Generator) -> tuple[Uint8s, Uint8s]:
    """Another copy of the same sheet: grey, paler or darker, bolder, coarser, with blots, noise, softness."""
    planes, trace = planes.copy(), trace.copy()
    if rng.random() < 0.25:
        planes[1], planes[2] = planes[0], 0
    strength = np.exp(rng.uniform(-1.0, 0.8)) if rng.random() < 0.3 else rng.uniform(0.6, 1.3)
    gain = strength * rng.uniform(0.85, 1.15, 3)
    planes = np.clip(planes * gain[:, None, None].astype(np.float32), 0, 255).astype(np.uint8)
    if rng.random() < 0.12:
        planes, trace = _bolder(planes, trace, int(rng.integers(2, 5)))
    if rng.random() < 0.12:
        planes = _coarser(planes, float(rng.uniform(0.35, 0.9)), sharp=bool(rng.random() < 0.5))
    if rng.random() < 0.15:
        height, width = planes.shape[1:]
        y, x = int(rng.integers(height)), int(rng.integers(width))
        reach = int(rng.integers(10, 90))
        planes[:, max(0, y - reach) : y + reach, max(0, x - reach) : x + reach] = int(rng.integers(0, 256))
    if rng.random() < 0.15:
        sigma = float(rng.uniform(0.4, 1.2))
        planes = np.stack([cv2.GaussianBlur(plane, (0, 0), sigma) for plane in planes])
    if rng.random() < 0.2:
        noise = rng.normal(0, rng.uniform(2, 14), planes.shape[1:]).astype(np.float32)
        planes = np.clip(planes + noise, 0, 255).astype(np.uint8)
    return planes, trace


def _bolder(planes: Uint8s, trace: Uint8s, size: int) -> tuple[Uint8s, Uint8s]:
    """A broad pen: dark grows by some pixels, the trace with it."""
    pen = np.ones((size, size), np.uint8)
    grown = [np.asarray(cv2.dilate(plane, pen), np.uint8) for plane in (*planes, trace)]
    return np.stack(grown[:3]), grown[3]


def _coarser(planes: Uint8s, scale: float, *, sharp: bool) -> Uint8s:
    """The planes at a lower resolution; sharp: with hard pixel edges, as drawing programs make them."""
    height, width = planes.shape[1:]
    small = (max(1, round(width * scale)), max(1, round(height * scale)))
    down, up = (cv2.INTER_NEAREST, cv2.INTER_NEAREST) if sharp else (cv2.INTER_AREA, cv2.INTER_LINEAR)
    return np.stack(
        [
            np.asarray(
                cv2.resize(cv2.resize(p, small, interpolation=down), (width, height), interpolation=up)
            )
            for p in planes
        ]
    )


def name_cells(labels: Float32s, size_px: tuple[int, int]) -> Int64s:
    """Which name stands in each cell, int64 [row, column]; `NAMES` for none.

    The names may stand upright or on their side: cells along both axes count, the nearest name wins.
    """
    rows, columns = size_px[0] // CELL_PX, size_px[1] // CELL_PX
    cells = np.full((rows, columns), NAMES, np.int64)
    y = (np.arange(rows)[:, None] + 0.5) * CELL_PX - 0.5
    x = (np.arange(columns)[None] + 0.5) * CELL_PX - 0.5
    nearest = np.full((rows, columns), _NAME_REACH_PX**2)
    for at_x, at_y, name in labels.tolist():
        off = (x - at_x) ** 2 + (y - at_y) ** 2
        cells[off < nearest] = int(name)
        nearest = np.minimum(nearest, off)
    return cells
