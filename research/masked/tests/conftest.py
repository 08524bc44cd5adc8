import pytest

from ecgclip.training.cache import SignalCache
from research.masked.data import MaskedBatches
from research.masked.tests.small import small_batches, small_config
from tests.training.small_run import small_cache


@pytest.fixture(scope="session")
def cache(tmp_path_factory) -> SignalCache:
    return small_cache(tmp_path_factory.mktemp("masked"))


@pytest.fixture(scope="session")
def batches(cache) -> MaskedBatches:
    return small_batches(cache, small_config())
