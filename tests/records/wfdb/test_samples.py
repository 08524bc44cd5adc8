"""The reader of signal files against the wfdb package, in every format, and against checksums."""

import re
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
import wfdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecgclip.errors import RecordError
from ecgclip.records.wfdb import samples as wfdb_samples
from ecgclip.records.wfdb.record import read_channels
from ecgclip.units import LEADS

from ..conftest import WriteRecord, beats


def header(stem: Path) -> str:
    return stem.with_suffix(".hea").read_text()


def same_by_both(stem: Path) -> None:
    """As the wfdb package reads it, channel by channel and sample by sample."""
    ours, truth = read_channels(stem), wfdb.rdrecord(str(stem), smooth_frames=False)
    theirs = dict(zip(truth.sig_name, truth.e_p_signal, strict=True))
    fastest = max(truth.samps_per_frame)
    assert ours.rate_hz == truth.fs * fastest
    assert ours.comments == tuple(truth.comments)
    for lead, values in zip(ours.names, ours.values_mv, strict=True):
        if theirs[lead].size == values.size:
            np.testing.assert_allclose(values, theirs[lead], rtol=1e-6, atol=1e-6)


def write(folder: Path, form: str, digital: np.ndarray, leads: list[str], **more: object) -> Path:
    """A record `a` of [sample, lead] whole numbers, written by the wfdb package."""
    count = len(leads)
    wfdb.wrsamp(
        "a",
        units=["mV"] * count,
        sig_name=leads,
        d_signal=digital,
        fmt=[form] * count,
        write_dir=str(folder),
        **{"fs": 100, "adc_gain": [100.0] * count, "baseline": [0] * count} | more,
    )
    return folder / "a"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.data(),
    gain=st.sampled_from([200.0, 1000.0, 4880.0, 36610.21264677947]),
    baseline=st.integers(-2000, 2000),
    rate=st.sampled_from([100, 257, 500, 62.5]),
)
def test_any_record_of_16_bits_reads_as_wfdb_reads_it(
    tmp_path: Path, data: st.DataObject, gain: float, baseline: int, rate: float
) -> None:
    leads = data.draw(st.lists(st.sampled_from([*LEADS, "Resp"]), min_size=2, max_size=12, unique=True))
    digital = np.random.default_rng(abs(baseline)).integers(-32768, 32767, (50, len(leads)))
    digital[data.draw(st.integers(0, 49))] = -32768
    more = {"fs": rate, "adc_gain": [gain] * len(leads), "baseline": [baseline] * len(leads)}
    same_by_both(write(tmp_path, "16", digital, leads, **more, comments=["Age: 50", "Dx: 164889003"]))


def test_the_challenges_mat_files_with_their_offset(write_record: WriteRecord) -> None:
    stem = write_record()
    samples = stem.with_suffix(".dat").read_bytes()
    stem.with_suffix(".mat").write_bytes(b"MATLAB v4 header, 24 by." + samples)
    stem.with_suffix(".dat").unlink()
    stem.with_suffix(".hea").write_text(header(stem).replace("a.dat 16 1000.0(0)/mV", "a.mat 16+24 1000/mV"))
    same_by_both(stem)
    np.testing.assert_allclose(read_channels(stem).values_mv, beats(1000, 100.0), atol=1e-6)


def test_a_changed_byte_is_noticed_by_the_checksum(write_record: WriteRecord) -> None:
    stem = write_record()
    damaged = bytearray(stem.with_suffix(".dat").read_bytes())
    damaged[2 * (12 * 40 + 6)] ^= 1  # sample 40 of V1
    stem.with_suffix(".dat").write_bytes(damaged)
    assert read_channels(stem).warnings == (
        "the samples of V1 do not add up to the header's checksum: damaged?",
    )


def test_checksums_that_were_never_computed_are_no_damage(write_record: WriteRecord) -> None:
    stem = write_record()
    stem.with_suffix(".hea").write_text(re.sub(r"16 0 (-?\d+) (-?\d+) 0 ", r"16 0 \1 0 0 ", header(stem)))
    assert " 0 0 V6" in header(stem)
    assert read_channels(stem).warnings == ()


def test_comments_keep_their_umlauts(write_record: WriteRecord) -> None:
    stem = write_record()
    stem.with_suffix(".hea").write_text(header(stem) + "# Report: vorhofflattern, überleitung 2:1\n", "utf-8")
    assert read_channels(stem).comments == ("Report: vorhofflattern, überleitung 2:1",)


BITS = {"16": 16, "24": 24, "32": 32, "61": 16, "80": 8, "160": 16, "212": 12, "310": 10, "311": 10}


