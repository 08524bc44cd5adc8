"""What is written is read back: by our readers, by the wfdb package, by edfio; gaps stay gaps."""

import json
import re
import sys
from dataclasses import replace

import edfio
import numpy as np
import pydicom
import pytest
import wfdb

from ecgclip.errors import ConfigError, MissingExtraError, RecordError
from ecgclip.records.ecg import Ecg
from ecgclip.records.reading import open_source, read_ecg
from ecgclip.records.writing.writers import SUFFIXES, write_ecg
from ecgclip.units import LEADS

NOTES = {"layout": "3x4+1R(II)", "confidence": 0.97}


@pytest.fixture
def ecg():
    """Ten seconds of a 3x4 print, V6 missing, one short gap."""
    signal = np.full((12, 5000), np.nan, np.float32)
    waves = np.random.default_rng(0).normal(0, 0.4, (12, 5000)).astype(np.float32)
    for number in range(11):
        first = number // 3 * 1250
        signal[number, first : first + 1250] = waves[number, first : first + 1250]
    signal[1] = waves[1]
    signal[1, 700:720] = np.nan
    return Ecg(signal, 500.0, "a1", "photo", age=54, sex="female", warnings=("page 2 of 3 was read",))


def same(read, written, within_mv):
    assert read.shape == written.shape
    np.testing.assert_array_equal(np.isnan(read), np.isnan(written))
    np.testing.assert_allclose(read, written, rtol=0, atol=within_mv)


def test_wfdb_is_read_back_alike_by_both_readers(ecg, tmp_path):
    write_ecg(ecg, tmp_path / "a1.hea", NOTES)
    ours = read_ecg(tmp_path / "a1.hea")
    same(ours.signal_mv, ecg.signal_mv, 0.000501)
    theirs = wfdb.rdrecord(str(tmp_path / "a1"))
    assert theirs.sig_name == [*LEADS]
    assert (theirs.fs, theirs.units) == (500, ["mV"] * 12)
    same(ours.signal_mv, theirs.p_signal.T.astype(np.float32), 1e-6)
    assert (ours.rate_hz, ours.age, ours.sex, ours.warnings) == (500, 54, "female", ())
    comments = (tmp_path / "a1.hea").read_text().splitlines()[13:]
    assert "# layout: 3x4+1R(II)" in comments
    assert "# Warning: page 2 of 3 was read" in comments


def test_a_damaged_sample_is_noticed_by_the_checksum(ecg, tmp_path):
    write_ecg(ecg, tmp_path / "a1.hea")
    samples = np.fromfile(tmp_path / "a1.dat", "<i2")
    samples[12] += 1
    samples.tofile(tmp_path / "a1.dat")
    assert "checksum" in read_ecg(tmp_path / "a1").warnings[0]


@pytest.mark.parametrize(("largest_mv", "per_mv"), [(0.5, 1000), (32.767, 1000), (40.0, 819), (2000.0, 16)])
def test_the_gain_is_such_that_nothing_is_clipped(ecg, largest_mv, per_mv, tmp_path):
    ecg.signal_mv[0, :3] = largest_mv, -largest_mv, 0
    write_ecg(ecg, tmp_path / "a1.hea")
    read = wfdb.rdrecord(str(tmp_path / "a1"))
    assert read.adc_gain[0] == per_mv
    np.testing.assert_allclose(read.p_signal[:2, 0], [largest_mv, -largest_mv], atol=0.5 / per_mv)


def test_a_csv_is_read_back_and_is_one_record(ecg, tmp_path):
    write_ecg(ecg, tmp_path / "a1.csv", NOTES)
    first, second = (tmp_path / "a1.csv").read_text().splitlines()[:2]
    assert first == "time_s,I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6"
    assert second == f"0.000000,{ecg.signal_mv[0, 0]:.4f},{ecg.signal_mv[1, 0]:.4f}," + (
        f"{ecg.signal_mv[2, 0]:.4f}" + "," * 9
    )
    read = read_ecg(tmp_path / "a1.csv")
    same(read.signal_mv, ecg.signal_mv, 0.000051)
    assert (read.rate_hz, read.name, read.warnings) == (500.0, "a1", ())
    assert open_source(tmp_path).ids == ("a1.csv",)


def test_a_csv_holds_numbers_alone(ecg, tmp_path):
    hostile = replace(ecg, name="=1+1", report="=cmd", warnings=("@x",))
    write_ecg(hostile, tmp_path / "a1.csv", {"layout": "=1+1"})
    lines = (tmp_path / "a1.csv").read_text().splitlines()
    assert len(lines) == 5001
    assert all(re.fullmatch(r"(-?\d+\.\d+)?", cell) for line in lines[1:] for cell in line.split(","))


def test_edf_has_the_digital_minimum_and_a_note_in_the_gaps(ecg, tmp_path):
    write_ecg(ecg, tmp_path / "a1.edf", NOTES)
    file = edfio.read_edf(tmp_path / "a1.edf")
    assert file.labels == tuple(f"ECG {lead}" for lead in LEADS)
    assert {signal.physical_dimension for signal in file.signals} == {"uV"}
    digital = np.stack([signal.digital for signal in file.signals])
    read = np.where(digital == -32768, np.nan, np.stack([signal.data for signal in file.signals]) / 1000)
    same(read.astype(np.float32), ecg.signal_mv, 0.000501)
    told = {note.text: (note.onset, note.duration) for note in file.annotations}
    assert told["V6 not recorded"] == (0.0, 10.0)
    assert told["II not recorded"] == (1.4, 0.04)
    assert told["layout: 3x4+1R(II)"] == (0.0, None)
    assert "page 2 of 3 was read" in told
    assert file.patient.sex == "F"


