"""A simulated camera: one artefact a file, parameters recorded, the truth kept."""

from ecgclip.simulation.camera.photograph import Photo, photograph, replay
from ecgclip.simulation.camera.shot import Level, Shot, level_names, load_level, sample_shot

__all__ = ["Level", "Photo", "Shot", "level_names", "load_level", "photograph", "replay", "sample_shot"]
