"""The signal of a picture: time, rhythm strips, and a print read back."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

import ecgclip
from ecgclip.errors import RefusedImageError
from ecgclip.paper.geometry import Layout, page_geometry
from ecgclip.paper.render import render
from ecgclip.photo.curves.network import COLUMNS_PER_PX
from ecgclip.photo.curves.read_rows import RowCurve
from ecgclip.photo.digitize import ecg_of_page, print_notes
from ecgclip.photo.layout.panel import PrintedPanel
from ecgclip.photo.panels import panels_read
from ecgclip.photo.signal import SIGNAL_RATE_HZ, SIGNAL_SAMPLES, signal_of
from ecgclip.units import LEADS

WIDTH_PX = 1060
ZERO_PX = 30
ROWS_MV = (0.0, 1.0, 2.0, 3.0)
BASELINE_PX = 400.0


def curve(value_mv, gain_mm_mv=10.0, blank=()):
    """A level line over the whole sheet, blank between two x."""
    y_px = np.full(WIDTH_PX * COLUMNS_PER_PX, BASELINE_PX - 4 * gain_mm_mv * value_mv, np.float32)
    for start, stop in blank:
        y_px[start * COLUMNS_PER_PX : stop * COLUMNS_PER_PX] = np.nan
    return RowCurve(y_px, np.zeros_like(y_px), np.full(WIDTH_PX, BASELINE_PX, np.float32))


def panels(layout):
    """As a sheet of this layout has them at 25 mm/s: 100 px a second."""
    shown = sorted(page_geometry(layout).panels, key=lambda panel: panel.row >= layout.rows)
    place = lambda seconds: ZERO_PX + 100 * seconds
    return [PrintedPanel(p.lead, p.row, place(p.start_s), place(p.stop_s), p.start_s) for p in shown]


def test_each_panel_stands_at_its_time():
    signal = signal_of(panels(Layout.L3X4_1R), [curve(mv) for mv in ROWS_MV])
    assert signal.shape == (12, SIGNAL_SAMPLES)
    assert signal.dtype == np.float32
    for number, lead in enumerate(LEADS):
        column, row = divmod(number, 3)
        own = slice(column * 1250, (column + 1) * 1250)
        np.testing.assert_allclose(signal[number, own], ROWS_MV[row], atol=1e-5)
        outside = np.delete(signal[number], np.r_[own])
        # lead II goes on in the rhythm strip, the fourth row
        np.testing.assert_allclose(outside, 3 if lead == "II" else np.nan, atol=1e-5)


def test_the_strip_fills_what_the_panel_lacks():
    curves = [curve(0), curve(0, blank=[(130, 150)]), curve(0), curve(1)]
    lead = signal_of(panels(Layout.L3X4_1R), curves)[1]
    np.testing.assert_allclose(lead[502:598], 1, atol=1e-5)
    np.testing.assert_allclose(lead[602:1250], 0, atol=1e-5)
    np.testing.assert_allclose(lead[1250:], 1, atol=1e-5)


def test_speed_gain_and_inversion_of_a_panel():
    # 50 mm/s and 5 mm/mV: 200 px a second, 20 px a mV
    panel = PrintedPanel("-aVR", 0, 230.0, 430.0, 3.0, 50.0, 5.0)
    signal = signal_of([panel], [curve(0.5, 5.0)])
    known = np.flatnonzero(~np.isnan(signal[3]))
    assert (known[0], known[-1]) == (1500, 1999)
    np.testing.assert_allclose(signal[3, known], -0.5, atol=1e-5)
    assert np.isnan(np.delete(signal, 3, axis=0)).all()


def test_what_is_none_of_the_twelve_leads_is_left_out():
    assert np.isnan(signal_of([], [curve(0)])).all()
    assert np.isnan(signal_of([PrintedPanel("V7", 0, 30.0, 280.0, 0.0)], [curve(0)])).all()


def test_places_of_panels_are_told_in_millimetres():
    upright, inverted = (
        PrintedPanel("V1", 0, 29.5, 280.0, 0.0),
        PrintedPanel("-aVR", 0, 1.5, 9.0, 1.0, 50.0, 5.0),
    )
    first, second = panels_read([upright, inverted], [curve(0)])
    assert (first.lead, first.x_mm, first.baseline_mm) == ("V1", 7.5, 100.125)
    assert (second.lead, second.speed_mm_s, second.gain_mm_mv) == ("aVR", 50.0, -5.0)


def alike(read, true):
    known = ~np.isnan(read)
    return np.corrcoef(read[known], true[known])[0, 1]


@pytest.mark.parametrize("layout", ["3x4+1R", "6x2", "12x1"])
def test_a_print_is_read_back(ecg, layout, tmp_path):
    render(ecg, layout).save(tmp_path / "a b.png")
    read = ecgclip.digitize(tmp_path / "a b.png")
    assert (read.name, read.source, read.case_id) == ("a b", "photo", "photo/a b")
    assert (read.rate_hz, read.path) == (SIGNAL_RATE_HZ, str(tmp_path / "a b.png"))
    assert read.leads == LEADS
    column_s = {"3x4+1R": 2.5, "6x2": 5.0, "12x1": 10.0}[layout]
    shown_s = (~np.isnan(read.signal_mv)).sum(axis=1) / SIGNAL_RATE_HZ
    expected = [10.0 if (lead, layout) == ("II", "3x4+1R") else column_s for lead in LEADS]
    np.testing.assert_allclose(shown_s, expected, atol=0.3)
    assert np.median([alike(*leads) for leads in zip(read.signal_mv, ecg.signal_mv, strict=True)]) > 0.8


def test_an_array_has_no_name(ecg):
    read = ecgclip.digitize(render(ecg).array)
    assert (read.name, read.path) == ("", None)


def test_what_is_no_ecg_is_refused_with_the_reason(tmp_path):
    Image.new("RGB", (900, 700), "white").save(tmp_path / "blank.png")
    with pytest.raises(RefusedImageError, match=r"blank\.png: refused: \w+"):
        ecgclip.digitize(tmp_path / "blank.png")
    assert ecgclip.rectify(tmp_path / "blank.png").signal_mv.shape == (12, 0)


def test_speed_and_gain_are_told_where_they_are_one(ecg):
    page = ecgclip.rectify(render(ecg).array)
    assert print_notes(page) == {
        "layout": "3x4+1R(II)",
        "speed_mm_s": 25,
        "gain_mm_mv": 10,
        "confidence": round(page.confidence, 4),
    }
    first, *others = page.panels
    half = dataclasses.replace(first, gain_mm_mv=-5.0)
    notes = print_notes(dataclasses.replace(page, panels=(half, *others)))
    assert (notes["speed_mm_s"], notes["gain_mm_mv"]) == (25, None)


def test_rows_without_a_layout_are_refused(ecg):
    page = ecgclip.rectify(render(ecg).array)
    nameless = dataclasses.replace(page, signal_mv=np.full((12, 5000), np.nan, np.float32), layout="unknown")
    with pytest.raises(RefusedImageError, match=r"the image: refused: .* which lead is which"):
        ecg_of_page(nameless)
