from dataclasses import dataclass, replace

import numpy as np
import pytest

from ecgclip.photo.flat.words import WORDS
from ecgclip.simulation.camera import photograph
from ecgclip.training.sheet.flat import lay_flat


@pytest.mark.parametrize("level", ["S0", "S2", "S3"])
@pytest.mark.parametrize("reader", [0.0, 1.0])
def test_the_truth_lies_on_what_the_photo_shows(printed, level, reader):
    sample = lay_flat(printed, photograph(printed.rgb, level, rng := np.random.default_rng(4)), rng, reader)
    dark = sample.planes[0]
    assert sample.planes.shape == (3, *sample.trace.shape)
    off = (sample.layers[:3].max(axis=0) == 0) & (sample.shown > 0)
    for ink in (sample.trace, sample.pulse, sample.mark):
        assert (ink > 150).mean() > 0.0003
        assert np.median(dark[ink > 150]) > np.median(dark[off]) + 80
    for left, top, right, bottom, number in sample.words:
        assert WORDS[int(number)] in [(word.kind, word.value) for word in printed.words]
        inside = dark[max(0, round(top)) : round(bottom) + 1, max(0, round(left)) : round(right) + 1]
        assert inside.size == 0 or inside.max() > 90
    for line in sample.panels:
        x, y = np.round(line[1:-1]).astype(int).T
        inside = (x >= 0) & (y >= 3) & (x < dark.shape[1]) & (y < dark.shape[0] - 3)
        x, y = x[inside], y[inside]
        near = np.max([sample.trace[y + off, x] for off in range(-3, 4)], axis=0)
        assert x.size == 0 or (near[sample.shown[y, x] > 0] > 100).mean() > 0.6  # else a beat


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
    assert (sample.panels[:, -1, 0] > sample.panels[:, 0, 0] + 200).all()
    places = {WORDS[int(number)]: (left, top) for left, top, _, _, number in sample.words}
    assert places["lead", "I"][1] < places["lead", "III"][1]  # above
    assert places["lead", "I"][0] < places["lead", "V1"][0]  # left of it
