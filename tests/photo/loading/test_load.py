"""Every kind of file becomes the same RGB, or one line."""

import io
import warnings
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ecgclip.errors import ImageError, ModelError
from ecgclip.photo.loading.frame import LONG_SIDE_PX, decoder_errors
from ecgclip.photo.loading.load import load, open_document
from tests.photo.loading.hostile import CATALOGUE, PAGES, chunk, pdf, png

RAMP = np.tile(np.linspace(0, 255, 300).astype(np.uint8), (200, 1))
DEEP = RAMP.astype(np.uint16) * 257


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.copy().save(buffer, kind, **options)  # a copy: saving leaves settings behind
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "RGBA", "LA", "1", "I;16"])
def test_png_modes_give_the_grey_they_show(mode: str) -> None:
    image = Image.fromarray(DEEP) if mode == "I;16" else Image.fromarray(RAMP).convert(mode)
    rgb = load(encoded(image, "PNG")).rgb
    truth = np.asarray(Image.fromarray(RAMP).convert("1").convert("L")) if mode == "1" else RAMP
    assert rgb.shape == (200, 300, 3)
    assert np.abs(rgb.astype(int) - truth[..., None]).max() <= 1


GREY, COLOUR = Image.fromarray(RAMP), Image.fromarray(RAMP).convert("RGB")
OTHER = Image.fromarray(255 - RAMP).convert("RGB")
FILES: dict[str, Callable[[], bytes]] = {
    "progressive": lambda: encoded(COLOUR, "JPEG", quality=95, progressive=True),
    "mpo": lambda: encoded(COLOUR, "MPO", quality=95, save_all=True, append_images=[OTHER.copy()]),
    "cmyk jpeg": lambda: encoded(COLOUR.convert("CMYK"), "JPEG", quality=95),
    "gif": lambda: encoded(GREY, "GIF", save_all=True, append_images=[OTHER.convert("L")]),
    "webp": lambda: encoded(COLOUR, "WEBP", quality=90),
    "animated webp": lambda: encoded(COLOUR, "WEBP", quality=90, save_all=True, append_images=[OTHER.copy()]),
    "animated png": lambda: encoded(COLOUR, "PNG", save_all=True, append_images=[OTHER.copy()]),
    "bmp": lambda: encoded(COLOUR, "BMP"),
    "palette bmp": lambda: encoded(GREY.convert("P"), "BMP"),
    "tiff": lambda: encoded(COLOUR, "TIFF"),
    "lzw": lambda: encoded(COLOUR, "TIFF", compression="tiff_lzw"),
    "deflate cmyk": lambda: encoded(COLOUR.convert("CMYK"), "TIFF", compression="tiff_adobe_deflate"),
    "16-bit tiff": lambda: encoded(Image.fromarray(DEEP), "TIFF"),
    "float tiff": lambda: encoded(Image.fromarray(RAMP.astype(np.float32) / 255), "TIFF"),
    "jpeg 2000": lambda: encoded(COLOUR, "JPEG2000"),
    "alpha": lambda: encoded(
        Image.merge("LA", [Image.new("L", (300, 200)), Image.fromarray(255 - RAMP)]), "PNG"
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_files_of_every_kind_show_their_first_picture(kind: str) -> None:
    rgb = load(FILES[kind]()).rgb
    assert rgb.shape == (200, 300, 3)
    assert np.abs(rgb.astype(int) - RAMP[..., None]).mean() < 4


ARRAYS = {
    "uint16": DEEP,
    "twelve bits": RAMP.astype(np.uint16) * 16,
    "int64": RAMP.astype(np.int64),
    "float64": RAMP / 255.0,
    "float16": (RAMP / 255.0).astype(np.float16),
    "floats to 255": RAMP.astype(np.float32),
    "channel": RAMP[..., None],
    "fortran": np.asfortranarray(np.repeat(RAMP[..., None], 3, axis=2)),
    "mirrored view": np.repeat(RAMP[..., None], 3, axis=2)[:, ::-1][:, ::-1],
    "opaque": np.dstack([RAMP, RAMP, RAMP, np.full_like(RAMP, 255)]),
}


@pytest.mark.parametrize("kind", ARRAYS)
def test_arrays_of_every_kind(kind: str) -> None:
    rgb = load(ARRAYS[kind]).rgb
    assert rgb.shape == (200, 300, 3)
    assert np.abs(rgb.astype(int) - RAMP[..., None]).max() <= 1


def test_booleans_and_what_is_no_number() -> None:
    assert set(np.unique(load(RAMP > 100).rgb)) == {0, 255}
    spoilt = np.where(RAMP == 0, np.nan, RAMP / 255.0)
    spoilt[0, -1] = np.inf
    assert np.abs(load(spoilt).rgb[1:, 5:, 0].astype(int) - RAMP[1:, 5:]).max() <= 1


def test_transparency_is_white_paper() -> None:
    clear = Image.new("RGBA", (450, 450), (0, 0, 0, 0))
    assert (load(clear).rgb == 255).all()


SLOPE = (RAMP // 2 + np.linspace(0, 120, 200).astype(np.uint8)[:, None]).astype(np.uint8)
"""Brighter to the right and downwards: no turn or reflection leaves it as it is."""
TURNS = {
    1: SLOPE,
    2: SLOPE[:, ::-1],
    3: SLOPE[::-1, ::-1],
    4: SLOPE[::-1],
    5: SLOPE.T,
    6: np.rot90(SLOPE, 1),
    7: SLOPE.T[::-1, ::-1],
    8: np.rot90(SLOPE, -1),
}


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_exif_turns_the_picture_upright(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    held = Image.fromarray(np.ascontiguousarray(TURNS[orientation])).convert("RGB")
    rgb = load(encoded(held, kind, exif=exif, quality=95)).rgb
    assert rgb.shape == (200, 300, 3)
    assert np.abs(rgb[..., 0].astype(int) - SLOPE).mean() < 3


@pytest.mark.filterwarnings("ignore:.*EXIF")
def test_broken_exif_spoils_no_picture() -> None:
    rgb = load(encoded(COLOUR, "JPEG", quality=95, exif=b"Exif\0\0II*\0\xff\xff\xff\xff")).rgb
    assert np.abs(rgb[..., 0].astype(int) - RAMP).mean() < 3


def test_the_filters_of_warnings_are_the_callers() -> None:
    """They belong to the process: threads that each put them back would leave them changed."""
    before = list(warnings.filters)
    with decoder_errors("a picture"):
        assert warnings.filters == before


def test_what_is_raised_over_an_open_picture_stays_what_it_is() -> None:
    for source in (COLOUR, encoded(COLOUR, "PNG")):
        with pytest.raises(ModelError, match="elsewhere"), open_document(source):
            raise ModelError("elsewhere")
    with pytest.raises(ImageError, match=r"^page 2 was asked for; a picture has one$"):
        load(COLOUR, page=1)


def test_scale_is_pixels_of_the_original() -> None:
    for kind in ("JPEG", "PNG"):
        picture = load(encoded(Image.new("RGB", (4000, 1000), "white"), kind))
        assert max(picture.rgb.shape) <= LONG_SIDE_PX
        assert picture.scale * picture.rgb.shape[1] == pytest.approx(4000)


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "RGBA", "I;16", "F", "1"])
def test_large_pictures_are_averaged_strip_by_strip(mode: str) -> None:
    """Blocks of 3 x 3 equal pixels: their average over 3 x 3 is known exactly."""
    small = np.random.default_rng(0).integers(0, 2, (300, 2000), dtype=np.uint8) * 255
    large = np.kron(small, np.ones((3, 3), np.uint8))
    match mode:
        case "I;16":
            image = Image.fromarray(large.astype(np.uint16) * 257)
        case "F":
            image = Image.fromarray(large.astype(np.float32))
        case _:
            image = Image.fromarray(large).convert(mode)
    picture = load(image)
    assert (picture.rgb == small[..., None]).all()
    assert picture.scale == 3.0


def test_a_pil_image_of_the_caller_stays_as_it_is() -> None:
    image = Image.open(io.BytesIO(encoded(Image.new("RGB", (4000, 1000), "white"), "JPEG")))
    load(image)
    assert image.size == (4000, 1000)


@pytest.mark.parametrize("width", [4400, 4401, 4402, 4403, 4405])
def test_jpeg_2000_of_any_size_is_halved_while_decoding(width: int) -> None:
    image = Image.new("RGB", (width, 300), (200, 190, 180))
    picture = load(encoded(image, "JPEG2000"))
    assert np.abs(picture.rgb.astype(int) - (200, 190, 180)).max() <= 2
    assert picture.scale * picture.rgb.shape[1] == pytest.approx(width, abs=4)


def test_only_the_frames_of_a_tiff_are_pages() -> None:
    many = {"save_all": True, "append_images": [OTHER.copy(), COLOUR.copy()]}
    with open_document(encoded(COLOUR, "TIFF", **many)) as document:
        assert document.pages == 3
        second, first = document.picture(1).rgb, document.picture(0).rgb
    assert np.abs(second[..., 0].astype(int) - (255 - RAMP)).max() <= 1
    assert np.abs(first[..., 0].astype(int) - RAMP).max() <= 1
    for kind in ("GIF", "PNG", "WEBP"):
        with open_document(encoded(COLOUR, kind, **many)) as document:
            assert document.pages == 1


@pytest.mark.parametrize("page", [-1, 3])
@pytest.mark.parametrize("kind", ["TIFF", "PDF"])
def test_an_absent_page_is_one_line(kind: str, page: int) -> None:
    data = encoded(COLOUR, kind, save_all=True, append_images=[OTHER.copy(), COLOUR.copy()])
    with pytest.raises(ImageError, match=rf"page {page + 1} was asked for; the \w+ has 3"):
        load(data, page=page)


def test_heic_of_a_phone_is_turned_once() -> None:
    """The file says twice how it was held, in its EXIF and in its container."""
    rgb = load(Path(__file__).parent / "data" / "synthetic_page.heic").rgb
    assert rgb.shape == (1020, 1320, 3)


def bomb() -> bytes:
    """A PNG of 30,000 x 30,000 pixels in a few kilobytes."""
    return png(30000, 30000, chunk(b"IDAT", zlib.compress(bytes(30001) * 100, 9)))


def locked_pdf() -> bytes:
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] >>"
    key = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >> /ID [<00> <00>]"
    return pdf(CATALOGUE, PAGES, page, trailer=key % (b"11" * 32, b"22" * 32))


def pdf_bomb() -> bytes:
    """A page that shows a picture of 30,000 x 30,000 pixels."""
    pixels = zlib.compress(bytes(3750) * 30000, 9)
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R"
        b" /Resources << /XObject << /A 5 0 R >> >> >>"
    )
    shown = b"<< /Length 24 >>\nstream\n300 0 0 200 0 0 cm /A Do\nendstream"
    picture = (
        b"<< /Type /XObject /Subtype /Image /Width 30000 /Height 30000 /ColorSpace /DeviceGray"
        b" /BitsPerComponent 1 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream"
    )
    return pdf(CATALOGUE, PAGES, page, shown, picture % (len(pixels), pixels))


