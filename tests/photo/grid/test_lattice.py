"""Spectra, lattices and their search against grids and waves drawn by closed formulas."""

import numpy as np
import pytest

from ecgclip.photo.grid.find_grid import find_grid
from ecgclip.photo.grid.lattice import read_lattice, refined_lattice
from ecgclip.photo.grid.lattice_candidates import candidate_lattices
from ecgclip.photo.grid.perspective import fitted, gradients, sheet_views, tile_frame
from ecgclip.photo.grid.tile_spectra import Spectra, peaks, tile_spectra, values_at
from ecgclip.typing import Float64s, Uint8s


def waves(size: int, bins: tuple[float, float], darkness: float = 40.0) -> Uint8s:
    y, x = np.mgrid[:size, :size] / size
    noise = np.random.default_rng(0).normal(0, 1, (size, size))
    return np.asarray(60 + darkness * np.cos(2 * np.pi * (bins[0] * x + bins[1] * y)) + noise, np.uint8)


def lined(size: tuple[int, int], to_squares: Float64s, darkness: float, noise: float) -> Uint8s:
    """Lines where the homography's coordinates are whole numbers, on noisy paper."""
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float64)
    u, v, w = np.einsum("ij,jyx->iyx", to_squares, np.stack([x, y, np.ones_like(x)]))
    off = [
        np.abs((part / w + 0.5) % 1 - 0.5) / np.hypot(*row[:2])
        for part, row in ((u, to_squares[0]), (v, to_squares[1]))
    ]
    dark = darkness * np.maximum(*[np.exp(-(distance**2)) for distance in off])
    return np.clip(20 + dark + np.random.default_rng(0).normal(0, noise, size), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("bins", [(20.3, 7.6), (0.0, 33.4), (31.2, 0.0), (18.7, -25.1), (-18.7, 25.1)])
def test_a_wave_is_one_peak_at_its_frequency(bins: tuple[float, float]) -> None:
    spectra = tile_spectra(waves(256, bins))
    assert spectra is not None
    near = np.array([[np.rint(bins)]])
    place, height = peaks(spectra, near, 2)
    np.testing.assert_allclose(place[0, 0], bins, atol=0.1)
    assert height[0, 0] > 3.0
    assert values_at(spectra, near)[0, 0] > 2.0
    assert values_at(spectra, near * 1.7)[0, 0] < 2.0


def test_frequencies_beyond_the_spectrum_are_unknown() -> None:
    spectra = tile_spectra(waves(256, (20.0, 7.0)))
    assert spectra is not None
    beyond = np.array([[[127.5, 0.0], [10.0, 200.0]]])
    assert np.isnan(values_at(spectra, beyond)).all()
    assert np.isnan(peaks(spectra, beyond, 1)[1]).all()


def test_lattice_vectors_are_the_gradients_of_the_homography() -> None:
    parameters = np.array([10.0, 1.0, -2.0, 9.0, 0.15, -0.1])

    def squares(point: Float64s) -> Float64s:
        return parameters[:4].reshape(2, 2) @ point / (1 + parameters[4:] @ point)

    points = np.random.default_rng(0).uniform(-1, 1, (7, 2))
    for point, found in zip(points, gradients(parameters, points), strict=True):
        for axis in (0, 1):
            step = 1e-6 * np.eye(2)[axis]
            truth = (squares(point + step) - squares(point - step)) / 2e-6
            np.testing.assert_allclose(found[:, axis], truth, rtol=1e-6)


def test_views_have_square_squares_at_the_centre() -> None:
    views = sheet_views(np.array([[0.0, 0.0], [0.1, -0.2]]), np.deg2rad([0.0, 30.0]))
    areas = np.abs(np.linalg.det(gradients(views, np.zeros((1, 2)))[:, 0]))
    np.testing.assert_allclose(areas, 1.0, rtol=1e-9)
    np.testing.assert_allclose(
        gradients(views[1], np.zeros((1, 2)))[0] @ [np.cos(np.pi / 6), 0.5], [1, 0], atol=1e-9
    )


def test_solving_finds_the_homography_that_made_the_vectors() -> None:
    truth = np.array([10.0, 1.0, -2.0, 9.0, 0.15, -0.1])
    points = np.random.default_rng(1).uniform(-1, 1, (30, 2))
    start = np.array([9.6, 0.7, -1.6, 9.3, 0.0, 0.0])
    found = start
    for _ in range(4):
        found = fitted(found, points, gradients(truth, points), np.ones((30, 2)), free=6)
    np.testing.assert_allclose(found, truth, atol=0.01)


def test_a_grid_too_faint_for_any_single_tile_is_found_in_all() -> None:
    """Lines of 2 grey levels under noise of 6: pooled, they stand out; the period is exact."""
    square_px = 22.0
    turn = np.deg2rad(7.0)
    to_squares = np.array(
        [[np.cos(turn), np.sin(turn), 0.0], [-np.sin(turn), np.cos(turn), 0.0], [2e-5, -3e-5, 1.0]]
    )
    to_squares[:2] /= square_px
    grid = find_grid(lined((1000, 1300), to_squares, 5.0, 6.0))
    assert grid is not None
    assert grid.score > 4.0
    w = to_squares[2] @ [650.0, 500.0, 1.0]
    truth_mm2 = 25 * abs(np.linalg.det(to_squares)) / w**3
    v = grid.to_mm[2] @ [650.0, 500.0, 1.0]
    assert abs(np.linalg.det(grid.to_mm)) / abs(v) ** 3 == pytest.approx(truth_mm2, rel=0.01)


def test_what_noise_alone_scores() -> None:
    noise = np.random.default_rng(2).normal(40, 12, (1000, 1300)).clip(0, 255).astype(np.uint8)
    grid = find_grid(noise)
    assert grid is None or grid.score < 3.0


def test_the_best_start_lies_near_the_truth_and_is_followed_to_it() -> None:
    square_px = 20.0
    to_squares = np.array([[1 / square_px, 0.0, 0.0], [0.0, 1 / square_px, 0.0], [1e-4, 5e-5, 1.0]])
    spectra = tile_spectra(lined((800, 1000), to_squares, 60.0, 3.0))
    assert isinstance(spectra, Spectra)
    frame = tile_frame(spectra.centers)
    start = candidate_lattices(spectra, frame, 1)[0]
    lattice = refined_lattice(spectra, spectra.widened(1), frame, start)
    assert lattice.clarity > read_lattice(spectra.widened(1), frame, start).clarity - 0.1
    found = np.sort(np.linalg.norm(gradients(lattice.parameters, frame.points), axis=2), axis=1)
    w = 1 + spectra.centers @ to_squares[2, :2]
    area = spectra.size**2 * np.linalg.det(to_squares) / w**3
    np.testing.assert_allclose(found.prod(axis=1), area, rtol=0.02)
