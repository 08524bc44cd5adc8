"""The programs of examples/ do what they say, on synthetic records and with the shipped weights."""

import json
import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

import ecgclip

EXAMPLES = Path(__file__).parent.parent / "examples"


def example(name: str) -> ModuleType:
    spec = spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_example_stands_in_their_readme() -> None:
    text = (EXAMPLES / "README.md").read_text()
    files = {path.name for path in EXAMPLES.iterdir() if path.suffix in {".py", ".ipynb"}}
    assert set(re.findall(r"\]\((\w+\.\w+)\)", text)) == files


def test_a_photographed_case_is_found_first(capsys: pytest.CaptureFixture[str]) -> None:
    answer = example("query_a_photo").main("synthetic:12:4")
    assert answer.accepted
    assert answer.matches[0].case_id == "synthetic/00001"
    assert "1. " in capsys.readouterr().out


def test_a_picture_without_an_ecg_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (900, 700), "white").save(tmp_path / "blank.png")
    answer = example("query_a_photo").main("synthetic:3", str(tmp_path / "blank.png"))
    assert not answer.accepted
    assert answer.matches == ()
    assert "refused: " in capsys.readouterr().out


def test_words_find_their_statement_among_the_filtered() -> None:
    search = example("search_by_words")
    matches = search.main("atrial fibrillation", "age > 50")
    assert "AFIB" in matches[0].case.codes
    assert all(match.case.age > 50 for match in matches)
    assert search.main("vorhofflimmern", "age > 50") == matches


def test_a_probe_separates_what_it_learned_from_few_records() -> None:
    assert example("linear_probe").main("AFIB", few=20) > 0.9


def test_the_auroc_counts_pairs() -> None:
    auroc = example("linear_probe").auroc
    assert auroc([3, 1, 2, 0], np.array([True, True, False, False])) == 0.75
    assert auroc([1, 1], np.array([True, False])) == 0.5


def test_simulated_photos_are_read_at_their_true_scale(tmp_path: Path) -> None:
    simulate = example("simulate_a_photo")
    pages = simulate.main(str(tmp_path))
    for level, page in pages.items():
        assert page.accepted
        truth = simulate.scale_px_per_mm(simulate.simulated(level))
        assert page.input_px_per_mm == pytest.approx(truth, rel=0.01)
        assert {f"photo-{level}.jpg", f"page-{level}.png"} <= {path.name for path in tmp_path.iterdir()}


def test_the_notebook_runs_and_was_saved_with_its_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = json.loads((EXAMPLES / "tour.ipynb").read_text("utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert sum("image/png" in output.get("data", {}) for cell in code for output in cell["outputs"]) >= 3
    module = ModuleType("notebook")
    monkeypatch.setitem(sys.modules, "notebook", module)
    for cell in code:
        exec(compile("".join(cell["source"]), "tour.ipynb", "exec"), module.__dict__)
    assert module.answer.matches[0].case_id == module.ecg.case_id


def test_the_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (EXAMPLES.parent / "README.md").read_text()
    found = re.search(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    monkeypatch.chdir(tmp_path)
    ecgclip.build_index("synthetic:12:4", "index/ptbxl")
    ecg = next(ecgclip.read_records("synthetic:12:4"))
    example("query_a_photo").make_photo(ecg, tmp_path / "photo.jpg")
    names: dict[str, Any] = {}
    exec(compile(found[1], "README.md", "exec"), names)
    assert names["answer"].matches[0].case_id == ecg.case_id
    assert names["vectors"].shape == names["words"].shape == (1, 256)
