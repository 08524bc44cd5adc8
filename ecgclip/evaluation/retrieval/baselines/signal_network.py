"""Supervised 1-D network on the digital signal: what can be had without paper, trained on the same folds."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ecgclip.errors import MissingExtraError
from ecgclip.evaluation.metrics import cosine
from ecgclip.records.ecg import Ecg
from ecgclip.typing import Floats

if TYPE_CHECKING:
    from ecgclip.training.signal.network import SignalNetwork


class SignalFeatures:
    """The network's unit vectors, compared by their cosine."""

    name = "supervised 1-D, digital signal"

    def __init__(self, network: "SignalNetwork") -> None:
        self._network = network

    def features(self, records: Sequence[Ecg]) -> Floats:
        return self._network.features(records)

    def similarity(self, queries: Floats, gallery: Floats) -> Floats:
        return cosine(queries, gallery)


def load_signal_features(folder: str | Path) -> SignalFeatures:
    """The trained network of a folder; ModelError where it holds none, MissingExtraError without torch."""
    try:
        from ecgclip.training.signal.network import SignalNetwork
    except ModuleNotFoundError as error:
        raise MissingExtraError(error.name or "torch", "train") from None
    return SignalFeatures(SignalNetwork.load(Path(folder)))
