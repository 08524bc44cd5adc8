"""Drawing ECGs: this project, ecg_plot and plain matplotlib, over the same records in one run.

    pip install 'ecgclip[bench]'
    python benchmarks/render.py [--records 20] [--repeats 5] [--rate 500]

Records are synthetic. Times are processor milliseconds of one core (median of all pages), so that other work
on the machine does not count; each contender's first page, which loads fonts and fills caches, is left out.
"""

import argparse
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from time import process_time

import cv2
import matplotlib
import matplotlib.pyplot as plt
import numpy as np

from ecgclip.paper.geometry import CANONICAL
from ecgclip.paper.raster import ink_page, raster_page
from ecgclip.paper.render import render
from ecgclip.paper.styles import load_style
from ecgclip.records.ecg import Ecg
from ecgclip.simulation.camera import Level, load_level, photograph
from ecgclip.simulation.ecg import synthetic_ecg
from ecgclip.units import LEADS

WIDTH_PX, HEIGHT_PX, DOTS_PER_INCH = 2200, 1700, 200
FIGURE_INCHES = (WIDTH_PX / DOTS_PER_INCH, HEIGHT_PX / DOTS_PER_INCH)


@dataclass(frozen=True)
class Contender:
    name: str
    draw: Callable[[Ecg], object]


def to_png(folder: Path) -> Iterator[Contender]:
    """Whole prints, 2200 x 1700 pixels, written as PNG; the first is the one to be compared with."""
    path = folder / "page.png"
    yield Contender("ecg_plot", lambda ecg: ecg_plot_png(ecg, path))
    yield Contender("plain matplotlib", lambda ecg: matplotlib_png(ecg, path))
    for style in ("letter", "orange", "green"):
        yield Contender(f"ecgclip {style}", lambda ecg, style=style: render(ecg, style=style).save(path))


def to_memory() -> Iterator[Contender]:
    """Pixels for a model or for the simulated camera; nothing is encoded."""
    orange = load_style("orange")
    yield Contender("ecgclip ink 512 x 256", ink_page)
    yield Contender("ecgclip ink 1024 x 512", lambda ecg: ink_page(ecg, CANONICAL, 4.0))
    yield Contender("ecgclip colour 2200 x 1700", lambda ecg: raster_page(ecg, style=orange))


def cameras() -> Iterator[Contender]:
    """Photos of one print by each level of the simulated camera, drawing not counted."""
    rng = np.random.default_rng(0)
    page = raster_page(synthetic_ecg(rng), style=load_style("letter"))
    for name in ("S1", "S2", "S3", "S4", "phone", "train"):
        level = load_level(name)
        yield Contender(f"camera {name}", lambda _, level=level: photograph(page, level, rng))


def artefacts() -> Iterator[Contender]:
    """Photos with one artefact each; the first, with none but a straight view, is part of all the others."""
    rng = np.random.default_rng(0)
    page = raster_page(synthetic_ecg(rng), style=load_style("letter"))
    plain = Level(desk=1.0, px_per_mm=(8.0, 8.0))
    yield Contender("view and desk", lambda _: photograph(page, plain, rng))
    names = [field.name for field in fields(Level) if field.default == (0.0, 0.0)]
    for name in names:
        level = replace(plain, **{name: (1.0, 1.0)})
        yield Contender(f"... and {name}", lambda _, level=level: photograph(page, level, rng))
    jpeg = replace(plain, jpeg=1.0)
    yield Contender("... and jpeg", lambda _: photograph(page, jpeg, rng))


def ecg_plot_png(ecg: Ecg, path: Path) -> None:
    """ecg_plot's own twelve-lead chart at the same size."""
    import ecg_plot

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ecg_plot.plot(ecg.signal_mv, ecg.rate_hz, "ECG", columns=4)
        figure = plt.gcf()
        figure.set_size_inches(*FIGURE_INCHES)
        figure.savefig(path, dpi=DOTS_PER_INCH)
        plt.close(figure)


def matplotlib_png(ecg: Ecg, path: Path) -> None:
    """What one writes at first: a grid of lines, a plot for each lead, three by four and a rhythm strip."""
    figure, axes = plt.subplots(figsize=FIGURE_INCHES)
    axes.set(xlim=(-0.5, 10.5), ylim=(-13, 3))
    axes.vlines(np.arange(-0.5, 10.5, 0.04), -13, 3, colors="pink", linewidth=0.4)
    axes.hlines(np.arange(-13, 3, 0.1), -0.5, 10.5, colors="pink", linewidth=0.4)
    axes.vlines(np.arange(-0.5, 10.5, 0.2), -13, 3, colors="red", linewidth=0.6)
    axes.hlines(np.arange(-13, 3, 0.5), -0.5, 10.5, colors="red", linewidth=0.6)
    part = ecg.signal_mv.shape[1] // 4
    for i, lead in enumerate(LEADS):
        column, row = divmod(i, 3)
        time_s = np.arange(column * part, (column + 1) * part) / ecg.rate_hz
        axes.plot(
            time_s, ecg.signal_mv[i, column * part : (column + 1) * part] - 3.5 * row, "k", linewidth=0.8
        )
        axes.text(column * 2.5, 1.2 - 3.5 * row, lead)
    axes.plot(np.arange(ecg.signal_mv.shape[1]) / ecg.rate_hz, ecg.signal_mv[1] - 10.5, "k", linewidth=0.8)
    axes.set_axis_off()
    figure.savefig(path, dpi=DOTS_PER_INCH)
    plt.close(figure)


def milliseconds(one: Contender, records: list[Ecg], repeats: int) -> float:
    """Median processor time of a page."""
    one.draw(records[0])
    spent = []
    for _ in range(repeats):
        for ecg in records:
            start = process_time()
            one.draw(ecg)
            spent.append((process_time() - start) * 1e3)
    return float(np.median(spent))


def table(title: str, contenders: Iterator[Contender], records: list[Ecg], repeats: int) -> None:
    """Print one line a contender; the last column is how many times faster than the first it is."""
    print(f"\n{title}\n{'':32} {'ms':>9} {'pages/s':>9} {'times first':>12}")
    first = None
    for one in contenders:
        spent = milliseconds(one, records, repeats)
        first = first or spent
        print(f"{one.name:32} {spent:9.2f} {1e3 / spent:9.1f} {first / spent:12.1f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--records", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--rate", type=float, default=500.0)
    args = parser.parse_args()
    matplotlib.use("agg")
    cv2.setNumThreads(1)
    rng = np.random.default_rng(0)
    records = [synthetic_ecg(rng, rate_hz=args.rate) for _ in range(args.records)]
    with tempfile.TemporaryDirectory() as folder:
        table(f"To PNG, {WIDTH_PX} x {HEIGHT_PX}", to_png(Path(folder)), records, max(1, args.repeats // 5))
    table("To memory", to_memory(), records, args.repeats)
    table("Simulated photos", cameras(), records, 1)
    table("Simulated photos with one artefact, 2200 x 1700", artefacts(), records, 1)


if __name__ == "__main__":
    main()
