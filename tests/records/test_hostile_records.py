"""Headers, signal files and tables that were made to read elsewhere, to wait or to fill the memory."""

import os
import socket
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecgclip.embedding import read_reports
from ecgclip.errors import RecordError
from ecgclip.records.codes import UNREADABLE, literal
from ecgclip.records.ptbxl import open_ptbxl
from ecgclip.records.reading import open_source, read_ecg, read_records
from ecgclip.records.source import Skipped
from ecgclip.records.table import open_table
from ecgclip.records.tables.numbers import read_numbers
from ecgclip.records.wfdb.header import RecordHeader, read_header

from .conftest import WriteRecord, beats


def refusal(path: Path, read: Callable[[Path], object] = read_ecg) -> str:
    """The one line that a record is refused with."""
    with pytest.raises(RecordError) as caught:
        read(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 2000
    return str(caught.value)


def edit(stem: Path, old: str, new: str) -> None:
    header = stem.with_suffix(".hea")
    text = header.read_text()
    assert old in text
    header.write_text(text.replace(old, new))


@pytest.mark.parametrize("form", ["508", "516", "524"])
@pytest.mark.parametrize("content", [b"", b"fLaC", b"fLaC" + b"\xff" * 200, b"RIFF" + bytes(100), bytes(100)])
def test_junk_in_the_place_of_flac_is_one_line(write_record: WriteRecord, form: str, content: bytes) -> None:
    stem = write_record()
    edit(stem, " 16 1000.0", f" {form} 1000.0")
    stem.with_suffix(".dat").write_bytes(content)
    assert "do not fit or are damaged" in refusal(stem)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"m": "m/1 12 100 1000\nm 1000\n"}, "segment m consists of segments itself"),
        ({"m": "m/2 12 100 2000\na 1000\nm 1000\n"}, "segment m consists of segments itself"),
        ({"m": "m/1 12 100 9\nn 9\n", "n": "n/1 12 100 9\nm 9\n"}, "segment n consists of segments itself"),
        ({"m": "m/3 12 100 3000\na 1000\n"}, "announces 3 segments and lists 1"),
        ({"m": "m/1 12 100 1000\n~ 1000\n"}, "every segment is a gap"),
        ({"m": "m/1 12 100 5000\na 5000\n"}, "segment a has 1000 samples; expected 5000"),
        ({"m": "m/1 12 100 1000\ngone 1000\n"}, "the segment gone.hea is missing"),
        ({"m": f"m/1 12 100 {10**12}\na {10**12}\n"}, "would take"),
        ({"m": f"m/2 12 100 {10**12}\na 1000\n~ {10**12 - 1000}\n"}, "would take"),
        ({"m": "m/1 12 100 1000\na one\n"}, "'one' is no length of a segment"),
    ],
)
def test_segments_that_cannot_be(
    tmp_path: Path, write_record: WriteRecord, files: dict[str, str], words: str
) -> None:
    write_record()
    for name, text in files.items():
        (tmp_path / f"{name}.hea").write_text(text)
    assert words in refusal(tmp_path / "m")


