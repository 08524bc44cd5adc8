"""Measure a synthetic ECG as a reader would: from the drawn leads alone."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

from ecgclip.records.ecg import Ecg
from ecgclip.signal.beats import find_beats
from ecgclip.simulation.ecg import synthetic_ecg
from ecgclip.units import LEADS

Array = npt.NDArray[np.float64]
INDEPENDENT = (0, 1, 6, 7, 8, 9, 10, 11)


@dataclass(frozen=True)
class Reading:
    """The leads of an ECG without noise, and what can be read from them."""

    ecg: Ecg

    def lead(self, name: str) -> Array:
        return self.ecg.signal_mv[LEADS.index(name)].astype(np.float64)

    @property
    def speed(self) -> Array:
        """Root of the summed squares of all leads' slopes in mV/s, [sample]."""
        slopes = np.gradient(self.ecg.signal_mv[list(INDEPENDENT)].astype(np.float64), axis=1)
        return np.sqrt((slopes**2).sum(axis=0)) * self.ecg.rate_hz

    @property
    def r_s(self) -> Array:
        """Times at which the QRS complexes move fastest, [beat]."""
        speed, rate = self.speed, self.ecg.rate_hz
        reach = round(0.1 * rate)
        beats = find_beats(self.ecg.signal_mv, rate)
        firsts = np.maximum(beats - reach, 0)
        return np.array([first + speed[first : first + 2 * reach].argmax() for first in firsts]) / rate

    @property
    def rr_s(self) -> Array:
        return np.diff(self.r_s)

    @property
    def inner_r_s(self) -> Array:
        """R times with a whole beat around them."""
        times = self.r_s
        return times[(times > 0.4) & (times < self.ecg.duration_s - 0.6)]

    @property
    def qrs_spans_s(self) -> Array:
        """Onset and end of QRS: how far around R the leads move fast, over pauses of 35 ms, [beat, 2]."""
        rate, speed = self.ecg.rate_hz, self.speed
        threshold = 0.06 * np.quantile(speed, 0.995)
        spans = []
        for r in self.inner_r_s:
            first = round((r - 0.16) * rate)
            fast = first + np.flatnonzero(speed[first : round((r + 0.16) * rate)] > threshold)
            pieces = np.split(fast, np.flatnonzero(np.diff(fast) > 0.035 * rate) + 1)
            piece = next(p for p in pieces if p[0] <= round(r * rate) <= p[-1])
            spans.append((piece[0] / rate, piece[-1] / rate))
        return np.array(spans)

    @property
    def qrs_s(self) -> float:
        return float(np.median(np.diff(self.qrs_spans_s, axis=1)))

    def at(self, name: str, after_r_s: float) -> float:
        """Median over the beats of a lead so long after R, against 80 ms before it, in mV."""
        index = np.round(self.inner_r_s * self.ecg.rate_hz).astype(int)
        lead, shift = self.lead(name), round(after_r_s * self.ecg.rate_hz)
        return float(np.median(lead[index + shift] - lead[index - round(0.08 * self.ecg.rate_hz)]))

    def st(self, name: str) -> float:
        """ST level in mV of a narrow QRS."""
        return self.at(name, 0.10)

    def qrs(self, name: str) -> Array:
        """A lead during one QRS in the middle, in mV against its onset."""
        spans = np.round(self.qrs_spans_s * self.ecg.rate_hz).astype(int)
        start, stop = spans[len(spans) // 2]
        return self.lead(name)[start - 5 : stop + 6] - self.lead(name)[start - 5]

    @property
    def pr_s(self) -> float:
        """From the first movement before a QRS (more than 0.01 mV in any lead over 10 ms) to its onset."""
        rate = self.ecg.rate_hz
        onset = round(float(np.median(self.qrs_spans_s[:3, 0])) * rate)
        step = round(0.01 * rate)
        leads = self.ecg.signal_mv[:, max(0, onset - round(0.42 * rate)) : onset]
        moves = np.flatnonzero((np.abs(leads[:, step:] - leads[:, :-step]) > 0.006).any(axis=0))
        return float((leads.shape[1] - moves[0]) / rate)

    @property
    def axis_deg(self) -> float:
        """Frontal axis by the net area of QRS in I and aVF."""
        net = [float(self.qrs(name).sum()) for name in ("I", "aVF")]
        return float(np.degrees(np.arctan2(net[1] * 2 / np.sqrt(3), net[0])))


class Reader:
    """Draws without noise and reads."""

    def __call__(self, *codes: str, seed: int = 0, bpm: float | None = None) -> Reading:
        ecg = synthetic_ecg(
            np.random.default_rng(seed),
            codes,
            noise=False,
            heart_rate_bpm=bpm,
            language="en",
            duration_s=10.0,
        )
        return Reading(ecg)


@pytest.fixture(scope="session")
def read() -> Reader:
    return Reader()
