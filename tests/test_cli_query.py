"""`ecgclip query` of images: what is said of pages, strips and refused pictures, and what is written."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ecgclip.cli import main
from ecgclip.paper.render import render
from ecgclip.simulation.ecg import SyntheticSource

SOURCE = SyntheticSource(8)
DEMO = Path(__file__).parent.parent / "index" / "demo"
Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def page() -> Image.Image:
    return Image.fromarray(render(SOURCE.read("00003")).array)


@pytest.fixture
def report(page: Image.Image, tmp_path: Path) -> Path:
    """A cover sheet and an ECG."""
    path = tmp_path / "report.pdf"
    Image.new("RGB", page.size, "white").save(path, resolution=200, save_all=True, append_images=[page])
    return path


def test_the_ecg_of_a_pdf_is_found_and_named(report: Path, index: Path, capsys: Capture) -> None:
    assert main(["query", str(report), "--index", str(index), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["input"]["kind"], answer["matches"][0]["case_id"]) == ("pdf", "synthetic/00003")
    assert answer["input"]["warnings"][0] == "page 2 of 2 was read"
    assert main(["query", str(report), "--index", str(index), "--page", "2"]) == 0
    assert "page 2 of 2" not in capsys.readouterr().out


def test_a_page_that_is_none_or_absent(report: Path, index: Path, capsys: Capture) -> None:
    query = ["query", str(report), "--index", str(index)]
    assert main([*query, "--page", "1"]) == 3
    assert "refused: no ECG grid" in capsys.readouterr().err
    for page, words in (("3", "page 3 was asked for; the PDF has 2"), ("0", "expected a whole number of 1")):
        assert main([*query, "--page", page]) == 2
        err = capsys.readouterr().err
        assert words in err
        assert len(err.splitlines()) == 1


def test_a_refused_picture_says_why_and_is_not_written(index: Path, tmp_path: Path, capsys: Capture) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (500, 700, 3), dtype=np.uint8)
    path, rectified = tmp_path / "noise.png", tmp_path / "rectified.png"
    Image.fromarray(noise).save(path)
    query = ["query", str(path), "--index", str(index), "--save-rectified", str(rectified)]
    assert main([*query, "--json"]) == 3
    out, err = capsys.readouterr()
    said = json.loads(out)["input"]
    assert (said["accepted"], said["corners"], said["px_per_mm"]) == (False, [], None)
    assert said["reason"] in err
    assert f"{rectified} is not written" in err
    assert not rectified.exists()


def test_the_rectified_page_is_written_upright(page: Image.Image, index: Path, tmp_path: Path) -> None:
    path, rectified = tmp_path / "turned.png", tmp_path / "rectified.png"
    page.transpose(Image.Transpose.ROTATE_90).save(path)
    assert main(["query", str(path), "--index", str(index), "--save-rectified", str(rectified)]) == 0
    with Image.open(rectified) as saved:
        assert saved.mode == "L"
        assert saved.width > saved.height


def test_a_wrong_suffix_is_bad_input(page: Image.Image, index: Path, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "page.png"
    page.save(path)
    assert main(["query", str(path), "--index", str(index), "--save-rectified", str(tmp_path / "a.doc")]) == 2
    assert "pictures end in .png" in capsys.readouterr().err


def test_the_program_ends_with_all_of_its_answer_written(page: Image.Image, tmp_path: Path) -> None:
    """It leaves without the interpreter's tidying up, which would also have flushed what it printed."""
    photo, absent = tmp_path / "page.png", tmp_path / "absent"
    page.save(photo)
    program = [sys.executable, "-m", "ecgclip", "query", str(photo), "--index"]
    done = subprocess.run([*program, str(DEMO), "--json"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(json.loads(done.stdout)["matches"]) == 10
    wrong = subprocess.run([*program, str(absent)], capture_output=True, text=True, check=False)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr.startswith(f"ecgclip: index {absent} does not exist")


def test_a_wrong_index_is_told_before_a_wrong_picture(tmp_path: Path, capsys: Capture) -> None:
    assert main(["query", str(tmp_path / "absent.png"), "--index", str(tmp_path / "no-index")]) == 2
    assert "no-index does not exist" in capsys.readouterr().err


@pytest.fixture
def folder(page: Image.Image, tmp_path: Path) -> Path:
    """Two ECGs, a picture that is none, one that is cut off, and a file of another kind."""
    folder = tmp_path / "photos"
    folder.mkdir()
    page.save(folder / "a.png")
    Image.fromarray(render(SOURCE.read("00005")).array).save(folder / "b.jpg")
    Image.new("RGB", (600, 400), "white").save(folder / "c.png")
    (folder / "d.jpg").write_bytes((folder / "b.jpg").read_bytes()[:2000])
    (folder / "e.jpg").write_text("once a scan")
    (folder / "notes.txt").write_text("no picture")
    (folder / "._a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return folder


def lines_of(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_every_picture_of_a_folder_has_its_line(folder: Path, index: Path, capsys: Capture) -> None:
    assert main(["query", str(folder), "--index", str(index), "--json"]) == 2
    out, err = capsys.readouterr()
    answers = lines_of(out)
    assert [Path(str(answer["input"]["path"])).name for answer in answers] == [
        "a.png",
        "b.jpg",
        "c.png",
        "d.jpg",
        "e.jpg",
    ]
    assert [answer["input"]["accepted"] for answer in answers] == [True, True, False, False, False]
    assert [answer["matches"][0]["case_id"] for answer in answers[:2]] == [
        "synthetic/00003",
        "synthetic/00005",
    ]
    assert "c.png: refused" in err
    assert str(answers[3]["input"]["reason"]) in err
    assert "e.jpg: " in err
    assert "Traceback" not in err


def test_several_pictures_end_as_the_worst_of_them(folder: Path, index: Path, capsys: Capture) -> None:
    a, b, c, d = (str(folder / name) for name in ("a.png", "b.jpg", "c.png", "d.jpg"))
    query = ["query", "--index", str(index)]
    for pictures, code in (([a, b], 0), ([a, c], 3), ([a, c, d], 2)):
        assert main([*query, *pictures]) == code
        assert "synthetic/00003" in capsys.readouterr().out
    assert main([*query, a, b, "--save-rectified", str(folder / "page.png")]) == 2
    assert "expected one picture, found 2" in capsys.readouterr().err


def test_a_folder_without_pictures_says_what_is_there(tmp_path: Path, index: Path, capsys: Capture) -> None:
    (tmp_path / "ecg.scp").write_bytes(bytes(16) + b"SCPECG")
    assert main(["query", str(tmp_path), "--index", str(index)]) == 2
    assert (
        "found 1 other files: ecg.scp is an SCP-ECG file; expected pictures of ECGs"
        in capsys.readouterr().err
    )


def test_a_picture_by_standard_input(page: Image.Image, tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    page.save(path)
    program = [sys.executable, "-m", "ecgclip", "query", "-", "--index", str(DEMO), "--json"]
    done = subprocess.run(program, input=path.read_bytes(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["input"]["path"] == "standard input"
    empty = subprocess.run(program, input=b"", capture_output=True, check=False)
    assert (empty.returncode, empty.stdout) == (2, b"")
    assert b"standard input: found nothing" in empty.stderr
