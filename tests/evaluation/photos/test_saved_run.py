"""What is finished is saved, and holds for as long as nothing that it depends on changes."""

import json

import pytest

from ecgclip.errors import ConfigError
from ecgclip.evaluation.photos import saved_run
from ecgclip.evaluation.photos.saved_run import MANIFEST, SavedRun, digest, open_run

FIRST = {"x": 1 / 3, "words": ["ä", None, True]}
STATE = {"model": "m", "seed": "0"}


def test_values_come_back_as_they_were(tmp_path):
    run = open_run(tmp_path / "deep" / "run", STATE)
    with run.group("S0") as saved:
        saved.add("a", FIRST)
        saved.add("b", [])
        assert saved.known == {"a": FIRST, "b": []}
    with run.group("S1") as saved:
        assert saved.known == {}
    with open_run(tmp_path / "deep" / "run", STATE).group("S0") as saved:
        assert saved.known == {"a": FIRST, "b": []}
        saved.add("c", None)
    with run.group("S0") as saved:
        assert saved.known == {"a": FIRST, "b": [], "c": None}


def test_half_a_line_of_a_killed_run_is_cut_off(tmp_path):
    run = open_run(tmp_path, STATE)
    with run.group("S0") as saved:
        saved.add("a", FIRST)
        saved.add("b", FIRST)
    path = tmp_path / "S0.jsonl"
    path.write_bytes(path.read_bytes()[:-5])
    with run.group("S0") as saved:
        assert saved.known == {"a": FIRST}
        saved.add("b", 2)
    with run.group("S0") as saved:
        assert saved.known == {"a": FIRST, "b": 2}


def test_without_a_folder_nothing_is_saved():
    with open_run(None, STATE).group("S0") as saved:
        saved.add("a", FIRST)
        assert saved.known == {}
    assert open_run(None, STATE) == SavedRun()


@pytest.mark.parametrize("changed", ["model", "package"])
def test_a_changed_model_or_package_starts_anew(changed, tmp_path, monkeypatch):
    with open_run(tmp_path, STATE).group("S0") as saved:
        saved.add("a", FIRST)
    if changed == "package":
        monkeypatch.setattr(saved_run, "package_hash", lambda: "other files")
    state = STATE | ({"model": "other"} if changed == "model" else {})
    with open_run(tmp_path, state).group("S0") as saved:
        assert saved.known == {}
    manifest = json.loads((tmp_path / MANIFEST).read_text())
    assert manifest == state | {"package": saved_run.package_hash()}


def test_a_folder_of_other_files_is_left_alone(tmp_path):
    (tmp_path / "S0.jsonl").write_text("mine")
    with pytest.raises(ConfigError, match=r"has no manifest\.json; expected an empty folder"):
        open_run(tmp_path, STATE)
    assert (tmp_path / "S0.jsonl").read_text() == "mine"


def test_the_package_hash_changes_with_code_configurations_and_weights(tmp_path, monkeypatch):
    package = tmp_path / "package"
    (package / "configs").mkdir(parents=True)
    (package / "__init__.py").write_text("x = 1\n")
    monkeypatch.setattr(saved_run.ecgclip, "__file__", str(package / "__init__.py"))
    seen = [saved_run.package_hash()]
    (package / "__init__.cpython-311.pyc").write_bytes(b"compiled")
    assert saved_run.package_hash() == seen[0]
    for name, text in (("__init__.py", "x = 2\n"), ("configs/a.toml", "a = 1"), ("weights.onnx", "w")):
        (package / name).write_text(text)
        seen.append(saved_run.package_hash())
    assert len(set(seen)) == 4


def test_digests_keep_parts_apart():
    assert digest("ab", "c") != digest("a", "bc")
    assert digest("ab") == digest(b"ab")
    assert len(digest("ab")) == 16
