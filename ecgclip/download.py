"""Fetch PTB-XL from PhysioNet; no other code of ecgclip opens a network connection."""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from urllib.request import Request, urlopen

from ecgclip.errors import DownloadError

PTBXL_URL = "https://physionet.org/files/ptb-xl/1.0.3/"
CHECKSUMS = "SHA256SUMS.txt"
_TIMEOUT_S = 60
_BLOCK = 1 << 20

Fetch = Callable[[str, int], bytes]
"""(address, first byte) -> the rest of the file."""


@dataclass(frozen=True)
class RemoteFile:
    path: str
    sha256: str


def ptbxl_files(fetch: Fetch | None = None) -> tuple[RemoteFile, ...]:
    """What PTB-XL 1.0.3 consists of, as its own list of checksums says."""
    text = (fetch or _fetch)(PTBXL_URL + CHECKSUMS, 0).decode("utf-8", "replace")
    pairs = [line.split(maxsplit=1) for line in text.splitlines() if line.strip()]
    files = tuple(RemoteFile(path.strip(), digest) for digest, path in pairs)
    for file in files:
        if PurePosixPath(file.path).is_absolute() or ".." in PurePosixPath(file.path).parts:
            raise DownloadError(
                f"the list of files names {file.path!r}, which leaves the folder; nothing was fetched"
            )
    return files


def download_ptbxl(
    files: Sequence[RemoteFile],
    folder: str | os.PathLike[str],
    advance: Callable[[int], None] = lambda done: None,
    fetch: Fetch | None = None,
) -> None:
    """Fetch each file that is not there yet; an incomplete file is continued where it ends.

    Errors: DownloadError without a network or where a checksum differs.
    """
    for file in files:
        _download(file, Path(folder, file.path), fetch or _fetch)
        advance(1)


def _download(file: RemoteFile, target: Path, fetch: Fetch) -> None:
    if target.is_file() and _sha256(target) == file.sha256:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    if not (part.is_file() and _sha256(part) == file.sha256):
        with part.open("ab") as stream:
            stream.write(fetch(PTBXL_URL + file.path, stream.tell()))
    if _sha256(part) != file.sha256:
        part.unlink()
        raise DownloadError(f"{file.path}: the checksum differs from PhysioNet's list; run the command again")
    part.replace(target)


def _fetch(url: str, first_byte: int) -> bytes:
    request = Request(url, headers={"Range": f"bytes={first_byte}-"} if first_byte else {})
    try:
        with urlopen(request, timeout=_TIMEOUT_S) as response:
            data: bytes = response.read()
    except (OSError, HTTPException) as error:
        raise DownloadError(f"{url} cannot be fetched ({error}); this command needs a network") from error
    # A server that knows no ranges sends the whole file again.
    return data[first_byte:] if first_byte and response.status != 206 else data


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
