"""The losses of the published comparison against their closed forms, and a run with all three of them."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from ecgclip.encoders.text import SPECIAL_TOKENS, ReportTokenizer, train_tokenizer
from ecgclip.errors import ConfigError
from ecgclip.records.ecg import Ecg
from ecgclip.training.augment import vary_signal
from ecgclip.training.contrastive.data import BatchMaker
from ecgclip.training.contrastive.losses import contrastive_loss
from ecgclip.training.contrastive.settings import Contrast, Losses, PhotoViews
from ecgclip.training.contrastive.step import TrainingStep
from ecgclip.training.towers.checkpoint import save_model
from research.qiu.fields import field_page
from research.qiu.matching import hard_negatives, hide_words, masking_loss, matching_loss
from research.qiu.model import FusedClip, load_fused
from research.qiu.momentum import MomentumContrast
from research.qiu.settings import Pairing
from research.qiu.tests.small import ALL, FUSED, GRID, SMALL, small_row
from research.qiu.training import PairStep, RowBatches, train
from research.qiu.views import varied
from tests.training.small_run import small_cache
from tests.training.towers.small import small_model

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:torch.*", "ignore::DeprecationWarning:tensorboard.*"
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return small_cache(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def tokenizer(cache):
    return ReportTokenizer(train_tokenizer([row.report for row in cache.rows], 120), 24)


def unit(*shape, seed=0):
    return F.normalize(torch.randn(*shape, generator=torch.Generator().manual_seed(seed)), dim=-1)


def test_without_queue_and_softening_the_contrast_is_clip_against_the_slow_vectors():
    contrast = MomentumContrast(small_model()[0], Pairing(momentum=1.0, alpha=0.0, queue=0))
    image, text, group = unit(6, 32), unit(6, 32, seed=1), torch.arange(6)
    found = contrast(image, text, (image, text), group, torch.tensor(10.0))
    by_hand = contrastive_loss(Contrast.CLIP, image, text, torch.tensor(10.0), torch.eye(6))
    assert found.item() == pytest.approx(by_hand.item(), rel=1e-5)


def test_queued_vectors_are_further_answers_and_equal_reports_are_right_ones():
    contrast = MomentumContrast(small_model()[0], Pairing(momentum=1.0, alpha=0.0, queue=8))
    past, now = (unit(4, 32, seed=2), unit(4, 32, seed=3)), (unit(4, 32, seed=4), unit(4, 32, seed=5))
    scale = torch.tensor(5.0)
    contrast(*past, past, torch.tensor([0, 1, 2, 3]), scale)
    found = contrast(*now, now, torch.tensor([4, 0, 5, 6]), scale)
    total = 0.0
    for one, answers in ((now[0], torch.cat([now[1], past[1]])), (now[1], torch.cat([now[0], past[0]]))):
        log_p = torch.log_softmax(scale * one @ answers.T, 1)
        # the second record's report waits in the queue, too, as its first entry
        total -= (log_p[0, 0] + (log_p[1, 1] + log_p[1, 4]) / 2 + log_p[2, 2] + log_p[3, 3]) / 4
    assert found.item() == pytest.approx((total / 2).item(), rel=1e-5)


def test_softened_labels_are_a_share_of_what_the_slow_encoder_finds_alike():
    contrast = MomentumContrast(small_model()[0], Pairing(momentum=1.0, alpha=0.4, alpha_steps=0, queue=0))
    image, text, slow = unit(4, 32), unit(4, 32, seed=1), (unit(4, 32, seed=2), unit(4, 32, seed=3))
    scale, right = torch.tensor(5.0), torch.eye(4)
    found = contrast(image, text, slow, torch.arange(4), scale)
    to_text = 0.4 * torch.softmax(scale * slow[0] @ slow[1].T, 1) + 0.6 * right
    to_image = 0.4 * torch.softmax(scale * slow[1] @ slow[0].T, 1) + 0.6 * right
    by_hand = -(to_text * torch.log_softmax(scale * image @ slow[1].T, 1)).sum(1).mean()
    by_hand -= (to_image * torch.log_softmax(scale * text @ slow[0].T, 1)).sum(1).mean()
    assert found.item() == pytest.approx(by_hand.item() / 2, rel=1e-5)


def test_the_queue_keeps_the_newest_vectors():
    contrast = MomentumContrast(small_model()[0], Pairing(momentum=1.0, queue=5))
    for start in (0, 3, 6):
        rows = unit(3, 32, seed=start)
        contrast(rows, rows, (rows, rows), torch.arange(start, start + 3), torch.tensor(1.0))
    assert sorted(contrast.group_queue.tolist()) == [4, 5, 6, 7, 8]
    place = contrast.group_queue.tolist().index(7)
    assert torch.equal(contrast.text_queue[place], unit(3, 32, seed=6)[1])


def test_the_slow_copy_follows_by_its_decay():
    model, _ = small_model()
    contrast = MomentumContrast(model, Pairing(momentum=1.0, decay=0.9))
    before = contrast.slow.image_projection.weight.clone()
    with torch.no_grad():
        model.image_projection.weight += 1.0
    contrast.follow(model)
    assert torch.allclose(contrast.slow.image_projection.weight, before + 0.1, atol=1e-6)
    assert not any(parameter.requires_grad for parameter in contrast.slow.parameters())


def test_hard_negatives_are_drawn_by_the_softmax_of_the_wrong_answers():
    torch.manual_seed(0)
    logits = torch.tensor([[9.0, 0.0, np.log(3.0)], [0.0, 9.0, 0.0]])
    same = torch.tensor([[True, False, False], [False, True, False]])
    drawn = torch.stack([hard_negatives(logits, same)[1] for _ in range(4000)]).float()
    assert (drawn[:, 0] == 2).float().mean().item() == pytest.approx(0.75, abs=0.03)
    assert set(drawn[:, 1].tolist()) == {0.0, 2.0}


def test_a_row_with_right_answers_alone_gets_no_negative():
    same = torch.tensor([[True, True], [True, False]])
    rows, columns = hard_negatives(torch.zeros(2, 2), same)
    assert (rows.tolist(), columns.tolist()) == ([1], [1])
    assert hard_negatives(torch.zeros(2, 2), torch.ones(2, 2, dtype=torch.bool))[0].tolist() == []


def test_an_undecided_matching_head_loses_log_two(cache):
    fusion = FusedClip(FUSED).eval().fusion
    torch.nn.init.zeros_(fusion.match.weight)
    torch.nn.init.zeros_(fusion.match.bias)
    same = torch.eye(4, dtype=torch.bool)
    inputs = torch.randn(4, 5, 48), torch.ones(4, 5, dtype=torch.int64), torch.randn(4, 7, 48)
    loss = matching_loss(fusion, *inputs, torch.zeros(4, 4), same)
    assert loss.item() == pytest.approx(np.log(2), rel=1e-5)


def test_padding_does_not_change_a_match():
    torch.manual_seed(0)
    fusion = FusedClip(FUSED).eval().fusion
    states, tokens = torch.randn(1, 5, 48), torch.randn(1, 7, 48)
    mask = torch.ones(1, 5, dtype=torch.int64)
    padded = (
        torch.cat([states, torch.randn(1, 3, 48)], 1),
        torch.cat([mask, torch.zeros_like(mask)[:, :3]], 1),
    )
    assert torch.allclose(fusion.matching(states, mask, tokens), fusion.matching(*padded, tokens), atol=1e-5)


def test_words_are_hidden_at_the_stated_rate_and_special_tokens_never():
    torch.manual_seed(0)
    ids = torch.randint(0, 100, (400, 50))
    hidden, chosen = hide_words(ids, 0.15, 100)
    words = ids >= len(SPECIAL_TOKENS)
    assert not chosen[~words].any()
    assert torch.equal(hidden[~chosen], ids[~chosen])
    assert chosen[words].float().mean().item() == pytest.approx(0.15, abs=0.01)
    masked = hidden[chosen] == SPECIAL_TOKENS.index("[MASK]")
    kept = hidden[chosen] == ids[chosen]
    assert masked.float().mean().item() == pytest.approx(0.8, abs=0.02)
    assert kept.float().mean().item() == pytest.approx(0.1, abs=0.02)


def test_the_tokenizer_numbers_special_tokens_as_stated(tokenizer):
    assert [tokenizer.tokenizer.token_to_id(name) for name in SPECIAL_TOKENS] == [0, 1, 2, 3, 4]


def test_guessing_no_word_costs_nothing():
    assert masking_loss(torch.zeros(0, 9), torch.zeros(0, dtype=torch.int64)).item() == 0
    assert masking_loss(torch.zeros(3, 9), torch.tensor([1, 2, 3])).item() == pytest.approx(np.log(9))


def test_matching_without_a_fusion_encoder_is_refused():
    with pytest.raises(ConfigError, match="fusion_depth"):
        PairStep(FusedClip(SMALL), Losses(), 0, Pairing(matching=1.0))


def test_terms_without_weight_leave_the_step_as_it_was(cache, tokenizer):
    model = FusedClip(SMALL).eval()
    batch = next(BatchMaker(small_row(), model.config, cache, tokenizer).epoch(0))
    plain, asked = TrainingStep(model, Losses()), PairStep(model, Losses(), 0, Pairing())
    assert list(plain.state_dict()) == list(asked.state_dict())
    assert plain(batch)["total"].item() == asked(batch)["total"].item()


def test_a_run_with_all_three_losses_resumes_exactly_and_keeps_its_fusion_encoder(cache, tokenizer, tmp_path):
    config = small_row(model=replace(FUSED, image=GRID), pairing=ALL)
    lines = []
    whole = train(config, cache, tokenizer, tmp_path / "whole", log=lines.append)
    assert all(term in lines[-1] for term in ("momentum", "matching", "masking"))
    with pytest.raises(KeyboardInterrupt):
        train(config, cache, tokenizer, tmp_path / "parts", log=stop_after_first_epoch)
    parts = train(config, cache, tokenizer, tmp_path / "parts", resume=True)
    save_model(whole, tokenizer, tmp_path / "saved")
    again, _ = load_fused(tmp_path / "saved")
    for name, value in whole.state_dict().items():
        assert torch.equal(value, parts.state_dict()[name]), name
        assert torch.equal(value, again.state_dict()[name]), name


def stop_after_first_epoch(line: str) -> None:
    if not line.startswith("epoch 1:"):
        raise KeyboardInterrupt


def test_the_matching_head_learns_which_tokens_go_with_which_words():
    torch.manual_seed(0)
    fusion = FusedClip(FUSED).train().fusion
    kinds = torch.arange(12) % 3
    same = kinds[:, None] == kinds[None]
    states, tokens, mask = torch.randn(3, 5, 48)[kinds], torch.randn(3, 7, 48)[kinds], torch.ones(12, 5)
    optimizer = torch.optim.AdamW(fusion.parameters(), 3e-3)
    for _ in range(60):
        matching_loss(fusion, states, mask, tokens, torch.zeros(12, 12), same).backward()
        optimizer.step()
        optimizer.zero_grad()
    everyone = torch.cartesian_prod(torch.arange(12), torch.arange(12))
    with torch.inference_mode():
        odds = fusion.eval().matching(states[everyone[:, 1]], mask[everyone[:, 1]], tokens[everyone[:, 0]])
    assert torch.equal(odds.view(12, 12) > 0, same)


def test_a_model_of_fields_trains_on_the_varied_signal(cache, tokenizer, tmp_path):
    config = small_row(model=replace(FUSED, image=GRID), pairing=ALL, epochs=1)
    batch = next(RowBatches(config, config.model, cache, tokenizer).epoch(0))
    assert batch.pages.shape == (12, 3, 48, 64)
    assert train(config, cache, tokenizer, tmp_path).config.image == GRID


def test_fields_are_those_of_the_varied_signal():
    signal = np.random.default_rng(0).standard_normal((12, 1000)).cumsum(1).astype(np.float32)
    settings = replace(small_row().augment, probability=1.0)
    rng = np.random.default_rng(1)
    heard, seen = varied(signal, 100.0, GRID, settings, rng)
    rng = np.random.default_rng(1)
    rng.random()
    expected = vary_signal(signal, 100.0, settings, rng)
    assert np.array_equal(heard, expected, equal_nan=True)
    assert np.array_equal(seen, field_page(Ecg(expected, 100.0), GRID.input.fields, 16))


def test_photos_of_fields_are_refused():
    with pytest.raises(ValueError, match="a photo shows paper"):
        small_row(model=replace(SMALL, image=GRID), photo_views=PhotoViews(per_record=1))


def test_a_queue_smaller_than_a_batch_is_refused():
    with pytest.raises(ValueError, match="holds no batch"):
        small_row(pairing=Pairing(momentum=1.0, queue=4))
