"""The way up, weighed on sheets whose truth is drawn."""

import numpy as np
import pytest

from ecgclip.paper.geometry import Layout, page_geometry
from ecgclip.paper.raster import ink_page
from ecgclip.photo.flat.flatten import FLAT_PX_PER_MM
from ecgclip.photo.layout.cues import NAMES, cues
from ecgclip.photo.layout.layout import Sheet
from ecgclip.photo.layout.limbs import adding_up
from ecgclip.photo.layout.orientation import half_turned, level_share, told_apart, upright_odds
from ecgclip.photo.layout.retile import row_traces
from ecgclip.photo.rectify import understood
from ecgclip.photo.rows.rows import Floats, Row, find_rows
from ecgclip.records.ecg import Ecg
from ecgclip.simulation.ecg import synthetic_ecg
from ecgclip.units import LEADS


def sheet_of(ecg: Ecg, layout: Layout) -> Floats:
    """Traces alone, as ink 0..1 of a flat sheet: no pulses, no print, no names of leads."""
    geometry = page_geometry(layout, row_height_mm=32.0, margin_mm=(20.0, 20.0, 20.0, 20.0))
    return (ink_page(ecg, geometry, FLAT_PX_PER_MM) / 255).astype(np.float32)


@pytest.mark.parametrize("layout", [Layout.L3X4, Layout.L3X4_1R, Layout.L3X4_3R, Layout.L6X2])
def test_a_sheet_and_its_half_turn_have_opposite_odds(ecg: Ecg, layout: Layout) -> None:
    ink = sheet_of(ecg, layout)
    rows = find_rows(ink)
    around = half_turned(ink, rows)
    stands, turned = understood(ink, rows), understood(*around)
    assert stands.layout is layout
    one, other = cues(ink, stands), cues(around[0], turned)
    assert upright_odds(one, other) > 1
    assert upright_odds(other, one) == pytest.approx(-upright_odds(one, other))


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
    found = dict(zip(NAMES, cues(ink, understood(ink, find_rows(ink))), strict=True))
    assert found["limbs"] > 1.5
    assert found["strip"] > 0.8
    assert found["order"] > 0.2
    assert found["II"] > 0.3
    assert found["aVR"] < -0.3


def test_limb_leads_add_up_only_in_their_layout(ecg: Ecg) -> None:
    ink = sheet_of(ecg, Layout.L3X4_3R)
    traces = row_traces(understood(ink, find_rows(ink)))
    assert sum(adding_up(traces, Layout.L3X4_3R)) > 2.5
    assert sum(adding_up(traces, Layout.L3X4_3R)) > sum(adding_up(traces, Layout.L6X2)) + 0.5
    assert adding_up(traces, None) == (0.0, 0.0)


def test_traces_run_across(ecg: Ecg) -> None:
    ink = sheet_of(ecg, Layout.L3X4_1R)
    assert level_share(ink) > 0.7
    assert level_share(np.ascontiguousarray(ink.T)) == pytest.approx(1 - level_share(ink))
    assert level_share(np.zeros((40, 40), np.float32)) == 0.5


def six_rows(ecg: Ecg, rows: list[list[str]]) -> Sheet:
    """Rows of equal panels, one list of leads each, as curves."""
    found = []
    for k, leads in enumerate(rows):
        signals = [ecg.signal_mv[LEADS.index(lead), :: round(ecg.rate_hz / 100)] for lead in leads]
        shown = 1000 // len(leads)
        trace = np.concatenate([one[i * shown : (i + 1) * shown] for i, one in enumerate(signals)])
        baseline = 150.0 * (k + 1)
        found.append(Row(baseline, 0, 1001, np.append(baseline - 40 * trace, baseline).astype(np.float32)))
    return Sheet(tuple(found), Layout.L6X2, 0.0, 0.0)


def with_lead_ii(ecg: Ecg, share: float) -> Ecg:
    """The record with less of lead II, the limb leads still by their laws."""
    signal = ecg.signal_mv.copy()
    one, two = signal[0].copy(), share * signal[1]
    signal[:6] = one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2
    return Ecg(signal, ecg.rate_hz)


@pytest.mark.parametrize("lead_ii", [0.0, 0.1, 1.0], ids=["no II", "small II", "as it is"])
def test_six_rows_are_told_apart_even_where_lead_ii_is_flat(ecg: Ecg, lead_ii: float) -> None:
    """Without lead II, I and III cancel, and a 6x2 sheet read as 3x4 keeps the laws of the limb leads."""
    changed = with_lead_ii(ecg, lead_ii)
    columns = [list(LEADS[k::3]) for k in range(3)]
    strips = six_rows(changed, [*columns, ["V1"], ["II"], ["V5"]])
    halves = six_rows(changed, [[LEADS[k], LEADS[k + 6]] for k in range(6)])
    assert told_apart(strips).layout is Layout.L3X4_3R
    assert told_apart(halves).layout is Layout.L6X2


def test_noise_does_not_make_rhythm_strips_of_six_rows() -> None:
    """Where lead II is flat, the laws alone favour either layout by chance: strips must repeat, too."""
    flat = with_lead_ii(synthetic_ecg(np.random.default_rng(0), ["NORM"]), 0.0)
    for seed in range(10):
        noise = np.random.default_rng(seed).normal(0, 0.1, flat.signal_mv.shape).astype(np.float32)
        noisy = Ecg(flat.signal_mv + noise, flat.rate_hz)
        halves = six_rows(noisy, [[LEADS[k], LEADS[k + 6]] for k in range(6)])
        assert told_apart(halves).layout is Layout.L6X2
