"""Simulated photos of known difficulty: a record printed at random and photographed at a level from S0 to S4.

What is drawn depends on the record's name and the level alone, so that figures compare between programs and
days: half of the prints are 3x4+1R, the other layouts share the rest.
"""

from dataclasses import dataclass
from typing import Final
from zlib import crc32

import numpy as np

from ecgclip.paper.geometry import Layout
from ecgclip.paper.render import RenderedPage, render
from ecgclip.paper.styles import random_style
from ecgclip.records.ecg import Ecg
from ecgclip.simulation.camera import Photo, photograph

LEVELS: Final = ("S0", "S1", "S2", "S3", "S4")
_USUAL: Final = 0.5
"""Share of the usual layout."""


@dataclass(frozen=True, eq=False)
class SimulatedPhoto:
    """A photo with its truth: the print that was photographed, and where its millimetres stand."""

    print: RenderedPage
    photo: Photo

    @property
    def layout(self) -> Layout:
        return self.print.layout


def simulated_photo(ecg: Ecg, level: str) -> SimulatedPhoto:
    """The photo of a record at a level of `LEVELS`, always the same one."""
    return random_photo(
        ecg, level, np.random.default_rng([crc32(ecg.case_id.encode()), crc32(level.encode())])
    )


def random_photo(ecg: Ecg, level: str, rng: np.random.Generator) -> SimulatedPhoto:
    """Print a record in a random style and layout and photograph it at any level of the camera."""
    others = [layout for layout in Layout if layout is not Layout.L3X4_1R]
    layout = Layout.L3X4_1R if rng.random() < _USUAL else others[int(rng.integers(len(others)))]
    page = render(ecg, layout, random_style(rng))
    return SimulatedPhoto(page, photograph(page.array, level, rng))
