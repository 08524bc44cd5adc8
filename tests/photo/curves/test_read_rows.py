import numpy as np
import pytest

from ecgclip.photo.curves.bands import BAND_PX
from ecgclip.photo.curves.network import COLUMNS_PER_PX, BandReading
from ecgclip.photo.curves.read_rows import columns_px, read_rows, solid
from ecgclip.typing import Uint8s


def darkest(bands: Uint8s) -> BandReading:
    """Stands in for the network: the darkest line of each column, where there is one."""
    dark = bands[:, 0].astype(np.float32)
    y_px = np.repeat(dark.argmax(axis=1), COLUMNS_PER_PX, axis=1).astype(np.float32)
    present = np.repeat((dark.max(axis=1) > 0), COLUMNS_PER_PX, axis=1).astype(np.float32)
    return BandReading(y_px, np.ones_like(y_px), present)


def sheet(*levels: int, width: int = 600, shown: slice = slice(100, 500)) -> Uint8s:
    planes = np.zeros((3, 700, width), np.uint8)
    for y in levels:
        planes[:, y, shown] = 200
    return planes


def test_rows_are_read_in_pixels_of_the_sheet() -> None:
    planes = sheet(150, 420)
    baselines = [np.full(600, y, np.float32) for y in (147.3, 431.0)]
    curves = read_rows(planes, baselines, (100, 500), darkest)
    for curve, y in zip(curves, (150, 420), strict=True):
        assert curve.y_px.size == 600 * COLUMNS_PER_PX
        x = columns_px(curve.y_px.size)
        inside = (x > 102) & (x < 498)
        assert (curve.y_px[inside] == y).all()
        assert np.isnan(curve.y_px[(x < 90) | (x > 510)]).all()


def test_only_the_extent_and_its_margin_are_read() -> None:
    seen = []

    def reader(bands: Uint8s) -> BandReading:
        seen.append(bands.shape)
        return darkest(bands)

    read_rows(sheet(150), [np.full(600, 150, np.float32)], (200, 300), reader)
    assert seen == [(1, 3, BAND_PX, 164)]


def test_a_baseline_that_steps_is_followed() -> None:
    planes = sheet()
    planes[:, 150, 100:300] = 200
    planes[:, 190, 300:500] = 200
    baseline = np.where(np.arange(600) < 300, 150, 190).astype(np.float32)
    curve = read_rows(planes, [baseline], (100, 500), darkest)[0]
    x = columns_px(curve.y_px.size)
    assert curve.y_px[x < 299][-1] == pytest.approx(150)
    assert curve.y_px[x > 301][0] == pytest.approx(190)


def test_short_gaps_belong_to_the_trace_and_specks_do_not() -> None:
    present = np.zeros(400, bool)
    present[50:200] = True
    present[120:130] = False
    present[300:308] = True
    assert np.array_equal(np.flatnonzero(solid(present)), np.arange(50, 200))
