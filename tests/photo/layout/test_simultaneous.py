"""Columns that follow each other, and columns that show the same seconds."""

import numpy as np
import pytest

from ecgclip.photo.curves.read_rows import RowCurve, columns_px
from ecgclip.photo.layout.panel import PrintedPanel
from ecgclip.photo.layout.simultaneous import with_their_time
from ecgclip.units import LEADS

WIDTH, ZERO = 1100, 50.0


def lead_mv(lead, seconds, rr_s):
    """A lead of a heart that beats every `rr_s`, obeying the laws of the limb leads."""
    phase = (seconds % rr_s) / rr_s
    one = np.exp(-0.5 * ((phase - 0.3) * rr_s / 0.02) ** 2) + 0.2 * np.sin(2 * np.pi * seconds * 0.21)
    three = 0.4 * np.exp(-0.5 * ((phase - 0.6) * rr_s / 0.06) ** 2) - 0.1 * np.cos(2 * np.pi * seconds * 0.33)
    two = one + three
    limbs = [one, two, three, -(one + two) / 2, one - two / 2, two - one / 2]
    return limbs[LEADS.index(lead)] if lead in LEADS[:6] else 0.5 * one - three


def sheet(rr_s, step_s):
    """3x4; each column begins `step_s` after the one before."""
    x = columns_px(2 * WIDTH)
    y = np.full((3, x.size), np.nan, np.float32)
    panels = []
    for number, lead in enumerate(LEADS):
        column, row = divmod(number, 3)
        start = ZERO + 250 * column
        own = (x >= start) & (x < start + 250)
        y[row, own] = 200 - 40 * lead_mv(lead, (x[own] - start) / 100 + column * step_s, rr_s)
        panels.append(PrintedPanel(lead, row, start, start + 250, 2.5 * column))
    curves = [RowCurve(row, np.zeros_like(row), np.full(WIDTH, 200.0, np.float32)) for row in y]
    return tuple(panels), curves


def test_columns_of_the_same_seconds_all_begin_at_zero():
    panels, curves = sheet(0.83, 0.0)
    assert {panel.start_s for panel in with_their_time(panels, curves, 0)} == {0.0}


@pytest.mark.parametrize("rr_s", [0.71, 0.9, 1.03])
def test_columns_that_follow_each_other_stay(rr_s):
    panels, curves = sheet(rr_s, 2.5)
    assert with_their_time(panels, curves, 0) == panels


def test_strips_keep_their_time_and_single_columns_say_nothing():
    panels, curves = sheet(0.83, 0.0)
    strip = PrintedPanel("II", 1, ZERO, ZERO + 1000, 0.5)
    assert with_their_time((*panels, strip), curves, 1)[-1] == strip
    alone = panels[:3]
    assert with_their_time(alone, curves, 0) == alone
