"""Which JPEG and PNG files cost no more than their size says: these need no box (`decoder_program`).

Pillow and its libraries do work for every scan, segment, chunk and tag of a file. Here they are counted
first, by walking over their lengths; a file with more of them than cameras write goes to the box.
"""

from typing import Final, Literal

from ecgclip.photo.loading.frame import MAX_PIXELS

_MOST_BYTES: Final = 64_000_000
_MOST_PARTS: Final = 2000
"""Segments before a JPEG's first scan, and twenty times as many chunks of a PNG: each costs microseconds."""
_MOST_SCANNED: Final = 300_000_000
"""Pixels times scans of a JPEG: 25 megapixels in the dozen scans of a progressive one, .5 s."""
_MOST_COEFFICIENTS: Final = 27_000_000
"""Pixels of a JPEG whose coefficients are all held before it is drawn: 160 MB."""
_MOST_UNPACKED: Final = 250_000_000
"""Bytes of a PNG's pixels: 80 megapixels of colour."""
_MOST_TAGS: Final = 200
_MOST_EXIF: Final = 1 << 16
"""Entries of an EXIF directory, each of which may copy the whole of it, and its bytes."""
_MOST_TEXTS: Final = 20
"""Texts of a PNG, each of which may unpack to a megabyte."""

_SCAN: Final = 0xDA
_PROGRESSIVE: Final = 0xC2
_FRAMES: Final = (0xC0, 0xC1, _PROGRESSIVE)
"""Not lossless, hierarchical or arithmetic coding, which no camera writes."""
_PARTS: Final = frozenset({0xC4, 0xDB, 0xDD, *range(0xE0, 0xF0), 0xFE})
"""Tables, APPn and comments. All have a length that every decoder steps over alike; a marker that some
decoders take for another thing would let a second picture hide behind the first."""
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Of a PNG's types of colour."""
_TEXTS: Final = (b"tEXt", b"zTXt", b"iTXt")
_ONCE: Final = (b"IHDR", b"iCCP", b"eXIf")
_ANIMATION: Final = (b"acTL", b"fcTL", b"fdAT")
_EXIF_TEXT: Final = b"Raw profile type"


def is_plain(data: bytes) -> bool:
    """Whether the bytes are a JPEG or PNG that decodes within a second and 500 MB, whatever is in it."""
    if len(data) > _MOST_BYTES:
        return False
    try:
        return _plain_jpeg(data) if data[:2] == b"\xff\xd8" else _plain_png(data)
    except IndexError:  # cut short: the box finds what is wrong
        return False


def _plain_jpeg(data: bytes) -> bool:
    at, frame, exif = 2, b"", 0
    for _ in range(_MOST_PARTS):
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        part = data[at + 4 : at + 2 + length]
        if data[at] != 0xFF or length < 2:
            return False
        if marker == _SCAN:
            return len(frame) > 6 and _cheap_scans(frame, part[0], data.count(b"\xff\xda", at))
        if marker in _FRAMES and not frame:
            frame = bytes([marker]) + part
        elif marker not in _PARTS:
            return False
        if marker == 0xE1 and part.startswith(b"Exif\0\0"):
            exif += 1
            if exif > 1 or not _few_tags(part[6:]):
                return False
        if marker == 0xE2 and part.startswith(b"MPF\0") and not _few_tags(part[4:]):
            return False
        at += 2 + length
    return False


def _cheap_scans(frame: bytes, components: int, scans: int) -> bool:
    """frame: its marker and content; components: of the first scan; scans: markers, none in coded data."""
    pixels = int.from_bytes(frame[2:4]) * int.from_bytes(frame[4:6])
    streamed = scans == 1 and frame[0] != _PROGRESSIVE and components == frame[6]
    held = pixels <= _MOST_COEFFICIENTS or (streamed and pixels <= MAX_PIXELS)
    return pixels > 0 and held and pixels * scans <= _MOST_SCANNED


def _plain_png(data: bytes) -> bool:
    if data[12:16] != b"IHDR":
        return False
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    row = width * _CHANNELS.get(data[25], 8) * data[24] // 8 + 1
    if width * height > MAX_PIXELS or row * height > _MOST_UNPACKED:
        return False
    at, once, texts = 8, set[bytes](), 0
    for _ in range(20 * _MOST_PARTS):
        length, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        content = data[at + 8 : at + 8 + length] if name == b"eXIf" or name in _TEXTS else b""
        texts += name in _TEXTS
        if name == b"IEND":
            return True
        if name in _ANIMATION or name in once or texts > _MOST_TEXTS or _EXIF_TEXT in content:
            return False
        if name == b"eXIf" and not _few_tags(content):
            return False
        once |= {name} & {*_ONCE}
        at += 12 + length
        if at + 8 > len(data):
            return False
    return False


def _few_tags(directory: bytes) -> bool:
    """Whether a TIFF structure, which EXIF is, copies little: its first directory is what Pillow reads."""
    if len(directory) > _MOST_EXIF:
        return False
    little = {b"II": True, b"MM": False}.get(directory[:2])
    if little is None or len(directory) < 8:
        return True
    order: Literal["little", "big"] = "little" if little else "big"
    at = int.from_bytes(directory[4:8], order)
    return int.from_bytes(directory[at : at + 2], order) <= _MOST_TAGS
