"""Panels with lines at other distances one way than the other are distinguished from squared paper."""

import numpy as np
import pytest

from ecgclip.paper.render import render
from ecgclip.photo.grid.find_grid import find_grid
from ecgclip.photo.loading.illumination import separate_planes
from ecgclip.photo.rectify import rectify
from ecgclip.records.ecg import Ecg
from ecgclip.simulation.camera import photograph
from ecgclip.typing import Float64s, Rgb


def ruled(along_px: float, across_px: float) -> Rgb:
    """Pink panels whose lines stand so many pixels apart along x and y."""

    def lines(count: int, pitch: float) -> Float64s:
        return np.exp(-((((np.arange(count) / pitch + 0.5) % 1 - 0.5) * pitch) ** 2))

    dark = np.maximum(lines(1300, along_px)[None], lines(900, across_px)[:, None])
    return np.clip(255 - dark[..., None] * [20, 110, 90], 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("along_px", "across_px", "ratio"), [(12.0, 8.0, 1.5), (4.25, 5.9, 0.72), (13.0, 10.7, 1.21)]
)
def test_lines_of_a_plot_make_no_squares(along_px: float, across_px: float, ratio: float) -> None:
    grid = find_grid(separate_planes(ruled(along_px, across_px)).dark)
    assert grid is not None
    assert grid.pitch_ratio == pytest.approx(ratio, rel=0.03)


def test_such_a_drawing_is_read_with_a_warning_at_most(ecg: Ecg) -> None:
    drawing = ruled(12.0, 8.0)
    time = np.arange(1300)
    curve = np.round(450 - 100 * np.exp(-(((time % 200) - 100) ** 2) / 30)).astype(int)
    for thick in range(-2, 3):
        drawing[curve + thick, time] = 0
    page = rectify(drawing)
    assert not page.accepted or any("make no squares" in warning for warning in page.warnings)
    assert page.confidence < 0.7


@pytest.mark.parametrize("style", ["letter", "pink", "green", "beige"])
@pytest.mark.parametrize("level", ["S0", "S2"])
def test_squared_paper_makes_squares_from_any_side(ecg: Ecg, style: str, level: str) -> None:
    picture = photograph(render(ecg, "3x4+1R", style).array, level, np.random.default_rng(5)).image
    grid = find_grid(separate_planes(picture).dark)
    assert grid is not None
    assert grid.pitch_ratio == 1.0
