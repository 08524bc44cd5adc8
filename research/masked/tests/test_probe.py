import numpy as np
import torch
from sklearn.linear_model import Ridge
from sklearn.metrics import roc_auc_score

from ecgclip.encoders.preprocess import image_input
from ecgclip.training.augment import clean_view
from ecgclip.training.towers.model import image_tower
from research.masked.probe import PENALTIES, clean_features, ridge_scores
from tests.training.towers.small import CONFIG


def test_a_linear_label_is_found_and_noise_is_not():
    rng = np.random.default_rng(0)
    features = rng.normal(3, 5, (300, 20)).astype(np.float32)
    labels = np.stack([features @ rng.normal(size=20) > 20, rng.random(300) > 0.5], axis=1)
    scores = ridge_scores(features[:200], labels[:200], features[200:])
    assert roc_auc_score(labels[200:, 0], scores[:, 0]) > 0.95
    assert 0.3 < roc_auc_score(labels[200:, 1], scores[:, 1]) < 0.7


def test_the_penalty_is_that_of_leaving_one_out_by_brute_force():
    rng = np.random.default_rng(1)
    features = rng.normal(size=(25, 8)).astype(np.float32)
    label = features[:, 0] + rng.normal(0, 2, 25) > 0
    standard = (features - features.mean(0)) / features.std(0)
    errors = []
    for penalty in PENALTIES:
        left_out = [
            Ridge(penalty)
            .fit(np.delete(standard, i, 0), np.delete(label, i).astype(float))
            .predict(standard[i : i + 1])
            for i in range(25)
        ]
        errors.append(np.mean((np.concatenate(left_out) - label) ** 2))
    best = Ridge(PENALTIES[int(np.argmin(errors))]).fit(standard, label.astype(float))
    found = ridge_scores(features, label[:, None], features)[:, 0]
    assert np.allclose(found, best.predict(standard), atol=1e-5)


def test_labels_that_all_or_none_carry_are_scored_alike():
    features = np.random.default_rng(0).normal(size=(23, 4)).astype(np.float32)
    labels = np.stack([np.ones(23, np.bool_), np.zeros(23, np.bool_)], axis=1)
    assert not ridge_scores(features, labels, features).any()


def test_features_are_the_towers_pooled_output_of_clean_pages(cache):
    torch.manual_seed(0)
    tower = image_tower(CONFIG.image)
    rows = np.array([5, 2])
    found = clean_features(tower, CONFIG.image, cache, rows)
    ink = np.stack([clean_view(np.asarray(cache.signals_mv[row], np.float32), 100.0) for row in rows])
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        expected = tower(torch.from_numpy(image_input(ink, CONFIG.image))).float().numpy()
    assert np.array_equal(found, expected)
