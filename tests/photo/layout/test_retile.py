"""Traces laid out anew, against the record's own."""

import numpy as np
import pytest

from ecgclip.paper.geometry import CANONICAL, Layout, page_geometry
from ecgclip.paper.traces import TRACE_SAMPLES, panel_samples_at_trace_rate, record_traces
from ecgclip.photo.layout.retile import canonical_traces, cut_leads
from ecgclip.photo.layout.sheet import Sheet
from ecgclip.photo.rows.row import Row
from ecgclip.records.ecg import Ecg
from ecgclip.units import LEADS


@pytest.mark.parametrize("layout", list(Layout))
def test_every_layout_shows_what_the_canonical_page_does(ecg: Ecg, layout: Layout) -> None:
    """Leads are numbered, so that every sample shows where it came from."""
    geometry = page_geometry(layout)
    rows = np.full((geometry.rows, TRACE_SAMPLES), np.nan, np.float32)
    for panel in geometry.panels:
        start, stop = panel_samples_at_trace_rate(panel)
        rows[panel.row, start:stop] = LEADS.index(panel.lead) + np.arange(start, stop) / TRACE_SAMPLES
    found = canonical_traces(rows, layout)
    for panel in CANONICAL.panels:
        if panel.row == CANONICAL.rows - 1 and layout in (Layout.L3X4, Layout.L6X2):
            continue
        start, stop = panel_samples_at_trace_rate(panel)
        steps = np.diff(found[panel.row, start:stop])
        assert np.allclose(steps, 1 / TRACE_SAMPLES, atol=1e-5)


def test_rows_are_read_from_time_zero_in_millivolts() -> None:
    curve = np.full(1300, 200.0, np.float32)
    curve[340] = 160.0  # 10 mm above the baseline
    row = Row(200.0, 100, 1250, curve)
    traces = Sheet.read([row], 140.0).traces_mv
    assert traces[0, 200] == pytest.approx(1.0)
    assert np.nansum(np.abs(traces[0])) == pytest.approx(1.0)


def test_leads_that_are_cut_off_are_named(ecg: Ecg) -> None:
    traces = record_traces(ecg)
    assert cut_leads(traces) == ()
    start, stop = 850, 1000
    traces[:3, start:stop] = np.nan
    assert cut_leads(traces) == ("V4", "V5", "V6")
    assert cut_leads(np.full_like(traces, np.nan)) == ()


def test_rows_of_an_unknown_layout_stand_as_they_do_and_a_single_strip_as_rhythm_strip() -> None:
    rows = np.arange(4)[:, None] + np.sin(np.arange(TRACE_SAMPLES) / 9, dtype=np.float32)[None]
    rows[1, 500:] = np.nan
    centered = rows - np.nanmedian(rows, axis=1, keepdims=True)
    np.testing.assert_allclose(
        canonical_traces(rows[:2].astype(np.float32), None)[:2], centered[:2], atol=1e-5
    )
    strip = canonical_traces(rows[:1].astype(np.float32), None)
    np.testing.assert_allclose(strip[3], centered[0], atol=1e-5)
    assert np.isnan(strip[:3]).all()
