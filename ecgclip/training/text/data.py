"""The records of a text stage: embeddings of pages by the locked image tower, with reports and statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from ecgclip.encoders.text import ReportTokenizer, clean_report
from ecgclip.training.cache import SignalCache
from ecgclip.training.towers.model import EcgClip
from ecgclip.typing import Vectors

BATCH: Final = 64


@dataclass(frozen=True, eq=False)
class TextData:
    """Records row by row. pages: unit-norm float32 [record, dim]; reports: as the tokenizer reads them."""

    pages: Vectors
    reports: tuple[str, ...]
    codes: tuple[tuple[str, ...], ...]


def text_data(cache: SignalCache, pages: Vectors, folds: Sequence[int]) -> TextData:
    """The records of some folds; pages: of all records of the cache, [record, dim]."""
    rows = cache.in_folds(folds)
    known = [cache.rows[row] for row in rows]
    return TextData(
        pages[rows], tuple(clean_report(one.report) for one in known), tuple(one.codes for one in known)
    )


def encoded(model: EcgClip, tokenizer: ReportTokenizer, texts: Sequence[str]) -> Tensor:
    """Embeddings with gradients where they are on, unit-norm [text, dim]."""
    ids, mask = tokenizer(texts)
    with torch.autocast("cpu", torch.bfloat16):
        return model.encode_text(torch.from_numpy(ids), torch.from_numpy(mask)).float()


@torch.inference_mode()
def embedded(model: EcgClip, tokenizer: ReportTokenizer, texts: Sequence[str]) -> Vectors:
    """Embeddings in evaluation mode, unit-norm float32 [text, dim]; texts of like length share a batch."""
    was_training = model.training
    model.eval()
    order = np.argsort([len(text) for text in texts], kind="stable")
    vectors = np.zeros((len(texts), model.config.dim), np.float32)
    for start in range(0, len(order), BATCH):
        some = order[start : start + BATCH]
        vectors[some] = encoded(model, tokenizer, [texts[i] for i in some]).numpy()
    model.train(was_training)
    return vectors
