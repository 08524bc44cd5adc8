"""`ClassifySettings`: what the classification protocol measures beside the records of one folder."""

from dataclasses import dataclass
from pathlib import Path

from ecgclip.errors import ConfigError
from ecgclip.evaluation.classify.draws import DRAWS
from ecgclip.evaluation.classify.protocol import Part
from ecgclip.evaluation.photos.options import PhotoOptions


@dataclass(frozen=True)
class ClassifySettings:
    """challenge: a folder of the Challenge's records, for transfer zero-shot.

    signal_network: a folder with a trained network over the digital signal, measured beside the model.
    draws: of each share of the training labels below the whole.
    levels: of simulated photos, none by default: reading takes half a second each; photos: of how many test
    cases, None for all; results: a folder that keeps what was read, shared with the photo protocol.
    parts, label_sets: what to measure, and in which sets of classes; None for all of them.
    """

    challenge: Path | None = None
    signal_network: Path | None = None
    draws: int = DRAWS
    levels: tuple[str, ...] = ()
    photos: int | None = None
    results: Path | None = None
    parts: tuple[Part, ...] = tuple(Part)
    label_sets: tuple[str, ...] | None = None

    def check(self) -> None:
        """ConfigError for fewer than one draw, unknown levels, photos below 0, or photos without a level."""
        if self.draws < 1:
            raise ConfigError(f"{self.draws} draws of training labels were asked for; expected 1 or more")
        if not self.levels and (self.photos is not None or self.results is not None):
            raise ConfigError("no level of simulated photos was named; expected some, such as --levels S2,S3")
        PhotoOptions(self.photos, self.levels).check()
