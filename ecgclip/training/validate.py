"""A look at the validation fold during training: label retrieval of clean pages."""

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ecgclip.encoders.model import EcgClip
from ecgclip.encoders.preprocess import tower_input
from ecgclip.encoders.settings import ImageTower
from ecgclip.evaluation.metrics import jaccard, ndcg_at_k
from ecgclip.evaluation.statements import one_hot
from ecgclip.training.cache import CACHE_RATE_HZ, SignalCache
from ecgclip.training.device import placed
from ecgclip.training.settings import TrainConfig
from ecgclip.training.views import clean

CPU: Final = torch.device("cpu")


@torch.inference_mode()
def clean_outputs(
    encode: Callable[[Tensor], Tensor],
    tower: ImageTower,
    cache: SignalCache,
    rows: npt.NDArray[np.int64],
    device: torch.device = CPU,
) -> npt.NDArray[np.float32]:
    """What `encode` makes of the rows' clean pages, float32 [row, width]; tower: how it takes them."""
    parts = []
    for start in range(0, len(rows), 64):
        signals = np.asarray(cache.signals_mv[rows[start : start + 64]], np.float32)
        pages = np.stack([clean(signal, CACHE_RATE_HZ, tower) for signal in signals])
        with device, torch.autocast(device.type, torch.bfloat16):
            parts.append(encode(placed(tower_input(pages, tower))))
    return torch.cat(parts).float().cpu().numpy()


def embed_rows(model: EcgClip, cache: SignalCache, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Embeddings of clean pages, unit-norm float32 [row, dim]."""
    device = next(model.parameters()).device
    return clean_outputs(model.encode_image, model.config.image, cache, rows, device)


def validate(model: EcgClip, cache: SignalCache, config: TrainConfig) -> dict[str, float]:
    """nDCG@10 by statement overlap, validation fold in training folds; {} where the fold is empty."""
    queries, gallery = cache.in_folds([config.valid_fold]), cache.in_folds(config.folds)
    if not len(queries) or not len(gallery):
        return {}
    was_training = model.training
    model.eval()
    similar = embed_rows(model, cache, queries) @ embed_rows(model, cache, gallery).T
    model.train(was_training)
    codes = statement_matrix(cache)
    overlap = jaccard(codes[queries], codes[gallery])
    return {"ndcg@10": ndcg_at_k(similar, overlap)}


def statement_matrix(cache: SignalCache) -> npt.NDArray[np.bool_]:
    """Which record carries which statement, bool [record, statement]."""
    names = sorted({code for row in cache.rows for code in row.codes})
    return one_hot([row.codes for row in cache.rows], names)
