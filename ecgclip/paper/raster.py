"""Draw the ink of a record on a page, fast: for training and queries.

The lines are drawn by OpenCV on a canvas enlarged by `SUPERSAMPLE` with sub-pixel vertices and averaged
down: box-filtered anti-aliasing in both directions, which keeps the steep flanks of the QRS as dark as
the rest.
"""

import cv2
import numpy as np
import numpy.typing as npt

from ecgclip.paper.geometry import CANONICAL, MODEL_PX_PER_MM, PageGeometry, Panel
from ecgclip.records.ecg import Ecg
from ecgclip.units import LEADS

SUPERSAMPLE = 4
_SHIFT = 4
"""Fractional bits of a vertex on the enlarged canvas."""

Ink = npt.NDArray[np.uint8]


def ink_page(
    ecg: Ecg,
    geometry: PageGeometry = CANONICAL,
    px_per_mm: float = MODEL_PX_PER_MM,
    line_mm: float = 0.5,
    *,
    center_rows: bool = True,
) -> Ink:
    """Ink of the record's panels, uint8 [y, x], 0 blank .. 255 ink; NaN samples leave a gap.

    center_rows: put the median of each row on its baseline, as the canonical page asks; False draws 0 mV there.
    """
    height, width = geometry.size_px(px_per_mm)
    canvas = np.zeros((height * SUPERSAMPLE, width * SUPERSAMPLE), np.uint8)
    scale = px_per_mm * SUPERSAMPLE
    thickness = max(1, round(line_mm * scale))
    offsets = row_medians(ecg, geometry) if center_rows else np.zeros(geometry.rows)
    for panel in geometry.panels:
        points = _panel_points(ecg, geometry, panel, float(offsets[panel.row]))
        for run in _runs(points):
            vertices = np.round((run * scale - 0.5) * (1 << _SHIFT)).astype(np.int32)
            cv2.polylines(canvas, [vertices[:, None]], False, 255, thickness, cv2.LINE_8, _SHIFT)
    return cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def row_medians(ecg: Ecg, geometry: PageGeometry) -> npt.NDArray[np.float64]:
    """Median in mV of what each row shows, [row]; 0 where it shows nothing."""
    rows: list[list[npt.NDArray[np.float32]]] = [[] for _ in range(geometry.rows)]
    for panel in geometry.panels:
        values = panel_samples(ecg, panel)
        rows[panel.row].append(values[~np.isnan(values)])
    joined = [np.concatenate(row) for row in rows]
    return np.array([np.median(row) if row.size else 0.0 for row in joined])


def panel_samples(ecg: Ecg, panel: Panel) -> npt.NDArray[np.float32]:
    """The samples that a panel shows, float32 [sample] in mV; shorter where the record ends before."""
    start, stop = round(panel.start_s * ecg.rate_hz), round(panel.stop_s * ecg.rate_hz)
    return ecg.signal_mv[LEADS.index(panel.lead), start:stop]


def _panel_points(ecg: Ecg, geometry: PageGeometry, panel: Panel, offset_mv: float) -> npt.NDArray[np.float64]:
    values = panel_samples(ecg, panel)
    x = panel.x_mm + np.arange(len(values)) / ecg.rate_hz * geometry.speed_mm_s
    y = panel.baseline_mm - (values - offset_mv) * geometry.gain_mm_mv
    return np.stack([x, np.clip(y, -geometry.height_mm, 2 * geometry.height_mm)], axis=1)


def _runs(points: npt.NDArray[np.float64]) -> list[npt.NDArray[np.float64]]:
    """Split [point, 2] at NaN rows."""
    good = ~np.isnan(points[:, 1])
    edges = np.flatnonzero(np.diff(np.concatenate([[0], good.view(np.int8), [0]])))
    return [points[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 1]
