"""Read the rows of ink back as curves: the cheapest path from left to right through the ink."""

from typing import Final

import numpy as np

from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.typing import Bools, Float32s, Indices, Int64s

_REACH_MM: Final = 30.0
"""Above and below a baseline: 3 mV."""
_SOLID: Final = 0.8
"""Darkness from which ink costs nothing: else a path would leave a pale row for a dark neighbour."""
_JUMP: Final = 0.25
"""Cost per pixel of moving up or down through blank paper; a column without ink costs 1."""
_ALONG_INK: Final = 0.02
_AWAY: Final = 0.008
"""Cost per pixel of half size from the baseline; it breaks ties between neighbouring rows ..."""
_FAR_TIMES: Final = 5.0
"""... and so many times that from `_FAR` of the rows' distance on, where no trace stays."""
_FAR: Final = 0.6
_CROWDED_MM: Final = 20.0
_SNAP_PX: Final = 24
"""How far a path may pass the ink of its column at full size: QRS flanks fill but one of two columns."""
_INK: Final = 0.4
_STROKE_PX: Final = 2
"""Half the width of a trace, at least."""


def read_curves(ink: Float32s, baselines: Int64s) -> Float32s:
    """Read the row at each baseline across the whole sheet, y in pixels, float32 [row, column]; NaN: none.

    The paths are sought at half size, where they are as sure and much faster, unless rows are crowded.
    """
    reach = round(_REACH_MM * FLAT_PX_PER_MM)
    padded = np.pad(ink, ((reach, reach + 1), (0, ink.shape[1] % 2)))
    bands = np.stack([padded[y : y + 2 * reach + 2] for y in baselines])
    step = float(np.median(np.diff(baselines))) if len(baselines) > 1 else 2.0 * reach
    paths = _paths(bands, reach, step)
    firsts, lasts = _territories(paths, baselines, reach)
    values = [
        read_values(band, path, first, last)
        for band, path, first, last in zip(bands, paths, firsts, lasts, strict=True)
    ]
    return np.asarray(np.stack(values) + (baselines[:, None] - reach), np.float32)[:, : ink.shape[1]]


def _paths(bands: Float32s, baseline: int, step: float) -> Indices:
    if step < _CROWDED_MM * FLAT_PX_PER_MM:
        return trace_paths(bands, baseline, step, _AWAY / 2)
    return _fine_paths(trace_paths(halved(bands), baseline // 2, step / 2, _AWAY), bands)


def halved(ink: Float32s) -> Float32s:
    """The darkest of each two by two pixels of [..., y, x]; an odd last line or column goes."""
    even = ink[..., : ink.shape[-2] // 2 * 2, : ink.shape[-1] // 2 * 2]
    lines = np.maximum(even[..., ::2, :], even[..., 1::2, :])
    return np.asarray(np.maximum(lines[..., ::2], lines[..., 1::2]))


def _fine_paths(paths: Indices, bands: Float32s) -> Indices:
    """Paths at full size: in each column the solid ink nearest to the path at half size, if any is near."""
    wide = 2 * np.repeat(paths, 2, axis=1)
    reach = np.arange(-_SNAP_PX, _SNAP_PX + 1)
    near = np.clip(wide[:, None] + reach[:, None], 0, bands.shape[1] - 1)
    solid = np.take_along_axis(bands, near, axis=1) > _INK
    best = np.where(solid, np.abs(reach)[:, None], 2 * _SNAP_PX).argmin(axis=1)
    return np.where(solid.any(axis=1), wide + reach[best], wide).clip(0, bands.shape[1] - 1).astype(np.intp)


def trace_paths(bands: Float32s, baseline: int, step: float, away_cost: float) -> Indices:
    """The path of each row, int [row, column], as the ink's y in its band.

    bands: ink 0..1, float32 [row, y, column]; baseline: its y in every band; step: from row to row;
    away_cost: per pixel from the baseline.
    A path pays for every column without ink under it, for vertical travel (little along ink) and for
    distance from its baseline.
    """
    rows, height, columns = bands.shape
    away = np.abs(np.arange(height) - baseline).astype(np.float32)
    far = away_cost * (away + _FAR_TIMES * np.maximum(0.0, away - np.float32(_FAR * step)))
    # [column, row, y]: each column's numbers lie together
    blank = np.ascontiguousarray(1.0 - np.minimum(bands.transpose(2, 0, 1) / _SOLID, 1.0))
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


def _travelled(total: Float32s, way: Float32s) -> Float32s:
    """For every y the least total[y'] + |way[y] - way[y']| over all y', float32 [row, y]."""
    below = np.minimum.accumulate(total - way, axis=1)
    below += way
    above = np.minimum.accumulate((total + way)[:, ::-1], axis=1)[:, ::-1]
    above -= way
    return np.minimum(below, above, out=below)


def _territories(paths: Indices, baselines: Int64s, reach: int) -> tuple[Indices, Indices]:
    """First and last y of each row's own in every column, int [row, column] each, as `paths`.

    Beats of crowded rows touch: what lies beyond the neighbour's baseline is the neighbour's.
    """
    gaps = np.diff(baselines, prepend=-(10**6), append=10**6)
    above, below = reach - gaps[:-1] + _STROKE_PX, reach + gaps[1:] - _STROKE_PX
    return np.minimum(above[:, None], paths), np.maximum(below[:, None], paths)


def read_values(band: Float32s, path: Indices, first: Indices, last: Indices) -> Float32s:
    """Sub-pixel y of the curve in each column, NaN where the path crosses blank paper, float32 [column].

    first, last: the y that belong to the row in each column. A level stroke is read at its centre. In a
    steep stroke the column's ink reaches far: where it sticks out beyond both neighbours it is a peak, read
    half a line width inside its tip; on a flank its middle.
    """
    columns = np.arange(path.size)
    solid = band > _INK
    solid[1:-1] |= solid[:-2] & solid[2:]
    on = solid[path, columns] | _near_ink(solid, path)
    top, bottom = _run(solid, path)
    top, bottom = np.maximum(top, first), np.minimum(bottom, last)
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


def _near_ink(solid: Bools, path: Indices) -> Bools:
    columns = np.arange(path.size)
    last = solid.shape[0] - 1
    return np.asarray(solid[np.maximum(path - 1, 0), columns] | solid[np.minimum(path + 1, last), columns])


def _run(solid: Bools, path: Indices) -> tuple[Indices, Indices]:
    """First and last y of the unbroken ink through the path in each column."""
    height = solid.shape[0]
    y = np.arange(height)[:, None]
    blank = ~solid
    above = np.where(blank & (y < path), y, -1).max(axis=0)
    below = np.where(blank & (y > path), y, height).min(axis=0)
    return above + 1, below - 1


def _sticks_out(extent: Indices) -> Bools:
    """Columns whose extent is at least that of both neighbours (and of the ones beyond, where equal)."""
    padded = np.pad(extent, 1, mode="edge")
    return np.asarray((extent >= padded[:-2]) & (extent >= padded[2:]))


def _centroid(band: Float32s, top: Indices, bottom: Indices) -> Float32s:
    y = np.arange(band.shape[0])[:, None]
    weight = np.where((y >= top - 1) & (y <= bottom + 1), band, 0.0)
    total = weight.sum(axis=0)
    return np.where(total > 0, (weight * y).sum(axis=0) / np.maximum(total, 1e-6), (top + bottom) / 2).astype(
        np.float32
    )
