"""What cameras and programs write is decoded at once; what only an attacker writes is not."""

import io
import zlib

import numpy as np
import pytest
from PIL import Image

from ecgclip.photo.loading.plain import is_plain
from tests.photo.loading import hostile

NOISE = np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)
DATA = hostile.chunk(b"IDAT", zlib.compress(bytes(65 * 64)))


def encoded(mode: str, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(NOISE).convert(mode).save(file, kind, **options)
    return file.getvalue()


def camera_exif() -> bytes:
    exif = Image.Exif()
    for tag, value in {0x010F: "Maker", 0x0110: "Model", 0x0112: 6, 0x0132: "2026:01:02 03:04:05"}.items():
        exif[tag] = value
    exif.get_ifd(0x8769)[0x927C] = bytes(40_000)  # a maker's note
    return exif.tobytes()


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_photos_are_plain(mode: str, progressive: bool) -> None:
    assert is_plain(encoded(mode, "JPEG", progressive=progressive, exif=camera_exif(), quality=95))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1"])
def test_screenshots_are_plain(mode: str) -> None:
    assert is_plain(encoded(mode, "PNG", exif=camera_exif()))


def test_two_pictures_in_one_jpeg_are_plain() -> None:
    other = Image.fromarray(255 - NOISE)
    assert is_plain(encoded("RGB", "MPO", save_all=True, append_images=[other]))


def test_a_large_progressive_photo_of_a_phone_is_plain() -> None:
    file = io.BytesIO()
    Image.new("RGB", (5000, 4000), "white").save(file, "JPEG", progressive=True)
    assert is_plain(file.getvalue())


HOSTILE = {
    "scans": lambda: hostile.many_scans(2000, 300),
    "segments": lambda: hostile.jpeg(hostile.segment(0xFE, b"") * 2001),
    "fill bytes": lambda: hostile.jpeg(b"\xff" * 1000),
    "tags": lambda: hostile.jpeg(hostile.exif_of_tags(201)),
    "several EXIF": lambda: hostile.jpeg(hostile.exif_of_tags(2) * 2),
    "progressive and large": lambda: hostile.many_scans(6000, 0),
    "no size": lambda: b"\xff\xd8" + hostile.segment(0xDA, b""),
    "arithmetic": lambda: hostile.jpeg().replace(b"\xff\xc0", b"\xff\xc9"),
    "a length of 0": lambda: b"\xff\xd8\xff\xe0\0\0",
    "cut": lambda: hostile.jpeg()[:40],
    "chunks": hostile.many_chunks,
    "animated": lambda: hostile.png(64, 64, hostile.chunk(b"acTL", bytes(8)), DATA),
    "a chunk beyond the end": lambda: hostile.png(64, 64, b"\x7f\xff\xff\xffjuNk", DATA),
    "no header": lambda: b"\x89PNG\r\n\x1a\n" + DATA,
    "16 bits and large": lambda: hostile.png(8000, 8000, DATA, kind=(16, 2)),
    "tags of a PNG": lambda: hostile.png(
        64, 64, hostile.chunk(b"eXIf", hostile.exif_of_tags(201)[10:]), DATA
    ),
    "a second size": lambda: hostile.jpeg().replace(
        b"\xff\xc4", hostile.segment(0xC0, bytes(15)) + b"\xff\xc4", 1
    ),
    "a marker without a length": lambda: hostile.jpeg(b"\xff\xd0\0\x09" + bytes(7)),
    "one component of three": lambda: hostile.one_component_a_scan((6000, 6000)),
    "profiles": lambda: hostile.png(64, 64, hostile.chunk(b"iCCP", b"a\0\0" + zlib.compress(b"b")) * 2, DATA),
    "texts": lambda: hostile.png(64, 64, hostile.chunk(b"zTXt", b"a\0\0" + zlib.compress(b"b")) * 21, DATA),
    "two headers": lambda: hostile.png(64, 64, hostile.chunk(b"IHDR", bytes(13)), DATA),
    "EXIF as text": lambda: hostile.png(64, 64, hostile.chunk(b"tEXt", b"Raw profile type exif\0\n"), DATA),
    "EXIF of 64 kB": lambda: hostile.png(
        64, 64, hostile.chunk(b"eXIf", b"II*\0\x08\0\0\0" + bytes(1 << 16)), DATA
    ),
    "of 64 MB": lambda: hostile.jpeg() + bytes(64_000_001),
    "cut after its signature": lambda: b"\x89PNG\r\n\x1a\n",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_costs_more_than_its_size_says_is_not(kind: str) -> None:
    assert not is_plain(HOSTILE[kind]())


def test_the_limits_are_those_of_the_hostile_files() -> None:
    """Just within them each kind is plain: what is refused above is refused for its own reason."""
    assert is_plain(hostile.jpeg(hostile.segment(0xFE, b"") * 1900))
    assert is_plain(hostile.jpeg(hostile.exif_of_tags(200)))
    assert is_plain(hostile.many_scans(2000, 60))
    assert is_plain(hostile.many_chunks(39_000))
    assert is_plain(hostile.png(8000, 8000, DATA))
    assert is_plain(hostile.one_component_a_scan((5000, 5000)))
    assert is_plain(hostile.png(64, 64, hostile.chunk(b"zTXt", b"a\0\0" + zlib.compress(b"b")) * 20, DATA))
    assert is_plain(hostile.png(64, 64, hostile.chunk(b"eXIf", b"II*\0\x08\0\0\0" + bytes(60_000)), DATA))
    assert is_plain(hostile.png(64, 64, hostile.chunk(b"eXIf", hostile.exif_of_tags(200)[10:]), DATA))


def test_random_damage_is_judged_without_an_error() -> None:
    rng = np.random.default_rng(1)
    for data in (hostile.jpeg(hostile.exif_of_tags(5)), hostile.png(64, 64, DATA)):
        for _ in range(300):
            damaged = bytearray(data[: int(rng.integers(2, len(data)))])
            for place in rng.integers(0, len(damaged), 5):
                damaged[place] = int(rng.integers(256))
            assert is_plain(bytes(damaged)) in (True, False)
