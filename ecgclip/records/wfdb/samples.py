"""The signal files of WFDB records: packed samples in, mV out, piece by piece. Formats: signal(5).

Whatever the size of a file, no more of it is in memory than a piece and what was asked for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from ecgclip.files import open_regular
from ecgclip.records.wfdb.formats import DIFFERENCES, PACKINGS, Packing
from ecgclip.records.wfdb.header import DamagedError, SignalLine
from ecgclip.typing import Array, Float32s

_PIECE: Final = 2**20  # samples
_MOST_IN_A_FRAME: Final = 2**20  # samples: a frame is read as a whole
_EXACT: Final = 2**24  # up to here float32 holds every whole number
_FLAC_BITS: Final = {"508": 8, "516": 16, "524": 24}
_SUBTYPE_BITS: Final = {"PCM_S8": 8, "PCM_16": 16, "PCM_24": 24}


@dataclass(frozen=True, eq=False)
class Wanted:
    """A channel to be read. into: float32 [frames x samples a frame], where its mV go; per_mv: its gain."""

    line: SignalLine
    per_mv: float
    into: Float32s


@dataclass(frozen=True)
class SignalFile:
    """The channels of one signal file, in its order."""

    path: Path
    lines: tuple[SignalLine, ...]

    @property
    def frame_samples(self) -> int:
        return sum(line.frame_samples for line in self.lines)

    def frames(self) -> int:
        """How many whole frames it holds."""
        with open_regular(self.path) as file:
            if self.lines[0].format in _FLAC_BITS:
                with _flac(file, self.lines) as flac:
                    return max(int(flac.frames) - self.lines[0].offset, 0) // self.lines[0].frame_samples
            packing = self._packing()
            room = max(file.seek(0, 2) - self.lines[0].offset, 0)
            return room * packing.samples // (packing.size * self.frame_samples)

    def padding(self) -> int:
        """How many of its frames may be none: the last block of samples is a whole one."""
        if self.lines[0].format in _FLAC_BITS:
            return 0
        return (self._packing().samples - 1) // self.frame_samples

    def check(self, declared: int) -> None:
        """DamagedError where it ends before."""
        if (there := self.frames()) < declared:
            raise DamagedError(f"{self.path.name} holds {there} frames; expected {declared}")

    def read(self, wanted: Sequence[Wanted], frames: int, declared: int) -> tuple[str, ...]:
        """Read the first of the declared frames; names the leads whose samples the checksum does not fit.

        A channel with a skew needs that many frames more; what lies beyond the end stays as it was.
        """
        self.check(declared)
        skew = max(one.line.skew for one in wanted)
        taken = [_Channel(one, self._column(one.line)) for one in wanted]
        for first, piece in self._pieces(min(frames + skew, declared)):
            for channel in taken:
                channel.take(first, piece)
        # writers that compute no checksums put 0 everywhere
        if frames < declared or skew or not any(line.checksum for line in self.lines):
            return ()
        return tuple(one.wanted.line.lead for one in taken if one.is_damaged())

    def _packing(self) -> Packing:
        form = self.lines[0].format
        if form not in PACKINGS or any(line.format != form for line in self.lines):
            raise DamagedError(f"{self.path.name} is of format {form}; expected one of {', '.join(PACKINGS)}")
        if self.frame_samples > _MOST_IN_A_FRAME:
            raise DamagedError(
                f"a frame of {self.frame_samples} samples; expected at most {_MOST_IN_A_FRAME}"
            )
        return PACKINGS[form]

    def _column(self, line: SignalLine) -> int:
        before = self.lines[: next(at for at, other in enumerate(self.lines) if other is line)]
        return sum(other.frame_samples for other in before)

    def _pieces(self, frames: int) -> Iterator[tuple[int, Array]]:
        """Number of the first frame, and [frame, sample of the frame]."""
        with open_regular(self.path) as file:
            if self.lines[0].format in _FLAC_BITS:
                yield from _flac_pieces(file, self.lines, frames)
                return
            packing, line = self._packing(), self.frame_samples
            file.seek(self.lines[0].offset)
            step = max(_PIECE // line // 6, 1) * 6  # whole blocks of 2 and of 3 samples
            for first in range(0, frames, step):
                count = min(step, frames - first) * line
                raw = file.read(-(-count // packing.samples) * packing.size)
                raw += bytes(-len(raw) % packing.size)
                yield first, packing.unpack(raw)[:count].reshape(-1, line)


class _Channel:
    """One channel on its way from pieces of a file to mV."""

    def __init__(self, wanted: Wanted, column: int) -> None:
        self.wanted = wanted
        self._columns = slice(column, column + wanted.line.frame_samples)
        self._last = wanted.line.first
        self._sum = 0

    def take(self, first: int, piece: Array) -> None:
        line = self.wanted.line
        samples = piece[:, self._columns].reshape(-1)
        if line.format == DIFFERENCES:
            samples = samples.cumsum(dtype=np.int64) + self._last
            self._last = int(samples[-1])
        self._sum += int(samples.sum(dtype=np.int64))
        at = (first - line.skew) * line.frame_samples
        samples = samples[max(-at, 0) :][: max(self.wanted.into.size - max(at, 0), 0)]
        self.wanted.into[max(at, 0) : max(at, 0) + samples.size] = self._in_mv(samples)

    def _in_mv(self, samples: Array) -> Float32s:
        line = self.wanted.line
        if _fits_float32(samples, line.baseline):
            values = samples.astype(np.float32)
            values -= np.float32(line.baseline)
            values /= np.float32(self.wanted.per_mv)
        else:
            values = ((samples.astype(np.int64) - line.baseline) / self.wanted.per_mv).astype(np.float32)
        values[samples == invalid_sample(line.format)] = np.nan
        return values

    def is_damaged(self) -> bool:
        """Whether the samples do not add up to the header's checksum."""
        return bool((self._sum - (self.wanted.line.checksum or 0)) % 65536)


