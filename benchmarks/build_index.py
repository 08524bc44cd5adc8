"""How fast `build-index` is, with one process and with two.

    python benchmarks/build_index.py [--cases 600] [--source PATH] [--model DIR] [--workers 1 2]

Builds the same index anew for each number of workers, runs it again with nothing to do, and says how long
an opened index takes to its first answer. Without a model folder that can be loaded, give --no-model: a
projection of the ink stands in, and the figures are those of reading, drawing and writing alone.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
import numpy.typing as npt

from ecgclip.indexing.build import IndexModel, build_index
from ecgclip.paper.page import CanonicalPage
from ecgclip.records.reading import open_source

COLD = """
import sys, time
start = time.perf_counter()
import numpy as np
from ecgclip.retrieval.store.bundle import open_bundle
imported = time.perf_counter()
bundle = open_bundle(sys.argv[1])
opened = time.perf_counter()
hits = bundle.search(bundle.vectors[7], 10)[0]
cases = [bundle.case(hit.case_id) for hit in hits]
done = time.perf_counter()
times = [imported - start, opened - imported, done - opened]
print(" ".join(f"{1e3 * spent:.1f}" for spent in times))
"""


class NoModel:
    """A fixed projection of the ink, in the place of a model."""

    dim = 256
    hash = "projection of the ink"

    def embed_pages(self, pages: Sequence[CanonicalPage]) -> npt.NDArray[np.float32]:
        ink = np.stack([page.ink for page in pages])
        blocks = ink.reshape(len(pages), 16, 16, 16, 32).mean(axis=(2, 4)).reshape(len(pages), -1)
        blocks = blocks + 1e-3
        return (blocks / np.linalg.norm(blocks, axis=1, keepdims=True)).astype(np.float32)

    def embed_reports(self, reports: Sequence[str]) -> npt.NDArray[np.float32]:
        vectors = np.zeros((len(reports), self.dim), np.float32)
        vectors[:, 0] = 1
        return vectors


def the_model(args: argparse.Namespace) -> IndexModel:
    if args.no_model:
        return NoModel()
    from ecgclip.engine.model import load_model

    return load_model(args.model)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--cases", type=int, default=600, help="synthetic cases")
    parser.add_argument("--source", help="records to build from instead of synthetic ones")
    parser.add_argument("--model", help="a model folder instead of the shipped one")
    parser.add_argument("--no-model", action="store_true", help="measure all but the model")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    args = parser.parse_args()
    source = open_source(args.source or f"synthetic:{args.cases}")
    model = the_model(args)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        for workers in args.workers:
            path = Path(folder) / f"workers-{workers}"
            for what in ("built", "nothing new"):
                start = perf_counter()
                report = build_index(source, path, model, workers=workers)
                spent = perf_counter() - start
                rate = report.cases / spent
                print(f"{workers} workers, {what:12} {report.cases} cases {spent:7.1f} s {rate:8.0f} cases/s")
        for _ in range(3):
            cold = subprocess.run(
                [sys.executable, "-c", COLD, path], capture_output=True, text=True, check=True
            )
            parts = zip(("import", "open", "search + 10 cases"), cold.stdout.split(), strict=True)
            print("a new process: " + ", ".join(f"{name} {ms} ms" for name, ms in parts))


if __name__ == "__main__":
    main()
