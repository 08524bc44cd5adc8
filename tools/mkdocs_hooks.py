"""Hooks of mkdocs: pages that are made from the repository while the site is built, so that they stay true.

The commands come from the parser, the notebook with the outputs that it was saved with; data cards, the
changelog and other files outside docs/ become pages. Links between files of the repository are turned into
links between pages, so that they work in both places.
"""

import os
import re
from pathlib import Path
from posixpath import normpath, relpath
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from nbconvert import MarkdownExporter

import ecgclip
from ecgclip.records.readers import READERS
from tools.command_reference import command_reference

ROOT: Final = Path(__file__).parent.parent
NOTEBOOK: Final = "examples/tour.ipynb"
PAGES: Final = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "data_cards/model_card.md": "cards/model_card.md",
    "data_cards/ptbxl.md": "cards/ptbxl.md",
    "data_cards/sheet_reader.md": "cards/sheet_reader.md",
    "data_cards/synthetic.md": "cards/synthetic.md",
    "index/README.md": "reference/index_format.md",
    "research/README.md": "research.md",
    NOTEBOOK: "tour.md",
}
"""Files outside docs/ and the pages that they become."""
_INTERVAL: Final = re.compile(r"[+−]?\d*\.?\d+ \[[+−.\d]+ [+−.\d]+\]")
_LINK: Final = re.compile(r"(?<=\]\()(?!\w+:|#)([^)\s#]+)(#[^)\s]*)?(?=\))")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made here."""
    for source, page in PAGES.items():
        if source != NOTEBOOK:
            files.append(
                File.generated(config, page, content=_with_fields((ROOT / source).read_text("utf-8")))
            )
    files.append(File.generated(config, "reference/cli.md", content=command_reference()))
    text, pictures = notebook_page()
    files.append(File.generated(config, PAGES[NOTEBOOK], content=text))
    for name, data in pictures.items():
        files.append(File.generated(config, name, content=data))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links lead to pages; the API page lists every public name, and the table of readers is filled in."""
    if page.file.src_uri == "reference/api.md":
        markdown += further_names(markdown)
    markdown = markdown.replace("<!-- readers -->", readers_table())
    return with_page_links(markdown, page.file.src_uri)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """A figure and its interval stay on one line."""
    return _INTERVAL.sub(r'<span class="figure">\g<0></span>', html)


def notebook_page() -> tuple[str, dict[str, bytes]]:
    """The notebook as Markdown, and its pictures by their names in the site."""
    exporter = MarkdownExporter()  # type: ignore[no-untyped-call]
    text, resources = exporter.from_filename(
        str(ROOT / NOTEBOOK), {"unique_key": "tour", "output_files_dir": "images"}
    )
    pictures = {name.replace(os.sep, "/"): data for name, data in resources["outputs"].items()}
    return text, pictures


def with_page_links(markdown: str, page: str) -> str:
    """Markdown of a page whose relative links to files of the repository point to their pages.

    page: its place in the site, such as `howto/train.md`.
    """
    home = {target: source for source, target in PAGES.items()}.get(page, f"docs/{page}")

    def turned(found: re.Match[str]) -> str:
        at = normpath(f"{Path(home).parent.as_posix()}/{found[1]}")
        target = PAGES.get(at) or (at.removeprefix("docs/") if at.startswith("docs/") else None)
        if target is None:
            return found[0]
        return relpath(target, Path(page).parent.as_posix() or ".") + (found[2] or "")

    return _LINK.sub(turned, markdown)


def further_names(markdown: str) -> str:
    """Entries of the public names that a page of the API does not have yet."""
    written = set(re.findall(r"^::: ecgclip\.(\w+)", markdown, re.MULTILINE))
    missing = [name for name in ecgclip.__all__ if name not in written and not name.startswith("_")]
    entries = "\n\n".join(f"::: ecgclip.{name}" for name in missing)
    return f"\n\n## Further names\n\n{entries}\n" if missing else ""


def readers_table() -> str:
    """Every format of records that the product reads, as a table."""
    rows = [f"| `{reader.name}` | {reader.title} |" for reader in READERS]
    return "\n".join(["| `--reader` | source |", "|---|---|", *rows])


def _with_fields(markdown: str) -> str:
    """Markdown whose fields at the top (`---`) are shown as a block of code, below the first heading."""
    if not markdown.startswith("---\n"):
        return markdown
    fields, rest = markdown.removeprefix("---\n").split("\n---\n", 1)
    title, rest = rest.lstrip().split("\n", 1)
    return f"{title}\n\n```yaml\n{fields}\n```\n{rest}"
