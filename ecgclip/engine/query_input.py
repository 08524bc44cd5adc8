"""`QueryInput`: the canonical page of an image or a record, with how it was read."""

import os
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, TypeAlias

from ecgclip.engine.answer import Input
from ecgclip.errors import RecordError
from ecgclip.paper.geometry import CANONICAL
from ecgclip.paper.page import CanonicalPage
from ecgclip.photo.joining import belong_together, joined
from ecgclip.photo.page import Page
from ecgclip.records.ecg import Ecg
from ecgclip.records.readers import names_record
from ecgclip.typing import Uint8s

if TYPE_CHECKING:
    from ecgclip.photo.loading.load import Source as ImageSource

Source: TypeAlias = "ImageSource | Ecg | Page"
"""A path of an image or of a record, an image in memory, a record, or a page that was rectified before."""


@dataclass(frozen=True, eq=False)
class QueryInput:
    """A query after reading: its canonical page, and how that was obtained.

    Attributes:
        input: How it was read, as answers show it.
        page: The canonical page; blank where the image was refused.
        photo: The photo reader's result; None for a record.
        timings_ms: Milliseconds of `load` and `rectify`.
    """

    input: Input
    page: CanonicalPage
    photo: Page | None
    timings_ms: dict[str, float]

    @property
    def picture(self) -> Uint8s:
        """The page for people, uint8 [y, x]: the rectified paper, or a record's ink, dark on white."""
        return self.photo.image if self.photo is not None else 255 - self.page.ink


def read_query(source: Source, page: int | None = None) -> QueryInput:
    """Read an image by the photo reader and a record by the record reader.

    page: of a PDF or TIFF, counted from 0; None: the first that is a readable ECG.

    Errors: ImageError for a file that is no image, RecordError for a record that is damaged or all but empty.
    """
    if isinstance(source, Ecg):
        return _of_record(source, source.path, 0.0)
    if isinstance(source, str | os.PathLike) and names_record(os.fspath(source)):
        return _read_record(os.fspath(source))
    return _of_page(source, page)


def _read_record(path: str) -> QueryInput:
    from ecgclip.paper.coverage import READ_S
    from ecgclip.records.reading import read_ecg

    start = perf_counter()
    ecg = read_ecg(path, seconds=READ_S)
    return _of_record(ecg, path, (perf_counter() - start) * 1e3)


def _of_record(ecg: Ecg, path: str | None, load_ms: float) -> QueryInput:
    start = perf_counter()
    try:
        page = CanonicalPage.of_record(ecg)
    except RecordError as error:
        raise RecordError(f"{path or ecg.case_id}: {error}") from None
    draw_ms = (perf_counter() - start) * 1e3
    given = Input(path, "record", accepted=True, layout=CANONICAL.layout.label, warnings=page.warnings)
    return QueryInput(given, page, None, {"load": load_ms, "rectify": draw_ms})


def _of_page(source: "ImageSource | Page", number: int | None) -> QueryInput:
    from ecgclip.photo.rectify import rectify

    start = perf_counter()
    page = source if isinstance(source, Page) else rectify(source, page=number)
    total_ms = (perf_counter() - start) * 1e3
    load_ms = page.timings_ms.get("load", 0.0)
    timings_ms = {"load": load_ms, "rectify": max(total_ms - load_ms, 0.0)}
    return QueryInput(_describe(page, _path(source)), page.canonical, page, timings_ms)


def other_half(first: QueryInput, second: QueryInput) -> QueryInput | None:
    """Two pictures of one ECG as one input, limb leads on one, chest leads on the other; None of others."""
    if first.photo is None or second.photo is None or not belong_together(first.photo, second.photo):
        return None
    page = joined(first.photo, second.photo, second.input.path or "the next picture")
    timings = {name: first.timings_ms[name] + second.timings_ms.get(name, 0.0) for name in first.timings_ms}
    return QueryInput(_describe(page, first.input.path), page.canonical, page, timings)


def _path(source: "ImageSource | Page") -> str | None:
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    from ecgclip.photo.loading.opened import Opened

    return source.name if isinstance(source, Opened) else None


def _describe(page: Page, path: str | None) -> Input:
    return Input(
        path=path,
        kind=page.kind,
        accepted=page.accepted,
        reason="" if page.accepted else page.reason,
        confidence=page.confidence,
        rotation_deg=page.rotation_deg,
        px_per_mm=page.input_px_per_mm if page.accepted else None,
        corners=tuple((float(x), float(y)) for x, y in page.corners) if page.accepted else (),
        layout=page.layout,
        warnings=page.warnings,
    )
