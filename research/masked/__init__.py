"""Masked image modelling: the image tower learns pages without labels, by the hidden pieces it names."""
