"""Speed and gain by what is printed, by pulses and by beats."""

import numpy as np
import pytest

from ecgclip.photo.layout.scale import gain_of, speed_of
from ecgclip.photo.seen.pulses import SeenPulse
from ecgclip.photo.seen.words import SeenWord

NOTHING = np.full((3, 5000), np.nan, np.float32)


def beats(speed, rate=72):
    """Rows as they look at 25 mm/s when they were printed at `speed`: beats of 90 ms, T waves of 160 ms."""
    seconds = np.arange(5000) / 500 * 25 / speed
    phase = (seconds * rate / 60) % 1 * 60 / rate
    beat = np.exp(-0.5 * ((phase - 0.3) / 0.012) ** 2) - 0.25 * np.exp(-0.5 * ((phase - 0.335) / 0.012) ** 2)
    t_wave = 0.2 * np.exp(-0.5 * ((phase - 0.58) / 0.045) ** 2)
    return np.stack([beat + t_wave] * 3).astype(np.float32)


def word(kind, value, chance=0.95):
    return SeenWord(kind, value, 100.0, 200.0, chance)


def pulse(width, height):
    return SeenPulse(5.0, 50.0, 6.8 + width, 51.8 + height, 0.9)


def test_what_is_usual_is_taken_where_nothing_is_seen_but_is_not_sure():
    assert speed_of([], [], NOTHING).value == 25
    assert gain_of([], []).value == 10
    assert gain_of([], []).chance <= 0.9


@pytest.mark.parametrize("speed", [12.5, 25.0, 50.0])
def test_the_speed_is_read(speed):
    found = speed_of([word("speed", f"{speed:g}")], [], beats(speed))
    assert found.value == speed
    assert found.chance > 0.9


@pytest.mark.parametrize("speed", [25.0, 50.0])
def test_beats_alone_tell_the_speed(speed):
    assert speed_of([], [], beats(speed)).value == speed


def test_a_pulse_of_ten_millimetres_and_wide_beats_mean_fifty():
    found = speed_of([], [pulse(10, 10)], beats(50.0))
    assert found.value == 50
    assert found.chance > 0.9


def test_a_word_that_nothing_else_supports_is_doubted():
    found = speed_of([word("speed", "50", 0.5)], [pulse(5, 10)], beats(25.0))
    assert found.value == 25


@pytest.mark.parametrize("gain", [2.5, 5.0, 10.0, 20.0])
def test_the_gain_is_the_height_of_the_pulse(gain):
    found = gain_of([], [pulse(5, gain)] * 3)
    assert found.value == gain
    assert gain_of([word("gain", f"{gain:g}")], [pulse(5, gain)]).chance > 0.9


def test_words_of_other_kinds_and_unknown_values_say_nothing():
    assert gain_of([word("speed", "25"), word("lead", "V5")], []) == gain_of([], [])
    assert speed_of([word("speed", "other")], [], NOTHING) == speed_of([], [], NOTHING)
