"""docs/threats.md names tests that exist, and one thing that nothing does."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
CSV_WRITERS = {"DictWriter", "to_csv", "savetxt"}


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs" / "threats.md").read_text())
    assert len(named) > 40
    absent = [
        f"{path}::{name}"
        for path, name in named
        if not re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.MULTILINE)
    ]
    assert absent == []


def _called(tree: ast.AST) -> set[str]:
    """Names of the functions called, `csv.writer` whole."""
    functions = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {ast.unparse(function) for function in functions}


def test_no_csv_is_written() -> None:
    """A spreadsheet runs cells that begin with = + - @: who writes the first CSV of text puts ' before them.

    The table of samples holds numbers alone, and is written without these functions.
    """
    for path in (ROOT / "ecgclip").rglob("*.py"):
        called = _called(ast.parse(path.read_text()))
        assert not {name for name in called if name == "csv.writer" or name.split(".")[-1] in CSV_WRITERS}, (
            path
        )
