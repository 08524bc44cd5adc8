"""Pages of one ECG: limb leads on one, chest leads on the other."""

from dataclasses import replace
from typing import Final

import numpy as np

from ecgclip.photo.page import Page
from ecgclip.photo.signal import page_of
from ecgclip.units import LEADS

FURTHER: Final = 3
"""Pages behind one of half of the leads among which the other half is sought."""
_HALF: Final = (3, 9)
"""Leads of a page that may be one of two, at least and at most."""
_NAMED: Final = "x1"
"""Layouts of such pages show each lead in a row of its own."""


_MISSING: Final = ("cut off", "not on the page")
"""How warnings end that are of one page alone."""


def _scales(page: Page) -> set[tuple[float, float]]:
    return {(panel.speed_mm_s, abs(panel.gain_mm_mv)) for panel in page.panels}


def is_half(page: Page) -> bool:
    """Whether a page shows some of the twelve leads, a row each, and so may be one of two."""
    whole_rows = _NAMED in page.layout.split(" ")[0].split("+")[0]
    return page.accepted and whole_rows and _HALF[0] <= len(page.leads) <= _HALF[1]


def belong_together(first: Page, second: Page) -> bool:
    """Whether two pages show different leads, together the twelve."""
    if not (is_half(first) and is_half(second)):
        return False
    return not set(first.leads) & set(second.leads) and set(first.leads) | set(second.leads) == set(LEADS)


def joined(first: Page, second: Page, named: str) -> Page:
    """Both pages as one, described by the first; `belong_together` said that they are.

    named: what the second is called in the warning that says so, such as `page 2`. Both are taken to begin at
    the same second of one recording, as machines print them.
    """
    signal_mv = np.full(
        (len(LEADS), max(page.signal_mv.shape[1] for page in (first, second))), np.nan, np.float32
    )
    for page in (second, first):
        shown = signal_mv[:, : page.signal_mv.shape[1]]
        shown[:] = np.where(np.isnan(page.signal_mv), shown, page.signal_mv)
    said = f"{named} was read with it: it shows the other leads"
    own = tuple(warning for warning in first.warnings if not warning.endswith(_MISSING))
    others = tuple(w for w in second.warnings if w not in own and not w.endswith(_MISSING))
    return replace(
        first,
        confidence=min(first.confidence, second.confidence),
        canonical=page_of(signal_mv, (said, *own, *others)),
        signal_mv=signal_mv,
        panels=first.panels if _scales(first) == _scales(second) else (),
        layout=f"{first.layout}, {second.layout}",
    )
