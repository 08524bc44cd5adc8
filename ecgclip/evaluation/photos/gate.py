"""The gate on real pictures: are ECGs accepted and all other pictures refused?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ecgclip.evaluation.bootstrap import (
    Interval,
    auroc_interval,
    patient_weights,
    wilson_interval,
)


@dataclass(frozen=True)
class Judged:
    """One real picture and what the gate said of it. words: the reason, or the warnings."""

    photo: str
    group: str
    is_ecg: bool
    accepted: bool
    confidence: float
    words: str = ""


@dataclass(frozen=True)
class GateScores:
    """AUROC of the confidence (bootstrap over pictures), and shares judged wrongly (Wilson intervals).

    wrong: the pictures that were judged wrongly, with the reason given.
    """

    ecgs: int
    others: int
    auroc: Interval
    ecgs_refused: Interval
    others_accepted: Interval
    wrong: tuple[str, ...]


def gate_scores(judged: Sequence[Judged], rng: np.random.Generator) -> GateScores:
    """The scores over whole sheets of ECG and pictures that are none."""
    labels = np.array([one.is_ecg for one in judged], np.bool_)
    scores = np.array([one.confidence for one in judged], np.float64)
    weights = patient_weights(range(len(judged)), rng)
    refused = [one for one in judged if one.is_ecg and not one.accepted]
    let_in = [one for one in judged if not one.is_ecg and one.accepted]
    ecgs = int(labels.sum())
    return GateScores(
        ecgs,
        len(judged) - ecgs,
        auroc_interval(labels[:, None], scores[:, None], weights),
        wilson_interval(len(refused), ecgs),
        wilson_interval(len(let_in), len(judged) - ecgs),
        tuple(
            [f"{one.photo} refused at {one.confidence:.2f}: {one.words}" for one in refused]
            + [f"{one.photo} accepted at {one.confidence:.2f}" for one in let_in]
        ),
    )


@dataclass(frozen=True)
class StripScores:
    """Single strips, which may be accepted with a warning or refused with a reason, but not without a word.

    told: each picture with what was said of it.
    """

    strips: int
    warned: int
    refused: int
    in_silence: int
    told: tuple[str, ...]


def strip_scores(judged: Sequence[Judged]) -> StripScores:
    accepted = [one for one in judged if one.accepted]
    warned = sum(bool(one.words) for one in accepted)
    told = tuple(
        f"{one.photo}: {_verdict(one)} at {one.confidence:.2f}; {one.words or '-'}" for one in judged
    )
    return StripScores(len(judged), warned, len(judged) - len(accepted), len(accepted) - warned, told)


def _verdict(one: Judged) -> str:
    return "accepted" if one.accepted else "refused"
