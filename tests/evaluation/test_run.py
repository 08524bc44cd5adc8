"""Protocols by name, and what importing the evaluation costs."""

import subprocess
import sys

import pytest

from ecgclip.cli import main
from ecgclip.errors import ConfigError, RecordError
from ecgclip.evaluation.classify.protocol import Part
from ecgclip.evaluation.classify.settings import ClassifySettings
from ecgclip.evaluation.run import (
    READ_BY,
    Protocol,
    check_options,
    narrowed,
    only,
    protocol_of,
    run,
    several,
)


def test_protocols_have_names():
    assert protocol_of("photos") is Protocol.PHOTOS
    with pytest.raises(ConfigError, match="did you mean retrieval"):
        protocol_of("retreival")
    with pytest.raises(ConfigError, match=r"expected retrieval, photos, .*, zero-shot or code-six$"):
        protocol_of("x")


def test_an_option_of_another_protocol_is_told():
    check_options(Protocol.PHOTOS, ["levels", "gallery"])
    check_options(Protocol.ZERO_SHOT, ["challenge"])
    with pytest.raises(
        ConfigError,
        match="--levels is not read by the protocol retrieval; expected --protocol photos or classify",
    ):
        check_options(Protocol.RETRIEVAL, ["signal-network", "levels"])


@pytest.mark.parametrize("option", ["--draws", "--simulated"])
def test_an_option_of_0_is_given_too(option, tmp_path, capsys):
    assert main(["evaluate", "--data", str(tmp_path), option, "0"]) == 2
    assert f"{option} is not read by the protocol retrieval" in capsys.readouterr().err


@pytest.mark.parametrize(
    "argv", [["evaluate", "--data", "nowhere"], ["demo"], ["train", "--config", "train/smoke.toml"]]
)
def test_a_seed_below_0_is_told(argv, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    more = ["--data", "synthetic:9", "--out", "out"] if argv[0] == "train" else []
    assert main([*argv, *more, "--seed", "-1"]) == 2
    told = capsys.readouterr().err
    assert "-1; expected 0 or more" in told
    assert len(told.splitlines()) == 1


def test_every_option_with_readers_is_an_option(capsys):
    assert main(["evaluate", "--help"]) == 0
    told = capsys.readouterr().out
    assert [name for name in READ_BY if f"--{name} " not in told] == []


def test_the_parts_of_classify_are_protocols():
    every = ClassifySettings(draws=2)
    assert narrowed(every, Protocol.CLASSIFY) == every
    assert narrowed(every, Protocol.PROBE).parts == (Part.PROBE,)
    assert narrowed(every, Protocol.ZERO_SHOT).parts == (Part.ZERO_SHOT,)
    six = narrowed(every, Protocol.CODE_SIX)
    assert (six.parts, six.label_sets, six.draws) == ((Part.PROBE, Part.ZERO_SHOT), ("code six",), 2)


def test_a_folder_without_statements_or_signals_is_told(tmp_path):
    with pytest.raises(RecordError, match=r"scp_statements\.csv is missing"):
        run(Protocol.RETRIEVAL, None, tmp_path)
    with pytest.raises(RecordError, match="signals is missing"):
        run("photos", None, tmp_path)
    with pytest.raises(RecordError, match=r"scp_statements\.csv is missing"):
        run("classify", None, tmp_path)


def test_models_are_one_or_several():
    assert several(None) == several([]) == (None,)
    assert several("a") == ("a",)
    assert several(["a", "b"]) == ("a", "b")
    assert only(["a"]) == "a"
    with pytest.raises(ConfigError, match="2 models were given; expected one"):
        only(["a", "b"])


def test_importing_the_evaluation_loads_nothing_heavy():
    code = (
        "import sys, ecgclip.evaluation.run, ecgclip.evaluation.retrieval.protocol\n"
        "import ecgclip.evaluation.classify.protocol, ecgclip.evaluation.classify.settings\n"
        "heavy = ('torch', 'matplotlib', 'pandas', 'wfdb', 'scipy', 'sklearn')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
