"""From the bytes of a 12-megapixel JPEG to the canonical page: ecgclip against a plain OpenCV pipeline.

    python benchmarks/rectify.py [--photos 12] [--threads 2]

Synthetic records are printed at random, photographed by the simulated camera ("phone") and enlarged to
4032 x 3024. All ways read the same photos in turns, warm. The plain pipeline decodes at full size, takes the
largest bright quadrilateral as the page, warps it, thresholds it and follows the highest ink of every column
in four bands: no grid, scale, orientation or layout. Decoding alone (as ecgclip does, to half size) is the
lower bound.
"""

import argparse
import os
import platform
from collections.abc import Callable
from time import perf_counter

import cv2
import numpy as np
import numpy.typing as npt

import ecgclip
from ecgclip.paper.render import render
from ecgclip.paper.styles import random_style
from ecgclip.photo.loading.load import load
from ecgclip.simulation.camera import photograph
from ecgclip.simulation.ecg import SyntheticSource

PHOTO_PX = (4032, 3024)
PAGE_PX = (2000, 1414)
BANDS = 4

Traces = npt.NDArray[np.float32]


def photos(count: int) -> list[bytes]:
    """JPEG files of photographed prints."""
    source = SyntheticSource(count, 0)
    found = []
    for number, name in enumerate(source.ids):
        rng = np.random.default_rng(number)
        photo = photograph(render(source.read(name), "3x4+1R", random_style(rng)).array, "phone", rng).image
        large = cv2.resize(photo, PHOTO_PX, interpolation=cv2.INTER_CUBIC)
        coded = cv2.imencode(".jpg", large[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])[1]
        found.append(coded.tobytes())
    return found


def plain_opencv(data: bytes) -> Traces:
    """Four rows of a page by contour, threshold and column-wise tracing, float32 [4, 2000] in pixels."""
    picture = np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR))
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    _, bright = cv2.threshold(cv2.GaussianBlur(grey, (5, 5), 0), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    contours, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    box = cv2.boxPoints(cv2.minAreaRect(max(contours, key=cv2.contourArea)))
    width, height = PAGE_PX
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    order = np.array([box.sum(1).argmin(), (box[:, 1] - box[:, 0]).argmin()])
    order = np.array([*order, box.sum(1).argmax(), (box[:, 1] - box[:, 0]).argmax()])
    page = cv2.warpPerspective(grey, cv2.getPerspectiveTransform(box[order], corners), PAGE_PX)
    ink = cv2.adaptiveThreshold(page, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 15)
    bands = np.array_split(ink, BANDS)
    return np.stack([band.argmax(axis=0) for band in bands]).astype(np.float32)


def timed(work: Callable[[bytes], object], data: bytes) -> float:
    started = perf_counter()
    work(data)
    return 1e3 * (perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--photos", type=int, default=12)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    cv2.setNumThreads(options.threads)
    files = photos(options.photos)
    ways: dict[str, Callable[[bytes], object]] = {
        "decode alone (lower bound)": load,
        "plain OpenCV, no grid": plain_opencv,
        "ecgclip.rectify": ecgclip.rectify,
    }
    for work in ways.values():
        work(files[0])
    times: dict[str, list[float]] = {name: [] for name in ways}
    for data in files:
        for name, work in ways.items():
            times[name].append(timed(work, data))
    accepted = sum(ecgclip.rectify(data).accepted for data in files)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, OpenCV {cv2.__version__}"
    megapixels = PHOTO_PX[0] * PHOTO_PX[1] / 1e6
    print(f"{machine}, {options.threads} threads; N = {len(files)} photos of {megapixels:.0f} megapixels")
    print(f"{'':28} {'p50':>7} {'p95':>7}  ms, warm")
    for name, values in times.items():
        print(f"{name:28} {np.median(values):7.0f} {np.quantile(values, 0.95):7.0f}")
    print(f"ecgclip.rectify accepted {accepted} of {len(files)}")


if __name__ == "__main__":
    main()
