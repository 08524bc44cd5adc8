"""The pages of a PDF as pictures, drawn vectors and embedded scans alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from ecgclip.errors import ImageError

if TYPE_CHECKING:
    import pypdfium2

_ALONE = Lock()
"""PDFium keeps global state: one thread at a time."""
_MAX_NESTING: Final = 4


@contextmanager
def opened_pdf(data: bytes, name: str) -> Iterator["pypdfium2.PdfDocument"]:
    """The PDF for the duration; what PDFium complains of is one line.

    Errors: ImageError where it is broken or locked.
    """
    import pypdfium2

    with _ALONE:
        try:
            document = pypdfium2.PdfDocument(data)
            try:
                yield document
            finally:
                document.close()
        except pypdfium2.PdfiumError as error:
            if "password" in str(error).lower():
                raise ImageError(f"{name}: the PDF is locked by a password; save it without one") from error
            raise ImageError(f"{name}: the PDF is broken ({error}); save it again") from error


def count_pages(data: bytes, name: str) -> int:
    with opened_pdf(data, name) as document:
        return len(document)


def draw_page(data: bytes, name: str, page: int, long_side: int, max_pixels: int) -> npt.NDArray[np.uint8]:
    """One page, counted from 0, as uint8 RGB [y, x, 3] with this long side.

    Errors: ImageError where there is no such page, it is broken or holds a picture of too many pixels.
    """
    with opened_pdf(data, name) as document:
        if not 0 <= page < len(document):
            raise ImageError(f"{name}: page {page + 1} was asked for; the PDF has {len(document)}")
        sheet = document[page]
        _check_pictures(sheet, f"{name}: page {page + 1}", max_pixels)
        scale = long_side / max(1.0, *sheet.get_size())
        return np.array(sheet.render(scale=scale).to_pil().convert("RGB"))


def _check_pictures(sheet: "pypdfium2.PdfPage", name: str, max_pixels: int) -> None:
    """PDFium decodes a scan whole, however small it is drawn."""
    import pypdfium2.raw as raw

    for found in sheet.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=_MAX_NESTING):
        width, height = found.get_px_size()
        if width * height > max_pixels:
            raise ImageError(f"{name}: holds a picture of {width}x{height} pixels; at most 80 megapixels")
