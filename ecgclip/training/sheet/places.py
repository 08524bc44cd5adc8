"""Where words and baselines of the page lie on the flat sheet."""

from typing import Final

import numpy as np

from ecgclip.photo.flat.words import word_class
from ecgclip.simulation.prints.printed import Curve, Word
from ecgclip.training.flattening import sheet_px
from ecgclip.typing import Float32s

NODES: Final = 49
"""Points of a panel's 0-mV line."""


def panel_lines(curves: tuple[Curve, ...], page_mm: Float32s) -> Float32s:
    """The 0-mV lines of curves from the first to the last point drawn, px, float32 [panel, node, (x, y)]."""
    lines = []
    for curve in curves:
        drawn = np.flatnonzero(np.isfinite(curve.x_mm) & np.isfinite(curve.y_mm))
        if drawn.size < 2:
            continue
        x = np.linspace(float(curve.x_mm[drawn[0]]), float(curve.x_mm[drawn[-1]]), NODES)
        lines.append(np.stack([x, np.full(NODES, curve.baseline_mm)], axis=1))
    points = np.array(lines, np.float64).reshape(-1, 2)
    return sheet_px(points, page_mm).reshape(-1, NODES, 2)


def word_boxes(words: tuple[Word, ...], page_mm: Float32s) -> Float32s:
    """Words on the sheet, float32 [word, (left, top, right, bottom, class)] in px, class -1 for none."""
    edges = [(w.box.left, w.box.top, w.box.right, w.box.bottom) for w in words]
    left, top, right, bottom = np.array(edges, np.float64).reshape(-1, 4).T
    corners = np.stack([left, top, right, top, right, bottom, left, bottom], axis=1).reshape(-1, 2)
    placed = sheet_px(corners, page_mm).reshape(-1, 4, 2)
    classes = [word_class(word.kind, word.value) for word in words]
    numbers = np.array([-1 if number is None else number for number in classes], np.float32)
    return np.concatenate([placed.min(axis=1), placed.max(axis=1), numbers[:, None]], axis=1)
