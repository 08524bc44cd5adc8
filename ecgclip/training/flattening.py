"""How a simulated photo is laid flat for training: by the camera's own map, a little off, or by the reader's."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ecgclip.errors import EcgClipError
from ecgclip.photo.flat.dewarp import NODE_MM
from ecgclip.photo.flat.paper_map import NODE_PX, PaperMap, paper_map
from ecgclip.photo.grid.find_grid import find_grid
from ecgclip.photo.loading.illumination import Planes
from ecgclip.simulation.camera import Photo
from ecgclip.typing import Bools, Float32s, Float64s

_SCALE_OFF: Final = 0.25
"""Largest relative error of scale of the reader's own map for it to be used in training."""
_TURNS: Final = 8
"""Steps of the fixed point by which a map is inverted; maps of paper are nearly the identity."""


@dataclass(frozen=True, eq=False)
class Flattened:
    """A flat sheet's map into the picture, and its truth.

    map: into the working picture. page_mm: float32 [row, column, 2], the page's mm at the map's nodes.
    shown: bool [row, column], nodes that the picture shows. by_reader: found by the reader's own steps.
    """

    map: PaperMap
    page_mm: Float32s
    shown: Bools
    by_reader: bool

    def to_sheet(self, points_mm: Float64s) -> Float64s:
        """Where points of the page stand on the sheet, px [point, (x, y)], beyond its edges by extension."""
        wanted = np.asarray(points_mm, np.float64)
        rows, columns = self.page_mm.shape[:2]
        middle = np.array([(columns - 1) / 2, (rows - 1) / 2])
        at = middle + (wanted - self.page_mm.mean(axis=(0, 1))) / NODE_MM
        for _ in range(_TURNS):
            at = at + (wanted - _extended(self.page_mm, at)) / NODE_MM
        return np.asarray((at + 0.5) * NODE_PX - 0.5, np.float64)

    def is_shown(self, points_px: Float64s) -> Bools:
        """Whether the picture shows these places of the sheet, bool [point]."""
        node = np.round((points_px + 0.5) / NODE_PX - 0.5)
        limit = np.array(self.shown.shape[::-1]) - 1
        inside = np.all((node >= 0) & (node <= limit), axis=1)
        x, y = np.clip(np.nan_to_num(node), 0, limit).astype(np.intp).T
        return np.asarray(inside & self.shown[y, x])


def _extended(nodes: Float32s, at: Float64s) -> Float64s:
    """Bilinear in the nodes, linear beyond the outermost, float64 [point, 2]."""
    limit = np.array(nodes.shape[1::-1]) - 2
    corner = np.clip(np.floor(at), 0, limit).astype(np.intp)
    x, y = corner.T
    right, down = (at - corner).T[..., None]
    values = nodes.astype(np.float64)
    top = values[y, x] + right * (values[y, x + 1] - values[y, x])
    bottom = values[y + 1, x] + right * (values[y + 1, x + 1] - values[y + 1, x])
    return np.asarray(top + down * (bottom - top))


def flattened(
    size_mm: tuple[float, float],
    photo: Photo,
    planes: Planes,
    scale: float,
    rng: np.random.Generator,
    reader: float,
) -> Flattened:
    """Lay a photo of a page of `size_mm` flat, upright.

    planes, scale: of the working picture, `scale` pixels of the photo a pixel. reader: chance to use the map
    that the grid reader finds, where it finds one.
    """
    found = _reader_map(planes, photo, scale) if rng.random() < reader else None
    places, page_mm = found or _true_map(size_mm, photo, scale, rng)
    height, width = planes.dark.shape
    x, y = places[..., 0], places[..., 1]
    shown = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    return Flattened(PaperMap(places), page_mm, np.asarray(shown), found is not None)


def _true_map(
    size_mm: tuple[float, float], photo: Photo, scale: float, rng: np.random.Generator
) -> tuple[Float32s, Float32s]:
    """Nodes of a sheet around the page: pixels of the working picture, and mm of the page, a little off."""
    page_mm = _with_errors(_nodes(size_mm, rng), rng)
    at = photo.to_photo(page_mm.reshape(-1, 2).astype(np.float64)).reshape(page_mm.shape)
    return ((at + 0.5) / scale - 0.5).astype(np.float32), page_mm


def _nodes(size_mm: tuple[float, float], rng: np.random.Generator) -> Float32s:
    """A rectangle from 40 mm inside the page's edges to 15 mm outside, mostly near them."""
    left, top, right, bottom = 15 - 55 * rng.beta(1.0, 2.0, 4)
    left, right = (max(edge, 20.0 - size_mm[0] / 2) for edge in (left, right))
    top, bottom = (max(edge, 20.0 - size_mm[1] / 2) for edge in (top, bottom))
    x = np.arange(-left, size_mm[0] + right - NODE_MM, NODE_MM)
    y = np.arange(-top, size_mm[1] + bottom - NODE_MM, NODE_MM)
    return np.stack(np.meshgrid(x, y), axis=-1).astype(np.float32)


def _with_errors(nodes: Float32s, rng: np.random.Generator) -> Float32s:
    """A scale off by some percent, a turn of a degree, and waves of a fraction of a millimetre."""
    middle = nodes.mean(axis=(0, 1))
    size = 1 + float(rng.normal(0, 0.01)) + (rng.uniform(-0.15, 0.15) if rng.random() < 0.1 else 0.0)
    turn = np.deg2rad(rng.normal(0, 0.7))
    matrix = size * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    waves = rng.normal(0, 1, (*nodes.shape[:2], 2)).astype(np.float32)
    waves = np.asarray(cv2.GaussianBlur(waves, (0, 0), float(rng.uniform(4, 16))), np.float32)
    waves *= float(rng.exponential(0.35)) / max(1e-6, float(waves.std()))
    return np.asarray((nodes - middle) @ matrix.T + middle + waves, np.float32)


def _reader_map(planes: Planes, photo: Photo, scale: float) -> tuple[Float32s, Float32s] | None:
    """What the grid reader finds, turned upright; None where it finds nothing or is far off."""
    try:
        grid = find_grid(planes.dark)
    except EcgClipError:
        return None
    if grid is None:
        return None
    places = paper_map(grid, planes)[0].places
    at = (places.reshape(-1, 2).astype(np.float64) + 0.5) * scale - 0.5
    page_mm = photo.to_page(at).reshape(places.shape).astype(np.float32)
    right = _middle_step(page_mm)
    if abs(np.hypot(*right) / NODE_MM - 1) > _SCALE_OFF:
        return None
    turns = round(float(np.degrees(np.arctan2(right[1], right[0]))) / 90)
    upright = [np.ascontiguousarray(np.rot90(nodes, -turns)) for nodes in (places, page_mm)]
    return upright[0], upright[1]


def _middle_step(page_mm: Float32s) -> Float32s:
    row, column = page_mm.shape[0] // 2, page_mm.shape[1] // 2
    reach = max(1, page_mm.shape[1] // 8)
    return np.asarray((page_mm[row, column + reach] - page_mm[row, column - reach]) / (2 * reach), np.float32)
