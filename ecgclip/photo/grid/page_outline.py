"""The outline of a bright page on a darker desk: its own grid is sought first, so that no tablecloth wins."""

from typing import Final

import cv2
import numpy as np

from ecgclip.typing import Float32s, Int32s, Rgb, Uint8s

_LONG_SIDE_PX: Final = 256
_SMALLEST, _LARGEST = 0.1, 0.85
"""Shares of the picture that a page covers which can be distinguished from its desk."""
_FILLED: Final = 0.85
"""Share of its hull that a page fills, and share of its hull that four corners must explain."""
_BRIGHTER: Final = 25.0
"""Grey levels by which the page's median exceeds that of what lies around it."""
_CORNERS: Final = 4


def page_outline(rgb: Rgb) -> Float32s | None:
    """Corners of the page in pixels, float32 [4, 2]; None where no single bright page stands out.

    rgb: uint8 [y, x, 3]. A shadow across the page may cut off a part of it.
    """
    shrink = max(1.0, max(rgb.shape[:2]) / _LONG_SIDE_PX)
    size = max(1, round(rgb.shape[1] / shrink)), max(1, round(rgb.shape[0] / shrink))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    white = np.asarray(cv2.medianBlur(small.min(axis=2), 5), np.uint8)
    _, bright = cv2.threshold(white, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    around = np.ones((7, 7), np.uint8)
    solid = cv2.morphologyEx(cv2.morphologyEx(bright, cv2.MORPH_OPEN, around), cv2.MORPH_CLOSE, around)
    contours, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return None
    page = np.asarray(max(contours, key=cv2.contourArea), np.int32)
    corners = _four_corners(page)
    if corners is None or not _plausible(page, white):
        return None
    return np.asarray((corners + 0.5) * shrink - 0.5, np.float32)


def _four_corners(contour: Int32s) -> Float32s | None:
    """The corners of the contour's hull where four of them explain it."""
    hull = cv2.convexHull(contour)
    length, area = cv2.arcLength(hull, True), cv2.contourArea(hull)
    for tolerance in (0.02, 0.04, 0.06):
        corners = cv2.approxPolyDP(hull, tolerance * length, True)
        if len(corners) == _CORNERS:
            explains = cv2.contourArea(corners) > _FILLED * area
            return corners[:, 0].astype(np.float32) if explains else None
    return None


def _plausible(contour: Int32s, white: Uint8s) -> bool:
    """Whether a contour is solid, neither tiny nor the whole picture, and brighter than all around."""
    hull = cv2.convexHull(contour)
    share = cv2.contourArea(hull) / white.size
    if not _SMALLEST < share < _LARGEST or cv2.contourArea(contour) < _FILLED * cv2.contourArea(hull):
        return False
    inside = cv2.fillConvexPoly(np.zeros(white.shape, np.uint8), hull, 1) > 0
    if inside.all():
        return False
    return float(np.median(white[inside])) > float(np.median(white[~inside])) + _BRIGHTER
