"""`SignalOptions`: what the signal protocol measures, and what it writes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ecgclip.errors import ConfigError
from ecgclip.evaluation.photos.options import check_photos
from ecgclip.figures.picture import SUFFIXES

LEVELS: Final = ("S0", "S1", "S2", "S3")
"""S4 is for finding records: half of its sheets lie in shadow or outside the picture."""


@dataclass(frozen=True)
class SignalOptions:
    """Simulated photos, saved results and contact sheets.

    simulated: records a level, spread evenly over the source; None = all of them, 0 = no simulated photos.
    results: a folder in which finished pictures are saved; contact_sheet: a picture file, or a folder.
    """

    simulated: int | None = None
    levels: tuple[str, ...] = LEVELS
    results: Path | None = None
    contact_sheet: Path | None = None

    def check(self) -> None:
        """ConfigError for unknown levels, a negative number, or a sheet that is no picture."""
        check_photos(self.levels, self.simulated)
        sheet = self.contact_sheet
        if sheet is not None and sheet.suffix and sheet.suffix.lower() not in SUFFIXES:
            raise ConfigError(
                f"{sheet}: contact sheets are pictures ({', '.join(SUFFIXES)}) or a folder of them"
            )