@pytest.mark.parametrize(
    "name",
    [
        "../secret.dat",
        "/etc/passwd",
        "sub/secret.dat",
        "sub\\secret.dat",
        "s3://bucket/a.dat",
        "http://example.org/a.dat",
        "file:///etc/passwd",
        "simplecache::https://example.org/a.dat",
        "..",
    ],
)
def test_a_name_in_a_header_leads_nowhere_else(
    tmp_path: Path, write_record: WriteRecord, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Neither as a signal file nor as a segment, and nothing is asked of the network."""
    monkeypatch.setattr(socket, "socket", lambda *args, **more: pytest.fail("a connection was tried"))
    stem = write_record("here/a")
    write_record("secret")
    write_record("here/sub/secret")
    (tmp_path / "here/m.hea").write_text(f"m/1 12 100 1000\n{name} 1000\n")
    edit(stem, "a.dat", name)
    assert "expected a file beside the header" in refusal(stem)
    assert "expected a file beside the header" in refusal(tmp_path / "here/m")


@pytest.mark.parametrize("path", ["s3://bucket/a", "gs://bucket/a", "http://example.org/a", "zip://a::b.zip"])
def test_an_address_is_no_record(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", lambda *args, **more: pytest.fail("a connection was tried"))
    assert "no such file" in refusal(Path(path), lambda _: read_ecg(path))
    assert "no such file or folder" in refusal(Path(path), lambda _: open_source(path))


@pytest.mark.parametrize("path", ["", "/", ".", "..", "\0", "a\0b"])
def test_odd_paths_are_no_record(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert refusal(Path(path), lambda _: read_ecg(path))
    if path != "/":  # the whole disk would be looked through
        assert refusal(Path(path), lambda _: open_source(path).read("a"))


@pytest.mark.parametrize(
    ("mine", "other"),
    [("visit[12]", "visit1"), ("visit*", "visit0"), ("visit?", "visit7"), ("a::b", "a"), ("{x}", "x")],
)
def test_a_folder_is_no_pattern_and_no_address(
    tmp_path: Path, write_record: WriteRecord, mine: str, other: str
) -> None:
    """The record of the folder next to it, which a pattern would match, is never the one that comes back."""
    for folder, scale in ((mine, 1), (other, 3)):
        stem = write_record(f"{folder}/r", scale * beats(1000, 100.0))
        data = np.frombuffer(stem.with_suffix(".dat").read_bytes(), "<i2").reshape(-1, 12)
        data[:, :6].tofile(stem.with_name("left.dat"))
        data[:, 6:].tofile(stem.with_name("right.dat"))
        record, *lines = stem.with_suffix(".hea").read_text().splitlines()
        halves = [
            line.replace("r.dat", "left.dat" if row < 6 else "right.dat") for row, line in enumerate(lines)
        ]
        stem.with_suffix(".hea").write_text("\n".join([record, *halves]))
    np.testing.assert_allclose(read_ecg(tmp_path / mine / "r").signal_mv, beats(1000, 100.0), atol=1e-6)
    (tmp_path / mine / "right.dat").unlink()
    assert "the signal file right.dat is missing" in refusal(tmp_path / mine / "r")


@pytest.mark.parametrize("suffix", [".hea", ".dat", ".mat"])
@pytest.mark.parametrize("kind", ["pipe", "device", "socket", "loop", "folder"])
def test_no_reader_waits_for_a_pipe(
    tmp_path: Path, write_record: WriteRecord, suffix: str, kind: str
) -> None:
    write_record("d/good")
    stem = write_record("d/odd")
    if suffix == ".mat":
        edit(stem, "odd.dat", "odd.mat")
    stem.with_suffix(suffix).unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as bound:
        match kind:
            case "pipe":
                os.mkfifo(stem.with_suffix(suffix))
            case "device":
                stem.with_suffix(suffix).symlink_to("/dev/zero")
            case "socket":
                bound.bind(str(stem.with_suffix(suffix)))
            case "loop":
                stem.with_suffix(suffix).symlink_to(f"odd{suffix}")
            case "folder":
                stem.with_suffix(suffix).mkdir()
        words = "symbolic links" if kind == "loop" else "not a regular file"
        assert words in refusal(stem)
        skipped: list[Skipped] = []
        assert [ecg.name for ecg in read_records(tmp_path / "d", on_skip=skipped.append)] == ["good"]
        assert [skip.record for skip in skipped] == (
            [] if (suffix, kind) == (".hea", "folder") else ["d/odd"]
        )


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "ptbxl_database.csv", "m_0001.hea"])
def test_no_table_and_no_listing_waits_for_a_pipe(
    tmp_path: Path, write_record: WriteRecord, name: str
) -> None:
    write_record("d/m")
    os.mkfifo(tmp_path / "d" / name)
    if name == "m_0001.hea":
        assert tuple(open_source(tmp_path / "d").ids) == ("m", "m_0001")
    else:
        assert "not a regular file" in refusal(tmp_path / "d" / name, open_source)
    os.mkfifo(tmp_path / "r.txt")
    assert "not a regular file" in refusal(tmp_path / "r.txt", read_reports)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("a 12 100 1000", f"a 12 100 {10**12}", "a.dat holds 1000 frames; expected 1000000000000"),
        ("a 12 100 1000", f"a 12 100 {10**40}", "is no number of samples"),
        ("a 12 100 1000", f"a {10**9} 100 1000", "announces 1000000000 channels and lists 12"),
        ("a 12 100 1000", "a 12 1e400 1000", "sampling rate of inf Hz"),
        (" 16 ", " 16x999999 ", "a frame of 11999988 samples"),
        (" 16 ", " 16+9999999999 ", "a.dat holds 0 frames"),
        ("a.dat 16", "a\0.dat 16", "expected a file beside the header"),
        ("a.dat 16", "b.dat 212", "the signal file b.dat is missing"),
        (" 16 1000.0(0)/mV", " 16 -/mV", "is of no channel"),
    ],
)
def test_numbers_that_cannot_be(write_record: WriteRecord, old: str, new: str, words: str) -> None:
    stem = write_record()
    edit(stem, old, new)
    assert words in refusal(stem)


def test_a_skew_of_hours_is_refused(write_record: WriteRecord) -> None:
    """All that lies before its first sample would be read."""
    stem = write_record()
    edit(stem, "a.dat 16 1000.0(0)/mV 16 0", "a.dat 16:999999999999 1000.0(0)/mV 16 0")
    assert "a skew of 999999999999 frames; expected at most 1000" in refusal(stem)


def test_a_skew_beyond_the_end_leaves_gaps(write_record: WriteRecord) -> None:
    stem = write_record(signal_mv=beats(500, 100.0))
    edit(stem, "a.dat 16 1000.0(0)/mV 16 0", "a.dat 16:900 1000.0(0)/mV 16 0")
    assert "every lead is NaN" in refusal(stem)


def test_a_channel_beside_the_leads_that_fills_the_file_is_refused(write_record: WriteRecord) -> None:
    """Its samples would be read as well, gigabytes for ten seconds of a lead."""
    stem = write_record()
    stem.with_suffix(".hea").write_text("a 2 5000 500000\na.dat 16 1000\na.dat 16x999999 1000\n")
    edit(stem, "a.dat 16 1000", "a.dat 16 1000 0 0 0 0 0 I")
    with stem.with_suffix(".dat").open("wb") as file:
        file.truncate(2 * 500_000 * 1_000_000)
    assert "expected at most" in refusal(stem, lambda path: read_ecg(path, seconds=10.5))


def test_too_many_channels_are_refused(write_record: WriteRecord) -> None:
    stem = write_record()
    stem.with_suffix(".hea").write_text("a 40000 100 1000\n" + "a.dat 16 1 0 0 0 0 0 I\n" * 40_000)
    assert "lists 40000 channels; expected at most 512" in refusal(stem)


def test_the_header_of_segments_is_read_once(
    tmp_path: Path, write_record: WriteRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record may name the same segment thousands of times."""
    write_record("s", beats(100, 100.0))
    (tmp_path / "m.hea").write_text("m/200 12 100 20000\n" + "s 100\n" * 200)
    read: list[Path] = []

    def counted(path: Path) -> RecordHeader:
        read.append(path)
        return read_header(path)

    monkeypatch.setattr("ecgclip.records.wfdb.parts.read_header", counted)
    ecg = read_ecg(tmp_path / "m")
    np.testing.assert_allclose(ecg.signal_mv, np.tile(beats(100, 100.0), 200), atol=1e-6)
    assert len(read) == 3  # the record's, the layout's, and the segment's


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("_MOST_SEGMENTS", "3 segments to be read; expected at most"),
        ("_MOST_PARTS", "12 channels in 3 segments; expected at most"),
        ("_MOST_HEADER_BYTES", "MiB of headers"),
    ],
)
def test_segments_have_bounds(
    tmp_path: Path, write_record: WriteRecord, monkeypatch: pytest.MonkeyPatch, name: str, words: str
) -> None:
    write_record("s")
    (tmp_path / "m.hea").write_text("m/3 12 100 3000\n" + "s 1000\n" * 3)
    monkeypatch.setattr(f"ecgclip.records.wfdb.parts.{name}", 2)
    assert words in refusal(tmp_path / "m")


