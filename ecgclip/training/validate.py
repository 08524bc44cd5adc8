"""Validation during training: how well the records of the held-out fold find records of like statements."""

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
import torch
from torch import Tensor

from ecgclip.encoders.preprocess import image_input
from ecgclip.encoders.settings import ImageTower
from ecgclip.evaluation.metrics import jaccard, ndcg_per_query
from ecgclip.evaluation.statements import one_hot
from ecgclip.training.augment import clean_view
from ecgclip.training.cache import CACHE_RATE_HZ, SignalCache
from ecgclip.training.distributed import placed
from ecgclip.training.towers.model import EcgClip
from ecgclip.typing import Bools, Float32s, Rows, Vectors

EmbedRows: TypeAlias = Callable[[Rows], Vectors]
"""Embeddings of a cache's records, unit-norm [row, dim]."""
CPU: Final = torch.device("cpu")
_AT_A_TIME: Final = 64
_QUERIES: Final = 256


@torch.inference_mode()
def clean_outputs(
    encode: Callable[[Tensor], Tensor],
    tower: ImageTower,
    cache: SignalCache,
    rows: Rows,
    device: torch.device = CPU,
) -> Float32s:
    """What `encode` gives for the rows' clean pages, float32 [row, width]. tower: the size of its input."""
    parts = []
    for start in range(0, len(rows), _AT_A_TIME):
        signals = np.asarray(cache.signals_mv[rows[start : start + _AT_A_TIME]], np.float32)
        pages = np.stack([clean_view(signal, CACHE_RATE_HZ) for signal in signals])
        with device, torch.autocast(device.type, torch.bfloat16):
            parts.append(encode(placed(image_input(pages, tower))))
    return torch.cat(parts).float().cpu().numpy()


def embed_pages(model: EcgClip, cache: SignalCache, rows: Rows) -> Vectors:
    """Embeddings of the records' clean pages, unit-norm float32 [row, dim]."""
    device = next(model.parameters()).device
    return clean_outputs(model.encode_image, model.config.image, cache, rows, device)


def validation_ndcg(
    embed: EmbedRows, cache: SignalCache, folds: tuple[int, ...], valid_fold: int
) -> float | None:
    """nDCG@10 of the validation fold's records in those of `folds`; None without statements to judge by."""
    queries, gallery = cache.in_folds([valid_fold]), cache.in_folds(folds)
    codes = statement_matrix(cache)
    if not codes[queries].any() or not codes[gallery].any():
        return None
    return label_ndcg(embed(queries), embed(gallery), codes[queries], codes[gallery])


def label_ndcg(queries: Vectors, known: Vectors, query_codes: Bools, known_codes: Bools) -> float:
    """nDCG@10 by the overlap of statements; vectors [record, dim], codes [record, statement].

    Some queries at a time: all at once would take 30 bytes for each pair of an archive.
    """
    values = [
        ndcg_per_query(queries[part] @ known.T, jaccard(query_codes[part], known_codes), 10)
        for part in (slice(start, start + _QUERIES) for start in range(0, len(queries), _QUERIES))
    ]
    known_values = [value for part in values for value in part[~np.isnan(part)]]
    return float(np.mean(known_values)) if known_values else float("nan")


def statement_matrix(cache: SignalCache) -> Bools:
    """Which record has which statement, bool [record, statement]."""
    names = sorted({code for row in cache.rows for code in row.codes})
    return one_hot([row.codes for row in cache.rows], names)
