"""The truth of a photo against what its pixels show."""

import dataclasses

import numpy as np
import pytest

from ecgclip.simulation.camera import Level, level_names, load_level, photograph, replay, sample_shot
from ecgclip.simulation.camera.photograph import Photo
from ecgclip.simulation.camera.view import View, place

PX_PER_MM = 6.0
LIGHTLESS = {
    "moire": (0.0, 0.0),
    "gradient": (0.0, 0.0),
    "shadow": (0.0, 0.0),
    "tone": (0.0, 0.0),
    "noise": (0.0, 0.0),
    "blur": (0.0, 0.0),
}
"""What changes the picture but not the places; without it a dot's middle is measured well."""


def dot_middle(photo: Photo, near: np.ndarray, radius_px: float) -> np.ndarray | None:
    """Middle of the dark spot around a place, None where it is not wholly in the picture."""
    low, high = np.floor(near - radius_px).astype(int), np.ceil(near + radius_px).astype(int) + 1
    if (low < 0).any() or (high > photo.image.shape[1::-1]).any():
        return None
    part = photo.image[low[1] : high[1], low[0] : high[0]].astype(float).mean(axis=2)
    dark = np.maximum(0, np.median(part) * 0.6 - part)
    y, x = np.mgrid[low[1] : high[1], low[0] : high[0]]
    return np.array([(dark * x).sum(), (dark * y).sum()]) / dark.sum()


@pytest.mark.parametrize("name", ["S1", "S2", "S3", "S4", "phone", "train"])
@pytest.mark.parametrize("seed", range(3))
def test_every_dot_stands_where_the_truth_says(
    page: np.ndarray, dots: np.ndarray, name: str, seed: int
) -> None:
    level = dataclasses.replace(
        load_level(name), **LIGHTLESS, jpeg_quality=(95, 95), stain=(0.0, 0.0), toner=(0.0, 0.0)
    )
    level = dataclasses.replace(
        level, handwriting=(0.0, 0.0), cover=(0.0, 0.0), downscale=(1.0, 0.4), px_per_mm=(5.0, 7.0)
    )
    photo = photograph(page, level, np.random.default_rng(seed), PX_PER_MM)
    scale = photo.mapping.scale[0] * photo.shot.view.px_per_mm
    found = 0
    for place_px in photo.to_photo(dots):
        middle = dot_middle(photo, place_px, 2.6 * scale)
        if middle is not None:
            found += 1
            # A dot on a facet's edge is bent; its middle then moves by a part of a pixel.
            assert np.hypot(*(middle - place_px)) < 0.12 * scale
    assert found > len(dots) / 2


@pytest.mark.parametrize("name", level_names())
def test_to_page_undoes_to_photo(page: np.ndarray, dots: np.ndarray, name: str) -> None:
    for seed in range(2):
        photo = photograph(page, name, np.random.default_rng(seed), PX_PER_MM)
        assert photo.to_page(photo.to_photo(dots)) == pytest.approx(dots, abs=0.02)


def test_corners_are_those_of_the_page(page: np.ndarray) -> None:
    photo = photograph(page, "S2", np.random.default_rng(1), PX_PER_MM)
    corners = np.array([(0, 0), (180, 0), (180, 120), (0, 120)], float)
    assert photo.to_page(photo.corners.astype(float)) == pytest.approx(corners, abs=0.05)


def test_level_zero_is_the_page_itself(page: np.ndarray, dots: np.ndarray) -> None:
    photo = photograph(page, "S0", np.random.default_rng(0), PX_PER_MM)
    assert np.array_equal(photo.image, page)
    assert photo.to_photo(dots) == pytest.approx(dots * PX_PER_MM - 0.5, abs=1e-3)


@pytest.mark.parametrize(
    ("turn", "corner"), [(0.0, (0, 0)), (90.0, (1, 0)), (180.0, (1, 1)), (270.0, (0, 1))]
)
def test_a_quarter_turn_takes_the_top_left_corner_clockwise(turn: float, corner: tuple[int, int]) -> None:
    view = View(turn, ((0.0, 0.0),) * 4, 5.0, (0.0, 0.0, 0.0, 0.0))
    matrix, (width, height) = place(view, (100.0, 60.0))
    assert (width, height) == ((500, 300) if turn % 180 == 0 else (300, 500))
    at = matrix @ np.array([0.0, 0.0, 1.0])
    assert at[:2] / at[2] == pytest.approx((corner[0] * width - 0.5, corner[1] * height - 0.5), abs=1e-2)


def test_margins_are_room_around_the_page() -> None:
    view = View(0.0, ((0.0, 0.0),) * 4, 4.0, (0.1, 0.2, 0.3, 0.4))
    matrix, frame = place(view, (100.0, 50.0))
    assert frame == (round(400 * 1.4), round(200 * 1.6))
    at = matrix @ np.array([0.0, 0.0, 1.0])
    assert at[:2] / at[2] == pytest.approx((0.1 * 400 - 0.5, 0.2 * 200 - 0.5), abs=1e-3)


def test_perspective_stays_within_its_level(page: np.ndarray) -> None:
    level = Level(perspective=0.12, px_per_mm=(5.0, 5.0))
    for seed in range(20):
        shot = sample_shot(level, np.random.default_rng(seed))
        assert shot.view is not None
        assert np.abs(shot.view.jitter).max() <= 0.06


def test_a_replayed_shot_is_the_same_photo(page: np.ndarray) -> None:
    for name in ("S3", "S4", "train"):
        photo = photograph(page, name, np.random.default_rng(7), PX_PER_MM)
        again = replay(page, photo.shot, PX_PER_MM)
        assert np.array_equal(photo.image, again.image)
        assert np.array_equal(photo.corners, again.corners)
