"""Random encoder: an untrained image and text tower, the floor that training must leave."""

from collections.abc import Sequence
from zlib import crc32

import cv2
import numpy as np

from ecgclip.evaluation.metrics import cosine
from ecgclip.evaluation.retrieval.baselines.spectrum import unit
from ecgclip.paper.page import CanonicalPage
from ecgclip.records.ecg import Ecg
from ecgclip.typing import Float32s, Floats

DIM = 256
INK_SHAPE = (64, 128)
"""The canonical page averaged to this (rows, columns): 2 mm a pixel."""
TEXT_BUCKETS = 4096


class RandomEncoder:
    """A fixed Gaussian projection of the rendered ink, and another of hashed words, to unit vectors."""

    name = "random encoder"

    def __init__(self, rng: np.random.Generator) -> None:
        self._image = rng.standard_normal((INK_SHAPE[0] * INK_SHAPE[1], DIM), np.float32)
        self._text = rng.standard_normal((TEXT_BUCKETS, DIM), np.float32)

    def features(self, records: Sequence[Ecg]) -> Float32s:
        """Unit vectors [record, 256] of the canonical page."""
        return self.embed_pages([CanonicalPage.of_record(record) for record in records])

    def embed_pages(self, pages: Sequence[CanonicalPage]) -> Float32s:
        """Unit vectors [page, 256] of canonical pages at any scale; a blank page gives zeros."""
        size = INK_SHAPE[::-1]
        small = [cv2.resize(page.ink, size, interpolation=cv2.INTER_AREA) for page in pages]
        return unit(np.stack(small).reshape(len(pages), -1).astype(np.float32) @ self._image)

    def similarity(self, queries: Floats, gallery: Floats) -> Floats:
        return cosine(queries, gallery)

    def embed_reports(self, reports: Sequence[str]) -> Float32s:
        """Unit vectors [report, 256] of the bag of words; the same report gives the same vector."""
        return unit(np.stack([self._words(report) for report in reports]))

    def _words(self, report: str) -> Float32s:
        # CRC rather than hash(): Python salts its hash in every process.
        rows = [crc32(word.encode()) % TEXT_BUCKETS for word in (report.split() or [""])]
        return np.asarray(self._text[rows].sum(axis=0), np.float32)
