"""Any picture file becomes upright RGB of a workable size, or one line that says why not."""

import io
import warnings
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from ecgclip.errors import ImageError

LONG_SIDE_PX: Final = 2000
"""Of the working image: 250 mm of paper then still have 5 px/mm where the page fills two thirds of it."""
MAX_PIXELS: Final = 80_000_000
MAX_FILE_BYTES: Final = 200_000_000
PDF_DPI: Final = 180
"""Letter or A4 paper at about the working size."""

_DRAWN: Final = 0.3
"""Share of the pixels that have the most frequent colour; photographs have .01."""

Rgb = npt.NDArray[np.uint8]
Source = str | PathLike[str] | bytes | Image.Image | npt.NDArray[np.generic]


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture as loaded.

    rgb: uint8 [y, x, 3], long side at most `LONG_SIDE_PX`.
    scale: pixels of the upright original per pixel of `rgb`.
    kind: `photo`, `render` or `pdf`.
    """

    rgb: Rgb
    scale: float
    kind: str = "photo"


def load(source: Source, *, page: int = 0) -> Picture:
    """Load a path, the bytes of a file, a PIL image or an array; `page` counts from 0 in a PDF.

    Raises ImageError where nothing can be read: absent, empty, no image, broken or over 80 megapixels.
    """
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Image.Image):
        return _from_pil(source, "the picture")
    if isinstance(source, bytes):
        return _from_bytes(source, "the picture", page)
    path = Path(source)
    return _from_bytes(_read(path), str(path), page)


def _read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if path.is_dir() or size == 0 or size > MAX_FILE_BYTES:
            found = "a folder" if path.is_dir() else f"{size} bytes"
            raise ImageError(f"{path}: found {found}; expected an image file of at most 200 MB")
        return path.read_bytes()
    except OSError as error:
        raise ImageError(f"{path}: cannot be read ({error.strerror or error}); check the path") from error


def _from_bytes(data: bytes, name: str, page: int) -> Picture:
    if data[:1024].lstrip().startswith(b"%PDF"):
        return _from_pdf(data, name, page)
    if data[4:8] == b"ftyp":
        _register_heif(name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _from_pil(Image.open(io.BytesIO(data)), name)
    except Image.DecompressionBombError as error:
        raise ImageError(f"{name}: {_TOO_LARGE}") from error
    except UnidentifiedImageError as error:
        raise ImageError(
            f"{name}: this is no image that can be read; give a JPEG, PNG, HEIC or PDF"
        ) from error


_TOO_LARGE: Final = "the image has more than 80 megapixels; save it smaller"


def _register_heif(name: str) -> None:
    try:
        from pi_heif import register_heif_opener
    except ImportError as error:
        raise ImageError(f"{name}: HEIC needs the package pi-heif; install it or save as JPEG") from error
    register_heif_opener()


def _from_pil(image: Image.Image, name: str) -> Picture:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise ImageError(f"{name}: {width}x{height}: {_TOO_LARGE}")
    try:
        image.draft("RGB", _draft_size(width, height))
        upright = ImageOps.exif_transpose(image)
        rgb = _to_rgb(upright)
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        TypeError,
        KeyError,
        IndexError,
        MemoryError,
    ) as error:
        raise ImageError(f"{name}: the image is broken or cut short ({error}); save it again") from error
    return _fit(rgb, max(width, height) / max(rgb.shape[:2]))


def _draft_size(width: int, height: int) -> tuple[int, int]:
    """The JPEG decoder halves while both sides stay above this: finer than the working size."""
    shrink = max(1.0, max(width, height) / (0.8 * LONG_SIDE_PX))
    return round(width / shrink), round(height / shrink)


def _to_rgb(image: Image.Image) -> Rgb:
    """Eight-bit RGB on white; 16-bit pictures keep their upper byte."""
    if image.mode in ("I;16", "I;16B", "I;16L", "I", "F"):
        return np.repeat(_eight_bit(np.asarray(image))[..., None], 3, axis=2)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        over = image.convert("RGBA")
        white = Image.new("RGBA", over.size, "white")
        return np.asarray(Image.alpha_composite(white, over).convert("RGB"))
    return np.asarray(image.convert("RGB"))


def _eight_bit(values: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    """Integers over 255 are 16-bit greys; fractions up to 1 are shares of white."""
    numbers = np.nan_to_num(values.astype(np.float32))
    top = float(numbers.max(initial=0.0))
    if top > 255:
        numbers = numbers / 257.0 if top <= 65535 else numbers * (255.0 / top)
    elif top <= 1.0 and not np.issubdtype(values.dtype, np.integer):
        numbers = numbers * 255.0
    return np.clip(np.round(numbers), 0, 255).astype(np.uint8)


def _from_array(array: npt.NDArray[np.generic]) -> Picture:
    shape = array.shape
    channels = shape[2] if len(shape) == 3 else 1
    if len(shape) not in (2, 3) or channels not in (1, 3, 4) or min(shape) < 1:
        raise ImageError(f"an array of shape {shape} was given; expected [y, x] or [y, x, 3] of uint8")
    if shape[0] * shape[1] > MAX_PIXELS:
        raise ImageError(f"the array: {shape[1]}x{shape[0]}: {_TOO_LARGE}")
    values = array if array.dtype == np.uint8 else _eight_bit(array)
    return _from_pil(
        Image.fromarray(values.astype(np.uint8).squeeze(2) if shape[2:] == (1,) else values), "the array"
    )


def _from_pdf(data: bytes, name: str, page: int) -> Picture:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
        if not 0 <= page < len(document):
            raise ImageError(f"{name}: page {page + 1} was asked for; the PDF has {len(document)}")
        sheet = document[page]
        scale = min(PDF_DPI / 72.0, LONG_SIDE_PX / max(sheet.get_size()))
        rgb = np.asarray(sheet.render(scale=scale).to_pil().convert("RGB"))
    except pypdfium2.PdfiumError as error:
        raise ImageError(f"{name}: the PDF is broken or locked ({error}); save it again") from error
    fitted = _fit(rgb, 1.0)
    return Picture(fitted.rgb, fitted.scale, "pdf")


def _kind(rgb: Rgb) -> str:
    """A program draws on paper of one colour; a camera or scanner makes noise."""
    sample = rgb[::5, ::5].reshape(-1, 3).astype(np.int64) @ np.array([65536, 256, 1])
    _, counts = np.unique(sample, return_counts=True)
    return "render" if counts.max() > _DRAWN * sample.size else "photo"


def _fit(rgb: Rgb, scale: float) -> Picture:
    import cv2

    kind = _kind(rgb)
    height, width = rgb.shape[:2]
    shrink = max(height, width) / LONG_SIDE_PX
    if shrink <= 1.0:
        return Picture(np.ascontiguousarray(rgb), scale, kind)
    size = max(1, round(width / shrink)), max(1, round(height / shrink))
    return Picture(
        cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False), scale * shrink, kind
    )
