"""Where panels stand, and which seconds they show."""

from dataclasses import replace

import numpy as np
import pytest

from ecgclip.simulation.prints.arrangement import CABRERA, Arrangement, Timing, sample_arrangement
from ecgclip.simulation.prints.page import sample_page
from ecgclip.simulation.prints.placing import place
from ecgclip.simulation.prints.scale import Scale
from ecgclip.units import LEADS

PLAN = Arrangement(3, LEADS, ("II",), (1.0, 1.0, 1.0, 1.0), Timing.CONSECUTIVE)


def _panels(plan, scale=None, seed=0, duration_s=10.0, ends=(6.0, 0.0)):
    scale = scale or Scale(25.0, 10.0, 10.0)
    rng = np.random.default_rng(seed)
    page = sample_page(rng, plan, scale, ends)
    return page, place(rng, plan, page, scale, duration_s)


@pytest.mark.parametrize("seed", range(8))
def test_a_strip_runs_below_columns_that_follow_on(seed):
    _, panels = _panels(PLAN, seed=seed)
    strip = panels[-1]
    assert strip.strip
    assert strip.lead == "II"
    if any(panel.baseline_mm != panels[4 * panel.row].baseline_mm for panel in panels[:12]):
        return  # columns with baselines of their own
    for panel in panels[:12]:
        assert panel.x_mm - strip.x_mm == pytest.approx(25 * (panel.start_s - strip.start_s), abs=1e-6)
    last = panels[3]
    assert strip.stop_mm(25.0) == pytest.approx(last.stop_mm(25.0))


def test_simultaneous_columns_show_the_same_seconds_and_overlapping_ones_share_some():
    _, same = _panels(replace(PLAN, timing=Timing.SIMULTANEOUS))
    assert len({panel.start_s for panel in same[:12]}) == 1
    _, shared = _panels(replace(PLAN, timing=Timing.OVERLAPPING))
    starts = [panel.start_s for panel in shared[:4]]
    assert all(0 < step < shared[0].seconds for step in np.diff(starts))


@pytest.mark.parametrize("speed", [12.5, 25.0, 50.0])
@pytest.mark.parametrize("duration", [2.0, 10.0])
def test_no_panel_shows_more_than_the_record(speed, duration):
    rng = np.random.default_rng(1)
    for seed in range(40):
        plan = sample_arrangement(rng)
        _, panels = _panels(plan, Scale(speed, 10.0, 5.0), seed, duration)
        for panel in panels:
            assert panel.start_s >= 0
            assert panel.start_s + panel.seconds <= duration + 1e-6
            assert panel.gain_mm_mv == (5.0 if panel.lead.startswith("V") else 10.0)


def test_leads_run_down_the_columns_and_rows_stay_on_the_page():
    page, panels = _panels(PLAN)
    assert [panel.lead for panel in panels[:12:4]] == ["I", "II", "III"]
    assert [panel.lead for panel in panels[:4]] == ["I", "aVR", "V1", "V4"]
    assert all(0 < panel.baseline_mm < page.height for panel in panels)
    assert all(0 < panel.x_mm < panel.stop_mm(25.0) < page.width for panel in panels)


def test_cabrera_shows_avr_upside_down_in_the_third_place():
    rng = np.random.default_rng(0)
    plan = next(
        p for p in iter(lambda: sample_arrangement(rng), None) if p.order == "cabrera" and p.rows == 3
    )
    assert plan.leads[:6] == CABRERA == ("aVL", "I", "-aVR", "II", "aVF", "III")
    assert plan.leads[6:] == LEADS[6:]
