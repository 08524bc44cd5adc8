"""Bars and frames around a picture: what a phone, a slide or a viewer puts around it, found and cut off.

A line of pixels along a side belongs to a bar where it changes nowhere by much, and the bar ends where the
next lines have another colour along their whole length. The margin of a print goes on in the same colour
between names and traces, so that it stays; a frame of a few pixels does not.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from ecgclip.photo.loading.frame import Box
from ecgclip.photo.loading.load import Picture
from ecgclip.typing import Float32s, Rgb

_SMOOTH: Final = 12
"""Grey levels by which a pixel of a bar may differ from the next one on its line."""
_SHORTEST_PX: Final = 31
_SPECKS: Final = 0.04
"""Share of a bar's outermost line that may differ: frames change their colour in steps."""
_LIGHT: Final = 180.0
"""A band as light as paper may be its margin: it is cut only where not one pixel of ink stands in it."""
_STEP: Final = 24.0
"""Grey levels between a bar and what it frames: shadows grow over many lines, paper is never two colours."""
_DEEP: Final = 3
"""Lines across which a bar gives way to the picture, where the picture was resized."""
_FOLLOWING_PX: Final = 9
"""Rows behind the edge of a light band in which its colour must not return: else the edge is a drawn line."""
_THIN_PX: Final = 8
_ALL: Final = 0.85
"""Share of the pixels along the edge of a thin frame that jump there."""
_SAMPLES: Final = 100
"""Pixels of a line that are compared while it is like the first."""
_BANDS: Final = 4
"""Most bars one inside the other along one side: a margin, a frame, and each once more."""
_LEAST_LEFT: Final = 0.2
"""Share of width and height that must be left: of less nothing can be read."""
_ROUNDS: Final = 4


def without_bars(picture: Picture) -> Picture:
    """The picture without its bars and frames; the same object where it has none."""
    height, width = picture.rgb.shape[:2]
    inside = content_box(picture.rgb)
    if inside == Box(0, 0, width, height):
        return picture
    return picture.cropped(inside)


def content_box(rgb: Rgb) -> Box:
    """What bars leave of a picture, uint8 [y, x, 3]; all of it where there are none.

    Sides are taken in turn, since a frame is a bar only once the margins beside it are gone.
    """
    height, width = rgb.shape[:2]
    box = Box(0, 0, width, height)
    for _ in range(_ROUNDS):
        before = box
        box = _without_rows(rgb, box)
        turned = _without_rows(rgb.transpose(1, 0, 2), Box(box.top, box.left, box.bottom, box.right))
        box = Box(turned.top, turned.left, turned.bottom, turned.right)
        if box == before:
            break
    enough = box.right - box.left >= _LEAST_LEFT * width and box.bottom - box.top >= _LEAST_LEFT * height
    return box if enough else Box(0, 0, width, height)


def _without_rows(rgb: Rgb, box: Box) -> Box:
    part = rgb[box.top : box.bottom, box.left : box.right]
    if min(part.shape[:2]) <= _SHORTEST_PX:
        return box
    top = _bar_rows(part)
    bottom = _bar_rows(part[::-1])
    if top + bottom >= len(part):
        return box
    return replace(box, top=box.top + top, bottom=box.bottom - bottom)


def _bar_rows(part: Rgb) -> int:
    """How many rows from the first one on are bars."""
    cut = 0
    for _ in range(_BANDS):
        depth = _band(part[cut:])
        if depth == 0:
            break
        cut += depth
    return cut


def _band(part: Rgb) -> int:
    """Rows of the outermost band and of its blurred edge; 0 where no bar begins here."""
    first = part[0].astype(np.float32)
    if _unlike(part[:1])[0] > _SPECKS:
        return _thin_frame(part)
    sparse = part[:, :: max(1, part.shape[1] // _SAMPLES)]
    other = np.flatnonzero(_apart(sparse, sparse[0].astype(np.float32)) >= _STEP / 2)
    if other.size == 0 or (row := int(other[0])) >= len(part) - _DEEP:
        return 0
    step = float(_apart(part[[row, row + _DEEP - 1]], first).max())
    return 0 if step < _STEP or _is_margin(part, row) else _past_edge(part, row)


def _thin_frame(part: Rgb) -> int:
    """Rows of a frame of changing colours: at its edge nearly all pixels jump at once, and none jump back."""
    rows = part[: _THIN_PX + _DEEP + _FOLLOWING_PX].astype(np.float32)
    for row in range(1, min(_THIN_PX, len(rows) - _DEEP - _FOLLOWING_PX) + 1):
        jumps = (np.abs(rows[row] - rows[row - 1]).max(axis=1) > _STEP).mean()
        if jumps > _ALL and not _returns(part, row):
            return _past_edge(part, row)
    return 0


def _returns(part: Rgb, row: int) -> bool:
    """Whether the colour of the first row is seen again close behind `row`, as behind a drawn line."""
    following = part[row + _DEEP : row + _DEEP + _FOLLOWING_PX]
    return float(_apart(following, part[0].astype(np.float32)).min(initial=255.0)) < _STEP / 2


def _is_margin(part: Rgb, row: int) -> bool:
    """Whether the rows before `row`, as light as paper, hold ink, or the same paper follows behind a line."""
    first = part[0].astype(np.float32)
    if float(np.median(first, axis=0).min()) < _LIGHT:
        return False
    return float(_unlike(part[: max(1, row - _DEEP)]).max()) > 0 or _returns(part, row)


def _past_edge(part: Rgb, row: int) -> int:
    """The first row that no longer is a mixture of the bar and what follows it."""
    for later in range(row, min(row + _DEEP, len(part) - 1)):
        if _apart(part[later + 1 : later + 2], part[later].astype(np.float32))[0] < _STEP / 2:
            return later
    return row + _DEEP


def _apart(rows: Rgb, other: Float32s) -> Float32s:
    """Median difference of rows [row, x, 3] from another, the channel that differs most, float32 [row]."""
    off = np.abs(rows.astype(np.float32) - other)
    middle = off.shape[1] // 2
    return np.asarray(np.partition(off, middle, axis=1)[:, middle].max(axis=1), np.float32)


def _unlike(rows: Rgb) -> Float32s:
    """Share of each row's pixels that differ from the next one, float32 [row]."""
    off = np.abs(np.diff(rows.astype(np.int16), axis=1)).max(axis=2)
    return np.asarray((off > _SMOOTH).mean(axis=1), np.float32)
