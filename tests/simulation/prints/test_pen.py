"""The pen's ink against closed forms."""

import numpy as np
import pytest

from ecgclip.simulation.prints.pen import stroke


@pytest.mark.parametrize("width", [0.9, 1.3, 2.0, 2.6, 4.1])
@pytest.mark.parametrize("slope", [0.0, 0.7, 5.0])
def test_a_straight_line_has_the_area_and_middle_of_its_width(width, slope):
    plane = np.zeros((400, 120), np.uint8)
    x = np.linspace(10.3, 70.9, 2000)
    stroke(plane, x, 40.37 + slope * (x - x[0]), width)
    ink = plane[:, 30:51].astype(float) / 255
    area = width * np.hypot(1, slope)
    assert ink.sum(axis=0).mean() == pytest.approx(area, rel=0.07)
    centre = (ink * (np.arange(400)[:, None] + 0.5)).sum(axis=0) / ink.sum(axis=0)
    true = 40.37 + slope * (np.arange(30, 51) + 0.5 - x[0])
    assert np.abs(centre - true).max() < 0.12


def test_a_gap_leaves_a_gap_and_flow_pales_the_ink():
    plane = np.zeros((40, 120), np.uint8)
    x = np.linspace(5, 100, 2000)
    y = np.where((x > 40) & (x < 60), np.nan, 20.5)
    stroke(plane, x, y, 2.0, np.where(x > 70, 0.5, 1.0))
    assert plane[:, 43:57].max() == 0
    assert plane[20, 20] > 240
    assert 110 < plane[20, 90] < 140


def test_ink_beyond_the_page_is_cut():
    plane = np.zeros((30, 50), np.uint8)
    x = np.linspace(-20, 80, 500)
    stroke(plane, x, 15 + 40 * np.sin(x / 5), 2.0)
    assert plane.any()
    before = plane.copy()
    stroke(plane, x, np.full_like(x, 500.0), 2.0)
    stroke(plane, x + 400, np.full_like(x, 10.0), 2.0)
    assert np.array_equal(before, plane)
