"""The gate's figures against counts by hand."""

import numpy as np
import pytest

from ecgclip.evaluation.bootstrap import wilson_interval
from ecgclip.evaluation.photos.gate import Judged, gate_scores, strip_scores

JUDGED = (
    Judged("a", "any", True, True, 0.9),
    Judged("b", "any", True, True, 0.6),
    Judged("c", "any", True, False, 0.2, "no grid"),
    Judged("x", "any", False, True, 0.6),
    Judged("y", "any", False, False, 0.1, "no grid"),
)


def test_area_and_shares():
    scores = gate_scores(JUDGED, np.random.default_rng(0))
    assert (scores.ecgs, scores.others) == (3, 2)
    # of 3 x 2 pairs: a beats both, b ties with x and beats y, c loses to x and beats y
    assert scores.auroc.value == pytest.approx((2 + 1.5 + 1) / 6)
    assert scores.auroc.low < scores.auroc.value < scores.auroc.high <= 1
    assert scores.ecgs_refused == wilson_interval(1, 3)
    assert scores.others_accepted == wilson_interval(1, 2)
    assert scores.wrong == ("c refused at 0.20: no grid", "x accepted at 0.60")


def test_strips_are_counted_by_what_is_said():
    strips = (
        Judged("s1", "any", False, True, 0.8, "only part of the recording is in the picture"),
        Judged("s2", "any", False, True, 0.8),
        Judged("s3", "any", False, False, 0.1, "no grid"),
    )
    scores = strip_scores(strips)
    assert (scores.strips, scores.warned, scores.refused, scores.in_silence) == (3, 1, 1, 1)
    assert scores.told[1] == "s2: accepted at 0.80; -"
    assert scores.told[2] == "s3: refused at 0.10; no grid"
