"""Series of rows against marks whose truth is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgclip.photo.rows.spacing import Mark, evenly_spaced_rows


def test_nothing_of_nothing() -> None:
    assert evenly_spaced_rows([]) == []


@given(
    st.sampled_from([1, 3, 4, 6, 12]), st.integers(45, 160), st.integers(0, 400), st.integers(0, 2**32 - 1)
)
def test_even_rows_among_lines_of_print(count: int, step_px: int, top_px: int, seed: int) -> None:
    """Rows wander by up to 7 % of their distance; the weaker marks beside them are no rows."""
    rng = np.random.default_rng(seed)
    true = top_px + step_px * np.arange(count) + rng.uniform(-0.07, 0.07, count) * step_px
    rows = [Mark(float(y), float(rng.uniform(0.7, 1.0))) for y in true]
    print_above = Mark(top_px - 1.4 * step_px, 0.3)
    print_below = Mark(float(true[-1]) + 0.6 * step_px, 0.3)
    assert evenly_spaced_rows([print_above, *rows, print_below]) == [row.y_px for row in rows]


def test_a_row_that_is_missing_is_filled_in() -> None:
    marks = [Mark(float(y), 1.0) for y in (100, 200, 400, 500, 600)]
    assert evenly_spaced_rows(marks) == pytest.approx([100, 200, 300, 400, 500, 600])


def test_half_the_step_explains_nothing_more() -> None:
    marks = [Mark(100.0, 1.0), Mark(150.0, 0.3), Mark(200.0, 1.0), Mark(300.0, 1.0), Mark(400.0, 1.0)]
    assert evenly_spaced_rows(marks) == [100.0, 200.0, 300.0, 400.0]
