"""The page's outline against drawn pages, and the page's own grid against patterns around it."""

import cv2
import numpy as np
import pytest

from ecgclip.paper.render import render
from ecgclip.paper.styles import random_style
from ecgclip.photo.grid.find_grid import find_grid
from ecgclip.photo.grid.page_outline import page_outline
from ecgclip.photo.loading.illumination import separate_planes
from ecgclip.records.ecg import Ecg
from ecgclip.typing import Float32s, Rgb

PAGE_PX = 200 / 25.4
"""Pixels per millimetre of a rendered page."""


def on_cloth(page: Rgb, cloth: Rgb, corners: Float32s) -> Rgb:
    """The page laid over a cloth with its corners, float [4, 2], at given pixels."""
    height, width = page.shape[:2]
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    warp = cv2.getPerspectiveTransform(source, corners)
    size = cloth.shape[1], cloth.shape[0]
    drawn = cv2.warpPerspective(page, warp, size, flags=cv2.INTER_AREA)
    inside = cv2.warpPerspective(np.full((height, width), 255, np.uint8), warp, size)
    return np.where(inside[..., None] > 127, drawn, cloth).astype(np.uint8)


def checks(size: tuple[int, int], square_px: int) -> Rgb:
    """A tablecloth of red and dark squares that crossing stripes make."""
    y, x = np.mgrid[: size[0], : size[1]] // square_px % 2
    shade = np.stack([120 + 60 * (x + y) // 2, 20 + 50 * x * y, 20 + 50 * x * y], axis=-1)
    return shade.astype(np.uint8)


CORNERS = np.array([[420, 260], [1450, 300], [1420, 1080], [380, 1010]], np.float32)


def test_the_corners_of_a_page_on_a_desk() -> None:
    desk = np.full((1300, 1800, 3), (90, 60, 40), np.uint8)
    found = page_outline(on_cloth(np.full((800, 1100, 3), 235, np.uint8), desk, CORNERS))
    assert found is not None
    nearest = np.linalg.norm(found[:, None] - CORNERS[None], axis=2).min(axis=0)
    assert nearest.max() < 24.0, "the picture is read at a seventh of its size"


@pytest.mark.parametrize(
    "picture",
    [
        np.full((900, 1200, 3), 240, np.uint8),
        np.random.default_rng(0).integers(0, 255, (900, 1200, 3)).astype(np.uint8),
    ],
    ids=["page fills the frame", "noise"],
)
def test_no_page_stands_out(picture: Rgb) -> None:
    assert page_outline(picture) is None


@pytest.mark.parametrize("square_px", [23, 37])
def test_a_checked_tablecloth_does_not_win_over_the_page(ecg: Ecg, square_px: int) -> None:
    page = render(ecg, "3x4+1R", random_style(np.random.default_rng(5))).array
    cloth = checks((1300, 1800), square_px)
    picture = on_cloth(page, cloth, CORNERS)
    grid = find_grid(separate_planes(picture).dark, page_outline(picture))
    assert grid is not None
    width, height = page.shape[1] / PAGE_PX, page.shape[0] / PAGE_PX
    paper_mm = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    to_page = cv2.getPerspectiveTransform(CORNERS, paper_mm)
    centre = np.array([[[900.0, 650.0], [901.0, 650.0], [900.0, 651.0]]])
    areas = []
    for homography in (grid.to_mm, to_page):
        a, b, c = cv2.perspectiveTransform(centre, homography)[0]
        areas.append(abs(np.linalg.det(np.stack([b - a, c - a]))))
    assert np.sqrt(areas[0] / areas[1]) == pytest.approx(1.0, abs=0.01)