def packed(form: str, samples: np.ndarray) -> bytes:
    """As signal(5) describes it, sample by sample; blocks that are not full end early."""
    bits = BITS[form]
    if form in ("80", "160"):
        return b"".join((int(one) + (1 << bits - 1)).to_bytes(bits // 8, "little") for one in samples)
    if form in ("16", "24", "32", "61"):
        order = "big" if form == "61" else "little"
        return b"".join(int(one).to_bytes(bits // 8, order, signed=True) for one in samples)
    raw = [int(one) & (1 << bits) - 1 for one in samples] + [0] * (-len(samples) % 6)
    if form == "212":
        pairs = zip(raw[::2], raw[1::2], strict=True)
        blocks = [bytes([one & 255, one >> 8 | two >> 8 << 4, two & 255]) for one, two in pairs]
        return b"".join(blocks)[: -(-len(samples) * 3 // 2)]
    triples = list(zip(raw[::3], raw[1::3], raw[2::3], strict=True))
    if form == "311":
        words = [one | two << 10 | three << 20 for one, two, three in triples]
        return b"".join(word.to_bytes(4, "little") for word in words)[: -(-len(samples) * 4 // 3)]
    halves = [(one << 1 | (three & 31) << 11, two << 1 | three >> 5 << 11) for one, two, three in triples]
    pieces = [half.to_bytes(2, "little") for pair in halves for half in pair]
    return b"".join(pieces)[: -(-len(samples) // 3) * 4]


@pytest.mark.parametrize("piece", [2**20, 50])
@pytest.mark.parametrize("samples", [396, 397, 398, 399])
@pytest.mark.parametrize("form", BITS)
def test_every_format_reads_as_wfdb_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, samples: int, piece: int
) -> None:
    """The lengths end in the middle of blocks of two and of three samples; a file may be of many pieces."""
    monkeypatch.setattr(wfdb_samples, "_PIECE", piece)
    top = 2 ** (BITS[form] - 1)
    digital = np.random.default_rng(samples).integers(-top + 1, top, samples)
    digital[7] = -top  # marks a gap
    (tmp_path / "a.dat").write_bytes(packed(form, digital))
    total = int(digital.sum()) % 65536
    (tmp_path / "a.hea").write_text(f"a 1 100 {samples}\na.dat {form} 100 0 0 0 {total} 0 II\n")
    channels = read_channels(tmp_path / "a")
    assert channels.warnings == ()  # the checksum fits
    assert np.flatnonzero(np.isnan(channels.values_mv)).tolist() == [7]
    np.testing.assert_allclose(np.delete(channels.values_mv[0], 7), np.delete(digital, 7) / 100, rtol=1e-6)
    same_by_both(tmp_path / "a")


@pytest.mark.parametrize("piece", [2**20, 50])
def test_differences_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr(wfdb_samples, "_PIECE", piece)
    steps = np.random.default_rng(0).integers(-128, 128, (300, 2)).astype(np.int8)
    steps.tofile(tmp_path / "a.dat")
    (tmp_path / "a.hea").write_text("a 2 100 300\na.dat 8 100 8 0 17 0 0 I\na.dat 8 100 8 0 -5 0 0 II\n")
    truth = (steps.cumsum(axis=0, dtype=int) + np.array([17, -5])).T / 100
    np.testing.assert_allclose(read_channels(tmp_path / "a").values_mv, truth, rtol=1e-6)


@pytest.mark.parametrize(("form", "subtype"), [("508", "PCM_S8"), ("516", "PCM_16"), ("524", "PCM_24")])
@pytest.mark.parametrize("piece", [2**20, 50])
def test_flac_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, subtype: str, piece: int
) -> None:
    monkeypatch.setattr(wfdb_samples, "_PIECE", piece)
    top = 2 ** (int(form) - 501)
    digital = np.random.default_rng(1).integers(-top + 1, top, (400, 3))
    scaled = (digital << (32 - int(form) + 500)).astype(np.int32)
    soundfile.write(tmp_path / "a.flac", scaled, 100, subtype=subtype, format="FLAC")
    lines = "".join(f"a.flac {form} 100 {int(form) - 500} 0 0 0 0 {lead}\n" for lead in ("I", "II", "V1"))
    (tmp_path / "a.hea").write_text(f"a 3 100 400\n{lines}")
    np.testing.assert_allclose(read_channels(tmp_path / "a").values_mv, digital.T / 100, rtol=1e-6)
    same_by_both(tmp_path / "a")


@pytest.mark.parametrize("piece", [2**20, 50])
def test_channels_with_a_skew_are_put_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr(wfdb_samples, "_PIECE", piece)
    digital = np.random.default_rng(2).integers(-999, 999, (400, 2))
    stem = write(tmp_path, "16", digital, ["I", "II"])
    first, two, last = header(stem).splitlines()
    (tmp_path / "a.hea").write_text("\n".join([first, two, last.replace(" 16 ", " 16:3 ", 1)]))
    one, two_mv = read_channels(stem).values_mv
    np.testing.assert_allclose(one, digital[:, 0] / 100, rtol=1e-6)
    np.testing.assert_allclose(two_mv[:-3], digital[3:, 1] / 100, rtol=1e-6)
    assert np.isnan(two_mv[-3:]).all()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a 12 100 1000", "a 12 100"),  # the length is that of the file
        ("a 12 100 1000", "a 12 100 0"),
        ("a 12 100 1000", "a 12 100/1000(0) 1000"),
        ("a 12 100 1000", "a 12 100 1000 09:49:17 05-05-2020"),  # a date as no standard has it
        ("a 12 100 1000", "another 12 100 1000"),
        ("1000.0(0)/mV 16 0", "1e3/mV 16 0"),
    ],
)
def test_spellings_of_the_same_header(write_record: WriteRecord, old: str, new: str) -> None:
    stem = write_record()
    text = header(stem)
    assert old in text
    stem.with_suffix(".hea").write_text(text.replace(old, new))
    channels = read_channels(stem)
    np.testing.assert_allclose(channels.values_mv, beats(1000, 100.0), atol=1e-6)
    assert (channels.rate_hz, channels.warnings) == (100.0, ())


def test_without_a_gain_a_millivolt_has_200_steps(write_record: WriteRecord) -> None:
    stem = write_record()
    stem.with_suffix(".hea").write_text(header(stem).replace("1000.0(0)/mV", "0(0)/mV"))
    np.testing.assert_allclose(read_channels(stem).values_mv, 5 * beats(1000, 100.0), atol=1e-5)


def test_two_signal_files(tmp_path: Path, write_record: WriteRecord) -> None:
    stem = write_record()
    values = np.frombuffer(stem.with_suffix(".dat").read_bytes(), "<i2").reshape(-1, 12)
    values[:, :5].tofile(tmp_path / "left.dat")
    values[:, 5:].tofile(tmp_path / "right.dat")
    record, *lines = header(stem).splitlines()
    lines = [line.replace("a.dat", "left.dat" if row < 5 else "right.dat") for row, line in enumerate(lines)]
    stem.with_suffix(".hea").write_text("\n".join([record, *lines]))
    assert read_channels(stem).warnings == ()
    same_by_both(stem)


def test_segments_each_with_its_own_gain(tmp_path: Path, write_record: WriteRecord) -> None:
    """A layout, a gap, a segment without V1 and one that orders its channels in another way."""
    truth = beats(1000, 100.0)
    write_record("m_0001", truth[[1, 0], :400], leads=["II", "I"], per_unit=500.0)
    write_record("m_0002", truth[[0, 1, 6], 400:], leads=["I", "II", "V1"])
    lines = "".join(f"~ 0 200 0 0 0 0 0 {lead}\n" for lead in ("I", "II", "V1"))
    (tmp_path / "m_layout.hea").write_text(f"m_layout 3 100 0\n{lines}")
    (tmp_path / "m.hea").write_text("m/4 3 100 1100\nm_layout 0\nm_0001 400\n~ 100\nm_0002 600\n# Age: 5\n")
    channels = read_channels(tmp_path / "m")
    gap = np.full((3, 100), np.nan)
    expected = np.concatenate([truth[[0, 1, 6], :400], gap, truth[[0, 1, 6], 400:]], axis=1)
    expected[2, :400] = np.nan
    np.testing.assert_allclose(channels.values_mv, expected, atol=2e-3)
    assert (channels.comments, channels.warnings) == (("Age: 5",), ())
    same_by_both(tmp_path / "m")


@pytest.mark.parametrize("baseline", [0, 2**23, 2**26, 2**30, 300 - 2**31])
def test_steps_far_from_zero_lose_nothing(tmp_path: Path, baseline: int) -> None:
    """float32 holds whole numbers up to 2**24 alone: the baseline is taken off before."""
    steps = (200 * np.sin(np.arange(2000) / 9)).astype(np.int64)
    (steps + baseline).astype("<i4").tofile(tmp_path / "a.dat")
    (tmp_path / "a.hea").write_text(f"a 1 500 2000\na.dat 32 200({baseline})/mV 32 0 0 0 0 I\n")
    np.testing.assert_array_equal(
        read_channels(tmp_path / "a").values_mv[0], (steps / 200).astype(np.float32)
    )


def test_a_baseline_alone_may_be_far_away(tmp_path: Path) -> None:
    np.arange(0, 1000, dtype="<i2").tofile(tmp_path / "a.dat")
    (tmp_path / "a.hea").write_text(f"a 1 500 1000\na.dat 16 200({2**40 + 1})/mV 16 0 0 0 0 I\n")
    values = read_channels(tmp_path / "a").values_mv[0]
    np.testing.assert_array_equal(values, ((np.arange(1000) - 2**40 - 1) / 200).astype(np.float32))


@pytest.mark.parametrize(("short", "whole"), [(0, True), (1, False)])
def test_padding_of_a_block_is_no_frame_that_another_file_lacks(
    tmp_path: Path, short: int, whole: bool
) -> None:
    """1000 samples of format 310 take 334 blocks of three; a header without a length does not tell."""
    (tmp_path / "a.dat").write_bytes(struct.pack("<HH", 7 << 1, 7 << 1) * 334)
    np.arange(1000 - short, dtype="<i2").tofile(tmp_path / "b.dat")
    (tmp_path / "a.hea").write_text("a 2 100\na.dat 310 100 0 0 0 0 0 I\nb.dat 16 100 0 0 0 0 0 II\n")
    if whole:
        assert read_channels(tmp_path / "a").values_mv.shape == (2, 1000)
    else:
        with pytest.raises(RecordError, match=r"b\.dat holds 999 frames; expected 1002"):
            read_channels(tmp_path / "a")
