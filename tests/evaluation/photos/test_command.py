"""What the command line asks of the photo protocol."""

from argparse import ArgumentParser
from pathlib import Path

import pytest

from ecgclip.cli import evaluate
from ecgclip.evaluation.photos.options import PhotoOptions
from ecgclip.simulation.photos import LEVELS


@pytest.fixture
def asked(monkeypatch, capsys):
    """Returns a function from arguments to the options that reach the library."""

    class Report:
        def table(self):
            return "a table"

    def options(*argv):
        seen = []
        keep = lambda *args, **kwargs: seen.append(kwargs["photos"]) or Report()
        monkeypatch.setattr("ecgclip.evaluation.run.run", keep)
        parser = ArgumentParser()
        evaluate.add_arguments(parser)
        assert evaluate.run(parser.parse_args(["--data", "x", "--protocol", "photos", *argv])) == 0
        assert capsys.readouterr().out == "a table\n"
        return seen[0]

    return options


def test_all_of_fold_9_at_all_levels_is_the_default(asked):
    assert asked() == PhotoOptions()
    assert evaluate.LEVELS == LEVELS


def test_every_option_arrives(asked):
    found = asked(
        "--simulated", "7", "--levels", "S0,S3", "--no-real", "--results", "r", "--contact-sheet", "s.png"
    )
    assert found == PhotoOptions(7, ("S0", "S3"), False, Path("r"), Path("s.png"))
