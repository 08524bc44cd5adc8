"""The signal network learns, its mixtures are what they say, and images can learn from it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ecgclip.config import load_config, save_config
from ecgclip.encoders.preprocess import image_input
from ecgclip.encoders.text import ReportTokenizer, train_tokenizer
from ecgclip.errors import ConfigError, RecordError
from ecgclip.simulation.ecg import SyntheticSource
from ecgclip.training.augment import clean_view
from ecgclip.training.contrastive.data import BatchMaker
from ecgclip.training.contrastive.loop import train
from ecgclip.training.contrastive.settings import Distillation
from ecgclip.training.contrastive.teachers import Teachers, check_teachers_folds
from ecgclip.training.settings import Augment
from ecgclip.training.signal.data import label_matrix, mixup, mixup_shares
from ecgclip.training.signal.run import (
    degree_overlap,
    embed,
    initial_network,
    run_signal_training,
    train_signal,
    with_statements,
)
from ecgclip.training.signal.settings import FILE, SignalModel, SignalTraining
from tests.training.small_run import small_cache, small_config
from tests.training.towers.small import CONFIG

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:torch.*", "ignore::DeprecationWarning:tensorboard.*"
)
SMALL = SignalModel(
    channels=(8, 16, 16), blocks=(1, 1, 1), dim=16, dropout=0.0, statements=("AFIB", "CLBBB", "NORM")
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return small_cache(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def network(cache):
    config = SignalTraining(model=SMALL, epochs=10, batch_size=12, learning_rate=5e-3, ema_decay=0.9)
    lines = []
    trained = train_signal(config, cache, lines.append)
    assert "epoch 10" in lines[-1]
    return trained


def test_records_of_one_kind_lie_together(cache, network):
    queries, gallery = cache.in_folds([9]), cache.in_folds(range(1, 9))
    near = embed(network, cache, gallery)[
        (embed(network, cache, queries) @ embed(network, cache, gallery).T).argmax(1)
    ]
    assert near.shape == (len(queries), 16)
    best = (embed(network, cache, queries) @ embed(network, cache, gallery).T).argmax(1)
    same = [cache.rows[q].codes == cache.rows[gallery[b]].codes for q, b in zip(queries, best, strict=True)]
    assert np.mean(same) >= 0.8  # chance is one in three


def test_training_twice_gives_the_same_network(cache):
    config = SignalTraining(model=SMALL, epochs=1, batch_size=12)
    one, two = (train_signal(config, cache, lambda line: None) for _ in range(2))
    for name, value in one.state_dict().items():
        assert torch.equal(value, two.state_dict()[name]), name


def test_a_network_begins_with_anothers_layers_and_statements_of_its_own(cache, network, tmp_path):
    network.save(tmp_path)
    other = initial_network(replace(SMALL, statements=("NORM",)), str(tmp_path)).eval()
    signals = torch.from_numpy(np.asarray(cache.signals_mv[:3], np.float32))
    vectors, logits = other(signals)
    assert torch.equal(vectors, network(signals)[0])
    assert logits.shape == (3, 1)
    with pytest.raises(ConfigError, match="of another shape"):
        initial_network(replace(SMALL, dim=8), str(tmp_path))
    # a step of almost no length leaves it where it began
    config = SignalTraining(model=SMALL, epochs=1, batch_size=12, learning_rate=1e-9, init_from=str(tmp_path))
    trained = train_signal(config, cache, lambda line: None)
    assert torch.allclose(trained.projection.weight, network.projection.weight, atol=1e-6)


def test_a_run_leaves_its_settings_beside_the_network(tmp_path):
    config = SignalTraining(model=replace(SMALL, statements=()), epochs=1, batch_size=12, seed=4)
    network = run_signal_training(config, [SyntheticSource(200)], tmp_path)
    saved = load_config(tmp_path / FILE, SignalTraining)
    assert network.config.statements
    assert saved == replace(config, model=network.config)


def test_too_few_records_and_records_without_statements_are_told_before_training(cache, tmp_path):
    config = SignalTraining(model=replace(SMALL, statements=()), epochs=1, batch_size=64)
    with pytest.raises(RecordError, match=r"48 records in the folds .* fewer than a batch of 64"):
        with_statements(config, cache)
    nameless = replace(cache, rows=tuple(replace(row, codes=()) for row in cache.rows))
    with pytest.raises(RecordError, match="no SCP code stands in 5 or more of the 48 records"):
        with_statements(replace(config, batch_size=12), nameless)


def test_a_teacher_that_knows_other_folds_is_refused(tmp_path):
    save_config(SignalTraining(folds=(1, 2, 6), valid_fold=9), tmp_path / FILE)
    check_teachers_folds([str(tmp_path)], (1, 2, 3, 6))
    with pytest.raises(ConfigError, match=r"learned from the folds \[6\]"):
        check_teachers_folds([str(tmp_path)], (1, 2, 3))


def test_overlap_by_degrees_is_shared_over_united_degrees():
    degrees = torch.tensor([[1.0, 0, 0.5], [0.5, 0.5, 0], [1, 0, 1], [0, 0, 0]])
    smaller = torch.minimum(degrees[:, None], degrees[None]).sum(-1)
    larger = torch.maximum(degrees[:, None], degrees[None]).sum(-1)
    expected = smaller / larger.clamp(min=1e-6)
    assert torch.allclose(degree_overlap(degrees), expected, atol=1e-5)


def test_a_mixture_keeps_at_least_half_of_its_own_record():
    rng = np.random.default_rng(0)
    share = mixup_shares(2000, 0.5, 0.4, rng)
    assert share.min() >= 0.5
    assert abs((share == 1).mean() - 0.5) < 0.05
    values = np.eye(3, dtype=np.float32)
    assert np.allclose(mixup(values, np.float32([1, 0.75, 0.5])), [[1, 0, 0], [0, 0.75, 0.25], [0.5, 0, 0.5]])


def test_labels_are_one_where_the_record_carries_the_statement(cache):
    labels = label_matrix(cache, ("NORM", "AFIB"))
    assert [tuple(np.array(("NORM", "AFIB"))[row > 0]) for row in labels[:2]] == [("NORM",), ("AFIB",)]


def test_teachers_hear_what_each_image_shows(cache, network):
    teachers = Teachers([network, network])
    config = small_config(distillation=Distillation(("unused",), mixup=4), augment=Augment(probability=0.0))
    reports = [row.report for row in cache.rows]
    maker = BatchMaker(
        config, CONFIG, cache, ReportTokenizer(train_tokenizer(reports, 120), 24), (), None, teachers
    )
    batch = next(maker.epoch(0))
    assert batch.mixtures.shape == (4, 1, 256, 512)
    assert batch.teachers.vectors.shape == (16, teachers.dim)
    assert torch.allclose(batch.teachers.vectors.norm(dim=1), torch.ones(16), atol=1e-2)
    rows = np.random.default_rng([0, 0]).permutation(maker.train_rows)[:12]
    signals = np.asarray(cache.signals_mv[rows], np.float32)
    assert torch.allclose(teachers(signals).statements, batch.teachers.statements[:12], atol=2e-2)
    plain = image_input(np.stack([clean_view(signal, 100.0) for signal in signals]), CONFIG.image)
    assert np.array_equal(plain, batch.pages)
    # a mixture is no record's page, nor are its targets those of one
    assert min(np.abs(batch.mixtures[0] - page).max() for page in plain) > 0.5


def test_images_learn_what_the_teachers_say(cache, network, tmp_path):
    network.save(tmp_path / "teacher")
    lines = []
    config = small_config(
        epochs=6, distillation=Distillation((str(tmp_path / "teacher"),), mixup=4), learning_rate=2e-3
    )
    tokenizer = ReportTokenizer(train_tokenizer([row.report for row in cache.rows], 120), 24)
    train(config, cache, tokenizer, tmp_path / "run", log=lines.append)
    first, last = (float(line.split("distilled_vector ")[1].split()[0]) for line in (lines[0], lines[-1]))
    assert last < 0.8 * first


def test_a_teacher_of_other_statements_is_refused(network):
    with pytest.raises(ConfigError, match="same records"):
        Teachers([network]).check(("AFIB", "NORM"))
