"""A blank flat sheet on which a test puts what it needs."""

import numpy as np

from ecgclip.training.sheet.sample import FlatSample


def small_sheet(height: int = 96, width: int = 128, words=(), panels=(), **inks) -> FlatSample:
    """All of it is shown; words: (left, top, right, bottom, class); inks: planes by their layer's name."""
    layers = np.zeros((4, height, width), np.uint8)
    layers[3] = 255
    for name, plane in inks.items():
        layers[("trace", "pulse", "mark", "shown").index(name)] = plane
    return FlatSample(
        np.stack([layers[0]] * 3),
        layers,
        np.array(words, np.float32).reshape(-1, 5),
        np.array(panels, np.float32) if len(panels) else np.zeros((0, 2, 2), np.float32),
        True,
    )
