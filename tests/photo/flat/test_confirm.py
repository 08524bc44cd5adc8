from dataclasses import replace

import numpy as np

from ecgclip.photo.flat.confirm import confirmed_ink, orientation_votes
from ecgclip.photo.flat.network import CELLS, SheetReading


def reading(
    trace: np.ndarray, ecg: float = 1.0, orientation: tuple[float, ...] = (0.9, 0.02, 0.05, 0.03)
) -> SheetReading:
    return SheetReading(trace, np.array(orientation, np.float32), ecg)


def test_ink_far_from_any_trace_goes_and_ink_beside_one_stays():
    ink = np.full((20, 20), 0.8, np.float32)
    trace = np.zeros((20, 20), np.float32)
    trace[10, 10] = 0.3
    kept = confirmed_ink(ink, reading(trace), np.ones((20, 20), bool))
    assert np.allclose(kept[8:13, 8:13], 0.8)
    assert kept[:8].max() == kept[13:].max() == 0


def test_a_trace_that_went_with_the_grid_comes_back_and_clear_ink_stays_as_it_is():
    trace, ink = np.zeros((12, 12), np.float32), np.zeros((12, 12), np.float32)
    trace[5] = 0.9
    ink[6, :4] = 0.6
    kept = confirmed_ink(ink, reading(trace), np.ones((12, 12), bool))
    assert np.array_equal(kept[:, 5:], trace[:, 5:])
    assert np.array_equal(kept[:, :4], ink[:, :4])
    assert not confirmed_ink(kept, reading(trace), np.zeros((12, 12), bool)).any()


def test_a_network_that_sees_no_ecg_has_no_say():
    ink = np.random.default_rng(0).random((10, 10)).astype(np.float32)
    blind = reading(np.zeros((10, 10), np.float32), ecg=0.2)
    assert np.array_equal(confirmed_ink(ink, blind, np.ones((10, 10), bool)), ink)
    assert not orientation_votes(blind).any()


def test_votes_are_log_chances_with_a_doubt():
    votes = orientation_votes(reading(np.zeros((1, 1), np.float32)))
    assert np.isclose(votes[0] - votes[2], np.log((0.9 / 2 + 1 / 8) / (0.05 / 2 + 1 / 8)))
    sure = orientation_votes(reading(np.zeros((1, 1), np.float32), orientation=(1, 0, 0, 0)))
    assert np.isclose(sure[0] - sure[2], np.log(5))


def test_pulses_stay_where_the_network_sees_them():
    ink = np.full((16, 24), 0.7, np.float32)
    cells = np.zeros((len(CELLS), 4, 6), np.float32)
    cells[CELLS.index("pulse"), 1, 4] = 0.6
    seen = replace(reading(np.zeros((16, 24), np.float32)), cells=cells)
    kept = confirmed_ink(ink, seen, np.ones((16, 24), bool))
    assert np.allclose(kept[4:8, 16:20], 0.7)
    assert not kept[:, :13].any()
