"""The recipes for GPUs: they are read, their towers exist, and eight processes can share their batches."""

import pytest
import torch

from ecgclip.config import load_config
from ecgclip.training.contrastive.settings import ContrastiveTraining
from ecgclip.training.towers.model import EcgClip


@pytest.mark.parametrize(("name", "millions"), [("ptbxl", (21, 26)), ("mimic", (85, 92))])
def test_a_recipe_is_whole(name, millions):
    config = load_config(f"configs/train/gpu/{name}.toml", ContrastiveTraining)
    assert config.batch_size % 8 == config.text_batch_size % 8 == 0
    with torch.device("meta"):  # shapes alone: no memory, no time
        model = EcgClip(config.model)
    image = sum(parameter.numel() for parameter in model.image.parameters()) / 1e6
    assert millions[0] < image < millions[1]  # ViT-S has 22 million, ViT-B 86
    assert model.encode_image(torch.empty(2, 1, 256, 512, device="meta")).shape == (2, config.model.dim)
