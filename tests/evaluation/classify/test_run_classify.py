"""From folders to the protocol: settings, parts, missing packages and photos."""

import sys
from pathlib import Path

import numpy as np
import pytest

from ecgclip.errors import ConfigError, MissingExtraError, RecordError
from ecgclip.evaluation.classify import run as classify
from ecgclip.evaluation.classify.settings import ClassifySettings, Part
from ecgclip.evaluation.photos.outcome import Reading
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
    ],
)
def test_impossible_settings_are_told_before_anything_is_read(settings, words):
    with pytest.raises(ConfigError, match=words):
        classify.run_classify(Path("nowhere"), None, settings)


def test_what_is_missing_is_told(tmp_path, monkeypatch):
    with pytest.raises(RecordError, match=str(tmp_path)):
        classify.run_classify(tmp_path)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(MissingExtraError, match=r"scikit-learn .* 'ecgclip\[train\]'"):
        classify.run_classify(tmp_path)
    monkeypatch.setitem(sys.modules, "ecgclip.training.signal.network", None)
    with pytest.raises(MissingExtraError, match="train"):
        load_signal_features(tmp_path)


def test_photos_are_read_as_the_engine_does_and_refused_ones_have_no_page(monkeypatch):
    source, counted = SyntheticSource(2, 0), []
    case_ids = [f"{source.name}/{record_id}" for record_id in source.ids]
    page, _ = classify.read_photos(source, lambda *n: counted.append(n), "S1", case_ids)
    assert page is not None
    assert page.ink.dtype == np.uint8
    assert page.ink.any()
    assert counted == [(1, 2), (2, 2)]
    refused = Reading(None, "blurred", 0.1, 1.0)
    monkeypatch.setattr(classify, "read_simulated", lambda read, photo: refused)
    assert classify.read_photos(source, None, "S2", case_ids) == [None, None]


@pytest.mark.parametrize(
    ("part", "parts", "label_sets"),
    [
        ("probe", (Part.PROBE,), None),
        ("zero-shot", (Part.ZERO_SHOT,), None),
        ("subgroups", (Part.SUBGROUPS,), None),
        ("code-six", (Part.PROBE, Part.ZERO_SHOT), ("code six",)),
    ],
)
def test_a_part_is_measured_alone(part, parts, label_sets):
    found = classify.narrowed(ClassifySettings(draws=2), part)
    assert (found.parts, found.label_sets, found.draws) == (parts, label_sets, 2)


def test_an_unknown_part_is_told():
    with pytest.raises(ConfigError, match=r"part 'prob' is unknown; expected probe, .* or code-six"):
        classify.narrowed(ClassifySettings(), "prob")


def test_a_signal_network_is_a_method():
    class Network:
        def features(self, records):
            return np.eye(3, dtype=np.float32)[: len(records)]

    method = SignalFeatures(Network())
    features = method.features([MadeUp().read("00001"), MadeUp().read("00002")])
    assert method.similarity(features, features).tolist() == [[1, 0], [0, 1]]
