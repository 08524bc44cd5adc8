"""A reading as JSON: all that methods which rank cases, and the figures, need of a photo that was read."""

import base64
import io
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from ecgclip.engine.answer import Input
from ecgclip.engine.query_input import QueryInput
from ecgclip.evaluation.photos.outcome import Reading
from ecgclip.evaluation.photos.truth import Deviation
from ecgclip.paper.page import CanonicalPage


def reading_to_json(reading: Reading) -> dict[str, Any]:
    """Ink and traces exactly, as base64 of a compressed npz; the page, ten times as large, is left out."""
    asked = reading.asked
    values = asdict(replace(reading, asked=None))
    return values | {"asked": _subject_to_json(asked) if asked is not None else None}


def reading_from_json(values: Mapping[str, Any]) -> Reading:
    """Undoes `reading_to_json`; the asked's page is None."""
    asked, deviation = values["asked"], values["deviation"]
    given = dict(values) | {
        "asked": _subject_from_json(asked) if asked is not None else None,
        "deviation": Deviation(**deviation) if deviation is not None else None,
        "warnings": tuple(values["warnings"]),
    }
    return Reading(**given)


def _subject_to_json(asked: QueryInput) -> dict[str, Any]:
    packed = io.BytesIO()
    np.savez_compressed(packed, ink=asked.page.ink, traces_mv=asked.page.traces_mv)
    return {
        "input": asdict(asked.input),
        "arrays": base64.b64encode(packed.getvalue()).decode(),
        "timings_ms": asked.timings_ms,
    }


def _subject_from_json(values: Mapping[str, Any]) -> QueryInput:
    given = dict(values["input"])
    given["corners"] = tuple((x, y) for x, y in given["corners"])
    given["warnings"] = tuple(given["warnings"])
    with np.load(io.BytesIO(base64.b64decode(values["arrays"])), allow_pickle=False) as arrays:
        page = CanonicalPage(arrays["ink"], arrays["traces_mv"], given["warnings"])
    return QueryInput(Input(**given), page, None, dict(values["timings_ms"]))
