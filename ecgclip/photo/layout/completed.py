"""Twelve rows of one lead each of which the last are missing: cut off, or too wild to follow."""

from dataclasses import replace
from typing import Final

from ecgclip.paper.geometry import Layout
from ecgclip.photo.layout.layout import Sheet
from ecgclip.photo.layout.limbs import limb_rows_agree
from ecgclip.photo.layout.retile import row_traces

_FEWEST: Final = 9
"""Rows of twelve: the six limb leads, by which they are told, and half of the others."""
_AGREE: Final = 0.5
"""Rows that are the limb leads agree with their laws by 1, others with some of them by 0."""


def completed(sheet: Sheet) -> Sheet:
    """Take 9 to 11 rows for the first of twelve where six are the limb leads; leave others as they are."""
    if sheet.layout is not None or not _FEWEST <= len(sheet.rows) < Layout.L12X1.rows:
        return sheet
    limbs = row_traces(sheet)[:6]
    return replace(sheet, layout=Layout.L12X1) if limb_rows_agree(limbs) > _AGREE else sheet
