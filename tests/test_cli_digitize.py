"""`ecgclip digitize`: files of every format, several pictures, refusals, and what must not be written."""

import io
import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from ecgclip.cli import main
from ecgclip.paper.render import render
from ecgclip.records.reading import read_ecg
from ecgclip.simulation.ecg import SyntheticSource
from ecgclip.units import LEADS


@pytest.fixture(scope="module")
def prints(tmp_path_factory):
    """A folder with two prints, a blank sheet, a text and a WFDB-like name."""
    folder = tmp_path_factory.mktemp("prints")
    for name in ("00001", "00002"):
        render(SyntheticSource(2).read(name)).save(folder / f"p.{name}.png")
    Image.new("RGB", (900, 700), "white").save(folder / "blank.png")
    (folder / "letter.jpg").write_text("no picture")
    return folder


def run(capsys, *argv):
    code = main(["digitize", *map(str, argv)])
    told = capsys.readouterr()
    return code, told.out, told.err.splitlines()


@pytest.mark.parametrize("suffix", [".hea", ".csv", ".edf", ".dcm", ".json"])
def test_one_picture_becomes_one_file(prints, suffix, tmp_path, capsys):
    out = tmp_path / f"signal{suffix}"
    code, said, _ = run(capsys, prints / "p.00001.png", "--out", out)
    assert code == 0
    assert said == f"{out}: 3x4+1R(II), leads {' '.join(LEADS)} at 500 Hz\n"
    if suffix in (".hea", ".csv"):
        assert read_ecg(out).leads == LEADS
    assert {file.suffix for file in tmp_path.iterdir()} == {suffix} | (
        {".dat"} if suffix == ".hea" else set()
    )


def test_the_document_of_one_picture(prints, tmp_path, capsys):
    out, drawn = tmp_path / "a.json", tmp_path / "a.png"
    code, said, errors = run(capsys, prints / "p.00001.png", "--out", out, "--picture", drawn, "--json")
    assert (code, errors) == (0, [])
    told = json.loads(said)
    assert (told["path"], told["out"], told["picture"]) == (str(prints / "p.00001.png"), str(out), str(drawn))
    assert (told["accepted"], told["reason"], told["layout"], told["rate_hz"]) == (
        True,
        "",
        "3x4+1R(II)",
        500,
    )
    assert list(told["shown_s"]) == [*LEADS]
    assert told["shown_s"]["II"] > 9.5 > 2.6 > told["shown_s"]["V1"] > 2.3
    written = json.loads(out.read_text())
    assert (written["layout"], written["speed_mm_s"], written["gain_mm_mv"]) == ("3x4+1R(II)", 25, 10)
    assert written["confidence"] == told["confidence"]
    with Image.open(drawn) as picture:
        assert picture.width > 1500


def test_several_pictures_are_answered_each_and_a_refused_one_stops_none(prints, tmp_path, capsys):
    images = [prints / name for name in ("p.00001.png", "blank.png", "p.00002.png")]
    code, said, errors = run(capsys, *images, "--out", tmp_path / "new", "--json")
    assert code == 3
    told = [json.loads(line) for line in said.splitlines()]
    assert [one["accepted"] for one in told] == [True, False, True]
    assert told[1]["out"] is None
    assert told[1]["reason"]
    assert told[1]["shown_s"] == {}
    assert errors == [f"ecgclip: {images[1]}: refused: {told[1]['reason']}"]
    files = sorted(file.name for file in (tmp_path / "new").iterdir())
    assert files == ["p_00001.dat", "p_00001.hea", "p_00002.dat", "p_00002.hea"]
    assert read_ecg(tmp_path / "new/p_00002").rate_hz == 500


def test_a_folder_of_pictures_and_one_that_is_no_picture(prints, tmp_path, capsys):
    code, said, errors = run(
        capsys, prints, "--out", tmp_path, "--format", "csv", "--picture", tmp_path / "p"
    )
    assert code == 2
    assert len(said.splitlines()) == 2
    assert [line for line in errors if "letter.jpg" in line and "text" in line]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["p", "p_00001.csv", "p_00002.csv"]
    assert sorted(file.name for file in (tmp_path / "p").iterdir()) == ["p_00001.png", "p_00002.png"]


