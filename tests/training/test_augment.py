from dataclasses import replace

import numpy as np

from ecgclip.training.augment import augmented_view, clean_view, moved, vary_signal
from ecgclip.training.settings import Augment
from tests.training.small_run import spiky_ecg

SIGNAL = spiky_ecg(0, "NORM", np.random.default_rng(0)).signal_mv


def test_the_same_generator_draws_the_same_view():
    one, two = (augmented_view(SIGNAL, 100.0, Augment(), np.random.default_rng(3)) for _ in range(2))
    assert (one == two).all()


def test_probability_zero_is_the_clean_page():
    rng = np.random.default_rng(0)
    assert (
        augmented_view(SIGNAL, 100.0, replace(Augment(), probability=0), rng) == clean_view(SIGNAL, 100.0)
    ).all()


def test_a_move_without_reach_changes_nothing():
    still = replace(Augment(), scale=0.0, shift_mm=0.0)
    page = clean_view(SIGNAL, 100.0)
    assert (moved(page, still, np.random.default_rng(0)) == page).all()


def test_rolling_keeps_the_leads_together():
    only_roll = replace(Augment(), roll=1.0, gain=0.0, wander_mv=0.0, noise_mv=0.0, lead_dropout=0.0)
    varied = vary_signal(SIGNAL, 100.0, only_roll, np.random.default_rng(1))
    shifts = [s for s in range(1000) if np.array_equal(np.roll(SIGNAL[0], s), varied[0])]
    assert shifts
    assert any(np.array_equal(np.roll(SIGNAL, s, axis=1), varied) for s in shifts)


def test_dropped_leads_leave_blank_paper():
    all_gone = replace(Augment(), probability=1.0, lead_dropout=1.0, speckle=0.0)
    assert not augmented_view(SIGNAL, 100.0, all_gone, np.random.default_rng(0)).any()


def test_views_stay_pages_of_ink():
    views = [
        augmented_view(SIGNAL, 100.0, replace(Augment(), probability=1.0), np.random.default_rng(i))
        for i in range(20)
    ]
    assert all(view.shape == (256, 512) and view.dtype == np.uint8 for view in views)
    assert len({view.tobytes() for view in views}) == 20
