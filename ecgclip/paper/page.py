"""`CanonicalPage`: the one form in which records and photos are embedded, compared and stored."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from ecgclip.paper.geometry import CANONICAL, CANONICAL_PX_PER_MM
from ecgclip.paper.raster import ink_page
from ecgclip.paper.traces import TRACES_SHAPE, record_traces
from ecgclip.records.ecg import Ecg
from ecgclip.typing import Ink, Traces


@dataclass(frozen=True, eq=False)
class CanonicalPage:
    """Ink and row traces of one ECG as `paper.geometry.CANONICAL` lays them out.

    Made by `of_record` from a record and by `photo.rectify` from a picture, nowhere else.

    Attributes:
        ink: uint8 [y, x], 0 blank to 255 ink; [256, 512] of a record (2 px/mm), [512, 1024] of a photo
            (4 px/mm).
        traces_mv: float32 [4, 1000], the four rows in mV at 100 Hz, each less its median; NaN where blank.
        warnings: What somebody who relies on the page should know, in words.
    """

    ink: Ink
    traces_mv: Traces
    warnings: tuple[str, ...] = ()

    @classmethod
    def of_record(cls, ecg: Ecg) -> Self:
        """Draw a record as a canonical page.

        Args:
            ecg: Twelve leads in mV at any rate; absent leads leave their panels blank.

        Returns:
            The page, its ink at 2 px/mm.

        Raises:
            RecordError: Where less than a second of every lead falls on the page.
        """
        # here and not at the top: a question by a photo starts the sooner without what reads sources
        from ecgclip.paper.coverage import check_shown, page_warnings

        check_shown(ecg)
        return cls(ink_page(ecg), record_traces(ecg), ecg.warnings + page_warnings(ecg))

    @classmethod
    def blank(cls, warnings: tuple[str, ...] = ()) -> Self:
        """An empty page, for a picture that was refused."""
        ink = np.zeros(CANONICAL.size_px(CANONICAL_PX_PER_MM), np.uint8)
        return cls(ink, np.full(TRACES_SHAPE, np.nan, np.float32), warnings)
