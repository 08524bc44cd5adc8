"""How often statements are seen: random combinations in about the measure of everyday practice."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from ecgclip.simulation.ecg.combine import INFARCTS, conflict, resolve
from ecgclip.simulation.ecg.statements import STATEMENTS, Kind

_SHARE: Final[Mapping[Kind, float]] = MappingProxyType(
    {
        Kind.RHYTHM: 0.20,
        Kind.CONDUCTION_AV: 0.07,
        Kind.ECTOPY: 0.10,
        Kind.AXIS: 0.05,
        Kind.CONDUCTION: 0.20,
        Kind.ATRIUM: 0.05,
        Kind.HYPERTROPHY: 0.09,
        Kind.VOLTAGE: 0.05,
        Kind.INFARCTION: 0.26,
        Kind.REPOLARISATION: 0.32,
        Kind.QT: 0.03,
    }
)
"""Weights with which a finding is of each kind; within a kind all are alike."""
_ARTEFACT_SHARE: Final = 0.05
_STAGED_SHARE: Final = 0.45


def draw_statements(rng: np.random.Generator, age: float) -> tuple[str, ...]:
    """A plausible combination: normal for half of the young and a third of the old; else 1-4 findings."""
    if rng.random() < 0.62 - 0.004 * age:
        rhythm = str(rng.choice(["SR", "SBRAD", "STACH", "SARRH"], p=[0.76, 0.10, 0.05, 0.09]))
        return resolve([*_artefacts(rng), rhythm, "NORM"])
    chosen: set[str] = set()
    for code in _findings(rng):
        _add(chosen, code)
    if chosen & INFARCTS and rng.random() < _STAGED_SHARE:
        _add(chosen, "STEMI" if rng.random() < 0.75 else "ANEUR")
    return resolve([*_artefacts(rng), *sorted(chosen)])


def _findings(rng: np.random.Generator) -> list[str]:
    """One finding for sure, up to three more, each of another kind."""
    kinds, weights = list(_SHARE), np.array(list(_SHARE.values()))
    count = int(rng.choice([1, 2, 3, 4], p=[0.36, 0.36, 0.20, 0.08]))
    picked = rng.choice(len(kinds), size=count, replace=False, p=weights / weights.sum())
    return [str(rng.choice(_of_kind(kinds[i]))) for i in picked]


def _of_kind(kind: Kind) -> list[str]:
    return [code for code, statement in STATEMENTS.items() if statement.kind is kind and code != "SR"]


def _artefacts(rng: np.random.Generator) -> list[str]:
    if rng.random() > _ARTEFACT_SHARE:
        return []
    return [str(rng.choice(["DRIFT", "MAINS", "MUSC", "LREV"], p=[0.4, 0.2, 0.3, 0.1]))]


def _add(chosen: set[str], code: str) -> None:
    if conflict(chosen | {code, *([] if _has_rhythm(chosen | {code}) else ["SR"])}) is None:
        chosen.add(code)


def _has_rhythm(codes: set[str]) -> bool:
    return any(STATEMENTS[code].slot == "rhythm" for code in codes)
