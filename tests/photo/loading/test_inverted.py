"""A dark picture is read again inverted, also where a part of the original is read more finely."""

import numpy as np

from ecgclip.photo.loading.frame import Box
from ecgclip.photo.loading.load import Picture


def test_an_inverted_picture_gives_inverted_details():
    original = np.full((40, 60, 3), 20, np.uint8)
    original[10:30, 10:50] = 240

    def detail(box: Box) -> Picture:
        return Picture(original[box.top : box.bottom, box.left : box.right], 1.0, detail=detail)

    picture = Picture(original[::2, ::2], 2.0, detail=detail).inverted()
    assert picture.rgb[0, 0].tolist() == [235] * 3
    part = picture.detail(Box(0, 0, 30, 20))
    assert part.rgb[0, 0].tolist() == [235] * 3
    assert part.rgb[15, 15].tolist() == [15] * 3
    assert part.detail(Box(0, 0, 5, 5)).rgb.max() == 235
    assert Picture(original, 1.0).inverted().detail is None
