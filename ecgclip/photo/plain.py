"""Which JPEG and PNG files cost no more than their size says: these need no box (`decoder_program`).

Pillow and its libraries do work for every scan, segment, chunk and tag of a file. Here they are counted
first, by walking over their lengths; a file with more of them than cameras write goes to the box.
"""

from typing import Final

from ecgclip.photo.frame import MAX_PIXELS

_MOST_BYTES: Final = 64_000_000
_MOST_PARTS: Final = 2000
"""Segments before a JPEG's first scan, and twenty times as many chunks of a PNG: each costs microseconds."""
_MOST_SCANNED: Final = 300_000_000
"""Pixels times scans of a JPEG: 25 megapixels in the dozen scans of a progressive one, .5 s."""
_MOST_COEFFICIENTS: Final = 27_000_000
"""Pixels of a JPEG of several scans, whose coefficients are all held: 160 MB."""
_MOST_UNPACKED: Final = 250_000_000
"""Bytes of a PNG's pixels: 80 megapixels of colour."""
_MOST_TAGS: Final = 200
"""Of an EXIF directory; each may copy the whole of it."""

_SCAN: Final = 0xDA
_PROGRESSIVE: Final = 0xC2
_FRAMES: Final = (0xC0, 0xC1, _PROGRESSIVE)
_OTHER_FRAMES: Final = (0xC3, *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0))
"""Lossless, hierarchical and arithmetic coding: no camera writes them."""
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Of a PNG's types of colour."""


def is_plain(data: bytes) -> bool:
    """Whether the bytes are a JPEG or PNG that decodes within a second and 400 MB, whatever is in it."""
    if len(data) > _MOST_BYTES:
        return False
    try:
        return _plain_jpeg(data) if data[:2] == b"\xff\xd8" else _plain_png(data)
    except IndexError:  # cut short: the box tells what is wrong
        return False


def _plain_jpeg(data: bytes) -> bool:
    at, size, exif, progressive = 2, 0, 0, False
    for _ in range(_MOST_PARTS):
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        if data[at] != 0xFF or marker in _OTHER_FRAMES or length < 2:
            return False
        if marker == _SCAN:
            return bool(size) and _cheap_scans(size, data.count(b"\xff\xda", at), progressive)
        part = data[at + 4 : at + 2 + length]
        if marker in _FRAMES:
            size, progressive = int.from_bytes(part[1:3]) * int.from_bytes(part[3:5]), marker == _PROGRESSIVE
        if marker == 0xE1 and part.startswith(b"Exif\0\0"):
            exif += 1
            if exif > 1 or _tags(part[6:]) > _MOST_TAGS:
                return False
        if marker == 0xE2 and part.startswith(b"MPF\0") and _tags(part[4:]) > _MOST_TAGS:
            return False
        at += 2 + length
    return False


def _cheap_scans(pixels: int, scans: int, progressive: bool) -> bool:
    """scans: their markers, which stand nowhere else in coded data, and perhaps in a preview."""
    streamed = scans == 1 and not progressive
    return (
        (streamed or pixels <= _MOST_COEFFICIENTS)
        and pixels <= MAX_PIXELS
        and pixels * scans <= _MOST_SCANNED
    )


def _plain_png(data: bytes) -> bool:
    if data[12:16] != b"IHDR":
        return False
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    row = width * _CHANNELS.get(data[25], 8) * data[24] // 8 + 1
    if width * height > MAX_PIXELS or row * height > _MOST_UNPACKED:
        return False
    at = 8
    for _ in range(20 * _MOST_PARTS):
        length, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        if name == b"IEND":
            return True
        if name == b"acTL" or (name == b"eXIf" and _tags(data[at + 8 : at + 8 + length]) > _MOST_TAGS):
            return False
        at += 12 + length
        if at + 8 > len(data):
            return False
    return False


def _tags(directory: bytes) -> int:
    """Entries of the first directory of a TIFF structure, which EXIF is; 0 where there is none."""
    order = {b"II": "little", b"MM": "big"}.get(directory[:2])
    if order is None or len(directory) < 8:
        return 0
    little = order == "little"
    at = int.from_bytes(directory[4:8], "little" if little else "big")
    return int.from_bytes(directory[at : at + 2], "little" if little else "big")
