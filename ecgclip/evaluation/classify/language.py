"""The language of a report, guessed from words that only one of them has: good enough for subgroups."""

import re
from enum import StrEnum
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]+")


class ReportLanguage(StrEnum):
    """The languages of PTB-XL's reports; OTHER where no word is known."""

    GERMAN = "german"
    ENGLISH = "english"
    SWEDISH = "swedish"
    OTHER = "other"


# Words that only one of the three has; a stem (marked *) where inflection or damaged umlauts would hide it.
_KNOWN: Final = {
    ReportLanguage.GERMAN: (
        "sinusrhythm* sinusbradykardie sinustachykardie sinusarrhythmie arrhythmie tachykardie rhythmus "
        "vorhof* lagetyp linkstyp rechtstyp steiltyp steillage indifferenztyp typ normales sonst unbest* "
        "abnorm abnormales unspezifisch* schenkelblock* rechtsschenkel* linksschenkel* extrasystole "
        "extrasystolen links rechts keine nicht bei mit und oder wahrscheinlich ableitung* verdacht "
        "niederspannung peripher* pathologisch* schrittmacher* senkung hebung neg flach alter "
        "linkshypertrophie rechtshypertrophie vollstÄndig* unvollstÄndig* ventrikulÄre supraventrikulÄre "
        "bericht unbestÄtigter leitungsst* grenzbefund mÖglich herz* kammer myokardschaden veraenderung* "
        "verÄnderung*"
    ),
    ReportLanguage.ENGLISH: (
        "rhythm atrial ventricular deviation bundle branch the with and is are this be left right "
        "otherwise low waves wave segments segment infarct infarction old trace requested premature "
        "fibrillation bradycardia tachycardia pacemaker probable possible suggest* consistent block "
        "complete incomplete degree ecg non-specific voltages high minor inverted depressed flattening"
    ),
    ReportLanguage.SWEDISH: (
        "sinusrytm sinusbradykardi sinustakykardi rytm arytmi eljest normalt vÄnster hÖger hÖgersidigt "
        "sÅsom ej och fÖrmaksflimmer fÖrmak kammar* skÄnkelblock sÄnkning hÖjning axel ospecifik* "
        "avvikande fÖrlopp bÖr Ålder myokardskada fÖrÄndring* misstÄnkt extrem inkomplett slag sannolikt "
        "mÖjligen"
    ),
}
_EXACT: Final = {lang: {w.lower() for w in words.split() if "*" not in w} for lang, words in _KNOWN.items()}
_STEMS: Final = {
    lang: tuple(word[:-1].lower() for word in words.split() if "*" in word) for lang, words in _KNOWN.items()
}


def language_of(report: str) -> ReportLanguage:
    """The language of which most words of the report are known; ties and none: OTHER.

    >>> language_of("sinus rhythm. normal ecg."), language_of("sinusrhythmus lagetyp normal normales ekg")
    (<ReportLanguage.ENGLISH: 'english'>, <ReportLanguage.GERMAN: 'german'>)
    """
    words = _WORD.findall(report.lower())
    points = {language: sum(_knows(language, word) for word in words) for language in _EXACT}
    best = max(points.values(), default=0)
    winners = [language for language, count in points.items() if count == best]
    return winners[0] if best and len(winners) == 1 else ReportLanguage.OTHER


def _knows(language: ReportLanguage, word: str) -> bool:
    return word in _EXACT[language] or word.startswith(_STEMS[language])
