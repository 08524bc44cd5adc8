"""Bars and frames drawn around pictures are cut off; the margin of a print stays."""

import numpy as np
import pytest

from ecgclip.paper.render import render
from ecgclip.photo.loading.bars import content_box, without_bars
from ecgclip.photo.loading.frame import Box
from ecgclip.photo.loading.load import Picture
from ecgclip.photo.rectify import rectify
from ecgclip.records.ecg import Ecg
from ecgclip.simulation.camera import photograph
from ecgclip.typing import Rgb


def noisy(height: int, width: int) -> Rgb:
    """A photo of something: no two pixels alike, light and dark places."""
    rng = np.random.default_rng(4)
    coarse = np.kron(rng.integers(120, 220, (height // 20, width // 20, 3)), np.ones((20, 20, 1)))
    return np.clip(coarse + rng.normal(0, 12, coarse.shape), 0, 255).astype(np.uint8)


def framed(rgb: Rgb, *bars: tuple[tuple[int, int, int, int], tuple[int, int, int]]) -> Rgb:
    """Bars (left, top, right, bottom) in pixels and their colour, from the innermost outwards."""
    for (left, top, right, bottom), colour in bars:
        height, width = rgb.shape[:2]
        around = np.empty((top + height + bottom, left + width + right, 3), np.uint8)
        around[:] = colour
        around[top : top + height, left : left + width] = rgb
        rgb = around
    return rgb


@pytest.mark.parametrize(
    ("bars", "corner"),
    [
        ([((0, 170, 0, 180), (0, 0, 0))], (0, 170)),
        ([((3, 3, 3, 3), (200, 190, 20))], (3, 3)),
        ([((4, 4, 4, 4), (0, 0, 0)), ((80, 0, 80, 0), (255, 255, 255))], (84, 4)),
        ([((60, 0, 60, 0), (255, 255, 255))], (60, 0)),
    ],
    ids=["letterbox", "coloured frame", "frame on a slide", "slide"],
)
def test_bars_of_any_colour_are_cut(
    bars: list[tuple[tuple[int, int, int, int], tuple[int, int, int]]], corner: tuple[int, int]
) -> None:
    inner = noisy(400, 600)
    found = content_box(framed(inner, *bars))
    left, top = corner
    assert abs(found.left - left) <= 3
    assert abs(found.top - top) <= 3
    assert abs(found.right - left - 600) <= 3
    assert abs(found.bottom - top - 400) <= 3


@pytest.mark.parametrize(
    "picture", [noisy(400, 600), np.full((400, 600, 3), 250, np.uint8)], ids=["photo", "blank"]
)
def test_nothing_is_cut_where_there_is_no_bar(picture: Rgb) -> None:
    assert content_box(picture) == Box(0, 0, 600, 400)


def test_the_margin_of_a_print_stays(ecg: Ecg) -> None:
    page = render(ecg, "3x4+1R", "letter").array
    assert content_box(page) == Box(0, 0, page.shape[1], page.shape[0])


def test_a_thin_frame_of_many_colours_is_cut() -> None:
    picture = framed(noisy(400, 600), ((3, 3, 3, 3), (0, 0, 0)))
    dither = np.random.default_rng(1).integers(0, 2, (*picture.shape[:2], 1))
    frame = (np.where(dither, (220, 200, 30), (40, 90, 20)) * 0.3).astype(np.uint8)
    frame[3:-3, 3:-3] = picture[3:-3, 3:-3]
    found = content_box(frame)
    assert 3 <= found.left <= 6
    assert 3 <= found.top <= 6
    assert 600 <= found.right <= 603


def test_ink_in_a_light_margin_keeps_it() -> None:
    picture = framed(noisy(400, 600), ((0, 40, 0, 0), (255, 255, 255)))
    picture[30:38, 300:303] = 0
    assert content_box(picture).top == 0


def test_a_part_of_a_picture_knows_where_it_was() -> None:
    picture = Picture(noisy(400, 600), 2.0, origin_px=(10.0, 20.0))
    part = picture.cropped(Box(30, 50, 600, 400))
    point = np.array([[5.0, 7.0]], np.float32)
    assert part.to_original(point).tolist() == [[2 * 35 + 10, 2 * 57 + 20]]
    assert without_bars(picture) is picture


def test_a_letterboxed_photo_is_read_where_it_stands(ecg: Ecg) -> None:
    page = render(ecg, "3x4+1R", "pink").array
    photo = photograph(page, "S1", np.random.default_rng(2)).image
    plain = rectify(photo)
    boxed = rectify(framed(photo, ((150, 700, 150, 800), (0, 0, 0))))
    assert plain.accepted
    assert boxed.accepted
    assert boxed.layout == plain.layout
    np.testing.assert_allclose(boxed.corners - [150, 700], plain.corners, atol=25.0)  # a node is 20 px
