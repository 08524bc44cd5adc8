from dataclasses import replace

import pytest
import torch

from research.masked.model import MaskedTower
from tests.training.towers.small import CONFIG

SHAPE = CONFIG.image


@pytest.fixture
def tower():
    torch.manual_seed(0)
    return MaskedTower(SHAPE, 7).eval()


def page():
    return torch.rand(2, 1, SHAPE.height_px, SHAPE.width_px, generator=torch.Generator().manual_seed(1))


def test_with_nothing_hidden_it_is_the_tower_that_queries_use(tower):
    nothing = torch.zeros(2, 128, dtype=torch.bool)
    with torch.inference_mode():
        assert torch.equal(tower.states(page(), nothing), tower.tower.forward_features(page()))


def test_hidden_tokens_are_seen_by_their_place_alone(tower):
    """With all tokens hidden, the page does not matter; the place does."""
    everything = torch.ones(2, 128, dtype=torch.bool)
    with torch.inference_mode():
        one, other = tower.states(page(), everything)
    assert torch.equal(one, other)
    assert not torch.allclose(one[0], one[1])


@pytest.mark.parametrize("blocks", [(), (1, 1)])
def test_what_is_hidden_reaches_no_other_token(blocks):
    """Neither through the stem's kernels nor through its residual convolutions."""
    tower = MaskedTower(replace(SHAPE, stem_blocks=blocks), 7).eval()
    mask = torch.zeros(1, 128, dtype=torch.bool)
    mask[0, 40] = True
    changed = page()[:1]
    changed[:, :, 64:128, 128:144] = 5.0
    with torch.inference_mode():
        assert torch.equal(tower.states(page()[:1], mask), tower.states(changed, mask))


def test_logits_stand_in_the_order_of_the_hidden_tokens(tower):
    mask = torch.zeros(2, 128, dtype=torch.bool)
    mask[0, [3, 50]] = mask[1, 7] = True
    with torch.inference_mode():
        logits = tower(page(), mask)
        whole = tower.head(tower.states(page(), mask))
    assert logits.shape == (3, 7)
    for row, (image, token) in enumerate([(0, 3), (0, 50), (1, 7)]):
        assert torch.allclose(logits[row], whole[image, token], atol=1e-6)
