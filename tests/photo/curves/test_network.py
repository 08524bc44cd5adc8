import numpy as np
import pytest

from ecgclip.photo.curves.network import BAND_PX, BIN_PX, BINS, bin_to_px, expected


def logits(*peaks: tuple[float, float]) -> np.ndarray:
    """A column whose chance is spread around bins, each with its weight."""
    bins = np.arange(BINS)
    chance = sum(weight * np.exp(-0.5 * (bins - at) ** 2) for at, weight in peaks)
    return np.log(np.asarray(chance, np.float32) + 1e-9)[None, :, None]


def test_the_height_is_found_between_the_bins() -> None:
    for at in (10.0, 40.25, 63.5, 100.75):
        y_px, spread = expected(logits((at, 1.0)))
        assert y_px[0, 0] == pytest.approx(bin_to_px(np.float32(at)), abs=0.05)
        assert spread[0, 0] == pytest.approx(BIN_PX, abs=0.1)


def test_a_second_less_likely_height_moves_nothing_but_the_spread() -> None:
    one, narrow = expected(logits((30.0, 1.0)))
    two, wide = expected(logits((30.0, 1.0), (90.0, 0.4)))
    assert two[0, 0] == pytest.approx(one[0, 0], abs=0.05)
    assert wide[0, 0] > 10 * narrow[0, 0]


def test_heights_at_the_edges_stay_within_the_band() -> None:
    for at in (0.0, float(BINS - 1)):
        y_px, _ = expected(logits((at, 1.0)))
        assert 0 <= y_px[0, 0] <= BAND_PX - 1
        assert y_px[0, 0] == pytest.approx(bin_to_px(np.float32(at)), abs=2.0)
