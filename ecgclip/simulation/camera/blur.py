"""Blur: a lens out of focus, or a hand that moves while the shutter is open."""

from dataclasses import dataclass

import cv2
import numpy as np

from ecgclip.typing import Float32s, Rgb


@dataclass(frozen=True)
class Blur:
    """A Gaussian of `sigma_mm` on the page, then a motion of `motion_mm` along `angle_deg`."""

    sigma_mm: float
    motion_mm: float
    angle_deg: float


def sample_blur(rng: np.random.Generator, strength: float) -> Blur:
    """Up to a quarter of a millimetre at strength 1; thin lines stay visible, grey."""
    moves = rng.random() < 0.3
    return Blur(
        sigma_mm=float(rng.uniform(0.05, 0.22) * strength),
        motion_mm=float(rng.uniform(0.2, 0.8) * strength) if moves else 0.0,
        angle_deg=float(rng.uniform(0, 180)),
    )


def apply_blur(picture: Rgb, blur: Blur, px_per_mm: float) -> Rgb:
    """The blurred picture, uint8 RGB."""
    sigma_px, motion_px = blur.sigma_mm * px_per_mm, blur.motion_mm * px_per_mm
    if sigma_px > 0.2:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma_px), np.uint8)
    if motion_px > 1:
        picture = np.asarray(cv2.filter2D(picture, -1, _path(motion_px, blur.angle_deg)), np.uint8)
    return picture


def _path(length_px: float, angle_deg: float) -> Float32s:
    """The kernel of a straight motion, sum 1."""
    side = 2 * int(np.ceil(length_px / 2)) + 1
    kernel = np.zeros((side, side), np.float32)
    angle = np.deg2rad(angle_deg)
    reach = np.array([np.cos(angle), np.sin(angle)]) * length_px / 2
    ends = [tuple(int(v) for v in np.round((side // 2 + sign * reach) * 16)) for sign in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_AA, 4)
    return np.asarray(kernel / kernel.sum(), np.float32)
