"""The kinds of picture file that are read, recognised by their first bytes.

Those in which people photograph, scan, screenshot and mail ECGs; every further decoder would be one more to
attack. PPM, for one, is switched off.
"""

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """As Pillow names them; a HEIC and a PDF have decoders of their own."""

    JPEG = "JPEG"
    PNG = "PNG"
    GIF = "GIF"
    BMP = "BMP"
    WEBP = "WEBP"
    TIFF = "TIFF"
    AVIF = "AVIF"
    JPEG2000 = "JPEG2000"
    HEIF = "HEIF"
    PDF = "PDF"

    @property
    def plugin(self) -> str:
        """The module that adds this kind to Pillow; the others need not be imported."""
        return {Kind.JPEG2000: "Jpeg2K", Kind.WEBP: "WebP"}.get(self, self.value.capitalize()) + "ImagePlugin"

    @property
    def paged(self) -> bool:
        """Whether its frames are pages: those of other kinds are animations or previews."""
        return self in (Kind.TIFF, Kind.PDF)


_STARTS: Final = {
    b"\xff\xd8\xff": Kind.JPEG,
    b"\x89PNG\r\n\x1a\n": Kind.PNG,
    b"GIF87a": Kind.GIF,
    b"GIF89a": Kind.GIF,
    b"BM": Kind.BMP,
    b"II*\0": Kind.TIFF,
    b"MM\0*": Kind.TIFF,
    b"II+\0": Kind.TIFF,
    b"MM\0+": Kind.TIFF,
    b"\0\0\0\x0cjP  \r\n\x87\n": Kind.JPEG2000,
    b"\xff\x4f\xff\x51": Kind.JPEG2000,
}
_AVIF: Final = (b"avif", b"avis")
_PDF_WITHIN: Final = 1024
"""Bytes: some programs write lines of their own before a PDF."""


def kind_of(data: bytes) -> Kind | None:
    """The kind of a file; None for what is no picture that is read."""
    for start, kind in _STARTS.items():
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Kind.WEBP
    if data[4:8] == b"ftyp":
        return Kind.AVIF if data[8:12] in _AVIF else Kind.HEIF
    return Kind.PDF if data[:_PDF_WITHIN].lstrip().startswith(b"%PDF") else None
