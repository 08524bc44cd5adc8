"""The gate: what is an ECG, how sure, and why not."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from ecgclip.paper.raster import PRINT_PX_PER_MM
from ecgclip.paper.render import render
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.gate.evidence import EVIDENCE, Evidence, weigh
from ecgclip.photo.gate.verdict import ACCEPT, judge, load_weights, resolution_warning
from ecgclip.photo.grid.find_grid import Grid
from ecgclip.photo.layout.sheet import Sheet
from ecgclip.photo.loading.load import Picture
from ecgclip.photo.rectify import rectify
from ecgclip.photo.rows.row import Row
from ecgclip.records.ecg import Ecg
from ecgclip.typing import Float32s, Rgb

GRID = Grid(np.eye(3), 5.0, 20.0, 0.9, np.zeros((1, 2)), np.ones(1), 256.0)
PICTURE = Picture(np.full((1000, 1400, 3), 255, np.uint8), 1.0)
COLUMNS = 1000
BEAT_PX = 83
"""0.83 s at 25 mm/s: not a whole number of squares."""


def beats(offset: int = 0, every: int = BEAT_PX, height_mm: float = 10.0) -> Float32s:
    """Upward deflections of 6 columns, float32 [column], mm."""
    curve = np.zeros(COLUMNS, np.float32)
    for start in range(20 + offset, COLUMNS - 10, every):
        curve[start : start + 6] = height_mm * np.array([0.3, 0.8, 1.0, 0.6, 0.1, -0.2])
    return curve


def row(curve_mm: Float32s, baseline_px: float) -> Row:
    return Row(baseline_px, 0, COLUMNS, (baseline_px - FLAT_PX_PER_MM * curve_mm).astype(np.float32))


def sheet(*curves_mm: Float32s, distance_mm: float = 25.0) -> Sheet:
    rows = [row(curve, (1 + i) * distance_mm * FLAT_PX_PER_MM) for i, curve in enumerate(curves_mm)]
    return Sheet.read(rows, 0.0)


def test_beats_in_step_are_evidence_and_other_curves_are_not() -> None:
    rng = np.random.default_rng(0)
    ecg = weigh(GRID, sheet(*[beats() for _ in range(4)]), 0.9)
    out_of_step = weigh(GRID, sheet(*[beats(offset, 61 + offset) for offset in (0, 13, 29, 41)]), 0.9)
    noise = cv2.GaussianBlur(rng.standard_normal((4, COLUMNS)), (0, 0), 4, sigmaY=1e-3).astype(np.float32)
    wander = weigh(GRID, sheet(*(20 * noise)), 0.1)
    assert ecg.beats_simultaneous == pytest.approx(1.0)
    assert ecg.beats_periodic > 0.9
    assert out_of_step.beats_simultaneous < 0.2
    assert out_of_step.beats_periodic > 0.9
    assert wander.beats_simultaneous < 0.2
    assert wander.beats_periodic < 0.5
    assert wander.deflections_sharp < ecg.deflections_sharp
    confidence = load_weights().confidence
    assert confidence(ecg) > ACCEPT > confidence(wander)
    assert confidence(ecg) > confidence(out_of_step)


def test_a_single_row_agrees_with_itself_where_its_beats_are_alike() -> None:
    alone = weigh(GRID, sheet(beats()), 0.9)
    assert alone.single_row == 1.0
    assert alone.beats_simultaneous == alone.beats_alike > 0.8


def test_steps_do_not_return_and_spikes_do() -> None:
    steps = np.repeat(np.tile([0.0, 8.0], 7), BEAT_PX)[:COLUMNS].astype(np.float32)
    assert weigh(GRID, sheet(steps), 0.9).deflections_return < 0.1
    assert weigh(GRID, sheet(steps), 0.9).beats_alike < 0.1
    assert weigh(GRID, sheet(beats()), 0.9).deflections_return > 0.9


def test_what_beats_on_the_lines_of_the_grid_is_grid() -> None:
    """Spikes 15 mm apart on the 5 mm lines, and the same between the lines."""
    on, off = (weigh(GRID, sheet(beats(every=60, offset=shift)), 0.9) for shift in (-1, 9))
    assert on.beats_off_grid < 0.1
    assert off.beats_off_grid == 1.0


def test_one_curve_read_twice_is_not_two_rows() -> None:
    curve = np.linspace(-40, 40, COLUMNS, dtype=np.float32)
    twice = Sheet.read([row(curve, 400.0), row(curve, 400.0)], 0.0)
    assert weigh(GRID, twice, 0.9).rows_distinct < 0.1
    assert weigh(GRID, sheet(beats(), beats()), 0.9).rows_distinct == 1.0


def test_evidence_stays_between_0_and_1() -> None:
    rng = np.random.default_rng(1)
    for _ in range(30):
        curves = rng.normal(0, rng.uniform(0, 30), (int(rng.integers(1, 13)), COLUMNS)).astype(np.float32)
        curves[rng.random(curves.shape) < rng.uniform(0, 0.3)] = np.nan
        values = weigh(GRID, sheet(*curves, distance_mm=float(rng.uniform(8, 30))), 0.9).values
        assert values.shape == (len(EVIDENCE),)
        assert ((values >= 0) & (values <= 1)).all()


def test_confidence_is_the_logistic_sum_of_the_shipped_weights() -> None:
    weights = load_weights()
    evidence = Evidence(*np.linspace(0, 1, len(EVIDENCE)))
    total = weights.offset + sum(w * v for w, v in zip(weights.weights, evidence.values, strict=True))
    assert weights.confidence(evidence) == pytest.approx(1 / (1 + np.exp(-total)))
    assert 0 < weights.no_grid < ACCEPT
    assert 0 < weights.no_trace < ACCEPT


def test_what_was_not_found_is_the_reason() -> None:
    assert "grid" in judge(PICTURE, None, None).reason
    assert "dark" in judge(replace(PICTURE, rgb=PICTURE.rgb // 8), None, None).reason
    assert "too small" in judge(replace(PICTURE, rgb=PICTURE.rgb[:90, :90]), None, None).reason
    assert "no ECG trace" in judge(PICTURE, GRID, None).reason


def test_curves_that_do_not_beat_are_said_to_be_no_heartbeat() -> None:
    t = np.arange(COLUMNS) / COLUMNS
    hills = [(6 * np.sin(2 * np.pi * k * t)).astype(np.float32) for k in (1.3, 2.1, 3.7)]
    verdict = judge(PICTURE, GRID, sheet(*hills), 0.1)
    assert not verdict.accepted
    assert "no heartbeat" in verdict.reason


def test_the_network_can_tip_the_scales() -> None:
    curves = sheet(*[beats() for _ in range(4)])
    doubted, seen = (judge(PICTURE, GRID, curves, chance) for chance in (0.0, 1.0))
    assert seen.accepted
    assert seen.confidence > doubted.confidence + 0.05


def test_warnings_say_what_is_missing() -> None:
    strip = judge(PICTURE, GRID, sheet(beats()[:COLUMNS]), 0.99)
    page = judge(PICTURE, GRID, sheet(*[beats() for _ in range(5)]), 0.99)
    short = sheet(*[beats() for _ in range(4)])
    half = replace(short, rows=tuple(replace(r, stop_px=COLUMNS // 2) for r in short.rows))
    assert any("single strip" in words for words in strip.warnings)
    assert any("5 rows were read" in words for words in page.warnings)
    assert any("only 5.0 s of 10 s" in words for words in judge(PICTURE, GRID, half, 0.99).warnings)
    assert resolution_warning(2.0)
    assert not resolution_warning(4.0)


def squared(square_mm: float, colour: tuple[int, int, int]) -> Rgb:
    """A4 of squares and nothing else."""
    page = np.full((1654, 2339, 3), 252, np.uint8)
    for at in np.arange(10, 2330, square_mm * PRINT_PX_PER_MM).astype(int):
        page[:, at : at + 2] = colour
        page[at : at + 2] = colour
    return page


def plotted(page: Rgb) -> Rgb:
    """Axes and three functions, as pupils draw them."""
    x = np.arange(150, 2200)
    curves = [800 + 400 * np.sin(x / 200), 1300 - 0.0002 * (x - 150) ** 2, 1200 * np.exp(-x / 900)]
    drawn = page.copy()
    cv2.polylines(drawn, [np.array([[150, 100], [150, 1400], [2200, 1400]], np.int32)], False, (0, 0, 0), 4)
    for y in curves:
        points = np.stack([x, y], axis=1).round().astype(np.int32)
        cv2.polylines(drawn, [points[:, None]], False, (20, 30, 120), 4, cv2.LINE_AA)
    return drawn


@pytest.mark.parametrize("style", ["letter", "pink", "green", "beige"])
def test_empty_ecg_paper_is_no_ecg(ecg: Ecg, style: str) -> None:
    empty = Ecg(np.full_like(ecg.signal_mv, np.nan), ecg.rate_hz)
    page = rectify(render(empty, "3x4+1R", style).array)
    assert not page.accepted
    assert page.confidence < 0.3


@pytest.mark.parametrize("square_mm", [4.0, 5.0, 10.0])
def test_squared_paper_and_plots_on_it_are_no_ecgs(square_mm: float) -> None:
    paper = squared(square_mm, (150, 180, 225))
    for picture in (paper, plotted(paper)):
        page = rectify(picture)
        assert not page.accepted
        assert page.reason


def test_a_strip_of_a_print_is_accepted_with_a_warning(ecg: Ecg) -> None:
    page = render(ecg, "3x4+1R", "pink").array
    rows = rectify(page)
    height = page.shape[0]
    strip = rectify(page[int(0.74 * height) : int(0.97 * height)])
    assert rows.confidence > 0.8
    assert strip.accepted
    assert any("strip" in words or "layout" in words for words in strip.warnings)
