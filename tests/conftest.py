"""A small stand-in for the trained encoders, for tests of everything around them."""

import hashlib
import shutil
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import settings

from ecgclip.engine.model import Model
from ecgclip.indexing.build import build_index
from ecgclip.simulation.ecg import SyntheticSource

DIM = 32

settings.register_profile("untimed", deadline=None)  # a busy machine fails no test
settings.load_profile("untimed")


class FakeEncoder:
    """Ink by a fixed random projection of its thumbnail, text by a fixed random vector a word; norm 1."""

    def __init__(self, seed: int = 0) -> None:
        self.dim = DIM
        self.hash = f"fake-{seed}"
        self.folder = Path("fake")
        self._projection = np.random.default_rng(seed).standard_normal((64 * 32, DIM)).astype(np.float32)

    def embed_ink(self, ink: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        small = [cv2.resize(page, (64, 32), interpolation=cv2.INTER_AREA) for page in ink]
        return _unit(np.stack(small).reshape(len(ink), -1).astype(np.float32) @ self._projection)

    def embed_text(self, texts: list[str]) -> npt.NDArray[np.float32]:
        return _unit(np.stack([sum((_word(word) for word in text.split()), np.zeros(DIM)) for text in texts]))


def _word(word: str) -> npt.NDArray[np.float64]:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
    return np.random.default_rng(seed).standard_normal(DIM)


def _unit(vectors: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-9), np.float32)


@pytest.fixture(scope="session")
def model() -> Model:
    return Model(FakeEncoder())


@pytest.fixture(scope="session")
def other_model() -> Model:
    """Other weights."""
    return Model(FakeEncoder(seed=1))


@pytest.fixture
def fake_weights(model: Model, monkeypatch: pytest.MonkeyPatch) -> Model:
    """Commands of this test use the stand-in instead of the shipped weights."""
    monkeypatch.setattr("ecgclip.engine.model.load_model", lambda folder=None, threads=0: model)
    return model


@pytest.fixture(scope="session")
def source() -> SyntheticSource:
    return SyntheticSource(8)


@pytest.fixture(scope="session")
def built(source: SyntheticSource, model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the source, built once."""
    path = tmp_path_factory.mktemp("built") / "index"
    build_index(source, path, model)
    return path


@pytest.fixture
def index(built: Path, fake_weights: Model, tmp_path: Path) -> Path:
    """A copy of the index for this test to spoil, and commands that use the weights that built it."""
    return Path(shutil.copytree(built, tmp_path / "index"))
