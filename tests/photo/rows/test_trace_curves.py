"""Curves are drawn as ink and read back."""

import cv2
import numpy as np
import pytest

from ecgclip.photo.rows.trace_curves import read_curves
from ecgclip.typing import Float32s, Float64s


def drawn(curves: list[Float64s], height: int) -> Float32s:
    """Curves [column] in pixels as anti-aliased ink 0..1."""
    canvas = np.zeros((height, curves[0].size), np.uint8)
    for curve in curves:
        points = np.stack([np.arange(curve.size), curve], axis=1) * 16
        cv2.polylines(canvas, [np.round(points).astype(np.int32)[:, None]], False, 255, 2, cv2.LINE_AA, 4)
    return (canvas / 255).astype(np.float32)


def beating(baseline: float, height_px: float, columns: int = 400) -> Float64s:
    x = np.arange(columns)
    beats = sum(np.exp(-0.5 * ((x - peak) / 2.5) ** 2) for peak in range(40, columns, 90))
    waves = sum(np.exp(-0.5 * ((x - peak) / 10) ** 2) for peak in range(68, columns, 90))
    return np.asarray(baseline - height_px * beats - 8 * waves)


def test_a_curve_comes_back() -> None:
    true = beating(150, 60)
    found = read_curves(drawn([true], 260), np.array([150]))[0]
    assert np.median(np.abs(found - true)) < 0.2
    assert np.abs(found - true).mean() < 2.0
    assert np.nanmin(found) == pytest.approx(true.min(), abs=2.5)


def test_what_is_blank_is_not_known() -> None:
    ink = drawn([beating(150, 60)], 260)
    ink[:, 200:260] = 0
    found = read_curves(ink, np.array([150]))[0]
    assert np.isnan(found[203:257]).all()
    assert not np.isnan(found[:197]).any()


def test_crowded_rows_keep_to_themselves() -> None:
    """Beats reach over the row above, as on prints of twelve rows."""
    heights = [100, 147, 194, 241]
    true = [beating(y, 40) for y in heights]
    found = read_curves(drawn(true, 340), np.array(heights))
    for curve, truth in zip(found, true, strict=True):
        away = np.abs(curve - truth)
        assert np.quantile(away, 0.9) < 1.5
        assert np.corrcoef(curve, truth)[0, 1] > 0.8


def test_a_pale_row_is_not_left_for_a_dark_neighbour() -> None:
    true = [beating(100, 30), beating(180, 30)]
    ink = np.maximum(0.6 * drawn(true[:1], 280), drawn(true[1:], 280))
    found = read_curves(ink, np.array([100, 180]))
    assert abs(float(np.nanmedian(found[0])) - 100) < 3
