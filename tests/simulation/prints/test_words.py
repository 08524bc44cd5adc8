"""Settings: what is told of them is what is written."""

import re

import numpy as np

from ecgclip.simulation.prints.page import Page
from ecgclip.simulation.prints.scale import Scale
from ecgclip.simulation.prints.words import sample_settings

PAGE = Page("A4", 297.0, 210.0, 20.0, 40.0, 250.0, 34.0, 0.0)


def _tokens(scale, count=300):
    rng = np.random.default_rng(2)
    lines = [line for _ in range(count) for line in sample_settings(rng, PAGE, scale)]
    return [token for line in lines for token in line.tokens]


def _number(text):
    return float(re.search(r"[0-9]+([.,][0-9]+)?", text).group().replace(",", "."))


def test_tokens_of_speed_and_gain_hold_their_value():
    tokens = _tokens(Scale(12.5, 20.0, 10.0))
    speeds = [token for token in tokens if token.kind == "speed"]
    gains = [token for token in tokens if token.kind == "gain" and not token.text.startswith("x")]
    assert len(speeds) > 200
    assert len(gains) > 300
    assert all(_number(token.text) == float(token.value) for token in speeds + gains)
    assert {token.value for token in speeds} == {"12.5"}
    assert {token.value for token in gains} == {"20", "10"}


def test_filters_are_no_speed_and_no_gain():
    others = [token.text for token in _tokens(Scale(50.0, 10.0, 10.0)) if not token.kind]
    assert any("50" in text for text in others)
    assert not any("mm" in text for text in others)
