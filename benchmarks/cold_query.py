"""A cold query, process start included: ecgclip against the same question asked with the training stack.

    python benchmarks/cold_query.py [--runs 7] [--cases 2679] [--model DIR] [--keep DIR]

Both sides answer one 12-megapixel photo (simulated camera) from an index of synthetic cases, in a new process
each time, in turns, so that both meet the same machine. The peer imports torch, timm, open_clip, transformers
and pandas, decodes the photo, embeds it by a ViT of the same size and searches the same vectors; it does not
rectify the photo or re-rank, which ecgclip does.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np

from ecgclip.engine.model import load_model
from ecgclip.indexing.build import build_index
from ecgclip.paper.render import render
from ecgclip.simulation.camera import photograph
from ecgclip.simulation.ecg import SyntheticSource

PHOTO_PX = (4032, 3024)

PEER = """
import sys
import numpy as np, pandas, timm, torch, transformers, open_clip
from PIL import Image
image = Image.open(sys.argv[1]).convert("L").resize((512, 256))
tower = timm.create_model("vit_tiny_patch16_224", img_size=(256, 512), in_chans=1, num_classes=256).eval()
pixels = torch.from_numpy(np.asarray(image, np.float32) / 255)[None, None]
with torch.inference_mode():
    vector = torch.nn.functional.normalize(tower(pixels)).numpy()[0]
print(np.argsort(-np.load(sys.argv[2], mmap_mode="r") @ vector)[:10])
"""


# A process counts as its own the memory of the one that started it, so a small one stands between.
LAUNCHER = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


@dataclass(frozen=True)
class Run:
    wall_s: float
    cpu_s: float
    peak_mb: float


def measured(command: Sequence[str]) -> Run:
    """Run a command to its end; what it printed is thrown away."""
    start = perf_counter()
    done = subprocess.run([sys.executable, "-S", "-c", LAUNCHER, *command], capture_output=True, text=True)
    wall_s = perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"{' '.join(command[:4])} … failed: {done.stderr.strip()[-300:]}")
    cpu_s, peak_kb = map(float, done.stdout.split())
    return Run(wall_s, cpu_s, peak_kb / 1024)


def prepare(folder: Path, cases: int, model_folder: str | None) -> tuple[Path, Path]:
    """(photo, index), made once and kept in the folder."""
    source, rng = SyntheticSource(cases), np.random.default_rng(0)
    build_index(source, folder / "index", load_model(model_folder))
    photo = photograph(render(source.read("00042")).array, "S2", rng).image
    photo = cv2.resize(photo, PHOTO_PX, interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(
        str(folder / "photo.jpg"), cv2.cvtColor(photo, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 92]
    )
    return folder / "photo.jpg", folder / "index"


def line(name: str, runs: Sequence[Run]) -> str:
    wall, cpu = np.array([run.wall_s for run in runs]), np.array([run.cpu_s for run in runs])
    peak = max(run.peak_mb for run in runs)
    return f"{name:<46} {np.median(wall):8.2f} {wall.max():8.2f} {np.median(cpu):8.2f} {peak:8.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--cases", type=int, default=2679)
    parser.add_argument("--model", help="a model folder (default: the shipped weights)")
    parser.add_argument("--keep", help="a folder for index and photo, used again by the next run")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        photo, index = prepare(Path(args.keep or temporary), args.cases, args.model)
        model = ["--model", args.model] if args.model else []
        ours = [sys.executable, "-m", "ecgclip", "query", str(photo), "--index", str(index), "--json", *model]
        peer = [sys.executable, "-W", "ignore", "-c", PEER, str(photo), str(index / "vectors.npy")]
        measured(ours), measured(peer)  # the first run of each fills the disk's cache
        pairs = [(measured(ours), measured(peer)) for _ in range(args.runs)]
        load = os.getloadavg()[0]
    print(
        f"{args.cases} cases, {PHOTO_PX[0]}x{PHOTO_PX[1]} photo, {args.runs} runs in turns, load {load:.1f}"
    )
    print(f"{'cold query':<46} {'median s':>8} {'max s':>8} {'cpu s':>8} {'peak MB':>8}")
    print(line("ecgclip query --json (rectify, search, re-rank)", [ours for ours, _ in pairs]))
    print(line("torch + timm + open_clip + transformers + pandas", [peer for _, peer in pairs]))


if __name__ == "__main__":
    main()
