"""The shipped prompts and the vectors of classes."""

import numpy as np
import pytest

from ecgclip.errors import ConfigError
from ecgclip.evaluation.classify.zero_shot import Phrases, Prompts, Words, class_vectors, read_prompts
from ecgclip.records.codes import statement_name

# As PTB-XL's scp_statements.csv has them.
BENCHMARK = {
    "superclass": "CD HYP MI NORM STTC",
    "subclass": "AMI CLBBB CRBBB ILBBB IMI IRBBB ISCA ISCI ISC_ IVCD LAFB/LPFB LAO/LAE LMI LVH NORM "
    "NST_ PMI RAO/RAE RVH SEHYP STTC WPW _AVB",
    "form": "ABQRS DIG HVOLT INVT LNGQT LOWT LPR LVOLT NDT NST_ NT_ PAC PRC(S) PVC QWAVE STD_ STE_ "
    "TAB_ VCLVH",
    "rhythm": "AFIB AFLT BIGU PACE PSVT SARRH SBRAD SR STACH SVARR SVTAC TRIGU",
    "code six": "1dAVb AF LBBB RBBB SB ST",
}


@pytest.mark.parametrize("name", BENCHMARK)
def test_every_class_of_the_benchmark_has_its_words(name):
    assert sorted(read_prompts(name).classes) == sorted(BENCHMARK[name].split())


def test_names_of_the_challenge_are_those_that_records_carry():
    prompts = read_prompts("challenge")
    names = [same for name, phrases in prompts.classes.items() for same in (name, *phrases.same)]
    assert len(names) == len(set(names))
    assert [name for name in names if statement_name(name) != name] == []


def test_a_class_is_the_mean_direction_of_its_phrases():
    prompts = Prompts({"A": Phrases(("x", "y"), ("z",)), "B": Phrases(("z",), ("x",))})
    space = {"x": (1, 0, 0), "y": (0, 1, 0), "z": (0, 0, 1)}
    embed = lambda texts: np.array([space[text] for text in texts], np.float32)
    english = class_vectors(prompts, ["B", "A"], Words.ENGLISH, embed)
    assert english == pytest.approx(np.array([[0, 0, 1], [0.5**0.5, 0.5**0.5, 0]]))
    both = class_vectors(prompts, ["A"], Words.BOTH, embed)
    assert both == pytest.approx(np.full((1, 3), 3**-0.5))
    assert class_vectors(prompts, ["A"], Words.GERMAN, embed).tolist() == [[0, 0, 1]]
    with pytest.raises(ConfigError, match="no prompts for C"):
        class_vectors(prompts, ["A", "C"], Words.ENGLISH, embed)


def test_a_class_without_words_is_told(tmp_path):
    (tmp_path / "p.toml").write_text('[classes.A]\nenglish = []\ngerman = ["x"]\n')
    with pytest.raises(ConfigError, match="no phrase in one of the languages"):
        read_prompts(str(tmp_path / "p.toml"))
