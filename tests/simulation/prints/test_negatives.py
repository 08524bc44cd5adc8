import numpy as np
import pytest

from ecgclip.simulation.prints import negatives
from ecgclip.simulation.prints.negatives import random_negative


@pytest.mark.parametrize("kind", negatives._KINDS)
def test_each_kind_is_drawn_and_depends_on_its_generator_alone(kind):
    paint = negatives._KINDS[kind][1]
    for seed in range(3):
        rgb = paint(np.random.default_rng(seed))
        assert rgb.dtype == np.uint8
        assert rgb.shape[2] == 3
        assert np.ptp(rgb) > 20 or kind == "empty paper"
        assert np.array_equal(rgb, paint(np.random.default_rng(seed)))


def test_negatives_have_no_trace_and_no_names():
    kinds = set()
    for seed in range(30):
        page = random_negative(np.random.default_rng(seed))
        assert not page.is_ecg
        assert page.trace.shape == page.rgb.shape[:2]
        assert not np.maximum.reduce([page.trace, page.pulse_ink, page.mark_ink]).any()
        assert (page.curves, page.words, page.pulses, page.layout) == ((), (), (), "")
        kinds.add(page.style["kind"])
    assert len(kinds) > 6
