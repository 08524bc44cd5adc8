"""Laws that a wrong layout breaks: limb leads satisfy Einthoven's equation, strips repeat their leads."""

import numpy as np

from ecgclip.paper.geometry import Layout, page_geometry
from ecgclip.paper.traces import TRACE_RATE_HZ, panel_samples_at_trace_rate
from ecgclip.signal.likeness import agreement
from ecgclip.typing import Float32s, Traces
from ecgclip.units import LEADS


def limb_lead_consistency(traces: Traces, layout: Layout | None) -> tuple[float, float]:
    """How well the limb leads add up, -2..2, and how well rhythm strips repeat their leads, -1..1.

    II = I + III and aVR + aVL + aVF = 0. traces: float32 [row, time] in mV; 0 for an unknown layout.
    """
    if layout is None:
        return 0.0, 0.0
    first, second, third, avr, avl, avf = (_panel(traces, layout, lead) for lead in LEADS[:6])
    limbs = _agreement(first + third, second) + _sums_to_constant(np.stack([avr, avl, avf]))
    return limbs, _repeating(traces, layout)


def limb_rows_agree(traces: Traces) -> float:
    """-1..1: the least agreement of six rows [6, time], I to aVF, with what the laws make of the others."""
    one, two, three, avr, avl, avf = traces
    laws = ((one + three, two), (-(one + two) / 2, avr), ((one - three) / 2, avl), ((two + three) / 2, avf))
    return min(_agreement(made, seen) for made, seen in laws)


def _panel(traces: Traces, layout: Layout, lead: str) -> Float32s:
    """The part of the traces that shows a lead, float32 [time]."""
    row, start, stop = _place(layout, lead)
    return traces[row, start:stop]


def _place(layout: Layout, lead: str) -> tuple[int, int, int]:
    """Row, first sample and the one after the last of a lead's first panel."""
    found = next(panel for panel in page_geometry(layout).panels if panel.lead == lead)
    return found.row, *panel_samples_at_trace_rate(found)


def _repeating(traces: Traces, layout: Layout) -> float:
    """Mean agreement of the rhythm strips with the panels of their leads; 0 without strips."""
    found = [
        agreement_with_lead(traces, layout, lead, traces[row])
        for row, lead in enumerate(layout.rhythm_leads, start=layout.rows)
    ]
    return float(np.mean(found)) if found else 0.0


def agreement_with_lead(traces: Traces, layout: Layout, lead: str, strip: Float32s) -> float:
    """-1..1: how alike a strip [time] is to the panel of a lead, at the panel's time."""
    row, start, stop = _place(layout, lead)
    return _agreement(traces[row, start:stop], strip[start:stop])


def _agreement(a: Float32s, b: Float32s) -> float:
    """-1..1: how alike two traces are; 0 for under half a second."""
    return agreement(a, b, TRACE_RATE_HZ // 2) or 0.0


def _sums_to_constant(leads: Traces) -> float:
    """-1..1: 1 where traces [n, time] sum to a constant, 0 where they have nothing in common."""
    known = leads[:, ~np.isnan(leads).any(axis=0)]
    if known.shape[1] < TRACE_RATE_HZ // 2:
        return 0.0
    apart = float(known.var(axis=1).sum())
    return max(-1.0, 1.0 - float(known.sum(axis=0).var()) / apart) if apart > 0 else 0.0
