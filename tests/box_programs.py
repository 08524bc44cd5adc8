"""Programs for the box, each as ill-behaved as its request says."""

import os
import subprocess
import time
from contextlib import suppress

from ecgclip.box.message import NOTHING, Facts, Payload
from ecgclip.errors import ImageError


class Program:
    def answer(self, request: Facts, data: bytes) -> tuple[Facts, Payload]:
        match request["do"]:
            case "echo":
                print("a decoder's own remark")
                os.write(1, b"past Python")
                return {"said": request["words"]}, Payload.of(data[::-1])
            case "sleep":
                time.sleep(request["seconds"])
            case "spin":
                while True:
                    pass
            case "work":
                until = time.process_time() + request["seconds"]
                while time.process_time() < until:
                    pass
            case "fill":
                return {"bytes": len(bytearray(request["bytes"]))}, NOTHING
            case "end":
                os._exit(0)
            case "start another":
                _start_another()
            case "refuse":
                raise ImageError(request.get("words", "no ECG; photograph one"))
            case "write":
                return {"written": _written(request["path"])}, NOTHING
        return {}, NOTHING


def _start_another() -> None:
    """It keeps every pipe open."""
    for pipe in range(3, 20):
        with suppress(OSError):
            os.set_inheritable(pipe, True)
    subprocess.Popen(["sleep", "60"], close_fds=False)
    os._exit(0)


def _written(path: str) -> int:
    try:
        with open(path, "wb") as file:
            file.write(b"a patient's name")
    except OSError:
        pass
    return os.path.getsize(path)
