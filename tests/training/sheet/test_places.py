import cv2
import numpy as np
import pytest

from ecgclip.simulation.prints.printed import Box, Curve, Word
from ecgclip.training.sheet.places import NODES, panel_lines, sheet_px, word_boxes


def wavy(rng: np.random.Generator, turn: float = 0.02) -> np.ndarray:
    """Nodes 2.5 mm apart, turned, scaled, moved and bent by some tenths of a millimetre."""
    x, y = np.meshgrid(np.arange(60) * 2.5, np.arange(40) * 2.5)
    waves = cv2.GaussianBlur(rng.normal(0, 6, (40, 60, 2)).astype(np.float32), (0, 0), 5)
    cos, sin = 1.03 * np.cos(turn), 1.03 * np.sin(turn)
    return (np.stack([cos * x - sin * y + 12, sin * x + cos * y - 7], axis=-1) + waves).astype(np.float32)


@pytest.mark.parametrize("turn", [0.02, 3.1, 1.6])
def test_points_are_found_where_the_map_puts_them(turn):
    rng = np.random.default_rng(1)
    page_mm = wavy(rng, turn)
    at = rng.uniform([0, 0], [58, 38], (200, 2)).astype(np.float32)
    points = cv2.remap(page_mm, at[None, :, 0], at[None, :, 1], cv2.INTER_LINEAR)[0]
    # remap rounds places to 1/32 of a node, a third of a pixel
    assert np.abs(sheet_px(points.astype(np.float64), page_mm) - ((at + 0.5) * 10 - 0.5)).max() < 0.5


def test_beyond_the_sheet_the_map_goes_on():
    x, y = np.meshgrid(np.arange(20) * 2.5, np.arange(10) * 2.5)
    page_mm = np.stack([x, y], axis=-1).astype(np.float32)
    places = sheet_px(np.array([[-5.0, 2.5], [60.0, 40.0]]), page_mm)
    assert np.allclose(places, [[-15.5, 14.5], [244.5, 164.5]], atol=1e-3)


def test_a_line_spans_what_is_drawn_of_its_curve():
    x, y = np.meshgrid(np.arange(20) * 2.5, np.arange(10) * 2.5)
    page_mm = np.stack([x, y], axis=-1).astype(np.float32)
    drawn = np.array([np.nan, 4, 5, np.nan, 4, np.nan], np.float32)
    curve = Curve("V1", np.arange(6, dtype=np.float32) * 5, drawn, 10.0, 0.0)
    lines = panel_lines((curve, Curve("V2", drawn, drawn * np.nan, 0.0, 0.0)), page_mm)
    assert lines.shape == (1, NODES, 2)
    assert np.allclose(lines[0, [0, -1]], [[24.5, 44.5], [84.5, 44.5]], atol=1e-3)
    assert panel_lines((), page_mm).shape == (0, NODES, 2)


def test_boxes_are_upright_and_know_their_class():
    x, y = np.meshgrid(np.arange(20) * 2.5, np.arange(10) * 2.5)
    page_mm = np.stack([x, y], axis=-1).astype(np.float32)
    words = (Word("lead", "II", Box(5, 5, 10, 7.5)), Word("gain", "40", Box(0, 0, 1, 1)))
    boxes = word_boxes(words, page_mm)
    assert np.allclose(boxes[0], [24.5, 24.5, 44.5, 34.5, 1], atol=1e-3)
    assert boxes[1, 4] == -1
    assert word_boxes((), page_mm).shape == (0, 5)
