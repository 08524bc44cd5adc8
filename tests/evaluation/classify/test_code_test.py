"""CODE-test's metrics: against scikit-learn on drawn readers, against the published table where it is."""

import os
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from ecgclip.errors import RecordError
from ecgclip.evaluation.classify.code_test import SIX, code_test_scores, reader_scores

FOLDER = os.environ.get("ECGCLIP_CODE_TEST", "")
PUBLISHED_F1 = {
    "dnn": (0.897, 0.944, 1.000, 0.882, 0.870, 0.960),
    "cardiology_residents": (0.776, 0.917, 0.947, 0.882, 0.769, 0.882),
}
"""Ribeiro et al. 2020, table 2."""


def written(folder, name, table, numbered=False):
    head = ("," if numbered else "") + ",".join(SIX)
    rows = [
        ",".join(([str(i)] if numbered else []) + [str(int(x)) for x in row]) for i, row in enumerate(table)
    ]
    (folder / f"{name}.csv").write_text("\n".join([head, *rows]) + "\n")


def test_figures_follow_from_the_counts(tmp_path):
    rng = np.random.default_rng(0)
    gold = rng.random((80, 6)) < 0.2
    said = gold ^ (rng.random((80, 6)) < 0.1)
    written(tmp_path, "gold_standard", gold)
    written(tmp_path, "reader", said, numbered=True)
    (tmp_path / "attributes.csv").write_text("age,sex\n")
    scores = code_test_scores(tmp_path)
    assert [(one.reader, one.abnormality) for one in scores] == [("reader", name) for name in SIX]
    for column, one in enumerate(scores):
        (tn, fp), (fn, tp) = confusion_matrix(gold[:, column], said[:, column])
        figures = (one.precision, one.recall, one.specificity, one.f1)
        assert figures == pytest.approx(
            (tp / (tp + fp), tp / (tp + fn), tn / (tn + fp), 2 * tp / (2 * tp + fp + fn))
        )


def test_nothing_to_divide_by_is_no_figure():
    nothing = np.zeros((5, 6), bool)
    one = next(reader_scores("x", nothing, nothing))
    assert np.isnan(one.precision)
    assert one.specificity == 1


def test_a_folder_that_does_not_fit_is_told(tmp_path):
    with pytest.raises(RecordError, match=r"gold_standard\.csv is missing"):
        code_test_scores(tmp_path)
    written(tmp_path, "gold_standard", np.zeros((3, 6)))
    written(tmp_path, "reader", np.zeros((2, 6)))
    with pytest.raises(RecordError, match="has 2 exams; expected 3"):
        code_test_scores(tmp_path)
    (tmp_path / "reader.csv").write_text("1dAVb,RBBB\n0,0\n")
    with pytest.raises(RecordError, match="has no column LBBB, SB, AF, ST"):
        code_test_scores(tmp_path)


@pytest.mark.skipif(not FOLDER, reason="ECGCLIP_CODE_TEST names no folder with CODE-test's annotations")
def test_the_published_table_is_reproduced_to_the_third_digit():
    scores = code_test_scores(Path(FOLDER))
    for reader, published in PUBLISHED_F1.items():
        found = [round(one.f1, 3) for one in scores if one.reader == reader]
        assert found == list(published)
    assert min(round(one.specificity, 3) for one in scores if one.reader == "dnn") >= 0.995
