"""Images embedded a second: the runtime that is shipped beside torch, and beside its own encoder alone.

    python benchmarks/embedding.py [--model DIR] [--pages 32] [--rounds 9] [--threads 1 2]

Peers: the same towers in torch, fp32, eager; and the runtime's graph alone, both from ready input. Ours:
from a canonical page (`embed_ink`: scaling, encoder, norm) and from a record (`embed_records`: the page is
drawn, too). All take turns, so that they meet the same machine; medians.

With one thread the processor's seconds are counted, which other programs on the machine do not stretch; with
more the wall's, and a share of a busy machine is not worth noting.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ecgclip.encoders.model_files import default_folder
from ecgclip.encoders.preprocess import image_input
from ecgclip.engine.model import load_model
from ecgclip.paper.raster import ink_page
from ecgclip.simulation.ecg import SyntheticSource
from ecgclip.training.towers.checkpoint import load_model as load_torch
from ecgclip.training.towers.export import export_model

ONE_BY_ONE = 8
REST_S = 0.05
"""Between rivals: the threads of the last one wait busily for more, which would slow down the next."""


@dataclass(frozen=True)
class Rival:
    name: str
    embed: Callable[[int], object]
    """Embeds the first n images."""


def rivals(folder: Path, graphs: Path, pages: int, threads: int) -> list[Rival]:
    source = SyntheticSource(pages, 0)
    records = [source.read(name) for name in source.ids]
    towers, model = load_torch(folder)[0], load_model(graphs, threads)
    ink = np.stack([ink_page(record) for record in records])
    ready = image_input(ink, towers.config.image)
    tensor, encoder = torch.from_numpy(ready), model.encoder

    def encoder_alone(n: int) -> None:
        if n == 1 or threads == 1:
            for page in ready[:n, None]:
                encoder._image.run(None, {"pixels": page})  # type: ignore[attr-defined]
            return
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda page: encoder._image_of_many.run(None, {"pixels": page}), ready[:n, None]))  # type: ignore[attr-defined]

    return [
        Rival("torch, fp32, eager", lambda n: towers.encode_image(tensor[:n])),
        Rival("runtime's encoder alone", encoder_alone),
        Rival("runtime, from pages", lambda n: model.encoder.embed_ink(ink[:n])),
        Rival("runtime, from records", lambda n: model.embed_records(records[:n])),
    ]


def medians(found: list[Rival], count: int, rounds: int, clock: Callable[[], float]) -> list[float]:
    """Images a second of each, in turns of `ONE_BY_ONE` images or of one batch."""
    calls = max(1, ONE_BY_ONE // count)
    spent: list[list[float]] = [[] for _ in found]
    for turn in range(rounds + 1):
        for rival, times in zip(found, spent, strict=True):
            time.sleep(REST_S)
            started = clock()
            for _ in range(calls):
                rival.embed(count)
            if turn:  # the first round warms up
                times.append((clock() - started) / calls)
    return [count / float(np.median(times)) for times in spent]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--model", help="a model folder with torch weights (default: the shipped one)")
    parser.add_argument("--export", action="store_true", help="write the graphs anew from the torch weights")
    parser.add_argument("--pages", type=int, default=32, help="images of the batch")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    args = parser.parse_args()
    folder = Path(args.model) if args.model else default_folder()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {args.rounds} rounds, images a second")
    with tempfile.TemporaryDirectory() as fresh:
        if args.export:
            export_model(*load_torch(folder), Path(fresh))
        for threads in args.threads:
            torch.set_num_threads(threads)
            found = rivals(folder, Path(fresh) if args.export else folder, args.pages, threads)
            clock = time.process_time if threads == 1 else time.perf_counter
            for count in (1, args.pages):
                with torch.inference_mode():
                    rates = medians(found, count, args.rounds, clock)
                print(f"\n{threads} threads, {count} at a time, {clock.__name__}")
                for rival, rate in zip(found, rates, strict=True):
                    beside = f"{rate / rates[0]:8.2f} x torch {rate / rates[1]:8.1%} of the encoder"
                    print(f"{rival.name:26}{rate:8.1f}{beside}")


if __name__ == "__main__":
    main()
