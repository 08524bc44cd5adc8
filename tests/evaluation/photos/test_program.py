"""Hashes of a program made here: a imports b inside a function, and c for type checkers alone."""

import pytest

from ecgclip.evaluation.photos import program

FILES = {
    "a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ecgclip.c import C\n"
    "def f():\n    from ecgclip.part import b\n    return b.g()\n",
    "c.py": "C = int\n",
    "part/__init__.py": "",
    "part/b.py": "import numpy\nimport ecgclip.part.d\ndef g():\n    return 1\n",
    "part/d.py": "from ecgclip import a\n",
    "part/table.csv": "1,2\n",
    "alone.py": "",
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    root = tmp_path / "ecgclip"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    monkeypatch.setattr(program, "_PACKAGE", root)
    return root


def names(package, files):
    return [str(file.relative_to(package)) for file in files]


def test_imports_are_followed_wherever_they_stand(package):
    assert names(package, program.modules(["ecgclip.a"])) == [
        "a.py",
        "part/__init__.py",
        "part/b.py",
        "part/d.py",
    ]
    assert names(package, program.modules(["ecgclip.a"], ["ecgclip.part.b"])) == ["a.py", "part/__init__.py"]


def test_the_hash_changes_with_what_the_program_does_and_reads(package):
    state = lambda: program.program_hash(["ecgclip.a"], data=["part"])
    first = state()
    (package / "alone.py").write_text("x = 1\n")
    (package / "c.py").write_text("C = float\n")
    (package / "part/b.py").write_text("# why\n" + FILES["part/b.py"].replace("return 1", "return (1)"))
    assert state() == first
    (package / "part/b.py").write_text(FILES["part/b.py"].replace("return 1", "return 2"))
    second = state()
    assert second != first
    (package / "part/table.csv").write_text("1,3\n")
    assert state() not in (first, second)


def test_the_reader_depends_on_neither_model_nor_index():
    from ecgclip.evaluation.photos.states import reader_modules

    found = {file.parts[-2] for file in reader_modules()}
    assert {"photo", "camera", "paper"} <= found
    assert not {"encoders", "retrieval", "training"} & found
    assert "metrics.py" not in {file.name for file in reader_modules()}
