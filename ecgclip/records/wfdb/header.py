"""The header of a WFDB record: text in, names and numbers out, not yet checked. Format: header(5).

Names are single names beside the header. The standard would allow paths and addresses; a header from a
stranger must not choose which files of this machine are read, nor have anything fetched.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ecgclip.files import read_small

GAP: Final = "~"
"""The name of a segment or signal file that stands for a gap in the recording."""
_MOST_BYTES: Final = 2**20  # of a header; those of records of many days have some thousand lines of segments
_MOST_CHANNELS: Final = 512  # the largest caps for an EEG have 256
_RATE_HZ: Final = 250.0  # where the header has none
_GAIN: Final = 200.0  # where it has none, or 0
_NUMBER: Final = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_RATE: Final = re.compile(_NUMBER)
_WHOLE: Final = re.compile(r"-?\d{1,18}")
_FORMAT: Final = re.compile(r"(\d{1,3})(?:x(\d{1,6}))?(?::(\d{1,12}))?(?:\+(\d{1,18}))?")
_SCALE: Final = re.compile(rf"(-?{_NUMBER})(?:\((-?\d{{1,18}})\))?(?:/(\S+))?")


class DamagedError(ValueError):
    """A header or signal file is damaged; the message says how, and the record's reader adds the path."""


@dataclass(frozen=True)
class SignalLine:
    """One channel. frame_samples: samples a frame; skew: frames by which it lags; offset: bytes before it.

    gain: steps of the converter a unit; baseline: the step of 0; first: the value before the differences of
    format 8; checksum: the sum of all samples, mod 65536, None where the header has none.
    """

    file: str
    format: str
    frame_samples: int = 1
    skew: int = 0
    offset: int = 0
    gain: float = _GAIN
    baseline: int = 0
    unit: str = "mV"
    first: int = 0
    checksum: int | None = None
    lead: str = ""


@dataclass(frozen=True)
class SegmentLine:
    """A record that is a part of this one, in time."""

    name: str
    frames: int


@dataclass(frozen=True)
class RecordHeader:
    """What a header says. frames: None where it leaves the length to the size of the signal file."""

    name: str
    rate_hz: float
    frames: int | None
    signals: tuple[SignalLine, ...]
    segments: tuple[SegmentLine, ...]
    comments: tuple[str, ...]


def read_header(path: Path) -> RecordHeader:
    """Read a header file; OSError where it cannot be read, DamagedError where it is none."""
    return parse_header(read_small(path, _MOST_BYTES).decode("utf-8", "replace"))


def parse_header(text: str) -> RecordHeader:
    """Read the text of a header."""
    lines = [line.strip() for line in text.splitlines()]
    written = [line for line in lines if line and not line.startswith("#")]
    if not written:
        raise DamagedError("the header is empty; expected a record line and one line a channel")
    words = written[0].split()
    name, parted, parts = words[0].partition("/")
    if parted and not parts.isdecimal():
        raise DamagedError(f"the header calls the record {_shown(words[0])}; expected a name without folder")
    listed = written[1:]
    expected = _whole_number(parts if parted else "".join(words[1:2]), "number of channels or segments")
    if len(listed) != expected:
        kind = "segments" if parted else "channels"
        raise DamagedError(f"the header announces {expected} {kind} and lists {len(listed)}")
    if expected > _MOST_CHANNELS and not parted:
        raise DamagedError(f"the header lists {expected} channels; expected at most {_MOST_CHANNELS}")
    return RecordHeader(
        name,
        _rate(words[2:3]),
        _whole_number(words[3], "number of samples") or None if len(words) > 3 else None,
        () if parted else tuple(map(_signal, listed)),
        tuple(map(_segment, listed)) if parted else (),
        tuple(line.strip(" \t#") for line in lines if line.startswith("#")),
    )


def _rate(words: Sequence[str]) -> float:
    """The sampling rate; what may follow it, `/counter(base)`, is of no use here."""
    if not words:
        return _RATE_HZ
    if (written := _RATE.match(words[0])) is None:
        raise DamagedError(f"{_shown(words[0])} is no sampling rate")
    return float(written[0])


def _signal(line: str) -> SignalLine:
    words = line.split(maxsplit=8)
    form = _FORMAT.fullmatch(words[1]) if len(words) > 1 else None
    scale = _SCALE.fullmatch(words[2]) if len(words) > 2 else _SCALE.fullmatch("0")
    if form is None or scale is None:
        raise DamagedError(f"the line {_shown(line)} is of no channel; expected file, format, gain …")
    zero, first, checksum = ("".join(words[at : at + 1]) for at in (4, 5, 6))
    return SignalLine(
        _plain_file_name(words[0]),
        form[1],
        int(form[2] or 1) or 1,
        int(form[3] or 0),
        int(form[4] or 0),
        float(scale[1]) or _GAIN,
        int(scale[2]) if scale[2] else _whole_number(zero or "0", "zero level"),
        scale[3] or "mV",
        _whole_number(first or "0", "first value"),
        _whole_number(checksum, "checksum") if checksum else None,
        words[8].strip() if len(words) > 8 else "",
    )


def _segment(line: str) -> SegmentLine:
    name, _, frames = line.partition(" ")
    return SegmentLine(_plain_file_name(name), _whole_number(frames.strip(), "length of a segment"))


def _plain_file_name(name: str) -> str:
    """A name that can lie nowhere but beside the header."""
    if name in (".", "..") or any(mark in name for mark in "/\\\0"):
        raise DamagedError(f"it names {_shown(name)}; expected a file beside the header")
    return name


def _whole_number(text: str, what: str) -> int:
    if _WHOLE.fullmatch(text) is None:
        raise DamagedError(f"{_shown(text)} is no {what}")
    return int(text)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:59] + "…")
