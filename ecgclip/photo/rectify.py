"""From a photo to the canonical page: the steps in the order in which a picture goes through them.

vector/    a page of a PDF that is drawn as lines, read from them; what follows is for all else
loading/   any file becomes an upright picture; even light; planes of darkness, colour and ink
grid/      the squares of the paper: one lattice under one perspective
flat/      the sheet at 4 px/mm, its ink without the grid, and what the network sees on it
rows/      where the rows of traces run, and rough curves
layout/    orientation, layout, speed and gain
seen/      words, baselines and pulses, as the network of sheets sees them
curves/    the rows read column by column
signal.py  the leads of the record in mV at 500 Hz, and their canonical page
gate/      whether this is a readable ECG, and how sure that is
"""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import BoundedSemaphore
from typing import Final

import cv2
import numpy as np

from ecgclip.errors import ImageError
from ecgclip.paper.page import CanonicalPage
from ecgclip.photo.curves.network import shipped_curves
from ecgclip.photo.curves.read_rows import RowCurve
from ecgclip.photo.flat.finer import finer_sheet, page_alone
from ecgclip.photo.flat.flat_sheet import FlatSheet, lay_flat
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.gate.sureness import DOUBTFUL, DOUBTFUL_WARNING, load_sureness, weigh_reading
from ecgclip.photo.gate.verdict import Verdict, judge, resolution_warning, too_small
from ecgclip.photo.grid.page_outline import page_outline
from ecgclip.photo.joining import FURTHER, belong_together, is_half, joined
from ecgclip.photo.layout.orientation import Oriented, upright_sheet
from ecgclip.photo.layout.read_layout import Seen, SeenTurns, read_layout
from ecgclip.photo.layout.retile import cut_leads
from ecgclip.photo.loading.bars import without_bars
from ecgclip.photo.loading.boxed_decoder import COUNTED
from ecgclip.photo.loading.illumination import INVERTED_WARNING, light_on_dark, separate_planes
from ecgclip.photo.loading.load import Document, Picture, Source, open_document
from ecgclip.photo.page import Page
from ecgclip.photo.panels import panels_read
from ecgclip.photo.signal import SIGNAL_RATE_HZ, page_of, page_of_rows, signal_of
from ecgclip.photo.vector.document import vector_page
from ecgclip.typing import Signal, Uint8s
from ecgclip.units import LEADS, leads_are

_AT_WORK: Final = BoundedSemaphore(max(4, 2 * (os.cpu_count() or 1)))
"""Pictures read at the same time: more are no quicker, and each takes some 60 MB."""
_MARGIN_PX: Final = round(4 * FLAT_PX_PER_MM)
"""What is this near to a trace is shown with it."""
MOST_PAGES: Final = COUNTED - 1
"""Pages of a document that are read in search of an ECG: a page of text takes some tenths of a second."""


def rectify(image: Source, *, page: int | None = None) -> Page:
    """Read a photo, scan, screenshot or PDF page of an ECG.

    Args:
        image: A path, the bytes of a file, a PIL image or an array (uint8 [y, x] or [y, x, 3]).
        page: Of a PDF or TIFF, counted from 0; None: the first that is a readable ECG.

    Returns:
        The page; of an image that is no readable ECG, `accepted` is False and `reason` says why.

    Raises:
        ImageError: Only where the file cannot be read as an image at all.
    """
    with _AT_WORK:
        return _read(image, page)


def _read(image: Source, page: int | None) -> Page:
    started = time.perf_counter()
    with open_document(image) as document:
        opened_ms = 1e3 * (time.perf_counter() - started)
        if page is not None or document.pages <= 1:
            return _timed(document, page or 0, opened_ms, alone=page is not None)
        return first_readable(document.pages, lambda number: _timed(document, number, opened_ms))


