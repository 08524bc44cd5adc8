"""A plain print whose curves are known: two rows of two panels each, and a strip."""

import cv2
import numpy as np
import pytest

from ecgclip.simulation.prints.printed import Curve, Print, blank_planes

PX_PER_MM = 200 / 25.4


@pytest.fixture
def plain() -> Print:
    """Sines of .8 mV on a grid of 1 and 5 mm, 160 x 110 mm."""
    shape = round(110 * PX_PER_MM), round(160 * PX_PER_MM)
    page = np.full((*shape, 3), 255, np.uint8)
    for mm in range(161):
        shade = (235, 150, 150) if mm % 5 == 0 else (250, 215, 215)
        at = round(mm * PX_PER_MM)
        cv2.line(page, (at, 0), (at, shape[0]), shade, 2 if mm % 5 == 0 else 1)
        cv2.line(page, (0, at), (shape[1], at), shade, 2 if mm % 5 == 0 else 1)
    trace, pulses, marks = blank_planes(shape)
    curves = (
        sine("I", 10.0, 70.0, 25.0),
        sine("II", 10.0, 70.0, 55.0),
        sine("aVR", 72.0, 132.0, 25.0),
        sine("aVL", 72.0, 132.0, 55.0),
        sine("V1", 10.0, 132.0, 85.0),
    )
    for curve in curves:
        points = np.stack([curve.x_mm, curve.y_mm], axis=1) * PX_PER_MM - 0.5
        for picture, ink in ((page, (20, 20, 20)), (trace, 255)):
            cv2.polylines(
                picture, [np.round(points * 16).astype(np.int32)], False, ink, 2, cv2.LINE_AA, shift=4
            )
    return Print(page, trace, pulses, marks, curves, layout="2x2+1R(V1)")


def sine(lead: str, start_mm: float, stop_mm: float, baseline_mm: float) -> Curve:
    x_mm = np.linspace(start_mm, stop_mm, 600, dtype=np.float32)
    y_mm = baseline_mm - 8 * np.sin((x_mm - start_mm) / 3)
    return Curve(lead, x_mm, y_mm.astype(np.float32), baseline_mm, 0.0)
