"""Grid, perspective and displacement against grids drawn by closed formulas."""

import cv2
import numpy as np
import pytest

from ecgclip.paper.render import render
from ecgclip.paper.styles import random_style
from ecgclip.photo.flat.dewarp import NODE_MM, grid_displacement
from ecgclip.photo.flat.ink import notch
from ecgclip.photo.grid.find_grid import find_grid
from ecgclip.photo.loading.illumination import separate_planes
from ecgclip.records.ecg import Ecg
from ecgclip.simulation.camera import photograph
from ecgclip.typing import Float64s, Uint8s


def lines(u: Float64s, distance_mm: float, width_mm: float = 0.3) -> Float64s:
    """1 on lines at multiples of the distance, falling off over the width."""
    off = np.abs((u / distance_mm + 0.5) % 1 - 0.5) * distance_mm
    return np.exp(-((off / width_mm) ** 2))


def squared_paper(to_mm: Float64s, size: tuple[int, int], fine: float, coarse: float) -> Uint8s:
    """Darkness of squared paper: `fine` levels every 1 mm, `coarse` every 5 mm; a lens, some noise."""
    height, width = size
    pixels = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).astype(np.float64)
    mm = cv2.perspectiveTransform(pixels.reshape(1, -1, 2), to_mm).reshape(height, width, 2)
    dark = sum(
        np.maximum(fine * lines(mm[..., axis], 1.0, 0.15), coarse * lines(mm[..., axis], 5.0))
        for axis in (0, 1)
    )
    seen = cv2.GaussianBlur(np.clip(dark, 0, 255), (0, 0), 0.8)
    return np.asarray(seen + np.random.default_rng(0).normal(8, 3, size), np.uint8)


def scale_at(to_mm: Float64s, x: float, y: float) -> Float64s:
    """mm per pixel along both axes of the paper, as lengths of the homography's gradients, sorted."""
    points = np.array([[[x, y], [x + 1, y], [x, y + 1]]], np.float64)
    a, b, c = cv2.perspectiveTransform(points, to_mm)[0]
    return np.sort(np.hypot(b - a, c - a))


@pytest.mark.parametrize(
    ("px_per_mm", "angle_deg", "fine", "coarse"),
    [(5.0, 0.0, 0, 80), (4.0, 13.0, 0, 60), (7.0, -20.0, 30, 70), (6.0, 3.0, 60, 60), (5.0, 8.0, 25, 60)],
)
def test_period_and_angle_without_octave_errors(
    px_per_mm: float, angle_deg: float, fine: float, coarse: float
) -> None:
    turn = np.deg2rad(angle_deg)
    to_mm = np.array([[np.cos(turn), np.sin(turn), 0], [-np.sin(turn), np.cos(turn), 0], [0, 0, px_per_mm]])
    grid = find_grid(squared_paper(to_mm / px_per_mm, (900, 1400), fine, coarse))
    assert grid is not None
    found = 1 / np.mean(scale_at(grid.to_mm, 700, 450))
    assert found == pytest.approx(px_per_mm, rel=0.01)


def test_perspective_is_found_from_the_lines_alone() -> None:
    to_mm = np.linalg.inv(np.array([[5.0, 0.4, 30], [-0.3, 5.2, 20], [0.0004, 0.0006, 1]]))
    to_mm /= to_mm[2, 2]
    grid = find_grid(squared_paper(to_mm, (1000, 1400), 0, 80))
    assert grid is not None
    for x, y in ((200, 200), (1200, 200), (700, 500), (200, 800), (1200, 800)):
        np.testing.assert_allclose(scale_at(grid.to_mm, x, y), scale_at(to_mm, x, y), rtol=0.02)


