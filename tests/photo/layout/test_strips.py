"""Rhythm strips are named by the panels that they repeat."""

import numpy as np
import pytest

from ecgclip.photo.curves.read_rows import RowCurve, columns_px
from ecgclip.photo.layout.panel import PrintedPanel
from ecgclip.photo.layout.strips import identified
from ecgclip.units import LEADS

WIDTH, ZERO = 1100, 50.0


def row(*shapes):
    """A row of panels, each a wave of its own; all beat at the same times."""
    x = columns_px(2 * WIDTH)
    y = np.full(x.size, 200.0, np.float32)
    for column, (height, lag) in enumerate(shapes):
        width = 1000 / len(shapes)
        own = (x >= ZERO + column * width) & (x < ZERO + (column + 1) * width)
        y[own] -= height * np.exp(-0.5 * ((((x - ZERO) % 80 - 40 - lag) / 5)[own]) ** 2)
    return RowCurve(y, np.zeros_like(y), np.full(WIDTH, 200.0, np.float32))


SHAPES = {lead: (20.0 + 12 * (k % 6), 4.0 * (k % 5)) for k, lead in enumerate(LEADS)}
CURVES = [row(*(SHAPES[lead] for lead in LEADS[first::3])) for first in range(3)]
PANELS = tuple(
    PrintedPanel(lead, k % 3, ZERO + 250 * (k // 3), ZERO + 250 * (k // 3 + 1), 2.5 * (k // 3))
    for k, lead in enumerate(LEADS)
)


def named(printed, shown):
    """What a strip printed as `printed` and showing lead `shown` is called."""
    curves = [*CURVES, row(SHAPES[shown])]
    strip = PrintedPanel(printed, 3, ZERO, ZERO + 1000, 0.0)
    return identified((*PANELS, strip), curves, 1)[-1].lead


@pytest.mark.parametrize("lead", ["II", "V1", "V5", "aVF"])
def test_a_strip_without_a_name_gets_that_of_the_panel_it_repeats(lead):
    assert named("?", lead) == lead


def test_a_misread_name_is_corrected_and_a_right_one_kept():
    assert named("III", "II") == "II"
    assert named("V5", "V5") == "V5"


def test_what_repeats_no_panel_keeps_its_name_but_for_strokes():
    beats = row((30.0, 37.0))
    for printed, expected in (("V1", "V1"), ("?", "?"), ("III", "II")):
        strip = PrintedPanel(printed, 3, ZERO, ZERO + 1000, 0.0)
        assert identified((*PANELS, strip), [*CURVES, beats], 1)[-1].lead == expected


def test_other_panels_stay_as_they_are():
    strip = PrintedPanel("?", 3, ZERO, ZERO + 1000, 0.0)
    found = identified((*PANELS, strip), [*CURVES, row(SHAPES["II"])], 1)
    assert found[:-1] == PANELS
    assert identified(PANELS, CURVES, 0) == PANELS
