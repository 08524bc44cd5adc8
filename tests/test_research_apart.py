"""What answers a question once stays outside of the product; the import contract holds the rest."""

import re
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "ecgclip"


def test_nothing_of_the_product_names_a_module_or_file_of_research():
    named = re.compile(r"\bresearch[./]\w|import research|from research")
    sources = [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.toml"), *PACKAGE.rglob("*.csv")]
    assert sources
    assert [path for path in sources if named.search(path.read_text("utf-8"))] == []
