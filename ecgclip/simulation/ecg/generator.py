"""`synthetic_ecg`: statements in, an ECG with its report out."""

from collections.abc import Sequence

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.records.ecg import Ecg
from ecgclip.simulation.ecg.atria import fibrillation, flutter
from ecgclip.simulation.ecg.beat import Beat, Pulse
from ecgclip.simulation.ecg.combine import resolve
from ecgclip.simulation.ecg.heart import Heart, draw_heart
from ecgclip.simulation.ecg.leads import Chest, twelve_leads
from ecgclip.simulation.ecg.noise import arms_reversed, draw_disturbance, draw_noise
from ecgclip.simulation.ecg.normal import Person, draw_person
from ecgclip.simulation.ecg.plausible import draw_statements
from ecgclip.simulation.ecg.render import breathing, draw_wave
from ecgclip.simulation.ecg.report import Language, write_report
from ecgclip.simulation.ecg.rhythm import Timeline, draw_rate, draw_timeline
from ecgclip.typing import Float64s

_SPIKE = Pulse(0.0, 0.0018, 0.0018, (0.30, 0.55, 0.25), power=4.0)
"""A pacing stimulus of 2 ms; its clock is the second."""
_NO_AXIS = frozenset({"LAFB", "LPFB", "LAD", "RAD", "LREV", "PACE", "LVOLT"})


def synthetic_ecg(
    rng: np.random.Generator,
    statements: Sequence[str] | None = None,
    *,
    rate_hz: float = 500.0,
    duration_s: float = 10.0,
    language: Language | None = None,
    noise: bool = True,
    heart_rate_bpm: float | None = None,
) -> Ecg:
    """Compute the ECG of an invented person that shows the statements, with its report.

    Args:
        rng: The same state gives the same ECG.
        statements: Codes such as `["AFIB", "CLBBB"]`; None draws a plausible combination. Without a rhythm
            the heart is in sinus rhythm.
        rate_hz: Samples per second, from 50 on.
        duration_s: Seconds.
        language: Of the report; None draws English or German.
        noise: Everyday disturbance; artefacts that are statements are drawn in any case.
        heart_rate_bpm: None draws one that suits the rhythm.

    Returns:
        Twelve leads in mV, with statements, report, age and sex.

    Raises:
        RecordError: Of unknown or conflicting statements, and of a rate that the rhythm excludes.
    """
    person = draw_person(rng)
    codes = draw_statements(rng, person.age) if statements is None else resolve(statements)
    return ecg_of(
        person, codes, rng,
        rate_hz=rate_hz, duration_s=duration_s, language=language, noise=noise, heart_rate_bpm=heart_rate_bpm,
    )  # fmt: skip


def ecg_of(
    person: Person,
    codes: tuple[str, ...],
    rng: np.random.Generator,
    *,
    rate_hz: float = 500.0,
    duration_s: float = 10.0,
    language: Language | None = None,
    noise: bool = True,
    heart_rate_bpm: float | None = None,
) -> Ecg:
    """Make one ECG of a known person with resolved statements."""
    if rate_hz < 50 or duration_s < 2:
        raise RecordError(
            f"{rate_hz:g} Hz for {duration_s:g} s were asked for; expected at least 50 Hz and 2 s"
        )
    heart = draw_heart(rng, person, codes)
    rate_bpm = draw_rate(rng, codes, heart_rate_bpm)
    shortest_s = 0.21 if "1AVB" in codes else 0.09
    pr_s = min(heart.beat.pr_s, max(shortest_s, 0.45 * 60.0 / rate_bpm))  # a fast node hurries the conduction
    timeline = draw_timeline(rng, codes, rate_bpm, pr_s, duration_s)
    signal = _signal(rng, person, heart, timeline, codes, round(rate_hz * duration_s), rate_hz)
    signal += draw_noise(rng, draw_disturbance(rng, codes, everyday=noise), signal.shape[1], rate_hz)
    if "LREV" in codes:
        signal = arms_reversed(signal)
    words = language or ("de" if rng.random() < 0.55 else "en")
    axis = None if _NO_AXIS & set(codes) else heart.beat.axis_deg
    return Ecg(
        signal_mv=twelve_leads(signal.astype(np.float32)),
        rate_hz=rate_hz,
        source="synthetic",
        report=write_report(rng, codes, axis, words),
        codes=dict.fromkeys(codes, 100.0),
        age=float(person.age),
        sex=person.sex,
    )


