"""The visual vocabulary: principal components of patches, and k-means centres among them.

BEiT (Bao et al. 2022) and HeartBEiT (Vaid et al. 2023) name patches by 8,192 codes of a deep image tokenizer.
Pages of ECGs are a smaller world: k-means on their own patches needs fewer codes and no network.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from ecgclip.encoders.settings import ImageTower
from ecgclip.errors import ModelError
from ecgclip.typing import Float32s, Ink, Int64s
from research.masked.patches import described, patches
from research.masked.settings import Vocabulary

_MOST_PER_CODE = 256
"""Patches that k-means looks at for each code; more move the centres no further (faiss's own advice)."""


@dataclass(frozen=True, eq=False)
class Codebook:
    """mean: float32 [pixel]; components: orthonormal [pixel, component]; centers: [code, component]."""

    mean: Float32s
    components: Float32s
    centers: Float32s

    def __len__(self) -> int:
        return len(self.centers)

    def project(self, descriptions: Float32s) -> Float32s:
        """[patch, pixel] -> [patch, component]."""
        projected: Float32s = ((descriptions - self.mean) @ self.components).astype(np.float32, copy=False)
        return projected

    def nearest(self, projected: Float32s) -> Int64s:
        """The code of each patch, int64 [patch]; the lowest where two are as near."""
        # |x - c|^2 without |x|^2, which is the same for all codes
        distance = (self.centers**2).sum(1) - 2 * projected @ self.centers.T
        codes: Int64s = distance.argmin(axis=1).astype(np.int64, copy=False)
        return codes

    def encode(self, ink: Ink, tower: ImageTower) -> Int64s:
        """The codes of pages: uint8 [n, y, x] -> int64 [n, token]."""
        pieces = patches(ink, tower)
        return self.nearest(self.project(described(pieces))).reshape(pieces.shape[:2])

    def decode(self, codes: Int64s) -> Float32s:
        """What the codes stand for, as `described` patches, [..., pixel]."""
        return self.mean + self.centers[codes] @ self.components.T

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        arrays = {name: np.ascontiguousarray(value) for name, value in vars(self).items()}
        save_file(arrays, path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a vocabulary that `save` wrote; ModelError where it is missing or damaged."""
        if not path.is_file():
            raise ModelError(f"{path} is missing; expected the vocabulary of a masked pre-training")
        try:
            return cls(**load_file(path))
        except (SafetensorError, TypeError, OSError) as error:
            raise ModelError(
                f"{path} is no visual vocabulary ({error}); delete it, it is learned anew"
            ) from None


def learn_codebook(descriptions: Float32s, settings: Vocabulary, seed: int) -> Codebook:
    """Components by the covariance of all patches, centres by k-means of some; the same for the same seed.

    descriptions: float32 [patch, pixel]; ModelError where there are fewer patches than codes.
    """
    import faiss

    if len(descriptions) < settings.codes:
        raise ModelError(
            f"{len(descriptions)} patches for {settings.codes} codes; give more records or fewer codes"
        )
    mean, components = principal_components(descriptions, settings.components)
    projected = np.ascontiguousarray((descriptions - mean) @ components, np.float32)
    kmeans = faiss.Kmeans(
        components.shape[1],
        settings.codes,
        niter=settings.iterations,
        seed=seed + 1,  # faiss takes 0 for "draw one"
        max_points_per_centroid=_MOST_PER_CODE,
        min_points_per_centroid=1,
    )
    kmeans.train(projected)
    return Codebook(mean, components, np.asarray(kmeans.centroids, np.float32))


def principal_components(descriptions: Float32s, count: int) -> tuple[Float32s, Float32s]:
    """Mean [pixel] and the directions of largest variance, orthonormal [pixel, component]."""
    mean = descriptions.mean(axis=0, dtype=np.float64)
    # E[xx'] - mm' in one pass: a centred copy of all patches would double the memory
    second = descriptions.T.astype(np.float64) @ descriptions / len(descriptions)
    _, vectors = np.linalg.eigh(second - np.outer(mean, mean))
    count = min(count, len(mean))
    return mean.astype(np.float32), np.ascontiguousarray(vectors[:, ::-1][:, :count]).astype(np.float32)


@dataclass(frozen=True)
class Quality:
    """How well a vocabulary fits patches it has not seen.

    explained: share of the patches' variance that their codes restore; perplexity: exp of the entropy of the
    codes, how many of equal use would be as varied; used: codes that occur at all.
    """

    explained: float
    perplexity: float
    used: int


def quality(codebook: Codebook, descriptions: Float32s) -> Quality:
    """Judge the vocabulary by patches [patch, pixel]."""
    codes = codebook.nearest(codebook.project(descriptions))
    error = ((descriptions - codebook.decode(codes)) ** 2).sum(dtype=np.float64)
    spread = ((descriptions - descriptions.mean(axis=0)) ** 2).sum(dtype=np.float64)
    share = np.bincount(codes, minlength=len(codebook)) / len(codes)
    entropy = -(share[share > 0] * np.log(share[share > 0])).sum()
    return Quality(float(1 - error / spread), float(np.exp(entropy)), int((share > 0).sum()))
