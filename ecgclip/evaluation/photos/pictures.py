"""The real pictures of the photo protocol: `photos.csv` and the folders beside it."""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.typing import Rgb

TABLE: Final = "photos.csv"
_CASE_NUMBER: Final = re.compile(r"(?<!\d)\d{5}(?!\d)")
_RECORD_NUMBER: Final = re.compile(r"(\d{5})_hr")


class PictureGroup(StrEnum):
    """What a picture shows, and whether it was photographed or scanned."""

    PHONE = "phone photos"
    SCAN = "scans"
    REAL = "other real"
    PARTIAL = "single strips"
    NEGATIVE = "no ECG"


_NO_ECG: Final = "not-ecg"
_STRIP: Final = "single-lead"
_PHOTO: Final = "photo"
"""How the column `kind` begins for a picture of each of these kinds."""
_STORED_TURNS: Final = {"rot90": 270, "rot180": 180, "rot270": 90}
"""Pictures that are stored turned, by how their `kind` ends: clockwise degrees. The names count the other way
round, as numpy's rot90 does; all other pictures are upright."""


@dataclass(frozen=True)
class RealPicture:
    """A real picture.

    ecg_id: five digits of the printed record, None where it is not known.
    stored_turn_deg: how far the print is turned in the file, clockwise.
    layout: as the column `layout` calls it, "" where it is not told.
    """

    path: Path
    group: PictureGroup
    ecg_id: str | None
    stored_turn_deg: int = 0
    layout: str = ""

    @property
    def is_ecg(self) -> bool:
        """Whether it must be accepted: a whole sheet of ECG."""
        return self.group in (PictureGroup.PHONE, PictureGroup.SCAN, PictureGroup.REAL)

    @property
    def is_strip(self) -> bool:
        """Whether it is a single strip, which may be answered with a warning."""
        return self.group is PictureGroup.PARTIAL


def read_pictures(folder: str | Path) -> tuple[RealPicture, ...]:
    """The pictures that `photos.csv` lists, by their path below the folder.

    The printed record is known from the column `ecg_id`, or from a column `record` that names it as in
    `01137_hr`. The column `kind` says what a picture is: `photo …` of a phone, `single-lead …` for a strip,
    `not-ECG …`; anything else is a scan where the record is known, and another real ECG where it is not.
    Errors: RecordError where the table is missing or lacks the columns.
    """
    table = Path(folder) / TABLE
    if not table.is_file():
        raise RecordError(f"{table} is missing; expected a table with the columns file and ecg_id")
    with table.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream)
        names = list(rows.fieldnames or [])
        if "file" not in names or not {"ecg_id", "record"} & set(names):
            raise RecordError(f"{table} has the columns {names}; expected file and ecg_id among them")
        return tuple(_picture(table.parent, row) for row in rows)


def ecg_ids(case_ids: Iterable[str]) -> frozenset[str]:
    """The five-digit ecg_ids in the names of cases.

    >>> sorted(ecg_ids(["ptbxl/01027", "signals/17583_hr"]))
    ['01027', '17583']
    """
    return frozenset(number for case_id in case_ids for number in _CASE_NUMBER.findall(case_id))


def quarter_turned(rgb: Rgb, turn_deg: int) -> Rgb:
    """A picture turned clockwise."""
    return np.ascontiguousarray(np.rot90(rgb, -turn_deg // 90))


def _picture(folder: Path, row: Mapping[str, str]) -> RealPicture:
    kind, ecg_id = (row.get("kind") or "").strip().lower(), _ecg_id(row)
    turn = next((turn for ending, turn in _STORED_TURNS.items() if kind.endswith(ending)), 0)
    layout = (row.get("layout") or "").strip()
    return RealPicture(folder / row["file"], _group(kind, ecg_id), ecg_id, turn, layout)


def _group(kind: str, ecg_id: str | None) -> PictureGroup:
    if kind.startswith(_NO_ECG):
        return PictureGroup.NEGATIVE
    if kind.startswith(_STRIP):
        return PictureGroup.PARTIAL
    if ecg_id is None:
        return PictureGroup.REAL
    return PictureGroup.PHONE if kind.startswith(_PHOTO) else PictureGroup.SCAN


def _ecg_id(row: Mapping[str, str]) -> str | None:
    if row.get("ecg_id"):
        return f"{int(float(row['ecg_id'])):05d}"
    named = _RECORD_NUMBER.search(row.get("record") or "")
    return named[1] if named else None
