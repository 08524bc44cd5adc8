import numpy as np

from ecgclip.photo.curves.bands import BAND_PX, cut_band, whole_pixels


def test_a_band_holds_the_sheet_around_its_baseline() -> None:
    planes = np.arange(400, dtype=np.uint8)[None, :, None] * np.ones((3, 1, 10), np.uint8)
    band = cut_band(planes, np.full(10, 200))
    assert band.shape == (3, BAND_PX, 10)
    assert np.array_equal(band[1, :, 4], planes[1, 200 - BAND_PX // 2 : 200 + BAND_PX // 2, 4])


def test_a_band_follows_a_baseline_that_steps() -> None:
    planes = np.zeros((3, 500, 8), np.uint8)
    planes[:, 200, :4] = 255
    planes[:, 230, 4:] = 255
    band = cut_band(planes, np.array([200] * 4 + [230] * 4))
    assert (band[:, BAND_PX // 2] == 255).all()
    assert band.sum() == 3 * 8 * 255


def test_beyond_the_sheet_a_band_is_blank() -> None:
    planes = np.full((3, 100, 6), 7, np.uint8)
    for middle, first in ((-BAND_PX, None), (0, BAND_PX // 2), (99, BAND_PX // 2 - 99)):
        band = cut_band(planes, np.full(6, middle))
        shown = np.flatnonzero(band[0, :, 0])
        assert (shown[0] if shown.size else None) == first


def test_baselines_are_cut_at_whole_pixels() -> None:
    assert whole_pixels(np.array([1.4, 1.6, -0.2], np.float32)).tolist() == [1, 2, 0]
