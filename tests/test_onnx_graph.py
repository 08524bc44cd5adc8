import onnxruntime
import pytest

from ecgclip.encoders.model_files import default_folder, model_files
from ecgclip.encoders.runtime import Runtime
from ecgclip.errors import ModelError
from ecgclip.onnx_graph import open_graph
from ecgclip.photo.flat.network import SheetNetwork


@pytest.mark.parametrize(
    ("flags", "wide"), [("avx2", "1"), (None, "1"), ("avx2 avx512_vnni", ""), ("avx2 avx_vnni", "")]
)
def test_processors_without_vnni_add_wider(monkeypatch, tmp_path, flags, wide):
    """What overflows there cannot be seen on others; that the graphs ask for it can."""
    opened = []
    whole = onnxruntime.InferenceSession

    def session(path, options, providers):
        try:
            opened.append(options.get_session_config_entry("session.x64quantprecision"))
        except RuntimeError:  # not set
            opened.append("")
        return whole(path, options, providers)

    if flags:
        (tmp_path / "cpuinfo").write_text(f"flags\t: fpu {flags} sse\n")
    monkeypatch.setattr("ecgclip.onnx_graph._PROCESSOR", tmp_path / "cpuinfo")
    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    Runtime(model_files(default_folder())).embed_text(["atrial fibrillation"])
    SheetNetwork(default_folder().parent / "sheet-reader" / "sheet.onnx").load()
    assert opened == [wide, wide]


def test_what_is_no_graph_is_one_line(tmp_path):
    (tmp_path / "a.onnx").write_bytes(b"no graph")
    with pytest.raises(ModelError, match=r"a\.onnx is no readable ONNX graph") as caught:
        open_graph(tmp_path / "a.onnx", 1)
    assert "\n" not in str(caught.value)
