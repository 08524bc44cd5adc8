"""Files are whole or as they were."""

import errno
import os
import socket
from pathlib import Path

import pytest

from ecgclip.cli.output import print_json
from ecgclip.figures.picture import save_picture
from ecgclip.files import atomic_write, open_regular, read_small
from ecgclip.paper.render import render
from ecgclip.simulation.ecg import SyntheticSource


def test_what_fails_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "page.png"
    target.write_text("before")

    def half() -> None:
        with atomic_write(target) as part:
            part.write_text("half")
            raise OSError(errno.ENOSPC, "full")

    with pytest.raises(OSError, match="full") as caught:
        half()
    assert caught.value.filename == str(target)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("page.png", "before")]
    with (
        pytest.raises(FileNotFoundError, match="no such folder"),
        atomic_write(tmp_path / "none" / "page.png"),
    ):
        pass


@pytest.mark.parametrize("name", ["page.png", "page.jpg", "page.svg", "page.pdf", "saved.png"])
def test_pictures_are_written_whole(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / name
    target.write_text("before")

    def refuse(part: Path, to: Path) -> Path:
        assert part.stat().st_size > 50
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(Path, "replace", refuse)
    page = render(SyntheticSource(1).read("00001"), px_per_mm=2)
    save = (lambda: save_picture(page.array, target)) if name == "saved.png" else (lambda: page.save(target))
    with pytest.raises(OSError, match="full"):
        save()
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [(name, "before")]


def test_a_name_that_is_no_utf8_can_be_told(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"path": "M\udcfcller.jpg"})
    assert "M?ller.jpg" in capsys.readouterr().out


def test_pipes_sockets_devices_and_folders_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # opened as usual, it would be waited for until somebody writes
    (tmp_path / "zero").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "socket"))
        for path in (tmp_path / "pipe", tmp_path / "zero", tmp_path / "socket", tmp_path):
            with pytest.raises(OSError, match="not a regular file") as refusal:
                open_regular(path)
            assert refusal.value.filename == str(path)
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError, match="symbolic links"):
        open_regular(tmp_path / "loop")


def test_a_small_file_is_read_whole_and_a_large_one_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 2**20)
    (tmp_path / "linked").symlink_to("a")
    assert read_small(tmp_path / "linked", 2**20) == b"x" * 2**20
    with pytest.raises(OSError, match=r"larger than the 0\.5 MiB"):
        read_small(tmp_path / "a", 2**19)