def test_dicom_has_the_padding_value_in_the_gaps(ecg, tmp_path):
    write_ecg(ecg, tmp_path / "a1.dcm", NOTES)
    file = pydicom.dcmread(tmp_path / "a1.dcm")
    assert file.SOPClassUID.name == "12-lead ECG Waveform Storage"
    (group,) = file.WaveformSequence
    sources = [channel.ChannelSourceSequence[0] for channel in group.ChannelDefinitionSequence]
    assert [source.CodeMeaning for source in sources] == [f"Lead {lead}" for lead in LEADS]
    assert [source.CodeValue for source in sources[:3]] == ["5.6.3-9-1", "5.6.3-9-2", "5.6.3-9-61"]
    padding = int.from_bytes(group.WaveformPaddingValue, "little", signed=True)
    read = file.waveform_array(0).T  # in µV
    read = np.where(read == padding, np.nan, read / 1000)
    same(read.astype(np.float32), ecg.signal_mv, 0.000501)
    assert group.SamplingFrequency == 500
    told = [note.UnformattedTextValue for note in file.WaveformAnnotationSequence]
    assert told == ["layout: 3x4+1R(II)", "confidence: 0.97", "page 2 of 3 was read"]
    assert (file.PatientSex, file.PatientAge, file.PatientName) == ("F", "054Y", "")
    number = file.SOPInstanceUID
    write_ecg(ecg, tmp_path / "a1.dcm", NOTES)
    assert pydicom.dcmread(tmp_path / "a1.dcm").SOPInstanceUID == number


def test_dicom_holds_no_long_record(ecg, tmp_path):
    for rate_hz in (100.0, 2000.0):
        with pytest.raises(RecordError, match=f"5000 samples at {rate_hz:g} Hz; a DICOM object"):
            write_ecg(replace(ecg, rate_hz=rate_hz), tmp_path / "a1.dcm")
    with pytest.raises(RecordError, match="60000 samples"):
        write_ecg(replace(ecg, signal_mv=np.tile(ecg.signal_mv, 12)), tmp_path / "a1.dcm")
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(("suffix", "package"), [(".edf", "edfio"), (".dcm", "pydicom")])
def test_without_its_package_it_says_what_to_type(ecg, suffix, package, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    extra = {"edfio": "edf", "pydicom": "dicom"}[package]
    with pytest.raises(MissingExtraError, match=rf"{package} is not .* pip install 'ecgclip\[{extra}\]'"):
        write_ecg(ecg, tmp_path / f"a1{suffix}")
    assert [*tmp_path.iterdir()] == []


def test_json_holds_the_leads_and_null_where_there_is_none(ecg, tmp_path):
    write_ecg(ecg, tmp_path / "a1.json", NOTES)
    found = json.loads((tmp_path / "a1.json").read_text())
    assert (found["rate_hz"], found["layout"], found["confidence"]) == (500.0, "3x4+1R(II)", 0.97)
    assert found["warnings"] == ["page 2 of 3 was read"]
    assert list(found["leads"]) == [*LEADS]
    assert found["leads"].pop("V6") is None
    read = np.array([[np.nan if mv is None else mv for mv in lead] for lead in found["leads"].values()])
    same(read.astype(np.float32), ecg.signal_mv[:11], 0.000051)


def test_the_same_file_is_replaced(ecg, tmp_path):
    for suffix in SUFFIXES:
        path = tmp_path / f"a1{suffix}"
        path.write_text("old")
        assert write_ecg(ecg, path) == path
        assert path.read_bytes()[:3] != b"old"
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == ["a1.csv", "a1.dat", "a1.dcm", "a1.edf", "a1.hea", "a1.json"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a1.txt", r"written as \.hea, \.csv, \.edf, \.dcm, \.json, not \.txt"),
        ("a1", "not without a suffix"),
        ("none/a1.csv", "no such folder; make it first"),
        ("folder.csv", "this is a folder"),
        ("a b.hea", "called by letters, digits"),
    ],
)
def test_what_cannot_be_written_is_said_and_nothing_is(ecg, name, words, tmp_path):
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(ConfigError, match=words):
        write_ecg(ecg, tmp_path / name)
    assert [file.name for file in tmp_path.iterdir()] == ["folder.csv"]


def test_what_is_no_ecg_in_mv_is_refused_and_nothing_is_written(ecg, tmp_path):
    ecg.signal_mv[0, 0] = 40_000
    for suffix in (".hea", ".edf", ".dcm"):
        with pytest.raises(RecordError, match="40000 mV; expected"):
            write_ecg(ecg, tmp_path / f"a1{suffix}")
    assert [*tmp_path.iterdir()] == []


def test_a_full_disk_leaves_the_record_that_was_there(ecg, tmp_path, monkeypatch):
    write_ecg(ecg, tmp_path / "a1.hea")
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    def full(*args, **keywords):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    ecg.signal_mv[:] = 0
    with pytest.raises(OSError, match="No space"):
        write_ecg(ecg, tmp_path / "a1.hea")
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
