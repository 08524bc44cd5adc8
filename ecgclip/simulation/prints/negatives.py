"""Pages and pictures that are no ECG, though there may be a grid, lead names or cartoon beats."""

from collections.abc import Callable
from typing import Final

import numpy as np

from ecgclip.simulation.prints.chance import pick
from ecgclip.simulation.prints.others.charts import chart
from ecgclip.simulation.prints.others.documents import empty_paper, table_page, text_page
from ecgclip.simulation.prints.others.recordings import (
    breathing,
    cardiotocogram,
    electroencephalogram,
    seismogram,
)
from ecgclip.simulation.prints.others.screens import monitor, program_panels, window
from ecgclip.simulation.prints.others.teaching import teaching
from ecgclip.simulation.prints.printed import Print, blank_planes
from ecgclip.typing import Rgb

_KINDS: Final[dict[str, tuple[float, Callable[[np.random.Generator], Rgb]]]] = {
    "empty paper": (0.16, empty_paper),
    "text": (0.12, text_page),
    "table": (0.08, table_page),
    "chart": (0.16, chart),
    "teaching": (0.18, teaching),
    "monitor": (0.08, monitor),
    "window": (0.04, window),
    "program panels": (0.04, program_panels),
    "cardiotocogram": (0.05, cardiotocogram),
    "electroencephalogram": (0.05, electroencephalogram),
    "seismogram": (0.02, seismogram),
    "breathing": (0.02, breathing),
}
"""Share and painter of each kind."""


def random_negative(rng: np.random.Generator) -> Print:
    """A page that is no ECG; the same state of `rng` draws the same page."""
    kind = pick(rng, {name: share for name, (share, _) in _KINDS.items()})
    rgb = _KINDS[kind][1](rng)
    return Print(rgb, *blank_planes(rgb.shape[:2]), is_ecg=False, style={"kind": kind})
