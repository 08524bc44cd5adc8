"""Names of array types; shapes and units stand in the docstring of what takes or returns them."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Float16s: TypeAlias = npt.NDArray[np.float16]
Float32s: TypeAlias = npt.NDArray[np.float32]
Float64s: TypeAlias = npt.NDArray[np.float64]
Floats: TypeAlias = npt.NDArray[np.floating[Any]]
Uint8s: TypeAlias = npt.NDArray[np.uint8]
Int8s: TypeAlias = npt.NDArray[np.int8]
Int32s: TypeAlias = npt.NDArray[np.int32]
Int64s: TypeAlias = npt.NDArray[np.int64]
Integers: TypeAlias = npt.NDArray[np.integer[Any]]
Complex64s: TypeAlias = npt.NDArray[np.complex64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Indices: TypeAlias = npt.NDArray[np.intp]

Ink: TypeAlias = npt.NDArray[np.uint8]
"""A page's ink, uint8 [y, x]: 0 where there is none, 255 where the pen covers the pixel."""
Rgb: TypeAlias = npt.NDArray[np.uint8]
"""A picture in colour, uint8 [y, x, 3]."""
Signal: TypeAlias = npt.NDArray[np.float32]
"""Leads in mV, float32 [lead, sample], NaN where nothing was recorded."""
Traces: TypeAlias = npt.NDArray[np.float32]
"""Rows of a page in mV at 100 Hz, float32 [row, sample], NaN where a row shows nothing."""
Vectors: TypeAlias = npt.NDArray[np.float32]
"""Embeddings, float32 [item, dim], of norm 1."""
Rows: TypeAlias = npt.NDArray[np.int64]
"""Numbers of rows in a table, int64 [row]."""
