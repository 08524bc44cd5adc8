"""`PhotoOptions`: what the photo protocol measures, and what it writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from ecgclip.errors import ConfigError
from ecgclip.figures.picture import SUFFIXES
from ecgclip.simulation.photos import LEVELS


@dataclass(frozen=True)
class PhotoOptions:
    """Simulated photos, saved results and contact sheets.

    simulated: records a level, spread evenly over fold 9; None = all of them, 0 = no simulated photos.
    real: whether to read the real pictures; a second process that takes some of the levels need not.
    results: a folder in which finished photos are saved; contact_sheet: a picture file, or a folder.
    """

    simulated: int | None = None
    levels: tuple[str, ...] = LEVELS
    real: bool = True
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


def check_photos(levels: Sequence[str], count: int | None) -> None:
    """ConfigError for unknown levels of simulated photos and for a negative number of them."""
    for level in levels:
        if level not in LEVELS:
            near = get_close_matches(level, LEVELS, n=1, cutoff=0.3)
            hint = f"did you mean {near[0]}? " if near else ""
            raise ConfigError(f"level {level!r} is unknown; {hint}Known are {', '.join(LEVELS)}")
    if count is not None and count < 0:
        raise ConfigError(f"{count} simulated photos were asked for; expected 0 or more")