def test_a_rate_that_makes_seconds_of_gigabytes_is_refused(write_record: WriteRecord) -> None:
    stem = write_record(signal_mv=np.tile(beats(1000, 100.0), 800), rate_hz=100.0)
    edit(stem, " 100 800000", " 1e9 800000")
    assert "is the sampling rate right?" in refusal(stem, lambda path: read_ecg(path, seconds=0.001))


def test_the_header_of_another_record_does_not_fit(tmp_path: Path, write_record: WriteRecord) -> None:
    stem = write_record("a")
    write_record("b", beats(400, 100.0))
    edit(stem, "a.dat", "b.dat")
    assert "b.dat holds 400 frames; expected 1000" in refusal(stem)


def test_a_header_of_a_gigabyte_is_refused_by_its_size(tmp_path: Path) -> None:
    with (tmp_path / "a.hea").open("wb") as file:
        file.truncate(2**30)
    assert "a.hea cannot be read (larger than the 1 MiB" in refusal(tmp_path / "a")


@pytest.mark.parametrize("filler", ["1", " ", "-", "a", "(", "/", "\t", "é", "1.", "\0", "0x"])
def test_long_lines_of_one_letter_are_one_line(write_record: WriteRecord, filler: str) -> None:
    """No pattern of the header's reader runs away with half a megabyte of one letter."""
    many = filler * (500_000 // len(filler))
    stem = write_record()
    text = stem.with_suffix(".hea").read_text()
    for broken in (
        f"a 12 {many}\n",
        many,
        text.replace("16 1000.0", f"16 {many}", 1),
        f"{text}#Age: 5{many}x\n",
    ):
        stem.with_suffix(".hea").write_text(broken)
        try:
            warnings = read_ecg(stem).warnings
        except RecordError as error:
            warnings = (str(error),)
        assert all(len(words) < 2000 for words in warnings)


@pytest.mark.parametrize(
    "text",
    [
        *("(" * 99_999, "[" * 99_999, "-" * 99_999 + "1", "{'a':" * 19_999, "1+" * 49_999 + "1"),
        *(
            "1if " * 24_999,
            "'" + "\\d" * 999,
            "not " * 24_999 + "1",
            "9" * 99_999,
            "[" * 200_000,
            "x" * 10**6,
        ),
    ],
)
def test_nested_cells_are_unreadable_and_silent(text: str) -> None:
    with pytest.raises(UNREADABLE):
        literal(text)


def test_half_letters_in_codes_become_marks(tmp_path: Path) -> None:
    """JSON may spell half of a letter, which no database takes."""
    table = {"signal": [beats(500, 100.0).tolist()], "rate_hz": [100], "codes": ['{"\\ud800": 100}']}
    pq.write_table(pa.table(table), tmp_path / "t.parquet")
    assert open_table(tmp_path / "t.parquet").read("000001").codes == {"?": 100.0}


@pytest.mark.parametrize("name", ["t.csv", "ptbxl_database.csv"])
@pytest.mark.parametrize("quoted", ["", '"'])
def test_a_row_without_end_is_refused_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, quoted: str
) -> None:
    """Whether it is one line, or lines that an open quote holds together."""
    monkeypatch.setattr("ecgclip.records.tables.text.MOST_LETTERS", 2**20)
    content = "x" * 2**21 if not quoted else '\n"",' * 2**19
    (tmp_path / name).write_text(f"path,ecg_id\na,1\nb,{quoted}{content}\n")
    words = refusal(tmp_path / name, open_source)
    assert "more than 1 million letters" in words
    assert quoted or "the row at line 3" in words


