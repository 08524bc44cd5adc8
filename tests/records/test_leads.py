"""Twelve leads from whatever channels a file has, against Einthoven's and Goldberger's equations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgclip.errors import RecordError
from ecgclip.records.leads import standard_lead, twelve_leads
from ecgclip.units import LEADS

from .conftest import beats

SIGNAL = beats(500, 100.0)


@given(order=st.permutations(range(12)), prefix=st.sampled_from(["", "ECG ", "lead ", "MDC_ECG_LEAD_"]))
def test_any_order_and_naming_gives_the_standard_order(order: list[int], prefix: str) -> None:
    names = [prefix + LEADS[row].lower() for row in order]
    signal, warnings = twelve_leads(SIGNAL[order], names)
    np.testing.assert_array_equal(signal, SIGNAL.astype(np.float32))
    assert signal.dtype == np.float32
    assert warnings == ()


def test_limb_leads_are_computed_from_one_and_two() -> None:
    signal, warnings = twelve_leads(SIGNAL[[1, 0, 6]], ["II", "I", "V1"])
    np.testing.assert_allclose(signal[:7], SIGNAL[:7], atol=1.1e-3)  # the truth is rounded to 1 µV
    np.testing.assert_allclose(signal[2], signal[1] - signal[0])
    np.testing.assert_allclose(signal[3] + signal[4] + signal[5], 0, atol=1e-6)
    assert np.isnan(signal[7:]).all()
    assert warnings == ("computed from I and II: III, aVR, aVL, aVF",)


def test_without_lead_two_nothing_is_computed() -> None:
    signal, _ = twelve_leads(SIGNAL[[0, 6]], ["I", "V1"])
    assert np.isfinite(signal[[0, 6]]).all()
    assert np.isnan(np.delete(signal, [0, 6], axis=0)).all()


def test_a_printed_lead_keeps_its_window() -> None:
    windowed = SIGNAL.copy()
    windowed[3, :250] = np.nan
    signal, warnings = twelve_leads(windowed, LEADS)
    assert np.isnan(signal[3, :250]).all()
    assert np.isfinite(signal[3, 250:]).all()
    assert warnings == ()


def test_cabrera_lead_is_turned_over() -> None:
    signal, warnings = twelve_leads(-SIGNAL[[3]], ["-aVR"])
    np.testing.assert_array_equal(signal[3], SIGNAL[3].astype(np.float32))
    assert warnings == ("channel '-aVR' was inverted to aVR",)


def test_repeated_and_foreign_channels_are_left_out_aloud() -> None:
    signal, warnings = twelve_leads(SIGNAL[[1, 7, 0]], ["II", "MLII", "Resp"])
    np.testing.assert_array_equal(signal[1], SIGNAL[1].astype(np.float32))
    assert warnings == (
        "channel 'MLII' repeats lead II and was left out",
        "channel 'Resp' is no standard lead and was left out",
    )


def test_infinite_samples_become_gaps_and_flat_leads_are_named() -> None:
    broken = SIGNAL.copy()
    broken[6, 3] = np.inf
    broken[8] = 0.25
    signal, warnings = twelve_leads(broken, LEADS)
    assert np.isnan(signal[6, 3])
    assert np.isfinite(np.delete(signal[6], 3)).all()
    assert warnings == ("1 infinite samples were taken as not recorded", "flat: V3")


def test_an_offset_of_the_electrodes_is_no_absurd_gain() -> None:
    signal, _ = twelve_leads(SIGNAL + 300, LEADS)
    np.testing.assert_allclose(signal, SIGNAL + 300, rtol=1e-6)


@pytest.mark.parametrize(
    ("signal", "names", "message"),
    [
        (SIGNAL[:2], ["Resp", "SpO2"], "no ECG lead among the channels 'Resp', 'SpO2'"),
        (SIGNAL[:0], [], r"no ECG lead among the channels \(none\)"),
        (SIGNAL, LEADS[:11], "12, 500.*11 channel names"),
        (SIGNAL[0], LEADS, "expected .channel, sample."),
        (SIGNAL[:, :0], LEADS, "empty: 0 samples"),
        (SIGNAL * np.nan, LEADS, "every lead is NaN"),
        (SIGNAL * 1000, LEADS, "absurd gain.*expected below 20 mV"),
        (SIGNAL / 1000, LEADS, "every lead is flat.*volts"),
        (SIGNAL * 0 + 4, LEADS, "every lead is flat"),
    ],
)
def test_what_cannot_be_an_ecg_is_refused(signal: np.ndarray, names: list[str], message: str) -> None:
    with pytest.raises(RecordError, match=message) as refusal:
        twelve_leads(signal, names)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", ["Resp", "PLETH", "V7", "ECG", "", "-", "signal_0"])
def test_other_channels_are_no_lead(name: str) -> None:
    assert standard_lead(name) is None
