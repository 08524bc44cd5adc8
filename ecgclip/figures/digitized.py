"""One picture that shows what was digitised: left the photo with the curves on it, right their print."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from ecgclip.figures.side_by_side import Panel as Frame
from ecgclip.figures.side_by_side import pair
from ecgclip.paper.geometry import Layout
from ecgclip.paper.header import Header
from ecgclip.paper.render import render
from ecgclip.paper.styles import Separator, Style, load_style
from ecgclip.photo.flat.dewarp import NODE_MM
from ecgclip.photo.page import Page, ReadPanel
from ecgclip.photo.signal import SIGNAL_RATE_HZ
from ecgclip.records.ecg import Ecg
from ecgclip.typing import Bools, Float32s, Float64s, Rgb
from ecgclip.units import LEADS

_PHOTO_PX: Final = 1600
"""Width of the photo: 6 pixels a mm of a sheet that fills it."""
_CURVE: Final = (0, 90, 255)
"""No print and no pen has this blue."""
_PRINT_PX_PER_MM: Final = 6.0
_WIDTH_MM: Final = 272.0
_LEAST_HEIGHT_MM: Final = 150.0
_LEAST_ROW_MM: Final = 18.0
_FIXED_BITS: Final = 4
"""Lines are drawn to sixteenths of a pixel."""


def digitized_picture(rgb: Rgb, scale: float, page: Page, ecg: Ecg) -> Rgb:
    """Both pictures beside each other, uint8 RGB [y, x, 3].

    rgb: the picture as loaded; scale: pixels of the image that was read for one of it. page: read from it.
    ecg: the record of the page.
    """
    shrink = min(1.0, _PHOTO_PX / rgb.shape[1])
    small = np.asarray(cv2.resize(rgb, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8)
    photo = with_curves(small, page, shrink / scale)
    layout = next((one for one in Layout if one.label == page.layout), Layout.L3X4_1R)
    drawn = render(ecg, layout, _plain_style(layout), px_per_mm=_PRINT_PX_PER_MM, header=Header()).array
    shown = f"{page.layout}, confidence {page.confidence:.2f}"
    warned = "; ".join(page.warnings)
    name = ecg.name or "picture"
    return pair(
        Frame(f"{name}: what was read", photo, shown), Frame("redrawn from the signal", drawn, warned)
    )


def _plain_style(layout: Layout) -> Style:
    """Millimetre paper with traces, pulses and names alone."""
    rows = layout.rows + len(layout.rhythm_leads)
    height_mm = max(_LEAST_HEIGHT_MM, rows * _LEAST_ROW_MM)
    return replace(
        load_style("pink"),
        paper_mm=(_WIDTH_MM, height_mm),
        grid_margin_mm=(0.0, 0.0, 0.0, 0.0),
        trace_left_mm=12.0,
        trace_top_mm=4.0,
        trace_bottom_mm=4.0,
        separator=Separator.NONE,
        lines=(),
    )


def with_curves(rgb: Rgb, page: Page, px_per_input_px: float) -> Rgb:
    """A copy of a picture with the curves that were read, uint8 [y, x, 3].

    px_per_input_px: pixels of `rgb` for one of the image that was read.
    """
    drawn = rgb.copy()
    for curve in curves_px(page):
        exact = np.clip(curve * px_per_input_px, -1e4, 1e4) * 2**_FIXED_BITS
        points = np.round(exact).astype(np.int32)
        cv2.polylines(drawn, [points], False, _CURVE, 1, cv2.LINE_AA, shift=_FIXED_BITS)
    return drawn


def curves_px(page: Page) -> Iterator[Float32s]:
    """Each curve, in pieces without a gap: pixels (x, y) of the image that was read, float32 [sample, 2]."""
    drawn = np.zeros(page.signal_mv.shape, np.bool_)
    for panel in page.panels:
        lead = LEADS.index(panel.lead)
        own = slice(round(panel.start_s * SIGNAL_RATE_HZ), round(panel.stop_s * SIGNAL_RATE_HZ))
        fresh = ~np.isnan(page.signal_mv[lead, own]) & ~drawn[lead, own]
        drawn[lead, own] |= fresh
        points = _on_picture(page.nodes_px, _on_sheet_mm(panel, page.signal_mv[lead, own]))
        yield from (points[first:stop] for first, stop in _runs(fresh))


def _on_sheet_mm(panel: ReadPanel, samples_mv: Float32s) -> Float64s:
    """Places of a panel's samples on the flat sheet, float64 [sample, (x, y)] in mm."""
    x = panel.x_mm + np.arange(samples_mv.size) / SIGNAL_RATE_HZ * panel.speed_mm_s
    return np.stack([x, panel.baseline_mm - samples_mv.astype(np.float64) * panel.gain_mm_mv], axis=1)


def _on_picture(nodes_px: Float32s, places_mm: Float64s) -> Float32s:
    """Pixels of the picture for places on the sheet; node k stands at (k + .5) nodes from its edge."""
    at = (places_mm / NODE_MM - 0.5).astype(np.float32)
    x, y = np.ascontiguousarray(at[:, 0])[None], np.ascontiguousarray(at[:, 1])[None]
    found = cv2.remap(nodes_px, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found[0], np.float32)


def _runs(known: Bools) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], known.astype(np.int8), [0]])))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
