"""Photograph a paper ECG, get the most similar prior cases with their reports.

Names are loaded when they are first used: importing ecgclip costs nothing. Its one side effect: telemetry of
ONNX Runtime is switched off (`offline`).
"""

from importlib import import_module
from typing import TYPE_CHECKING

from ecgclip.offline import switch_off

if TYPE_CHECKING:
    from ecgclip.engine import Answer, Engine, Model, load_model, open_index
    from ecgclip.errors import EcgClipError
    from ecgclip.paper.render import render
    from ecgclip.photo.page import Page
    from ecgclip.photo.rectify import rectify
    from ecgclip.records.ecg import Ecg
    from ecgclip.records.reading import read_ecg, read_records
    from ecgclip.simulation.ecg import synthetic_ecg

switch_off()

__version__ = "0.1.0"

_HOMES = {
    "Answer": "ecgclip.engine",
    "Ecg": "ecgclip.records.ecg",
    "EcgClipError": "ecgclip.errors",
    "Engine": "ecgclip.engine",
    "Model": "ecgclip.engine",
    "Page": "ecgclip.photo.page",
    "load_model": "ecgclip.engine",
    "open_index": "ecgclip.engine",
    "read_ecg": "ecgclip.records.reading",
    "read_records": "ecgclip.records.reading",
    "rectify": "ecgclip.photo.rectify",
    "render": "ecgclip.paper.render",
    "synthetic_ecg": "ecgclip.simulation.ecg",
}

__all__ = [
    "Answer",
    "Ecg",
    "EcgClipError",
    "Engine",
    "Model",
    "Page",
    "__version__",
    "load_model",
    "open_index",
    "read_ecg",
    "read_records",
    "rectify",
    "render",
    "synthetic_ecg",
]


if not TYPE_CHECKING:  # a type checker reads the imports above and should refuse other names

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"ecgclip has no {name!r}; it has {', '.join(sorted(_HOMES))}")
        globals()[name] = value = getattr(import_module(_HOMES[name]), name)
        return value


def __dir__() -> list[str]:
    return __all__