def constant_parquet(path: Path, rows: int, samples: int, group: int | None = None) -> Path:
    """A few kilobytes of equal numbers, which Parquet keeps as one and how often."""
    values = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(rows * samples, np.int8)), pa.array([0.5], pa.float32())
    )
    offsets = pa.array(np.arange(rows + 1) * samples, pa.int32())
    signal = pa.ListArray.from_arrays(offsets, values)
    pq.write_table(
        pa.table({"rate_hz": pa.array([500] * rows), "signal": signal}), path, row_group_size=group
    )
    return path


def test_a_parquet_file_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    path = constant_parquet(tmp_path / "t.parquet", 10, 10_000_000)
    assert path.stat().st_size < 100_000
    source = open_table(path)
    assert "bytes that unpack to 0.37 GiB; expected at most 0.25" in refusal(
        path, lambda _: source.read("000001")
    )


@pytest.mark.parametrize("nested", [False, True])
def test_a_long_text_that_is_repeated_is_counted_as_often(tmp_path: Path, nested: bool) -> None:
    """Half a gigabyte of one report in two kilobytes; in a list of codes too."""
    rows = 500
    report = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["a" * 2**20]))
    column = pa.ListArray.from_arrays(pa.array(range(rows + 1), pa.int32()), report) if nested else report
    table = {"path": [f"r{row}" for row in range(rows)], "codes" if nested else "report": column}
    pq.write_table(pa.table(table), tmp_path / "t.parquet", compression="zstd")
    assert "bytes that unpack to 0.49 GiB" in refusal(tmp_path / "t.parquet", open_table)


