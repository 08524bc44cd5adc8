"""Small made bundles, by the fixture `made`."""

from pathlib import Path

import numpy as np
import pytest

from ecgclip.retrieval.case import Case
from ecgclip.retrieval.store.bundle import Bundle, open_bundle
from ecgclip.retrieval.store.partial import Spec
from ecgclip.retrieval.store.writer import update_bundle

DIM = 16
SPEC = Spec("model-one", DIM, "page-one")


def unit(n: int, seed: int = 0, dim: int = DIM) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(n, dim))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def some_cases(n: int, source: str = "made") -> list[Case]:
    return [
        Case(
            f"{source}/{i:05d}",
            f"report {i}",
            {"SR": 100.0},
            40.0 + i,
            "female",
            f"p{i // 2}",
            source,
            i % 10,
        )
        for i in range(n)
    ]


def some_traces(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, 4, 1000)).astype(np.float16).astype(np.float32)


def make_bundle(path: Path, n: int = 20, spec: Spec = SPEC) -> Bundle:
    with update_bundle(path, spec) as writer:
        writer.add(some_cases(n), unit(n, 1), unit(n, 2), some_traces(n))
    return open_bundle(path)


def snapshot(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.iterdir()}


class Made:
    """What the tests of this folder build from."""

    spec = SPEC
    unit = staticmethod(unit)
    cases = staticmethod(some_cases)
    traces = staticmethod(some_traces)
    bundle = staticmethod(make_bundle)
    snapshot = staticmethod(snapshot)


@pytest.fixture
def made() -> type[Made]:
    return Made
