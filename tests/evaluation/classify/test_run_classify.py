"""From folders to the protocol: settings, missing packages, and photos that are read once."""

import sys
from pathlib import Path

import numpy as np
import pytest

from ecgclip.errors import ConfigError, MissingExtraError, RecordError
from ecgclip.evaluation.classify import run as classify
from ecgclip.evaluation.classify.settings import ClassifySettings
from ecgclip.evaluation.photos.outcome import Reading
from ecgclip.evaluation.photos.results import Results
from ecgclip.evaluation.retrieval.baselines.signal_network import SignalFeatures, load_signal_features
from ecgclip.simulation.ecg import SyntheticSource
from tests.evaluation.classify.fakes import MadeUp


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (ClassifySettings(draws=0), "0 draws"),
        (ClassifySettings(levels=("S7",)), "level 'S7' is unknown"),
        (ClassifySettings(levels=("S2",), photos=-1), "expected 0 or more"),
        (ClassifySettings(photos=3), "no level of simulated photos"),
        (ClassifySettings(results=Path("kept")), "no level of simulated photos"),
    ],
)
def test_impossible_settings_are_told_before_anything_is_read(settings, words):
    with pytest.raises(ConfigError, match=words):
        classify.run_classify(Path("nowhere"), None, settings)


def test_what_is_missing_is_told(tmp_path, monkeypatch):
    with pytest.raises(RecordError, match=r"scp_statements\.csv is missing"):
        classify.run_classify(tmp_path, None, ClassifySettings())
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(MissingExtraError, match=r"scikit-learn .* 'ecgclip\[train\]'"):
        classify.run_classify(tmp_path, None, ClassifySettings())
    monkeypatch.setitem(sys.modules, "ecgclip.training.signal.network", None)
    with pytest.raises(MissingExtraError, match="train"):
        load_signal_features(tmp_path)


def test_photos_are_read_once_and_kept(tmp_path, monkeypatch):
    source = SyntheticSource(3, 0)
    case_ids = [f"{source.name}/{record_id}" for record_id in source.ids]
    taken = []

    def refuse(ecg, level):
        taken.append((ecg.name, level))
        return Reading(None, "blurred", 0.1, 1.0)

    monkeypatch.setattr(classify, "_photographed", refuse)
    counted = []
    results = Results(tmp_path, "reader", {}, {"reading"})
    for _ in range(2):
        count = lambda done, total: counted.append((done, total))
        assert classify.read_photos(source, results, count, "S2", case_ids) == [None] * 3
    assert taken == [(record_id, "S2") for record_id in source.ids]
    assert counted == [(1, 3), (2, 3), (3, 3)] * 2
    classify.read_photos(source, results, None, "S3", case_ids[:1])
    assert taken[-1] == (source.ids[0], "S3")


def test_a_scan_is_read_as_the_engine_does():
    (page,) = classify.read_photos(
        SyntheticSource(1, 0), Results(None, "", {}), None, "S1", ["synthetic/00001"]
    )
    assert page is not None
    assert page.ink.dtype == np.uint8
    assert page.ink.any()


def test_a_signal_network_is_a_method():
    class Network:
        def features(self, records):
            return np.eye(3, dtype=np.float32)[: len(records)]

    method = SignalFeatures(Network())
    features = method.features([MadeUp().read("00001"), MadeUp().read("00002")])
    assert method.similarity(features, features).tolist() == [[1, 0], [0, 1]]
