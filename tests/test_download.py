"""Downloading with a stand-in for the network: complete, resumed, checked."""

import hashlib
from pathlib import Path

import pytest

from ecgclip.download import CHECKSUMS, PTBXL_URL, RemoteFile, download_ptbxl, ptbxl_files
from ecgclip.errors import DownloadError

CONTENT = {"ptbxl_database.csv": b"ecg_id\n1\n", "records100/00000/00001_lr.hea": b"00001_lr 12 100 1000\n"}


class Server:
    """Answers from memory and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def __call__(self, url: str, first_byte: int) -> bytes:
        path = url.removeprefix(PTBXL_URL)
        self.asked.append((path, first_byte))
        if path == CHECKSUMS:
            lines = [f"{hashlib.sha256(data).hexdigest()} {name}" for name, data in CONTENT.items()]
            return "\n".join(lines).encode()
        return CONTENT[path][first_byte:]


def test_all_files_arrive_once(tmp_path: Path) -> None:
    server, steps = Server(), []
    files = ptbxl_files(server)
    download_ptbxl(files, tmp_path, steps.append, server)
    assert {name: (tmp_path / name).read_bytes() for name in CONTENT} == CONTENT
    assert sum(steps) == len(CONTENT)
    before = len(server.asked)
    download_ptbxl(files, tmp_path, fetch=server)
    assert len(server.asked) == before


def test_a_file_cut_short_goes_on(tmp_path: Path) -> None:
    server, name = Server(), "ptbxl_database.csv"
    (tmp_path / f"{name}.part").write_bytes(CONTENT[name][:4])
    download_ptbxl(ptbxl_files(server), tmp_path, fetch=server)
    assert (name, 4) in server.asked
    assert (tmp_path / name).read_bytes() == CONTENT[name]


def test_a_wrong_checksum_is_refused_and_thrown_away(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="checksum differs"):
        download_ptbxl([RemoteFile("ptbxl_database.csv", "0" * 64)], tmp_path, fetch=Server())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["../evil", "/etc/passwd", "a/../../b"])
def test_a_list_that_leaves_the_folder_is_refused(path: str) -> None:
    with pytest.raises(DownloadError, match="leaves the folder"):
        ptbxl_files(lambda url, first: f"{'0' * 64} {path}".encode())
