"""What README, docs and examples say holds: commands parse, links lead somewhere, code names what exists."""

import ast
import json
import re
import shlex
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import ecgclip
from ecgclip.cli import main
from ecgclip.cli.commands import Command
from ecgclip.cli.parser import build_parser
from ecgclip.records.readers import READERS
from ecgclip.retrieval.store.where import compile_where
from ecgclip.simulation.ecg import SyntheticSource
from ecgclip.units import LEADS
from tools.command_reference import arguments, command_reference, commands
from tools.mkdocs_hooks import PAGES, further_names, with_page_links

ROOT = Path(__file__).parent.parent
PAGES_WITH_COMMANDS = sorted(
    path
    for folder in (".", "docs", "docs/howto", "docs/reference", "data_cards", "examples", "index", "research")
    for path in (ROOT / folder).glob("*.md")
)
COMMAND_LINE = re.compile(r"^(?:    |\t)?(?:torchrun .* -m )?ecgclip +(?P<words>\S.*)$")


def names(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def code_lines(text: str) -> Iterator[str]:
    """Lines of blocks of code, continued ones joined; without remarks behind them and redirections."""
    joined = re.sub(r"\\\n *", "", text)
    fenced = re.findall(r"^```(?:bash|sh|console)\n(.*?)^```", joined, re.MULTILINE | re.DOTALL)
    indented = re.findall(r"^    .*$", joined, re.MULTILINE)
    for line in [*indented, *"\n".join(fenced).splitlines()]:
        yield re.sub(r"(?<=\S)(\s{2,}.*| > \w+\.\w+)$", "", line)


def command_lines(path: Path) -> list[list[str]]:
    """The words behind `ecgclip` of every command of a page that is given whole."""
    found = [COMMAND_LINE.match(line) for line in code_lines(path.read_text("utf-8"))]
    return [shlex.split(match["words"]) for match in found if match and "…" not in match["words"]]


def _is_understood(parser: ArgumentParser, words: list[str]) -> bool:
    try:
        parser.parse_args(words)
    except SystemExit as ended:
        return ended.code == 0
    return True


@pytest.mark.parametrize("path", PAGES_WITH_COMMANDS, ids=names)
def test_every_command_in_a_page_is_understood(path: Path) -> None:
    parser = build_parser(list(Command))
    for words in command_lines(path):
        assert _is_understood(parser, words), f"{names(path)}: ecgclip {shlex.join(words)}"


@pytest.mark.parametrize("path", PAGES_WITH_COMMANDS, ids=names)
def test_every_configuration_and_program_that_a_page_names_exists(path: Path) -> None:
    text = path.read_text("utf-8")
    for config in re.findall(r"(?:configs|research)/[\w/.-]+\.(?:toml|sh)", text):
        assert config.endswith("NAME.toml") or (ROOT / config).is_file(), f"{names(path)}: {config}"
    for module in re.findall(r"python -m ((?:ecgclip|research|tools)[\w.]*\w)", text):
        found = find_spec(module)
        assert found is not None, f"{names(path)}: {module}"
        if found.submodule_search_locations is not None:
            assert find_spec(f"{module}.__main__") is not None, f"{names(path)}: {module}"
    for program in re.findall(r"python ((?:benchmarks|examples)/\w+\.py)", text):
        assert (ROOT / program).is_file(), f"{names(path)}: {program}"


def test_the_readme_shows_the_first_commands() -> None:
    shown = {words[0] for words in command_lines(ROOT / "README.md")}
    assert {Command.BUILD_INDEX, Command.QUERY, Command.SEARCH} <= shown


def keys_of(value: object, name: str = "") -> set[str]:
    """The keys of a JSON document as its page writes them: `input.path`, `matches[].rank`."""
    if isinstance(value, dict) and not name.endswith(("codes", "timings_ms", "shown_s")):
        return {key for part in value for key in keys_of(value[part], f"{name}.{part}".removeprefix("."))}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return set().union(*(keys_of(item, f"{name}[]") for item in value))
    return {name}


@pytest.fixture(scope="module")
def json_keys() -> dict[str, set[str]]:
    """The keys of every command on the page of the JSON documents; those of matches once more for search."""
    text = (ROOT / "docs" / "reference" / "json.md").read_text()
    sections = re.findall(r"^## `ecgclip ([\w-]+)`\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    keys = {command: set(re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)) for command, table in sections}
    keys["search"] = keys["search"] - {"matches[]"} | {
        key for key in keys["query"] if key.startswith("matches")
    }
    return keys


def test_the_json_of_every_command_has_the_keys_of_its_page(
    json_keys: dict[str, set[str]], index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = tmp_path / "page.png"
    ecgclip.render(SyntheticSource(1).read("00001"), style="pink").save(photo)
    patient = SyntheticSource(8).read("00001").patient_id
    (tmp_path / "letter.txt").write_text("no picture")
    images = ["--images", photo, tmp_path / "letter.txt"]
    for command, *words in (
        ["query", photo, "--index", index],
        ["search", "atrial fibrillation", "--index", index],
        ["build-index", "synthetic:9", "--index", index],
        ["verify", "--index", index],
        ["remove", "--index", index, "--patient", patient],
        ["embed", *images, "--out", tmp_path / "vectors.npz"],
        ["digitize", photo, "--out", tmp_path / "signal.hea"],
    ):
        assert main([command, *map(str, words), "--json"]) == 0
        expected = json_keys.pop(str(command))
        found = keys_of(json.loads(capsys.readouterr().out))
        if "skipped" in found:  # nothing was
            expected = {key for key in expected if not key.startswith("skipped")} | {"skipped"}
        assert found == expected, command
    assert json_keys == {}


def test_the_examples_of_filters_are_understood() -> None:
    text = (ROOT / "docs" / "howto" / "filter_cases.md").read_text()
    rows = [row.split("|")[-2] for row in text.splitlines() if row.startswith("| `")]
    examples = [example for row in rows for example in re.findall(r"`([^`]+)`", row)]
    assert len(examples) >= 7
    for example in examples:
        compile_where(example)


def test_the_table_of_the_page_about_own_data_is_read(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "howto" / "own_data.md").read_text()
    table = re.search(r"^```text\n(id,path.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert table is not None
    (tmp_path / "records.csv").write_text(table[1])
    for name in ("a1", "a2"):
        write_wfdb(tmp_path / "waves", name)
    first, second = ecgclip.read_records(tmp_path / "records.csv")
    assert (first.name, first.codes, first.age) == ("A1", {"NORM": 100.0, "SR": 100.0}, 54)
    assert (second.report, second.sex, second.patient_id) == ("atrial fibrillation", "male", "23")


def test_no_format_that_is_said_to_come_is_read_already() -> None:
    """Whoever adds a reader takes its line out of the page about hospital formats."""
    text = (ROOT / "docs" / "howto" / "hospital_formats.md").read_text().lower()
    unread = [row for row in text.splitlines() if row.endswith("| not read |")]
    assert unread
    for reader in READERS:
        assert not [row for row in unread if re.search(rf"\b{reader.name}\b", row)]


def write_wfdb(folder: Path, name: str) -> None:
    """A record of one second; its samples are noise."""
    folder.mkdir(exist_ok=True)
    np.random.default_rng(0).integers(-900, 900, (100, 12)).astype("<i2").tofile(folder / f"{name}.dat")
    signals = [f"{name}.dat 16 1000/mV 16 0 0 0 0 {lead}" for lead in LEADS]
    (folder / f"{name}.hea").write_text("\n".join([f"{name} 12 100 100", *signals]) + "\n")


def every_parser(parser: ArgumentParser, name: str) -> Iterator[tuple[str, ArgumentParser]]:
    for child_name, child in commands(parser):
        yield f"{name} {child_name}", child
        yield from every_parser(child, f"{name} {child_name}")


def test_the_reference_has_every_command_and_argument_with_its_help() -> None:
    reference = command_reference()
    found = dict(every_parser(build_parser(list(Command)), "ecgclip"))
    assert {f"ecgclip {command}" for command in Command} <= set(found)
    for name, parser in found.items():
        assert f"`{name}`" in reference
        assert parser.description, name
        for action in arguments(parser):
            assert action.help, f"{name}: {action.option_strings or action.dest} has no help"
            assert all(f"`{option}" in reference for option in action.option_strings)


@pytest.mark.parametrize("path", PAGES_WITH_COMMANDS, ids=names)
def test_every_link_leads_to_a_file(path: Path) -> None:
    made = {f"docs/{page}" for page in ("reference/cli.md",)}
    links = re.findall(r"\]\((?!\w+:|#)([^)\s#]+)", path.read_text("utf-8"))
    for link in links:
        target = (path.parent / link).resolve()
        assert target.exists() or names(target) in made, f"{names(path)}: {link}"


@pytest.mark.parametrize("path", PAGES_WITH_COMMANDS, ids=names)
def test_python_in_a_page_names_what_ecgclip_has(path: Path) -> None:
    for code in re.findall(r"^```python\n(.*?)^```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "ecgclip":
                assert hasattr(ecgclip, node.attr), f"{names(path)}: ecgclip.{node.attr}"


def test_links_between_files_become_links_between_pages() -> None:
    assert with_page_links("[a](../../SECURITY.md#x)", "howto/offline.md") == "[a](../security.md#x)"
    assert with_page_links("[a](../SECURITY.md)", "results.md") == "[a](security.md)"
    assert with_page_links("[a](docs/results.md)", "changelog.md") == "[a](results.md)"
    assert with_page_links("[a](../docs/photos.md)", "cards/ptbxl.md") == "[a](../photos.md)"
    assert with_page_links("[a](b.md) [c](x://y)", "howto/train.md") == "[a](b.md) [c](x://y)"


def test_names_that_the_api_page_lacks_are_added() -> None:
    added = further_names("::: ecgclip.Ecg\n")
    assert "::: ecgclip.rectify" in added
    assert "::: ecgclip.Ecg\n" not in added
    assert "__version__" not in added
    assert further_names("\n".join(f"::: ecgclip.{name}" for name in ecgclip.__all__)) == ""


class _Loaded(HTMLParser):
    """What a page makes a browser load."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in {"script", "img", "iframe", "source", "video"}:
            self.addresses.append(given.get("src") or "")
        if tag == "link" and given.get("rel") != "canonical":
            self.addresses.append(given.get("href") or "")


def test_the_site_is_built_without_a_warning_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "--quiet", "build", "--strict", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    built = {
        path.relative_to(tmp_path).as_posix(): path.read_text("utf-8") for path in tmp_path.rglob("*.html")
    }
    assert {page.replace(".md", ".html") for page in PAGES.values()} <= set(built)
    assert "Find the prior cases most similar to a photo" in built["reference/cli.html"]
    assert all(f'id="ecgclip.{name}"' in built["reference/api.html"] for name in ("rectify", "Engine.query"))
    for text in built.values():
        loaded = _Loaded()
        loaded.feed(text)
        assert not [address for address in loaded.addresses if re.match(r"(https?:)?//", address)]
    for path in tmp_path.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", path.read_text("utf-8"))
