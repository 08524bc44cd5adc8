"""Photograph a paper ECG, get the most similar prior cases with their reports.

Names are loaded when they are first used: importing ecgclip costs nothing. Its one side effect: telemetry of
ONNX Runtime is switched off (`offline`).
"""

from importlib import import_module
from typing import TYPE_CHECKING

from ecgclip.offline import switch_off

if TYPE_CHECKING:
    from ecgclip.engine.answer import Answer, Match
    from ecgclip.engine.model import Model, load_model
    from ecgclip.engine.query import Engine, open_index
    from ecgclip.engine.session import Session
    from ecgclip.errors import EcgClipError
    from ecgclip.indexing.build import build_index
    from ecgclip.paper.page import CanonicalPage
    from ecgclip.paper.render import render
    from ecgclip.photo.digitize import digitize
    from ecgclip.photo.page import Page
    from ecgclip.photo.rectify import rectify
    from ecgclip.records.ecg import Ecg
    from ecgclip.records.reading import open_source, read_ecg, read_records
    from ecgclip.records.writing.writers import write_ecg
    from ecgclip.simulation.ecg import synthetic_ecg

switch_off()

__version__ = "0.5.0"

_HOMES = {
    "Answer": "engine.answer",
    "CanonicalPage": "paper.page",
    "Ecg": "records.ecg",
    "EcgClipError": "errors",
    "Engine": "engine.query",
    "Match": "engine.answer",
    "Model": "engine.model",
    "Page": "photo.page",
    "Session": "engine.session",
    "build_index": "indexing.build",
    "digitize": "photo.digitize",
    "load_model": "engine.model",
    "open_index": "engine.query",
    "open_source": "records.reading",
    "read_ecg": "records.reading",
    "read_records": "records.reading",
    "rectify": "photo.rectify",
    "render": "paper.render",
    "synthetic_ecg": "simulation.ecg",
    "write_ecg": "records.writing.writers",
}

__all__ = [
    "Answer",
    "CanonicalPage",
    "Ecg",
    "EcgClipError",
    "Engine",
    "Match",
    "Model",
    "Page",
    "Session",
    "__version__",
    "build_index",
    "digitize",
    "load_model",
    "open_index",
    "open_source",
    "read_ecg",
    "read_records",
    "rectify",
    "render",
    "synthetic_ecg",
    "write_ecg",
]


if not TYPE_CHECKING:  # a type checker reads the imports above and should refuse other names

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"ecgclip has no {name!r}; it has {', '.join(sorted(_HOMES))}")
        globals()[name] = value = getattr(import_module(f"ecgclip.{_HOMES[name]}"), name)
        return value


def __dir__() -> list[str]:
    return __all__
