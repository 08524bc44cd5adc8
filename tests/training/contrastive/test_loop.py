"""Training itself: it learns, it resumes exactly, and two processes compute what one does."""

import re
import socket
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.multiprocessing as mp

from ecgclip.encoders.preprocess import image_input
from ecgclip.encoders.text import ReportTokenizer, train_tokenizer
from ecgclip.errors import ConfigError, ModelError, RecordError
from ecgclip.training.augment import photo_view
from ecgclip.training.contrastive.data import BatchMaker
from ecgclip.training.contrastive.loop import Learner, train
from ecgclip.training.contrastive.photo_views import READ, REFUSED, PhotoPool
from ecgclip.training.contrastive.settings import ContrastiveTraining, Losses, PhotoViews
from ecgclip.training.contrastive.step import TrainingStep
from ecgclip.training.contrastive.teachers import TeacherOutputs
from ecgclip.training.settings import Augment
from ecgclip.training.texts import LabelledText
from ecgclip.training.validate import embed_pages
from tests.training.small_run import small_cache, small_config
from tests.training.towers.small import CONFIG, small_model

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:torch.*", "ignore::DeprecationWarning:tensorboard.*"
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return small_cache(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def tokenizer(cache):
    return ReportTokenizer(train_tokenizer([row.report for row in cache.rows], 120), 24)


def test_three_kinds_of_drawing_are_told_apart_after_a_few_epochs(cache, tokenizer, tmp_path):
    model = train(small_config(epochs=12, learning_rate=2e-3, seed=1), cache, tokenizer, tmp_path)
    rows = cache.in_folds([9])
    images = embed_pages(model, cache, rows)
    reports = sorted({row.report for row in cache.rows})
    with torch.inference_mode():
        texts = model.encode_text(*map(torch.from_numpy, tokenizer(reports))).numpy()
    named = [reports[i] for i in (images @ texts.T).argmax(1)]
    right = np.mean([name == cache.rows[row].report for name, row in zip(named, rows, strict=True)])
    assert right >= 0.8  # chance is one in three


def test_a_resumed_run_ends_where_the_unbroken_one_does(cache, tokenizer, tmp_path):
    whole = train(small_config(), cache, tokenizer, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train(small_config(), cache, tokenizer, tmp_path / "parts", log=stop_after_first_line)
    # The run was killed after epoch 1 was saved or before: both must be caught up.
    parts = train(small_config(), cache, tokenizer, tmp_path / "parts", resume=True)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, parts.state_dict()[name]), name


def stop_after_first_line(line: str) -> None:
    if line.startswith("epoch 1:"):
        return
    raise KeyboardInterrupt


def test_resuming_nothing_is_an_error(cache, tokenizer, tmp_path):
    with pytest.raises(ModelError, match=r"no checkpoint\.pt"):
        train(small_config(), cache, tokenizer, tmp_path, resume=True)


@pytest.mark.parametrize("content", [b"", b"garbage", b"PK\x03\x04"])
def test_a_damaged_checkpoint_is_one_line(cache, tokenizer, tmp_path, content):
    (tmp_path / "checkpoint.pt").write_bytes(content)
    with pytest.raises(ModelError, match=r"checkpoint\.pt is damaged") as refusal:
        train(small_config(), cache, tokenizer, tmp_path, resume=True)
    assert "\n" not in str(refusal.value)


def test_a_checkpoint_of_another_model_is_not_resumed(cache, tokenizer, tmp_path):
    train(small_config(epochs=1), cache, tokenizer, tmp_path)
    (tmp_path / "train.toml").unlink()
    wider = replace(CONFIG, dim=16)
    with pytest.raises(ModelError, match="another model") as refusal:
        train(small_config(model=wider), cache, tokenizer, tmp_path, resume=True)
    assert "\n" not in str(refusal.value)


def test_a_run_goes_on_with_the_settings_that_it_began_with(cache, tokenizer, tmp_path):
    """With other folds it would train on what it was judged by, and `train.toml` would not say so."""
    train(small_config(epochs=1), cache, tokenizer, tmp_path)
    before = (tmp_path / "train.toml").read_text()
    other = small_config(
        epochs=1,
        folds=(2, 3),
        losses=Losses(supervised_contrastive=0.5),
        model=replace(CONFIG, dim=16),
        valid_every=7,
    )
    with pytest.raises(ConfigError) as refusal:
        train(other, cache, tokenizer, tmp_path, resume=True)
    assert "(model.dim, losses.supervised_contrastive, folds)" in str(refusal.value)
    assert (tmp_path / "train.toml").read_text() == before
    train(small_config(epochs=1, valid_every=7), cache, tokenizer, tmp_path, resume=True)  # decides no result


def test_fewer_records_than_a_batch_are_an_error(cache, tokenizer, tmp_path):
    with pytest.raises(RecordError, match=r"48 records in the folds .* fewer than a batch of 49"):
        train(small_config(batch_size=49), cache, tokenizer, tmp_path)


def test_processes_share_the_further_texts_of_a_step(cache, tokenizer):
    texts = [LabelledText(f"report of {code}", (code,)) for code in ("norm", "afib", "clbbb") * 7]
    config, model = small_config(text_batch_size=6), small_model()[0].config
    whole = next(BatchMaker(config, model, cache, tokenizer, texts).epoch(0)).extra
    parts = [
        next(BatchMaker(config, model, cache, tokenizer, texts, None, None, r, 2).epoch(0)).extra
        for r in range(2)
    ]
    for rank, part in enumerate(parts):
        assert np.array_equal(part.ids, whole.ids[rank::2])


def test_two_processes_compute_the_loss_and_gradient_of_the_joined_batch(cache, tokenizer, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mp.spawn(two_process_step, (port, tmp_path), nprocs=2)
    alone = one_step(cache, tokenizer)
    for rank in range(2):
        found = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        assert found["contrastive"] == pytest.approx(alone["contrastive"], rel=1e-4)
        assert found["supervised_contrastive"] == pytest.approx(alone["supervised_contrastive"], rel=1e-4)
        assert found["photo_views"] == pytest.approx(alone["photo_views"], rel=1e-4)
        assert found["distilled_similarity"] == pytest.approx(alone["distilled_similarity"], rel=1e-4)
        assert torch.allclose(found["gradient"], alone["gradient"], rtol=1e-3, atol=1e-6)
    for name in ("statements", "distilled_statements", "distilled_vector"):
        each = [torch.load(tmp_path / f"{rank}.pt", weights_only=True)[name] for rank in range(2)]
        assert np.mean(each) == pytest.approx(alone[name], rel=1e-4)


def test_photos_stand_beside_the_pages_of_their_records(cache, tokenizer):
    config, pool = small_config(photo_views=PhotoViews(per_record=1)), photo_pool(len(cache.rows))
    maker = BatchMaker(config, small_model()[0].config, cache, tokenizer, (), pool)
    batch = next(maker.epoch(0))
    rows = np.random.default_rng([0, 0]).permutation(maker.train_rows)[:6]
    assert batch.photo_views.shape == (6, *batch.pages.shape[1:])
    for row, photo in zip(rows, batch.photo_views, strict=True):
        rng = np.random.default_rng([0, 0, row, 1])
        drawn = photo_view(pool.view(row, rng), config.augment, rng)
        assert np.array_equal(photo, image_input(drawn[None], maker.model.image)[0])
    without = next(BatchMaker(config, maker.model, cache, tokenizer).epoch(0))
    assert len(without.photo_views) == 0
    assert np.array_equal(without.pages[6:], batch.pages[6:])


def test_a_record_without_photo_is_seen_as_two_variants_of_its_page(cache, tokenizer):
    pool = photo_pool(len(cache.rows))
    pool.state[:] = REFUSED
    config = small_config(photo_views=PhotoViews(per_record=1), augment=Augment(probability=1.0))
    batch = next(BatchMaker(config, small_model()[0].config, cache, tokenizer, (), pool).epoch(0))
    likeness = np.corrcoef(batch.photo_views.reshape(6, -1), batch.pages[:6].reshape(6, -1))[:6, 6:]
    assert (np.diag(likeness) > 0).all()
    assert (np.diag(likeness) < 0.999).all()


def test_training_with_photos_learns_the_pairs(cache, tokenizer, tmp_path):
    lines = []
    config = small_config(photo_views=PhotoViews(per_record=1), epochs=6)
    train(config, cache, tokenizer, tmp_path, (), photo_pool(len(cache.rows)), log=lines.append)
    losses = [float(re.search(r"views (\S+)", line)[1]) for line in lines]
    assert np.mean(losses[-3:]) < losses[0] - 0.05


def photo_pool(records):
    """Traces as they are read, of another random shape for each record."""
    waves = np.cumsum(np.random.default_rng(5).normal(0, 0.1, (records, 1, 4, 1000)), axis=-1)
    return PhotoPool(waves.astype(np.float16), np.full((records, 1), READ, np.uint8))


def spoken_by_rule(signals_mv):
    """What a teacher might say: another direction and other chances for each signal."""
    heard = torch.nan_to_num(torch.from_numpy(signals_mv)).mean(1)
    return TeacherOutputs(torch.nn.functional.normalize(heard[:, :8], dim=1), heard[:, :3].sigmoid())


def one_step(cache, tokenizer, rank=0, world=1):
    model, _ = small_model()
    torch.manual_seed(1)
    step = TrainingStep(model, Losses(), teacher_dim=8)
    wrapped = torch.nn.parallel.DistributedDataParallel(step) if world > 1 else step
    config, pool = small_config(photo_views=PhotoViews(per_record=1)), photo_pool(len(cache.rows))
    maker = BatchMaker(config, model.config, cache, tokenizer, (), pool, spoken_by_rule, rank, world)
    batch = next(maker.epoch(0))
    terms = wrapped(batch)
    terms["total"].backward()
    return {
        **{name: term.item() for name, term in terms.items()},
        "gradient": model.image_projection.weight.grad.clone(),
    }


def two_process_step(rank, port, folder):
    torch.set_num_threads(1)
    address = f"tcp://127.0.0.1:{port}"
    torch.distributed.init_process_group("gloo", init_method=address, rank=rank, world_size=2)
    cache = small_cache(folder / f"cache{rank}")
    tokenizer = ReportTokenizer(train_tokenizer([row.report for row in cache.rows], 120), 24)
    torch.save(one_step(cache, tokenizer, rank, 2), folder / f"{rank}.pt")
    torch.distributed.destroy_process_group()


def test_the_learning_rate_warms_up_and_falls_by_a_cosine(cache, tokenizer, tmp_path, monkeypatch):
    rates = []
    monkeypatch.setattr(Learner, "step", lambda self, batch, rate: rates.append(rate) or {})
    config = small_config(epochs=11, warmup_epochs=1.0, valid_every=11)
    train(config, cache, tokenizer, tmp_path)
    steps = len(rates) // 11
    assert len(rates) == 11 * steps
    assert steps > 1
    found = np.array(rates) / config.learning_rate
    assert found[0] == pytest.approx(0.01)
    assert found[steps // 2] == pytest.approx(steps // 2 / steps)
    assert found[steps] == pytest.approx(1.0)
    assert found[6 * steps] == pytest.approx(0.505)
    assert 0.01 < found[-1] < 0.02


def test_training_on_the_validation_fold_is_refused():
    with pytest.raises((ValueError, ConfigError), match="valid_fold"):
        ContrastiveTraining(folds=(8, 9))
