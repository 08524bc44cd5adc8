"""From a photo to the canonical page, one step per file of this folder."""

import os
import time
from dataclasses import dataclass, replace
from threading import BoundedSemaphore
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ecgclip.paper.page import CanonicalPage
from ecgclip.photo.document import first_readable
from ecgclip.photo.flat.dark_mode import WARNING as INVERTED
from ecgclip.photo.flat.dark_mode import as_paper, light_on_dark
from ecgclip.photo.flat.flat_sheet import SURE, FlatSheet, flat_sheet
from ecgclip.photo.flat.flatten import FLAT_PX_PER_MM, PaperMap
from ecgclip.photo.flat.illumination import Planes, flatten, mostly_paper, separate
from ecgclip.photo.gate.gate import MIN_LONG_SIDE_PX, Verdict, judge, resolution_warning
from ecgclip.photo.grid.grid import Grid, find_grid
from ecgclip.photo.grid.outline import page_outline
from ecgclip.photo.layout.completed import completed
from ecgclip.photo.layout.cues import cues
from ecgclip.photo.layout.layout import Sheet, read_sheet
from ecgclip.photo.layout.orientation import half_turned, level_share, likeliness, told_apart, upright_odds
from ecgclip.photo.layout.retile import canonical_traces, cut_leads, draw_traces, row_traces
from ecgclip.photo.layout.strips import with_strips
from ecgclip.photo.loading.load import Document, Picture, Source, open_document
from ecgclip.photo.page import Page
from ecgclip.photo.rows.rows import Row, find_rows
from ecgclip.typing import Traces
from ecgclip.units import leads_are

Floats = npt.NDArray[np.float32]
Plane = npt.NDArray[np.uint8]

_AT_WORK: Final = BoundedSemaphore(max(4, 2 * (os.cpu_count() or 1)))
"""Pictures that are read beside each other: more are no quicker, and each holds some 60 MB."""
_UNSURE: Final = 0.12
"""A sheet is also read on its side while the share of level strokes is this near to a half ..."""
_SURE_PULSES: Final = 0.5
"""... unless so many of its rows have calibration pulses, which stand one way only ..."""
_SURE_VOTES: Final = 1.5
"""... or the network is sure: logarithm of its odds for the best way over the worst."""


