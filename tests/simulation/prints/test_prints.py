import numpy as np

from ecgclip.paper.geometry import Layout, page_geometry
from ecgclip.paper.raster import PRINT_PX_PER_MM
from ecgclip.simulation.prints.labelled import random_print, with_other_leads
from ecgclip.simulation.prints.negatives import random_negative
from ecgclip.units import LEADS


def test_the_print_is_dark_where_its_trace_is(printed):
    darkness = 255 - printed.rgb.max(axis=2).astype(int)
    assert printed.rgb.shape[:2] == printed.trace.shape
    assert np.median(darkness[printed.trace > 200]) > 120
    assert np.median(darkness[printed.trace == 0]) < 60


def test_names_stand_where_the_truth_says(printed):
    dark = 255 - printed.rgb.max(axis=2).astype(int)
    for label in printed.labels:
        x, y = round(label.x_mm * PRINT_PX_PER_MM), round(label.y_mm * PRINT_PX_PER_MM)
        around = dark[max(0, y - 12) : y + 12, max(0, x - 12) : x + 12]
        assert around.max() > 100, label


def test_a_print_depends_on_its_generator_alone(record):
    one, two = (random_print(record, np.random.default_rng(9)) for _ in range(2))
    other = random_print(record, np.random.default_rng(10))
    assert np.array_equal(one.rgb, two.rgb)
    assert one.labels == two.labels
    assert one.rgb.shape != other.rgb.shape or not np.array_equal(one.rgb, other.rgb)


def test_cabrera_turns_avr_round_and_keeps_the_places(record):
    geometry = page_geometry(Layout.L3X4)
    draws = (with_other_leads(geometry, record, np.random.default_rng(seed)) for seed in range(100))
    moved, ecg = next((g, e) for g, e in draws if g.panels[0].lead == "aVL")
    avr = LEADS.index("aVR")
    assert [panel.lead for panel in moved.panels[:6]] == ["aVL", "I", "aVR", "II", "aVF", "III"]
    assert np.array_equal(ecg.signal_mv[avr], -record.signal_mv[avr])
    assert [(p.x_mm, p.baseline_mm) for p in moved.panels] == [
        (p.x_mm, p.baseline_mm) for p in geometry.panels
    ]


def test_negatives_have_no_trace_and_no_names():
    for seed in range(12):
        page = random_negative(np.random.default_rng(seed))
        assert not page.is_ecg
        assert not page.trace.any()
        assert not (page.curves or page.words or page.pulses or page.layout)
