"""Displacements that are known in closed form: noise goes, slips go, and the paper bends on."""

import numpy as np

from ecgclip.photo.flat.dewarp import NODE_MM
from ecgclip.photo.flat.extend import extended, smoothed
from ecgclip.photo.flat.ink import paper_mask
from ecgclip.photo.flat.slips import without_slips
from ecgclip.typing import Bools, Float32s

ROWS, COLUMNS = 70, 110
Y, X = np.mgrid[:ROWS, :COLUMNS] * NODE_MM
ALL = np.ones((ROWS, COLUMNS), bool)


def gentle_curl() -> Float32s:
    return np.stack([1.5 * np.sin(X / 90), 1.0 * np.cos(Y / 70)]).astype(np.float32)


def fold() -> Float32s:
    return np.stack([0.04 * np.abs(X - 137.0), 0.02 * np.abs(Y - 80.0)]).astype(np.float32)


def noisy(shift_mm: Float32s, noise_mm: float) -> Float32s:
    noise = np.random.default_rng(0).normal(0, noise_mm, shift_mm.shape)
    return np.asarray(shift_mm + noise, np.float32)


def rms(error: Float32s, where: Bools = ALL) -> float:
    return float(np.sqrt((error[:, where] ** 2).mean()))


def test_noise_goes_and_the_curl_stays() -> None:
    truth = gentle_curl()
    assert rms(smoothed(noisy(truth, 0.1), ALL) - truth) < 0.02


def test_a_fold_is_not_rounded_off() -> None:
    truth = fold()
    found = smoothed(noisy(truth, 0.03), ALL)
    assert rms(found - truth) < 0.04
    near = np.abs(X - 137.0) < 5
    assert rms(found - truth, near) < 0.1


def test_paper_bends_on_beyond_what_was_seen() -> None:
    truth = gentle_curl()
    clear = X < 225.0
    found = extended(np.where(clear, truth, 0).astype(np.float32), clear)
    beyond = (X >= 225.0) & (X < 250.0)
    held = truth[:, :, [89]] - truth
    assert rms(found - truth, beyond) < 0.4 * rms(held, beyond)


def test_what_is_clear_is_kept_exactly() -> None:
    truth = gentle_curl()
    clear = (X + Y) % 7 < 5
    np.testing.assert_array_equal(extended(truth, clear)[:, clear], truth[:, clear])


def test_a_piece_that_slipped_by_a_line_is_set_back() -> None:
    truth = gentle_curl()
    slipped = truth.copy()
    slipped[0][X > 200.0] += 2.5
    shift, clear = without_slips(slipped, ALL, 2.5)
    assert clear.mean() > 0.95
    assert np.abs(shift - truth)[:, clear].max() < 1e-4


def test_a_piece_that_lies_between_two_lines_is_left_out() -> None:
    torn = gentle_curl()
    torn[0][(X > 200.0) & (Y > 80.0)] += 1.2
    _, clear = without_slips(torn, ALL, 2.5)
    assert not clear[(X > 205.0) & (Y > 85.0)].any()
    assert clear[X < 195.0].all()


def test_nothing_is_torn_on_a_fold() -> None:
    shift, clear = without_slips(fold(), ALL, 2.5)
    assert clear.all()
    np.testing.assert_array_equal(shift, fold())


def test_the_corner_of_a_sheet_is_filled_and_what_lies_outside_the_picture_is_not() -> None:
    clear = (X > 20) & (X < 250) & (Y > 20) & (Y < 150) & (X + Y > 80)
    inside = (X < 240) & (X > 15) & (Y > 15) & (Y < 155)
    mask = paper_mask(clear, inside)[::10, ::10] > 0
    assert mask[(X > 25) & (X < 230) & (Y > 25) & (Y < 145)].all()
    assert not mask[(X < 18) | (Y < 18) | (X > 240)].any()
