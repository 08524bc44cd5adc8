"""One drawn sheet with curves, a pulse, a separator and words, whose places are known exactly."""

import cv2
import numpy as np
import pytest

from ecgclip.paper.raster import PRINT_PX_PER_MM
from ecgclip.simulation.prints.printed import Box, Curve, Print, Pulse, Word

WIDTH_MM, HEIGHT_MM = 180, 120
NAMES = ("I", "V1", "II", "V2", "III", "V3")


def _px(mm: float) -> int:
    return round(mm * PRINT_PX_PER_MM)


@pytest.fixture(scope="session")
def printed() -> Print:
    """Three rows of two panels: lead names above their starts, a pulse before each row, one separator."""
    rgb = np.full((_px(HEIGHT_MM), _px(WIDTH_MM), 3), 255, np.uint8)
    for mm in range(max(WIDTH_MM, HEIGHT_MM)):
        tone = (250, 190, 190) if mm % 5 else (235, 130, 130)
        rgb[:, _px(mm)] = rgb[min(_px(mm), len(rgb) - 1)] = tone
    planes = [np.zeros(rgb.shape[:2], np.uint8) for _ in range(3)]
    curves, words, pulses = [], [], []
    for row, baseline in enumerate((30, 60, 90)):
        _stroke(planes[1], [(10, baseline), (12, baseline), (12, baseline - 10), (16, baseline - 10)])
        pulses.append(Pulse(Box(10, baseline - 10, 16, baseline), 10))
        for column, start in enumerate((20, 90)):
            lead = NAMES[2 * row + column]
            x = np.linspace(start, start + 70, 281)
            y = baseline - 8 * np.exp(-(((x - start) % 20 - 10) ** 2))
            _stroke(planes[0], np.stack([x, y], axis=1))
            curves.append(Curve(lead, x.astype(np.float32), y.astype(np.float32), baseline, 0.0))
            words.append(_word(rgb, "lead", lead, lead, start + 2, baseline - 12))
    _stroke(planes[2], [(90, 15), (90, 105)])
    words.append(_word(rgb, "speed", "25", "25 mm/s", 20, 112))
    words.append(_word(rgb, "gain", "10", "10 mm/mV", 60, 112))
    rgb[np.maximum.reduce(planes) > 0] = 20
    return Print(rgb, *planes, tuple(curves), tuple(words), tuple(pulses), layout="3x2")


def _stroke(plane: np.ndarray, points_mm: object) -> None:
    points = np.round(np.asarray(points_mm, float) * PRINT_PX_PER_MM).astype(np.int32)
    cv2.polylines(plane, [points], False, 255, 3)


def _word(rgb: np.ndarray, kind: str, value: str, text: str, x_mm: float, y_mm: float) -> Word:
    """Written in capitals of 3 mm; (x_mm, y_mm): left end of their foot."""
    scale = cv2.getFontScaleFromHeight(cv2.FONT_HERSHEY_SIMPLEX, _px(3), 2)
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 2)
    cv2.putText(rgb, text, (_px(x_mm), _px(y_mm)), cv2.FONT_HERSHEY_SIMPLEX, scale, (20, 20, 20), 2)
    box = Box(x_mm, y_mm - height / PRINT_PX_PER_MM, x_mm + width / PRINT_PX_PER_MM, y_mm)
    return Word(kind, value, box)
