"""Synthetic ECGs: a moving dipole in the heart seen by twelve leads, with reports that say what was drawn."""

from ecgclip.simulation.ecg.generator import synthetic_ecg
from ecgclip.simulation.ecg.source import SyntheticSource
from ecgclip.simulation.ecg.statements import STATEMENTS, Kind, Statement

__all__ = ["STATEMENTS", "Kind", "Statement", "SyntheticSource", "synthetic_ecg"]
