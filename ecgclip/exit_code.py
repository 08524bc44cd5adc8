"""The exit code of a command, and the one line on stderr that says what went wrong.

Exit codes: 0 done; 2 wrong usage or bad input; 3 the image was refused; 130 interrupted; 141 nobody reads
the output any more.
"""

import errno
import os
import sys
from collections.abc import Callable
from contextlib import suppress

from ecgclip.errors import EcgClipError, RefusedImageError
from ecgclip.files import one_line

BAD_INPUT = 2
REFUSED = 3
INTERRUPTED = 130
BROKEN_PIPE = 141

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def exit_code_of(program: Callable[[], int | None]) -> int:
    """Run a program and return its exit code; errors that a user can correct become one line on stderr."""
    try:
        code = program() or 0
        sys.stdout.flush()
        return code
    except SystemExit as stop:  # argparse ends so, after --help and after a usage error
        return stop.code if isinstance(stop.code, int) else BAD_INPUT
    except RefusedImageError as error:
        return _fail(str(error), REFUSED)
    except EcgClipError as error:
        return _fail(str(error), BAD_INPUT)
    except KeyboardInterrupt:
        return _fail("interrupted", INTERRUPTED)
    except BrokenPipeError:
        return _quiet_end()
    except MemoryError:
        return _fail("not enough memory for this; give fewer or smaller inputs", BAD_INPUT)
    except ImportError as error:
        return _fail(
            f"a library cannot be loaded ({error}); run ecgclip doctor, or allow more memory", BAD_INPUT
        )
    except OSError as error:
        return _fail(_os_words(error), BAD_INPUT)


def open_streams() -> None:
    """Open closed standard streams on the null device.

    Else output would go to the first file that is opened.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115


def _fail(words: str, code: int) -> int:
    with suppress(OSError):  # a full disk or a closed pipe: the exit code still says what happened
        print(f"ecgclip: {one_line(words)}", file=sys.stderr, flush=True)
    return code


def _os_words(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    if error.errno in _FULL:
        return f"{where}no space left on the disk; make room and run it again"
    return f"{where}{error.strerror or error}"


def _quiet_end() -> int:
    """The reader of the pipe went away: end without the interpreter's complaint when it flushes stdout."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE
