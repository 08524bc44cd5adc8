"""From the channels of a file, in its own naming and units, to the twelve standard leads in mV."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.typing import Array, Floats, Signal
from ecgclip.units import LEADS, lead_name

_PREFIX: Final = re.compile(r"^(MDC_ECG_LEAD_|ECG[ _:.-]+|EKG[ _:.-]+|ABLEITUNG[ _:.-]+)", re.IGNORECASE)
_TOO_LARGE_MV: Final = 20.0  # a record in µV taken for mV lies at 1000, the tallest paced beats at 5
_LISTED: Final = 30
_MV_PER_UNIT: Final = {"mv": 1.0, "uv": 1e-3, "µv": 1e-3, "μv": 1e-3, "v": 1e3}
_FLAT_MV: Final = 0.005  # volts taken for mV lie at 0.001, the noise of an electrode at 0.01


@dataclass(frozen=True, eq=False)
class Channels:
    """The standard leads of a file in its own order and naming.

    values_mv: float32 [channel, sample], NaN where the file marks a sample as invalid.
    comments: the header's comment lines, without the #.
    """

    values_mv: Signal
    names: tuple[str, ...]
    rate_hz: float
    comments: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def standard_lead(channel: str) -> tuple[str, float] | None:
    """Return a channel's standard lead and its sign, or None where it is no standard lead.

    Cabrera order prints -aVR: the same lead upside down.

    >>> [standard_lead(name) for name in ("ECG V1", "-aVR", "MDC_ECG_LEAD_AVF", "Resp")]
    [('V1', 1.0), ('aVR', -1.0), ('aVF', 1.0), None]
    """
    bare = _PREFIX.sub("", channel.strip())
    inverted = bare.startswith(("-", "−"))
    lead = lead_name(bare.lstrip("-−"))
    return None if lead is None else (lead, -1.0 if inverted else 1.0)


def twelve_leads(channels_mv: Floats, names: Sequence[str]) -> tuple[Signal, tuple[str, ...]]:
    """Order channels as the twelve standard leads and compute the absent limb leads.

    channels_mv: [channel, sample] in mV, NaN where nothing was recorded.
    Returns float32 [12, sample], NaN for leads that the file lacks, and remarks on what was corrected.
    Errors: RecordError where no channel is a standard lead or the amplitudes cannot be an ECG in mV.
    """
    if channels_mv.ndim != 2 or len(channels_mv) != len(names):
        raise RecordError(
            f"a signal of shape {channels_mv.shape} was given with {len(names)} channel names; "
            "expected [channel, sample] and one name a channel"
        )
    if channels_mv.shape[1] == 0:
        raise RecordError("the signal is empty: 0 samples")
    signal, warnings = _placed(channels_mv, names)
    infinite = np.isinf(signal)
    if infinite.any():
        signal[infinite] = np.nan
        warnings.append(f"{int(infinite.sum())} infinite samples were taken as not recorded")
    warnings += check_amplitudes(signal)
    warnings += complete_limb_leads(signal)
    return signal, tuple(warnings)


def complete_limb_leads(signal_mv: Signal) -> list[str]:
    """Compute in place whichever of III, aVR, aVL and aVF is absent while I and II exist.

    Einthoven's and Goldberger's equations. A lead that holds some samples keeps its gaps: a 3x4 print
    shows 2.5 s of it, not more. Returns a remark.
    """
    one, two = signal_mv[0], signal_mv[1]
    if np.isnan(one + two).all():
        return []
    formulas = {2: two - one, 3: -(one + two) / 2, 4: one - two / 2, 5: two - one / 2}
    absent = [row for row in formulas if np.isnan(signal_mv[row]).all()]
    for row in absent:
        signal_mv[row] = formulas[row]
    return [f"computed from I and II: {', '.join(LEADS[row] for row in absent)}"] if absent else []


def check_amplitudes(signal_mv: Signal) -> list[str]:
    """Raise RecordError where no lead can be an ECG in mV; return remarks on single leads.

    The amplitude of a lead is the distance from its median that 0.5 % of the samples exceed on one side:
    offsets of the electrodes do not count, and neither does a short spike.
    """
    recorded = signal_mv.shape[1] - np.isnan(signal_mv).sum(axis=1)
    present = np.flatnonzero(recorded)
    if not present.size:
        raise RecordError("no sample was recorded: every lead is NaN")
    amplitude = _amplitude_mv(signal_mv[present], recorded[present])
    if np.median(amplitude) > _TOO_LARGE_MV:
        raise RecordError(
            f"absurd gain: amplitudes of {np.median(amplitude):.3g} mV; expected below {_TOO_LARGE_MV:g} mV "
            "(is the signal in µV or in raw units?)"
        )
    if amplitude.max() < _FLAT_MV:
        raise RecordError(
            f"every lead is flat: amplitudes up to {amplitude.max() * 1000:.3g} µV; expected an ECG in mV "
            "(is the signal in volts?)"
        )
    flat = [LEADS[row] for row, height in zip(present, amplitude, strict=True) if height == 0]
    return [f"flat: {', '.join(flat)}"] if flat else []


def _placed(channels_mv: Floats, names: Sequence[str]) -> tuple[Signal, list[str]]:
    signal = np.full((len(LEADS), channels_mv.shape[1]), np.nan, np.float32)
    warnings, seen = [], set()
    for channel, name in zip(channels_mv, names, strict=True):
        known = standard_lead(name)
        if known is None:
            warnings.append(f"channel {name!r} is no standard lead and was left out")
        elif known[0] in seen:
            warnings.append(f"channel {name!r} repeats lead {known[0]} and was left out")
        else:
            lead, sign = known
            seen.add(lead)
            signal[LEADS.index(lead)] = sign * channel
            if sign < 0:
                warnings.append(f"channel {name!r} was inverted to {lead}")
    if not seen:
        raise RecordError(
            f"no ECG lead among the channels {', '.join(map(repr, names)) or '(none)'}; "
            f"expected some of {' '.join(LEADS)}"
        )
    return signal, warnings


def _amplitude_mv(leads_mv: Signal, recorded: Array) -> Signal:
    """Amplitude of each lead by one sort, which puts the NaN last."""
    ordered = np.sort(leads_mv, axis=1)
    last = recorded - 1
    low, middle, high = (
        np.take_along_axis(ordered, (part * last).round().astype(int)[:, None], axis=1)[:, 0]
        for part in (0.005, 0.5, 0.995)
    )
    amplitude: Signal = np.maximum(high - middle, middle - low)
    return amplitude


def lead_rows(names: Sequence[str], shown: Path) -> tuple[list[int], tuple[str, ...]]:
    """Return the rows that are standard leads, and a remark on the others; RecordError without any."""
    kept = [row for row, name in enumerate(names) if standard_lead(name)]
    if not kept:
        raise RecordError(f"{shown}: no ECG lead among the channels {_listed(names)}; expected I, II, V1 …")
    leads = {*kept}
    others = [name for row, name in enumerate(names) if row not in leads]
    return kept, (f"no standard lead, left out: {_listed(others)}",) if others else ()


def _listed(names: Sequence[str]) -> str:
    """The first names, joined by commas, and the number of the others."""
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(repr(name[:60]) for name in names[:_LISTED]) + more


def mv_per_unit(unit: str, name: str, shown: Path) -> float:
    """Return the factor from a header's unit to mV."""
    try:
        return _MV_PER_UNIT[unit.strip().lower()]
    except KeyError:
        raise RecordError(f"{shown}: lead {name[:60]} is in {unit[:60]!r}; expected mV, uV or V") from None