def test_rows_without_number_are_refused(tmp_path: Path) -> None:
    rows = 5_000_000
    pq.write_table(pa.table({"path": pa.array(["a"] * rows).dictionary_encode()}), tmp_path / "t.parquet")
    assert "made to fill the memory?" in refusal(tmp_path / "t.parquet", open_table)


def test_reports_have_bounds(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("sinus rhythm\n" + "x" * 2_000_000)
    assert "report 2 has 2000000 letters; expected at most 1000000" in refusal(
        tmp_path / "r.txt", read_reports
    )
    with (tmp_path / "large.txt").open("wb") as file:
        file.truncate(2**30)
    assert "larger than the 256 MiB" in refusal(tmp_path / "large.txt", read_reports)


def test_a_damaged_table_of_ptbxl_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "ptbxl_database.csv").mkdir()
    assert "not a regular file" in refusal(tmp_path, open_ptbxl)


def test_matlab_files_of_other_versions_are_read_as_bytes_alone(write_record: WriteRecord) -> None:
    """A compressed MATLAB 5 file may unpack to anything; here nothing is unpacked."""
    stem = write_record()
    bomb = (
        b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<HH", 0x100, 0x4D49) + b"\x0f\0\0\0\xff\xff\xff\x7f"
    )
    stem.with_suffix(".mat").write_bytes(bomb)
    edit(stem, "a.dat 16 ", "a.mat 16+24 ")
    assert "a.mat holds 4 frames; expected 1000" in refusal(stem)


@pytest.mark.parametrize("name", ["t.csv", "ptbxl_database.csv"])
@pytest.mark.parametrize("cells", ["," * 20_000, 'a",' * 20_000, '"b",' * 20_000, '"\n",' * 20_000])
def test_a_row_of_too_many_cells_is_refused(tmp_path: Path, name: str, cells: str) -> None:
    """Whether they are quoted or not, on one line or several."""
    (tmp_path / name).write_text(f"path,ecg_id,{cells}\na,1\n")
    assert "has more than 10000 cells" in refusal(tmp_path / name, open_source)


@pytest.mark.parametrize("cell", ['"' + "1, " * 20_000 + '"', '"a\n' + "b, " * 20_000 + '\n""c"", d"'])
def test_commas_in_a_cell_make_no_cells(tmp_path: Path, cell: str) -> None:
    (tmp_path / "t.csv").write_text(f"path,report,age\na,{cell},50\n")
    assert open_table(tmp_path / "t.csv").rows["a"]["age"] == "50"


def test_wide_names_are_not_repeated_in_short_rows(tmp_path: Path) -> None:
    """A table of 10,000 columns and half a million rows of one letter: what is not wanted is not kept."""
    (tmp_path / "t.csv").write_text("path" + ",x" * 9_999 + "\n" + "".join(f"{n}\n" for n in range(100_000)))
    table = open_table(tmp_path / "t.csv")
    assert len(table.rows) == 100_000
    assert table.rows["7"] == {"path": "7"}
    ids, reports = read_reports(reports_beside(tmp_path))
    assert (len(ids), set(reports)) == (100_000, {""})


def reports_beside(folder: Path) -> Path:
    path = folder / "r.csv"
    path.write_text("id" + ",x" * 9_997 + ",report\n" + "1\n" * 100_000)
    return path


@pytest.mark.parametrize("name", ["t.csv", "ptbxl_database.csv"])
def test_rows_of_one_letter_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr("ecgclip.records.tables.files._UNSUSPICIOUS", 2**20)
    (tmp_path / name).write_text("path,ecg_id\n" + "".join(f",{n}\n" for n in range(10_000)))
    assert "made to fill the memory?" in refusal(tmp_path / name, open_source)


