"""What a frozen tower knows: a linear map of its output to the labels."""

import numpy as np
from timm.models.vision_transformer import VisionTransformer

from ecgclip.encoders.settings import ImageTower
from ecgclip.training.cache import SignalCache
from ecgclip.training.validate import clean_outputs
from ecgclip.typing import Bools, Float32s, Int64s

PENALTIES = np.logspace(-1, 5, 13)
"""Among these leave-one-out chooses for each label; on standardised features, for 20 to 20,000 records."""


def clean_features(tower: VisionTransformer, shape: ImageTower, cache: SignalCache, rows: Int64s) -> Float32s:
    """The tower's pooled output for the clean pages of records, float32 [row, width]."""
    return clean_outputs(tower.eval(), shape, cache, rows)


def ridge_scores(features: Float32s, labels: Bools, asked: Float32s) -> Float32s:
    """Least squares with a penalty, chosen for each label by leave-one-out: [asked, label].

    Ridge instead of logistic regression, because leave-one-out costs nothing: with 23 records and one of a
    class there is nothing else to choose the penalty by. What all or none carry is scored alike for all.
    """
    from sklearn.linear_model import RidgeCV

    mean, spread = features.mean(axis=0), features.std(axis=0)
    scale = np.where(spread > 0, spread, 1)
    ridge = RidgeCV(alphas=PENALTIES, alpha_per_target=True)
    ridge.fit((features - mean) / scale, labels.astype(np.float64))
    scores = ridge.predict((asked - mean) / scale).astype(np.float32).reshape(len(asked), -1)
    # a constant label: its scores differ by rounding alone, which is no order
    return np.where(labels.any(axis=0) & ~labels.all(axis=0), scores, np.float32(0))
