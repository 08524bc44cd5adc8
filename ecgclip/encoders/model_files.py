"""The files of a trained model, as `encoders.export` writes them into one folder."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from ecgclip.encoders.settings import ModelConfig, without_version
from ecgclip.errors import ModelError
from ecgclip.files import open_regular

DEFAULT: Final = "ecgclip-tiny"
IMAGE_GRAPH: Final = "image.onnx"
TEXT_GRAPH: Final = "text.onnx"
TOKENIZER: Final = "tokenizer.json"
_BLOCK: Final = 1 << 20


@dataclass(frozen=True)
class ModelFiles:
    """A folder that holds config.json, image.onnx, text.onnx and tokenizer.json."""

    folder: Path
    config: ModelConfig

    @cached_property
    def hash(self) -> str:
        """Fingerprint of what decides an embedding: graphs, configuration less its version, vocabulary."""
        digest = hashlib.sha256()
        for name in (IMAGE_GRAPH, TEXT_GRAPH):
            self._add(digest, name)
        digest.update(without_version(self.folder))
        self._add(digest, TOKENIZER)
        return digest.hexdigest()[:16]

    def _add(self, digest: "hashlib._Hash", name: str) -> None:
        with open_regular(self.folder / name) as file:
            while block := file.read(_BLOCK):
                digest.update(block)

    @property
    def is_shipped(self) -> bool:
        """Whether it came with ecgclip: its graphs may run in this process."""
        return self.folder.resolve().is_relative_to(shipped_folder().resolve())


def model_files(folder: Path) -> ModelFiles:
    """The model of a folder; ModelError where a file is missing or the configuration damaged."""
    config = ModelConfig.load(folder)
    missing = [name for name in (IMAGE_GRAPH, TEXT_GRAPH) if not (folder / name).is_file()]
    if missing:
        raise ModelError(
            f"{folder} lacks {' and '.join(missing)}; expected an exported model: "
            "run ecgclip train to its end"
        )
    return ModelFiles(folder, config)


def shipped_folder() -> Path:
    """Where the shipped models lie, each in a folder of its name."""
    return Path(__file__).parent.parent / "weights"


def shipped_models() -> tuple[str, ...]:
    """Names of the models that are shipped, in alphabetical order."""
    return tuple(sorted(graph.parent.name for graph in shipped_folder().glob(f"*/{IMAGE_GRAPH}")))


def default_folder() -> Path:
    """Where the shipped weights lie that are taken where none are named."""
    return shipped_folder() / DEFAULT
