"""Fit the gate's weights on simulated pictures and show how far its confidence can be believed.

Readable is an ECG whose scale the reader finds.

    python -m research.fits.gate draw --out a.npz --seed 1 --count 500    the evidence of pictures to fit on
    python -m research.fits.gate draw --out b.npz --seed 2 --count 300    ... and of others to check on
    python -m research.fits.gate fit a.npz              writes the weights that are shipped
    python -m research.fits.gate table b.npz            their reliability

A picture takes about a second on one core; `draw` goes on where it stopped. With `--keep DIR` the pictures
are kept, for another version of the reader to be measured on the same.
"""

import argparse
from itertools import pairwise
from pathlib import Path
from typing import Final

import cv2
import numpy as np

import ecgclip.photo.gate.verdict as gate
import ecgclip.photo.rectify as reader
from ecgclip.photo.gate.evidence import EVIDENCE, Evidence, weigh
from ecgclip.photo.gate.verdict import WEIGHTS, Weights, load_weights
from ecgclip.photo.grid.find_grid import Grid
from ecgclip.photo.layout.sheet import Sheet
from ecgclip.photo.loading.load import Picture
from ecgclip.typing import Float64s
from research.fits import gate_pictures

STAGES: Final = ("nothing", "grid", "sheet")
"""How far the reader came."""
_PENALTY: Final = 0.3
_SAME_SCALE: Final = 0.15
_BINS: Final = (0.0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 1.0)


class Recorder:
    """Stands in the place of `judge` and keeps what it was shown."""

    def __init__(self) -> None:
        self.stage, self.evidence = 0, np.zeros(len(EVIDENCE))

    def __call__(
        self, picture: Picture, grid: Grid | None, sheet: Sheet | None, network: float = 0.0
    ) -> gate.Verdict:
        self.stage = int(grid is not None) + int(sheet is not None)
        if grid is not None and sheet is not None:
            self.evidence = weigh(grid, sheet, network).values
        return gate.Verdict(sheet is not None, 0.5)


def draw(out: Path, seed: int, count: int, keep: Path | None) -> None:
    """Read `count` pictures and save [stage, readable, *evidence] and the kind of each."""
    rows, kinds = [], []
    if out.exists():
        with np.load(out) as stored:
            rows, kinds = list(stored["rows"]), list(stored["kinds"])
    for number in range(len(rows), count):
        picture = _picture(number, seed, keep)
        recorder = Recorder()
        reader.judge = recorder  # type: ignore[attr-defined]
        page = reader.rectify(picture.rgb)
        off = abs(page.input_px_per_mm / picture.px_per_mm - 1) if picture.px_per_mm else np.inf
        rows.append(np.array([recorder.stage, off < _SAME_SCALE, *recorder.evidence]))
        kinds.append(f"{picture.kind} {picture.level}")
        if number % 20 == 19 or number == count - 1:
            np.savez(out, rows=np.array(rows), kinds=np.array(kinds))


def _picture(number: int, seed: int, keep: Path | None) -> gate_pictures.Sample:
    path = keep / f"{seed}_{number}.npz" if keep else None
    if path and path.exists():
        with np.load(path) as stored:
            kind, level, px_per_mm = str(stored["kind"]), str(stored["level"]), float(stored["px_per_mm"])
            return gate_pictures.Sample(stored["rgb"], kind, level, px_per_mm)
    drawn = gate_pictures.sample(number, seed)
    if path:
        np.savez(path, rgb=drawn.rgb, kind=drawn.kind, level=drawn.level, px_per_mm=drawn.px_per_mm)
    return drawn


def fit(paths: list[Path]) -> None:
    """Logistic regression with a quadratic penalty, by Newton's method."""
    rows = np.concatenate([np.load(path)["rows"] for path in paths])
    stage, readable, evidence = rows[:, 0], rows[:, 1], rows[:, 2:]
    whole = stage == 2
    beta = rising(evidence[whole], readable[whole])
    shares = [(readable[stage == k].sum() + 0.5) / ((stage == k).sum() + 5.0) for k in (0, 1)]
    lines = ["name,weight", f"no grid,{shares[0]:.4f}", f"no trace,{shares[1]:.4f}", f"offset,{beta[0]:.3f}"]
    lines += [f"{name},{weight:.3f}" for name, weight in zip(EVIDENCE, beta[1:], strict=True)]
    WEIGHTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(WEIGHTS.read_text(), end="")


def rising(evidence: Float64s, y: Float64s) -> Float64s:
    """Logistic weights, offset first, none below 0: evidence for an ECG never speaks against one."""
    kept = np.ones(len(EVIDENCE), bool)
    while True:
        beta = logistic(np.column_stack([np.ones(len(y)), evidence[:, kept]]), y)
        below = (beta[1:] < 0) & (np.array(EVIDENCE)[kept] != "single_row")
        if not below.any():
            break
        kept[np.flatnonzero(kept)[below]] = False
    weights = np.zeros(len(EVIDENCE))
    weights[kept] = beta[1:]
    return np.concatenate([beta[:1], weights])


def logistic(x: Float64s, y: Float64s) -> Float64s:
    """Weights whose logistic sum gives the share of y; the first column of x is not penalised."""
    penalty = np.diag([0.0] + [_PENALTY] * (x.shape[1] - 1))
    beta = np.zeros(x.shape[1])
    for _ in range(50):
        share = 1 / (1 + np.exp(-x @ beta))
        slope = x.T @ (share - y) + penalty @ beta
        curve = (x * (share * (1 - share))[:, None]).T @ x + penalty
        beta = beta - np.linalg.solve(curve + 1e-9 * np.eye(len(beta)), slope)
    return beta


def confidences(rows: Float64s, weights: Weights) -> Float64s:
    """The gate's confidence of every stored picture."""
    by_stage = (weights.no_grid, weights.no_trace)
    return np.array(
        [by_stage[int(row[0])] if row[0] < 2 else weights.confidence(Evidence(*row[2:])) for row in rows]
    )


def table(paths: list[Path]) -> None:
    """Bins of confidence against the share of ECGs, and what the gate does with each kind."""
    stored = [np.load(path) for path in paths]
    rows, kinds = (np.concatenate([part[name] for part in stored]) for name in ("rows", "kinds"))
    confidence, readable = confidences(rows, load_weights()), rows[:, 1] > 0
    error = 0.0
    print("| confidence | pictures | mean confidence | readable ECGs |\n|---|---|---|---|")
    for low, high in pairwise(_BINS):
        inside = (confidence >= low) & ((confidence < high) | (high == 1.0))
        if inside.any():
            mean, share = confidence[inside].mean(), readable[inside].mean()
            error += inside.mean() * abs(mean - share)
            print(f"| {low:g} to {high:g} | {inside.sum()} | {mean:.3f} | {share:.3f} |")
    above = (confidence[readable][:, None] > confidence[~readable]).mean()
    area = above + 0.5 * (confidence[readable][:, None] == confidence[~readable]).mean()
    print(f"\nexpected calibration error {error:.3f}, AUROC {area:.3f} on {len(rows)} pictures")
    for name in sorted({str(kind).rsplit(" ", 1)[0] for kind in kinds}):
        mine = np.array([str(kind).rsplit(" ", 1)[0] == name for kind in kinds])
        print(f"{name:28} {mine.sum():4} accepted {np.mean(confidence[mine] >= gate.ACCEPT):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=["draw", "fit", "table"])
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=500)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    match args.what:
        case "draw":
            draw(args.out, args.seed, args.count, args.keep)
        case "fit":
            fit(args.paths)
        case _:
            table(args.paths)


if __name__ == "__main__":
    main()
