import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgclip.paper.geometry import (
    CANONICAL,
    Layout,
    calibration_pulse,
    fingerprint,
    mm_to_px,
    page_geometry,
    px_to_mm,
)
from ecgclip.units import LEADS

layouts = st.sampled_from(list(Layout))


@given(
    layouts,
    st.floats(0, 10),
    st.floats(-5, 5),
    st.sampled_from([25.0, 50.0]),
    st.sampled_from([5.0, 10.0, 20.0]),
)
def test_a_value_stands_at_its_panels_origin_plus_seconds_and_millivolts(
    layout: Layout, t: float, mv: float, speed: float, gain: float
) -> None:
    geometry = page_geometry(layout, speed_mm_s=speed, gain_mm_mv=gain)
    for panel in geometry.panels:
        x_mm, y_mm = geometry.to_mm(panel, t, mv)
        assert x_mm == pytest.approx(panel.x_mm + (t - panel.start_s) * speed, abs=1e-9)
        assert panel.baseline_mm - y_mm == pytest.approx(mv * gain, abs=1e-9)


@pytest.mark.parametrize("layout", Layout)
def test_each_lead_stands_once_in_the_grid_and_covers_its_time(layout: Layout) -> None:
    geometry = page_geometry(layout)
    grid = [panel for panel in geometry.panels if panel.row < layout.rows]
    assert sorted(panel.lead for panel in grid) == sorted(LEADS)
    for row in range(layout.rows):
        panels = [panel for panel in grid if panel.row == row]
        assert [panel.start_s for panel in panels] == pytest.approx(
            [10 / layout.columns * i for i in range(layout.columns)]
        )
        assert panels[-1].stop_s == pytest.approx(10)
    strips = [panel for panel in geometry.panels if panel.row >= layout.rows]
    assert tuple(panel.lead for panel in strips) == layout.rhythm_leads
    assert all((panel.start_s, panel.stop_s) == (0, 10) for panel in strips)


def test_three_by_four_is_arranged_as_printers_do() -> None:
    rows = [[p.lead for p in CANONICAL.panels if p.row == row] for row in range(4)]
    assert rows == [["I", "aVR", "V1", "V4"], ["II", "aVL", "V2", "V5"], ["III", "aVF", "V3", "V6"], ["II"]]


@given(st.floats(-10, 400), st.floats(0.5, 50))
def test_mm_and_px_round_trip(mm: float, px_per_mm: float) -> None:
    assert px_to_mm(mm_to_px(mm, px_per_mm), px_per_mm) == pytest.approx(mm, abs=1e-9)


def test_the_canonical_page_has_the_size_of_the_models_input() -> None:
    assert CANONICAL.size_px(2.0) == (256, 512)
    assert CANONICAL.size_px(4.0) == (512, 1024)


def test_the_calibration_pulse_is_one_millivolt_high_and_one_large_square_wide() -> None:
    geometry = page_geometry(gain_mm_mv=20.0)
    points = calibration_pulse(geometry, 1, 7.0)
    xs, ys = zip(*points, strict=True)
    assert (min(xs), max(xs)) == (7.0, 12.0)
    assert math.isclose(max(ys) - min(ys), 20.0)
    assert max(ys) == next(panel.baseline_mm for panel in geometry.panels if panel.row == 1)


def test_the_fingerprint_changes_with_everything_that_moves_ink() -> None:
    panels = CANONICAL.panels
    moved = (dataclasses.replace(panels[0], baseline_mm=panels[0].baseline_mm + 0.5), *panels[1:])
    others = [
        dataclasses.replace(CANONICAL, panels=moved),
        *(page_geometry(layout) for layout in Layout if layout is not CANONICAL.layout),
        page_geometry(speed_mm_s=50.0),
        page_geometry(gain_mm_mv=5.0),
        page_geometry(row_height_mm=30.0),
        page_geometry(margin_mm=(4.0, 0.0, 2.0, 0.0)),
    ]
    prints = {fingerprint(), *(fingerprint(other) for other in others)}
    assert len(prints) == len(others) + 1
    assert fingerprint(page_geometry()) == fingerprint(CANONICAL)
