"""`ecgclip train` from the command line to a model folder that queries use."""

import re
import subprocess
import sys
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch

from ecgclip.cli import main
from ecgclip.config import find_config
from ecgclip.encoders.model_files import model_files
from ecgclip.encoders.runtime import Runtime
from ecgclip.encoders.settings import ModelConfig
from ecgclip.errors import ConfigError, RecordError
from ecgclip.simulation.ecg import SyntheticSource
from ecgclip.training.contrastive.loop import initial_model
from ecgclip.training.contrastive.photo_views import READ, REFUSED, prepared_files
from ecgclip.training.contrastive.run import prepared_model, prepared_pool, prepared_tokenizer
from ecgclip.training.contrastive.settings import ContrastiveTraining, Distillation, PhotoViews
from ecgclip.training.signal.network import SignalNetwork
from ecgclip.training.signal.settings import SignalModel
from ecgclip.training.sources import prepared_cache
from ecgclip.training.texts import reports_without_recordings, statement_names
from ecgclip.training.towers.checkpoint import load_model


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the ONNX exporter warns of its own deprecations
        run = ["train", "--config", "train/smoke.toml", "--data", "synthetic:70", "--out", str(out)]
        code = main([*run, "--seed", "3"])
    assert code == 0
    return out


def test_a_run_ends_in_a_model_that_embeds_without_torch(trained):
    runtime = Runtime(model_files(trained / "model"))
    vectors = runtime.embed_ink(np.zeros((2, 256, 512), np.uint8))
    words = runtime.embed_text(["vorhofflimmern", "sinus rhythm"])
    assert vectors.shape == words.shape == (2, 64)
    assert np.allclose(np.linalg.norm(words, axis=1), 1, atol=1e-5)


def test_a_run_leaves_its_settings_log_and_checkpoint(trained):
    settings = (trained / "train.toml").read_text()
    assert "epochs = 2" in settings
    assert "seed = 3" in settings  # the option's, not the file's
    assert "epoch 2:" in (trained / "log.txt").read_text()
    assert (trained / "checkpoint.pt").is_file()
    assert (trained / "model" / "model.safetensors").is_file()


def test_a_finished_run_is_never_overwritten(trained, capsys):
    before = {path.name: path.stat().st_mtime_ns for path in (trained / "model").iterdir()}
    run = ["train", "--config", "train/smoke.toml", "--data", "synthetic:70", "--out", str(trained)]
    for more in (["--seed", "7"], ["--resume"]):
        assert main([*run, *more]) == 2
        assert "holds a finished run (model); give another --out" in capsys.readouterr().err
    assert {path.name: path.stat().st_mtime_ns for path in (trained / "model").iterdir()} == before


def test_records_are_read_once_and_anew_for_other_sources(tmp_path):
    few, more = SyntheticSource(3), SyntheticSource(5)
    assert len(prepared_cache([few], tmp_path).rows) == 3
    before = (tmp_path / "signals.f16").stat().st_mtime_ns
    assert len(prepared_cache([few], tmp_path).rows) == 3
    assert (tmp_path / "signals.f16").stat().st_mtime_ns == before
    assert len(prepared_cache([more], tmp_path).rows) == 5


def test_an_unknown_configuration_is_one_line(capsys):
    assert main(["train", "--config", "train/smok.toml", "--data", "synthetic:3"]) == 2
    error = capsys.readouterr().err
    assert "no such file" in error
    assert error.count("\n") == 1


def test_reports_of_other_folds_are_left_out(tmp_path):
    path = tmp_path / "reports.csv"
    path.write_text(
        "report,scp_codes,strat_fold\nnormal ecg,{'NORM': 100.0},1\nlbbb,{'CLBBB': 100.0},9\n,{},1\n"
    )
    (one,) = reports_without_recordings(path, (1, 2))
    assert (one.text, one.codes) == ("normal ecg", ("NORM",))


def test_statements_have_names_in_both_languages():
    names = {(text.text, text.codes) for text in statement_names()}
    assert ("atrial fibrillation", ("AFIB",)) in names
    assert ("vorhofflimmern", ("AFIB",)) in names


