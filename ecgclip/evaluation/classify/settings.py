"""`ClassifySettings`: what the classification protocol measures, and on which simulated photos."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ecgclip.errors import ConfigError
from ecgclip.evaluation.bootstrap import RESAMPLES
from ecgclip.evaluation.classify.split import DRAWS
from ecgclip.evaluation.photos.options import check_photos
from ecgclip.evaluation.retrieval.protocol import GALLERY_FOLDS, QUERIES_FOLD


@dataclass(frozen=True)
class Folds:
    """The folds of the patient-wise split."""

    train: tuple[int, ...] = GALLERY_FOLDS
    test: int = QUERIES_FOLD


class Part(StrEnum):
    """A part of the protocol that can be measured alone."""

    PROBE = "probe"
    """Linear probes and 20 neighbours, the baselines beside the model."""
    ZERO_SHOT = "zero-shot"
    SUBGROUPS = "subgroups"


@dataclass(frozen=True)
class ClassifySettings:
    """What to measure; the defaults are the whole protocol without photos.

    draws: of each share of the training labels below the whole. resamples: of the test patients.
    parts, label_sets: what to measure, and in which sets of classes; None for all of them.
    challenge: a folder of the PhysioNet Challenge's records, for transfer zero-shot.
    signal_network: a folder with a trained network over the digital signal, measured beside the model.
    levels: of simulated photos, none by default: reading takes half a second each; photos: of how many test
    cases, None for all.
    """

    draws: int = DRAWS
    resamples: int = RESAMPLES
    folds: Folds = Folds()
    parts: tuple[Part, ...] = tuple(Part)
    label_sets: tuple[str, ...] | None = None
    challenge: Path | None = None
    signal_network: Path | None = None
    levels: tuple[str, ...] = ()
    photos: int | None = None

    def check(self) -> None:
        """ConfigError for fewer than one draw, unknown levels, photos below 0, or photos without a level."""
        if self.draws < 1:
            raise ConfigError(f"{self.draws} draws of training labels were asked for; expected 1 or more")
        if not self.levels and self.photos is not None:
            raise ConfigError("no level of simulated photos was named; expected some, such as --levels S2,S3")
        check_photos(self.levels, self.photos)
