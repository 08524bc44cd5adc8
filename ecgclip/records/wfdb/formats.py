"""How signal files of WFDB records pack their samples: signal(5), without the compressed formats."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.typing import Array

DIFFERENCES: Final = "8"
"""The format that holds each sample as its distance from the one before."""


@dataclass(frozen=True)
class Packing:
    """Blocks of so many samples in so many bytes (size), and how to take them out. invalid: marks a gap."""

    samples: int
    size: int
    invalid: int | None
    unpack: Callable[[bytes], Array]


def _unpack_24(raw: bytes) -> Array:
    low, middle, high = np.frombuffer(raw, np.uint8).reshape(-1, 3).T.astype(np.int32)
    return _signed(low | middle << 8 | high << 16, 24)


def _unpack_212(raw: bytes) -> Array:
    low, shared, high = np.frombuffer(raw, np.uint8).reshape(-1, 3).T.astype(np.int32)
    return _signed(np.stack([low | (shared & 0x0F) << 8, high | (shared & 0xF0) << 4], axis=1).ravel(), 12)


def _unpack_310(raw: bytes) -> Array:
    one, two = np.frombuffer(raw, "<u2").reshape(-1, 2).T.astype(np.int32)
    third = one >> 11 & 0x1F | (two >> 11 & 0x1F) << 5
    return _signed(np.stack([one >> 1 & 0x3FF, two >> 1 & 0x3FF, third], axis=1).ravel(), 10)


def _unpack_311(raw: bytes) -> Array:
    packed = np.frombuffer(raw, "<u4").astype(np.int64)
    return _signed(np.stack([packed >> shift & 0x3FF for shift in (0, 10, 20)], axis=1).ravel(), 10)


def _signed(values: Array, bits: int) -> Array:
    """Two's complement of so many bits."""
    return np.where(values >> bits - 1, values - (1 << bits), values)


PACKINGS: Final[Mapping[str, Packing]] = {
    DIFFERENCES: Packing(1, 1, None, lambda raw: np.frombuffer(raw, np.int8)),
    "16": Packing(1, 2, -(2**15), lambda raw: np.frombuffer(raw, "<i2")),
    "24": Packing(1, 3, -(2**23), _unpack_24),
    "32": Packing(1, 4, -(2**31), lambda raw: np.frombuffer(raw, "<i4")),
    "61": Packing(1, 2, -(2**15), lambda raw: np.frombuffer(raw, ">i2")),
    "80": Packing(1, 1, -(2**7), lambda raw: np.frombuffer(raw, np.uint8).astype(np.int16) - 128),
    "160": Packing(1, 2, -(2**15), lambda raw: np.frombuffer(raw, "<u2").astype(np.int32) - 32768),
    "212": Packing(2, 3, -(2**11), _unpack_212),
    "310": Packing(3, 4, -(2**9), _unpack_310),
    "311": Packing(3, 4, -(2**9), _unpack_311),
}
