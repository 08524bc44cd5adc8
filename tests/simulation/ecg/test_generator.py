"""Contracts of the generator: identities, statements, reports, conflicts, determinism."""

import pickle
from itertools import combinations

import numpy as np
import pytest

from ecgclip.errors import RecordError
from ecgclip.records.source import RecordSource
from ecgclip.simulation.ecg import STATEMENTS, SyntheticSource, synthetic_ecg
from ecgclip.simulation.ecg.combine import STAGES, conflict, resolve
from ecgclip.simulation.ecg.plausible import draw_statements
from ecgclip.simulation.ecg.report import transliterated

WITH = {code: [code, "IMI"] if code in STAGES else [code] for code in STATEMENTS}


def ecg_of(codes, seed=0, **options):
    return synthetic_ecg(np.random.default_rng(seed), codes, **options)


@pytest.mark.parametrize("code", STATEMENTS)
def test_every_statement_is_drawn_finite_labelled_and_told(code):
    for seed, language in enumerate(("en", "de")):
        ecg = ecg_of(WITH[code], seed, language=language)
        assert ecg.signal_mv.shape == (12, 5000)
        assert np.isfinite(ecg.signal_mv).all()
        assert np.abs(ecg.signal_mv).max() < 5.0
        assert ecg.codes[code] == 100.0
        phrasings = STATEMENTS[code].english if language == "en" else STATEMENTS[code].german
        if code == "NORM":
            phrasings += ("otherwise normal ecg", "sonst normales ekg")
        told = [p for phrase in phrasings for p in (phrase, transliterated(phrase))]
        assert any(phrase in ecg.report for phrase in told)
        assert ecg.report == ecg.report.lower()


def test_there_are_enough_statements_with_unique_names():
    assert len(STATEMENTS) >= 25
    for names in ([s.name_en for s in STATEMENTS.values()], [s.name_de for s in STATEMENTS.values()]):
        assert len(set(names)) == len(STATEMENTS)
    assert all(len(s.english) >= 2 and len(s.german) >= 2 for s in STATEMENTS.values())


@pytest.mark.parametrize("codes", [None, ["LREV"], ["MUSC", "AFIB"], ["PACE"], ["DRIFT"]])
def test_limb_leads_obey_einthoven_and_goldberger_exactly(codes):
    one, two, three, avr, avl, avf = ecg_of(codes, 3).signal_mv[:6]
    assert np.array_equal(three, two - one)
    assert np.array_equal(avr, -(one + two) / 2)
    assert np.array_equal(avl, one - two / 2)
    assert np.array_equal(avf, two - one / 2)


def test_reversed_arms_swap_what_they_should():
    right, wrong = ecg_of(["SR"], 4, noise=False), ecg_of(["LREV"], 4, noise=False)
    i, ii, iii, avr, avl, avf = right.signal_mv[:6]
    for lead, expected in zip(
        wrong.signal_mv, (-i, iii, ii, avl, avr, avf, *right.signal_mv[6:]), strict=True
    ):
        np.testing.assert_allclose(lead, expected, atol=1e-5)


def test_other_rates_and_lengths_show_the_same_heart():
    fine, coarse = (ecg_of(["SR"], 5, noise=False, rate_hz=rate) for rate in (500.0, 100.0))
    assert coarse.signal_mv.shape == (12, 1000)
    np.testing.assert_allclose(fine.signal_mv[:, ::5], coarse.signal_mv, atol=3e-3)
    assert ecg_of(["SR"], duration_s=4.0).duration_s == 4.0


