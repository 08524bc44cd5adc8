"""The front door: which reader a path gets, and what importing costs."""

import subprocess
import sys
from importlib import import_module
from inspect import signature
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from ecgclip.errors import RecordError
from ecgclip.records.ecg import Ecg
from ecgclip.records.folder import RecordFolder
from ecgclip.records.ptbxl import PtbXl
from ecgclip.records.readers import AUTO, READERS, Reader, names_record
from ecgclip.records.reading import open_source, read_ecg, read_records
from ecgclip.records.table import RecordTable

from .conftest import WriteRecord, beats


@pytest.mark.parametrize("reader", ["auto", AUTO])
def test_auto_looks_at_the_path(tmp_path: Path, write_record: WriteRecord, reader: str) -> None:
    write_record("w/a")
    (tmp_path / "p").mkdir()
    (tmp_path / "p/ptbxl_database.csv").write_text("ecg_id\n1\n")
    (tmp_path / "t.csv").write_text("path\nw/a\n")
    assert isinstance(open_source(tmp_path / "w", reader), RecordFolder)
    assert isinstance(open_source(tmp_path / "w/a", reader), RecordFolder)
    assert isinstance(open_source(tmp_path / "p", reader), PtbXl)
    assert isinstance(open_source(str(tmp_path / "t.csv"), reader), RecordTable)


@pytest.mark.parametrize(("path", "count"), [("synthetic", 100), ("synthetic:7", 7), ("synthetic:7:3", 7)])
def test_synthetic_sources(path: str, count: int) -> None:
    source = open_source(path)
    assert (source.name, len(source.ids)) == ("synthetic", count)


def test_synthetic_records_at_a_rate() -> None:
    source = open_source("synthetic:1", rate_hz=100)
    assert source.read(source.ids[0]).rate_hz == 100


@pytest.mark.parametrize("path", ["synthetic:x", "synthetic:", "synthetic:-1", "synthetic:1:2:3"])
def test_synthetic_sources_that_cannot_be(path: str) -> None:
    with pytest.raises(RecordError, match="expected synthetic, synthetic:200 or synthetic:200:7"):
        open_source(path)


def test_an_unknown_reader_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(
        RecordError, match=r"unknown reader 'ptb-xl'; expected one of auto, .*did you mean 'ptbxl'"
    ):
        open_source(tmp_path, "ptb-xl")


def test_the_front_door_is_light() -> None:
    code = (
        "import sys, ecgclip.records.reading, ecgclip.records.ptbxl, ecgclip.records.table;"
        "print(sorted({'wfdb', 'pandas', 'scipy', 'pyarrow', 'matplotlib', 'torch'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("reader", READERS, ids=[reader.name for reader in READERS])
def test_every_line_of_the_table_leads_to_a_function(reader: Reader) -> None:
    """What reads one file takes (path, seconds); what lists many takes (path, rate_hz, seconds)."""
    assert bool(reader.read_one) != bool(reader.open_many)
    module, _, name = (reader.read_one or reader.open_many).partition(":")
    parameters = list(signature(getattr(import_module(module), name)).parameters)
    assert parameters[1:] == (["seconds"] if reader.read_one else ["rate_hz", "seconds"])


def test_a_new_format_is_a_line_of_the_table(
    tmp_path: Path, write_record: WriteRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recognised by content, listed beside records of other formats, read by every front door."""
    write_record("d/a")
    content = "samples of I at 100 Hz\n" + " ".join(map(str, beats(1000, 100.0)[0]))
    (tmp_path / "d/visit").mkdir()
    (tmp_path / "d/visit/b.hea.export").write_text(content)
    line = Reader("samples", "samples", _is_samples, read_one="samples:read")
    monkeypatch.setattr("ecgclip.records.readers.READERS", (line, *READERS))
    monkeypatch.setitem(sys.modules, "samples", SimpleNamespace(read=read_samples))
    path = tmp_path / "d/visit/b.hea.export"
    assert names_record(str(path))
    assert read_ecg(path, rate_hz=50).signal_mv.shape == (12, 500)
    assert open_source(path).ids == ("b.hea.export",)
    read = list(read_records(tmp_path / "d"))
    assert [ecg.case_id for ecg in read] == ["d/a", "d/visit/b.hea.export"]
    assert tuple(open_source(tmp_path / "d", "samples").ids) == ("visit/b.hea.export",)


def _is_samples(path: Path, head: bytes) -> bool:
    return head.startswith(b"samples of ")


def read_samples(path: Path, seconds: float | None) -> Ecg:
    """One lead, as the test writes it."""
    signal = np.full((12, 1000), np.nan, np.float32)
    signal[0] = list(map(float, path.read_text().splitlines()[1].split()))
    return Ecg(signal, 100.0, name=path.name)


def test_a_source_that_was_opened_before_comes_back(write_record: WriteRecord) -> None:
    source = open_source(write_record("w/a"))
    assert open_source(source) is source
    assert [ecg.name for ecg in read_records(source)] == ["a"]


@pytest.mark.parametrize("suffix", ["", ".hea", ".dat"])
def test_a_record_is_read_by_the_name_of_any_of_its_files(write_record: WriteRecord, suffix: str) -> None:
    stem = write_record("w/a")
    assert names_record(f"{stem}{suffix}")
    assert read_ecg(f"{stem}{suffix}").name == "a"
    np.testing.assert_allclose(read_ecg(f"{stem}{suffix}").signal_mv, beats(1000, 100.0), atol=1e-6)


def test_a_record_beside_a_folder_of_its_name(tmp_path: Path, write_record: WriteRecord) -> None:
    """The folder is listed; the record of that name is one of those around it."""
    write_record("w/a")
    write_record("w/a/b")
    assert tuple(open_source(tmp_path / "w").ids) == ("a", "a/b")
    assert [ecg.name for ecg in read_records(tmp_path / "w")] == ["a", "a/b"]
    assert tuple(open_source(tmp_path / "w/a").ids) == ("b",)


@pytest.mark.parametrize("name", ["photo.jpg", "t.csv", "folder", "absent", "ptbxl_database.csv"])
def test_what_names_no_record(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    if "." in name:
        (tmp_path / name).write_bytes(b"\xff\xd8\xff")
    assert not names_record(str(tmp_path / name))
