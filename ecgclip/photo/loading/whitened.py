"""Eight-bit colour of a picture of any kind; what is transparent shows white paper. Pillow alone."""

from typing import Final

from PIL import Image

_CLEAR: Final = ("RGBA", "LA", "PA", "La", "RGBa")


def on_white(image: Image.Image) -> Image.Image:
    """The picture as RGB; of a large one, ask strip by strip, or it is held several times over."""
    if image.mode in _CLEAR or "transparency" in image.info:
        over = image.convert("RGBA")
        white = Image.new("RGBA", over.size, "white")
        return Image.alpha_composite(white, over).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")
