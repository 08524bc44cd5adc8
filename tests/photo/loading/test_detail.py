"""A part of a large picture is read again from its file, as finely as it is."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from ecgclip.paper.render import render
from ecgclip.photo.loading.decode import as_stored, decode_frame
from ecgclip.photo.loading.frame import Box, Frame
from ecgclip.photo.loading.load import open_document
from ecgclip.photo.rectify import rectify
from ecgclip.records.ecg import Ecg
from ecgclip.typing import Rgb


def file_of(rgb: Rgb, kind: str) -> bytes:
    file = BytesIO()
    Image.fromarray(rgb).save(file, kind, quality=92)
    return file.getvalue()


def blocks(height: int, width: int) -> Rgb:
    shades = np.random.default_rng(3).integers(40, 220, (height // 50, width // 50, 1))
    return np.repeat(np.kron(shades, np.ones((50, 50, 1))), 3, axis=2).astype(np.uint8)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_box_of_the_upright_picture_is_the_same_part_however_it_is_stored(orientation: int) -> None:
    frame = Frame(Image.fromarray(blocks(300, 500)), (500, 300), orientation)
    box = Box(30, 60, 230, 280)
    whole = decode_frame(frame, 2000).rgb
    part = decode_frame(frame, 2000, box).rgb
    np.testing.assert_array_equal(part, whole[60:280, 30:230])
    stored = as_stored(box, (500, 300), orientation)
    assert {stored.right - stored.left, stored.bottom - stored.top} == {200, 220}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_detail_has_the_originals_pixels(kind: str) -> None:
    rgb = blocks(1800, 2400)
    with open_document(file_of(rgb, kind)) as document:
        picture = document.picture(0)
        assert picture.scale == pytest.approx(1.2)
        assert picture.detail is not None
        part = picture.detail(Box(500, 700, 1700, 1700))
    assert part.scale == pytest.approx(1.0)
    assert part.rgb.shape == (1000, 1200, 3)
    assert part.origin_px == (500, 700)
    assert np.abs(part.rgb.astype(int) - rgb[700:1700, 500:1700]).mean() < 3


def test_a_small_picture_has_no_detail() -> None:
    with open_document(file_of(blocks(900, 1200), "PNG")) as document:
        assert document.picture(0).detail is None


def test_a_small_sheet_in_a_large_photo_is_read_from_the_original(ecg: Ecg) -> None:
    page = render(ecg, "3x4+1R", "pink").array
    height = round(1300 * page.shape[0] / page.shape[1])
    photo = np.full((2400, 3200, 3), (90, 70, 50), np.uint8)
    photo[900 : 900 + height, 1700:3000] = np.asarray(Image.fromarray(page).resize((1300, height)))
    read = rectify(file_of(photo, "JPEG"))
    assert read.accepted
    assert read.layout == "3x4+1R(II)"
    assert read.input_px_per_mm == pytest.approx(200 / 25.4 * 1300 / page.shape[1], rel=0.01)
    assert np.all(read.corners.min(axis=0) > [1680, 880])
    assert np.all(read.corners.max(axis=0) < [3020, 920 + height])


def test_a_page_on_a_black_table_is_not_refused_as_dark(ecg: Ecg) -> None:
    page = render(ecg, "3x4+1R", "pink").array
    photo = np.zeros((3000, 4200, 3), np.uint8)
    photo[600 : 600 + page.shape[0], 900 : 900 + page.shape[1]] = page
    read = rectify(photo)
    assert (read.accepted, read.layout) == (True, "3x4+1R(II)")
