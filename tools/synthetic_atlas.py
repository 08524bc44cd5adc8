"""Draw one synthetic ECG of each statement: python -m tools.synthetic_atlas [FILE]

FILE: docs/images/synthetic_atlas.png unless another is named.
"""

import sys
from pathlib import Path

import numpy as np
from matplotlib import get_data_path
from PIL import Image, ImageDraw, ImageFont

from ecgclip.paper.geometry import CANONICAL
from ecgclip.paper.raster import ink_page
from ecgclip.simulation.ecg import STATEMENTS, synthetic_ecg
from ecgclip.typing import Rgb

COLUMNS = 4
PX_PER_MM = 2.4
CAPTION_PX = 40
SHADES = [(255, 255, 255), (252, 230, 230), (246, 200, 200)]
"""Paper, millimetre lines, 5 mm lines."""
WITH = {"STEMI": ["IMI"], "ANEUR": ["AMI"], "NORM": ["SR"]}
"""A stage needs an infarction to be seen on."""
SEED = 7


def letters(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which matplotlib brings along: it has umlauts."""
    return ImageFont.truetype(Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf", size)


def paper(height: int, width: int) -> Rgb:
    """Grid of the paper, uint8 [y, x, 3]."""
    level = np.zeros((height, width), np.uint8)
    for step, shade in ((1, 1), (5, 2)):
        for axis, size in ((0, height), (1, width)):
            lines = np.round(np.arange(0, size / PX_PER_MM, step) * PX_PER_MM).astype(int)
            across = np.moveaxis(level, axis, 0)  # a view: what is written there is written in `level`
            across[lines[lines < size]] = np.maximum(across[lines[lines < size]], shade)
    return np.array(SHADES, np.uint8)[level]


def cell(code: str, font: ImageFont.FreeTypeFont) -> Image.Image:
    """One statement: caption, grid, ink and lead names."""
    statement = STATEMENTS[code]
    ecg = synthetic_ecg(np.random.default_rng([SEED, *code.encode()]), [code, *WITH.get(code, [])])
    ink = ink_page(ecg, px_per_mm=PX_PER_MM, line_mm=0.35)
    grey = np.minimum((ink.astype(np.uint16) + 32) // 64 * 64, 255)  # few levels: a small file
    page = paper(*ink.shape) * (1 - grey[..., None] / 255.0)
    image = Image.new("RGB", (ink.shape[1], ink.shape[0] + CAPTION_PX), "white")
    image.paste(Image.fromarray(page.astype(np.uint8)), (0, CAPTION_PX))
    draw = ImageDraw.Draw(image)
    extra = "".join(f" + {c}" for c in WITH.get(code, []) if c != "SR")
    draw.text((6, 3), f"{code}{extra}: {statement.name_en}\n{statement.name_de}", "black", font)
    small = letters(10)
    for panel in CANONICAL.panels:
        at = (panel.x_mm * PX_PER_MM + 2, CAPTION_PX + (panel.baseline_mm - 13) * PX_PER_MM)
        draw.text(at, panel.lead, (0, 0, 140), small)
    return image


def main(target: Path) -> None:
    font = letters(13)
    cells = [cell(code, font) for code in STATEMENTS]
    width, height = cells[0].size
    rows = -(-len(cells) // COLUMNS)
    atlas = Image.new("RGB", (COLUMNS * (width + 8), rows * (height + 8)), "white")
    for i, picture in enumerate(cells):
        atlas.paste(picture, (i % COLUMNS * (width + 8), i // COLUMNS * (height + 8)))
    atlas.quantize(16, dither=Image.Dither.NONE).save(target, optimize=True)
    print(f"{target}: {atlas.size[0]} x {atlas.size[1]}, {target.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/images/synthetic_atlas.png"))
