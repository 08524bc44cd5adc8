"""`SignalOutcome`: one picture of a known record, digitised once and scored lead by lead."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Self

import numpy as np

from ecgclip.errors import EcgClipError
from ecgclip.evaluation.signals.lead_scores import LeadScore, heart_rate_bpm, lead_scores
from ecgclip.evaluation.signals.truth import reference_db
from ecgclip.photo.signal import SIGNAL_SAMPLES
from ecgclip.records.ecg import Ecg
from ecgclip.typing import Rgb, Signal
from ecgclip.units import LEADS

Image = Path | Rgb
"""A file, or an RGB picture in memory."""
Digitize = Callable[[Image], Ecg]
"""`ecgclip.digitize`."""


@dataclass(frozen=True)
class SignalOutcome:
    """One picture.

    group: such as `phone photos` or `S2`. refused: why, "" where it was read. leads: those that the print
    shows. references_db: of those leads together, the mean SNR of each of `truth.REFERENCES`.
    rate_bpm, true_rate_bpm: heart rates of what was read and of the truth; None where there are no beats.
    """

    photo: str
    group: str
    refused: str
    leads: tuple[LeadScore, ...]
    references_db: tuple[float, ...]
    rate_bpm: float | None
    true_rate_bpm: float | None
    read_ms: float

    @property
    def mean_db(self) -> float:
        return float(np.mean([lead.snr_db for lead in self.leads]))

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Undoes `asdict`."""
        leads = tuple(LeadScore.from_json(lead) for lead in values["leads"])
        return cls(**{**values, "leads": leads, "references_db": tuple(values["references_db"])})


def read_signal(digitize: Digitize, image: Image) -> tuple[Signal, str]:
    """What was read, float32 [12, 5000], all NaN where the picture was refused; and why it was."""
    try:
        return digitize(image).signal_mv[:, :SIGNAL_SAMPLES], ""
    except EcgClipError as error:
        return np.full((len(LEADS), SIGNAL_SAMPLES), np.nan, np.float32), str(error)


def score_picture(
    digitize: Digitize, image: Image, true_mv: Signal, photo: str, group: str
) -> SignalOutcome | None:
    """Digitise a picture and compare it with its truth, float32 [12, 5000] with NaN where nothing is shown.

    None where the truth has no second of any lead.
    """
    start = perf_counter()
    read_mv, refused = read_signal(digitize, image)
    read_ms = (perf_counter() - start) * 1e3
    scores = lead_scores(read_mv, true_mv)
    if not scores:
        return None
    references = [reference_db(true_mv[LEADS.index(score.lead)]) for score in scores]
    return SignalOutcome(
        photo,
        group,
        refused,
        scores,
        tuple(np.mean(references, axis=0).tolist()),
        None if refused else heart_rate_bpm(read_mv),
        heart_rate_bpm(true_mv),
        read_ms,
    )
