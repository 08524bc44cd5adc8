"""`digitize`: from a picture of an ECG to the record that was printed."""

import os
from collections.abc import Sequence
from pathlib import Path

from ecgclip.errors import RefusedImageError
from ecgclip.files import one_line, replace_surrogates
from ecgclip.photo.loading.load import Source
from ecgclip.photo.loading.opened import Opened
from ecgclip.photo.page import Page
from ecgclip.photo.rectify import rectify
from ecgclip.photo.signal import SIGNAL_RATE_HZ
from ecgclip.records.ecg import Ecg

SOURCE = "photo"
"""The source of a record that was read from a picture."""
_NAMELESS = "the image"


def digitize(image: Source, *, page: int | None = None) -> Ecg:
    """Read the signal of a photo, scan, screenshot or PDF page of an ECG.

    Args:
        image: A path, the bytes of a file, a PIL image or an array (uint8 [y, x] or [y, x, 3]).
        page: Of a PDF or TIFF, counted from 0; None: the first that is a readable ECG.

    Returns:
        Twelve leads in mV at 500 Hz over the 10 s of the record, NaN where the print shows nothing; `name` is
        the file's without suffix, `warnings` say what may be wrong.

    Raises:
        ImageError: Where the file cannot be read as an image at all.
        RefusedImageError: Where it is no readable ECG, or its leads cannot be named.
    """
    return ecg_of_page(rectify(image, page=page), path_of(image))


def ecg_of_page(page: Page, path: str | None = None) -> Ecg:
    """The record of a page that was read before; path: of the picture.

    Errors: RefusedImageError where the page was refused, or its leads cannot be named.
    """
    if reason := why_no_signal(page):
        raise RefusedImageError(f"{path or _NAMELESS}: refused: {reason}")
    return Ecg(
        signal_mv=page.signal_mv,
        rate_hz=float(SIGNAL_RATE_HZ),
        name=one_line(replace_surrogates(Path(path).stem)) if path else "",
        source=SOURCE,
        path=replace_surrogates(path) if path else None,
        warnings=page.warnings,
    )


def print_notes(page: Page) -> dict[str, str | float | None]:
    """What is known of the print beside its signal, by the names under which files of it are written.

    Speed and gain are those by which millimetres became seconds and mV; None where they differ between leads.
    """
    return {
        "layout": page.layout,
        "speed_mm_s": _common([panel.speed_mm_s for panel in page.panels]),
        "gain_mm_mv": _common([abs(panel.gain_mm_mv) for panel in page.panels]),
        "confidence": round(page.confidence, 4),
    }


def _common(values: Sequence[float]) -> float | None:
    """The value, where all are the same to a hundredth of it."""
    if not values or max(values) > 1.01 * min(values):
        return None
    return round(sorted(values)[len(values) // 2], 2)


def why_no_signal(page: Page) -> str:
    """Why no lead can be read off a page, in words; empty where some can."""
    if not page.accepted:
        return page.reason
    if page.leads:
        return ""
    return f"the rows are readable, but of layout {page.layout}; which lead is which cannot be told"


def path_of(image: Source) -> str | None:
    """The path of a picture; None of one in memory."""
    if isinstance(image, Opened):
        return image.name
    return os.fspath(image) if isinstance(image, str | os.PathLike) else None
