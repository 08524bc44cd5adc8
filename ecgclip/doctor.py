"""Checks of the installation: packages, model, photo reader, telemetry, index; they change nothing."""

import os
import platform
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata, util
from pathlib import Path

from ecgclip.errors import EcgClipError
from ecgclip.offline import problem

_MIN_FREE_BYTES = 1 << 30
"""Room that an index of some ten thousand cases needs while it is written."""


class State(StrEnum):
    GOOD = "good"
    ABSENT = "absent"
    BAD = "bad"


@dataclass(frozen=True)
class Check:
    """The result of one check."""

    name: str
    state: State
    detail: str


def examine(index: str | os.PathLike[str]) -> tuple[Check, ...]:
    """All checks, the quick ones first."""
    packages = tuple(_packages())
    return (
        _python(),
        *packages,
        _training(),
        _room(Path(index)),
        _guarded("model", _model),
        _telemetry(),
        _guarded("photos", _photos),
        _index(Path(index)),
    )


def _python() -> Check:
    cores = os.cpu_count() or 1
    detail = f"{platform.python_version()} on {platform.system()} {platform.machine()}, {cores} cores"
    return Check("python", State.GOOD, detail)


def _packages() -> Iterator[Check]:
    """The light packages that ecgclip asks for, as its own metadata says."""
    for requirement in metadata.requires("ecgclip") or ():
        if "extra ==" not in requirement:
            name = re.split(r"[\s<>=!~;\[]", requirement, maxsplit=1)[0]
            yield _package(name)


def _package(name: str) -> Check:
    try:
        return Check(name, State.GOOD, metadata.version(name))
    except metadata.PackageNotFoundError:
        return Check(name, State.BAD, f"not installed: type  pip install {name}")


def _training() -> Check:
    missing = [
        name for name in ("torch", "timm", "transformers", "open_clip") if util.find_spec(name) is None
    ]
    if missing:
        return Check(
            "training", State.ABSENT, "not needed to query; to train type  pip install 'ecgclip[train]'"
        )
    return Check("training", State.GOOD, "torch, timm, transformers and open_clip are installed")


def _room(index: Path) -> Check:
    folder = next(parent for parent in (index, *index.absolute().parents) if parent.is_dir())
    free = shutil.disk_usage(folder).free
    words = f"{free / 1e9:.1f} GB free in {folder}"
    return Check("disk", State.GOOD if free >= _MIN_FREE_BYTES else State.BAD, words)


def _model() -> str:
    from ecgclip.engine.model import load_model

    model = load_model()
    model.warm_up()
    model.embed_reports(["sinus rhythm. normal ecg"])
    return f"{model.folder}: {model.dim} dimensions, embeds pages and words"


def _telemetry() -> Check:
    """Called after the model was loaded, when a library that sends telemetry would have started to."""
    doubt = problem(metadata.version("onnxruntime"))
    return Check("telemetry", State.BAD if doubt else State.GOOD, doubt or "off: nothing is sent anywhere")


def _photos() -> str:
    from ecgclip.photo.curves.network import shipped_curves
    from ecgclip.photo.flat.network import shipped_network

    shipped_network().load()
    shipped_curves().load()
    return "the network that finds a page on its photo is loaded"


def _index(path: Path) -> Check:
    if not path.exists():
        return Check(
            "index", State.ABSENT, f"{path}: none yet; type  ecgclip build-index SOURCE --index {path}"
        )
    return _guarded("index", lambda: _open_index(path))


def _open_index(path: Path) -> str:
    from ecgclip.engine.model import load_model
    from ecgclip.engine.query import open_index

    return f"{path}: {len(open_index(path, load_model()))} cases, built with this model"


def _guarded(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, State.GOOD, look())
    except (EcgClipError, OSError) as error:
        return Check(name, State.BAD, str(error))
