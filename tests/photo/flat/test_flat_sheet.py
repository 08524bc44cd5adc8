"""The scale of a magnified strip, which looks like a page five times too large."""

from itertools import product

import cv2
import numpy as np
import pytest

from ecgclip.paper.render import render
from ecgclip.photo.flat.flat_sheet import in_millimetres
from ecgclip.photo.grid.find_grid import Grid
from ecgclip.photo.rectify import rectify
from ecgclip.simulation.ecg import SyntheticSource


def test_magnified_pieces_are_read_at_their_own_scale_or_not_at_all() -> None:
    """Some 75 x 38 mm of a print at 24 px/mm: its millimetres are as wide as squares of 5 elsewhere."""
    source, scales = SyntheticSource(3, 0), []
    for record, style in product(source.ids, ("pink", "green")):
        page = render(source.read(record), "3x4+1R", style, px_per_mm=24.0).array
        piece = np.ascontiguousarray(page[75 * 24 : 113 * 24, 30 * 24 : 105 * 24])
        found = rectify(cv2.GaussianBlur(piece, (0, 0), 1.5))
        if found.accepted:
            scales.append(found.input_px_per_mm)
            assert any("single strip" in words or "rows were read" in words for words in found.warnings)
    assert len(scales) >= 3
    assert scales == pytest.approx([24.0] * len(scales), rel=0.03)


def test_squares_taken_for_millimetres_make_a_fifth_of_the_paper() -> None:
    to_mm = np.array([[0.2, 0.01, 3.0], [-0.01, 0.2, 5.0], [1e-5, 0.0, 1.0]])
    grid = Grid(to_mm, 2.5, 20.0, 0.9, np.zeros((1, 2)), np.ones(1), 256.0)
    point = np.array([[[400.0, 700.0]]])
    large, small = (cv2.perspectiveTransform(point, g.to_mm) for g in (grid, in_millimetres(grid)))
    np.testing.assert_allclose(small * 5, large)
    assert in_millimetres(grid).line_mm == 1.0
