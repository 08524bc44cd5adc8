"""The language of a report."""

import pytest

from ecgclip.evaluation.classify.language import Language, language_of


@pytest.mark.parametrize(
    ("report", "language"),
    [
        ("sinus rhythm. left axis deviation. otherwise normal ecg.", Language.ENGLISH),
        ("Atrial fibrillation with left bundle branch block", Language.ENGLISH),
        ("trace only requested.", Language.ENGLISH),
        ("sinusrhythmus lagetyp normal qrs(t) abnorm    inferiorer infarkt", Language.GERMAN),
        ("vorhofflimmern/-flattern periphere niederspannung", Language.GERMAN),
        ("ventrikulÄre extrasystole(n) sinus arrhythmie 4.46  unbestÄtigter bericht", Language.GERMAN),
        ("sinusrytm vÄnster el-axel eljest normalt ekg", Language.SWEDISH),
        ("fÖrmaksflimmer med hÖg kammarfrekvens", Language.SWEDISH),
        ("", Language.OTHER),
        ("4.46", Language.OTHER),
    ],
)
def test_words_tell(report, language):
    assert language_of(report) is language
