"""From statements to a heart: which beats it has and how each statement changes them."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ecgclip.simulation.ecg import chambers, conduction, infarction, recovery
from ecgclip.simulation.ecg.beat import Beat, Pulse, jittered, scaled, turned
from ecgclip.simulation.ecg.combine import INFARCTS
from ecgclip.simulation.ecg.leads import rotation
from ecgclip.simulation.ecg.normal import P_WAVE, RETROGRADE_P, Person, normal_beat
from ecgclip.simulation.ecg.render import peak_mv
from ecgclip.simulation.ecg.statements import STATEMENTS, Kind

_ORDER = (
    *("LVH", "VCLVH", "RVH", "HVOLT", "LAO/LAE", "RAO/RAE"),
    *("LAD", "RAD", "LAFB", "LPFB"),
    *("CLBBB", "CRBBB", "IRBBB", "ILBBB", "WPW", "IVCD", "PACE"),
    *sorted(INFARCTS),
    "ANEUR",
)
"""The order of changes: muscle, then conduction, then infarction; recovery follows in any order."""


_SICK_KINDS: Final = (Kind.CONDUCTION, Kind.INFARCTION, Kind.HYPERTROPHY, Kind.ATRIUM)
_SICK: Final = frozenset(c for c, s in STATEMENTS.items() if s.kind in _SICK_KINDS) - {"IRBBB", "WPW"} | {
    "AFIB"
}
"""Statements of worn hearts; incomplete right block and pre-excitation are found in healthy ones."""


_LARGEST_QRS_MV: Final = 3.6


@dataclass(frozen=True)
class Heart:
    """The kinds of beats of one record: conducted ones, ectopic ventricular ones, and other P waves."""

    beat: Beat
    ectopic: Beat
    other_p: tuple[Pulse, ...]


def draw_heart(rng: np.random.Generator, person: Person, codes: tuple[str, ...]) -> Heart:
    """Build the beats that show the statements."""
    healthy = normal_beat(worn(person, rng) if _SICK & set(codes) else person)
    beat = healthy
    for code in sorted(codes, key=lambda c: _ORDER.index(c) if c in _ORDER else len(_ORDER)):
        beat = modified(beat, code, codes, rng)
    if "LVOLT" in codes:
        beat = chambers.low_voltage(beat, rng)
    beat = within_reach(beat, person)
    ectopic = within_reach(conduction.ventricular_beat(healthy, rng), person)
    escape_is_ventricular = set(codes) == {"3AVB", "SR"} and rng.random() < 0.4
    return Heart(replace(ectopic, p=beat.p) if escape_is_ventricular else beat, ectopic, _other_p(rng, codes))


def within_reach(beat: Beat, person: Person) -> Beat:
    """Lower a beat that no recorder sees: a wall of muscle is never as near as a dipole can be."""
    factor = _LARGEST_QRS_MV / peak_mv(person.chest, beat.qrs)
    if factor >= 1:
        return beat
    return replace(beat, qrs=scaled(beat.qrs, factor), repolarisation=scaled(beat.repolarisation, factor))


def worn(person: Person, rng: np.random.Generator) -> Person:
    """A sick heart is also large and turned backwards (deeper S, later R across the chest), T flat."""
    return replace(
        person,
        turn_deg=person.turn_deg + float(rng.uniform(0.0, 16.0)),
        axis_deg=max(person.axis_deg - float(rng.uniform(0.0, 15.0)), -28.0),
        t_gain=person.t_gain * float(rng.uniform(0.65, 1.0)),
    )


def modified(beat: Beat, code: str, codes: tuple[str, ...], rng: np.random.Generator) -> Beat:
    """Apply one statement to a beat; statements that are only a matter of time change nothing here."""
    if code in INFARCTS:
        beat = infarction.infarct(beat, code, rng, acute="STEMI" in codes)
        return infarction.aneurysm(beat, code, rng) if "ANEUR" in codes else beat
    if code in recovery.REGION_OF:
        region = recovery.REGION_OF[code]
        change = recovery.ischaemia if code.startswith("ISC") else recovery.injury
        return change(beat, region, rng)
    return _recovery(_muscle(_conduction(beat, code, rng), code, rng), code, rng)


def _conduction(beat: Beat, code: str, rng: np.random.Generator) -> Beat:
    match code:
        case "CRBBB" | "IRBBB":
            return conduction.right_bundle_block(beat, rng, complete=code == "CRBBB")
        case "CLBBB" | "ILBBB":
            return conduction.left_bundle_block(beat, rng, complete=code == "CLBBB")
        case "LAFB":
            return conduction.left_anterior_block(beat, rng)
        case "LPFB":
            return conduction.left_posterior_block(beat, rng)
        case "WPW":
            return conduction.pre_excitation(beat, rng)
        case "IVCD":
            return conduction.slow_conduction(beat, rng)
        case "PACE":
            return conduction.paced_beat(beat, rng)
        case "LAD" | "RAD":
            return conduction.axis_deviation(beat, rng, left=code == "LAD")
        case "1AVB":
            return replace(beat, pr_s=float(rng.uniform(0.225, 0.300)))
    return beat


def _muscle(beat: Beat, code: str, rng: np.random.Generator) -> Beat:
    match code:
        case "LVH" | "VCLVH":
            return chambers.left_hypertrophy(beat, rng, with_strain=code == "LVH")
        case "RVH":
            return chambers.right_hypertrophy(beat, rng)
        case "LAO/LAE":
            return chambers.left_atrium(beat, rng)
        case "RAO/RAE":
            return chambers.right_atrium(beat, rng)
        case "HVOLT":
            return chambers.high_voltage(beat, rng)
    return beat


def _recovery(beat: Beat, code: str, rng: np.random.Generator) -> Beat:
    match code:
        case "STD_" | "NST_":
            return recovery.st_depression(beat, rng, marked=code == "STD_")
        case "STE_":
            return recovery.st_elevation(beat, rng)
        case "NDT":
            return recovery.flat_t(beat, rng, low=-0.20, high=0.25)
        case "LOWT":
            return recovery.flat_t(beat, rng, low=0.25, high=0.45)
        case "INVT":
            return recovery.inverted_t(beat, rng)
        case "LNGQT":
            return recovery.long_qt(beat, rng)
        case "DIG":
            return recovery.digitalis(beat, rng)
        case "EL":
            return recovery.tall_t(beat, rng)
        case "PERI":
            return recovery.pericarditis(beat, rng)
        case "EREP":
            return recovery.early_repolarisation(beat, rng)
    return beat


def _other_p(rng: np.random.Generator, codes: tuple[str, ...]) -> tuple[Pulse, ...]:
    """A P wave from elsewhere: from the node upwards, or of an ectopic atrial focus."""
    if "PAC" in codes:
        return turned(jittered(rng, P_WAVE), rotation(float(rng.choice([-110.0, -60.0, 40.0])), 20.0))
    return jittered(rng, RETROGRADE_P)
