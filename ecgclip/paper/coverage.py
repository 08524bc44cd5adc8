"""How much of a record its canonical page shows: ten seconds at most, and 2.5 of most leads."""

from typing import Final

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.paper.geometry import CANONICAL, Panel
from ecgclip.paper.raster import panel_samples
from ecgclip.records.ecg import Ecg
from ecgclip.records.resample import beginning
from ecgclip.records.source import RecordSource
from ecgclip.units import RECORD_S, leads_are

LEAST_S: Final = 1.0
"""Least seconds of a lead that the page must show: about a beat."""
READ_S: Final = RECORD_S + 0.5
"""Seconds of a record that are read for its page, with a margin for the resampling filter at the end."""
_MOST_OF_A_PANEL: Final = 0.5


def check_shown(ecg: Ecg) -> None:
    """RecordError where the page shows less than a second of every lead: nothing to compare by."""
    shown_s = max(_shown_s(ecg, panel) for panel in CANONICAL.panels)
    if shown_s < LEAST_S:
        raise RecordError(
            f"{shown_s:g} s of it fall on the canonical page, which shows its first {RECORD_S:g} s; "
            f"expected {LEAST_S:g} s or more of a lead, without them there is nothing to compare by"
        )


def read_shown(source: RecordSource, record_id: str) -> Ecg:
    """Read one record, its beginning alone; RecordError where the page shows too little of it."""
    ecg = beginning(source.read(record_id), READ_S)
    check_shown(ecg)
    return ecg


def page_warnings(ecg: Ecg) -> tuple[str, ...]:
    """Warnings about leads and seconds that were recorded and are not shown on the page."""
    warnings = []
    if ecg.duration_s >= RECORD_S + LEAST_S:
        warnings.append(f"only the first {RECORD_S:g} s of {ecg.duration_s:g} s are compared")
    seen = {panel.lead for panel in CANONICAL.panels if _share(ecg, panel) >= _MOST_OF_A_PANEL}
    if missing := [lead for lead in ecg.leads if lead not in seen]:
        warnings.append(f"{leads_are(missing)} not on the page: little was recorded in the seconds it shows")
    return tuple(warnings)


def _share(ecg: Ecg, panel: Panel) -> float:
    return _shown_s(ecg, panel) / (panel.stop_s - panel.start_s)


def _shown_s(ecg: Ecg, panel: Panel) -> float:
    """Seconds of its lead that the panel shows."""
    return float(np.isfinite(panel_samples(ecg, panel)).sum() / ecg.rate_hz)
