"""The pages of a PDF, as pictures or as the lines that they draw. PDFium runs in the box alone."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pypdfium2
import pypdfium2.raw as raw
from PIL import Image

from ecgclip.box.message import NOTHING, Facts, Payload
from ecgclip.errors import ImageError
from ecgclip.photo.loading.frame import MAX_PIXELS

_MAX_NESTING: Final = 4


class Pdf:
    """A PDF that was opened; errors: ImageError where it is broken or locked."""

    def __init__(self, data: bytes, name: str, long_side_px: int) -> None:
        self._name = name
        self._long_side_px = long_side_px
        with self._pdfium_errors():
            self._document = pypdfium2.PdfDocument(data)
        self._last: tuple[int, pypdfium2.PdfPage] | None = None

    def count(self, most: int) -> int:
        return min(len(self._document), most)

    def picture(self, page: int) -> tuple[Image.Image, tuple[int, int]]:
        """One page, counted from 0, drawn with the configured long side.

        Errors: ImageError where there is no such page, it is broken or holds a picture of too many pixels.
        """
        self._check_number(page)
        with self._pdfium_errors():
            sheet = self._page(page)
            _check_pictures(sheet, f"{self._name}: page {page + 1}")
            sides = [side for side in sheet.get_size() if math.isfinite(side)]
            bitmap = sheet.render(scale=self._long_side_px / max(1.0, *sides), draw_annots=True)
            image: Image.Image = bitmap.to_pil()
        return image, image.size

    def listing(self, page: int) -> tuple[Facts, Payload]:
        """What a page draws, for `vector.paths.PagePaths`; no facts where it draws too much to be listed.

        Errors: ImageError where there is no such page or it is broken.
        """
        from ecgclip.photo.vector.walk import TooManyError, list_page

        self._check_number(page)
        with self._pdfium_errors():
            try:
                found = list_page(self._page(page))
            except TooManyError:
                return {}, NOTHING
        parts = [part.tobytes() for part in found.arrays()]
        facts = {"size_mm": [found.width_mm, found.height_mm], "bytes": [len(part) for part in parts]}
        return facts, Payload(sum(map(len, parts)), parts)

    def _page(self, number: int) -> pypdfium2.PdfPage:
        """A page, whose content PDFium takes apart once for its lines and its picture."""
        if self._last is None or self._last[0] != number:
            self._last = None
            self._last = number, self._document[number]
        return self._last[1]

    def _check_number(self, page: int) -> None:
        pages = len(self._document)
        if not 0 <= page < pages:
            raise ImageError(f"{self._name}: page {page + 1} was asked for; the PDF has {pages}")

    @contextmanager
    def _pdfium_errors(self) -> Iterator[None]:
        """Turn what PDFium raises into an ImageError of one line."""
        try:
            yield
        except pypdfium2.PdfiumError as error:
            if "password" in str(error).lower():
                raise ImageError(
                    f"{self._name}: the PDF is locked by a password; save it without one"
                ) from error
            raise ImageError(f"{self._name}: the PDF is broken ({error}); save it again") from error


def _check_pictures(sheet: pypdfium2.PdfPage, name: str) -> None:
    """PDFium decodes a scan whole, however small it is drawn."""
    for found in sheet.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=_MAX_NESTING):
        width, height = found.get_px_size()
        if width * height > MAX_PIXELS:
            raise ImageError(f"{name}: holds a picture of {width}x{height} pixels; at most 80 megapixels")
