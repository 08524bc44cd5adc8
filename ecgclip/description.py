"""Descriptions of an index and of a model, as values by name, for `ecgclip info`."""

import os
from dataclasses import asdict
from pathlib import Path

import ecgclip
from ecgclip.encoders.settings import ModelConfig
from ecgclip.engine.model import load_model
from ecgclip.engine.query import open_index

Facts = dict[str, object]


def describe_index(path: str | os.PathLike[str]) -> Facts:
    """The manifest of an index without its checksums, and the size of its files."""
    index = open_index(path).snapshot()  # a commit meanwhile changes nothing about it
    facts: Facts = {name: value for name, value in asdict(index.manifest).items() if name != "files"}
    sources = {case.source for case in index.cases}
    return {
        "ecgclip": ecgclip.__version__,
        "index": os.fspath(path),
        **facts,
        "sources": ", ".join(sorted(sources)),
        "bytes": sum(file.bytes for file in index.manifest.files.values()),
    }


def describe_model(folder: str | os.PathLike[str] | None = None) -> Facts:
    """Versions of program and model, where the model lies, its dimensions and the hash its indexes carry."""
    model = load_model(folder)
    return {
        "ecgclip": ecgclip.__version__,
        "model": str(model.folder),
        "version": ModelConfig.load(model.folder).version or "of your own",
        "dim": model.dim,
        "hash": model.hash,
        "bytes": _weight(model.folder),
    }


def _weight(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
