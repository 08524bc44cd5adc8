"""A record as the image tower looks at it: a canonical page, or fields of its signal."""

import numpy as np
import numpy.typing as npt

from ecgclip.encoders.settings import ImageTower
from ecgclip.paper.fields import field_page
from ecgclip.records.ecg import Ecg
from ecgclip.training.augment import Signal, augmented, clean_view, vary_signal
from ecgclip.training.settings import Augment

View = npt.NDArray[np.uint8]
"""[y, x] of paper, [channel, y, x] of fields."""


def clean(signal_mv: Signal, rate_hz: float, tower: ImageTower) -> View:
    """The record as the gallery holds it."""
    if tower.input.fields:
        return field_page(Ecg(signal_mv, rate_hz), tower.input.fields, tower.cell_px)
    return clean_view(signal_mv, rate_hz)


def varied(
    signal_mv: Signal, rate_hz: float, tower: ImageTower, settings: Augment, rng: np.random.Generator
) -> tuple[Signal, View]:
    """One random view: the signal as it was varied, and what shows it. Fields vary with the signal alone."""
    if not tower.input.fields:
        return augmented(signal_mv, rate_hz, settings, rng)
    signal = signal_mv
    if rng.random() < settings.probability:
        signal = vary_signal(signal_mv, rate_hz, settings, rng)
    return signal, clean(signal, rate_hz, tower)
