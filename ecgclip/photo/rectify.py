"""From a photo to the canonical page: the steps in the order in which a picture goes through them.

loading/   any file becomes an upright picture; even light; planes of darkness, colour and ink
grid/      the squares of the paper: one lattice under one perspective
flat/      the sheet at 4 px/mm, its ink without the grid, and what the network sees on it
rows/      where the rows of traces run, and their curves
layout/    time zero, traces in mV, layout and orientation
gate/      whether this is a readable ECG, and how sure that is
"""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from threading import BoundedSemaphore
from typing import Final

import cv2
import numpy as np

from ecgclip.errors import ImageError
from ecgclip.paper.page import CanonicalPage
from ecgclip.photo.flat.finer import finer_sheet, page_alone
from ecgclip.photo.flat.flat_sheet import FlatSheet, lay_flat
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.gate.verdict import Verdict, judge, resolution_warning, too_small
from ecgclip.photo.grid.page_outline import page_outline
from ecgclip.photo.layout.orientation import Oriented, upright_sheet
from ecgclip.photo.layout.retile import canonical_traces, cut_leads, draw_traces
from ecgclip.photo.layout.sheet import Sheet
from ecgclip.photo.loading.bars import without_bars
from ecgclip.photo.loading.boxed_decoder import COUNTED
from ecgclip.photo.loading.illumination import INVERTED_WARNING, inverted, light_on_dark, separate_planes
from ecgclip.photo.loading.load import Document, Picture, Source, open_document
from ecgclip.photo.page import Page
from ecgclip.typing import Traces, Uint8s
from ecgclip.units import leads_are

_AT_WORK: Final = BoundedSemaphore(max(4, 2 * (os.cpu_count() or 1)))
"""Pictures read at the same time: more are no quicker, and each takes some 60 MB."""
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
            return _timed(document, page or 0, opened_ms)
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
            return page.with_warnings((f"page {number + 1} of {counted} was read", *page.warnings))
        refused.append((number, page))
    if not refused:
        raise broken[0]
    number, page = max(refused, key=lambda found: (found[1].confidence, -found[0]))
    looked = f"the first {MOST_PAGES} pages" if pages > MOST_PAGES else f"the {pages} pages"
    warning = f"none of {looked} is a readable ECG; what is said here is about page {number + 1}"
    return page.with_warnings((warning, *page.warnings))


def _timed(document: Document, number: int, opened_ms: float) -> Page:
    started = time.perf_counter()
    picture = without_bars(document.picture(number))
    loaded = time.perf_counter()
    result = _page_or_picture(picture)
    done = time.perf_counter()
    timings_ms = {"load": opened_ms + 1e3 * (loaded - started), "rectify": 1e3 * (done - loaded)}
    return replace(result, timings_ms=timings_ms)


def _page_or_picture(picture: Picture) -> Page:
    """Read a small page that stands out by itself; where that is refused, all of the picture."""
    alone = page_alone(picture)
    if alone is not picture:
        page = _read_picture(alone)
        if page.accepted:
            return page
    return _any_polarity(picture)


def _any_polarity(picture: Picture) -> Page:
    """Read the picture as dark on light; where that is refused and most of it is dark, inverted."""
    page = _read_picture(picture)
    if page.accepted or not light_on_dark(picture.rgb):
        return page
    again = _read_picture(replace(picture, rgb=inverted(picture.rgb)))
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
    oriented = upright_sheet(flat.ink, flat.votes)
    if oriented is None:
        return _refused(picture, judge(picture, flat.grid, None))
    verdict = judge(picture, flat.grid, oriented.sheet, flat.ecg)
    return _page(picture, flat, oriented, verdict) if verdict.accepted else _refused(picture, verdict)


def _page(picture: Picture, flat: FlatSheet, oriented: Oriented, verdict: Verdict) -> Page:
    sheet, turns = oriented.sheet, oriented.quarter_turns
    paper, mask = flat.map.turned(turns), np.ascontiguousarray(np.rot90(flat.mask, turns))
    traces = canonical_traces(sheet.traces_mv, sheet.layout)
    grey = paper.draw(np.asarray(cv2.cvtColor(picture.rgb, cv2.COLOR_RGB2GRAY), np.uint8), 255)
    right = paper.direction_right()
    input_px_per_mm = float(np.hypot(*right)) * picture.scale
    warnings = verdict.warnings + _cut_warning(sheet, traces) + resolution_warning(input_px_per_mm)
    return Page(
        accepted=verdict.accepted,
        reason=verdict.reason,
        confidence=verdict.confidence,
        image=_rows_only(grey, mask, sheet),
        canonical=CanonicalPage(draw_traces(traces), traces, warnings),
        corners=picture.to_original(paper.corners(mask)),
        px_per_mm=FLAT_PX_PER_MM,
        input_px_per_mm=input_px_per_mm,
        rotation_deg=float(np.degrees(np.arctan2(right[1], right[0]))),
        layout=sheet.label,
        kind=picture.kind,
        nodes_px=picture.to_original(paper.places),
    )


def _cut_warning(sheet: Sheet, traces: Traces) -> tuple[str, ...]:
    leads = cut_leads(traces) if sheet.layout else ()
    return (f"{leads_are(leads)} cut off",) if leads else ()


def _rows_only(grey: Uint8s, mask: Uint8s, sheet: Sheet) -> Uint8s:
    """White out all but the paper around the rows of traces: headers and footers name the patient."""
    shown = np.full_like(grey, 255)
    for row in sheet.rows:
        top, bottom = row.band_px
        band = slice(max(0, top), max(0, bottom))
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
