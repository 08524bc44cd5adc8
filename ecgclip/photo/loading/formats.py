"""The kinds of picture file that are read, recognised by their first bytes.

Those in which people photograph, scan, screenshot and mail ECGs; every further decoder would be one more to
attack. PPM, for one, is switched off.
"""

from enum import StrEnum
from typing import Final


class FileKind(StrEnum):
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
        return {FileKind.JPEG2000: "Jpeg2K", FileKind.WEBP: "WebP"}.get(
            self, self.value.capitalize()
        ) + "ImagePlugin"

    @property
    def paged(self) -> bool:
        """Whether its frames are pages: those of other kinds are animations or previews."""
        return self in (FileKind.TIFF, FileKind.PDF)


_STARTS: Final = {
    b"\xff\xd8\xff": FileKind.JPEG,
    b"\x89PNG\r\n\x1a\n": FileKind.PNG,
    b"GIF87a": FileKind.GIF,
    b"GIF89a": FileKind.GIF,
    b"BM": FileKind.BMP,
    b"II*\0": FileKind.TIFF,
    b"MM\0*": FileKind.TIFF,
    b"II+\0": FileKind.TIFF,
    b"MM\0+": FileKind.TIFF,
    b"\0\0\0\x0cjP  \r\n\x87\n": FileKind.JPEG2000,
    b"\xff\x4f\xff\x51": FileKind.JPEG2000,
}
_AVIF: Final = (b"avif", b"avis")
_PDF_WITHIN: Final = 1024
"""Bytes: some programs write lines of their own before a PDF."""


def kind_of(data: bytes) -> FileKind | None:
    """The kind of a file; None for what is no picture that is read."""
    for start, kind in _STARTS.items():
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return FileKind.WEBP
    if data[4:8] == b"ftyp":
        return FileKind.AVIF if data[8:12] in _AVIF else FileKind.HEIF
    return FileKind.PDF if data[:_PDF_WITHIN].lstrip().startswith(b"%PDF") else None
