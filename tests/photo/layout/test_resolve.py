"""What the number of rows leaves open is settled by the laws of the leads."""

from dataclasses import replace

import numpy as np
import pytest

from ecgclip.paper.geometry import Layout
from ecgclip.paper.traces import TRACE_RATE_HZ, TRACE_SAMPLES, record_traces
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.layout.resolve import resolve_cut_rows, resolve_layout, resolve_six_rows, resolve_strips
from ecgclip.photo.layout.retile import canonical_traces, cut_leads
from ecgclip.photo.layout.sheet import Sheet
from ecgclip.photo.rows.row import Row
from ecgclip.records.ecg import Ecg
from ecgclip.simulation.ecg import synthetic_ecg
from ecgclip.typing import Traces
from ecgclip.units import GAIN_MM_MV, LEADS

STEP_PX = 140.0


def lead_of(ecg: Ecg, lead: str) -> Traces:
    return ecg.signal_mv[LEADS.index(lead), :: round(ecg.rate_hz / TRACE_RATE_HZ)]


def sheet_of(traces: list[Traces], layout: Layout | None = None) -> Sheet:
    """Rows one below the other, as curves that begin in column 0."""
    rows = []
    for k, trace in enumerate(traces):
        baseline = STEP_PX * (k + 1)
        curve = baseline - GAIN_MM_MV * FLAT_PX_PER_MM * np.append(trace, 0)
        rows.append(Row(baseline, 0, TRACE_SAMPLES + 1, curve.astype(np.float32)))
    return Sheet.read(rows, 0.0, layout)


def rows_of(ecg: Ecg, leads: tuple[str, ...]) -> Sheet:
    """Rows of one lead each."""
    return sheet_of([lead_of(ecg, lead) for lead in leads])


def with_strips(ecg: Ecg, strips: tuple[str, ...]) -> Sheet:
    """3x4 and strips below."""
    return sheet_of([*record_traces(ecg)[:3], *(lead_of(ecg, lead) for lead in strips)])


def six_rows(ecg: Ecg, rows: list[list[str]]) -> Sheet:
    """Rows of equal panels, one list of leads each."""
    found = []
    for leads in rows:
        shown = TRACE_SAMPLES // len(leads)
        found.append(
            np.concatenate([lead_of(ecg, lead)[i * shown : (i + 1) * shown] for i, lead in enumerate(leads)])
        )
    return sheet_of(found, Layout.L6X2)


def halves_of(ecg: Ecg) -> Sheet:
    return six_rows(ecg, [[LEADS[k], LEADS[k + 6]] for k in range(6)])


def with_lead_ii(ecg: Ecg, share: float) -> Ecg:
    """The record with less of lead II, the limb leads still by their laws."""
    signal = ecg.signal_mv.copy()
    one, two = signal[0].copy(), share * signal[1]
    signal[:6] = one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2
    return Ecg(signal, ecg.rate_hz)


@pytest.mark.parametrize(
    ("strips", "label", "kept"),
    [
        (("V1", "II"), "3x4+2R(V1,II)", 4),
        (("II", "V1"), "3x4+2R(II,V1)", 4),
        (("V1",), "3x4+1R(V1)", 3),
    ],
)
def test_strips_are_named_and_that_of_lead_ii_is_kept(
    ecg: Ecg, strips: tuple[str, ...], label: str, kept: int
) -> None:
    sheet = resolve_strips(with_strips(ecg, strips))
    assert (sheet.label, len(sheet.rows), len(sheet.traces_mv)) == (label, kept, kept)
    anew = Sheet.read(list(sheet.rows), sheet.zero_px)
    np.testing.assert_array_equal(sheet.traces_mv, anew.traces_mv)
    found = canonical_traces(sheet.traces_mv, sheet.layout)
    truth = record_traces(ecg)
    for row in range(4):
        known = ~(np.isnan(found[row]) | np.isnan(truth[row]))
        assert np.abs(found[row] - truth[row])[known].max() < 0.1


def test_sheets_of_other_layouts_have_no_strips(ecg: Ecg) -> None:
    sheet = with_strips(ecg, ("II", "V1", "V5", "I"))
    assert resolve_layout(sheet) is sheet


@pytest.mark.parametrize("count", [9, 10, 11])
def test_the_first_rows_of_twelve_are_laid_by_their_leads(ecg: Ecg, count: int) -> None:
    sheet = resolve_cut_rows(rows_of(ecg, LEADS[:count]))
    assert (sheet.label, len(sheet.rows), len(sheet.traces_mv)) == ("12x1", count, 12)
    found, truth = canonical_traces(sheet.traces_mv, sheet.layout), record_traces(ecg)
    known = ~(np.isnan(found) | np.isnan(truth))
    assert cut_leads(found) == LEADS[count:]
    assert known.sum() > 0.7 * truth.size
    assert np.abs(found - truth)[known].max() < 0.1


@pytest.mark.parametrize(
    "leads",
    [LEADS[:8], LEADS[1:], LEADS[3:], LEADS[:2] + LEADS[3:], LEADS[::-1][:10]],
    ids=["too few", "without I", "without I to III", "without III", "upside down"],
)
def test_rows_whose_limb_leads_do_not_add_up_are_left_alone(ecg: Ecg, leads: tuple[str, ...]) -> None:
    sheet = rows_of(ecg, leads)
    assert resolve_cut_rows(sheet) is sheet


def test_a_whole_sheet_is_left_alone(ecg: Ecg) -> None:
    whole = replace(rows_of(ecg, LEADS), layout=Layout.L12X1)
    assert resolve_layout(whole) is whole


@pytest.mark.parametrize("lead_ii", [0.0, 0.1, 1.0], ids=["no II", "small II", "as it is"])
def test_six_rows_are_resolved_even_where_lead_ii_is_flat(ecg: Ecg, lead_ii: float) -> None:
    """Without lead II, I and III cancel, and a 6x2 sheet read as 3x4 keeps the laws of the limb leads."""
    changed = with_lead_ii(ecg, lead_ii)
    columns = [list(LEADS[k::3]) for k in range(3)]
    strips = six_rows(changed, [*columns, ["V1"], ["II"], ["V5"]])
    assert resolve_six_rows(strips).layout is Layout.L3X4_3R
    assert resolve_six_rows(halves_of(changed)).layout is Layout.L6X2


def test_noise_does_not_make_rhythm_strips_of_six_rows() -> None:
    """Where lead II is flat, the laws alone favour either layout by chance: strips must repeat, too."""
    flat = with_lead_ii(synthetic_ecg(np.random.default_rng(0), ["NORM"]), 0.0)
    for seed in range(10):
        noise = np.random.default_rng(seed).normal(0, 0.1, flat.signal_mv.shape).astype(np.float32)
        noisy = Ecg(flat.signal_mv + noise, flat.rate_hz)
        assert resolve_six_rows(halves_of(noisy)).layout is Layout.L6X2
