"""Shares of the training labels, and features without a value."""

import numpy as np

from ecgclip.evaluation.classify.split import draws


def test_whole_patients_are_drawn_and_the_whole_once():
    patients = [f"{i % 100}" for i in range(300)]
    drawn = draws(patients, np.random.default_rng(0), count=4)
    assert [draw.share for draw in drawn] == [0.01] * 4 + [0.1] * 4 + [1.0]
    for draw in drawn:
        people = {patients[row] for row in draw.rows}
        assert len(people) == max(2, round(100 * draw.share))
        assert set(draw.rows) == {i for i, patient in enumerate(patients) if patient in people}
    assert not np.array_equal(drawn[4].rows, drawn[5].rows)


def test_the_same_seed_draws_the_same():
    first, second = (draws(range(500), np.random.default_rng(5), count=2) for _ in range(2))
    assert all(np.array_equal(a.rows, b.rows) for a, b in zip(first, second, strict=True))
