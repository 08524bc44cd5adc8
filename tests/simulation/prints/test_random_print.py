"""What a print says of itself is what is drawn."""

from collections import Counter
from dataclasses import replace

import cv2
import numpy as np
import pytest

from ecgclip.records.ecg import Ecg
from ecgclip.simulation.ecg import SyntheticSource
from ecgclip.simulation.ecg.noise import Disturbance
from ecgclip.simulation.prints.arrangement import LAYOUTS, Arrangement, Timing, sample_arrangement
from ecgclip.simulation.prints.canvas import PX
from ecgclip.simulation.prints.disturbed import Disturbed
from ecgclip.simulation.prints.filters import Filters
from ecgclip.simulation.prints.page import Page
from ecgclip.simulation.prints.placing import place
from ecgclip.simulation.prints.random_print import random_print, smooth
from ecgclip.simulation.prints.scale import Scale
from ecgclip.simulation.prints.trace import curve_of, sample_trace
from ecgclip.units import LEADS

_COUNT = 24


@pytest.fixture(scope="module")
def pages():
    source = SyntheticSource(3, seed=5, rate_hz=100.0)
    records = [source.read(name) for name in source.ids]
    return [random_print(records[i % 3], np.random.default_rng(i)) for i in range(_COUNT)]


def _clean(pages):
    """Those that are plain paper: no copy, no screen."""
    found = [page for page in pages if page.style["surface"]["kind"] == "print"]
    assert len(found) > _COUNT / 3
    return found


def _pixels(x_mm, y_mm, shape):
    good = np.isfinite(y_mm)
    x, y = np.floor(x_mm[good] * PX).astype(int), np.floor(y_mm[good] * PX).astype(int)
    return np.clip(y, 0, shape[0] - 1), np.clip(x, 0, shape[1] - 1)


def test_points_of_curves_lie_on_the_ink_of_traces(pages):
    for page in pages:
        near = cv2.dilate(page.trace, np.ones((3, 3), np.uint8))
        for curve in page.curves:
            found = near[_pixels(curve.x_mm[2:-2], curve.y_mm[2:-2], near.shape)]
            fades = page.style["trace"]["stylus"] > 0
            assert np.mean(found > 60) > (0.5 if fades else 0.99), (page.layout, curve.lead)


def test_all_ink_of_traces_belongs_to_a_curve(pages):
    for page in pages:
        reach = np.zeros_like(page.trace)
        width = int(page.style["trace"]["width_mm"] * PX) + 5
        for curve in page.curves:
            y, x = curve.y_mm, curve.x_mm
            for run in np.split(np.arange(len(y)), np.flatnonzero(np.diff(np.isfinite(y))) + 1):
                if len(run) > 1 and np.isfinite(y[run]).all():
                    points = np.round(np.stack([x[run], y[run]], axis=1) * PX).astype(np.int32)
                    cv2.polylines(reach, [points], False, 255, width)
        assert np.mean(reach[page.trace > 60] > 0) > 0.995, (page.layout, page.style["maker"])


def test_boxes_of_words_hold_dark_letters_to_their_edges(pages):
    for page in _clean(pages):
        light = page.rgb.min(axis=2).astype(int)
        paper = np.median(light[::4, ::4])
        for word in page.words:
            box = word.box
            y0, y1 = round(box.top * PX), round(box.bottom * PX)
            x0, x1 = round(box.left * PX), round(box.right * PX)
            inside = light[y0:y1, x0:x1]
            dark = inside < paper - 15
            assert dark.any(axis=1)[[0, -1]].all(), word
            assert dark.any(axis=0)[[0, -1]].all(), word


def test_pulses_are_as_high_as_their_gain_and_their_flanks_are_inked(pages):
    pulses = [(page, pulse) for page in pages for pulse in page.pulses]
    assert pulses
    for page, pulse in pulses:
        box = pulse.box
        assert box.bottom - box.top == pytest.approx(pulse.gain_mm_mv)
        top = page.pulse_ink[round(box.top * PX) - 2 : round(box.top * PX) + 2]
        middle = round((0.3 * box.left + 0.7 * box.right) * PX)
        assert top[:, middle].max() > 100, box
        if any(page.style["pulses"][name] for name in ("rounded", "slope", "stepped")):
            continue
        half = round((box.top + box.bottom) / 2 * PX)
        for flank in (box.left, box.right):
            column = round(flank * PX)
            assert page.pulse_ink[half, max(0, column - 2) : column + 3].max() > 100, box


def test_a_print_depends_on_its_generator_alone(pages):
    source = SyntheticSource(3, seed=5, rate_hz=100.0)
    again = random_print(source.read("00002"), np.random.default_rng(4))
    assert np.array_equal(again.rgb, pages[4].rgb)
    assert again.words == pages[4].words
    assert again.style == pages[4].style


