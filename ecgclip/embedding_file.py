"""The files that vectors are written to."""

import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ecgclip.embedding import Embedded
from ecgclip.errors import ConfigError
from ecgclip.files import atomic_write, replace_surrogates


class Format(StrEnum):
    NPZ = ".npz"
    PARQUET = ".parquet"


def writer(path: str | os.PathLike[str]) -> Callable[[Embedded], None]:
    """The function that writes vectors to this file; call it before the work, so that a wrong name shows
    early.

    Errors: ConfigError for another suffix or a folder that does not exist.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in set(Format):
        raise ConfigError(
            f"{target}: vectors are written as {' or '.join(Format)}, not {suffix or 'without a suffix'}"
        )
    if not target.parent.is_dir():
        raise ConfigError(f"{target.parent}: no such folder; make it first")
    match Format(suffix):
        case Format.NPZ:
            return lambda embedded: _write_whole(target, embedded, _write_npz)
        case Format.PARQUET:
            return lambda embedded: _write_whole(target, embedded, _write_parquet)


def _write_whole(target: Path, embedded: Embedded, write: Callable[[BinaryIO, Embedded], None]) -> None:
    with atomic_write(target) as part, part.open("wb") as file:
        write(file, embedded)


def _write_npz(file: BinaryIO, embedded: Embedded) -> None:
    """`vectors` float32 [n, dim] and `ids` unicode [n]; no pickle."""
    np.savez(file, vectors=embedded.vectors, ids=np.array([*map(replace_surrogates, embedded.ids)], np.str_))


def _write_parquet(file: BinaryIO, embedded: Embedded) -> None:
    """Columns `id` and `vector`, a fixed-size list of float32."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    count, dim = embedded.vectors.shape
    flat = pa.array(embedded.vectors.reshape(count * dim), pa.float32())
    vectors = pa.FixedSizeListArray.from_arrays(flat, dim)
    ids = pa.array(map(replace_surrogates, embedded.ids), pa.string())
    pq.write_table(pa.table({"id": ids, "vector": vectors}), file)
