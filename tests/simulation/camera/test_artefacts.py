"""Each artefact against the physics or arithmetic that its docstring names."""

import numpy as np
import pytest

from ecgclip.simulation.camera.blur import Blur, apply_blur
from ecgclip.simulation.camera.cover import Cover, apply_cover
from ecgclip.simulation.camera.crease import Crease, Fold, crease_heights
from ecgclip.simulation.camera.crop import Crop, crop_box
from ecgclip.simulation.camera.crumple import Crumple, crumple_heights
from ecgclip.simulation.camera.curl import Curl, curl_heights
from ecgclip.simulation.camera.desk import SCANNER, Desk, Surface, background
from ecgclip.simulation.camera.downscale import Downscale, apply_downscale
from ecgclip.simulation.camera.gradient import Gradient, gradient_light
from ecgclip.simulation.camera.handwriting import Handwriting, Note, apply_handwriting, scribble
from ecgclip.simulation.camera.jpeg import Jpeg, apply_jpeg
from ecgclip.simulation.camera.moire import Moire, apply_moire
from ecgclip.simulation.camera.noise import Noise, apply_noise
from ecgclip.simulation.camera.photograph import lit
from ecgclip.simulation.camera.relief import (
    CAMERA_MM,
    MAX_DISPLACEMENT_MM,
    SHADING_GAIN,
    displacement,
    lattice,
    shading,
)
from ecgclip.simulation.camera.shadow import Shadow, shadow_light
from ecgclip.simulation.camera.stain import Stain, apply_stain
from ecgclip.simulation.camera.tone import Tone, apply_tone
from ecgclip.simulation.camera.toner import Toner, apply_toner

SIZE_MM = (200.0, 150.0)
GREY = np.full((240, 320, 3), 128, np.uint8)


def test_a_raised_point_moves_away_from_the_middle_by_the_tangent_of_its_angle() -> None:
    x, y = lattice(SIZE_MM)
    moved = displacement(np.full((y.shape[0], x.shape[1]), 10.0, np.float32), SIZE_MM)
    assert moved[0, 0] == pytest.approx((-100 * 10 / CAMERA_MM, -75 * 10 / CAMERA_MM), rel=1e-5)
    assert moved[75, 100] == pytest.approx((0, 0), abs=1e-6)


def test_displacement_is_bounded() -> None:
    x, y = lattice(SIZE_MM)
    moved = displacement(np.full((y.shape[0], x.shape[1]), 300.0, np.float32), SIZE_MM)
    assert np.abs(moved).max() == pytest.approx(MAX_DISPLACEMENT_MM, rel=1e-5)


def test_slopes_that_face_the_light_are_brighter() -> None:
    x, _ = lattice(SIZE_MM)
    ramp = np.repeat(0.1 * x, 151, axis=0)
    assert shading(ramp, 0.0) == pytest.approx(1 + 0.1 * SHADING_GAIN, rel=1e-3)
    assert shading(ramp, 180.0) == pytest.approx(1 - 0.1 * SHADING_GAIN, rel=1e-3)
    assert shading(ramp, 90.0) == pytest.approx(1.0, rel=1e-3)


def test_curl_lifts_one_edge_or_both() -> None:
    one = curl_heights(Curl(12.0, 0.0, 0.5, both_edges=False), SIZE_MM)
    assert one[:, -1] == pytest.approx(12.0, rel=0.02)
    assert (one[:, :100] == 0).all()
    both = curl_heights(Curl(12.0, 90.0, 0.2, both_edges=True), SIZE_MM)
    assert both[0] == pytest.approx(12.0, rel=0.02)
    assert both[-1] == pytest.approx(12.0, rel=0.02)
    assert (both[75] == 0).all()


def test_a_fold_is_a_tent() -> None:
    fold = Fold(x=0.5, y=0.5, angle_deg=90.0, height_mm=8.0, reach_mm=50.0, worn_mm=0.0)
    heights = crease_heights(Crease((fold,)), SIZE_MM)
    assert heights[:, 100] == pytest.approx(8.0, abs=1e-4)
    assert heights[:, 125] == pytest.approx(4.0, abs=1e-4)
    assert heights[:, 151:] == pytest.approx(0.0, abs=1e-4)


