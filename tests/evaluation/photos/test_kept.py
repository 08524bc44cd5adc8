"""Values on disk, line by line."""

from ecgclip.evaluation.photos.kept import open_kept

FIRST = {"x": 1 / 3, "words": ["ä", None, True]}


def test_values_come_back_as_they_were(tmp_path):
    path = tmp_path / "deep" / "S0.jsonl"
    with open_kept(path) as kept:
        kept.add("a", FIRST)
        kept.add("b", [])
        assert kept.known == {"a": FIRST, "b": []}
    with open_kept(path) as kept:
        assert kept.known == {"a": FIRST, "b": []}
        kept.add("c", None)
    with open_kept(path) as kept:
        assert kept.known == {"a": FIRST, "b": [], "c": None}


def test_half_a_line_of_a_killed_run_is_cut_off(tmp_path):
    path = tmp_path / "S0.jsonl"
    with open_kept(path) as kept:
        kept.add("a", FIRST)
        kept.add("b", FIRST)
    path.write_bytes(path.read_bytes()[:-5])
    with open_kept(path) as kept:
        assert kept.known == {"a": FIRST}
        kept.add("b", 2)
    with open_kept(path) as kept:
        assert kept.known == {"a": FIRST, "b": 2}


def test_without_a_file_nothing_is_kept():
    with open_kept(None) as kept:
        kept.add("a", FIRST)
        assert kept.known == {}
