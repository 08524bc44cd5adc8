"""`RecordSource`: the interface of every reader of many records, whatever the file format."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Final, Protocol, TypeVar, runtime_checkable

from ecgclip.errors import EcgClipError
from ecgclip.files import replace_surrogates
from ecgclip.records.ecg import Ecg

_Result = TypeVar("_Result")
_MOST_COMPARED: Final = 25_000  # the search is linear and slow; a million records are not worth the wait
_LONGEST_REASON: Final = 1000  # characters; a damaged file may put a megabyte into a message


class RecordSource(Protocol):
    """A set of records that can be listed without reading a waveform.

    A source can be pickled, so that each worker process gets a copy and reads its share.

    Attributes:
        name: First half of every `case_id`.
        ids: Names of the records, in a stable order.
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
        """Read one record.

        Args:
            record_id: One of `ids`.

        Returns:
            Twelve leads in mV, NaN where nothing was recorded.

        Raises:
            RecordError: Where this record cannot be read.
        """
        ...


@runtime_checkable
class InFolder(Protocol):
    """A source whose records lie in a folder."""

    @property
    def folder(self) -> Path:
        """The folder; the records of a table may lie elsewhere."""
        ...


@dataclass(frozen=True)
class Skipped:
    """A record that was left out, and why."""

    record: str
    reason: str


def result_or_skipped(record: str, compute: Callable[[], _Result]) -> _Result | Skipped:
    """What `compute` returns for a record, or why the record is skipped: one bad record ends no run over
    many.

    The reason is the message of an EcgClipError; of any other exception, which libraries raise on damaged
    bytes, also its type. KeyboardInterrupt passes.
    """
    try:
        return compute()
    except EcgClipError as error:
        reason = str(error)
    except Exception as error:
        reason = f"damaged in a way that no reader expects ({type(error).__name__}: {error}); copy it again"
    return Skipped(
        replace_surrogates(record[:_LONGEST_REASON]),
        replace_surrogates(" ".join(reason.split())[:_LONGEST_REASON]),
    )


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Return "; did you mean 'x'?" or nothing where no choice resembles the word.

    >>> did_you_mean("ptbx", ["ptbxl", "wfdb"]), did_you_mean("qqq", ["wfdb"])
    ("; did you mean 'ptbxl'?", '')
    """
    by_lower = {choice.lower(): choice for choice in islice(choices, _MOST_COMPARED)}
    found = get_close_matches(word.lower(), by_lower, n=1)
    return f"; did you mean {by_lower[found[0]]!r}?" if found else ""
