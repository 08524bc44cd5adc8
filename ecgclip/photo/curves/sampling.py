"""From curves on the flat sheet to samples: rows of the record at 500 Hz, and at the rate of row traces."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from ecgclip.paper.traces import TRACE_RATE_HZ
from ecgclip.photo.curves.read_rows import BandReader, RowCurve, columns_px, read_rows
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.layout.sheet import Sheet
from ecgclip.typing import Float32s, Float64s, Uint8s
from ecgclip.units import GAIN_MM_MV, RECORD_S, SPEED_MM_S

SIGNAL_RATE_HZ: Final = 500
SIGNAL_SAMPLES: Final = round(RECORD_S * SIGNAL_RATE_HZ)
_FINER: Final = SIGNAL_RATE_HZ // TRACE_RATE_HZ


def read_samples(planes: Uint8s, sheet: Sheet, network: BandReader) -> Float32s:
    """The rows of an upright sheet from time zero on, float32 [row, 5000] in mV at 500 Hz.

    planes: uint8 [3, y, x] of the sheet. Rows of the layout that are missing are NaN.
    """
    baselines = [row.baseline_px for row in sheet.rows]
    levels = [np.full(planes.shape[2], level, np.float32) for level in baselines]
    extent = round(sheet.zero_px), round(sheet.zero_px + RECORD_S * SPEED_MM_S * FLAT_PX_PER_MM)
    curves = read_rows(planes, levels, extent, network)
    rows = np.full((len(sheet.traces_mv), SIGNAL_SAMPLES), np.nan, np.float32)
    rows[: len(curves)] = rows_at_signal_rate(curves, baselines, sheet.zero_px)
    return rows


def rows_at_signal_rate(
    curves: Sequence[RowCurve], baselines_px: Sequence[float], zero_px: float
) -> Float32s:
    """Samples of each row from time zero on, float32 [row, 5000] in mV at 500 Hz; NaN where nothing is shown.

    baselines_px: y of 0 mV of each row. zero_px: x of time zero.
    """
    places = zero_px + np.arange(SIGNAL_SAMPLES) * (SPEED_MM_S * FLAT_PX_PER_MM / SIGNAL_RATE_HZ)
    rows = np.full((len(curves), SIGNAL_SAMPLES), np.nan, np.float32)
    for row, curve, baseline in zip(rows, curves, baselines_px, strict=True):
        row[:] = (baseline - _at(curve.y_px, places)) / (FLAT_PX_PER_MM * GAIN_MM_MV)
    return rows


def _at(y_px: Float32s, places: Float64s) -> Float32s:
    """The curve between its columns; NaN beside a column without trace and beyond the sheet."""
    x = columns_px(y_px.size)
    known = ~np.isnan(y_px)
    if not known.any():
        return np.full(places.size, np.nan, np.float32)
    values = np.interp(places, x, np.where(known, y_px, 0.0))
    share = np.interp(places, x, known.astype(np.float32), left=0.0, right=0.0)
    return np.where(share > 1 - 1e-6, values, np.nan).astype(np.float32)


def at_trace_rate(rows: Float32s) -> Float32s:
    """Rows at 500 Hz as row traces, float32 [row, 1000] at 100 Hz: the mean of the 10 ms around each sample."""
    half = _FINER // 2
    padded = np.pad(rows, ((0, 0), (half, half)), constant_values=np.nan)
    around = np.lib.stride_tricks.sliding_window_view(padded, _FINER, axis=1)[:, ::_FINER]
    known = ~np.isnan(around)
    count = known.sum(axis=2)
    total = np.where(known, around, 0.0).sum(axis=2)
    return np.where(count > half, total / np.maximum(count, 1), np.nan).astype(np.float32)
