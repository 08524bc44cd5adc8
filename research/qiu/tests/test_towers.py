"""Towers over fields of the signal: their shape, their input, and what of them the product takes."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ecgclip.errors import ImageError, ModelError
from ecgclip.training.towers.checkpoint import load_model, save_model
from ecgclip.training.towers.model import image_tower
from research.qiu.model import FusedClip, load_fused
from research.qiu.settings import FieldTower, ImageInput, RowModel
from research.qiu.tests.small import FUSED, GRID, SMALL
from research.qiu.views import tower_input
from tests.training.towers.small import small_model

WIDE = FieldTower(input=ImageInput.GRID, height_px=192, width_px=256, pixel_mean=0.5, pixel_std=0.3)


def test_fields_are_named_by_channel_and_asked_in_squares(tmp_path):
    assert [len(kind.fields) for kind in ImageInput] == [0, 1, 1, 1, 2, 3]
    assert (WIDE.channels, WIDE.cell_px, WIDE.token_px) == (3, 64, (16, 16))
    assert FieldTower().token_px == (64, 16)
    config = RowModel(image=WIDE, fusion_depth=2)
    config.save(tmp_path)
    assert RowModel.load(tmp_path) == config
    with pytest.raises(ValueError, match="4 by 3 squares"):
        FieldTower(input=ImageInput.GAF)
    with pytest.raises(ValueError, match="stem_blocks need paper"):
        FieldTower(input=ImageInput.GRID, height_px=192, width_px=256, stem_blocks=(1, 1))


def test_fields_are_normalised_channel_by_channel():
    pages = np.random.default_rng(0).integers(0, 256, (2, 3, 192, 256), dtype=np.uint8)
    found = tower_input(pages, WIDE)
    assert found.shape == pages.shape
    assert np.allclose(found, (pages / 255 - WIDE.pixel_mean) / WIDE.pixel_std, atol=1e-5)
    with pytest.raises(ImageError, match="expected uint8"):
        tower_input(pages[:, :2], WIDE)


@pytest.mark.parametrize("channels", [(), (8, 8, 16)], ids=["plain patches", "convolutions"])
def test_a_token_of_fields_is_a_square_of_them(channels):
    tower = replace(GRID, height_px=96, width_px=128, stem_channels=channels)
    torch.manual_seed(0)
    stem = image_tower(tower).patch_embed
    page = torch.zeros(1, 3, 96, 128)
    changed = page.clone()
    changed[:, 1, 32:48, 64:80] = 1.0
    moved = (stem(changed) - stem(page)).abs().sum(-1).reshape(6, 8)
    assert np.unravel_index(int(moved.argmax()), (6, 8)) == (2, 4)


def test_the_product_takes_a_rows_model_of_paper_without_fusion_layers(tmp_path):
    _, tokenizer = small_model()
    row = FusedClip(SMALL).eval()
    save_model(row, tokenizer, tmp_path / "paper")
    theirs, _ = load_model(tmp_path / "paper")
    pixels = torch.rand(1, 1, 256, 512)
    assert torch.equal(theirs.encode_image(pixels), row.encode_image(pixels))
    save_model(FusedClip(FUSED), tokenizer, tmp_path / "fused")
    with pytest.raises(ModelError, match="unknown key 'fusion_depth'"):
        load_model(tmp_path / "fused")


def test_a_row_may_begin_with_a_model_of_the_product(tmp_path):
    model, tokenizer = small_model()
    save_model(model, tokenizer, tmp_path)
    row, _ = load_fused(tmp_path)
    pixels = torch.rand(1, 1, 256, 512)
    assert torch.equal(row.encode_image(pixels), model.encode_image(pixels))
