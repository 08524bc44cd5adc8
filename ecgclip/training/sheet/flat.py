"""Photograph a print and lay it flat, with its truth, as the grid reader would."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ecgclip.errors import EcgClipError
from ecgclip.paper.raster import PRINT_PX_PER_MM
from ecgclip.photo.flat.dewarp import NODE_MM
from ecgclip.photo.flat.paper_map import NODE_PX, PaperMap, paper_map
from ecgclip.photo.grid.find_grid import find_grid
from ecgclip.photo.loading.illumination import Planes, separate_planes
from ecgclip.photo.loading.load import load
from ecgclip.simulation.camera import Photo
from ecgclip.simulation.prints.labelled import Print
from ecgclip.typing import Float32s, Uint8s
from ecgclip.units import LEADS

_SCALE_OFF: Final = 0.25
"""Largest relative error of scale of the reader's own map for it to be used in training."""


@dataclass(frozen=True, eq=False)
class FlatSample:
    """One sheet as the network sees it, upright, at `FLAT_PX_PER_MM`.

    planes: uint8 [3, y, x], dark, ink, colour; trace: uint8 [y, x]; labels: float32 [label, (x, y, lead)]
    in pixels, lead as its index in `units.LEADS`; by_reader: laid flat by the grid reader's own map.
    """

    planes: Uint8s
    trace: Uint8s
    labels: Float32s
    is_ecg: bool
    by_reader: bool = False


def lay_flat(printed: Print, photo: Photo, rng: np.random.Generator, reader: float) -> FlatSample:
    """reader: chance to use the map that the grid reader finds, where it finds one."""
    picture = load(photo.image)
    planes = separate_planes(picture.rgb)
    found = _reader_map(planes, photo, picture.scale) if rng.random() < reader else None
    places, page_mm = found or _true_map(printed, photo, picture.scale, rng)
    sheet = PaperMap(places)
    drawn = sheet.draw_planes(planes)
    trace = PaperMap(page_mm * np.float32(PRINT_PX_PER_MM) - np.float32(0.5)).draw(printed.trace)
    inside = _inside(places, picture.rgb.shape)
    labels = _labels(printed, page_mm, inside)
    return FlatSample(drawn, trace * (_dense(inside) > 0), labels, printed.is_ecg, found is not None)


def _true_map(
    printed: Print, photo: Photo, scale: float, rng: np.random.Generator
) -> tuple[Float32s, Float32s]:
    """Nodes of a sheet around the page: pixels of the working picture, and mm of the page, a little off."""
    page_mm = _with_errors(_nodes(printed.size_mm, rng), rng)
    at = photo.to_photo(page_mm.reshape(-1, 2).astype(np.float64)).reshape(page_mm.shape)
    return ((at + 0.5) / scale - 0.5).astype(np.float32), page_mm


def _nodes(size_mm: tuple[float, float], rng: np.random.Generator) -> Float32s:
    """A rectangle from 40 mm inside the page's edges to 15 mm outside, mostly near them."""
    left, top, right, bottom = 15 - 55 * rng.beta(1.0, 2.0, 4)
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


def _inside(places: Float32s, shape: tuple[int, ...]) -> Uint8s:
    """Nodes that the picture shows, uint8 [row, column]."""
    x, y = places[..., 0], places[..., 1]
    return ((x >= 0) & (y >= 0) & (x < shape[1]) & (y < shape[0])).astype(np.uint8)


def _dense(nodes: Uint8s) -> Uint8s:
    return np.asarray(np.kron(nodes, np.ones((NODE_PX, NODE_PX), np.uint8)), np.uint8)


def _labels(printed: Print, page_mm: Float32s, inside: Uint8s) -> Float32s:
    """Where the names stand on the sheet, to half a millimetre; those that it does not show are left out."""
    fine = 5
    size = page_mm.shape[1] * fine, page_mm.shape[0] * fine
    dense = cv2.resize(page_mm, size, interpolation=cv2.INTER_LINEAR)
    found = []
    for label in printed.labels:
        off = np.abs(dense - np.array([label.x_mm, label.y_mm], np.float32)).max(axis=-1)
        row, column = np.unravel_index(int(off.argmin()), off.shape)
        if off[row, column] < 1.0 and inside[row // fine, column // fine]:
            step = NODE_PX / fine
            found.append(((column + 0.5) * step - 0.5, (row + 0.5) * step - 0.5, LEADS.index(label.lead)))
    return np.array(found, np.float32).reshape(-1, 3)
