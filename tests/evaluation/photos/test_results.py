"""Outcomes on disk."""

import pytest

from ecgclip.errors import ConfigError
from ecgclip.evaluation.photos.outcome import Outcome
from ecgclip.evaluation.photos.results import Origin, kept_outcomes, program_hash
from ecgclip.evaluation.photos.truth import Deviation

ORIGIN = Origin("p", "m", 10, 0)
FIRST = Outcome("a", "S0", {"engine": 1}, "", 0.9, 10.0, 12.0, Deviation(0.01, 1.0, 0.0, "3x4", "3x4"))
SECOND = Outcome("b", "S0", {"engine": None}, "no grid", 0.0, 10.0, None)


def test_outcomes_come_back_as_they_were(tmp_path):
    with kept_outcomes(tmp_path / "r", "S0", ORIGIN) as kept:
        kept.add(FIRST)
        kept.add(SECOND)
    with kept_outcomes(tmp_path / "r", "S0", ORIGIN) as kept:
        assert kept.known == {"a": FIRST, "b": SECOND}
    with kept_outcomes(tmp_path / "r", "S1", ORIGIN) as kept:
        assert kept.known == {}


def test_half_a_line_of_a_killed_run_is_dropped(tmp_path):
    with kept_outcomes(tmp_path, "S0", ORIGIN) as kept:
        kept.add(FIRST)
        kept.add(SECOND)
    file = tmp_path / "S0.jsonl"
    file.write_text(file.read_text()[:-20])
    with kept_outcomes(tmp_path, "S0", ORIGIN) as kept:
        assert kept.known == {"a": FIRST}
        kept.add(SECOND)
    with kept_outcomes(tmp_path, "S0", ORIGIN) as kept:
        assert kept.known == {"a": FIRST, "b": SECOND}


def test_results_of_another_model_are_not_mixed_in(tmp_path):
    with kept_outcomes(tmp_path, "S0", ORIGIN) as kept:
        kept.add(FIRST)
    with (
        pytest.raises(ConfigError, match="another program, model"),
        kept_outcomes(tmp_path, "S0", Origin("p", "other", 10, 0)),
    ):
        pass
    assert '"a"' in (tmp_path / "S0.jsonl").read_text()


def test_without_a_folder_nothing_is_kept():
    with kept_outcomes(None, "S0", ORIGIN) as kept:
        kept.add(FIRST)
        assert kept.known == {"a": FIRST}
    assert len(program_hash()) == 16
