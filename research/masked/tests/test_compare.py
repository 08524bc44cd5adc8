"""From a pre-training to the table, on records as unlike as drawings can be."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from ecgclip.config import load_config
from ecgclip.errors import ConfigError, ModelError
from ecgclip.training.cache import SignalCache
from ecgclip.training.contrastive.loop import initial_model
from ecgclip.training.contrastive.settings import ContrastiveTraining
from ecgclip.training.settings import Augment
from ecgclip.training.towers.checkpoint import load_model
from research.masked.__main__ import CONFIGS
from research.masked.cells import Beginning, Cell, Way, load_scores
from research.masked.codebook import Codebook
from research.masked.compare import Trainer, check_same, fill
from research.masked.finetune import batches, steps_of
from research.masked.labels import labelled
from research.masked.loop import pretrain
from research.masked.run import START, prepared_codebook, write_start
from research.masked.settings import Comparison, MaskedTraining
from research.masked.tests.small import small_config

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:torch.*")

SMALL = Comparison(
    percents=(50,),
    draws=(1,),
    probe_draws=(1,),
    augment=Augment(probability=0.0),
    epochs=1,
    least_steps=25,
    batch_size=6,
    learning_rate=3e-3,
    patch_dropout=0.25,
)


@pytest.fixture(scope="module")
def pretrained(cache, batches, tmp_path_factory):
    """A run of one epoch, and the tower it ended with."""
    out = tmp_path_factory.mktemp("run")
    config = small_config(epochs=1)
    tower = pretrain(config, batches, out, resume=False)
    write_start(tower, config, cache, [], out)
    return out, tower


@pytest.fixture(scope="module")
def known(cache, tmp_path_factory):
    folder = tmp_path_factory.mktemp("statements")
    (folder / "scp_statements.csv").write_text(",diagnostic_class\nNORM,NORM\nCLBBB,CD\nAFIB,\n")
    # of each drawing two records a fold
    rows = [replace(row, fold=1 + i // 6) for i, row in enumerate(cache.rows)]
    return labelled(SignalCache(cache.signals_mv, tuple(rows)), [folder])


def test_start_is_a_model_with_the_pretrained_image_tower(pretrained):
    out, tower = pretrained
    model, tokenizer = load_model(out / START)
    for name, value in tower.tower.state_dict().items():
        assert torch.equal(value, model.image.state_dict()[name]), name
    assert model.config.statements == ("AFIB", "CLBBB", "NORM")
    assert model.config.text.vocabulary == tokenizer.tokenizer.get_vocab_size()


def test_training_begins_with_the_pretrained_tower(pretrained):
    out, tower = pretrained
    model = initial_model(ContrastiveTraining(init_from=str(out / START)))
    name = "blocks.0.attn.qkv.weight"
    assert torch.equal(model.image.state_dict()[name], tower.tower.state_dict()[name])


def test_a_resumed_run_keeps_its_vocabulary(batches, tmp_path):
    path = tmp_path / "codebook.safetensors"
    lines = []
    first = prepared_codebook(batches.maker, path, False, lines.append)
    other = replace(first, centers=first.centers + 1)
    other.save(path)
    kept = prepared_codebook(batches.maker, path, True, lines.append)
    assert np.array_equal(kept.centers, other.centers)
    fresh = prepared_codebook(batches.maker, path, False, lines.append)
    assert np.array_equal(fresh.centers, first.centers)
    assert np.array_equal(Codebook.load(path).centers, first.centers)
    assert len(lines) == 2
    assert "16 codes of 6144 patches" in lines[0]


def test_finetuning_classifies_the_drawings_that_it_learned(pretrained, known):
    scores = Trainer(SMALL, known, pretrained[0] / START)(Cell(Way.FINETUNE, Beginning.RANDOM, 50, 0))
    truth = known.labels[known.cache.in_folds([9])]
    norm = truth[:, 3]
    assert scores.shape == truth.shape
    assert scores[norm, 3].min() > scores[~norm, 3].max()


def test_both_beginnings_differ_in_their_weights_alone(pretrained, known):
    trainer = Trainer(SMALL, known, pretrained[0] / START)
    random, pre_trained = (trainer.tower(beginning, 0) for beginning in Beginning)
    assert not torch.equal(random.blocks[0].attn.qkv.weight, pre_trained.blocks[0].attn.qkv.weight)
    assert torch.equal(pre_trained.blocks[0].attn.qkv.weight, pretrained[1].tower.blocks[0].attn.qkv.weight)
    assert random.state_dict().keys() == pre_trained.state_dict().keys()


def test_a_killed_comparison_trains_only_what_is_missing(tmp_path):
    cells = [Cell(Way.PROBE, beginning, 50, 0) for beginning in Beginning]
    asked, lines = [], []

    def score(cell):
        asked.append(cell)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return np.full((3, 11), cells.index(cell), np.float32)

    with pytest.raises(KeyboardInterrupt):
        fill(cells, score, tmp_path, lines.append)
    fill(cells, score, tmp_path, lines.append)
    assert asked == [cells[0], cells[1], cells[1]]
    assert [load_scores(cell.path(tmp_path))[0, 0] for cell in cells] == [0, 1]


def test_cells_of_other_settings_or_weights_are_not_mixed(pretrained, tmp_path):
    start = pretrained[0] / START
    check_same(SMALL, start, tmp_path)
    check_same(SMALL, start, tmp_path)
    with pytest.raises(ConfigError, match="other settings"):
        check_same(replace(SMALL, seed=1), start, tmp_path)
    (tmp_path / "start.txt").write_text("0")
    with pytest.raises(ConfigError, match="other weights"):
        check_same(SMALL, start, tmp_path)
    with pytest.raises(ModelError, match=r"config\.json"):
        check_same(SMALL, tmp_path, tmp_path)


def test_each_record_is_seen_once_before_any_comes_again(known):
    rows = known.cache.in_folds([1, 2, 3])[:10]
    config = replace(SMALL, batch_size=4, least_steps=5)
    drawn = list(batches(known, rows, small_config().model.image, config, np.random.default_rng(0)))
    assert len(drawn) == steps_of(10, config) == 5
    seen = np.concatenate([batch.pixels for batch in drawn]).reshape(20, -1)
    counts = np.unique(seen, axis=0, return_counts=True)[1]
    assert counts.max() <= 3
    assert (steps_of(1000, config), steps_of(2, config)) == (250, 5)


def test_every_config_file_is_read():
    assert load_config(CONFIGS / "shipped.toml", MaskedTraining).vocabulary.codes == 1024
    assert load_config(CONFIGS / "small.toml", MaskedTraining).model.image.width == 96
    assert load_config(CONFIGS / "comparison.toml", Comparison).percents == (1, 10, 25, 50, 100)


def test_what_a_run_writes_is_plain_json_and_toml(pretrained):
    assert json.loads((pretrained[0] / START / "config.json").read_text())["name"] == "small"
    assert "share = 0.4" in (pretrained[0] / "masked.toml").read_text()
