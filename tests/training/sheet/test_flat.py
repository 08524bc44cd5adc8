import numpy as np
import pytest

from ecgclip.photo.camera import photograph
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


def test_a_turned_photo_is_laid_upright_by_the_readers_own_map(printed):
    photo = photograph(np.ascontiguousarray(np.rot90(printed.rgb, 0)), "S1", rng := np.random.default_rng(1))
    sample = lay_flat(printed, photo, rng, 1.0)
    assert sample.by_reader
    across = (sample.trace > 100).sum(axis=1)
    along = (sample.trace > 100).sum(axis=0)
    assert across.max() > along.max()
