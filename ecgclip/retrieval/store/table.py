"""Read a table of an index into memory: plain reads, a header of exactly one form, and its checksum.

A map of the file would cost nothing to open, but reading it after somebody cut the file off ends the process
(SIGBUS); and a table of another index that took the place of this one would be answered from without a word.
Whatever is read whole is therefore compared with the manifest's checksum while it passes by: 3 ms for 2,700
vectors, once per generation.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.signature import SIGNATURE_DIM
from ecgclip.retrieval.store.index_files import IndexFiles, differs
from ecgclip.retrieval.store.manifest import REPORT_VECTORS, SIGNATURES, VECTORS, Manifest
from ecgclip.retrieval.store.vector_file import HEADER_BYTES, npy_header
from ecgclip.typing import Array

_BLOCK: Final = 1 << 20
_TOLERANCE: Final = 1e-3
"""Of a norm of 1."""
_HEADER: Final = re.compile(
    rb"\x93NUMPY\x01\x00\x76\x00\{'descr': '([<>|][a-z]\d)', 'fortran_order': False, "
    rb"'shape': \((\d{1,18}), (\d{1,18})\), \} *\n"
)


@dataclass(frozen=True)
class Form:
    """The type of number and the shape that a table must have."""

    dtype: str
    shape: tuple[int, int]
    norms: tuple[int, ...] | None = None
    """The norms that a row may have; None: any."""

    def __str__(self) -> str:
        return f"{np.dtype(self.dtype)} {self.shape}"


def table_forms(manifest: Manifest) -> dict[str, Form]:
    """The form of each table of an index."""
    count, dim = manifest.count, manifest.dim
    return {
        VECTORS: Form("<f4", (count, dim), (1,)),
        REPORT_VECTORS: Form("<f4", (count, dim), (0, 1)),
        SIGNATURES: Form("|i1", (count, SIGNATURE_DIM)),
    }


def check_header(files: IndexFiles, name: str, form: Form) -> None:
    """IndexStoreError unless the file begins as a table of this form does, and is as long."""
    header = os.pread(files.handle(name), HEADER_BYTES, 0)
    found = _HEADER.fullmatch(header)
    if found is None:
        raise IndexStoreError(
            f"{files.path / name} is damaged (it does not begin as a table does); "
            "build the index anew with build-index"
        )
    if header != npy_header(*form.shape, form.dtype):
        kind, count, dim = (part.decode() for part in found.groups())
        raise IndexStoreError(f"{files.path / name} holds {_named(kind)} ({count}, {dim}); expected {form}")
    size, expected = files.manifest.files[name].bytes, HEADER_BYTES + _bytes(form)
    if size != expected:
        raise IndexStoreError(f"{files.path / name} has {size} bytes; expected {expected}")


def read_table(files: IndexFiles, name: str, form: Form) -> Array:
    """The whole table, not to be written to; IndexStoreError where it is not what the manifest says."""
    try:
        content = np.empty(_bytes(form), np.uint8)
    except (MemoryError, ValueError) as error:
        raise IndexStoreError(
            f"{files.path / name} has {_bytes(form) / 1e9:.1f} GB, more than there is memory; "
            "use a machine with more"
        ) from error
    _pass(files, name, form, lambda at, size: content.data[at : at + size])
    content.flags.writeable = False
    return content.view(form.dtype).reshape(form.shape)


def check_table(files: IndexFiles, name: str, form: Form) -> None:
    """IndexStoreError where `read_table` would raise one; keeps no more than a block in memory."""
    block = memoryview(bytearray(_block_bytes(form)))
    _pass(files, name, form, lambda _, size: block[:size])


def _pass(files: IndexFiles, name: str, form: Form, place: Callable[[int, int], memoryview]) -> None:
    """Read the table block by block into what `place` gives; ends at the first block with a wrong norm."""
    digest = blake2b(os.pread(files.handle(name), HEADER_BYTES, 0), digest_size=32)
    size, block = _bytes(form), _block_bytes(form)
    for at in range(0, size, block):
        part = place(at, min(block, size - at))
        _fill(part, files, name, at)
        digest.update(part)
        if form.norms is not None:
            rows = np.frombuffer(part, form.dtype).reshape(-1, form.shape[1])
            _check_norms(files.path / name, rows, form.norms)
    if digest.hexdigest() != files.manifest.files[name].blake2b:
        raise differs(files.path, name)


def _block_bytes(form: Form) -> int:
    """Bytes of a block: whole rows, about a megabyte."""
    row = _bytes(form) // max(form.shape[0], 1)
    return max(_BLOCK // max(row, 1), 1) * max(row, 1)


def _fill(part: memoryview, files: IndexFiles, name: str, place: int) -> None:
    at = 0
    while at < len(part):
        try:
            read = os.preadv(files.handle(name), [part[at:]], HEADER_BYTES + place + at)
        except OSError as error:
            raise IndexStoreError(f"{files.path / name} cannot be read ({error.strerror})") from error
        if read == 0:
            raise IndexStoreError(
                f"{files.path / name} was cut off after it was opened; build the index anew with build-index"
            )
        at += read


def _check_norms(path: Path, table: Array, norms: tuple[int, ...]) -> None:
    """IndexStoreError where a row has another norm: the score of a NaN has no place in any order."""
    squares = np.einsum("ij,ij->i", table, table)
    wrong = ~np.any([np.abs(squares - norm) < 2 * _TOLERANCE for norm in norms], axis=0)
    if wrong.any():
        raise IndexStoreError(
            f"{path} is damaged: it has vectors whose norm is not {' or '.join(map(str, norms))}; "
            "build the index anew with build-index"
        )


def _bytes(form: Form) -> int:
    return form.shape[0] * form.shape[1] * np.dtype(form.dtype).itemsize


def _named(kind: str) -> str:
    try:
        return str(np.dtype(kind))
    except TypeError:
        return kind
