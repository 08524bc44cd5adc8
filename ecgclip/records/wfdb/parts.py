"""What a WFDB record consists of in time: itself, or segments one after another, each with its own header.

A segment is a single record (header(5)): none can consist of segments, least of all of itself.
"""

import re
from collections.abc import Callable, Iterator, Set
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

from ecgclip.records.leads import mv_per_unit
from ecgclip.records.wfdb.header import GAP, DamagedError, RecordHeader, SegmentLine, SignalLine, read_header
from ecgclip.records.wfdb.samples import SignalFile, Wanted
from ecgclip.typing import Float32s

Rows = dict[int, Float32s]
"""Row of the layout -> where its samples go, float32 [frames x samples a frame] in mV; NaN stays NaN."""

_MOST_SEGMENTS: Final = 10_000
"""To be read; a month in intensive care has some thousand."""
_MOST_PARTS: Final = 120_000
"""Most pairs of a channel and a segment: twelve leads in `_MOST_SEGMENTS` segments."""
_MOST_HEADER_BYTES: Final = 32 * 2**20
"""Most bytes of the headers of all segments: ten thousand headers of twelve leads have 10 MB."""
_HEADERS_KEPT: Final = 16
_MOST_SKEW_S: Final = 10.0
"""Largest sum of skews over all segments, in s; a skew of some frames is usual in each."""
_USUAL_SKEW: Final = 8  # frames
_PART_OF_NAME: Final = re.compile(r"_(\d{4}|layout)$")


@dataclass(frozen=True)
class Parts:
    """A record opened: its header, what channels it has, and how many frames in all.

    layout: the channels by name. variable: a segment may lack some of them and order them as it likes
    (its layout stands in a segment of no length); else every segment has all of them, in this order.
    """

    stem: Path
    header: RecordHeader
    layout: tuple[SignalLine, ...]
    segments: tuple[SegmentLine, ...]
    variable: bool = False

    @cached_property
    def frames(self) -> int:
        if self.segments:
            there = sum(segment.frames for segment in self.segments)
            if self.header.frames is not None and self.header.frames > there:
                raise DamagedError(f"the segments hold {there} samples; expected {self.header.frames}")
            return self.header.frames or there
        files = _files(self.stem, self.header)
        if not files:
            return 0
        files[0].check(self.header.frames or 0)
        return self.header.frames or _undeclared(files)

    def fill(self, rows: Rows, frames: int) -> list[str]:
        """Read the first frames of some channels; returns leads that a checksum does not fit."""
        if not self.segments:
            lines = dict(enumerate(self.layout))
            self._check_skew(lines, 1)
            return _fill(self.stem, self.header, lines, rows, frames, self.frames)
        read = list(self._within(frames))
        if len(read) > _MOST_SEGMENTS:
            raise DamagedError(f"{len(read)} segments to be read; expected at most {_MOST_SEGMENTS}")
        if len(read) * len(self.layout) > _MOST_PARTS:
            words = f"{len(self.layout)} channels in {len(read)} segments"
            raise DamagedError(f"{words}; expected at most {_MOST_PARTS} of both together")
        damaged: list[str] = []
        header_of = _segment_headers(self.stem)
        for segment, start, stop in read:
            header = header_of(segment.name)
            lines = self._lines(header, segment.name)
            self._check_skew(lines, len(read))
            damaged += self._fill_from(segment, header, lines, self._between(rows, start, stop), stop - start)
        return damaged

    def _within(self, frames: int) -> Iterator[tuple[SegmentLine, int, int]]:
        """The segments that hold some of the first frames, and which of the record's frames these are."""
        start = 0
        for segment in self.segments:
            stop = min(start + segment.frames, frames)
            if stop > start and segment.name != GAP:
                yield segment, start, stop
            start = max(start, stop)

    def _check_skew(self, lines: dict[int, SignalLine], segments: int) -> None:
        """What lies before a channel with a skew is read as well, in every segment."""
        most = max(_MOST_SKEW_S * self.header.rate_hz / segments, _USUAL_SKEW)
        if (skew := max((line.skew for line in lines.values()), default=0)) > most:
            raise DamagedError(f"a skew of {skew} frames; expected at most {most:.0f}")

    def _between(self, rows: Rows, start: int, stop: int) -> Rows:
        """Views of those frames."""
        each = {row: self.layout[row].frame_samples for row in rows}
        return {row: into[start * each[row] : stop * each[row]] for row, into in rows.items()}

    def _fill_from(
        self,
        segment: SegmentLine,
        header: RecordHeader,
        lines: dict[int, SignalLine],
        rows: Rows,
        frames: int,
    ) -> list[str]:
        if header.frames is not None and header.frames < segment.frames:
            raise DamagedError(
                f"segment {segment.name} has {header.frames} samples; expected {segment.frames}"
            )
        declared = header.frames or segment.frames
        return _fill(self.stem.with_name(segment.name), header, lines, rows, frames, declared)

    def _lines(self, header: RecordHeader, name: str) -> dict[int, SignalLine]:
        """Row of the layout -> the segment's own channel."""
        if self.variable:
            own = {line.lead: line for line in reversed(header.signals)}
            lines = {row: own[line.lead] for row, line in enumerate(self.layout) if line.lead in own}
        else:
            lines = dict(enumerate(header.signals))
        if not self.variable and len(lines) != len(self.layout):
            raise DamagedError(f"segment {name} has {len(lines)} channels; expected {len(self.layout)}")
        if any(line.frame_samples != self.layout[row].frame_samples for row, line in lines.items()):
            raise DamagedError(f"segment {name} has another number of samples a frame than the record")
        if _frame_samples(header.signals) > 2 * _frame_samples(self.layout):
            raise DamagedError(f"segment {name} has more than twice the record's samples a frame")
        return lines


