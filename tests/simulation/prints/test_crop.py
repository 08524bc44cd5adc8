"""Cropped and framed prints keep their labels on their ink."""

import numpy as np
import pytest

from ecgclip.simulation.prints.canvas import PX
from ecgclip.simulation.prints.crop import Crop, cropped, moved
from ecgclip.simulation.prints.printed import Box, Curve, Print, Pulse, Word
from ecgclip.simulation.prints.surface import Kind, Surface, finish


@pytest.fixture
def page():
    """100 x 60 mm: a level curve at 30 mm, a word, a pulse."""
    shape = (round(60 * PX), round(100 * PX))
    planes = [np.zeros(shape, np.uint8) for _ in range(3)]
    planes[0][round(30 * PX) - 1 : round(30 * PX) + 2] = 255
    rgb = np.full((*shape, 3), 255, np.uint8)
    rgb[planes[0] > 0] = 0
    x = np.arange(0, 100, 0.05, dtype=np.float32)
    curve = Curve("II", x, np.full_like(x, 30.0), 30.0, 1.0)
    word = Word("lead", "II", Box(10.0, 20.0, 14.0, 23.0))
    return Print(rgb, *planes, (curve,), (word,), (Pulse(Box(2.0, 20.0, 7.0, 30.0), 10.0),))


def test_a_crop_moves_labels_with_the_picture_and_time_with_the_curve(page):
    cut = cropped(page, Crop(8.0, 5.0, 10.0, 4.0))
    assert cut.size_mm == pytest.approx((82.0, 51.0), abs=0.15)
    curve = cut.curves[0]
    assert curve.x_mm[0] == pytest.approx(0, abs=0.06)
    assert curve.start_s == pytest.approx(1.0 + 8.0 / 25, abs=0.005)
    assert curve.baseline_mm == pytest.approx(25.0, abs=0.07)
    row = round(curve.y_mm[0] * PX)
    assert cut.trace[row - 1 : row + 2].any(axis=0).all()
    assert cut.words[0].box.left == pytest.approx(2.0, abs=0.07)
    assert cut.pulses == ()


def test_a_word_is_told_while_most_of_it_is_seen(page):
    assert cropped(page, Crop(10.3, 0, 0, 0)).words[0].box.left == 0
    assert cropped(page, Crop(12.0, 0, 0, 0)).words == ()


def test_what_leaves_the_picture_is_told_no_longer(page):
    assert moved(page, 0.0, 40.0).curves == ()
    assert moved(page, 0.0, 31.0).pulses == ()


@pytest.mark.parametrize("kind", Kind)
def test_a_surface_leaves_labels_true_and_the_print_unchanged(page, kind):
    before = page.rgb.copy()
    done = finish(page, Surface(kind, 0.5, 7))
    again = finish(page, Surface(kind, 0.5, 7))
    assert np.array_equal(page.rgb, before)
    assert np.array_equal(done.rgb, again.rgb)
    assert done.rgb.dtype == np.uint8
    assert done.rgb.shape[:2] == done.trace.shape == done.mark_ink.shape == done.pulse_ink.shape
    curve = done.curves[0]
    row, column = round(float(curve.y_mm[900]) * PX), round(float(curve.x_mm[900]) * PX)
    assert done.trace[row - 1 : row + 2, column].any()
    levels = done.rgb[row - 12 : row + 13, column].astype(int).min(axis=1)
    assert np.ptp(levels) > 45


def test_a_fax_has_two_levels_and_dark_mode_a_light_trace(page):
    assert set(np.unique(finish(page, Surface(Kind.FAX, 0.5, 1)).rgb)) == {0, 255}
    dark = finish(page, Surface(Kind.DARK, 0.5, 1)).rgb
    assert dark[page.trace > 0].max(axis=1).min() > 200 > 60 > dark[page.trace == 0].max()