def test_noise_is_off_when_not_wanted():
    quiet, usual = ecg_of(["SR"], 6, noise=False), ecg_of(["SR"], 6)
    assert 0.005 < np.std(usual.signal_mv - quiet.signal_mv) < 0.2


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        (["AFIB", "SBRAD"], "exclude each other"),
        (["CLBBB", "CRBBB"], "exclude each other"),
        (["NORM", "IMI"], "exclude each other"),
        (["AFIB", "1AVB"], "exclude each other"),
        (["LAFB", "LPFB"], "exclude each other"),
        (["STEMI"], "STEMI is a stage of an infarction; ask for one of"),
        (["AFFIB"], "is no synthetic statement; did you mean 'AFIB'"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(codes, message):
    with pytest.raises(RecordError, match=message) as refusal:
        ecg_of(codes)
    assert "\n" not in str(refusal.value)


def test_too_short_or_too_coarse_is_refused():
    with pytest.raises(RecordError, match="at least 50 Hz and 2 s"):
        ecg_of(["SR"], duration_s=0.5)


def test_conflicts_are_symmetric_and_leave_room():
    allowed = 0
    for a, b in combinations(STATEMENTS, 2):
        assert (conflict({a, b}) is None) == (conflict({b, a}) is None)
        allowed += conflict({a, b}) is None
    assert allowed > 500


def test_every_allowed_pair_with_a_wall_or_block_can_be_drawn():
    pairs = [p for p in combinations(STATEMENTS, 2) if conflict(set(p)) is None]
    for a, b in pairs[::11]:
        ecg = ecg_of([a, b], 7)
        assert {a, b} <= set(ecg.codes)
        assert np.abs(ecg.signal_mv).max() < 5.0


@pytest.mark.parametrize("codes", [["CLBBB", "DRIFT"], ["HVOLT", "BIGU", "DRIFT"], ["AMI", "STEMI", "VCLVH"]])
def test_the_largest_waves_stay_below_five_millivolts(codes):
    peaks = [np.abs(ecg_of(codes, seed, rate_hz=100.0).signal_mv).max() for seed in range(150)]
    assert max(peaks) < 5.0


def test_resolve_adds_the_sinus_rhythm_and_orders_as_a_report():
    assert resolve(["LVH", "1AVB"]) == ("SR", "1AVB", "LVH")
    assert resolve(["AFIB"]) == ("AFIB",)


def test_random_statements_are_possible_and_varied():
    rng = np.random.default_rng(8)
    drawn = [draw_statements(rng, 60.0) for _ in range(3000)]
    assert all(conflict(set(codes)) is None for codes in drawn)
    assert set().union(*drawn) == set(STATEMENTS)
    normal = np.mean(["NORM" in codes for codes in drawn])
    assert 0.3 < normal < 0.5


def test_the_same_generator_state_gives_the_same_record():
    first, second = ecg_of(None, 9), ecg_of(None, 9)
    assert np.array_equal(first.signal_mv, second.signal_mv)
    assert (first.report, first.codes) == (second.report, second.codes)


def test_source_is_a_record_source_and_each_record_stands_alone():
    source: RecordSource = SyntheticSource(count=30, seed=2)
    assert source.name == "synthetic"
    assert list(source.ids[:2]) == ["00001", "00002"]
    assert len(source.ids) == 30
    alone = pickle.loads(pickle.dumps(source)).read("00017")  # noqa: S301
    for record_id in source.ids:
        ecg = source.read(record_id)
        assert ecg.case_id == f"synthetic/{record_id}"
    again = SyntheticSource(count=500, seed=2).read("00017")
    assert np.array_equal(alone.signal_mv, again.signal_mv)
    assert alone.report == again.report
    other = SyntheticSource(count=30, seed=3).read("00017")
    assert not np.array_equal(alone.signal_mv, other.signal_mv)


def test_some_patients_come_twice_and_stay_in_one_fold():
    ecgs = [SyntheticSource(count=36).read(i) for i in SyntheticSource(count=36).ids]
    by_patient: dict[str, list] = {}
    for ecg in ecgs:
        by_patient.setdefault(ecg.patient_id, []).append(ecg)
    twice = [visits for visits in by_patient.values() if len(visits) == 2]
    assert len(twice) == 6
    for first, second in twice:
        assert (first.age, first.sex, first.fold) == (second.age, second.sex, second.fold)
        assert not np.array_equal(first.signal_mv, second.signal_mv)
    assert {ecg.sex for ecg in ecgs} == {"male", "female"}
    assert all(18 <= ecg.age <= 94 for ecg in ecgs)


@pytest.mark.parametrize("record_id", ["00000", "00101", "1", "abc", "-0001"])
def test_an_unknown_id_is_refused(record_id):
    with pytest.raises(RecordError, match="expected 00001 to 00100"):
        SyntheticSource().read(record_id)


def test_an_empty_source_is_refused():
    with pytest.raises(RecordError, match="expected at least 1"):
        SyntheticSource(count=0)


def test_both_languages_and_several_phrasings_occur():
    reports = [ecg_of(["NORM"], seed).report for seed in range(40)]
    assert any("sinus rhythm" in r for r in reports)
    assert any("sinusrhythmus" in r for r in reports)
    assert len(set(reports)) > 12
