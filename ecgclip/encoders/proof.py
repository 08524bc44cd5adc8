"""A model that others made is tried in a box before it is trusted with a question.

Its graphs are programs: they may need a terabyte, never end, or answer something else than vectors.
"""

from pathlib import Path

from ecgclip.box.limits import MEMORY_MB, SECONDS, Limits, current_limits
from ecgclip.box.parent import Box, Crashed, OutOfMemory, OutOfTime, Told
from ecgclip.errors import ModelError

_MEMORY_SHARE = 1.4
"""Of what a decoder may have: ONNX Runtime and its copy of the weights come on top."""


def prove(folder: Path) -> None:
    """Have the model embed two pages and two reports; ModelError where it does not within the limits."""
    usual = current_limits()
    box = Box("ecgclip.encoders.proof_program", Limits(usual.seconds, int(usual.memory_mb * _MEMORY_SHARE)))
    try:
        box.ask({"folder": str(folder.absolute())})
    except Told as error:
        raise ModelError(str(error)) from None
    except OutOfTime:
        raise ModelError(
            f"{folder}: this model takes more than {usual.seconds:g} s for two pages and two reports; "
            f"give another, or allow more by {SECONDS}"
        ) from None
    except (OutOfMemory, Crashed):
        raise ModelError(
            f"{folder}: this model needs more than {box.limits.memory_mb} MB, or its graphs are damaged; "
            f"give another, or allow more by {MEMORY_MB}"
        ) from None
    finally:
        box.close()
