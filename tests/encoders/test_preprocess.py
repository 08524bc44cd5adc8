import numpy as np
import pytest

from ecgclip.encoders.preprocess import image_input
from ecgclip.encoders.settings import ImageTower
from ecgclip.errors import ImageError

TOWER = ImageTower()


def test_blank_paper_and_full_ink_are_normalised_by_the_stated_mean_and_deviation():
    ink = np.zeros((2, 256, 512), np.uint8)
    ink[1] = 255
    pixels = image_input(ink, TOWER)
    assert pixels.shape == (2, 1, 256, 512)
    assert pixels.dtype == np.float32
    assert np.allclose(pixels[0], -TOWER.pixel_mean / TOWER.pixel_std)
    assert np.allclose(pixels[1], (1 - TOWER.pixel_mean) / TOWER.pixel_std)


def test_a_page_of_twice_the_size_is_averaged_down():
    ink = np.random.default_rng(0).integers(0, 256, (1, 512, 1024), dtype=np.uint8)
    means = ink.reshape(256, 2, 512, 2).mean((1, 3))
    found = image_input(ink, TOWER)[0, 0] * TOWER.pixel_std + TOWER.pixel_mean
    assert np.abs(found * 255 - means).max() <= 0.5 + 1e-3


@pytest.mark.parametrize("shape", [(256, 512), (1, 256, 500), (1, 128, 256), (1, 512, 512)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ImageError, match="expected"):
        image_input(np.zeros(shape, np.uint8), TOWER)
