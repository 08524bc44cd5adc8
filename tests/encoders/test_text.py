import subprocess
import sys

import numpy as np
import pytest

from ecgclip.encoders.text import ReportTokenizer, clean_report, train_tokenizer
from ecgclip.errors import ModelError

REPORTS = [
    "sinus rhythm. normal ecg.",
    "vorhofflimmern. linksschenkelblock",
    "sinusrhythmus, unvollständiger rechtsschenkelblock v1-v3",
] * 5


@pytest.fixture(scope="module")
def tokenizer():
    return ReportTokenizer(train_tokenizer(REPORTS, 150), max_tokens=12)


def test_case_umlauts_and_their_spellings_make_no_difference(tokenizer):
    ids, _ = tokenizer(["unvollständiger Block", "UNVOLLSTÄNDIGER BLOCK", "unvollstaendiger block"])
    assert (ids == ids[0]).all()


def test_the_same_reports_give_the_same_vocabulary_in_every_process():
    program = (
        "from ecgclip.encoders.text import train_tokenizer;"
        "reports = ['sinusrhythmus linkstyp', 'sinus rhythm left axis', 'vorhofflimmern'] * 3;"
        "print(sorted(train_tokenizer(reports, 90).get_vocab().items()))"
    )
    once, again = (subprocess.check_output([sys.executable, "-c", program]) for _ in range(2))
    assert once == again
    assert b"##rhythm" in once


def test_words_of_the_reports_come_back(tokenizer):
    ids, mask = tokenizer(["vorhofflimmern"])
    assert tokenizer.tokenizer.decode(ids[0, 1 : mask.sum()].tolist()).replace(" ##", "") == "vorhofflimmern"


def test_padding_is_masked_and_length_is_bounded(tokenizer):
    ids, mask = tokenizer(["normal", "sinus rhythm " * 30])
    assert ids.shape == mask.shape == (2, 12)
    assert mask[1].all()
    assert (ids[0][mask[0] == 0] == 0).all()
    assert ids.dtype == np.int64


def test_a_blank_report_keeps_its_first_token(tokenizer):
    _, mask = tokenizer(["", "normal"])
    assert mask[0].sum() == 1


def test_no_report_at_all_gives_no_rows(tokenizer):
    ids, _ = tokenizer([])
    assert ids.shape[0] == 0


def test_device_boilerplate_is_no_content():
    assert clean_report("normales ekg 4.46      unbestÄtigter bericht") == "normales ekg"


def test_saved_and_loaded_tokens_are_the_same(tokenizer, tmp_path):
    tokenizer.tokenizer.save(str(tmp_path / "tokenizer.json"))
    again = ReportTokenizer.load(tmp_path / "tokenizer.json", 12)
    assert (again(REPORTS)[0] == tokenizer(REPORTS)[0]).all()


@pytest.mark.parametrize("text", ["", "{", "{}", "[1]"])
def test_a_damaged_tokenizer_is_named(tmp_path, text):
    (tmp_path / "tokenizer.json").write_text(text)
    with pytest.raises(ModelError, match=r"tokenizer\.json is no tokenizer"):
        ReportTokenizer.load(tmp_path / "tokenizer.json", 12)


def test_a_missing_tokenizer_is_named(tmp_path):
    with pytest.raises(ModelError, match="is missing"):
        ReportTokenizer.load(tmp_path / "tokenizer.json", 12)
