"""Training samples a second beside the bare forward and backward pass of the same towers, synthetic records.

    python benchmarks/train.py [--config train/ptbxl-tiny.toml] [--batch 64] [--steps 10] [--threads 1 2]

The real loop draws and varies its pages in a thread, asks the teachers there, runs both towers and all
losses, clips, steps and averages the weights; teachers have random weights and photos random traces, which
takes as long. The peers run on one batch that is ready and take turns: the towers' forward and backward pass
by the mean of their vectors, then with the losses, then with the optimiser.

With one thread the processor's seconds are counted, drawing included, which other programs on the machine do
not stretch; with more the wall's, and a share of a busy machine is not worth noting.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from ecgclip.config import load_config
from ecgclip.encoders.text import ReportTokenizer, train_tokenizer
from ecgclip.simulation.ecg import SyntheticSource
from ecgclip.training.cache import SignalCache, build_cache
from ecgclip.training.contrastive.data import Batch, BatchMaker
from ecgclip.training.contrastive.loop import Learner, training_step
from ecgclip.training.contrastive.photo_views import READ, PhotoPool
from ecgclip.training.contrastive.settings import ContrastiveTraining
from ecgclip.training.contrastive.teachers import Teachers
from ecgclip.training.prefetch import prefetched
from ecgclip.training.signal.network import SignalNetwork
from ecgclip.training.signal.settings import SignalModel
from ecgclip.training.texts import LabelledText

Work = Callable[[], object]


def synthetic_cache(count: int, folder: Path) -> SignalCache:
    source = SyntheticSource(count, 0)
    return build_cache((replace(source.read(name), fold=1) for name in source.ids), folder)


def random_photos(records: int, views: int) -> PhotoPool | None:
    """Photos of each record that show nothing in particular; None without views."""
    if not views:
        return None
    waves = np.random.default_rng(0).normal(0, 0.1, (records, views, 4, 1000)).cumsum(axis=-1)
    return PhotoPool(waves.astype(np.float16), np.full((records, views), READ, np.uint8))


def random_teachers(count: int, statements: tuple[str, ...]) -> Teachers | None:
    """Teachers of the usual size with random weights; None without one."""
    return (
        Teachers([SignalNetwork(SignalModel(statements=statements)) for _ in range(count)]) if count else None
    )


def endless(batches: BatchMaker) -> Iterator[Batch]:
    epoch = 0
    while True:
        yield from batches.epoch(epoch)
        epoch += 1


def towers_alone(learner: Learner, batch: Batch) -> Work:
    """Forward and backward pass of both towers over all pages and texts of the batch."""
    model = learner.module.model
    pixels = torch.from_numpy(np.concatenate([batch.pages, batch.photo_views, batch.mixtures]))
    texts = [one for one in (batch.reports, batch.extra) if one is not None]
    tokens = [(torch.from_numpy(one.ids), torch.from_numpy(one.mask)) for one in texts]

    def work() -> None:
        with torch.autocast("cpu", torch.bfloat16):
            vectors = [model.encode_image(pixels), *(model.encode_text(*words) for words in tokens)]
        sum(vector.square().mean() for vector in vectors).backward()  # type: ignore[union-attr]
        learner.optimizer.zero_grad(set_to_none=True)

    return work


def step_alone(learner: Learner, batch: Batch) -> Work:
    """Forward and backward pass of towers and losses."""

    def work() -> None:
        with torch.autocast("cpu", torch.bfloat16):
            terms = learner.module(batch)
        terms["total"].backward()
        learner.optimizer.zero_grad(set_to_none=True)

    return work


def medians(works: dict[str, Work], rounds: int, clock: Callable[[], float]) -> dict[str, float]:
    """Seconds of each, in turns."""
    spent: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(rounds + 1):
        for name, work in works.items():
            started = clock()
            work()
            if turn:  # the first round warms up
                spent[name].append(clock() - started)
    return {name: float(np.median(times)) for name, times in spent.items()}


def looped_s(learner: Learner, batches: BatchMaker, steps: int, clock: Callable[[], float]) -> float:
    """Seconds a step of the whole loop, the thread that draws ahead included."""
    drawn = prefetched(endless(batches))
    learner.step(next(drawn), 1e-4)
    started = clock()
    for _ in range(steps):
        learner.step(next(drawn), 1e-4)
    spent = (clock() - started) / steps
    drawn.close()
    return spent


def measure(config: ContrastiveTraining, batches: BatchMaker, steps: int, threads: int) -> None:
    torch.set_num_threads(threads)
    clock = time.process_time if threads == 1 else time.perf_counter
    step = training_step(config, batches.teachers.dim if batches.teachers else 0)
    learner = Learner(step, config)
    first, alone = next(batches.epoch(0)), endless(batches)
    works: dict[str, Work] = {
        "towers, forward + backward": towers_alone(learner, first),
        "and losses": step_alone(learner, first),
        "and optimiser, average": lambda: learner.step(first, 1e-4),
        "drawing, alone": lambda: next(alone),
    }
    found = medians(works, steps, clock)
    found["the training loop"] = looped_s(learner, batches, steps, clock)
    bare_s = next(iter(found.values()))
    print(f"\n{threads} threads, {clock.__name__:20}{'ms a step':>12}{'samples/s':>12}{'of the towers':>16}")
    for name, spent in found.items():
        print(f"{name:32}{spent * 1e3:12.0f}{config.batch_size / spent:12.1f}{bare_s / spent:16.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--config", default="train/ptbxl-tiny.toml")
    parser.add_argument("--batch", type=int, help="records of a step (default: as configured)")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    args = parser.parse_args()
    # Weights to begin with would have to be trained first, and take no other time.
    config = replace(load_config(args.config, ContrastiveTraining), init_from=None, init_image_from=None)
    if args.batch:
        texts = config.text_batch_size * args.batch // config.batch_size
        config = replace(config, batch_size=args.batch, text_batch_size=texts)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, batches of {config.batch_size}")
    with tempfile.TemporaryDirectory() as folder:
        cache = synthetic_cache(4 * config.batch_size, Path(folder))
        tokenizer = train_tokenizer([row.report for row in cache.rows], config.model.text.vocabulary)
        vocabulary = tokenizer.get_vocab_size()
        model = replace(
            config.model,
            statements=cache.frequent_statements((1,)),
            text=replace(config.model.text, vocabulary=vocabulary),
        )
        config = replace(config, model=model)
        texts_alone = [LabelledText(row.report, row.codes) for row in cache.rows]
        words = ReportTokenizer(tokenizer, model.text.max_tokens)
        pool = random_photos(len(cache.rows), config.photo_views.per_record)
        teachers = random_teachers(len(config.distillation.teachers), model.statements)
        batches = BatchMaker(config, model, cache, words, texts_alone, pool, teachers)
        for threads in args.threads:
            measure(config, batches, args.steps, threads)


if __name__ == "__main__":
    main()