def test_crumple_has_flat_facets_and_stays_within_its_height() -> None:
    heights = crumple_heights(Crumple(6.0, 40, 5, seed=3), SIZE_MM)
    assert heights.shape == (151, 201)
    assert np.abs(heights).max() <= 6.0 * (0.5 + 0.3 * 0.5)
    second = np.abs(np.diff(heights, 2, axis=1))
    assert np.median(second) < 0.1 * second.max()
    assert np.array_equal(heights, crumple_heights(Crumple(6.0, 40, 5, seed=3), SIZE_MM))


def test_a_shadow_takes_its_depth_beyond_its_line() -> None:
    shadow = Shadow(x=0.5, y=0.5, angle_deg=0.0, depth=0.4, softness=0.05)
    x, y = np.array([[0.0, 0.5, 1.0]], np.float32), np.array([[0.2]], np.float32)
    assert shadow_light(shadow, x, y)[0] == pytest.approx([1.0, 0.8, 0.6], abs=1e-3)


def test_a_gradient_changes_by_its_slope_across_the_frame() -> None:
    ends = np.array([[0.0, 0.5, 1.0]], np.float32)
    light = gradient_light(Gradient(0.0, 0.3, 0.0), ends, np.array([[0.5]], np.float32))
    assert light[0] == pytest.approx([0.85, 1.0, 1.15], abs=1e-5)
    corner = gradient_light(Gradient(0.0, 0.0, 0.2), ends[:, :1], ends[:, :1])
    assert corner[0, 0] == pytest.approx(0.8, abs=1e-5)


