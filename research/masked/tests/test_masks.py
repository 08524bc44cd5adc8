import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.masked.masks import hidden, random_mask
from research.masked.settings import Masking


@given(
    seed=st.integers(0, 2**32),
    share=st.floats(0.02, 0.98),
    shortest=st.integers(1, 5),
    more=st.integers(0, 40),
)
def test_a_mask_hides_the_share_to_the_token(seed, share, shortest, more):
    mask = random_mask(4, 32, Masking(share, (shortest, shortest + more)), np.random.default_rng(seed))
    assert mask.shape == (128,)
    assert mask.sum() == round(share * 128)


def test_hidden_tokens_come_in_runs():
    """Of a run of 2 to 6 a token has a hidden neighbour in its row but where the last run was cut short."""
    lonely = total = 0
    for seed in range(50):
        grid = random_mask(4, 32, Masking(), np.random.default_rng(seed)).reshape(4, 32)
        padded = np.pad(grid, ((0, 0), (1, 1)))
        lonely += int((grid & ~padded[:, :-2] & ~padded[:, 2:]).sum())
        total += int(grid.sum())
    assert total == 50 * 51
    assert lonely <= 50


def test_every_token_is_hidden_about_as_often():
    masks = np.mean([random_mask(4, 32, Masking(), np.random.default_rng(i)) for i in range(600)], axis=0)
    rows = masks.reshape(4, 32)
    assert np.allclose(rows.mean(axis=1), 0.4, atol=0.03)
    assert (rows[:, 5:-5] > 0.3).all()
    assert (rows > 0.05).all()  # the ends of a row are reached by fewer runs


def test_a_hidden_token_loses_its_ink_and_no_other_does():
    ink = np.full((256, 512), 200, np.uint8)
    mask = np.zeros(128, np.bool_)
    mask[[0, 33, 127]] = True
    blank = hidden(ink, mask, (64, 16))
    assert not blank[:64, :16].any()
    assert not blank[64:128, 16:32].any()
    assert not blank[192:, 496:].any()
    assert (blank == 200).sum() == 256 * 512 - 3 * 64 * 16
    assert (ink == 200).all()


@pytest.mark.parametrize("settings", [{"share": 0.0}, {"share": 1.0}, {"run": (3, 2)}, {"run": (0, 2)}])
def test_impossible_masks_are_refused(settings):
    with pytest.raises(ValueError, match="expected"):
        Masking(**settings)
