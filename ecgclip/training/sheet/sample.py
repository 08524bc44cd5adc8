"""`FlatSample`: a flat sheet with its truth, and the same sheet turned."""

from dataclasses import dataclass

import numpy as np

from ecgclip.typing import Float32s, Uint8s


@dataclass(frozen=True, eq=False)
class FlatSample:
    """One sheet as the network sees it, upright, at `FLAT_PX_PER_MM`.

    Attributes:
        planes: uint8 [3, y, x], dark, ink, colour.
        layers: uint8 [4, y, x]: ink of curves, pulses and marks; 255 where the picture shows the sheet.
        words: float32 [word, (left, top, right, bottom, class)], edges of the boxes in px; class of
            `photo.flat.words`, -1 for a word without one.
        panels: float32 [panel, node, (x, y)], px: the 0-mV line of each curve, from its start to its end.
        by_reader: Laid flat by the grid reader's own map.
    """

    planes: Uint8s
    layers: Uint8s
    words: Float32s
    panels: Float32s
    is_ecg: bool
    by_reader: bool = False

    @property
    def trace(self) -> Uint8s:
        return np.asarray(self.layers[0])

    @property
    def pulse(self) -> Uint8s:
        return np.asarray(self.layers[1])

    @property
    def mark(self) -> Uint8s:
        return np.asarray(self.layers[2])

    @property
    def shown(self) -> Uint8s:
        return np.asarray(self.layers[3])

    @property
    def size_px(self) -> tuple[int, int]:
        """(height, width)."""
        return self.layers.shape[1], self.layers.shape[2]


def quarter_turned(sample: FlatSample, turns: int) -> FlatSample:
    """The sheet turned counter-clockwise by quarter turns, with all that is on it."""
    planes, layers = (
        np.ascontiguousarray(np.rot90(part, turns, axes=(1, 2))) for part in (sample.planes, sample.layers)
    )
    corners, panels = sample.words[:, :4].reshape(-1, 2, 2), sample.panels
    width = sample.size_px[1]
    for turn in range(turns % 4):
        corners, panels = (_turned(points, width) for points in (corners, panels))
        width = sample.size_px[turn % 2]
    boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    words = np.concatenate([boxes, sample.words[:, 4:]], axis=1)
    return FlatSample(planes, layers, words, panels, sample.is_ecg, sample.by_reader)


def moved(
    words: Float32s, panels: Float32s, corner_px: tuple[int, int], zoom: float
) -> tuple[Float32s, Float32s]:
    """Words and panels of a crop with this (top, left) corner, scaled by `zoom`."""
    corner = np.array(corner_px[::-1], np.float32)

    def placed(points: Float32s) -> Float32s:
        return np.asarray((points - corner + 0.5) * zoom - 0.5, np.float32)

    boxes = placed(words[:, :4].reshape(-1, 2, 2)).reshape(-1, 4)
    return np.concatenate([boxes, words[:, 4:]], axis=1), placed(panels)


def _turned(points: Float32s, width: int) -> Float32s:
    """Points (x, y) on a sheet of this width after a counter-clockwise quarter turn."""
    return np.stack([points[..., 1], width - 1 - points[..., 0]], axis=-1)
