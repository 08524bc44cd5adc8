"""A data set and a configuration that train in seconds."""

import numpy as np

from ecgclip.records.ecg import Ecg
from ecgclip.training.cache import SignalCache, build_cache
from ecgclip.training.contrastive.settings import ContrastiveTraining
from tests.training.towers.small import CONFIG

KINDS = {"NORM": (60, 1.0), "AFIB": (140, 0.5), "CLBBB": (40, 1.5)}
"""Statement -> heart rate and R amplitude: as unlike as three drawings can be."""


def spiky_ecg(number: int, code: str, rng: np.random.Generator) -> Ecg:
    rate, height = KINDS[code]
    time_s = np.arange(1000) / 100
    beats = np.exp(-(((time_s * rate / 60 + rng.random()) % 1 - 0.5) ** 2) / 0.001)
    signal = (height * beats * np.linspace(0.5, 1, 12)[:, None]).astype(np.float32)
    return Ecg(
        signal,
        100.0,
        f"{number:05d}",
        "spiky",
        f"report of {code.lower()}",
        {code: 100.0},
        fold=1 + number % 9,
    )


def small_cache(folder, count=54) -> SignalCache:
    rng = np.random.default_rng(0)
    return build_cache((spiky_ecg(i, list(KINDS)[i % 3], rng) for i in range(count)), folder)


def small_config(**changes) -> ContrastiveTraining:
    settings = {
        "model": CONFIG,
        "epochs": 2,
        "batch_size": 12,
        "text_batch_size": 0,
        "threads": 1,
        "warmup_epochs": 0.5,
    }
    return ContrastiveTraining(**{**settings, "valid_every": 1, **changes})
