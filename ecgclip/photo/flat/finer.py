"""A small sheet in a large photo: the part of the original that shows it is read again, more finely.

A page that stands out from its desk is cut out before its grid is sought: of a desk in the dark, or of a grid
of two pixels a square, nothing would be found. Otherwise the sheet is known once its grid is.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from ecgclip.photo.flat.flat_sheet import FlatSheet, flat_sheet
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.grid.find_grid import Grid
from ecgclip.photo.grid.page_outline import page_outline
from ecgclip.photo.loading.frame import LONG_SIDE_PX, Box
from ecgclip.photo.loading.illumination import separate_planes
from ecgclip.photo.loading.load import Picture
from ecgclip.typing import Float32s

_ROOM: Final = 0.04
"""Share of the sheet's length that is read beside it."""
_SMALL: Final = 0.6
"""Share of the picture's long side below which a page is cut out of it first."""
_WORTH: Final = 1.25
"""Gain in resolution from which a second reading is worth its time."""


def page_alone(picture: Picture) -> Picture:
    """The part of the picture that a bright page takes up; the same object where it takes up most of it."""
    outline = page_outline(picture.rgb)
    if outline is None:
        return picture
    box = _around(picture, outline, _ROOM)
    long_side = max(box.right - box.left, box.bottom - box.top)
    if long_side > _SMALL * picture.scale * max(picture.rgb.shape[:2]):
        return picture
    if picture.detail is not None:
        return picture.detail(box)
    x, y = picture.origin_px
    sides = (box.left - x, box.top - y, box.right - x, box.bottom - y)
    return picture.cropped(Box(*(round(side / picture.scale) for side in sides)))


def finer_sheet(picture: Picture, flat: FlatSheet) -> tuple[Picture, FlatSheet]:
    """The picture of the sheet alone and the sheet laid flat from it, where the original shows more of it."""
    px_per_mm = float(np.hypot(*flat.map.direction_right()))
    if picture.detail is None or px_per_mm >= FLAT_PX_PER_MM:
        return picture, flat
    box = _around(picture, flat.map.corners(flat.mask), _ROOM)
    long_side = max(box.right - box.left, box.bottom - box.top)
    if picture.scale / max(1.0, long_side / LONG_SIDE_PX) < _WORTH:
        return picture, flat
    part = picture.detail(box)
    return part, flat_sheet(_seen_from(flat.grid, picture, part), separate_planes(part.rgb))


def _around(picture: Picture, corners: Float32s, share: float) -> Box:
    """The box of the original around corners in pixels, [4, 2], and a share of its length beside them."""
    room = share * float(np.ptp(corners, axis=0).max())
    height, width = picture.rgb.shape[:2]
    low = np.clip(corners.min(axis=0) - room, 0, [width, height])
    high = np.clip(corners.max(axis=0) + room, 0, [width, height])
    (left, top), (right, bottom) = np.rint(picture.to_original(np.stack([low, high]).astype(np.float32)))
    return Box(int(left), int(top), int(right), int(bottom))


def _seen_from(grid: Grid, picture: Picture, part: Picture) -> Grid:
    """The same grid in the pixels of a part of the same original."""
    ratio = part.scale / picture.scale
    x, y = (np.array(part.origin_px) - np.array(picture.origin_px)) / picture.scale
    to_picture = np.array([[ratio, 0.0, x], [0.0, ratio, y], [0.0, 0.0, 1.0]])
    return replace(
        grid,
        to_mm=grid.to_mm @ to_picture,
        centers=(grid.centers - [x, y]) / ratio,
        tile_px=grid.tile_px / ratio,
    )