def rectify(image: Source, *, page: int | None = None) -> Page:
    """Read a photo, scan, screenshot or PDF page of an ECG, or say why not.

    Args:
        image: A path, the bytes of a file, a PIL image or an array (uint8 [y, x] or [y, x, 3]).
        page: Of a PDF or TIFF, counted from 0; None: the first that is a readable ECG.

    Returns:
        The page; what is no readable ECG has `accepted=False` and a reason.

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


def _timed(document: Document, number: int, opened_ms: float) -> Page:
    started = time.perf_counter()
    picture = document.picture(number)
    loaded = time.perf_counter()
    result = _any_polarity(picture)
    done = time.perf_counter()
    timings_ms = {"load": opened_ms + 1e3 * (loaded - started), "rectify": 1e3 * (done - loaded)}
    return replace(result, timings_ms=timings_ms)


def _any_polarity(picture: Picture) -> Page:
    """Dark on light, or else light on dark."""
    page = _rectified(picture)
    if page.accepted or not light_on_dark(picture.rgb):
        return page
    inverted = _rectified(replace(picture, rgb=as_paper(picture.rgb)))
    return inverted.with_warnings((*inverted.warnings, INVERTED)) if inverted.accepted else page


@dataclass(frozen=True, eq=False)
class _Flat:
    """The sheet laid flat and upright: its map into the picture, the ink 0..1, the mask, what it shows."""

    map: PaperMap
    mask: Plane
    sheet: Sheet


def _rectified(picture: Picture) -> Page:
    if max(picture.rgb.shape[:2]) * picture.scale < MIN_LONG_SIDE_PX:
        return refused(picture, judge(picture, None, None))
    planes = separate(flatten(picture.rgb))
    found = _laid_flat(planes, page_outline(picture.rgb)) if mostly_paper(planes) else None
    if found is None:
        return refused(picture, judge(picture, None, None))
    grid, paper = found
    flat = _upright(paper)
    if flat is None:
        return refused(picture, judge(picture, grid, None))
    verdict = judge(picture, grid, flat.sheet, paper.ecg)
    return _page(picture, flat, verdict) if verdict.accepted else refused(picture, verdict)


def _laid_flat(planes: Planes, outline: Floats | None) -> tuple[Grid, FlatSheet] | None:
    """The grid and the sheet laid flat by it; where that shows no ECG, by a clearer grid if there is one."""
    grid = find_grid(planes.dark, outline)
    if grid is None:
        return None
    paper = flat_sheet(grid, planes)
    if paper.ecg >= SURE:
        return grid, paper
    other = find_grid(planes.dark, outline, thorough=True)
    if other is None or other.score <= grid.score:
        return grid, paper
    again = flat_sheet(other, planes)
    return (other, again) if again.ecg >= SURE else (grid, paper)


def _upright(paper: FlatSheet) -> _Flat | None:
    """Turn the sheet until its traces run to the right; None where it has none."""
    ink, votes = paper.ink, paper.votes
    if np.ptp(votes) > _SURE_VOTES:
        read = _read_along(ink, int(votes.argmax()) % 2, votes)
        return None if read is None else _turned(paper, *read)
    share = level_share(ink)
    shares = (share, 1.0 - share)
    likely = 0 if share >= 0.5 else 1
    found = [read for read in [_read_along(ink, likely, votes)] if read is not None]
    sure = bool(found) and found[0][0].pulse_share > _SURE_PULSES
    if not sure and abs(share - 0.5) < _UNSURE and (other := _read_along(ink, 1 - likely, votes)) is not None:
        found.append(other)
    if not found:
        return None
    return _turned(paper, *max(found, key=lambda read: likeliness(read[0], shares[read[1] % 2])))


def _turned(paper: FlatSheet, sheet: Sheet, turns: int) -> _Flat:
    return _Flat(paper.map.turned(turns), np.ascontiguousarray(np.rot90(paper.mask, turns)), sheet)


def _read_along(ink: Floats, quarter: int, votes: Floats) -> tuple[Sheet, int] | None:
    """The sheet after a quarter turn or none, the way up that has more evidence, and the quarter turns."""
    ink = np.ascontiguousarray(np.rot90(ink, quarter))
    rows = find_rows(ink)
    if not rows:
        return None
    around = half_turned(ink, rows)
    stands, turned = understood(ink, rows), understood(*around)
    vote = float(votes[quarter] - votes[quarter + 2])
    upside_down = upright_odds(cues(ink, stands), cues(around[0], turned)) + vote < 0
    return (turned, quarter + 2) if upside_down else (stands, quarter)


def understood(ink: Floats, rows: list[Row]) -> Sheet:
    """Time zero and the layout of a sheet whose rows are known, were it upright."""
    return with_strips(told_apart(completed(read_sheet(ink, rows))))


def _page(picture: Picture, flat: _Flat, verdict: Verdict) -> Page:
    traces = canonical_traces(row_traces(flat.sheet), flat.sheet.layout)
    grey = flat.map.draw(np.asarray(cv2.cvtColor(picture.rgb, cv2.COLOR_RGB2GRAY), np.uint8), 255)
    right = flat.map.direction_right()
    input_px_per_mm = float(np.hypot(*right)) * picture.scale
    warnings = verdict.warnings + _cut_warning(flat.sheet, traces) + resolution_warning(input_px_per_mm)
    return Page(
        accepted=verdict.accepted,
        reason=verdict.reason,
        confidence=verdict.confidence,
        image=_rows_only(grey, flat),
        canonical=CanonicalPage(draw_traces(traces), traces, warnings),
        corners=(flat.map.corners(flat.mask) * picture.scale).astype(np.float32),
        px_per_mm=FLAT_PX_PER_MM,
        input_px_per_mm=input_px_per_mm,
        rotation_deg=float(np.degrees(np.arctan2(right[1], right[0]))),
        layout=flat.sheet.label,
        kind=picture.kind,
        nodes_px=(flat.map.places * picture.scale).astype(np.float32),
    )


def _cut_warning(sheet: Sheet, traces: Traces) -> tuple[str, ...]:
    leads = cut_leads(traces) if sheet.layout else ()
    return (f"{leads_are(leads)} cut off",) if leads else ()


def _rows_only(grey: Plane, flat: _Flat) -> Plane:
    """White out all but the paper around the rows of traces: headers and footers name the patient."""
    shown = np.full_like(grey, 255)
    for row in flat.sheet.rows:
        top, bottom = row.band_px
        band = slice(max(0, top), max(0, bottom))
        shown[band] = np.where(flat.mask[band] > 0, grey[band], 255)
    return shown


def refused(picture: Picture, verdict: Verdict) -> Page:
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
