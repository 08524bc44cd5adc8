"""Files are opened and decoded by Pillow alone, ahead of the libraries that read them."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ecgclip.errors import ImageError
from ecgclip.photo.loading.load import load, open_document
from ecgclip.photo.loading.opened import open_decoded


def saved(path: Path, kind: str, size: tuple[int, int] = (4032, 3024), **options: object) -> Path:
    ramp = np.linspace(0, 255, size[0]).astype(np.uint8)
    Image.fromarray(np.tile(ramp, (size[1], 1))).convert("RGB").save(path, kind, **options)
    return path


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "JPEG2000"])
def test_a_picture_decoded_ahead_is_the_same_picture(tmp_path: Path, kind: str) -> None:
    path = saved(tmp_path / "page", kind)
    ahead = open_decoded(path)
    assert ahead.name == str(path)
    assert ahead.frames.frame(0).original_px == (4032, 3024)
    now, then = load(path), load(ahead)
    assert then.scale == now.scale > 1
    np.testing.assert_array_equal(then.rgb, now.rgb)


def test_each_page_of_a_tiff_is_decoded_when_it_is_asked_for(tmp_path: Path) -> None:
    pages = [Image.new("RGB", (400 + n, 300), (n, n, n)) for n in range(3)]
    path = tmp_path / "pages.tiff"
    pages[0].save(path, "TIFF", save_all=True, append_images=pages[1:])
    with open_document(open_decoded(path)) as document:
        assert document.pages == 3
        for number in (2, 0, 1):
            assert document.picture(number).rgb.shape == (300, 400 + number, 3)
            assert (document.picture(number).rgb == number).all()


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_picture_of_too_many_pixels_is_never_decoded(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    Image.new("1", (10_000, 9_000)).save(path)
    with pytest.raises(ImageError, match=r"10000x9000: the image has more than 80 megapixels"):
        open_decoded(path)


def test_what_is_cut_short_is_told_by_its_name(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 255, (400, 400, 3), np.uint8)
    Image.fromarray(noise).save(buffer, "JPEG")
    path = tmp_path / "cut.jpg"
    path.write_bytes(buffer.getvalue()[:20_000])
    with pytest.raises(ImageError, match=r"cut\.jpg: the image is broken or cut short"):
        open_decoded(path)


def test_it_needs_no_library_but_pillow(tmp_path: Path) -> None:
    """Or decoding would wait for the imports that it is to run beside."""
    path = saved(tmp_path / "page", "JPEG", (640, 480))
    code = (
        "import sys; from pathlib import Path; from ecgclip.photo.loading.opened import open_decoded;"
        "import ecgclip.cli.query; open_decoded(Path(sys.argv[1]));"
        "sys.exit(', '.join({'numpy', 'cv2', 'onnxruntime'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