def first_readable(pages: int, read: Callable[[int], Page]) -> Page:
    """The first page that `read` accepts, else the refused page of highest confidence; a warning says which.

    pages: how many there are; of more than `MOST_PAGES` the first `MOST_PAGES` are read.

    Errors: that of the first page, an ImageError, where no page can be drawn.
    """
    refused: list[tuple[int, Page]] = []
    broken: list[ImageError] = []
    for number in range(min(pages, MOST_PAGES)):
        try:
            page = read(number)
        except ImageError as error:
            broken.append(error)
            continue
        if page.accepted:
            counted = str(pages) if pages <= MOST_PAGES else f"more than {MOST_PAGES}"
            page = _with_other_half(page, number, pages, read)
            return page.with_warnings((f"page {number + 1} of {counted} was read", *page.warnings))
        refused.append((number, page))
    if not refused:
        raise broken[0]
    number, page = max(refused, key=lambda found: (found[1].confidence, -found[0]))
    looked = f"the first {MOST_PAGES} pages" if pages > MOST_PAGES else f"the {pages} pages"
    warning = f"none of {looked} is a readable ECG; what is said here is about page {number + 1}"
    return page.with_warnings((warning, *page.warnings))


def _with_other_half(page: Page, number: int, pages: int, read: Callable[[int], Page]) -> Page:
    """A page of half of the leads with the next one that shows the others; as it is where none does."""
    if not is_half(page):
        return page
    for further in range(number + 1, min(pages, number + 1 + FURTHER)):
        try:
            other = read(further)
        except ImageError:
            continue
        if belong_together(page, other):
            return joined(page, other, f"page {further + 1}")
    return page


def _timed(document: Document, number: int, opened_ms: float, *, alone: bool = False) -> Page:
    """Read a page, from its paths where it has them; alone: though the next pages show its other leads."""
    started = time.perf_counter()
    drawn = vector_page(document, number, alone=alone)
    if drawn is not None:
        taken_ms = 1e3 * (time.perf_counter() - started)
        return replace(drawn, number=number, timings_ms={"load": opened_ms, "rectify": taken_ms})
    picture = without_bars(document.picture(number))
    loaded = time.perf_counter()
    result = _page_or_picture(picture)
    done = time.perf_counter()
    timings_ms = {"load": opened_ms + 1e3 * (loaded - started), "rectify": 1e3 * (done - loaded)}
    return replace(result, number=number, timings_ms=timings_ms)


def _page_or_picture(picture: Picture) -> Page:
    """Read the picture; where that is refused and a small page stands out in it, the page by itself."""
    page = _any_polarity(picture)
    if page.accepted or (alone := page_alone(picture)) is picture:
        return page
    again = _read_picture(alone)
    return again if again.accepted else page


def _any_polarity(picture: Picture) -> Page:
    """Read the picture as dark on light; where that is refused and most of it is dark, inverted."""
    page = _read_picture(picture)
    if page.accepted or not light_on_dark(picture.rgb):
        return page
    again = _read_picture(picture.inverted())
    return again.with_warnings((*again.warnings, INVERTED_WARNING)) if again.accepted else page


def _read_picture(picture: Picture) -> Page:
    """Planes, grid, flat sheet, orientation, gate, page; a step that finds nothing refuses the picture."""
    if too_small(picture):
        return _refused(picture, judge(picture, None, None))
    planes = separate_planes(picture.rgb)
    flat = lay_flat(planes, page_outline(picture.rgb)) if planes.mostly_paper else None
    if flat is None:
        return _refused(picture, judge(picture, None, None))
    picture, flat = finer_sheet(picture, flat)
    seen = SeenTurns(flat.seen)
    oriented = upright_sheet(flat.ink, seen.votes(flat.votes))
    if oriented is None:
        return _refused(picture, judge(picture, flat.grid, None))
    verdict = judge(picture, flat.grid, oriented.sheet, flat.ecg)
    if not verdict.accepted:
        return _refused(picture, verdict)
    return _page(picture, flat, oriented, seen[oriented.quarter_turns], verdict)


