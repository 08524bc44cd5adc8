"""Rate, regularity and the order of waves, read from the drawn leads."""

from itertools import pairwise

import numpy as np
import pytest

from ecgclip.errors import RecordError
from ecgclip.simulation.ecg.rhythm import RATES_BPM, draw_timeline

SEEDS = range(6)


@pytest.mark.parametrize(
    ("code", "bpm"),
    [
        ("SR", 60),
        ("SR", 90),
        ("SBRAD", 45),
        ("STACH", 125),
        ("AFLT", 150),
        ("SVTAC", 180),
        ("JUNC", 50),
        ("EATR", 75),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_the_rate_of_r_waves_is_the_asked_one(read, code, bpm, seed):
    ecg = read(code, seed=seed, bpm=bpm)
    assert 60.0 / ecg.rr_s.mean() == pytest.approx(bpm, rel=0.03)


@pytest.mark.parametrize("code", sorted(set(RATES_BPM) - {"2AVB", "PACE"}))
def test_drawn_rates_stay_in_the_range_of_the_rhythm(read, code):
    low, high = RATES_BPM[code]
    for seed in range(3):
        assert 0.85 * low < 60.0 / read(code, seed=seed).rr_s.mean() < 1.15 * high


def test_a_rate_outside_the_rhythm_is_refused(read):
    with pytest.raises(RecordError, match=r"120/min was asked for with SBRAD; expected 40 to 57/min"):
        read("SBRAD", bpm=120)


def test_fibrillation_is_irregular_and_sinus_rhythm_is_not(read):
    spread = {
        code: np.mean([np.std(rr := read(code, seed=s, bpm=75).rr_s) / rr.mean() for s in SEEDS])
        for code in ("AFIB", "SR", "SARRH")
    }
    assert spread["SR"] < 0.05 < 0.07 < spread["SARRH"] < spread["AFIB"]
    assert spread["AFIB"] > 0.15


def test_successive_intervals_of_fibrillation_are_independent(read):
    pairs = np.concatenate([np.array(list(pairwise(read("AFIB", seed=s, bpm=110).rr_s))) for s in range(12)])
    assert abs(np.corrcoef(pairs.T)[0, 1]) < 0.25


def test_sinus_arrhythmia_follows_the_breath(read):
    """Successive intervals are alike where they swing slowly."""
    links = [
        np.corrcoef(rr[:-1], rr[1:])[0, 1] for s in SEEDS if len(rr := read("SARRH", seed=s, bpm=80).rr_s)
    ]
    assert np.mean(links) > 0.2


def test_fibrillation_has_no_p_waves(read):
    """In the median of the beats a P wave stays and f waves, which keep no time with the QRS, shrink."""
    sinus = [p_wave_mv(read("SR", seed=seed, bpm=65)) for seed in range(12)]
    fibrillating = [p_wave_mv(read("AFIB", seed=seed, bpm=65)) for seed in range(12)]
    assert min(sinus) > 0.04
    assert np.median(fibrillating) < 0.6 * np.median(sinus)


def p_wave_mv(ecg) -> float:
    """Span of lead II's median from 210 to 80 ms before R."""
    index = np.round(ecg.inner_r_s * ecg.ecg.rate_hz).astype(int)
    window = np.arange(-105, -40)
    return float(np.ptp(np.median(ecg.lead("II")[index[:, None] + window], axis=0)))


def test_flutter_is_a_sawtooth_of_300_a_minute_in_the_inferior_leads(read):
    for seed in SEEDS:
        ecg = read("AFLT", seed=seed, bpm=75)
        spectrum = np.abs(np.fft.rfft(ecg.lead("aVF") - ecg.lead("aVF").mean()))
        hz = np.fft.rfftfreq(5000, 1 / 500)
        band = (hz > 4.2) & (hz < 5.8)
        assert hz[band][spectrum[band].argmax()] == pytest.approx(5.0, abs=0.25)


def test_ectopic_atrial_p_waves_are_upside_down_in_avf(read):
    for seed in SEEDS:
        ectopic, sinus = read("EATR", seed=seed, bpm=70), read("SR", seed=seed, bpm=70)
        assert lowest_and_highest_p(ectopic)[0] < -0.06
        assert lowest_and_highest_p(sinus)[0] > -0.03
        assert lowest_and_highest_p(sinus)[1] > 0.03


def lowest_and_highest_p(ecg) -> tuple[float, float]:
    """Extremes of aVF's median from 210 to 65 ms before R, against 230 ms before it."""
    index = np.round(ecg.inner_r_s * 500).astype(int)
    beat = np.median(ecg.lead("aVF")[index[:, None] + np.arange(-115, -32)], axis=0)
    return float((beat - beat[0]).min()), float((beat - beat[0]).max())


@pytest.mark.parametrize("code", ["PVC", "BIGU", "TRIGU"])
def test_ventricular_extrasystoles_are_early_and_pause_fully(code):
    rng = np.random.default_rng(5)
    for _ in range(8):
        line = draw_timeline(rng, ("SR", code), 72.0, 0.15, 10.0)
        regular = draw_beats_around(line.qrs_s, line.ectopic_s)
        assert len(regular)
        for before, early, after in regular:
            assert early - before < 0.72 * 60 / 72
            assert after - before == pytest.approx(2 * 60 / 72, rel=0.09)


def draw_beats_around(qrs_s, ectopic_s):
    """(conducted beat before, extrasystole, conducted beat after)."""
    return [
        (qrs_s[qrs_s < e].max(), e, qrs_s[qrs_s > e].min())
        for e in ectopic_s
        if (qrs_s < e).any() and (qrs_s > e).any()
    ]


def test_bigeminy_alternates():
    line = draw_timeline(np.random.default_rng(1), ("SR", "BIGU"), 70.0, 0.15, 10.0)
    kinds = [kind for _, kind in sorted([(t, "n") for t in line.qrs_s] + [(t, "v") for t in line.ectopic_s])]
    assert "nn" not in "".join(kinds[1:-1])
    assert "vv" not in "".join(kinds)


def test_atrial_extrasystoles_pause_less_than_fully():
    for seed in range(8):
        line = draw_timeline(np.random.default_rng(seed), ("SR", "PAC"), 70.0, 0.15, 10.0)
        assert len(line.other_p_s)
        for p in line.other_p_s:
            before, after = line.p_s[line.p_s < p].max(), line.p_s[line.p_s > p].min()
            assert p - before < 0.78 * 60 / 70
            assert after - before < 0.95 * 2 * 60 / 70


def test_wenckebach_lengthens_pr_until_a_beat_is_dropped():
    for seed in range(8):
        line = draw_timeline(np.random.default_rng(seed), ("SR", "2AVB"), 72.0, 0.16, 10.0)
        pr = []
        for p in line.p_s:
            following = line.qrs_s[(line.qrs_s > p) & (line.qrs_s < p + 0.55)]
            pr.append(following[0] - p if len(following) else None)
        assert pr.count(None) >= 2
        for first, second in pairwise(pr):
            if first is not None and second is not None:
                assert second > first
        dropped = [i for i, value in enumerate(pr) if value is None][1:-1]
        assert all(pr[i + 1] < pr[i - 1] for i in dropped)


def test_third_degree_block_lets_atria_and_ventricles_go_their_own_ways():
    line = draw_timeline(np.random.default_rng(3), ("SR", "3AVB"), 36.0, 0.16, 30.0)
    pr = [q - line.p_s[line.p_s < q].max() for q in line.qrs_s if (line.p_s < q).any()]
    assert np.std(pr) > 0.12
    assert np.diff(line.p_s).mean() < 0.6 * np.diff(line.qrs_s).mean()
    assert np.diff(line.qrs_s).mean() == pytest.approx(60 / 36, rel=0.01)


def test_pr_is_long_in_first_degree_block_and_short_with_pre_excitation(read):
    for seed in SEEDS:
        assert read("1AVB", seed=seed, bpm=62).pr_s > 0.200
        assert 0.12 < read("SR", seed=seed, bpm=62).pr_s < 0.200
        assert read("WPW", seed=seed, bpm=62).pr_s < 0.13


def test_the_qt_scales_with_the_rate_as_fridericia_says(read):
    for seed in SEEDS:
        slow, fast = read("SR", seed=seed, bpm=60), read("STACH", seed=seed, bpm=120)
        ratio = t_peak_s(fast) / t_peak_s(slow)
        assert ratio == pytest.approx(0.5 ** (1 / 3), rel=0.06)


def test_long_qt_is_long(read):
    for seed in SEEDS:
        assert t_peak_s(read("LNGQT", seed=seed, bpm=60)) > 1.1 * t_peak_s(read("SR", seed=seed, bpm=60))


def t_peak_s(ecg) -> float:
    """From the onset of QRS to the top of T, largest in the chest leads."""
    onset = ecg.qrs_spans_s[len(ecg.qrs_spans_s) // 2, 0]
    rate = ecg.ecg.rate_hz
    start, stop = (
        round((onset + 0.17) * rate),
        round((onset + 0.34 * (60 / 65 if ecg.rr_s.mean() < 0.7 else 1.4)) * rate),
    )
    chest = np.abs(ecg.lead("V3")[start:stop] - ecg.lead("V3")[round((onset - 0.02) * rate)])
    return float((start + chest.argmax()) / rate - onset)


def test_a_paced_beat_follows_its_spike(read):
    for seed in SEEDS:
        ecg = read("PACE", seed=seed)
        jump = np.abs(np.diff(ecg.lead("II"), prepend=0.0))
        onset = ecg.inner_r_s[2]
        window = slice(round((onset - 0.15) * 500), round((onset + 0.12) * 500))
        assert jump[window].max() > 0.08  # faster than muscle: 40 mV/s
