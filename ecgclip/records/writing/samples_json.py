"""A record as one JSON document."""

import json
from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.files import replace_surrogates
from ecgclip.records.ecg import Ecg
from ecgclip.records.writing.writers import Notes
from ecgclip.typing import Float32s
from ecgclip.units import LEADS

_DIGITS: Final = 4
"""Decimals of a mV: a tenth of a microvolt."""


def write_json(ecg: Ecg, path: Path, notes: Notes) -> None:
    """Write `rate_hz`, `leads` and what else is known; see `document`."""
    text = json.dumps(document(ecg, notes), ensure_ascii=False, allow_nan=False)
    path.write_text(replace_surrogates(text) + "\n", encoding="utf-8")


def document(ecg: Ecg, notes: Notes) -> dict[str, object]:
    """What the file holds: `leads` has the samples in mV of each lead, null for one that was not recorded.

    The notes stand beside them under their own names.
    """
    return {
        "name": ecg.name,
        "source": ecg.source,
        "age": ecg.age,
        "sex": ecg.sex,
        "report": ecg.report,
        "codes": dict(ecg.codes),
        **notes,
        "warnings": list(ecg.warnings),
        "rate_hz": ecg.rate_hz,
        "leads": {lead: _samples(row) for lead, row in zip(LEADS, ecg.signal_mv, strict=True)},
    }


def _samples(lead_mv: Float32s) -> list[float | None] | None:
    """The samples of a lead, null where nothing was recorded; None where that is everywhere."""
    if np.isnan(lead_mv).all():
        return None
    return [None if sample != sample else round(sample, _DIGITS) for sample in lead_mv.tolist()]