def _signal(
    rng: np.random.Generator,
    person: Person,
    heart: Heart,
    timeline: Timeline,
    codes: tuple[str, ...],
    samples: int,
    rate_hz: float,
) -> Float64s:
    """The clean eight independent leads, [8, sample] in mV."""
    signal = np.zeros((8, samples))
    if "AFIB" in codes:
        signal += fibrillation(rng, samples, rate_hz, person.chest)
    if timeline.flutter_hz:
        signal += flutter(rng, samples, rate_hz, timeline.flutter_hz, person.chest)
    paint = _Painter(signal, rate_hz, person.chest, rng)
    paint.wave(heart.beat.p, timeline.p_s, heart.beat.p_s)
    paint.wave(heart.other_p, timeline.other_p_s, 0.085)
    every = np.sort(np.concatenate([timeline.qrs_s, timeline.ectopic_s]))
    late_s = 0.022 if len(timeline.spikes_s) else 0.0  # the stimulus leads the QRS
    paint.ventricles(heart.beat, timeline.qrs_s + late_s, every)
    paint.ventricles(heart.ectopic, timeline.ectopic_s, every)
    if len(timeline.spikes_s):
        gain = float(rng.uniform(0.5, 1.3))
        paint.spikes(timeline.spikes_s, gain)
        paint.spikes(timeline.atrial_spikes_s, 0.8 * gain)
    return signal


class _Painter:
    """Adds waves to one signal."""

    def __init__(self, signal: Float64s, rate_hz: float, chest: Chest, rng: np.random.Generator) -> None:
        self.signal, self.rate_hz, self.chest, self.rng = signal, rate_hz, chest, rng

    def wave(self, pulses: Sequence[Pulse], onsets_s: Float64s, clock_s: float | Float64s) -> None:
        clocks = np.broadcast_to(np.asarray(clock_s, np.float64), onsets_s.shape)
        motion = breathing(self.rng, onsets_s)
        draw_wave(self.signal, self.rate_hz, self.chest, pulses, onsets_s, clocks, motion)

    def ventricles(self, beat: Beat, onsets_s: Float64s, every_s: Float64s) -> None:
        """QRS and recovery; the QT follows the interval before, half at once and half slowly."""
        if not len(onsets_s):
            return
        motion = breathing(self.rng, onsets_s)
        before = np.diff(every_s, prepend=every_s[0] - np.median(np.diff(every_s)))
        at = np.clip(np.searchsorted(every_s, onsets_s - 0.05), 0, len(every_s) - 1)
        rr_s = 0.4 * before[at] + 0.6 * float(np.mean(before[1:]))
        qt_s = beat.qtc_s * np.clip(rr_s, 0.25, 2.2) ** (1 / 3)  # Fridericia
        qrs_s = np.full(len(onsets_s), beat.qrs_s)
        draw_wave(self.signal, self.rate_hz, self.chest, beat.qrs, onsets_s, qrs_s, motion)
        draw_wave(self.signal, self.rate_hz, self.chest, beat.repolarisation, onsets_s, qt_s, motion)

    def spikes(self, onsets_s: Float64s, gain: float) -> None:
        motion = np.broadcast_to(gain * np.eye(3), (len(onsets_s), 3, 3))
        draw_wave(self.signal, self.rate_hz, self.chest, [_SPIKE], onsets_s, np.ones(len(onsets_s)), motion)
