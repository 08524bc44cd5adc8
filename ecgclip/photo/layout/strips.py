"""Rhythm strips below three rows of leads: how many there are, and which leads they repeat."""

from dataclasses import replace
from itertools import permutations
from typing import Final

import numpy as np
import numpy.typing as npt

from ecgclip.paper.geometry import Layout
from ecgclip.photo.layout.layout import Sheet
from ecgclip.photo.layout.limbs import agreement_with_lead
from ecgclip.photo.layout.retile import row_traces

Floats = npt.NDArray[np.float32]

_ROWS: Final = 3
_USUAL: Final = {1: ("II",), 2: ("V1", "II"), 3: ("V1", "II", "V5")}
_LEADS: Final = ("II", "V1", "V5")
"""Leads that machines print as strips."""
_AHEAD: Final = 0.5
"""Another lead than the usual one must agree so much better."""


def with_strips(sheet: Sheet) -> Sheet:
    """Name the rhythm strips of a 3x4 sheet by the leads they repeat, and keep that of lead II.

    The canonical page shows no strip but that of II. Sheets of other layouts are left as they are.
    """
    count = len(sheet.rows) - _ROWS
    if count not in _USUAL or (count == 3 and sheet.layout is not Layout.L3X4_3R):
        return sheet
    traces = row_traces(sheet)
    names = _leads(traces, count)
    if sheet.layout is not None and names == _USUAL[count]:
        return sheet
    kept = sheet.rows[:_ROWS]
    printed = f"{Layout.L3X4}+{count}R({','.join(names)})"
    if "II" not in names:
        return replace(sheet, rows=kept, layout=Layout.L3X4, printed=printed)
    strip = sheet.rows[_ROWS + names.index("II")]
    return replace(sheet, rows=(*kept, strip), layout=Layout.L3X4_1R, printed=printed)


def _leads(traces: Floats, count: int) -> tuple[str, ...]:
    """The different leads that the strips agree with best together, the usual ones ahead by a margin."""
    agreement = [
        {
            lead: agreement_with_lead(traces, Layout.L3X4, lead, traces[_ROWS + k]) + _AHEAD * (lead == usual)
            for lead in _LEADS
        }
        for k, usual in enumerate(_USUAL[count])
    ]
    return max(
        permutations(_LEADS, count),
        key=lambda leads: sum(table[lead] for table, lead in zip(agreement, leads, strict=True)),
    )
