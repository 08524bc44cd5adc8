"""The grid and the corners that were found, drawn on the picture."""

from typing import Final

import cv2
import numpy as np

from ecgclip.evaluation.photos.deviation import nearest_nodes
from ecgclip.photo.flat.dewarp import NODE_MM
from ecgclip.photo.page import Page
from ecgclip.typing import Float32s, Rgb

_EVERY_MM: Final = 25.0
"""One second: closer lines would hide the picture."""
_LINE: Final = (0, 120, 255)
_EDGE: Final = (230, 0, 60)


def with_grid(rgb: Rgb, page: Page, px_per_input_px: float) -> Rgb:
    """A copy of the picture, uint8 [y, x, 3], with lines every 25 mm, edges and the top left corner.

    px_per_input_px: pixels of `rgb` for one of the image that was read. Refused pages have nothing to draw.
    """
    drawn = rgb.copy()
    if page.nodes_px.size == 0:
        return drawn
    nodes = page.nodes_px * px_per_input_px
    at = nearest_nodes(page.nodes_px, page.corners)
    (top, left), (bottom, right) = at.min(axis=0), at.max(axis=0)
    step = round(_EVERY_MM / NODE_MM)
    lines = [nodes[row, left : right + 1] for row in range(top, bottom + 1, step)]
    lines += [nodes[top : bottom + 1, column] for column in range(left, right + 1, step)]
    _draw(drawn, lines, _LINE, closed=False, width=1)
    corners = page.corners * px_per_input_px
    _draw(drawn, [corners], _EDGE, closed=True, width=2)
    x, y = (round(float(value)) for value in np.clip(corners[0], -1e4, 1e4))
    cv2.circle(drawn, (x, y), 5, _EDGE, -1, cv2.LINE_AA)
    return drawn


def _draw(
    picture: Rgb,
    lines: list[Float32s],
    colour: tuple[int, int, int],
    *,
    closed: bool,
    width: int,
) -> None:
    """Lines through points (x, y), to sixteenths of a pixel."""
    exact = [np.round(np.clip(line, -1e4, 1e4) * 16).astype(np.int32) for line in lines]
    cv2.polylines(picture, exact, closed, colour, width, cv2.LINE_AA, shift=4)
