"""The language of a report."""

import pytest

from ecgclip.evaluation.classify.language import ReportLanguage, language_of


@pytest.mark.parametrize(
    ("report", "language"),
    [
        ("sinus rhythm. left axis deviation. otherwise normal ecg.", ReportLanguage.ENGLISH),
        ("Atrial fibrillation with left bundle branch block", ReportLanguage.ENGLISH),
        ("trace only requested.", ReportLanguage.ENGLISH),
        ("sinusrhythmus lagetyp normal qrs(t) abnorm    inferiorer infarkt", ReportLanguage.GERMAN),
        ("vorhofflimmern/-flattern periphere niederspannung", ReportLanguage.GERMAN),
        ("ventrikulÄre extrasystole(n) sinus arrhythmie 4.46  unbestÄtigter bericht", ReportLanguage.GERMAN),
        ("sinusrytm vÄnster el-axel eljest normalt ekg", ReportLanguage.SWEDISH),
        ("fÖrmaksflimmer med hÖg kammarfrekvens", ReportLanguage.SWEDISH),
        ("", ReportLanguage.OTHER),
        ("4.46", ReportLanguage.OTHER),
    ],
)
def test_words_tell(report, language):
    assert language_of(report) is language
