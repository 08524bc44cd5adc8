"""Print a record, photograph it with the simulated camera, and compare what is read with the truth.

python examples/simulate_a_photo.py out/     also writes the photo and the page that was read
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

import ecgclip
from ecgclip.simulation.camera import Photo, photograph


def simulated(level: str, seed: int = 0) -> Photo:
    """A synthetic ECG with atrial fibrillation, printed and photographed; the same seed gives the same photo.

    level: S0 (a clean print) to S4 (a black-and-white copy, half in shadow, cropped).
    """
    rng = np.random.default_rng(seed)
    ecg = ecgclip.synthetic_ecg(rng, ["AFIB"])
    return photograph(ecgclip.render(ecg, layout="3x4+1R", style="pink").array, level, rng)


def scale_px_per_mm(photo: Photo) -> float:
    """The true scale along the rows in the middle of the page."""
    size_mm = photo.to_page(photo.corners.astype(np.float64)).max(axis=0)
    ends_mm = np.array([[0.4, 0.5], [0.6, 0.5]]) * size_mm
    left, right = photo.to_photo(ends_mm)
    return float(np.linalg.norm(right - left) / (ends_mm[1, 0] - ends_mm[0, 0]))


def main(out: str | None = None) -> dict[str, ecgclip.Page]:
    pages = {}
    for level in ("S0", "S2", "S3"):
        photo = simulated(level)
        pages[level] = page = ecgclip.rectify(photo.image)
        print(
            f"{level}: {page.layout}, confidence {page.confidence:.2f}, "
            f"{page.input_px_per_mm:.2f} px/mm (true: {scale_px_per_mm(photo):.2f})"
        )
        if out is not None:
            Path(out).mkdir(parents=True, exist_ok=True)
            Image.fromarray(photo.image).save(Path(out) / f"photo-{level}.jpg")
            Image.fromarray(255 - page.ink).save(Path(out) / f"page-{level}.png")
    return pages


if __name__ == "__main__":
    main(*sys.argv[1:2])
