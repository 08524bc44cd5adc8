"""Orientation, weighed on sheets whose truth is drawn."""

import numpy as np
import pytest

from ecgclip.paper.geometry import Layout, page_geometry
from ecgclip.paper.raster import ink_page
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.layout.lead_laws import limb_lead_consistency
from ecgclip.photo.layout.orientation import half_turned, level_share, sheet_as_it_stands, upright_log_odds
from ecgclip.photo.layout.orientation_cues import CUES, orientation_cues
from ecgclip.photo.rows.find_rows import find_rows
from ecgclip.records.ecg import Ecg
from ecgclip.typing import Float32s


def sheet_of(ecg: Ecg, layout: Layout) -> Float32s:
    """Traces alone, as ink 0..1 of a flat sheet: no pulses, no print, no names of leads."""
    geometry = page_geometry(layout, row_height_mm=32.0, margin_mm=(20.0, 20.0, 20.0, 20.0))
    return (ink_page(ecg, geometry, FLAT_PX_PER_MM) / 255).astype(np.float32)


@pytest.mark.parametrize("layout", [Layout.L3X4, Layout.L3X4_1R, Layout.L3X4_3R, Layout.L6X2])
def test_a_sheet_and_its_half_turn_have_opposite_odds(ecg: Ecg, layout: Layout) -> None:
    ink = sheet_of(ecg, layout)
    rows = find_rows(ink)
    around = half_turned(ink, rows)
    stands, turned = sheet_as_it_stands(ink, rows), sheet_as_it_stands(*around)
    assert stands.layout is layout
    one, other = orientation_cues(ink, stands), orientation_cues(around[0], turned)
    assert upright_log_odds(one, other) > 1
    assert upright_log_odds(other, one) == pytest.approx(-upright_log_odds(one, other))


def test_a_half_turn_twice_is_none(ecg: Ecg) -> None:
    ink = sheet_of(ecg, Layout.L3X4_1R)
    rows = find_rows(ink)
    again, rows_again = half_turned(*half_turned(ink, rows))
    assert np.array_equal(again, ink)
    for row, same in zip(rows, rows_again, strict=True):
        assert (same.baseline_px, same.start_px, same.stop_px) == (row.baseline_px, row.start_px, row.stop_px)
        assert np.allclose(same.curve_px, row.curve_px, equal_nan=True)


def test_cues_point_where_they_should(ecg: Ecg) -> None:
    ink = sheet_of(ecg, Layout.L3X4_1R)
    found = dict(zip(CUES, orientation_cues(ink, sheet_as_it_stands(ink, find_rows(ink))), strict=True))
    assert found["limbs"] > 1.5
    assert found["strip"] > 0.8
    assert found["order"] > 0.2
    assert found["II"] > 0.3
    assert found["aVR"] < -0.3


def test_limb_leads_add_up_only_in_their_layout(ecg: Ecg) -> None:
    ink = sheet_of(ecg, Layout.L3X4_3R)
    traces = sheet_as_it_stands(ink, find_rows(ink)).traces_mv
    assert sum(limb_lead_consistency(traces, Layout.L3X4_3R)) > 2.5
    assert (
        sum(limb_lead_consistency(traces, Layout.L3X4_3R))
        > sum(limb_lead_consistency(traces, Layout.L6X2)) + 0.5
    )
    assert limb_lead_consistency(traces, None) == (0.0, 0.0)


def test_traces_run_across(ecg: Ecg) -> None:
    ink = sheet_of(ecg, Layout.L3X4_1R)
    assert level_share(ink) > 0.7
    assert level_share(np.ascontiguousarray(ink.T)) == pytest.approx(1 - level_share(ink))
    assert level_share(np.zeros((40, 40), np.float32)) == 0.5
