"""The direct reader of plain records against the wfdb package, and against checksums."""

import re
from pathlib import Path

import numpy as np
import pytest
import wfdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecgclip.records.wfdb_plain import read_plain
from ecgclip.records.wfdb_record import read_by_wfdb, read_channels
from ecgclip.units import LEADS

from .conftest import WriteRecord, beats


def header(stem: Path) -> str:
    return stem.with_suffix(".hea").read_text()


def same_by_both(stem: Path) -> None:
    plain, other = read_plain(stem, header(stem)), read_by_wfdb(stem)
    assert plain is not None
    assert (plain.names, plain.rate_hz, plain.comments) == (other.names, other.rate_hz, other.comments)
    assert plain.warnings == other.warnings
    np.testing.assert_allclose(plain.values_mv, other.values_mv, rtol=1e-6, atol=1e-6)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.data(),
    gain=st.sampled_from([200.0, 1000.0, 4880.0, 36610.21264677947]),
    baseline=st.integers(-2000, 2000),
    rate=st.sampled_from([100, 257, 500, 62.5]),
)
def test_any_plain_record_reads_as_wfdb_reads_it(
    tmp_path: Path, data: st.DataObject, gain: float, baseline: int, rate: float
) -> None:
    leads = data.draw(st.lists(st.sampled_from([*LEADS, "Resp"]), min_size=2, max_size=12, unique=True))
    digital = np.random.default_rng(abs(baseline)).integers(-32768, 32767, (50, len(leads)))
    digital[data.draw(st.integers(0, 49))] = -32768
    wfdb.wrsamp(
        "a",
        fs=rate,
        units=["mV"] * len(leads),
        sig_name=leads,
        d_signal=digital,
        fmt=["16"] * len(leads),
        adc_gain=[gain] * len(leads),
        baseline=[baseline] * len(leads),
        comments=["Age: 50", "Dx: 164889003"],
        write_dir=str(tmp_path),
    )
    same_by_both(tmp_path / "a")


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


@pytest.mark.parametrize("format_", ["24", "32", "80", "212"])
def test_other_formats_are_left_to_wfdb(tmp_path: Path, format_: str) -> None:
    truth = beats(400, 100.0)[:2]
    wfdb.wrsamp(
        "a",
        fs=100,
        units=["mV"] * 2,
        sig_name=["I", "II"],
        p_signal=truth.T,
        fmt=[format_] * 2,
        adc_gain=[50.0] * 2,
        baseline=[0] * 2,
        write_dir=str(tmp_path),
    )
    assert read_plain(tmp_path / "a", header(tmp_path / "a")) is None
    np.testing.assert_allclose(read_channels(tmp_path / "a").values_mv, truth, atol=0.011)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (" 16 ", " 16x2 "),
        (" 16 ", " 16:3 "),
        ("1000.0(0)/mV", "0(0)/mV"),
        ("1000.0(0)/mV", "1000.0(0)"),
        ("a 12 100 1000", "a 12 100"),
        ("a 12 100 1000", "a 12 100/1000(0) 1000"),
        ("a 12 100 1000", "a/3 12 100 1000"),
        ("a 12 100 1000", "a 11 100 1000"),
        ("a.dat 16 1000.0(0)/mV 16 0", "b.dat 16 1000.0(0)/mV 16 0"),
    ],
)
def test_what_is_not_plain_is_left_to_wfdb(write_record: WriteRecord, old: str, new: str) -> None:
    stem = write_record()
    text = header(stem)
    assert old in text
    assert read_plain(stem, text) is not None
    assert read_plain(stem, text.replace(old, new)) is None
