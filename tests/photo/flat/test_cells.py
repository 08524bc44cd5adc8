import numpy as np
import pytest

from ecgclip.photo.flat.cells import placed_cells, turned_cells


def ramps(height: int, width: int, size_px: int) -> np.ndarray:
    """Two maps: x and y in px of each cell's middle."""
    rows, columns = -(-height // size_px), -(-width // size_px)
    middle = (np.indices((rows, columns)) + 0.5) * size_px - 0.5
    return middle[::-1].astype(np.float32)


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5])
@pytest.mark.parametrize("size", [(96, 128), (90, 126), (94, 130)])
def test_cells_of_the_turned_sheet_show_what_lies_there(turns, size):
    height, width = size
    turned = turned_cells(ramps(height, width, 8), turns, size, 8)
    here = size if turns % 2 == 0 else size[::-1]
    x, y = ramps(*here, 8)
    # the place before the turn of each cell of the turned sheet
    before = {
        0: (x, y),
        1: (width - 1 - y, x),
        2: (width - 1 - x, height - 1 - y),
        3: (y, height - 1 - x),
    }[turns % 4]
    inner = np.s_[1:-1, 1:-1]
    assert turned.shape[1:] == x.shape
    assert np.allclose(turned[0][inner], before[0][inner], atol=1e-3)
    assert np.allclose(turned[1][inner], before[1][inner], atol=1e-3)


def test_maps_that_were_not_requested_stay_empty():
    empty = np.zeros((0, 0, 0), np.float32)
    assert turned_cells(empty, 1, (90, 130), 8).size == 0
    assert placed_cells(empty, (8, 8), (90, 130), 8).size == 0


def test_a_part_is_placed_on_the_whole():
    part = np.ones((2, 3, 4), np.float32)
    whole = placed_cells(part, (8, 16), (60, 70), 4)
    assert whole.shape == (2, 15, 18)
    assert whole[:, 2:5, 4:8].all()
    assert whole.sum() == 24
