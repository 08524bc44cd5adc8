"""Other copies of the same sheet: grey, pale, bold, coarse, blotted."""

import cv2
import numpy as np

from ecgclip.typing import Uint8s


def changed(planes: Uint8s, layers: Uint8s, rng: np.random.Generator) -> tuple[Uint8s, Uint8s]:
    """Another copy of the same sheet: grey, paler or darker, bolder, coarser, with blots, noise, softness."""
    planes, layers = planes.copy(), layers.copy()
    if rng.random() < 0.25:
        planes[1], planes[2] = planes[0], 0
    strength = np.exp(rng.uniform(-1.0, 0.8)) if rng.random() < 0.3 else rng.uniform(0.6, 1.3)
    gain = strength * rng.uniform(0.85, 1.15, 3)
    planes = np.clip(planes * gain[:, None, None].astype(np.float32), 0, 255).astype(np.uint8)
    if rng.random() < 0.12:
        planes, layers = _bolder(planes, layers, int(rng.integers(2, 5)))
    if rng.random() < 0.12:
        planes = _coarser(planes, float(rng.uniform(0.35, 0.9)), sharp=bool(rng.random() < 0.5))
    if rng.random() < 0.15:
        height, width = planes.shape[1:]
        y, x = int(rng.integers(height)), int(rng.integers(width))
        reach = int(rng.integers(10, 90))
        planes[:, max(0, y - reach) : y + reach, max(0, x - reach) : x + reach] = int(rng.integers(0, 256))
    if rng.random() < 0.15:
        sigma = float(rng.uniform(0.4, 1.2))
        planes = np.stack([cv2.GaussianBlur(plane, (0, 0), sigma) for plane in planes])
    if rng.random() < 0.2:
        noise = rng.normal(0, rng.uniform(2, 14), planes.shape[1:]).astype(np.float32)
        planes = np.clip(planes + noise, 0, 255).astype(np.uint8)
    return planes, layers


def _bolder(planes: Uint8s, layers: Uint8s, size: int) -> tuple[Uint8s, Uint8s]:
    """A broad pen: dark grows by some pixels, and the ink of every layer but the last with it."""
    pen = np.ones((size, size), np.uint8)
    grown = [np.asarray(cv2.dilate(plane, pen), np.uint8) for plane in (*planes, *layers[:-1])]
    return np.stack(grown[:3]), np.stack([*grown[3:], layers[-1]])


def _coarser(planes: Uint8s, scale: float, *, sharp: bool) -> Uint8s:
    """The planes at a lower resolution; sharp: with hard pixel edges, as drawing programs make them."""
    height, width = planes.shape[1:]
    small = (max(1, round(width * scale)), max(1, round(height * scale)))
    down, up = (cv2.INTER_NEAREST, cv2.INTER_NEAREST) if sharp else (cv2.INTER_AREA, cv2.INTER_LINEAR)
    return np.stack(
        [
            np.asarray(
                cv2.resize(cv2.resize(p, small, interpolation=down), (width, height), interpolation=up)
            )
            for p in planes
        ]
    )
