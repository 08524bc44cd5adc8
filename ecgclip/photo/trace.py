"""Read the rows of ink back as curves: the cheapest path from left to right through the ink."""

from typing import Final

import numpy as np
import numpy.typing as npt

from ecgclip.photo.flatten import FLAT_PX_PER_MM

_REACH_MM: Final = 30.0
"""Above and below a baseline: 3 mV."""
_JUMP: Final = 0.25
"""Cost per pixel of moving up or down through blank paper; a column without ink costs 1."""
_ALONG_INK: Final = 0.02

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.intp]


def read_curves(ink: Floats, baselines: npt.NDArray[np.int64]) -> Floats:
    """Read the row at each baseline across the whole sheet, y in pixels, float32 [row, column]; NaN: none."""
    reach = round(_REACH_MM * FLAT_PX_PER_MM)
    padded = np.pad(ink, ((reach, reach), (0, 0)))
    bands = np.stack([padded[y : y + 2 * reach + 1] for y in baselines])
    paths = trace_paths(bands, np.full(len(bands), reach))
    values = np.stack([read_values(band, path) for band, path in zip(bands, paths, strict=True)])
    return np.asarray(values + (baselines[:, None] - reach), np.float32)


def trace_paths(bands: Floats, home: npt.NDArray[np.int64], pull: float = 0.004) -> Ints:
    """The path of each row, int [row, column], as the ink's y in its band.

    bands: ink 0..1, float32 [row, y, column]; home: y of each row's baseline in its band.
    A path pays for every column without ink under it, for vertical travel (little along ink) and a trifle
    for distance from its baseline, which breaks ties between neighbouring rows.
    """
    rows, height, columns = bands.shape
    far = pull * np.abs(np.arange(height)[None] - home[:, None]).astype(np.float32)
    # [column, row, y]: each column's numbers lie together
    blank = np.ascontiguousarray(1.0 - bands.transpose(2, 0, 1))
    way = np.cumsum(_ALONG_INK + _JUMP * blank, axis=2, dtype=np.float32)
    blank += far
    total = blank
    for c in range(1, columns):
        total[c] += _travelled(total[c - 1], way[c])
    path = np.empty((rows, columns), np.intp)
    each = np.arange(rows)
    path[:, -1] = total[-1].argmin(axis=1)
    for c in range(columns - 1, 0, -1):
        here = way[c][each, path[:, c]]
        path[:, c - 1] = (total[c - 1] + np.abs(way[c] - here[:, None])).argmin(axis=1)
    return path


def _travelled(total: Floats, way: Floats) -> Floats:
    """For every y the least total[y'] + |way[y] - way[y']| over all y', float32 [row, y]."""
    below = np.minimum.accumulate(total - way, axis=1)
    below += way
    above = np.minimum.accumulate((total + way)[:, ::-1], axis=1)[:, ::-1]
    above -= way
    return np.minimum(below, above, out=below)


def read_values(band: Floats, path: Ints) -> Floats:
    """Sub-pixel y of the curve in each column, NaN where the path crosses blank paper, float32 [column].

    A level stroke is read at its centre. In a steep stroke the column's ink reaches far: where it sticks
    out beyond both neighbours it is a peak, read half a line width inside its tip; on a flank its middle.
    """
    columns = np.arange(path.size)
    solid = band > 0.4
    solid[1:-1] |= solid[:-2] & solid[2:]
    on = solid[path, columns] | _near_ink(solid, path)
    top, bottom = _run(solid, path)
    width = float(np.median((bottom - top + 1)[on])) if on.any() else 2.0
    half = (min(width, 4.0) - 1) / 2
    middle = _centroid(band, top, bottom)
    upper = top + half
    lower = bottom - half
    tall = (bottom - top) > 2.0 * width
    peak = tall & _sticks_out(-top)
    trough = tall & _sticks_out(bottom)
    deeper = (bottom - path) > (path - top)
    values = np.where(peak & ~(trough & deeper), upper, np.where(trough, lower, middle))
    return np.where(on, values, np.nan).astype(np.float32)


def _near_ink(solid: npt.NDArray[np.bool_], path: Ints) -> npt.NDArray[np.bool_]:
    columns = np.arange(path.size)
    last = solid.shape[0] - 1
    return np.asarray(solid[np.maximum(path - 1, 0), columns] | solid[np.minimum(path + 1, last), columns])


def _run(solid: npt.NDArray[np.bool_], path: Ints) -> tuple[Ints, Ints]:
    """First and last y of the unbroken ink through the path in each column."""
    height = solid.shape[0]
    y = np.arange(height)[:, None]
    blank = ~solid
    above = np.where(blank & (y < path), y, -1).max(axis=0)
    below = np.where(blank & (y > path), y, height).min(axis=0)
    return above + 1, below - 1


def _sticks_out(extent: Ints) -> npt.NDArray[np.bool_]:
    """Columns whose extent is at least that of both neighbours (and of the ones beyond, where equal)."""
    padded = np.pad(extent, 1, mode="edge")
    return np.asarray((extent >= padded[:-2]) & (extent >= padded[2:]))


def _centroid(band: Floats, top: Ints, bottom: Ints) -> Floats:
    y = np.arange(band.shape[0])[:, None]
    weight = np.where((y >= top - 1) & (y <= bottom + 1), band, 0.0)
    total = weight.sum(axis=0)
    return np.where(total > 0, (weight * y).sum(axis=0) / np.maximum(total, 1e-6), (top + bottom) / 2).astype(
        np.float32
    )
