"""`Model`: images, records and reports as vectors of one space."""

import os
import warnings
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from ecgclip.errors import ConfigError, ImageError, ModelError, RefusedImageError, RefusedImageWarning
from ecgclip.paper.geometry import CANONICAL, MODEL_PX_PER_MM
from ecgclip.paper.page import CanonicalPage
from ecgclip.photo.page import Page
from ecgclip.records.ecg import Ecg
from ecgclip.typing import Ink, Vectors

if TYPE_CHECKING:
    from typing_extensions import TypeIs

    from ecgclip.photo.loading.load import Source as ImageSource

T = TypeVar("T")

BATCH = 64
"""Pages handed to the encoder at a time; all of them are drawn and held in memory before."""


class Encoder(Protocol):
    """The two towers, as `encoders.runtime.Runtime` has them."""

    @property
    def dim(self) -> int: ...
    @property
    def hash(self) -> str: ...
    @property
    def folder(self) -> Path: ...
    def embed_ink(self, ink: Ink) -> Vectors: ...
    def embed_text(self, texts: list[str]) -> Vectors: ...


class Model:
    """Images, records and reports as vectors of one space: float32 [item, dim] with rows of norm 1.

    Attributes:
        dim: Numbers in a vector, 256 for the shipped weights.
        hash: Names the weights: an index answers only to the model that built it.
        folder: Where the model lies.
    """

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder

    @property
    def dim(self) -> int:
        return self.encoder.dim

    @property
    def hash(self) -> str:
        """Names the weights: an index answers only to the model that built it."""
        return self.encoder.hash

    @property
    def folder(self) -> Path:
        return self.encoder.folder

    def warm_up(self) -> None:
        """Load the image encoder now; the first page is then as quick as the others."""
        height, width = CANONICAL.size_px(MODEL_PX_PER_MM)
        self.encoder.embed_ink(np.zeros((1, height, width), np.uint8))

    def embed_images(self, images: "ImageSource | Page | Iterable[ImageSource | Page]") -> Vectors:
        """Vectors of photos, scans or prints; each is read by `rectify` first.

        Among several images, one that is no image or no readable ECG ends nothing: its row is NaN, with a
        `RefusedImageWarning`.

        Args:
            images: Paths, files, their bytes, PIL images, arrays (uint8 [y, x] or [y, x, 3]) or pages that
                were read before; one alone is a list of one.

        Returns:
            float32 [image, dim], norm 1.

        Raises:
            ImageError: Of one image alone that is no image.
            RefusedImageError: Of one image alone that is no readable ECG.
        """
        if _is_one(images):
            return self.embed_pages([_accepted_page(images).canonical])
        return self._joined(self._embed_those_read(batch) for batch in batched(_pages(images), BATCH))

    def _embed_those_read(self, pages: Sequence[CanonicalPage | None]) -> Vectors:
        """float32 [page, dim]; NaN for None."""
        vectors = np.full((len(pages), self.dim), np.nan, np.float32)
        read = [page for page in pages if page is not None]
        vectors[[page is not None for page in pages]] = self.embed_pages(read)
        return vectors

    def embed_records(self, records: Ecg | Iterable[Ecg]) -> Vectors:
        """Vectors of records, each drawn as a canonical page.

        Args:
            records: Any number of records; one alone is a list of one.

        Returns:
            float32 [record, dim], norm 1.

        Raises:
            RecordError: Of a record of which less than a second falls on the page.
            ConfigError: Of what is no record.
        """
        return self.embed_pages(map(CanonicalPage.of_record, _records(records)))

    def embed_pages(self, pages: Iterable[CanonicalPage]) -> Vectors:
        """Vectors of canonical pages, all of records or all of photos."""
        inks = (page.ink for page in pages)
        return self._joined(self.encoder.embed_ink(np.stack(batch)) for batch in batched(inks, BATCH))

    def embed_reports(self, reports: str | Iterable[str]) -> Vectors:
        """Vectors of diagnosis reports, in the space of the images.

        Args:
            reports: Any number of texts; one alone is a list of one.

        Returns:
            float32 [report, dim], norm 1.

        Raises:
            ConfigError: Of what is no text.
        """
        return self._joined(self.encoder.embed_text(batch) for batch in batched(_texts(reports), BATCH))

    def _joined(self, batches: Iterable[Vectors]) -> Vectors:
        vectors = list(batches)
        return np.concatenate(vectors) if vectors else np.empty((0, self.dim), np.float32)