def test_light_multiplies_the_picture() -> None:
    rows, columns = -(-240 // 8) + 2, -(-320 // 8) + 2
    for light in (0.5, 1.0, 1.5):
        picture = lit(GREY, np.full((rows, columns), light, np.float32))
        assert picture == pytest.approx(128 * light, abs=1)


def test_tone_is_a_gain_and_a_power() -> None:
    assert np.array_equal(apply_tone(GREY, Tone((1.0, 1.0, 1.0), 1.0)), GREY)
    toned = apply_tone(GREY, Tone((1.0, 0.5, 2.0), 2.0))[0, 0]
    expected = [255 * (128 / 255) ** 2, 255 * (64 / 255) ** 2, 255]
    assert toned == pytest.approx(expected, abs=0.6)


def test_toner_copies_are_grey_and_steeper() -> None:
    page = np.zeros((100, 100, 3), np.uint8)
    page[:50], page[50:] = (200, 100, 100), (220, 220, 255)
    copy = apply_toner(page, Toner(contrast=2.0, middle=0.6, specks=0.0, seed=0), 8.0)
    assert (copy == copy[..., :1]).all()
    before = np.dot(page[[10, 90], 0], [0.299, 0.587, 0.114])
    expected = np.clip(255 * (0.6 + 2 * (before / 255 - 0.6)), 0, 255)
    assert copy[[10, 90], 0, 0] == pytest.approx(expected, abs=2)


def test_specks_are_as_many_as_asked() -> None:
    page = np.full((1000, 1000, 3), 255, np.uint8)
    copy = apply_toner(page, Toner(1.0, 0.5, specks=30.0, seed=1), 10.0)
    assert (copy < 128).all(axis=2).sum() > 15
    assert (copy < 128).mean() < 0.005


def test_a_stain_tints_only_its_disc() -> None:
    page = np.full((600, 800, 3), 255, np.uint8)
    stained = apply_stain(page, Stain(0.5, 0.5, 20.0, ring=False, depth=0.5, rgb=(150, 100, 50)), 8.0)
    y, x = np.mgrid[:600, :800]
    away = np.hypot(x - 400, y - 300) / 8
    assert (stained[away > 22.1] == 255).all()
    rim = stained[300, 400 + round(0.97 * 160)]
    assert rim == pytest.approx(255 - 0.5 * (255 - np.array([150, 100, 50])), abs=3)
    assert (page == 255).all()


@pytest.mark.parametrize(("x", "y"), [(0.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
def test_a_stain_over_the_edge_is_cut(x: float, y: float) -> None:
    page = np.full((300, 400, 3), 255, np.uint8)
    stained = apply_stain(page, Stain(x, y, 30.0, ring=True, depth=0.6, rgb=(0, 0, 0)), 4.0)
    assert stained.shape == page.shape
    assert (stained < 255).any()


def test_handwriting_stays_near_its_line() -> None:
    note = Note(0.1, 0.5, 60.0, 6.0, 0.0, 0.5, (20, 30, 120), seed=4)
    page = np.full((600, 800, 3), 255, np.uint8)
    written = apply_handwriting(page, Handwriting((note,)), 8.0)
    rows, columns = np.nonzero((written < 255).any(axis=2))
    assert rows.size
    assert np.abs(rows - 300).max() <= (3 + 0.6) * 8
    assert columns.max() <= 80 + (60 + 2) * 8
    assert sum(len(word) for word in scribble(note)) > 50


def test_blur_spreads_a_point_as_wide_as_it_says() -> None:
    point = np.zeros((101, 101, 3), np.uint8)
    point[50, 50] = 255
    spread = apply_blur(point, Blur(0.2, 0.0, 0.0), 10.0)[..., 0].astype(float)
    x = np.arange(101) - 50
    assert np.sqrt((spread.sum(0) * x**2).sum() / spread.sum()) == pytest.approx(2.0, abs=0.3)
    moved = apply_blur(point, Blur(0.0, 1.1, 0.0), 10.0)[..., 0]
    assert (moved[50] > 0).sum() == pytest.approx(12, abs=2)
    assert moved.sum(axis=1)[:48].sum() == 0


def test_noise_has_its_deviation() -> None:
    noisy = apply_noise(GREY, Noise(5.0, common=1.0, seed=2)).astype(float) - 128
    assert noisy.std() == pytest.approx(5.0, rel=0.05)
    assert noisy.mean() == pytest.approx(0.0, abs=0.1)
    assert np.array_equal(noisy[..., 0], noisy[..., 1])


def test_jpeg_loses_more_at_lower_quality() -> None:
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (128, 128, 3), np.uint8)
    loss = [np.abs(apply_jpeg(picture, Jpeg(q)).astype(float) - picture).mean() for q in (95, 60, 30)]
    assert loss == sorted(loss)
    assert np.array_equal(apply_jpeg(GREY, Jpeg(95)), GREY)


def test_jpeg_keeps_red_red() -> None:
    red = np.zeros((64, 64, 3), np.uint8)
    red[..., 0] = 200
    assert apply_jpeg(red, Jpeg(90))[32, 32] == pytest.approx((200, 0, 0), abs=4)


def test_crop_takes_its_shares() -> None:
    assert crop_box(Crop(0.1, 0.0, 0.25, 0.5), (400, 200)) == (40, 0, 300, 100)


def test_downscale_keeps_the_mean() -> None:
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (200, 300, 3), np.uint8)
    small = apply_downscale(picture, Downscale(0.5))
    assert small.shape == (100, 150, 3)
    assert small.mean() == pytest.approx(picture.mean(), abs=0.5)


@pytest.mark.parametrize("surface", Surface)
def test_the_desk_has_its_colour_and_a_shadow_beside_the_page(surface: Surface) -> None:
    bare = background(Desk(surface, (120, 100, 80), 0.5, 10.0, 1), (400, 300), np.zeros((38, 50), np.float32))
    assert bare.shape == (300, 400, 3)
    assert bare.mean(axis=(0, 1)) == pytest.approx((120, 100, 80), rel=0.12)
    covered = np.zeros((38, 50), np.float32)
    covered[10:28, 12:38] = 1
    shadowed = background(Desk(surface, (120, 100, 80), 0.5, 10.0, 1), (400, 300), covered)
    assert shadowed[150, 88].mean() < 0.95 * bare[150, 88].mean()
    assert shadowed[5, 5] == pytest.approx(bare[5, 5], abs=1)


def test_a_scanners_lid_is_white() -> None:
    assert background(SCANNER, (80, 60), np.zeros((8, 10), np.float32)).min() >= 250


def test_a_cover_hides_its_rectangle_and_nothing_else() -> None:
    page = np.full((300, 400, 3), 255, np.uint8)
    hidden = apply_cover(page, Cover(0.5, 0.5, 20.0, 10.0, 0.0, (10, 20, 30)), 4.0)
    assert (hidden[135:165, 165:235] == (10, 20, 30)).all()
    assert (hidden < 255).any(axis=2).sum() == pytest.approx(80 * 40, rel=0.15)


def test_moire_is_a_wave_of_its_period_and_depth() -> None:
    waved = apply_moire(GREY, Moire(depth=0.1, period_px=16.0, angle_deg=0.0, lag=0.25)).astype(float)
    assert waved[0, ::16, 0] == pytest.approx(128 * 1.1, abs=1)
    assert waved[0, 8::16, 0] == pytest.approx(128 * 0.9, abs=1)
    assert waved[0, 4::16, 1] == pytest.approx(128 * 1.1, abs=1)
    assert waved.std(axis=0).max() == 0
