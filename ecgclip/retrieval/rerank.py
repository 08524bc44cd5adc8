"""Compare the traces read from a page with the stored traces of candidate cases, and fuse both scores.

A photo shifts the time axis (where does the row begin?) and stretches it (what is a millimetre?) by a little,
by the same amount in all rows. Each row is cut into segments; each segment of the query is correlated with
the candidate around the same place at every lag, by FFT. An offset and a stretch of the whole page are then
one lag per segment, so that all of them are tried by adding up these correlations.

A matrix product would be as fast on an idle machine, and a hundred times slower on a busy one, where the
threads of the BLAS wait for each other at every small product.
"""

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ecgclip.retrieval.tracing import OFFSET_S, RATE_HZ, Tracing
from ecgclip.typing import Float32s

STRETCH: Final = 0.03
"""Largest error of the time scale, as a share."""
_SEGMENTS: Final = 8
"""Segments a row: within 1.25 s a stretch of 3 % moves the ends by 19 ms, a fifth of a QRS."""
_STRETCHES: Final = 13
"""Stretches tried: neighbours differ by 25 ms at the ends of the row."""
_LEAST_S: Final = 1.0
"""Seconds of a row that must have been read for it to be compared."""
_CHUNK: Final = 256
"""Candidates at once: 100 MB at most."""
_SILENCE: Final = 1e-6
"""Squared energy in mV^4 below which a row counts as flat."""
CHANCE: Final = 0.6
"""99 % of the pairs of ECGs of different patients correlate less at their best offset and stretch; the same
ECG read from a real photo correlates by .81 to .98."""
TRACING_SHARE: Final = 1 / 3
"""Share of the score given to the evidence that it is the same ECG: any from .2 to .5 finds the records of
the real photos."""


def rerank(query: Float32s, candidates: Float32s) -> Float32s:
    """The correlation of the traces, float32 [candidate] from -1 to 1; 0 where nothing can be compared.

    query: [4, 1000] in mV at 100 Hz, NaN where nothing was read; candidates: the same, [candidate, 4, 1000].
    The result is the mean over rows of the correlation at the best common offset and stretch, each row
    weighted by how much of it both sides show.
    """
    prepared = Tracing.of(query[None])
    parts = [
        _best_correlations(prepared, Tracing.of(candidates[start : start + _CHUNK]))
        for start in range(0, len(candidates), _CHUNK)
    ]
    return np.concatenate([np.empty(0, np.float32), *parts])


def fuse(scores: Float32s, correlations: Float32s) -> Float32s:
    """One score from the cosine of the embeddings and the correlation of the traces, float32 [candidate].

    Below `CHANCE` a correlation says nothing and the embedding alone ranks; what lies above is evidence that
    it is the same ECG, 1 at a correlation of 1, and counts `TRACING_SHARE` of the score. The evidence is
    added to the cosine, and not scaled by what the cosine lacks of 1: embeddings of similar ECGs lie within
    hundredths of each other. The same page scores 1, another ECG of the same kind about 2/3.
    """
    evidence = np.clip((correlations - CHANCE) / (1 - CHANCE), 0, 1)
    return np.asarray((1 - TRACING_SHARE) * scores + TRACING_SHARE * evidence, np.float32)


def _best_correlations(query: Tracing, candidates: Tracing) -> Float32s:
    """float32 [candidate]: the best over offsets and stretches of the weighted mean over rows."""
    # all: [row, segment, candidate, lag]
    product = _lagged(query.values, candidates.values)
    query_energy = _lagged(query.values**2, candidates.known)
    energy = _lagged(query.known, candidates.values**2)
    shared = _lagged(query.known, candidates.known)
    best = np.full(len(candidates.values), -1, np.float32)
    for lags in _stretched_lags(query.values.shape[-1]):
        products, queries, energies, samples = (
            sum(part[:, i, :, lag] for i, lag in enumerate(lags))
            for part in (product, query_energy, energy, shared)
        )
        weight = np.where(samples >= _LEAST_S * RATE_HZ, samples, 0)
        correlation = products / np.sqrt(np.maximum(queries * energies, _SILENCE))
        mean = (correlation * weight).sum(axis=0) / np.maximum(weight.sum(axis=0), 1)
        best = np.maximum(best, mean.max(axis=1))
    return np.clip(best, -1, 1)


def _lagged(query: Float32s, candidates: Float32s) -> Float32s:
    """Sum over each segment of query(t) * candidate(t + lag), [row, segment, candidate, lag].

    query: [1, row, sample]; candidates: [candidate, row, sample].
    """
    size = query.shape[-1] // _SEGMENTS
    reach = _reach(query.shape[-1])
    padded = np.pad(candidates, ((0, 0), (0, 0), (reach, reach)))
    windows = sliding_window_view(padded, size + 2 * reach, axis=2)[:, :, ::size][:, :, :_SEGMENTS]
    pieces = query[:, :, : size * _SEGMENTS].reshape(1, -1, _SEGMENTS, size)
    length = _fast_length(size + 2 * reach)
    spectra = np.fft.rfft(windows, length)
    spectra *= np.conj(np.fft.rfft(pieces, length))
    sums = np.fft.irfft(spectra, length)[..., : 2 * reach + 1].transpose(1, 2, 0, 3)
    return sums.astype(np.float32, copy=False)


def _fast_length(samples: int) -> int:
    """The next length without a prime factor above 5."""
    while True:
        rest = samples
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return samples
        samples += 1


def _stretched_lags(samples: int) -> list[list[slice]]:
    """For each stretch, the lags of each segment that all offsets need."""
    offsets = 2 * round(OFFSET_S * RATE_HZ) + 1
    size = samples // _SEGMENTS
    centers = (np.arange(_SEGMENTS) + 0.5) * size - samples / 2
    spare = _reach(samples) - offsets // 2
    drifts = np.round(np.linspace(-STRETCH, STRETCH, _STRETCHES)[:, None] * centers).astype(int)
    return [[slice(spare + d, spare + d + offsets) for d in line] for line in drifts.tolist()]


def _reach(samples: int) -> int:
    """The largest lag: of the offset and of the stretch at the end of the row."""
    return round(OFFSET_S * RATE_HZ) + round(STRETCH * samples / 2)
