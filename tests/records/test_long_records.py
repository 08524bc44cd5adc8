"""Of a long record as much is in memory as is asked for, measured in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecgclip.records.ecg import content_hash
from ecgclip.records.reading import open_source, read_ecg
from ecgclip.units import LEADS

from .conftest import WriteRecord, beats

GIGABYTE = 2**30
MOST_MB = 400  # Python, numpy and scipy take 100

BUILD = """
import sys
from ecgclip.indexing.prepare import prepare
from ecgclip.paper.coverage import READ_S
from ecgclip.records.reading import open_source
source = open_source(sys.argv[1], seconds=READ_S)
for name in source.ids:
    made = prepare(source, name, None)
    print(name, getattr(made, "reason", "") or made.case.content_hash)
"""
WHOLE = """
import sys
from ecgclip.records.reading import read_ecg
print(read_ecg(sys.argv[1]).signal_mv.nbytes / 2**20)
"""
# not ru_maxrss, in which the memory of the process that started this one counts
PEAK = """
print(next(int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def measured(code: str, argument: Path) -> tuple[list[str], float]:
    """The lines that some code prints, and the peak of its memory in MB."""
    command = [sys.executable, "-c", code + PEAK, str(argument)]
    *lines, peak = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return lines, float(peak)


def lines_of(*files: str, form: str = "16") -> str:
    """Twelve leads over some files."""
    each = 12 // len(files)
    return "".join(f"{files[row // each]} {form} 1000 16 0 0 0 0 {lead}\n" for row, lead in enumerate(LEADS))


def test_a_day_costs_as_much_memory_as_ten_seconds(tmp_path: Path) -> None:
    """A gigabyte each: one file, two, one behind a MATLAB header, a packed one, and one three times over."""
    signal = np.round(beats(5250, 500.0) * 1000).astype("<i2").T
    for name, part in (("a", signal), ("left", signal[:, :6]), ("right", signal[:, 6:])):
        part.tofile(tmp_path / f"{name}.dat")
    (tmp_path / "m.mat").write_bytes(bytes(24) + signal.tobytes())
    signal.astype(np.int8).tofile(tmp_path / "small.dat")
    for file in tmp_path.iterdir():  # the rest of each is a hole of the file system
        os.truncate(file, GIGABYTE)
    frames = GIGABYTE // 24 - 1
    (tmp_path / "a.hea").write_text(f"a 12 500 {frames}\n{lines_of('a.dat')}")
    (tmp_path / "two.hea").write_text(f"two 12 500 {frames}\n{lines_of('left.dat', 'right.dat')}")
    (tmp_path / "m.hea").write_text(f"m 12 500 {frames}\n{lines_of('m.mat', form='16+24')}")
    (tmp_path / "small.hea").write_text(f"small 12 500\n{lines_of('small.dat', form='8')}")
    (tmp_path / "parts.hea").write_text(f"parts/3 12 500 {3 * frames}\n" + f"a {frames}\n" * 3)
    made, peak = measured(BUILD, tmp_path)
    assert peak < MOST_MB
    assert [line.split()[0] for line in made] == ["a", "m", "parts", "small", "two"]
    assert [len(line.split(" ", 1)[1]) for line in made] == [32] * 5  # a hash, not a reason
    for name in ("a", "m", "parts", "two"):
        ecg = read_ecg(tmp_path / name, seconds=10.5)
        np.testing.assert_allclose(ecg.signal_mv, signal.T / 1000, atol=1e-6)
        whole_s = frames * (3 if name == "parts" else 1) / 500
        assert ecg.warnings == (f"only the first 10.5 s of {whole_s:g} s were read",)


@pytest.mark.parametrize("seconds", [10, 4, 2.5, 0.567])
def test_the_beginning_is_that_of_the_whole(
    tmp_path: Path, write_record: WriteRecord, seconds: float
) -> None:
    signal = beats(1000, 100.0)
    write_record("m_0001", signal[:, :300])
    write_record("m_0002", signal[:, 300:])
    (tmp_path / "m.hea").write_text("m/2 12 100 1000\nm_0001 300\nm_0002 700\n")
    write_record("a", signal)
    table = {"signal": [signal.astype(np.float32).tolist()], "rate_hz": [100.0]}
    pq.write_table(pa.table(table), tmp_path / "t.parquet")
    (tmp_path / "p.csv").write_text("path\na\n")
    wanted = int(np.ceil(seconds * 100))
    for source, name in (("m", "m"), ("a", "a"), ("t.parquet", "000001"), ("p.csv", "a")):
        ecg = open_source(tmp_path / source, seconds=seconds).read(name)
        np.testing.assert_allclose(ecg.signal_mv, signal[:, :wanted], atol=1e-6)
        assert ecg.warnings == (
            () if wanted == 1000 else (f"only the first {wanted / 100:g} s of 10 s were read",)
        )


def test_ten_seconds_are_the_same_record_with_and_without_a_bound(
    tmp_path: Path, write_record: WriteRecord
) -> None:
    """An index that was built from whole records calls them unchanged."""
    write_record("d/a", beats(5000, 500.0), rate_hz=500.0)
    whole = open_source(tmp_path / "d").read("a")
    assert content_hash(open_source(tmp_path / "d", seconds=10.5).read("a")) == content_hash(whole)


def test_a_whole_record_takes_a_few_times_its_samples(tmp_path: Path, write_record: WriteRecord) -> None:
    """An hour in mV is 86 MB of float32; ordering and checking it takes some copies, and no more."""
    stem = write_record("a", np.tile(beats(5000, 500.0), 360), rate_hz=500.0)
    (size,), peak = measured(WHOLE, stem)
    size = float(size)
    assert size == pytest.approx(12 * 4 * 1_800_000 / 2**20)
    assert peak < 100 + 4 * size


@pytest.mark.parametrize("layout", ["matrix", "leads"])
def test_a_table_of_large_row_groups_is_decoded_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str
) -> None:
    """In any order of reading, also backwards."""
    monkeypatch.setattr("ecgclip.records.tables.parquet._BATCH_BYTES", 2 * 12 * 500 * 4)
    signals = [scale * beats(500, 100.0).astype(np.float32) for scale in (1, 2, 3, 4, 5)]
    table: dict[str, object] = {"rate_hz": [100.0] * 5}
    if layout == "matrix":
        table["signal"] = [signal.tolist() for signal in signals]
    else:
        table |= {lead: [signal[row].tolist() for signal in signals] for row, lead in enumerate(LEADS)}
    pq.write_table(pa.table(table), tmp_path / "t.parquet", row_group_size=4)
    source = open_source(tmp_path / "t.parquet")
    for row in (0, 1, 2, 3, 4, 3, 0, 2):
        np.testing.assert_array_equal(source.read(source.ids[row]).signal_mv, signals[row])
