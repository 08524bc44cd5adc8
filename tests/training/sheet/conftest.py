"""The print that the tests of simulated prints use serves the sheet reader's training, too."""

from tests.simulation.prints.conftest import printed, record

__all__ = ["printed", "record"]
