"""What decoding in a box costs: files of every kind, beside the same decoder called in this process.

    python benchmarks/decode.py [--repeats 5] [--side 4032]

The second table: files made to keep a decoder busy, with the limits as shipped. No peer is run on them:
Pillow and PDFium without limits would take minutes, gigabytes, or both.
"""

import argparse
import io
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent))
from ecgclip.errors import ImageError
from ecgclip.paper.render import render
from ecgclip.photo.loading.decode import decode_frame
from ecgclip.photo.loading.decoder_program import opened
from ecgclip.photo.loading.formats import FileKind, kind_of
from ecgclip.photo.loading.frame import LONG_SIDE_PX, Frame
from ecgclip.photo.loading.load import load
from ecgclip.simulation.ecg import SyntheticSource
from tests.photo import hostile

KINDS = (
    FileKind.JPEG,
    FileKind.PNG,
    FileKind.WEBP,
    FileKind.AVIF,
    FileKind.JPEG2000,
    FileKind.TIFF,
    FileKind.BMP,
    FileKind.GIF,
    FileKind.PDF,
)
HOSTILE: dict[str, Callable[[], bytes]] = {
    "PDF, nested forms": hostile.nested_forms,
    "PDF, 2 million lines": hostile.many_lines,
    "PDF, 900 MB of blanks": hostile.inflated,
    "JPEG, 79 megapixels in 300 scans": hostile.many_scans,
    "TIFF, 30,000 pages": hostile.many_pages,
    "TIFF, a million strips": hostile.many_strips,
    "BMP, run lengths": hostile.run_length_bmp,
    "PNG, 4 million chunks": lambda: hostile.many_chunks(4_000_000),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--side", type=int, default=4032)
    args = parser.parse_args()
    page = Image.fromarray(render(SyntheticSource(1).read("00001"), "3x4+1R", "pink").array)
    photo = page.resize((args.side, round(args.side * page.height / page.width)))
    print(f"{photo.width} x {photo.height} px | file MB | ms in this process | ms as loaded | where")
    for kind in KINDS:
        compare(encoded(photo, kind), kind, args.repeats)
    print("\nmade to keep a decoder busy | file kB | s | outcome")
    for name, make in HOSTILE.items():
        attack(name, make())
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"largest box: {peak} MB")


def encoded(image: Image.Image, kind: FileKind) -> bytes:
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def compare(data: bytes, kind: FileKind, repeats: int) -> None:
    inside = median(timed(lambda: direct(data, kind)) for _ in range(repeats))
    loaded = median(timed(lambda: load(data)) for _ in range(repeats))
    where = "this process" if kind in (FileKind.JPEG, FileKind.PNG) else "box"
    print(f"{kind} | {len(data) / 1e6:.1f} | {inside * 1e3:.0f} | {loaded * 1e3:.0f} | {where}")


def direct(data: bytes, kind: FileKind) -> np.ndarray:
    """The peer: the very decoder and the same averaging, without a box."""
    image, original_px = opened(data, kind, "a picture").picture(0)
    return decode_frame(Frame(image, original_px), LONG_SIDE_PX).rgb


def attack(name: str, data: bytes) -> None:
    start, outcome = time.perf_counter(), "read"
    try:
        load(data)
    except ImageError as error:
        outcome = str(error).partition(": ")[2]
    assert kind_of(data) is not None
    print(f"{name} | {len(data) / 1e3:.0f} | {time.perf_counter() - start:.1f} | {outcome}")


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
