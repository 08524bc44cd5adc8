"""Settings as data: a TOML file becomes a frozen dataclass, strictly, and is saved beside what it made."""

import dataclasses
import json
import math
import os
import types
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from ecgclip.errors import ConfigError
from ecgclip.files import read_small

T = TypeVar("T")

PACKAGED = Path(__file__).parent / "configs"
"""The configurations that are shipped."""
BASE = "base"
"""The key by which a file names another one that it differs from."""

_MOST_BYTES = 1 << 16
_MOST_FILES = 20
"""A file, its base, the base of that …"""
_MOST_DOTS = 50
"""Most dots in a line of TOML: parsing a dotted name takes memory by the square of its parts."""


def load_config(path: str | os.PathLike[str], kind: type[T], **instead: object) -> T:
    """Read a TOML file as the frozen dataclass `kind`; what the file leaves out keeps its default.

    A file may say `base = "other.toml"`, a path relative to its own folder: it then states only what differs
    from that file. Tables are merged key by key, any other value replaces that of the base.

    path: a file, or the name of a shipped one (`train/smoke.toml`, `configs/train/smoke.toml`).
    instead: values that replace those of the file, such as an option's; None keeps the file's.
    Errors: ConfigError for an absent file or base, bases that lead back to a file before, broken TOML, an
    unknown or missing key, a wrong type.
    """
    found = find_config(path)
    table, files = _with_bases(found)
    given = {key: value for key, value in instead.items() if value is not None}
    return parse_config(table | given, kind, where=" on ".join(files))


def _with_bases(path: Path) -> tuple[dict[str, Any], list[str]]:
    """The values of a file laid over those of its base, and the names of all files, the given one first."""
    tables: list[dict[str, Any]] = []
    files: list[Path] = []
    following: Path | None = path
    while following is not None:
        if any(following.samefile(before) for before in files):
            names = " -> ".join(map(str, [*files, following]))
            raise ConfigError(f"{path}: its bases lead in a circle ({names}); take one `base` out")
        if len(files) == _MOST_FILES:
            raise ConfigError(f"{path}: more than {_MOST_FILES} files, each the base of the one before")
        files.append(following)
        tables.append(_read_table(following))
        following = _base(tables[-1], following)
    merged: dict[str, Any] = {}
    for table in reversed(tables):
        merged = _merged(merged, table)
    return merged, [str(file) for file in files]


def _base(table: dict[str, Any], path: Path) -> Path | None:
    """Take the key `base` out of a file's values: the file it names, None without."""
    if BASE not in table:
        return None
    base: Path = path.parent / _expect(table.pop(BASE), str, "a path in quotes", f"{path}: {BASE}")
    if os.path.isdir(base) or not os.path.exists(base):  # Path's own raise where a name is too long
        raise ConfigError(f"{path}: its base {base} is no file; expected a path relative to {path.parent}")
    return base


def _merged(base: dict[str, Any], table: dict[str, Any]) -> dict[str, Any]:
    merged = base | table
    for key, value in table.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            merged[key] = _merged(base[key], value)
    return merged


def _read_table(path: Path) -> dict[str, Any]:
    import tomllib  # not at the top: a query reads configurations of models, which are JSON

    text = _text(path)
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error


def _text(path: Path) -> str:
    try:
        text = read_small(path, _MOST_BYTES).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    if any(line.count(".") > _MOST_DOTS for line in text.splitlines()):
        raise ConfigError(f"{path}: a line has more than {_MOST_DOTS} dots; expected names such as a.b")
    return text


def find_config(path: str | os.PathLike[str]) -> Path:
    """The file itself, or the shipped configuration of that name."""
    given = Path(path)
    if given.exists() and not given.is_dir():
        return given
    parts = given.parts[1:] if given.parts[:1] == ("configs",) else given.parts
    shipped = PACKAGED.joinpath(*parts)
    if not given.is_absolute() and shipped.is_file():
        return shipped
    raise ConfigError(f"{given}: no such file; {_shipped_near(Path(*parts).as_posix())}")


def parse_config(table: Mapping[str, object], kind: type[T], where: str = "config") -> T:
    """A table of values as the dataclass `kind`; nested tables become nested dataclasses."""
    if not dataclasses.is_dataclass(kind):
        raise ConfigError(f"{where}: {kind.__name__} is no dataclass")
    fields = {field.name: field for field in dataclasses.fields(kind) if field.init}
    for key in table:
        if key not in fields:
            raise ConfigError(f"{where}: unknown key {key!r}; {_nearest(key, list(fields))}")
    missing = [name for name, field in fields.items() if name not in table and _required(field)]
    if missing:
        raise ConfigError(f"{where}: missing {', '.join(missing)}; {kind.__name__} has no default for it")
    hints = get_type_hints(kind)
    values = {key: _convert(value, hints[key], f"{where}: {key}") for key, value in table.items()}
    try:
        return kind(**values)
    except ValueError as error:
        # __post_init__ of a configuration checks ranges and raises ValueError in words.
        raise ConfigError(f"{where}: {error}") from error


