import numpy as np
import pytest

from ecgclip.encoders.preprocess import image_input, tower_input
from ecgclip.encoders.settings import ImageInput, ImageTower
from ecgclip.errors import ImageError, ModelError

TOWER = ImageTower()
GRID = ImageTower(input=ImageInput.GRID, height_px=192, width_px=256, pixel_mean=0.5, pixel_std=0.3)


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


def test_fields_are_normalised_channel_by_channel():
    pages = np.random.default_rng(0).integers(0, 256, (2, 3, 192, 256), dtype=np.uint8)
    found = tower_input(pages, GRID)
    assert found.shape == pages.shape
    assert np.allclose(found, (pages / 255 - GRID.pixel_mean) / GRID.pixel_std, atol=1e-5)
    with pytest.raises(ImageError, match="expected uint8"):
        tower_input(pages[:, :2], GRID)


def test_a_page_of_paper_is_refused_by_a_model_that_looks_at_fields():
    with pytest.raises(ModelError, match="grid fields of the digital signal"):
        image_input(np.zeros((1, 256, 512), np.uint8), GRID)
