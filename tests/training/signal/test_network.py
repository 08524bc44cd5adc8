"""The network over the digital signal: its input, its file, what it says of odd records."""

import numpy as np
import pytest
import torch

from ecgclip.errors import ModelError
from ecgclip.records.ecg import Ecg
from ecgclip.training.signal.network import SAMPLES, SignalNetwork, signals_of
from ecgclip.training.signal.settings import SignalModel

SMALL = SignalModel(channels=(8, 8, 16), blocks=(1, 1, 1), dim=16, statements=("AFIB", "NORM"))


@pytest.fixture
def network():
    torch.manual_seed(0)
    return SignalNetwork(SMALL).eval()


def test_vectors_have_unit_norm_and_lost_leads_count_as_flat(network):
    signal = torch.randn(3, 12, SAMPLES, generator=torch.Generator().manual_seed(1))
    lost, flat = signal.clone(), signal.clone()
    lost[:, 4], flat[:, 4] = float("nan"), 0
    vectors, logits = network(lost)
    assert vectors.shape == (3, 16)
    assert logits.shape == (3, 2)
    assert torch.allclose(vectors.norm(dim=1), torch.ones(3), atol=1e-5)
    assert torch.equal(vectors, network(flat)[0])


def test_records_of_any_rate_and_length_become_ten_seconds_at_100_hz():
    rng = np.random.default_rng(0)
    long = Ecg(rng.normal(size=(12, 6000)).astype(np.float32), 500.0)
    short = Ecg(rng.normal(size=(12, 400)).astype(np.float32), 100.0)
    signals = signals_of([long, short])
    assert signals.shape == (2, 12, SAMPLES)
    assert np.isfinite(signals[0]).all()
    assert np.array_equal(signals[1, :, :400], short.signal_mv)
    assert np.isnan(signals[1, :, 400:]).all()


def test_features_are_what_the_network_says_of_the_first_ten_seconds(network):
    ecgs = [
        Ecg(np.random.default_rng(i).normal(size=(12, 1000)).astype(np.float32), 100.0) for i in range(70)
    ]
    with torch.inference_mode():
        direct = network(torch.from_numpy(signals_of(ecgs)))[0].numpy()
    assert np.allclose(network.features(ecgs), direct, atol=1e-5)
    assert network.features([]).shape == (0, 16)


def test_a_saved_network_is_the_same_after_loading(network, tmp_path):
    network.save(tmp_path)
    again = SignalNetwork.load(tmp_path)
    assert again.config == SMALL
    for name, value in network.state_dict().items():
        assert torch.equal(value, again.state_dict()[name]), name


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("signal.json", b"{}"),
        ("signal.json", b"garbage"),
        ("signal.safetensors", b"x"),
        ("signal.json", None),
    ],
)
def test_a_damaged_folder_is_one_line(network, tmp_path, name, content):
    network.save(tmp_path)
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match="signal network") as refusal:
        SignalNetwork.load(tmp_path)
    assert "\n" not in str(refusal.value)
