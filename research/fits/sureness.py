"""Fit how sure a page is that it was read right, on simulated photos, and show how far that can be believed.

Right is a page of which every lead that the print shows was read, under its name, at 5 dB or better, or to
.05 mV where it is flat.

    python -m research.fits.sureness draw --data PTBXL --out a.npz --seed 1 --count 300
    python -m research.fits.sureness fit a.npz --shift 1.8  writes the weights that are shipped
    python -m research.fits.sureness table b.npz            their reliability, on others

Simulated prints are harder than real ones: `--shift` is what it takes, in log-odds, for the mean sureness of
real pictures to be the share of them that is read right; found on half of the makers, checked on the others.

A picture takes about a second on one core; `draw` goes on where it stopped.
"""

import argparse
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

import ecgclip.photo.rectify as reader
from ecgclip.evaluation.signals.lead_scores import LeadScore, lead_scores
from ecgclip.photo.gate.sureness import EVIDENCE, WEIGHTS, Reading, load_sureness, weigh_reading
from ecgclip.photo.signal import SIGNAL_RATE_HZ, SIGNAL_SAMPLES
from ecgclip.records.reading import open_source
from ecgclip.simulation.camera import photograph
from ecgclip.simulation.prints.printed import Print
from ecgclip.simulation.prints.random_print import random_print
from ecgclip.typing import Float64s, Signal
from ecgclip.units import LEADS
from research.fits.gate import logistic

_LEVELS: Final = ("S0", "S1", "S2", "S3", "phone", "train")
_HELD_OUT: Final = 9
"""Fold of which no record is drawn."""
_RIGHT_DB: Final = 5.0
_FLAT_MV: Final = 0.05
_BINS: Final = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
_SIGNED: Final = ("laws_unknown", "fine", "twelve", "named")
"""Evidence whose weight may be below 0."""


def draw(source: str, out: Path, seed: int, count: int) -> None:
    """Read `count` photos and save [right, *evidence] of those that are accepted, and the level of each."""
    records = open_source(source)
    ids = records.ids
    rows: list[Float64s] = []
    levels: list[str] = []
    first = 0
    if out.exists():
        with np.load(out) as stored:
            rows, levels, first = list(stored["rows"]), list(stored["levels"]), int(stored["done"])
    seen: list[Reading] = []
    reader.weigh_reading = lambda *parts: seen.append(weigh_reading(*parts)) or seen[-1]  # type: ignore
    for number in range(first, count):
        rng = np.random.default_rng([seed, number])
        while (ecg := records.read(str(rng.choice(ids)))).fold == _HELD_OUT:
            pass
        printed = random_print(ecg, rng)
        level = str(rng.choice(_LEVELS))
        seen.clear()
        page = reader.rectify(photograph(printed.rgb, level, rng).image)
        if page.accepted and seen:
            right = is_right(lead_scores(page.signal_mv, true_signal(printed)))
            rows.append(np.array([right, *seen[-1].values]))
            levels.append(level)
        if number % 20 == 19 or number == count - 1:
            np.savez(out, rows=np.array(rows), levels=np.array(levels), done=number + 1)


def is_right(scores: tuple[LeadScore, ...]) -> bool:
    """Whether every lead that the print shows was read right."""
    return all(
        score.rmse_mv is not None and (score.snr_db >= _RIGHT_DB or score.rmse_mv <= _FLAT_MV)
        for score in scores
    )


def true_signal(printed: Print) -> Signal:
    """What a print shows, float32 [12, 5000] in mV at 500 Hz; NaN elsewhere.

    Time begins with the print: what a machine recorded before cannot be seen on it.
    """
    signal = np.full((len(LEADS), SIGNAL_SAMPLES), np.nan, np.float32)
    zero_s = min((curve.start_s for curve in printed.curves), default=0.0)
    times = np.arange(SIGNAL_SAMPLES) / SIGNAL_RATE_HZ
    for curve in printed.curves:
        lead = curve.lead.removeprefix("-")
        if lead not in LEADS:
            continue
        at = curve.start_s - zero_s + (curve.x_mm - curve.x_mm[0]) / curve.speed_mm_s
        mv = (curve.baseline_mm - curve.y_mm) / curve.gain_mm_mv * (-1 if curve.lead != lead else 1)
        inside = (times >= at[0]) & (times <= at[-1])
        row = signal[LEADS.index(lead)]
        row[inside] = np.where(np.isnan(row[inside]), np.interp(times[inside], at, mv), row[inside])
    return signal


def fit(paths: list[Path], shift: float) -> None:
    """Logistic regression; evidence for a right reading never speaks against one. shift: of the log-odds."""
    rows = _rows(paths)
    kept = np.ones(len(EVIDENCE), bool)
    while True:
        beta = logistic(np.column_stack([np.ones(len(rows)), rows[:, 1:][:, kept]]), rows[:, 0])
        names = np.array(EVIDENCE)[kept]
        below = (beta[1:] < 0) & ~np.isin(names, _SIGNED)
        if not below.any():
            break
        kept[np.flatnonzero(kept)[below]] = False
    weights = np.zeros(len(EVIDENCE))
    weights[kept] = beta[1:]
    lines = ["name,weight", f"offset,{beta[0] + shift:.3f}"]
    lines += [f"{name},{weight:.3f}" for name, weight in zip(EVIDENCE, weights, strict=True)]
    WEIGHTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(WEIGHTS.read_text(), end="")


def table(paths: list[Path]) -> None:
    """Bins of sureness against the share read right."""
    rows = _rows(paths)
    sure = np.array([load_sureness().sureness(Reading(*row[1:])) for row in rows])
    right = rows[:, 0] > 0
    error = 0.0
    print("| sureness | pages | mean | read right |\n|---|---|---|---|")
    for low, high in pairwise(_BINS):
        inside = (sure >= low) & ((sure < high) | (high == 1.0))
        if inside.any():
            error += inside.mean() * abs(sure[inside].mean() - right[inside].mean())
            means = f"{sure[inside].mean():.3f} | {right[inside].mean():.3f}"
            print(f"| {low:g} to {high:g} | {inside.sum()} | {means} |")
    wins = sure[right][:, None] - sure[~right]
    area = float(np.mean((wins > 0) + 0.5 * (wins == 0)))
    print(
        f"\nexpected calibration error {error:.3f}, AUROC {area:.3f}, right {right.mean():.3f} of {len(rows)}"
    )


def _rows(paths: list[Path]) -> Float64s:
    return np.concatenate([np.load(path)["rows"] for path in paths])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=["draw", "fit", "table"])
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--data")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--shift", type=float, default=0.0)
    args: Any = parser.parse_args()
    if args.what == "draw":
        draw(args.data, args.out, args.seed, args.count)
    elif args.what == "fit":
        fit(args.paths, args.shift)
    else:
        table(args.paths)


if __name__ == "__main__":
    main()
