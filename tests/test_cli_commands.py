"""Each command does its work and prints the documented JSON, and nothing else on stdout."""

import json
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import wfdb
from PIL import Image

import ecgclip
from ecgclip.cli import main
from ecgclip.doctor import State, examine
from ecgclip.engine.model import Model
from ecgclip.paper.render import render
from ecgclip.photo.flat.network import SheetNetwork
from ecgclip.retrieval.store.bundle import open_bundle
from ecgclip.simulation.ecg import SyntheticSource
from ecgclip.units import LEADS

SOURCE = SyntheticSource(8)
Capture = pytest.CaptureFixture[str]


def document(argv: list[object], capsys: Capture) -> dict[str, object]:
    """What a command prints with --json."""
    capsys.readouterr()
    assert main([str(word) for word in argv] + ["--json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def printed(argv: list[object], capsys: Capture) -> str:
    capsys.readouterr()
    assert main([str(word) for word in argv]) == 0
    return capsys.readouterr().out


def test_build_index_is_idempotent(tmp_path: Path, fake_weights: Model, capsys: Capture) -> None:
    path = tmp_path / "new"
    first = document(["build-index", "synthetic:6", "--index", path], capsys)
    assert set(first) == {"index", "cases", "added", "updated", "unchanged", "skipped", "seconds"}
    assert (first["index"], first["cases"], first["added"], first["skipped"]) == (str(path), 6, 6, [])
    again = document(["build-index", "synthetic:6", "--index", path], capsys)
    assert (again["cases"], again["added"], again["unchanged"]) == (6, 0, 6)
    assert "8 cases (2 added, 0 updated, 6 unchanged" in printed(
        ["build-index", "synthetic:8", "--index", path], capsys
    )


def test_build_index_takes_the_name_of_a_backend(
    tmp_path: Path, fake_weights: Model, capsys: Capture
) -> None:
    path = tmp_path / "new"
    for asked, found in (([], "faiss"), (["--backend", "flat"], "flat"), ([], "flat")):
        document(["build-index", "synthetic:4", "--index", path, *asked], capsys)
        assert document(["info", "--index", path], capsys)["backend"] == found
    assert main(["build-index", "synthetic:4", "--index", str(path), "--backend", "flatt"]) == 2
    assert "'flatt' was given; expected flat or faiss" in capsys.readouterr().err


def test_query_of_a_photo(index: Path, tmp_path: Path, capsys: Capture) -> None:
    photo = render(SOURCE.read("00003")).save(tmp_path / "page.png")
    rectified = tmp_path / "rectified.png"
    answer = document(["query", photo, "--index", index, "-k", 3, "--save-rectified", rectified], capsys)
    assert set(answer) >= {"input", "matches", "consensus", "timings_ms"}
    best = answer["matches"][0]  # type: ignore[index]
    assert (best["rank"], best["case_id"], best["report"]) == (
        1,
        "synthetic/00003",
        SOURCE.read("00003").report,
    )
    with Image.open(rectified) as picture:
        assert min(picture.size) > 300
    text = printed(["query", photo, "--index", index, "-k", 3], capsys)
    assert re.search(r"^1 .* synthetic/00003 ", text, re.MULTILINE)
    assert "not a diagnosis" in text


def test_query_of_a_record_without_the_photo_reader(
    index: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ecgclip.photo.rectify", None)  # importing it would fail
    monkeypatch.setitem(sys.modules, "ecgclip.photo.flat.network", None)
    ecg = SOURCE.read("00005")
    wfdb.wrsamp("r", 500, ["mV"] * 12, list(LEADS), ecg.signal_mv.T.astype(float), write_dir=str(tmp_path))
    for name in ("r", "r.hea", "r.dat"):
        answer = document(["query", tmp_path / name, "--index", index, "-k", 1], capsys)
        assert answer["input"]["kind"] == "record"  # type: ignore[index]
        assert answer["matches"][0]["case_id"] == "synthetic/00005"  # type: ignore[index]


def test_search_by_words(index: Path, capsys: Capture) -> None:
    report = SOURCE.read("00003").report  # more than names of statements: asked as typed
    found = document(["search", report, "--index", index, "-k", 2], capsys)
    assert found["matches"][0]["report"] == report  # type: ignore[index]
    assert report.split()[0] in printed(["search", report, "--index", index, "-k", 1], capsys)


def test_where_leaves_only_what_fits(index: Path, capsys: Capture) -> None:
    found = document(["search", "x", "--index", index, "--where", 'sex = "female"'], capsys)
    expected = {SOURCE.read(name).case_id for name in SOURCE.ids if SOURCE.read(name).sex == "female"}
    assert {match["case_id"] for match in found["matches"]} == expected  # type: ignore[attr-defined]
    assert "no case fits" in printed(["search", "x", "--index", index, "--where", "age > 200"], capsys)


def test_embed_records_and_reports(tmp_path: Path, fake_weights: Model, capsys: Capture) -> None:
    out = tmp_path / "o.npz"
    told = document(["embed", "--records", "synthetic:3", "--out", out], capsys)
    assert (told["vectors"], told["dim"], told["skipped"]) == (3, fake_weights.dim, [])
    with np.load(out, allow_pickle=False) as found:
        assert list(found["ids"]) == ["synthetic/00001", "synthetic/00002", "synthetic/00003"]
        np.testing.assert_allclose(np.linalg.norm(found["vectors"], axis=1), 1, atol=1e-6)
    (tmp_path / "r.txt").write_text("eins\nzwei\n")
    assert "2 vectors" in printed(
        ["embed", "--reports", tmp_path / "r.txt", "--out", tmp_path / "r.parquet"], capsys
    )


def test_embed_images_leaves_out_what_is_none(tmp_path: Path, fake_weights: Model, capsys: Capture) -> None:
    page = render(SOURCE.read("00001")).save(tmp_path / "page.png")
    (tmp_path / "text.png").write_bytes(b"hello")
    told = document(["embed", "--images", page, tmp_path / "text.png", "--out", tmp_path / "o.npz"], capsys)
    assert told["vectors"] == 1
    assert [item["record"] for item in told["skipped"]] == [str(tmp_path / "text.png")]  # type: ignore[attr-defined]


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_render_writes_the_page(suffix: str, tmp_path: Path, capsys: Capture) -> None:
    ecg = SOURCE.read("00001")
    wfdb.wrsamp("r", 500, ["mV"] * 12, list(LEADS), ecg.signal_mv.T.astype(float), write_dir=str(tmp_path))
    out = tmp_path / f"page{suffix}"
    assert printed(["render", tmp_path / "r", "--out", out, "--layout", "6x2"], capsys).strip() == str(out)
    assert out.stat().st_size > 1000


def test_info_and_verify_and_remove(index: Path, fake_weights: Model, capsys: Capture) -> None:
    facts = document(["info", "--index", index], capsys)
    assert (facts["count"], facts["model_hash"], facts["sources"]) == (8, fake_weights.hash, "synthetic")
    assert facts["ecgclip"] == ecgclip.__version__
    assert document(["verify", "--index", index], capsys) == {
        "index": str(index), "cases": 8, "whole": True, "problems": []
    }  # fmt: skip
    patient = SOURCE.read("00001").patient_id
    expected = sum(SOURCE.read(name).patient_id == patient for name in SOURCE.ids)
    told = document(["remove", "--index", index, "--patient", patient], capsys)
    assert (told["removed"], told["cases"], told["leftovers"]) == (expected, 8 - expected, [])
    assert "whole, " in printed(["verify", "--index", index], capsys)


def test_a_patient_in_an_old_index_alone_is_removed_and_it_is_said(index: Path, capsys: Capture) -> None:
    patient = SOURCE.read("00001").patient_id
    old = shutil.copytree(index, index.with_name(f".{index.name}.old"))
    left = document(["remove", "--index", index, "--patient", patient], capsys)["cases"]
    shutil.copytree(index, old)
    open_bundle(index).close()
    assert not old.exists()
    made = shutil.copytree(index, index.with_name("before"))
    document(["build-index", "synthetic:8", "--index", made], capsys)
    made.rename(old)
    told = document(["remove", "--index", index, "--patient", patient], capsys)
    assert told == {"index": str(index), "removed": 0, "cases": left, "leftovers": [str(old)]}
    assert not old.exists()


def test_doctor_finds_a_sound_installation(index: Path, capsys: Capture) -> None:
    checks = {
        item["name"]: item["state"] for item in document(["doctor", "--index", index], capsys)["checks"]
    }  # type: ignore[attr-defined]
    assert checks["index"] == "good"
    assert checks["model"] == "good"
    assert checks["photos"] == "good"
    assert checks["numpy"] == "good"


def test_doctor_says_what_is_wrong(index: Path, capsys: Capture) -> None:
    (index / "manifest.json").write_text("{")
    assert main(["doctor", "--index", str(index)]) == 2
    assert re.search(r"^bad +index", capsys.readouterr().out, re.MULTILINE)


def test_doctor_opens_every_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ecgclip-tiny", "sheet-reader"):
        shutil.copytree(Path(ecgclip.__file__).parent / "weights" / name, tmp_path / name)
    (tmp_path / "ecgclip-tiny/image.onnx").write_bytes(b"cut")
    (tmp_path / "sheet-reader/sheet.onnx").write_bytes(b"cut")
    monkeypatch.setattr("ecgclip.encoders.model_files.shipped_folder", lambda: tmp_path)
    monkeypatch.setattr(
        "ecgclip.photo.flat.network.shipped_network",
        lambda: SheetNetwork(tmp_path / "sheet-reader/sheet.onnx"),
    )
    found = {check.name: check for check in examine(tmp_path / "none")}
    for name, file in (("model", "image.onnx"), ("photos", "sheet.onnx")):
        assert found[name].state == State.BAD
        assert f"{file} is no readable ONNX graph" in found[name].detail


def test_demo_finds_what_it_photographed(
    tmp_path: Path, fake_weights: Model, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("ecgclip.demo.load_model", lambda: fake_weights)
    text = printed(["demo", "--out", tmp_path / "demo", "--cases", "12"], capsys)
    assert "found again:  at rank 1" in text
    picture = re.search(r"picture: +(\S+)", text)
    assert picture is not None
    with Image.open(picture[1]) as image:
        assert image.width > 1500
