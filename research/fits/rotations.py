"""Turn pictures by 0, 90, 180 and 270 degrees and count how often the reader finds their orientation.

    python -m research.fits.rotations FOLDER... [--step 1]

Pictures are taken to be upright as stored, except those whose name says `rot`: of these all four answers must
agree with each other. Refused pictures count as wrong. Prints each picture with a wrong answer.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

import ecgclip

SUFFIXES = (".jpg", ".jpeg", ".png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--step", type=int, default=1, help="take every so many pictures")
    args = parser.parse_args()
    files = [file for folder in args.folders for file in sorted(folder.iterdir()) if file.suffix in SUFFIXES]
    right = total = 0
    for file in files[:: args.step]:
        turns = found_turns(file)
        good = sum(turn is not None and abs(turn) < 45 for turn in turns)
        right, total = right + good, total + len(turns)
        if good < len(turns):
            print(f"{file.name}: {turns}")
    print(f"{right} of {total} right ({right / max(1, total):.3f})")


def found_turns(file: Path) -> list[int | None]:
    """Degrees by which each of the four answers is wrong; None where the picture was refused."""
    with Image.open(file) as stored:
        picture = np.asarray(ImageOps.exif_transpose(stored).convert("RGB"))
    pages = [ecgclip.rectify(np.ascontiguousarray(np.rot90(picture, -quarter))) for quarter in range(4)]
    degrees = [
        page.rotation_deg - 90 * quarter if page.accepted else None for quarter, page in enumerate(pages)
    ]
    known = [degree for degree in degrees if degree is not None]
    upright = known[0] if known and "rot" in file.name else 0.0
    return [None if degree is None else round((degree - upright + 180) % 360 - 180) for degree in degrees]


if __name__ == "__main__":
    main()
