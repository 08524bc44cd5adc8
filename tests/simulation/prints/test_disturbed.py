import numpy as np

from ecgclip.simulation.ecg.noise import Disturbance
from ecgclip.simulation.prints.disturbed import Disturbed, disturbed, sample_disturbed

RATE = 500.0
QUIET = Disturbance(0.0, 0.0, 50.0, 0.0)


def _blank():
    signal = np.zeros((12, 5000), np.float32)
    signal[7, 100:200] = np.nan
    return signal


def test_noise_obeys_the_laws_of_the_limb_leads_and_leaves_gaps():
    signal = _blank()
    out = disturbed(signal, RATE, Disturbed(Disturbance(0.2, 0.02, 50.0, 0.03), "", 0.5, 0.4, seed=3))
    one, two, three, avr, avl, avf = out[:6].astype(float)
    assert np.abs(one).max() > 0.1
    assert np.allclose(one + three, two, atol=1e-5)
    assert np.allclose(avr + avl + avf, 0, atol=1e-5)
    assert np.array_equal(np.isnan(out), np.isnan(signal))


def test_an_electrode_that_is_off_shows_a_flat_line():
    signal = _blank() + 1.0
    out = disturbed(signal, RATE, Disturbed(QUIET, "V3", 0.0, 0.5, seed=0))
    assert (out[8] == 0).all()
    assert np.array_equal(np.delete(out, 8, 0), np.delete(signal, 8, 0), equal_nan=True)


def test_settling_fades_with_its_time_constant():
    out = disturbed(np.zeros((12, 5000), np.float32), RATE, Disturbed(QUIET, "", 1.0, 0.4, seed=1))
    ratio = out[0, 200] / out[0, 0]
    assert np.isclose(ratio, np.exp(-200 / RATE / 0.4), atol=1e-3)


def test_most_records_stay_as_they_are():
    rng = np.random.default_rng(0)
    drawn = [sample_disturbed(rng) for _ in range(500)]
    quiet = [what for what in drawn if what.quiet]
    assert 0.65 < len(quiet) / 500 < 0.85
    signal = _blank()
    assert disturbed(signal, RATE, quiet[0]) is signal
