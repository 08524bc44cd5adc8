import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from ecgclip.evaluation.bootstrap import patient_weights
from research.masked.cells import Beginning, Cell, Way
from research.masked.labels import COLUMNS, LABELS, Task
from research.masked.table import complete_draws, interval, mean_auroc, table

RNG = np.random.default_rng(0)
LABELLED = RNG.random((60, LABELS)) < 0.4
OF = [f"p{i // 2}" for i in range(60)]


def scored(quality):
    return (LABELLED * quality + RNG.normal(size=LABELLED.shape)).astype(np.float32)


def cell(beginning, draw=0, percent=10):
    return Cell(Way.FINETUNE, beginning, percent, draw)


def test_the_figure_is_the_mean_over_draws_of_scikit_learns_macro_auroc():
    draws = [scored(1.0), scored(2.0)]
    columns = COLUMNS[Task.SIX]
    expected = np.mean(
        [roc_auc_score(LABELLED[:, columns], draw[:, columns], average="macro") for draw in draws]
    )
    weights = np.ones((1, 60), np.float32)
    assert mean_auroc(draws, LABELLED, Task.SIX, weights)[0] == pytest.approx(expected)


def test_the_gain_is_paired():
    """The same scores from both beginnings gain exactly nothing in every resample."""
    scores = scored(1.0)
    text = table({cell(beginning): scores for beginning in Beginning}, LABELLED, OF, 0)
    row = text.splitlines()[-1]
    assert row.count("+0.000 [+0.000 +0.000]") == 2
    assert row.startswith("| finetune | 10 % | 1 |")


def test_intervals_hold_the_figure_and_are_of_resampled_patients():
    weights = np.concatenate([np.ones((1, 60), np.float32), patient_weights(OF, np.random.default_rng(1))])
    found = interval(mean_auroc([scored(1.0)], LABELLED, Task.SUPERCLASS, weights))
    assert found.low < found.value < found.high


def test_only_draws_done_from_both_beginnings_count():
    results = {cell(Beginning.RANDOM, draw): scored(1.0) for draw in range(3)}
    results |= {cell(Beginning.PRETRAINED, draw): scored(1.0) for draw in (0, 2)}
    assert complete_draws(results, Way.FINETUNE, 10) == [0, 2]
    assert complete_draws(results, Way.PROBE, 10) == []
    assert "| finetune | 10 % | 2 |" in table(results, LABELLED, OF, 0)
    assert len(table({}, LABELLED, OF, 0).splitlines()) == 2
