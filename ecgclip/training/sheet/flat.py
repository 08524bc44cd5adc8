"""Photograph a print and lay it flat, with its truth, as the grid reader would."""

from typing import Final

import cv2
import numpy as np

from ecgclip.errors import EcgClipError
from ecgclip.paper.raster import PRINT_PX_PER_MM
from ecgclip.photo.flat.dewarp import NODE_MM
from ecgclip.photo.flat.paper_map import NODE_PX, PaperMap, paper_map
from ecgclip.photo.grid.find_grid import find_grid
from ecgclip.photo.loading.illumination import Planes, inverted, light_on_dark, separate_planes
from ecgclip.photo.loading.load import load
from ecgclip.simulation.camera import Photo
from ecgclip.simulation.prints.printed import Print
from ecgclip.training.sheet.places import panel_lines, word_boxes
from ecgclip.training.sheet.sample import FlatSample
from ecgclip.typing import Float32s, Uint8s

_SCALE_OFF: Final = 0.25
"""Largest relative error of scale of the reader's own map for it to be used in training."""
_TURN_OFF: Final = 0.1
"""Largest error of its direction, in quarter turns."""


def lay_flat(printed: Print, photo: Photo, rng: np.random.Generator, reader: float) -> FlatSample:
    """reader: chance to use the map that the grid reader finds, where it finds one."""
    picture = load(photo.image)
    rgb = inverted(picture.rgb) if light_on_dark(picture.rgb) else picture.rgb
    planes = separate_planes(rgb)
    found = _reader_map(planes, photo, picture.scale) if rng.random() < reader else None
    places, page_mm = found or _true_map(printed, photo, picture.scale, rng)
    sheet = PaperMap(places)
    drawn = sheet.draw_planes(planes)
    shown = _dense(_inside(places, picture.rgb.shape)) * np.uint8(255)
    layers = np.concatenate([_inks(printed, page_mm) * (shown > 0), shown[None]])
    return FlatSample(
        drawn,
        layers,
        word_boxes(printed.words, page_mm),
        panel_lines(printed.curves, page_mm),
        printed.is_ecg,
        found is not None,
    )


def _inks(printed: Print, page_mm: Float32s) -> Uint8s:
    """Ink of curves, pulses and marks on the sheet, uint8 [3, y, x]."""
    merged = cv2.merge([printed.trace, printed.pulse_ink, printed.mark_ink])
    page = PaperMap(page_mm * np.float32(PRINT_PX_PER_MM) - np.float32(0.5))
    return np.ascontiguousarray(page.draw(np.asarray(merged, np.uint8)).transpose(2, 0, 1))


def _true_map(
    printed: Print, photo: Photo, scale: float, rng: np.random.Generator
) -> tuple[Float32s, Float32s]:
    """Nodes of a sheet around the page: pixels of the working picture, and mm of the page, a little off."""
    page_mm = _with_errors(_nodes(printed.size_mm, rng), rng)
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


def _inside(places: Float32s, shape: tuple[int, ...]) -> Uint8s:
    """Nodes that the picture shows, uint8 [row, column]."""
    x, y = places[..., 0], places[..., 1]
    return ((x >= 0) & (y >= 0) & (x < shape[1]) & (y < shape[0])).astype(np.uint8)


def _dense(nodes: Uint8s) -> Uint8s:
    return np.asarray(np.kron(nodes, np.ones((NODE_PX, NODE_PX), np.uint8)), np.uint8)
