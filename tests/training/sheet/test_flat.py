from dataclasses import dataclass, replace

import numpy as np
import pytest

from ecgclip.simulation.camera import photograph
from ecgclip.training.sheet.flat import lay_flat


@pytest.mark.parametrize("level", ["S0", "S2", "S3"])
@pytest.mark.parametrize("reader", [0.0, 1.0])
def test_the_truth_lies_on_what_the_photo_shows(printed, level, reader):
    sample = lay_flat(printed, photograph(printed.rgb, level, rng := np.random.default_rng(4)), rng, reader)
    on, off = sample.trace > 150, sample.trace == 0
    assert sample.planes.shape == (3, *sample.trace.shape)
    assert on.mean() > 0.001
    assert np.median(sample.planes[0][on]) > np.median(sample.planes[0][off]) + 80
    assert len(sample.labels) >= len(printed.labels) // 2
    for x, y, lead in sample.labels:
        assert 0 <= lead < 12
        assert sample.planes[0][max(0, int(y) - 8) : int(y) + 8, max(0, int(x) - 8) : int(x) + 8].max() > 90


@dataclass(frozen=True)
class Turned:
    """The mapping of a photo turned by one counter-clockwise quarter; width_px: of the photo before."""

    mapping: object
    width_px: int

    def to_photo(self, points_mm):
        x, y = self.mapping.to_photo(points_mm).T
        return np.stack([y, self.width_px - 1 - x], axis=1)

    def to_page(self, points_px):
        x, y = points_px.T
        return self.mapping.to_page(np.stack([self.width_px - 1 - y, x], axis=1))


@pytest.mark.parametrize("quarters", range(4))
def test_a_turned_photo_is_laid_upright_by_the_readers_own_map(printed, quarters):
    photo = photograph(printed.rgb, "S1", np.random.default_rng(1))
    for _ in range(quarters):
        turned = Turned(photo.mapping, photo.image.shape[1])
        photo = replace(photo, image=np.ascontiguousarray(np.rot90(photo.image)), mapping=turned)
    sample = lay_flat(printed, photo, np.random.default_rng(1), 1.0)
    assert sample.by_reader
    on = sample.trace > 100
    assert on.sum(axis=1).max() > on.sum(axis=0).max()
    names = {int(lead): (x, y) for x, y, lead in sample.labels}
    assert names[0][1] < names[2][1]  # lead I above lead III
    assert names[0][0] < names[8][0]  # lead I left of V3
