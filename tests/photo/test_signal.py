"""From curves to leads: time, zero, rhythm strips, scale, leads upside down, and the page of them."""

import numpy as np
import pytest

from ecgclip.paper.geometry import CANONICAL
from ecgclip.photo.curves.read_rows import RowCurve, columns_px
from ecgclip.photo.layout.panel import PrintedPanel
from ecgclip.photo.signal import (
    SIGNAL_SAMPLES,
    curve_at,
    page_of,
    page_of_rows,
    signal_of,
    with_stand_ins,
)
from ecgclip.units import LEADS

WIDTH = 1100
ZERO = 50.0
"""Where time begins on the sheet, px."""


def curve(y_of_x, baseline=200.0):
    """A row whose trace runs at y_of_x(x) px."""
    x = columns_px(2 * WIDTH)
    y_px = np.broadcast_to(y_of_x(x), x.shape).astype(np.float32)
    return RowCurve(y_px, np.zeros_like(y_px), np.full(WIDTH, baseline, np.float32))


def columns_of_four(rows, speed=25.0, gain=10.0):
    """3x4 and a strip of lead II."""
    panels = []
    for number, lead in enumerate(LEADS):
        column, row = divmod(number, 3)
        start_s = 2.5 * column * 25 / speed
        start_px = ZERO + 250 * column
        panels.append(PrintedPanel(lead, row, start_px, start_px + 250, start_s, speed, gain))
    strip = PrintedPanel("II", 3, ZERO, ZERO + 1000, 0.0, speed, gain)
    return (*panels, strip) if rows > 3 else tuple(panels)


def test_a_cubic_goes_through_its_columns_and_keeps_straight_lines_and_gaps():
    y_px = np.arange(40, dtype=np.float32)
    y_px[20:24] = np.nan
    x = columns_px(40)
    np.testing.assert_allclose(curve_at(y_px, x.astype(float)), y_px, atol=1e-5)
    between = (x[5:15] + 0.13).astype(float)
    np.testing.assert_allclose(curve_at(y_px, between), y_px[5:15] + 0.26, atol=1e-4)
    assert np.isnan(curve_at(y_px, np.array([-1.0, x[19] + 0.1, x[22], x[-1] + 0.1]))).all()


def test_the_tip_of_a_wave_between_two_columns_is_kept():
    x = columns_px(400)
    y_px = (100 * np.exp(-0.5 * ((x - 60.25) / 1.2) ** 2)).astype(np.float32)
    assert curve_at(y_px, np.array([60.25]))[0] == pytest.approx(100, abs=1.0)


def test_each_panel_stands_at_its_time_and_strips_fill_what_is_left():
    curves = [curve(lambda x, mm=mm: 200 - 4 * mm) for mm in (1, 2, 3, 4)]
    signal = signal_of(columns_of_four(4), curves)
    assert signal.shape == (12, SIGNAL_SAMPLES)
    assert signal.dtype == np.float32
    for number, lead in enumerate(LEADS):
        column, row = divmod(number, 3)
        own = slice(column * 1250, (column + 1) * 1250)
        np.testing.assert_allclose(signal[number, own], 0.1 * (row + 1), atol=1e-5)
        outside = np.delete(signal[number], np.r_[own])
        if lead == "II":
            np.testing.assert_allclose(outside, 0.4, atol=1e-5)
        else:
            assert np.isnan(outside).all()


@pytest.mark.parametrize(("speed", "gain"), [(50.0, 10.0), (12.5, 5.0), (25.0, 20.0)])
def test_speed_and_gain_turn_millimetres_into_seconds_and_millivolts(speed, gain):
    beat_px = ZERO + 100
    shown = curve(lambda x: 200 - 4 * gain * np.exp(-0.5 * ((x - beat_px) / 6) ** 2))
    signal = signal_of((PrintedPanel("I", 0, ZERO, ZERO + 1000, 0.0, speed, gain),), [shown])
    assert np.nanmax(signal[0]) == pytest.approx(1.0, abs=0.01)
    assert np.nanargmax(signal[0]) / 500 == pytest.approx(25 / speed, abs=0.003)
    assert (~np.isnan(signal[0])).sum() / 500 == pytest.approx(min(10.0, 250 / speed), abs=0.01)


def test_leads_upside_down_are_turned_and_unknown_ones_left_out():
    shown = curve(lambda x: 200 - 20.0)
    panels = tuple(PrintedPanel(lead, 0, ZERO, ZERO + 250, 0.0) for lead in ("-aVR", "V7", "other"))
    signal = signal_of(panels, [shown])
    assert np.nanmedian(signal[LEADS.index("aVR")]) == pytest.approx(-0.5)
    assert np.isnan(np.delete(signal, LEADS.index("aVR"), axis=0)).all()


def test_zero_is_the_baseline_of_the_panel_not_of_the_row():
    stepped = curve(lambda x: np.where(x < ZERO + 250, 180.0, 240.0))
    stepped.baseline_px[round(ZERO) + 250 :] = 260.0
    panels = columns_of_four(3)[:4]
    signal = signal_of(panels, [stepped] * 3)
    assert np.nanmedian(signal[LEADS.index("I")]) == pytest.approx(0.5)
    assert np.nanmedian(signal[LEADS.index("aVR")]) == pytest.approx(0.5)


def test_a_page_is_drawn_with_other_seconds_of_a_lead_but_compared_by_its_own():
    beats = curve(lambda x: 200 - 40 * np.exp(-0.5 * (((x - ZERO) % 90 - 45) / 4) ** 2))
    panels = tuple(PrintedPanel(lead, row, ZERO, ZERO + 1000, 0.0, 50.0) for row, lead in enumerate(LEADS))
    signal = signal_of(panels, [beats] * 12)
    page = page_of(signal, ("a warning",))
    own = {panel.lead: panel for panel in CANONICAL.panels[:12]}
    v5 = own["V5"]
    columns = slice(round(v5.x_mm * 4), round((v5.x_mm + 60) * 4))
    row = slice(32 * 4, 64 * 4)
    assert np.isnan(page.traces_mv[1, 750:]).all()
    assert (page.ink[row, columns] > 0).any(axis=0).mean() > 0.9
    filled = with_stand_ins(signal)
    assert (~np.isnan(filled[LEADS.index("V5"), 3750:])).mean() > 0.9
    assert page.warnings == ("a warning",)


def test_rows_without_names_are_shown_as_they_stand():
    page = page_of_rows([curve(lambda x: 200 - 4 * (x > 500))], ZERO, ())
    assert np.isnan(page.traces_mv[:3]).all()
    assert np.nanmax(page.traces_mv[3]) - np.nanmin(page.traces_mv[3]) == pytest.approx(0.1, abs=1e-3)
