"""Every maker prints, in its own way."""

import json

import numpy as np
import pytest

from ecgclip.simulation.ecg import SyntheticSource
from ecgclip.simulation.prints import random_print as module
from ecgclip.simulation.prints.catalogue import MAKERS
from ecgclip.simulation.prints.makers import ANY, sample_maker
from ecgclip.simulation.prints.wishes import OneOf, Span, Tint, drawn


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.name)
def test_a_maker_prints_as_it_wishes(maker, monkeypatch):
    monkeypatch.setattr(module, "sample_maker", lambda rng: maker)
    record = SyntheticSource(1, seed=8, rate_hz=100.0).read("00001")
    page = module.random_print(record, np.random.default_rng(3))
    assert page.curves
    assert page.style["maker"] == maker.name
    style = json.loads(json.dumps(page.style))
    for group in ("grid", "trace", "pulses", "marks", "names"):
        for field, wish in getattr(maker, group).items():
            _check(style[group][field], wish)


def _check(value, wish):
    match wish:
        case Span(low, high):
            assert low <= value <= high
        case OneOf(shares):
            assert any(_fits(value, option) for option in shares)
        case Tint(rgb, spread):
            assert np.abs(np.subtract(value, rgb)).max() <= 9 * spread
        case _:
            assert value == json.loads(json.dumps(wish))


def _fits(value, option):
    try:
        _check(value, option)
    except AssertionError:
        return False
    return True


def test_makers_have_names_of_their_own_and_a_third_of_prints_has_none():
    names = [maker.name for maker in MAKERS]
    assert len(names) == len(set(names)) >= 25
    rng = np.random.default_rng(0)
    seen = [sample_maker(rng).name for _ in range(1500)]
    assert set(seen) == {*names, ANY.name}
    assert 0.3 < np.mean([name == ANY.name for name in seen]) < 0.4


def test_wishes_are_drawn_as_they_say():
    rng = np.random.default_rng(0)
    values = [drawn(Span(2.0, 3.0), rng) for _ in range(200)]
    assert 2.0 <= min(values) < 2.1
    assert 2.9 < max(values) <= 3.0
    assert {drawn(OneOf({"a": 1, Span(5, 5): 1}), rng) for _ in range(50)} == {"a", 5.0}
    assert all(0 <= level <= 255 for level in drawn(Tint((250, 4, 128), 30.0), rng))
