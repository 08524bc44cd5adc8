"""Every kind of file becomes the same RGB, or one line."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ecgclip.errors import ImageError
from ecgclip.photo.load import LONG_SIDE_PX, load

RAMP = np.tile(np.linspace(0, 255, 300).astype(np.uint8), (200, 1))


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "RGBA", "LA", "1", "I;16"])
def test_png_modes_give_the_grey_they_show(mode: str) -> None:
    if mode == "I;16":
        image = Image.fromarray(RAMP.astype(np.uint16) * 257)
    else:
        image = Image.fromarray(RAMP).convert(mode)
    rgb = load(encoded(image, "PNG")).rgb
    truth = np.asarray(Image.fromarray(RAMP).convert("1").convert("L")) if mode == "1" else RAMP
    assert rgb.shape == (200, 300, 3)
    assert np.abs(rgb.astype(int) - truth[..., None]).max() <= 1


def test_cmyk_jpeg_and_transparency_on_white() -> None:
    rgb = load(encoded(Image.fromarray(RAMP).convert("CMYK"), "JPEG", quality=95)).rgb
    assert np.abs(rgb.astype(int) - RAMP[..., None]).mean() < 4
    clear = Image.new("RGBA", (450, 450), (0, 0, 0, 0))
    assert (load(clear).rgb == 255).all()


def test_exif_turns_the_picture_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = Image.fromarray(np.rot90(RAMP, 1))
    rgb = load(encoded(turned, "JPEG", quality=95, exif=exif)).rgb
    assert rgb.shape == (200, 300, 3)
    assert np.abs(rgb[..., 0].astype(int) - RAMP).mean() < 3


def test_scale_is_pixels_of_the_original() -> None:
    picture = load(encoded(Image.new("RGB", (4000, 3000), "white"), "JPEG"))
    assert max(picture.rgb.shape) <= LONG_SIDE_PX
    assert picture.scale * picture.rgb.shape[1] == pytest.approx(4000)


def test_an_animation_shows_its_first_frame() -> None:
    frames = [Image.fromarray(RAMP), Image.fromarray(255 - RAMP)]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert np.abs(load(data).rgb[..., 0].astype(int) - RAMP).mean() < 3


def bomb() -> bytes:
    """A PNG of 30,000 x 30,000 pixels in a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 30000, 30000, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes(30001) * 100, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


GOOD = encoded(Image.fromarray(RAMP), "PNG")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello\n",
        b"\x89PNG\r\n\x1a\n",
        GOOD[: len(GOOD) // 2],
        bomb(),
        b"%PDF-1.4\nbroken",
        b"\0\0\0\x18ftypheic",
    ],
    ids=["empty", "text", "head", "half", "bomb", "pdf", "heic"],
)
def test_what_cannot_be_read_is_one_line(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(data)
    with pytest.raises(ImageError) as caught:
        load(path)
    assert "\n" not in str(caught.value)
    assert "picture.png" in str(caught.value)


def test_absent_folder_and_wrong_array(tmp_path: Path) -> None:
    for source in (tmp_path / "absent.png", tmp_path, np.zeros((3, 4, 5, 6)), np.zeros((0, 4))):
        with pytest.raises(ImageError):
            load(source)
