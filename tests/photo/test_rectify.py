"""Render, turn, photograph, rectify: what comes back is the record."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from threading import Lock
from time import sleep

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from ecgclip.paper.geometry import CANONICAL
from ecgclip.paper.raster import ink_page
from ecgclip.paper.render import render
from ecgclip.paper.styles import PulsePosition, random_style
from ecgclip.paper.traces import record_traces
from ecgclip.photo.page import Page
from ecgclip.photo.rectify import rectify
from ecgclip.records.ecg import Ecg
from ecgclip.simulation.camera import photograph
from ecgclip.typing import Float32s, Uint8s


def agreement(page: Page, ecg: Ecg) -> float:
    """Mean correlation of the page's rows with the record's, at the best shift of up to 30 ms."""
    truth = record_traces(ecg)
    shifted = [_mean_correlation(np.roll(page.traces_mv, shift, axis=1), truth) for shift in range(-3, 4)]
    return max(shifted)


def _mean_correlation(found: Float32s, truth: Float32s) -> float:
    total = []
    for a, b in zip(found, truth, strict=True):
        known = ~(np.isnan(a) | np.isnan(b))
        total.append(float(np.corrcoef(a[known], b[known])[0, 1]) if known.sum() > 200 else 0.0)
    return float(np.mean(total))


@pytest.fixture(scope="session")
def printed(ecg: Ecg) -> Uint8s:
    return render(ecg, "3x4+1R", "letter").array


@pytest.mark.parametrize("style", ["letter", "pink", "green", "beige"])
def test_a_print_becomes_the_record_again(ecg: Ecg, style: str) -> None:
    page = rectify(render(ecg, "3x4+1R", style).array)
    assert (page.accepted, page.layout, page.kind) == (True, "3x4+1R(II)", "render")
    assert agreement(page, ecg) > 0.85
    assert page.input_px_per_mm == pytest.approx(200 / 25.4, rel=0.01)
    assert abs(page.rotation_deg) < 1


@pytest.mark.parametrize("layout", ["3x4", "3x4+3R", "6x2", "12x1"])
def test_other_layouts_are_laid_out_anew(ecg: Ecg, layout: str) -> None:
    page = rectify(render(ecg, layout, "pink").array)
    assert page.layout.split("(")[0] == layout
    assert agreement(page, ecg) > 0.8


def test_a_pdf_of_several_pages(printed: Uint8s, ecg: Ecg) -> None:
    file = BytesIO()
    blank = Image.new("RGB", (2200, 1700), "white")
    blank.save(file, "PDF", resolution=200, save_all=True, append_images=[Image.fromarray(printed)])
    first, second = (rectify(file.getvalue(), page=page) for page in (0, 1))
    assert not first.accepted
    assert (second.accepted, second.kind, second.layout) == (True, "pdf", "3x4+1R(II)")
    assert agreement(second, ecg) > 0.8


def test_shapes_are_as_promised(printed: Uint8s, ecg: Ecg) -> None:
    page = rectify(printed)
    assert page.ink.shape == CANONICAL.size_px(4.0)
    assert (page.ink.dtype, page.traces_mv.dtype, page.corners.dtype) == (np.uint8, np.float32, np.float32)
    assert page.traces_mv.shape == (4, 1000)
    truth = ink_page(ecg, CANONICAL, 4.0).astype(float)
    drawn = page.ink.astype(float)
    assert (drawn * truth).sum() / (np.linalg.norm(drawn) * np.linalg.norm(truth)) > 0.7


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_all_four_orientations(printed: Uint8s, ecg: Ecg, quarters: int) -> None:
    page = rectify(np.ascontiguousarray(np.rot90(printed, -quarters)))
    assert page.accepted
    assert agreement(page, ecg) > 0.85
    turn = (page.rotation_deg - 90 * quarters + 180) % 360 - 180
    assert abs(turn) < 1


@pytest.mark.parametrize("seed", [7, 18])
@pytest.mark.parametrize("half_turn", [False, True])
def test_prints_without_pulses_are_turned_by_the_limb_leads(ecg: Ecg, seed: int, half_turn: bool) -> None:
    """An inverted heart, whose QRS complexes point down: only that the leads add up shows the orientation."""
    style = replace(random_style(np.random.default_rng(seed)), pulse=PulsePosition.NONE)
    inverted = Ecg(-ecg.signal_mv, ecg.rate_hz)
    picture = render(inverted, "3x4+1R", style).array
    page = rectify(np.ascontiguousarray(np.rot90(picture, 2)) if half_turn else picture)
    assert (page.accepted, page.layout) == (True, "3x4+1R(II)")
    assert agreement(page, inverted) > 0.8


def test_a_folded_phone_photo(printed: Uint8s, ecg: Ecg) -> None:
    found = [rectify(photograph(printed, "phone", np.random.default_rng(seed)).image) for seed in range(3)]
    scores = [agreement(page, ecg) if page.accepted else 0.0 for page in found]
    assert float(np.median(scores)) > 0.7


def test_the_header_is_not_in_the_image(ecg: Ecg) -> None:
    """Two patients' prints differ in the header alone; what is left differs by re-sampling at most."""
    one, two = (
        rectify(render(Ecg(ecg.signal_mv, ecg.rate_hz, name=name, age=age), "3x4+1R", "letter").array)
        for name, age in (("11111", 31.0), ("98765", 88.0))
    )
    first_row = int(np.flatnonzero((one.image < 255).any(axis=1))[0])
    assert first_row > 200
    assert (two.image[: first_row - 2] == 255).all()
    assert np.abs(one.image.astype(int) - two.image.astype(int)).mean() < 0.5


