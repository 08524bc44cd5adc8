from dataclasses import replace

import numpy as np
import pytest

from ecgclip.encoders.settings import ImageTower
from ecgclip.errors import ModelError
from research.masked.codebook import Codebook, learn_codebook, principal_components, quality
from research.masked.settings import Vocabulary

SETTINGS = Vocabulary(codes=4, components=3, iterations=10)


def clustered(count=400):
    """Four tight clusters in 12 dimensions, and the cluster of each point."""
    rng = np.random.default_rng(3)
    centers = 10 * rng.normal(size=(4, 12))
    of = rng.integers(4, size=count)
    return (centers[of] + rng.normal(0, 0.05, (count, 12))).astype(np.float32), of


def test_clusters_far_apart_share_no_code():
    points, of = clustered()
    codebook = learn_codebook(points, replace(SETTINGS, codes=16), 0)
    codes = codebook.nearest(codebook.project(points))
    clusters_of_code = {code: set(of[codes == code]) for code in codes}
    assert all(len(clusters) == 1 for clusters in clusters_of_code.values())
    assert set.union(*clusters_of_code.values()) == {0, 1, 2, 3}
    assert quality(codebook, points).explained > 0.999


def test_the_nearest_code_is_the_nearest_by_brute_force():
    rng = np.random.default_rng(0)
    codebook = Codebook(
        np.zeros(6, np.float32),
        np.eye(6, dtype=np.float32)[:, :3],
        rng.normal(size=(40, 3)).astype(np.float32),
    )
    points = rng.normal(size=(200, 3)).astype(np.float32)
    distance = np.linalg.norm(points[:, None].astype(np.float64) - codebook.centers[None], axis=2)
    assert np.array_equal(codebook.nearest(points), distance.argmin(axis=1))


def test_components_are_those_of_a_singular_value_decomposition():
    points = np.random.default_rng(1).normal(size=(300, 5)) * [5, 4, 3, 2, 1] + 7
    mean, components = principal_components(points.astype(np.float32), 2)
    right = np.linalg.svd(points - points.mean(0))[2][:2]
    assert np.allclose(mean, points.mean(0), atol=1e-4)
    assert np.allclose(np.abs(components.T @ right.T), np.eye(2), atol=1e-3)


def test_codes_of_the_centres_themselves_come_back_through_decode():
    points, _ = clustered()
    codebook = learn_codebook(points, SETTINGS, 0)
    codes = np.arange(len(codebook))
    assert np.array_equal(codebook.nearest(codebook.project(codebook.decode(codes))), codes)


def test_the_perplexity_is_that_of_the_shares():
    codebook = Codebook(
        np.zeros(1, np.float32), np.ones((1, 1), np.float32), np.array([[0], [1], [9]], np.float32)
    )
    judged = quality(codebook, np.array([[0], [0], [0], [1]], np.float32))
    entropy = -(0.75 * np.log(0.75) + 0.25 * np.log(0.25))
    assert judged.perplexity == pytest.approx(np.exp(entropy))
    assert (judged.used, judged.explained) == (2, 1.0)


def test_a_vocabulary_is_the_same_for_the_same_seed_and_after_a_file(tmp_path):
    points, _ = clustered()
    first, again = (learn_codebook(points, SETTINGS, 5) for _ in range(2))
    first.save(tmp_path / "codebook.safetensors")
    loaded = Codebook.load(tmp_path / "codebook.safetensors")
    for other in (again, loaded):
        assert all(np.array_equal(value, vars(other)[name]) for name, value in vars(first).items())


def test_pages_are_encoded_token_by_token():
    rng = np.random.default_rng(0)
    ink = rng.integers(0, 256, (3, 256, 512), dtype=np.uint8)
    codebook = Codebook(
        np.zeros(128, np.float32), np.eye(128, dtype=np.float32), rng.random((7, 128)).astype(np.float32)
    )
    codes = codebook.encode(ink, ImageTower())
    assert codes.shape == (3, 128)
    blank_but_one = np.zeros_like(ink)
    blank_but_one[:, 64:128, 16:32] = ink[:, 64:128, 16:32]
    alone = codebook.encode(blank_but_one, ImageTower())
    assert np.array_equal(alone[:, 33], codes[:, 33])
    assert len(np.unique(np.delete(alone, 33, axis=1))) == 1


def test_what_is_no_vocabulary_is_one_line(tmp_path):
    path = tmp_path / "codebook.safetensors"
    with pytest.raises(ModelError, match="is missing"):
        Codebook.load(path)
    path.write_bytes(b"garbage")
    with pytest.raises(ModelError, match="no visual vocabulary"):
        Codebook.load(path)


def test_fewer_patches_than_codes_are_an_error():
    with pytest.raises(ModelError, match="3 patches for 4 codes"):
        learn_codebook(np.zeros((3, 12), np.float32), SETTINGS, 0)


def test_a_vocabulary_has_2_to_8192_codes():
    with pytest.raises(ValueError, match="8192"):
        Vocabulary(codes=10000)
