"""What is kept of a long run: how each photo was read, and what each method found for it.

A folder of results holds one folder for each state of the reader and of each method, named by their hashes:
`reading-<hash>/S0.jsonl`, `engine-<hash>/S0.jsonl`, ... A changed reader reads anew; another model ranks anew
what was read before; neither overwrites the other's results.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ecgclip.evaluation.photos.kept import Kept, open_kept
from ecgclip.evaluation.photos.outcome import Ranking, Reading, rank_photo
from ecgclip.evaluation.photos.rankers import Ranker
from ecgclip.evaluation.photos.reading_json import reading_from_json, reading_to_json

if TYPE_CHECKING:
    from ecgclip.engine.query_input import QueryInput

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Notes:
    """What is known of the photos of one group; what is not known is made, and noted.

    rankings: by name of the method. warm: what was made before; the first of each kind is made twice, as
    what is loaded once is no part of a query's time.
    """

    readings: Kept
    rankings: Mapping[str, Kept]
    warm: set[str]

    def reading(self, key: str, take: Callable[[], Reading]) -> Reading:
        """How a photo was read; key: names the photo and what it shows."""
        if key in self.readings.known:
            return reading_from_json(self.readings.known[key])
        reading = self._made("reading", take)
        if self.readings.file is not None:
            self.readings.add(key, reading_to_json(reading))
        return reading

    def ranking(self, key: str, ranker: Ranker, asked: "QueryInput") -> Ranking:
        """What a method found for a photo that was accepted."""
        kept = self.rankings[ranker.name]
        if key in kept.known:
            case_ids, ms = kept.known[key]
            return Ranking(tuple(case_ids), ms)
        ranking = self._made(ranker.name, lambda: rank_photo(ranker, asked))
        kept.add(key, [ranking.case_ids, ranking.ms])
        return ranking

    def _made(self, kind: str, make: Callable[[], T]) -> T:
        if kind not in self.warm:
            make()
            self.warm.add(kind)
        return make()


@dataclass(frozen=True, eq=False)
class Results:
    """A folder of results, or none; reader: hash of what readings depend on; rankers: by method."""

    folder: Path | None
    reader: str
    rankers: Mapping[str, str]
    warm: set[str] = field(default_factory=set)

    @contextmanager
    def notes(self, group: str) -> Iterator[Notes]:
        """Open the notes of a group of photos."""
        with ExitStack() as stack:
            readings = stack.enter_context(open_kept(self._file("reading", self.reader, group)))
            rankings = {
                name: stack.enter_context(open_kept(self._file(name, digest(self.reader, state), group)))
                for name, state in self.rankers.items()
            }
            yield Notes(readings, rankings, self.warm)

    def _file(self, kind: str, state: str, group: str) -> Path | None:
        if self.folder is None:
            return None
        return self.folder / f"{kind.replace(' ', '-')}-{state}" / f"{group}.jsonl"


def digest(*parts: str | bytes) -> str:
    """16 hexadecimal digits that name these parts."""
    hashed = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        hashed.update(len(data).to_bytes(8, "little") + data)
    return hashed.hexdigest()[:16]
