"""Beats against synthetic hearts whose beats are known, and peaks against their definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgclip.errors import RecordError
from ecgclip.records.ecg import Ecg
from ecgclip.signal.beats import find_beats, separated_peaks
from ecgclip.simulation.ecg import generator, synthetic_ecg
from ecgclip.simulation.ecg.rhythm import Timeline, draw_timeline
from ecgclip.typing import Float64s

QRS_S = (-0.02, 0.2)
"""A beat is found where its peak lies this far from the onset of its QRS complex."""
STIMULUS_S = 0.022


@pytest.fixture(name="heart")
def heart_with_known_beats(monkeypatch: pytest.MonkeyPatch):
    """Makes the ECG of some statements, and the onsets of its QRS complexes away from the ends, in s."""
    drawn: list[Timeline] = []

    def remembered(*given: object) -> Timeline:
        drawn.append(draw_timeline(*given))  # type: ignore[arg-type]
        return drawn[-1]

    def heart(code: str, seed: int, rate_hz: float = 500.0) -> tuple[Ecg, Float64s]:
        ecg = synthetic_ecg(np.random.default_rng(seed), [code], rate_hz=rate_hz)
        line = drawn[-1]
        late_s = STIMULUS_S if len(line.spikes_s) else 0.0
        onsets_s = np.sort(np.concatenate([line.qrs_s + late_s, line.ectopic_s]))
        return ecg, onsets_s[(onsets_s > 0.1) & (onsets_s < ecg.duration_s - 0.25)]

    monkeypatch.setattr(generator, "draw_timeline", remembered)
    return heart


def missed_and_false(found_s: Float64s, onsets_s: Float64s) -> tuple[int, int]:
    """Beats without a peak, and peaks between the first beat and the last that are of none."""
    near = (found_s >= onsets_s[:, None] + QRS_S[0]) & (found_s <= onsets_s[:, None] + QRS_S[1])
    between = (found_s > onsets_s[0]) & (found_s < onsets_s[-1] + QRS_S[1])
    return int((near.sum(axis=1) != 1).sum()), int((~near.any(axis=0) & between).sum())


@pytest.mark.parametrize("rate_hz", [100.0, 500.0])
@pytest.mark.parametrize(
    "code",
    ["NORM", "AFIB", "AFLT", "SVTAC", "PVC", "BIGU", "PACE", "CLBBB", "CRBBB", "3AVB", "SBRAD", "LVOLT"],
)
def test_every_beat_is_found_and_nothing_else(heart, code: str, rate_hz: float) -> None:
    for seed in range(3):
        ecg, onsets_s = heart(code, seed, rate_hz)
        assert len(onsets_s) > 3
        assert missed_and_false(find_beats(ecg.signal_mv, rate_hz) / rate_hz, onsets_s) == (0, 0)


def test_leads_that_show_a_part_of_the_time_are_enough(heart) -> None:
    """As a 3x4 print shows them: each column of leads for a quarter of the record."""
    for seed in range(3):
        ecg, onsets_s = heart("NORM", seed)
        shown = np.full_like(ecg.signal_mv, np.nan)
        for column in range(4):
            part = slice(column * 1250, (column + 1) * 1250)
            shown[3 * column : 3 * column + 3, part] = ecg.signal_mv[3 * column : 3 * column + 3, part]
        assert missed_and_false(find_beats(shown, 500.0) / 500, onsets_s) == (0, 0)


def test_one_artefact_of_a_long_record_hides_no_beats_far_from_it(heart) -> None:
    ecg, _ = heart("NORM", 0)
    long = np.tile(ecg.signal_mv, (1, 6))
    clean = find_beats(long, 500.0)
    long[:, 15000:15150] += 40 * np.sin(np.arange(150) / 5)
    spoiled = find_beats(long, 500.0)
    far = np.abs(clean - 15000) > 10 * 500
    assert far.sum() > 30
    assert set(clean[far]) <= set(spoiled)


@pytest.mark.parametrize("samples", [0, 1, 2, 5, 40, 1000])
def test_where_nothing_beats_nothing_is_found(samples: int) -> None:
    assert find_beats(np.zeros((12, samples), np.float32), 100.0).size == 0
    assert find_beats(np.full((12, samples), np.nan, np.float32), 100.0).size == 0
    noise = np.random.default_rng(0).normal(0, 0.005, (12, samples)).astype(np.float32)
    assert find_beats(noise, 100.0).size == 0


def test_a_rate_below_the_band_is_refused() -> None:
    with pytest.raises(RecordError, match="the rate is 40 Hz; beats are found above 40 Hz"):
        find_beats(np.zeros((1, 400), np.float32), 40.0)


@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=60, unique=True), st.integers(1, 9), st.integers(0, 5)
)
def test_peaks_are_the_highest_that_keep_their_distance(values: list[int], apart: int, edge: int) -> None:
    heights, least = np.array(values, np.float64), 10.0
    expected: list[int] = []
    for place in sorted(range(len(values)), key=lambda place: -values[place]):
        inside = edge <= place < len(values) - edge
        if inside and values[place] > least and all(abs(place - other) >= apart for other in expected):
            expected.append(place)
    assert separated_peaks(heights, least, apart, edge).tolist() == expected
