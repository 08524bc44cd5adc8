"""Kinds of files by their first bytes, and what is said of those that cannot be read."""

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from ecgclip.errors import RecordError
from ecgclip.files import HEAD_BYTES
from ecgclip.photo.loading.load import ImageError, load
from ecgclip.records.filetypes import FileType, file_type
from ecgclip.records.reading import open_source, read_ecg, read_records
from ecgclip.records.source import Skipped

from .conftest import WriteRecord, beats


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, "content " * 100)
    return file.getvalue()


def written(write: Callable[[io.BytesIO], object]) -> bytes:
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def tarred(mode: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        archive.addfile(tarfile.TarInfo("a.hea"))
    return file.getvalue()


def excel() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["id", "report"])
    return written(book.save)


def picture(kind: str) -> bytes:
    return written(lambda file: Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(file, kind))


KINDS: dict[str, tuple[bytes, FileType | None]] = {
    "a.dcm": (bytes(128) + b"DICM\2\0\0\0UL\4\0", FileType.DICOM),
    "no suffix": (bytes(128) + b"DICM\2\0\0\0UL\4\0", FileType.DICOM),
    "aecg.xml": (
        b'<?xml version="1.0"?>\n<AnnotatedECG xmlns="urn:hl7-org:v3">',
        FileType.AECG,
    ),
    "muse.xml": (b'<?xml version="1.0" encoding="ISO-8859-1"?>\n<RestingECG>', FileType.MUSE),
    "philips.xml": ('<?xml version="1.0"?><restingecgdata>'.encode("utf-16"), FileType.PHILIPS),
    "other.xml": (b'\xef\xbb\xbf<?xml version="1.0"?><note/>', FileType.XML),
    "a.scp": (b"\x12\x34" + bytes(14) + b"SCPECG" + bytes(100), FileType.SCP),
    "a.edf": (b"0       " + b" " * 248, FileType.EDF),
    "a.bdf": (b"\xffBIOSEMI" + b" " * 248, FileType.EDF),
    "a.ecg": (b"ISHNE1.0" + bytes(500), FileType.ISHNE),
    "a.xlsx": (excel(), FileType.EXCEL),
    "damaged.xlsx": (b"PK\3\4" + bytes(60), FileType.EXCEL),
    "a.docx": (zipped("[Content_Types].xml", "word/document.xml"), FileType.WORD),
    "damaged.docx": (b"PK\3\4" + bytes(60), FileType.WORD),
    "a.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), FileType.OFFICE),
    "a.zip": (zipped("a.hea", "a.dat"), FileType.ARCHIVE),
    "a.tar": (tarred("w"), FileType.ARCHIVE),
    "a.tar.gz": (tarred("w:gz"), FileType.ARCHIVE),
    "a.pdf": (b"\n%PDF-1.4\n", FileType.PDF),
    "a.png": (picture("PNG"), FileType.PICTURE),
    "a.jpg": (picture("JPEG"), FileType.PICTURE),
    "a.webp": (picture("WEBP"), FileType.PICTURE),
    "a.heic": (b"\0\0\0\x18ftypheic", FileType.PICTURE),
    "a.html": (b"<!DOCTYPE html><html>", FileType.HTML),
    "a.csv": ("id;Befund\n1;Vorhofflimmern, übergeleitet\n".encode("cp1252"), FileType.TEXT),
    "bmi.csv": (b"BMI,path\n21,a\n", FileType.TEXT),
    "par1.csv": (b"PAR1,path\n21,a\n", FileType.TEXT),
    "a.bmp": (picture("BMP"), FileType.PICTURE),
    "utf16.csv": ("id\treport\n".encode("utf-16"), FileType.TEXT),
    "a.parquet": (written(lambda file: pq.write_table(pa.table({"id": [1]}), file)), FileType.PARQUET),
    "empty": (b"", FileType.EMPTY),
    "samples.dat": (np.arange(-500, 500, dtype="<i2").tobytes(), None),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_file_is_what_its_first_bytes_say(name: str) -> None:
    content, kind = KINDS[name]
    assert file_type(content[:HEAD_BYTES], name) is kind


NOT_READ = [name for name, (_, kind) in KINDS.items() if kind and name.endswith(("dcm", "xml", "scp", "edf"))]
NOT_READ += ["a.docx", "a.zip", "a.tar.gz", "a.xls", "empty"]


@pytest.mark.parametrize("name", [*NOT_READ, "a.xlsx", "a.csv"])
def test_what_is_no_picture_is_named(name: str, tmp_path: Path) -> None:
    content, kind = KINDS[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ImageError) as caught:
        load(tmp_path / name)
    if kind is not FileType.EMPTY:  # of which the number of bytes is told
        assert kind
        assert str(caught.value).startswith(f"{tmp_path / name}: this is {kind.title}; expected a picture")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", [*NOT_READ, "a.pdf", "a.png"])
@pytest.mark.parametrize("read", [read_ecg, open_source])
def test_what_is_no_record_is_named(name: str, tmp_path: Path, read: Callable[[Path], object]) -> None:
    content, kind = KINDS[name]
    (tmp_path / name).write_bytes(content)
    assert kind
    with pytest.raises(RecordError) as caught:
        read(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}: this is {kind.title}; expected ")
    assert str(caught.value).endswith(f"; {kind.advice}")


def test_a_folder_without_records_says_what_lies_there(tmp_path: Path) -> None:
    for name in NOT_READ:
        (tmp_path / name.replace(" ", "")).write_bytes(KINDS[name][0])
    with pytest.raises(RecordError) as caught:
        open_source(tmp_path)
    assert "a.dcm is a DICOM file" in str(caught.value)
    assert "export the ECG as a WFDB record" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_of_devices_among_records_are_skipped_aloud(tmp_path: Path, write_record: WriteRecord) -> None:
    """Text, pictures and archives beside records are nobody's ECG."""
    write_record("w/a")
    for name in ("a.dcm", "a.scp", "a.zip", "a.png", "a.csv"):
        (tmp_path / "w" / name).write_bytes(KINDS[name][0])
    skipped: list[Skipped] = []
    assert [ecg.name for ecg in read_records(tmp_path / "w", on_skip=skipped.append)] == ["a"]
    assert [skip.record for skip in skipped] == ["w/a.dcm", "w/a.scp"]
    assert "this is a DICOM file" in skipped[0].reason
    assert tuple(open_source(tmp_path / "w", "wfdb").ids) == ("a",)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.dat", KINDS["a.dcm"][0], "this is a DICOM file"),
        ("a.mat", b"MATLAB 5.0 MAT-file" + bytes(200), "this is a MATLAB or HDF5 file"),
        ("a.dat", KINDS["samples.dat"][0], "a.hea: no such file"),
        ("a.bin", KINDS["samples.dat"][0], "a file of unknown kind"),
    ],
)
def test_a_signal_file_without_its_header(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RecordError, match=words):
        read_ecg(tmp_path / name)


def test_a_signal_file_beside_its_header_may_look_like_anything(
    tmp_path: Path, write_record: WriteRecord
) -> None:
    signal = beats(1000, 100.0)
    stem = write_record("w/a", signal)
    content = bytearray(stem.with_suffix(".dat").read_bytes())
    content[128:132] = b"DICM"
    stem.with_suffix(".dat").write_bytes(content)
    assert read_ecg(stem.with_suffix(".dat")).name == "a"
    assert tuple(open_source(tmp_path / "w").ids) == ("a",)