GOOD = encoded(GREY, "PNG")
BAD: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "text": lambda: b"hello\n",
    "head": lambda: b"\x89PNG\r\n\x1a\n",
    "half": lambda: GOOD[: len(GOOD) // 2],
    "bomb": bomb,
    "broken pdf": lambda: b"%PDF-1.4\nbroken",
    "heic": lambda: b"\0\0\0\x18ftypheic",
    "avif": lambda: b"\0\0\0\x18ftypavif",
    "film": lambda: b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(100),
    "postscript": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n",
    "pdf bomb": pdf_bomb,
    "ppm, which nobody photographs in": lambda: encoded(COLOUR, "PPM"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_be_read_is_one_line(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(BAD[kind]())
    with pytest.raises(ImageError) as caught:
        load(path)
    assert "\n" not in str(caught.value)
    assert "picture.png" in str(caught.value)


def test_a_locked_pdf_says_so() -> None:
    with pytest.raises(ImageError, match="locked by a password"):
        load(locked_pdf())


@pytest.mark.parametrize("kind", FILES)
def test_files_cut_short_or_damaged_are_read_or_one_line(kind: str) -> None:
    data, rng = FILES[kind](), np.random.default_rng(zlib.crc32(kind.encode()))
    for _ in range(12):
        damaged = bytearray(data[: int(rng.integers(1, len(data)))] if rng.random() < 0.5 else data)
        for place in rng.integers(0, len(damaged), int(rng.integers(0, 30))):
            damaged[place] = int(rng.integers(256))
        with suppress(ImageError):
            picture = load(bytes(damaged))
            assert picture.rgb.dtype == np.uint8
            assert max(picture.rgb.shape[:2]) <= LONG_SIDE_PX


def test_absent_folder_and_wrong_array(tmp_path: Path) -> None:
    shapes = np.zeros((3, 4, 5, 6)), np.zeros((0, 4)), np.zeros((4, 4, 2)), np.zeros((3, 9, 9))
    kinds = np.zeros((9, 9), complex), np.full((9, 9), "a"), np.full((9, 9), None)
    for source in (tmp_path / "absent.png", tmp_path, "a\0b", *shapes, *kinds, None, 7, [1, 2]):
        with pytest.raises(ImageError):
            load(source)  # type: ignore[arg-type]
