"""A document's page, or pages that show one ECG together, read from their paths."""

from dataclasses import replace
from typing import Final, Protocol

from ecgclip.photo.page import Page
from ecgclip.photo.vector.page_of_signal import page_of_signal
from ecgclip.photo.vector.paths import PagePaths
from ecgclip.photo.vector.reading import VectorReading, combined, read_page
from ecgclip.photo.vector.unnamed import UNNAMED
from ecgclip.units import LEADS, leads_are

_FURTHER: Final = 3
"""Pages behind a page of some leads on which the others are sought."""
_SURE_DB: Final = 12.0
_CONFIDENCE: Final = {"sure": 0.99, "unproved": 0.95, "rough": 0.9}
"""Where the limb leads add up to this precision; where they are not shown together, or no name
is printed; where they do roughly."""


class Paged(Protocol):
    """What has pages with paths (`loading.load.Document`)."""

    @property
    def pages(self) -> int: ...
    def paths(self, page: int) -> PagePaths | None: ...


def vector_page(document: Paged, number: int, *, alone: bool) -> Page | None:
    """A page of a document read from its paths; None where they show no ECG, or none that can be trusted.

    number: counted from 0. alone: look at no further page for leads that this one lacks.
    """
    reading = _reading(document, number)
    if reading is None:
        return None
    if not alone and len(reading.leads) < len(LEADS):
        reading = _with_further_pages(document, number, reading)
    return page_of_signal(
        reading.signal_mv,
        reading.place,
        layout=reading.layout,
        confidence=_confidence(reading),
        warnings=reading.warnings + _absent(reading),
    )


def _confidence(reading: VectorReading) -> float:
    laws = reading.laws_db()
    if not laws or UNNAMED in reading.warnings:
        return _CONFIDENCE["unproved"]
    return _CONFIDENCE["sure" if min(laws) > _SURE_DB else "rough"]


def _reading(document: Paged, number: int, *, behind_limb_leads: bool = False) -> VectorReading | None:
    paths = document.paths(number)
    return None if paths is None else read_page(paths, behind_limb_leads=behind_limb_leads)


def _with_further_pages(document: Paged, number: int, reading: VectorReading) -> VectorReading:
    unnamed = UNNAMED in reading.warnings and reading.leads == set(LEADS[:6])
    for further in range(number + 1, min(document.pages, number + 1 + _FURTHER)):
        other = _reading(document, further, behind_limb_leads=unnamed)
        both = None if other is None else combined(reading, other)
        if both is not None:
            said = f"page {further + 1} was read with it: it shows the other leads"
            return replace(both, warnings=(said, *both.warnings))
    return reading


def _absent(reading: VectorReading) -> tuple[str, ...]:
    absent = [lead for lead in LEADS if lead not in reading.leads]
    return (f"{leads_are(absent)} not on the page",) if absent else ()
