"""Drawing on a picture in colour, in mm: words, curves, boxes."""

import cv2
import numpy as np

from ecgclip.simulation.prints.canvas import PX, Colour
from ecgclip.simulation.prints.chance import between
from ecgclip.simulation.prints.printed import Box
from ecgclip.simulation.prints.typeface import Lettering, text_ink
from ecgclip.typing import Float64s, Rgb


def blank(width_mm: float, height_mm: float, paper: Colour) -> Rgb:
    """A picture in one colour, uint8 [y, x, 3]."""
    rgb = np.empty((round(height_mm * PX), round(width_mm * PX), 3), np.uint8)
    rgb[...] = paper
    return rgb


def draw_text(
    rgb: Rgb,
    text: str,
    lettering: Lettering,
    at_mm: tuple[float, float],
    colour: Colour,
    middle: bool = False,
) -> None:
    """Write a line, its baseline from (x, y) on or about it, in place; what leaves the picture is cut."""
    ink, left, top, advance = text_ink(text, lettering, PX)
    x, y = round(at_mm[0] * PX - (advance / 2 if middle else 0)) + left, round(at_mm[1] * PX) + top
    x0, y0 = max(0, x), max(0, y)
    x1, y1 = min(rgb.shape[1], x + ink.shape[1]), min(rgb.shape[0], y + ink.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    share = ink[y0 - y : y1 - y, x0 - x : x1 - x, None].astype(np.float32) / 255
    part = rgb[y0:y1, x0:x1]
    part[...] = (part + share * (np.array(colour, np.float32) - part)).astype(np.uint8)


def draw_curve(rgb: Rgb, x_mm: Float64s, y_mm: Float64s, line_mm: float, colour: Colour) -> None:
    """Draw a line through points, in place."""
    points = np.round(np.stack([x_mm, y_mm], axis=1) * PX * 16).astype(np.int32)
    cv2.polylines(rgb, [points[:, None]], False, colour, max(1, round(line_mm * PX)), cv2.LINE_AA, 4)


def draw_box(rgb: Rgb, box: Box, colour: Colour, line_mm: float = 0.0) -> None:
    """Draw a rectangle, in place; filled where `line_mm` is 0."""
    start = (round(box.left * PX), round(box.top * PX))
    stop = (round(box.right * PX), round(box.bottom * PX))
    cv2.rectangle(rgb, start, stop, colour, max(1, round(line_mm * PX)) if line_mm else -1, cv2.LINE_AA)


def draw_squares(rgb: Rgb, box: Box, step_mm: tuple[float, float], line_mm: float, colour: Colour) -> None:
    """Draw a lattice of lines over a box, in place."""
    for x in np.arange(box.left, box.right + 1e-6, step_mm[0]):
        draw_curve(rgb, np.array([x, x]), np.array([box.top, box.bottom]), line_mm, colour)
    for y in np.arange(box.top, box.bottom + 1e-6, step_mm[1]):
        draw_curve(rgb, np.array([box.left, box.right]), np.array([y, y]), line_mm, colour)


def tint(rng: np.random.Generator, low: int, high: int) -> Colour:
    """A colour between two levels."""
    red, green, blue = (int(value) for value in rng.integers(low, high + 1, 3))
    return red, green, blue


def random_size(rng: np.random.Generator) -> tuple[float, float]:
    """(width, height) of a picture or page in mm."""
    wide = between(rng, 120, 290)
    return wide, float(np.clip(wide * between(rng, 0.45, 1.2), 70, 290))
