"""Draw extras over the finished print."""

import cv2
import numpy as np

from ecgclip.simulation.prints.canvas import Canvas, Colour
from ecgclip.simulation.prints.extras import Extra
from ecgclip.simulation.prints.inked import draw_pen
from ecgclip.simulation.prints.printed import Box
from ecgclip.simulation.prints.stickers import HIDING, draw_sticker
from ecgclip.typing import Rgb, Uint8s


def draw_extras(canvas: Canvas, extras: tuple[Extra, ...]) -> tuple[Box, ...]:
    """Draw over the finished print `canvas.ground`, in place; return the boxes that hide what was printed."""
    hidden: list[Box] = []
    for extra in extras:
        rng = np.random.default_rng(extra.seed)
        if extra.kind in HIDING:
            hidden += draw_sticker(canvas, extra, rng)
        else:
            plane = np.zeros(canvas.trace.shape, np.uint8)
            draw_pen(plane, extra, rng)
            _over(canvas.ground, plane, extra.rgb)
    return tuple(hidden)


def _over(rgb: Rgb, ink: Uint8s, colour: Colour) -> None:
    """Lay a pen's ink over a print: nothing gets lighter by it."""
    places = cv2.findNonZero(ink)
    if places is None:
        return
    x, y = places.reshape(-1, 2).T
    share = ink[y, x].astype(np.float32)[:, None] / 255 * 0.85
    under = rgb[y, x].astype(np.float32)
    inked = under + share * (np.array(colour, np.float32) - under)
    rgb[y, x] = np.minimum(under, inked).astype(np.uint8)
