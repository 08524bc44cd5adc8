import numpy as np
import pytest
import torch

from ecgclip.encoders.preprocess import image_input
from ecgclip.encoders.settings import ImageTower
from ecgclip.errors import ModelError
from ecgclip.training.towers.checkpoint import load_model, save_model
from ecgclip.training.towers.model import image_tower
from tests.training.towers.small import REPORTS, small_model


@pytest.fixture(scope="module")
def towers():
    return small_model()


def pixels(model, count=2):
    ink = (np.random.default_rng(0).random((count, 256, 512)) < 0.05).astype(np.uint8) * 255
    return torch.from_numpy(image_input(ink, model.config.image))


def test_a_token_is_one_row_and_sees_no_other_row(towers):
    model, _ = towers
    stem = model.image.patch_embed
    page = torch.zeros(1, 1, 256, 512)
    changed = page.clone()
    changed[:, :, 64:128, 128:136] = 1.0
    rows, columns = stem.grid_size
    moved = (stem(changed) - stem(page)).abs().sum(-1).reshape(rows, columns)
    # Group norm spreads a change of scale over the page; what matters is where the change is strongest.
    assert np.unravel_index(int(moved.argmax()), (rows, columns)) == (1, 8)


def test_a_token_of_the_residual_stem_sees_its_row_alone():
    tower = ImageTower(stem_channels=(8, 8, 16), stem_blocks=(1, 1), width=48, depth=1, drop_path=0.0)
    stem = image_tower(tower).patch_embed.eval()
    for block in stem.layers:
        if hasattr(block, "norm"):
            torch.nn.init.ones_(block.norm.weight)  # begun as the identity
    page = torch.zeros(1, 1, 256, 512)
    changed = page.clone()
    changed[:, :, 64:123, 256:260] = 1.0  # kernels at the seam reach five pixels up
    moved = (stem(changed) - stem(page)).abs().sum(-1).reshape(stem.grid_size) > 1e-6
    assert stem.grid_size == (4, 32)
    assert not moved[[0, 2, 3]].any()
    columns = torch.nonzero(moved[1]).flatten()
    # two convolutions of 7 quarters and two of 7 eighths of the width: 9 eighths or 4.5 tokens to each side
    assert 9 < columns.min() < 15
    assert 17 < columns.max() < 23


def test_residual_blocks_begin_as_the_identity():
    tower = ImageTower(stem_channels=(8, 8, 16), stem_blocks=(1, 2), width=48, depth=1, drop_path=0.0)
    stem = image_tower(tower).patch_embed.eval()
    blocks = [layer for layer in stem.layers if hasattr(layer, "norm")]
    assert len(blocks) == 3
    for block in blocks:
        states = torch.rand(1, block.norm.num_features, 4, 64)
        assert torch.equal(block(states), states)


def test_embeddings_are_unit_norm_in_one_space(towers):
    model, tokenizer = towers
    image = model.encode_image(pixels(model))
    text = model.encode_text(*map(torch.from_numpy, tokenizer(REPORTS[:2])))
    assert image.shape == text.shape == (2, 32)
    assert torch.allclose(image.norm(dim=1), torch.ones(2))
    assert torch.allclose(text.norm(dim=1), torch.ones(2))


def test_padding_does_not_change_a_report(towers):
    model, tokenizer = towers
    alone = model.encode_text(*map(torch.from_numpy, tokenizer(REPORTS[:1])))
    padded = model.encode_text(*map(torch.from_numpy, tokenizer([REPORTS[0], REPORTS[1] * 3])))
    assert torch.allclose(alone[0], padded[0], atol=1e-5)


def test_saved_and_loaded_weights_are_bit_equal(towers, tmp_path):
    model, tokenizer = towers
    save_model(model, tokenizer, tmp_path)
    again, tokens = load_model(tmp_path)
    assert again.config == model.config
    assert torch.equal(again.encode_image(pixels(model)), model.encode_image(pixels(model)))
    assert (tokens(REPORTS)[0] == tokenizer(REPORTS)[0]).all()


def test_half_precision_weights_stay_close(towers, tmp_path):
    model, tokenizer = towers
    save_model(model, tokenizer, tmp_path, half=True)
    again, _ = load_model(tmp_path)
    cosine = (again.encode_image(pixels(model)) * model.encode_image(pixels(model))).sum(1)
    assert cosine.min() > 0.9999


def test_weights_of_another_shape_are_refused(towers, tmp_path):
    model, tokenizer = towers
    save_model(model, tokenizer, tmp_path)
    text = (tmp_path / "config.json").read_text().replace('"dim": 32', '"dim": 16')
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ModelError, match="does not fit"):
        load_model(tmp_path)


def test_truncated_weights_are_refused(towers, tmp_path):
    model, tokenizer = towers
    save_model(model, tokenizer, tmp_path)
    path = tmp_path / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ModelError, match="copy the folder anew"):
        load_model(tmp_path)
