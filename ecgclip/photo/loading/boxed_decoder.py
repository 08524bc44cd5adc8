"""`BoxedDecoder`: one file of pictures or pages, decoded in a box (`ecgclip.box`)."""

from dataclasses import replace
from time import monotonic
from typing import Any, Final

from ecgclip.box.limits import MEMORY_MB, SECONDS, current_limits
from ecgclip.box.message import NOTHING, Payload
from ecgclip.box.parent import Box, BoxError, OutOfMemory, OutOfTime, ProgramError
from ecgclip.errors import ImageError
from ecgclip.photo.loading.formats import FileKind
from ecgclip.photo.loading.frame import BYTES_A_PIXEL, MAX_PIXELS, Bare, Frame, check_pixels

COUNTED: Final = 21
"""Pages are counted up to here: a file may have millions."""
MOST_LISTED_BYTES: Final = 20_000_000
"""Of the lines and characters of a page."""
_LONGEST_SIDE: Final = 1 << 31
_LEAST_S: Final = 2.0
"""Least seconds left of the file's limit for starting another box after one has failed."""


class BoxedDecoder:
    """Asks for frames; all of a file's frames together may take the box's seconds, and each its memory.

    A page that crashes its box does not affect the others: the next page is requested from another box, with
    the seconds that are left.
    """

    def __init__(self, data: bytes, kind: FileKind, name: str) -> None:
        self._name = name
        self._kind = kind
        self._data = data
        self._limits = current_limits()
        self._seconds = self._limits.seconds
        self._box: Box | None = self._started()
        self._is_open = False
        self._pages: int | None = None
        self._last: tuple[int, Frame] | None = None

    @property
    def pages(self) -> int:
        """How many there are; `COUNTED` where there are as many or more."""
        if self._pages is None:
            answer, _ = self._ask({"do": "count", "most": COUNTED})
            self._pages = self._whole_number(answer.get("pages"), 1, COUNTED)
        return self._pages

    def frame(self, page: int) -> Frame:
        """A page, counted from 0. Errors: ImageError, one line."""
        if self._last is None or self._last[0] != page:
            self._last = None
            self._last = page, self._frame(page)
        return self._last[1]

    def finer(self, page: int, shrink: float) -> Frame:
        """The page as it was decoded: most kinds are decoded whole, and a second time might take as long."""
        return self.frame(page)

    def listing(self, page: int) -> tuple[dict[str, Any], bytes] | None:
        """What a page of a PDF draws, for `vector.paths.PagePaths`; None where it cannot be listed."""
        if self._kind is not FileKind.PDF:
            return None
        try:
            facts, data = self._ask({"do": "listing", "page": page}, MOST_LISTED_BYTES)
        except ImageError:  # what is wrong, drawing the page as a picture will say
            return None
        return (facts, data) if facts else None

    def close(self) -> None:
        self._last = None
        if self._box is not None:
            self._box.close()

    def _frame(self, page: int) -> Frame:
        answer, data = self._ask({"do": "frame", "page": page}, 4 * MAX_PIXELS)
        mode = str(answer.get("mode"))
        size_px, original_px = self._size(answer.get("size")), self._size(answer.get("original"))
        orientation = self._whole_number(answer.get("orientation"), 1, 8)
        check_pixels(size_px, self._name)
        if len(data) != BYTES_A_PIXEL.get(mode, 0) * size_px[0] * size_px[1]:
            raise self._broken()
        return Frame(Bare(mode, size_px, data), original_px, orientation)

    def _ask(self, request: dict[str, Any], most_bytes: int = 0) -> tuple[dict[str, Any], bytes]:
        began = monotonic()
        try:
            return self._request(request, most_bytes)
        except ProgramError as error:
            raise ImageError(str(error)) from None
        except BoxError as error:
            self._box, self._is_open = None, False
            self._seconds -= monotonic() - began
            raise self._refusal(error) from None

    def _request(self, request: dict[str, Any], most_bytes: int) -> tuple[dict[str, Any], bytes]:
        if self._box is None:
            self._box = self._started()
        if not self._is_open:
            opening = {"do": "open", "kind": self._kind, "name": self._name}
            self._box.ask(opening, Payload.of(self._data))
            self._is_open = True
            if not self._kind.paged:  # it has no further page
                self._data = b""
        return self._box.ask(request, NOTHING, most_bytes)

    def _started(self) -> Box:
        if self._seconds < _LEAST_S and self._seconds < self._limits.seconds:
            raise self._refusal(OutOfTime())
        limits = replace(self._limits, seconds=self._seconds)
        try:
            return Box("ecgclip.photo.loading.decoder_program", limits)
        except OSError as error:
            raise ImageError(
                f"{self._name}: no process can be started to decode this {self._kind} ({error.strerror}); "
                "end other programs, or save it as JPEG or PNG"
            ) from error

    def _refusal(self, error: BoxError) -> ImageError:
        match error:
            case OutOfTime():
                what, variable = f"more than {self._limits.seconds:g} s", SECONDS
            case OutOfMemory():
                what, variable = f"more than {self._limits.memory_mb} MB", MEMORY_MB
            case _:
                return self._broken()
        return ImageError(
            f"{self._name}: decoding this {self._kind} takes {what}; "
            f"save it as JPEG or PNG, or allow more by {variable}"
        )

    def _broken(self) -> ImageError:
        return ImageError(
            f"{self._name}: the decoder of this {self._kind} failed: it is damaged, or needs more than "
            f"{self._limits.memory_mb} MB; save it as JPEG or PNG, or allow more by {MEMORY_MB}"
        )

    def _size(self, pair: object) -> tuple[int, int]:
        """A checked (width, height): a hostile file may control what the decoder answers."""
        if not isinstance(pair, list) or len(pair) != 2:
            raise self._broken()
        return self._whole_number(pair[0], 1, _LONGEST_SIDE), self._whole_number(pair[1], 1, _LONGEST_SIDE)

    def _whole_number(self, value: object, least: int, most: int) -> int:
        if not isinstance(value, int) or not least <= value <= most:
            raise self._broken()
        return value