def open_parts(stem: Path) -> Parts:
    """Read a record's header, and that of the segment which says what channels there are."""
    header = read_header(_header_path(stem))
    if not header.segments:
        return Parts(stem, header, header.signals, ())
    named = next((segment for segment in header.segments if segment.name != GAP), None)
    if named is None:
        raise DamagedError("every segment is a gap")
    variable = header.segments[0].frames == 0
    layout = _single(stem.with_name(named.name)).signals
    return Parts(stem, header, layout, header.segments[variable:], variable)


def segments_among(folder: Path, names: Set[str]) -> set[str]:
    """Those of some records that are a part of another: `m_0001` of `m`, whose header begins `m/2 …`."""
    parts: dict[str, set[str]] = {}
    for name in names:
        if (whole := _PART_OF_NAME.sub("", name)) != name and whole in names:
            parts.setdefault(whole, set()).add(name)
    return {part for whole in parts if _has_segments(folder / whole) for part in parts[whole]}


def _has_segments(stem: Path) -> bool:
    with suppress(OSError, DamagedError):
        return bool(read_header(_header_path(stem)).segments)
    return False


def _undeclared(files: list[SignalFile]) -> int:
    """Frames of a record whose header gives no length: those of its first file, less its padding."""
    first = files[0].frames()
    shortest = min(file.frames() for file in files)
    return shortest if first - shortest <= files[0].padding() else first


def _segment_headers(stem: Path) -> Callable[[str], RecordHeader]:
    """Reads the header of a segment by its name, each name once where few of them take turns."""
    taken = 0

    @lru_cache(_HEADERS_KEPT)
    def header_of(name: str) -> RecordHeader:
        nonlocal taken
        segment = stem.with_name(name)
        taken += _header_path(segment).stat().st_size
        if taken > _MOST_HEADER_BYTES:
            raise DamagedError(f"segments with more than {_MOST_HEADER_BYTES >> 20} MiB of headers")
        return _single(segment)

    return header_of


def _frame_samples(lines: tuple[SignalLine, ...]) -> int:
    return sum(line.frame_samples for line in lines)


def _single(stem: Path) -> RecordHeader:
    header = read_header(_header_path(stem))
    if header.segments:
        raise DamagedError(f"segment {stem.name} consists of segments itself; expected a single record")
    return header


def _header_path(stem: Path) -> Path:
    return stem.with_name(stem.name + ".hea")


def _files(stem: Path, header: RecordHeader) -> list[SignalFile]:
    """The signal files, each with its channels."""
    lines: dict[str, list[SignalLine]] = {}
    for line in header.signals:
        lines.setdefault(line.file, []).append(line)
    return [SignalFile(stem.with_name(name), tuple(own)) for name, own in lines.items() if name != GAP]


def _fill(
    stem: Path, header: RecordHeader, lines: dict[int, SignalLine], rows: Rows, frames: int, declared: int
) -> list[str]:
    wanted = [
        Wanted(lines[row], lines[row].gain / mv_per_unit(lines[row].unit, lines[row].lead, stem), into)
        for row, into in rows.items()
        if row in lines
    ]
    damaged: list[str] = []
    for file in _files(stem, header):
        if own := [one for one in wanted if one.line.file == file.path.name]:
            damaged += file.read(own, frames, declared)
    return damaged