def test_a_refused_picture_writes_nothing(prints, tmp_path, capsys):
    arguments = ("--out", tmp_path / "a.hea", "--picture", tmp_path / "a.png")
    code, said, (line,) = run(capsys, prints / "blank.png", *arguments)
    assert (code, said) == (3, "")
    assert "blank.png: refused: " in line
    assert [*tmp_path.iterdir()] == []


def test_a_picture_that_is_piped_in(prints, tmp_path, capsys, monkeypatch):
    piped = io.BytesIO((prints / "p.00001.png").read_bytes())
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=piped))
    assert run(capsys, "-", "--out", tmp_path)[0] == 0
    assert (tmp_path / "standard_input.hea").is_file()


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["p.00001.png", "--out", "{}/a.txt"], "expected a folder, or a file that ends in .hea"),
        (["p.00001.png", "p.00002.png", "--out", "{}/a.csv"], "one file; found 2 pictures"),
        (["p.00001.png", "--out", "{}/none/a.csv"], "no such folder; make it first"),
        (["p.00001.png", "--out", "{}/none/below"], "no such folder; make it first"),
        (["p.00001.png", "p.00001.png", "--out", "{}"], "would both become"),
        (["p.00001.png", "--out", "{}/a.csv", "--format", "edf"], "expected one of them, or the same"),
        (
            ["p.00001.png", "--out", "{}", "--picture", "{}/a.gif"],
            "expected a folder, or a file that ends in",
        ),
        (["p.00001.png", "--out", "{}", "--picture", "p.00001.png"], "is one of the pictures"),
        (["-", "--out", "{}", "--picture", "{}/p.png"], "found standard input"),
        (["p.00001.png", "--out", "{}", "--page", "0"], "whole number of 1 or more"),
        (["p.00001.png", "--out", "{}/a.csv", "--page", "2"], "page 2 was asked for"),
        (["absent.png", "--out", "{}/a.csv"], "absent.png: cannot be read"),
        (["letter.jpg", "--out", "{}/a.csv"], "this is a text file"),
        (["p.00001.png", "--out", "{}/ä.hea"], "called by letters, digits"),
        (["p.00001.png"], "--out"),
    ],
)
def test_what_is_wrong_is_one_line_and_nothing_is_written(prints, argv, words, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(prints)
    before = sorted(file.name for file in prints.iterdir())
    code, said, (line,) = run(capsys, *(word.replace("{}", str(tmp_path)) for word in argv))
    assert (code, said) == (2, "")
    assert words in line
    assert [*tmp_path.iterdir()] == []
    assert sorted(file.name for file in prints.iterdir()) == before


def test_a_missing_package_is_told_before_a_picture_is_read(prints, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "edfio", None)
    monkeypatch.setitem(sys.modules, "ecgclip.photo.rectify", None)
    for out in (["--out", tmp_path / "a.edf"], ["--out", tmp_path / "new", "--format", "edf"]):
        code, said, (line,) = run(capsys, prints / "p.00001.png", *out)
        assert (code, said) == (2, "")
        assert "pip install 'ecgclip[edf]'" in line
    assert [*tmp_path.iterdir()] == []


def test_names_of_files_stay_in_their_folder(prints, tmp_path, capsys):
    (tmp_path / "in").mkdir()
    picture = (prints / "p.00001.png").read_bytes()
    for name in ("..png", "é\n=x.png", ".hidden.png", "-o.png"):
        (tmp_path / "in" / name).write_bytes(picture)
    names = [tmp_path / "in" / name for name in ("..png", "é\n=x.png", ".hidden.png", "-o.png")]
    code, _, errors = run(capsys, *names, "--out", tmp_path / "out", "--format", "csv")
    assert (code, errors) == (0, [])
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "-o.csv",
        "_.csv",
        "_hidden.csv",
        "_x.csv",
    ]


def test_a_folder_of_records_alone_has_no_picture(tmp_path, capsys):
    np.zeros(24, "<i2").tofile(tmp_path / "r.dat")
    (tmp_path / "r.hea").write_text("r 1 500 24\nr.dat 16 1000/mV 16 0 0 0 0 I\n")
    code, _, (line,) = run(capsys, tmp_path, "--out", tmp_path / "x")
    assert code == 2
    assert "records alone; expected pictures" in line
