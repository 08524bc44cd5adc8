"""Exact and approximate search over galleries of three sizes, in one run.

    python benchmarks/search.py [--sizes 2700 21000 200000] [--dim 512] [--queries 100]

Vectors are made: clusters on the sphere with noise as large as the distance between patients, so that the ten
nearest are not trivial. Recall is against brute force. Queries are asked one at a time, as people do.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import faiss
import numpy as np
import numpy.typing as npt

from ecgclip.retrieval.backends.flat import FlatIndex

K = 10
NPROBE = 16
_CLUSTER_SHARE = 0.6
"""Of a vector's squared length; the rest is its own."""

Vectors = npt.NDArray[np.float32]
Search = Callable[[Vectors], npt.NDArray[np.int64]]


@dataclass(frozen=True)
class Contender:
    name: str
    build_s: float
    search: Search


def unit(vectors: npt.NDArray[np.floating]) -> Vectors:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def made_vectors(n: int, dim: int, rng: np.random.Generator) -> Vectors:
    """float32 [n, dim], unit norm, around n / 50 centers."""
    centers = unit(rng.standard_normal((max(1, n // 50), dim), np.float32))
    own = unit(rng.standard_normal((n, dim), np.float32))
    shared = centers[rng.integers(len(centers), size=n)]
    return unit(np.sqrt(_CLUSTER_SHARE) * shared + np.sqrt(1 - _CLUSTER_SHARE) * own)


def contenders(vectors: Vectors, folder: Path) -> Iterator[Contender]:
    """Each way to search the same vectors; the numpy one reads them from a memory map, as an index does."""
    np.save(folder / "vectors.npy", vectors)
    start = perf_counter()
    flat = FlatIndex(np.load(folder / "vectors.npy", mmap_mode="r"))
    yield Contender("numpy flat (memory map)", perf_counter() - start, lambda q: flat.search(q, K)[1])
    start = perf_counter()
    exact = faiss.IndexFlatIP(vectors.shape[1])
    exact.add(vectors)
    yield Contender("FAISS flat", perf_counter() - start, lambda q: exact.search(q, K)[1])
    start = perf_counter()
    lists = max(1, int(4 * np.sqrt(len(vectors))))
    ivf = faiss.index_factory(vectors.shape[1], f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
    ivf.train(vectors[: 40 * lists])
    ivf.add(vectors)
    ivf.nprobe = NPROBE
    name = f"FAISS IVF{lists},SQ8 nprobe {NPROBE}"
    yield Contender(name, perf_counter() - start, lambda q: ivf.search(q, K)[1])


def measure(
    contender: Contender, queries: Vectors, truth: npt.NDArray[np.int64]
) -> tuple[float, float, float]:
    """(first query ms, median ms, recall@10); the first one meets cold memory."""
    spent, shared = [], 0
    for query, nearest in zip(queries, truth, strict=True):
        start = perf_counter()
        rows = contender.search(query[None])[0]
        spent.append((perf_counter() - start) * 1e3)
        shared += len(set(rows.tolist()) & set(nearest.tolist()))
    return spent[0], float(np.median(spent)), shared / truth.size


def brute_force(vectors: Vectors, queries: Vectors) -> npt.NDArray[np.int64]:
    return np.argsort(-(queries @ vectors.T), axis=1, kind="stable")[:, :K]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[2_700, 21_000, 200_000])
    parser.add_argument("--dim", type=int, default=512)
    parser.add_argument("--queries", type=int, default=100)
    args = parser.parse_args()
    rng = np.random.default_rng(0)
    print(f"{'cases':>8}  {'engine':32} {'build s':>8} {'first ms':>9} {'median ms':>10} {'recall@10':>10}")
    for size in args.sizes:
        vectors = made_vectors(size, args.dim, rng)
        near = vectors[rng.integers(size, size=args.queries)]
        queries = unit(near + 0.5 * unit(rng.standard_normal(near.shape, np.float32)))
        truth = brute_force(vectors, queries)
        with tempfile.TemporaryDirectory() as folder:
            for one in contenders(vectors, Path(folder)):
                first, median, recall = measure(one, queries, truth)
                line = (
                    f"{size:>8}  {one.name:32} {one.build_s:8.2f} {first:9.2f} {median:10.2f} {recall:10.3f}"
                )
                print(line, flush=True)


if __name__ == "__main__":
    main()
