"""Draw the examples of docs/photos.md from synthetic ECGs: python -m tools.photos_page [FOLDER]

Every picture is read by `ecgclip.rectify` while it is drawn; the words under it are what the reader said.
"""

import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

import ecgclip
from ecgclip.evaluation.photos.overlay import with_grid
from ecgclip.figures.ink_picture import ink_picture
from ecgclip.figures.picture import font
from ecgclip.paper.geometry import Layout
from ecgclip.paper.raster import PRINT_PX_PER_MM
from ecgclip.paper.sheet import BACKGROUND_MASK, blank_sheet, colour
from ecgclip.paper.styles import load_style
from ecgclip.simulation.camera import Photo, photograph
from ecgclip.typing import Rgb

WIDTH_PX = 520
HEIGHT_PX = 330
GAP_PX = 14
TEXT_PX = 15
COLOURS = 80
SEED = 5


@dataclass(frozen=True, eq=False)
class Example:
    """A photo, RGB, and what is special about it."""

    name: str
    image: Rgb


def printed(codes: list[str], level: str, layout: Layout = Layout.L3X4_1R, style: str = "pink") -> Photo:
    """A synthetic ECG, printed and photographed; the same names give the same photo."""
    rng = np.random.default_rng([SEED, *"".join([*codes, level, layout, style]).encode()])
    ecg = ecgclip.synthetic_ecg(rng, codes)
    return photograph(ecgclip.render(ecg, layout, style).array, level, rng)


def good() -> list[Example]:
    return [
        Example("a scan, 12 rows", printed(["AFIB", "LVH"], "S1", Layout.L12X1, "orange").image),
        Example("a hand-held photo", printed(["NORM", "SR"], "S2").image),
        Example("creased, stained and tilted", printed(["SR", "CLBBB"], "S3", style="red").image),
        Example("a black-and-white copy, half in shadow", printed(["SR", "IMI"], "S4", style="letter").image),
    ]


def bad() -> list[Example]:
    sheet = printed(["SR", "CRBBB"], "S1")
    far = printed(["SR", "AMI"], "S2", style="green").image
    hidden = printed(["SBRAD"], "S2", style="orange")
    return [
        Example("a single strip, cut out", cut(sheet, (8.0, 0.78, 0.995))),
        Example("half of the sheet", cut(sheet, (0.0, 0.0, 1.0), share=0.55)),
        Example("photographed from far away", smaller(far, 560 / max(far.shape))),
        Example("a hand covers a third of the sheet", covered(hidden)),
    ]


def refused() -> list[Example]:
    photo = printed(["NORM", "SR"], "S2").image
    return [
        Example("shaken", np.asarray(cv2.GaussianBlur(photo, (0, 0), 16), np.uint8)),
        Example("too small", smaller(photo, 320 / max(photo.shape))),
        Example("ECG paper without an ECG", empty_paper()),
        Example("a letter", photographed_text()),
    ]


def cut(photo: Photo, rows: tuple[float, float, float], share: float = 1.0) -> Rgb:
    """The photo's part between two shares of the page's height, from `rows[0]` mm on.

    share: how much of the page's width is kept, from the left.
    """
    left, top, bottom = rows
    size = np.abs(photo.to_page(photo.corners.astype(np.float64))).max(axis=0)
    box = np.array([[left, top * size[1]], [share * size[0], bottom * size[1]]])
    (x0, y0), (x1, y1) = np.clip(photo.to_photo(box), 0, np.array(photo.image.shape[1::-1])).astype(int)
    return np.ascontiguousarray(photo.image[y0:y1, x0:x1])


def smaller(image: Rgb, scale: float) -> Rgb:
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def covered(photo: Photo) -> Rgb:
    """Something skin-coloured over the right end of the page."""
    page = photo.to_photo(np.array([[190.0, -20.0], [300.0, -20.0], [300.0, 260.0], [170.0, 240.0]]))
    image = photo.image.copy()
    cv2.fillPoly(image, [np.round(page).astype(np.int32)], (188, 142, 118), cv2.LINE_AA)
    return image


def empty_paper() -> Rgb:
    style = load_style("pink")
    bare = colour(blank_sheet(style, Layout.L3X4_1R, PRINT_PX_PER_MM) & BACKGROUND_MASK, style)
    return photograph(bare, "S2", np.random.default_rng(SEED)).image


def photographed_text() -> Rgb:
    """A page of words, photographed."""
    page = Image.new("RGB", (2200, 1700), "white")
    words = "The patient was seen in the morning and felt well. " * 60
    ImageDraw.Draw(page).multiline_text(
        (150, 150), textwrap.fill(words, 84), (30, 30, 30), font(44), spacing=18
    )
    return photograph(np.asarray(page), "S2", np.random.default_rng(SEED)).image


def drawn(example: Example) -> Image.Image:
    """The photo with what was found, beside it the page where it was read; below, what the reader said."""
    page = ecgclip.rectify(example.image)
    shrink = min(WIDTH_PX / example.image.shape[1], HEIGHT_PX / example.image.shape[0])
    pictures = [Image.fromarray(with_grid(smaller(example.image, shrink), page, shrink))]
    if page.accepted:
        pictures.append(Image.fromarray(ink_picture(page.ink)))
        pictures[1].thumbnail((WIDTH_PX, HEIGHT_PX), Image.Resampling.LANCZOS)
    print(f"  {example.name}: {verdict(page)}")
    return captioned(pictures, example.name, verdict(page))


def captioned(pictures: list[Image.Image], name: str, said: str) -> Image.Image:
    width = len(pictures) * (WIDTH_PX + GAP_PX)
    lines = textwrap.wrap(said, round(width / font(TEXT_PX - 1).getlength("n")))
    top = max(picture.height for picture in pictures)
    whole = Image.new("RGB", (width, top + (len(lines) + 1) * (TEXT_PX + 4) + GAP_PX), "white")
    for place, picture in enumerate(pictures):
        whole.paste(picture, (place * (WIDTH_PX + GAP_PX), 0))
    pen = ImageDraw.Draw(whole)
    pen.text((0, top + 3), name, (20, 20, 20), font(TEXT_PX))
    pen.multiline_text((0, top + TEXT_PX + 6), "\n".join(lines), (90, 40, 40), font(TEXT_PX - 1))
    return whole


def stacked(examples: list[Image.Image]) -> Image.Image:
    """Below each other; pictures of half the width beside each other."""
    width = 2 * (WIDTH_PX + GAP_PX)
    sheet = Image.new("RGB", (width, sum(example.height for example in examples)), "white")
    left = top = bottom = 0
    for example in examples:
        if left + example.width > width:
            left, top = 0, bottom
        sheet.paste(example, (left, top))
        left, bottom = left + example.width, max(bottom, top + example.height)
    return sheet.crop((0, 0, width, bottom))


def verdict(page: ecgclip.Page) -> str:
    if not page.accepted:
        return f"refused: {page.reason}"
    words = f"read as {page.layout}, {page.input_px_per_mm:.1f} px/mm, confidence {page.confidence:.2f}"
    return "; ".join([words, *page.warnings])


def main(folder: Path) -> None:
    for name, examples in (("good", good()), ("bad", bad()), ("refused", refused())):
        sheet = stacked([drawn(example) for example in examples])
        target = folder / f"photos_{name}.png"
        sheet.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
        print(f"{target}: {sheet.width} x {sheet.height}, {target.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/images"))
