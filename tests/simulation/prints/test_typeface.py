import numpy as np
import pytest

from ecgclip.simulation.prints.printed import Box
from ecgclip.simulation.prints.typeface import Face, Lettering, text_ink
from ecgclip.simulation.prints.writing import advance_mm, text_box, united, write


@pytest.mark.parametrize("face", Face)
@pytest.mark.parametrize("bitmap", [0, 9])
def test_capitals_are_as_high_as_asked_in_every_face(face, bitmap):
    ink, left, top, advance = text_ink("HEI", Lettering(face, 3.0, bitmap_px=bitmap), 10.0)
    assert ink.shape[0] == pytest.approx(30, abs=4)
    assert top == pytest.approx(-30, abs=4)
    assert -4 < left < 12
    assert ink.shape[1] <= advance + 10
    assert (ink[[0, -1]] > 40).any(axis=1).all()
    assert (ink[:, [0, -1]] > 40).any(axis=0).all()


def test_words_grow_by_stretch_and_tracking():
    plain = Lettering(Face.SANS, 3.0)
    width = text_ink("aVR", plain, 10.0)[0].shape[1]
    wide = text_ink("aVR", Lettering(Face.SANS, 3.0, stretch=1.3), 10.0)[0].shape[1]
    spaced = text_ink("aVR", Lettering(Face.SANS, 3.0, tracking_em=0.3), 10.0)[0].shape[1]
    assert wide == pytest.approx(1.3 * width, rel=0.06)
    assert spaced > width + 15
    assert advance_mm("aVRaVR", plain) == pytest.approx(2 * advance_mm("aVR", plain), rel=0.05)


def test_letters_beyond_ascii_are_drawn_in_every_face():
    for face in Face:
        cyrillic = text_ink("мм", Lettering(face, 3.0), 10.0)[0]
        asked = text_ink("??", Lettering(face, 3.0), 10.0)[0]
        assert cyrillic.size
        assert cyrillic.shape != asked.shape or not np.array_equal(cyrillic, asked)


def test_blank_text_has_no_box():
    plane = np.zeros((50, 50), np.uint8)
    assert write(plane, "  ", Lettering(Face.SANS, 2.0), 1.0, 5.0) is None
    assert not plane.any()
    assert text_box("", Lettering(Face.SANS, 2.0), 0, 0) is None
    assert united([Box(0, 1, 2, 3), Box(-1, 2, 1, 5)]) == Box(-1, 1, 2, 5)
