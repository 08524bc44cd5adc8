import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

import ecgclip
from ecgclip.encoders.model_files import model_files
from ecgclip.encoders.preprocess import image_input
from ecgclip.encoders.runtime import Runtime
from ecgclip.errors import ModelError
from ecgclip.paper.raster import ink_page
from ecgclip.simulation.ecg import SyntheticSource
from ecgclip.training.towers.checkpoint import load_model as load_towers
from ecgclip.training.towers.export import export_model
from ecgclip.training.towers.model import EcgClip
from tests.training.towers.small import CONFIG, REPORTS, small_model

SHIPPED = Path(ecgclip.__file__).parent / "weights" / "ecgclip-tiny"


@pytest.fixture(scope="module")
def towers():
    return small_model()


@pytest.fixture(scope="module", params=[False, True], ids=["fp32", "int8"])
def exported(request, towers, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    with warnings.catch_warnings():
        # The exporter warns of its own deprecations; nothing of ours is silenced elsewhere.
        warnings.simplefilter("ignore")
        export_model(*towers, folder, int8=request.param)
    return Runtime(model_files(folder)), 0.99 if request.param else 0.999


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


def test_a_pages_vector_does_not_depend_on_its_neighbours(exported):
    """8-bit activations take their range from all that is embedded in one call."""
    runtime, _ = exported
    assert np.array_equal(runtime.embed_ink(ink(3))[1:2], runtime.embed_ink(ink(3)[1:2]))


def test_text_graph_agrees_with_torch(towers, exported):
    runtime, bound = exported
    model, tokenizer = towers
    with torch.inference_mode():
        truth = model.encode_text(*map(torch.from_numpy, tokenizer(REPORTS[:3]))).numpy()
    found = runtime.embed_text(REPORTS[:3])
    assert (found * truth).sum(1).min() >= bound
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_the_residual_stem_agrees_with_torch_and_its_norms_are_folded(tmp_path):
    shape = replace(CONFIG.image, stem_blocks=(1, 1))
    torch.manual_seed(0)
    model, tokenizer = EcgClip(replace(CONFIG, image=shape)), small_model()[1]
    with torch.no_grad():
        for name, value in model.image.patch_embed.state_dict().items():
            if name.endswith(("norm.weight", "running_var", "running_mean")):
                value.uniform_(0.5, 2.0)
    pixels = torch.from_numpy(image_input(ink(2), shape))
    with torch.inference_mode():
        truth = model.eval().encode_image(pixels).numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        export_model(model, tokenizer, tmp_path)
    assert (Runtime(model_files(tmp_path)).embed_ink(ink(2)) * truth).sum(1).min() >= 0.99
    operators = {node.op_type for node in onnx.load(tmp_path / "image.onnx").graph.node}
    assert "Conv" in operators
    assert "BatchNormalization" not in operators


def test_the_shipped_graphs_are_the_shipped_weights():
    """Cosine of at least .995, what index and query rely on; its convolutions are 8-bit products."""
    runtime, (model, tokenizer) = Runtime(model_files(SHIPPED)), load_towers(SHIPPED)
    source = SyntheticSource(4)
    pages = np.stack([ink_page(source.read(name)) for name in source.ids])
    with torch.inference_mode():
        seen = model.encode_image(torch.from_numpy(image_input(pages, model.config.image))).numpy()
        read = model.encode_text(*map(torch.from_numpy, tokenizer(REPORTS[:3]))).numpy()
    assert (runtime.embed_ink(pages) * seen).sum(1).min() >= 0.995
    assert (runtime.embed_text(REPORTS[:3]) * read).sum(1).min() >= 0.995


def test_nothing_in_gives_nothing_out(exported):
    runtime, _ = exported
    assert runtime.embed_ink(ink(0)).shape == (0, 32)
    assert runtime.embed_text([]).shape == (0, 32)


def test_a_missing_graph_is_named(exported, tmp_path):
    runtime, _ = exported
    (tmp_path / "config.json").write_bytes((runtime.folder / "config.json").read_bytes())
    with pytest.raises(ModelError, match=r"lacks image\.onnx and text\.onnx"):
        Runtime(model_files(tmp_path))


def test_a_damaged_graph_is_named(exported, tmp_path):
    runtime, _ = exported
    for path in runtime.folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes()[:2000])
    (tmp_path / "config.json").write_bytes((runtime.folder / "config.json").read_bytes())
    with pytest.raises(ModelError, match=r"image\.onnx is no readable"):
        Runtime(model_files(tmp_path)).embed_ink(ink(1))


def test_a_graph_does_not_tell_where_it_was_exported(towers, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        export_model(*towers, tmp_path)
    here = str(Path(__file__).parents[3]).encode()
    for graph in tmp_path.glob("*.onnx"):
        assert here not in graph.read_bytes()
        assert b".py" not in graph.read_bytes()
