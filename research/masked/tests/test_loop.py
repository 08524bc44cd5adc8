from dataclasses import replace

import numpy as np
import pytest
import torch

from ecgclip.errors import ConfigError, ModelError
from research.masked.data import MaskedBatch
from research.masked.loop import judged, pretrain
from research.masked.masks import random_mask
from research.masked.model import MaskedTower
from research.masked.settings import Masking
from research.masked.tests.small import small_config

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:torch.*")


class Lines:
    """Rows with a line at one of four heights, a code each: the visible ones give the hidden ones away."""

    codebook = range(4)
    steps_per_epoch = 20

    def epoch(self, epoch):
        for step in range(self.steps_per_epoch):
            yield self.batch(np.random.default_rng([epoch, step]))

    def valid(self):
        yield self.batch(np.random.default_rng(99))

    def unmasked_pages(self):
        return iter(())  # its tower has no batch norms

    def batch(self, rng):
        code = rng.integers(4, size=16)
        mask = np.stack([random_mask(2, 8, Masking(), rng) for _ in code])
        grid = mask.reshape(-1, 2, 8).repeat(64, axis=1).repeat(16, axis=2)
        line = np.arange(128) % 64 // 16 == code[:, None]
        pixels = np.where(grid, 0, 3 * line[..., None]).astype(np.float32)[:, None]
        return MaskedBatch(pixels, mask, code[:, None].repeat(16, axis=1))


def test_hidden_codes_are_told_by_what_is_seen(tmp_path):
    small = small_config().model
    shape = replace(small, image=replace(small.image, height_px=128, width_px=128, rows=2))
    config = small_config(model=shape, epochs=6, learning_rate=3e-3, warmup_epochs=1.0)
    lines = []
    model = pretrain(config, Lines(), tmp_path, resume=False, log=lines.append)
    figures = judged(model, Lines().valid())
    assert figures.top1 > 0.95  # chance is one in four
    assert figures.loss < 0.3
    assert len(lines) == 6
    assert figures.text() in lines[-1]


def test_batch_norms_end_with_the_statistics_of_whole_pages(batches, tmp_path):
    small = small_config().model
    shape = replace(small, image=replace(small.image, stem_blocks=(1, 1)))
    config = small_config(model=shape, epochs=1)
    stem = pretrain(config, batches, tmp_path, resume=False).tower.patch_embed.layers
    conv, norm = stem[0], stem[1]
    pages = torch.cat(list(batches.unmasked_pages()))
    assert len(pages) == batches.steps_per_epoch * config.batch_size
    with torch.inference_mode():
        drawn = conv(pages)
    spread = drawn.std(dim=(0, 2, 3))
    assert ((norm.running_mean - drawn.mean(dim=(0, 2, 3))).abs() < 0.02 * spread).all()
    assert ((norm.running_var.sqrt() / spread - 1).abs() < 0.02).all()


def test_figures_are_those_of_the_logits(batches):
    torch.manual_seed(0)
    model = MaskedTower(small_config().model.image, 16).eval()
    batch = next(batches.valid())
    figures = judged(model, iter([batch]))
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        logits = model(torch.from_numpy(batch.pixels), torch.from_numpy(batch.mask)).float().numpy()
    right = batch.codes[batch.mask]
    log_p = logits - np.log(np.exp(logits.astype(np.float64)).sum(axis=1, keepdims=True))
    assert figures.loss == pytest.approx(-log_p[np.arange(len(right)), right].mean(), rel=1e-4)
    rank = (logits > logits[np.arange(len(right)), right][:, None]).sum(axis=1)
    assert figures.top1 == pytest.approx((rank == 0).mean(), abs=2e-3)
    assert figures.top5 == pytest.approx((rank < 5).mean(), abs=2e-3)


def test_a_resumed_run_ends_where_the_unbroken_one_does(batches, tmp_path):
    # with stochastic depth: the generator of torch must go on where it was, too
    shape = replace(small_config().model, image=replace(small_config().model.image, drop_path=0.5))
    config = small_config(model=shape)
    whole = pretrain(config, batches, tmp_path / "whole", resume=False)
    with pytest.raises(KeyboardInterrupt):
        pretrain(config, batches, tmp_path / "parts", resume=False, log=stop)
    parts = pretrain(config, batches, tmp_path / "parts", resume=True)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, parts.state_dict()[name]), name


def stop(line: str) -> None:
    raise KeyboardInterrupt


def test_a_checkpoint_of_another_tower_is_not_resumed(batches, tmp_path):
    pretrain(small_config(epochs=1), batches, tmp_path, resume=False)
    shape = replace(small_config().model, image=replace(small_config().model.image, width=24))
    with pytest.raises(ConfigError, match=r"began with other settings \(.*model.image.width"):
        pretrain(small_config(model=shape), batches, tmp_path, resume=True)
    (tmp_path / "masked.toml").unlink()
    with pytest.raises(ModelError, match="another tower or vocabulary"):
        pretrain(small_config(model=shape), batches, tmp_path, resume=True)


def test_resuming_nothing_is_an_error(batches, tmp_path):
    with pytest.raises(ModelError, match=r"no checkpoint\.pt"):
        pretrain(small_config(), batches, tmp_path, resume=True)


def test_pretraining_on_the_validation_fold_is_refused():
    with pytest.raises(ValueError, match="valid_fold"):
        small_config(folds=(8, 9))
