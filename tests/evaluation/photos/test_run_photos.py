"""The whole protocol on folders made here: one printed record, one simulated photo."""

import csv

import numpy as np
import pytest
import wfdb
from PIL import Image

from ecgclip.errors import RecordError
from ecgclip.evaluation.photos.options import PhotoOptions
from ecgclip.evaluation.photos.run import run_photos
from ecgclip.paper.render import render
from ecgclip.simulation.camera import photograph
from ecgclip.simulation.ecg import synthetic_ecg


def write(folder, name, seed):
    ecg = synthetic_ecg(np.random.default_rng(seed), ["SR"])
    folder.mkdir(parents=True, exist_ok=True)
    wfdb.wrsamp(
        name,
        fs=ecg.rate_hz,
        units=["mV"] * 12,
        sig_name=["I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6"],
        p_signal=ecg.signal_mv.T.astype(np.float64),
        fmt=["16"] * 12,
        adc_gain=[1000.0] * 12,
        baseline=[0] * 12,
        write_dir=str(folder),
    )
    return ecg


@pytest.fixture
def folders(tmp_path):
    """Photos of record 00002, and a gallery of 00001 (fold 1), 00003 and 00004 (fold 9)."""
    gallery, photos = tmp_path / "ptbxl", tmp_path / "photos"
    rows = [(1, 1), (3, 9), (4, 9)]
    for ecg_id, _ in rows:
        write(gallery / "records100" / "00000", f"{ecg_id:05d}_lr", ecg_id)
    with (gallery / "ptbxl_database.csv").open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["ecg_id", "strat_fold", "report", "filename_lr"])
        table.writerows([i, fold, "sinus", f"records100/00000/{i:05d}_lr"] for i, fold in rows)
    printed = write(photos / "signals", "00002_hr", 2)
    (photos / "paired").mkdir()
    taken = photograph(render(printed).array, "S1", np.random.default_rng(0))
    Image.fromarray(taken.image).save(photos / "paired" / "p2p_00002_hr.jpg")
    (photos / "photos.csv").write_text("file,ecg_id,kind\npaired/p2p_00002_hr.jpg,2,photo\n")
    return photos, gallery


def test_folders_become_figures(folders, model, monkeypatch, tmp_path):
    monkeypatch.setattr("ecgclip.evaluation.photos.run.load_model", lambda folder: model)
    photos, gallery = folders
    sheet = tmp_path / "sheet.png"
    options = PhotoOptions(1, ("S0",), results=tmp_path / "run", contact_sheet=sheet)
    told, counted = [], []
    results = run_photos(
        photos,
        options=options,
        gallery=gallery,
        on_progress=lambda *n: counted.append(n),
        log=told.append,
    )
    assert results.gallery == 4
    assert results.source == "ptbxl + signals"
    assert [(o.photo, o.group) for o in results.outcomes] == [
        ("p2p_00002_hr.jpg", "phone photos"),
        ("ptbxl/00003", "S0"),
    ]
    assert all(o.ranks["engine"] == o.ranks["traces alone"] == 1 for o in results.outcomes)
    assert list(results.outcomes[0].ranks) == ["engine", "embedding alone", "traces alone", "random encoder"]
    assert results.truth[0].period_p50.value < 0.01
    assert results.truth[0].corner_mm_p50.value < 1
    assert results.truth[0].layout.value == 1
    assert results.turns is not None
    assert results.turns.right.value == 1
    assert counted == [(1, 1)]
    assert told[-1] == f"wrote {sheet}"
    saved = sorted(file.name for file in (tmp_path / "run").iterdir())
    assert saved == ["S0.jsonl", "manifest.json", "real.jsonl"]
    with Image.open(sheet) as drawn:
        assert drawn.size == (1500, 2 * 344)


def test_a_run_goes_on_with_the_same_model_and_starts_anew_with_another(
    folders, model, other_model, monkeypatch, tmp_path
):
    photos, gallery = folders
    options = PhotoOptions(1, ("S0",), results=tmp_path / "run")

    def results_of(model):
        monkeypatch.setattr("ecgclip.evaluation.photos.run.load_model", lambda folder: model)
        return run_photos(photos, None, options, gallery=gallery, index=tmp_path / model.hash)

    def never(*args):
        raise AssertionError("a photo was taken or read again")

    first = results_of(model)
    for name in ("read_query", "simulated_photo", "load"):
        monkeypatch.setattr(f"ecgclip.evaluation.photos.run.{name}", never)
    monkeypatch.setattr("ecgclip.evaluation.photos.rankers.TracesAlone.rank", never)
    assert results_of(model) == first
    with pytest.raises(AssertionError, match="read again"):
        results_of(other_model)


def test_a_folder_without_signals_is_told(tmp_path):
    with pytest.raises(RecordError, match="signals is missing"):
        run_photos(tmp_path, gallery=tmp_path)
