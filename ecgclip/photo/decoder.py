"""`Decoder`: one file of pictures or pages, decoded in a box (`ecgclip.box`)."""

from typing import Any, Final

from PIL import Image

from ecgclip.box.limits import MEMORY_MB, SECONDS
from ecgclip.box.parent import Box, Crashed, OutOfMemory, OutOfTime, Told
from ecgclip.errors import ImageError
from ecgclip.photo.formats import Kind
from ecgclip.photo.frame import MAX_PIXELS, Frame, check_pixels

COUNTED: Final = 21
"""Pages are counted up to here: a file may have millions."""
BYTES_A_PIXEL: Final = {"L": 1, "RGB": 3, "I;16": 2, "I;16B": 2, "I;16L": 2, "I": 4, "F": 4}
"""The forms in which pictures come out of the box, as Pillow calls them."""


class Decoder:
    """Asks for frames; each may take the box's seconds and memory and no more."""

    def __init__(self, data: bytes, kind: Kind, name: str) -> None:
        self._name = name
        self._kind = kind
        self._box = Box("ecgclip.photo.decoder_program")
        self._data: bytes | None = data
        self._pages: int | None = None
        self._last: tuple[int, Frame] | None = None

    @property
    def pages(self) -> int:
        """How many there are; `COUNTED` where there are as many or more."""
        if self._pages is None:
            self._pages = int(self._ask({"do": "count", "most": COUNTED})[0]["pages"])
        return self._pages

    def frame(self, page: int) -> Frame:
        """A page, counted from 0. Errors: ImageError, one line."""
        if self._last is None or self._last[0] != page:
            self._last = None
            self._last = page, self._frame(page)
        return self._last[1]

    def close(self) -> None:
        self._last = None
        self._box.close()

    def _frame(self, page: int) -> Frame:
        answer, data = self._ask({"do": "frame", "page": page}, 4 * MAX_PIXELS)
        try:
            mode, size_px, original_px = str(answer["mode"]), _size(answer["size"]), _size(answer["original"])
            orientation = int(answer["orientation"])
            expected = BYTES_A_PIXEL[mode] * size_px[0] * size_px[1]
        except (KeyError, TypeError, ValueError) as error:
            raise self._broken() from error
        check_pixels(size_px, self._name)
        if len(data) != expected or orientation not in range(1, 9):
            raise self._broken()
        return Frame(Image.frombuffer(mode, size_px, data, "raw", mode, 0, 1), original_px, orientation)

    def _ask(self, request: dict[str, Any], most_bytes: int = 0) -> tuple[dict[str, Any], bytearray]:
        limits = self._box.limits
        try:
            if self._data is not None:
                data, self._data = self._data, None
                self._box.ask({"do": "open", "kind": self._kind, "name": self._name}, data)
            return self._box.ask(request, b"", most_bytes)
        except Told as error:
            raise ImageError(str(error)) from None
        except OutOfTime:
            raise self._refusal(f"more than {limits.seconds:g} s", SECONDS) from None
        except OutOfMemory:
            raise self._refusal(f"more than {limits.memory_mb} MB", MEMORY_MB) from None
        except Crashed:
            raise self._broken() from None

    def _refusal(self, what: str, variable: str) -> ImageError:
        return ImageError(
            f"{self._name}: decoding this {self._kind} takes {what}; "
            f"save it as JPEG or PNG, or allow more by {variable}"
        )

    def _broken(self) -> ImageError:
        return ImageError(
            f"{self._name}: the decoder of this {self._kind} failed: it is damaged, or needs more than "
            f"{self._box.limits.memory_mb} MB; save it as JPEG or PNG, or allow more by {MEMORY_MB}"
        )


def _size(pair: Any) -> tuple[int, int]:
    width, height = map(int, pair)
    if width < 1 or height < 1:
        raise ValueError("no size of a picture")
    return width, height