@pytest.mark.parametrize(
    "text",
    [
        *("[1.1, null, 3e-5, NaN, 7]", "1.1 2.7;3,nan\t5e-3", "[[1.1, 2], [null, 4.7]]", "[[1.1], [2], [3]]"),
        "[" + ", ".join(["[1.5, -0.3, 1e-3, 44]"] * 12) + "]",
        "[" + ",".join(["[" + "0.1," * 90 + "2.3]"] * 3) + "]",
    ],
)
def test_numbers_read_in_pieces_are_the_same(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read_numbers(text)
    monkeypatch.setattr("ecgclip.records.tables.numbers._PIECE", 16)
    np.testing.assert_array_equal(read_numbers(text), whole)


@pytest.mark.parametrize(
    "text", ["[[1],[2]", "[[1] [2]]", "[[1],2]", "[[1],]", "[1", "[1,,2]", "[[1],[2,3]]"]
)
@pytest.mark.parametrize("piece", [2**18, 3])
def test_what_is_no_list_of_numbers_is_told(text: str, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecgclip.records.tables.numbers._PIECE", piece)
    with pytest.raises((ValueError, TypeError)):
        read_numbers(text)


@pytest.mark.parametrize(
    "text",
    [
        "0,5 1.25 -3",
        "1.234,5 2.345,6",
        "1,234.5 2,000.1",
        "0,5, 1,25, 3",
        "1,2,3 4,5,6",
        "1,,2",
        "1; ;2",
        "1_0 2",
    ],
)
def test_samples_whose_commas_may_mean_two_things_are_refused(text: str) -> None:
    """A comma that was a point makes two samples of one, a missing sample moves all behind it."""
    with pytest.raises(ValueError, match=r"commas inside numbers or between|nothing between two separators"):
        read_numbers(text)


def test_samples_as_text_take_little_more_than_their_letters() -> None:
    tracemalloc.start()
    try:
        for text in ("12 " * 600_000, "[" + "1.5," * 600_000 + "1]", "[[" + "1.5," * 600_000 + "1]]"):
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            assert read_numbers(text).size >= 600_000
            assert tracemalloc.get_traced_memory()[1] - before < 16_000_000
    finally:
        tracemalloc.stop()


NO_VALUE = {
    "date": pa.array([10**9 // 2, 2], pa.int32()).cast(pa.date32()),
    "duration": pa.array([2**62, 2], pa.duration("s")),
    "time": pa.array([2**60, 2], pa.timestamp("us")),
    "zone": pa.array([1, None], pa.timestamp("us", tz="No/Where")),
    "letters": pa.Array.from_buffers(pa.string(), 2, pa.array([b"\xff\xfe", b"ok"], pa.binary()).buffers()),
}


def test_a_report_whose_letters_are_no_text_is_not_taken_for_none(tmp_path: Path) -> None:
    pq.write_table(pa.table({"report": NO_VALUE["letters"]}), tmp_path / "t.parquet")
    with pytest.raises(RecordError, match="row 1 has no report that can be read"):
        read_reports(tmp_path / "t.parquet")


@pytest.mark.parametrize("kind", NO_VALUE)
def test_a_cell_without_a_value_in_python_skips_its_record_alone(
    tmp_path: Path, write_record: WriteRecord, kind: str
) -> None:
    write_record("a")
    write_record("b")
    pq.write_table(pa.table({"path": ["a", "b"], "patient_id": NO_VALUE[kind]}), tmp_path / "t.parquet")
    skipped: list[Skipped] = []
    read = list(read_records(tmp_path / "t.parquet", on_skip=skipped.append))
    assert [ecg.name for ecg in read] == ["b"]
    assert "column 'patient_id' holds" in skipped[0].reason


@pytest.mark.parametrize("kind", NO_VALUE)
def test_a_column_that_nobody_needs_is_not_read(tmp_path: Path, write_record: WriteRecord, kind: str) -> None:
    write_record("a")
    write_record("b")
    pq.write_table(pa.table({"path": ["a", "b"], "when": NO_VALUE[kind]}), tmp_path / "t.parquet")
    assert [ecg.name for ecg in read_records(tmp_path / "t.parquet")] == ["a", "b"]


def test_names_of_columns_that_are_no_text_are_one_line(tmp_path: Path) -> None:
    pq.write_table(pa.table({"path": ["a"], "xyzzyq": [1]}), tmp_path / "t.parquet", store_schema=False)
    content = (tmp_path / "t.parquet").read_bytes()
    (tmp_path / "t.parquet").write_bytes(content.replace(b"xyzzyq", b"\xff\xfezzyq"))
    assert "not a Parquet table" in refusal(tmp_path / "t.parquet", open_table)
