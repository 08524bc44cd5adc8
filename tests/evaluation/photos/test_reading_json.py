"""Readings that went through JSON."""

import json

import numpy as np

from ecgclip.engine.answer import Input
from ecgclip.engine.query_input import QueryInput
from ecgclip.evaluation.photos.outcome import Reading
from ecgclip.evaluation.photos.reading_json import reading_from_json, reading_to_json
from ecgclip.evaluation.photos.truth import Deviation
from ecgclip.paper.page import CanonicalPage


def through_json(reading):
    return reading_from_json(json.loads(json.dumps(reading_to_json(reading))))


def test_a_reading_comes_back_exactly_but_for_its_page():
    rng = np.random.default_rng(0)
    ink = rng.integers(0, 256, (512, 1024)).astype(np.uint8)
    traces = rng.standard_normal((4, 1000)).astype(np.float32)
    traces[1, :300] = np.nan
    given = Input(
        "a.jpg", "photo", True, "", 0.9, 180.1, 4.2, ((0.1, 1.0), (2.0, 3.0)), "6x2", ("cut off", "low")
    )
    deviation = Deviation(0.01, 1.5, -0.3, "6x2", "6x2")
    page = CanonicalPage(ink, traces, given.warnings)
    reading = Reading(
        QueryInput(given, page, None, {"load": 1.5}),
        "",
        0.9,
        217.3,
        ("cut off", "low"),
        deviation,
    )
    back = through_json(reading)
    assert back.asked.input == given
    assert np.array_equal(back.asked.page.ink, ink)
    assert back.asked.page.ink.dtype == np.uint8
    assert np.array_equal(back.asked.page.traces_mv, traces, equal_nan=True)
    assert back.asked.page.traces_mv.dtype == np.float32
    assert back.asked.timings_ms == {"load": 1.5}
    assert (back.read_ms, back.warnings, back.deviation) == (217.3, ("cut off", "low"), deviation)


def test_a_refusal_comes_back():
    refused = Reading(None, "no grid", 0.1, 20.0, ("dark",))
    assert through_json(refused) == refused
