"""Eight-bit colour of a picture of any kind; what is transparent shows white paper. Pillow alone."""

from typing import Final

from PIL import Image

_CLEAR: Final = ("RGBA", "LA", "PA", "La", "RGBa")
_STRIP_PIXELS: Final = 4_000_000


def on_white(image: Image.Image) -> Image.Image:
    """The picture as RGB, converted strip by strip: 80 megapixels with opacity would be held four times."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.width * image.height <= _STRIP_PIXELS:
        return _converted(image)
    whole = Image.new("RGB", image.size)
    step = max(1, _STRIP_PIXELS // image.width)
    for y in range(0, image.height, step):
        whole.paste(_converted(image.crop((0, y, image.width, min(y + step, image.height)))), (0, y))
    return whole


def _converted(image: Image.Image) -> Image.Image:
    if image.mode in _CLEAR or "transparency" in image.info:
        over = image.convert("RGBA")
        white = Image.new("RGBA", over.size, "white")
        return Image.alpha_composite(white, over).convert("RGB")
    return image.convert("RGB")
