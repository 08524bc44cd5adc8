"""Pairs of a picture and the true signal that it shows: real photos, and simulated photos of records."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from ecgclip.errors import RecordError
from ecgclip.evaluation.classify.photos import spread
from ecgclip.evaluation.photos.pictures import TABLE, RealPicture, ecg_ids, read_pictures
from ecgclip.evaluation.photos.saved_run import digest
from ecgclip.evaluation.signals.outcome import Image
from ecgclip.evaluation.signals.truth import shown_alone, true_signal
from ecgclip.paper.geometry import Layout, page_geometry
from ecgclip.records.ecg import Ecg, content_hash
from ecgclip.records.reading import open_source
from ecgclip.records.source import RecordSource, Skipped, result_or_skipped
from ecgclip.simulation.photos import simulated_photo
from ecgclip.typing import Signal

QUERY_FOLD: Final = 9
"""Of a source with folds only these records are photographed: no network learned from them."""
_SIGNALS: Final = "signals"


@dataclass(frozen=True)
class Pair:
    """A picture with its truth, made when they are asked for.

    group: such as `phone photos` or `S2`. key: names the content of both. make: the picture, and what it
    truly shows, float32 [12, 5000] at 500 Hz, NaN elsewhere.
    """

    photo: str
    group: str
    key: Callable[[], str]
    make: Callable[[], tuple[Image, Signal]]


@dataclass(frozen=True)
class Pairs:
    """The pairs of one source or more. left_out: real photos without a record, and records not readable."""

    pairs: tuple[Pair, ...]
    left_out: tuple[Skipped, ...] = ()


def pairs_of(data: str | Path, levels: Sequence[str], count: int | None) -> Pairs:
    """A folder with photos.csv and signals/, or any source of records, photographed at each level.

    count: of the records, spread evenly; None: all of fold 9, or all where the source has no folds.
    Errors: RecordError where there is no pair.
    """
    if (Path(data) / TABLE).is_file():
        return _real(Path(data))
    if count == 0:
        return Pairs(())
    return _simulated(open_source(data), levels, count)


def _real(folder: Path) -> Pairs:
    if not (folder / _SIGNALS).is_dir():
        raise RecordError(f"{folder / _SIGNALS} is missing; expected the records of the photos there")
    source = open_source(folder / _SIGNALS)
    records = {number: name for name in source.ids for number in ecg_ids([name])}
    paired = [picture for picture in read_pictures(folder) if picture.ecg_id]
    pairs = [_real_pair(one, source, records[one.ecg_id]) for one in paired if one.ecg_id in records]
    if not pairs:
        raise RecordError(f"{folder}: of {len(paired)} paired photos none has its record in {_SIGNALS}")
    without = [one.path.name for one in paired if one.ecg_id not in records]
    reason = f"its record is not in {_SIGNALS}"
    return Pairs(tuple(pairs), tuple(Skipped(name, reason) for name in without))


def _real_pair(picture: RealPicture, source: RecordSource, record: str) -> Pair:
    """Where the layout is told, the truth is what it shows; else all that the record holds."""

    def key() -> str:
        return f"{picture.path.name} {digest(picture.path.read_bytes(), content_hash(source.read(record)))}"

    def make() -> tuple[Image, Signal]:
        true_mv = true_signal(source.read(record))
        layout = next((one for one in Layout if picture.layout in (one, one.label)), None)
        return picture.path, shown_alone(true_mv, page_geometry(layout).panels) if layout else true_mv

    return Pair(picture.path.name, picture.group, key, make)


def _simulated(source: RecordSource, levels: Sequence[str], count: int | None) -> Pairs:
    skipped: list[Skipped] = []
    folds: dict[str, int | None] = {}
    for record in source.ids:
        read = result_or_skipped(f"{source.name}/{record}", partial(source.read, record))
        if isinstance(read, Skipped):
            skipped.append(read)
        else:
            folds[record] = read.fold
    tested = [record for record, fold in folds.items() if fold == QUERY_FOLD] or list(folds)
    if not tested:
        reason = f"; the first: {skipped[0].reason}" if skipped else ""
        raise RecordError(f"{source.name}: no record can be read{reason}")
    chosen = [tested[place] for place in spread(len(tested), count)]
    pairs = [_simulated_pair(source, record, level) for level in levels for record in chosen]
    return Pairs(tuple(pairs), tuple(skipped))


def _simulated_pair(source: RecordSource, record: str, level: str) -> Pair:
    def make() -> tuple[Image, Signal]:
        ecg = source.read(record)
        taken = simulated_photo(ecg, level)
        return taken.photo.image, shown_alone(true_signal(ecg), taken.print.geometry.panels)

    def key() -> str:
        ecg: Ecg = source.read(record)
        return f"{ecg.case_id} {content_hash(ecg)}"

    return Pair(f"{source.name}/{record}", level, key, make)
