"""From a photo to the canonical page, one step per file of this folder."""

import time

import cv2
import numpy as np

from ecgclip.paper.geometry import CANONICAL, CANONICAL_PX_PER_MM
from ecgclip.paper.traces import TRACE_SAMPLES
from ecgclip.photo.flatten import FLAT_PX_PER_MM, paper_map
from ecgclip.photo.grid import find_grid
from ecgclip.photo.illumination import flatten, separate
from ecgclip.photo.ink import normalize, notch, paper_mask
from ecgclip.photo.layout import read_sheet
from ecgclip.photo.load import Picture, Source, load
from ecgclip.photo.page import Page
from ecgclip.photo.retile import canonical_traces, draw_traces, row_traces
from ecgclip.photo.rows import find_rows


def rectify(image: Source, *, page: int = 0) -> Page:
    """Turn a photo, scan, screenshot or PDF page into the canonical page, or say why not.

    image: a path, the bytes of a file, a PIL image or an array; page: counts from 0 in a PDF.
    Raises ImageError only where the file cannot be read at all; what is no ECG gives `accepted=False`.
    """
    started = time.perf_counter()
    picture = load(image, page=page)
    loaded = time.perf_counter()
    result = _rectified(picture)
    done = time.perf_counter()
    timings = {"load": 1e3 * (loaded - started), "rectify": 1e3 * (done - loaded)}
    return Page(**{**result.__dict__, "timings_ms": timings})


def _rectified(picture: Picture) -> Page:
    if max(picture.rgb.shape[:2]) < 400 and picture.scale <= 1.0:
        pass
    planes = separate(flatten(picture.rgb))
    grid = find_grid(planes.dark)
    if grid is None:
        return refused(picture, "no ECG grid was found")
    sheet_map, displacement = paper_map(grid, planes)
    mask = paper_mask(displacement.clear)
    ink = normalize(notch(sheet_map.draw(planes.ink), mask), mask)
    rows = find_rows(ink)
    if not rows:
        return refused(picture, "the grid is there but no trace")
    sheet = read_sheet(ink, rows)
    traces = canonical_traces(row_traces(sheet), sheet.layout)
    grey = sheet_map.draw(cv2.cvtColor(picture.rgb, cv2.COLOR_RGB2GRAY), 255)
    return Page(
        True,
        "",
        1.0,
        grey,
        draw_traces(traces),
        traces,
        np.zeros((4, 2), np.float32),
        FLAT_PX_PER_MM,
        1.0,
        0.0,
        sheet.label,
        picture.kind,
    )


def refused(picture: Picture, reason: str) -> Page:
    """A page that carries nothing but the reason."""
    blank = np.zeros(CANONICAL.size_px(CANONICAL_PX_PER_MM), np.uint8)
    traces = np.full((CANONICAL.rows, TRACE_SAMPLES), np.nan, np.float32)
    grey = cv2.cvtColor(picture.rgb, cv2.COLOR_RGB2GRAY)
    return Page(
        False,
        reason,
        0.0,
        grey,
        blank,
        traces,
        np.zeros((4, 2), np.float32),
        0.0,
        0.0,
        0.0,
        "unknown",
        picture.kind,
    )
