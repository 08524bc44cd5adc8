"""A simulated photo laid flat for training: by the camera's own map, a little off, or by the reader's."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ecgclip.errors import EcgClipError
from ecgclip.photo.flat.dewarp import NODE_MM
from ecgclip.photo.flat.paper_map import NODE_PX, PaperMap, paper_map
from ecgclip.photo.grid.find_grid import find_grid
from ecgclip.photo.loading.illumination import Planes, inverted, light_on_dark, separate_planes
from ecgclip.photo.loading.load import load
from ecgclip.simulation.camera import Photo
from ecgclip.typing import Bools, Float32s, Float64s, Uint8s

_SCALE_OFF: Final = 0.25
"""Largest relative error of scale of the reader's own map for it to be used in training."""
_TURN_OFF: Final = 0.1
"""Largest error of its direction, in quarter turns."""
_ROUNDS: Final = 8


@dataclass(frozen=True, eq=False)
class Flattened:
    """A flat sheet, upright, at `FLAT_PX_PER_MM`, and where on the page it lies.

    planes: uint8 [3, y, x], dark, ink, colour. page_mm: float32 [row, column, (x, y)], the page's mm at each
    node. shown: bool [row, column], nodes that the picture shows. by_reader: by the reader's own map.
    """

    planes: Uint8s
    page_mm: Float32s
    shown: Bools
    by_reader: bool

    def is_shown(self, points_px: Float32s) -> Bools:
        """Whether the picture shows these places (x, y) of the sheet, bool [point]."""
        node = np.round((points_px + 0.5) / NODE_PX - 0.5)
        limit = np.array(self.shown.shape[::-1]) - 1
        inside = np.all((node >= 0) & (node <= limit), axis=1)
        x, y = np.clip(np.nan_to_num(node), 0, limit).astype(np.intp).T
        return np.asarray(inside & self.shown[y, x])


def flattened(
    size_mm: tuple[float, float], photo: Photo, rng: np.random.Generator, reader: float
) -> Flattened:
    """Lay the photo of a page flat; reader: chance to use the grid reader's own map, if it has one."""
    picture = load(photo.image)
    rgb = inverted(picture.rgb) if light_on_dark(picture.rgb) else picture.rgb
    planes = separate_planes(rgb)
    found = _reader_map(planes, photo, picture.scale) if rng.random() < reader else None
    places, page_mm = found or _true_map(size_mm, photo, picture.scale, rng)
    height, width = planes.dark.shape
    x, y = places[..., 0], places[..., 1]
    shown = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    drawn = PaperMap(places).draw_planes(planes)
    return Flattened(drawn, page_mm, np.asarray(shown), found is not None)


def _true_map(
    size_mm: tuple[float, float], photo: Photo, scale: float, rng: np.random.Generator
) -> tuple[Float32s, Float32s]:
    """Nodes of a sheet around the page: pixels of the working picture, and mm of the page, a little off."""
    page_mm = _with_errors(_nodes(size_mm, rng), rng)
    at = photo.to_photo(page_mm.reshape(-1, 2).astype(np.float64)).reshape(page_mm.shape)
    return ((at + 0.5) / scale - 0.5).astype(np.float32), page_mm


def _nodes(size_mm: tuple[float, float], rng: np.random.Generator) -> Float32s:
    """A rectangle around the page, mostly near its edges: 15 mm outside to 40 mm, or a fifth, inside."""
    width, height = size_mm
    inside = np.minimum(40, 0.2 * np.array([width, height, width, height]))
    left, top, right, bottom = 15 - (15 + inside) * rng.beta(1.0, 2.0, 4)
    x = np.arange(-left, width + right - NODE_MM, NODE_MM)
    y = np.arange(-top, height + bottom - NODE_MM, NODE_MM)
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
    quarters = float(np.degrees(np.arctan2(right[1], right[0]))) / 90
    turns = round(quarters)
    if abs(quarters - turns) > _TURN_OFF:
        return None
    upright = [np.ascontiguousarray(np.rot90(nodes, -turns)) for nodes in (places, page_mm)]
    return upright[0], upright[1]


def _middle_step(page_mm: Float32s) -> Float32s:
    row, column = page_mm.shape[0] // 2, page_mm.shape[1] // 2
    reach = max(1, page_mm.shape[1] // 8)
    return np.asarray((page_mm[row, column + reach] - page_mm[row, column - reach]) / (2 * reach), np.float32)


def sheet_px(points_mm: Float64s, page_mm: Float32s) -> Float32s:
    """Pixels (x, y) of the flat sheet, float32 [point, 2], where points of the page lie.

    page_mm: float32 [row, column, (x, y)], the point of the page at each node. It is nearly
    affine, so that its best affine inverse, applied to what is still missing, converges; beyond its edges
    it goes on as an affine map.
    """
    rows, columns = page_mm.shape[:2]
    nodes = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2).astype(float)
    design = np.concatenate([nodes, np.ones((len(nodes), 1))], axis=1)
    affine = np.linalg.lstsq(design, page_mm.reshape(-1, 2).astype(float), rcond=None)[0]
    forward, inverse = affine[:2], np.linalg.inv(affine[:2])
    at = (points_mm - affine[2]) @ inverse
    for _ in range(_ROUNDS):
        kept = np.clip(at, 0, [columns - 1, rows - 1])
        reached = _interpolated(page_mm, kept) + (at - kept) @ forward
        at = at + (points_mm - reached) @ inverse
    return np.asarray((at + 0.5) * NODE_PX - 0.5, np.float32)


def _interpolated(page_mm: Float32s, at: Float64s) -> Float64s:
    """The map between its nodes, float [point, 2]; at: (column, row) within it."""
    rows, columns = page_mm.shape[:2]
    low = np.minimum(np.floor(at).astype(int), [columns - 2, rows - 2])
    x, y = (at - low).T[..., None]
    column, row = low.T
    upper = page_mm[row, column] * (1 - x) + page_mm[row, column + 1] * x
    lower = page_mm[row + 1, column] * (1 - x) + page_mm[row + 1, column + 1] * x
    return np.asarray(upper * (1 - y) + lower * y, np.float64)
