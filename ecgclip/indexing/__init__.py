"""Records into an index: drawn, embedded and stored, in one process or many."""

from ecgclip.indexing.build import BuildReport, build_index

__all__ = ["BuildReport", "build_index"]
