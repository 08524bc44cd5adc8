"""Where pieces of leads were read, in millimetres of the sheet."""

import numpy as np

from ecgclip.photo.curves.read_rows import RowCurve
from ecgclip.photo.layout.panel import PrintedPanel
from ecgclip.photo.panels import panels_read


def test_places_scale_and_leads_upside_down():
    curve = RowCurve(np.zeros(200, np.float32), np.zeros(200, np.float32), np.full(100, 400, np.float32))
    upright = PrintedPanel("V1", 0, 29.5, 90.0, 0.0)
    inverted = PrintedPanel("-aVR", 0, 1.5, 9.0, 1.0, 50.0, 5.0)
    first, second = panels_read([upright, inverted], [curve])
    assert (first.lead, first.x_mm, first.baseline_mm) == ("V1", 7.5, 100.125)
    assert (first.speed_mm_s, first.gain_mm_mv) == (25.0, 10.0)
    assert (second.lead, second.x_mm, second.start_s) == ("aVR", 0.5, 1.0)
    assert (second.speed_mm_s, second.gain_mm_mv) == (50.0, -5.0)
