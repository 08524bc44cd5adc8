"""Baselines against closed forms and scikit-learn."""

import cv2
import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from ecgclip.evaluation.metrics import cosine
from ecgclip.evaluation.retrieval.baselines.heart_rate import HeartRate, beats_per_minute
from ecgclip.evaluation.retrieval.baselines.random_encoder import INK_SHAPE, RandomEncoder
from ecgclip.evaluation.retrieval.baselines.spectrum import Spectrum, log_spectrum, unit
from ecgclip.evaluation.retrieval.baselines.tfidf import tfidf_similarity
from ecgclip.paper.raster import ink_page
from ecgclip.records.ecg import Ecg


def ecg_of(signal, rate_hz=100.0):
    return Ecg(np.asarray(signal, np.float32), rate_hz)


def beats(per_minute, rate_hz=100.0, duration_s=10.0):
    """Narrow triangular beats in all leads at a known rate, on a slow wander."""
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    phase_s = (time_s - 0.2) % (60 / per_minute)
    pulse = np.clip(1 - np.abs(phase_s - 0.04) / 0.04, 0, None)
    return ecg_of(np.tile(pulse + 0.3 * np.sin(2 * np.pi * 0.2 * time_s), (12, 1)), rate_hz)


@pytest.mark.parametrize("rate_hz", [100.0, 500.0])
def test_a_sine_stands_in_the_bin_of_its_frequency(rate_hz):
    time_s = np.arange(round(10 * rate_hz)) / rate_hz
    signal = np.tile(2.0 * np.sin(2 * np.pi * 3.0 * time_s) + 5.0, (12, 1))
    spectrum = log_spectrum(ecg_of(signal, rate_hz)).reshape(12, 99)
    expected = np.zeros(99)
    expected[29] = np.log1p(2.0 * 1000 / 2)  # bin 30 of 0.1 Hz each, amplitude x samples / 2
    assert spectrum[4] == pytest.approx(expected, abs=1e-3)


def test_the_spectrum_ignores_when_the_record_began_and_what_was_not_recorded():
    time_s = np.arange(1000) / 100
    signal = np.stack([np.sin(2 * np.pi * (1 + 0.3 * lead) * time_s) for lead in range(12)])
    shifted = np.roll(signal, 137, axis=1)
    assert log_spectrum(ecg_of(signal)) == pytest.approx(log_spectrum(ecg_of(shifted)), abs=1e-3)
    signal[3] = np.nan
    assert np.array_equal(log_spectrum(ecg_of(signal)).reshape(12, -1)[3], np.zeros(99))


def test_the_spectrum_is_standardised_on_the_gallery():
    rng = np.random.default_rng(0)
    gallery = rng.normal(5.0, [1.0, 100.0, 1.0], (50, 3)).astype(np.float32)
    gallery[:, 2] = 7.0  # a feature that never varies says nothing
    z = (gallery - gallery.mean(0)) / np.where(gallery.std(0) > 0, gallery.std(0), 1)
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    assert Spectrum().similarity(gallery[:4], gallery) == pytest.approx(z[:4] @ z.T, abs=1e-5)


@pytest.mark.parametrize("per_minute", [40, 75, 150])
@pytest.mark.parametrize("rate_hz", [100.0, 500.0])
def test_the_heart_rate_is_counted(per_minute, rate_hz):
    assert beats_per_minute(beats(per_minute, rate_hz)) == pytest.approx(per_minute, rel=0.02)


def test_no_heart_rate_is_counted_in_a_moment_or_below_the_band():
    for short in (beats(75, duration_s=0.12), beats(75, rate_hz=40.0)):
        assert np.isnan(beats_per_minute(short))


def test_nearer_rates_are_more_alike_and_a_flat_line_is_far_from_all():
    records = [beats(60), beats(66), beats(120), ecg_of(np.zeros((12, 1000)))]
    features = HeartRate().features(records)
    similarity = HeartRate().similarity(features, features)
    assert similarity[0, 0] == 0
    assert similarity[0, 1] == pytest.approx(-np.log(1.1), abs=0.02)
    assert np.argsort(-similarity[0]).tolist() == [0, 1, 2, 3]
    assert np.isnan(features[3, 0])
    assert set(similarity[3].tolist()) == {-10.0}


def test_the_random_encoder_is_fixed_by_its_seed_and_of_unit_norm():
    records = [beats(60), beats(61)]
    one, same, other = (RandomEncoder(np.random.default_rng(seed)) for seed in (1, 1, 2))
    vectors = one.features(records)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert np.array_equal(vectors, same.features(records))
    assert not np.allclose(vectors, other.features(records))
    words = one.embed_reports(["sinus rhythm", "rhythm sinus", "vorhofflimmern", ""])
    assert np.linalg.norm(words, axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    assert np.allclose(words[0], words[1])
    assert np.array_equal(words, same.embed_reports(["sinus rhythm", "rhythm sinus", "vorhofflimmern", ""]))


def test_a_random_projection_keeps_angles_roughly():
    """Johnson-Lindenstrauss: 256 dimensions keep a cosine within about 1/16."""
    encoder = RandomEncoder(np.random.default_rng(0))
    records = [beats(60), beats(61), beats(100), beats(150)]
    vectors = encoder.features(records)
    size = INK_SHAPE[::-1]
    seen = [cv2.resize(ink_page(ecg), size, interpolation=cv2.INTER_AREA).ravel() for ecg in records]
    truth = cosine(*[unit(np.stack(seen).astype(np.float32))] * 2)
    assert encoder.similarity(vectors, vectors) == pytest.approx(truth, abs=0.15)
    assert truth.min() < 0.5


def test_tfidf_agrees_with_scikit_learn():
    gallery = [
        "sinus rhythm. normal ecg",
        "Sinusrhythmus, linkstyp. Überdrehter Linkstyp t wave",
        "atrial fibrillation. left bundle branch block. left axis",
        "",
    ]
    queries = ["sinus rhythm sinus rhythm with left axis", "unknown words", "x"]
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    theirs = vectorizer.fit_transform(gallery)
    expected = (vectorizer.transform(queries) @ theirs.T).toarray()
    assert tfidf_similarity(queries, gallery) == pytest.approx(expected, abs=1e-6)
