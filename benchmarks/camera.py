"""Milliseconds of a simulated photo by level, and what photographed views cost a training step.

    python benchmarks/camera.py [--records 12] [--steps 5]

The peer is torchvision: perspective, elastic crumple, colour jitter, blur and JPEG of the same page on one
thread. In training the photos are taken and read before the first epoch; a step then draws traces that lie in
memory, which is compared with drawing pages from the records alone, and with the step itself.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from torchvision.transforms import v2

from ecgclip.config import load_config
from ecgclip.encoders.text import ReportTokenizer, train_tokenizer
from ecgclip.paper.render import render
from ecgclip.paper.styles import random_style
from ecgclip.photo.rectify import rectify
from ecgclip.simulation.camera import photograph
from ecgclip.simulation.ecg import SyntheticSource
from ecgclip.simulation.photos import LEVELS
from ecgclip.training.cache import build_cache
from ecgclip.training.contrastive.data import BatchMaker
from ecgclip.training.contrastive.loop import Learner, training_step
from ecgclip.training.contrastive.photo_views import build_pool
from ecgclip.training.contrastive.settings import ContrastiveTraining, PhotoViews


def median_ms(work: Callable[[int], object], times: int) -> float:
    work(0)
    spent = []
    for number in range(times):
        started = time.perf_counter()
        work(number)
        spent.append(1e3 * (time.perf_counter() - started))
    return float(np.median(spent))


def print_levels(records: int) -> None:
    source = SyntheticSource(records, 0)
    pages = [render(source.read(name), style=random_style(np.random.default_rng(i))).array
             for i, name in enumerate(source.ids)]  # fmt: skip
    peer = v2.Compose([v2.RandomPerspective(0.12, 1.0), v2.ElasticTransform(50.0),
                       v2.ColorJitter(0.3, 0.3, 0.3), v2.GaussianBlur(5), v2.JPEG((30, 30))])  # fmt: skip
    tensors = [torch.from_numpy(page).permute(2, 0, 1) for page in pages]
    print(f"{'a page of 2200 x 1700 px, one thread':44}{'ms':>8}{'ms to read it':>16}")
    for level in (*LEVELS, "phone", "train"):
        shots = [photograph(page, level, np.random.default_rng(i)).image for i, page in enumerate(pages)]
        taking = median_ms(lambda i, at=level: photograph(pages[i], at, np.random.default_rng(i)), records)
        reading = median_ms(lambda i, these=shots: rectify(these[i]), records)
        print(f"{f'ecgclip, level {level}':44}{taking:8.0f}{reading:16.0f}")
    print(f"{'torchvision, five transforms like S3':44}{median_ms(lambda i: peer(tensors[i]), records):8.0f}")


def print_training(steps: int) -> None:
    plain = load_config("train/ptbxl-tiny.toml", ContrastiveTraining)
    source = SyntheticSource(2 * plain.batch_size, 0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cache = build_cache((replace(source.read(name), fold=1) for name in source.ids), folder)
        settings = PhotoViews(per_record=1)
        # S1 is read almost always; which level was photographed makes no difference to a step.
        pool = build_pool(folder, cache.in_folds([1]), replace(settings, level="S1"), workers=2)
        tokenizer = train_tokenizer([row.report for row in cache.rows], 500)
        model = replace(plain.model, statements=cache.frequent_statements((1,)))
        plain = replace(plain, model=model)
        tokens = ReportTokenizer(tokenizer, model.text.max_tokens)
        rows = cache.in_folds([1])[: plain.batch_size]
        print(
            f"\n{f'a batch of {plain.batch_size} records':44}{'images':>8}{'ms to draw':>16}{'ms a step':>12}"
        )
        for title, share in (("pages alone", 0.0), ("half of them photographed, too", 0.5)):
            config = replace(plain, photo_views=replace(settings, share=share))
            maker = BatchMaker(config, model, cache, tokens, (), pool)
            torch.set_num_threads(2)
            learner, batch = Learner(training_step(config), config), maker.batch(rows, 0, 0)
            drawing = median_ms(lambda i, these=maker: these.batch(rows, i, 0), steps)
            step = median_ms(lambda i, by=learner, this=batch: by.step(this, 1e-4), steps)
            images = len(batch.pages) + len(batch.photo_views)
            print(f"{title:44}{images:8}{drawing:16.0f}{step:12.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=12)
    parser.add_argument("--steps", type=int, default=5)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    print_levels(args.records)
    print_training(args.steps)


if __name__ == "__main__":
    main()
