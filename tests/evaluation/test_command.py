"""`ecgclip evaluate`: which protocol is run with what, and what it says where it cannot run."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ecgclip.cli import main
from ecgclip.evaluation.classify.settings import ClassifySettings
from ecgclip.evaluation.photos.options import PhotoOptions
from ecgclip.evaluation.signals.options import SignalOptions
from ecgclip.records.ecg import Ecg
from ecgclip.simulation.ecg import synthetic_ecg

PROTOCOLS = {
    "retrieval": "ecgclip.evaluation.retrieval.protocol.run_retrieval",
    "photos": "ecgclip.evaluation.photos.run.run_photos",
    "signals": "ecgclip.evaluation.signals.run.run_signals",
    "classify": "ecgclip.evaluation.classify.run.run_classify",
    "text": "ecgclip.evaluation.text.protocol.run_text",
}


class Figures:
    def table(self):
        return "a table"

    def to_json(self):
        return {"figure": 1.0}


@pytest.fixture
def called(monkeypatch, capsys):
    """Returns a function from arguments to the protocol that was run, with its arguments."""

    def run(*argv):
        calls = []
        for name, target in PROTOCOLS.items():
            keep = lambda *args, name=name, **keywords: calls.append((name, args, keywords)) or Figures()
            monkeypatch.setattr(target, keep)
        assert main(["evaluate", *argv]) == 0
        said = capsys.readouterr().out
        assert json.loads(said) == {"figure": 1.0} if "--json" in argv else said == "a table\n"
        ((name, args, keywords),) = calls
        keywords.pop("on_progress")
        keywords.pop("log", None)
        return name, args, keywords

    return run


def fails(capsys, *argv):
    """The one line of a command that must fail with 2."""
    assert main(["evaluate", *map(str, argv)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    return line


def test_without_a_protocol_it_is_retrieval(called):
    keywords = {"signal_network": None, "seed": 0}
    assert called("--data", "x", "--json") == ("retrieval", ("x", ()), keywords)
    assert called("retrieval", "--data", "x") == ("retrieval", ("x", ()), keywords)
    options = ["--data", "x", "--model", "a", "--model", "b", "--signal-network", "n", "--seed", "3"]
    expected = ("retrieval", ("x", ["a", "b"]), {"signal_network": "n", "seed": 3})
    assert called("retrieval", *options) == called(*options) == expected


def test_photos_are_all_of_fold_9_at_all_levels_where_nothing_is_said(called):
    keywords = {"gallery": None, "index": None, "seed": 0}
    assert called("photos", "--data", "x") == ("photos", ("x", None, PhotoOptions()), keywords)


def test_every_option_of_photos_arrives(called):
    simulated = ("--simulated", "0", "--levels", "S0,S3", "--no-real")
    files = ("--results", "r", "--contact-sheet", "s.png", "--gallery", "g", "--index", "i", "--model", "m")
    name, args, keywords = called("photos", "--data", "x", *simulated, *files, "--seed", "1")
    options = PhotoOptions(0, ("S0", "S3"), False, Path("r"), Path("s.png"))
    assert (name, args) == ("photos", ("x", "m", options))
    assert keywords == {"gallery": "g", "index": "i", "seed": 1}


def test_signals_take_several_sources(called):
    expected = ("signals", (["x", "y"], SignalOptions()), {"seed": 0})
    assert called("signals", "--data", "x", "y") == expected
    more = ("--simulated", "3", "--levels", "S0", "--results", "r", "--contact-sheet", "s.png", "--seed", "1")
    options = SignalOptions(3, ("S0",), Path("r"), Path("s.png"))
    assert called("signals", "--data", "x", *more) == ("signals", (["x"], options), {"seed": 1})


def test_classify_has_parts_with_options_of_their_own(called):
    whole = called("classify", "--data", "x", "--draws", "1", "--levels", "S2", "--simulated", "4")
    settings = ClassifySettings(draws=1, levels=("S2",), photos=4)
    assert whole == ("classify", ("x", None, settings), {"part": None, "seed": 0})
    _, args, keywords = called("classify", "zero-shot", "--data", "x", "--challenge", "c")
    assert args == ("x", None, ClassifySettings(challenge=Path("c")))
    assert keywords["part"] == "zero-shot"
    _, args, keywords = called("classify", "code-six", "--data", "x", "--signal-network", "n", "--seed", "2")
    assert args == ("x", None, ClassifySettings(signal_network=Path("n")))
    assert keywords == {"part": "code-six", "seed": 2}


def test_text_takes_several_models(called):
    assert called("text", "--data", "x", "--model", "a", "--model", "b") == ("text", ("x", ["a", "b"]), {})


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ([], "--data is missing; expected a folder in PTB-XL's layout, or a table"),
        (["photos"], "--data is missing; expected a folder with photos.csv"),
        (["retreival", "--data", "x"], "choose from 'retrieval'"),
        (["classify", "prob", "--data", "x"], "choose from 'probe'"),
        (["--data", "x", "--levels", "S0"], "choose from 'retrieval', 'photos'"),
        (["retrieval", "--data", "x", "--draws", "0"], "unrecognized arguments: --draws 0"),
        (["classify", "probe", "--data", "x", "--challenge", "c"], "unrecognized arguments: --challenge c"),
        (["photos", "--data", "x"], "signals is missing"),
        (["classify", "--data", "x", "--seed", "-1"], "-1; expected 0 or more"),
        (["classify", "--data", "x", "--draws", "0"], "0 draws"),
        (["--data", "nowhere", "--seed", "-1"], "-1; expected 0 or more"),
        (["--data", "nowhere"], "nowhere"),
    ],
)
def test_what_is_wrong_is_one_line(argv, words, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert words in fails(capsys, *argv)


@pytest.mark.parametrize("argv", [["demo"], ["train", "--config", "train/smoke.toml"]])
def test_other_commands_refuse_a_seed_below_0_too(argv, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    more = ["--data", "synthetic:9", "--out", "out"] if argv[0] == "train" else []
    assert main([*argv, *more, "--seed", "-1"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "-1; expected 0 or more" in line


@pytest.mark.parametrize(
    ("argv", "there", "absent"),
    [
        (["retrieval"], ["--signal-network", "--seed"], ["--levels", "--draws", "--gallery"]),
        (["photos"], ["--levels", "--gallery", "--results"], ["--draws", "--challenge"]),
        (["signals"], ["--levels", "--simulated", "--contact-sheet"], ["--model", "--gallery"]),
        (["classify"], ["--levels", "--draws", "--challenge"], ["--gallery", "--results"]),
        (["classify", "zero-shot"], ["--challenge"], ["--levels", "--draws", "--signal-network"]),
        (["text"], ["--model"], ["--seed", "--levels"]),
    ],
)
def test_help_shows_the_protocols_own_options_alone(argv, there, absent, capsys):
    assert main(["evaluate", *argv, "--help"]) == 0
    told = capsys.readouterr().out
    assert [option for option in (*there, "--data", "--json") if option not in told] == []
    assert [option for option in absent if option in told] == []


def write_record(folder: Path, name: str, ecg: Ecg) -> None:
    digital = np.round(np.nan_to_num(ecg.signal_mv) * 1000).astype("<i2")
    digital.T.tofile(folder / f"{name}.dat")
    lines = [f"{name}.dat 16 1000(0)/mV 16 0 0 0 0 {lead}" for lead in ecg.leads]
    (folder / f"{name}.hea").write_text("\n".join([f"{name} 12 500 {digital.shape[1]}", *lines]) + "\n")


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A folder of records beside a table that gives their codes and folds: the user's own data."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "rec").mkdir()
    rows = ["id,path,report,codes,patient_id,fold"]
    for i in range(20):
        code = ("NORM", "AFIB")[i // 2 % 2]
        write_record(folder / "rec", f"r{i}", synthetic_ecg(np.random.default_rng(i), [code]))
        rows.append(f"c{i},rec/r{i},report {code},{code},{i},{i % 10 + 1}")
    (folder / "own.csv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture
def fake_model(model, monkeypatch):
    monkeypatch.setattr("ecgclip.engine.model.load_model", lambda folder=None, threads=0: model)


def test_a_table_of_ones_own_is_measured(own, fake_model, capsys):
    assert main(["evaluate", "--data", str(own / "own.csv"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["source"], found["queries"], found["gallery"]) == ("own", 2, 16)
    # fold 9 holds c8 (NORM) and c18 (AFIB); 8 of 16 prior cases carry each, and their reports name them
    oracle = found["methods"][-1]
    assert oracle["labels"]["ndcg_at_10"]["value"] == 1
    classes = {one["superclass"]: one for one in oracle["labels"]["by_class"]}
    assert classes["NORM"]["queries"] == 1
    assert classes["NORM"]["prior_percent"] == 50
    assert classes["CD"]["queries"] == 0


def test_a_table_beside_the_data_explains_ones_own_statements(own, tmp_path, fake_model, capsys):
    table = (own / "own.csv").read_text().replace("NORM", "Healthy").replace("AFIB", "Ill")
    (tmp_path / "rec").symlink_to(own / "rec")
    (tmp_path / "own.csv").write_text(table)
    line = fails(capsys, "--data", tmp_path / "own.csv")
    assert "no known statement among the codes of 16 prior cases (found: Healthy, Ill)" in line
    assert "scp_statements.csv beside the data" in line
    (tmp_path / "scp_statements.csv").write_text("code,diagnostic_class\nHealthy,NORM\nIll,CD\n")
    assert main(["evaluate", "--data", str(tmp_path / "own.csv"), "--json"]) == 0
    by_class = json.loads(capsys.readouterr().out)["methods"][0]["labels"]["by_class"]
    assert {one["superclass"]: one["queries"] for one in by_class}["CD"] == 1


def test_records_without_folds_are_told_what_is_expected(own, tmp_path, fake_model, capsys):
    line = fails(capsys, "--data", own / "rec")
    assert "rec: none of 20 records is of the folds" in line
    assert "a table of your own with the columns id, path, report, codes, patient_id and fold" in line
    rows = [row.rpartition(",")[0] for row in (own / "own.csv").read_text().splitlines()]
    (tmp_path / "rec").symlink_to(own / "rec")
    (tmp_path / "own.csv").write_text("\n".join(rows))
    assert "own: none of 20 records is of the folds" in fails(capsys, "--data", tmp_path / "own.csv")


def test_importing_the_protocols_loads_nothing_heavy():
    code = (
        "import sys, ecgclip.cli.evaluate, ecgclip.evaluation.retrieval.protocol\n"
        "import ecgclip.evaluation.classify.protocol, ecgclip.evaluation.classify.settings\n"
        "heavy = ('torch', 'matplotlib', 'pandas', 'wfdb', 'scipy', 'sklearn')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
