import numpy as np
import pytest
import torch

from ecgclip.encoders.settings import ImageTower
from ecgclip.errors import ImageError
from ecgclip.training.towers.stem import StripStem
from research.masked.patches import described, patches, token_grid

TOWER = ImageTower()


def test_a_patch_is_the_pixels_of_its_token():
    ink = np.random.default_rng(0).integers(0, 256, (2, 256, 512), dtype=np.uint8)
    pieces = patches(ink, TOWER)
    assert pieces.shape == (2, 128, 64, 16)
    for token in (0, 31, 32, 77, 127):
        row, column = divmod(token, 32)
        assert np.array_equal(
            pieces[1, token], ink[1, 64 * row : 64 * row + 64, 16 * column : 16 * column + 16]
        )


def test_patches_stand_in_the_order_of_the_stems_tokens():
    """Ink in a patch lights its own token and the next one in its row, whose kernel reaches back."""
    torch.manual_seed(0)
    stem = StripStem(TOWER, 8)
    assert stem.grid_size == token_grid(TOWER) == (4, 32)
    # the norms of the stem spread every pixel over the page: only its convolutions are local
    local = torch.nn.Sequential(*(layer for layer in stem.layers if isinstance(layer, torch.nn.Conv2d)))
    for token, lit in ((0, [0, 1]), (40, [40, 41]), (127, [127])):
        row, column = divmod(token, 32)
        ink = np.zeros((1, 256, 512), np.uint8)
        ink[0, 64 * row + 32, 16 * column + 8] = 255
        assert np.flatnonzero(patches(ink, TOWER)[0].any(axis=(1, 2))).tolist() == [token]
        with torch.inference_mode():
            pair = torch.from_numpy(np.stack([ink, np.zeros_like(ink)]).astype(np.float32))
            out = local(pair)[..., :32].flatten(2)
        assert torch.nonzero((out[0] - out[1]).abs().sum(0) > 1e-3).flatten().tolist() == lit


def test_descriptions_are_averages_blurred_along_the_height():
    piece = np.zeros((1, 64, 16), np.uint8)
    piece[0, 8:12, 4:6] = 255  # the pooled pixel (2, 2), whole
    expected = np.zeros((16, 8), np.float32)
    expected[[1, 2, 3], 2] = 0.25, 0.5, 0.25
    assert np.allclose(described(piece)[0].reshape(16, 8), expected)


def test_ink_at_the_edge_of_a_patch_does_not_come_round_to_the_other():
    piece = np.zeros((1, 64, 16), np.uint8)
    piece[0, :4] = 255
    found = described(piece)[0].reshape(16, 8)
    assert np.allclose(found[:2], [[0.5], [0.25]])
    assert not found[2:].any()


@pytest.mark.parametrize("shape", [(256, 512), (1, 128, 512)])
def test_pages_of_another_size_are_refused(shape):
    with pytest.raises(ImageError, match="expected"):
        patches(np.zeros(shape, np.uint8), TOWER)
