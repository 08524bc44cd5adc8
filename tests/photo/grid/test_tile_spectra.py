"""Spectra of tiles, to the bit."""

import numpy as np
import pytest

from ecgclip.photo.grid.tile_spectra import _magnitude
from ecgclip.typing import Float32s


def placed(values: Float32s, address: int) -> Float32s:
    """A copy that begins so many bytes after a whole multiple of 64."""
    room = np.empty(values.nbytes + 128, np.uint8)
    start = -room.ctypes.data % 64 + address
    copy = room[start : start + values.nbytes].view(np.float32).reshape(values.shape)
    copy[...] = values
    return copy


@pytest.mark.parametrize("size", [128, 192, 256, 384, 512])
def test_magnitudes_do_not_depend_on_where_the_arrays_lie(size: int) -> None:
    rng = np.random.default_rng(size)
    real, imaginary = (rng.normal(0, 1e5, (size, size // 2 - 1)).astype(np.float32) for _ in range(2))
    truth = np.abs(real.astype(np.complex128) + 1j * imaginary)
    found = [_magnitude(placed(real, at), placed(imaginary, at)) for at in range(0, 64, 4)]
    assert len({one.tobytes() for one in found}) == 1
    np.testing.assert_allclose(found[0], truth, rtol=1e-6)
