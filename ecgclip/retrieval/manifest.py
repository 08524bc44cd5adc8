"""`Manifest`: what an index says about itself; written last, so a folder without one is no index."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.base import EngineName

FORMAT_VERSION: Final = 2
METRIC: Final = "inner product"
MANIFEST: Final = "manifest.json"
VECTORS: Final = "vectors.npy"
REPORT_VECTORS: Final = "report_vectors.npy"
SKETCHES: Final = "sketches.npy"
CASES: Final = "cases.sqlite"
_BLOCK: Final = 1 << 20


@dataclass(frozen=True)
class Seal:
    """Size and BLAKE2b-256 of a file."""

    bytes: int
    blake2b: str


@dataclass(frozen=True)
class Manifest:
    """Contents of `manifest.json`.

    generation: a new random name at every write. model_hash: the weights that made the vectors. geometry:
    fingerprint of the canonical page. dim: numbers a vector. created: UTC. files: a seal for each file.
    """

    generation: str
    model_hash: str
    geometry: str
    dim: int
    count: int
    engine: EngineName
    created: str
    files: Mapping[str, Seal]
    metric: str = METRIC
    format_version: int = FORMAT_VERSION


def seal(path: Path) -> Seal:
    """Read the whole file once."""
    digest = blake2b(digest_size=32)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
        return Seal(file.tell(), digest.hexdigest())


def write_manifest(manifest: Manifest, folder: Path) -> None:
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=2) + "\n", "utf-8")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of an index; IndexStoreError where there is none that this version can use."""
    try:
        text = (folder / MANIFEST).read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        raise IndexStoreError(_missing(folder)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexStoreError(f"index {folder}: manifest.json cannot be read ({error})") from error
    try:
        return _parsed(folder, json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise IndexStoreError(
            f"index {folder}: manifest.json is damaged; build the index anew with build-index"
        ) from error


def check_sizes(manifest: Manifest, folder: Path) -> None:
    """Every file is there in full; reads no content."""
    for name, file in manifest.files.items():
        path = folder / name
        found = path.stat().st_size if path.is_file() else None
        if found != file.bytes:
            state = "is missing" if found is None else f"has {found} bytes, expected {file.bytes}"
            raise IndexStoreError(
                f"index {folder} is half-written or damaged: {name} {state}; build it anew with build-index"
            )


def _parsed(folder: Path, values: dict[str, Any]) -> Manifest:
    version = values["format_version"]
    if version != FORMAT_VERSION:
        raise IndexStoreError(
            f"index {folder} has format {version}, this ecgclip reads {FORMAT_VERSION}; "
            "upgrade ecgclip, or delete the folder and run build-index again"
        )
    files = {str(Path(name).name): Seal(**file) for name, file in values["files"].items()}
    known = {field.name for field in fields(Manifest)}
    typed = {"files": files, "engine": EngineName(values["engine"])}
    manifest = Manifest(**{key: values[key] for key in known & values.keys()} | typed)
    if manifest.metric != METRIC:
        raise IndexStoreError(f"index {folder} has the metric {manifest.metric!r}; expected {METRIC!r}")
    return manifest


def _missing(folder: Path) -> str:
    if not folder.exists():
        return f"index {folder} does not exist; build it: ecgclip build-index SOURCE --index {folder}"
    if folder.is_dir():
        return (
            f"{folder} is no index, or a half-written one: it has no manifest.json; give another folder, "
            "or empty this one and run build-index"
        )
    return f"{folder} is a file; expected the folder of an index"
