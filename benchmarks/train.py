"""Training samples/s and the share of it spent drawing pages, on synthetic records.

    python benchmarks/train.py [--steps 10] [--threads 2]

Drawing happens in a thread beside the step; its share is the seconds of a batch drawn alone over those of a
step, as if they did not overlap.
The peer is the bare forward and backward pass of the same towers on one fixed batch.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from ecgclip.config import load_config
from ecgclip.encoders.text import ReportTokenizer, train_tokenizer
from ecgclip.records.synthetic import SyntheticSource
from ecgclip.training.cache import build_cache
from ecgclip.training.data import BatchMaker, prefetched
from ecgclip.training.loop import Learner
from ecgclip.training.run import frequent_statements
from ecgclip.training.settings import TrainConfig


def median_s(work: Callable[[], object], times: int) -> float:
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        spent.append(time.perf_counter() - started)
    return sorted(spent)[len(spent) // 2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    config = load_config("train/ptbxl-tiny.toml", TrainConfig)
    source = SyntheticSource((args.steps + 3) * config.batch_size, 0)
    with tempfile.TemporaryDirectory() as folder:
        ecgs = (replace(source.read(name), fold=1) for name in source.ids)
        cache = build_cache(ecgs, Path(folder))
        tokenizer = train_tokenizer([row.report for row in cache.rows], 500)
        model = replace(config.model, statements=frequent_statements(cache, (1,)))
        config = replace(config, model=model)
        learner = Learner(config)
        batches = BatchMaker(config, model, cache, ReportTokenizer(tokenizer, model.text.max_tokens))
        drawn = prefetched(batches.epoch(0))
        first = next(drawn)
        alone = batches.epoch(1)
        drawing_s = median_s(lambda: next(alone), args.steps)
        learner.step(first, 1e-4)
        whole_s = median_s(lambda: learner.step(next(drawn), 1e-4), args.steps)
        drawn.close()

    def bare() -> None:
        with torch.autocast("cpu", torch.bfloat16):
            learner.module(first)["total"].backward()

    bare()
    bare_s = median_s(bare, args.steps)
    print(f"{'':28}{'ms a step':>12}{'samples/s':>12}")
    for name, spent in (("training step", whole_s), ("bare forward + backward", bare_s)):
        print(f"{name:28}{spent * 1e3:12.0f}{config.batch_size / spent:12.1f}")
    print(f"{'drawing the pages, alone':28}{drawing_s * 1e3:12.0f}{config.batch_size / drawing_s:12.1f}")
    print(f"share of bare rate {bare_s / whole_s:.0%}; drawing is {drawing_s / whole_s:.1%} of a step")


if __name__ == "__main__":
    main()
