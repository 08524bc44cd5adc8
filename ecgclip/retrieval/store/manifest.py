"""`Manifest`: the description of an index; it is written last, so a folder without one is no index."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.backends.registry import Backend
from ecgclip.retrieval.store.private_file import create_file

FORMAT_VERSION: Final = 2
METRIC: Final = "inner product"
MANIFEST: Final = "manifest.json"
VECTORS: Final = "vectors.npy"
REPORT_VECTORS: Final = "report_vectors.npy"
SIGNATURES: Final = "sketches.npy"
CASES: Final = "cases.sqlite"
FILES: Final = (VECTORS, REPORT_VECTORS, SIGNATURES, CASES)
MAX_BYTES: Final = 1 << 16
"""Of a manifest; those that ecgclip writes have 900."""
MAX_DIM: Final = 1 << 13
MAX_COUNT: Final = 1 << 32
_MAX_TEXT: Final = 200


@dataclass(frozen=True)
class Seal:
    """Size and BLAKE2b-256 of a file."""

    bytes: int
    blake2b: str


@dataclass(frozen=True)
class Manifest:
    """Contents of `manifest.json`, in which the backend is called `engine`.

    generation: a new random name at every write. model_hash: the weights that made the vectors. geometry:
    fingerprint of the canonical page. dim: numbers a vector. created: UTC. files: a seal for each file.
    """

    generation: str
    model_hash: str
    geometry: str
    dim: int
    count: int
    backend: Backend
    created: str
    files: Mapping[str, Seal]
    metric: str = METRIC
    format_version: int = FORMAT_VERSION


def write_manifest(manifest: Manifest, folder: Path) -> None:
    (folder / MANIFEST).unlink(missing_ok=True)
    values = {"engine" if key == "backend" else key: value for key, value in asdict(manifest).items()}
    with create_file(folder / MANIFEST) as file:
        file.write((json.dumps(values, indent=2) + "\n").encode())


def is_file_of_backend(name: str) -> bool:
    """Whether a backend may give a file of its own this name, as `index.faiss` of earlier versions."""
    return re.fullmatch(r"index\.[a-z0-9_]{1,40}", name) is not None


def parse_manifest(folder: Path, content: bytes) -> Manifest:
    """The manifest in these bytes; IndexStoreError where this version cannot use it."""
    try:
        return _parsed(folder, json.loads(content.decode()))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise IndexStoreError(
            f"index {folder}: manifest.json is damaged; build the index anew with build-index"
        ) from error


def _parsed(folder: Path, values: dict[str, Any]) -> Manifest:
    version = values["format_version"]
    if version != FORMAT_VERSION:
        raise IndexStoreError(
            f"index {folder} has format {str(version)[:20]}, this ecgclip reads {FORMAT_VERSION}; "
            "upgrade ecgclip, or delete the folder and run build-index again"
        )
    if values["metric"] != METRIC:
        found = str(values["metric"])[:40]
        raise IndexStoreError(f"index {folder} has the metric {found!r}; expected {METRIC!r}")
    return Manifest(
        _text(values["generation"]),
        _text(values["model_hash"]),
        _text(values["geometry"]),
        _number(values["dim"], 1, MAX_DIM),
        _number(values["count"], 0, MAX_COUNT),
        Backend(values["engine"]),
        _text(values["created"]),
        _seals(values["files"]),
    )


def _seals(files: dict[str, Any]) -> dict[str, Seal]:
    """A seal for each file; ValueError for a name of another form, which could lead out of the folder."""
    if {name for name in files if not is_file_of_backend(name)} != set(FILES):
        raise ValueError(f"the files are {', '.join(files)}")
    return {
        name: Seal(_number(file["bytes"], 0, 1 << 62), _digest(file["blake2b"]))
        for name, file in files.items()
    }


def _number(value: object, low: int, high: int) -> int:
    if type(value) is not int or not low <= value <= high:
        raise ValueError(f"{value} is no number from {low} to {high}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _MAX_TEXT or not value.isprintable():
        raise ValueError("a text is none")
    return value


def _digest(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch("[0-9a-f]{64}", value):
        raise ValueError("a checksum is none")
    return value
