"""Baselines of panels, found as ridges on the network's map, and the rows that they make up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from ecgclip.photo.flat.cells import CELL_PX
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.typing import Float32s, Float64s

_CELL_MM: Final = CELL_PX / FLAT_PX_PER_MM
_LOW: Final = 0.3
"""Chance from which a cell may lie on a baseline."""
_APART: Final = 3
"""Cells within which there is one baseline."""
_STEP: Final = 1.2
"""A ridge moves up or down by so many cells from one column to the next, at most ..."""
_SLOPE: Final = 0.12
"""... and by so much more for each column that it was not seen in."""
_GAP: Final = 10
"""Columns without a ridge after which it ends."""
_LEAST: Final = 12
"""Cells of the shortest ridge that is a panel's."""
_NEXT_MM: Final = (-12.0, 18.0)
"""The next panel of a row begins so far behind the end of the one before, at least and at most ..."""
_STEP_MM: Final = 9.0
"""... and its baseline lies so near ..."""
_JOINED_MM: Final = 3.0
_JOINED_STEP_MM: Final = 14.0
"""... or so near where it begins within 3 mm of that end."""
_BLOB: Final = 0.3
_ONE_END_MM: Final = 8.0
"""Blobs nearer to each other than this are one end ..."""
_NEAR_START_MM: Final = 5.0
"""... and a start is sought this near to where it should be."""
_STEPS_MM: Final = (28.0, 140.0)
"""Columns stand so far apart: 1.1 s to 2.8 s of 50 mm/s."""
_FEWEST_STEPS: Final = 3
_REACH: Final = 3
"""Cells above and below a ridge in which its ends are sought."""


@dataclass
class _Track:
    """A ridge as it is followed from left to right."""

    x: list[int] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    chance: float = 0.0


@dataclass(frozen=True, eq=False)
class Ridge:
    """A baseline: y_mm float64 [point] at x_mm float64 [point], from left to right; mm of the flat sheet."""

    x_mm: Float64s
    y_mm: Float64s
    chance: float

    @property
    def start_mm(self) -> float:
        return float(self.x_mm[0])

    @property
    def stop_mm(self) -> float:
        return float(self.x_mm[-1])

    def level_mm(self, at_start: bool) -> float:
        """y of its first or last centimetre."""
        near = self.x_mm - self.x_mm[0] < 10 if at_start else self.x_mm[-1] - self.x_mm < 10
        return float(np.median(self.y_mm[near]))


@dataclass(frozen=True, eq=False)
class RidgeRow:
    """Ridges that follow each other, from left to right, and where panels begin and end on them, in mm."""

    ridges: tuple[Ridge, ...]
    starts_mm: tuple[float, ...]
    stops_mm: tuple[float, ...]

    @property
    def start_mm(self) -> float:
        return self.ridges[0].start_mm

    @property
    def stop_mm(self) -> float:
        return self.ridges[-1].stop_mm

    @property
    def length_mm(self) -> float:
        """Of its ridges together."""
        return sum(ridge.stop_mm - ridge.start_mm for ridge in self.ridges)

    @cached_property
    def level_mm(self) -> float:
        """Median y."""
        return float(np.median(np.concatenate([ridge.y_mm for ridge in self.ridges])))

    @cached_property
    def inner_starts_mm(self) -> tuple[float, ...]:
        """Where panels begin behind the first, without what is seen at the row's own ends."""
        return tuple(
            start
            for start in self.starts_mm
            if self.start_mm + _LEAST * _CELL_MM < start < self.stop_mm - _LEAST * _CELL_MM
        )

    def column_starts_mm(self, columns: int, step_mm: float | None = None) -> Float64s:
        """Where so many columns begin, float64 [column].

        As they are seen, where as many are; else evenly over the row, or `step_mm` apart from its start on,
        but where a start is seen near by.
        """
        if (columns, step_mm) not in self._column_starts:
            self._column_starts[columns, step_mm] = self._find_columns(columns, step_mm)
        return self._column_starts[columns, step_mm]

    @cached_property
    def _column_starts(self) -> dict[tuple[int, float | None], Float64s]:
        """Those that were asked for before: every arrangement asks for the same few."""
        return {}

    def _find_columns(self, columns: int, step_mm: float | None) -> Float64s:
        seen = np.array([self.start_mm, *self.inner_starts_mm])
        if seen.size == columns and step_mm is None:
            return seen
        step = (self.stop_mm - self.start_mm) / columns if step_mm is None else step_mm
        even = self.start_mm + step * np.arange(columns)
        nearest = seen[np.abs(seen[None] - even[:, None]).argmin(axis=1)]
        return np.where(np.abs(nearest - even) < _NEAR_START_MM, nearest, even)

    def level_at_mm(self, x_mm: float) -> float:
        """y at a place along the row; held beyond its ends."""
        return float(np.interp(x_mm, *self._line))

    def baseline_px(self, width: int) -> Float32s:
        """y in px of the sheet at each of `width` columns of pixels, held beyond the ends, float32 [x]."""
        at = (np.arange(width) + 0.5) / FLAT_PX_PER_MM
        return np.asarray(np.interp(at, *self._line) * FLAT_PX_PER_MM - 0.5, np.float32)

    @cached_property
    def _line(self) -> tuple[Float64s, Float64s]:
        """x and y of all ridges, from left to right."""
        x_mm = np.concatenate([ridge.x_mm for ridge in self.ridges])
        y_mm = np.concatenate([ridge.y_mm for ridge in self.ridges])
        order = np.argsort(x_mm, kind="stable")
        return x_mm[order], y_mm[order]