def _page(picture: Picture, flat: FlatSheet, oriented: Oriented, seen: Seen, verdict: Verdict) -> Page:
    sheet, turns = oriented.sheet, oriented.quarter_turns
    paper, mask = flat.map.turned(turns), np.ascontiguousarray(np.rot90(flat.mask, turns))
    planes = np.ascontiguousarray(np.rot90(flat.planes, turns, axes=(1, 2)))
    read = read_layout(planes, seen, sheet, shipped_curves())
    signal_mv = signal_of(read.panels, read.curves)
    grey = paper.draw(np.asarray(cv2.cvtColor(picture.rgb, cv2.COLOR_RGB2GRAY), np.uint8), 255)
    right = paper.direction_right()
    input_px_per_mm = float(np.hypot(*right)) * picture.scale
    sureness = load_sureness().sureness(weigh_reading(read, signal_mv, input_px_per_mm))
    doubt = (DOUBTFUL_WARNING,) if sureness < DOUBTFUL else ()
    warnings = verdict.warnings + doubt + read.warnings + resolution_warning(input_px_per_mm)
    if np.isfinite(signal_mv).any():
        canonical = page_of(signal_mv, warnings)
        canonical = replace(canonical, warnings=warnings + _missing_warnings(canonical, signal_mv))
    else:
        canonical = page_of_rows(read.curves, sheet.zero_px, warnings)
    return Page(
        accepted=verdict.accepted,
        reason=verdict.reason,
        confidence=verdict.confidence * sureness,
        image=_rows_only(grey, mask, read.curves),
        canonical=canonical,
        corners=picture.to_original(paper.corners(mask)),
        px_per_mm=FLAT_PX_PER_MM,
        input_px_per_mm=input_px_per_mm,
        rotation_deg=float(np.degrees(np.arctan2(right[1], right[0]))),
        layout=read.label,
        kind=picture.kind,
        nodes_px=picture.to_original(paper.places),
        signal_mv=signal_mv,
        panels=panels_read(read.panels, read.curves),
    )


def _missing_warnings(page: CanonicalPage, signal_mv: Signal) -> tuple[str, ...]:
    """Which leads the print does not show, and which only in part."""
    absent = [lead for lead, row in zip(LEADS, signal_mv, strict=True) if np.isnan(row).all()]
    little = [
        lead for lead, row in zip(LEADS, signal_mv, strict=True) if np.isfinite(row).sum() < SIGNAL_RATE_HZ
    ]
    cut = [lead for lead in cut_leads(page.traces_mv) if lead in little and lead not in absent]
    return tuple(
        f"{leads_are(leads)} {what}"
        for leads, what in ((absent, "not on the page"), (cut, "cut off"))
        if leads
    )


def _rows_only(grey: Uint8s, mask: Uint8s, curves: Sequence[RowCurve]) -> Uint8s:
    """White out all but the paper around the rows of traces: headers and footers name the patient."""
    shown = np.full_like(grey, 255)
    for curve in curves:
        if np.isnan(curve.y_px).all():
            continue
        top, bottom = round(float(np.nanmin(curve.y_px))), round(float(np.nanmax(curve.y_px)))
        band = slice(max(0, top - _MARGIN_PX), max(0, bottom + _MARGIN_PX))
        shown[band] = np.where(mask[band] > 0, grey[band], 255)
    return shown


def _refused(picture: Picture, verdict: Verdict) -> Page:
    """A page that carries nothing but the reason."""
    return Page(
        accepted=False,
        reason=verdict.reason,
        confidence=verdict.confidence,
        image=cv2.cvtColor(picture.rgb, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False),
        canonical=CanonicalPage.blank(verdict.warnings),
        corners=np.zeros((4, 2), np.float32),
        px_per_mm=0.0,
        input_px_per_mm=0.0,
        rotation_deg=0.0,
        layout="unknown",
        kind=picture.kind,
    )
