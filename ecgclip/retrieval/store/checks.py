"""Checks before writing: the index is of the same model, and the cases can be read back."""

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from pathlib import Path

import numpy as np

from ecgclip.errors import IndexStoreError
from ecgclip.paper.traces import TRACES_SHAPE
from ecgclip.retrieval.case import COLUMNS, Case
from ecgclip.retrieval.store.columns import case_values
from ecgclip.retrieval.store.manifest import Manifest
from ecgclip.typing import Floats, Vectors


def check_model(
    index: Path, manifest: Manifest, model_hash: str, geometry: str = "", dim: int | None = None
) -> None:
    """IndexStoreError where the vectors come from other weights, or from another canonical page."""
    if manifest.model_hash != model_hash:
        raise IndexStoreError(
            f"index {index} was built with the model {manifest.model_hash[:12]}, this is {model_hash[:12]}; "
            "use that model, or build another index with build-index"
        )
    if dim not in (None, manifest.dim):
        raise IndexStoreError(
            f"index {index} has vectors of {manifest.dim} numbers, those of the model have {dim}; "
            "build the index anew with build-index"
        )
    if geometry and manifest.geometry and manifest.geometry != geometry:
        raise IndexStoreError(
            f"index {index} was built from pages of another geometry ({manifest.geometry[:12]}, "
            f"now {geometry[:12]}); build another index with build-index"
        )


def check_added(
    cases: Sequence[Case],
    vectors: Vectors,
    reports: Vectors,
    traces: Floats,
    dim: int,
) -> None:
    """IndexStoreError where cases and what belongs to them do not fit together, or could not be read back.

    vectors, reports: [case, dim], unit norm, of a report also 0; traces: [case, 4, 1000].
    """
    expected = (len(cases), dim)
    if vectors.shape != expected or reports.shape != expected:
        raise IndexStoreError(
            f"vectors of shape {vectors.shape} and {reports.shape} were given; expected {expected}"
        )
    if traces.shape != (len(cases), *TRACES_SHAPE):
        raise IndexStoreError(
            f"traces of shape {traces.shape} were given; expected {(len(cases), *TRACES_SHAPE)}"
        )
    if len({case.case_id for case in cases}) < len(cases):
        raise IndexStoreError("a case was given twice; expected each case_id once")
    for case in cases:
        _check_case(case)
    norms = np.linalg.norm(vectors, axis=1)
    bad = np.flatnonzero(~(np.abs(norms - 1) < 1e-3))
    if bad.size:
        name = cases[bad[0]].case_id
        raise IndexStoreError(f"the vector of {name} has the norm {norms[bad[0]]:.4g}; expected unit vectors")
    if not np.isfinite(reports).all():
        raise IndexStoreError("a report's vector is not finite; expected unit vectors, or 0 for no report")


def _check_case(case: Case) -> None:
    """IndexStoreError for a value that could not be read back: too long, or a number that is not finite."""
    for name in COLUMNS:
        if not all(map(isfinite, _numbers(getattr(case, name)))):
            raise IndexStoreError(f"the {name} of {case.case_id[:80]} is not finite; expected numbers")
    for (name, column), value in zip(COLUMNS.items(), case_values(case), strict=True):
        if len(str(value).encode(errors="replace")) > column.max_bytes:
            raise IndexStoreError(
                f"the {name} of {case.case_id[:80]} has {len(str(value))} characters; "
                f"expected at most {column.max_bytes} bytes"
            )


def _numbers(value: object) -> Iterable[float]:
    values = value.values() if isinstance(value, Mapping) else (value,)
    return (one for one in values if isinstance(one, (int, float)))
