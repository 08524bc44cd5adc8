"""Deviation of a reading against closed forms."""

import numpy as np
import pytest

from ecgclip.evaluation.photos.deviation import corner_error_mm, deviation, rigid_residual
from ecgclip.photo.flat.dewarp import NODE_MM

from .fakes import LAYOUT, sheet_page, turned

SCALE = 4.0
TURN_DEG = 10.0
OFFSET = np.array([300.0, 200.0])


def to_photo(mm):
    """The true photo: 4 px/mm, turned clockwise by 10 degrees."""
    return turned(mm * SCALE, TURN_DEG) + OFFSET


def to_page(px):
    return turned(px - OFFSET, -TURN_DEG) / SCALE


def test_a_perfect_reading_deviates_by_nothing():
    start = np.array([30.0, 20.0])
    page = sheet_page(lambda mm: to_photo(mm + start), input_px_per_mm=SCALE, rotation_deg=TURN_DEG)
    found = deviation(page, to_page, LAYOUT)
    assert found.period_error == pytest.approx(0, abs=1e-5)
    assert found.corner_mm == pytest.approx(0, abs=1e-3)
    assert found.turn_deg == pytest.approx(0, abs=1e-3)
    assert found.upright
    assert found.layout_right


def test_a_wrong_scale_is_the_period_error_and_moves_the_corners():
    wrong = 1.02  # a millimetre of the sheet is believed to be 2 % longer than it is
    page = sheet_page(
        lambda mm: to_photo(mm * wrong), input_px_per_mm=SCALE * wrong, rotation_deg=TURN_DEG, layout="12x1"
    )
    found = deviation(page, to_page, LAYOUT)
    assert found.period_error == pytest.approx(0.02, abs=1e-5)
    width, height = 200.0 - NODE_MM, 100.0 - NODE_MM
    assert found.corner_mm == pytest.approx(0.02 * np.hypot(width, height) / 2, rel=1e-3)
    assert not found.layout_right


@pytest.mark.parametrize(("quarter", "upright"), [(90, False), (180, False), (270, False), (360, True)])
def test_a_page_on_its_head_is_turned_but_its_corners_are_right(quarter, upright):
    reading = lambda mm: to_photo(turned(mm, quarter) + 150.0)
    page = sheet_page(reading, input_px_per_mm=SCALE, rotation_deg=TURN_DEG + quarter)
    found = deviation(page, to_page, LAYOUT)
    assert found.turn_deg % 360 == pytest.approx(quarter % 360, abs=1e-2)
    assert found.upright is upright
    assert found.corner_mm == pytest.approx(0, abs=1e-3)
    assert found.period_error == pytest.approx(0, abs=1e-5)


def test_the_scale_is_the_one_in_the_middle_of_the_sheet():
    """In perspective the scale changes along the row: x px = 1000 x / (250 + x), x in mm."""
    seen = lambda mm: np.stack([1000 * mm[:, 0] / (250 + mm[:, 0]), 4 * mm[:, 1]], axis=1)
    undone = lambda px: np.stack([250 * px[:, 0] / (1000 - px[:, 0]), px[:, 1] / 4], axis=1)
    page = sheet_page(seen, input_px_per_mm=2.0, rotation_deg=0.0)
    columns = round(200 / NODE_MM)
    ends = np.array([columns // 2 - columns // 8, columns // 2 + columns // 8]) * NODE_MM
    true = np.diff(1000 * ends / (250 + ends))[0] / np.diff(ends)[0]
    assert deviation(page, undone, LAYOUT).period_error == pytest.approx(2.0 / true - 1, rel=1e-5)


def test_corners_are_measured_where_the_reader_put_them():
    """One of four corners is 4 mm off; the best rigid motion is found by trying all turns."""
    page = sheet_page(to_photo, input_px_per_mm=SCALE, rotation_deg=TURN_DEG)
    bent = lambda px: to_page(px) + np.where(to_page(px)[:, :1] + to_page(px)[:, 1:] < 1, 4.0, 0.0)
    found = corner_error_mm(page.nodes_px, page.corners, bent)
    width, height = 200.0 - NODE_MM, 100.0 - NODE_MM
    shape = np.array([[0, 0], [width, 0], [width, height], [0, height]])
    target = shape.copy()
    target[0] += 4.0
    tries = []
    for degrees in np.linspace(-3, 3, 6001):
        moved = turned(shape - shape.mean(axis=0), degrees) + target.mean(axis=0)
        tries.append(np.sqrt(np.mean(np.sum((moved - target) ** 2, axis=1))))
    assert found == pytest.approx(min(tries), rel=1e-4)


def test_no_motion_makes_up_for_a_mirror():
    shape = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 1.0], [0.0, 1.0]])
    assert rigid_residual(shape, turned(shape, 70) + 5) == pytest.approx(0, abs=1e-12)
    assert rigid_residual(shape, shape * [1, -1]) > 0.4
