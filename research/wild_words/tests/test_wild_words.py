import numpy as np

from ecgclip.photo.flat.network import SheetReading
from ecgclip.photo.flat.words import NO_WORD
from ecgclip.photo.seen.words import SeenWord
from ecgclip.units import LEADS
from research.wild_words.__main__ import Row, expected_leads, overlay, summary


def word(kind: str, value: str) -> SeenWord:
    return SeenWord(kind, value, 10, 10, 0.9)


def test_a_layout_says_which_leads_to_expect():
    assert expected_leads("3x4+1R(II), columns with own rows") == LEADS
    assert expected_leads("6x1 limb leads") == LEADS[:6]
    assert expected_leads("6x1 chest leads") == LEADS[6:]
    assert expected_leads("1-2 strips") == ()


def test_a_lead_counts_once_and_one_of_another_page_as_other():
    words = (
        word("lead", "II"),
        word("lead", "II"),
        word("lead", "V1"),
        word("speed", "25"),
        word("gain", "5"),
    )
    row = Row("a.png", "scan", "maker", LEADS[:6], ("25", "10"), words)
    assert (row.found, row.false) == (1, 1)
    assert row.settings_found == (True, False)
    assert "all" in summary([row]).splitlines()[-1]
    assert "leads 0.167 others   1 speed 1 gain 0" in summary([row])


def test_minus_avr_is_avr():
    row = Row("a.png", "scan", "maker", LEADS, ("25", "10"), (word("lead", "-aVR"),))
    assert row.leads == {"aVR"}


def test_an_overlay_shows_words_and_traces_on_the_sheet():
    trace = np.zeros((80, 120), np.float32)
    trace[40] = 1
    words, cells = np.zeros((NO_WORD, 10, 15), np.float32), np.zeros((5, 20, 30), np.float32)
    words[6, 2, 3:6] = 0.9
    reading = SheetReading(trace, np.eye(4, dtype=np.float32)[0], 1.0, words, cells)
    drawn = overlay(reading, np.zeros((3, 80, 120), np.uint8))
    assert drawn.shape == (80, 120, 3)
    assert drawn[40, 100].max() < 100 < drawn[60, 100].min()
    assert (drawn == (230, 110, 0)).all(axis=-1).sum() > 40
