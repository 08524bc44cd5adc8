"""`program_hash`: a name for the code that something depends on, found by following its imports."""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import ecgclip

_PACKAGE = Path(ecgclip.__file__).parent


def program_hash(roots: Iterable[str], without: Iterable[str] = (), data: Iterable[str] = ()) -> str:
    """16 hexadecimal digits that change with any module that the roots import, directly or not.

    roots, without: names of modules of this package; what only `without` lead to is left out. data: files and
    folders of the package that the program reads, code aside. Comments and the shape of code do not count.
    """
    digest = hashlib.sha256()
    for file in modules(roots, without):
        digest.update(_name(file) + ast.dump(ast.parse(file.read_bytes())).encode())
    for file in _data_files(data):
        digest.update(_name(file) + file.read_bytes())
    return digest.hexdigest()[:16]


def modules(roots: Iterable[str], without: Iterable[str] = ()) -> list[Path]:
    """The files of the roots and of all modules of this package that they import, sorted."""
    seen = {file for name in without for file in _files(name)}
    left_out = frozenset(seen)
    waiting = [file for name in roots for file in _files(name)]
    while waiting:
        file = waiting.pop()
        if file not in seen:
            seen.add(file)
            waiting += [found for name in _imports(ast.parse(file.read_bytes())) for found in _files(name)]
    return sorted(seen - left_out)


def _name(file: Path) -> bytes:
    return str(file.relative_to(_PACKAGE)).encode() + b"\0"


def _files(module: str) -> list[Path]:
    """The file of a module, or of a package that is named itself; none for other packages and for names."""
    first, *parts = module.split(".")
    if first != _PACKAGE.name or not parts:
        return []
    place = _PACKAGE.joinpath(*parts)
    return [file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()]


def _imports(tree: ast.AST) -> Iterator[str]:
    """All that may be a module's name in the imports of a file, those for type checkers aside."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        waiting += ast.iter_child_nodes(node)


def _data_files(names: Iterable[str]) -> list[Path]:
    places = [place for name in names for place in [_PACKAGE / name, *(_PACKAGE / name).rglob("*")]]
    return sorted(place for place in places if place.is_file() and place.suffix not in (".py", ".pyc"))
