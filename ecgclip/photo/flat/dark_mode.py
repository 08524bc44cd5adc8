"""Screens in dark mode and photographic negatives: light traces on a dark ground become ink on paper."""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

_DARK: Final = 80
"""The ground of dark modes lies below 50; paper in the deepest shadow above 60."""
_SHARE: Final = 0.6

Rgb = npt.NDArray[np.uint8]

WARNING: Final = "light on dark: the picture was inverted"


def light_on_dark(rgb: Rgb) -> bool:
    """Whether most of the picture is dark, uint8 [y, x, 3]."""
    return float(np.mean(rgb[::8, ::8].max(axis=2) < _DARK)) > _SHARE


def as_paper(rgb: Rgb) -> Rgb:
    """Grey ink on white: traces on screens have any bright colour, which would pass for a coloured grid."""
    red, green, blue = cv2.split(rgb)
    grey = cv2.bitwise_not(cv2.max(cv2.max(red, green), blue))
    return cv2.merge([grey, grey, grey]).astype(np.uint8, copy=False)
