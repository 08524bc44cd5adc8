"""`remove_cases`: take cases or patients out of an index, and out of what stopped writers left beside it.

Afterwards nothing of them is left: no report, trace or vector in the index, no old index, no folder of a
stopped build. A patient who is in such a leftover alone is removed with it. All of it, from the first look to
the last, happens under one writing lock: no build can put anybody back meanwhile.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.store.cases import CaseStore
from ecgclip.retrieval.store.index_files import IndexFiles
from ecgclip.retrieval.store.leftovers import clear_locked, places_with
from ecgclip.retrieval.store.lock import writing_lock
from ecgclip.retrieval.store.manifest import Manifest
from ecgclip.retrieval.store.partial import Spec
from ecgclip.retrieval.store.snapshot import Snapshot
from ecgclip.retrieval.store.swap import delete_own, old_path, partial_path
from ecgclip.retrieval.store.writer import update_locked


@dataclass(frozen=True)
class Removal:
    """removed: cases taken out of the index; cases: those that stay; leftovers: deleted with some in them."""

    removed: int
    cases: int
    leftovers: tuple[Path, ...]


@dataclass(frozen=True)
class _ToRemove:
    """A case or a patient to remove; sources: of a patient, the cases of these sources alone."""

    column: str
    value: str
    sources: tuple[str, ...] = ()

    def places(self, index: Path) -> list[Path]:
        return places_with(index, self.column, self.value, self.sources)


def remove_cases(
    path: Path, case_ids: Iterable[str] = (), patient_ids: Iterable[str] = (), sources: Sequence[str] = ()
) -> Removal:
    """Remove cases by name and all cases of patients; sources: of the patients, the cases of these alone.

    Errors: IndexStoreError where one of them is nowhere, or it may be two people of one number: nothing was
    removed then; where another writes; and where something of them may be left, which it names.
    """
    wanted = [_ToRemove("case_id", name) for name in dict.fromkeys(case_ids)]
    wanted += [_ToRemove("patient_id", name, tuple(sources)) for name in dict.fromkeys(patient_ids)]
    index = path.resolve()
    if not any(map(_is_there, (index, old_path(index), partial_path(index)))):
        IndexFiles(path)  # says that there is none
    with writing_lock(index):
        try:
            return _removed(index, wanted)
        except OSError as error:
            raise IndexStoreError(
                f"index {index}: what a stopped command left cannot be deleted ({error}), and may hold what "
                "was to be removed; mend that and run the command again"
            ) from error


def _removed(index: Path, wanted: Sequence[_ToRemove]) -> Removal:
    held = {one: [place for place in one.places(index) if place != index] for one in wanted}
    folders = tuple(dict.fromkeys(place for places in held.values() for place in places))
    clear_locked(index)  # may rename an old index back
    names: list[str] = []
    if _is_there(index) or not folders:
        snapshot = Snapshot(IndexFiles(index))
        names = _names(snapshot, held)
        if names:
            with update_locked(index, _spec(snapshot.manifest)) as writer:
                writer.remove(names)
    if folders:
        delete_own(partial_path(index))
    return Removal(len(names), _stay(index, wanted), folders)


def _stay(index: Path, wanted: Sequence[_ToRemove]) -> int:
    """The number of cases that stay; IndexStoreError where one that was to go may still be somewhere."""
    places = (one.places(index) for one in wanted)
    left = dict.fromkeys(str(place) for found in places for place in found if _is_there(place))
    if left:
        raise IndexStoreError(
            f"{', '.join(left)} may still hold what was to be removed; run the command again, or delete it "
            "yourself"
        )
    return IndexFiles(index).manifest.count if _is_there(index) else 0


def _is_there(place: Path) -> bool:
    """Whether something lies there; an empty folder is no index yet."""
    return place.is_symlink() or (place.exists() and not (place.is_dir() and not any(place.iterdir())))


def _spec(manifest: Manifest) -> Spec:
    return Spec(manifest.model_hash, manifest.dim, manifest.geometry)


def _names(snapshot: Snapshot, held: dict[_ToRemove, list[Path]]) -> list[str]:
    """The case_ids to remove; IndexStoreError where one is nowhere: to remove the rest looks like success."""
    found = {one: _of(snapshot.cases, one) for one in held}
    missing = [one for one in held if not found[one] and not held[one]]
    for column, what in (("case_id", "case"), ("patient_id", "patient")):
        values = [one for one in missing if one.column == column]
        if values:
            among = values[0].sources
            where = f" of the sources {', '.join(among)}" if among else ""
            raise IndexStoreError(
                f"{snapshot.path} has no {what} {', '.join(one.value for one in values)}{where}; "
                "nothing was removed"
            )
    for one, cases in found.items():
        _check_one_person(one, sorted({source for _, source in cases}))
    return list(dict.fromkeys(case for cases in found.values() for case, _ in cases))


def _of(cases: CaseStore, one: _ToRemove) -> list[tuple[str, str]]:
    """(case_id, source) of those that are to go."""
    if one.column == "case_id":
        case = cases.get(one.value)
        return [(case.case_id, case.source)] if case else []
    return [case for case in cases.of_patient(one.value) if not one.sources or case[1] in one.sources]


def _check_one_person(one: _ToRemove, sources: Sequence[str]) -> None:
    if one.column == "patient_id" and len(sources) > 1 and not one.sources:
        raise IndexStoreError(
            f"the sources {', '.join(sources)} each have a patient {one.value}, who need not be one "
            "person; nothing was removed; name those that are meant with --source"
        )
