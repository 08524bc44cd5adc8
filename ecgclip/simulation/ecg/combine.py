"""Which statements can occur together on one ECG."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import product
from typing import Final

from ecgclip.errors import RecordError
from ecgclip.simulation.ecg.statements import STATEMENTS, Kind

Codes = frozenset[str]


def _of(*kinds: Kind) -> Codes:
    return frozenset(code for code, statement in STATEMENTS.items() if statement.kind in kinds)


SINUS: Final = frozenset({"SR", "SBRAD", "STACH", "SARRH"})
INFARCTS: Final = _of(Kind.INFARCTION)
STAGES: Final = _of(Kind.STAGE)
ARTEFACTS: Final = _of(Kind.ARTEFACT)
_WITH_NORMAL: Final = SINUS | ARTEFACTS | {"NORM"}
_NO_SINUS: Final = frozenset({"AFIB", "AFLT", "SVTAC", "JUNC", "EATR", "PACE"})
_BLOCKS: Final = frozenset({"1AVB", "2AVB", "3AVB"})
_ATRIA: Final = frozenset({"LAO/LAE", "RAO/RAE"})
_VENTRICULAR: Final = frozenset({"PVC", "BIGU", "TRIGU"})
_SHAPES: Final = _of(
    Kind.INFARCTION, Kind.STAGE, Kind.REPOLARISATION, Kind.HYPERTROPHY, Kind.VOLTAGE, Kind.QT
)
_TURNED: Final = frozenset({"LAFB", "LPFB", "LAD", "RAD"})
_RIGHT: Final = frozenset({"LPFB", "RAD"})

_APART: Final[tuple[tuple[Codes, Codes], ...]] = (
    # who has no sinus rhythm has no AV block to see, no atrial extrasystole and no P wave to measure
    (_NO_SINUS, _BLOCKS | {"PAC"} | _ATRIA),
    (_NO_SINUS, frozenset({"WPW"})),
    (_BLOCKS, frozenset({"WPW"})),
    # rhythms in which an extrasystole or its pattern could not be recognised
    (frozenset({"AFLT", "SVTAC", "PACE"}), _VENTRICULAR),
    (frozenset({"AFIB", "STACH", "SARRH", "JUNC"}), frozenset({"BIGU", "TRIGU"})),
    (frozenset({"STACH"}), frozenset({"PAC", "LNGQT"})),
    (frozenset({"2AVB", "3AVB"}), _VENTRICULAR | {"PAC", "STACH", "SARRH", "SBRAD"}),
    # waves that hide the ST segment
    (frozenset({"SVTAC", "AFLT"}), frozenset({"LNGQT", "EREP", "PERI", "STEMI"})),
    # blocks that write QRS, ST and T anew
    (frozenset({"CLBBB", "PACE", "WPW"}), _SHAPES | _TURNED),
    (frozenset({"PACE"}), frozenset(c for c, s in STATEMENTS.items() if s.slot == "ventricle")),
    # the same forces pulled two ways
    (frozenset({"RVH"}), _TURNED | INFARCTS | {"CRBBB", "IRBBB", "ILBBB", "IVCD"}),
    (frozenset({"LVH", "VCLVH"}), _RIGHT),
    (frozenset({"IMI", "ILMI", "LMI", "ALMI"}), _TURNED),
    (frozenset({"ILMI"}), frozenset({"LMI", "ALMI"})),
    (frozenset({"PMI"}), frozenset({"CRBBB", "IRBBB", "ASMI", "AMI"})),
    (frozenset({"LVOLT"}), INFARCTS),
    (frozenset({"EL"}), _ATRIA),
    # their own ST-T changes
    (frozenset({"LVH", "RVH"}), _of(Kind.REPOLARISATION)),
    (INFARCTS, _of(Kind.REPOLARISATION)),
)
_CONFLICTS: Final = frozenset(frozenset(pair) for a, b in _APART for pair in product(a, b))


def resolve(codes: Iterable[str]) -> tuple[str, ...]:
    """Check that statements can stand together and add the sinus rhythm where no rhythm is named.

    Returns codes in the order of a report, each once. Raises RecordError for an unknown code and for two
    statements that exclude each other.
    """
    chosen = set(codes)
    for code in chosen - set(STATEMENTS):
        near = get_close_matches(code.upper(), STATEMENTS, n=1, cutoff=0.3)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise RecordError(f"{code!r} is no synthetic statement{hint} expected one of {' '.join(STATEMENTS)}")
    if not any(STATEMENTS[code].slot == "rhythm" for code in chosen):
        chosen.add("SR")
    reason = conflict(chosen)
    if reason is not None:
        raise RecordError(reason)
    return tuple(sorted(chosen, key=_report_order))


def conflict(codes: set[str]) -> str | None:
    """Say why the statements cannot stand together; None where they can."""
    ordered: Sequence[str] = sorted(codes)
    for i, a in enumerate(ordered):
        for b in ordered[i + 1 :]:
            if _excluded(a, b):
                names = f"{a} ({STATEMENTS[a].name_en}) and {b} ({STATEMENTS[b].name_en})"
                return f"{names} exclude each other on one ECG; ask for one of them"
    if codes & STAGES and not codes & INFARCTS:
        stage = min(codes & STAGES)
        return f"{stage} is a stage of an infarction; ask for one of {' '.join(sorted(INFARCTS))} with it"
    return None


def _excluded(a: str, b: str) -> bool:
    if "NORM" in (a, b):
        return not {a, b} <= _WITH_NORMAL
    return STATEMENTS[a].slot == STATEMENTS[b].slot or frozenset((a, b)) in _CONFLICTS


def _report_order(code: str) -> tuple[int, str]:
    return list(Kind).index(STATEMENTS[code].kind), code
