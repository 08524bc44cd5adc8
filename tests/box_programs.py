"""Programs for the box, each as ill-behaved as its request says."""

import os
import time

from ecgclip.box.message import Facts, Payload
from ecgclip.errors import ImageError


class Program:
    def answer(self, request: Facts, data: bytes) -> tuple[Facts, Payload]:
        match request["do"]:
            case "echo":
                print("a decoder's own remark")
                os.write(1, b"past Python")
                return {"said": request["words"]}, data[::-1]
            case "sleep":
                time.sleep(60)
            case "spin":
                while True:
                    pass
            case "fill":
                return {"bytes": len(bytearray(request["bytes"]))}, b""
            case "end":
                os._exit(0)
            case "refuse":
                raise ImageError("no ECG; photograph one")
            case "write":
                return {"written": _written(request["path"])}, b""
        return {}, b""


def _written(path: str) -> int:
    try:
        with open(path, "wb") as file:
            file.write(b"a patient's name")
    except OSError:
        pass
    return os.path.getsize(path)
