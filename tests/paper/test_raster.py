"""Ink against an independent reference: distances to the polyline on a grid eight times as fine."""

import dataclasses
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from ecgclip.paper.geometry import CANONICAL, Layout, PageGeometry, Panel, page_geometry
from ecgclip.paper.raster import ink_page, panel_samples, row_medians
from ecgclip.records.ecg import Ecg
from ecgclip.units import LEADS

SUPERSAMPLE = 8


def reference(ecg: Ecg, geometry: PageGeometry, px_per_mm: float, line_mm: float) -> np.ndarray:
    """Share of each pixel within half a line's width of the panels' polylines, by brute force, 0..255."""
    height, width = geometry.size_px(px_per_mm)
    fine = np.zeros((height * SUPERSAMPLE, width * SUPERSAMPLE), bool)
    for panel in geometry.panels:
        first, last = round(panel.start_s * ecg.rate_hz), round(panel.stop_s * ecg.rate_hz)
        values = ecg.signal_mv[LEADS.index(panel.lead), first:last]
        points = [geometry.to_mm(panel, (first + i) / ecg.rate_hz, float(v)) for i, v in enumerate(values)]
        scaled = np.array(points) * px_per_mm * SUPERSAMPLE
        for start, stop in pairwise(scaled):
            _stamp(fine, start, stop, line_mm * px_per_mm * SUPERSAMPLE / 2)
    return 255 * fine.reshape(height, SUPERSAMPLE, width, SUPERSAMPLE).mean(axis=(1, 3))


def _stamp(fine: np.ndarray, start: np.ndarray, stop: np.ndarray, radius: float) -> None:
    if not np.isfinite([*start, *stop]).all():
        return
    low = np.maximum(np.floor(np.minimum(start, stop) - radius).astype(int), 0)
    high = np.minimum(np.ceil(np.maximum(start, stop) + radius).astype(int) + 1, fine.shape[::-1])
    if (high <= low).any():
        return
    y, x = np.mgrid[low[1] : high[1], low[0] : high[0]] + 0.5
    way = stop - start
    share = np.clip(((x - start[0]) * way[0] + (y - start[1]) * way[1]) / max(way @ way, 1e-12), 0, 1)
    away = np.hypot(x - start[0] - share * way[0], y - start[1] - share * way[1])
    fine[low[1] : high[1], low[0] : high[0]] |= away <= radius


def soft_iou(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.minimum(a, b).sum() / np.maximum(a, b).sum())


def strip(lead: str = "V2", seconds: float = 2.0) -> PageGeometry:
    """One lead for two seconds: small enough for brute force."""
    panel = Panel(lead, 0, 0.0, seconds, 2.3, 16.4)
    return PageGeometry(Layout.L12X1, 4.7 + seconds * 25, 32.0, (panel,), 32.0)


@pytest.mark.parametrize("rate_hz", [100.0, 250.0, 500.0, 1000.0])
@pytest.mark.parametrize(
    ("px_per_mm", "line_mm"), [(2.0, 0.5), (4.0, 0.5), (8.0, 0.28), (8.0, 0.5), (7.874, 0.35)]
)
def test_ink_is_that_of_a_round_pen(
    make_ecg: Callable[..., Ecg], rate_hz: float, px_per_mm: float, line_mm: float
) -> None:
    ecg = make_ecg(rate_hz)
    for lead in ("V2", "aVF"):
        ink = ink_page(ecg, strip(lead), px_per_mm, line_mm, center_rows=False)
        truth = reference(ecg, strip(lead), px_per_mm, line_mm)
        assert soft_iou(ink, truth) >= 0.95
        assert ink.sum() == pytest.approx(truth.sum(), rel=0.03)


def test_whole_pages_agree_with_the_reference(ecg: Ecg) -> None:
    ink = ink_page(ecg, CANONICAL, 2.0, 0.5, center_rows=False)
    assert soft_iou(ink, reference(ecg, CANONICAL, 2.0, 0.5)) >= 0.95


