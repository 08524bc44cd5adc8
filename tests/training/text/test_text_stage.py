"""The stage as a whole on a model and records that train in seconds."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from ecgclip.encoders.model_files import model_files
from ecgclip.encoders.runtime import Runtime
from ecgclip.errors import RecordError
from ecgclip.evaluation.metrics import cosine
from ecgclip.records.ecg import Ecg
from ecgclip.training.text.data import TextData, embedded
from ecgclip.training.text.loop import best_blend, blended, learn
from ecgclip.training.text.questions import questions_of
from ecgclip.training.text.run import run_text_training
from ecgclip.training.text.settings import TextTraining
from ecgclip.training.text.validate import TextScores, mean_ndcg, rsum, scored
from ecgclip.training.texts import LabelledText
from ecgclip.training.towers.checkpoint import load_model, save_model
from tests.training.small_run import KINDS, spiky_ecg
from tests.training.towers.small import small_model

NAMES = [LabelledText("vorhofflimmern", ("AFIB",)), LabelledText("linksschenkelblock", ("CLBBB",))]
CONFIG = TextTraining(steps=40, questions=8, reports=4, learning_rate=2e-3, warmup_steps=2, keep=0.1)


def clusters(count: int = 30) -> TextData:
    """Pages in two bundles, one a statement, and reports that name it."""
    rng = np.random.default_rng(0)
    centers = np.eye(32, dtype=np.float32)[:2]
    kinds = np.arange(count) % 2
    pages = centers[kinds] + rng.normal(0, 0.1, (count, 32)).astype(np.float32)
    pages /= np.linalg.norm(pages, axis=1, keepdims=True)
    reports = tuple(["vorhofflimmern", "linksschenkelblock"][kind] for kind in kinds)
    return TextData(pages.astype(np.float32), reports, tuple((["AFIB", "CLBBB"][kind],) for kind in kinds))


@pytest.fixture(scope="module")
def learned():
    model, tokenizer = small_model()
    records = clusters()
    questions = questions_of(records.reports, records.codes, NAMES)
    return model, learn(model, tokenizer, records, questions, ["sinus rhythm"], CONFIG), tokenizer, records


def test_questions_find_their_pages_afterwards(learned) -> None:
    before, after, tokenizer, records = learned
    asked = [
        embedded(model, tokenizer, ["vorhofflimmern", "linksschenkelblock"]) for model in (before, after)
    ]
    right = np.array([[code in codes for codes in records.codes] for code in ("AFIB", "CLBBB")])
    untrained, trained = (mean_ndcg(cosine(vectors, records.pages), right) for vectors in asked)
    assert trained == 1 > untrained


def test_only_the_text_tower_moves(learned) -> None:
    before, after, _, _ = learned
    old, new = before.state_dict(), after.state_dict()
    moved = {name.split(".")[0] for name in old if not torch.equal(old[name], new[name])}
    assert moved == {"text", "text_projection"}


def test_the_model_that_came_in_is_untouched(learned) -> None:
    before = learned[0]
    fresh, _ = small_model()
    assert all(
        torch.equal(a, b)
        for a, b in zip(before.state_dict().values(), fresh.state_dict().values(), strict=True)
    )


def test_blends_lie_between(learned) -> None:
    before, after, tokenizer, _ = learned
    ends = [
        embedded(blended(before, after, share), tokenizer, ["linksschenkelblock"]) for share in (0.0, 1.0)
    ]
    expected = [embedded(model, tokenizer, ["linksschenkelblock"]) for model in (before, after)]
    np.testing.assert_allclose(ends, expected, atol=1e-6)
    name = "text_projection.weight"
    middle = blended(before, after, 0.5).state_dict()[name]
    torch.testing.assert_close(middle, (before.state_dict()[name] + after.state_dict()[name]) / 2)


def test_the_blend_of_most_merit_is_taken_and_never_a_worse_one(learned) -> None:
    before, after, tokenizer, records = learned
    lines: list[str] = []
    _, found = best_blend(before, after, tokenizer, records, lines.append)
    assert found.merit >= scored(before, tokenizer, records).merit
    assert len(lines) == 5


def test_rsum_of_perfect_pairs_is_600_and_equal_reports_share() -> None:
    eye = np.eye(20, dtype=np.float32)
    own = np.eye(20, dtype=np.bool_)
    assert rsum(eye, eye, own) == 600
    assert rsum(eye, eye[::-1], own) < 600
    assert rsum(eye, eye[::-1], own[::-1]) == 600


def test_ndcg_of_no_question_is_none() -> None:
    assert mean_ndcg(np.zeros((0, 3)), np.zeros((0, 3), np.bool_)) == 0
    assert TextScores(600, 600, 1, 1).merit == 2


@dataclass(frozen=True)
class Spikes:
    """54 records as a source."""

    name: str = "spikes"
    ids: tuple[str, ...] = tuple(f"{number:05d}" for number in range(54))

    def read(self, record_id: str) -> Ecg:
        number = int(record_id)
        return spiky_ecg(number, list(KINDS)[number % 3], np.random.default_rng(number))


def test_one_command_makes_a_model_that_answers(tmp_path: Path) -> None:
    model, tokenizer = small_model()
    save_model(model, tokenizer, tmp_path / "before")
    config = TextTraining(steps=2, questions=4, reports=4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the ONNX exporter warns of its own deprecations
        run_text_training(config, tmp_path / "before", [Spikes()], [tmp_path], tmp_path / "out")
    again, _ = load_model(tmp_path / "out" / "model")
    image = {name: value for name, value in again.state_dict().items() if name.startswith("image")}
    # the model is written in half precision
    assert all(torch.equal(value, model.state_dict()[name].half().float()) for name, value in image.items())
    assert Runtime(model_files(tmp_path / "out" / "model")).embed_text(["linksschenkelblock"]).shape == (
        1,
        32,
    )
    cache = tmp_path / "out" / "cache"
    before = {file.name: file.read_bytes() for file in cache.iterdir()}
    nowhere = TextTraining(folds=(1,), valid_fold=11)
    with pytest.raises(RecordError, match="some in both"):
        run_text_training(nowhere, tmp_path / "before", [Spikes()], [], tmp_path / "other", cache=cache)
    others = Spikes(ids=("00000",))
    with pytest.raises(RecordError, match="not the cache of these sources"):
        run_text_training(nowhere, tmp_path / "before", [others], [], tmp_path / "other", cache=cache)
    assert {file.name: file.read_bytes() for file in cache.iterdir()} == before


def test_settings_that_train_on_the_held_out_fold_are_refused() -> None:
    with pytest.raises(ValueError, match="also trained on"):
        TextTraining(folds=(8, 9))
