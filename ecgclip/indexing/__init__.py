"""Records into an index: drawn, embedded and stored, in one process or many."""

from ecgclip.indexing.build import BuildResult, build_index

__all__ = ["BuildResult", "build_index"]
