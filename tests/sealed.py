"""A Python process that the kernel kills at its first Internet socket, with an empty home of its own.

Linux's seccomp filter sees what C++ libraries do, which no hook of Python's does.
"""

import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from signal import SIGSYS

FILTER = """
import ctypes, struct
ARCH, SOCKET = {arch}, {socket}
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, KILL = 0x7FFF0000, 0x80000000
steps = [
    (LOAD, 0, 0, 4), (EQUAL, 1, 0, ARCH), (RETURN, 0, 0, KILL),
    (LOAD, 0, 0, 0), (EQUAL, 1, 0, SOCKET), (RETURN, 0, 0, ALLOW),
    (LOAD, 0, 0, 16), (EQUAL, 2, 0, 2), (EQUAL, 1, 0, 10), (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, KILL),
]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0  # no new privileges
assert libc.prctl(22, 2, ctypes.create_string_buffer(program), 0, 0) == 0
"""
"""An address family of 2 or 10 as the first argument of socket() is death; all else is allowed."""
CALLS = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
SUPPORTED = sys.platform == "linux" and platform.machine() in CALLS


@dataclass(frozen=True)
class Ended:
    """How a sealed process ended; files: what it left in its home and temporary folder."""

    code: int
    output: str
    files: tuple[str, ...]

    @property
    def spoke(self) -> bool:
        """It asked for an Internet socket."""
        return self.code == -SIGSYS


def run_sealed(code: str, folder: Path, *words: str) -> Ended:
    """Run code in a fresh interpreter; `sys.argv[1:]` are the words, its working folder is `folder`/work."""
    home, temporary, work = (folder / name for name in ("home", "tmp", "work"))
    for path in (home, temporary, work):
        path.mkdir(parents=True, exist_ok=True)
    # a build machine says CI, which silences some libraries: what is tested is everybody's process
    kept = {key: value for key, value in os.environ.items() if key not in ("CI", "ORT_DISABLE_TELEMETRY")}
    env = kept | {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache"), "TMPDIR": str(temporary)}
    arch, socket = CALLS[platform.machine()]
    script = FILTER.format(arch=arch, socket=socket) + code
    done = subprocess.run(
        [sys.executable, "-c", script, *words], cwd=work, env=env, capture_output=True, text=True, timeout=300
    )
    left = [path for place in (home, temporary) for path in place.rglob("*") if path.is_file()]
    files = tuple(sorted(str(path.relative_to(folder)) for path in left))
    return Ended(done.returncode, done.stdout + done.stderr, files)
