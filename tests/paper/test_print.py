"""The coloured print against what its geometry and style promise."""

import dataclasses

import numpy as np
import pytest

from ecgclip.paper.geometry import Layout
from ecgclip.paper.header import Header
from ecgclip.paper.raster import byte_page, ink_page, raster_page
from ecgclip.paper.sheet import INK_MASK, blank_sheet, palette
from ecgclip.paper.styles import PulsePosition, Separator, Style, load_style, style_names
from ecgclip.records.ecg import Ecg


def bare(style: Style, **changes: object) -> Style:
    """The style without text."""
    return dataclasses.replace(style, lines=(), label_mm=0.1, label_offset_mm=(-500.0, 0.0), **changes)


@pytest.mark.parametrize("name", style_names())
@pytest.mark.parametrize("layout", Layout)
def test_the_traces_are_the_ink_of_the_styles_geometry(ecg: Ecg, name: str, layout: Layout) -> None:
    style = bare(load_style(name), pulse=PulsePosition.NONE, separator=Separator.NONE)
    page = byte_page(ecg, layout, style, 4.0)
    geometry = dataclasses.replace(style).geometry(layout)
    ink = ink_page(ecg, geometry, 4.0, style.line_mm, center_rows=False)
    assert np.abs((page & INK_MASK) / 31 - ink / 255).max() <= 0.5 / 31 + 1e-6


def test_colours_are_those_of_the_style(ecg: Ecg) -> None:
    style = bare(load_style("pink"))
    page = raster_page(ecg, Layout.L3X4_1R, style, 20.0)
    assert tuple(page[5, 5]) == style.paper_rgb
    geometry = style.geometry(Layout.L3X4_1R)
    panel = geometry.panels[0]
    x, y = geometry.to_mm(panel, 0.4, float(ecg.signal_mv[0, 40]))
    assert tuple(page[int(y * 20), int(x * 20)]) == style.ink_rgb


@pytest.mark.parametrize("px_per_mm", [4.0, 200 / 25.4, 12.0])
def test_grid_lines_stand_every_five_millimetres(px_per_mm: float) -> None:
    style = bare(load_style("orange"), pulse=PulsePosition.NONE, separator=Separator.NONE)
    darkness = 255.0 - palette(style)[blank_sheet(style, Layout.L3X4_1R, px_per_mm)][..., 2]
    left, top, right, bottom = (round(v * px_per_mm) for v in style.grid_margin_mm)
    box = darkness[top + 4 : -bottom - 4, left : darkness.shape[1] - right]
    profile = box.mean(axis=0) - box.mean()
    spectrum = np.abs(np.fft.rfft(profile, 1 << 18))
    cycles_per_mm = np.fft.rfftfreq(1 << 18, 1 / px_per_mm)
    band = (cycles_per_mm > 0.15) & (cycles_per_mm < 0.3)
    assert 1 / cycles_per_mm[band][spectrum[band].argmax()] == pytest.approx(5.0, rel=0.002)


def test_the_calibration_pulse_is_inked_at_one_millivolt() -> None:
    style = bare(load_style("letter"))
    blank = Ecg(np.full((12, 1000), np.nan, np.float32), 100.0)
    page = byte_page(blank, Layout.L3X4_1R, style, 10.0) & INK_MASK
    left = style.trace_left_mm
    baseline = style.geometry(Layout.L3X4_1R).panels[0].baseline_mm
    rows = np.flatnonzero(page[:, round((left + 2.5) * 10)])
    top = rows[rows < baseline * 10]
    assert (top.mean() + 0.5) / 10 == pytest.approx(baseline - 10, abs=0.05)


def test_a_header_changes_only_its_lines(ecg: Ecg) -> None:
    style = load_style("letter")
    empty = raster_page(ecg, style=style)
    full = raster_page(ecg, style=style, header=Header(id="17", age="63", name="DOE"))
    changed = np.flatnonzero((empty != full).any(axis=(1, 2)))
    assert changed.size
    assert changed.max() / (200 / 25.4) < 20


def test_text_that_leaves_the_page_is_cut(ecg: Ecg) -> None:
    style = load_style("orange")
    page = raster_page(ecg, style=style, header=Header(name="M" * 400, statement="W" * 400), px_per_mm=3.0)
    assert page.shape[:2] == style.geometry(Layout.L3X4_1R).size_px(3.0)


def test_the_shared_sheet_is_never_written_to(ecg: Ecg) -> None:
    style = load_style("green")
    before = blank_sheet(style, Layout.L6X2, 4.0).copy()
    raster_page(ecg, Layout.L6X2, style, 4.0, Header(id="1"))
    assert np.array_equal(blank_sheet(style, Layout.L6X2, 4.0), before)
