"""Draw README.md's and docs/tutorial.md's pictures from the demo: python -m tools.tutorial_pictures [FOLDER]

FOLDER: docs/images unless another is named.
"""

import sys
import tempfile
from pathlib import Path

from PIL import Image

from ecgclip.cli import main as ecgclip
from ecgclip.demo import run_demo

CASES, SEED = 200, 3
"""The numbers of `ecgclip demo`: an acute inferior infarction is photographed."""
COLOURS = 160


def small(source: Path, target: Path, width: int) -> None:
    """A picture of a file at a width in pixels: JPEG as it is, PNG of few colours."""
    picture = Image.open(source).convert("RGB")
    size = (width, round(picture.height * width / picture.width))
    picture = picture.resize(size, Image.Resampling.LANCZOS)
    if target.suffix == ".png":
        picture.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
    else:
        picture.save(target, quality=82)
    print(f"{target}: {size[0]} x {size[1]}, {target.stat().st_size / 1e3:.0f} kB")


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as out:
        demo = run_demo(out, CASES, SEED, log=print)
        page = Path(out) / "page.png"
        ecgclip(["query", str(demo.photo), "--index", str(demo.index), "--save-rectified", str(page)])
        small(demo.photo, folder / "tutorial_photo.jpg", 900)
        small(page, folder / "tutorial_page.png", 900)
        small(demo.picture, folder / "side_by_side.png", 1500)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/images"))
