"""Settings: what is saved is what is read, and every slip names its cure."""

import os
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgclip.config import PACKAGED, find_config, load_config, parse_config, save_config, to_toml
from ecgclip.errors import ConfigError


class Loss(StrEnum):
    CLIP = "clip"
    SIGLIP = "siglip"


@dataclass(frozen=True)
class Optimiser:
    rate: float = 3e-4
    warmup_steps: int = 100
    betas: tuple[float, float] = (0.9, 0.98)


@dataclass(frozen=True)
class Training:
    seed: int
    name: str = "base"
    loss: Loss = Loss.CLIP
    ema: bool = True
    limit: int | None = None
    precision: Literal["bf16", "fp32"] = "bf16"
    data: tuple[str, ...] = ()
    out: Path = Path("runs")
    optimiser: Optimiser = Optimiser()
    weights: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ValueError(f"seed is {self.seed}; expected 0 or more")


def test_toml_becomes_the_dataclass(tmp_path: Path) -> None:
    file = tmp_path / "train.toml"
    file.write_text(
        'seed = 7\nloss = "siglip"\nlimit = 5\ndata = ["a", "b"]\nout = "x/y"\n'
        "[optimiser]\nrate = 1\n[weights]\nclip = 2.5\n"
    )
    expected = Training(
        seed=7,
        loss=Loss.SIGLIP,
        limit=5,
        data=("a", "b"),
        out=Path("x/y"),
        optimiser=Optimiser(rate=1.0),
        weights={"clip": 2.5},
    )
    assert load_config(file, Training) == expected


finite = st.floats(allow_nan=False, allow_infinity=False)
text = st.text(st.characters(exclude_categories=["Cs"]))


@given(
    st.builds(
        Training,
        seed=st.integers(0, 2**60),
        name=text,
        loss=st.sampled_from(Loss),
        ema=st.booleans(),
        limit=st.none() | st.integers(),
        data=st.lists(text).map(tuple),
        optimiser=st.builds(Optimiser, rate=finite, betas=st.tuples(finite, finite)),
        weights=st.dictionaries(text, finite),
    )
)
def test_saved_is_read_back_equal(config: Training) -> None:
    import tomllib

    assert parse_config(tomllib.loads(to_toml(config)), Training) == config


def test_save_and_load_through_a_file(tmp_path: Path) -> None:
    config = Training(seed=3, name="Übung", limit=9)
    save_config(config, tmp_path / "c.toml")
    assert load_config(tmp_path / "c.toml", Training) == config


def test_an_option_stands_instead_of_the_files_value(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text("seed = 1")
    assert load_config(tmp_path / "c.toml", Training, seed=5).seed == 5
    assert load_config(tmp_path / "c.toml", Training, seed=None).seed == 1
    with pytest.raises(ConfigError, match="0 or more"):
        load_config(tmp_path / "c.toml", Training, seed=-1)


def test_a_file_states_what_differs_from_its_base(tmp_path: Path) -> None:
    (tmp_path / "low").mkdir()
    (tmp_path / "first.toml").write_text(
        'seed = 1\nname = "first"\ndata = ["a", "b"]\n[optimiser]\nrate = 1.0\nwarmup_steps = 5\n'
    )
    (tmp_path / "low" / "second.toml").write_text(
        'base = "../first.toml"\ndata = ["c"]\n[optimiser]\nrate = 2.0\n'
    )
    (tmp_path / "low" / "third.toml").write_text('base = "second.toml"\nname = "third"\n')
    expected = Training(seed=1, name="third", data=("c",), optimiser=Optimiser(2.0, warmup_steps=5))
    assert load_config(tmp_path / "low" / "third.toml", Training) == expected
    assert load_config(tmp_path / "low" / "third.toml", Training, seed=9).seed == 9


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"a": 'base = "b.toml"', "b": 'base = "a.toml"'}, "lead in a circle"),
        ({"a": 'base = "a.toml"'}, "lead in a circle"),
        ({"a": 'base = "none.toml"'}, "none.toml is no file"),
        ({"a": 'base = "."'}, "is no file"),
        ({"a": f'base = "{"x" * 5000}"'}, "is no file"),
        ({"a": 'base = "/dev/zero"'}, "not a regular file"),
        (
            {"a": 'base = "n0.toml"'} | {f"n{i}": f'base = "n{i + 1}.toml"' for i in range(30)},
            "more than 20 files, each the base of the one before",
        ),
        ({"a": "base = 3"}, "expected a path in quotes"),
        ({"a": 'base = "b.toml"', "b": "seed = 1\nsede = 2"}, "b.toml: unknown key 'sede'"),
        ({"a": 'base = "b.toml"', "b": "seed = "}, "b.toml: not valid TOML"),
        ({"a": "[optimiser]\nbase = 'b.toml'", "b": ""}, "missing seed"),
    ],
)
def test_a_base_that_cannot_be_used_is_one_line(tmp_path: Path, files: dict[str, str], words: str) -> None:
    for name, text in files.items():
        (tmp_path / f"{name}.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "a.toml", Training)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("seed = 1\nsede = 2", "unknown key 'sede'; did you mean 'seed'?"),
        (
            "seed = 1\n[optimiser]\nwarmup = 3",
            "optimiser: unknown key 'warmup'; did you mean 'warmup_steps'?",
        ),
        ("", "missing seed"),
        ('seed = "1"', "expected int"),
        ("seed = true", "expected int"),
        ("seed = 1.5", "expected int"),
        ("seed = 1\nema = 1", "expected bool"),
        ("seed = 1\n[optimiser]\nrate = nan", "finite"),
        ("seed = 1\n[optimiser]\nbetas = [0.9]", "has 1 values; expected 2"),
        ("seed = 1\ndata = 'x'", "expected a list"),
        ("seed = 1\noptimiser = 3", "expected a table"),
        ("seed = 1\nloss = 'siglib'", "did you mean 'siglip'?"),
        ("seed = 1\nprecision = 'fp16'", "expected one of 'bf16', 'fp32'"),
        ("seed = -1", "expected 0 or more"),
        ("seed = ", "not valid TOML"),
    ],
)
def test_slips_are_named(tmp_path: Path, toml: str, words: str) -> None:
    file = tmp_path / "c.toml"
    file.write_text(toml)
    with pytest.raises(ConfigError) as caught:
        load_config(file, Training)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("configs/train/smoek.toml", "did you mean train/smoke.toml"),
        ("somewhere.toml", f"the shipped ones are in {PACKAGED}"),
    ],
)
def test_absent_file_points_to_the_shipped_ones(name: str, words: str) -> None:
    with pytest.raises(ConfigError) as error:
        find_config(name)
    assert f"no such file; {words}" in str(error.value)


HOSTILE = {
    "brackets": ("a = " + "[" * 60_000, "not valid TOML"),
    "inline tables": ("a = " + "{a = " * 12_000, "not valid TOML"),
    "a name of many parts": ("a." * 25_000 + "b = 1", "more than 50 dots"),
    "large": ("# " + " " * (1 << 16), "larger than"),
    "no text": ("\udcff", "UTF-8"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_file_made_to_fill_the_memory_is_one_line(kind: str, tmp_path: Path) -> None:
    text, expected = HOSTILE[kind]
    path = tmp_path / "a.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match=expected) as caught:
        load_config(path, Training)
    assert "\n" not in str(caught.value)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.toml")
    with pytest.raises(ConfigError, match="not a regular file"):
        load_config(tmp_path / "a.toml", Training)
