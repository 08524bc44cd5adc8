"""Where on the flat sheet the found corners stand."""

import numpy as np
import numpy.typing as npt


def nearest_nodes(
    nodes_px: npt.NDArray[np.floating], corners_px: npt.NDArray[np.floating]
) -> npt.NDArray[np.int64]:
    """Row and column, int [corner, 2], of the sheet's nodes [row, column, 2] nearest to each corner."""
    flat = nodes_px.reshape(-1, 2)
    nearest = [int(np.square(flat - corner).sum(axis=1).argmin()) for corner in corners_px]
    return np.stack(np.divmod(np.array(nearest, np.int64), nodes_px.shape[1]), axis=1)
