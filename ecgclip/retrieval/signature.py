"""The signature of a page's traces in 128 bytes, by which the record of a photo is found again.

An embedding shows which ECGs are alike, so that hundreds of similar records may rank before the photo's own.
A signature is the row traces at 25 Hz, projected by random signs (Johnson and Lindenstrauss 1984): nothing is
learned, and traces that correlate have signatures that do. It names candidates for the exact comparison of
`rerank`.
"""

from functools import lru_cache
from typing import Final

import numpy as np

from ecgclip.retrieval.tracing import OFFSET_S, RATE_HZ, Tracing
from ecgclip.typing import Bools, Float32s, Int8s, Rows

SIGNATURE_DIM: Final = 128
_RATE_HZ: Final = 25
_SCALE: Final = 300.0
"""The 128 numbers of a unit vector are about .09, 27 as a byte; five times that still fits a byte."""
_ROWS_AT_ONCE: Final = 16384


def signatures(traces_mv: Float32s) -> Int8s:
    """int8 [record, 128] of traces [record, 4, 1000] in mV at 100 Hz; 0 where nothing was read."""
    if not len(traces_mv):
        return np.zeros((0, SIGNATURE_DIM), np.int8)
    return np.clip(np.round(_projected(_coarse(traces_mv)) * _SCALE), -127, 127).astype(np.int8)


def nearest_by_signature(query_mv: Float32s, gallery: Int8s, k: int, allowed: Bools | None = None) -> Rows:
    """Rows of the k signatures most like the traces [4, 1000] at their best offset in time, best first."""
    views = _projected(_offset_views(_coarse(query_mv[None])[0]))
    best = np.full(len(gallery), -np.inf, np.float32)
    for start in range(0, len(gallery), _ROWS_AT_ONCE):
        block = np.asarray(gallery[start : start + _ROWS_AT_ONCE], np.float32)
        # Not one matrix product: on a busy machine the threads of the BLAS wait for each other.
        products = [np.einsum("ij,j->i", block, view) for view in views]
        best[start : start + len(block)] = np.max(products, axis=0)
    rows = np.arange(len(gallery)) if allowed is None else np.flatnonzero(allowed)
    order = np.argsort(-best[rows], kind="stable")[:k]
    return np.asarray(rows[order], np.int64)


def _coarse(traces_mv: Float32s) -> Float32s:
    """Traces without baseline at 25 Hz, [record, row, sample], as signed roots, so that QRS complexes do not
    outweigh everything else."""
    values = Tracing.of(traces_mv).values
    step = RATE_HZ // _RATE_HZ
    values = values[..., : values.shape[-1] // step * step]
    coarse = values.reshape(*values.shape[:2], -1, step).mean(axis=-1)
    return np.asarray(np.sign(coarse) * np.sqrt(np.abs(coarse)), np.float32)


def _offset_views(coarse: Float32s) -> Float32s:
    """One page's traces [row, sample] moved by every offset, [offset, row, sample]; 0 beyond its ends."""
    reach = round(OFFSET_S * _RATE_HZ)
    padded = np.pad(coarse, ((0, 0), (reach, reach)))
    return np.stack([padded[:, i : i + coarse.shape[1]] for i in range(2 * reach + 1)])


def _projected(coarse: Float32s) -> Float32s:
    """Unit vectors, float32 [record, 128]; 0 where the traces are flat."""
    flat = coarse.reshape(len(coarse), -1)
    vectors = flat @ _signs(flat.shape[1])
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), np.float32)


@lru_cache(maxsize=1)
def _signs(samples: int) -> Float32s:
    """+1 and -1, float32 [sample, 128]; never to change: numpy keeps the stream of this generator alone."""
    drawn = np.random.RandomState(0).randint(0, 2, (samples, SIGNATURE_DIM))
    return (2 * drawn - 1).astype(np.float32)
