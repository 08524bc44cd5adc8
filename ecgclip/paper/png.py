"""PNG of a page of bytes and its palette: an eighth of the time that RGB takes, and a smaller file."""

import struct
import zlib

import numpy as np

from ecgclip.typing import Uint8s


def palette_png(page: Uint8s, colours: Uint8s, px_per_mm: float) -> bytes:
    """The file's content. page: uint8 [y, x]; colours: uint8 [256, 3].

    Each row is stored as its difference from the one above (filter "up": vertical lines vanish) and packed at
    zlib's lowest level. Source: PNG specification, third edition, 9.2, 11.2-11.3.
    """
    height, width = page.shape
    rows = np.empty((height, width + 1), np.uint8)
    rows[:, 0] = 2
    rows[0, 1:] = page[0]
    np.subtract(page[1:], page[:-1], out=rows[1:, 1:])
    per_metre = round(px_per_mm * 1000)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)),
        (b"PLTE", colours.tobytes()),
        (b"IDAT", zlib.compress(rows.data, 1)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
