"""The fits against what their optimum must satisfy, and against labels drawn from known weights."""

import numpy as np
import pytest

from ecgclip.photo.gate.evidence import EVIDENCE
from ecgclip.photo.gate.verdict import load_weights
from ecgclip.photo.layout.orientation_cues import CUES
from research.fits import gate, gate_pictures, orientation


def test_logistic_weights_are_where_the_penalised_slope_is_zero():
    rng = np.random.default_rng(0)
    x = np.column_stack([np.ones(9000), rng.standard_normal((9000, 3))])
    y = (rng.random(9000) < 1 / (1 + np.exp(-x @ [0.5, 2.0, -1.0, 0.0]))).astype(float)
    beta = gate.logistic(x, y)
    slope = x.T @ (1 / (1 + np.exp(-x @ beta)) - y) + 0.3 * np.array([0, *beta[1:]])
    assert np.abs(slope).max() < 1e-6
    assert beta == pytest.approx([0.5, 2.0, -1.0, 0.0], abs=0.15)


def test_no_evidence_of_the_gate_speaks_against_an_ecg():
    rng = np.random.default_rng(1)
    evidence = rng.random((600, len(EVIDENCE)))
    y = (rng.random(600) < 1 / (1 + np.exp(-8 * (evidence[:, 0] - evidence[:, 1])))).astype(float)
    weights = dict(zip(EVIDENCE, gate.rising(evidence, y)[1:], strict=True))
    assert weights[EVIDENCE[0]] > 2
    assert weights[EVIDENCE[1]] == 0
    assert all(weight >= 0 for name, weight in weights.items() if name != "single_row")


def test_the_table_gives_each_stage_its_own_confidence():
    weights = load_weights()
    rows = np.zeros((2, 2 + len(EVIDENCE)))
    rows[1, 0] = 1
    assert gate.confidences(rows, weights).tolist() == [weights.no_grid, weights.no_trace]


def test_orientation_is_told_by_the_cue_that_tells_it():
    rng = np.random.default_rng(2)
    differences = rng.standard_normal((300, len(CUES)))
    differences[:, 3] = np.abs(differences[:, 3])
    weights = orientation.fitted(differences)
    assert int(np.argmax(weights)) == 3
    assert orientation.fitted(-differences) == pytest.approx(-weights)


def test_a_picture_of_the_gate_is_the_same_each_time():
    one, again = gate_pictures.sample(3, 1), gate_pictures.sample(3, 1)
    assert (one.kind, one.level, one.px_per_mm) == (again.kind, again.level, again.px_per_mm)
    assert np.array_equal(one.rgb, again.rgb)
