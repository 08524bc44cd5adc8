"""An index of synthetic cases, built once with the stand-in encoders."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from ecgclip.engine.model import Model
from ecgclip.engine.query import Engine, open_index
from ecgclip.paper.geometry import fingerprint
from ecgclip.paper.traces import record_traces
from ecgclip.records.ecg import Ecg
from ecgclip.retrieval.case import Case
from ecgclip.retrieval.store.partial import Spec
from ecgclip.retrieval.store.writer import update_bundle
from ecgclip.simulation.ecg import SyntheticSource

COUNT = 24


@pytest.fixture(scope="session")
def records() -> list[Ecg]:
    source = SyntheticSource(COUNT, seed=3)
    return [source.read(record_id) for record_id in source.ids]


@pytest.fixture(scope="session")
def index_path(records: Sequence[Ecg], model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("engine") / "index"
    with update_bundle(path, Spec(model.hash, model.dim, fingerprint())) as writer:
        writer.add(
            [Case.of(record) for record in records],
            model.embed_records(records),
            model.embed_reports([record.report for record in records]),
            np.stack([record_traces(record) for record in records]),
        )
    return path


@pytest.fixture(scope="session")
def engine(index_path: Path, model: Model) -> Engine:
    return Engine(model, open_index(index_path))
