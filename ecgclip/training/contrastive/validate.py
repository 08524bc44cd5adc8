"""A look at the validation fold during training: label retrieval of clean pages."""

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ecgclip.encoders.preprocess import image_input
from ecgclip.encoders.settings import ImageTower
from ecgclip.evaluation.metrics import jaccard, ndcg_per_query
from ecgclip.evaluation.statements import one_hot
from ecgclip.training.cache import CACHE_RATE_HZ, SignalCache
from ecgclip.training.contrastive.augment import clean_view
from ecgclip.training.contrastive.settings import TrainConfig
from ecgclip.training.device import placed
from ecgclip.training.towers.model import EcgClip

Rows = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]
Embed = Callable[[EcgClip, SignalCache, Rows], Vectors]
"""Embeddings of a cache's records as the gallery holds them, unit-norm [row, dim]."""
CPU: Final = torch.device("cpu")
_QUERIES: Final = 256


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
        pages = np.stack([clean_view(signal, CACHE_RATE_HZ) for signal in signals])
        with device, torch.autocast(device.type, torch.bfloat16):
            parts.append(encode(placed(image_input(pages, tower))))
    return torch.cat(parts).float().cpu().numpy()


def embed_rows(model: EcgClip, cache: SignalCache, rows: Rows) -> Vectors:
    """Embeddings of clean pages, unit-norm float32 [row, dim]."""
    device = next(model.parameters()).device
    return clean_outputs(model.encode_image, model.config.image, cache, rows, device)


def validate(
    model: EcgClip, cache: SignalCache, config: TrainConfig, embed: Embed = embed_rows
) -> dict[str, float]:
    """nDCG@10 by statement overlap, validation fold in training folds; {} without statements to judge by."""
    queries, gallery = cache.in_folds([config.valid_fold]), cache.in_folds(config.folds)
    codes = statement_matrix(cache)
    if not codes[queries].any() or not codes[gallery].any():
        return {}
    was_training = model.training
    model.eval()
    asked, known = embed(model, cache, queries), embed(model, cache, gallery)
    model.train(was_training)
    return {"ndcg@10": label_ndcg(asked, known, codes[queries], codes[gallery])}


def label_ndcg(
    asked: npt.NDArray[np.float32],
    known: npt.NDArray[np.float32],
    asked_codes: npt.NDArray[np.bool_],
    known_codes: npt.NDArray[np.bool_],
) -> float:
    """nDCG@10 by the overlap of statements; vectors [record, dim], codes [record, statement].

    Some queries at a time: all at once would take 30 bytes for each pair of an archive.
    """
    values = [
        ndcg_per_query(asked[part] @ known.T, jaccard(asked_codes[part], known_codes), 10)
        for part in (slice(start, start + _QUERIES) for start in range(0, len(asked), _QUERIES))
    ]
    known_values = [value for part in values for value in part[~np.isnan(part)]]
    return float(np.mean(known_values)) if known_values else float("nan")


def statement_matrix(cache: SignalCache) -> npt.NDArray[np.bool_]:
    """Which record carries which statement, bool [record, statement]."""
    names = sorted({code for row in cache.rows for code in row.codes})
    return one_hot([row.codes for row in cache.rows], names)
