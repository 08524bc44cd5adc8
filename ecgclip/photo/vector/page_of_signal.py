"""A `Page` of a signal that was read from paths: drawn as a record is, with its place on the sheet."""

from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from ecgclip.paper.geometry import CANONICAL, CANONICAL_PX_PER_MM
from ecgclip.paper.page import CanonicalPage
from ecgclip.paper.raster import ink_page
from ecgclip.paper.traces import record_traces
from ecgclip.photo.flat.dewarp import NODE_MM
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.loading.frame import LONG_SIDE_PX
from ecgclip.photo.page import Page, ReadPanel
from ecgclip.photo.signal import SIGNAL_RATE_HZ, with_stand_ins
from ecgclip.photo.vector.reading import Place
from ecgclip.records.ecg import Ecg
from ecgclip.typing import Float64s, Signal, Uint8s

_MARGIN_MM: Final = 5.0
_WIDEST_MM: Final = 1000.0
_PEN_PX: Final = 1


def page_of_signal(
    signal_mv: Signal, place: Place, *, layout: str, confidence: float, warnings: tuple[str, ...]
) -> Page:
    """The accepted page of a signal, float32 [12, sample] in mV at 500 Hz, NaN where nothing is shown."""
    left, top, right, bottom = _frame(place)
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    half = NODE_MM / 2
    x, y = np.arange(left + half, right + half, NODE_MM), np.arange(top + half, bottom + half, NODE_MM)
    nodes = np.stack(np.meshgrid(x, y), axis=-1)
    ahead = _input_px(np.array([[left, top], [left + 1, top]]), place)
    along = ahead[1] - ahead[0]
    return Page(
        accepted=True,
        reason="",
        confidence=confidence,
        image=_drawn(place),
        canonical=_canonical(signal_mv, warnings),
        corners=_input_px(corners, place).astype(np.float32),
        px_per_mm=FLAT_PX_PER_MM,
        input_px_per_mm=float(np.hypot(*along)),
        rotation_deg=float(np.degrees(np.arctan2(along[1], along[0]))),
        layout=layout,
        kind="pdf",
        nodes_px=_input_px(nodes, place).astype(np.float32),
        signal_mv=signal_mv,
        panels=_panels(place),
    )


def _canonical(signal_mv: Signal, warnings: tuple[str, ...]) -> CanonicalPage:
    """As a record's, but for the ink of seconds that are not shown (`signal.with_stand_ins`)."""
    inked = Ecg(with_stand_ins(signal_mv), float(SIGNAL_RATE_HZ))
    traces = record_traces(Ecg(signal_mv, float(SIGNAL_RATE_HZ)))
    return CanonicalPage(ink_page(inked, CANONICAL, CANONICAL_PX_PER_MM), traces, warnings)


def _panels(place: Place) -> tuple[ReadPanel, ...]:
    """The panels from the top left corner of what is shown."""
    left, top, _, _ = _frame(place)
    return tuple(
        replace(panel, x_mm=panel.x_mm - left, baseline_mm=panel.baseline_mm - top) for panel in place.panels
    )


def _frame(place: Place) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what the traces fill, in mm of the grid."""
    left = min(curve.left for curve in place.curves) - _MARGIN_MM
    right = min(max(curve.right for curve in place.curves) + _MARGIN_MM, left + _WIDEST_MM)
    top = min(float(curve.y_mm.min()) for curve in place.curves) - _MARGIN_MM
    bottom = max(float(curve.y_mm.max()) for curve in place.curves) + _MARGIN_MM
    return left, top, right, min(bottom, top + _WIDEST_MM)


def _drawn(place: Place) -> Uint8s:
    """The traces alone, dark on white, uint8 [y, x] at `FLAT_PX_PER_MM`: words may name the patient."""
    left, top, right, bottom = _frame(place)
    size = round((bottom - top) * FLAT_PX_PER_MM), round((right - left) * FLAT_PX_PER_MM)
    sheet = np.full(size, 255, np.uint8)
    for curve in place.curves:
        points = np.stack([curve.x_mm - left, curve.y_mm - top], axis=1) * FLAT_PX_PER_MM
        exact = np.round(np.clip(points, -1e4, 1e4) * 16).astype(np.int32)
        cv2.polylines(sheet, [exact], False, (0,), _PEN_PX, cv2.LINE_AA, shift=4)
    return sheet


def _input_px(points: Float64s, place: Place) -> Float64s:
    """Where points [..., 2] in mm of the grid stand on the page as a picture, in pixels."""
    points = points * np.array(place.scale)
    width, height = np.array(place.size_mm) * np.array(place.scale)
    for _ in range(place.quarters % 4):  # turned back, a quarter at a time
        points = np.stack([points[..., 1], width - points[..., 0]], axis=-1)
        width, height = height, width
    return np.asarray(points * LONG_SIDE_PX / max(width, height), np.float64)
