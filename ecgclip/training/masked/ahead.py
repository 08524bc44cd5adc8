"""Batches of any kind, drawn in a thread while the last one is learned from."""

from collections.abc import Iterator
from typing import Any, TypeVar, cast

from ecgclip.training.data import prefetched

Drawn = TypeVar("Drawn")


def ahead(batches: Iterator[Drawn]) -> Iterator[Drawn]:
    """The same batches in the same order."""
    # `prefetched` never looks into what it hands on
    return cast(Iterator[Drawn], prefetched(cast(Any, batches)))
