"""A record as a row's image tower looks at it: a canonical page, or fields of its signal."""

import numpy as np

from ecgclip.encoders.preprocess import image_input, normalised
from ecgclip.errors import ImageError
from ecgclip.records.ecg import Ecg
from ecgclip.training.augment import augmented, clean_view, vary_signal
from ecgclip.training.settings import Augment
from ecgclip.typing import Float32s, Signal, Uint8s
from research.qiu.fields import field_page
from research.qiu.settings import FieldTower


def clean(signal_mv: Signal, rate_hz: float, tower: FieldTower) -> Uint8s:
    """The record as the gallery holds it."""
    if tower.input.fields:
        return field_page(Ecg(signal_mv, rate_hz), tower.input.fields, tower.cell_px)
    return clean_view(signal_mv, rate_hz)


def varied(
    signal_mv: Signal, rate_hz: float, tower: FieldTower, settings: Augment, rng: np.random.Generator
) -> tuple[Signal, Uint8s]:
    """One random view: the signal as it was varied, and what shows it. Fields vary with the signal alone."""
    if not tower.input.fields:
        return augmented(signal_mv, rate_hz, settings, rng)
    signal = signal_mv
    if rng.random() < settings.probability:
        signal = vary_signal(signal_mv, rate_hz, settings, rng)
    return signal, clean(signal, rate_hz, tower)


def tower_input(views: Uint8s, tower: FieldTower) -> Float32s:
    """Ink uint8 [n, y, x] of paper, or fields [n, channel, y, x] -> float32 [n, channel, y, x]."""
    if not tower.input.fields:
        return image_input(views, tower)
    shape = (tower.channels, tower.height_px, tower.width_px)
    if views.ndim != 4 or views.shape[1:] != shape or views.dtype != np.uint8:
        raise ImageError(
            f"fields of shape {views.shape} and type {views.dtype} were given; expected uint8 [n, {shape}]"
        )
    return normalised(views, tower)
