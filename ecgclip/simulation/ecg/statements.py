"""The statements that the generator can draw: code, kind, and phrasings in two languages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Kind(StrEnum):
    """The subject of a statement; a report follows this order."""

    RHYTHM = "rhythm"
    CONDUCTION_AV = "av conduction"
    ECTOPY = "ectopy"
    AXIS = "axis"
    CONDUCTION = "conduction"
    ATRIUM = "atrium"
    HYPERTROPHY = "hypertrophy"
    VOLTAGE = "voltage"
    INFARCTION = "infarction"
    STAGE = "stage of an infarction"
    REPOLARISATION = "repolarisation"
    QT = "qt interval"
    ARTEFACT = "artefact"
    SUMMARY = "summary"


@dataclass(frozen=True)
class Statement:
    """One diagnosis: `english` and `german` are its phrasings, the first is its name.

    slot: of the statements that share one, an ECG shows at most one.
    ptbxl: the code is one of PTB-XL's SCP statements; else it is our own.
    """

    code: str
    kind: Kind
    slot: str
    english: tuple[str, ...]
    german: tuple[str, ...]
    ptbxl: bool = True

    @property
    def name_en(self) -> str:
        return self.english[0]

    @property
    def name_de(self) -> str:
        return self.german[0]


def _rows(kind: Kind, slot: str, table: str, *, ptbxl: bool = True) -> list[Statement]:
    """Read lines of `CODE: english | english = german | german`; a code marked * is not PTB-XL's.

    A line that begins with = continues the one before.
    """
    rows = []
    for line in re.sub(r"\s*\n\s*=", " =", table).strip().splitlines():
        code, phrases = line.strip().split(": ", 1)
        english, german = ([part.strip() for part in side.split("|")] for side in phrases.split(" = "))
        own = code.endswith("*")
        code = code.rstrip("*")
        rows.append(Statement(code, kind, slot or code, tuple(english), tuple(german), ptbxl and not own))
    return rows


_ALL: Final = [
    *_rows(
        Kind.RHYTHM,
        "rhythm",
        """
        SR: sinus rhythm | normal sinus rhythm = sinusrhythmus | normaler sinusrhythmus
        SBRAD: sinus bradycardia | sinus rhythm, slow rate
            = sinusbradykardie | bradykarder sinusrhythmus
        STACH: sinus tachycardia | sinus rhythm, fast rate
            = sinustachykardie | tachykarder sinusrhythmus
        SARRH: sinus arrhythmia | sinus rhythm with sinus arrhythmia
            = sinusarrhythmie | respiratorische sinusarrhythmie
        AFIB: atrial fibrillation | atrial fibrillation, absolute arrhythmia
            = vorhofflimmern | absolute arrhythmie bei vorhofflimmern
        AFLT: atrial flutter | typical atrial flutter = vorhofflattern | typisches vorhofflattern
        SVTAC: supraventricular tachycardia | narrow complex tachycardia, supraventricular
            = supraventrikuläre tachykardie | schmalkomplextachykardie, supraventrikulär
        JUNC*: junctional rhythm | av junctional escape rhythm = knotenrhythmus | av-knotenrhythmus
        EATR*: ectopic atrial rhythm | low atrial rhythm
            = ektoper vorhofrhythmus | unterer vorhofrhythmus
        PACE: ventricular paced rhythm | electronic pacemaker, ventricular capture
            = schrittmacherrhythmus | ventrikuläre schrittmacherstimulation
        """,
    ),
    *_rows(
        Kind.CONDUCTION_AV,
        "av",
        """
        1AVB: first degree av block | prolonged pr interval, av block i
            = av-block i | av-block 1. grades
        2AVB: second degree av block, wenckebach | av block ii, mobitz type i
            = av-block ii, typ wenckebach | av-block 2. grades, wenckebach-periodik
        3AVB: third degree av block | complete av block with av dissociation
            = av-block iii | kompletter av-block, av-dissoziation
        """,
    ),
    *_rows(
        Kind.ECTOPY,
        "ectopy",
        """
        PAC: atrial premature complex(es) | supraventricular extrasystole(s)
            = supraventrikuläre extrasystole(n) | vorhofextrasystole(n)
        PVC: ventricular premature complex(es) | premature ventricular contraction(s)
            = ventrikuläre extrasystole(n) | ves
        BIGU: ventricular bigeminy | ventricular extrasystoles in bigeminal pattern
            = ventrikulärer bigeminus | ventrikuläre extrasystolen, bigeminus
        TRIGU: ventricular trigeminy | ventricular extrasystoles in trigeminal pattern
            = ventrikulärer trigeminus | ventrikuläre extrasystolen, trigeminus
        """,
    ),
    *_rows(
        Kind.AXIS,
        "axis",
        """
        LAD*: left axis deviation | axis deviated to the left
            = überdrehter linkstyp | abweichung der herzachse nach links
        RAD*: right axis deviation | axis deviated to the right
            = rechtstyp | abweichung der herzachse nach rechts
        """,
    ),
    *_rows(
        Kind.CONDUCTION,
        "axis",
        """
        LAFB: left anterior fascicular block | left anterior hemiblock
            = linksanteriorer hemiblock | linksanteriorer faszikelblock
        LPFB: left posterior fascicular block | left posterior hemiblock
            = linksposteriorer hemiblock | linksposteriorer faszikelblock
        """,
    ),
    *_rows(
        Kind.CONDUCTION,
        "ventricle",
        """
        CLBBB: left bundle branch block | complete left bundle branch block
            = linksschenkelblock | kompletter linksschenkelblock
        CRBBB: right bundle branch block | complete right bundle branch block
            = rechtsschenkelblock | vollständiger rechtsschenkelblock
        IRBBB: incomplete right bundle branch block | partial right bundle branch block
            = inkompletter rechtsschenkelblock | unvollständiger rechtsschenkelblock
        ILBBB: incomplete left bundle branch block | partial left bundle branch block
            = inkompletter linksschenkelblock | unvollständiger linksschenkelblock
        WPW: wolff-parkinson-white pattern | pre-excitation with delta wave, wpw
            = wpw-muster | präexzitation mit deltawelle, wpw-syndrom
        IVCD: non-specific intraventricular conduction delay | intraventricular conduction disturbance
            = unspezifische intraventrikuläre leitungsstörung | intraventrikulärer block, unspezifisch
        """,
    ),
    *_rows(
        Kind.ATRIUM,
        "",
        """
        LAO/LAE: left atrial enlargement | p mitrale, left atrial overload
            = p-sinistroatriale | vergrößerung des linken vorhofs
        RAO/RAE: right atrial enlargement | p pulmonale, right atrial overload
            = p-dextroatriale | vergrößerung des rechten vorhofs
        """,
    ),
    *_rows(
        Kind.HYPERTROPHY,
        "hypertrophy",
        """
        LVH: left ventricular hypertrophy with strain | lvh with secondary st-t changes
            = linkshypertrophie mit linksbelastung | linksventrikuläre hypertrophie mit st-t-veränderungen
        VCLVH: voltage criteria for left ventricular hypertrophy | high left ventricular voltages
            = voltage-kriterien für linkshypertrophie | linkshypertrophie nach voltage-kriterien
        RVH: right ventricular hypertrophy | right ventricular hypertrophy with strain
            = rechtshypertrophie | rechtsventrikuläre hypertrophie
        """,
    ),
    *_rows(
        Kind.VOLTAGE,
        "hypertrophy",
        """
        LVOLT: low qrs voltages | low voltage = niedervoltage | periphere niederspannung
        HVOLT: high qrs voltages | high voltage qrs = hohe qrs-amplituden | hochspannung
        """,
    ),
    *_rows(
        Kind.INFARCTION,
        "anterior wall",
        """
        ASMI: anteroseptal myocardial infarction | anteroseptal infarct
            = anteroseptaler infarkt | anteroseptaler myokardinfarkt
        AMI: anterior myocardial infarction | anterior infarct
            = anteriorer infarkt | vorderwandinfarkt
        ALMI: anterolateral myocardial infarction | anterolateral infarct
            = anterolateraler infarkt | anterolateraler myokardinfarkt
        LMI: lateral myocardial infarction | lateral infarct = lateraler infarkt | seitenwandinfarkt
        """,
    ),
    *_rows(
        Kind.INFARCTION,
        "inferior wall",
        """
        IMI: inferior myocardial infarction | inferior infarct
            = inferiorer infarkt | hinterwandinfarkt
        ILMI: inferolateral myocardial infarction | inferolateral infarct
            = inferolateraler infarkt | inferolateraler myokardinfarkt
        PMI: posterior myocardial infarction | posterior infarct
            = posteriorer infarkt | streng posteriorer infarkt
        """,
    ),
    *_rows(
        Kind.STAGE,
        "stage",
        """
        STEMI*: acute, with st elevation | acute stage, st elevation
            = akut, mit st-hebung | akutes stadium, st-hebung
        ANEUR: st-t changes compatible with ventricular aneurysm | persistent st elevation, aneurysm
            = st-t-veränderungen wie bei ventrikelaneurysma | persistierende st-hebung, aneurysma
        """,
    ),
    *_rows(
        Kind.REPOLARISATION,
        "repolarisation",
        """
        ISC_: non-specific ischaemic st-t changes | st-t changes consistent with ischaemia
            = unspezifische ischämische st-t-veränderungen | st-t-veränderungen vereinbar mit ischämie
        ISCAL: anterolateral ischaemia | t inversion in anterolateral leads, ischaemia
            = anterolaterale ischämie | t-negativierung anterolateral, ischämie
        ISCAS: anteroseptal ischaemia | t inversion in anteroseptal leads, ischaemia
            = anteroseptale ischämie | t-negativierung anteroseptal, ischämie
        ISCIN: inferior ischaemia | t inversion in inferior leads, ischaemia
            = inferiore ischämie | t-negativierung inferior, ischämie
        ISCLA: lateral ischaemia | t inversion in lateral leads, ischaemia
            = laterale ischämie | t-negativierung lateral, ischämie
        INJAL: anterolateral subendocardial injury | marked st depression in anterolateral leads
            = anterolateraler innenschichtschaden | deutliche st-senkung anterolateral
        INJIN: inferior subendocardial injury | marked st depression in inferior leads
            = inferiorer innenschichtschaden | deutliche st-senkung inferior
        STD_: st depression | st segments are depressed = st-senkung | gesenkte st-strecken
        STE_: non-specific st elevation | st segments are elevated
            = unspezifische st-hebung | gehobene st-strecken
        NST_: non-specific st changes | slight st depression, non-specific
            = unspezifische st-veränderungen | leichte unspezifische st-senkung
        NDT: non-diagnostic t abnormalities | t waves are flat or inverted
            = unspezifisches abnormales t | t-wellen flach oder negativ
        LOWT: low amplitude t waves | t waves are low = flache t-wellen | abgeflachtes t
        INVT: inverted t waves | deep t inversion = negative t-wellen | tief negatives t
        EL: tall peaked t waves suggesting hyperkalaemia | electrolyte disturbance, peaked t waves
            = hohe spitze t-wellen, hyperkaliämie | elektrolytstörung, zeltförmiges t
        DIG: digitalis effect | scooped st depression, digitalis effect
            = digitaliseffekt | muldenförmige st-senkung, digitalis
        PERI*: pericarditis | diffuse st elevation, pericarditis
            = perikarditis | diffuse st-hebungen, perikarditis
        EREP*: early repolarisation | early repolarisation pattern
            = frühe repolarisation | vorzeitige repolarisation
        """,
    ),
    *_rows(
        Kind.QT, "qt", "LNGQT: long qt interval | prolonged qt = verlängertes qt-intervall | qt-verlängerung"
    ),
    *_rows(
        Kind.ARTEFACT,
        "",
        """
        DRIFT*: baseline wander | baseline drift = grundlinienschwankungen | wandernde grundlinie
        MAINS*: mains interference | power line interference
            = netzbrummen | wechselstromüberlagerung
        MUSC*: muscle artefact | muscle tremor = muskelzittern | muskelartefakte
        LREV*: arm leads reversed | right and left arm electrodes interchanged
            = armelektroden vertauscht | vertauschung der armelektroden
        """,
    ),
    *_rows(
        Kind.SUMMARY, "", "NORM: normal ecg | ecg within normal limits = normales ekg | ekg im normbereich"
    ),
]

STATEMENTS: Final[Mapping[str, Statement]] = MappingProxyType({row.code: row for row in _ALL})
"""Every statement by its code."""
