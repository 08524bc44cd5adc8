"""Limb leads on one page, chest leads on the next: one ECG."""

import dataclasses

import numpy as np
import pytest

from ecgclip.paper.page import CanonicalPage
from ecgclip.photo.joining import belong_together, is_half, joined
from ecgclip.photo.page import Page
from ecgclip.photo.rectify import first_readable
from ecgclip.units import LEADS


def half(leads, level, layout="6x1 limb"):
    signal = np.full((12, 5000), np.nan, np.float32)
    for lead in leads:
        signal[LEADS.index(lead)] = level + 0.1 * np.sin(np.arange(5000) / 20)
    return Page(
        accepted=True,
        reason="",
        confidence=0.9,
        image=np.zeros((10, 10), np.uint8),
        canonical=CanonicalPage.blank((f"leads of {layout} cut off", "lead V1 is not on the page", "a word")),
        corners=np.zeros((4, 2), np.float32),
        px_per_mm=4.0,
        input_px_per_mm=8.0,
        rotation_deg=0.0,
        layout=layout,
        signal_mv=signal,
    )


LIMB, CHEST = half(LEADS[:6], 1.0), half(LEADS[6:], 2.0, "6x1 chest")


def test_halves_are_pages_of_a_row_a_lead():
    assert is_half(LIMB)
    assert is_half(CHEST)
    assert not is_half(half(LEADS, 1.0, "12x1"))
    assert not is_half(half(LEADS[:6], 1.0, "3x4"))
    assert not is_half(dataclasses.replace(LIMB, accepted=False))


def test_only_pages_of_different_leads_belong_together():
    assert belong_together(LIMB, CHEST)
    assert belong_together(CHEST, LIMB)
    assert not belong_together(LIMB, LIMB)
    assert not belong_together(LIMB, half(LEADS[6:11], 2.0, "6x1 chest"))


def test_a_joined_page_has_twelve_leads_and_says_so():
    page = joined(LIMB, CHEST, "page 2")
    assert page.leads == LEADS
    assert page.layout == "6x1 limb, 6x1 chest"
    assert page.warnings == ("page 2 was read with it: it shows the other leads", "a word")
    # the chest leads are drawn where the canonical page has them, in its later columns
    assert (page.ink[:, 520:] > 0).any()
    assert np.isfinite(page.traces_mv[:3]).all()


def test_pages_of_different_lengths_are_joined():
    longer = dataclasses.replace(CHEST, signal_mv=np.pad(CHEST.signal_mv, ((0, 0), (0, 1000)), mode="edge"))
    page = joined(LIMB, longer, "page 2")
    assert page.signal_mv.shape == (12, 6000)
    assert np.isnan(page.signal_mv[:6, 5000:]).all()
    assert np.isfinite(page.signal_mv[6:]).all()


def test_the_other_half_is_sought_on_the_pages_behind():
    text = dataclasses.replace(LIMB, accepted=False, reason="a page of text", confidence=0.1)
    pages = [text, LIMB, text, CHEST]
    page = first_readable(4, pages.__getitem__)
    assert page.leads == LEADS
    assert page.warnings[:2] == (
        "page 2 of 4 was read",
        "page 4 was read with it: it shows the other leads",
    )
    alone = first_readable(3, pages.__getitem__)
    assert alone.leads == LEADS[:6]


@pytest.mark.parametrize("order", [(LIMB, CHEST), (CHEST, LIMB)])
def test_two_pictures_are_one_question(order):
    from ecgclip.engine.query_input import other_half, read_query

    first, second = (read_query(page) for page in order)
    both = other_half(first, second)
    assert both is not None
    assert both.photo.leads == LEADS
    assert other_half(first, first) is None
