"""JPEG: what messengers and phones make of the picture."""

from dataclasses import dataclass

import cv2
import numpy as np

from ecgclip.typing import Rgb


@dataclass(frozen=True)
class Jpeg:
    """Quality, 1 to 100."""

    quality: int


def sample_jpeg(rng: np.random.Generator, quality: tuple[int, int]) -> Jpeg:
    """A quality between two, both included."""
    return Jpeg(int(rng.integers(quality[0], quality[1] + 1)))


def apply_jpeg(picture: Rgb, jpeg: Jpeg) -> Rgb:
    """The picture written and read back, uint8 RGB."""
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    _, coded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, jpeg.quality])
    back = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    return np.asarray(cv2.cvtColor(back, cv2.COLOR_BGR2RGB), np.uint8)
