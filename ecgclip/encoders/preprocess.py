"""From canonical ink or fields to the image tower's input: what training and queries share."""

import cv2
import numpy as np
import numpy.typing as npt

from ecgclip.encoders.settings import ImageInput, ImageTower
from ecgclip.errors import ImageError, ModelError


def image_input(ink: npt.NDArray[np.uint8], tower: ImageTower) -> npt.NDArray[np.float32]:
    """Scale and normalise ink: uint8 [n, y, x] (0 blank .. 255 ink) -> float32 [n, 1, height, width].

    Ink at a whole multiple of the tower's size (`Page.ink` has twice) is averaged down; other sizes
    raise ImageError, a tower that looks at fields raises ModelError.
    """
    check_paper(tower)
    if ink.ndim != 3 or ink.dtype != np.uint8:
        raise ImageError(f"ink of shape {ink.shape} and type {ink.dtype} was given; expected uint8 [n, y, x]")
    size = (tower.height_px, tower.width_px)
    if ink.shape[1:] != size:
        ink = _reduced(ink, size)
    return _normalised(ink[:, None], tower)


def tower_input(pages: npt.NDArray[np.uint8], tower: ImageTower) -> npt.NDArray[np.float32]:
    """Pages as the tower looks at them: ink [n, y, x] for paper, fields [n, channel, y, x] for fields."""
    return field_input(pages, tower) if tower.input.fields else image_input(pages, tower)


def check_paper(tower: ImageTower) -> None:
    """ModelError where the tower looks at fields of the signal, which no page and no photo has."""
    if tower.input is not ImageInput.PAPER:
        raise ModelError(
            f"this model looks at {tower.input} fields of the digital signal and sees neither pages nor "
            "photos: give it records, or use a model whose input is paper"
        )


def field_input(pages: npt.NDArray[np.uint8], tower: ImageTower) -> npt.NDArray[np.float32]:
    """Normalise fields of the signal: uint8 [n, channel, y, x] -> float32 of the same shape."""
    shape = (tower.channels, tower.height_px, tower.width_px)
    if pages.ndim != 4 or pages.shape[1:] != shape or pages.dtype != np.uint8:
        raise ImageError(
            f"fields of shape {pages.shape} and type {pages.dtype} were given; expected uint8 [n, {shape}]"
        )
    return _normalised(pages, tower)


def _normalised(pages: npt.NDArray[np.uint8], tower: ImageTower) -> npt.NDArray[np.float32]:
    pixels = pages.astype(np.float32)
    pixels *= np.float32(1 / 255 / tower.pixel_std)
    pixels -= np.float32(tower.pixel_mean / tower.pixel_std)
    return pixels


def _reduced(ink: npt.NDArray[np.uint8], size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    factor = ink.shape[1] // size[0]
    if factor < 1 or ink.shape[1:] != (size[0] * factor, size[1] * factor):
        raise ImageError(
            f"ink of {ink.shape[2]}x{ink.shape[1]} px was given; "
            f"expected {size[1]}x{size[0]} px or a whole multiple"
        )
    return np.stack([cv2.resize(page, size[::-1], interpolation=cv2.INTER_AREA) for page in ink])
