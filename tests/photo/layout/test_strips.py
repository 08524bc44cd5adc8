"""Rhythm strips are named by what they repeat."""

from itertools import product

import numpy as np
import pytest

from ecgclip.paper.traces import TRACE_RATE_HZ, record_traces
from ecgclip.photo.flat.flatten import FLAT_PX_PER_MM
from ecgclip.photo.layout.layout import Sheet
from ecgclip.photo.layout.retile import canonical_traces, row_traces
from ecgclip.photo.layout.strips import with_strips
from ecgclip.photo.rows.rows import Row
from ecgclip.records.ecg import Ecg
from ecgclip.units import GAIN_MM_MV, LEADS

MV_PX = GAIN_MM_MV * FLAT_PX_PER_MM


def sheet_with(ecg: Ecg, strips: tuple[str, ...]) -> Sheet:
    """3x4 and strips below, 140 pixels apart, as curves."""
    step = round(ecg.rate_hz / TRACE_RATE_HZ)
    traces = [*record_traces(ecg)[:3], *(ecg.signal_mv[LEADS.index(lead), ::step] for lead in strips)]
    rows = []
    for k, trace in enumerate(traces):
        baseline = 200.0 + 140 * k
        rows.append(Row(baseline, 0, 1001, np.append(baseline - MV_PX * trace, baseline).astype(np.float32)))
    return Sheet(tuple(rows), None, 0.0, 0.0)


@pytest.mark.parametrize(
    ("strips", "label", "kept"),
    [
        (("V1", "II"), "3x4+2R(V1,II)", 4),
        (("II", "V1"), "3x4+2R(II,V1)", 4),
        (("V1",), "3x4+1R(V1)", 3),
    ],
)
def test_strips_are_named(ecg: Ecg, strips: tuple[str, ...], label: str, kept: int) -> None:
    sheet = with_strips(sheet_with(ecg, strips))
    assert (sheet.label, len(sheet.rows)) == (label, kept)
    found = canonical_traces(row_traces(sheet), sheet.layout)
    truth = record_traces(ecg)
    for row, lead in product(range(4), ["II"]):
        known = ~(np.isnan(found[row]) | np.isnan(truth[row]))
        assert np.abs(found[row] - truth[row])[known].max() < 0.1, (row, lead)


def test_other_sheets_are_left_alone(ecg: Ecg) -> None:
    sheet = sheet_with(ecg, ("II", "V1", "V5", "I"))
    assert with_strips(sheet) is sheet