def test_squared_paper_alone_is_no_ecg(ecg: Ecg) -> None:
    empty = Ecg(np.full_like(ecg.signal_mv, np.nan), ecg.rate_hz)
    page = rectify(render(empty, "3x4+1R", "green").array)
    assert not page.accepted
    assert page.confidence < 0.3
    assert "trace" in page.reason


@pytest.mark.parametrize("shape", [(1, 1), (50, 70), (399, 300)])
def test_small_pictures_are_refused(shape: tuple[int, int]) -> None:
    page = rectify(np.full((*shape, 3), 255, np.uint8))
    assert not page.accepted
    assert "too small" in page.reason


@pytest.mark.parametrize(("seed", "height", "width"), [(21, 552, 300), (6, 658, 502), (68, 439, 788)])
def test_a_coloured_mosaic_is_no_ecg(seed: int, height: int, width: int) -> None:
    page = rectify(mosaic(np.random.default_rng(seed), height, width))
    assert not page.accepted
    assert "grid" in page.reason


def mosaic(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    side = int(rng.integers(2, 40))
    few = rng.integers(0, 256, (height // side + 1, width // side + 1, 3), dtype=np.uint8)
    return np.kron(few, np.ones((side, side, 1), np.uint8))[:height, :width]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, 10**6),
    st.integers(1, 900),
    st.integers(1, 900),
    st.sampled_from(["noise", "flat", "blocks"]),
)
def test_no_picture_breaks_it(seed: int, height: int, width: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    if kind == "noise":
        image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    elif kind == "flat":
        image = np.full((height, width, 3), rng.integers(0, 256), np.uint8)
    else:
        image = mosaic(rng, height, width)
    page = rectify(image)
    assert not page.accepted
    assert 0.0 <= page.confidence < 0.5
    assert page.reason


def test_a_page_has_the_same_bits_in_every_thread(ecg: Ecg) -> None:
    photo = render(ecg, "3x4+1R", "pink").array
    here = rectify(photo)

    def there(number: int) -> Page:
        held = [np.empty(1000 + 37 * number * i) for i in range(20)]  # other addresses for what comes next
        return rectify(photo) if held else here

    with ThreadPoolExecutor(4) as pool:
        for page in pool.map(there, range(8)):
            np.testing.assert_array_equal(page.traces_mv, here.traces_mv)
            np.testing.assert_array_equal(page.nodes_px, here.nodes_px)
            np.testing.assert_array_equal(page.ink, here.ink)


def test_no_more_pictures_are_read_at_once_than_help(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each holds some 60 MB; 32 threads that ask at once held two gigabytes."""
    at_work, most = 0, 0
    lock, blank = Lock(), rectify(np.full((9, 9), 255, np.uint8))

    def reading(image: object, page: int | None) -> Page:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        sleep(0.02)
        with lock:
            at_work -= 1
        return blank

    monkeypatch.setattr("ecgclip.photo.rectify._read", reading)
    with ThreadPoolExecutor(64) as pool:
        assert all(page is blank for page in pool.map(rectify, [b""] * 128))
    assert most <= max(4, 2 * (os.cpu_count() or 1))
