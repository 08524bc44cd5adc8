"""`import ecgclip`: every promised name, and nothing heavy before it is asked for."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import ecgclip

ROOT = Path(__file__).parent.parent

HEAVY = (
    "torch",
    "timm",
    "transformers",
    "open_clip",
    "matplotlib",
    "pandas",
    "wfdb",
    "faiss",
    "scipy",
    "onnxruntime",
)
PROMISED = (
    "build_index",
    "load_model",
    "open_index",
    "Engine",
    "read_ecg",
    "read_records",
    "render",
    "rectify",
    "digitize",
    "EcgClipError",
)


def modules_after(code: str) -> set[str]:
    """The packages that a fresh interpreter has loaded after running the code."""
    script = f"{code}\nimport sys; print(' '.join({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_loads_nothing_heavy() -> None:
    loaded = modules_after("import ecgclip; ecgclip.Engine; ecgclip.Ecg; ecgclip.EcgClipError")
    assert "ecgclip" in loaded
    assert not loaded & set(HEAVY)


def test_a_photo_is_read_and_ranked_with_the_light_packages_alone() -> None:
    loaded = modules_after(
        "import ecgclip, ecgclip.retrieval.store.bundle, ecgclip.retrieval.rerank\n"
        "from ecgclip.simulation.ecg import SyntheticSource\n"
        "ecgclip.rectify(ecgclip.render(SyntheticSource(1).read('00001')).array)"
    )
    assert "cv2" in loaded
    assert not loaded & (set(HEAVY) - {"onnxruntime"})


def test_the_command_line_starts_without_numpy() -> None:
    loaded = modules_after("from ecgclip.cli import main; main(['--version'])")
    assert not loaded & {*HEAVY, "numpy", "cv2", "PIL"}


@pytest.mark.parametrize("name", ecgclip.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(ecgclip, name) is not None


def test_the_promised_names_are_listed() -> None:
    assert set(PROMISED) <= set(ecgclip.__all__)
    assert sorted(ecgclip._HOMES) == sorted(set(ecgclip.__all__) - {"__version__"})
    assert dir(ecgclip) == sorted(ecgclip.__all__)


def test_an_unknown_name_names_the_known_ones() -> None:
    with pytest.raises(AttributeError, match=r"ecgclip has no 'quarry'; it has Answer, "):
        ecgclip.quarry  # noqa: B018


def test_the_version_stands_in_one_place() -> None:
    """The package's metadata takes it from there; a citation and the newest change name it."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "version" not in settings["project"]
    assert settings["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "ecgclip.__version__"}
    assert f"\nversion: {ecgclip.__version__}\n" in (ROOT / "CITATION.cff").read_text()
    newest = re.search(r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert newest[1] == ecgclip.__version__
