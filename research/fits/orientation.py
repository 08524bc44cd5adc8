"""Fit the weights of the cues to a sheet's orientation (`ecgclip/photo/layout/orientation.csv`).

    python -m research.fits.orientation PTBXL --out ecgclip/photo/layout/orientation.csv [--pages 240]

Prints records of folds 1 to 8 in random styles and layouts, photographs them at the levels S0 to S4, reads
each page both ways up and fits a logistic regression without a constant to the differences of the cues.
Prints the share oriented rightly, by five-fold cross-validation, with and without calibration pulses.
"""

import argparse
from pathlib import Path

import numpy as np

from ecgclip.paper.styles import PulsePosition
from ecgclip.photo.flat.flat_sheet import flat_sheet
from ecgclip.photo.grid.find_grid import find_grid
from ecgclip.photo.grid.page_outline import page_outline
from ecgclip.photo.layout.orientation import half_turned, sheet_as_it_stands
from ecgclip.photo.layout.orientation_cues import CUES, orientation_cues
from ecgclip.photo.loading.illumination import separate_planes
from ecgclip.photo.loading.load import load
from ecgclip.photo.rows.find_rows import find_rows
from ecgclip.records.reading import open_source
from ecgclip.simulation.photos import LEVELS, simulated_photo
from ecgclip.typing import Bools, Float64s, Uint8s

RIDGE = 3.0
"""Strength of the pull of every weight towards 0, cues scaled to unit deviation."""
FOLDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="a PTB-XL folder")
    parser.add_argument("--out", type=Path, required=True, help="the CSV to write")
    parser.add_argument("--pages", type=int, default=240)
    args = parser.parse_args()
    differences, with_pulse = sample(args.data, args.pages)
    print_results(differences, with_pulse)
    weights = fitted(differences)
    lines = [f"{name},{weight:.3f}" for name, weight in zip(CUES, weights, strict=True)]
    args.out.write_text("\n".join(["cue,weight", *lines]) + "\n")


def sample(data: str, pages: int) -> tuple[Float64s, Bools]:
    """Cues of upright pages less those half turned, float [page, cue], and which pages have pulses."""
    source = open_source(data, "ptbxl")
    rng = np.random.default_rng(0)
    found: list[Float64s] = []
    pulses: list[bool] = []
    for k, record_id in enumerate(rng.permutation(source.ids)):
        if len(found) == pages:
            break
        ecg = source.read(str(record_id))
        if ecg.fold is None or ecg.fold > 8:
            continue
        photo = simulated_photo(ecg, LEVELS[k % len(LEVELS)])
        difference = _difference(photo.photo.image)
        if difference is not None:
            found.append(difference)
            pulses.append(photo.print.style.pulse is not PulsePosition.NONE)
    return np.array(found), np.array(pulses)


def _difference(image: Uint8s) -> Float64s | None:
    """Cues of a simulated photo, which is upright, less those of its half turn; None where it has no rows."""
    rgb = load(image).rgb
    planes = separate_planes(rgb)
    grid = find_grid(planes.dark, page_outline(rgb))
    if grid is None:
        return None
    ink = flat_sheet(grid, planes).ink
    rows = find_rows(ink)
    if not rows:
        return None
    turned, rows_turned = half_turned(ink, rows)
    upright, upside_down = sheet_as_it_stands(ink, rows), sheet_as_it_stands(turned, rows_turned)
    return orientation_cues(ink, upright) - orientation_cues(turned, upside_down)


def fitted(differences: Float64s) -> Float64s:
    """Weights of the cues, float [cue], by Newton's method on the ridge-penalised log loss."""
    spread = differences.std(axis=0) + 1e-9
    scaled = differences / spread
    weights = np.zeros(scaled.shape[1])
    for _ in range(50):
        doubt = 1 / (1 + np.exp(scaled @ weights))
        slope = scaled.T @ doubt - RIDGE * weights
        bend = (scaled * (doubt * (1 - doubt))[:, None]).T @ scaled + RIDGE * np.eye(len(weights))
        weights += np.linalg.solve(bend, slope)
    return np.asarray(weights / spread)


def print_results(differences: Float64s, with_pulse: Bools) -> None:
    """Print the share oriented rightly of pages that had no part in the fit."""
    fold = np.arange(len(differences)) % FOLDS
    odds = np.zeros(len(differences))
    for held in range(FOLDS):
        odds[fold == held] = differences[fold == held] @ fitted(differences[fold != held])
    for name, chosen in (("with pulses", with_pulse), ("without", ~with_pulse)):
        print(f"{name}: {int(chosen.sum())} pages, {float(np.mean(odds[chosen] > 0)):.3f} oriented rightly")


if __name__ == "__main__":
    main()
