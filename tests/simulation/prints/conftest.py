"""One synthetic record and one print of it."""

import numpy as np
import pytest

from ecgclip.records.ecg import Ecg
from ecgclip.simulation.ecg import SyntheticSource
from ecgclip.simulation.prints.labelled import Print, random_print


@pytest.fixture(scope="session")
def record() -> Ecg:
    return SyntheticSource(3, seed=5, rate_hz=100.0).read("00001")


@pytest.fixture(scope="session")
def printed(record: Ecg) -> Print:
    """With names: one print in eight has none."""
    prints = (random_print(record, np.random.default_rng(seed)) for seed in range(20))
    return next(page for page in prints if len(page.labels) >= 10)