def test_layouts_come_as_often_as_their_shares_say():
    rng = np.random.default_rng(1)
    plans = [sample_arrangement(rng) for _ in range(3000)]
    seen = Counter(plan.label.split("(")[0] for plan in plans if not plan.narrow and plan.order != "strips")
    total = sum(LAYOUTS.values())
    for layout, share in LAYOUTS.items():
        if layout not in ("narrow", "strips"):
            assert seen[layout] / 3000 == pytest.approx(share / total, rel=0.2, abs=0.006), layout
    narrow = sum(plan.narrow for plan in plans) / 3000
    assert narrow == pytest.approx(LAYOUTS["narrow"] / total, rel=0.3)


@pytest.mark.parametrize("speed", [12.5, 25.0, 50.0])
@pytest.mark.parametrize("gain", [5.0, 10.0])
def test_scale_sets_the_distance_of_beats_and_their_height(speed, gain):
    rate = 100.0
    signal = np.zeros((12, 1000), np.float32)
    beats = np.arange(50, 1000, 80)
    signal[:, beats] = 1.0
    scale = Scale(speed, gain, gain)
    plan = Arrangement(12, LEADS, (), (1.0,), Timing.CONSECUTIVE)
    page = Page("screen", 600.0, 300.0, 10.0, 10.0, 9.5 * speed, 20.0, 0.0)
    rng = np.random.default_rng(0)
    trace = replace(sample_trace(rng, 20.0), zero="mv", limit_mm=1000.0)
    panel = place(rng, plan, page, scale, 9.9)[0]
    curve = curve_of(signal, rate, panel, trace, speed)
    peaks = curve.x_mm[curve.y_mm < curve.baseline_mm - 0.5 * gain]
    assert np.allclose(np.diff(peaks), 0.8 * speed, atol=1e-3)
    assert curve.baseline_mm - curve.y_mm.min() == pytest.approx(gain)
    at_s = curve.start_s + (curve.x_mm - curve.x_mm[0]) / speed
    assert np.allclose(
        signal[0][np.round(at_s * rate).astype(int)] * gain, curve.baseline_mm - curve.y_mm, atol=1e-4
    )


def test_curves_tell_the_record_back(pages):
    told_back = 0
    source = SyntheticSource(3, seed=5, rate_hz=100.0)
    for i, page in enumerate(pages):
        filters = Filters(**page.style["filters"])
        noise = page.style["disturbed"]
        quiet = Disturbed(**noise | {"noise": Disturbance(**noise["noise"])}).quiet
        if page.style["trace"]["clip"] != "none" or not quiet or not filters.off:
            continue
        told_back += 1
        signal, rate = smooth(source.read(f"{i % 3 + 1:05d}"))
        for curve in page.curves:
            if curve.lead.lstrip("-") not in LEADS:
                continue
            sign = -1 if curve.lead.startswith("-") else 1
            at = np.round((curve.start_s + (curve.x_mm - curve.x_mm[0]) / curve.speed_mm_s) * rate).astype(
                int
            )
            told = (curve.baseline_mm - curve.y_mm) / curve.gain_mm_mv
            true = sign * signal[LEADS.index(curve.lead.lstrip("-"))][np.minimum(at, signal.shape[1] - 1)]
            assert np.nanmax(np.abs(told - true)) < 1e-3, (page.layout, curve.lead)
    assert told_back >= 3


@pytest.mark.parametrize("seconds", [0.3, 1.5, 10.0, 61.0])
@pytest.mark.parametrize("rate", [100.0, 257.0, 1000.0])
def test_records_of_any_length_and_rate_with_gaps_are_printed(seconds, rate):
    rng = np.random.default_rng(int(seconds * rate))
    count = round(seconds * rate)
    signal = rng.normal(0, 0.2, (12, count)).astype(np.float32)
    signal[6:9] = np.nan
    signal[1, count // 3 : count // 2] = np.nan
    for seed in range(3):
        page = random_print(Ecg(signal, rate), np.random.default_rng(seed))
        assert page.rgb.shape[:2] == page.trace.shape == page.mark_ink.shape == page.pulse_ink.shape
        assert not {curve.lead for curve in page.curves} & {"V1", "V2", "V3"}
        width, height = page.size_mm
        for curve in page.curves:
            assert (np.diff(curve.x_mm) > 0).all()
            assert 0 <= curve.x_mm[0] < curve.x_mm[-1] <= width
            assert 0 <= np.nanmin(curve.y_mm) <= np.nanmax(curve.y_mm) <= height
            assert curve.start_s >= 0
        for word in page.words:
            assert 0 <= word.box.left < word.box.right <= width + 1e-6
            assert 0 <= word.box.top < word.box.bottom <= height + 1e-6