def seen_rows(baseline: Float32s, start: Float32s, stop: Float32s) -> tuple[RidgeRow, ...]:
    """The rows of an upright sheet from top to bottom; float32 [y/4, x/4] each, of `SheetReading`."""
    rows = _rows(_ridges(baseline))
    made = [RidgeRow(tuple(row), _ends(start, row), _ends(stop, row)) for row in rows]
    return tuple(sorted(made, key=lambda row: row.level_mm))


def column_step_mm(rows: Sequence[RidgeRow]) -> float | None:
    """The distance of columns by where panels are seen to begin: the median; None where too few are seen."""
    steps = [
        step
        for row in rows
        for step in np.diff([row.start_mm, *row.inner_starts_mm]).tolist()
        if _STEPS_MM[0] < step < _STEPS_MM[1]
    ]
    return float(np.median(steps)) if len(steps) >= _FEWEST_STEPS else None


def _ridges(chance: Float32s) -> list[Ridge]:
    """Follow the highest cells of each column from left to right."""
    done: list[_Track] = []
    active: list[_Track] = []
    for x in range(chance.shape[1]):
        tops = _tops(chance[:, x])
        active, ended = _still(active, x)
        done += ended
        free = list(active)
        for y, value in tops:
            near = [(abs(track.y[-1] - y), k) for k, track in enumerate(free) if _reaches(track, x, y)]
            if near:
                track = free.pop(min(near)[1])
            else:
                track = _Track()
                active.append(track)
            track.x.append(x)
            track.y.append(y)
            track.chance += value
    return [_ridge(track) for track in done + active if len(track.x) >= _LEAST]


def _tops(column: Float32s) -> list[tuple[float, float]]:
    """Heights (in cells, between them) and chances of a column's local maxima, the highest first."""
    found: list[tuple[float, float]] = []
    left = column.copy()
    while len(found) < 20:
        y = int(left.argmax())
        if left[y] < _LOW:
            break
        around = slice(max(0, y - 1), y + 2)
        weight = column[around]
        places = np.arange(column.size)[around]
        found.append((float((weight * places).sum() / weight.sum()), float(column[y])))
        left[max(0, y - _APART) : y + _APART + 1] = 0
    return found


def _still(active: list[_Track], x: int) -> tuple[list[_Track], list[_Track]]:
    """Those that go on at column x, and those that have ended."""
    return [t for t in active if x - t.x[-1] <= _GAP], [t for t in active if x - t.x[-1] > _GAP]


def _reaches(track: _Track, x: int, y: float) -> bool:
    return abs(track.y[-1] - y) <= _STEP + _SLOPE * (x - track.x[-1])


def _ridge(track: _Track) -> Ridge:
    x_mm = (np.array(track.x) + 0.5) * _CELL_MM
    y_mm = (np.array(track.y) + 0.5) * _CELL_MM
    # the network's cells are a millimetre wide: a baseline is smoother than they show
    window = np.ones(9)
    weight = np.convolve(np.ones_like(y_mm), window, "same")
    return Ridge(x_mm, np.convolve(y_mm, window, "same") / weight, track.chance / len(track.x))


def _rows(ridges: list[Ridge]) -> list[list[Ridge]]:
    """Ridges that follow each other near one height are one row."""
    left = sorted(ridges, key=lambda ridge: ridge.start_mm)
    rows: list[list[Ridge]] = []
    while left:
        row = [left.pop(0)]
        while (following := _following(row[-1], left)) is not None:
            row.append(left.pop(following))
        rows.append(row)
    return rows


def _following(last: Ridge, others: Sequence[Ridge]) -> int | None:
    level = last.level_mm(at_start=False)
    near = [
        (abs(ridge.level_mm(at_start=True) - level) + 0.2 * abs(ridge.start_mm - last.stop_mm), k)
        for k, ridge in enumerate(others)
        if _NEXT_MM[0] <= ridge.start_mm - last.stop_mm <= _NEXT_MM[1]
        and abs(ridge.level_mm(at_start=True) - level) <= _most_step(ridge.start_mm - last.stop_mm)
    ]
    return min(near)[1] if near else None


def _most_step(gap_mm: float) -> float:
    return _JOINED_STEP_MM if abs(gap_mm) < _JOINED_MM else _STEP_MM


def _ends(blobs: Float32s, row: Sequence[Ridge]) -> tuple[float, ...]:
    """Where blobs lie on the ridges, in mm from left to right: means over each run of columns."""
    profile = np.zeros(blobs.shape[1], np.float32)
    for ridge in row:
        for x_mm, y_mm in zip(ridge.x_mm, ridge.y_mm, strict=True):
            x, y = int(x_mm / _CELL_MM), int(y_mm / _CELL_MM)
            profile[x] = blobs[max(0, y - _REACH) : y + _REACH + 1, x].max()
        # an end lies a little beyond the last cell of its ridge
        for x_mm, y_mm, way in ((ridge.start_mm, ridge.y_mm[0], -1), (ridge.stop_mm, ridge.y_mm[-1], 1)):
            for step in range(1, _REACH + 1):
                x, y = int(x_mm / _CELL_MM) + way * step, int(y_mm / _CELL_MM)
                if 0 <= x < profile.size:
                    profile[x] = max(profile[x], blobs[max(0, y - _REACH) : y + _REACH + 1, x].max())
    on = np.flatnonzero(profile > _BLOB)
    runs = np.split(on, np.flatnonzero(np.diff(on) > _ONE_END_MM / _CELL_MM) + 1)
    return tuple(
        float(((run + 0.5) * profile[run]).sum() / profile[run].sum()) * _CELL_MM for run in runs if run.size
    )
