"""The sheet that is drawn on: its ground in colour, and one plane of ink for each kind of stroke."""

from dataclasses import dataclass

import cv2
import numpy as np

from ecgclip.paper.raster import PRINT_PX_PER_MM
from ecgclip.simulation.prints.printed import Box
from ecgclip.typing import Float64s, Rgb, Uint8s

PX = PRINT_PX_PER_MM
Colour = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Canvas:
    """ground: uint8 [y, x, 3], paper and grid; the planes: uint8 [y, x], 0 blank to 255; drawn in place."""

    ground: Rgb
    trace: Uint8s
    pulse: Uint8s
    mark: Uint8s
    text: Uint8s

    @property
    def size_mm(self) -> tuple[float, float]:
        """(width, height)."""
        return self.trace.shape[1] / PX, self.trace.shape[0] / PX


def canvas_on(ground: Rgb) -> Canvas:
    """An empty canvas on a ground."""
    shape = ground.shape[:2]
    trace, pulse, mark, text = (np.zeros(shape, np.uint8) for _ in range(4))
    return Canvas(ground, trace, pulse, mark, text)


def cover(start_mm: float, stop_mm: float, size: int) -> tuple[int, Float64s]:
    """First pixel of an interval along an axis of `size` pixels, and how much of each pixel it covers."""
    start, stop = (min(max(edge * PX, 0.0), float(size)) for edge in (start_mm, stop_mm))
    pixels = np.arange(int(start), int(np.ceil(stop)))
    return int(start), np.clip(np.minimum(stop, pixels + 1) - np.maximum(start, pixels), 0, 1)


def fill(plane: Uint8s, box: Box, level: int = 255) -> None:
    """Blacken a rectangle of a plane."""
    y, cover_y = cover(box.top, box.bottom, plane.shape[0])
    x, cover_x = cover(box.left, box.right, plane.shape[1])
    ink = np.round(np.outer(cover_y, cover_x) * level).astype(np.uint8)
    window = plane[y : y + len(cover_y), x : x + len(cover_x)]
    np.maximum(window, ink, out=window)


def outline(plane: Uint8s, box: Box, line_mm: float) -> None:
    """Draw the frame of a rectangle, the middle of its line on the edges."""
    half = line_mm / 2
    left, top, right, bottom = box.left, box.top, box.right, box.bottom
    for x in (left, right):
        fill(plane, Box(x - half, top - half, x + half, bottom + half))
    for y in (top, bottom):
        fill(plane, Box(left - half, y - half, right + half, y + half))


def paste(plane: Uint8s, ink: Uint8s, x: int, y: int) -> None:
    """Lay ink on a plane with its top left pixel at (x, y); what leaves the page is cut."""
    x0, y0 = max(0, x), max(0, y)
    x1, y1 = min(plane.shape[1], x + ink.shape[1]), min(plane.shape[0], y + ink.shape[0])
    if x1 > x0 and y1 > y0:
        window = plane[y0:y1, x0:x1]
        np.maximum(window, ink[y0 - y : y1 - y, x0 - x : x1 - x], out=window)


def blend(rgb: Rgb, ink: Uint8s, colour: Colour) -> None:
    """Lay a plane of ink on a picture in a colour, in place."""
    places = cv2.findNonZero(ink)
    if places is None:
        return
    x, y = places.reshape(-1, 2).T
    share = ink[y, x].astype(np.float32)[:, None] / 255
    under = rgb[y, x].astype(np.float32)
    rgb[y, x] = (under + share * (np.array(colour, np.float32) - under) + 0.5).astype(np.uint8)
