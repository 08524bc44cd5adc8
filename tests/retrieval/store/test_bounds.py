"""Questions are bounded: by how many cases there are, before anything is made for them."""

from dataclasses import replace

import numpy as np
import pytest

from ecgclip.errors import ConfigError, IndexStoreError
from ecgclip.retrieval.backends.registry import Backend
from ecgclip.retrieval.store.bundle import Side


@pytest.mark.parametrize("backend", list(Backend))
@pytest.mark.parametrize("k", [21, 10**6, 10**12, 10**30, np.int64(2**62)])
def test_k_beyond_the_index_gives_all_of_it(made, tmp_path, backend, k):
    bundle = made.bundle(tmp_path / "ix", 20, replace(made.spec, backend=backend))
    for side in Side:
        assert len(bundle.search(made.unit(2), k, side=side)[1]) == 20
    assert len(bundle.search(made.unit(2), k, "age > 55")[0]) == 4
    assert len(bundle.snapshot().search_traces(made.traces(1)[0], made.unit(1)[0], k)) == 20
    assert len(bundle.snapshot().search_traces(made.traces(1)[0], made.unit(1)[0], k, "age > 55")) == 4


@pytest.mark.parametrize(
    ("k", "says"),
    [
        (0, "k is 0; expected 1 or more cases"),
        (-(10**30), "expected 1 or more cases"),
        (True, "k is 'True', a bool; expected a whole number of cases"),
        (np.True_, "expected a whole number"),
        (3.0, "k is '3.0', a float; expected a whole number of cases"),
        (float("nan"), "expected a whole number"),
        ("3", "k is '3', a str"),
        (None, "k is 'None', a NoneType"),
    ],
)
def test_what_is_no_number_of_cases_is_refused(made, tmp_path, k, says):
    bundle = made.bundle(tmp_path / "ix")
    for ask in (
        lambda: bundle.search(made.unit(1), k),
        lambda: bundle.snapshot().search_traces(made.traces(1)[0], made.unit(1)[0], k),
    ):
        with pytest.raises(ConfigError) as raised:
            ask()
        assert says in str(raised.value)


def test_a_mask_of_another_state_of_the_index_is_refused(made, tmp_path):
    bundle = made.bundle(tmp_path / "ix")
    allowed = bundle.snapshot().allowed("age > 45")
    bundle.add(made.cases(1, "more"), made.unit(1))
    with pytest.raises(IndexStoreError, match=r"a mask of bool \(20,\) was given; expected bool \(21,\)"):
        bundle.search(made.unit(1), 3, allowed)
    with pytest.raises(IndexStoreError, match="a mask of int64"):
        bundle.search(made.unit(1), 3, np.arange(21))