def load_model(name_or_folder: str | os.PathLike[str] | None = None, threads: int = 0) -> Model:
    """Load a model; without a name, the shipped weights.

    A model that was not shipped runs in a process of its own, within limits of time and memory.

    Args:
        name_or_folder: A folder that `ecgclip train` wrote, or the name of a shipped model. A folder goes
            before a shipped model of the same name.
        threads: Of the encoders; 0 is as many as cores.

    Returns:
        The model; its networks are loaded when they are first used.

    Raises:
        ModelError: Where the folder holds no model and no model has the name.
    """
    from ecgclip.encoders.model_files import default_folder, model_files

    folder = default_folder() if name_or_folder is None else _model_folder(Path(name_or_folder))
    files = model_files(folder)
    if files.is_shipped:
        from ecgclip.encoders.runtime import Runtime

        return Model(Runtime(files, threads))
    from ecgclip.encoders.boxed_runtime import BoxedRuntime

    return Model(BoxedRuntime(files, threads))


def _model_folder(name: Path) -> Path:
    from ecgclip.encoders.model_files import shipped_folder, shipped_models

    if name.is_dir():
        return name
    known = shipped_models()
    if str(name) in known:
        return shipped_folder() / name
    raise ModelError(
        f"{name}: no such model folder, and no shipped model of that name; "
        f"expected a folder that `ecgclip train` wrote, or {' or '.join(known) or 'none: nothing is shipped'}"
    )


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items, the last one shorter."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _is_one(
    images: "ImageSource | Page | Iterable[ImageSource | Page]",
) -> "TypeIs[ImageSource | Page]":
    """Whether one image was given, or what is none: reading it says so."""
    from PIL.Image import Image

    from ecgclip.photo.loading.opened import Opened, SupportsRead

    if isinstance(images, np.ndarray):
        return images.ndim < 4
    data = (str, bytes, bytearray, memoryview, os.PathLike)
    return isinstance(images, (*data, Page, Image, Opened, SupportsRead)) or not isinstance(images, Iterable)


def _pages(images: "Iterable[ImageSource | Page]") -> Iterator[CanonicalPage | None]:
    """The canonical page of each image; None, and a warning, where it was refused."""
    for number, image in enumerate(images, 1):
        try:
            yield _accepted_page(image).canonical
        except ImageError as error:
            words = f"image {number} has no vector, its row is NaN: {error}"
            warnings.warn(words, RefusedImageWarning, stacklevel=2)
            yield None


def _records(records: Ecg | Iterable[Ecg]) -> Iterator[Ecg]:
    several = [records] if isinstance(records, Ecg) else records
    if isinstance(several, str | bytes | os.PathLike) or not isinstance(several, Iterable):
        raise ConfigError(f"{several!r:.40} was given; expected an Ecg, such as read_ecg returns, or several")
    for number, ecg in enumerate(several, 1):
        if not isinstance(ecg, Ecg):
            raise ConfigError(f"record {number} is {ecg!r:.40}; expected an Ecg, such as read_ecg returns")
        yield ecg


def _texts(reports: str | Iterable[str]) -> Iterator[str]:
    if not isinstance(reports, Iterable):
        raise ConfigError(f"{reports!r:.40} was given; expected a report, or several")
    for number, report in enumerate([reports] if isinstance(reports, str) else reports, 1):
        if not isinstance(report, str):
            raise ConfigError(f"report {number} is {report!r:.40}; expected text, '' where there is none")
        yield report


def _accepted_page(image: "ImageSource | Page") -> Page:
    from ecgclip.photo.rectify import rectify

    page = image if isinstance(image, Page) else rectify(image)
    if not page.accepted:
        name = image if isinstance(image, str | os.PathLike) else "the image"
        raise RefusedImageError(f"{name}: refused: {page.reason}")
    return page
