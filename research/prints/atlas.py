"""Contact sheet of random prints, with what a reader should find drawn over them.

python -m research.prints.atlas --out atlas.png [--count 60] [--labels] [--records FOLDER]
"""

import argparse
import time
from pathlib import Path

import cv2
import numpy as np

from ecgclip.simulation.ecg import SyntheticSource
from ecgclip.simulation.prints.printed import Print
from ecgclip.simulation.prints.random_print import random_print
from ecgclip.typing import Rgb


def overlay(page: Print) -> Rgb:
    """The print, paled, with curves in blue, baselines, words in green, pulses in red."""
    px = page.px_per_mm
    rgb = 255 - (255 - page.rgb) // 2
    for i, curve in enumerate(page.curves):
        good = np.isfinite(curve.y_mm)
        points = np.round(np.stack([curve.x_mm, curve.y_mm], axis=1)[good] * px * 16).astype(np.int32)
        hue = [(0, 0, 220), (200, 0, 200), (0, 130, 160)][i % 3]
        cv2.polylines(rgb, [points[:, None]], False, hue, 1, cv2.LINE_AA, 4)
        start = tuple(np.round([curve.x_mm[0] * px, curve.baseline_mm * px]).astype(int).tolist())
        cv2.circle(rgb, start, 5, hue, -1)
    for word in page.words:
        box = word.box
        ends = np.round(np.array([box.left, box.top, box.right, box.bottom]) * px).astype(int).tolist()
        cv2.rectangle(rgb, tuple(ends[:2]), tuple(ends[2:]), (0, 150, 0), 2)
        cv2.putText(rgb, word.value, (ends[0], ends[1] - 4), 0, 0.8, (0, 150, 0), 2)
    for pulse in page.pulses:
        box = pulse.box
        ends = np.round(np.array([box.left, box.top, box.right, box.bottom]) * px).astype(int).tolist()
        cv2.rectangle(rgb, tuple(ends[:2]), tuple(ends[2:]), (230, 0, 0), 2)
    return np.asarray(rgb, np.uint8)


def sheet(pages: list[Rgb], columns: int, width: int) -> Rgb:
    """Pictures side by side, each as wide as its cell."""
    cells = []
    height = round(width * 0.78)
    for page in pages:
        scale = min(width / page.shape[1], height / page.shape[0])
        size = (max(1, round(page.shape[1] * scale)), max(1, round(page.shape[0] * scale)))
        small = cv2.resize(page, size, interpolation=cv2.INTER_AREA)
        cell = np.full((height + 4, width + 4, 3), 90, np.uint8)
        cell[: small.shape[0], : small.shape[1]] = small
        cells.append(cell)
    while len(cells) % columns:
        cells.append(np.full_like(cells[0], 90))
    rows = [np.hstack(cells[i : i + columns]) for i in range(0, len(cells), columns)]
    return np.vstack(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--columns", type=int, default=4)
    parser.add_argument("--width", type=int, default=480)
    parser.add_argument("--labels", action="store_true", help="draw the truth over the prints")
    asked = parser.parse_args()
    source = SyntheticSource(asked.count, seed=asked.seed, rate_hz=100.0)
    pages, spent = [], 0.0
    for i, name in enumerate(source.ids):
        ecg = source.read(name)
        start = time.perf_counter()
        page = random_print(ecg, np.random.default_rng([asked.seed, i]))
        spent += time.perf_counter() - start
        pages.append(overlay(page) if asked.labels else page.rgb)
    picture = sheet(pages, asked.columns, asked.width)
    cv2.imwrite(str(asked.out), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    print(f"{asked.out}: {asked.count} prints, {spent / asked.count:.3f} s each")


if __name__ == "__main__":
    main()
