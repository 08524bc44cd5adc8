"""`RecordSource`: what every reader offers, whatever the files behind it look like."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from ecgclip.records.ecg import Ecg


class RecordSource(Protocol):
    """A set of records that can be listed without reading one waveform.

    A source is picklable: worker processes get a copy and read their share.
    """

    @property
    def name(self) -> str:
        """First half of every `case_id`."""
        ...

    @property
    def ids(self) -> Sequence[str]:
        """Names of the records, in a stable order."""
        ...

    def read(self, record_id: str) -> Ecg:
        """Read one record; raises RecordError when this one cannot be read."""
        ...


@runtime_checkable
class InFolder(Protocol):
    """A source that reads files."""

    @property
    def folder(self) -> Path:
        """Where they lie; a table's records may lie elsewhere."""
        ...


@dataclass(frozen=True)
class Skipped:
    """A record that was left out, and why."""

    record: str
    reason: str
