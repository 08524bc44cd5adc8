import numpy as np

from ecgclip.simulation.prints.negatives import random_negative


def test_negatives_have_no_trace_and_no_names():
    for seed in range(12):
        page = random_negative(np.random.default_rng(seed))
        assert not page.is_ecg
        assert not page.trace.any()
        assert not (page.curves or page.words or page.pulses or page.layout)
