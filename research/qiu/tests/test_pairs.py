"""Pair recall counted by hand, re-ranking by its definition, the matching head against single calls."""

import numpy as np
import pytest
import torch

from ecgclip.encoders.preprocess import image_input
from ecgclip.errors import ModelError
from research.qiu.model import FusedClip
from research.qiu.pairs import Pairs
from research.qiu.scores import chance_rsum, hubness_corrected, judged, pair_figures, reranked
from research.qiu.tests.small import FUSED, SMALL
from tests.training.towers.small import REPORTS, small_model

SOME = REPORTS[:3]


def weights(n):
    return np.ones((4, n), np.float32)


def test_recall_is_the_share_of_pairs_among_the_first():
    rng = np.random.default_rng(0)
    scores, reports = rng.random((40, 40)), [f"report {i % 25}" for i in range(40)]
    found = pair_figures(scores, scores.T, reports, weights(40))
    total = {}
    for name, side in (("image_to_report", scores), ("report_to_image", scores.T)):
        for k, key in ((1, "at_1"), (5, "at_5"), (10, "at_10")):
            first = np.argsort(-side, axis=1)[:, :k]
            strict = np.mean([i in row for i, row in enumerate(first)]) * 100
            same = np.mean([any(reports[j] == reports[i] for j in row) for i, row in enumerate(first)]) * 100
            assert getattr(getattr(found, name), key).value == pytest.approx(strict)
            assert getattr(getattr(found, name + "_collapsed"), key).value == pytest.approx(same)
            total[name, k] = strict, same
    assert found.rsum.value == pytest.approx(sum(strict for strict, _ in total.values()))
    assert found.rsum_collapsed.value == pytest.approx(sum(same for _, same in total.values()))
    assert (found.records, found.distinct_reports) == (40, 25)


def test_chance_is_what_random_orders_find_on_average():
    rng = np.random.default_rng(1)
    reports = [str(i) for i in range(30)]
    found = [
        pair_figures(rng.random((30, 30)), rng.random((30, 30)), reports, weights(30)).rsum.value
        for _ in range(200)
    ]
    assert np.mean(found) == pytest.approx(chance_rsum(30), rel=0.05)


def test_the_first_candidates_are_ordered_anew_and_the_others_stay_behind_them():
    similarity = np.array([[0.9, 0.8, 0.7, 0.1], [0.1, 0.2, 0.3, 0.4]], np.float32)
    odds = np.array([[-2.0, 0.0, 1.0, 9.0], [9.0, 0.0, 3.0, 1.0]])
    first = judged(similarity, lambda query, candidates: odds[query, candidates], 2)
    scores = reranked(similarity, 10.0, first)
    # 9 - 2 < 8 + 0; 3 + 3 > 4 + 1: the log-odds of the others are never asked
    assert np.argsort(-scores, axis=1).tolist() == [[1, 0, 2, 3], [2, 3, 1, 0]]


@pytest.fixture(scope="module")
def towers():
    torch.manual_seed(0)
    _, tokenizer = small_model()
    return FusedClip(FUSED).eval(), tokenizer


def test_an_answer_near_every_question_of_the_bank_is_held_back():
    similarity = np.array([[0.5, 0.6, 0.1], [0.1, 0.6, 0.5]], np.float32)
    bank = np.array([[0.1, 0.7, 0.1], [0.0, 0.6, 0.1]], np.float32)
    assert similarity.argmax(axis=1).tolist() == [1, 1]
    assert hubness_corrected(similarity, bank, 20.0).argmax(axis=1).tolist() == [0, 2]


@pytest.mark.parametrize("scale", [1.0, 20.0, 5000.0])
def test_hubness_corrected_each_answers_chance_in_the_bank_is_the_same(scale):
    """By its definition: the corrected scores of the bank's own questions have one mean chance."""
    bank = np.random.default_rng(0).random((30, 9)).astype(np.float32)
    corrected = scale * hubness_corrected(bank, bank, scale)
    assert np.exp(corrected).mean(axis=0) == pytest.approx(1.0, rel=1e-6)


def test_odds_of_candidates_are_those_of_each_pair_alone(towers):
    model, tokenizer = towers
    ink = (np.random.default_rng(0).random((3, 256, 512)) < 0.05).astype(np.uint8) * 255
    pairs = Pairs(model, tokenizer, iter(ink), SOME)
    with torch.inference_mode():
        tokens, images = model.forward_image(torch.from_numpy(image_input(ink, model.config.image)))
        for i, report in enumerate(SOME):
            ids, mask = map(torch.from_numpy, tokenizer([report]))
            states, vector = model.forward_text(ids, mask)
            alone = [model.fusion.matching(states, mask, tokens[[j]]).item() for j in range(3)]
            np.testing.assert_allclose(pairs.image_odds(i, np.arange(3)), alone, atol=1e-4)
            np.testing.assert_allclose(
                [pairs.report_odds(j, np.array([i]))[0] for j in range(3)], alone, atol=1e-4
            )
            np.testing.assert_allclose(pairs.reports[i], vector[0].numpy(), atol=1e-5)
    np.testing.assert_allclose(pairs.images, images.numpy(), atol=1e-5)
    assert pairs.scale == pytest.approx(np.exp(2.66), rel=1e-4)


def test_a_model_without_matching_head_says_so(towers):
    _, tokenizer = small_model()
    pairs = Pairs(FusedClip(SMALL), tokenizer, iter(np.zeros((1, 256, 512), np.uint8)), SOME[:1])
    with pytest.raises(ModelError, match="fusion_depth"):
        pairs.report_odds(0, np.array([0]))
