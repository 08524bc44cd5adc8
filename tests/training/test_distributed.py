"""Everything a step touches lies where the model lies: tried on torch's meta device, which has shapes alone.

A tensor that was left on the CPU is refused there as it would be on a GPU.
"""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from ecgclip.encoders.text import ReportTokenizer, train_tokenizer
from ecgclip.training.contrastive.data import BatchMaker
from ecgclip.training.contrastive.photo_views import READ, PhotoPool
from ecgclip.training.contrastive.settings import PhotoViews
from ecgclip.training.contrastive.step import TrainingStep
from ecgclip.training.contrastive.teachers import TeacherOutputs
from ecgclip.training.distributed import placed, process_backend, seed_dropout, training_device
from ecgclip.training.texts import LabelledText
from tests.training.small_run import small_cache, small_config
from tests.training.towers.small import small_model

TEACHER_DIM = 7


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    """Pages, photos, further texts and teachers' words: everything that a batch may hold."""
    cache = small_cache(tmp_path_factory.mktemp("cache"))
    waves = np.cumsum(np.random.default_rng(5).normal(0, 0.1, (len(cache.rows), 1, 4, 1000)), axis=-1)
    pool = PhotoPool(waves.astype(np.float16), np.full((len(cache.rows), 1), READ, np.uint8))
    texts = [LabelledText(row.report, row.codes) for row in cache.rows]
    tokenizer = ReportTokenizer(train_tokenizer([text.text for text in texts], 120), 24)
    config = small_config(photo_views=PhotoViews(per_record=1), text_batch_size=6)
    maker = BatchMaker(config, small_model()[0].config, cache, tokenizer, texts, pool, Sayings())
    return next(maker.epoch(0))


class Sayings:
    """Stand-in teachers: random vectors, even chances."""

    def __call__(self, signals_mv):
        statements = len(small_model()[0].config.statements)
        return TeacherOutputs(
            torch.randn(len(signals_mv), TEACHER_DIM), torch.full((len(signals_mv), statements), 0.5)
        )


class Words(torch.nn.Module):
    """In BERT's place, whose own code looks into its mask, which the meta device cannot."""

    def __init__(self, width):
        super().__init__()
        self.states = torch.nn.Embedding(200, width)

    def forward(self, input_ids, attention_mask):
        return SimpleNamespace(last_hidden_state=self.states(input_ids))


def gradients(device, batch):
    model = small_model()[0]
    model.text = Words(model.config.text.width)
    step = TrainingStep(model, small_config().losses, TEACHER_DIM).to(device)
    with torch.device(device):
        terms = step(batch)
    terms["total"].backward()
    return {name: parameter.grad for name, parameter in step.named_parameters()}, terms


def test_a_step_computes_on_the_models_device(batch):
    here, on_cpu = gradients("cpu", batch)
    there, elsewhere = gradients("meta", batch)
    assert {name for name, one in there.items() if one is not None} == {
        name for name, one in here.items() if one is not None
    }
    assert all(one is None or one.is_meta for one in there.values())
    assert elsewhere.keys() == on_cpu.keys()
    assert all(term.is_meta for term in elsewhere.values())


def test_values_are_placed_without_a_copy_on_the_cpu():
    values = np.arange(3.0)
    assert placed(values).data_ptr() == values.ctypes.data
    with torch.device("meta"):
        assert placed(values).is_meta
        assert placed(torch.zeros(2, device="cpu")).is_meta


def test_each_epoch_and_process_has_dropout_of_its_own_and_the_same_again():
    drawn = {}
    for place in [(0, 0, 0), (0, 1, 0), (0, 0, 1), (1, 0, 0), (0, 0, 0)]:
        seed_dropout(*place)
        numbers = tuple(torch.rand(3).tolist())
        assert drawn.setdefault(place, numbers) == numbers
    assert len(set(drawn.values())) == 4


def test_a_process_takes_the_gpu_of_its_number(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setenv("LOCAL_RANK", "3")
    assert (training_device(), process_backend()) == (torch.device("cuda:3"), "nccl")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert (training_device(), process_backend()) == (torch.device("cpu"), "gloo")


def test_data_without_statements_teach_by_their_reports(batch):
    model = small_model()[0]
    model.statement_head = None
    step = TrainingStep(model, small_config().losses)
    plain = type(batch)(**{**vars(batch), "teachers": None})
    terms = step(plain)
    assert terms["statements"] == 0
    assert terms["contrastive"] > 0
    terms["total"].backward()
    assert model.image_projection.weight.grad.abs().sum() > 0
