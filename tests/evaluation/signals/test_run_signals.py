"""The whole protocol: a photo with its record, simulated photos, saved results, the sheet, refusals."""

import json

import numpy as np
import pytest
from PIL import Image

from ecgclip.cli import main
from ecgclip.errors import ConfigError, EcgClipError, RecordError
from ecgclip.evaluation.signals.lead_scores import LeadScore
from ecgclip.evaluation.signals.options import SignalOptions
from ecgclip.evaluation.signals.outcome import SignalOutcome, score_picture
from ecgclip.evaluation.signals.results import summarise
from ecgclip.evaluation.signals.run import run_signals
from ecgclip.evaluation.signals.scores import lead_means, signal_scores
from ecgclip.paper.render import render
from ecgclip.records.writing.writers import write_ecg
from ecgclip.simulation.ecg import synthetic_ecg
from ecgclip.units import LEADS


@pytest.fixture
def folder(tmp_path):
    """A print of record 00002, a blank sheet of 00003, and a photo whose record is absent."""
    photos = tmp_path / "photos"
    (photos / "signals").mkdir(parents=True)
    for number in (2, 3):
        ecg = synthetic_ecg(np.random.default_rng(number), ["SR"])
        write_ecg(ecg, photos / f"signals/{number:05d}_hr.hea")
        if number == 2:
            render(ecg).save(photos / "a.png")
    Image.new("RGB", (900, 700), "white").save(photos / "blank.png")
    rows = ["a.png,2,photo,3x4+1R(II)", "blank.png,3,photo,3x4+1R(II)", "c.png,9,photo,", "d.png,,photo,"]
    (photos / "photos.csv").write_text("\n".join(["file,ecg_id,kind,layout", *rows]) + "\n")
    return photos


def test_photos_and_simulated_photos_become_figures(folder, tmp_path):
    told, counted = [], []
    sheet = tmp_path / "sheet.png"
    options = SignalOptions(1, ("S0",), tmp_path / "run", sheet)
    results = run_signals(
        [folder, "synthetic:3"], options, on_progress=lambda *n: counted.append(n), log=told.append
    )
    first, blank, simulated = results.outcomes
    assert [one.group for one in results.outcomes] == ["phone photos", "phone photos", "S0"]
    assert [lead.lead for lead in first.leads] == [*LEADS]
    assert first.mean_db > 5
    assert min(lead.read_share for lead in first.leads) > 0.95
    assert first.rate_bpm == pytest.approx(first.true_rate_bpm, abs=5)
    assert "refused" in blank.refused
    assert (blank.mean_db, blank.rate_bpm) == (0, None)
    assert all(lead.is_missing for lead in blank.leads)
    assert simulated.photo.startswith("synthetic/")
    assert simulated.mean_db > 5
    assert [(one.record, one.reason) for one in results.left_out] == [
        ("c.png", "its record is not in signals")
    ]
    phones, _ = results.scores
    assert (phones.photos, phones.refused, phones.leads, phones.missing) == (2, 1, 24, 12)
    assert phones.snr_db.value == pytest.approx(first.mean_db / 2)
    assert phones.snr_db.low == 0
    assert counted == [(1, 3), (2, 3), (3, 3)]
    assert told[-1] == f"wrote {sheet}"
    with Image.open(sheet) as drawn:
        assert drawn.size == (1500, 2200)
    text = results.table()
    assert "phone photos: blank.png: " in text
    assert "1 left out; the first: c.png" in text
    assert json.dumps(results.to_json(), allow_nan=False)


def test_a_run_goes_on_where_it_was(folder, tmp_path, monkeypatch):
    options = SignalOptions(1, ("S0",), tmp_path / "run")
    first = run_signals([folder, "synthetic:3"], options)

    def never(*args):
        raise AssertionError("a picture was read again")

    monkeypatch.setattr("ecgclip.evaluation.signals.run.digitize", never)
    monkeypatch.setattr("ecgclip.evaluation.signals.pairs.simulated_photo", never)
    assert run_signals([folder, "synthetic:3"], options).outcomes == first.outcomes
    record = folder / "signals/00002_hr.hea"
    record.write_text(record.read_text().replace("1000(0)/mV", "500(0)/mV"))
    with pytest.raises(AssertionError, match="read again"):
        run_signals([folder], options)


def test_the_same_seed_gives_the_same_figures():
    results = [run_signals(["synthetic:3"], SignalOptions(1, ("S0",)), seed=4) for _ in range(2)]
    same = [[(one.snr_db, one.r, one.shift_ms) for one in result.scores] for result in results]
    assert same[0] == same[1]