def test_thirds_of_squares_are_not_taken_for_millimetres() -> None:
    """Hair lines 5 mm apart and fainter ones 1 mm apart: all harmonics of the wave are equally strong."""
    rng = np.random.default_rng(0)
    for seed in (2, 4, 5, 6, 12):
        ink = np.full_like(np.eye(12, 5000, dtype=np.float32), np.nan)
        sheet = render(Ecg(ink, 500.0), "3x4+1R", random_style(np.random.default_rng(seed))).array
        picture = photograph(sheet, "S0", rng).image
        grid = find_grid(separate_planes(picture).dark)
        assert grid is not None
        found = 1 / np.mean(scale_at(grid.to_mm, 700, 450))
        assert found == pytest.approx(200 / 25.4, rel=0.01)


def fast_rhythm(bpm: float) -> Ecg:
    """Broad beats at one distance, alike in all leads but for their size."""
    phase = (np.arange(5000) / 500 * bpm / 60) % 1
    waves = ((0.3, 0.08, 1.0), (0.45, 0.08, -0.5), (0.75, 0.1, 0.3))
    beat = sum(height * np.exp(-(((phase - at) / width) ** 2)) for at, width, height in waves)
    sizes = np.array([0.7, 0.4, -0.7, -0.5, 0.7, -0.4, -0.8, -1.6, -1.8, -1.2, 1.0, 0.8])
    return Ecg((sizes[:, None] * beat).astype(np.float32), 500.0)


@pytest.mark.parametrize("seed", [1, 6, 9])
def test_a_fast_rhythm_in_twelve_rows_is_not_taken_for_the_grid(seed: int) -> None:
    """Beats and rows 10 and 12 mm apart repeat along both diagonals, more strongly than the squares."""
    sheet = render(fast_rhythm(152), "12x1", random_style(np.random.default_rng(seed))).array
    picture = photograph(sheet, "S0", np.random.default_rng(0)).image
    grid = find_grid(separate_planes(picture).dark, thorough=True)
    assert grid is not None
    np.testing.assert_allclose(1 / scale_at(grid.to_mm, 700, 450), 200 / 25.4, rtol=0.01)


def test_noise_and_blank_paper_have_no_grid() -> None:
    noise = np.random.default_rng(0).integers(0, 60, (700, 900)).astype(np.uint8)
    blank = np.zeros((700, 900), np.uint8)
    assert find_grid(blank) is None
    found = find_grid(noise)
    assert found is None or found.score * found.coverage < 1.0


def test_displacement_beyond_half_a_square_is_unwrapped() -> None:
    """A fold: to the right of it the paper shifts ever more, to 8 mm, more than a whole square."""
    px_per_mm, width, height = 4.0, 1000, 800
    x, y = np.meshgrid((np.arange(width) + 0.5) / px_per_mm, (np.arange(height) + 0.5) / px_per_mm)
    shift = 8.0 * np.clip((x - 80) / 150, 0, 1)
    dark = np.clip(70 * lines(x + shift, 5.0) + 70 * lines(y, 5.0), 0, 255).astype(np.uint8)
    blank = np.zeros_like(dark)
    found = grid_displacement(dark, blank, blank, px_per_mm, 5.0)
    node_x = (np.arange(found.shift_mm.shape[2]) + 0.5) * NODE_MM
    truth = 8.0 * np.clip((node_x - 80) / 150, 0, 1)
    error = found.shift_mm[0] - truth
    error -= 5.0 * np.round(np.median(error) / 5.0)
    assert np.abs(error[4:-4, 4:-4]).max() < 0.5
    assert np.abs(found.shift_mm[1][4:-4, 4:-4]).max() < 0.1


def test_the_notch_takes_the_grid_and_leaves_the_stroke() -> None:
    ink = np.zeros((400, 600), np.uint8)
    ink[::20] = 70
    ink[:, ::20] = 70
    grid = ink.copy()
    y = np.round(200 + 60 * np.sin(np.arange(600) / 40)).astype(int)
    for offset in (-1, 0, 1):
        ink[y + offset, np.arange(600)] = 180
    left = notch(ink, np.full_like(ink, 255))
    stroke = ink == 180
    assert (left[~stroke] < 10).mean() > 0.99
    assert (left[stroke] > 150).mean() > 0.95
    assert grid[~stroke].mean() > 5
