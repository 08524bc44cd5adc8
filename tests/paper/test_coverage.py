"""What of a record is on its page, and what is said of the rest."""

import numpy as np
import pytest

from ecgclip.errors import RecordError
from ecgclip.paper.coverage import check_shown, page_warnings
from ecgclip.paper.raster import ink_page
from ecgclip.records.ecg import Ecg
from ecgclip.units import LEADS


def recorded(start_s: float, stop_s: float, duration_s: float, rate_hz: float = 100.0) -> Ecg:
    """All leads from start to stop, nothing before and after."""
    signal = np.full((12, round(duration_s * rate_hz)), np.nan, np.float32)
    time_s = np.arange(round(start_s * rate_hz), round(stop_s * rate_hz)) / rate_hz
    signal[:, round(start_s * rate_hz) : round(stop_s * rate_hz)] = np.sin(6 * time_s)
    return Ecg(signal, rate_hz, "r", "s")


@pytest.mark.parametrize("ecg", [recorded(10, 20, 20), recorded(0, 0.004, 0.004, 500.0), recorded(0, 0, 9)])
def test_a_page_without_a_beat_is_refused(ecg: Ecg) -> None:
    with pytest.raises(RecordError, match=r"0(\.004)? s of it fall on the canonical page.*expected 1 s"):
        check_shown(ecg)


def test_ten_seconds_are_whole() -> None:
    assert page_warnings(recorded(0, 10, 10)) == ()
    assert page_warnings(recorded(0, 10.5, 10.5)) == ()
    check_shown(recorded(0, 1, 1))


def test_what_is_beyond_the_page_is_told() -> None:
    assert page_warnings(recorded(0, 1800, 1800, 50.0)) == ("only the first 10 s of 1800 s are compared",)


def test_leads_that_the_page_shows_later_are_told() -> None:
    (six,) = page_warnings(recorded(0, 6, 6))
    assert six.startswith("leads V1, V2, V3, V4, V5 and V6 are not on the page")
    (quarter,) = page_warnings(recorded(0, 2.5, 2.5))
    assert quarter.startswith("leads aVR, aVL, aVF, V1, V2, V3, V4, V5 and V6 are")
    assert not ink_page(recorded(0, 2.5, 2.5))[:, 160:].any()


def test_a_lead_that_was_not_recorded_is_the_readers_to_tell() -> None:
    ecg = recorded(0, 10, 10)
    ecg.signal_mv[LEADS.index("V4")] = np.nan
    assert page_warnings(ecg) == ()
    ecg.signal_mv[LEADS.index("V4"), :200] = 0
    assert page_warnings(ecg)[0].startswith("lead V4 is not on the page: little was recorded")