def save_config(config: object, path: str | os.PathLike[str]) -> None:
    """Write a configuration as TOML; `load_config` reads it back equal."""
    Path(path).write_text(to_toml(config), encoding="utf-8")


def to_toml(config: object) -> str:
    """A configuration as TOML: plain values first, then nested dataclasses as tables; None is left out."""
    return "\n".join(_table_lines(_plain(config), ())) + "\n"


def _required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _shipped_near(name: str) -> str:
    """The shipped configurations that were perhaps meant, or where all of them are."""
    import difflib

    names = sorted(file.relative_to(PACKAGED).with_suffix("").as_posix() for file in PACKAGED.rglob("*.toml"))
    close = [f"{name}.toml" for name in difflib.get_close_matches(name.removesuffix(".toml"), names, 3)]
    return f"did you mean {' or '.join(close)}?" if close else f"the shipped ones are in {PACKAGED}"


def _nearest(key: str, names: Sequence[str]) -> str:
    import difflib

    close = difflib.get_close_matches(key, names, 1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else f"known keys are {', '.join(names)}"


def _convert(value: object, hint: Any, where: str) -> object:
    """One TOML value as the annotated type, or ConfigError."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _convert_union(value, get_args(hint), where)
    if origin is Literal:
        if value in get_args(hint):
            return value
        raise ConfigError(f"{where} is {value!r}; expected one of {', '.join(map(repr, get_args(hint)))}")
    if origin is tuple:
        return _convert_tuple(value, get_args(hint), where)
    if origin in (dict, Mapping):
        table = _expect(value, dict, "a table", where)
        return {key: _convert(item, get_args(hint)[1], f"{where}.{key}") for key, item in table.items()}
    return _convert_class(value, hint, where)


def _convert_class(value: object, kind: type, where: str) -> object:
    if dataclasses.is_dataclass(kind):
        return parse_config(_expect(value, dict, "a table", where), kind, where)
    if issubclass(kind, Enum):
        members = [member.value for member in kind]
        if value in members:
            return kind(value)
        hint = _nearest(str(value), [str(member) for member in members])
        raise ConfigError(f"{where} is {value!r}, which is no {kind.__name__}; {hint}")
    if kind is Path:
        return Path(_expect(value, str, "a path in quotes", where))
    if kind is float:
        # An integer is an exact float; a bool is an int to Python but a slip in a file.
        number = value if isinstance(value, bool) else float(value) if isinstance(value, int) else value
        return _finite(_expect(number, float, "a number", where), where)
    return _expect(value, kind, kind.__name__, where)


def _convert_union(value: object, options: tuple[Any, ...], where: str) -> object:
    real = [option for option in options if option is not types.NoneType]
    for option in real[:-1]:
        try:
            return _convert(value, option, where)
        except ConfigError:  # the next option may take it; the last one's error is the caller's
            continue
    return _convert(value, real[-1], where)


def _convert_tuple(value: object, hints: tuple[Any, ...], where: str) -> tuple[object, ...]:
    items = _expect(value, list, "a list", where)
    if len(hints) == 2 and hints[1] is Ellipsis:
        hints = (hints[0],) * len(items)
    if len(items) != len(hints):
        raise ConfigError(f"{where} has {len(items)} values; expected {len(hints)}")
    return tuple(
        _convert(item, hint, f"{where}[{i}]") for i, (item, hint) in enumerate(zip(items, hints, strict=True))
    )


def _expect(value: object, kind: type[Any], words: str, where: str) -> Any:
    right = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    if right:
        return value
    raise ConfigError(f"{where} is {value!r} ({type(value).__name__}); expected {words}")


def _finite(value: float, where: str) -> float:
    if not math.isfinite(value):
        raise ConfigError(f"{where} is {value}; expected a finite number")
    return value


def _plain(value: Any) -> Any:
    """Dataclasses, tuples, enums and paths as what TOML can say."""
    match value:
        case Enum():
            return value.value
        case Path():
            return value.as_posix()
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case tuple() | list():
            return [_plain(item) for item in value]
    if dataclasses.is_dataclass(value):
        pairs = (
            (field.name, getattr(value, field.name)) for field in dataclasses.fields(value) if field.init
        )
        return {name: _plain(item) for name, item in pairs if item is not None}
    return value


def _table_lines(table: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    lines = [f"{_key(key)} = {_inline(item)}" for key, item in table.items() if not isinstance(item, dict)]
    for key, item in table.items():
        if isinstance(item, dict):
            inner = (*path, _key(key))
            lines += ["", f"[{'.'.join(inner)}]", *_table_lines(item, inner)]
    return lines


def _key(name: str) -> str:
    bare = name and name.isascii() and all(char.isalnum() or char in "-_" for char in name)
    return name if bare else _quote(name)


def _quote(text: str) -> str:
    """A TOML basic string; JSON's escapes are TOML's, but for DEL, which TOML forbids bare."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _inline(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return _quote(value)
        case list():
            return f"[{', '.join(map(_inline, value))}]"
        case dict():
            return "{" + ", ".join(f"{_key(key)} = {_inline(item)}" for key, item in value.items()) + "}"
    raise ConfigError(f"{value!r} ({type(value).__name__}) cannot be written as TOML")
