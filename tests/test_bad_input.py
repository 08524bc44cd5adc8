"""Bad input through the command line: one line on stderr, the right exit code, the index as it was."""

import errno
import json
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import wfdb
from PIL import Image

from ecgclip.cli import main
from ecgclip.engine.model import Model
from ecgclip.engine.query import open_index
from ecgclip.paper.geometry import fingerprint
from ecgclip.paper.render import render
from ecgclip.retrieval.case import Case
from ecgclip.retrieval.store.partial import Spec
from ecgclip.retrieval.store.writer import update_bundle
from ecgclip.simulation.ecg import SyntheticSource
from ecgclip.units import LEADS

SOURCE = SyntheticSource(8)
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A clean print of a case of the index."""
    return render(SOURCE.read("00003")).save(tmp_path / "page.png")


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def fails(argv: list[object], code: int, words: str, capsys: Capture) -> None:
    """The command ends with this code, and these words in one line on stderr."""
    capsys.readouterr()
    assert main([str(word) for word in argv]) == code
    out, err = capsys.readouterr()
    assert words.lower() in err.lower()
    assert len(err.splitlines()) == 1, err
    assert "Traceback" not in err
    assert out == ""


# ---------------------------------------------------------------- images


def png(width: int, height: int, data: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


IMAGES: dict[str, tuple[bytes | None, tuple[int, ...]]] = {
    "absent.png": (None, (2,)),
    "empty.png": (b"", (2,)),
    "text.png": (b"hello\n", (2,)),
    "cut.png": (b"\x89PNG\r\n\x1a\n", (2,)),
    "one-pixel.png": (png(1, 1, zlib.compress(b"\0\0")), (2, 3)),
    "bomb.png": (png(30_000, 30_000, zlib.compress(bytes(30_001) * 300, 9)), (2,)),
}


@pytest.mark.parametrize("name", IMAGES)
def test_images_that_are_none(name: str, index: Path, tmp_path: Path, capsys: Capture) -> None:
    content, codes = IMAGES[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    before = snapshot(index)
    assert main(["query", str(tmp_path / name), "--index", str(index)]) in codes
    out, err = capsys.readouterr()
    assert name in err
    assert len(err.splitlines()) == 1
    assert out == ""
    assert snapshot(index) == before


def cat() -> np.ndarray:
    """Two ears, two eyes, whiskers: textured like a photo, nothing like an ECG."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:900, 0:1200].astype(np.float32)
    fur = 120 + 40 * np.sin(x / 90) * np.cos(y / 70) + rng.normal(0, 12, (900, 1200))
    for eye in (450, 750):
        fur[(x - eye) ** 2 + ((y - 400) * 1.4) ** 2 < 3600] = 230
        fur[((x - eye) * 3) ** 2 + (y - 400) ** 2 < 1600] = 10
    return np.clip(np.stack([fur * 1.1, fur * 0.9, fur * 0.7], axis=2), 0, 255).astype(np.uint8)


def test_a_cat_is_refused_and_the_json_says_why(index: Path, tmp_path: Path, capsys: Capture) -> None:
    Image.fromarray(cat()).save(tmp_path / "cat.jpg")
    assert main(["query", str(tmp_path / "cat.jpg"), "--index", str(index), "--json"]) == 3
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["input"]["accepted"] is False
    assert document["input"]["reason"]
    assert document["matches"] == []
    assert len(err.splitlines()) == 1


def test_only_cats_to_embed_is_a_refusal(tmp_path: Path, fake_weights: Model, capsys: Capture) -> None:
    Image.fromarray(cat()).save(tmp_path / "cat.jpg")
    assert main(["embed", "--images", str(tmp_path / "cat.jpg"), "--out", str(tmp_path / "o.npz")]) == 3
    assert "refused" in capsys.readouterr().err
    assert not (tmp_path / "o.npz").exists()


# ---------------------------------------------------------------- sources


def write_record(folder: Path, name: str, signal: np.ndarray, leads: tuple[str, ...] = LEADS) -> None:
    folder.mkdir(exist_ok=True)
    count = len(leads)
    wfdb.wrsamp(
        name, 100, ["mV"] * count, list(leads), signal, fmt=["16"] * count, adc_gain=[1000.0] * count,
        baseline=[0] * count, write_dir=str(folder),
    )  # fmt: skip


def beats(count: int = 12) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.3, (1000, count))


