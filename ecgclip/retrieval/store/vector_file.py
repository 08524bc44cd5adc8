"""`VectorFile`: a .npy file of rows that grows, and can be cut back to what was committed."""

import os
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from ecgclip.retrieval.store.private_file import create_file, open_for_writing
from ecgclip.typing import Array, Rows

HEADER_BYTES: Final = 128
"""Room for any number of rows, so that the header is written anew in place; numpy aligns to 64."""
_ROWS_AT_ONCE: Final = 8192


class VectorFile:
    """Write access to [row, dim] of one type of number; the header is not valid before `finish`."""

    def __init__(self, path: Path, dim: int, count: int = 0, dtype: str = "<f4") -> None:
        """Open the file, or make it; rows from `count` on are dropped."""
        self.path = path
        self._dim = dim
        self._dtype = dtype
        self._row_bytes = np.dtype(dtype).itemsize * dim
        self._file: BinaryIO = open_for_writing(path) if os.path.lexists(path) else create_file(path)
        self._file.truncate(HEADER_BYTES + count * self._row_bytes)

    def write(self, first_row: int, vectors: Array) -> None:
        """Write rows at their place, which may be the end."""
        self._file.seek(HEADER_BYTES + first_row * self._row_bytes)
        self._file.write(np.ascontiguousarray(vectors, self._dtype).tobytes())

    def sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def keep(self, rows: Rows) -> None:
        """Close the gaps: only these rows, ascending, remain."""
        end = int(rows[-1]) + 1 if len(rows) else 0
        kept = 0
        for start in range(0, end, _ROWS_AT_ONCE):
            block = self._read(start, min(start + _ROWS_AT_ONCE, end))
            first, last = np.searchsorted(rows, (start, start + _ROWS_AT_ONCE))
            self.write(kept, block[rows[first:last] - start])
            kept += int(last - first)
        self._file.truncate(HEADER_BYTES + len(rows) * self._row_bytes)

    def finish(self, count: int) -> None:
        """Write the header for `count` rows, sync and close."""
        self._file.seek(0)
        self._file.write(npy_header(count, self._dim, self._dtype))
        self.sync()
        self._file.close()

    def close(self) -> None:
        self._file.close()

    def _read(self, start: int, stop: int) -> Array:
        """Copies of the rows from `start` on, before `stop`."""
        self._file.seek(HEADER_BYTES + start * self._row_bytes)
        content = self._file.read((stop - start) * self._row_bytes)
        return np.frombuffer(content, self._dtype).reshape(-1, self._dim)


def npy_header(count: int, dim: int, dtype: str) -> bytes:
    """Version 1.0 of the NPY format."""
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': ({count}, {dim}), }}"
    size = HEADER_BYTES - 10
    return b"\x93NUMPY\x01\x00" + size.to_bytes(2, "little") + f"{text:<{size - 1}}\n".encode("latin1")