def test_a_flat_line_has_its_width_and_place() -> None:
    ecg = Ecg(np.zeros((12, 1000), np.float32), 100.0)
    ink = ink_page(ecg, strip(), 10.0, 0.5)
    middle = ink[:, ink.shape[1] // 2].astype(float) / 255
    assert middle.sum() == pytest.approx(5.0, rel=0.01)
    assert (middle * (np.arange(len(middle)) + 0.5)).sum() / middle.sum() == pytest.approx(164.0, abs=0.02)


def test_rows_are_centred_on_their_medians() -> None:
    signal = np.zeros((12, 1000), np.float32)
    signal[:] = np.linspace(-0.8, 0.8, 12, dtype=np.float32)[:, None]
    lone = page_geometry(Layout.L12X1)
    shifted = ink_page(Ecg(signal, 100.0), lone, 4.0, 0.5)
    flat = ink_page(Ecg(np.zeros_like(signal), 100.0), lone, 4.0, 0.5)
    assert np.array_equal(shifted, flat)
    assert row_medians(Ecg(signal, 100.0), lone) == pytest.approx(signal[:, 0], abs=1e-6)


def test_missing_samples_leave_a_gap(ecg: Ecg) -> None:
    signal = ecg.signal_mv.copy()
    signal[LEADS.index("V2"), 80:120] = np.nan
    ink = ink_page(dataclasses.replace(ecg, signal_mv=signal), strip(), 4.0, 0.5, center_rows=False)
    gap = slice(round((2.3 + 0.82 * 25) * 4), round((2.3 + 1.18 * 25) * 4))
    assert ink[:, gap].sum() == 0
    assert (ink[:, : gap.start - 4].max(axis=0)[20:] > 0).all()


@pytest.mark.parametrize("layout", Layout)
def test_nothing_recorded_draws_nothing(layout: Layout) -> None:
    ecg = Ecg(np.full((12, 1000), np.nan, np.float32), 100.0)
    assert ink_page(ecg, page_geometry(layout)).sum() == 0


@pytest.mark.parametrize("samples", [1, 2, 3, 260, 999])
def test_records_shorter_than_the_page_end_where_they_end(samples: int) -> None:
    ecg = Ecg(np.zeros((12, samples), np.float32), 100.0)
    ink = ink_page(ecg, CANONICAL, 4.0, 0.5)
    columns = np.flatnonzero(ink[3 * 128 :].max(axis=0))
    if samples == 1:
        assert columns.size == 0
    else:
        assert columns[-1] == pytest.approx((3 + (samples - 1) / 100 * 25) * 4, abs=3)


@pytest.mark.parametrize("rate_hz", [50.0, 62.5, 257.0, 360.0, 2000.0])
def test_any_rate_draws_the_same_curve(make_ecg: Callable[..., Ecg], rate_hz: float) -> None:
    slow = rate_hz < 100  # too few samples for the QRS: only the amount of ink can agree
    fine, other = (ink_page(make_ecg(rate), strip(), 4.0, 0.5).astype(float) for rate in (1000.0, rate_hz))
    assert soft_iou(fine, other) >= (0.6 if slow else 0.9)


def test_values_beyond_the_page_are_cut_not_wrapped() -> None:
    signal = np.zeros((12, 1000), np.float32)
    signal[:, 500] = 1e6
    signal[:, 700] = -np.float32(3e38)
    signal[:, 701] = np.inf
    ink = ink_page(Ecg(signal, 100.0), CANONICAL, 2.0, 0.5)
    assert ink[:, 300:330].sum() > 0
    quiet = ink_page(Ecg(np.zeros_like(signal), 100.0), CANONICAL, 2.0, 0.5)
    assert np.array_equal(ink[:, 280:340][:, 20:40], quiet[:, 280:340][:, 20:40])


def test_panel_samples_are_those_of_its_lead_and_time(ecg: Ecg) -> None:
    panel = CANONICAL.panels[7]
    first, last = round(panel.start_s * 100), round(panel.stop_s * 100)
    assert np.array_equal(panel_samples(ecg, panel), ecg.signal_mv[LEADS.index(panel.lead), first:last])