def test_a_resumed_run_keeps_its_tokenizer(tmp_path):
    path, config = tmp_path / "tokenizer.json", ContrastiveTraining()
    first = prepared_tokenizer(["sinus rhythm"], config, path, resume=False)
    resumed = prepared_tokenizer(["quite other words"], config, path, resume=True)
    begun_anew = prepared_tokenizer(["quite other words"], config, path, resume=False)
    ids = [tokens(["sinus rhythm"])[0].tolist() for tokens in (first, resumed, begun_anew)]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("report\nnormal\n", "lacks the column scp_codes"),
        ("report,scp_codes\nx,NORM\n", "lacks the column strat_fold"),
        ("report,scp_codes,strat_fold\nx,NORM,1\n", "is no dictionary"),
    ],
)
def test_a_table_of_reports_says_what_it_lacks(tmp_path, text, words):
    path = tmp_path / "reports.csv"
    path.write_text(text)
    with pytest.raises(RecordError, match=words):
        reports_without_recordings(path, (1,))


def test_a_run_that_begins_with_weights_takes_their_words_and_statements(trained, tmp_path):
    config = ContrastiveTraining(init_from=str(trained / "model"))
    tokenizer = prepared_tokenizer(["other words altogether"], config, tmp_path / "tokenizer.json", False)
    assert (tmp_path / "tokenizer.json").read_text() == (trained / "model" / "tokenizer.json").read_text()
    model = prepared_model(config, tokenizer, None)
    assert model == ModelConfig.load(trained / "model")
    assert model.statements


def test_a_run_with_teachers_names_what_they_name(tmp_path):
    teacher = SignalNetwork(SignalModel(channels=(4, 4), blocks=(1, 1), dim=8, statements=("AFIB", "PACE")))
    teacher.save(tmp_path / "teacher")
    cache = prepared_cache([SyntheticSource(3)], tmp_path / "cache")
    config = ContrastiveTraining(distillation=Distillation((str(tmp_path / "teacher"),)))
    tokenizer = prepared_tokenizer(["sinus rhythm"], config, tmp_path / "tokenizer.json", False)
    assert prepared_model(config, tokenizer, cache).statements == ("AFIB", "PACE")
    assert (
        prepared_model(ContrastiveTraining(), tokenizer, cache).statements == ()
    )  # three records: none is frequent


def test_a_run_may_begin_with_another_runs_image_tower_alone(trained):
    theirs = load_model(trained / "model")[0]
    shape = replace(theirs.config, statements=("NORM",), text=replace(theirs.config.text, vocabulary=77))
    model = initial_model(ContrastiveTraining(model=shape, init_image_from=str(trained / "model")))
    assert model.config == shape
    pixels = torch.rand(2, 1, 256, 512)
    assert torch.allclose(model.eval().encode_image(pixels), theirs.eval().encode_image(pixels), atol=1e-6)
    anew = initial_model(ContrastiveTraining(model=shape))
    assert not torch.allclose(anew.eval().encode_image(pixels), theirs.encode_image(pixels), atol=1e-2)


def test_an_image_tower_of_another_shape_is_refused(trained):
    shape = ModelConfig.load(trained / "model")
    other = replace(shape, image=replace(shape.image, depth=shape.image.depth + 1))
    with pytest.raises(ConfigError, match="of another shape"):
        initial_model(ContrastiveTraining(model=other, init_image_from=str(trained / "model")))
    with pytest.raises(ValueError, match="expected one of them"):
        ContrastiveTraining(init_from="one", init_image_from="two")


def test_two_processes_train_on_the_photos_that_the_first_has_made(tmp_path):
    settings = find_config("train/smoke.toml").read_text("utf-8")
    settings = settings.replace("epochs = 2", "epochs = 1").replace("batch_size = 32", "batch_size = 8")
    (tmp_path / "two.toml").write_text(
        f"threads = 1\n{settings}\n[photo_views]\nper_record = 1\nlevel = 'S1'\n"
    )
    run = ["train", "--config", str(tmp_path / "two.toml"), "--data", "synthetic:20", "--out", str(tmp_path)]
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run([*torchrun, "-m", "ecgclip", *run], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    told = re.findall(r"(\d+) photos of them were read", (tmp_path / "log.txt").read_text())
    state = np.fromfile(tmp_path / "cache" / "photographs.state", np.uint8)
    assert told == [str((state == READ).sum())]
    assert int(told[0]) >= 8


def test_photos_of_which_none_can_be_read_are_told_before_training(tmp_path):
    cache = prepared_cache([SyntheticSource(3)], tmp_path)
    config = ContrastiveTraining(photo_views=PhotoViews(per_record=2), folds=(2, 3))
    prepared_files(tmp_path, cache, config.photo_views).state[:] = REFUSED
    with pytest.raises(RecordError, match="none of the 4 photos"):
        prepared_pool(cache, tmp_path, config)
