"""The front door: which reader a path gets, and what importing costs."""

import subprocess
import sys
from pathlib import Path

import pytest

from ecgclip.errors import RecordError
from ecgclip.records.folder import RecordFolder
from ecgclip.records.ptbxl import PtbXl
from ecgclip.records.readers import AUTO
from ecgclip.records.reading import open_source
from ecgclip.records.table import RecordTable

from .conftest import WriteRecord


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
