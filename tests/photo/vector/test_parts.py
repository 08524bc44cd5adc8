"""The steps of a reading, each by itself."""

import numpy as np
import pytest

from ecgclip.photo.vector.between import at_times
from ecgclip.photo.vector.paths import PagePaths
from ecgclip.photo.vector.rulings import dot_pitches, millimetre
from ecgclip.photo.vector.settings import Settings, labels_of, settings_of, spelled
from ecgclip.photo.vector.words import Word, words_of


def words(*lines: str) -> tuple[Word, ...]:
    return tuple(
        Word(word, number, 10.0 * place, 10.0 * number, 3.0, (1.0, 0.0))
        for number, line in enumerate(lines)
        for place, word in enumerate(line.split())
    )


@pytest.mark.parametrize(
    ("line", "speed", "gain", "chest"),
    [
        ("25mm/s 10mm/mV 40Hz", 25, 10, None),
        ("50mm/s 10mm/mV 0.01-40Hz 50Hz ADS 12SL V21", 50, 10, None),
        ("Speed: 25 mm/sec Limb: 10 mm/mV Chest: 5 mm/mV", 25, 10, 5),
        ("25 mm/sec | 20 mm/mV | 60~ 0.05 - 150 Hz", 25, 20, None),
        ("x1.0 .05-40Hz 12,5mm/sec", 12.5, None, None),
        ("25 mm/s 10/5 mm/mV", 25, 10, 5),
        ("Chest/Limb: 10 mm/mV", None, 10, None),
        ("Vitesse : 25 mm/s Gain : 10 mm/mV", 25, 10, None),
        ("25 мм/с 10 мм/мВ", 25, 10, None),
        ("50Hz 62 bpm", None, None, None),
        ("25 mm/s 50 mm/s", None, None, None),
    ],
)
def test_settings(line: str, speed: float | None, gain: float | None, chest: float | None) -> None:
    assert settings_of(words(line)) == Settings(speed, gain, chest)


def test_names_in_sentences_are_no_labels() -> None:
    found = labels_of(words("type I block in V1", "Lead V2", "a V R", "I I", "V5 V6"))
    assert [label.lead for label in found] == ["V2", "aVR", "II", "V5", "V6"]


def test_spellings_of_other_alphabets() -> None:
    assert [spelled(text) for text in ("Ⅲ", "V₄", "І", "-aVR", "aVR-", "ll", "V7", "BPM")] == [
        ("III", 1),
        ("V4", 1),
        ("I", 1),
        ("aVR", -1),
        ("aVR", -1),
        ("II", 1),
        None,
        None,
    ]


def test_characters_become_words_by_place() -> None:
    text, x = "aVR 25", [0.0, 2.0, 4.0, 6.0, 20.0, 22.0]
    places = np.array([[at, 10, at, 7, at + 2, 11, 1, 0] for at in x])
    found = words_of(np.array([ord(letter) for letter in text]), places)
    assert [(word.text, word.x_mm) for word in found] == [("aVR", 0.0), ("25", 20.0)]
    assert found[0].line != found[1].line


@pytest.mark.parametrize(
    ("sets", "scale"),
    [([1, 5], 1), ([0.8, 4], 0.8), ([5], 1), ([1.02], 1.02), ([3, 15, 75], 3), ([17], None)],
)
def test_squares(sets: list[float], scale: float | None) -> None:
    assert millimetre(sets) == (None if scale is None else pytest.approx(scale))


def test_dots() -> None:
    x, y = np.meshgrid(np.arange(0, 100, 0.9), np.arange(0, 100, 0.9))
    across, down = dot_pitches(np.stack([x.ravel(), y.ravel()], axis=1))
    assert across == pytest.approx([0.9])
    assert down == pytest.approx([0.9])


def test_only_what_was_left_out_is_curved() -> None:
    times = np.arange(0, 1, 0.002)
    wave = np.sin(2 * np.pi * 3 * times)
    kept = np.ones(times.size, bool)
    kept[100:120:2] = kept[300:310] = False
    made = at_times(times, times[kept], wave[kept])
    straight = np.interp(times, times[kept], wave[kept])
    assert np.abs(made - wave)[~kept].max() < 0.7 * np.abs(straight - wave)[~kept].max()
    slow = times[::5]
    assert np.array_equal(at_times(times[:495], slow, wave[::5]), np.interp(times[:495], slow, wave[::5]))


@pytest.mark.parametrize(
    ("facts", "data"),
    [
        ({}, b""),
        ({"size_mm": [1, 2], "bytes": [8, 4, 4, 4, 0, 0]}, bytes(20)),
        ({"size_mm": [1, 2], "bytes": [8, 4, 4, 4, 0, 0, 0]}, bytes(20)),
        ({"size_mm": [1, -2], "bytes": [0] * 7}, b""),
        ({"size_mm": [1, 2], "bytes": [-4, 4, 0, 0, 0, 0, 0]}, b""),
        ({"size_mm": [1, 2], "bytes": [4, 0, 0, 0, 0, 0, 0]}, np.float32(np.nan).tobytes()),
    ],
)
def test_listings_that_a_hostile_file_controls(facts: dict[str, object], data: bytes) -> None:
    assert PagePaths.of_listing(facts, data) is None
