"""Figures of outcomes against counts by hand."""

import numpy as np
import pytest

from ecgclip.evaluation.bootstrap import quantile_interval, wilson_interval
from ecgclip.evaluation.photos.deviation import Deviation
from ecgclip.evaluation.photos.outcome import Outcome
from ecgclip.evaluation.photos.scores import Cause, cause, causes, found_scores, times, truth_scores


def outcome(name, rank, *, other=None, refused="", group="S3", seen=None, read_ms=100.0, query_ms=150.0):
    ranks = {"engine": rank, "embedding alone": other}
    return Outcome(name, group, ranks, refused, 0.5, read_ms, None if refused else query_ms, seen)


def seen(period=0.0, corner=1.0, turn=0.0, layout="3x4"):
    return Deviation(period, corner, turn, layout, "3x4")


OUTCOMES = (
    outcome("a", 1, other=7, seen=seen(0.01, 1.0)),
    outcome("b", 4, other=1, seen=seen(-0.02, 2.0, layout="12x1")),
    outcome("c", None, seen=seen(0.66, 40.0)),
    outcome("d", None, refused="no grid"),
    outcome("e", None, seen=seen(0.0, 3.0, turn=180.0, layout="6x2")),
    outcome("f", 1, group="phone photos", read_ms=300.0, query_ms=400.0),
)


def test_recalls_count_refused_photos_as_misses():
    scores = found_scores(OUTCOMES)
    assert [(s.group, s.method, s.photos, s.refused) for s in scores] == [
        ("S3", "engine", 5, 1),
        ("S3", "embedding alone", 5, 1),
        ("phone photos", "engine", 1, 0),
        ("phone photos", "embedding alone", 1, 0),
    ]
    engine, embedding, phone, _ = scores
    assert (engine.recall_at_1, engine.recall_at_5) == (wilson_interval(1, 5), wilson_interval(2, 5))
    assert (embedding.recall_at_5, embedding.recall_at_10) == (wilson_interval(1, 5), wilson_interval(2, 5))
    assert phone.recall_at_1 == wilson_interval(1, 1)


def test_truth_is_of_the_accepted_simulated_photos():
    (scores,) = truth_scores(OUTCOMES, np.random.default_rng(0))
    assert (scores.level, scores.photos) == ("S3", 5)
    assert scores.accepted == wilson_interval(4, 5)
    assert scores.period_p50.value == pytest.approx(np.median([0.01, 0.02, 0.66, 0.0]))
    assert scores.corner_mm_p50.value == pytest.approx(2.5)
    assert scores.corner_mm_p95.value == pytest.approx(np.quantile([1, 2, 40, 3], 0.95))
    assert scores.upright == wilson_interval(3, 4)
    assert scores.layout == wilson_interval(2, 4)


def test_the_first_step_that_went_wrong_is_the_cause():
    assert [cause(o) for o in OUTCOMES] == [
        None, Cause.LAYOUT, Cause.SCALE, Cause.REFUSED, Cause.TURNED, None
    ]  # fmt: skip
    assert cause(outcome("g", 2, group="phone photos")) is Cause.OTHER
    level, phone = causes(OUTCOMES)
    assert (level.missed, level.refused, level.scale, level.turned, level.layout, level.other) == (
        4,
        1,
        1,
        1,
        1,
        0,
    )
    assert phone.missed == 0


def test_times_leave_refused_photos_out_of_the_query():
    level, phone = times(OUTCOMES, np.random.default_rng(0))
    assert level.read_p50.value == 100
    assert level.query_p95.value == 150
    assert (phone.read_p50.value, phone.query_p50.value) == (300, 400)


def test_the_interval_of_a_median_holds_the_true_one():
    """Of 200 samples of 60 numbers around 3, about 95 in 100 intervals hold it."""
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(200):
        interval = quantile_interval(rng.normal(3.0, 1.0, 60).tolist(), 0.5, rng, 400)
        held += interval.low <= 3.0 <= interval.high
    assert 180 <= held <= 199
    assert np.isnan(quantile_interval([], 0.5, rng).value)
