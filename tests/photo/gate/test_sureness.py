"""Laws of the limb leads, and how sure a page is."""

import dataclasses

import numpy as np
import pytest

from ecgclip.photo.gate.laws import limb_laws_db
from ecgclip.photo.gate.sureness import EVIDENCE, Reading, load_sureness
from ecgclip.units import LEADS


def limb_leads(noise=0.0):
    rng = np.random.default_rng(0)
    time = np.arange(5000) / 500
    one, three = np.sin(9 * time), 0.6 * np.cos(7 * time)
    two = one + three
    leads = [one, two, three, -(one + two) / 2, (one - three) / 2, (two + three) / 2]
    signal = np.full((12, 5000), np.nan, np.float32)
    signal[:6] = np.stack(leads) + noise * rng.normal(0, 1, (6, 5000))
    return signal


def test_leads_that_add_up_have_a_high_figure():
    assert limb_laws_db(limb_leads()) > 50
    assert limb_laws_db(limb_leads(0.1)) == pytest.approx(12.9, abs=1.5)


def test_offsets_do_not_count_and_a_misnamed_lead_does():
    signal = limb_leads()
    signal[:6] += np.arange(6)[:, None]
    assert limb_laws_db(signal) > 50
    signal[[1, 2]] = signal[[2, 1]]
    assert limb_laws_db(signal) < 40


def test_leads_of_different_seconds_say_nothing():
    signal = limb_leads()
    for k in range(6):
        shown = slice(k * 800, (k + 1) * 800)
        kept = signal[k, shown].copy()
        signal[k] = np.nan
        signal[k, shown] = kept
    assert limb_laws_db(signal) is None
    assert limb_laws_db(np.full((12, 0), np.nan, np.float32)) is None


GOOD = Reading(
    laws=1.0,
    laws_unknown=0.0,
    named=1.0,
    fitting=1.0,
    shown=1.0,
    clear=1.0,
    speed=1.0,
    gain=1.0,
    fine=1.0,
    twelve=1.0,
)


def test_the_shipped_weights_know_every_piece_of_evidence():
    assert set(EVIDENCE) == {field.name for field in dataclasses.fields(Reading)}
    assert np.isfinite(load_sureness().weights).all()
    assert len(LEADS) == 12


def test_what_speaks_for_a_reading_makes_it_surer():
    weights = load_sureness()
    assert weights.sureness(GOOD) > 0.8
    for name in ("laws", "fitting", "shown", "clear"):
        assert weights.sureness(dataclasses.replace(GOOD, **{name: 0.0})) <= weights.sureness(GOOD)
    bad = Reading(0.0, 0.0, 0.0, 0.0, 0.3, 0.5, 0.5, 0.5, 0.3, 0.5)
    assert weights.sureness(bad) < 0.5
