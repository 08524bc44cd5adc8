"""Resolve the layout where the number of rows leaves it open, by the laws of leads and rhythm strips."""

from dataclasses import replace
from itertools import permutations
from typing import Final

import numpy as np

from ecgclip.paper.geometry import Layout
from ecgclip.photo.layout.lead_laws import agreement_with_lead, limb_lead_consistency, limb_rows_agree
from ecgclip.photo.layout.sheet import Sheet
from ecgclip.typing import Traces

_FEWEST_OF_TWELVE: Final = 9
"""The six limb leads, which prove the layout, and half of the others."""
_LIMBS_AGREE: Final = 0.5
"""Rows that are the limb leads agree with their laws by 1, others with some of them by 0."""
_STRIPS_AGREE: Final = 0.5
"""Strips agree with the leads that they repeat by 1, other rows by 0: from half on they are strips."""
_LEAD_ROWS: Final = 3
"""Rows of leads above the strips of a 3x4 print."""
_USUAL_STRIPS: Final = {1: ("II",), 2: ("V1", "II"), 3: ("V1", "II", "V5")}
_STRIP_LEADS: Final = ("II", "V1", "V5")
"""Leads that machines print as strips."""
_USUAL_BONUS: Final = 0.5
"""Another lead than the usual one must agree so much better."""


def resolve_layout(sheet: Sheet) -> Sheet:
    """The sheet with its layout resolved; unchanged where the number of rows decides."""
    return resolve_strips(resolve_six_rows(resolve_cut_rows(sheet)))


def resolve_cut_rows(sheet: Sheet) -> Sheet:
    """9 to 11 rows are the first of twelve, the others cut off or unread, where six are the limb leads."""
    count = len(sheet.rows)
    if sheet.layout is not None or not _FEWEST_OF_TWELVE <= count < Layout.L12X1.rows:
        return sheet
    if limb_rows_agree(sheet.traces_mv[:6]) <= _LIMBS_AGREE:
        return sheet
    missing = ((0, Layout.L12X1.rows - count), (0, 0))
    traces = np.pad(sheet.traces_mv, missing, constant_values=np.nan)
    return replace(sheet, layout=Layout.L12X1, traces_mv=traces)


def resolve_six_rows(sheet: Sheet) -> Sheet:
    """Six rows are 6x2, or 3x4 above three strips where the limb leads add up so and strips repeat leads."""
    if sheet.layout is not Layout.L6X2:
        return sheet
    limbs, repeating = limb_lead_consistency(sheet.traces_mv, Layout.L3X4_3R)
    strips = limbs + repeating - _STRIPS_AGREE > limb_lead_consistency(sheet.traces_mv, Layout.L6X2)[0]
    return replace(sheet, layout=Layout.L3X4_3R) if strips else sheet


def resolve_strips(sheet: Sheet) -> Sheet:
    """Name the rhythm strips of a 3x4 sheet by the leads they repeat, and keep that of lead II.

    The canonical page shows no strip but that of II. Sheets of other layouts are left as they are.
    """
    count = len(sheet.rows) - _LEAD_ROWS
    if count not in _USUAL_STRIPS or (count == 3 and sheet.layout is not Layout.L3X4_3R):
        return sheet
    names = _strip_leads(sheet.traces_mv, count)
    if sheet.layout is not None and names == _USUAL_STRIPS[count]:
        return sheet
    kept, layout = [*range(_LEAD_ROWS)], Layout.L3X4
    if "II" in names:
        kept, layout = [*kept, _LEAD_ROWS + names.index("II")], Layout.L3X4_1R
    return replace(
        sheet,
        rows=tuple(sheet.rows[row] for row in kept),
        traces_mv=sheet.traces_mv[kept],
        layout=layout,
        printed=f"{Layout.L3X4}+{count}R({','.join(names)})",
    )


def _strip_leads(traces: Traces, count: int) -> tuple[str, ...]:
    """The different leads that the strips agree with best together, the usual ones ahead by a margin."""
    agreement = [
        {
            lead: agreement_with_lead(traces, Layout.L3X4, lead, traces[_LEAD_ROWS + k])
            + _USUAL_BONUS * (lead == usual)
            for lead in _STRIP_LEADS
        }
        for k, usual in enumerate(_USUAL_STRIPS[count])
    ]
    return max(
        permutations(_STRIP_LEADS, count),
        key=lambda leads: sum(table[lead] for table, lead in zip(agreement, leads, strict=True)),
    )