def _fits_float32(samples: Array, baseline: int) -> bool:
    """Whether neither loses steps by becoming float32."""
    reach = max(-int(samples.min()), int(samples.max())) if samples.dtype.itemsize > 2 and samples.size else 0
    return max(reach, abs(baseline)) <= _EXACT


def invalid_sample(form: str) -> int | None:
    """The sample that marks a gap."""
    return -(1 << _FLAC_BITS[form] - 1) if form in _FLAC_BITS else PACKINGS[form].invalid


def _flac(file: BinaryIO, lines: Sequence[SignalLine]) -> Any:
    """Open a FLAC file of exactly these channels."""
    import soundfile

    line, count = lines[0], len(lines)
    if len({(other.format, other.frame_samples, other.offset) for other in lines}) > 1:
        raise DamagedError("channels of one FLAC file differ in format, samples a frame or offset")
    try:
        flac = soundfile.SoundFile(file)
    except (RuntimeError, TypeError, ValueError) as error:
        words = str(error).rpartition(": ")[2]  # without the address of a Python object
        raise DamagedError(f"{line.file} is no FLAC file ({words})") from error
    bits = _SUBTYPE_BITS.get(flac.subtype, 99) if flac.format == "FLAC" else 99
    if bits > _FLAC_BITS[line.format] or flac.channels != count:
        raise DamagedError(
            f"{line.file} holds {flac.format} {flac.subtype} of {flac.channels} channels; "
            f"expected FLAC of {_FLAC_BITS[line.format]} bits and {count} channels"
        )
    return flac


def _flac_pieces(file: BinaryIO, lines: Sequence[SignalLine], frames: int) -> Iterator[tuple[int, Array]]:
    line = lines[0]
    with _flac(file, lines) as flac:
        shift = 32 - _SUBTYPE_BITS[flac.subtype]  # soundfile fills an int32 from its top
        step = max(_PIECE // (len(lines) * line.frame_samples), 1)
        for first in range(0, frames, step):
            count = min(step, frames - first)
            try:
                flac.seek(line.offset + first * line.frame_samples)
                block = flac.read(count * line.frame_samples, dtype="int32", always_2d=True) >> shift
            except RuntimeError as error:
                raise DamagedError(f"{line.file} is a damaged FLAC file ({error})") from error
            if len(block) < count * line.frame_samples:
                raise DamagedError(f"{line.file} ends before its header says")
            by_frame = block.reshape(count, line.frame_samples, len(lines)).transpose(0, 2, 1)
            yield first, by_frame.reshape(count, -1)
