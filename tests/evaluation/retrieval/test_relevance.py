"""Relevance judgements and the scores that follow, against counting by hand."""

import numpy as np
import pytest

from ecgclip.evaluation.retrieval.corpus import LabelledCase
from ecgclip.evaluation.retrieval.relevance import judge_relevance, label_scores, pair_scores, rare_statements
from ecgclip.evaluation.statements import Statements

STATEMENTS = Statements({"NORM": "NORM", "IMI": "MI", "WPW": "CD", "PACE": "", "LVH": "HYP"})
QUERIES = (("NORM",), ("IMI", "WPW"), ("NORM", "PACE"), ("LVH",))
GALLERY = (("WPW",), ("PACE", "WPW"), *[("NORM",)] * 300, *[("IMI",)] * 100)


def cases(sets, fold):
    return [
        LabelledCase(f"{fold}-{i}", f"{fold}-{i}", fold, " ".join(codes), frozenset(codes))
        for i, codes in enumerate(sets)
    ]


@pytest.fixture(scope="module")
def judged():
    return judge_relevance(cases(QUERIES, 9), cases(GALLERY, 1), STATEMENTS, np.ones((3, len(QUERIES))))


@pytest.fixture(scope="module")
def similarity():
    """Every query has the NORM rows first, then PACE with WPW, WPW alone, the IMI rows."""
    row = np.array([0.7, 0.8, *np.linspace(0.99, 0.9, 300), *np.linspace(0.5, 0.4, 100)])
    return np.tile(row, (len(QUERIES), 1))


def test_rare_is_what_fewer_than_one_record_in_a_hundred_carries():
    sets = [frozenset({"A"})] * 97 + [frozenset({"A", "B"})] * 2 + [frozenset({"C"})]
    assert rare_statements(sets) == ()  # C: 1 of 100, not fewer
    assert rare_statements([*sets, frozenset({"A"})]) == ("C",)


def test_rare_statements_are_told_by_the_gallery_and_asked_by_those_who_carry_one(judged):
    assert judged.rare == ("PACE", "WPW")  # LVH: no case of the gallery has it
    assert judged.has_rare.tolist() == [False, True, True, False]
    assert judged.rare_relevance[1, :3].tolist() == [1, 0.5, 0]
    assert judged.rare_relevance[2, :3].tolist() == [0, 0.5, 0]


def test_rare_scores_follow_from_the_ranks(judged, similarity):
    """PACE with WPW comes at rank 301, WPW at 302: found by nobody who looks at ten or fifty."""
    late = label_scores(similarity, judged, np.zeros(4)).rare
    assert (late.statements, late.queries) == (2, 2)
    assert (late.ndcg_at_10.value, late.hit_at_10.value, late.recall_at_50.value) == (0, 0, 0)
    moved = similarity.copy()
    moved[:, 1] = 0.98  # now after a few of the 300 NORM rows, beyond ten but among fifty
    ahead = int((moved[0] > 0.98).sum())
    assert 10 <= ahead < 50
    middle = label_scores(moved, judged, np.zeros(4)).rare
    assert middle.hit_at_10.value == 0
    assert middle.recall_at_50.value == pytest.approx(100 * np.mean([1 / 2, 1]))
    moved[:, 1] = 2
    first = label_scores(moved, judged, np.zeros(4)).rare
    assert first.hit_at_10.value == 100
    best = 1 + 0.5 / np.log2(3)
    assert first.ndcg_at_10.value == pytest.approx(np.mean([0.5 / best, 1]))


def test_what_is_written_alike_counts_once(judged, similarity):
    """Of the first ten cases all are NORM in the same words; as one, PACE, WPW and IMI follow."""
    scores = label_scores(similarity, judged, np.zeros(4))
    discount = 1 / np.log2(np.arange(2, 6))
    # relevance of the texts, in their order: NORM, PACE WPW, WPW, IMI
    texts = np.array([[1, 0, 0, 0], [0, 1 / 3, 1 / 2, 1 / 2], [1 / 2, 1 / 3, 0, 0]])
    gains = [row @ discount / (np.sort(row)[::-1] @ discount) for row in texts]
    assert scores.ndcg_at_10_distinct.value == pytest.approx(np.mean(gains))
    assert scores.ndcg_at_10.value == pytest.approx(np.mean([1, 0, 1]))


def test_recall_of_rare_reports_is_over_their_queries_alone(judged):
    images = np.eye(4, dtype=np.float32)
    reports = images[[0, 1, 3, 2]]  # the third and fourth are taken for each other
    pairs = pair_scores(images, reports, judged)
    assert pairs.image_to_report.at_1.value == 50
    assert pairs.rare_image_to_report.at_1.value == 50
    assert pairs.rare_image_to_report.at_5.value == 100
    swapped = pair_scores(images, images[[1, 0, 2, 3]], judged)
    assert swapped.rare_image_to_report.at_1.value == 50
    wrong = pair_scores(images, images[[0, 2, 1, 3]], judged)
    assert wrong.image_to_report.at_1.value == 50
    assert wrong.rare_image_to_report.at_1.value == 0
