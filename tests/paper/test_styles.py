import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from ecgclip.config import save_config
from ecgclip.errors import ConfigError
from ecgclip.paper.geometry import Layout
from ecgclip.paper.header import Header, header_of, random_header
from ecgclip.paper.styles import load_style, parse_layout, random_style, style_names
from ecgclip.records.ecg import Ecg


@pytest.mark.parametrize("name", style_names())
@pytest.mark.parametrize("layout", Layout)
def test_every_layout_fits_every_styles_paper(name: str, layout: Layout) -> None:
    style = load_style(name)
    geometry = style.geometry(layout)
    assert (geometry.width_mm, geometry.height_mm) == pytest.approx(style.paper_mm)
    for panel in geometry.panels:
        right = panel.x_mm + (panel.stop_s - panel.start_s) * geometry.speed_mm_s
        assert panel.x_mm >= 5
        assert right <= style.paper_mm[0]
        assert 0 < panel.baseline_mm < style.paper_mm[1]


def test_faster_paper_shows_less_time() -> None:
    style = dataclasses.replace(load_style("letter"), speed_mm_s=50.0)
    strip = style.geometry(Layout.L3X4_1R).panels[-1]
    assert (strip.start_s, strip.stop_s) == (0.0, 5.0)


def test_an_unknown_style_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'orange'"):
        load_style("ornage")


def test_an_unknown_layout_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"did you mean '3x4\+1R'"):
        parse_layout("3x4+1")


@pytest.mark.parametrize("layout", Layout)
def test_layouts_are_read_with_and_without_their_rhythm_leads(layout: Layout) -> None:
    assert parse_layout(layout.label) is parse_layout(str(layout)) is layout


def test_a_style_of_ones_own_is_read_from_a_file(tmp_path: Path) -> None:
    style = dataclasses.replace(load_style("green"), line_mm=0.77)
    save_config(style, tmp_path / "mine.toml")
    assert load_style(str(tmp_path / "mine.toml")) == style
    save_config(dataclasses.replace(style, line_mm=0.5), tmp_path / "mine.toml")
    assert load_style(str(tmp_path / "mine.toml")).line_mm == 0.5


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"speed_mm_s": 0.0}, "speed_mm_s is 0.0; expected more than 0"),
        ({"gain_mm_mv": -10.0}, "gain_mm_mv is -10.0; expected more than 0"),
        ({"paper_mm": (280.0, 1e6)}, "expected more than 0 and at most 2000"),
        ({"trace_bottom_mm": 500.0}, "no room for traces"),
    ],
)
def test_a_print_that_no_machine_makes_is_told(change: dict, says: str, tmp_path: Path) -> None:
    lines = {**dataclasses.asdict(load_style("green")), **change}
    text = [f"{key} = {json.dumps(value)}" for key, value in lines.items() if key != "lines"]
    (tmp_path / "mine.toml").write_text("\n".join(text))
    with pytest.raises(ConfigError, match=says):
        load_style(str(tmp_path / "mine.toml"))


def test_random_styles_follow_their_seed_and_differ() -> None:
    styles = [random_style(np.random.default_rng(seed)) for seed in range(20)]
    assert styles == [random_style(np.random.default_rng(seed)) for seed in range(20)]
    assert len(set(styles)) == 20
    for style in styles:
        for rgb in (style.paper_rgb, style.minor_rgb, style.major_rgb, style.ink_rgb):
            assert all(0 <= value <= 255 for value in rgb)


def test_every_field_that_a_style_prints_exists() -> None:
    full = random_header(np.random.default_rng(0))
    for name in style_names():
        for line in load_style(name).lines:
            assert "{" not in full.fill(line.text)


def test_an_unknown_field_is_named() -> None:
    with pytest.raises(ConfigError, match="'agee'"):
        Header().fill("{agee} years")


def test_the_header_of_a_record_tells_what_is_known(ecg: Ecg) -> None:
    assert header_of(ecg) == Header(id="00001", age="63", sex="Male")
    assert header_of(dataclasses.replace(ecg, age=None, sex=None, name="")) == Header()
