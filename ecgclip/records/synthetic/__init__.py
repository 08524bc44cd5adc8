"""Synthetic ECGs: a moving dipole in the heart seen by twelve leads, with reports that say what was drawn."""

from ecgclip.records.synthetic.generator import synthetic_ecg
from ecgclip.records.synthetic.source import SyntheticSource
from ecgclip.records.synthetic.statements import STATEMENTS, Kind, Statement

__all__ = ["STATEMENTS", "Kind", "Statement", "SyntheticSource", "synthetic_ecg"]
