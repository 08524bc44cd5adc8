"""The curves lie on the ink of the picture that they were read from, whatever way it was taken."""

import numpy as np
import pytest

from ecgclip.figures.digitized import curves_px, digitized_picture, with_curves
from ecgclip.paper.render import render
from ecgclip.photo.digitize import ecg_of_page
from ecgclip.photo.page import Page
from ecgclip.photo.rectify import rectify
from ecgclip.simulation.ecg import SyntheticSource

BLUE = np.array([0, 90, 255])


@pytest.fixture(scope="module")
def drawn():
    return render(SyntheticSource(1).read("00001"), style="red").array


@pytest.mark.parametrize("turns", [0, 1])
@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_most_samples_lie_on_ink(drawn, turns, scale):
    picture = np.ascontiguousarray(np.rot90(drawn, turns))
    page = rectify(picture)
    points = np.concatenate([*curves_px(page)])
    assert len(points) == (~np.isnan(page.signal_mv)).sum()  # each sample once
    x, y = np.round(points).astype(int).T
    dark = picture.max(axis=2) < 110
    near = np.stack([dark[y + dy, x + dx] for dy in (-2, -1, 0, 1, 2) for dx in (-2, -1, 0, 1, 2)])
    assert near.any(axis=0).mean() > 0.9
    small = np.ascontiguousarray(picture[:: round(1 / scale), :: round(1 / scale)])
    blue = np.abs(with_curves(small, page, scale).astype(int) - BLUE).sum(axis=2) < 60
    assert blue.sum() > 1000 * scale
    rows, columns = np.nonzero(blue)
    assert x.min() - 2 <= columns.min() / scale
    assert columns.max() * scale <= x.max() + 2
    assert rows.max() * scale <= y.max() + 2


def test_both_stand_side_by_side(drawn):
    page = rectify(drawn)
    picture = digitized_picture(drawn, 1.0, page, ecg_of_page(page, "a.png"))
    height, width = drawn.shape[:2]
    shrink = 1600 / width
    assert picture.shape[1] > 1600 + height * shrink
    blue = np.abs(picture.astype(int) - BLUE).sum(axis=2) < 60
    assert blue[:, :1650].sum() > 1000
    assert blue[:, 1650:].sum() == 0


def test_a_refused_page_has_no_curve():
    page = rectify(np.full((700, 900, 3), 255, np.uint8))
    assert isinstance(page, Page)
    assert [*curves_px(page)] == []