def test_a_folder_of_sheets_has_one_a_group(folder, tmp_path):
    run_signals([folder, "synthetic:3"], SignalOptions(1, ("S0",), contact_sheet=tmp_path / "sheets"))
    assert sorted(file.name for file in (tmp_path / "sheets").iterdir()) == ["S0.png", "phone-photos.png"]


def outcome(photo, snr_db, qrs=1.0, shift_ms=2.0, refused=""):
    leads = tuple(
        LeadScore(lead) if db is None else LeadScore(lead, 1.0, db, 0.9, 0.05, 1.0, qrs, shift_ms)
        for lead, db in zip(LEADS, snr_db, strict=False)
    )
    return SignalOutcome(photo, "g", refused, leads, (0.0, 20.0, 30.0, 35.0), 60.0, 61.5, 100.0)


def test_means_quantiles_and_missing_leads():
    outcomes = [outcome("a", [10, 20]), outcome("b", [None, 30], qrs=0.5, shift_ms=-6.0)]
    found = signal_scores("g", outcomes, np.random.default_rng(0))
    assert found.snr_db.value == pytest.approx((10 + 20 + 0 + 30) / 4)
    assert found.snr_median_db.value == pytest.approx(np.median([10, 20, 0, 30]))
    assert found.snr_worst_tenth_db.value == pytest.approx(np.quantile([10, 20, 0, 30], 0.1))
    assert (found.leads, found.missing) == (4, 1)
    assert found.rmse_mv.value == pytest.approx(0.05)  # of leads that were read
    assert found.qrs_height.value == 1
    assert found.shift_ms.value == 2
    assert found.read_share.value == 0.75
    assert found.rate_error_bpm.value == 1.5
    # both pictures, or one of them twice
    assert (found.snr_db.low, found.snr_db.high) == (15, 15)
    first, second = lead_means(outcomes, np.random.default_rng(0))
    assert (first.lead, first.snr_db.value, first.qrs_height) == ("I", 5, 1.0)
    assert (second.lead, second.snr_db.value, second.qrs_height, second.shift_ms) == ("II", 25, 0.75, 4)


def test_quantiles_leave_out_what_is_not_known():
    from ecgclip.evaluation.signals.scores import _quantile

    values = np.array([[3.0, np.nan, 1.0, 2.0], [np.nan] * 4, [5.0, np.nan, np.nan, np.nan]])
    np.testing.assert_allclose(_quantile(values, 0.5), [2, np.nan, 5])
    np.testing.assert_allclose(_quantile(values[:1], 0.1), np.quantile([1, 2, 3], 0.1))


def test_refused_pictures_alone_have_figures_too():
    results = summarise([outcome("a", [None] * 12, refused="blank")], "x", [], np.random.default_rng(0))
    assert results.scores[0].snr_db.value == 0
    assert "g: a: blank" in results.table()
    assert results.to_json()["scores"][0]["rmse_mv"]["value"] is None


def test_a_picture_that_cannot_be_read_is_no_failure():
    def broken(image):
        raise EcgClipError("broken")

    true = np.zeros((12, 5000), np.float32)
    found = score_picture(broken, None, true, "a", "g")
    assert (found.refused, found.mean_db) == ("broken", 0)
    assert score_picture(broken, None, np.full_like(true, np.nan), "a", "g") is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (SignalOptions(levels=("S9",)), "level 'S9' is unknown"),
        (SignalOptions(simulated=-1), "-1 simulated photos"),
        (SignalOptions(contact_sheet="x.gif"), "contact sheets are pictures"),
    ],
)
def test_impossible_options(options, words, tmp_path):
    from dataclasses import replace
    from pathlib import Path

    if options.contact_sheet:
        options = replace(options, contact_sheet=Path(options.contact_sheet))
    with pytest.raises(ConfigError, match=words):
        run_signals(["synthetic:3"], options)


def test_data_without_a_pair(tmp_path, capsys):
    (tmp_path / "photos.csv").write_text("file,ecg_id\na.png,2\n")
    with pytest.raises(RecordError, match="signals is missing"):
        run_signals([tmp_path])
    (tmp_path / "signals").mkdir()
    write_ecg(synthetic_ecg(np.random.default_rng(0), ["SR"]), tmp_path / "signals/00007_hr.hea")
    with pytest.raises(RecordError, match="of 1 paired photos none has its record"):
        run_signals([tmp_path])
    with pytest.raises(RecordError, match="no picture is left"):
        run_signals(["synthetic:3"], SignalOptions(0))
    assert main(["evaluate", "signals"]) == 2
    assert "--data is missing; expected a folder with photos.csv" in capsys.readouterr().err


def test_the_command_prints_one_document(folder, capsys):
    assert main(["evaluate", "signals", "--data", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["protocol"] == "signals"
    assert [one["group"] for one in told["scores"]] == ["phone photos"]
    assert len(told["outcomes"]) == 2