def truncated(folder: Path) -> None:
    write_record(folder, "bad", beats())
    data = (folder / "bad.dat").read_bytes()
    (folder / "bad.dat").write_bytes(data[: len(data) // 3])


def wrong_leads(folder: Path) -> None:
    write_record(folder, "bad", beats(3), ("resp", "pleth", "abp"))


def all_nan(folder: Path) -> None:
    write_record(folder, "bad", np.full((1000, 12), np.nan))


def absurd_gain(folder: Path) -> None:
    write_record(folder, "bad", beats())
    header = (folder / "bad.hea").read_text()
    (folder / "bad.hea").write_text(header.replace("1000.0(0)", "0.001(0)"))


@pytest.mark.parametrize("spoil", [truncated, wrong_leads, all_nan, absurd_gain])
def test_a_bad_record_is_skipped_with_its_reason(
    spoil: Callable[[Path], None], tmp_path: Path, fake_weights: Model, capsys: Capture
) -> None:
    folder, path = tmp_path / "records", tmp_path / "index"
    spoil(folder)
    write_record(folder, "good", beats())
    assert main(["build-index", str(folder), "--index", str(path), "--reader", "wfdb", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["cases"], report["added"]) == (1, 1)
    assert [item["record"] for item in report["skipped"]] == ["bad"]
    assert report["skipped"][0]["reason"]


@pytest.mark.parametrize("spoil", [truncated, wrong_leads, all_nan, absurd_gain])
def test_a_bad_record_cannot_be_rendered_or_asked(
    spoil: Callable[[Path], None], index: Path, tmp_path: Path, capsys: Capture
) -> None:
    spoil(tmp_path / "records")
    record = tmp_path / "records" / "bad"
    fails(["render", record, "--out", tmp_path / "o.png"], 2, "bad", capsys)
    fails(["query", record, "--index", index], 2, "bad", capsys)
    assert not (tmp_path / "o.png").exists()


def test_missing_and_empty_folders(index: Path, tmp_path: Path, capsys: Capture) -> None:
    before = snapshot(index)
    (tmp_path / "nothing").mkdir()
    for name in ("nothing", "absent"):
        fails(["build-index", tmp_path / name, "--index", index], 2, name, capsys)
    assert snapshot(index) == before


def test_a_table_without_the_needed_column(index: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "t.csv").write_text("file,text\na,b\n")
    before = snapshot(index)
    fails(["build-index", tmp_path / "t.csv", "--index", index, "--reader", "table"], 2, "file", capsys)
    assert snapshot(index) == before


def test_an_unknown_reader_names_the_nearest(index: Path, tmp_path: Path, capsys: Capture) -> None:
    fails(["build-index", tmp_path, "--index", index, "--reader", "ptbx"], 2, "ptbxl", capsys)


def test_render_of_what_is_no_record(tmp_path: Path, page: Path, capsys: Capture) -> None:
    (tmp_path / "text.png").write_bytes(b"hello\n")
    fails(["render", tmp_path / "text.png", "--out", tmp_path / "o.png"], 2, "text.png", capsys)
    write_record(tmp_path / "records", "good", beats())
    good = tmp_path / "records" / "good"
    fails(["render", good, "--out", tmp_path / "o.gif"], 2, ".gif", capsys)
    fails(["render", good, "--out", tmp_path / "o.png", "--layout", "3x5"], 2, "3x5", capsys)
    fails(["render", good, "--out", tmp_path / "o.png", "--style", "nokia"], 2, "nokia", capsys)
    fails(["render", good, "--out", tmp_path / "no" / "o.png"], 2, "no", capsys)


# ---------------------------------------------------------------- indexes


def newer_format(path: Path) -> None:
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps(manifest | {"format_version": 99}))


def foreign_model(path: Path) -> None:
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps(manifest | {"model_hash": "0123456789abcdef"}))


def half_written(path: Path) -> None:
    data = (path / "vectors.npy").read_bytes()
    (path / "vectors.npy").write_bytes(data[: len(data) // 2])


def no_manifest(path: Path) -> None:
    (path / "manifest.json").unlink()


SPOILS = [newer_format, foreign_model, half_written, no_manifest]


@pytest.mark.parametrize("spoil", SPOILS)
def test_an_index_that_cannot_be_used(
    spoil: Callable[[Path], None], index: Path, page: Path, capsys: Capture
) -> None:
    spoil(index)
    before = snapshot(index)
    fails(["query", page, "--index", index], 2, "index", capsys)
    fails(["search", "afib", "--index", index], 2, "index", capsys)
    fails(["build-index", "synthetic:9", "--index", index], 2, "index", capsys)
    assert snapshot(index) == before


def test_no_index_says_how_to_make_one(
    page: Path, tmp_path: Path, fake_weights: Model, capsys: Capture
) -> None:
    fails(["query", page, "--index", tmp_path / "none"], 2, "build-index", capsys)
    fails(["verify", "--index", tmp_path / "none"], 2, "none", capsys)
    fails(["info", "--index", tmp_path / "none"], 2, "none", capsys)
    fails(["remove", "--index", tmp_path / "none", "--case", "a/1"], 2, "none", capsys)


def test_a_damaged_index_does_not_verify(index: Path, capsys: Capture) -> None:
    assert main(["verify", "--index", str(index)]) == 0
    data = bytearray((index / "vectors.npy").read_bytes())
    data[-5] ^= 0xFF
    (index / "vectors.npy").write_bytes(bytes(data))
    fails(["verify", "--index", index], 2, "checksum", capsys)


def test_a_locked_index_waits_for_nobody(index: Path, capsys: Capture) -> None:
    """Another live process writes: this one says so at once and changes nothing."""
    holder = (
        "import sys; from ecgclip.retrieval.store.lock import writing_lock; from pathlib import Path\n"
        "with writing_lock(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    before = snapshot(index)
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(index)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        fails(["build-index", "synthetic:9", "--index", index], 2, str(other.pid), capsys)
        assert other.stdin is not None
        other.stdin.close()
    assert snapshot(index) == before


def test_a_full_disk_leaves_the_index_as_it_was(
    index: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    before = snapshot(index)

    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("ecgclip.retrieval.store.partial.Partial.finish", full)
    fails(["build-index", "synthetic:9", "--index", index], 2, "disk is full", capsys)
    assert snapshot(index) == before


# ---------------------------------------------------------------- words and numbers


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["-k", "0"], "'0' was given"),
        (["--where", "agee > 3"], "age"),
        (["--where", "age >"], "expected a value"),
        (["--model", "nowhere-at-all"], "nowhere-at-all"),
        (["--save-rectified", "o.xyz"], "pictures end in"),
    ],
)
def test_wrong_settings_of_a_query(
    more: list[str], words: str, index: Path, page: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "--model" in more:
        monkeypatch.undo()  # the real loader has to complain
    fails(["query", page, "--index", index, *more], 2, words, capsys)


def test_reports_that_cannot_be_read(tmp_path: Path, fake_weights: Model, capsys: Capture) -> None:
    fails(
        ["embed", "--reports", tmp_path / "absent.txt", "--out", tmp_path / "o.npz"], 2, "absent.txt", capsys
    )
    (tmp_path / "r.csv").write_text("a,b\n1,2\n")
    fails(
        ["embed", "--reports", tmp_path / "r.csv", "--out", tmp_path / "o.npz"],
        2,
        "no column 'report'",
        capsys,
    )
    fails(["embed", "--reports", tmp_path / "r.csv", "--out", tmp_path / "o.xls"], 2, ".npz", capsys)


def test_what_is_not_in_the_index_cannot_be_removed(index: Path, capsys: Capture) -> None:
    cases = ["--case", "synthetic/00001", "synthetic/99999"]
    fails(["remove", "--index", index, *cases], 2, "has no case synthetic/99999; nothing was removed", capsys)
    fails(["remove", "--index", index, "--patient", "nobody"], 2, "no patient nobody; nothing", capsys)
    fails(["remove", "--index", index, *cases[:2], "--source", "synthetic"], 2, "goes with --patient", capsys)
    assert len(open_index(index)) == len(SOURCE.ids)
    assert main(["remove", "--index", str(index), "--case", "synthetic/00001", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["cases"] == len(SOURCE.ids) - 1


@pytest.mark.parametrize("words", ["", " ", " ?! ", "心房細動", "мерцательная аритмия"])
def test_words_without_a_word_are_refused(words: str, index: Path, page: Path, capsys: Capture) -> None:
    says = "expected English or German words such as 'atrial fibrillation'"
    fails(["search", words, "--index", index], 2, says, capsys)
    fails(["query", page, "--index", index, "--text", words], 2, says, capsys)


def test_an_empty_filter_is_not_no_filter(index: Path, page: Path, capsys: Capture) -> None:
    for ask in (["search", "AF"], ["query", page]):
        fails([*ask, "--index", index, "--where", ""], 2, "empty; expected something like sex", capsys)


def test_two_sources_may_number_their_patients_alike(
    tmp_path: Path, fake_weights: Model, capsys: Capture
) -> None:
    path = tmp_path / "ix"
    ecgs = [replace(SOURCE.read(name), patient_id="7") for name in SOURCE.ids[:3]]
    with update_bundle(path, Spec(fake_weights.hash, fake_weights.dim, fingerprint())) as writer:
        cases = [Case(f"{source}/1", patient_id="7", source=source) for source in ("here", "there", "far")]
        writer.add(cases, fake_weights.embed_records(ecgs))
    remove = ["remove", "--index", path, "--patient", "7"]
    fails(remove, 2, "sources far, here, there each have a patient 7", capsys)
    fails([*remove, "--source", "nowhere"], 2, "no patient 7 of the sources nowhere", capsys)
    assert main([*map(str, remove), "--source", "here", "far"]) == 0
    assert [case.case_id for case in open_index(path).cases] == ["there/1"]


def test_configurations_that_are_wrong(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "c.toml").write_text("sede = 3\n")
    fails(
        ["train", "--config", tmp_path / "c.toml", "--data", "synthetic:4"], 2, "unknown key 'sede'", capsys
    )
    fails(["train", "--config", tmp_path / "none.toml", "--data", "synthetic:4"], 2, "no such file", capsys)
    fails(["evaluate", "retrival", "--data", tmp_path], 2, "retrieval", capsys)


def test_in_a_process_of_its_own(tmp_path: Path) -> None:
    """Nothing but the one line reaches the terminal, not even from libraries."""
    (tmp_path / "text.png").write_bytes(b"hello\n")
    command = [
        sys.executable,
        "-m",
        "ecgclip",
        "query",
        str(tmp_path / "text.png"),
        "--index",
        str(tmp_path / "none"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
