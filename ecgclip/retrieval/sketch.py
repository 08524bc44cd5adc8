"""A sketch of a tracing in 128 bytes: which of many records could be this very one?

An embedding tells what ECGs have in common, so that a photo's own record may stand behind hundreds of its
like. A sketch is the row traces at 25 Hz under random signs (Johnson and Lindenstrauss 1984): nothing is
learned, and tracings that correlate have sketches that do. It names candidates for the exact comparison of
`rerank`.
"""

from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from ecgclip.retrieval.backends.base import Mask
from ecgclip.retrieval.tracing import OFFSET_S, RATE_HZ, Array, Tracing

SKETCH_DIM: Final = 128
_RATE_HZ: Final = 25
_SCALE: Final = 300.0
"""Numbers of a unit vector of 128 are about .09: 27 as a byte, and five times that still fits."""
_ROWS_AT_ONCE: Final = 16384

Sketches = npt.NDArray[np.int8]


def sketches(traces_mv: Array) -> Sketches:
    """int8 [record, 128] of traces [record, 4, 1000] in mV at 100 Hz; 0 where nothing is known."""
    if not len(traces_mv):
        return np.zeros((0, SKETCH_DIM), np.int8)
    return np.clip(np.round(_projected(_coarse(traces_mv)) * _SCALE), -127, 127).astype(np.int8)


def likest(query_mv: Array, gallery: Sketches, k: int, allowed: Mask | None = None) -> npt.NDArray[np.int64]:
    """Rows of the k sketches most like the tracing [4, 1000], at its best offset in time; best first."""
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


def _coarse(traces_mv: Array) -> Array:
    """Without baseline, at 25 Hz, [record, row, sample]; roots, or QRS complexes alone would count."""
    values = Tracing.of(traces_mv).values
    step = RATE_HZ // _RATE_HZ
    values = values[..., : values.shape[-1] // step * step]
    coarse = values.reshape(*values.shape[:2], -1, step).mean(axis=-1)
    return np.asarray(np.sign(coarse) * np.sqrt(np.abs(coarse)), np.float32)


def _offset_views(coarse: Array) -> Array:
    """One tracing [row, sample] moved by every offset, [offset, row, sample]; 0 beyond its ends."""
    reach = round(OFFSET_S * _RATE_HZ)
    padded = np.pad(coarse, ((0, 0), (reach, reach)))
    return np.stack([padded[:, i : i + coarse.shape[1]] for i in range(2 * reach + 1)])


def _projected(coarse: Array) -> Array:
    """Unit vectors, float32 [record, 128]; 0 for a silent one."""
    flat = coarse.reshape(len(coarse), -1)
    vectors = flat @ _signs(flat.shape[1])
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), np.float32)


@lru_cache(maxsize=1)
def _signs(samples: int) -> Array:
    """+1 and -1, float32 [sample, 128], the same for ever: only the legacy generator's stream is frozen."""
    drawn = np.random.RandomState(0).randint(0, 2, (samples, SKETCH_DIM))
    return (2 * drawn - 1).astype(np.float32)
