"""ONNX graphs, opened alike wherever one is run."""

from pathlib import Path
from typing import Any, Final

from ecgclip.errors import ModelError

_OPTIONS: Final = {
    # Processors without VNNI (laptops of before 2019) add two 8-bit products in 16 bits, which may overflow.
    # There a page's vector kept a cosine of .994 to .999 with its own, and a sheet's reading was .3 off in
    # places; this adds them wider. Elsewhere it changes nothing.
    "session.x64quantprecision": "1",
}
_RESTING: Final = {
    # Threads that wait for the next question would take the cores from the steps between.
    "session.intra_op.allow_spinning": "0",
}


def open_graph(path: Path, threads: int, *, resting: bool = False) -> Any:
    """An ONNX Runtime session on the CPU.

    threads: 0 for one a core. resting: its threads sleep between two questions.
    Errors: ModelError where the file is no graph.
    """
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    for name, value in {**_OPTIONS, **(_RESTING if resting else {})}.items():
        options.add_session_config_entry(name, value)
    try:
        return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exception classes are private to its C module
        raise ModelError(
            f"{path} is no readable ONNX graph ({str(error)[:80]}); copy the model, or install ecgclip, anew"
        ) from None
