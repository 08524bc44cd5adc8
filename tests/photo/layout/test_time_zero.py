"""Rows, pulses, time zero and layout of flat sheets drawn where the truth is known."""

import cv2
import numpy as np
import pytest

from ecgclip.paper.geometry import Layout, PageGeometry, calibration_pulse, mm_to_px, page_geometry
from ecgclip.paper.raster import ink_page
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.layout.time_zero import read_sheet
from ecgclip.photo.rows.calibration_pulse import CLEAR_PULSE, find_pulse
from ecgclip.photo.rows.find_rows import find_rows
from ecgclip.records.ecg import Ecg
from ecgclip.typing import Float32s

ROW_MM = {Layout.L12X1: 13.0, Layout.L6X2: 25.0, Layout.L3X4_3R: 25.0}
LEFT_MM, TOP_MM, RECORD_MM = 20.0, 15.0, 250.0


@pytest.fixture(scope="module", name="ecg")
def quiet_at_its_end(ecg: Ecg) -> Ecg:
    """Without the beat that would stand in a pulse behind the record."""
    signal = ecg.signal_mv.copy()
    signal[:, -200:] = signal[:, -201:-200]
    return Ecg(signal, ecg.rate_hz)


def geometry_of(layout: Layout) -> PageGeometry:
    margins = (LEFT_MM, TOP_MM, 20.0, 15.0)
    return page_geometry(layout, row_height_mm=ROW_MM.get(layout, 32.0), margin_mm=margins)


def drawn(ecg: Ecg, layout: Layout, pulses_mm: float | None = None) -> Float32s:
    """Ink 0..1 of a flat sheet; pulses that begin at this x."""
    geometry = geometry_of(layout)
    ink = ink_page(ecg, geometry, FLAT_PX_PER_MM).copy()
    for row in range(geometry.rows if pulses_mm is not None else 0):
        corners = [
            [mm_to_px(x, FLAT_PX_PER_MM), mm_to_px(y, FLAT_PX_PER_MM)]
            for x, y in calibration_pulse(geometry, row, pulses_mm or 0.0)
        ]
        cv2.polylines(ink, [np.round(np.array(corners) * 16).astype(np.int32)], False, 255, 2, cv2.LINE_AA, 4)
    return (ink / 255).astype(np.float32)


@pytest.mark.parametrize("layout", list(Layout))
def test_every_row_is_found(ecg: Ecg, layout: Layout) -> None:
    geometry = geometry_of(layout)
    rows = find_rows(drawn(ecg, layout))
    true = sorted({panel.baseline_mm for panel in geometry.panels})
    assert len(rows) == len(true)
    for row, baseline_mm in zip(rows, true, strict=True):
        assert row.baseline_px == pytest.approx(mm_to_px(baseline_mm, FLAT_PX_PER_MM), abs=8)
        assert row.length_mm == pytest.approx(RECORD_MM, abs=2)
        assert row.coverage > 0.97


def test_blank_paper_has_no_rows() -> None:
    assert find_rows(np.zeros((600, 900), np.float32)) == []


@pytest.mark.parametrize(("pulses_mm", "at_end"), [(LEFT_MM - 5, False), (LEFT_MM + RECORD_MM, True)])
def test_pulses_are_where_they_were_drawn(ecg: Ecg, pulses_mm: float, at_end: bool) -> None:
    ink = drawn(ecg, Layout.L3X4_1R, pulses_mm)
    for row in find_rows(ink):
        pulse = find_pulse(ink, row, at_end=at_end)
        assert pulse.score > CLEAR_PULSE
        assert pulse.end_px == pytest.approx(mm_to_px(pulses_mm + 5, FLAT_PX_PER_MM), abs=2)


def test_pale_squares_are_no_pulse(ecg: Ecg) -> None:
    ink = drawn(ecg, Layout.L3X4_1R)
    pale = 0.2 * drawn(ecg, Layout.L3X4_1R, LEFT_MM - 5)
    both = np.maximum(ink, pale)
    assert all(find_pulse(both, row, at_end=False).score < CLEAR_PULSE for row in find_rows(ink))


@pytest.mark.parametrize("pulses_mm", [None, LEFT_MM - 5, LEFT_MM + RECORD_MM])
@pytest.mark.parametrize("layout", [Layout.L3X4, Layout.L3X4_1R, Layout.L6X2, Layout.L12X1])
def test_time_begins_where_the_record_does(ecg: Ecg, layout: Layout, pulses_mm: float | None) -> None:
    ink = drawn(ecg, layout, pulses_mm)
    sheet = read_sheet(ink, find_rows(ink))
    assert sheet.layout is layout
    assert sheet.zero_px == pytest.approx(mm_to_px(LEFT_MM, FLAT_PX_PER_MM), abs=3)
    assert (sheet.pulse_share > 0) is (pulses_mm is not None)


def test_a_row_lengthened_by_dirt_does_not_move_time(ecg: Ecg) -> None:
    ink = drawn(ecg, Layout.L3X4_1R)
    row = find_rows(ink)[1]
    y = round(row.baseline_px)
    ink[y - 1 : y + 1, 8 : row.start_px] = 1
    sheet = read_sheet(ink, find_rows(ink))
    assert sheet.zero_px == pytest.approx(mm_to_px(LEFT_MM, FLAT_PX_PER_MM), abs=3)


def test_the_left_end_may_be_cut_off(ecg: Ecg) -> None:
    """The ends of the rows then show where time begins."""
    cut = round(40 * FLAT_PX_PER_MM)
    ink = drawn(ecg, Layout.L3X4_1R)[:, cut:]
    sheet = read_sheet(ink, find_rows(ink))
    assert sheet.zero_px == pytest.approx(mm_to_px(LEFT_MM, FLAT_PX_PER_MM) - cut, abs=3)


def test_the_end_of_a_short_strip_says_nothing(ecg: Ecg) -> None:
    ink = drawn(ecg, Layout.L3X4_1R)[400:, : round(100 * FLAT_PX_PER_MM)]
    sheet = read_sheet(ink, find_rows(ink))
    assert sheet.layout is None
    assert sheet.zero_px == pytest.approx(mm_to_px(LEFT_MM, FLAT_PX_PER_MM), abs=3)
