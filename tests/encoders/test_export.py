import warnings

import numpy as np
import pytest
import torch

from ecgclip.encoders.preprocess import image_input
from ecgclip.encoders.runtime import Runtime
from ecgclip.errors import ModelError
from tests.encoders.small import REPORTS, small_model


@pytest.fixture(scope="module")
def towers():
    return small_model()


@pytest.fixture(scope="module", params=[False, True], ids=["fp32", "int8"])
def exported(request, towers, tmp_path_factory):
    from ecgclip.encoders.export import export_model

    folder = tmp_path_factory.mktemp("model")
    with warnings.catch_warnings():
        # The exporter warns of its own deprecations; nothing of ours is silenced elsewhere.
        warnings.simplefilter("ignore")
        export_model(*towers, folder, int8=request.param)
    return Runtime(folder), 0.99 if request.param else 0.999


def ink(count):
    return (np.random.default_rng(1).random((count, 256, 512)) < 0.04).astype(np.uint8) * 255


@pytest.mark.parametrize("count", [1, 3])
def test_image_graph_agrees_with_torch_at_any_batch_size(towers, exported, count):
    runtime, bound = exported
    model, _ = towers
    with torch.inference_mode():
        truth = model.encode_image(torch.from_numpy(image_input(ink(count), model.config.image))).numpy()
    found = runtime.embed_ink(ink(count))
    assert found.dtype == np.float32
    assert (found * truth).sum(1).min() >= bound


def test_text_graph_agrees_with_torch(towers, exported):
    runtime, bound = exported
    model, tokenizer = towers
    with torch.inference_mode():
        truth = model.encode_text(*map(torch.from_numpy, tokenizer(REPORTS[:3]))).numpy()
    found = runtime.embed_text(REPORTS[:3])
    assert (found * truth).sum(1).min() >= bound
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_nothing_in_gives_nothing_out(exported):
    runtime, _ = exported
    assert runtime.embed_ink(ink(0)).shape == (0, 32)
    assert runtime.embed_text([]).shape == (0, 32)


def test_a_missing_graph_is_named(exported, tmp_path):
    runtime, _ = exported
    (tmp_path / "config.json").write_bytes((runtime.folder / "config.json").read_bytes())
    with pytest.raises(ModelError, match=r"lacks image\.onnx and text\.onnx"):
        Runtime(tmp_path)


def test_a_damaged_graph_is_named(exported, tmp_path):
    runtime, _ = exported
    for path in runtime.folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes()[:2000])
    (tmp_path / "config.json").write_bytes((runtime.folder / "config.json").read_bytes())
    with pytest.raises(ModelError, match=r"image\.onnx is no readable"):
        Runtime(tmp_path).embed_ink(ink(1))
