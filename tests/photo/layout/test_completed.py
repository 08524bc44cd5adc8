"""Twelve rows of which the last are missing."""

import numpy as np
import pytest

from ecgclip.paper.geometry import Layout
from ecgclip.paper.traces import TRACE_RATE_HZ, record_traces
from ecgclip.photo.flat.flatten import FLAT_PX_PER_MM
from ecgclip.photo.layout.completed import completed
from ecgclip.photo.layout.layout import Sheet
from ecgclip.photo.layout.retile import canonical_traces, cut_leads, row_traces
from ecgclip.photo.rows.rows import Row
from ecgclip.records.ecg import Ecg
from ecgclip.units import GAIN_MM_MV, LEADS

STEP_PX = 45.0


def rows_of(ecg: Ecg, leads: tuple[str, ...]) -> Sheet:
    """Rows of one lead each, as curves of a sheet whose layout is not known."""
    step = round(ecg.rate_hz / TRACE_RATE_HZ)
    rows = []
    for k, lead in enumerate(leads):
        trace = ecg.signal_mv[LEADS.index(lead), ::step]
        curve = STEP_PX * (k + 1) - GAIN_MM_MV * FLAT_PX_PER_MM * np.append(trace, 0)
        rows.append(Row(STEP_PX * (k + 1), 0, 1001, curve.astype(np.float32)))
    return Sheet(tuple(rows), None, 0.0, 0.0)


@pytest.mark.parametrize("count", [9, 10, 11])
def test_the_first_rows_of_twelve_are_laid_by_their_leads(ecg: Ecg, count: int) -> None:
    sheet = completed(rows_of(ecg, LEADS[:count]))
    assert sheet.label == "12x1"
    found, truth = canonical_traces(row_traces(sheet), sheet.layout), record_traces(ecg)
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
    assert completed(sheet) is sheet


def test_a_whole_sheet_is_left_alone(ecg: Ecg) -> None:
    sheet = rows_of(ecg, LEADS)
    whole = Sheet(sheet.rows, Layout.L12X1, 0.0, 0.0)
    assert completed(whole) is whole
