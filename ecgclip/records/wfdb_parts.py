"""What a WFDB record consists of in time: itself, or segments one after another, each with its own header.

A segment is a single record (header(5)): none can consist of segments, least of all of itself.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ecgclip.records.channels import mv_per_unit
from ecgclip.records.wfdb_header import GAP, DamagedError, Header, SegmentLine, SignalLine, read_header
from ecgclip.records.wfdb_samples import Millivolts, SignalFile, Wanted

Rows = dict[int, Millivolts]
"""Row of the layout -> where its samples go, float32 [frames x samples a frame] in mV; NaN stays NaN."""


@dataclass(frozen=True)
class Parts:
    """A record opened: its header, what channels it has, and how many frames in all.

    layout: the channels by name. variable: a segment may lack some of them and order them as it likes
    (its layout stands in a segment of no length); else every segment has all of them, in this order.
    """

    stem: Path
    header: Header
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
        return self.header.frames or files[0].frames()

    def fill(self, rows: Rows, frames: int) -> list[str]:
        """Read the first frames of some channels; returns leads that a checksum does not fit."""
        if not self.segments:
            return _fill(self.stem, self.header, dict(enumerate(self.layout)), rows, frames, self.frames)
        damaged: list[str] = []
        start = 0
        for segment in self.segments:
            stop = min(start + segment.frames, frames)
            if stop > start and segment.name != GAP:
                damaged += self._fill_from(segment, self._between(rows, start, stop), stop - start)
            start = stop
        return damaged

    def _between(self, rows: Rows, start: int, stop: int) -> Rows:
        """Views of those frames."""
        each = {row: self.layout[row].frame_samples for row in rows}
        return {row: into[start * each[row] : stop * each[row]] for row, into in rows.items()}

    def _fill_from(self, segment: SegmentLine, rows: Rows, frames: int) -> list[str]:
        stem = self.stem.with_name(segment.name)
        header = _single(stem)
        if header.frames is not None and header.frames < segment.frames:
            raise DamagedError(
                f"segment {segment.name} has {header.frames} samples; expected {segment.frames}"
            )
        lines = self._lines(header, segment.name)
        declared = header.frames or segment.frames
        return _fill(stem, header, lines, rows, frames, declared)

    def _lines(self, header: Header, name: str) -> dict[int, SignalLine]:
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


def _single(stem: Path) -> Header:
    header = read_header(_header_path(stem))
    if header.segments:
        raise DamagedError(f"segment {stem.name} consists of segments itself; expected a single record")
    return header


def _header_path(stem: Path) -> Path:
    return stem.with_name(stem.name + ".hea")


def _files(stem: Path, header: Header) -> list[SignalFile]:
    """The signal files, each with its channels."""
    lines: dict[str, list[SignalLine]] = {}
    for line in header.signals:
        lines.setdefault(line.file, []).append(line)
    return [SignalFile(stem.with_name(name), tuple(own)) for name, own in lines.items() if name != GAP]


def _fill(
    stem: Path, header: Header, lines: dict[int, SignalLine], rows: Rows, frames: int, declared: int
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
