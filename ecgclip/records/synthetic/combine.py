"""Which statements can stand on one ECG, and how often they do."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.records.synthetic.statements import STATEMENTS, Kind

SINUS: Final = frozenset({"SR", "SBRAD", "STACH", "SARRH"})
INFARCTS: Final = frozenset(c for c, s in STATEMENTS.items() if s.kind is Kind.INFARCTION)
ARTEFACTS: Final = frozenset(c for c, s in STATEMENTS.items() if s.kind is Kind.ARTEFACT)
_WITH_NORMAL: Final = SINUS | ARTEFACTS | {"NORM"}
_MASKING: Final = frozenset({"CLBBB", "PACE", "WPW"})
"""Their own ST and T hide everything that other walls and salts would show."""
_MASKED_KINDS: Final = (Kind.INFARCTION, Kind.STAGE, Kind.REPOLARISATION, Kind.HYPERTROPHY, Kind.VOLTAGE)
_MASKED_BY_SLOT: Final = ("axis", "ventricle", "qt")

_PAIRS: Final = (
    # one and the same conduction cannot be timed by two pacemakers
    *((rhythm, block) for block in ("1AVB", "2AVB", "3AVB") for rhythm in ("AFIB", "AFLT", "SVTAC", "JUNC", "EATR", "PACE")),
    *((rhythm, "PAC") for rhythm in ("AFIB", "AFLT", "SVTAC", "JUNC", "EATR", "PACE", "STACH")),
    *((rhythm, ectopy) for ectopy in ("PVC", "BIGU", "TRIGU") for rhythm in ("AFLT", "SVTAC", "PACE")),
    *((rhythm, ectopy) for ectopy in ("BIGU", "TRIGU") for rhythm in ("AFIB", "STACH", "SARRH", "JUNC")),
    *((block, ectopy) for block in ("2AVB", "3AVB") for ectopy in ("PAC", "PVC", "BIGU", "TRIGU")),
    *((block, rhythm) for block in ("2AVB", "3AVB") for rhythm in ("STACH", "SARRH", "SBRAD")),
    *((block, "WPW") for block in ("1AVB", "2AVB", "3AVB")),
    *((rhythm, "WPW") for rhythm in ("AFIB", "AFLT", "SVTAC", "JUNC", "EATR")),
    *((rhythm, atrium) for rhythm in ("AFIB", "AFLT", "SVTAC", "JUNC", "EATR", "PACE") for atrium in ("LAO/LAE", "RAO/RAE")),
    *((rhythm, late) for rhythm in ("SVTAC", "AFLT") for late in ("LNGQT", "EREP", "PERI", "STEMI")),
    ("STACH", "LNGQT"), ("EL", "LAO/LAE"), ("EL", "RAO/RAE"), ("EL", "STEMI"),
    # the same forces pulled two ways
    *(("RVH", other) for other in ("LAFB", "LAD", "CRBBB", "IRBBB", "LPFB", "RAD", "IVCD", "ILBBB")),
    *(("LVH", other) for other in ("LPFB", "RAD")),
    *(("VCLVH", other) for other in ("LPFB", "RAD")),
    *(("ILMI", other) for other in ("LMI", "ALMI")),
    *(("IMI", other) for other in ("LAFB", "LAD", "LPFB", "RAD")),
    *(("ILMI", other) for other in ("LAFB", "LAD", "LPFB", "RAD")),
    *(("LMI", other) for other in ("LAFB", "LAD", "LPFB", "RAD")),
    *(("ALMI", other) for other in ("LAFB", "LAD", "LPFB", "RAD")),
    *(("PMI", other) for other in ("CRBBB", "IRBBB", "RVH", "ASMI", "AMI")),
    *(("RVH", wall) for wall in sorted(INFARCTS - {"PMI"})),
    *((low, wall) for low in ("LVOLT",) for wall in sorted(INFARCTS)),
    # strain is the ST-T change of these
    *((strain, code) for strain in ("LVH", "RVH") for code, s in STATEMENTS.items() if s.slot == "repolarisation"),
    *((wall, code) for wall in sorted(INFARCTS) for code, s in STATEMENTS.items() if s.slot == "repolarisation"),
)  # fmt: skip
_CONFLICTS: Final = frozenset(frozenset(pair) for pair in _PAIRS)


def resolve(codes: Sequence[str]) -> tuple[str, ...]:
    """Check that statements can stand together and add the sinus rhythm that goes without saying.

    Returns codes in the order of a report, each once. Raises RecordError for an unknown code and for two
    statements that exclude each other.
    """
    for code in codes:
        if code not in STATEMENTS:
            near = get_close_matches(code.upper(), STATEMENTS, n=1, cutoff=0.3)
            hint = f"; did you mean {near[0]!r}" if near else ""
            raise RecordError(f"{code!r} is no synthetic statement{hint}; known: {' '.join(STATEMENTS)}")
    chosen = set(codes)
    if not any(STATEMENTS[code].slot == "rhythm" for code in chosen):
        chosen.add("SR")
    _refuse(conflict(chosen))
    return tuple(sorted(chosen, key=_report_order))


def conflict(codes: set[str]) -> str | None:
    """Say which two of the statements exclude each other; None where all can stand together."""
    ordered = sorted(codes)
    for i, a in enumerate(ordered):
        for b in ordered[i + 1 :]:
            if _excluded(a, b):
                return f"{a} ({STATEMENTS[a].name_en}) and {b} ({STATEMENTS[b].name_en}) exclude each other"
    if codes & {"STEMI", "ANEUR"} and not codes & INFARCTS:
        return f"STEMI and ANEUR are stages of an infarction; expected one of {' '.join(sorted(INFARCTS))} with them"
    return None


def draw_statements(rng: np.random.Generator, age: float) -> tuple[str, ...]:
    """A plausible combination: normal for about half of the young, a third of the old; else one to four findings."""
    normal_share = 0.62 - 0.004 * age
    if rng.random() < normal_share:
        rhythm = str(rng.choice(["SR", "SBRAD", "STACH", "SARRH"], p=[0.76, 0.10, 0.05, 0.09]))
        return resolve([*_artefacts(rng), rhythm, "NORM"])
    chosen: set[str] = set()
    for code in _candidates(rng):
        if conflict(chosen | {code}) is None:
            chosen.add(code)
    if chosen & INFARCTS and rng.random() < 0.45:
        _add(chosen, "STEMI" if rng.random() < 0.75 else "ANEUR")
    for code in _artefacts(rng):
        chosen.add(code)
    return resolve(sorted(chosen))


def _candidates(rng: np.random.Generator) -> list[str]:
    """One finding for sure, up to three more; the kinds in the measure of everyday practice."""
    kinds = list(_KIND_SHARE)
    share = np.array([_KIND_SHARE[kind] for kind in kinds])
    count = int(rng.choice([1, 2, 3, 4], p=[0.36, 0.36, 0.20, 0.08]))
    picked = rng.choice(len(kinds), size=count, replace=False, p=share / share.sum())
    of_kind = lambda kind: [c for c, s in STATEMENTS.items() if s.kind is kind and c not in ("SR",)]  # noqa: E731
    return [str(rng.choice(of_kind(kinds[i]))) for i in picked]


_KIND_SHARE: Final = {
    Kind.RHYTHM: 0.20,
    Kind.CONDUCTION_AV: 0.07,
    Kind.ECTOPY: 0.10,
    Kind.AXIS: 0.05,
    Kind.CONDUCTION: 0.20,
    Kind.ATRIUM: 0.05,
    Kind.HYPERTROPHY: 0.09,
    Kind.VOLTAGE: 0.05,
    Kind.INFARCTION: 0.18,
    Kind.REPOLARISATION: 0.24,
    Kind.QT: 0.03,
}


def _artefacts(rng: np.random.Generator) -> list[str]:
    if rng.random() > 0.05:
        return []
    return [str(rng.choice(["DRIFT", "MAINS", "MUSC", "LREV"], p=[0.4, 0.2, 0.3, 0.1]))]


def _add(chosen: set[str], code: str) -> None:
    if conflict(chosen | {code}) is None:
        chosen.add(code)


def _excluded(a: str, b: str) -> bool:
    first, second = STATEMENTS[a], STATEMENTS[b]
    if "NORM" in (a, b):
        return not {a, b} <= _WITH_NORMAL
    if first.slot == second.slot or frozenset((a, b)) in _CONFLICTS:
        return True
    return _masks(a, b) or _masks(b, a)


def _masks(a: str, b: str) -> bool:
    """Whether a, a block that rewrites QRS and T, leaves nothing of b."""
    other = STATEMENTS[b]
    return a in _MASKING and (other.kind in _MASKED_KINDS or other.slot in _MASKED_BY_SLOT)


def _refuse(reason: str | None) -> None:
    if reason is not None:
        raise RecordError(f"{reason}; ask for one of them")


def _report_order(code: str) -> tuple[int, str]:
    return list(Kind).index(STATEMENTS[code].kind), code
